"""What a person asks for and sees, without a window."""

import pytest
from opponents import ScriptedWindow, Straight

from snake_env.play.match import Game, Match, Result
from snake_env.play.session import Command, Phase, PlaySession, View

RIGHT, UP, LEFT = Command.RIGHT, Command.UP, Command.LEFT
NEXT, PAUSE, FAST = Command.NEXT, Command.PAUSE, Command.FAST
BEGIN = [NEXT]
FPS = 50  # a picture a move


def play(
    pictures: list[list[Command]], *, seed: int = 0, versus: bool = False, fps: float = FPS
) -> tuple[PlaySession, ScriptedWindow]:
    window = ScriptedWindow(pictures)
    match = Match(10, 10, name="straight", opponent=Straight()) if versus else Match(10, 10)
    session = PlaySession(match, window, fps)
    session.play(seed)
    return session, window


def heads(shown: list[View]) -> list[tuple[int, int]]:
    return [view.games[0].body[0] for view in shown]


def test_a_game_waits_for_the_person() -> None:
    session, window = play([[]] * 10)
    assert heads(window.shown) == [(5, 5)] * 11
    assert {view.phase for view in window.shown} == {Phase.READY}
    assert session.games == []


def test_the_first_turn_begins_and_counts() -> None:
    _, window = play([[UP], [], []])
    assert [view.phase for view in window.shown[:2]] == [Phase.READY, Phase.PLAYING]
    assert heads(window.shown) == [(5, 5), (5, 5), (4, 5), (3, 5)]


def test_snake_keeps_moving_and_turns() -> None:
    _, window = play([BEGIN, [], [UP], [], [LEFT], []])
    assert heads(window.shown)[1:] == [(5, 5), (5, 6), (4, 6), (3, 6), (3, 5), (3, 4)]


def test_two_quick_turns_are_two_turns_and_more_than_three_do_not_wait() -> None:
    _, window = play([BEGIN, [UP, LEFT], [], []])
    assert heads(window.shown)[1:] == [(5, 5), (4, 5), (4, 4), (4, 3)]
    _, window = play([BEGIN, [UP, LEFT, UP, RIGHT, RIGHT], [], [], [], []])
    assert heads(window.shown)[1:] == [(5, 5), (4, 5), (4, 4), (3, 4), (2, 4), (1, 4)]


def test_a_pause_stops_all_and_turns_in_it_do_nothing() -> None:
    _, window = play([BEGIN, [], [PAUSE], [UP], [], [PAUSE], [], []], versus=True)
    phases = [view.phase for view in window.shown]
    assert phases[3:6] == [Phase.PAUSED] * 3
    assert heads(window.shown)[2:] == [(5, 6)] * 5 + [(5, 7), (5, 8)]
    assert [view.games[1].body[0] for view in window.shown][2:6] == [(4, 5)] * 4


def test_space_in_the_middle_is_a_new_game_with_the_next_seed() -> None:
    session, window = play([BEGIN, [], [], [NEXT], [], BEGIN, []], seed=5)
    assert [game.seed for game in session.games] == [5, 6]
    assert session.games[0].results == (Result(0, 2, None),)
    assert window.shown[4].phase is Phase.READY


def test_an_end_stays_until_the_person_wants_another_game() -> None:
    straight_into_the_wall: list[list[Command]] = [[]] * 5
    session, window = play([BEGIN, *straight_into_the_wall, [], [], [NEXT], [], []])
    over = [view for view in window.shown if view.phase is Phase.OVER]
    assert len(over) == 3
    assert {view.games[0].outcome for view in over} == {"wall"}
    assert {view.status for view in over} == {"Game over: score 0"}
    assert window.shown[-1].phase is Phase.READY
    assert len(session.games) == 1


def watching(
    commands: list[list[Command]], fps: float = 20
) -> tuple[PlaySession, ScriptedWindow, int]:
    """Play into the nearer wall; also say which picture is the first without the person."""
    session, window = play([BEGIN, *[[]] * 5, *commands], versus=True, fps=fps)
    return session, window, [view.phase for view in window.shown].index(Phase.WATCHING)


def test_the_opponent_plays_on_at_the_persons_pace_or_fast() -> None:
    window = ScriptedWindow([BEGIN, *[[]] * 6, [FAST], [], [FAST], []])
    in_circles = Straight((0, 3, 2, 1))
    PlaySession(Match(10, 10, name="circles", opponent=in_circles), window, 20).play(0)
    watched = [i for i, view in enumerate(window.shown) if view.phase is Phase.WATCHING]
    assert window.shown[watched[0]].status == "Your game is over, circles plays on"
    assert [window.waits[i] for i in watched] == [20, 20, 60, 60, 20, 20]
    keys = [window.shown[i].hint.partition("    ")[0] for i in watched]
    assert keys == ["F: fast", "F: fast", "F: slow", "F: slow", "F: fast", "F: fast"]
    heads_of_opponent = {window.shown[i].games[1].body[0] for i in watched}
    assert len(heads_of_opponent) == 4  # a move a picture


def test_fast_is_for_those_who_wait_only() -> None:
    _, window = play([BEGIN, [FAST], [], []], versus=True, fps=20)
    assert set(window.waits) == {20}


def test_what_the_end_of_a_match_says() -> None:
    _, window, _ = watching([[], [], []])
    assert window.shown[-1].status == "A tie at 0"
    assert window.shown[-1].phase is Phase.OVER


@pytest.mark.parametrize(
    ("person", "opponent", "status"),
    [
        (Result(5, 90, "wall"), Result(4, 10, "body"), "You win, 5 to 4"),
        (Result(5, 90, "wall"), Result(40, 10, "body"), "straight wins, 40 to 5"),
        (
            Result(97, 1500, "win"),
            Result(97, 1400, "win"),
            "straight wins, in 1400 moves to 1500",
        ),
    ],
)
def test_the_winner_is_named(
    person: Result, opponent: Result, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Match, "game", property(lambda self: Game(0, (person, opponent))))
    _, window, _ = watching([[], [], []])
    assert window.shown[-1].status == status


@pytest.mark.parametrize("fps", [20, 200])
def test_quitting_lets_the_opponent_finish_unseen(fps: float) -> None:
    session, window, first = watching([], fps)
    assert window.shown[first].games[1].outcome is None
    assert session.games[0].results == (Result(0, 5, "wall"), Result(0, 6, "wall"))


def test_a_window_is_closed_before_an_opponent_finishes(monkeypatch: pytest.MonkeyPatch) -> None:
    opens: list[bool] = []
    window = ScriptedWindow([BEGIN, [], [NEXT], BEGIN, [], [Command.QUIT]])
    monkeypatch.setattr(Match, "finish", lambda self: opens.append(window.is_open))
    PlaySession(Match(10, 10, name="straight", opponent=Straight()), window, FPS).play(0)
    assert opens == [True, False]


def test_pressing_space_twice_begins_one_game() -> None:
    for presses in ([[NEXT, NEXT]], [[NEXT], [NEXT]]):
        session, window = play([*presses, [], [], []], seed=5, versus=True)
        assert window.shown[-1].phase is Phase.PLAYING
        assert [game.seed for game in session.games] == [5]


def test_a_game_without_a_move_of_the_person_does_not_count() -> None:
    assert play([BEGIN, [Command.QUIT]], versus=True)[0].games == []
    session, _ = play([[NEXT, PAUSE], [NEXT], BEGIN, [], []], seed=5, versus=True)
    assert [game.seed for game in session.games] == [6]


def test_closing_the_window_quits() -> None:
    window = ScriptedWindow([BEGIN, [], []])
    session = PlaySession(Match(10, 10), window, FPS)
    show = window.show_view

    def close_at_the_third(view: View, fps: float) -> None:
        show(view, fps)
        window.is_open = len(window.shown) < 3

    window.show_view = close_at_the_third
    session.play(0)
    assert len(window.shown) == 3
    assert len(session.games) == 1


def test_ctrl_c_keeps_the_game_as_it_stands() -> None:
    window = ScriptedWindow([BEGIN, [], []])
    session = PlaySession(Match(10, 10, name="straight", opponent=Straight()), window, FPS)
    show = window.show_view

    def interrupt_the_fourth(view: View, fps: float) -> None:
        if len(window.shown) == 3:
            raise KeyboardInterrupt
        show(view, fps)

    window.show_view = interrupt_the_fourth
    with pytest.raises(KeyboardInterrupt):
        session.play(0)
    assert session.games[0].results == (Result(0, 2, None), Result(0, 2, None))


@pytest.mark.parametrize("fps", [0.5, 6, 19, 20, 100])
def test_slow_games_show_more_pictures_than_moves(fps: float) -> None:
    _, window = play([BEGIN, *[[]] * 50], fps=fps)
    playing = [i for i, view in enumerate(window.shown) if view.phase is Phase.PLAYING]
    assert window.waits[playing[0]] >= 20
    n_pictures = heads(window.shown).index((5, 6)) - playing[0]
    assert n_pictures / window.waits[playing[0]] == pytest.approx(1 / fps)


def test_every_phase_names_its_keys() -> None:
    _, window, first = watching([])
    assert "F: fast" in window.shown[first].hint
    for view in window.shown:
        assert "Q: quit" in view.hint
