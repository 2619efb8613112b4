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
_SIGNS: Final = ("rows are odd", "columns are odd")  # 1 if so, else 0

MORPHOGENS: Final[tuple[str, ...]] = _PLAIN + tuple(
    f"{name} x {sign}" for sign in _SIGNS for name in _PLAIN
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
    signs = {sign: size % 2 for sign, size in zip(_SIGNS, shape, strict=True)}
    made = np.empty((len(names), shape[0] * shape[1]), np.int64)
    for place, name in enumerate(names):
        base, _, sign = name.partition(" x ")
        made[place] = plain[base].ravel() * signs.get(sign, 1)
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
