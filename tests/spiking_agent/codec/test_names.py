"""What neurons are called."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces

import spiking_agent
from spiking_agent.codec.decoders.factory import make_decoder
from spiking_agent.codec.encoders.factory import make_encoder
from spiking_agent.codec.names import input_names, neuron_names, output_names


def test_the_champions_neurons_have_the_names_of_snake() -> None:
    organism = spiking_agent.champion("senses")
    with organism.make_env() as env:
        names = neuron_names(
            organism.connectome, organism.codec.encoder, organism.codec.decoder, env
        )
        inputs = organism.connectome.input_neurons
        assert tuple(names[i] for i in inputs) == env.unwrapped.feature_names
    assert [names[i] for i in organism.connectome.output_neurons] == ["up", "right", "down", "left"]


@pytest.mark.parametrize(
    ("space", "how", "expected"),
    [
        (spaces.MultiBinary(2), {}, ["0", "1"]),
        (spaces.Discrete(2, start=5), {}, ["0 is 5", "0 is 6"]),
        (spaces.MultiDiscrete([1, 2]), {}, ["0 is 0", "1 is 0", "1 is 1"]),
        (spaces.Box(0, 3, (1,)), {"n_levels": 2}, ["0 above 1", "0 above 2"]),
        (
            spaces.Box(0, 3, (1,)),
            {"n_levels": 2, "encoder": "receptive-field"},
            ["0 near 0", "0 near 3"],
        ),
        (spaces.Box(0, 3, (1,)), {"n_levels": 2, "encoder": "rate"}, ["0 rate", "0 rate"]),
        (
            spaces.Dict(b=spaces.Discrete(2), a=spaces.MultiBinary(1)),
            {},
            ["b 0 is 0", "b 0 is 1", "a 0"],
        ),
        (
            spaces.Box(0, 3, (1,)),
            {"n_levels": 2, "encoder": "latency"},
            ["0 beyond 0", "0 beyond 1.5"],
        ),
        (
            spaces.Box(0, 3, (2,)),
            {"encoder": "on-off", "samples": [[-1.0, 1.0], [1.0, 5.0]]},
            ["0 above 0", "0 below 0", "1 above 3", "1 below 3", "always"],
        ),
    ],
)
def test_inputs_are_called_after_what_drives_them(space, how, expected) -> None:
    encoder = make_encoder(space, **how)
    names = input_names(encoder)
    assert list(names) == expected
    assert len(names) == encoder.n_inputs


def test_a_board_names_the_cells_that_are_not_empty() -> None:
    encoder = make_encoder(spaces.Box(0, 2, (1, 2), np.uint8))
    assert input_names(encoder) == ("0 is 1", "0 is 2", "1 is 1", "1 is 2")


@pytest.mark.parametrize(
    ("space", "expected"),
    [
        (spaces.Discrete(2), ["action 0", "action 1"]),
        (spaces.MultiBinary(1), ["action 0", "action 1"]),
        (spaces.MultiDiscrete([2, 1]), ["0", "1", "2"]),
        (spaces.Box(-1, 1, (2,)), ["raise 0", "raise 1", "lower 0", "lower 1"]),
        (
            spaces.Dict(b=spaces.Discrete(2), a=spaces.Box(-1, 1, (1,))),
            ["a raise 0", "a lower 0", "b action 0", "b action 1"],
        ),
    ],
)
def test_outputs_are_called_after_what_they_do(space, expected) -> None:
    assert list(output_names(make_decoder(space))) == expected


def test_names_for_another_number_of_neurons_are_not_taken() -> None:
    env = gym.make("Snake-v0", observation="senses")
    encoder, decoder = make_encoder(spaces.MultiBinary(3)), make_decoder(spaces.Discrete(3))
    assert input_names(encoder, env) == ("0", "1", "2")
    assert output_names(decoder, env) == ("action 0", "action 1", "action 2")
    env.close()
