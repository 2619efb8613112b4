"""Which decoder an action space gets, and decoders as JSON."""

from collections.abc import Mapping
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from spiking_agent.checks.costs import MAX_OUTPUTS
from spiking_agent.codec.decoders.base import (
    BalanceDecoder,
    ComposedDecoder,
    Decoder,
    DifferenceDecoder,
    MostSpikesDecoder,
)
from spiking_agent.codec.spaces import build, check_whole
from spiking_agent.errors import UnsupportedSpaceError
from spiking_agent.plugins import DECODERS, make_registered, registered

AUTO = "auto"  # whatever fits the space
BOX_DECODERS = {decoder.kind: decoder for decoder in (BalanceDecoder, DifferenceDecoder)}
BUILT_IN = (MostSpikesDecoder.kind, *BOX_DECODERS, ComposedDecoder.kind)


def make_decoder(space: gym.Space[Any], decoder: str = AUTO) -> Decoder:
    """Choose a decoder for an action space.

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
    if decoder == AUTO or decoder in BUILT_IN:
        made = _decoder(space, BOX_DECODERS.get(decoder, BalanceDecoder))
        if decoder not in (AUTO, made.kind):
            raise UnsupportedSpaceError(
                f"action space must be one for decoder {decoder!r}, got {space}: "
                f"{made.kind!r} fits it, and so does {AUTO!r}"
            )
    else:
        made = make_registered(DECODERS, decoder, "from_space", space)
    if made.n_outputs > MAX_OUTPUTS:
        raise UnsupportedSpaceError(
            f"action space must need at most {MAX_OUTPUTS:,} output neurons, got {space}, which "
            f"needs {made.n_outputs:,}: wrap the environment in an action wrapper with fewer "
            "actions, or with several small numbers for a large one, as MultiDiscrete([130, 131]) "
            "for Discrete(17030): a number needs an output for each of its values"
        )
    return _deciding(made, space)


def check_decoder(name: str) -> None:
    """Refuse the name of a decoder that is neither built in nor registered.

    Raises
    ------
    ValueError
        If there is no such decoder; nothing is imported to tell.
    """
    if name not in (AUTO, *BUILT_IN) and name not in (others := registered(DECODERS)):
        names = ", ".join([AUTO, *BUILT_IN, *others])
        raise ValueError(f"decoder must be one of {names}, got {name!r}")


def check_decoder_kind(description: Mapping[str, Any]) -> None:
    """Refuse the description of a decoder that no file could give back.

    Raises
    ------
    ValueError
        If its kind is neither built in nor registered.
    """
    kind = description["kind"]
    if kind not in BUILT_IN and kind not in registered(DECODERS):
        raise ValueError(
            f"decoder must be of a kind that is built in or registered, got {kind!r}: to save "
            f"what plays with it, register it in the entry-point group {DECODERS!r} of a package"
        )


def decoder_from_json(description: Mapping[str, Any]) -> Decoder:
    """Make the decoder that `to_json` wrote.

    Raises
    ------
    ValueError, KeyError, TypeError
        If the description is none that a decoder writes.
    """
    kind = description["kind"]
    if kind not in BUILT_IN:
        made: Decoder = make_registered(DECODERS, kind, "from_json", description)
        return made
    if kind == ComposedDecoder.kind:
        box = BOX_DECODERS[description.get("box", DifferenceDecoder.kind)]
    else:
        box = BOX_DECODERS.get(kind, BalanceDecoder)
    space = build(description["space"])
    decoder = _decoder(space, box)
    if kind != decoder.kind:
        raise ValueError(f"kind must be {decoder.kind!r}, got {kind!r}")
    return _deciding(decoder, space)


def _deciding(decoder: Decoder, space: gym.Space[Any]) -> Decoder:
    """Refuse a decoder of a space with nothing to decide."""
    if decoder.n_outputs == 0:
        raise UnsupportedSpaceError(f"action space must have something to decide, got {space}")
    return decoder


def _decoder(space: gym.Space[Any], box: type[DifferenceDecoder]) -> Decoder:
    match space:
        case spaces.Discrete() | spaces.MultiDiscrete() | spaces.MultiBinary():
            check_whole(space)
            return MostSpikesDecoder(space)
        case spaces.Box() if space.is_bounded("both") and _is_exact(space):
            return box(space)
        case spaces.Box():
            raise UnsupportedSpaceError(
                "action space must have finite bounds, and whole numbers in it bounds below "
                f"2**53, got {space}: give bounds by gymnasium.wrappers.TransformAction (its third "
                "argument is the new space), and RescaleAction for others than those; an outer "
                "ClipAction, which takes bounds away, has to go"
            )
        case spaces.Dict():
            items = sorted(space.spaces.items())
            parts = tuple(_decoder(part, box) for _, part in items)
            return ComposedDecoder(space, tuple(key for key, _ in items), parts, box.kind)
        case spaces.Tuple():
            parts = tuple(_decoder(part, box) for part in space.spaces)
            return ComposedDecoder(space, tuple(range(len(parts))), parts, box.kind)
    raise UnsupportedSpaceError(
        "action space must be Discrete, MultiDiscrete, MultiBinary, a Box with finite bounds, or "
        f"a Dict or Tuple of those, got {space}: wrap the environment in "
        "gymnasium.wrappers.TransformAction, or another action wrapper, that has such a space"
    )


def _is_exact(space: spaces.Box) -> bool:
    """Whether float64 holds the bounds: 64-bit integers can be too large for it."""
    return space.dtype.kind == "f" or bool(
        (np.abs(np.array([space.low, space.high], np.float64)) <= 2**53).all()
    )
