"""Which decoder an action space gets, and decoders as JSON values."""

from collections.abc import Mapping
from functools import singledispatch
from typing import Any, Final

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from spiking_agent.checks.costs import MAX_OUTPUTS
from spiking_agent.codec.decoders.base import Decoder
from spiking_agent.codec.decoders.most_spikes import MostSpikesDecoder
from spiking_agent.codec.decoders.nested import ComposedDecoder
from spiking_agent.codec.decoders.real_numbers import (
    BOX_DECODERS,
    BalanceDecoder,
    DifferenceDecoder,
)
from spiking_agent.codec.spaces import build, count_numbers
from spiking_agent.codec.whole_numbers import check_whole
from spiking_agent.errors import UnsupportedSpaceError
from spiking_agent.plugins import Kinds

AUTO: Final = "auto"  # whatever fits the space


def make_decoder(space: gym.Space[Any], decoder: str = AUTO) -> Decoder:
    """Return a decoder for an action space.

    Parameters
    ----------
    space : gymnasium.Space
        Space of one action.
    decoder : str
        "auto" takes the one that fits, for a Box "balance". "most-spikes", "balance",
        "difference" or "composed" is the same, and refused if another one fits. Or a kind that an
        installed package registers.

    Raises
    ------
    UnsupportedSpaceError
        If there is none, the one named is for other spaces, a Box has no finite bounds, or it
        would need more than `MAX_OUTPUTS` neurons.
    ValueError
        If there is no decoder of that name, or the space has values that its dtype cannot hold.
    """
    check_decoder(decoder)
    made: Decoder
    if decoder == AUTO or decoder in DECODERS.own:
        made = decoder_for(space, BOX_DECODERS.get(decoder, BalanceDecoder))
        if decoder not in (AUTO, made.kind):
            raise UnsupportedSpaceError(
                f"action space must be one for decoder {decoder!r}, got {space}: "
                f"{made.kind!r} fits it, and so does {AUTO!r}"
            )
    else:
        made = DECODERS.make(decoder, "from_space", space)
    if made.n_outputs > MAX_OUTPUTS:
        raise UnsupportedSpaceError(
            f"action space must need at most {MAX_OUTPUTS:,} output neurons, got {space}, which "
            f"needs {made.n_outputs:,}: wrap the environment in an action wrapper with fewer "
            "actions, or with several small numbers for a large one, as MultiDiscrete([130, 131]) "
            "for Discrete(17030): a number needs an output for each of its values"
        )
    return _deciding(made, space)


def check_decoder(name: str) -> None:
    """Refuse a name that `make_decoder` does not take; nothing is imported.

    Raises
    ------
    ValueError
        If there is no such decoder, or more than one package registers it.
    """
    DECODERS.check(name, among=(AUTO, *DECODERS.own))


def check_decoder_kind(decoder: Decoder) -> None:
    """Refuse a decoder that no file could give back.

    Raises
    ------
    ValueError
        If its kind is neither built in nor registered.
    """
    DECODERS.check(decoder.kind)


def decoder_from_json(description: Mapping[str, Any]) -> Decoder:
    """Return the decoder that `to_json` wrote.

    Raises
    ------
    ValueError, KeyError, TypeError
        If no decoder writes such a description.
    """
    kind = description["kind"]
    decoder: Decoder = (
        DECODERS.own[kind](description)
        if kind in DECODERS.own
        else DECODERS.make(kind, "from_json", description)
    )
    return decoder


def decoder_numbers(description: Mapping[str, Any]) -> int:
    """Return how many numbers an action has, before its space is built.

    Each has an output or two. Another package's kind need not have a space: 0.
    """
    if description["kind"] not in DECODERS.own:
        return 0
    return count_numbers(description["space"])


@singledispatch
def decoder_for(space: gym.Space[Any], box: type[DifferenceDecoder]) -> Decoder:
    """Return the decoder that fits the type of a space.

    Parameters
    ----------
    space : gymnasium.Space
        Space of one action, or of a part of it.
    box : type of DifferenceDecoder
        How real numbers are read.

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
) -> Decoder:
    check_whole(space)
    return MostSpikesDecoder(space)


@decoder_for.register(spaces.Box)
def _(space: spaces.Box, box: type[DifferenceDecoder]) -> Decoder:
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
) -> Decoder:
    if isinstance(space, spaces.Dict):
        parts: dict[Any, gym.Space[Any]] = dict(sorted(space.spaces.items()))
    else:
        parts = dict(enumerate(space.spaces))
    decoders = tuple(decoder_for(part, box) for part in parts.values())
    return ComposedDecoder(space, tuple(parts), decoders, box.kind)


def _is_exact(space: spaces.Box) -> bool:
    """Return whether float64 holds the bounds: 64-bit integers can be too large for it."""
    return space.dtype.kind == "f" or bool(
        (np.abs(np.array([space.low, space.high], np.float64)) <= 2**53).all()
    )


def _deciding(decoder: Decoder, space: gym.Space[Any]) -> Decoder:
    """Return a decoder, refusing one of a space with nothing to decide."""
    if decoder.n_outputs == 0:
        raise UnsupportedSpaceError(f"action space must have something to decide, got {space}")
    return decoder


def _from_json(description: Mapping[str, Any]) -> Decoder:
    """Return the decoder of ours that a description is of."""
    kind = description["kind"]
    if kind == ComposedDecoder.kind:  # older files do not say how a Box is read
        box = BOX_DECODERS[description.get("box", DifferenceDecoder.kind)]
    else:
        box = BOX_DECODERS.get(kind, BalanceDecoder)
    space = build(description["space"])
    decoder = decoder_for(space, box)
    if kind != decoder.kind:
        raise ValueError(f"kind must be {decoder.kind!r}, got {kind!r}")
    return _deciding(decoder, space)


DECODERS: Final = Kinds(
    "decoder",
    "spiking_agent.decoders",
    dict.fromkeys((MostSpikesDecoder.kind, *BOX_DECODERS, ComposedDecoder.kind), _from_json),
)
