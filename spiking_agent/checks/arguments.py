"""Checks of arguments, which turn them into plain Python values.

A NumPy number, or a whole float, is as good as a Python number. They are turned into the same
plain values here, so that what is saved in a file is read back unchanged.
"""

import math
import operator
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from numbers import Real
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np

from spiking_agent.checks.mappings import mapping
from spiking_agent.checks.words import shown

T = TypeVar("T")

MAX_BITS: Final = 4096  # of a whole number; Python prints numbers of up to about 4 times as many
MAX_COMMON: Final = 2**63
MAX_NUMBER: Final = 2**1023  # larger bounds have no finite difference


def whole(
    name: str, value: object, least: int = 0, most: int | None = None, *, bound: str = ""
) -> int:
    """Return a whole number within bounds as an int.

    Parameters
    ----------
    name : str
        Name of the argument, for the message.
    value : object
        A number of any type; 1e4 is a whole number, True is not.
    least, most : int
        Bounds, inclusive.
    bound : str
        Where the upper bound comes from, for the message.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    if type(value) is int and least <= value <= (MAX_COMMON if most is None else most):
        return value  # nearly always; fast, because there may be a million of them
    given: Any = _plain(value)
    if isinstance(given, float) and given.is_integer():
        given = int(value)  # type: ignore[call-overload]  # of `value`, since floats are rounded
    is_whole = isinstance(given, int) and not isinstance(given, bool)
    if is_whole and least <= given and (most is None or given <= most):
        return int(given)
    rule = f">= {least}" if most is None else f"in {least}..{most}{f' ({bound})' * bool(bound)}"
    raise ValueError(f"{name} must be a whole number {rule}, got {shown(value)}")


def number(
    name: str,
    value: object,
    rule: str = "a finite number",
    fits: Callable[[float], bool] = math.isfinite,
) -> float:
    """Return a finite number as a float.

    Parameters
    ----------
    name : str
        Name of the argument, for the message.
    value : object
        A number of any type, but not True or False.
    rule : str
        What it must be, for the message, such as "in (0, 1]".
    fits : callable
        Takes a finite number and returns whether it meets the rule.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    given = _plain(value)
    size = math.nan if given is None or isinstance(given, bool) else abs(given)
    if not (size <= MAX_NUMBER and fits(float(given))):  # type: ignore[arg-type]
        bound = ", at most 2**1023 in size" * (MAX_NUMBER < size < math.inf)
        raise ValueError(f"{name} must be {rule}{bound}, got {shown(value)}")
    return float(given)  # type: ignore[arg-type]


def flag(name: str, value: object) -> bool:
    """Return a boolean of Python or NumPy as a bool.

    Parameters
    ----------
    name : str
        What messages call the value.
    value : object
        Any object.

    Raises
    ------
    ValueError
        If it is anything else, such as "no" or 1.
    """
    given = _plain(value)
    if not isinstance(given, bool):
        raise ValueError(f"{name} must be True or False, got {shown(value)}")
    return given


def text(name: str, value: object) -> str:
    """Return a string that is not empty as a str.

    Parameters
    ----------
    name : str
        What messages call the value.
    value : object
        Any object.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} must be a name, got {shown(value)}")
    return str(value)


def file_path(name: str, value: object) -> Path:
    """Return a path of a file or a directory.

    Parameters
    ----------
    name : str
        What messages call the value.
    value : object
        Any object.

    Raises
    ------
    TypeError
        If it is not a path.
    ValueError
        If it is empty, or no file can have that name.
    """
    if not isinstance(value, str | os.PathLike):
        raise TypeError(f"{name} must be a path, got {shown(value)}")
    path = os.fsdecode(value)
    if not path or "\0" in path:
        raise ValueError(f"{name} must be a path that a file can have, got {shown(value)}")
    return Path(path)


def able(name: str, value: T, *methods: str) -> T:
    """Return an object unchanged if it has the given methods.

    Parameters
    ----------
    name : str
        What messages call the value.
    value : object
        Any object.
    *methods : str
        Names of the methods.

    Raises
    ------
    TypeError
        If it lacks one of them, or is a class.
    """
    if isinstance(value, type):
        raise TypeError(f"{name} must be an object, got the class {value.__name__}")
    for method in methods:
        if not callable(getattr(value, method, None)):
            raise TypeError(f"{name} must have a method {method}, got {shown(value)}")
    return value


def choice(name: str, value: object, choices: Collection[str]) -> str:
    """Return one of the given choices as a str.

    Parameters
    ----------
    name : str
        What messages call the value.
    value : object
        Any object.
    choices : collection of str
        What it may be.

    Raises
    ------
    ValueError
        If it is not one of them.
    """
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, got {shown(value)}")
    return str(value)


def instance(name: str, value: object, kind: type[T], remedy: str = "") -> T:
    """Return an object unchanged if it is an instance of a class.

    Parameters
    ----------
    name : str
        Name of the argument, for the message.
    value : object
        The argument.
    kind : type
        The class.
    remedy : str
        What to do instead, as the end of the message.

    Raises
    ------
    TypeError
        If it is anything else.
    """
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIO" else "a"
        raise TypeError(f"{name} must be {article} {kind.__name__}, got {shown(value)}{remedy}")
    return value


def several(
    name: str, values: object, each: Callable[[str, object], T], least: int = 0, most: int = 2**63
) -> tuple[T, ...]:
    """Return a list, a tuple or an array as a tuple of checked items.

    Parameters
    ----------
    name : str
        Name of the argument, for the message.
    values : object
        The items, in an order; a set is refused.
    each : callable
        Takes a name and an item, and returns the checked item or raises ValueError.
    least, most : int
        Bounds on the number of items, which is checked before they are.

    Raises
    ------
    ValueError
        If it is anything else, too short or too long.
    """
    is_array = isinstance(values, np.ndarray) and values.ndim > 0
    is_list = isinstance(values, Sequence) and not isinstance(values, str | bytes)
    if not (is_array or is_list) or len(values) < least:  # type: ignore[arg-type]
        rule = f" of at least {least}" * (least > 0)
        raise ValueError(f"{name} must be a tuple or a list{rule}, got {shown(values)}")
    if len(values) > most:  # type: ignore[arg-type]
        raise ValueError(f"{name} must have at most {most:,} items, got {len(values):,}")  # type: ignore[arg-type]
    return tuple(each(f"{name}[{place}]", one) for place, one in enumerate(values))  # type: ignore[arg-type, var-annotated]


def json_values(name: str, given: object) -> dict[str, Any]:
    """Return a mapping as a dict that is the same after being saved as JSON and loaded.

    Parameters
    ----------
    name : str
        Name of the argument, for the message.
    given : object
        A mapping whose keys are strings. Arrays and tuples in it become lists, and NumPy numbers
        become Python numbers.

    Raises
    ------
    ValueError
        If it is anything else, or holds a value that JSON lacks; the message names its key.
    """
    items = mapping(name, given).items()
    try:
        return {_key(name, key): _json(f"{name}[{key!r}]", one) for key, one in items}
    except RecursionError as error:
        raise ValueError(f"{name} must not hold itself, got {shown(given)}") from error


def limits(generations: object, seconds: object) -> tuple[int | None, float | None]:
    """Return the limits of a run as plain numbers, at least one of them not None.

    Parameters
    ----------
    generations : int or None
        Generations of the whole run, >= 1.
    seconds : float or None
        Seconds of the whole run, > 0.

    Raises
    ------
    ValueError
        If both are None, or one is out of range.
    """
    if generations is None and seconds is None:
        raise ValueError("generations or seconds must be given, got neither")
    return (
        None if generations is None else whole("generations", generations, 1),
        None if seconds is None else number("seconds", seconds, "> 0", lambda v: v > 0.0),
    )


def _json(name: str, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return {_key(name, key): _json(f"{name}[{key!r}]", one) for key, one in value.items()}
    if isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim > 0):
        return [_json(f"{name}[{place}]", one) for place, one in enumerate(value)]
    plain = _plain(value)
    is_float = isinstance(plain, float)
    if plain is None or not (math.isfinite(plain) if is_float else abs(plain) <= MAX_NUMBER):
        raise ValueError(
            f"{name} must be a JSON value (None, True, False, a finite number, text, or a list or "
            f"a mapping of those), got {shown(value)}: for an environment that needs something "
            "else, pass a function that makes it as env"
        )
    return plain


def _key(name: str, key: object) -> str:
    if not isinstance(key, str):
        raise ValueError(f"{name} must have keys of text, got {shown(key)}")
    return str(key)


def _plain(value: Any) -> bool | int | float | None:
    """Return a number or a boolean of any type as Python's own type; None for anything else."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, np.timedelta64 | np.ndarray):
        return None
    try:
        given = operator.index(value)
        return given if given.bit_length() <= MAX_BITS else None
    except TypeError:
        pass
    try:
        return float(value) if isinstance(value, Real | Decimal) else None
    except (OverflowError, ValueError):  # too large, or not a number
        return None
