"""Gymnasium spaces as plain JSON and back, so that a champion's file can carry its own."""

import math
from collections.abc import Mapping
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium import spaces
from gymnasium.vector.utils import concatenate, create_empty_array

from spiking_agent.errors import UnsupportedSpaceError

Json = dict[str, Any]
DEFAULT_INTEGER = "int64"  # dtype of Discrete and MultiDiscrete, not written
MAX_SIZE = 10_000_000  # numbers in one Box: keeps a forged description from filling the memory


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
        If the description is of no kind that `describe` writes.
    KeyError, TypeError, AssertionError, OverflowError
        If it lacks a part or a part has the wrong form; some are Gymnasium's.

    Notes
    -----
    The characters of a Text and the parts of a Dict come out in order, whatever theirs was.
    """
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
        if math.prod(shape) > MAX_SIZE or dtype.kind not in "fiub":
            raise ValueError(
                f"Box must hold at most {MAX_SIZE} real numbers, got {shape} of {dtype}"
            )
        low, high = (_expand(description[name], shape, dtype) for name in ("low", "high"))
        return spaces.Box(low, high, shape, dtype.type)
    if kind == "Text":
        return spaces.Text(
            int(description["max_length"]),
            min_length=int(description["min_length"]),
            charset=description["characters"],
        )
    if kind == "Dict":
        return spaces.Dict({k: build(v) for k, v in description["spaces"].items()})
    if kind == "Tuple":
        return spaces.Tuple([build(part) for part in description["spaces"]])
    if kind == "OneOf":
        return spaces.OneOf([build(part) for part in description["spaces"]])
    raise ValueError(f"kind must be a kind of space that a champion can have, got {kind!r}")


def stack(space: gym.Space[Any], values: list[Any]) -> Any:
    """Put single values of a space into one batch, as vector environments do."""
    batch: Any = create_empty_array(space, len(values))
    return concatenate(space, values, batch)


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
