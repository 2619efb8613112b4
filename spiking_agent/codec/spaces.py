"""Gymnasium spaces as plain JSON and back, so that a champion's file can carry its own."""

import math
import operator
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from spiking_agent.errors import UnsupportedSpaceError

Json = dict[str, Any]
DEFAULT_INTEGER = "int64"  # dtype of Discrete and MultiDiscrete, not written
MAX_SIZE = 10_000_000  # numbers in one description: keeps a forged one from filling the memory
BOX_DTYPES = ("bool", *(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)))
BOX_DTYPES += ("float16", "float32", "float64")  # not longer ones, which float64 does not hold


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


def boxes(space: gym.Space[Any]) -> Iterator[spaces.Box]:
    """Find every Box in a space, however deep."""
    match space:
        case spaces.Box():
            yield space
        case spaces.Dict():
            yield from chain.from_iterable(map(boxes, space.spaces.values()))
        case spaces.Tuple() | spaces.OneOf():
            yield from chain.from_iterable(map(boxes, space.spaces))


def has_real_numbers(space: gym.Space[Any]) -> bool:
    """Tell whether there is a Box of floats in a space."""
    return any(np.dtype(box.dtype).kind == "f" for box in boxes(space))


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


def whole_range(space: gym.Space[Any]) -> tuple[list[int], list[int]] | None:
    """Return the lowest and the highest value of each number of a space.

    Parameters
    ----------
    space : gymnasium.Space
        A space of one array.

    Returns
    -------
    tuple of (list of int, list of int) or None
        In the order of the flat array; None if the numbers are not whole, or if it is a space of
        something else.
    """
    match space:
        case spaces.Discrete():
            return [int(space.start)], [int(space.start) + int(space.n) - 1]
        case spaces.MultiDiscrete():
            start, sizes = space.start.ravel().tolist(), space.nvec.ravel().tolist()
            return start, [low + size - 1 for low, size in zip(start, sizes, strict=True)]
        case spaces.MultiBinary():
            n = math.prod(space.shape)
            return [0] * n, [1] * n
        case spaces.Box() if np.dtype(space.dtype).kind in "iub":
            low, high = (bound.astype(object).ravel() for bound in (space.low, space.high))
            return list(map(int, low)), list(map(int, high))
    return None


def check_whole(space: gym.Space[Any]) -> None:
    """Refuse a Discrete or a MultiDiscrete with values that its dtype, or int64, cannot hold.

    Raises
    ------
    ValueError
        If there is such a value, or as many as it cannot count.
    """
    if isinstance(space, spaces.Discrete | spaces.MultiDiscrete):
        sizes = space.n if isinstance(space, spaces.Discrete) else space.nvec
        low, high = whole_range(space) or ([], [])
        _check_held(space.dtype, [*low, *high, *np.ravel(sizes).tolist()])


def _check_held(dtype: Any, numbers: list[int]) -> None:
    held = np.iinfo(dtype)
    least, most = held.min, min(int(held.max), 2**63 - 1)
    for number in (min(numbers, default=least), max(numbers, default=least)):
        if not least <= number <= most:
            raise ValueError(
                f"values of a space of {np.dtype(dtype)} must lie in [{least}, {most}], "
                f"got {number}"
            )


def _sum_sizes(sizes: Any) -> int:
    return sum(map(_sum_sizes, sizes)) if isinstance(sizes, list) else _size(sizes)


def _size(value: Any) -> int:
    size = operator.index(value)
    if size < 0:
        raise ValueError(f"size must be >= 0, got {size}")
    return size


def _build(description: Mapping[str, Any]) -> gym.Space[Any]:
    kind = description["kind"]
    # Discrete takes no dtype before Gymnasium 1.2.2, so the default is not asked for
    integer = description.get("dtype", DEFAULT_INTEGER)
    named = {} if integer == DEFAULT_INTEGER else {"dtype": integer}
    if kind == "Discrete":
        n, start = (operator.index(description[name]) for name in ("n", "start"))
        _check_held(integer, [n, start, start + n - 1])
        return spaces.Discrete(n, start=start, **named)
    if kind == "MultiDiscrete":
        nvec, starts = (np.array(description[name], object) for name in ("nvec", "start"))
        sizes, lowest = ([operator.index(v) for v in array.ravel()] for array in (nvec, starts))
        highest = [low + size - 1 for low, size in zip(lowest, sizes, strict=True)]
        _check_held(integer, [*sizes, *lowest, *highest])
        return spaces.MultiDiscrete(description["nvec"], start=description["start"], **named)
    if kind == "MultiBinary":
        return spaces.MultiBinary(description["n"])
    if kind == "Box":
        if description["dtype"] not in BOX_DTYPES:
            raise ValueError(f"dtype of a Box must be of real numbers, got {description['dtype']}")
        shape, dtype = tuple(description["shape"]), np.dtype(description["dtype"])
        low, high = (_expand(description[name], shape, dtype) for name in ("low", "high"))
        return spaces.Box(low, high, shape, dtype.type)
    if kind == "Text":
        characters = description["characters"]
        if not isinstance(characters, str) or not characters:
            raise ValueError(f"characters must be a string of at least one, got {characters!r}")
        return spaces.Text(
            int(description["max_length"]),
            min_length=int(description["min_length"]),
            charset=characters,
        )
    if kind == "Dict":
        return spaces.Dict({k: _build(v) for k, v in description["spaces"].items()})
    parts = [_build(part) for part in description["spaces"]]
    return spaces.Tuple(parts) if kind == "Tuple" else spaces.OneOf(parts)


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
