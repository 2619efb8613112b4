"""Matches: the same start on both boards, one move each, and who won."""

import pytest
from opponents import Acting, Straight, fail

from snake_env.play import match as match_module
from snake_env.play.match import Game, Match, Result, winner
from snake_env.play.opponents import OpponentError


@pytest.mark.parametrize("size", [(6, 12), (10, 10), (30, 30)])
@pytest.mark.parametrize("seed", [0, 7])
def test_both_boards_start_alike(size: tuple[int, int], seed: int) -> None:
    match = Match(*size, name="straight", opponent=Straight())
    match.start(seed)
    assert match.opponent is not None
    assert match.person.game == match.opponent.game
    assert (match.person.game.n_rows, match.person.game.n_cols) == size
    assert match.person.env.settings == match.opponent.env.settings


def test_the_same_moves_give_the_same_food_on_both_boards() -> None:
    match = Match(10, 10, name="straight", opponent=Straight())
    n_meals = 0
    for seed in range(40):
        match.start(seed)
        assert match.opponent is not None
        while not match.is_over:
            match.move(0)
            assert match.person.game == match.opponent.game
        n_meals += match.person.result.score
    assert n_meals > 0


def test_seeds_decide_the_food() -> None:
    match = Match(10, 10)
    foods = set()
    for seed in range(20):
        match.start(seed)
        foods.add(match.person.game.food)
    assert len(foods) > 5


def test_a_move_of_the_person_is_a_move_of_the_opponent_until_its_game_is_over() -> None:
    opponent = Straight()
    match = Match(10, 10, name="straight", opponent=opponent)
    match.start(0)
    for _ in range(5):
        match.move(1)
    assert match.game.results[0] == Result(0, 5, "wall")
    assert match.game.results[1].n_moves == 5
    assert not match.is_over
    match.move(1)
    assert match.is_over
    match.move(1)
    assert [one.n_moves for one in match.game.results] == [5, 6]
    assert len(opponent.seen) == 6
    assert opponent.seen[0].shape == (3, 10, 10)


def test_without_a_turn_the_snake_keeps_going() -> None:
    match = Match(10, 10)
    match.start(0)
    match.move()
    match.move(0)
    match.move()
    assert match.person.game.body[0] == (3, 6)
    assert len(match.sides) == 1


def test_the_next_game_begins_afresh() -> None:
    opponent = Straight()
    match = Match(10, 10, name="straight", opponent=opponent)
    match.start(3)
    first = match.person.game
    match.finish()
    assert not match.person.is_over
    match.start(3)
    assert match.game == Game(3, (Result(0, 0, None), Result(0, 0, None)))
    assert match.person.game == first
    assert opponent.n_games == 2


def test_an_opponent_finishes_its_game_unless_that_takes_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    match = Match(10, 10, name="straight", opponent=Straight())
    match.start(0)
    monkeypatch.setattr(match_module, "PATIENCE_S", -1.0)
    match.finish()
    assert match.game.results[1].outcome is None
    monkeypatch.setattr(match_module, "PATIENCE_S", 60.0)
    match.finish()
    assert match.game.results[1].outcome == "wall"
    assert match.game.results[0] == Result(0, 0, None)


def test_rules_are_those_of_the_options() -> None:
    match = Match(6, 8, grow=False, name="straight", opponent=Straight())
    match.start(0)
    assert [len(side.game.body) for side in match.sides] == [1, 1]


def test_an_opponent_that_wants_to_see_what_there_is_not_is_refused() -> None:
    opponent = Straight()
    for opponent.observation in ("smells", 7, ["planes"]):
        with pytest.raises(OpponentError, match=r"'straight' must .* observation must be"):
            Match(10, 10, name="straight", opponent=opponent)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: 7, "ValueError: .*got 7"),
        (lambda: 1.0, "ValueError: .*got 1.0"),
        (lambda: None, "ValueError: .*got None"),
        (fail, "RuntimeError: no idea"),
    ],
)
def test_an_opponent_that_makes_no_legal_move_is_named(act, message: str) -> None:
    match = Match(10, 10, name="odd", opponent=Acting(act, n_good_moves=1))
    match.start(0)
    match.move(0)
    with pytest.raises(OpponentError, match=f"opponent 'odd' must .*{message}"):
        match.move(0)
    assert [one.n_moves for one in match.game.results] == [2, 1]


def test_an_opponent_that_cannot_begin_a_game_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    opponent = Straight()
    monkeypatch.setattr(opponent, "reset", fail)
    with pytest.raises(OpponentError, match=r"'odd' must .*RuntimeError"):
        Match(10, 10, name="odd", opponent=opponent).start(0)


@pytest.mark.parametrize(
    ("person", "opponent", "expected"),
    [
        (Result(5, 90, "wall"), Result(4, 10, "body"), 0),
        (Result(5, 90, None), Result(40, 10, "hunger"), 1),
        (Result(5, 90, "wall"), Result(5, 10, "body"), None),
        (Result(97, 1500, "win"), Result(97, 1400, "win"), 1),
        (Result(97, 1300, "win"), Result(97, 1400, "win"), 0),
        (Result(97, 1400, "win"), Result(97, 1400, "win"), None),
    ],
)
def test_the_larger_score_wins_and_of_solved_boards_the_quicker(
    person: Result, opponent: Result, expected: int | None
) -> None:
    assert winner((person, opponent)) == expected
