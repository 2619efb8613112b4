"""Morphogens: fields over a grid that tell a neuron where it is.

As gradients and stripes of substances pattern an embryo, these pattern a sheet. All fields are
kept as whole numbers over one denominator, so that weighted sums of them are exact.
"""

import math
from typing import Final

import numpy as np

from spiking_agent.typing import Int64Array

_PLAIN: Final = (
    "constant",
    "row parity",  # 1 in even rows, counted from 0, and -1 in odd ones
    "column parity",
    "checkerboard",
    "top",  # 1 in the first row
    "bottom",
    "left",
    "right",
    "down",  # from -1 in the first row to 1 in the last one
    "rightward",
    "second row",
    "second last row",
    "second column",
    "second last column",
    "third row",
    "third last row",
    "third column",
    "third last column",
)
_SIDES: Final = ("rows are odd", "columns are odd")
_FACTORS: Final = {" x ": (-1, 1), " where ": (0, 1)}  # if the number is even, and if it is odd

MORPHOGENS: Final[tuple[str, ...]] = _PLAIN + tuple(
    f"{name}{word}{side}" for word in _FACTORS for side in _SIDES for name in _PLAIN
)


def fields(names: tuple[str, ...], shape: tuple[int, int]) -> tuple[Int64Array, int]:
    """Return some morphogens over a grid.

    Parameters
    ----------
    names : tuple of str
        Among `MORPHOGENS`.
    shape : (int, int)
        Rows and columns of the grid, each >= 1.

    Returns
    -------
    numerators : ndarray of int64, shape (n_names, n_cells)
        The fields times the denominator.
    denominator : int
        What to divide by, >= 1; the fields themselves lie in [-1, 1].
    """
    denominator = math.lcm(*(max(1, size - 1) for size in shape))
    plain = _plain_fields(shape, denominator)
    factors = {
        f"{word}{side}": of_parity[size % 2]
        for word, of_parity in _FACTORS.items()
        for side, size in zip(_SIDES, shape, strict=True)
    }
    made = np.empty((len(names), shape[0] * shape[1]), np.int64)
    for place, name in enumerate(names):
        end = next((end for end in factors if name.endswith(end)), "")
        made[place] = plain[name.removesuffix(end)].ravel() * factors.get(end, 1)
    return made, denominator


def _plain_fields(shape: tuple[int, int], denominator: int) -> dict[str, Int64Array]:
    """Return the fields without those signs, each of the shape of the grid."""
    n_rows, n_cols = shape
    row, col = np.indices(shape)
    row_parity, col_parity = 1 - 2 * (row % 2), 1 - 2 * (col % 2)
    whole = {
        "constant": np.ones(shape, np.int64),
        "row parity": row_parity,
        "column parity": col_parity,
        "checkerboard": row_parity * col_parity,
        "top": row == 0,
        "bottom": row == n_rows - 1,
        "left": col == 0,
        "right": col == n_cols - 1,
        "second row": row == 1,
        "second last row": row == n_rows - 2,
        "second column": col == 1,
        "second last column": col == n_cols - 2,
        "third row": row == 2,
        "third last row": row == n_rows - 3,
        "third column": col == 2,
        "third last column": col == n_cols - 3,
    }
    slopes = {
        name: (2 * place - (size - 1)) * (denominator // max(1, size - 1))
        for name, place, size in (("down", row, n_rows), ("rightward", col, n_cols))
    }
    return {name: field.astype(np.int64) * denominator for name, field in whole.items()} | slopes
