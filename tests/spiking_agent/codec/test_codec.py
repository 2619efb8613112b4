"""How a brain is connected to an environment."""

import json
from dataclasses import replace
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
import numpy.testing as npt
import pytest
from gymnasium import spaces
from toy_envs import Echo, Unbounded

from spiking_agent.codec import random_play
from spiking_agent.codec.codec import Codec, make_codec
from spiking_agent.codec.encoders.real_numbers import BoxEncoder
from spiking_agent.codec.random_play import N_EPISODES
from spiking_agent.errors import UnsupportedSpaceError


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def bounds(codec: Codec) -> tuple[np.ndarray, np.ndarray]:
    assert isinstance(codec.encoder, BoxEncoder)
    return np.array(codec.encoder.low), np.array(codec.encoder.high)


def test_encoder_and_decoder_fit_the_spaces() -> None:
    codec = make_codec(Echo(), rng(), n_ticks=3, carry_state=True)
    assert (codec.encoder.n_inputs, codec.decoder.n_outputs) == (2, 2)
    assert (codec.n_ticks, codec.carry_state) == (3, True)


@pytest.mark.parametrize("env", [Echo(), Unbounded()], ids=lambda env: type(env).__name__)
def test_codecs_survive_json(env: gym.Env[Any, Any]) -> None:
    codec = make_codec(env, rng(), encoder="rate", n_levels=3, n_ticks=7, carry_state=True)
    text = json.dumps(codec.to_json(), sort_keys=True)
    copy = Codec.from_json(json.loads(text))
    assert json.dumps(copy.to_json(), sort_keys=True) == text
    batch = np.array([[0.0, 1.0], [1.0, 1.0]])
    npt.assert_array_equal(copy.encoder.encode(batch, 7), codec.encoder.encode(batch, 7))
    counts = np.arange(2 * codec.decoder.n_outputs, dtype=np.int32).reshape(2, -1)
    choices = np.full((2, codec.decoder.n_choices), -1, np.int32)
    for again, once in zip(
        copy.decoder.decode(counts, 7, choices),
        codec.decoder.decode(counts, 7, choices),
        strict=True,
    ):
        npt.assert_array_equal(again, once)


@pytest.mark.parametrize("n_ticks", [0, -1, 10_001])
def test_decisions_have_some_ticks_but_not_too_many(n_ticks: int) -> None:
    with pytest.raises(
        ValueError, match=rf"n_ticks must be a whole number in 1\.\.10000, got {n_ticks}"
    ):
        make_codec(Echo(), rng(), n_ticks=n_ticks)


def test_damaged_descriptions_are_refused() -> None:
    description = make_codec(Echo(), rng()).to_json()
    for name in description:
        part = {key: value for key, value in description.items() if key != name}
        with pytest.raises(KeyError, match=name):
            Codec.from_json(part)


@pytest.mark.parametrize("value", ["no", 1, None, []])
def test_what_is_no_flag_is_not_taken_for_one(value: Any) -> None:
    description = {**make_codec(Echo(), rng()).to_json(), "carry_state": value}
    with pytest.raises(ValueError, match="carry_state must be True or False, got"):
        Codec.from_json(description)


@pytest.mark.parametrize(("name", "value"), [("encoder", Echo()), ("decoder", "most-spikes")])
def test_a_codec_is_made_of_an_encoder_and_a_decoder(name: str, value: Any) -> None:
    codec = make_codec(Echo(), rng())
    with pytest.raises(
        TypeError, match=f"{name} must be .* object with all of spiking_agent.codec"
    ):
        replace(codec, **{name: value})


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


@pytest.mark.parametrize("name", ["observation_space", "action_space"])
def test_environments_without_a_codec_are_refused(name: str) -> None:
    env = Echo()
    setattr(env, name, spaces.Sequence(spaces.Discrete(2)))
    with pytest.raises(UnsupportedSpaceError, match=f"{name.replace('_', ' ')} must be"):
        make_codec(env, rng())


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


def test_bounds_whose_difference_is_no_number_are_refused_in_words() -> None:
    env = Unbounded()
    env.observation_space = spaces.Box(-1e308, 1e308, (2,), np.float64)
    with pytest.raises(ValueError, match="observation_space must have bounds with a finite diff"):
        make_codec(env, np.random.default_rng(0), n_ticks=4, n_levels=2, carry_state=False)
