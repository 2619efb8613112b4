"""Batches of values of a space, in the forms that Gymnasium's vector environments give them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.vector.utils import concatenate, create_empty_array

from spiking_agent.checks.words import shown
from spiking_agent.errors import InvalidObservationError
from spiking_agent.typing import IntpArray


def stack(space: gym.Space[Any], values: list[Any]) -> Any:
    """Return a batch of single values of a space, as vector environments do.

    Parameters
    ----------
    space : gymnasium.Space
        Space of one value.
    values : list of elements of `space`
        The values; they are copied.

    Returns
    -------
    batch
        An array with one more leading axis where the space is Box, Discrete, MultiBinary or
        MultiDiscrete, a tuple of the values where it is Text or OneOf, and a dict or tuple of
        the parts' batches where it is Dict or Tuple.

    Raises
    ------
    InvalidObservationError
        If a value does not fit the space.
    """
    batch: Any = create_empty_array(space, len(values))
    try:
        return concatenate(space, values, batch)
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
        for value in values if len(values) > 1 else []:
            stack(space, [value])  # raises for the wrong one
        raise InvalidObservationError(
            f"observation must be of {space}, got {shown(values[0])}"
        ) from error


def some(batch: Any, rows: IntpArray) -> Any:
    """Return some of the values of a batch, as a batch.

    Parameters
    ----------
    batch : batch
        One that `stack` returned.
    rows : ndarray of intp, shape (n,)
        Which values, no row twice and in order.
    """
    if isinstance(batch, dict):
        return {key: some(part, rows) for key, part in batch.items()}
    if isinstance(batch, tuple):
        return tuple(some(part, rows) for part in batch)
    return batch if len(rows) == len(batch) else batch[rows]


def put(batch: Any, rows: IntpArray, values: Any) -> None:
    """Replace some of the values of a batch.

    Parameters
    ----------
    batch : batch
        One that `stack` returned.
    rows : ndarray of intp, shape (n,)
        Which values, no row twice.
    values : batch
        What they are replaced by, n of them.
    """
    if isinstance(batch, dict | tuple):
        for key in batch if isinstance(batch, dict) else range(len(batch)):
            put(batch[key], rows, values[key])
    else:
        batch[rows] = values


def is_batch(space: gym.Space[Any], value: Any) -> bool:
    """Return whether something is a batch of values, as `stack` returns it, or a single value.

    Parameters
    ----------
    space : gymnasium.Space
        Space of one value.
    value : element of `space`, or a batch of them
        Judged by its shape alone, so bounds and kinds of numbers may be wrong; a Dict or Tuple
        by the first of its parts that has the form of either.

    Raises
    ------
    ValueError
        If it has the form of neither.
    """
    for part, part_value in _leaves(space, value):
        answer = _is_leaf_batch(part, part_value)
        if answer is not None:
            return answer
    raise ValueError(f"value must be of {space} or a batch of it, got {shown(value)}")


def batch_size(space: gym.Space[Any], batch: Any) -> int:
    """Return the number of values in a batch of the form that `stack` returns.

    Parameters
    ----------
    space : gymnasium.Space
        Space of one value.
    batch : batch of elements of `space`
        One for which `is_batch` holds.

    Returns
    -------
    int
        Number of values, >= 1.

    Raises
    ------
    ValueError
        If there is none, or the parts are not batches of one size.
    """
    sizes = {
        len(value) if _is_leaf_batch(part, value) else 0 for part, value in _leaves(space, batch)
    }
    if len(sizes) != 1 or 0 in sizes:
        raise ValueError(f"batch must have parts of one size >= 1, got {sorted(sizes)}")
    return sizes.pop()


def _leaves(space: gym.Space[Any], value: Any) -> Iterator[tuple[gym.Space[Any], Any]]:
    """Yield spaces that are no Dict or Tuple, each with its part of the value, None if missing."""
    if isinstance(space, spaces.Dict):
        for key, part in space.spaces.items():
            yield from _leaves(part, value.get(key) if isinstance(value, Mapping) else None)
    elif isinstance(space, spaces.Tuple):
        fits = isinstance(value, tuple | list) and len(value) == len(space.spaces)
        for place, part in enumerate(space.spaces):
            yield from _leaves(part, value[place] if fits else None)
    else:
        yield space, value


def _is_leaf_batch(space: gym.Space[Any], value: Any) -> bool | None:
    """Return whether a value of a space without parts is a batch; None if it has neither form."""
    if isinstance(space, spaces.Text):
        return _is_sequence_of(value, _is_text)
    if isinstance(space, spaces.OneOf):
        return _is_sequence_of(value, _is_choice)
    if value is None:  # whose shape would be that of a number
        return None
    try:
        shape = np.shape(value)
    except ValueError:  # rows of different lengths
        return None
    if shape == space.shape:
        return False
    return True if len(shape) > 0 and shape[1:] == space.shape else None


def _is_sequence_of(value: Any, is_single: Callable[[Any], bool]) -> bool | None:
    if is_single(value):
        return False
    is_sequence = isinstance(value, tuple | list | np.ndarray) and np.iterable(value)
    return True if is_sequence and len(value) and all(map(is_single, value)) else None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_choice(value: Any) -> bool:
    """Return whether it has the form of a value of OneOf: which space, and a value of it."""
    return isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], int | np.integer)
