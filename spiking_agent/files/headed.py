"""An npz of arrays with a header: JSON values, as UTF-8 bytes in an array of their own."""

import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from spiking_agent.files.atomic import MAX_UNPACKED, pack_arrays, unpack_arrays
from spiking_agent.typing import Arrays

HEADER: Final = "header"  # name of the array


def pack_headed(
    header: Mapping[str, Any],
    arrays: Mapping[str, npt.NDArray[Any]],
    *,
    allow_nan: bool = False,
    compress: bool = True,
) -> bytes:
    """Return a header and arrays as an npz; equal arguments give equal bytes.

    Parameters
    ----------
    header : mapping
        JSON values.
    arrays : mapping of str to ndarray
        Any but one named "header".
    allow_nan : bool
        Whether the header may hold NaN and infinity, which JSON in the strict sense lacks.
    compress : bool
        See `pack_arrays`.

    Raises
    ------
    ValueError
        If the header holds NaN or infinity, and must not.
    """
    text = json.dumps(header, sort_keys=True, allow_nan=allow_nan)
    named = {HEADER: np.frombuffer(text.encode(), np.uint8), **arrays}
    return pack_arrays(named, compress=compress)


def unpack_headed(
    content: bytes, most: int = MAX_UNPACKED, most_header: int = MAX_UNPACKED
) -> tuple[dict[str, Any], Arrays]:
    """Return the header and the arrays of an npz that `pack_headed` may have made.

    Parameters
    ----------
    content : bytes
        The npz.
    most, most_header : int
        Bytes that all arrays may take together, and that the header may take of them.

    Raises
    ------
    ValueError
        If it is no such npz, damaged, or too large; see also `unpack_arrays`.
    """
    arrays = unpack_arrays(content, most)
    if HEADER not in arrays:
        raise ValueError(f"it has no {HEADER}")
    text = arrays.pop(HEADER)
    if text.nbytes > most_header:  # the objects made from JSON take many times its length
        raise ValueError(f"its {HEADER} has {text.nbytes} bytes, over {most_header}")
    try:
        header = json.loads(text.tobytes().decode())
    except RecursionError as error:
        raise ValueError(f"its {HEADER} is nested too deeply") from error
    if not isinstance(header, dict):
        raise ValueError(f"its {HEADER} is not a JSON object")
    return header, arrays
