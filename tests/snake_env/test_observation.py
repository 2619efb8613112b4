"""Observations: what each number means, and that it is in its space."""

import naive
import numba
import numpy as np
import numpy.testing as npt
import pytest
from gymnasium import spaces

from snake_env import SnakeEnv, sense_names
from snake_env.observation import observation_space

pytestmark = pytest.mark.kernels

N_GAMES = 150 if not numba.config.DISABLE_JIT else 25
BODY = [(5, 5), (5, 4), (5, 3), (6, 3)]


def observe(kind: str, **rules: object) -> np.ndarray:
    env = SnakeEnv(observation=kind, **rules)  # type: ignore[arg-type]
    return env.reset(seed=0, options={"body": BODY, "food": (2, 8)})[0]


def test_grid_shows_body_head_and_food() -> None:
    expected = np.zeros((10, 10), np.uint8)
    expected[5, 3:5] = expected[6, 3] = 1
    expected[5, 5] = 2
    expected[2, 8] = 3
    observation = observe("grid")
    assert observation.dtype == np.uint8
    npt.assert_array_equal(observation, expected)


def test_planes_split_the_grid() -> None:
    planes, grid = observe("planes"), observe("grid")
    assert planes.dtype == np.uint8
    npt.assert_array_equal(planes, np.stack([grid == 1, grid == 2, grid == 3]))


def test_presence_tells_nothing_apart() -> None:
    presence, grid = observe("presence"), observe("grid")
    assert presence.dtype == np.int8
    npt.assert_array_equal(presence, grid > 0)


def test_senses_by_example() -> None:
    on = {name for name, is_on in zip(sense_names(10, 10), observe("senses"), strict=True) if is_on}
    assert on == {
        "left_obstacle_within_1",
        "left_obstacle_within_2",
        "left_obstacle_within_4",
        "left_obstacle_is_body",
        "left_scent_fair",  # the third of four cells: older than the head's quarter
        "up_right_food_in_sight",
        "food_up",
        "food_right",
        "heading_right",
        "tail_moves_up",
        "tail_down",
        "tail_left",
        "row_5",
        "col_5",
        "row_odd",
        "col_odd",
        "always",
    }  # right and down the wall is 5 cells away, which no threshold tells from 9


def test_names_of_senses_are_unique_and_as_many_as_features() -> None:
    assert len(sense_names(10, 10)) == 113
    for size in ((4, 4), (7, 12), (255, 4)):
        names = sense_names(*size)
        assert len(names) == len(set(names)) == 93 + sum(size)
        assert observation_space("senses", *size).shape == (len(names),)


@pytest.mark.parametrize("grow", [True, False])
def test_senses_agree_with_the_plain_twin(grow: bool) -> None:
    for seed in range(N_GAMES):
        choices = np.random.default_rng([seed, 2])
        size = (int(choices.integers(4, 13)), 2 * int(choices.integers(2, 6)))
        limit = 2 * size[0] * size[1]
        actions = naive.cycle_actions(*size)
        env = SnakeEnv(*size, observation="senses", grow=grow, hunger_limit=limit)
        names = sense_names(*size)
        observation, _ = env.reset(seed=seed)
        twin = naive.NaiveSnake(*size, grow, limit, naive.XorShift64(1))
        is_over = False
        n_moves = 0
        while not is_over and n_moves < 150:
            game = env.snapshot()
            twin.body, twin.food, twin.heading = game.body, game.food, game.heading
            on = {name for name, is_on in zip(names, observation, strict=True) if is_on}
            assert on == twin.senses(), f"seed {seed}, {size}, move {n_moves}"
            wanders = choices.random() < 0.1
            action = int(choices.integers(4)) if wanders else actions[game.body[0]]
            observation, _, terminated, truncated, _ = env.step(action)
            is_over = terminated or truncated
            n_moves += 1


def test_senses_of_a_won_board() -> None:
    env = SnakeEnv(4, 4, observation="senses")
    cycle = naive.cycle(4, 4)
    env.reset(seed=0, options={"body": cycle[14::-1], "food": cycle[15]})
    observation = env.step(0)[0]
    on = {name for name, is_on in zip(sense_names(4, 4), observation, strict=True) if is_on}
    assert {f"length_from_{k}_16" for k in (1, 2, 4, 6, 8, 10, 12, 14)} <= on
    assert not any(name.startswith("food_") or name.endswith("in_sight") for name in on)


def test_spaces_are_what_the_documentation_says() -> None:
    assert observation_space("grid", 7, 12) == spaces.Box(0, 3, (7, 12), np.uint8)
    assert observation_space("planes", 7, 12) == spaces.Box(0, 1, (3, 7, 12), np.uint8)
    assert observation_space("senses", 7, 12) == spaces.MultiBinary(112)
    assert observation_space("presence", 7, 12) == spaces.MultiBinary((7, 12))
