"""Which decoder fits an action space, by the type of the space."""

from functools import singledispatch
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from spiking_agent.codec.decoders.base import Decoder
from spiking_agent.codec.decoders.most_spikes import MostSpikesDecoder
from spiking_agent.codec.decoders.nested import ComposedDecoder
from spiking_agent.codec.decoders.real_numbers import DifferenceDecoder
from spiking_agent.codec.whole_numbers import check_whole
from spiking_agent.errors import UnsupportedSpaceError


@singledispatch
def decoder_for(
    space: gym.Space[Any],
    box: type[DifferenceDecoder],
    whole: type[MostSpikesDecoder] = MostSpikesDecoder,
) -> Decoder:
    """Return the decoder that fits the type of a space.

    Parameters
    ----------
    space : gymnasium.Space
        Space of one action, or of a part of it.
    box : type of DifferenceDecoder
        How real numbers are read.
    whole : type of MostSpikesDecoder
        How whole numbers are read, unless they are parts of a Dict or a Tuple.

    Raises
    ------
    UnsupportedSpaceError
        If there is none.
    """
    raise UnsupportedSpaceError(
        "action space must be Discrete, MultiDiscrete, MultiBinary, a Box with finite bounds, or "
        f"a Dict or Tuple of those, got {space}: wrap the environment in "
        "gymnasium.wrappers.TransformAction, or another action wrapper, that has such a space"
    )


@decoder_for.register(spaces.Discrete)
@decoder_for.register(spaces.MultiDiscrete)
@decoder_for.register(spaces.MultiBinary)
def _(
    space: spaces.Discrete | spaces.MultiDiscrete | spaces.MultiBinary,
    box: type[DifferenceDecoder],
    whole: type[MostSpikesDecoder] = MostSpikesDecoder,
) -> Decoder:
    check_whole(space)
    return whole(space)


@decoder_for.register(spaces.Box)
def _(
    space: spaces.Box,
    box: type[DifferenceDecoder],
    whole: type[MostSpikesDecoder] = MostSpikesDecoder,
) -> Decoder:
    if not (space.is_bounded("both") and _is_exact(space)):
        raise UnsupportedSpaceError(
            "action space must have finite bounds, and whole numbers in it bounds below "
            f"2**53, got {space}: give bounds by gymnasium.wrappers.TransformAction (its third "
            "argument is the new space), and RescaleAction for others than those; an outer "
            "ClipAction, which takes bounds away, has to go"
        )
    return box(space)


@decoder_for.register(spaces.Dict)
@decoder_for.register(spaces.Tuple)
def _(
    space: "spaces.Dict | spaces.Tuple[Any]",  # quoted: no generic class before Gymnasium 1.4
    box: type[DifferenceDecoder],
    whole: type[MostSpikesDecoder] = MostSpikesDecoder,
) -> Decoder:
    if isinstance(space, spaces.Dict):
        parts: dict[Any, gym.Space[Any]] = dict(sorted(space.spaces.items()))
    else:
        parts = dict(enumerate(space.spaces))
    decoders = tuple(decoder_for(part, box) for part in parts.values())
    return ComposedDecoder(space, tuple(parts), decoders, box.kind)


def deciding(decoder: Decoder, space: gym.Space[Any]) -> Decoder:
    """Return a decoder, refusing one of a space with nothing to decide.

    Parameters
    ----------
    decoder : Decoder
        The decoder.
    space : gymnasium.Space
        The space that it is for.

    Raises
    ------
    UnsupportedSpaceError
        If the decoder has no outputs.
    """
    if decoder.n_outputs == 0:
        raise UnsupportedSpaceError(f"action space must have something to decide, got {space}")
    return decoder


def _is_exact(space: spaces.Box) -> bool:
    """Return whether float64 holds the bounds: 64-bit integers can be too large for it."""
    return space.dtype.kind == "f" or bool(
        (np.abs(np.array([space.low, space.high], np.float64)) <= 2**53).all()
    )
