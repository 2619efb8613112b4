"""Memory for windows, and what stands in their columns before and after a decision."""

from typing import Any, Final, NamedTuple

import numpy as np

from spiking_agent.brain.carry_state import BY_NEURON, CARRY, KEEPS_ALL, KEEPS_NOTHING
from spiking_agent.brain.neuron import NeuronParams
from spiking_agent.brain.sheets.kernels.drive import most_rows
from spiking_agent.brain.sheets.kernels.lanes import Lanes, keeps_potential, n_past_of, stays_of
from spiking_agent.brain.sheets.tables import Program
from spiking_agent.instructions import WIDTH, lowest
from spiking_agent.jit import inlined
from spiking_agent.typing import (
    Float32Array,
    Int32Array,
    IntpArray,
    UInt64Array,
)

N_SIDE_BY_SIDE: Final = 16  # columns that one instruction serves


class Columns(NamedTuple):
    """Memory for decisions; what stands in a column outlives one only as far as it is `brain`'s."""

    row: IntpArray  # (n_columns,) row of the decision
    brain: IntpArray  # (n_columns,) genome whose parameters stand here, -1 for none
    home: IntpArray  # (n_columns,) first column of the same lane
    cell: IntpArray  # (n_columns,) cell of the gate; n_cells for none
    change: IntpArray  # (n_columns,) next tick in which other records arrive
    before: Any  # NeuronParams, each (n_before, n_columns)
    before_potential: Float32Array  # (n_before, n_columns)
    before_ready: Int32Array
    before_drive: Float32Array
    before_total: Float32Array
    link_strength: Float32Array  # (n_links, n_columns)
    said: Int32Array  # (n_past + n_ticks, n_columns) bits of single neurons, tick by tick
    slots: Any  # NeuronParams, each (n_slots, n_columns)
    potential: Float32Array  # (n_slots, n_columns)
    ready: Int32Array
    drive: Float32Array
    total: Float32Array
    fired: Float32Array  # (n_past, n_slots, n_columns) 1 for a spike, by tick % n_past
    path_strength: Float32Array  # (n_paths, n_columns)
    counts: Float32Array  # (n_slots, n_columns)
    driven: Float32Array  # (width,) drive of the slots of one column
    record: IntpArray  # (n_branches,) records that arrive at one column, -1 for none
    voices: Int32Array  # (n_voices,) not 0 for those that arrive at one column
    rows: IntpArray  # (n,) rows of the tables to add
    always: UInt64Array  # (n_words,) bits of inputs that are constant and not in the drive


def make_columns(program: Program, n_after: int, n_ticks: int) -> Columns:
    """Return memory for decisions of `n_ticks`."""
    # as many as run side by side, and all cells of one more lane
    n = (1 + -(-program.n_cells // N_SIDE_BY_SIDE)) * N_SIDE_BY_SIDE
    n_before, n_slots = program.before.threshold.shape[1], program.slots.threshold.shape[1]
    n_past = n_past_of(program)

    def floats(*shape: int) -> Float32Array:
        return np.zeros((*shape, n), np.float32)

    def params(like: Any, size: int) -> NeuronParams:
        return NeuronParams._make(np.zeros((size, n), array.dtype) for array in like)

    return Columns(
        row=np.zeros(n, np.intp),
        brain=np.full(n, -1, np.intp),
        home=np.arange(n),
        cell=np.zeros(n, np.intp),
        change=np.zeros(n, np.int64),
        before=params(program.before, n_before),
        before_potential=floats(n_before),
        before_ready=np.zeros((n_before, n), np.int32),
        before_drive=floats(n_before),
        before_total=floats(n_before),
        link_strength=floats(len(program.link_bit)),
        said=np.zeros((n_past + n_ticks, n), np.int32),
        slots=params(program.slots, n_slots),
        potential=floats(n_slots),
        ready=np.zeros((n_slots, n), np.int32),
        drive=floats(n_slots),
        total=floats(n_slots),
        fired=floats(n_past, n_slots),
        path_strength=floats(len(program.path_source)),
        counts=floats(n_slots),
        driven=np.zeros(program.rows.shape[2], np.float32),
        record=np.zeros(len(program.branch_delay), np.intp),
        voices=np.zeros(len(program.voice_bit), np.int32),
        rows=np.zeros(most_rows(program), np.intp),
        always=np.zeros(program.sheet_mask.shape[1], np.uint64),
    )


@inlined
def place(
    program: Program,
    lanes: Lanes,
    columns: Columns,
    lane: int,
    n_steps: int,
    row: int,
    first: int,
) -> int:
    """Assign a lane a column for each cell of the gate that is active in a tick, at least one."""
    n_records = lanes.begin.shape[1]
    column = first
    for word in range(lanes.active.shape[2]):
        left = np.uint64(0)
        for step in range(n_steps):
            record = (lanes.newest[lane] + n_records - step) % n_records
            left |= lanes.active[lane, record, word]
        left &= program.sheet_mask[program.gate_sheet, word]
        while left != 0:
            columns.row[column] = row
            bit = word * WIDTH + lowest(left)
            columns.cell[column] = bit - program.sheet_bit[program.gate_sheet]
            column += 1
            left &= left - np.uint64(1)
    if column == first:
        columns.row[column] = row
        columns.cell[column] = program.n_cells
        column += 1
    return column - first


@inlined
def begin(
    program: Program,
    lanes: Lanes,
    columns: Columns,
    column: int,
    lane: int,
    brain: int,
    carry_state: int,
) -> None:
    """Fill a column with its brain's parameters, unless they stand there, and its lane's state."""
    if columns.brain[column] != brain:
        columns.brain[column] = brain
        load(program.before, columns.before, brain, column)
        load(program.slots, columns.slots, brain, column)
        for link in range(len(program.link_bit)):
            columns.link_strength[link, column] = program.link_strength[brain, link]
        for path in range(len(program.path_source)):
            columns.path_strength[path, column] = program.path_strength[brain, path]
    n_before = len(columns.before_potential)
    stays = stays_of(program, brain, carry_state)
    n_past = lanes.past.shape[1]
    for i in range(n_past):
        columns.said[i, column] = lanes.past[lane, i] & stays
    for i in range(n_before):
        kept = keeps_potential(program, brain, i, carry_state)
        columns.before_potential[i, column] = lanes.potential[lane, i] if kept else 0.0
        columns.before_ready[i, column] = lanes.rest[lane, i] if kept else 0
    for slot in range(len(columns.potential)):
        columns.potential[slot, column] = 0.0
        columns.ready[slot, column] = 0
        columns.counts[slot, column] = 0.0
        for i in range(n_past):
            columns.fired[i, slot, column] = 0.0
    if columns.home[column] != column:
        return
    for i in range(lanes.potential.shape[1] - n_before):
        slot = program.n_hidden + i
        kept = program.after_kept[brain, i]
        if carry_state == CARRY or (carry_state == BY_NEURON and kept == KEEPS_ALL):
            columns.potential[slot, column] = lanes.potential[lane, n_before + i]
            columns.ready[slot, column] = lanes.rest[lane, n_before + i]
        if carry_state == CARRY or (carry_state == BY_NEURON and kept > KEEPS_NOTHING):
            for j in range(n_past):  # the last of them is tick 0
                fired = (lanes.late_past[lane, j] >> np.int32(i)) & np.int32(1)
                columns.fired[(j + 1) % n_past, slot, column] = fired


@inlined
def load(params: Any, into: Any, brain: int, column: int) -> None:
    """Copy the parameters of one brain to a column."""
    for i in range(params.threshold.shape[1]):
        into.threshold[i, column] = params.threshold[brain, i]
        into.decay[i, column] = params.decay[brain, i]
        into.refractory_period[i, column] = params.refractory_period[brain, i]
        into.soft_reset[i, column] = params.soft_reset[brain, i]


@inlined
def end(
    program: Program, lanes: Lanes, columns: Columns, column: int, lane: int, n_ticks: int
) -> None:
    """Keep what outlives the decision."""
    n_before, n_past = len(columns.before_potential), lanes.past.shape[1]
    for i in range(n_past):
        lanes.past[lane, i] = columns.said[n_ticks + i, column]
    for i in range(n_before):
        lanes.potential[lane, i] = columns.before_potential[i, column]
        lanes.rest[lane, i] = max(columns.before_ready[i, column] - n_ticks, 0)
    for j in range(n_past):
        lanes.late_past[lane, j] = 0
    for i in range(lanes.potential.shape[1] - n_before):
        slot = program.n_hidden + i
        lanes.potential[lane, n_before + i] = columns.potential[slot, column]
        lanes.rest[lane, n_before + i] = max(columns.ready[slot, column] - n_ticks, 0)
        for j in range(n_past):
            fired = np.int32(columns.fired[(n_ticks + j + 1) % n_past, slot, column])
            lanes.late_past[lane, j] |= fired << np.int32(i)
    lanes.tick[lane] += n_ticks
