"""Random episodes, from which bounds are learned."""

from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces
from toy_envs import Unbounded

from spiking_agent.codec import random_play
from spiking_agent.codec.codec import Codec, make_codec
from spiking_agent.codec.encoders.real_numbers import BoxEncoder
from spiking_agent.codec.random_play import N_EPISODES


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def bounds(codec: Codec) -> tuple[np.ndarray, np.ndarray]:
    assert isinstance(codec.encoder, BoxEncoder)
    return np.array(codec.encoder.low), np.array(codec.encoder.high)


def test_open_bounds_are_learned_from_random_episodes() -> None:
    low, high = bounds(make_codec(Unbounded(scale=3.0), rng()))
    assert ((low > -10) & (low < -3)).all()
    assert ((high < 10) & (high > 3)).all()


def test_learned_bounds_depend_on_the_generator_alone() -> None:
    env = Unbounded()
    first = make_codec(env, rng(4)).to_json()
    assert make_codec(env, rng(4)).to_json() == first
    assert make_codec(env, rng(5)).to_json() != first


class Counting(Unbounded):
    """Counts its episodes, and shows the number of the move in one array that it uses again."""

    def __init__(self, ends: bool = True) -> None:
        super().__init__()
        self.n_episodes, self.n_moves, self.ends = 0, 0, ends
        self.seen = np.zeros(2)

    def reset(self, **arguments: Any) -> Any:
        self.n_episodes += 1
        return super().reset(**arguments)

    def step(self, action: Any) -> Any:
        self.n_moves += 1
        observation, reward, terminated, truncated, info = super().step(action)
        return observation, reward, terminated, truncated and self.ends, info

    def _observe(self) -> np.ndarray:
        self.seen[:] = self.n_moves
        return self.seen


def test_closed_bounds_need_no_episodes() -> None:
    env = Counting()
    env.observation_space = spaces.Box(0.0, 1.0, (2,), np.float64)
    make_codec(env, rng())
    assert env.n_episodes == 0


def test_an_array_that_an_environment_uses_again_is_copied() -> None:
    env = Counting()
    low, high = bounds(make_codec(env, rng()))
    assert env.n_episodes == N_EPISODES
    assert env.n_moves == 3 * N_EPISODES
    assert low[0] < 1
    assert high[0] > 29


def test_random_episodes_without_an_end_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random_play, "MAX_MOVES", 20)
    env = Counting(ends=False)
    make_codec(env, rng())
    assert env.n_moves == 20 * N_EPISODES


class Obeyed(gym.Env):
    """Refuses actions that its mask forbids; what is seen has open bounds."""

    def __init__(self, action_space: gym.Space, masks: list, n_moves: int = 4):
        self.observation_space = gym.spaces.Box(-np.inf, np.inf, (2,), np.float64)
        self.action_space = action_space
        self._masks, self._n_moves, self.n_moves = masks, n_moves, []

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.n_moves.append(0)
        return self._observation(), self._info()

    def step(self, action):
        assert self.action_space.contains(action)
        assert self._allows(action), (action, self._mask)
        self.n_moves[-1] += 1
        return self._observation(), 0.0, False, self.n_moves[-1] == self._n_moves, self._info()

    def _observation(self):
        return self.np_random.normal(size=2)

    def _info(self):
        self._mask = self._masks[self.n_moves[-1] % len(self._masks)]
        return {} if self._mask is None else {"action_mask": self._mask}

    def _allows(self, action):
        match self.action_space:
            case gym.spaces.Discrete(start=start):
                return self._mask is None or self._mask[action - start]
            case gym.spaces.MultiDiscrete():
                return all(part[number] for part, number in zip(self._mask, action, strict=True))
            case gym.spaces.MultiBinary():
                return all(part in (2, bit) for part, bit in zip(self._mask, action, strict=True))
        return bool(self._mask[0][action[0]]) and self.action_space[1].contains(action[1])


@pytest.mark.parametrize(
    ("space", "masks"),
    [
        (gym.spaces.Discrete(5, start=3), [np.array([0, 1, 0, 1, 0], np.int8)]),
        (gym.spaces.Discrete(5), [None, np.array([0, 0, 0, 0, 1], np.bool_), [1, 0, 0, 0, 0]]),
        (
            gym.spaces.MultiDiscrete([2, 3]),
            [(np.array([0, 1], np.int8), np.array([1, 0, 1], np.int8))],
        ),
        (gym.spaces.MultiBinary(3), [np.array([2, 0, 1], np.int8)]),
        (
            gym.spaces.Tuple((gym.spaces.Discrete(3), gym.spaces.Box(-1, 1, (2,)))),
            [(np.array([0, 1, 0], np.int8), None)],
        ),
    ],
)
def test_bounds_are_learned_by_actions_that_the_mask_allows(space, masks):
    codec = make_codec(Obeyed(space, masks), np.random.default_rng(0))
    assert codec.encoder.n_inputs == 16


def test_a_flat_mask_is_obeyed_where_bounds_are_learned():
    class Flat(Obeyed):
        def _allows(self, action):
            return self._mask[action[0]] and self._mask[2 + action[1]]

    env = Flat(gym.spaces.MultiDiscrete([2, 3]), [np.array([0, 1, 1, 0, 0])])
    make_codec(env, np.random.default_rng(0))


def test_random_actions_reach_every_action_that_is_legal():
    class Counting(Obeyed):
        seen: ClassVar[set[int]] = set()

        def _allows(self, action):
            self.seen.add(int(action))
            return True

    env = Counting(gym.spaces.Discrete(6), [np.array([1, 0, 1, 0, 0, 1])], n_moves=50)
    make_codec(env, np.random.default_rng(0))
    assert env.seen == {0, 2, 5}


def test_episodes_that_learn_bounds_are_given_up_as_others_are():
    env = Obeyed(gym.spaces.Discrete(2), [None], n_moves=10**9)
    make_codec(env, np.random.default_rng(0), max_moves=7)
    assert env.n_moves == [7] * 10
