"""Tables of what active cells round a gate's cell add: some bits of a row are looked up at once."""

from typing import Any, Final

import numpy as np

from spiking_agent.brain.sheets.tables import FRONT
from spiking_agent.instructions import WIDTH
from spiking_agent.typing import Float32Array

CHUNK: Final = 5  # bits that are looked up at once


def spans(row: Float32Array) -> list[tuple[int, int]]:
    """Return the fewest spans of up to `CHUNK` bits that have all those heard, begin and end."""
    spans: list[tuple[int, int]] = []
    for bit in map(int, np.flatnonzero(row.any(axis=(0, 2)))):
        if spans and bit < spans[-1][0] + CHUNK:
            spans[-1] = spans[-1][0], bit + 1
        else:
            spans.append((bit, bit + 1))
    return spans


def patterns(single: Float32Array) -> Float32Array:
    """Return the sum of strengths for each pattern of bits, shape (n_genomes, 2**n_bits, width)."""
    n_genomes, n_bits, width = single.shape
    table = np.zeros((n_genomes, 1 << n_bits, width), np.float32)
    for bit in range(n_bits):
        half = 1 << bit
        table[:, half : 2 * half] = table[:, :half] + single[:, bit, None]
    return table


def located(
    shape: tuple[int, int], firsts: list[int], chunks: list[tuple[int, int, int, int, int]]
) -> dict[str, Any]:
    """Return where the bits of each look-up stand, by the gate's cell: fields of a `Program`.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the grid.
    firsts : list of int
        Number of the first input of each branch's sheet.
    chunks : list of (int, int, int, int, int)
        Branch, row and column of the first bit from the gate's cell, number of bits, and entry of
        the empty pattern of each look-up.
    """
    (n_rows, n_cols), n_cells = shape, shape[0] * shape[1]
    rows, cols = np.divmod(np.arange(n_cells), n_cols)
    first = np.zeros((n_cells, len(chunks)), np.intp)
    mask = np.zeros((n_cells, len(chunks)), np.uint64)
    for index, (branch, row, col, n_bits, _) in enumerate(chunks):
        is_inside = (rows + row >= 0) & (rows + row < n_rows)
        bit = FRONT + firsts[branch] + np.arange(n_cells) + row * n_cols + col
        first[:, index] = np.where(is_inside, bit, 0)
        for i in range(n_bits):
            is_bit = is_inside & (cols + col + i >= 0) & (cols + col + i < n_cols)
            mask[:, index] |= is_bit.astype(np.uint64) << np.uint64(i)
    entry = np.broadcast_to([chunk[4] for chunk in chunks], mask.shape)
    parts = [first // WIDTH, first % WIDTH, mask, entry]
    branches = np.array([chunk[0] for chunk in chunks], np.intp)
    begin = np.flatnonzero(np.diff(branches, prepend=-1))
    behind = np.append(begin[1:], len(chunks))[: len(begin)]
    return {
        "chunk_branch": branches,
        "chunks": np.stack([part.astype(np.uint64) for part in parts], axis=-1),
        "branch_chunks": np.stack([branches[begin], begin, behind], axis=-1),
    }
