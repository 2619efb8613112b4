"""Gymnasium spaces as plain JSON and back, so that a champion's file can carry its own."""

import math
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium import spaces
from gymnasium.vector.utils import concatenate, create_empty_array

from spiking_agent.errors import UnsupportedSpaceError

Json = dict[str, Any]
DEFAULT_INTEGER = "int64"  # dtype of Discrete and MultiDiscrete, not written
MAX_SIZE = 10_000_000  # numbers in one description: keeps a forged one from filling the memory


def describe(space: gym.Space[Any]) -> Json:
    """Write a space as JSON values.

    Raises
    ------
    UnsupportedSpaceError
        If the space has no fixed size, as `Graph` and `Sequence` have none, or is of a kind
        that Gymnasium cannot flatten.
    """
    match space:
        case spaces.Discrete():
            whole = {"kind": "Discrete", "n": int(space.n), "start": int(space.start)}
            return whole | _dtype(space)
        case spaces.MultiDiscrete():
            lists = {"nvec": space.nvec.tolist(), "start": space.start.tolist()}
            return {"kind": "MultiDiscrete", **lists, **_dtype(space)}
        case spaces.MultiBinary():
            n = space.n if isinstance(space.n, int) else list(space.shape)
            return {"kind": "MultiBinary", "n": n}
        case spaces.Box():
            return {
                "kind": "Box",
                "low": _compact(space.low),
                "high": _compact(space.high),
                "shape": list(space.shape),
                "dtype": np.dtype(space.dtype).name,
            }
        case spaces.Text():
            return {
                "kind": "Text",
                "min_length": space.min_length,
                "max_length": space.max_length,
                "characters": "".join(sorted(space.character_set)),
            }
        case spaces.Dict() if all(isinstance(key, str) for key in space.spaces):
            return {"kind": "Dict", "spaces": {k: describe(v) for k, v in space.spaces.items()}}
        case spaces.Tuple() | spaces.OneOf():
            return {"kind": type(space).__name__, "spaces": [describe(s) for s in space.spaces]}
    raise UnsupportedSpaceError(
        f"space must have a fixed size that Gymnasium can flatten, got {space}: "
        "wrap the environment so that its spaces are Box, Discrete or built of those by names"
    )


def build(description: Mapping[str, Any]) -> gym.Space[Any]:
    """Make the space that `describe` wrote.

    Raises
    ------
    ValueError
        If the description is of no kind that `describe` writes, or holds more than `MAX_SIZE`
        numbers, those of its parts together; nothing is built then.
    KeyError, TypeError, AssertionError, OverflowError
        If it lacks a part or a part has the wrong form; some are Gymnasium's.

    Notes
    -----
    The characters of a Text and the parts of a Dict come out in order, whatever theirs was.
    """
    check_size(count_numbers(description))
    return _build(description)


def count_numbers(description: Mapping[str, Any]) -> int:
    """Count the numbers of a space, one for each value of a whole number, without building it.

    Parameters
    ----------
    description : mapping
        What `describe` wrote.

    Returns
    -------
    int
        Numbers of all parts, >= 0.

    Raises
    ------
    ValueError
        If the description is of no kind that `describe` writes, or a size is negative.
    KeyError, TypeError, AttributeError
        If it lacks a part or a part has the wrong form.
    """
    match description["kind"]:
        case "Discrete":
            return _size(description["n"])
        case "MultiDiscrete":
            return _sum_sizes(description["nvec"])
        case "MultiBinary":
            n = description["n"]
            return math.prod(map(_size, n if isinstance(n, list) else [n]))
        case "Box":
            return math.prod(map(_size, description["shape"]))
        case "Text":
            return _size(description["max_length"])
        case "Dict":
            return sum(map(count_numbers, description["spaces"].values()))
        case "Tuple" | "OneOf":
            return sum(map(count_numbers, description["spaces"]))
        case kind:
            raise ValueError(f"kind must be a kind of space that a champion can have, got {kind!r}")


def check_size(n_numbers: int) -> None:
    """Refuse what would fill the memory.

    Raises
    ------
    ValueError
        If there are more than `MAX_SIZE` numbers.
    """
    if n_numbers > MAX_SIZE:
        raise ValueError(f"space must hold at most {MAX_SIZE} numbers, got {n_numbers}")


def _sum_sizes(sizes: Any) -> int:
    return sum(map(_sum_sizes, sizes)) if isinstance(sizes, list) else _size(sizes)


def _size(value: Any) -> int:
    size = operator.index(value)
    if size < 0:
        raise ValueError(f"size must be >= 0, got {size}")
    return size


def _build(description: Mapping[str, Any]) -> gym.Space[Any]:
    kind = description["kind"]
    integer = description.get("dtype", DEFAULT_INTEGER)
    if kind == "Discrete":
        return spaces.Discrete(
            int(description["n"]), start=int(description["start"]), dtype=integer
        )
    if kind == "MultiDiscrete":
        return spaces.MultiDiscrete(description["nvec"], dtype=integer, start=description["start"])
    if kind == "MultiBinary":
        return spaces.MultiBinary(description["n"])
    if kind == "Box":
        shape, dtype = tuple(description["shape"]), np.dtype(description["dtype"])
        if dtype.kind not in "fiub":
            raise ValueError(f"dtype of a Box must be of real numbers, got {dtype}")
        low, high = (_expand(description[name], shape, dtype) for name in ("low", "high"))
        return spaces.Box(low, high, shape, dtype.type)
    if kind == "Text":
        return spaces.Text(
            int(description["max_length"]),
            min_length=int(description["min_length"]),
            charset=description["characters"],
        )
    if kind == "Dict":
        return spaces.Dict({k: _build(v) for k, v in description["spaces"].items()})
    parts = [_build(part) for part in description["spaces"]]
    return spaces.Tuple(parts) if kind == "Tuple" else spaces.OneOf(parts)


def stack(space: gym.Space[Any], values: list[Any]) -> Any:
    """Put single values of a space into one batch, as vector environments do.

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
    ValueError, TypeError, LookupError, OverflowError
        If a value does not fit the space; NumPy's and Gymnasium's own.
    """
    batch: Any = create_empty_array(space, len(values))
    return concatenate(space, values, batch)


def is_batch(space: gym.Space[Any], value: Any) -> bool:
    """Tell a batch of values, in the form that `stack` gives, from a single value.

    Parameters
    ----------
    space : gymnasium.Space
        Space of one value.
    value : element of `space`, or a batch of them
        Judged by its shape alone, so bounds and kinds of numbers may be wrong; a Dict or Tuple
        by the first of its parts that tells.

    Raises
    ------
    ValueError
        If it has the form of neither.
    """
    for part, part_value in _leaves(space, value):
        answer = _is_leaf_batch(part, part_value)
        if answer is not None:
            return answer
    raise ValueError(f"value must be of {space} or a batch of it, got {value!r}")


def batch_size(space: gym.Space[Any], batch: Any) -> int:
    """Count the values in a batch of the form that `stack` gives.

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
    """Spaces that are no Dict or Tuple, each with its part of the value, None if it has none."""
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
    """Tell whether a value that is no Dict or Tuple is a batch; None if it is neither."""
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
    """Tell whether it has the form of a value of OneOf: which space, and a value of it."""
    return isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], int | np.integer)


def _dtype(space: gym.Space[Any]) -> Json:
    name = np.dtype(space.dtype).name
    return {} if name == DEFAULT_INTEGER else {"dtype": name}


def _compact(bounds: npt.NDArray[Any]) -> Any:
    """Write bounds as one number if all are the same; infinities become strings."""
    flat = [value if np.isfinite(value) else str(value) for value in bounds.ravel().tolist()]
    return flat[0] if len(set(flat)) == 1 else flat


def _expand(bounds: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    number = int if dtype.kind in "iu" else float
    if isinstance(bounds, list):
        return np.array([number(value) for value in bounds], dtype).reshape(shape)
    return np.full(shape, number(bounds), dtype)
