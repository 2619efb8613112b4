"""CartPole whose steps take long."""

import time

import gymnasium as gym
import numpy.testing as npt

import slow_envs


def test_a_step_takes_as_long_as_it_should() -> None:
    env = gym.make("SlowCartPole-v0", step_s=0.02)
    env.reset(seed=0)
    begun_s = time.perf_counter()
    env.step(0)
    assert time.perf_counter() - begun_s >= 0.02


def test_it_is_cart_pole_otherwise() -> None:
    assert slow_envs.STEP_S == 0.05
    slow, plain = gym.make("SlowCartPole-v0", step_s=0.0), gym.make("CartPole-v1")
    npt.assert_array_equal(slow.reset(seed=3)[0], plain.reset(seed=3)[0])
    for action in (0, 1, 1):
        npt.assert_array_equal(slow.step(action)[0], plain.step(action)[0])
    assert slow.spec.max_episode_steps == plain.spec.max_episode_steps
    assert slow.spec.reward_threshold == plain.spec.reward_threshold
