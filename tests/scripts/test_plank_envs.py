"""Plank's four levels of CartPole."""

import gymnasium as gym
import numpy as np
import numpy.testing as npt
import pytest
from gymnasium.utils.env_checker import check_env

from plank_envs import IDLE_SHARE, LEVELS, MOVES, START


def played(env_id: str, actions: list[int], state: list[float] | None = None) -> list[tuple]:
    env = gym.make(env_id)
    env.reset(seed=0)
    if state is not None:
        env.unwrapped.state = np.array(state)
    return [env.step(action) for action in actions]


@pytest.mark.filterwarnings("ignore:.*observation space m.*infinity:UserWarning")  # speeds
@pytest.mark.parametrize("env_id", LEVELS)
def test_every_level_keeps_the_contract(env_id) -> None:
    check_env(gym.make(env_id).unwrapped, skip_render_check=True)
    assert gym.spec(env_id).max_episode_steps == MOVES


@pytest.mark.parametrize(
    ("env_id", "n_seen", "n_actions"),
    [
        ("PlankEasy-v0", 4, 2),
        ("PlankMedium-v0", 4, 3),
        ("PlankHard-v0", 2, 3),
        ("PlankHardest-v0", 2, 2),
    ],
)
def test_levels_differ_in_what_is_seen_and_done(env_id, n_seen, n_actions) -> None:
    env = gym.make(env_id)
    assert env.observation_space.shape == (n_seen,)
    assert env.action_space.n == n_actions


def test_episodes_start_within_the_ranges_of_the_benchmark() -> None:
    env = gym.make("PlankEasy-v0")
    starts = np.array([env.reset(seed=seed)[0] for seed in range(200)])
    assert (np.abs(starts) <= START.astype(np.float32)).all()
    assert (np.abs(starts).max(axis=0) > 0.9 * START).all()
    npt.assert_array_equal(env.reset(seed=5)[0], env.reset(seed=5)[0])


def test_without_speeds_positions_are_seen() -> None:
    state = [0.5, 0.0, 0.05, 0.0]
    (easy, *_), (hardest, *_) = (
        played(env_id, [1], state)[0] for env_id in ("PlankEasy-v0", "PlankHardest-v0")
    )
    npt.assert_array_equal(hardest, easy[::2])


def test_an_upright_pole_stays_if_nothing_is_done() -> None:
    steps = played("PlankMedium-v0", [0, 0, 0], [0.0, 0.0, 0.0, 0.0])
    npt.assert_array_equal(steps[-1][0], np.zeros(4))


@pytest.mark.parametrize(("action", "sign"), [(1, -1), (2, 1)])
def test_the_other_actions_push(action, sign) -> None:
    ((observation, *_),) = played("PlankHard-v0", [action], [0.0, 0.0, 0.0, 0.0])
    push = played("PlankEasy-v0", [action - 1], [0.0, 0.0, 0.0, 0.0])[0][0]
    npt.assert_array_equal(observation, push[::2])
    assert np.sign(push[1]) == sign


def test_a_force_comes_back_after_idling() -> None:
    steps = played("PlankMedium-v0", [0, 2], [0.0, 0.0, 0.0, 0.0])
    assert steps[-1][0][1] > 0.1


@pytest.mark.parametrize("env_id", ["PlankEasy-v0", "PlankHard-v0", "PlankHardest-v0"])
def test_a_move_is_worth_one(env_id) -> None:
    assert [reward for _, reward, *_ in played(env_id, [1, 1])] == [1.0, 1.0]


def test_where_the_cart_must_idle_too_few_idle_moves_are_worth_their_share() -> None:
    upright = [0.0, 0.0, 0.0, 0.0]
    for actions in ([1, 2, 0, 0], [0, 0, 0, 0], [1, 2, 1, 2], [0, 0, 0, 1, 0]):
        total = sum(reward for _, reward, *_ in played("PlankMedium-v0", actions, upright))
        n_idle = actions.count(0)
        is_enough = n_idle / len(actions) > IDLE_SHARE
        assert total == pytest.approx(len(actions) if is_enough else n_idle / IDLE_SHARE)
