"""Encoders: each turns a batch of observations of one form into impulses.

An encoder gives a drive: uint8, shape (n, n_ticks, n_inputs), nonzero where an input neuron sends
an impulse. What lasts the whole decision is written once, with shape (n, 1, n_inputs).
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Protocol, runtime_checkable

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from spiking_agent.checks.arguments import flag, several, whole
from spiking_agent.checks.words import shown
from spiking_agent.codec.spaces import Json, describe
from spiking_agent.errors import InvalidObservationError

UInt8Array = npt.NDArray[np.uint8]
MAX_START = 2**53  # beyond it whole numbers are not exact as floats


@runtime_checkable
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
        object.__setattr__(self, "size", whole("size", self.size))

    @property
    def n_inputs(self) -> int:
        """One neuron a feature."""
        return self.size

    def encode(self, batch: Any, n_ticks: int) -> UInt8Array:
        """Drive every neuron whose feature is not 0."""
        values = rows_of_numbers(self, batch, self.size)
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
        The lowest value of each, from -2**53 to 2**53.
    silent_lowest : bool
        True leaves out the neuron of the lowest value, which then means silence: fits boards
        and images, where most cells are empty.

    Raises
    ------
    ValueError
        If a number has no value, or there are not as many lowest values as numbers, or one is
        too large.
    """

    n_values: tuple[int, ...]
    start: tuple[int, ...]
    silent_lowest: bool = False
    kind: ClassVar[str] = "one-hot"

    def __post_init__(self) -> None:
        sizes = several("n_values", self.n_values, partial(whole, least=1))
        object.__setattr__(self, "n_values", sizes)
        starts = several("start", self.start, partial(whole, least=-MAX_START, most=MAX_START))
        object.__setattr__(self, "start", starts)
        object.__setattr__(self, "silent_lowest", flag("silent_lowest", self.silent_lowest))
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
        given = rows_of_numbers(self, batch, len(self.n_values))
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
class ConcatenatedEncoder:
    """Parts of a Dict or Tuple observation, each with an encoder of its own.

    Parameters
    ----------
    keys : tuple of str or int
        Where each part is found in the observation.
    parts : tuple of Encoder
        The encoder of each part.

    Raises
    ------
    ValueError
        If there are not as many keys as parts.
    """

    keys: tuple[str | int, ...]
    parts: tuple[Encoder, ...]
    kind: ClassVar[str] = "concatenated"

    def __post_init__(self) -> None:
        if len(self.keys) != len(self.parts):
            raise ValueError(f"keys must be as many as parts, {len(self.parts)}, got {self.keys}")

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
                f"got {shown(batch)}"
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
                f"{type(self).__name__}: observation must lie in {self.space}, "
                f"got {shown(observation)}"
            ) from error

    def to_json(self) -> Json:
        """Kind, space and the description of the part."""
        return {"kind": self.kind, "space": describe(self.space), "part": self.part.to_json()}


def rows_of_numbers(encoder: Encoder, batch: Any, size: int) -> npt.NDArray[Any]:
    """Lay out a batch of observations as one row of numbers each, checked.

    Parameters
    ----------
    encoder : Encoder
        Whose name an error begins with.
    batch : array-like, shape (n, ...)
        Observations of `size` real numbers each.
    size : int
        Numbers of an observation.

    Returns
    -------
    ndarray, shape (n, size)
        The numbers, of the kind that they came in.

    Raises
    ------
    InvalidObservationError
        If there are more or fewer of them, or they are no real numbers.
    """
    try:
        values = np.asarray(batch)
    except ValueError as error:  # rows of different lengths
        raise InvalidObservationError(
            f"{type(encoder).__name__}: observation must hold {size} numbers, got {shown(batch)}"
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
