"""Boards at the edges of the types that hold a cell, played for long against the plain twin."""

import naive
import numpy as np
import pytest
from games import assert_same, careful, cycle_path, rng_state

from snake_env import SnakeEnv

pytestmark = pytest.mark.kernels

N_MOVES = 300  # on boards that are too large to be filled


def start_both(
    size: tuple[int, int], body: list[naive.Cell], food: naive.Cell
) -> tuple[SnakeEnv, naive.NaiveSnake]:
    """Start a game from a position on both sides."""
    limit = 4 * size[0] * size[1]
    env = SnakeEnv(*size, hunger_limit=limit)
    twin = naive.NaiveSnake(*size, True, limit, naive.XorShift64(rng_state(3)))
    observation, info = env.reset(seed=3, options={"body": body, "food": food})
    twin.body, twin.food = list(body), food
    cells = [(row, col) for row in range(size[0]) for col in range(size[1])]
    occupied = set(body)
    twin.free = [cell for cell in cells if cell not in occupied]
    step = (body[0][0] - body[1][0], body[0][1] - body[1][1])
    twin.heading = naive.STEPS.index(step)
    assert_same(env, twin, observation, info)
    return env, twin


@pytest.mark.parametrize(
    ("size", "dtype"), [((8, 16), "int8"), ((4, 32), "int8"), ((10, 13), "int16")]
)
def test_games_around_128_cells_are_won_as_the_plain_twin_wins_them(
    size: tuple[int, int], dtype: str
) -> None:
    n_cells = size[0] * size[1]
    path = cycle_path(size, (size[0] // 2, size[1] // 2))
    env, twin = start_both(size, path[: n_cells // 2][::-1], path[-1])
    assert env._boards.cells.dtype == dtype
    actions = naive.cycle_actions(*size)
    while twin.outcome is None:
        action = actions[twin.body[0]]
        expected_reward = twin.step(action)
        observation, reward, terminated, truncated, info = env.step(action)
        assert (reward, terminated) == (expected_reward, twin.outcome is not None)
        assert not truncated
        assert_same(env, twin, observation, info)
    assert twin.outcome == "win"


@pytest.mark.parametrize("size", [(8, 16), (4, 32), (10, 13)])
def test_games_around_128_cells_agree_with_the_plain_twin_from_the_usual_start(
    size: tuple[int, int],
) -> None:
    longest = 0
    for seed in range(20):
        choices = np.random.default_rng([seed, *size])
        env = SnakeEnv(*size)
        limit = 2 * size[0] * size[1]
        twin = naive.NaiveSnake(*size, True, limit, naive.XorShift64(rng_state(seed)))
        twin.reset()
        assert_same(env, twin, *env.reset(seed=seed))
        while twin.outcome is None:
            action = careful(twin, choices)
            expected_reward = twin.step(action)
            observation, reward, _, _, info = env.step(action)
            assert reward == expected_reward, f"{seed=}"
            assert_same(env, twin, observation, info)
        longest = max(longest, len(twin.body))
    assert longest >= 15


@pytest.mark.parametrize(
    ("size", "dtype"), [((151, 217), "int16"), ((145, 226), "int32"), ((255, 255), "int32")]
)
def test_games_around_32768_cells_agree_with_the_plain_twin(
    size: tuple[int, int], dtype: str
) -> None:
    """The last cells and the last places in the list of free cells are where types overflow."""
    row, col = size[0] - 1, size[1] - 1
    env, twin = start_both(size, [(row, col - 3), (row, col - 4)], (row, col - 2))
    assert env._boards.cells.dtype == dtype
    choices = np.random.default_rng(size)
    for n_moves in range(N_MOVES):
        safe = [1, 1, 1, 0, 3, 3, 2, 1] if n_moves < 8 else None  # eat, turn in the last corner
        action = safe[n_moves] if safe else careful(twin, choices)
        expected_reward = twin.step(action)
        observation, reward, _, _, info = env.step(action)
        assert reward == expected_reward
        assert info["length"] == len(twin.body)
        assert env._boards.rng[0] == twin.rng.state
        if twin.outcome is not None:
            break
        head, food = twin.body[0], twin.food
        assert food is not None
        assert (observation[head], observation[food]) == (2, 3)
        if n_moves % 50 == 7:
            assert_same(env, twin, observation, info)
    assert n_moves >= 40
