"""Which encoder an observation space gets, and encoders as JSON."""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from spiking_agent.checks.arguments import whole
from spiking_agent.checks.costs import MAX_INPUTS, MAX_NEURONS
from spiking_agent.codec.encoders.base import (
    ConcatenatedEncoder,
    DirectEncoder,
    Encoder,
    FlattenedEncoder,
    OneHotEncoder,
)
from spiking_agent.codec.encoders.pictures import Grid, PictureEncoder
from spiking_agent.codec.encoders.real_numbers import (
    BoxEncoder,
    LatencyEncoder,
    OnOffEncoder,
    RateEncoder,
    ReceptiveFieldEncoder,
    ThermometerEncoder,
)
from spiking_agent.codec.spaces import Json, boxes, build, check_size, count_numbers, describe
from spiking_agent.errors import InvalidObservationError, UnsupportedSpaceError
from spiking_agent.plugins import ENCODERS, make_registered, registered

MAX_ONE_HOT_LEVELS = 8  # integer Boxes with at most so many values get one neuron a value
MAX_BOUND = 1e18  # bounds beyond it stand for none
MAX_PICTURE_INPUTS = 1024  # pictures that need more have their pixels merged
PERCENTILES = (1.0, 99.0)  # of the observations seen, where a Box has no bounds of its own
BOX_ENCODERS: dict[str, type[BoxEncoder]] = {
    encoder.kind: encoder
    for encoder in (
        ThermometerEncoder,
        RateEncoder,
        ReceptiveFieldEncoder,
        LatencyEncoder,
        OnOffEncoder,
    )
}


def make_encoder(
    space: gym.Space[Any],
    *,
    samples: Sequence[Any] = (),
    encoder: str = "thermometer",
    n_levels: int = 8,
) -> Encoder:
    """Choose an encoder for a space.

    Parameters
    ----------
    space : gymnasium.Space
        Space of one observation.
    samples : sequence of observations
        Needed where `has_open_bounds(space, encoder)`: the bounds become the 1st and 99th
        percentile, or for "on-off" what lies evenly about 0 and holds both.
    encoder : str
        "thermometer", "rate", "receptive-field", "latency" or "on-off": how real numbers are
        driven, wherever in the space they are. Or a kind that an installed package registers,
        which then encodes the whole space.
    n_levels : int
        Neurons for each real number.

    Raises
    ------
    UnsupportedSpaceError
        If there is no encoder for the space, or it would need more than `MAX_INPUTS` neurons.
    ValueError
        If an argument is out of range, or samples are needed and there are none.
    """
    check_encoder(encoder)
    n_levels = whole("n_levels", n_levels, 1)
    if encoder in BOX_ENCODERS:
        made = _encoder(space, samples, BOX_ENCODERS[encoder], n_levels)
    else:
        made = make_registered(
            ENCODERS, encoder, "from_space", space, samples=samples, n_levels=n_levels
        )
    if made.n_inputs == 0:
        raise UnsupportedSpaceError(
            f"observation space must have something in it that can change, got {space}"
        )
    if made.n_inputs > MAX_INPUTS:
        raise UnsupportedSpaceError(
            f"observation space must need at most {MAX_INPUTS} input neurons, got {space}, which "
            f"needs {made.n_inputs}: take fewer n_levels, or wrap the environment so that it shows "
            "less, as gymnasium.wrappers.ResizeObservation and GrayscaleObservation do with "
            "pictures and FilterObservation with the parts of a Dict"
        )
    return made


def check_encoder(name: str) -> None:
    """Refuse the name of an encoder that is neither built in nor registered.

    Raises
    ------
    ValueError
        If there is no such encoder; nothing is imported to tell.
    """
    if name not in BOX_ENCODERS and name not in (others := registered(ENCODERS)):
        names = ", ".join([*BOX_ENCODERS, *others])
        raise ValueError(f"encoder must be one of {names}, got {name!r}")


def check_encoder_kind(description: Mapping[str, Any]) -> None:
    """Refuse the description of an encoder that no file could give back.

    Raises
    ------
    ValueError
        If its kind, or that of a part, is neither built in nor registered.
    """
    kind = description["kind"]
    if kind not in _FROM_JSON and kind not in registered(ENCODERS):
        raise ValueError(
            f"encoder must be of a kind that is built in or registered, got {kind!r}: to save "
            f"what plays with it, register it in the entry-point group {ENCODERS!r} of a package"
        )
    if kind in (ConcatenatedEncoder.kind, FlattenedEncoder.kind, PictureEncoder.kind):
        for part in description.get("parts", [description.get("part")]):
            check_encoder_kind(part)


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
        case spaces.Text() | spaces.OneOf() if _can_be_flattened(space):
            space = build(describe(space))  # in the order that a file gives it back
            flat = [spaces.flatten(space, sample) for sample in samples]
            part = _encoder(spaces.flatten_space(space), flat, box, n_levels)
            return FlattenedEncoder(space, part)
    raise UnsupportedSpaceError(
        f"observation space must be one that Gymnasium can flatten, got {space}: "
        "wrap the environment in an observation wrapper that gives a Box"
    )


def _can_be_flattened(space: gym.Space[Any]) -> bool:
    """Return what Gymnasium says, and does: before 1.4 it fails on a OneOf that holds a Text."""
    if not space.is_np_flattenable:
        return False
    try:
        spaces.flatten_space(space)
    except ValueError:
        return False
    return True


def has_open_bounds(space: gym.Space[Any], encoder: str = "thermometer") -> bool:
    """Tell whether a space holds a Box whose bounds an encoder has to learn.

    Parameters
    ----------
    space : gymnasium.Space
        Space of one observation.
    encoder : str
        As in `make_encoder`; "on-off" learns those of all real numbers.
    """
    return any(_open(box, BOX_ENCODERS.get(encoder)).any() for box in boxes(space))


def encoder_from_json(description: Mapping[str, Any]) -> Encoder:
    """Make the encoder that `to_json` wrote.

    Raises
    ------
    ValueError, KeyError, TypeError
        If the description is none that an encoder writes, or its spaces together are too large.
    """
    check_size(encoder_numbers(description))
    return _from_json(description)


def encoder_numbers(description: Mapping[str, Any]) -> int:
    """Numbers in all spaces of a description, counted before any of them is built."""
    match description["kind"]:
        case ConcatenatedEncoder.kind:
            return sum(encoder_numbers(part) for part in description["parts"])
        case PictureEncoder.kind:
            return encoder_numbers(description["part"])
        case FlattenedEncoder.kind:
            return count_numbers(description["space"]) + encoder_numbers(description["part"])
    return 0


def _from_json(description: Mapping[str, Any]) -> Encoder:
    kind = description["kind"]
    make = _FROM_JSON.get(kind)
    encoder: Encoder = (
        make_registered(ENCODERS, kind, "from_json", description)
        if make is None
        else make(description)
    )
    if encoder.n_inputs < 1:  # its levels could be as many as a forger likes
        raise ValueError(f"{encoder.kind} encoder must have inputs, got {encoder.n_inputs}")
    return encoder


def _one_hot(description: Mapping[str, Any]) -> Encoder:
    n_values, start = (
        tuple(map(operator.index, description[name])) for name in ("n_values", "start")
    )
    return OneHotEncoder(n_values, start, bool(description["silent_lowest"]))


def _real_numbers(description: Mapping[str, Any]) -> Encoder:
    low, high = (tuple(description[name]) for name in ("low", "high"))
    n_numbers = max(len(low), len(high))
    if n_numbers > MAX_NEURONS:  # before each is looked at
        raise ValueError(
            f"low and high must have at most {MAX_NEURONS:,} numbers, got {n_numbers:,}"
        )
    return BOX_ENCODERS[description["kind"]](low, high, operator.index(description["n_levels"]))


def _concatenated(description: Mapping[str, Any]) -> Encoder:
    parts = tuple(_from_json(part) for part in description["parts"])
    return ConcatenatedEncoder(tuple(description["keys"]), parts)


def _flattened(description: Mapping[str, Any]) -> Encoder:
    return FlattenedEncoder(build(description["space"]), _from_json(description["part"]))


def _picture(description: Mapping[str, Any]) -> Encoder:
    sizes: Json = {name: operator.index(size) for name, size in description["grid"].items()}
    grid = Grid(**{**sizes, "channels_first": bool(sizes["channels_first"])})
    return PictureEncoder(grid, _from_json(description["part"]))


_FROM_JSON: dict[Any, Callable[[Mapping[str, Any]], Encoder]] = {
    DirectEncoder.kind: lambda description: DirectEncoder(operator.index(description["size"])),
    OneHotEncoder.kind: _one_hot,
    **dict.fromkeys(BOX_ENCODERS, _real_numbers),
    ConcatenatedEncoder.kind: _concatenated,
    FlattenedEncoder.kind: _flattened,
    PictureEncoder.kind: _picture,
}


def _box_encoder(
    space: spaces.Box, samples: Sequence[Any], encoder: type[BoxEncoder], n_levels: int
) -> Encoder:
    low, high = space.low.ravel().astype(np.float64), space.high.ravel().astype(np.float64)
    if np.dtype(space.dtype).kind in "iub" and (high - low < MAX_ONE_HOT_LEVELS).all():
        if (low == 0).all() and (high <= 1).all():
            return DirectEncoder(len(low))
        start = tuple(map(int, space.low.ravel().tolist()))
        n_values = tuple((high - low + 1).astype(int).tolist())
        return OneHotEncoder(n_values, start, silent_lowest=True)
    most = encoder.most_numbers(MAX_PICTURE_INPUTS, n_levels)
    grid = Grid.of(space, most) if len(low) > most else None
    if grid is not None:
        darkest, brightest = np.full(grid.size, low.min()), np.full(grid.size, high.max())
        return PictureEncoder(grid, _between(darkest, brightest, encoder, n_levels))
    is_open = _open(space, encoder).ravel()
    if is_open.any():
        if not len(samples):
            raise ValueError(
                f"samples must hold observations, because the bounds of {space} are open, got none"
            )
        for number in np.flatnonzero(is_open):
            seen = [np.ravel(sample)[number] for sample in samples]
            low[number], high[number] = _seen_bounds(seen, encoder)
    return _between(low, high, encoder, n_levels)


def _between(
    low: npt.NDArray[np.float64],
    high: npt.NDArray[np.float64],
    encoder: type[BoxEncoder],
    n_levels: int,
) -> BoxEncoder:
    """Make an encoder between bounds; for a number that never changed any range will do."""
    margin = np.where(low >= high, np.maximum(0.5, np.abs(low) / 2**20), 0.0)
    low, high = low - margin, high + margin
    return encoder(tuple(low.tolist()), tuple(high.tolist()), n_levels)


def _seen_bounds(values: Sequence[Any], encoder: type[BoxEncoder]) -> tuple[float, float]:
    """Bounds of one number, from what was seen of it: infinities tell nothing."""
    seen = np.array(values, np.float64)
    if np.isnan(seen).any():
        raise InvalidObservationError(
            "samples must not hold NaN, because bounds are learned from them, got one"
        )
    finite = seen[np.isfinite(seen)]
    if not len(finite):
        return 0.0, 0.0
    low, high = map(float, np.percentile(finite, PERCENTILES))
    if encoder.is_centred:
        high = max(-low, high)
        low = -high
    return low, high


def _open(space: spaces.Box, encoder: type[BoxEncoder] | None) -> npt.NDArray[np.bool_]:
    """Where bounds must be learned: one is missing or next to the end of the range of numbers.

    And for an encoder that is centred, wherever numbers are real.
    """
    is_bounded = space.bounded_below & space.bounded_above
    low, high = space.low.astype(np.float64), space.high.astype(np.float64)
    is_open = ~(is_bounded & (np.abs(low) < MAX_BOUND) & (np.abs(high) < MAX_BOUND))
    is_learned = encoder is not None and encoder.is_centred and np.dtype(space.dtype).kind == "f"
    return np.asarray(is_open | is_learned)
