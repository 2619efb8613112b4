"""Senses on boards of every shape, with snakes of every length, against the plain twin."""

import naive
import numpy as np
import pytest
from games import cycle_path

from snake_env import SnakeEnv, sense_names

pytestmark = pytest.mark.kernels

SIZES = [(4, 4), (4, 255), (255, 4), (10, 10), (8, 16), (10, 13)]
N_WALKS = 25


def check_game(size: tuple[int, int], body: list[naive.Cell], food: naive.Cell, label: str) -> int:
    """Compare the senses of a position and of the three after it; give the number compared."""
    env = SnakeEnv(*size, observation="senses")
    names = sense_names(*size)
    observation, _ = env.reset(seed=len(body), options={"body": body, "food": food})
    actions = naive.cycle_actions(*size)
    twin = naive.NaiveSnake(*size, True, 10**6, naive.XorShift64(1))
    for n_moves in range(4):
        game = env.snapshot()
        twin.body, twin.food, twin.heading = game.body, game.food, game.heading
        on = {name for name, is_on in zip(names, observation, strict=True) if is_on}
        assert on == twin.senses(), f"{label}, {size}, move {n_moves}"
        observation, _, terminated, truncated, _ = env.step(actions[game.body[0]])
        if terminated or truncated:
            break
    return n_moves + 1


@pytest.mark.parametrize("size", SIZES)
def test_senses_of_long_snakes_agree_with_the_plain_twin(size: tuple[int, int]) -> None:
    n_cells = size[0] * size[1]
    edges = [-(-n_cells * k // 16) for k in (1, 2, 4, 6, 8, 10, 12, 14)]  # a length feature goes on
    lengths = sorted({2, n_cells - 2, *edges, *(edge - 1 for edge in edges)} - {0, 1})
    choices = np.random.default_rng(size)
    n_compared = 0
    for length in lengths:
        first = (int(choices.integers(size[0])), int(choices.integers(size[1])))
        path = cycle_path(size, first)
        body, free = path[:length][::-1], path[length:]
        food = free[int(choices.integers(len(free)))]
        n_compared += check_game(size, body, food, f"length {length}")
    assert n_compared >= 3 * len(lengths)


@pytest.mark.parametrize("size", SIZES)
def test_senses_of_tangled_snakes_agree_with_the_plain_twin(size: tuple[int, int]) -> None:
    n_longest = 0
    for seed in range(N_WALKS):
        choices = np.random.default_rng([seed, *size])
        body = [(int(choices.integers(size[0])), int(choices.integers(size[1])))]
        while len(body) < 60:
            row, col = body[0]
            cells = [(row + r, col + c) for r, c in naive.STEPS]
            ways = [
                (r, c)
                for r, c in cells
                if 0 <= r < size[0] and 0 <= c < size[1] and (r, c) not in body
            ]
            if not ways:
                break
            body.insert(0, ways[int(choices.integers(len(ways)))])
        free = [(r, c) for r in range(size[0]) for c in range(size[1]) if (r, c) not in body]
        if len(body) < 2 or not free:
            continue
        n_longest = max(n_longest, len(body))
        food = free[int(choices.integers(len(free)))]
        check_game(size, body, food, f"seed {seed}")
    assert n_longest >= 12


def test_food_is_seen_from_one_end_of_a_long_board_to_the_other() -> None:
    for size, body, food, ray in (
        ((4, 255), [(2, 0), (1, 0)], (2, 254), "right"),
        ((4, 255), [(0, 254), (1, 254)], (0, 0), "left"),
        ((255, 4), [(0, 3), (0, 2)], (254, 3), "down"),
        ((255, 4), [(254, 1), (254, 2)], (0, 1), "up"),
    ):
        env = SnakeEnv(*size, observation="senses")
        observation, _ = env.reset(seed=0, options={"body": body, "food": food})
        names = sense_names(*size)
        on = {name for name, is_on in zip(names, observation, strict=True) if is_on}
        assert {name for name in on if "food" in name} == {f"{ray}_food_in_sight", f"food_{ray}"}


@pytest.mark.parametrize("size", [(4, 4), (8, 16)])
def test_senses_agree_with_the_plain_twin_while_the_body_goes_round(size: tuple[int, int]) -> None:
    """After as many moves as there are cells, the body is written over itself in memory."""
    path = cycle_path(size, (0, 0))
    env = SnakeEnv(*size, observation="senses", hunger_limit=10**6)
    names = sense_names(*size)
    options = {"body": path[: len(path) // 3][::-1], "food": path[-1]}
    observation, _ = env.reset(seed=1, options=options)
    actions = naive.cycle_actions(*size)
    twin = naive.NaiveSnake(*size, True, 10**6, naive.XorShift64(1))
    for n_moves in range(3 * len(path)):
        game = env.snapshot()
        twin.body, twin.food, twin.heading = game.body, game.food, game.heading
        on = {name for name, is_on in zip(names, observation, strict=True) if is_on}
        assert on == twin.senses(), f"move {n_moves}"
        observation, _, is_over, _, _ = env.step(actions[game.body[0]])
        if is_over:
            break
    assert n_moves > len(path)


def test_an_env_names_the_numbers_of_its_senses() -> None:
    env = SnakeEnv(n_rows=5, n_cols=7, observation="senses")
    assert env.feature_names == sense_names(5, 7)
    assert len(env.feature_names) == env.observation_space.n
    assert SnakeEnv(observation="presence").feature_names == ()


def test_an_env_names_the_kinds_of_cells_in_the_order_of_planes_and_values() -> None:
    for kind in ("grid", "planes"):
        assert SnakeEnv(observation=kind).feature_names == ("body", "head", "food")
