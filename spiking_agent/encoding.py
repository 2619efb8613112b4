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
from spiking_agent.errors import UnsupportedSpaceError
from spiking_agent.spaces import build

MAX_ONE_HOT_LEVELS = 8  # integer Boxes with at most so many values get one neuron a value
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
            return _box_encoder(space, samples, BOX_ENCODERS[box], n_levels)
        case spaces.Dict() | spaces.Tuple():
            items = space.spaces.items() if isinstance(space, spaces.Dict) else enumerate(space)
            parts = {
                key: make_encoder(
                    part, samples=[sample[key] for sample in samples], box=box, n_levels=n_levels
                )
                for key, part in items
            }
            return ConcatenatedEncoder(tuple(parts), tuple(parts.values()))
    if not space.is_np_flattenable:
        raise UnsupportedSpaceError(
            f"observation space must be one that Gymnasium can flatten, got {space}: "
            "wrap the environment in an observation wrapper that gives a Box"
        )
    flat = [spaces.flatten(space, sample) for sample in samples]
    part = make_encoder(spaces.flatten_space(space), samples=flat, box=box, n_levels=n_levels)
    return FlattenedEncoder(space, part)


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
        If the description is none that an encoder writes.
    """
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
        parts = tuple(encoder_from_json(part) for part in description["parts"])
        return ConcatenatedEncoder(tuple(description["keys"]), parts)
    if kind == FlattenedEncoder.kind:
        return FlattenedEncoder(build(description["space"]), encoder_from_json(description["part"]))
    raise ValueError(f"kind must be a kind of encoder, got {kind!r}")


def _box_encoder(
    space: spaces.Box, samples: Sequence[Any], encoder: type[BoxEncoder], n_levels: int
) -> Encoder:
    low, high = space.low.ravel().astype(np.float64), space.high.ravel().astype(np.float64)
    closed = _finite(space).ravel()
    n_values = high - low + 1
    if np.dtype(space.dtype).kind in "iub" and (n_values <= MAX_ONE_HOT_LEVELS).all():
        if (n_values <= 2).all() and (low == 0).all():
            return DirectEncoder(len(low))
        start = tuple(low.astype(int).tolist())
        return OneHotEncoder(tuple(n_values.astype(int).tolist()), start, silent_lowest=True)
    if not closed.all():
        if not len(samples):
            raise ValueError(
                f"samples must hold observations, because the bounds of {space} are open, got none"
            )
        seen = np.stack([np.asarray(sample, np.float64).ravel() for sample in samples])
        seen_low, seen_high = np.percentile(seen, PERCENTILES, axis=0)
        low, high = np.where(closed, low, seen_low), np.where(closed, high, seen_high)
    flat = low >= high  # a number that never changed: any range will do
    low, high = np.where(flat, low - 0.5, low), np.where(flat, high + 0.5, high)
    return encoder(tuple(low.tolist()), tuple(high.tolist()), n_levels)


def _finite(space: spaces.Box) -> npt.NDArray[np.bool_]:
    """Where both bounds are finite and far from the end of the floating-point range."""
    return (np.abs(space.low) < 1e30) & (np.abs(space.high) < 1e30)
