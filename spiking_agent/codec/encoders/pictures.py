"""Pictures: fewer and larger pixels, so that a brain of bounded size can see them."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Self

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from spiking_agent.checks.arguments import flag, whole
from spiking_agent.checks.mappings import mapping
from spiking_agent.codec.encoders.base import BaseEncoder, Encoder, check_size, rows_of_numbers
from spiking_agent.typing import Float64Array, Json, UInt8Array

N_CHANNELS = (1, 3, 4)  # what tells the axis of channels: grey, colours, and a fourth or frames


@dataclass(frozen=True, slots=True)
class Grid:
    """How the pixels of a picture are merged into fewer.

    Parameters
    ----------
    height, width, n_channels : int
        Of the picture, each >= 1.
    channels_first : bool
        Whether the picture has shape (channels, height, width), not (height, width, channels).
    n_rows, n_cols : int
        Pixels that are left, 1 to `height` and 1 to `width`.

    Raises
    ------
    ValueError
        If a size is out of range.
    """

    height: int
    width: int
    n_channels: int
    channels_first: bool
    n_rows: int
    n_cols: int

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "channels_first", flag("channels_first", self.channels_first))
        for name in ("height", "width", "n_channels"):
            put(self, name, whole(name, getattr(self, name), 1))
        for name, bound in (("n_rows", "height"), ("n_cols", "width")):
            most = getattr(self, bound)
            put(self, name, whole(name, getattr(self, name), 1, most, bound=bound))

    @property
    def size(self) -> int:
        """Numbers of a merged picture."""
        return self.n_rows * self.n_cols * self.n_channels

    @property
    def n_numbers(self) -> int:
        """Numbers of a whole picture."""
        return self.height * self.width * self.n_channels

    @classmethod
    def from_json(cls, sizes: Mapping[str, Any]) -> Self:
        """Return the grid that `dataclasses.asdict` wrote.

        Parameters
        ----------
        sizes : mapping
            The values by the names of the fields.
        """
        given = mapping("grid", sizes)
        return cls(**{field.name: given[field.name] for field in fields(cls)})

    @classmethod
    def of(cls, space: spaces.Box, most: int) -> Self | None:
        """Return the finest grid for a picture with at most so many numbers, near its proportions.

        Parameters
        ----------
        space : gymnasium.spaces.Box
            A space, of pictures or not.
        most : int
            Numbers of a merged picture, though each channel has one pixel at least.

        Returns
        -------
        Grid or None
            None if the space is not one of pictures, that is, uint8 of shape (height, width),
            (height, width, channels) or (channels, height, width) with 1, 3 or 4 channels.
        """
        shape = space.shape
        if np.dtype(space.dtype) != np.uint8 or 0 in shape:
            return None
        if len(shape) == 2:
            height, width, n_channels, channels_first = *shape, 1, False
        elif len(shape) == 3 and shape[2] in N_CHANNELS:
            height, width, n_channels, channels_first = *shape, False
        elif len(shape) == 3 and shape[0] in N_CHANNELS:
            n_channels, height, width = shape
            channels_first = True
        else:
            return None
        n_pixels = max(1, most // n_channels)
        n_rows = max(1, min(height, math.isqrt(n_pixels * height // width)))
        n_cols = max(1, min(width, n_pixels // n_rows))
        n_rows = max(1, min(height, n_pixels // n_cols))  # what a narrow picture leaves
        return cls(height, width, n_channels, channels_first, n_rows, n_cols)

    def merge(self, rows: npt.NDArray[Any]) -> Float64Array:
        """Return the mean of the pixels of each cell, for pictures laid out as rows.

        Parameters
        ----------
        rows : ndarray of whole numbers, shape (n, height * width * n_channels)
            The pictures.

        Returns
        -------
        ndarray of float64, shape (n, n_channels * n_rows * n_cols)
            A plane for each channel, row by row.
        """
        sizes = (self.height, self.width)
        if self.channels_first:
            planes = rows.reshape(len(rows), self.n_channels, *sizes)
        else:
            planes = np.moveaxis(rows.reshape(len(rows), *sizes, self.n_channels), 3, 1)
        n_merged = np.ones((1, 1), np.int64)
        for axis, (n_left, size) in enumerate(zip((self.n_rows, self.n_cols), sizes, strict=True)):
            edges = np.arange(n_left) * size // n_left
            planes = np.add.reduceat(planes, edges, axis=2 + axis, dtype=np.int64)  # exact
            n_merged = n_merged * np.expand_dims(np.diff(edges, append=size), 1 - axis)
        return (planes / n_merged).reshape(len(rows), self.size)


@dataclass(frozen=True, slots=True)
class PictureEncoder(BaseEncoder):
    """Pictures as planes of few pixels: each is the mean of a cell of the picture.

    Parameters
    ----------
    grid : Grid
        How pixels are merged.
    part : Encoder
        Encoder of the merged picture, a plane for each channel.
    """

    grid: Grid
    part: Encoder
    kind: ClassVar[str] = "picture"

    @property
    def n_inputs(self) -> int:
        """All inputs of the merged picture."""
        return self.part.n_inputs

    @property
    def parts(self) -> tuple[Encoder, ...]:
        """The encoder of the merged picture."""
        return (self.part,)

    def encode(self, batch: Any, n_ticks: int) -> UInt8Array:
        """Merge each picture, then drive.

        Parameters
        ----------
        batch : array_like, shape (n, ...)
            Pictures of the numbers that `grid` has; what is below 0 or above 255 counts as that.
        n_ticks : int
            Length of a decision, >= 1.

        Returns
        -------
        ndarray of uint8, shape (n, n_ticks, n_inputs) or (n, 1, n_inputs)
            The drive of `part`.

        Raises
        ------
        InvalidObservationError
            If there are more or fewer numbers, or they are not real numbers.
        """
        rows = rows_of_numbers(self, batch, self.grid.n_numbers)
        pixels = np.clip(rows, 0, 255).astype(np.uint8)
        return self.part.encode(self.grid.merge(pixels), n_ticks)

    def input_names(self, names: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return such names as ``"row 2 col 3 of 0 above 127"``, 0 being the channel.

        Parameters
        ----------
        names : sequence of str, optional
            Names of the numbers of an observation, which are not used.
        """
        grid = self.grid
        pixels = itertools.product(range(grid.n_channels), range(grid.n_rows), range(grid.n_cols))
        return self.part.input_names([f"row {row} col {col} of {c}" for c, row, col in pixels])

    def check_fits(self, space: gym.Space[Any]) -> None:
        """Check that a space has as many numbers as a picture.

        Parameters
        ----------
        space : gymnasium.Space
            Space of one observation.

        Raises
        ------
        ValueError
            If it has more or fewer.
        """
        check_size(self, self.grid.n_numbers, space)
        self.part.check_fits(spaces.Box(0.0, 255.0, (self.grid.size,), np.float64))

    def to_json(self) -> Json:
        """Return kind, sizes and the description of the part."""
        return {"kind": self.kind, "grid": asdict(self.grid), "part": self.part.to_json()}
