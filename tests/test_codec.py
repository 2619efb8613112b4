"""How a brain is connected to an environment."""

import json
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.testing as npt
import pytest
from gymnasium import spaces
from toy_envs import Echo, Unbounded

from spiking_agent import codec as module
from spiking_agent.box_encoders import BoxEncoder
from spiking_agent.codec import N_BOUND_EPISODES, Codec, make_codec
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
    npt.assert_array_equal(
        copy.decoder.decode(counts, 7, choices.copy()), codec.decoder.decode(counts, 7, choices)
    )


@pytest.mark.parametrize("n_ticks", [0, -1, 10_001])
def test_decisions_have_some_ticks_but_not_too_many(n_ticks: int) -> None:
    with pytest.raises(ValueError, match=rf"n_ticks must be in 1\.\.10000, got {n_ticks}"):
        make_codec(Echo(), rng(), n_ticks=n_ticks)


def test_damaged_descriptions_are_refused() -> None:
    description = make_codec(Echo(), rng()).to_json()
    for name in description:
        part = {key: value for key, value in description.items() if key != name}
        with pytest.raises(KeyError, match=name):
            Codec.from_json(part)


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
    assert env.n_episodes == N_BOUND_EPISODES
    assert env.n_moves == 3 * N_BOUND_EPISODES
    assert low[0] < 1
    assert high[0] > 29


def test_random_episodes_without_an_end_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BOUND_MOVES", 20)
    env = Counting(ends=False)
    make_codec(env, rng())
    assert env.n_moves == 20 * N_BOUND_EPISODES


@pytest.mark.parametrize("name", ["observation_space", "action_space"])
def test_environments_without_a_codec_are_refused(name: str) -> None:
    env = Echo()
    setattr(env, name, spaces.Sequence(spaces.Discrete(2)))
    with pytest.raises(UnsupportedSpaceError, match=f"{name.replace('_', ' ')} must be"):
        make_codec(env, rng())
