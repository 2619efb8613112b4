"""What arrives at a window from outside: rows of tables, listed and summed up."""

import numpy as np

from spiking_agent.brain.sheets.kernels.lanes import Lanes
from spiking_agent.brain.sheets.tables import Program
from spiking_agent.instructions import GROUP, WIDTH, lowest, sum_rows
from spiking_agent.jit import inlined
from spiking_agent.typing import Float32Array, Int32Array, IntpArray


@inlined
def sum_drive(
    program: Program,
    lanes: Lanes,
    lane: int,
    brain: int,
    cell: int,
    record: IntpArray,
    voices: Int32Array,
    n_parts: int,
    first_row: int,
    rows: IntpArray,
    driven: Float32Array,
) -> None:
    """Sum up what arrives at the slots of one window.

    Parameters
    ----------
    program : Program
        The tables.
    lanes : Lanes
        The records.
    lane, brain : int
        Lane and genome.
    cell : int
        The gate's cell; the number of cells if there is none.
    record : ndarray of intp, shape (n_branches,)
        The record that arrives by each branch, -1 for none.
    voices : ndarray of int32, shape (n_voices,)
        Not 0 for each voice that arrives.
    n_parts : int
        How many of the branches to look up patterns of.
    first_row : int
        A row to add where there is a cell; -1 for none.
    rows : ndarray of intp
        Memory for a list of rows.
    driven : ndarray of float32, shape (width,)
        Written: the sums.
    """
    n_listed, edge = 0, program.edge[cell]
    for i in range(len(driven)):
        driven[i] = edge[i]
    if cell < program.n_cells:
        if first_row >= 0:
            rows[0] = first_row
            n_listed = 1
        n_listed = _list_patterns(program, lanes, lane, cell, record, n_parts, rows, n_listed)
        n_listed = _list_far(program, lanes, lane, cell, record, rows, n_listed)
    for voice in range(len(voices)):
        rows[n_listed] = program.voice_row[voice] + cell
        n_listed += voices[voice] != 0
    empty = program.rows.shape[1] - 1
    while n_listed % GROUP != 0:
        rows[n_listed] = empty
        n_listed += 1
    sum_rows(program.rows[brain], rows, n_listed, driven)


@inlined
def _list_patterns(
    program: Program,
    lanes: Lanes,
    lane: int,
    cell: int,
    record: IntpArray,
    n_parts: int,
    rows: IntpArray,
    n_listed: int,
) -> int:
    """List the rows of the patterns round a cell; return how many rows are listed now."""
    chunks = program.chunks[cell]
    listed, one, last = np.uint64(n_listed), np.uint64(1), np.uint64(WIDTH - 1)
    for part in range(n_parts):
        branch, first, behind = program.branch_chunks[part]
        if record[branch] < 0:
            continue
        active = lanes.active[lane, record[branch]]
        for chunk in range(first, behind):
            word, shift = chunks[chunk, 0], chunks[chunk, 1]
            mask, entry = chunks[chunk, 2], chunks[chunk, 3]
            bits = active[word] >> shift
            bits |= (active[word + one] << one) << (last - shift)
            pattern = bits & mask
            rows[listed] = entry + pattern
            listed += np.uint64(pattern != 0)  # no branch: it would be unpredictable
    return np.int64(listed)  # type: ignore[return-value]  # as whole as an int


@inlined
def _list_far(
    program: Program,
    lanes: Lanes,
    lane: int,
    cell: int,
    record: IntpArray,
    rows: IntpArray,
    n_listed: int,
) -> int:
    """List the rows of active cells by their direction; return how many rows are listed now."""
    row, col, reach = program.row_of[cell], program.col_of[cell], program.far_reach
    for far in range(len(program.far_branch)):
        branch = program.far_branch[far]
        arrived, sheet = record[branch], program.branch_sheet[branch]
        if arrived < 0:
            continue
        active = lanes.active[lane, arrived]
        for word in range(program.sheet_word[sheet, 0], program.sheet_word[sheet, 1]):
            left = active[word] & program.sheet_mask[sheet, word]
            while left != 0:
                at = word * WIDTH + lowest(left) - program.sheet_bit[sheet]
                down = min(max(program.row_of[at] - row, -reach), reach) + reach
                right = min(max(program.col_of[at] - col, -reach), reach) + reach
                rows[n_listed] = program.far_entry[far] + down * (2 * reach + 1) + right
                n_listed += 1
                left &= left - np.uint64(1)
    return n_listed


def most_rows(program: Program) -> int:
    """Return how many rows of tables may have to be added."""
    n_fixed = 1 + len(program.chunk_branch) + len(program.voice_bit) + GROUP
    return n_fixed + len(program.far_branch) * program.n_cells
