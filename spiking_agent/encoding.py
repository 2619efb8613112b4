"""Which encoder an observation space gets, and encoders as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from spiking_agent.encoders import (
    BoxEncoder,
    ConcatenatedEncoder,
    DirectEncoder,
    Encoder,
    FlattenedEncoder,
    OneHotEncoder,
    RateEncoder,
    ReceptiveFieldEncoder,
    ThermometerEncoder,
)
from spiking_agent.errors import InvalidObservationError, UnsupportedSpaceError
from spiking_agent.spaces import build, check_size, count_numbers, describe

MAX_ONE_HOT_LEVELS = 8  # integer Boxes with at most so many values get one neuron a value
MAX_BOUND = 1e18  # bounds beyond it stand for none
PERCENTILES = (1.0, 99.0)  # of the observations seen, where a Box has no bounds of its own
BOX_ENCODERS: dict[str, type[BoxEncoder]] = {
    encoder.kind: encoder for encoder in (ThermometerEncoder, RateEncoder, ReceptiveFieldEncoder)
}


def make_encoder(
    space: gym.Space[Any],
    *,
    samples: Sequence[Any] = (),
    box: str = "thermometer",
    n_levels: int = 8,
) -> Encoder:
    """Choose an encoder for a space.

    Parameters
    ----------
    space : gymnasium.Space
        Space of one observation.
    samples : sequence of observations
        Needed where `has_open_bounds(space)`: the bounds become the 1st and 99th percentile.
    box : str
        "thermometer", "rate" or "receptive-field": how real numbers are driven.
    n_levels : int
        Neurons for each real number.

    Raises
    ------
    UnsupportedSpaceError
        If there is no encoder for the space.
    ValueError
        If an argument is out of range, or samples are needed and there are none.
    """
    if box not in BOX_ENCODERS:
        raise ValueError(f"box must be one of {', '.join(BOX_ENCODERS)}, got {box!r}")
    if n_levels < 1:
        raise ValueError(f"n_levels must be >= 1, got {n_levels!r}")
    encoder = _encoder(space, samples, BOX_ENCODERS[box], n_levels)
    if encoder.n_inputs == 0:
        raise UnsupportedSpaceError(
            f"observation space must have something in it that can change, got {space}"
        )
    return encoder


def _encoder(
    space: gym.Space[Any], samples: Sequence[Any], box: type[BoxEncoder], n_levels: int
) -> Encoder:
    match space:
        case spaces.Discrete():
            return OneHotEncoder((int(space.n),), (int(space.start),))
        case spaces.MultiDiscrete():
            return OneHotEncoder(
                tuple(space.nvec.ravel().tolist()), tuple(space.start.ravel().tolist())
            )
        case spaces.MultiBinary():
            return DirectEncoder(int(np.prod(space.shape)))
        case spaces.Box():
            return _box_encoder(space, samples, box, n_levels)
        case spaces.Dict() | spaces.Tuple():
            items = space.spaces.items() if isinstance(space, spaces.Dict) else enumerate(space)
            parts = {
                key: _encoder(part, [sample[key] for sample in samples], box, n_levels)
                for key, part in items
            }
            parts = {key: part for key, part in parts.items() if part.n_inputs > 0}
            return ConcatenatedEncoder(tuple(parts), tuple(parts.values()))
        case spaces.Text() | spaces.OneOf() if space.is_np_flattenable:
            space = build(describe(space))  # in the order that a file gives it back
            flat = [spaces.flatten(space, sample) for sample in samples]
            part = _encoder(spaces.flatten_space(space), flat, box, n_levels)
            return FlattenedEncoder(space, part)
    raise UnsupportedSpaceError(
        f"observation space must be one that Gymnasium can flatten, got {space}: "
        "wrap the environment in an observation wrapper that gives a Box"
    )


def has_open_bounds(space: gym.Space[Any]) -> bool:
    """Tell whether a space holds a Box without finite bounds, so that they must be learned."""
    if isinstance(space, spaces.Dict):
        return any(has_open_bounds(part) for part in space.spaces.values())
    if isinstance(space, spaces.Tuple | spaces.OneOf):
        return any(has_open_bounds(part) for part in space.spaces)
    return isinstance(space, spaces.Box) and not (_finite(space).all())


def encoder_from_json(description: Mapping[str, Any]) -> Encoder:
    """Make the encoder that `to_json` wrote.

    Raises
    ------
    ValueError, KeyError, TypeError
        If the description is none that an encoder writes, or its spaces together are too large.
    """
    check_size(_count_numbers(description))
    return _from_json(description)


def _count_numbers(description: Mapping[str, Any]) -> int:
    """Numbers in all spaces of a description, counted before any of them is built."""
    match description["kind"]:
        case ConcatenatedEncoder.kind:
            return sum(_count_numbers(part) for part in description["parts"])
        case FlattenedEncoder.kind:
            return count_numbers(description["space"]) + _count_numbers(description["part"])
    return 0


def _from_json(description: Mapping[str, Any]) -> Encoder:
    encoder = _part_from_json(description)
    if encoder.n_inputs < 1:  # its levels could be as many as a forger likes
        raise ValueError(f"{encoder.kind} encoder must have inputs, got {encoder.n_inputs}")
    return encoder


def _part_from_json(description: Mapping[str, Any]) -> Encoder:
    kind = description["kind"]
    if kind == DirectEncoder.kind:
        return DirectEncoder(int(description["size"]))
    if kind == OneHotEncoder.kind:
        return OneHotEncoder(
            tuple(int(n) for n in description["n_values"]),
            tuple(int(n) for n in description["start"]),
            bool(description["silent_lowest"]),
        )
    if kind in BOX_ENCODERS:
        low, high = (tuple(float(v) for v in description[name]) for name in ("low", "high"))
        return BOX_ENCODERS[kind](low, high, int(description["n_levels"]))
    if kind == ConcatenatedEncoder.kind:
        parts = tuple(_from_json(part) for part in description["parts"])
        return ConcatenatedEncoder(tuple(description["keys"]), parts)
    if kind == FlattenedEncoder.kind:
        return FlattenedEncoder(build(description["space"]), _from_json(description["part"]))
    raise ValueError(f"kind must be a kind of encoder, got {kind!r}")


def _box_encoder(
    space: spaces.Box, samples: Sequence[Any], encoder: type[BoxEncoder], n_levels: int
) -> Encoder:
    low, high = space.low.ravel().astype(np.float64), space.high.ravel().astype(np.float64)
    closed = _finite(space).ravel()
    if np.dtype(space.dtype).kind in "iub" and (high - low < MAX_ONE_HOT_LEVELS).all():
        if (low == 0).all() and (high <= 1).all():
            return DirectEncoder(len(low))
        n_values, start = (high - low + 1).astype(int), low.astype(int)
        return OneHotEncoder(tuple(n_values.tolist()), tuple(start.tolist()), silent_lowest=True)
    if not closed.all():
        if not len(samples):
            raise ValueError(
                f"samples must hold observations, because the bounds of {space} are open, got none"
            )
        for number in np.flatnonzero(~closed):
            low[number], high[number] = _seen_bounds([np.ravel(s)[number] for s in samples])
    margin = np.where(low >= high, np.maximum(0.5, np.abs(low) / 2**20), 0.0)
    low, high = low - margin, high + margin  # a number that never changed: any range will do
    return encoder(tuple(low.tolist()), tuple(high.tolist()), n_levels)


def _seen_bounds(values: Sequence[Any]) -> tuple[float, float]:
    """Bounds of one number, from what was seen of it: infinities tell nothing."""
    seen = np.array(values, np.float64)
    if np.isnan(seen).any():
        raise InvalidObservationError(
            "samples must not hold NaN, because bounds are learned from them, got one"
        )
    finite = seen[np.isfinite(seen)]
    if not len(finite):
        return 0.0, 0.0
    low, high = np.percentile(finite, PERCENTILES)
    return float(low), float(high)


def _finite(space: spaces.Box) -> npt.NDArray[np.bool_]:
    """Where both bounds are there and far from the end of the range of numbers."""
    is_bounded = space.bounded_below & space.bounded_above
    low, high = space.low.astype(np.float64), space.high.astype(np.float64)
    return is_bounded & (np.abs(low) < MAX_BOUND) & (np.abs(high) < MAX_BOUND)
