"""How a brain is connected to an environment."""

import json
from dataclasses import replace
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.testing as npt
import pytest
from gymnasium import spaces
from toy_envs import Echo, Unbounded

from spiking_agent.codec.codec import Codec, make_codec
from spiking_agent.codec.encoders.real_numbers import BoxEncoder
from spiking_agent.codec.params import CodecParams
from spiking_agent.errors import UnsupportedSpaceError


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_encoder_and_decoder_fit_the_spaces() -> None:
    codec = make_codec(Echo(), rng(), CodecParams(n_ticks=3, carry_state=True))
    assert (codec.encoder.n_inputs, codec.decoder.n_outputs) == (2, 2)
    assert (codec.n_ticks, codec.carry_state) == (3, True)


def test_without_settings_a_codec_has_those_that_are_the_default_everywhere() -> None:
    codec, params = make_codec(Unbounded(), rng()), CodecParams()
    encoder = codec.encoder
    assert isinstance(encoder, BoxEncoder)
    assert (encoder.kind, encoder.n_levels) == (params.encoder, params.n_levels)
    assert (codec.n_ticks, codec.carry_state) == (params.n_ticks, params.carry_state)


@pytest.mark.parametrize("env", [Echo(), Unbounded()], ids=lambda env: type(env).__name__)
def test_codecs_survive_json(env: gym.Env[Any, Any]) -> None:
    params = CodecParams(encoder="rate", n_levels=3, n_ticks=7, carry_state=True)
    codec = make_codec(env, rng(), params)
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
        CodecParams(n_ticks=n_ticks)
    with pytest.raises(ValueError, match=rf"n_ticks must be .*, got {n_ticks}"):
        replace(make_codec(Echo(), rng()), n_ticks=n_ticks)


def test_damaged_descriptions_are_refused() -> None:
    description = make_codec(Echo(), rng()).to_json()
    for name in description:
        part = {key: value for key, value in description.items() if key != name}
        with pytest.raises(KeyError, match=name):
            Codec.from_json(part)


@pytest.mark.parametrize("value", [False, True, "impulses"])
def test_what_outlives_a_decision_is_written_and_read(value: Any) -> None:
    codec = make_codec(Echo(), rng(), CodecParams(carry_state=value))
    description = json.loads(json.dumps(codec.to_json()))
    assert description["carry_state"] == value
    assert Codec.from_json(description).carry_state == value


@pytest.mark.parametrize("value", ["no", 1, None, []])
def test_what_is_no_way_of_beginning_a_decision_is_not_taken_for_one(value: Any) -> None:
    description = {**make_codec(Echo(), rng()).to_json(), "carry_state": value}
    with pytest.raises(ValueError, match="carry_state must be True, False or 'impulses', got"):
        Codec.from_json(description)


@pytest.mark.parametrize(("name", "value"), [("encoder", Echo()), ("decoder", "most-spikes")])
def test_a_codec_is_made_of_an_encoder_and_a_decoder(name: str, value: Any) -> None:
    codec = make_codec(Echo(), rng())
    with pytest.raises(
        TypeError, match=f"{name} must be .* object with all of spiking_agent.codec"
    ):
        replace(codec, **{name: value})


@pytest.mark.parametrize("name", ["observation_space", "action_space"])
def test_environments_without_a_codec_are_refused(name: str) -> None:
    env = Echo()
    setattr(env, name, spaces.Sequence(spaces.Discrete(2)))
    with pytest.raises(UnsupportedSpaceError, match=f"{name.replace('_', ' ')} must be"):
        make_codec(env, rng())


def test_bounds_whose_difference_is_no_number_are_refused_in_words() -> None:
    env = Unbounded()
    env.observation_space = spaces.Box(-1e308, 1e308, (2,), np.float64)
    with pytest.raises(ValueError, match="observation_space must have bounds with a finite diff"):
        make_codec(env, rng())


@pytest.mark.parametrize(
    ("n_random_moves", "n_begun", "n_moved"),
    [(100_000, 10, 30), (30, 10, 30), (29, 10, 29), (27, 9, 27), (1, 1, 1)],
)
def test_random_episodes_end_when_their_moves_are_used_up(
    n_random_moves, n_begun, n_moved, monkeypatch
) -> None:
    made = []
    for name in ("reset", "step"):
        usual = getattr(Unbounded, name)

        def counted(self, *arguments, name=name, usual=usual, **how):
            made.append(name)
            return usual(self, *arguments, **how)

        monkeypatch.setattr(Unbounded, name, counted)
    make_codec(Unbounded(), rng(), CodecParams(n_random_moves=n_random_moves))
    assert (made.count("reset"), made.count("step")) == (n_begun, n_moved)


def test_there_is_at_least_one_random_move() -> None:
    with pytest.raises(ValueError, match="n_random_moves must be a whole number >= 1, got 0"):
        CodecParams(n_random_moves=0)
