"""Encoders: each turns a batch of observations of one form into impulses.

An encoder gives a drive: uint8, shape (n, n_ticks, n_inputs), nonzero where an input neuron sends
an impulse. What lasts the whole decision is written once, with shape (n, 1, n_inputs).
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from spiking_agent.errors import InvalidObservationError
from spiking_agent.spaces import Json, describe

UInt8Array = npt.NDArray[np.uint8]


class Encoder(Protocol):
    """What turns observations into impulses."""

    kind: ClassVar[str]

    @property
    def n_inputs(self) -> int:
        """Number of input neurons that it drives."""
        ...

    def encode(self, batch: Any, n_ticks: int) -> UInt8Array:
        """Drive for a batch of observations, shape (n, n_ticks or 1, n_inputs)."""
        ...

    def to_json(self) -> Json:
        """Everything that `encoder_from_json` needs to make it again."""
        ...


@dataclass(frozen=True, slots=True)
class DirectEncoder:
    """Binary features: a neuron each, driven on every tick while its feature is on.

    Parameters
    ----------
    size : int
        Number of features, >= 0.

    Raises
    ------
    ValueError
        If the size is negative.
    """

    size: int
    kind: ClassVar[str] = "direct"

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError(f"size must be >= 0, got {self.size!r}")

    @property
    def n_inputs(self) -> int:
        """One neuron a feature."""
        return self.size

    def encode(self, batch: Any, n_ticks: int) -> UInt8Array:
        """Drive every neuron whose feature is not 0."""
        values = _rows(self, batch, self.size)
        if values.dtype.itemsize > 1:
            values = values != 0
        return np.ascontiguousarray(values).view(np.uint8)[:, None]

    def to_json(self) -> Json:
        """Kind and size."""
        return {"kind": self.kind, "size": self.size}


@dataclass(frozen=True, slots=True)
class OneHotEncoder:
    """Whole numbers: one neuron a value, the one of the present value driven on every tick.

    Parameters
    ----------
    n_values : tuple of int
        How many values each number can have, each >= 1.
    start : tuple of int
        The lowest value of each.
    silent_lowest : bool
        True leaves out the neuron of the lowest value, which then means silence: fits boards
        and images, where most cells are empty.

    Raises
    ------
    ValueError
        If a number has no value, or there are not as many lowest values as numbers.
    """

    n_values: tuple[int, ...]
    start: tuple[int, ...]
    silent_lowest: bool = False
    kind: ClassVar[str] = "one-hot"

    def __post_init__(self) -> None:
        if min(self.n_values, default=1) < 1:
            raise ValueError(f"n_values must be >= 1, got {min(self.n_values)!r}")
        if len(self.start) != len(self.n_values):
            raise ValueError(
                f"start must be as long as n_values, {len(self.n_values)}, got {len(self.start)}"
            )

    @property
    def n_inputs(self) -> int:
        """One neuron a value, less the silent ones."""
        return sum(self.n_values) - self.silent_lowest * len(self.n_values)

    def encode(self, batch: Any, n_ticks: int) -> UInt8Array:
        """Drive the neuron of each present value."""
        given = _rows(self, batch, len(self.n_values))
        start, sizes = np.array(self.start), np.array(self.n_values)
        wrong = (given < start) | (given >= start + sizes)
        if given.dtype.kind == "f":
            wrong |= given != np.floor(given)
        if wrong.any():
            row, number = np.argwhere(wrong)[0]
            raise InvalidObservationError(
                f"{type(self).__name__}: observation must lie in its space, where number {number} "
                f"is a whole number in {start[number]}..{start[number] + sizes[number] - 1}, "
                f"got {given[row, number]}"
            )
        values = given.astype(np.int64) - start
        silent = int(self.silent_lowest)
        sizes = sizes - silent
        offsets = np.cumsum(sizes) - sizes
        drive = np.zeros((len(values), 1, self.n_inputs), np.uint8)
        row, number = np.nonzero(values >= silent)
        drive[row, 0, offsets[number] + values[row, number] - silent] = 1
        return drive

    def to_json(self) -> Json:
        """Kind, values, lowest values."""
        return {
            "kind": self.kind,
            "n_values": list(self.n_values),
            "start": list(self.start),
            "silent_lowest": self.silent_lowest,
        }


@dataclass(frozen=True, slots=True)
class BoxEncoder(ABC):
    """Real numbers between bounds; the three subclasses say what is driven.

    Parameters
    ----------
    low, high : tuple of float
        Finite bounds of each number, low < high; what lies outside counts as the bound, and so
        does an infinity.
    n_levels : int
        Neurons a number, >= 1.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    n_levels: int = 8
    kind: ClassVar[str] = "box"

    def __post_init__(self) -> None:
        if self.n_levels < 1:
            raise ValueError(f"n_levels must be >= 1, got {self.n_levels!r}")
        low, high = np.array(self.low), np.array(self.high)
        if (
            low.shape != high.shape
            or not (np.isfinite(low) & np.isfinite(high) & (low < high)).all()
        ):
            raise ValueError(
                f"low and high must be finite with low < high, got {self.low} and {self.high}"
            )

    @property
    def n_inputs(self) -> int:
        """`n_levels` neurons a number."""
        return len(self.low) * self.n_levels

    def encode(self, batch: Any, n_ticks: int) -> UInt8Array:
        """Drive for a batch of real numbers."""
        low, high = np.array(self.low), np.array(self.high)
        values = np.clip(_rows(self, batch, len(self.low)).astype(np.float64), low, high)
        fraction = (values - low) / (high - low)
        return self._drive(fraction[:, :, None], n_ticks)

    @abstractmethod
    def _drive(self, fraction: npt.NDArray[np.float64], n_ticks: int) -> UInt8Array:
        """Drive for numbers as fractions of their range, shape (n, size, 1)."""

    def to_json(self) -> Json:
        """Kind, bounds and levels."""
        return {
            "kind": self.kind,
            "low": list(self.low),
            "high": list(self.high),
            "n_levels": self.n_levels,
        }


class ThermometerEncoder(BoxEncoder):
    """Level k of a number is driven on every tick while the number exceeds its mark.

    The marks divide the range evenly: mark k lies at (k + 1) / (n_levels + 1) of it.
    """

    __slots__ = ()
    kind: ClassVar[str] = "thermometer"

    def _drive(self, fraction: npt.NDArray[np.float64], n_ticks: int) -> UInt8Array:
        marks = np.arange(1, self.n_levels + 1) / (self.n_levels + 1)
        return (fraction > marks).astype(np.uint8).reshape(len(fraction), 1, self.n_inputs)


class RateEncoder(BoxEncoder):
    """Each neuron of a number sends impulses in proportion to it, evenly spread in time."""

    __slots__ = ()
    kind: ClassVar[str] = "rate"

    def _drive(self, fraction: npt.NDArray[np.float64], n_ticks: int) -> UInt8Array:
        levels = np.repeat(fraction, self.n_levels, axis=2)
        return _spread(levels.reshape(len(fraction), self.n_inputs), n_ticks)


class ReceptiveFieldEncoder(BoxEncoder):
    """Each neuron of a number answers most to its own value, as a Gaussian of the distance.

    The centres divide the range evenly, ends included; the standard deviation is two thirds of
    their spacing. The answer is the rate of its impulses.

    References
    ----------
    Bohte, Kok, La Poutré (2002), "Error-backpropagation in temporally encoded networks of
    spiking neurons", section 4: population coding by overlapping receptive fields.
    """

    __slots__ = ()
    kind: ClassVar[str] = "receptive-field"

    def _drive(self, fraction: npt.NDArray[np.float64], n_ticks: int) -> UInt8Array:
        centres = np.linspace(0.0, 1.0, self.n_levels) if self.n_levels > 1 else np.array([0.5])
        width = 2.0 / 3.0 / max(self.n_levels - 1, 1)
        answer = np.exp(-0.5 * ((fraction - centres) / width) ** 2)
        return _spread(answer.reshape(len(fraction), self.n_inputs), n_ticks)


@dataclass(frozen=True, slots=True)
class ConcatenatedEncoder:
    """Parts of a Dict or Tuple observation, each with an encoder of its own.

    Parameters
    ----------
    keys : tuple of str or int
        Where each part is found in the observation.
    parts : tuple of Encoder
        The encoder of each part.
    """

    keys: tuple[str | int, ...]
    parts: tuple[Encoder, ...]
    kind: ClassVar[str] = "concatenated"

    @property
    def n_inputs(self) -> int:
        """All inputs of all parts."""
        return sum(part.n_inputs for part in self.parts)

    def encode(self, batch: Any, n_ticks: int) -> UInt8Array:
        """Drive of the parts side by side."""
        try:
            batches = [batch[key] for key in self.keys]
        except (LookupError, TypeError) as error:
            raise InvalidObservationError(
                f"{type(self).__name__}: observation must have the parts {list(self.keys)}, "
                f"got {batch!r}"
            ) from error
        drives = [
            part.encode(rows, n_ticks) for part, rows in zip(self.parts, batches, strict=True)
        ]
        length = max(drive.shape[1] for drive in drives)
        wide = [np.broadcast_to(d, (len(d), length, d.shape[2])) for d in drives]
        return np.concatenate(wide, axis=2)

    def to_json(self) -> Json:
        """Kind, keys and the parts' own descriptions."""
        return {
            "kind": self.kind,
            "keys": list(self.keys),
            "parts": [part.to_json() for part in self.parts],
        }


@dataclass(frozen=True, slots=True)
class FlattenedEncoder:
    """Observations of any other space, flattened by Gymnasium first.

    Parameters
    ----------
    space : gymnasium.Space
        Space of one observation, such as Text.
    part : Encoder
        Encoder of the flattened observation.
    """

    space: gym.Space[Any]
    part: Encoder
    kind: ClassVar[str] = "flattened"

    @property
    def n_inputs(self) -> int:
        """All inputs of the flattened observation."""
        return self.part.n_inputs

    def encode(self, batch: Any, n_ticks: int) -> UInt8Array:
        """Flatten each observation, then drive."""
        return self.part.encode(np.stack([self._flat(row) for row in batch]), n_ticks)

    def _flat(self, observation: Any) -> npt.NDArray[Any]:
        try:
            return np.asarray(spaces.flatten(self.space, observation))
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise InvalidObservationError(
                f"{type(self).__name__}: observation must lie in {self.space}, got {observation!r}"
            ) from error

    def to_json(self) -> Json:
        """Kind, space and the description of the part."""
        return {"kind": self.kind, "space": describe(self.space), "part": self.part.to_json()}


def _rows(encoder: Encoder, batch: Any, size: int) -> npt.NDArray[Any]:
    """One row of numbers an observation, checked."""
    try:
        values = np.asarray(batch)
    except ValueError as error:  # rows of different lengths
        raise InvalidObservationError(
            f"{type(encoder).__name__}: observation must hold {size} numbers, got {batch!r}"
        ) from error
    if values.ndim == 0 or values.size != len(values) * size:
        raise InvalidObservationError(
            f"{type(encoder).__name__}: observation must hold {size} numbers, "
            f"got a batch of shape {values.shape}"
        )
    values = values.reshape(len(values), size)
    if values.dtype.kind not in "fiub":
        raise InvalidObservationError(
            f"{type(encoder).__name__}: observation must hold real numbers, got {values.dtype}"
        )
    if values.dtype.kind == "f" and np.isnan(values).any():
        number = int(np.argwhere(np.isnan(values))[0, 1])
        raise InvalidObservationError(
            f"{type(encoder).__name__}: observation must not hold NaN, got it as number {number}"
        )
    return values


def _spread(fraction: npt.NDArray[np.float64], n_ticks: int) -> UInt8Array:
    """Drive evenly spread over time: round(fraction * n_ticks) impulses a neuron."""
    n_impulses = np.rint(fraction * n_ticks).astype(np.int64)[:, None, :]
    tick = np.arange(n_ticks)[None, :, None]
    before, after = tick * n_impulses // n_ticks, (tick + 1) * n_impulses // n_ticks
    return (after > before).astype(np.uint8)
