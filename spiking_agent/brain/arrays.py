"""Arrays that are checked once and cannot be changed afterwards."""

from typing import Any

import numpy as np
import numpy.typing as npt

from spiking_agent.typing import BoolArray


def checked(
    name: str, values: npt.ArrayLike, dtype: type[np.generic], low: float, high: float
) -> npt.NDArray[Any]:
    """Return values as a read-only array of one type, within bounds.

    Parameters
    ----------
    name : str
        What messages call the values.
    values : array_like
        The values; copied, unless they are read-only, of that type, and own their memory.
    dtype : type
        NumPy's type of the array.
    low, high : float
        Bounds, inclusive.

    Raises
    ------
    TypeError
        If they are of another kind, such as floats for integers.
    ValueError
        If one lies outside the bounds, or rows differ in length.
    """
    array = _rectangular(name, values)
    if dtype is np.bool_:
        return _flags(name, array)
    is_integer = issubclass(dtype, np.integer)
    if array.size and array.dtype.kind not in ("iu" if is_integer else "fiu"):
        kind = "integers" if is_integer else "numbers"
        raise TypeError(f"{name} must hold {kind}, got dtype {array.dtype}")
    if array.size:
        check_range(name, array, low, high)
    is_frozen = array.flags.owndata and array.flags.c_contiguous and not array.flags.writeable
    if is_frozen and array.dtype == dtype:
        return array
    frozen = np.array(array, dtype=dtype, order="C")
    frozen.setflags(write=False)
    return frozen


def _flags(name: str, array: npt.NDArray[Any]) -> BoolArray:
    """Copy an array of True and False as a read-only one."""
    if array.dtype.kind != "b":
        raise TypeError(f"{name} must hold True or False, got dtype {array.dtype}")
    flags: BoolArray = np.array(array, order="C").view(np.uint8) != 0  # a file may hold any bytes
    flags.setflags(write=False)
    return flags


def _rectangular(name: str, values: npt.ArrayLike) -> npt.NDArray[Any]:
    """Return values as an array, refusing rows of different lengths."""
    try:
        return np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} must have rows of equal length, got {values!r}") from error


def check_range(name: str, values: npt.NDArray[Any], low: float, high: float) -> None:
    """Refuse values outside [low, high], and NaN.

    Parameters
    ----------
    name : str
        What messages call the values.
    values : ndarray
        The values.
    low, high : float
        Bounds, inclusive.

    Raises
    ------
    ValueError
        If one lies outside; the message names its place.
    """
    if not values.size or (low <= values.min() and values.max() <= high):
        return
    wrong = ~((values >= low) & (values <= high))
    place = np.unravel_index(int(np.argmax(wrong)), values.shape)
    raise ValueError(
        f"{name} must lie in [{low}, {high}], got {values[place]} at index {list(map(int, place))}"
    )
