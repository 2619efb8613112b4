"""The kinds of decoders, ours and those of installed packages, made from JSON values."""

from collections.abc import Mapping
from typing import Any, Final

from spiking_agent.checks.arguments import choice
from spiking_agent.codec.decoders.base import Decoder
from spiking_agent.codec.decoders.by_space import deciding, decoder_for
from spiking_agent.codec.decoders.most_spikes import WHOLE_DECODERS, MostSpikesDecoder
from spiking_agent.codec.decoders.nested import ComposedDecoder
from spiking_agent.codec.decoders.real_numbers import (
    BOX_DECODERS,
    BalanceDecoder,
    DifferenceDecoder,
)
from spiking_agent.codec.spaces import build, count_numbers
from spiking_agent.plugins import Kinds


def check_decoder_kind(decoder: Decoder) -> None:
    """Refuse a decoder that no file could give back.

    Parameters
    ----------
    decoder : Decoder
        The decoder.

    Raises
    ------
    ValueError
        If its kind is neither built in nor registered.
    """
    DECODERS.check(decoder.kind)


def decoder_from_json(description: Mapping[str, Any]) -> Decoder:
    """Return the decoder that `to_json` wrote.

    Parameters
    ----------
    description : mapping
        What `Decoder.to_json` returned.

    Raises
    ------
    ValueError, KeyError, TypeError
        If no decoder writes such a description.
    """
    kind = DECODERS.kind_of(description)
    decoder: Decoder = (
        DECODERS.own[kind](description)
        if kind in DECODERS.own
        else DECODERS.make(kind, "from_json", description)
    )
    return decoder


def decoder_numbers(description: Mapping[str, Any]) -> int:
    """Return how many numbers an action has, before its space is built.

    Each has an output or two. Another package's kind need not have a space: 0.

    Parameters
    ----------
    description : mapping
        What `Decoder.to_json` returned.
    """
    if DECODERS.kind_of(description) not in DECODERS.own:
        return 0
    return count_numbers(description["space"])


def _from_json(description: Mapping[str, Any]) -> Decoder:
    """Return the decoder of ours that a description is of."""
    kind = description["kind"]
    if kind == ComposedDecoder.kind:  # older files do not say how a Box is read
        named = description.get("box", DifferenceDecoder.kind)
        box = BOX_DECODERS[choice("box", named, BOX_DECODERS)]
    else:
        box = BOX_DECODERS.get(kind, BalanceDecoder)
    space = build(description["space"])
    decoder = decoder_for(space, box, WHOLE_DECODERS.get(kind, MostSpikesDecoder))
    if kind != decoder.kind:
        raise ValueError(f"kind must be {decoder.kind!r}, got {kind!r}")
    return deciding(decoder, space)


DECODERS: Final = Kinds(
    "decoder",
    "spiking_agent.decoders",
    dict.fromkeys((*WHOLE_DECODERS, *BOX_DECODERS, ComposedDecoder.kind), _from_json),
)
