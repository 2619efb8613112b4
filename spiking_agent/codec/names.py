"""What to call the neurons of a brain: inputs after what they stand for, outputs after actions."""

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import gymnasium as gym

from spiking_agent.brain.connectome import Connectome
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
from spiking_agent.codec.encoders.real_numbers import BoxEncoder, OnOffEncoder


def input_names(encoder: Encoder, env: gym.Env[Any, Any] | None = None) -> tuple[str, ...]:
    """Name each input neuron.

    Parameters
    ----------
    encoder : Encoder
        What drives them.
    env : gymnasium.Env, optional
        Its attribute ``feature_names``, if it has one for each neuron, names neurons that are
        driven directly.

    Returns
    -------
    tuple of str, length n_inputs
        The environment's own names, or such as ``"2 above 0.5"``: number 2 of the observation.
    """
    given = None if env is None else getattr(env.unwrapped, "feature_names", None)
    is_named = isinstance(given, Sequence) and len(given) == encoder.n_inputs
    if isinstance(encoder, DirectEncoder) and given is not None and is_named:
        return tuple(map(str, given))
    return _names(encoder)


def _names(encoder: Encoder) -> tuple[str, ...]:
    match encoder:
        case FlattenedEncoder():
            return _names(encoder.part)
        case ConcatenatedEncoder():
            parts = zip(encoder.keys, encoder.parts, strict=True)
            return tuple(f"{key} {name}" for key, part in parts for name in _names(part))
        case OneHotEncoder():
            skipped = int(encoder.silent_lowest)
            numbers = enumerate(zip(encoder.start, encoder.n_values, strict=True))
            return tuple(
                f"{number} is {start + value}"
                for number, (start, n_values) in numbers
                for value in range(skipped, n_values)
            )
        case PictureEncoder() if isinstance(encoder.part, BoxEncoder):
            grid = encoder.grid
            pixels = itertools.product(
                range(grid.n_channels), range(grid.n_rows), range(grid.n_cols)
            )
            return _levels(
                encoder.part, [f"row {row} col {col} of {plane}" for plane, row, col in pixels]
            )
        case BoxEncoder():
            return _levels(encoder, range(len(encoder.low)))
    return tuple(map(str, range(encoder.n_inputs)))


def _levels(encoder: BoxEncoder, numbers: Iterable[int | str]) -> tuple[str, ...]:
    if isinstance(encoder, OnOffEncoder):
        ranges = zip(numbers, encoder.low, encoder.high, strict=True)
        both = [(name, f"{(low + high) / 2:.3g}") for name, low, high in ranges]
        pairs = ((f"{name} above {middle}", f"{name} below {middle}") for name, middle in both)
        return (*itertools.chain.from_iterable(pairs), "always")
    return tuple(
        f"{name} {_level(encoder, number, level)}"
        for number, name in enumerate(numbers)
        for level in range(encoder.n_levels)
    )


def _level(encoder: BoxEncoder, number: int, level: int) -> str:
    low, high = encoder.low[number], encoder.high[number]
    if encoder.kind == "thermometer":
        return f"above {low + (high - low) * (level + 1) / (encoder.n_levels + 1):.3g}"
    if encoder.kind == "latency":
        return f"beyond {low + (high - low) * level / encoder.n_levels:.3g}"
    if encoder.kind == "receptive-field":
        share = level / (encoder.n_levels - 1) if encoder.n_levels > 1 else 0.5
        return f"near {low + (high - low) * share:.3g}"
    return encoder.kind


def output_names(decoder: Decoder, env: gym.Env[Any, Any] | None = None) -> tuple[str, ...]:
    """Name each output neuron.

    Parameters
    ----------
    decoder : Decoder
        What reads them.
    env : gymnasium.Env, optional
        ``action_names`` in its metadata, if there is one for each neuron, names them.

    Returns
    -------
    tuple of str, length n_outputs
        The environment's own names, or such as ``"action 2"``.
    """
    given = None if env is None else env.metadata.get("action_names")
    if isinstance(decoder, MostSpikesDecoder) and decoder.n_choices == 1:
        if isinstance(given, Sequence) and len(given) == decoder.n_outputs:
            return tuple(map(str, given))
        return tuple(f"action {value}" for value in range(decoder.n_outputs))
    if isinstance(decoder, ComposedDecoder):
        parts = zip(decoder.keys, decoder.parts, strict=True)
        return tuple(f"{key} {name}" for key, part in parts for name in output_names(part))
    if isinstance(decoder, DifferenceDecoder):
        size = decoder.n_outputs // 2
        return tuple(f"{way} {k}" for way in ("raise", "lower") for k in range(size))
    return tuple(map(str, range(decoder.n_outputs)))


def neuron_names(
    connectome: Connectome, encoder: Encoder, decoder: Decoder, env: gym.Env[Any, Any] | None = None
) -> tuple[str, ...]:
    """Name every neuron of a brain; hidden ones by their number.

    Returns
    -------
    tuple of str, length n_neurons
        A neuron that is both input and output has both names.
    """
    names = [""] * connectome.n_neurons
    for neuron_id, name in zip(
        connectome.input_neurons.tolist(), input_names(encoder, env), strict=True
    ):
        names[neuron_id] = name
    outputs = zip(connectome.output_neurons.tolist(), output_names(decoder, env), strict=True)
    for neuron_id, name in outputs:
        names[neuron_id] = f"{names[neuron_id]} / {name}" if names[neuron_id] else name
    return tuple(name or f"hidden {neuron_id}" for neuron_id, name in enumerate(names))
