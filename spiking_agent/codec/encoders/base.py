"""What every encoder has: it turns a batch of observations of one form into impulses.

The impulses are called a drive: uint8, shape (n, n_ticks, n_inputs), nonzero where an input neuron
sends an impulse. What lasts the whole decision is written once, with shape (n, 1, n_inputs).
"""

import math
from collections.abc import Sequence
from itertools import accumulate, chain
from typing import Any, ClassVar, Protocol, runtime_checkable

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from spiking_agent.checks.words import shown
from spiking_agent.errors import InvalidObservationError
from spiking_agent.typing import Json, Pairs, UInt8Array

OF_NUMBERS = (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)


@runtime_checkable
class Encoder(Protocol):
    """What turns observations into impulses, and says what they mean.

    `BaseEncoder` has all but `kind`, `n_inputs`, `encode` and `to_json`.
    """

    kind: ClassVar[str]

    @property
    def n_inputs(self) -> int:
        """Number of input neurons that it drives."""
        ...

    @property
    def parts(self) -> "tuple[Encoder, ...]":
        """Encoders whose inputs, one after the other, are its own."""
        ...

    def encode(self, batch: Any, n_ticks: int) -> UInt8Array:
        """Return the drive for a batch of observations.

        Parameters
        ----------
        batch
            Observations of n lanes, as a vector environment returns them.
        n_ticks : int
            Length of a decision, >= 1.

        Returns
        -------
        ndarray of uint8, shape (n, n_ticks, n_inputs) or (n, 1, n_inputs)
            Nonzero where an input neuron sends an impulse; the second form is for what lasts the
            whole decision.

        Raises
        ------
        InvalidObservationError
            If an observation is not of the form that this encoder takes.
        """
        ...

    def to_json(self) -> Json:
        """Return everything that `encoder_from_json` needs to make it again."""
        ...

    def input_names(self, names: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return a name for each input, made of those of the observation's numbers, if any.

        Parameters
        ----------
        names : sequence of str, optional
            Names of the numbers of an observation.

        Returns
        -------
        tuple of str
            `n_inputs` names.
        """
        ...

    def opposite_inputs(self) -> Pairs:
        """Return the pairs of inputs that stand for what is above and below a middle."""
        ...

    def constant_inputs(self) -> tuple[int, ...]:
        """Return the inputs that are driven at every tick, whatever is observed."""
        ...

    def input_grid(self) -> tuple[int, int, int] | None:
        """Return channels, rows and columns of a grid that the inputs lie on, or None.

        Such inputs come channel by channel and row by row, and a constant one follows them.
        """
        ...

    def check_fits(self, space: gym.Space[Any]) -> None:
        """Check that every observation of a space can be encoded.

        Parameters
        ----------
        space : gymnasium.Space
            Space of one observation.

        Raises
        ------
        ValueError
            If one cannot.
        """
        ...


@runtime_checkable
class ResizableEncoder(Encoder, Protocol):
    """An encoder of observations on a grid, which can be made for one of another size."""

    def fitting(self, space: gym.Space[Any]) -> Encoder:
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
        ...


class BaseEncoder:
    """Defaults for an encoder; subclasses add `kind`, `n_inputs`, `encode` and `to_json`.

    Without `parts`, inputs are named by their numbers, and none is constant or the opposite of
    another. With `parts`, names, opposite and constant inputs are those of the parts, one part
    after the other. Inputs lie on no grid, and every space is taken to fit.
    """

    __slots__ = ()

    @property
    def parts(self) -> tuple[Encoder, ...]:
        """No encoders: it is not made of others."""
        return ()

    def input_names(self: Encoder, names: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return the names that the parts give, or numbers.

        Parameters
        ----------
        names : sequence of str, optional
            Names of the numbers of an observation, which are not used.
        """
        if self.parts:
            return tuple(chain.from_iterable(part.input_names() for part in self.parts))
        return tuple(map(str, range(self.n_inputs)))

    def opposite_inputs(self: Encoder) -> Pairs:
        """Return the pairs of the parts."""
        return tuple(
            (one + start, other + start)
            for part, start in zip(self.parts, _starts(self.parts), strict=True)
            for one, other in part.opposite_inputs()
        )

    def constant_inputs(self: Encoder) -> tuple[int, ...]:
        """Return the constant inputs of the parts."""
        return tuple(
            number + start
            for part, start in zip(self.parts, _starts(self.parts), strict=True)
            for number in part.constant_inputs()
        )

    def input_grid(self) -> tuple[int, int, int] | None:
        """Return None: inputs do not lie on a grid."""
        return None

    def check_fits(self, space: gym.Space[Any]) -> None:
        """Accept every space.

        Parameters
        ----------
        space : gymnasium.Space
            Any space.
        """


def _starts(parts: Sequence[Encoder]) -> list[int]:
    """Return the first input of each part."""
    return list(accumulate((part.n_inputs for part in parts), initial=0))[: len(parts)]


def number_names(names: Sequence[str] | None, size: int) -> tuple[str, ...]:
    """Return the names of an observation's numbers, or their places if there are not as many.

    Parameters
    ----------
    names : sequence of str or None
        Names that the environment gives, if it does.
    size : int
        Numbers of an observation.
    """
    if isinstance(names, Sequence) and len(names) == size:
        return tuple(map(str, names))
    return tuple(map(str, range(size)))


def check_size(encoder: Encoder, size: int, space: gym.Space[Any]) -> None:
    """Refuse a space that is not one of so many numbers.

    Parameters
    ----------
    encoder : Encoder
        Whose kind an error names.
    size : int
        Numbers of an observation.
    space : gymnasium.Space
        Space of one observation.

    Raises
    ------
    ValueError
        If it is one of more or fewer, or of something else.
    """
    if not isinstance(space, OF_NUMBERS) or math.prod(space.shape or ()) != size:
        raise misfit(encoder, f"must have {size} numbers", space)


def misfit(encoder: Encoder, rule: str, space: gym.Space[Any]) -> ValueError:
    """Return the error to raise where an encoder does not fit a space.

    Parameters
    ----------
    encoder : Encoder
        Whose kind the error names.
    rule : str
        What the space must be, such as "must have 3 numbers".
    space : gymnasium.Space
        What it is.
    """
    return ValueError(f"observation space of a {encoder.kind} encoder {rule}, got {space}")


def rows_of_numbers(encoder: Encoder, batch: Any, size: int) -> npt.NDArray[Any]:
    """Return a batch of observations as one row of numbers each, checked.

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
        The numbers, of the dtype that they came in.

    Raises
    ------
    InvalidObservationError
        If there are more or fewer of them, or they are not real numbers.
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
