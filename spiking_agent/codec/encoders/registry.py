"""The kinds of encoders, ours and those of installed packages, made from JSON values."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from spiking_agent.checks.arguments import several
from spiking_agent.checks.mappings import mapping
from spiking_agent.checks.words import shown
from spiking_agent.codec.encoders.base import Encoder
from spiking_agent.codec.encoders.discrete import DirectEncoder, OneHotEncoder
from spiking_agent.codec.encoders.grid import GridEncoder
from spiking_agent.codec.encoders.nested import ConcatenatedEncoder, FlattenedEncoder
from spiking_agent.codec.encoders.pictures import Grid, PictureEncoder
from spiking_agent.codec.encoders.real_numbers import BOX_ENCODERS
from spiking_agent.codec.spaces import build, check_size, count_numbers
from spiking_agent.plugins import Kinds


def encoder_from_json(description: Mapping[str, Any]) -> Encoder:
    """Return the encoder that `to_json` wrote.

    Parameters
    ----------
    description : mapping
        What `Encoder.to_json` returned.

    Raises
    ------
    ValueError, KeyError, TypeError
        If no encoder writes such a description, or its spaces together are too large.
    """
    check_size(encoder_numbers(description))
    return _from_json(description)


def encoder_numbers(description: Mapping[str, Any]) -> int:
    """Return the count of numbers in all spaces of a description, before any of them is built.

    What another package's kind holds is not known, and not counted.

    Parameters
    ----------
    description : mapping
        What `Encoder.to_json` returned.
    """
    match ENCODERS.kind_of(description):
        case ConcatenatedEncoder.kind:
            return sum(map(encoder_numbers, several("parts", description["parts"], mapping)))
        case PictureEncoder.kind:
            return encoder_numbers(description["part"])
        case FlattenedEncoder.kind:
            return count_numbers(description["space"]) + encoder_numbers(description["part"])
    return 0


def check_encoder_kind(encoder: Encoder) -> None:
    """Refuse an encoder that no file could give back.

    Parameters
    ----------
    encoder : Encoder
        The encoder.

    Raises
    ------
    ValueError
        If its kind, or that of a part, is neither built in nor registered.
    """
    ENCODERS.check(encoder.kind)
    for part in encoder.parts:
        check_encoder_kind(part)


def _from_json(description: Mapping[str, Any]) -> Encoder:
    kind = ENCODERS.kind_of(description)
    encoder: Encoder = (
        ENCODERS.own[kind](description)
        if kind in ENCODERS.own
        else ENCODERS.make(kind, "from_json", description)
    )
    if encoder.n_inputs < 1:  # its levels could be as many as a forger likes
        raise ValueError(f"{encoder.kind} encoder must have inputs, got {encoder.n_inputs}")
    return encoder


def _concatenated(description: Mapping[str, Any]) -> Encoder:
    parts = tuple(map(_from_json, several("parts", description["parts"], mapping)))
    return ConcatenatedEncoder(several("keys", description["keys"], _key), parts)


def _key(name: str, value: object) -> str | int:
    if not isinstance(value, str | int):
        raise ValueError(f"{name} must be a str or an int, got {shown(value)}")
    return value


def _flattened(description: Mapping[str, Any]) -> Encoder:
    return FlattenedEncoder(build(description["space"]), _from_json(description["part"]))


def _picture(description: Mapping[str, Any]) -> Encoder:
    return PictureEncoder(Grid.from_json(description["grid"]), _from_json(description["part"]))


ENCODERS: Final[Kinds[Callable[[Mapping[str, Any]], Encoder]]] = Kinds(
    "encoder",
    "spiking_agent.encoders",
    {
        DirectEncoder.kind: DirectEncoder.from_json,
        OneHotEncoder.kind: OneHotEncoder.from_json,
        GridEncoder.kind: GridEncoder.from_json,
        **{kind: encoder.from_json for kind, encoder in BOX_ENCODERS.items()},
        ConcatenatedEncoder.kind: _concatenated,
        FlattenedEncoder.kind: _flattened,
        PictureEncoder.kind: _picture,
    },
)
