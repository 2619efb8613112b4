"""Gymnasium spaces as plain JSON and back, so that a champion's file can carry its own."""

import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial, singledispatch
from itertools import chain
from typing import Any, Final

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from spiking_agent.checks.arguments import choice, several, whole
from spiking_agent.checks.mappings import mapping
from spiking_agent.checks.words import shown
from spiking_agent.codec.whole_numbers import check_held
from spiking_agent.errors import UnsupportedSpaceError
from spiking_agent.typing import Json

Spaces = tuple[gym.Space[Any], gym.Space[Any]]  # of one observation and of one action
DEFAULT_INTEGER: Final = "int64"  # dtype of Discrete and MultiDiscrete, not written
MAX_SIZE: Final = 10_000_000  # numbers in one description: a forged one must not fill the memory
INTEGERS = tuple(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64))
LOWEST: Final = -(2**63)  # of whole numbers
BOX_DTYPES: Final = ("bool", *INTEGERS, "float16", "float32", "float64")  # float64 holds them all


@singledispatch
def describe(space: gym.Space[Any]) -> Json:
    """Return a space as JSON values.

    Parameters
    ----------
    space : gymnasium.Space
        The space.

    Raises
    ------
    UnsupportedSpaceError
        If the space has no fixed size, as `Graph` and `Sequence` have none, or is of a kind
        that Gymnasium cannot flatten.
    """
    raise _unsupported(space)


@describe.register(spaces.Discrete)
def _(space: spaces.Discrete) -> Json:
    return {"kind": "Discrete", "n": int(space.n), "start": int(space.start), **_dtype(space)}


@describe.register(spaces.MultiDiscrete)
def _(space: spaces.MultiDiscrete) -> Json:
    lists = {"nvec": space.nvec.tolist(), "start": space.start.tolist()}
    return {"kind": "MultiDiscrete", **lists, **_dtype(space)}


@describe.register(spaces.MultiBinary)
def _(space: spaces.MultiBinary) -> Json:
    return {"kind": "MultiBinary", "n": space.n if isinstance(space.n, int) else list(space.shape)}


@describe.register(spaces.Box)
def _(space: spaces.Box) -> Json:
    return {
        "kind": "Box",
        "low": _compact(space.low),
        "high": _compact(space.high),
        "shape": list(space.shape),
        "dtype": np.dtype(space.dtype).name,
    }


@describe.register(spaces.Text)
def _(space: spaces.Text) -> Json:
    return {
        "kind": "Text",
        "min_length": space.min_length,
        "max_length": space.max_length,
        "characters": "".join(sorted(space.character_set)),
    }


@describe.register(spaces.Dict)
def _(space: spaces.Dict) -> Json:
    if not all(isinstance(key, str) for key in space.spaces):
        raise _unsupported(space)
    return {"kind": "Dict", "spaces": {k: describe(v) for k, v in space.spaces.items()}}


@describe.register(spaces.Tuple)
@describe.register(spaces.OneOf)
def _(space: Any) -> Json:
    return {"kind": type(space).__name__, "spaces": [describe(s) for s in space.spaces]}


@singledispatch
def boxes(space: gym.Space[Any]) -> Iterator[spaces.Box]:
    """Return every Box in a space, however deep.

    Parameters
    ----------
    space : gymnasium.Space
        The space.
    """
    return iter(())


@boxes.register(spaces.Box)
def _(space: spaces.Box) -> Iterator[spaces.Box]:
    return iter((space,))


@boxes.register(spaces.Dict)
def _(space: spaces.Dict) -> Iterator[spaces.Box]:
    return chain.from_iterable(map(boxes, space.spaces.values()))


@boxes.register(spaces.Tuple)
@boxes.register(spaces.OneOf)
def _(space: Any) -> Iterator[spaces.Box]:
    return chain.from_iterable(map(boxes, space.spaces))


def has_real_numbers(space: gym.Space[Any]) -> bool:
    """Return whether there is a Box of floats in a space.

    Parameters
    ----------
    space : gymnasium.Space
        The space.
    """
    return any(np.dtype(box.dtype).kind == "f" for box in boxes(space))


def build(description: Mapping[str, Any]) -> gym.Space[Any]:
    """Return the space that `describe` wrote.

    Parameters
    ----------
    description : mapping
        What `describe` returned.

    Raises
    ------
    ValueError
        If `describe` writes no such description, or it holds more than `MAX_SIZE` numbers, those
        of its parts together; nothing is built then.
    KeyError, TypeError, AssertionError, OverflowError
        If it lacks a part or a part has the wrong form; some of these come from Gymnasium.

    Notes
    -----
    The characters of a Text and the parts of a Dict come out sorted.
    """
    check_size(count_numbers(description))
    return _build(description)


def count_numbers(description: Mapping[str, Any]) -> int:
    """Return how many numbers a described space has, one for each value of a whole number.

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
        If the description is of no kind that `describe` writes, or a part has the wrong form.
    KeyError
        If it lacks a part.
    """
    given = mapping("space", description)
    match given["kind"]:
        case "Discrete":
            return whole("n", given["n"])
        case "MultiDiscrete":
            return sum(_numbers("nvec", given["nvec"]))
        case "MultiBinary":
            return math.prod(_numbers("n", given["n"]))
        case "Box":
            return math.prod(several("shape", given["shape"], whole))
        case "Text":
            return whole("max_length", given["max_length"])
        case "Dict":
            return sum(map(count_numbers, mapping("spaces", given["spaces"]).values()))
        case "Tuple" | "OneOf":
            return sum(map(count_numbers, several("spaces", given["spaces"], mapping)))
        case kind:
            raise ValueError(
                f"kind must be a kind of space that a champion can have, got {shown(kind)}"
            )


def check_size(n_numbers: int) -> None:
    """Refuse what would fill the memory.

    Parameters
    ----------
    n_numbers : int
        Numbers of a space, or of several together.

    Raises
    ------
    ValueError
        If there are more than `MAX_SIZE` numbers.
    """
    if n_numbers > MAX_SIZE:
        raise ValueError(f"space must hold at most {MAX_SIZE} numbers, got {n_numbers}")


def first_difference(
    wanted: Spaces, got: Spaces
) -> tuple[str, gym.Space[Any], gym.Space[Any]] | None:
    """Return the name of the first space that differs, as it should be, and as it is; or None.

    Parameters
    ----------
    wanted, got : (gymnasium.Space, gymnasium.Space)
        An observation space and an action space.
    """
    for name, own, other in zip(("observation_space", "action_space"), wanted, got, strict=True):
        if describe(own) != describe(other):
            return name, own, other
    return None


def _unsupported(space: gym.Space[Any]) -> UnsupportedSpaceError:
    return UnsupportedSpaceError(
        f"space must have a fixed size that Gymnasium can flatten, got {space}: "
        "wrap the environment so that its spaces are Box, Discrete or built of those by names"
    )


def _numbers(name: str, values: object, least: int = 0) -> list[int]:
    """Return the whole numbers in a list, or in lists within it, or a single one."""
    if not isinstance(values, list):
        return [whole(name, values, least)]
    parts = (_numbers(f"{name}[{place}]", part, least) for place, part in enumerate(values))
    return list(chain.from_iterable(parts))


def _build(description: Mapping[str, Any]) -> gym.Space[Any]:
    kind = description["kind"]
    if kind in ("Discrete", "MultiDiscrete"):
        return _build_whole(description)
    if kind == "MultiBinary":
        n = _numbers("n", description["n"])
        return spaces.MultiBinary(n if isinstance(description["n"], list) else n[0])
    if kind == "Box":
        if description["dtype"] not in BOX_DTYPES:
            raise ValueError(f"dtype of a Box must be of real numbers, got {description['dtype']}")
        shape = several("shape", description["shape"], whole)
        dtype = np.dtype(description["dtype"])
        low, high = (_expand(name, description[name], shape, dtype) for name in ("low", "high"))
        return spaces.Box(low, high, shape, dtype.type)
    if kind == "Text":
        characters = description["characters"]
        if not isinstance(characters, str) or not characters:
            raise ValueError(f"characters must be a string of at least one, got {characters!r}")
        least, most = (whole(name, description[name]) for name in ("min_length", "max_length"))
        return spaces.Text(most, min_length=least, charset=characters)
    if kind == "Dict":
        return spaces.Dict({k: _build(v) for k, v in description["spaces"].items()})
    parts = [_build(part) for part in description["spaces"]]
    return spaces.Tuple(parts) if kind == "Tuple" else spaces.OneOf(parts)


def _build_whole(description: Mapping[str, Any]) -> gym.Space[Any]:
    """Return the Discrete or the MultiDiscrete that is described."""
    integer = choice("dtype", description.get("dtype", DEFAULT_INTEGER), INTEGERS)
    # Discrete takes no dtype before Gymnasium 1.2.2, so the default is not asked for
    named: dict[str, Any] = {} if integer == DEFAULT_INTEGER else {"dtype": integer}
    if description["kind"] == "Discrete":
        n, first = whole("n", description["n"], 1), whole("start", description["start"], LOWEST)
        check_held(integer, [n, first, first + n - 1])
        return spaces.Discrete(n, start=first, **named)
    sizes = _numbers("nvec", description["nvec"], 1)
    starts = _numbers("start", description["start"], LOWEST)
    if len(sizes) != len(starts):
        raise ValueError(f"start must have {len(sizes)} numbers, as nvec has, got {len(starts)}")
    ends = [start + size - 1 for start, size in zip(starts, sizes, strict=True)]
    check_held(integer, [*sizes, *starts, *ends])
    return spaces.MultiDiscrete(description["nvec"], start=description["start"], **named)


def _dtype(space: gym.Space[Any]) -> Json:
    name = np.dtype(space.dtype).name
    return {} if name == DEFAULT_INTEGER else {"dtype": name}


def _compact(bounds: npt.NDArray[Any]) -> Any:
    """Return bounds as one number if all are the same; infinities become strings."""
    flat = [value if np.isfinite(value) else str(value) for value in bounds.ravel().tolist()]
    return flat[0] if len(set(flat)) == 1 else flat


def _expand(
    name: str, bounds: object, shape: tuple[int, ...], dtype: np.dtype[Any]
) -> npt.NDArray[Any]:
    """Return what `_compact` wrote as an array."""
    number: Callable[[str, object], float] = _real
    if dtype.kind in "iu":
        held = np.iinfo(dtype)
        number = partial(whole, least=int(held.min), most=int(held.max))
    if not isinstance(bounds, list):
        return np.full(shape, number(name, bounds), dtype)
    numbers = several(name, bounds, number)
    if len(numbers) != math.prod(shape):
        raise ValueError(
            f"{name} must have {math.prod(shape)} numbers, as the shape says, got {len(numbers)}"
        )
    return np.array(numbers, dtype).reshape(shape)


def _real(name: str, value: Any) -> float:
    """Return a number that may be infinite, which a file holds as text."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be a number, got {shown(value)}") from error
