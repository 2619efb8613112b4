"""Whether encoders and decoders fit the spaces that they are used with, known without playing."""

import math
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from spiking_agent.codec.decoders.base import (
    ComposedDecoder,
    Decoder,
    DifferenceDecoder,
    MostSpikesDecoder,
)
from spiking_agent.codec.encoders.base import (
    ConcatenatedEncoder,
    DirectEncoder,
    Encoder,
    FlattenedEncoder,
    OneHotEncoder,
)
from spiking_agent.codec.encoders.pictures import PictureEncoder
from spiking_agent.codec.encoders.real_numbers import BoxEncoder
from spiking_agent.codec.spaces import describe, whole_range

OF_NUMBERS = (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)


def check_encoder_fits(encoder: Encoder, space: gym.Space[Any]) -> None:
    """Refuse an encoder that cannot take every observation of a space.

    Parameters
    ----------
    encoder : Encoder
        Of one that another package makes, nothing is known.
    space : gymnasium.Space
        Space of one observation.

    Raises
    ------
    ValueError
        If the space lacks a part, or has other numbers than the encoder is for.
    """
    match encoder:
        case ConcatenatedEncoder():
            for key, part in zip(encoder.keys, encoder.parts, strict=True):
                check_encoder_fits(part, _part(space, key))
        case FlattenedEncoder():
            if describe(encoder.space) != describe(space):
                raise _misfit(encoder, f"must be of {encoder.space}", space)
            check_encoder_fits(encoder.part, spaces.flatten_space(space))
        case PictureEncoder():
            grid = encoder.grid
            _check_size(encoder, grid.height * grid.width * grid.n_channels, space)
            check_encoder_fits(encoder.part, spaces.Box(0.0, 255.0, (grid.size,), np.float64))
        case OneHotEncoder():
            _check_size(encoder, len(encoder.n_values), space)
            _check_values(encoder, space)
        case DirectEncoder():
            _check_size(encoder, encoder.size, space)
        case BoxEncoder():
            _check_size(encoder, len(encoder.low), space)


def check_decoder_fits(decoder: Decoder, space: gym.Space[Any]) -> None:
    """Refuse a decoder that is for another space, and so would act outside of this one.

    Parameters
    ----------
    decoder : Decoder
        Of one that another package makes, nothing is known.
    space : gymnasium.Space
        Space of one action.

    Raises
    ------
    ValueError
        If the spaces differ.
    """
    if not isinstance(decoder, MostSpikesDecoder | DifferenceDecoder | ComposedDecoder):
        return
    own: gym.Space[Any] = decoder.space
    if own is not space and describe(own) != describe(space):
        raise ValueError(f"decoder must be for the action space, {space}, got one for {own}")


def _part(space: gym.Space[Any], key: str | int) -> gym.Space[Any]:
    parts: dict[Any, gym.Space[Any]] = {}
    if isinstance(space, spaces.Dict):
        parts = space.spaces
    elif isinstance(space, spaces.Tuple):
        parts = dict(enumerate(space.spaces))
    if isinstance(key, bool) or key not in parts:
        raise ValueError(f"encoder must read parts of the observation space, {space}, got {key!r}")
    return parts[key]


def _check_size(encoder: Encoder, size: int, space: gym.Space[Any]) -> None:
    if not isinstance(space, OF_NUMBERS) or math.prod(space.shape or ()) != size:
        raise _misfit(encoder, f"must have {size} numbers", space)


def _check_values(encoder: OneHotEncoder, space: gym.Space[Any]) -> None:
    bounds = whole_range(space)
    if bounds is None:
        raise _misfit(encoder, "must be of whole numbers", space)
    numbers = zip(encoder.start, encoder.n_values, *bounds, strict=True)
    for number, (start, n_values, low, high) in enumerate(numbers):
        if low < start or high >= start + n_values:
            values = f"{start}..{start + n_values - 1}"
            raise _misfit(encoder, f"must have number {number} in {values}", space)


def _misfit(encoder: Encoder, rule: str, space: gym.Space[Any]) -> ValueError:
    return ValueError(f"observation space of a {encoder.kind} encoder {rule}, got {space}")
