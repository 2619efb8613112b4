"""What an encoder of somebody else has by being a BaseEncoder."""

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces
from toy_envs import Unbounded

import spiking_agent
from spiking_agent.codec.codec import make_codec
from spiking_agent.codec.encoders.base import BaseEncoder, Encoder
from spiking_agent.codec.encoders.discrete import DirectEncoder
from spiking_agent.codec.encoders.nested import ConcatenatedEncoder
from spiking_agent.codec.encoders.real_numbers import OnOffEncoder
from spiking_agent.codec.names import input_names


class Plain(BaseEncoder):
    """The least that an encoder can be."""

    kind = "plain"

    def __init__(self, size: int) -> None:
        self.n_inputs = size

    def encode(self, batch: Any, n_ticks: int) -> np.ndarray:
        return (np.asarray(batch) > 0).astype(np.uint8)[:, None]

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "size": self.n_inputs}


class Signs(Plain):
    """Says all that can be said."""

    kind = "signs"

    def __init__(self, size: int) -> None:
        self.n_inputs = 2 * size + 1

    def encode(self, batch: Any, n_ticks: int) -> np.ndarray:
        always = np.ones((len(batch), 1), bool)
        pairs = np.stack([batch > 0, batch < 0], axis=2).reshape(len(batch), -1)
        return np.concatenate([pairs, always], axis=1).astype(np.uint8)[:, None]

    def input_names(self, names: Any = None) -> tuple[str, ...]:
        sides = [f"{k} {side}" for k in range(self.n_inputs // 2) for side in ("up", "down")]
        return (*sides, "bias")

    def opposite_inputs(self) -> tuple[tuple[int, int], ...]:
        return tuple((on, on + 1) for on in range(0, self.n_inputs - 1, 2))

    def constant_inputs(self) -> tuple[int, ...]:
        return (self.n_inputs - 1,)

    def check_fits(self, space: gym.Space[Any]) -> None:
        if space.shape != (self.n_inputs // 2,):
            raise ValueError(f"signs are of {self.n_inputs // 2} numbers, got {space}")


class Halves(BaseEncoder):
    """Made of two others, whose inputs are its own."""

    kind = "halves"

    def __init__(self, *parts: Encoder) -> None:
        self.halves = parts

    @property
    def n_inputs(self) -> int:
        return sum(half.n_inputs for half in self.halves)

    @property
    def parts(self) -> tuple[Encoder, ...]:
        return self.halves

    def encode(self, batch: Any, n_ticks: int) -> np.ndarray:
        return np.concatenate([half.encode(batch, n_ticks) for half in self.halves], axis=2)

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "parts": [half.to_json() for half in self.halves]}


def test_the_least_encoder_has_a_default_for_all_else() -> None:
    encoder = Plain(3)
    assert isinstance(encoder, Encoder)
    assert input_names(encoder) == ("0", "1", "2")
    assert encoder.opposite_inputs() == encoder.constant_inputs() == encoder.parts == ()
    encoder.check_fits(spaces.Text(3))


def test_one_that_is_made_of_others_answers_what_they_answer() -> None:
    encoder = Halves(Plain(2), Signs(1), DirectEncoder(1), OnOffEncoder((-1.0,), (1.0,)))
    names = ("0", "1", "0 up", "0 down", "bias", "0", "0 above 0", "0 below 0", "always")
    assert input_names(encoder) == names
    assert encoder.opposite_inputs() == ((2, 3), (6, 7))
    assert encoder.constant_inputs() == (4, 8)


def test_somebody_elses_part_of_a_dict_is_as_good_as_ours() -> None:
    encoder = ConcatenatedEncoder(("a", "b"), (DirectEncoder(1), Signs(1)))
    assert input_names(encoder) == ("a 0", "b 0 up", "b 0 down", "b bias")
    assert (encoder.opposite_inputs(), encoder.constant_inputs()) == (((1, 2),), (3,))
    fitting = spaces.Dict(a=spaces.MultiBinary(1), b=spaces.Box(-1, 1, (1,)))
    encoder.check_fits(fitting)
    with pytest.raises(ValueError, match="signs are of 1 numbers, got Box"):
        encoder.check_fits(spaces.Dict(a=spaces.MultiBinary(1), b=spaces.Box(-1, 1, (2,))))


def test_one_that_does_not_fit_is_refused_as_one_of_ours_is() -> None:
    with pytest.raises(ValueError, match="signs are of 5 numbers, got Box"):
        make_codec(Unbounded(), np.random.default_rng(0), encoder=Signs(5))


def test_opposites_of_somebody_else_have_opposite_strengths_too() -> None:
    some = {"generations": 2, "population_size": 6, "n_episodes": 1, "n_validation": 2, "seed": 1}
    organism = spiking_agent.evolve(
        "CartPole-v1", encoder=Signs(4), strategy="cma-es", mirrored=True, density=1.0, **some
    )
    connectome = organism.connectome
    strengths = connectome.connectivity[np.ix_(connectome.input_neurons, connectome.output_neurons)]
    assert strengths[:-1].any()
    assert (strengths[0:-1:2] == -strengths[1:-1:2]).all()


def test_a_part_that_nothing_registers_cannot_be_saved() -> None:
    codec = make_codec(Unbounded(), np.random.default_rng(0), encoder=Halves(Plain(2)))
    with pytest.raises(ValueError, match=r"encoder must be one of direct, .*, got 'halves'"):
        codec.to_json()
    space = spaces.Dict(a=spaces.MultiBinary(1))
    encoder = ConcatenatedEncoder(("a",), (Plain(1),))
    encoder.check_fits(space)
    with pytest.raises(ValueError, match=r"encoder must be one of direct, .*, got 'plain'"):
        make_codec(Dicts(space), np.random.default_rng(0), encoder=encoder).to_json()


class Dicts(Unbounded):
    """Another observation space."""

    def __init__(self, space: gym.Space[Any]) -> None:
        super().__init__()
        self.observation_space = space


def test_too_few_names_are_refused() -> None:
    class Silent(Plain):
        def input_names(self, names: Any = None) -> tuple[str, ...]:
            return ("only",)

    with pytest.raises(ValueError, match="names of Silent must be 3, one for each neuron, got 1"):
        input_names(Silent(3))


def test_an_environment_names_the_numbers_that_are_driven() -> None:
    class Named(Unbounded):
        feature_names = ("angle", "speed")

    assert input_names(DirectEncoder(2), Named()) == ("angle", "speed")
    encoder = OnOffEncoder((-1.0, -1.0), (1.0, 1.0))
    assert input_names(encoder, Named())[:3] == ("angle above 0", "angle below 0", "speed above 0")
    assert input_names(DirectEncoder(3), Named()) == ("0", "1", "2")
