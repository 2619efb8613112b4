"""`SnakeVectorEnv`: equal to Gymnasium's own vectorisation of `SnakeEnv`, in all its modes."""

import copy
import pickle  # noqa: TID251
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.testing as npt
import pytest
from contracts import VectorEnvContract, assert_equal
from gymnasium.vector import AutoresetMode, VectorEnv

from snake_env import SnakeEnv, SnakeVectorEnv
from snake_env.observation import KINDS

pytestmark = pytest.mark.kernels

RULES: dict[str, Any] = {"n_rows": 4, "n_cols": 5, "hunger_limit": 12, "step_reward": -0.01}


class TestContract(VectorEnvContract):
    """Each observation and both games."""

    @pytest.fixture(
        autouse=True, params=[("grid", 1), ("senses", 1), ("planes", 0), ("presence", 1)]
    )
    def choose(self, request: pytest.FixtureRequest) -> None:
        kind, grow = request.param
        self.options = {**RULES, "observation": kind, "grow": bool(grow)}

    def make_vec(self, n_lanes: int, mode: AutoresetMode) -> VectorEnv[Any, Any, Any]:
        return SnakeVectorEnv(n_lanes, autoreset_mode=mode, **self.options)

    def make_single(self) -> SnakeEnv:
        return SnakeEnv(**self.options)


def test_gymnasium_makes_the_native_env() -> None:
    envs = gym.make_vec("Snake-v0", num_envs=3, autoreset_mode="SameStep", n_rows=5)
    assert isinstance(envs, SnakeVectorEnv)
    assert envs.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    assert envs.reset(seed=0)[0].shape == (3, 5, 10)
    assert SnakeVectorEnv.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP


def test_spaces_are_those_of_the_sync_vector_env() -> None:
    for kind in KINDS:
        ours = SnakeVectorEnv(3, observation=kind)
        theirs = gym.vector.SyncVectorEnv([lambda kind=kind: SnakeEnv(observation=kind)] * 3)
        assert ours.observation_space == theirs.observation_space
        assert ours.action_space == theirs.action_space
        assert ours.single_observation_space == theirs.single_observation_space
        assert ours.single_action_space == theirs.single_action_space


def test_lanes_equal_single_envs_for_a_thousand_moves() -> None:
    seeds = [3, 1, 4, 1]
    envs = SnakeVectorEnv(4, autoreset_mode=AutoresetMode.DISABLED)
    singles = [SnakeEnv() for _ in seeds]
    observations, _ = envs.reset(seed=seeds)
    for lane, (single, seed) in enumerate(zip(singles, seeds, strict=True)):
        npt.assert_array_equal(single.reset(seed=seed)[0], observations[lane])
    choices = np.random.default_rng(0)
    for _ in range(1000):
        actions = choices.integers(0, 4, 4)
        observations, rewards, terminations, truncations, infos = envs.step(actions)
        for lane, single in enumerate(singles):
            step = single.step(int(actions[lane]))
            npt.assert_array_equal(step[0], observations[lane])
            assert step[1:4] == (rewards[lane], terminations[lane], truncations[lane])
            assert step[4]["hunger"] == infos["hunger"][lane]
            if terminations[lane] or truncations[lane]:
                assert step[4]["outcome"] == infos["outcome"][lane]
                single.reset()
        over = terminations | truncations
        if over.any():
            envs.reset(options={"reset_mask": over})


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_max_episode_steps_truncates_like_a_time_limit(mode: AutoresetMode) -> None:
    envs = gym.make_vec(
        "Snake-v0", num_envs=2, max_episode_steps=3, grow=False, autoreset_mode=mode
    )
    envs.reset(seed=0)
    for action in (1, 3):
        assert not envs.step(np.array([action] * 2))[3].any()
    _, _, terminations, truncations, infos = envs.step(np.array([1, 1]))
    assert truncations.all()
    assert not terminations.any()
    assert "outcome" not in infos
    _, _, _, truncations, _ = envs.step(np.array([1, 1]))
    assert truncations.all() == (mode == AutoresetMode.DISABLED)


def test_terminated_and_truncated_are_never_both_set() -> None:
    envs = SnakeVectorEnv(1, max_episode_steps=5)
    envs.reset(seed=0)
    steps = [envs.step([1])[2:4] for _ in range(5)]
    assert [(bool(a[0]), bool(b[0])) for a, b in steps] == [(False, False)] * 4 + [(True, False)]


def test_reset_options_apply_to_every_chosen_lane_and_stay_unchanged() -> None:
    envs = SnakeVectorEnv(3, observation="senses")
    envs.reset(seed=0)
    mask = np.array([True, False, True])
    options = {"body": [(0, 0), (0, 1)], "food": (9, 9), "reset_mask": mask}
    kept = copy.copy(options)
    before = envs.step([1, 1, 1])[0]
    observations, infos = envs.reset(options=options)
    assert options == kept
    npt.assert_array_equal(infos["length"], [2, 0, 2])
    npt.assert_array_equal(infos["_length"], mask)
    npt.assert_array_equal(observations[1], before[1])
    npt.assert_array_equal(observations[0], observations[2])


@pytest.mark.parametrize(
    ("mask", "error", "message"),
    [
        ([True, False], TypeError, r"reset_mask must be a NumPy array of bool, got \[True"),
        (np.array([1, 0]), TypeError, r"reset_mask must be a NumPy array of bool"),
        (np.array([True]), ValueError, r"reset_mask must have the shape \(2,\), got \(1,\)"),
        (np.array([False, False]), ValueError, r"reset_mask must be True somewhere"),
    ],
)
def test_bad_reset_masks_are_refused(mask: Any, error: type[Exception], message: str) -> None:
    envs = SnakeVectorEnv(2, autoreset_mode=AutoresetMode.DISABLED)
    envs.reset(seed=0)
    with pytest.raises(error, match=message):
        envs.reset(options={"reset_mask": mask})


def test_a_mask_can_start_lane_after_lane() -> None:
    envs = SnakeVectorEnv(2, autoreset_mode="Disabled")
    envs.reset(seed=[5, 6], options={"reset_mask": np.array([True, False])})
    with pytest.raises(gym.error.ResetNeeded):
        envs.step([0, 0])
    first, _ = envs.reset(seed=[5, 6], options={"reset_mask": np.array([False, True])})
    npt.assert_array_equal(first, SnakeVectorEnv(2).reset(seed=5)[0])


def test_lanes_with_the_same_seed_play_the_same_game() -> None:
    envs = SnakeVectorEnv(600)
    observations, _ = envs.reset(seed=[1, 2, 3] * 200)
    npt.assert_array_equal(observations[:3], observations[-3:])
    assert len({lane.tobytes() for lane in observations}) == 3


def test_lanes_without_a_seed_differ() -> None:
    observations, _ = SnakeVectorEnv(50).reset()
    assert len({lane.tobytes() for lane in observations}) > 1


@pytest.mark.parametrize(
    "seeds",
    [
        (7, 8, 9),
        np.array([7, 8, 9]),
        np.array([7, 8, 9], dtype=object),
        np.int64(7),
        [7, np.uint8(8), 9],
    ],
)
def test_seeds_may_stand_in_a_tuple_or_an_array(seeds: Any) -> None:
    envs, twin = SnakeVectorEnv(3), SnakeVectorEnv(3)
    assert_equal(envs.reset(seed=seeds), twin.reset(seed=[7, 8, 9]))
    assert_equal(envs.reset(), twin.reset())


@pytest.mark.parametrize(
    ("seed", "message"),
    [
        ([1, 2], r"seed must be an int, None or 3 of these, got \[1, 2\]"),
        (np.array(7.5), r"seed must be an integer >= 0, got array\(7.5\); .* list of 3"),
        ({0: 1, 1: 2, 2: 3}, r"seed must be an integer >= 0, got \{0: 1.*; None and a list of 3"),
        ({1, 2, 3}, r"seed must be an integer >= 0, got \{1, 2, 3\}; .* list of 3"),
        ("123", r"seed must be an integer >= 0, got '123'; .* list of 3"),
        (2.5, r"seed must be an integer >= 0, got 2.5; .* list of 3"),
        (True, r"seed must be an integer >= 0, got True"),
        (-1, r"seed must be an integer >= 0, got -1"),
        ([1, -2, 3], r"seed of lane 1 must be an integer >= 0, got -2"),
        ([1, 2.5, 3], r"seed of lane 1 must be an integer >= 0, got 2.5"),
        ([1, 2, True], r"seed of lane 2 must be an integer >= 0, got True"),
        ([[1], None, 2], r"seed of lane 0 must be an integer >= 0, got \[1\]"),
        (np.array([1.5, 2.0, 3.0]), r"seed of lane 0 must be an integer >= 0, got .*1.5"),
        (np.ones(3, dtype=bool), r"seed of lane 0 must be an integer >= 0, got .*True"),
    ],
)
def test_bad_seeds_are_refused_and_change_nothing(seed: Any, message: str) -> None:
    envs, twin = SnakeVectorEnv(3), SnakeVectorEnv(3)
    assert_equal(envs.reset(seed=0), twin.reset(seed=0))
    with pytest.raises(ValueError, match=message):
        envs.reset(seed=seed)
    assert_equal(envs.reset(), twin.reset())


@pytest.mark.parametrize(
    ("actions", "message"),
    [
        ([0, 1], r"actions must be 3 integers, got int64 of shape \(2,\)"),
        ([0.0, 1.0, 2.0], r"actions must be 3 integers, got float64"),
        ([True, False, True], r"actions must be 3 integers, got bool"),
        ([0, 1, 4], r"actions must be from 0 \(up\), .* got 4 in lane 2"),
        ([0, -1, 7], r"got -1 in lane 1"),
        (np.array([0, 1, 2**64 - 1], dtype=np.uint64), r"got 18446744073709551615 in lane 2"),
    ],
)
def test_bad_actions_are_refused_and_change_nothing(actions: Any, message: str) -> None:
    envs, twin = SnakeVectorEnv(3), SnakeVectorEnv(3)
    envs.reset(seed=0)
    twin.reset(seed=0)
    with pytest.raises(ValueError, match=message):
        envs.step(actions)
    assert_equal(envs.step([1, 1, 1]), twin.step([1, 1, 1]))


def test_any_integer_dtype_will_do_and_actions_are_not_written_to() -> None:
    envs = [SnakeVectorEnv(4) for _ in range(4)]
    for env in envs:
        env.reset(seed=0)
    frozen = np.array([0, 1, 2, 1])
    frozen.flags.writeable = False
    forms = (frozen, frozen.astype(np.uint8), frozen.astype(np.int32), tuple(frozen.tolist()))
    results = [env.step(form) for env, form in zip(envs, forms, strict=True)]
    for result in results[1:]:
        assert_equal(result, results[0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_envs": 0}, r"num_envs must be an integer from 1"),
        ({"autoreset_mode": "Never"}, r"autoreset_mode must be one of 'NextStep', 'SameStep', 'D"),
        ({"max_episode_steps": 0}, r"max_episode_steps must be an integer from 1"),
        ({"render_mode": "human"}, r"render_mode must be one of None, 'rgb_array', 'ansi'"),
        ({"n_rows": 2}, r"n_rows must be an integer from 4 to 255"),
        ({"observation": "x"}, r"observation must be one of"),
    ],
)
def test_bad_arguments_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SnakeVectorEnv(**options)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_copies_go_on_bit_for_bit(kind: str, mode: AutoresetMode) -> None:
    envs = SnakeVectorEnv(6, observation=kind, autoreset_mode=mode, **RULES)
    envs.reset(seed=0)
    envs.action_space.seed(0)
    for _ in range(20):
        envs.step(envs.action_space.sample())
    twins = (copy.deepcopy(envs), pickle.loads(pickle.dumps(envs)))  # noqa: S301
    for _ in range(40):
        actions = envs.action_space.sample()
        step = envs.step(actions)
        for twin in twins:
            assert_equal(twin.step(actions), step)
    result = envs.reset()
    for twin in twins:
        assert_equal(twin.reset(), result)


def test_render_gives_a_frame_for_each_lane() -> None:
    for mode, kind in (("rgb_array", np.ndarray), ("ansi", str)):
        envs = SnakeVectorEnv(3, render_mode=mode)
        with pytest.raises(gym.error.ResetNeeded):
            envs.render()
        envs.reset(seed=0)
        frames = envs.render()
        assert frames is not None
        assert [type(frame) for frame in frames] == [kind] * 3
    envs = SnakeVectorEnv(1)
    envs.reset(seed=0)
    assert envs.render() is None


def test_more_boards_than_fit_into_the_memory_are_refused() -> None:
    message = "num_envs must be at most 2,684,354 for boards of 100 cells, got 2,147,483,647: lower"
    with pytest.raises(ValueError, match=message):
        SnakeVectorEnv(2**31 - 1)
