"""The rules: by example, by their invariants, and move by move against a plain twin."""

import os
import subprocess
import sys
from collections import Counter

import naive
import numba
import numpy as np
import numpy.testing as npt
import pytest
from games import assert_same, careful, rng_state
from hypothesis import given, settings
from hypothesis import strategies as st

from snake_env import SnakeEnv
from snake_env.board import FREE, LENGTH, RING, WHERE, body_cells
from snake_env.game import draw_below, initial_rng_state

pytestmark = pytest.mark.kernels

UP, RIGHT, DOWN, LEFT = range(4)
JIT = not numba.config.DISABLE_JIT
N_GAMES = 10_000 if JIT else 100
N_BATCHES = 20
LONGEST_GAME = {True: 10_000, False: 200}  # a careful snake that doesn't grow lives forever


def start(body: list[tuple[int, int]], food: tuple[int, int], **rules: object) -> SnakeEnv:
    env = SnakeEnv(**rules)  # type: ignore[arg-type]
    env.reset(seed=0, options={"body": body, "food": food})
    return env


# --- Rules by example ---


def test_game_starts_in_the_middle_heading_right() -> None:
    env = SnakeEnv(7, 12)
    env.reset(seed=1)
    game = env.snapshot()
    assert game.body == [(3, 6), (3, 5), (3, 4)]
    assert (game.heading, game.score, game.hunger, game.outcome) == (RIGHT, 0, 0, None)


@pytest.mark.parametrize(
    ("action", "cell"), [(UP, (4, 5)), (RIGHT, (5, 6)), (DOWN, (6, 5)), (LEFT, (5, 6))]
)
def test_snake_moves_one_cell_and_never_back_into_its_neck(
    action: int, cell: tuple[int, int]
) -> None:
    env = start([(5, 5), (5, 4), (5, 3)], (0, 0))
    env.step(action)
    assert env.snapshot().body == [cell, (5, 5), (5, 4)]


def test_food_makes_the_snake_longer_and_sets_hunger_to_zero() -> None:
    env = start([(5, 5), (5, 4), (5, 3)], (5, 7))
    _, reward, _, _, info = env.step(RIGHT)
    assert (reward, info["score"], info["length"], info["hunger"]) == (0.0, 0, 3, 1)
    _, reward, _, _, info = env.step(RIGHT)
    assert (reward, info["score"], info["length"], info["hunger"]) == (1.0, 1, 4, 0)
    game = env.snapshot()
    assert game.body == [(5, 7), (5, 6), (5, 5), (5, 4)]
    assert game.food is not None
    assert game.food not in game.body


def test_wall_is_death_and_the_snake_stays_on_the_board() -> None:
    env = start([(0, 5), (0, 4), (0, 3)], (9, 9))
    observation, reward, terminated, truncated, info = env.step(UP)
    assert (reward, terminated, truncated, info["outcome"]) == (-1.0, True, False, "wall")
    assert observation[0, 5] == 2


@pytest.mark.parametrize(
    ("head", "action"), [((0, 2), UP), ((2, 3), RIGHT), ((3, 1), DOWN), ((1, 0), LEFT)]
)
def test_each_of_the_four_walls_is_a_wall(head: tuple[int, int], action: int) -> None:
    env = SnakeEnv(4, 4, grow=False)
    env.reset(seed=0, options={"body": [head]})
    assert env.step(action)[4]["outcome"] == "wall"


def test_body_is_death() -> None:
    env = start([(5, 5), (5, 4), (6, 4), (6, 5), (6, 6), (7, 6)], (0, 0))
    _, reward, terminated, truncated, info = env.step(DOWN)
    assert (reward, terminated, truncated, info["outcome"]) == (-1.0, True, False, "body")


def test_tail_cell_is_free_once_it_moves_away() -> None:
    env = start([(5, 5), (5, 4), (6, 4), (6, 5)], (0, 0))
    _, _, terminated, _, _ = env.step(DOWN)
    assert not terminated
    assert env.snapshot().body == [(6, 5), (5, 5), (5, 4), (6, 4)]


def test_hunger_truncates_when_it_reaches_its_limit() -> None:
    env = start([(5, 5), (5, 4)], (0, 0), hunger_limit=3)
    assert [env.step(RIGHT)[3] for _ in range(2)] == [False, False]
    _, reward, terminated, truncated, info = env.step(RIGHT)
    assert (reward, terminated, truncated, info["outcome"]) == (0.0, False, True, "hunger")
    assert info["hunger"] == 3


def test_death_beats_hunger() -> None:
    env = start([(5, 8), (5, 7)], (0, 0), hunger_limit=2)
    env.step(RIGHT)
    _, _, terminated, truncated, info = env.step(RIGHT)
    assert (terminated, truncated, info["outcome"]) == (True, False, "wall")


def test_eating_and_winning_beat_hunger() -> None:
    cycle = naive.cycle(4, 4)
    env = start(cycle[14::-1], cycle[15], n_rows=4, n_cols=4, hunger_limit=1, win_reward=5.0)
    _, reward, terminated, truncated, info = env.step(UP)
    assert (reward, terminated, truncated, info["outcome"]) == (6.0, True, False, "win")
    assert info["length"] == 16
    env = start([(5, 5), (5, 4)], (5, 6), hunger_limit=1)
    assert env.step(RIGHT)[3] is False


def test_snake_that_does_not_grow_may_turn_back() -> None:
    env = SnakeEnv(grow=False)
    _, info = env.reset(seed=0, options={"body": [(5, 5)], "food": (5, 4)})
    npt.assert_array_equal(info["action_mask"], [1, 1, 1, 1])
    _, reward, _, _, info = env.step(LEFT)
    assert (reward, info["score"], info["length"]) == (1.0, 1, 1)


def test_rewards_add_up() -> None:
    rewards = {"step_reward": -0.25, "food_reward": 2.0, "death_reward": -3.0}
    env = start([(5, 7), (5, 6)], (5, 8), **rewards)
    assert [env.step(RIGHT)[1] for _ in range(3)] == [1.75, -0.25, -3.25]


@pytest.mark.parametrize("size", [(4, 4), (10, 10), (5, 6), (6, 5)])
def test_following_a_cycle_clears_the_board(size: tuple[int, int]) -> None:
    env = SnakeEnv(*size)
    env.reset(seed=7)
    actions = naive.cycle_actions(*size)
    terminated = truncated = False
    while not (terminated or truncated):
        observation, _, terminated, truncated, info = env.step(actions[env.snapshot().body[0]])
    n_cells = size[0] * size[1]
    assert (terminated, truncated, info["outcome"]) == (True, False, "win")
    assert (info["score"], info["length"]) == (n_cells - 3, n_cells)
    assert Counter(observation.flat) == {1: n_cells - 1, 2: 1}
    assert env.snapshot().food is None


# --- The twin ---


def play_both(size: tuple[int, int], grow: bool, policy: str, seed: int) -> str | None:
    """Play one game on both sides, comparing every move."""
    choices = np.random.default_rng(seed)
    limit = int(choices.choice([20, 2 * size[0] * size[1]]))
    limit = 4 * size[0] * size[1] if policy == "cycle" else limit
    env = SnakeEnv(*size, grow=grow, hunger_limit=limit)
    twin = naive.NaiveSnake(*size, grow, limit, naive.XorShift64(rng_state(seed)))
    observation, info = env.reset(seed=seed)
    twin.reset()
    assert_same(env, twin, observation, info)
    actions = naive.cycle_actions(*size) if policy == "cycle" else {}
    n_moves = 0
    while twin.outcome is None and n_moves < LONGEST_GAME[grow]:
        n_moves += 1
        if policy == "cycle":
            action = actions[twin.body[0]]
        else:
            action = careful(twin, choices) if policy == "careful" else int(choices.integers(4))
        expected_reward = twin.step(action)
        observation, reward, terminated, truncated, info = env.step(action)
        assert reward == expected_reward
        assert terminated == (twin.outcome in ("wall", "body", "win"))
        assert truncated == (twin.outcome == "hunger")
        assert_same(env, twin, observation, info)
    return twin.outcome


@pytest.mark.parametrize("batch", range(N_BATCHES))
def test_compiled_rules_agree_with_the_plain_twin_move_by_move(batch: int) -> None:
    outcomes: Counter[str | None] = Counter()
    for seed in range(batch * N_GAMES // N_BATCHES, (batch + 1) * N_GAMES // N_BATCHES):
        choices = np.random.default_rng([seed, 1])
        size = (int(choices.integers(4, 13)), int(choices.integers(4, 10)))
        policy = "random" if seed % 10 else "careful"
        if seed % 100 == 99 and size[0] * size[1] % 2 == 0:
            policy = "cycle"
        grow = policy == "cycle" or seed % 4 > 0
        try:
            outcomes[play_both(size, grow, policy, seed)] += 1
        except AssertionError:
            print(f"failing game: seed {seed}, size {size}, grow {grow}, policy {policy}")
            raise
    if JIT:
        assert set(outcomes) >= {"wall", "body", "hunger", "win"}


def test_a_won_ten_by_ten_game_agrees_with_the_plain_twin() -> None:
    assert play_both((10, 10), True, "cycle", seed=0) == "win"


# --- Invariants ---


@settings(max_examples=60 if JIT else 15, deadline=None, derandomize=True)
@given(
    n_rows=st.integers(4, 9),
    n_cols=st.integers(4, 9),
    grow=st.booleans(),
    seed=st.integers(0, 2**32),
    actions=st.lists(st.integers(0, 3), max_size=120),
)
def test_board_keeps_its_invariants(
    n_rows: int, n_cols: int, grow: bool, seed: int, actions: list[int]
) -> None:
    env = SnakeEnv(n_rows, n_cols, grow=grow)
    observation, info = env.reset(seed=seed)
    for action in [None, *actions]:
        if action is not None:
            observation, _, terminated, truncated, info = env.step(action)
            assert not (terminated and truncated)
        game = env.snapshot()
        assert len(set(game.body)) == len(game.body) == info["length"]
        assert info["length"] == (3 + info["score"] if grow else 1)
        steps = zip(game.body, game.body[1:], strict=False)
        assert all(abs(a - c) + abs(b - d) == 1 for (a, b), (c, d) in steps)
        assert game.food is not None
        assert game.food not in game.body
        ring, free, where = env._boards.cells[0]
        n_free = n_rows * n_cols - len(game.body)
        body = body_cells(env._boards, 0)
        assert sorted([*body, *free[:n_free]]) == list(range(n_rows * n_cols))
        npt.assert_array_equal(where[free[:n_free]], np.arange(n_free))
        npt.assert_array_equal(ring[-1 - where[body]], body)
        assert Counter(observation.flat)[1] == len(game.body) - 1
        if action is not None and (terminated or truncated):
            break


def test_food_is_uniform_on_the_free_cells() -> None:
    env = SnakeEnv(4, 4)
    foods = Counter()
    n_draws = 6500 if JIT else 1300
    env.reset(seed=0)
    for _ in range(n_draws):
        env.reset()
        foods[env.snapshot().food] += 1
    assert len(foods) == 13
    expected = n_draws / 13
    chi_square = sum((count - expected) ** 2 / expected for count in foods.values())
    assert chi_square < 32.9  # 12 degrees of freedom: exceeded by chance once in 1,000 seeds


def test_draws_stay_below_their_bound_for_extreme_states() -> None:
    for state in (1, 2**63, 2**64 - 1, 2**32 - 1, 2**32):
        rng = np.array([state], dtype=np.uint64)
        twin = naive.XorShift64(state)
        for bound in (1, 2, 97, 65_025):
            value = draw_below(rng, 0, bound)
            assert value == twin.below(bound)
            assert 0 <= value < bound
            assert rng[0] == twin.state > 0


def test_initial_state_is_never_zero_and_is_drawn_once() -> None:
    generator = np.random.default_rng(0)
    expected = np.random.default_rng(0).integers(1, 2**64 - 1, endpoint=True, dtype=np.uint64)
    assert initial_rng_state(generator) == int(expected) > 0


@pytest.mark.parametrize("size", [(4, 4), (181, 181), (182, 181), (255, 255)])
def test_large_boards_have_cell_numbers_that_fit(size: tuple[int, int]) -> None:
    env = SnakeEnv(*size, observation="grid")
    env.reset(seed=0, options={"food": (size[0] - 1, size[1] - 1)})
    for _ in range(size[0] - 1 - size[0] // 2):
        env.step(DOWN)
    for _ in range(size[1] - 1 - size[1] // 2):
        observation, _, _, _, info = env.step(RIGHT)
    assert info["score"] == 1
    assert observation[-1, -1] == 2
    dtype = env._boards.cells.dtype
    assert np.iinfo(dtype).max >= size[0] * size[1] - 1
    assert dtype == (np.int8 if size == (4, 4) else np.int16 if size == (181, 181) else np.int32)
    assert env._boards.counters[0, LENGTH] == 4
    assert (RING, FREE, WHERE) == (0, 1, 2)


# --- With and without the compiler ---

DIGEST = """
import hashlib
import numpy as np
from snake_env import SnakeVectorEnv

digest = hashlib.sha256()
for kind, grow in (("grid", True), ("senses", True), ("planes", False)):
    envs = SnakeVectorEnv(12, n_rows=5, n_cols=6, observation=kind, grow=grow, hunger_limit=15)
    for array in envs.reset(seed=3)[0]:
        digest.update(array.tobytes())
    actions = np.random.default_rng(5).integers(0, 4, (60, 12))
    for row in actions:
        observation, reward, terminated, truncated, info = envs.step(row)
        masks = info["action_mask"], info["score"], info["hunger"]
        for array in (observation, reward, terminated, truncated, *masks):
            digest.update(array.tobytes())
    for array in envs._boards:
        digest.update(array.tobytes())
print(digest.hexdigest())
"""


@pytest.mark.jit
@pytest.mark.skipif(not JIT, reason="compares with the compiled kernels")
def test_kernels_give_the_same_bytes_with_and_without_the_compiler() -> None:
    digests = set()
    for disable in ("0", "1"):
        result = subprocess.run(
            [sys.executable, "-W", "error::RuntimeWarning", "-c", DIGEST],
            env=os.environ | {"NUMBA_DISABLE_JIT": disable},
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(result.stdout)
    assert len(digests) == 1
