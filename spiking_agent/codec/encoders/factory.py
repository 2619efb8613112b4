"""Which encoder an observation space gets."""

from collections.abc import Sequence
from functools import singledispatch
from typing import Any, Final

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from spiking_agent.checks.arguments import whole
from spiking_agent.checks.costs import MAX_INPUTS
from spiking_agent.codec.encoders.base import Encoder
from spiking_agent.codec.encoders.bounds import between, learned
from spiking_agent.codec.encoders.discrete import DirectEncoder, OneHotEncoder
from spiking_agent.codec.encoders.grid import GridEncoder
from spiking_agent.codec.encoders.nested import ConcatenatedEncoder, FlattenedEncoder
from spiking_agent.codec.encoders.pictures import Grid, PictureEncoder
from spiking_agent.codec.encoders.real_numbers import BOX_ENCODERS, DEFAULT, N_LEVELS, BoxEncoder
from spiking_agent.codec.encoders.registry import ENCODERS
from spiking_agent.codec.spaces import build, describe
from spiking_agent.errors import UnsupportedSpaceError

MAX_ONE_HOT_LEVELS: Final = 8  # integer Boxes with at most so many values get one neuron per value
MAX_PICTURE_INPUTS: Final = 1024  # pictures that need more have their pixels merged


def make_encoder(
    space: gym.Space[Any],
    *,
    samples: Sequence[Any] = (),
    encoder: str = DEFAULT,
    n_levels: int = N_LEVELS,
) -> Encoder:
    """Return an encoder for a space.

    Parameters
    ----------
    space : gymnasium.Space
        Space of one observation.
    samples : sequence of observations
        Needed where `has_open_bounds(space, encoder)`: the bounds become the 1st and 99th
        percentile, or for "on-off" the smallest range about 0 that holds both.
    encoder : str
        "thermometer", "rate", "receptive-field", "latency" or "on-off": how real numbers are
        driven, wherever in the space they are. "grid": cells of channels, see `GridEncoder`, for
        the whole space. Or a kind that an installed package registers,
        which then encodes the whole space.
    n_levels : int
        Neurons per real number, >= 1.

    Returns
    -------
    Encoder
        The encoder.

    Raises
    ------
    UnsupportedSpaceError
        If there is no encoder for the space, or it would need more than `MAX_INPUTS` neurons.
    ValueError
        If an argument is out of range, or samples are needed and there are none.
    """
    check_encoder(encoder)
    n_levels = whole("n_levels", n_levels, 1)
    made: Encoder
    if encoder in BOX_ENCODERS:
        made = encoder_for(space, samples, BOX_ENCODERS[encoder], n_levels)
    elif encoder == GridEncoder.kind:
        made = GridEncoder.from_space(space)
    else:
        made = ENCODERS.make(encoder, "from_space", space, samples=samples, n_levels=n_levels)
    if made.n_inputs == 0:
        raise UnsupportedSpaceError(
            f"observation space must have something in it that can change, got {space}"
        )
    if made.n_inputs > MAX_INPUTS:
        remedy = (
            "wrap the environment so that its grid has fewer channels, rows or columns"
            if encoder == GridEncoder.kind
            else "take fewer n_levels, or wrap the environment so that it shows less, as "
            "gymnasium.wrappers.ResizeObservation and GrayscaleObservation do with pictures and "
            "FilterObservation with the parts of a Dict"
        )
        raise UnsupportedSpaceError(
            f"observation space must need at most {MAX_INPUTS} input neurons, got {space}, which "
            f"needs {made.n_inputs}: {remedy}"
        )
    return made


def check_encoder(name: str) -> None:
    """Refuse a name that `make_encoder` does not take; nothing is imported.

    Parameters
    ----------
    name : str
        As the argument `encoder` of `make_encoder`.

    Raises
    ------
    ValueError
        If there is no such encoder, or more than one package registers it.
    """
    ENCODERS.check(name, among=(*BOX_ENCODERS, GridEncoder.kind))


@singledispatch
def encoder_for(
    space: gym.Space[Any], samples: Sequence[Any], box: type[BoxEncoder], n_levels: int
) -> Encoder:
    """Return the encoder that fits the type of a space.

    Parameters
    ----------
    space : gymnasium.Space
        Space of one observation, or of a part of it.
    samples : sequence of observations
        Of this space, for bounds that are open.
    box : type of BoxEncoder
        How real numbers are driven.
    n_levels : int
        Neurons per real number.

    Raises
    ------
    UnsupportedSpaceError
        If there is none.
    """
    raise _unsupported(space)


@encoder_for.register(spaces.Discrete)
def _(
    space: spaces.Discrete, samples: Sequence[Any], box: type[BoxEncoder], n_levels: int
) -> Encoder:
    return OneHotEncoder((int(space.n),), (int(space.start),))


@encoder_for.register(spaces.MultiDiscrete)
def _(
    space: spaces.MultiDiscrete, samples: Sequence[Any], box: type[BoxEncoder], n_levels: int
) -> Encoder:
    return OneHotEncoder(tuple(space.nvec.ravel().tolist()), tuple(space.start.ravel().tolist()))


@encoder_for.register(spaces.MultiBinary)
def _(
    space: spaces.MultiBinary, samples: Sequence[Any], box: type[BoxEncoder], n_levels: int
) -> Encoder:
    return DirectEncoder(int(np.prod(space.shape)))


@encoder_for.register(spaces.Box)
def _(space: spaces.Box, samples: Sequence[Any], box: type[BoxEncoder], n_levels: int) -> Encoder:
    low, high = space.low.ravel().astype(np.float64), space.high.ravel().astype(np.float64)
    if np.dtype(space.dtype).kind in "iub" and (high - low < MAX_ONE_HOT_LEVELS).all():
        if (low == 0).all() and (high <= 1).all():
            return DirectEncoder(len(low))
        start = tuple(map(int, space.low.ravel().tolist()))
        n_values = tuple((high - low + 1).astype(int).tolist())
        return OneHotEncoder(n_values, start, silent_lowest=True)
    most = box.most_numbers(MAX_PICTURE_INPUTS, n_levels)
    grid = Grid.of(space, most) if len(low) > most else None
    if grid is not None:
        darkest, brightest = np.full(grid.size, low.min()), np.full(grid.size, high.max())
        return PictureEncoder(grid, between(darkest, brightest, box, n_levels))
    return between(*learned(space, box, samples), box, n_levels)


@encoder_for.register(spaces.Dict)
@encoder_for.register(spaces.Tuple)
def _(
    space: "spaces.Dict | spaces.Tuple[Any]",  # quoted: no generic class before Gymnasium 1.4
    samples: Sequence[Any],
    box: type[BoxEncoder],
    n_levels: int,
) -> Encoder:
    items = space.spaces.items() if isinstance(space, spaces.Dict) else enumerate(space)
    parts = {
        key: encoder_for(part, [sample[key] for sample in samples], box, n_levels)
        for key, part in items
    }
    parts = {key: part for key, part in parts.items() if part.n_inputs > 0}
    return ConcatenatedEncoder(tuple(parts), tuple(parts.values()))


@encoder_for.register(spaces.Text)
@encoder_for.register(spaces.OneOf)
def _(
    space: gym.Space[Any], samples: Sequence[Any], box: type[BoxEncoder], n_levels: int
) -> Encoder:
    if not _can_be_flattened(space):
        raise _unsupported(space)
    given = build(describe(space))  # in the order that a file gives it back
    flat = [spaces.flatten(given, sample) for sample in samples]
    part = encoder_for(spaces.flatten_space(given), flat, box, n_levels)
    return FlattenedEncoder(given, part)


def _unsupported(space: gym.Space[Any]) -> UnsupportedSpaceError:
    return UnsupportedSpaceError(
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
