"""Check arguments where they come in, and return them as plain Python."""

import math
import operator
from collections.abc import Sequence
from numbers import Real
from typing import Any, Final

import numpy as np

MAX_BITS: Final = 4096  # of an integer; Python writes at most about 4 times as many


def whole(name: str, value: Any, low: int, high: int | None = None) -> int:
    """Return an integer of any type as an int; 8.0 is one, True is not.

    Parameters
    ----------
    name : str
        What messages call the value.
    value : object
        Any object.
    low, high : int
        Bounds of the integer; there is no upper one if `high` is None.

    Raises
    ------
    ValueError
        If it is anything else, or out of its bounds, which are included.
    """
    given = _plain(value)
    if isinstance(given, float) and given.is_integer():
        given = int(given)
    is_whole = isinstance(given, int) and not isinstance(given, bool)
    if not is_whole or given < low or (high is not None and given > high):
        rule = f">= {low}" if high is None else f"from {low} to {high}"
        raise ValueError(f"{name} must be an integer {rule}, got {shown(value)}")
    return int(given)


def number(name: str, value: Any) -> float:
    """Return a finite number of any type as a float; True is not a number.

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
    given = _plain(value)
    try:
        is_finite = not isinstance(given, bool | None) and math.isfinite(given)
    except OverflowError:  # an integer too large for a float
        is_finite = False
    if not is_finite:
        raise ValueError(f"{name} must be a finite number, got {shown(value)}")
    return float(given)


def flag(name: str, value: Any) -> bool:
    """Return True or False, Python's or NumPy's, as a bool; "no" and 1 are refused.

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
    given = _plain(value)
    if not isinstance(given, bool):
        raise ValueError(f"{name} must be True or False, got {shown(value)}")
    return given


def choice(name: str, value: Any, choices: Sequence[Any]) -> Any:
    """Return the choice that equals a value.

    Parameters
    ----------
    name : str
        What messages call the value.
    value : object
        Any object.
    choices : sequence
        What it may be.

    Raises
    ------
    ValueError
        If it is none of them; the message lists them.
    """
    for one in choices:
        if value is one or (isinstance(value, str | int) and value == one):
            return one
    listed = ", ".join(repr(one) for one in choices)
    raise ValueError(f"{name} must be one of {listed}, got {shown(value)}")


def is_list(value: Any) -> bool:
    """Return whether a value is a list, a tuple or an array of things.

    Parameters
    ----------
    value : object
        Any object; a string is no list.
    """
    if isinstance(value, np.ndarray):
        return value.ndim > 0
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def shown(value: Any) -> str:
    """Return a value as a message shows it: on one line, at most about 200 characters.

    Parameters
    ----------
    value : object
        Any object. A large array is shown by its type and shape.
    """
    if isinstance(value, np.ndarray) and value.size > 8:
        return f"array of {value.dtype}, shape {value.shape}"
    if isinstance(value, int) and value.bit_length() > MAX_BITS:  # Python refuses to write them
        return f"<int of {value.bit_length()} bits>"
    text = " ".join(repr(value).split())
    return text if len(text) <= 200 else f"{text[:196]} ..."


def _plain(value: Any) -> Any:
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
        return float(value) if isinstance(value, Real) else None
    except OverflowError:  # too large a fraction
        return None
