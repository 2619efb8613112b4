"""Encoders of bits and of whole numbers with few values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Self, TypeGuard

import gymnasium as gym
import numpy as np

from spiking_agent.checks.arguments import flag, several, whole
from spiking_agent.codec.encoders.base import (
    BaseEncoder,
    check_size,
    misfit,
    number_names,
    rows_of_numbers,
)
from spiking_agent.codec.whole_numbers import MAX_EXACT, whole_range
from spiking_agent.errors import InvalidObservationError
from spiking_agent.typing import Json, UInt8Array


@dataclass(frozen=True, slots=True)
class DirectEncoder(BaseEncoder):
    """Binary features: one neuron for each, driven at every tick while the feature is on.

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
        """One neuron per feature."""
        return self.size

    def encode(self, batch: Any, n_ticks: int) -> UInt8Array:
        """Drive every neuron whose feature is not 0.

        Parameters
        ----------
        batch : array_like, shape (n, ...)
            Observations of as many numbers as there are features.
        n_ticks : int
            Length of a decision, >= 1.

        Returns
        -------
        ndarray of uint8, shape (n, 1, n_inputs)
            Nonzero where an input neuron sends an impulse at every tick.

        Raises
        ------
        InvalidObservationError
            If there are more or fewer numbers, or they are not real numbers.
        """
        values = rows_of_numbers(self, batch, self.size)
        if values.dtype.itemsize > 1:
            values = values != 0
        return np.ascontiguousarray(values).view(np.uint8)[:, None]

    def input_names(self, names: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return the names of the features.

        Parameters
        ----------
        names : sequence of str, optional
            Names of the numbers of an observation.
        """
        return number_names(names, self.size)

    def check_fits(self, space: gym.Space[Any]) -> None:
        """Check that a space has as many numbers as there are features.

        Parameters
        ----------
        space : gymnasium.Space
            Space of one observation.

        Raises
        ------
        ValueError
            If it has more or fewer.
        """
        check_size(self, self.size, space)

    def to_json(self) -> Json:
        """Return kind and size."""
        return {"kind": self.kind, "size": self.size}

    @classmethod
    def from_json(cls, description: Mapping[str, Any]) -> Self:
        """Return the encoder that `to_json` wrote.

        Parameters
        ----------
        description : mapping
            What `to_json` returned.
        """
        return cls(description["size"])


@dataclass(frozen=True, slots=True)
class OneHotEncoder(BaseEncoder):
    """Whole numbers: one neuron per value, the one of the present value driven at every tick.

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
        starts = several("start", self.start, partial(whole, least=-MAX_EXACT, most=MAX_EXACT))
        object.__setattr__(self, "start", starts)
        object.__setattr__(self, "silent_lowest", flag("silent_lowest", self.silent_lowest))
        if len(self.start) != len(self.n_values):
            raise ValueError(
                f"start must be as long as n_values, {len(self.n_values)}, got {len(self.start)}"
            )

    @property
    def n_inputs(self) -> int:
        """One neuron per value, without the silent ones."""
        return sum(self.n_values) - self.silent_lowest * len(self.n_values)

    def encode(self, batch: Any, n_ticks: int) -> UInt8Array:
        """Drive the neuron of each present value.

        Parameters
        ----------
        batch : array_like, shape (n, ...)
            Observations of whole numbers.
        n_ticks : int
            Length of a decision, >= 1.

        Returns
        -------
        ndarray of uint8, shape (n, 1, n_inputs)
            Nonzero where an input neuron sends an impulse at every tick.

        Raises
        ------
        InvalidObservationError
            If a number is not in its range, or there are more or fewer numbers.
        """
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

    def input_names(self, names: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return such names as ``"2 is 5"``: number 2 of the observation has the value 5.

        Parameters
        ----------
        names : sequence of str, optional
            Names of the numbers of an observation.
        """
        numbers = zip(
            number_names(names, len(self.n_values)), self.start, self.n_values, strict=True
        )
        return tuple(
            f"{name} is {start + value}"
            for name, start, n_values in numbers
            for value in range(int(self.silent_lowest), n_values)
        )

    def check_fits(self, space: gym.Space[Any]) -> None:
        """Check that every value of every number has its place.

        Parameters
        ----------
        space : gymnasium.Space
            Space of one observation.

        Raises
        ------
        ValueError
            If one has not.
        """
        check_size(self, len(self.n_values), space)
        bounds = whole_range(space)
        if bounds is None:
            raise misfit(self, "must be of whole numbers", space)
        numbers = zip(self.start, self.n_values, *bounds, strict=True)
        for number, (start, n_values, low, high) in enumerate(numbers):
            if low < start or high >= start + n_values:
                values = f"{start}..{start + n_values - 1}"
                raise misfit(self, f"must have number {number} in {values}", space)

    def to_json(self) -> Json:
        """Return kind, values and lowest values."""
        return {
            "kind": self.kind,
            "n_values": list(self.n_values),
            "start": list(self.start),
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
        return cls(description["n_values"], description["start"], description["silent_lowest"])


def is_of_table(encoder: object) -> TypeGuard[OneHotEncoder]:
    """Return whether an encoder has one input for each state of a table, numbered from 0.

    Parameters
    ----------
    encoder : Encoder
        Any encoder.
    """
    return (
        type(encoder) is OneHotEncoder
        and len(encoder.n_values) == 1
        and encoder.start == (0,)
        and not encoder.silent_lowest
    )
