"""`SnakeEnv`: Gymnasium's contract, what it refuses, and saving and restoring."""

import copy
import json
import pickle  # noqa: TID251
import subprocess
import sys
from typing import Any

import gymnasium as gym
import naive
import numpy as np
import numpy.testing as npt
import pytest
from contracts import EnvContract, assert_equal
from gymnasium.wrappers import RecordEpisodeStatistics, TimeLimit

import snake_env
from snake_env import SnakeEnv

KINDS = ("grid", "planes", "senses", "presence")
SIZES = ((4, 4), (10, 10), (7, 12))


# --- The contract, for each observation, both games and three sizes ---


class SnakeContract(EnvContract):
    def make_env(self) -> gym.Env[Any, Any]:
        return gym.make("Snake-v0", **self.options)

    @pytest.fixture(autouse=True, params=[(k, g, s) for k in KINDS for g in (1, 0) for s in SIZES])
    def choose(self, request: pytest.FixtureRequest) -> None:
        kind, grow, (n_rows, n_cols) = request.param
        self.options = {
            "observation": kind,
            "grow": bool(grow),
            "n_rows": n_rows,
            "n_cols": n_cols,
        }


class TestContract(SnakeContract):
    pass


# --- The public surface ---


def test_public_names_are_sorted_and_real() -> None:
    assert list(snake_env.__all__) == sorted(snake_env.__all__)
    assert all(hasattr(snake_env, name) for name in snake_env.__all__)


@pytest.mark.slow
def test_importing_draws_in_no_pygame_and_warns_of_nothing() -> None:
    script = (
        "import sys, importlib, gymnasium;"
        "env = gymnasium.make('snake_env:Snake-v0', render_mode='ansi');"
        "env.reset(seed=0); env.step(1); env.render();"
        "import snake_env; importlib.reload(snake_env);"
        "gymnasium.make_vec('snake_env:Snake-v0', num_envs=2).reset(seed=0);"
        "assert not [name for name in sys.modules if name.startswith('pygame')]"
    )
    command = [sys.executable, "-W", "error", "-c", script]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def test_keys_to_action_are_pygames_key_codes() -> None:
    import pygame

    keys = SnakeEnv().get_keys_to_action()
    expected = {
        0: (pygame.K_w, pygame.K_UP),
        1: (pygame.K_d, pygame.K_RIGHT),
        2: (pygame.K_s, pygame.K_DOWN),
        3: (pygame.K_a, pygame.K_LEFT),
    }
    assert keys == {(key,): action for action, codes in expected.items() for key in codes}


def test_a_wrapped_env_limits_time_and_records_statistics() -> None:
    env = RecordEpisodeStatistics(TimeLimit(SnakeEnv(grow=False), 4))
    env.reset(seed=0)
    for action in (1, 3, 1):
        assert env.step(action)[2:4] == (False, False)
    _, _, terminated, truncated, info = env.step(3)
    assert (terminated, truncated, info["episode"]["l"]) == (False, True, 4)
    assert "outcome" not in info


# --- Arguments ---


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_rows": 3}, r"n_rows must be an integer from 4 to 255, got 3"),
        ({"n_cols": 256}, r"n_cols must be an integer from 4 to 255, got 256"),
        ({"n_rows": 10.5}, r"n_rows must be an integer from 4 to 255, got 10.5"),
        ({"n_rows": True}, r"n_rows must be an integer from 4 to 255, got True"),
        ({"n_rows": "10"}, r"n_rows must be an integer from 4 to 255, got '10'"),
        ({"n_rows": np.array([5])}, r"n_rows must be an integer"),
        ({"hunger_limit": 0}, r"hunger_limit must be an integer from 1 to 2147483647, got 0"),
        ({"hunger_limit": 2**31}, r"hunger_limit must be an integer"),
        ({"grow": 1}, r"grow must be True or False, got 1"),
        ({"food_reward": float("nan")}, r"food_reward must be a finite number, got nan"),
        ({"death_reward": "-1"}, r"death_reward must be a finite number, got '-1'"),
        ({"win_reward": True}, r"win_reward must be a finite number, got True"),
        (
            {"observation": "rgb"},
            "observation must be one of 'grid', .* 'presence', got 'rgb'",
        ),
        ({"render_mode": "text"}, r"render_mode must be one of None, 'human', .* got 'text'"),
    ],
)
def test_bad_arguments_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SnakeEnv(**options)


def test_numpy_numbers_are_taken_for_numbers() -> None:
    env = SnakeEnv(np.int64(5), np.uint8(6), hunger_limit=np.int32(7), food_reward=np.float32(2))  # type: ignore[arg-type]
    assert env.observation_space.shape == (5, 6)
    assert (env.settings.hunger_limit, env.settings.food_reward) == (7, 2.0)


@pytest.mark.parametrize("action", [4, -1, 1.0, True, None, "1", np.array([1, 2]), np.float64(1)])
def test_bad_actions_are_refused_and_change_nothing(action: Any) -> None:
    env = SnakeEnv()
    env.reset(seed=0)
    before = env.get_state()
    with pytest.raises(ValueError, match=r"action must be an integer from 0 \(up\)"):
        env.step(action)
    assert_equal(env.get_state(), before)


@pytest.mark.parametrize("action", [np.int64(0), np.uint8(0), np.array(0), np.int32(0)])
def test_numpy_actions_are_actions(action: Any) -> None:
    env = SnakeEnv()
    env.reset(seed=0)
    env.step(action)
    assert env.snapshot().body[0] == (4, 5)


def test_a_finished_game_does_not_change() -> None:
    env = SnakeEnv(4, 4, grow=False)
    env.reset(seed=0)
    while not any(env.step(0)[2:4]):
        pass
    before = env.get_state()
    with pytest.raises(gym.error.ResetNeeded, match=r"the episode is over: call reset\(\) first"):
        env.step(0)
    assert_equal(env.get_state(), before)


# --- Reset options ---


def test_reset_sets_up_the_position_asked_for() -> None:
    env = SnakeEnv()
    body = [(3, 3), (4, 3), (4, 4), (4, 5)]
    options = {"body": body, "food": np.array([0, 9])}
    observation, info = env.reset(seed=0, options=options)
    game = env.snapshot()
    assert (game.body, game.food, game.heading) == (body, (0, 9), 0)
    assert (info["length"], info["score"]) == (4, 0)
    assert observation[3, 3] == 2
    npt.assert_array_equal(info["action_mask"], [1, 1, 0, 1])
    env.reset()
    assert env.snapshot().body == [(5, 5), (5, 4), (5, 3)]


def test_reset_draws_the_food_that_is_left_out() -> None:
    env = SnakeEnv(4, 4)
    for seed in range(30):
        env.reset(seed=seed, options={"body": naive.cycle(4, 4)[:14]})
        assert env.snapshot().food in naive.cycle(4, 4)[14:]


def test_reset_keeps_the_usual_body_if_only_food_is_given() -> None:
    env = SnakeEnv()
    env.reset(seed=0, options={"food": (9, 9)})
    assert env.snapshot().body == [(5, 5), (5, 4), (5, 3)]
    assert env.snapshot().food == (9, 9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bodies": []}, r"options must be a dict of body and food at most, got \{'bodies'"),
        ({"body": [(5, 5), (5, 10)]}, r"the column of body\[1\] must be .* 0 to 9, got 10"),
        ({"body": [(-1, 5), (0, 5)]}, r"the row of body\[0\] must be .* 0 to 9, got -1"),
        ({"body": [(5, 5), (5, 4), (5, 5)]}, r"body must have no cell twice"),
        ({"body": [(5, 5), (5, 3)]}, r"each cell to one beside it, got \(5, 5\) followed by \(5"),
        ({"body": [(5, 9), (6, 0)]}, r"body must go from each cell to one beside it"),
        ({"body": [(5, 5)]}, r"body must have from 2 to 99 cells .* got 1 cells"),
        ({"body": []}, r"body must have from 2 to 99 cells"),
        ({"body": naive.cycle(10, 10)}, r"a full board is already won\), got 100 cells"),
        ({"body": 5}, r"body must be a list of cells \(row, col\), got 5"),
        ({"body": "ab"}, r"body must be a list of cells"),
        ({"body": [(5, 5), 4]}, r"body\[1\] must be a pair \(row, col\), got 4"),
        ({"body": [(5, 5), (5.5, 4)]}, r"the row of body\[1\] must be an integer"),
        ({"body": [(5, 5), (5, True)]}, r"the column of body\[1\] must be an integer"),
        ({"food": (5, 4)}, r"food must be on a free cell, got \(5, 4\) on the body"),
        ({"food": (10, 0)}, r"the row of food must be an integer from 0 to 9, got 10"),
        ({"food": 7}, r"food must be a pair \(row, col\), got 7"),
        ({"food": (1, 2, 3)}, r"food must be a pair"),
        ([("food", (1, 2))], r"options must be a dict"),
        ([], r"options must be a dict of body and food at most, got \[\]"),
    ],
)
def test_illegal_positions_are_refused_and_change_nothing(options: Any, message: str) -> None:
    env = SnakeEnv()
    env.reset(seed=0)
    before = env.get_state()
    with pytest.raises(ValueError, match=message):
        env.reset(seed=1, options=options)
    assert_equal(env.get_state(), before)


def test_a_snake_that_does_not_grow_is_one_cell() -> None:
    env = SnakeEnv(grow=False)
    env.reset(seed=0, options={"body": [(2, 3)]})
    assert (env.snapshot().body, env.snapshot().heading) == ([(2, 3)], 1)
    with pytest.raises(ValueError, match=r"body must be one cell with grow=False, got 2 cells"):
        env.reset(options={"body": [(2, 3), (2, 2)]})


# --- Seeds ---


def test_a_reset_without_a_seed_goes_on_with_the_same_generator() -> None:
    first, second = SnakeEnv(), SnakeEnv()
    foods = []
    for env in (first, second):
        env.reset(seed=4)
        for _ in range(5):
            env.reset()
            foods.append(env.snapshot().food)
    assert foods[:5] == foods[5:]
    assert len(set(foods)) > 1


def test_an_env_without_a_seed_is_seeded_by_chance() -> None:
    foods = set()
    for _ in range(12):
        env = SnakeEnv()
        env.reset()
        foods.add(env.snapshot().food)
    assert len(foods) > 1


# --- Save and restore ---


def through_json(env: SnakeEnv) -> SnakeEnv:
    state = env.get_state()
    if state["game"] is not None:
        state["game"] |= {key: state["game"][key].tolist() for key in ("body", "free")}
    twin = SnakeEnv(env.settings.n_rows, env.settings.n_cols, env.observation, env.settings.grow)
    twin.set_state(json.loads(json.dumps(state)))
    return twin


COPIES = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda env: pickle.loads(pickle.dumps(env)),  # noqa: S301
    "state": through_json,
}


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("grow", [True, False])
def test_a_copy_goes_on_bit_for_bit(how: str, kind: str, grow: bool) -> None:
    env = SnakeEnv(6, 5, kind, grow)
    actions = naive.cycle_actions(6, 5)
    env.reset(seed=8)
    for _ in range(60):
        env.step(actions[env.snapshot().body[0]])
    twin = COPIES[how](env)
    assert_equal(twin.get_state(), env.get_state())
    choices = np.random.default_rng(0)
    for _ in range(80):
        wanders = choices.random() < 0.05
        action = int(choices.integers(4)) if wanders else actions[env.snapshot().body[0]]
        step = env.step(action)
        assert_equal(twin.step(action), step)
        if step[2] or step[3]:
            assert_equal(twin.reset(), env.reset())
    assert_equal(twin.reset(seed=3), env.reset(seed=3))
    assert twin.np_random.random() == env.np_random.random()


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_of_an_unused_or_finished_env_is_one(how: str) -> None:
    twin = COPIES[how](SnakeEnv())
    with pytest.raises(gym.error.ResetNeeded, match="there is no episode yet"):
        twin.step(0)
    env = SnakeEnv(grow=False)
    env.reset(seed=0)
    while not any(env.step(0)[2:4]):
        pass
    twin = COPIES[how](env)
    assert twin.snapshot() == env.snapshot()
    with pytest.raises(gym.error.ResetNeeded, match="the episode is over"):
        twin.step(0)


def test_a_won_game_is_saved_too() -> None:
    env = SnakeEnv(4, 4)
    cycle = naive.cycle(4, 4)
    env.reset(seed=0, options={"body": cycle[14::-1], "food": cycle[15]})
    env.step(0)
    assert through_json(env).snapshot() == env.snapshot()


def test_a_saved_state_goes_back_in_time() -> None:
    env = SnakeEnv(observation="senses")
    env.reset(seed=0)
    state = env.get_state()
    kept = copy.deepcopy(state)
    steps = [env.step(action) for action in (1, 2, 1)]
    env.set_state(state)
    assert_equal(tuple(env.step(action) for action in (1, 2, 1)), tuple(steps))
    assert_equal(state, kept)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_rows": 9}, r"n_rows of state must be 10, as in this env, got 9"),
        ({"grow": False}, r"grow of state must be True"),
        ({"n_cols": [10]}, r"n_cols of state must be 10, as in this env, got \[10\]"),
        ({"body": [0, 1, 2]}, r"must hold each cell of the board once, got 2 times the cell 0"),
        ({"body": [55, 54]}, r"must hold each cell of the board once, got 0 times the cell 53"),
        ({"body": [[55], [54, 53]]}, r"body of state must be a row of cells"),
        ({"body": [55.0, 54.0, 53.0]}, r"body of state must be a row of cells"),
        ({"body": [155, 54, 53]}, r"body of state must hold cells from 0 to 99"),
        ({"body": [55]}, r"body of state must be a snake of these rules, got 1 cells"),
        ({"body": [55, 53, 54]}, r"to one beside it, got 55 followed by 53"),
        ({"food": 55}, r"food of state must be one of the free cells, got 55"),
        ({"food": None}, r"food of state must be one of the free cells, got None"),
        ({"food": 7.5}, r"food of state must be an integer from 0 to 99, got 7.5"),
        ({"food": True}, r"food of state must be an integer from 0 to 99, got True"),
        ({"food": int}, r"food of state must be an integer from 0 to 99, got <class 'int'>"),
        ({"heading": 4}, r"heading of state must be an integer from 0 to 3, got 4"),
        ({"heading": 3}, r"heading of state must be one of 1, got 3"),
        ({"heading": 0}, r"heading of state must be one of 1, got 0"),
        ({"hunger": -1}, r"hunger of state .* must be an integer from 0 to 199, got -1"),
        ({"hunger": 200}, r"hunger of state with the outcome None must be .* to 199, got 200"),
        ({"hunger": 2**31 - 1}, r"hunger of state .* must be an integer from 0 to 199"),
        ({"hunger": 2}, r"moves of state must be an integer from 2 to 1073741824, got 0"),
        ({"moves": 2**31 - 1}, r"moves of state must be an integer from 0 to 1073741824"),
        ({"moves": 3}, r"score of state .* must be an integer from 1 to 1, got 0"),
        ({"score": 1}, r"score of state after 0 moves, .* must be an integer from 0 to 0, got 1"),
        ({"score": 2, "moves": 9}, r"score of state .* and length 3 must be .* 1 to 1, got 2"),
        ({"outcome": "bored"}, r"outcome of state must be one of None, 'wall', .*, got 'bored'"),
        ({"outcome": np.array(["win"])}, r"outcome of state must be one of"),
        ({"outcome": "win"}, r"outcome of state must be 'win' on a full board and on no other"),
        ({"outcome": "hunger"}, r"with the outcome 'hunger' must be .* from 200 to 200, got 0"),
        ({"outcome": "wall"}, r"hunger of state .* must be an integer from 1 to 200, got 0"),
        (
            {"outcome": "wall", "hunger": 1, "moves": 1},
            r"outcome of state must be possible with its body, got 'wall'",
        ),
        (
            {"outcome": "body", "hunger": 1, "moves": 1},
            r"outcome of state must be possible with its body, got 'body'",
        ),
        ({"rng": 0}, r"rng of state must be an integer from 1"),
    ],
)
def test_impossible_states_are_refused_and_change_nothing(
    change: dict[str, Any], message: str
) -> None:
    env = SnakeEnv()
    env.reset(seed=0)
    before = env.get_state()
    state = env.get_state()
    state["game"] |= change
    with pytest.raises(ValueError, match=message):
        env.set_state(state)
    assert_equal(env.get_state(), before)


def state_after(env: SnakeEnv, actions: list[int], **options: Any) -> dict[str, Any]:
    env.reset(seed=0, options=options)
    for action in actions:
        env.step(action)
    return env.get_state()


@pytest.mark.parametrize(
    ("grow", "options", "actions", "change", "message"),
    [
        # A dead snake looks at what killed it: the wall, or its body but for the tail and the neck.
        (True, {"body": [(0, 2), (1, 2)]}, [0], {"heading": 1}, "heading .* one of 0, got 1"),
        (True, {"body": [(0, 3), (0, 2)]}, [0], {"heading": 1}, None),
        (True, {"body": [(0, 3), (0, 2)]}, [0], {"heading": 3}, "one of 0, 1, got 3"),
        (
            True,
            {"body": [(1, 1), (1, 2), (2, 2), (2, 1), (2, 0)]},
            [2],
            {"heading": 1},
            "heading of state must be one of 2, got 1",
        ),
        (
            True,
            {"body": [(1, 1), (1, 2), (2, 2), (2, 1)], "food": (0, 0)},
            [2],
            {"outcome": "body"},
            "outcome of state must be possible with its body, got 'body'",
        ),
        # A snake of one cell starts to the right, and then comes from a cell of the board.
        (False, {"body": [(1, 0)]}, [], {"heading": 0}, "heading of state must be one of 1, got 0"),
        (False, {"body": [(1, 1)]}, [3], {"heading": 1}, "one of 0, 2, 3, got 1"),
        (False, {"body": [(1, 1)]}, [3], {"heading": 0}, None),
        (False, {"body": [(1, 0)]}, [3], {"outcome": "body"}, "possible with its body, got 'body'"),
        # A snake of two cells has not eaten, if snakes grow.
        (
            True,
            {"body": [(1, 1), (1, 0)], "food": (3, 3)},
            [1],
            {"moves": 2, "score": 1},
            "moves of state must be an integer from 1 to 1, got 2",
        ),
        # A full board is a win, just now, by eating.
        (True, "full", [0], {"outcome": None}, "'win' on a full board and on no other, got None"),
        (True, "full", [0], {"food": 3}, "food of state must be None on a full board, got 3"),
        (True, "full", [0], {"hunger": 1}, "hunger of state .* from 0 to 0, got 1"),
        (True, "full", [0], {"moves": 0, "score": 0}, "moves of state .* from 1 .*, got 0"),
        (True, "full", [0], {"score": 0}, "score of state .* from 1 to 1, got 0"),
        # Hunger ends a game at the limit.
        (True, {"food": (3, 3)}, [0, 1, 2, 3] * 4, {"hunger": 15}, "from 16 to 16, got 15"),
        (True, {"food": (3, 3)}, [0, 1, 2, 3] * 4, {"outcome": None}, "from 0 to 15, got 16"),
    ],
)
def test_what_the_rules_leave_possible_is_drawn_sharply(
    grow: bool, options: Any, actions: list[int], change: dict[str, Any], message: str | None
) -> None:
    if options == "full":
        cycle = naive.cycle(4, 4)
        options = {"body": cycle[14::-1], "food": cycle[15]}
        actions = [naive.cycle_actions(4, 4)[cycle[14]]]
    env = SnakeEnv(4, 4, grow=grow, hunger_limit=16)
    state = state_after(env, actions, **options)
    env.set_state(state)
    state["game"] |= change
    if message is None:
        env.set_state(state)
    else:
        with pytest.raises(ValueError, match=message):
            env.set_state(state)


@pytest.mark.parametrize("grow", [True, False])
def test_every_state_of_a_game_can_be_restored(grow: bool) -> None:
    choices = np.random.default_rng(0)
    endings = set()
    for game in range(150):
        env = SnakeEnv(4, 4, grow=grow, hunger_limit=int(choices.integers(1, 24)))
        actions = naive.cycle_actions(4, 4)
        env.reset(seed=game)
        info: dict[str, Any] = {}
        wanders = choices.choice([0.0, 0.1, 0.6])
        while "outcome" not in info:
            twin = SnakeEnv(4, 4, grow=grow, hunger_limit=env.settings.hunger_limit)
            twin.set_state(env.get_state())
            assert_equal(twin.get_state(), env.get_state())
            follows = choices.random() >= wanders
            action = actions[env.snapshot().body[0]] if follows else int(choices.integers(4))
            info = env.step(action)[4]
            if env.get_state()["game"]["moves"] == 500:
                break
        env.set_state(env.get_state())
        endings.add(info.get("outcome"))
    assert endings >= ({"wall", "body", "hunger", "win"} if grow else {"wall", "hunger"})


def test_a_state_of_many_moves_goes_on() -> None:
    env = SnakeEnv(grow=False)
    state = state_after(env, [0])
    state["game"] |= {"moves": 2**30, "score": 2**30 - 1}
    env.set_state(state)
    env.step(0)
    assert env.get_state()["game"]["moves"] == 2**30 + 1


@pytest.mark.parametrize(
    "np_random",
    [
        3,
        "PCG64",
        [],
        {},
        {"bit_generator": "PCG64"},
        {"bit_generator": "MT19937"},
        {"bit_generator": "PCG64", "state": 3, "has_uint32": 0, "uinteger": 0},
        {"bit_generator": "PCG64", "state": {"state": 1}, "has_uint32": 0, "uinteger": 0},
        {
            "bit_generator": "PCG64",
            "state": {"state": -1, "inc": 1},
            "has_uint32": 0,
            "uinteger": 0,
        },
        {
            "bit_generator": "PCG64",
            "state": {"state": 2**128, "inc": 1},
            "has_uint32": 0,
            "uinteger": 0,
        },
        {
            "bit_generator": "PCG64",
            "state": {"state": 1, "inc": 1},
            "has_uint32": 0,
            "uinteger": -1,
        },
    ],
)
def test_what_is_no_state_of_a_generator_is_refused_and_changes_nothing(np_random: Any) -> None:
    env = SnakeEnv()
    env.reset(seed=0)
    before = env.get_state()
    env.step(0)
    middle = env.get_state()
    with pytest.raises(ValueError, match=r"np_random of state must be the state of a PCG64"):
        env.set_state(before | {"np_random": np_random})
    assert_equal(env.get_state(), middle)


@pytest.mark.parametrize("state", [None, {}, {"game": 3, "np_random": None}, {"game": {}}])
def test_what_is_no_state_at_all_is_refused(state: Any) -> None:
    with pytest.raises(ValueError, match=r"state must be a dict with the keys"):
        SnakeEnv().set_state(state)
