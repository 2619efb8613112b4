"""Action masks beside the infos: as sb3-contrib asks for them, and read off observations."""

import gymnasium as gym
import numpy as np
import numpy.testing as npt
import pytest

from snake_env import SnakeEnv

TELLING = [("senses", True), ("senses", False), ("grid", False), ("presence", False)]


@pytest.mark.parametrize(("kind", "grow"), TELLING)
@pytest.mark.parametrize("size", [(4, 4), (10, 10), (7, 12)])
def test_masks_read_off_observations_are_those_of_the_infos(kind, grow, size) -> None:
    env = SnakeEnv(*size, observation=kind, grow=grow)
    env.action_space.seed(0)
    steps = [env.reset(seed=0)]
    for _ in range(300):
        *_, terminated, truncated, _ = step = env.step(env.action_space.sample())
        steps.append((step[0], step[-1]))
        if terminated or truncated:
            steps.append(env.reset())
    masks = np.array([info["action_mask"] for _, info in steps])
    assert len(np.unique(masks, axis=0)) == (4 if grow else 1)
    read = env.action_masks_of(np.array([observation for observation, _ in steps]))
    npt.assert_array_equal(read, masks)
    assert read.dtype == np.int8


@pytest.mark.parametrize("kind", ["grid", "planes", "presence"])
def test_boards_do_not_tell_where_a_growing_snake_comes_from(kind) -> None:
    env = SnakeEnv(observation=kind)
    assert env.action_masks_of(env.reset(seed=0)[0][None]) is None


@pytest.mark.parametrize("grow", [True, False])
def test_the_masks_for_sb3_contrib_are_those_of_the_infos(grow) -> None:
    env = gym.make("Snake-v0", grow=grow)
    _, info = env.reset(seed=0)
    for action in (0, 0, 3, 2, 2, 1):
        masks = env.get_wrapper_attr("action_masks")()
        assert masks.dtype == np.bool_
        npt.assert_array_equal(masks, info["action_mask"])
        *_, info = env.step(action)


def test_masks_before_the_first_reset_are_refused() -> None:
    with pytest.raises(gym.error.ResetNeeded, match=r"no action to mask yet: call reset\(\) first"):
        SnakeEnv().action_masks()
