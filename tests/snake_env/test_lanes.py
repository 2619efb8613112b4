"""Lanes handed to compiled code: those that are advanced there equal those that are stepped."""

from typing import Any

import gymnasium as gym
import numpy as np
import numpy.testing as npt
import pytest
from contracts import assert_equal
from gymnasium.vector import AutoresetMode

from snake_env import SnakeVectorEnv
from snake_env.lanes import CompiledLanes

pytestmark = pytest.mark.kernels

N_LANES = 7
RULES: dict[str, Any] = {
    "n_rows": 4,
    "n_cols": 5,
    "hunger_limit": 11,
    "step_reward": -0.013,
    "autoreset_mode": AutoresetMode.DISABLED,
}


def make_twins(**rules: Any) -> tuple[SnakeVectorEnv, SnakeVectorEnv]:
    envs, twin = (SnakeVectorEnv(N_LANES, **{**RULES, **rules}) for _ in range(2))
    assert_equal(envs.reset(seed=5), twin.reset(seed=5))
    return envs, twin


def advance(games: CompiledLanes, lane_ids: np.ndarray, actions: np.ndarray) -> None:
    """Move the lanes named; behind them stand lanes that are not to be moved."""
    others = np.setdiff1d(np.arange(len(actions)), lane_ids)
    games.advance(games.state, np.concatenate([lane_ids, others]), len(lane_ids), actions)


def assert_as_stepped(games: CompiledLanes, step: Any, moved: np.ndarray) -> None:
    observations, rewards, terminations, truncations, infos = step
    npt.assert_array_equal(
        games.observations, observations.reshape(len(observations), -1), strict=True
    )
    npt.assert_array_equal(games.masks, infos["action_mask"], strict=True)
    npt.assert_array_equal(games.rewards[moved], rewards[moved])
    npt.assert_array_equal(games.is_over, terminations | truncations, strict=True)
    assert_equal(games.infos(), infos)


@pytest.mark.parametrize("limit", [None, 9])
@pytest.mark.parametrize("grow", [True, False])
@pytest.mark.parametrize("kind", ["senses", "planes", "grid", "presence"])
def test_lanes_that_are_advanced_equal_lanes_that_are_stepped(
    kind: str, grow: bool, limit: int | None
) -> None:
    envs, twin = make_twins(observation=kind, grow=grow, max_episode_steps=limit)
    choices = np.random.default_rng(1)
    outcomes: set[Any] = set()
    for _ in range(12):  # episodes
        games = envs.compiled_lanes()
        assert not games.is_over.any()
        while not games.is_over.all():
            actions = choices.integers(0, 4, N_LANES)
            running = choices.permutation(np.flatnonzero(~games.is_over))
            advance(games, running, actions)
            step = twin.step(actions)
            assert_as_stepped(games, step, running)
        outcomes |= set(step[4].get("outcome", [None]))
        assert_equal(envs.reset(), twin.reset())
    assert outcomes >= {"wall"}
    if limit:
        assert None in outcomes


def test_a_game_that_is_won_is_over_in_both() -> None:
    cycle = [(0, 0), (0, 1), (0, 2), (0, 3), (1, 3), (1, 2), (1, 1), (2, 1), (2, 2), (2, 3), (3, 3)]
    cycle += [(3, 2), (3, 1), (3, 0), (2, 0), (1, 0)]
    options = {"body": cycle[:15], "food": cycle[15]}
    for kind in ("senses", "planes", "presence"):
        envs, twin = make_twins(n_cols=4, observation=kind, win_reward=2.5)
        assert_equal(envs.reset(options=options), twin.reset(options=options))
        games, actions = envs.compiled_lanes(), np.full(N_LANES, 2)
        advance(games, np.arange(N_LANES), actions)
        assert_as_stepped(games, twin.step(actions), np.arange(N_LANES))
        assert set(games.infos()["outcome"]) == {"win"}
        npt.assert_allclose(games.rewards, 3.5 - 0.013)


def test_steps_go_on_where_compiled_code_left_off() -> None:
    envs, twin = make_twins(observation="senses", n_rows=6, n_cols=6)
    choices = np.random.default_rng(2)
    for _ in range(12):
        games = envs.compiled_lanes()
        for _ in range(2):
            actions = choices.integers(0, 4, N_LANES)
            advance(games, np.flatnonzero(~games.is_over), actions)
            twin.step(actions)
        actions = choices.integers(0, 4, N_LANES)
        assert_equal(envs.step(actions), twin.step(actions))
        over = envs.compiled_lanes().is_over
        if over.any():
            options = {"reset_mask": over}
            assert_equal(envs.reset(options=options), twin.reset(options=options))


def test_lanes_that_are_not_named_stand_still() -> None:
    envs, _ = make_twins(observation="planes")
    games = envs.compiled_lanes()
    before = [games.observations.copy(), games.masks.copy(), games.infos()]
    advance(games, np.array([4, 1]), np.full(N_LANES, 0))
    after = [games.observations, games.masks, games.infos()]
    others = [0, 2, 3, 5, 6]
    for lane in others:
        npt.assert_array_equal(after[0][lane], before[0][lane])
        npt.assert_array_equal(after[1][lane], before[1][lane])
    assert after[2]["hunger"].tolist() == [0, 1, 0, 0, 1, 0, 0]
    assert before[2]["hunger"].tolist() == [0] * N_LANES


def test_lanes_are_handed_out_as_they_are_in_the_middle_of_games() -> None:
    envs, _ = make_twins(observation="senses")
    is_over = np.zeros(N_LANES, np.bool_)
    for action in (0, 0, 3):  # up twice, then left: the wall is three moves away
        step = envs.step(np.where(np.arange(N_LANES) < 4, action, 1 if action else 0))
        is_over = step[2] | step[3]
    games = envs.compiled_lanes()
    npt.assert_array_equal(games.is_over, is_over)
    npt.assert_array_equal(games.masks, step[4]["action_mask"], strict=True)
    npt.assert_array_equal(games.observations, step[0], strict=True)
    assert_equal(games.infos(), step[4])
    assert len({mask.tobytes() for mask in games.masks}) > 1


def test_no_lanes_are_handed_out_before_every_lane_was_reset() -> None:
    envs = SnakeVectorEnv(2, **RULES)
    with pytest.raises(gym.error.ResetNeeded, match=r"call reset\(\) first"):
        envs.compiled_lanes()
    envs.reset(seed=0, options={"reset_mask": np.array([True, False])})
    with pytest.raises(gym.error.ResetNeeded, match=r"call reset\(\) first"):
        envs.compiled_lanes()
    envs.reset(seed=0, options={"reset_mask": np.array([False, True])})
    assert envs.compiled_lanes().masks.shape == (2, 4)


@pytest.mark.parametrize("kind", ["senses", "planes", "grid", "presence"])
def test_games_that_are_copied_go_on_alike(kind: str) -> None:
    envs, twin = make_twins(observation=kind)
    games, others = envs.compiled_lanes(), twin.compiled_lanes()
    choices = np.random.default_rng(3)
    everything = np.arange(N_LANES)
    for _ in range(4):
        actions = choices.integers(4, size=N_LANES)
        going = np.flatnonzero(~games.is_over)
        advance(games, going, actions)
        advance(others, going, actions)
    assert len(np.unique(games.observations, axis=0)) > 3
    sources = np.array([2, 2, 2, 6, 6, 6, 6])
    others.copy(sources, everything)
    for _ in range(12):
        actions = choices.integers(4, size=N_LANES)
        advance(games, np.flatnonzero(~games.is_over), actions)
        advance(others, np.flatnonzero(~others.is_over), actions[sources])
        for name in ("observations", "masks", "rewards", "is_over"):
            mine, theirs = getattr(games, name), getattr(others, name)
            npt.assert_array_equal(mine[sources], theirs, err_msg=name)
        npt.assert_array_equal(games.infos()["score"][sources], others.infos()["score"])
    assert games.is_over[[2, 6]].all()
