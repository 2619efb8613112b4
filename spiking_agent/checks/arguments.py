"""What callers pass, checked at the door and taken as plain Python, whatever library made it.

A number of NumPy, or a float that is whole, is as good as Python's own; but what is kept in a file
has to come back as it was, so that all of them are turned into the same plain values here.
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

from spiking_agent.checks.words import shown

T = TypeVar("T")

MAX_BITS: Final = 4096  # of a whole number: Python writes no longer ones than about 4 times that
MAX_COMMON: Final = 2**63
MAX_NUMBER: Final = 2**1023  # bounds beyond have no finite difference


def whole(
    name: str, value: object, least: int = 0, most: int | None = None, *, bound: str = ""
) -> int:
    """Return a whole number within bounds as an int.

    Parameters
    ----------
    name : str
        What it is, for the message.
    value : object
        A number of any type; 1e4 is a whole number, True is none.
    least, most : int
        Bounds, included.
    bound : str
        Where the upper one comes from, for the message.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    if type(value) is int and least <= value <= (MAX_COMMON if most is None else most):
        return value  # as nearly always, and quickly: there may be a million of them
    given: Any = _plain(value)
    if isinstance(given, float) and given.is_integer():
        given = int(value)  # type: ignore[call-overload]  # of what was given: floats are rounded
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
        What it is, for the message.
    value : object
        A number of any type; True is none.
    rule : str
        What it has to be, for the message: "in (0, 1]".
    fits : callable
        Whether a finite number is so.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    given = _plain(value)
    is_number = given is not None and not isinstance(given, bool) and abs(given) <= MAX_NUMBER
    if not (is_number and fits(float(given))):  # type: ignore[arg-type]
        raise ValueError(f"{name} must be {rule}, got {shown(value)}")
    return float(given)  # type: ignore[arg-type]


def flag(name: str, value: object) -> bool:
    """Return True or False, Python's or NumPy's, as a bool.

    Raises
    ------
    ValueError
        If it is anything else: "no" and 1 are neither.
    """
    given = _plain(value)
    if not isinstance(given, bool):
        raise ValueError(f"{name} must be True or False, got {shown(value)}")
    return given


def text(name: str, value: object) -> str:
    """Return a text that is not empty as a str.

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

    Raises
    ------
    TypeError
        If it is none.
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
    """Return an object that has some methods as it is.

    Raises
    ------
    TypeError
        If it lacks one, or is a class.
    """
    if isinstance(value, type):
        raise TypeError(f"{name} must be an object, got the class {value.__name__}")
    for method in methods:
        if not callable(getattr(value, method, None)):
            raise TypeError(f"{name} must have a method {method}, got {shown(value)}")
    return value


def choice(name: str, value: object, choices: Collection[str]) -> str:
    """Return one of some names as a str.

    Raises
    ------
    ValueError
        If it is none of them.
    """
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, got {shown(value)}")
    return str(value)


def instance(name: str, value: object, kind: type[T], remedy: str = "") -> T:
    """Return an object of a class as it is.

    Parameters
    ----------
    name : str
        What it is, for the message.
    value : object
        What was given.
    kind : type
        The class.
    remedy : str
        What to do instead, for the end of the message.

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
    name: str, values: object, each: Callable[[str, object], T], least: int = 0
) -> tuple[T, ...]:
    """Return a list, a tuple or an array of things as a tuple, each of them checked.

    Parameters
    ----------
    name : str
        What they are, for the message.
    values : object
        In an order: a set has none.
    each : callable
        Takes a name and a value, and returns the value to keep or raises ValueError.
    least : int
        How many there have to be.

    Raises
    ------
    ValueError
        If it is anything else, or too short.
    """
    is_array = isinstance(values, np.ndarray) and values.ndim > 0
    is_list = isinstance(values, Sequence) and not isinstance(values, str | bytes)
    if not (is_array or is_list) or len(values) < least:  # type: ignore[arg-type]
        rule = f" of at least {least}" * (least > 0)
        raise ValueError(f"{name} must be a tuple or a list{rule}, got {shown(values)}")
    return tuple(each(f"{name}[{place}]", one) for place, one in enumerate(values))  # type: ignore[arg-type, var-annotated]


def json_values(name: str, given: object) -> dict[str, Any]:
    """Return a mapping as a dict that a JSON file gives back as it is.

    Parameters
    ----------
    name : str
        What it is, for the message.
    given : object
        A mapping with keys of text. Arrays and tuples in it become lists, numbers of NumPy
        Python's own.

    Raises
    ------
    ValueError
        If it is anything else, or holds what JSON cannot: the message names the key.
    """
    if not isinstance(given, Mapping):
        raise ValueError(f"{name} must be a mapping of names to values, got {shown(given)}")
    try:
        return {_key(name, key): _json(f"{name}[{key!r}]", one) for key, one in given.items()}
    except RecursionError as error:
        raise ValueError(f"{name} must not hold itself, got {shown(given)}") from error


def limits(generations: object, seconds: object) -> tuple[int | None, float | None]:
    """Return the limits of a run as plain numbers, at least one of which is not None.

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
            f"a mapping of those), got {shown(value)}: an environment that needs something else is "
            "made by a function, which can be passed as env"
        )
    return plain


def _key(name: str, key: object) -> str:
    if not isinstance(key, str):
        raise ValueError(f"{name} must have keys of text, got {shown(key)}")
    return str(key)


def _plain(value: Any) -> bool | int | float | None:
    """Return a number or a truth value of any type as Python's own; None for anything else."""
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
    except (OverflowError, ValueError):  # too large a fraction, or none
        return None
