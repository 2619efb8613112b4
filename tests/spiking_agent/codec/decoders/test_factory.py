"""Which decoder an action space gets, and what holds for all of them."""

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from codecs_of_tests import decode
from gymnasium import spaces

from spiking_agent.codec.decoders.base import NO_CHOICE
from spiking_agent.codec.decoders.factory import make_decoder
from spiking_agent.codec.decoders.most_spikes import MostSpikesDecoder
from spiking_agent.codec.decoders.nested import ComposedDecoder
from spiking_agent.codec.decoders.real_numbers import BalanceDecoder
from spiking_agent.codec.decoders.registry import decoder_from_json
from spiking_agent.errors import UnsupportedSpaceError

DISCRETE = make_decoder(spaces.Discrete(3))


@pytest.mark.parametrize(
    "space",
    [
        spaces.Discrete(3),
        spaces.MultiBinary(2),
        spaces.Box(-1.0, 1.0, (2,)),
        spaces.Tuple([spaces.Discrete(2), spaces.Box(-1.0, 1.0, (1,)), spaces.Dict()]),
    ],
    ids=str,
)
def test_decoding_changes_none_of_its_arguments(space: gym.Space[Any]) -> None:
    decoder = make_decoder(space)
    counts = np.arange(2 * decoder.n_outputs, dtype=np.int32).reshape(2, -1)
    given = counts, np.full((2, decoder.n_choices), NO_CHOICE, np.int32), np.ones_like(counts)
    for array in given:
        array.flags.writeable = False
    _, choices = decoder.decode(given[0], 4, given[1], given[2])
    assert choices.shape == (2, decoder.n_choices)
    assert (choices >= 0).all()


def test_single_actions_are_their_own() -> None:
    for space in (spaces.Box(-1, 1, (2,)), spaces.MultiBinary(1)):
        decoder = make_decoder(space)
        actions = decode(decoder, np.zeros((2, decoder.n_outputs)))
        single = decoder.single(actions, 1)
        single[:] = 1
        assert not actions.any()
    action = DISCRETE.single(decode(DISCRETE, [[0, 0, 1]]), 0)
    assert type(action) is int


@pytest.mark.parametrize(
    ("space", "kind"),
    [
        (spaces.Discrete(2), MostSpikesDecoder),
        (spaces.MultiDiscrete([2]), MostSpikesDecoder),
        (spaces.MultiBinary(2), MostSpikesDecoder),
        (spaces.Box(0, 1, (1,)), BalanceDecoder),
        (spaces.Dict(a=spaces.Box(0, 1, (1,))), ComposedDecoder),
        (spaces.Tuple([spaces.Discrete(2)]), ComposedDecoder),
    ],
)
def test_action_spaces_get_the_decoder_that_fits(space: gym.Space[Any], kind: type) -> None:
    assert type(make_decoder(space)) is kind


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (
            spaces.Box(-np.inf, 1.0, (1,)),
            r"action space must have finite bounds.*Box\(-inf, 1.0.*Tr",
        ),
        (spaces.Box(-np.inf, np.inf, (1,), np.int32), "action space must have finite bounds"),
        (spaces.Box(0, 2**62, (1,), np.int64), "action space must have .* bounds below"),
        (spaces.Text(3), r"action space must be Discrete, .*, got Text.*: wrap"),
        (spaces.Sequence(spaces.Discrete(2)), "action space must be Discrete, .*TransformAction"),
        (spaces.Dict(a=spaces.Text(3)), r"action space must be Discrete, .*, got Text"),
        (spaces.Tuple([]), r"action space must have something to decide, got Tuple\(\)"),
    ],
)
def test_action_spaces_without_a_decoder_are_refused(space: gym.Space[Any], message: str) -> None:
    with pytest.raises(UnsupportedSpaceError, match=message):
        make_decoder(space)


def test_a_description_of_another_decoder_is_refused() -> None:
    description = {**DISCRETE.to_json(), "kind": "difference"}
    with pytest.raises(ValueError, match="kind must be 'most-spikes', got 'difference'"):
        decoder_from_json(description)


@pytest.mark.parametrize("name", ["most-spikes", "balance", "composed"])
def test_a_decoder_named_is_the_one_that_fits_or_refused(name: str) -> None:
    fitting = {
        "most-spikes": spaces.Discrete(2),
        "balance": spaces.Box(0, 1, (1,)),
        "composed": spaces.Tuple([spaces.Discrete(2)]),
    }
    for other, space in fitting.items():
        if other == name:
            assert make_decoder(space, name) == make_decoder(space)
        else:
            message = f"action space must be one for decoder '{name}', got .*: '{other}' fits it"
            with pytest.raises(UnsupportedSpaceError, match=message):
                make_decoder(space, name)
        if other != "most-spikes":
            with pytest.raises(UnsupportedSpaceError, match="decoder 'in-turn', got"):
                make_decoder(space, "in-turn")


def test_an_unknown_decoder_is_refused_with_the_known_ones() -> None:
    message = (
        "decoder must be one of auto, most-spikes, in-turn, balance, difference, composed, "
        "got 'loudest'"
    )
    with pytest.raises(ValueError, match=message):
        make_decoder(spaces.Discrete(2), "loudest")
