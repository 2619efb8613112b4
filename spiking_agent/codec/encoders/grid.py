"""Grids: each channel of an observation drives a sheet of input neurons, cell by cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Final, Self

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from spiking_agent.checks.arguments import choice, flag, whole
from spiking_agent.codec.encoders.base import OF_NUMBERS, BaseEncoder, misfit, rows_of_numbers
from spiking_agent.codec.whole_numbers import MAX_EXACT, whole_range
from spiking_agent.errors import InvalidObservationError, UnsupportedSpaceError
from spiking_agent.typing import Json, UInt8Array

LAYOUTS: Final = ("first", "last", "values")


@dataclass(frozen=True, slots=True)
class GridEncoder(BaseEncoder):
    """Grids: a neuron for each channel and cell, and a last one that is driven at every tick.

    Parameters
    ----------
    n_channels, n_rows, n_cols : int
        Sizes of the grid, each >= 1.
    channels : {"first", "last", "values"}
        What an observation is: of shape (n_channels, n_rows, n_cols) or (n_rows, n_cols,
        n_channels), where numbers above 0 drive; or of shape (n_rows, n_cols), whose values are
        whole numbers and drive the channel that stands for them.
    start : int
        With "values": the value of the first channel, from -2**53 to 2**53.
    silent_lowest : bool
        With "values": whether `start` - 1 is a value, too, which drives nothing.

    Raises
    ------
    ValueError
        If a size or `start` is out of range.
    """

    n_channels: int
    n_rows: int
    n_cols: int
    channels: str = "first"
    start: int = 1
    silent_lowest: bool = True
    kind: ClassVar[str] = "grid"

    def __post_init__(self) -> None:
        put = object.__setattr__
        for name in ("n_channels", "n_rows", "n_cols"):
            put(self, name, whole(name, getattr(self, name), 1))
        put(self, "channels", choice("channels", self.channels, LAYOUTS))
        put(self, "start", whole("start", self.start, -MAX_EXACT, MAX_EXACT))
        put(self, "silent_lowest", flag("silent_lowest", self.silent_lowest))

    @property
    def n_inputs(self) -> int:
        """One neuron per channel and cell, and the constant one."""
        return self.n_channels * self.n_rows * self.n_cols + 1

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of an observation."""
        sizes = (self.n_rows, self.n_cols)
        if self.channels == "values":
            return sizes
        return (self.n_channels, *sizes) if self.channels == "first" else (*sizes, self.n_channels)

    @classmethod
    def from_space(
        cls,
        space: gym.Space[Any],
        *,
        samples: Sequence[Any] = (),
        n_levels: int = 1,
        channels: str | None = None,
        silent_lowest: bool = True,
    ) -> Self:
        """Return the encoder for a space.

        Parameters
        ----------
        space : gymnasium.Space
            A Box or a MultiBinary with three axes, or a Box of whole numbers, a MultiDiscrete or a
            MultiBinary with two.
        samples, n_levels
            Not used; other encoders need them.
        channels : {"first", "last"}, optional
            Which axis is that of the channels, of three; by default the shorter one of the two, or
            the last if they are equally long, as in Gymnasium's pictures.
        silent_lowest : bool
            Of two axes: whether the lowest value drives nothing, as where most cells are empty.

        Raises
        ------
        UnsupportedSpaceError
            If it is another space.
        """
        shape = space.shape or ()
        if not isinstance(space, OF_NUMBERS) or len(shape) not in (2, 3) or 0 in shape:
            raise _unsupported(space)
        if len(shape) == 3 and not isinstance(space, spaces.MultiDiscrete):
            if channels is None:
                channels = "first" if shape[0] < shape[2] else "last"
            first = choice("channels", channels, ("first", "last")) == "first"
            n_channels, n_rows, n_cols = shape if first else (shape[2], shape[0], shape[1])
            return cls(n_channels, n_rows, n_cols, channels)
        bounds = whole_range(space)
        if len(shape) == 3 or bounds is None:
            raise _unsupported(space)
        low, high = min(bounds[0]), max(bounds[1])
        start = low + silent_lowest
        n_rows, n_cols = shape
        n_channels = max(1, high - start + 1)
        return cls(n_channels, n_rows, n_cols, "values", start, silent_lowest)

    def on(self, n_rows: int, n_cols: int) -> Self:
        """Return the same encoder for another grid.

        Parameters
        ----------
        n_rows, n_cols : int
            Its sizes, each >= 1.
        """
        return replace(self, n_rows=n_rows, n_cols=n_cols)

    def fitting(self, space: gym.Space[Any]) -> Self:
        """Return the same encoder for a space that differs in rows and columns only.

        Parameters
        ----------
        space : gymnasium.Space
            Space of one observation.

        Raises
        ------
        ValueError
            If it differs in anything else.
        """
        shape = space.shape or ()
        if len(shape) != len(self.shape) or 0 in shape:
            raise misfit(self, f"must have {len(self.shape)} axes", space)
        rows = 1 if self.channels == "first" else 0
        made = self.on(*shape[rows : rows + 2])
        made.check_fits(space)
        return made

    def input_grid(self) -> tuple[int, int, int]:
        """Return channels, rows and columns."""
        return self.n_channels, self.n_rows, self.n_cols

    def constant_inputs(self) -> tuple[int, ...]:
        """Return the last input."""
        return (self.n_inputs - 1,)

    def encode(self, batch: Any, n_ticks: int) -> UInt8Array:
        """Drive the neuron of each channel and cell that is on, and the constant one.

        Parameters
        ----------
        batch : array_like, shape (n, ...)
            Observations of `shape`.
        n_ticks : int
            Length of a decision, >= 1.

        Returns
        -------
        ndarray of uint8, shape (n, 1, n_inputs)
            Nonzero where an input neuron sends an impulse at every tick.

        Raises
        ------
        InvalidObservationError
            If there are more or fewer numbers, they are not real numbers, or a value has no
            channel.
        """
        n_cells = self.n_rows * self.n_cols
        n_numbers = n_cells if self.channels == "values" else n_cells * self.n_channels
        rows = rows_of_numbers(self, batch, n_numbers)
        drive = np.empty((len(rows), 1, self.n_inputs), np.uint8)
        drive[:, 0, -1] = 1
        sheets = drive[:, 0, :-1].reshape(len(rows), self.n_channels, n_cells)
        if self.channels == "values":
            low, high = self.start - self.silent_lowest, self.start + self.n_channels - 1
            is_wrong = ~((rows >= low) & (rows <= high) & (rows == np.floor(rows)))
            if is_wrong.any():
                row, number = np.argwhere(is_wrong)[0]
                raise InvalidObservationError(
                    f"{type(self).__name__}: observation must hold whole numbers in {low}..{high}, "
                    f"got {rows[row, number]} as number {number}"
                )
            values = np.arange(self.start, self.start + self.n_channels)
            np.equal(rows[:, None], values[:, None], out=sheets, casting="unsafe")
        elif self.channels == "first":
            np.greater(rows.reshape(sheets.shape), 0, out=sheets, casting="unsafe")
        else:
            by_cell = rows.reshape(len(rows), n_cells, self.n_channels).transpose(0, 2, 1)
            np.greater(by_cell, 0, out=sheets, casting="unsafe")
        return drive

    def input_names(self, names: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return such names as ``"head 3,4"``: of a channel, and a row and a column from 0.

        Parameters
        ----------
        names : sequence of str, optional
            Names of the channels, or else these are called by their numbers, or by their values.
        """
        called = [f"channel {k}" for k in range(self.n_channels)]
        if self.channels == "values":
            called = [f"value {self.start + k}" for k in range(self.n_channels)]
        if isinstance(names, Sequence) and len(names) == self.n_channels:
            called = list(map(str, names))
        cells = [f"{row},{col}" for row in range(self.n_rows) for col in range(self.n_cols)]
        return (*(f"{channel} {cell}" for channel in called for cell in cells), "always")

    def check_fits(self, space: gym.Space[Any]) -> None:
        """Check that a space has the shape of the grid and, with "values", no other values.

        Parameters
        ----------
        space : gymnasium.Space
            Space of one observation.

        Raises
        ------
        ValueError
            If it has not.
        """
        if not isinstance(space, OF_NUMBERS) or space.shape != self.shape:
            raise misfit(self, f"must have shape {self.shape}", space)
        if self.channels == "values":
            bounds = whole_range(space)
            low, high = self.start - self.silent_lowest, self.start + self.n_channels - 1
            if bounds is None or min(bounds[0]) < low or max(bounds[1]) > high:
                raise misfit(self, f"must be of whole numbers in {low}..{high}", space)

    def to_json(self) -> Json:
        """Return kind, sizes, channels and values."""
        return {
            "kind": self.kind,
            "n_channels": self.n_channels,
            "n_rows": self.n_rows,
            "n_cols": self.n_cols,
            "channels": self.channels,
            "start": self.start,
            "silent_lowest": self.silent_lowest,
        }

    @classmethod
    def from_json(cls, description: Mapping[str, Any]) -> Self:
        """Return the encoder that `to_json` wrote.

        Parameters
        ----------
        description : mapping
            What `to_json` returned.
        """
        return cls(**{field.name: description[field.name] for field in fields(cls)})


def _unsupported(space: gym.Space[Any]) -> UnsupportedSpaceError:
    return UnsupportedSpaceError(
        "observation space of a grid encoder must be a Box or a MultiBinary of channels, rows and "
        f"columns, or whole numbers over rows and columns, got {space}"
    )
