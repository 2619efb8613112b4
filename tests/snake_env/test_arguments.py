"""What is passed to Snake: integers, numbers and flags of any type, and nothing else."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import snake_env
from snake_env import Settings, SnakeEnv, SnakeVectorEnv

INTEGERS = [np.int64, np.uint8, np.float32, np.array, float]


@pytest.mark.parametrize("make", INTEGERS)
def test_sizes_and_limits_are_integers_of_any_type(make) -> None:
    settings = Settings(n_rows=make(8), n_cols=make(6), hunger_limit=make(50))
    assert settings == Settings(n_rows=8, n_cols=6, hunger_limit=50)
    assert repr(settings) == repr(Settings(n_rows=8, n_cols=6, hunger_limit=50))
    envs = SnakeVectorEnv(num_envs=make(2), max_episode_steps=make(9))
    assert (type(envs.num_envs), envs.num_envs) == (int, 2)
    assert (type(envs.max_episode_steps), envs.max_episode_steps) == (int, 9)
    assert snake_env.sense_names(make(6), make(6)) == snake_env.sense_names(6, 6)


@pytest.mark.parametrize("make", [np.float32, np.float64, np.array])
def test_rewards_and_flags_are_those_of_any_type(make) -> None:
    settings = Settings(food_reward=make(0.5), step_reward=np.int8(-1), grow=np.True_)
    assert repr(settings) == repr(Settings(food_reward=0.5, step_reward=-1.0, grow=True))


@pytest.mark.parametrize("make", INTEGERS)
def test_seeds_are_integers_of_any_type(make) -> None:
    env, plain = SnakeEnv(), SnakeEnv()
    observation, _ = env.reset(seed=make(5))
    wanted, _ = plain.reset(seed=5)
    assert (observation == wanted).all()
    envs = SnakeVectorEnv(3)
    wanted, _ = envs.reset(seed=5)
    for seeds in (make(5), [make(5), 6, make(7)], (5, make(6), 7)):
        observations, _ = envs.reset(seed=seeds)
        assert (observations == wanted).all()
    observations, _ = envs.reset(seed=np.array([5.0, 6.0, 7.0]))
    assert (observations == wanted).all()


@pytest.mark.parametrize("seed", [2.5, "5", True, -1, np.nan, Fraction(10**400), [1], {}])
def test_what_is_no_seed_is_refused(seed: Any) -> None:
    with pytest.raises(ValueError, match="seed must be an integer >= 0, got"):
        SnakeEnv().reset(seed=seed)
    with pytest.raises(ValueError, match=r"seed (of lane 0 )?must be an int"):
        SnakeVectorEnv(2).reset(seed=seed)
    with pytest.raises(ValueError, match="seed of lane 1 must be an integer >= 0, got"):
        SnakeVectorEnv(2).reset(seed=[1, seed])


@pytest.mark.parametrize("dtype", [np.int8, np.uint64, np.float64])
def test_positions_may_be_arrays(dtype) -> None:
    body, food = [(3, 3), (3, 2), (3, 1)], (1, 1)
    env = SnakeEnv()
    observation, _ = env.reset(
        seed=1, options={"body": np.array(body, dtype), "food": np.array(food, dtype)}
    )
    wanted, _ = SnakeEnv().reset(seed=1, options={"body": body, "food": food})
    assert (observation == wanted).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SnakeEnv(n_rows=8.5), "n_rows must be an integer from 4 to 255, got 8.5"),
        (lambda: SnakeEnv(n_cols=True), "n_cols must be an integer from 4 to 255, got True"),
        (
            lambda: SnakeEnv(n_rows=10**5000),
            "n_rows must be an integer .*, got <int of 16610 bits>",
        ),
        (lambda: SnakeEnv(grow=1), "grow must be True or False, got 1"),
        (lambda: SnakeEnv(grow="no"), "grow must be True or False, got 'no'"),
        (lambda: SnakeEnv(food_reward=True), "food_reward must be a finite number, got True"),
        (lambda: SnakeEnv(food_reward=10**400), "food_reward must be a finite number, got"),
        (lambda: SnakeEnv(food_reward="1"), "food_reward must be a finite number, got '1'"),
        (lambda: SnakeEnv(observation=np.array(["grid"] * 9)), "must be one of 'grid', .* array"),
        (lambda: SnakeEnv().reset(options={"body": np.array(5)}), r"body must be a list of cells"),
        (
            lambda: SnakeEnv().reset(options={"body": np.zeros((500, 500))}),
            r"body\[0\] must be a pair \(row, col\), got array of float64, shape \(500,\)",
        ),
        (lambda: SnakeVectorEnv(2).reset(seed=np.arange(3)), "seed must be an int, None or 2 of"),
        (lambda: snake_env.sense_names(None, 6), "n_rows must be an integer >= 0, got None"),
    ],
)
def test_what_is_wrong_is_said_in_few_words(make, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        make()
    assert len(str(caught.value)) < 250


def test_actions_of_different_lengths_are_refused() -> None:
    envs = SnakeVectorEnv(3)
    envs.reset(seed=1)
    with pytest.raises(ValueError, match=r"actions must be 3 integers, got \[\[1\], \[2, 3\], 4\]"):
        envs.step([[1], [2, 3], 4])
