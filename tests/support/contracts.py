"""What every env must do, written once: subclass a contract and say how the env is made."""

import copy
import warnings
from itertools import pairwise
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.testing as npt
import pytest
from gymnasium.utils.env_checker import check_env, data_equivalence
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.wrappers.vector import RecordEpisodeStatistics


def assert_equal(first: Any, second: Any) -> None:
    """Compare nested dictionaries, tuples and arrays: values, types, shapes and dtypes."""
    if isinstance(first, dict):
        assert isinstance(second, dict)
        assert first.keys() == second.keys()
        for key in first:
            assert_equal(first[key], second[key])
    elif isinstance(first, tuple):
        assert len(first) == len(second)
        for one, other in zip(first, second, strict=True):
            assert_equal(one, other)
    elif isinstance(first, np.ndarray):
        assert isinstance(second, np.ndarray)
        assert (first.dtype, first.shape) == (second.dtype, second.shape)
        if first.dtype == object:
            for one, other in zip(first, second, strict=True):
                assert_equal(one, other)
        else:
            npt.assert_array_equal(first, second)
    else:
        assert type(first) is type(second)
        assert first == second


def share_objects(first: Any, second: Any) -> bool:
    """Whether arrays in the same places of two returns overlap, or dictionaries are the same."""
    if isinstance(first, np.ndarray) and isinstance(second, np.ndarray):
        return np.shares_memory(first, second)
    if isinstance(first, tuple) and isinstance(second, tuple):
        return any(map(share_objects, first, second))
    if isinstance(first, dict) and isinstance(second, dict):
        shared_keys = first.keys() & second.keys()
        return first is second or any(share_objects(first[k], second[k]) for k in shared_keys)
    return False


class EnvContract:
    """What a `gymnasium.Env` must do."""

    def make_env(self) -> gym.Env[Any, Any]:
        """Make the env under test, with a spec (so by `gymnasium.make`)."""
        raise NotImplementedError

    def actions(self, env: gym.Env[Any, Any], seed: int, n_actions: int) -> list[Any]:
        env.action_space.seed(seed)
        return [env.action_space.sample() for _ in range(n_actions)]

    def rollout(self, env: gym.Env[Any, Any], actions: list[Any]) -> list[Any]:
        """Step through the actions, resetting without a seed at each end."""
        steps: list[Any] = []
        for action in actions:
            step = env.step(action)
            steps.append(step)
            if step[2] or step[3]:
                steps.append(env.reset())
        return steps

    def test_gymnasium_has_no_complaints(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            # The checker wants the bare env; the render check makes one env per render mode.
            check_env(self.make_env().unwrapped)

    def test_step_before_reset_is_refused(self) -> None:
        env = self.make_env().unwrapped
        with pytest.raises(gym.error.ResetNeeded):
            env.step(env.action_space.sample())

    def test_same_seed_gives_the_same_episodes(self) -> None:
        first, second = self.make_env(), self.make_env()
        actions = self.actions(first, 5, 200)
        assert_equal(first.reset(seed=11), second.reset(seed=11))
        assert_equal(tuple(self.rollout(first, actions)), tuple(self.rollout(second, actions)))

    def test_every_observation_is_in_its_space(self) -> None:
        env = self.make_env()
        assert env.reset(seed=3)[0] in env.observation_space
        for step in self.rollout(env, self.actions(env, 4, 200)):
            assert step[0] in env.observation_space

    def test_nothing_that_is_returned_changes_later(self) -> None:
        env = self.make_env()
        returned = [env.reset(seed=3), *self.rollout(env, self.actions(env, 4, 60))]
        kept = copy.deepcopy(returned)
        env.reset(seed=9)
        self.rollout(env, self.actions(env, 5, 60))
        assert data_equivalence(tuple(returned), tuple(kept), exact=True)
        for first, second in pairwise(returned):
            assert not share_objects((first[0], first[-1]), (second[0], second[-1]))

    def test_flags_are_python_bools_and_rewards_python_floats(self) -> None:
        env = self.make_env()
        env.reset(seed=0)
        for step in self.rollout(env, self.actions(env, 1, 50)):
            if len(step) == 5:
                assert [type(value) for value in step[1:4]] == [float, bool, bool]
                assert not (step[2] and step[3])

    def test_close_is_safe_twice(self) -> None:
        env = self.make_env()
        env.reset(seed=0)
        env.close()
        env.close()


class VectorEnvContract:
    """What a native `gymnasium.vector.VectorEnv` with independent lanes must do."""

    n_lanes = 5

    def make_vec(self, n_lanes: int, mode: AutoresetMode) -> VectorEnv[Any, Any, Any]:
        """Make the vector env under test."""
        raise NotImplementedError

    def make_single(self) -> gym.Env[Any, Any]:
        """Make the env that each lane must equal."""
        raise NotImplementedError

    def actions(self, envs: VectorEnv[Any, Any, Any], seed: int, n_steps: int) -> list[Any]:
        envs.action_space.seed(seed)
        return [envs.action_space.sample() for _ in range(n_steps)]

    def sync(self, n_lanes: int, mode: AutoresetMode) -> gym.vector.SyncVectorEnv:
        makers = [self.make_single for _ in range(n_lanes)]
        return gym.vector.SyncVectorEnv(makers, autoreset_mode=mode)

    @pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
    @pytest.mark.parametrize("seed", [17, [5, 9, 5, 0, 2**31]])
    def test_steps_equal_those_of_gymnasiums_sync_vector_env(
        self, mode: AutoresetMode, seed: Any
    ) -> None:
        ours, theirs = self.make_vec(self.n_lanes, mode), self.sync(self.n_lanes, mode)
        assert_equal(ours.reset(seed=seed), theirs.reset(seed=seed))
        for action in self.actions(ours, 1, 120):
            assert_equal(ours.step(action), theirs.step(action))
        assert_equal(ours.reset(), theirs.reset())
        for action in self.actions(ours, 2, 60):
            assert_equal(ours.step(action), theirs.step(action))

    def test_disabled_lanes_equal_gymnasiums_where_all_are_reset_in_time(self) -> None:
        mode = AutoresetMode.DISABLED
        ours, theirs = self.make_vec(self.n_lanes, mode), self.sync(self.n_lanes, mode)
        assert_equal(ours.reset(seed=3), theirs.reset(seed=3))
        for number, action in enumerate(self.actions(ours, 1, 150)):
            step = ours.step(action)
            assert_equal(step, theirs.step(action))
            over = step[2] | step[3]
            if over.any():
                seed = None if number % 2 else [number, None, 2, None, 4]
                options = {"reset_mask": over}
                result = ours.reset(seed=seed, options=options)  # type: ignore[arg-type]
                assert list(options) == ["reset_mask"]
                assert_equal(result, theirs.reset(seed=seed, options=options))  # type: ignore[arg-type]

    def test_disabled_lanes_that_are_over_stay_as_they_were(self) -> None:
        envs = self.make_vec(self.n_lanes, AutoresetMode.DISABLED)
        envs.reset(seed=3)
        before: Any = None
        for action in self.actions(envs, 1, 400):
            step = envs.step(action)
            observations, rewards, terminations, truncations, infos = step
            if before is not None:
                over = before[2] | before[3]
                assert not rewards[over].any()
                assert_equal(terminations[over], before[2][over])
                assert_equal(truncations[over], before[3][over])
                assert_equal(observations[over], before[0][over])
                for key in before[4]:
                    assert_equal(infos[key][over], before[4][key][over])
            before = step
        assert (before[2] | before[3]).all()

    @pytest.mark.parametrize("mode", list(AutoresetMode))
    def test_a_lane_does_not_depend_on_the_others(self, mode: AutoresetMode) -> None:
        many, few = self.make_vec(self.n_lanes, mode), self.make_vec(2, mode)
        first = many.reset(seed=[7, 8, 9, 10, 11])[0]  # type: ignore[arg-type]
        assert_equal(first[[3, 1]], few.reset(seed=[10, 8])[0])  # type: ignore[arg-type]
        for action in self.actions(many, 1, 100):
            ours, theirs = many.step(action), few.step(action[[3, 1]])
            for one, other in zip(ours[:4], theirs[:4], strict=True):
                assert_equal(one[[3, 1]], other)

    @pytest.mark.parametrize("mode", list(AutoresetMode))
    def test_everything_returned_is_fresh_and_in_its_space(self, mode: AutoresetMode) -> None:
        envs = self.make_vec(self.n_lanes, mode)
        returned: list[Any] = [envs.reset(seed=0)]
        for action in self.actions(envs, 1, 60):
            returned.append(envs.step(action))
            assert returned[-1][0] in envs.observation_space
        kept = copy.deepcopy(returned)
        envs.reset(seed=1)
        assert_equal(tuple(returned), tuple(kept))
        for first, second in pairwise(returned):
            assert not share_objects(first[:-1], second[:-1])
            arrays = [value for value in first[-1].values() if isinstance(value, np.ndarray)]
            for key, array in second[-1].items():
                if isinstance(array, np.ndarray) and array.dtype != object:
                    assert not any(np.shares_memory(array, other) for other in arrays), key

    @pytest.mark.parametrize("mode", list(AutoresetMode))
    def test_metadata_says_how_lanes_are_reset(self, mode: AutoresetMode) -> None:
        envs = self.make_vec(2, mode)
        assert envs.metadata["autoreset_mode"] is mode
        assert envs.metadata["independent_lanes"] is True

    def test_episode_statistics_are_recorded(self) -> None:
        envs = RecordEpisodeStatistics(self.make_vec(self.n_lanes, AutoresetMode.NEXT_STEP))
        envs.reset(seed=0)
        returns: list[float] = []
        for action in self.actions(envs, 1, 100):
            infos = envs.step(action)[4]
            if "episode" in infos:
                returns += infos["episode"]["r"][infos["_episode"]].tolist()
        assert len(returns) > self.n_lanes

    @pytest.mark.parametrize("mode", list(AutoresetMode))
    def test_step_before_reset_is_refused(self, mode: AutoresetMode) -> None:
        envs = self.make_vec(2, mode)
        with pytest.raises(gym.error.ResetNeeded):
            envs.step(envs.action_space.sample())

    def test_close_is_safe_twice(self) -> None:
        envs = self.make_vec(2, AutoresetMode.NEXT_STEP)
        envs.close()
        envs.close()
