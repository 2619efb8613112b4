"""The ticks of a window, for many lanes at once: one column of the arrays for each window.

A column belongs to a lane and to an active cell of the gate. All columns do the same at the same
time, so one instruction serves many of them; the rule is that of `neuron.py`. Where a brain has
no active cell at the gate, its column has no place on the grid, and no slot of a sheet can fire.
"""

from typing import Any

import numpy as np

from spiking_agent.brain.neuron import integrate, leak, of_brain
from spiking_agent.brain.sheets.kernels.drive import sum_drive
from spiking_agent.brain.sheets.kernels.lanes import (
    NO_TICK,
    Lanes,
    count_active,
    disturb,
    find_records,
    is_active,
    record_drive,
)
from spiking_agent.brain.sheets.kernels.window_columns import (
    N_SIDE_BY_SIDE,
    Columns,
    begin,
    end,
    place,
)
from spiking_agent.brain.sheets.program import NEVER
from spiking_agent.brain.sheets.tables import FRONT, Program
from spiking_agent.jit import inlined, kernel
from spiking_agent.typing import (
    Int32Array,
    IntpArray,
    UInt8Array,
)

_leak: Any = inlined(leak)
_integrate: Any = inlined(integrate)
_row_of: Any = inlined(of_brain)


@kernel
def play_windows(
    parts: tuple[Program, Lanes, Columns],
    lane_ids: IntpArray,  # (>= n_rows,) the lanes to run
    n_rows: int,
    lanes_per_brain: int,
    carry_state: int,  # FORGET, BY_NEURON or CARRY
    drive: UInt8Array,  # (n_drives, n_ticks or 1, n_inputs)
    drive_ids: IntpArray,  # (>= n_rows,) row of `drive` for each of these lanes
    n_ticks: int,
    counts: Int32Array,  # (>= n_rows, n_outputs) out: spikes of the outputs
) -> bool:
    """Run the given lanes for `n_ticks`, a block of columns at a time, and return True."""
    program, lanes, columns = parts
    begun = 0
    while begun < n_rows:
        n_used, row = 0, begun
        while row < n_rows:
            lane = lane_ids[row]
            disturb(lanes.calm, lane)
            record_drive(lanes, lane, drive[drive_ids[row]], columns.always)
            n_places = place(program, lanes, columns, lane, len(drive[0]), row, n_used)
            if n_used > 0 and n_used + n_places > N_SIDE_BY_SIDE:
                _forget_record(lanes, lane, len(drive[0]))
                break
            for column in range(n_used, n_used + n_places):
                columns.home[column] = n_used
                begin(program, lanes, columns, column, lane, lane // lanes_per_brain, carry_state)
            n_used += n_places
            row += 1
        n_columns = -(-n_used // N_SIDE_BY_SIDE) * N_SIDE_BY_SIDE
        for column in range(n_used, n_columns):
            columns.home[column] = column
        _run_before(program, lanes, columns, lane_ids, n_used, n_columns, n_ticks, carry_state)
        _run_slots(program, lanes, columns, lane_ids, n_used, n_columns, n_ticks, carry_state)
        for column in range(n_used):
            if columns.home[column] == column:
                row_of = columns.row[column]
                end(program, lanes, columns, column, lane_ids[row_of], n_ticks)
                for output in range(len(program.output_slot)):
                    slot = program.output_slot[output]
                    counts[row_of, output] = np.int32(columns.counts[slot, column])
        begun = row
    return True


@inlined
def _forget_record(lanes: Lanes, lane: int, n_steps: int) -> None:
    """Take back the records of a lane that has to wait for the next block."""
    n_records = lanes.begin.shape[1]
    for _ in range(n_steps):
        newest = lanes.newest[lane]
        lanes.begin[lane, newest] = NO_TICK
        lanes.newest[lane] = (newest if newest > 0 else n_records) - 1


@inlined
def _run_before(
    program: Program,
    lanes: Lanes,
    columns: Columns,
    lane_ids: IntpArray,
    n_used: int,
    n_columns: int,
    n_ticks: int,
    carry_state: int,
) -> None:
    """Run the single neurons that hear no sheet but inputs."""
    n_past, n_single = lanes.past.shape[1], len(program.single_inputs)
    n_before = len(columns.before_potential)
    for column in range(n_used):
        lane = lane_ids[columns.row[column]]
        for tick in range(1, n_ticks + 1):
            columns.said[n_past - 1 + tick, column] = 0
        _say_inputs(program, lanes, columns, lane, column, n_past, n_ticks)
        columns.change[column] = 1
    for tick in range(1, n_ticks + 1):
        for column in range(n_used):
            if columns.change[column] == tick:
                lane = lane_ids[columns.row[column]]
                columns.change[column] = find_records(
                    program, lanes, columns.brain[column], lane, tick, carry_state, columns.record
                )
                _drive_before(program, lanes, columns, lane, column)
        for i in range(n_before):
            drive, total = columns.before_drive[i], columns.before_total[i]
            for column in range(n_columns):
                total[column] = drive[column]
        for link in range(len(program.link_bit)):
            said = columns.said[n_past - 1 + tick - program.link_delay[link]]
            bit, strength = program.link_bit[link], columns.link_strength[link]
            total = columns.before_total[program.link_target[link]]
            for column in range(n_columns):
                total[column] += strength[column] if said[column] & bit else np.float32(0.0)
        now_said = columns.said[n_past - 1 + tick]
        for i in range(n_before):
            potential, ready = columns.before_potential[i], columns.before_ready[i]
            params, total = _row_of(columns.before, i), columns.before_total[i]
            bit = np.int32(1 << (n_single + i))
            for column in range(n_columns):
                _leak(potential, params.decay, column)
                fires = _integrate(potential, ready, params, column, tick, total[column])
                now_said[column] |= bit if fires else np.int32(0)


@inlined
def _say_inputs(
    program: Program,
    lanes: Lanes,
    columns: Columns,
    lane: int,
    column: int,
    n_past: int,
    n_ticks: int,
) -> None:
    """Write the bits of single inputs: a drive counts like a spike of the tick before."""
    n_records, record = lanes.begin.shape[1], lanes.newest[lane]
    for step in range(n_ticks, 0, -1):
        while lanes.begin[lane, record] > lanes.tick[lane] + step:
            record = (record if record > 0 else n_records) - 1
        for single in range(len(program.single_inputs)):
            if is_active(lanes, lane, record, FRONT + program.single_inputs[single]):
                columns.said[n_past - 2 + step, column] |= np.int32(1 << single)


@inlined
def _drive_before(program: Program, lanes: Lanes, columns: Columns, lane: int, column: int) -> None:
    """Sum up the input sheets for the single neurons of one column."""
    for i in range(len(columns.before_drive)):
        columns.before_drive[i, column] = 0.0
    brain = columns.brain[column]
    n_active, last = 0, -1
    for i in range(len(program.sum_branch)):
        branch = program.sum_branch[i]
        if branch != last:
            n_active, last = _count(program, lanes, columns, lane, branch), branch
        columns.before_drive[program.sum_target[i], column] += (
            program.sum_strength[brain, i] * n_active
        )


@inlined
def _count(program: Program, lanes: Lanes, columns: Columns, lane: int, branch: int) -> int:
    """Return the number of cells that are active in the record that arrives by a branch."""
    record = columns.record[branch]
    if record < 0:
        return 0
    return count_active(program, lanes, lane, record, program.branch_sheet[branch])


@inlined
def _run_slots(
    program: Program,
    lanes: Lanes,
    columns: Columns,
    lane_ids: IntpArray,
    n_used: int,
    n_columns: int,
    n_ticks: int,
    carry_state: int,
) -> None:
    """Run the windows and what is behind the gates."""
    n_past, n_slots = lanes.past.shape[1], len(columns.potential)
    is_single = True
    for column in range(n_used):
        columns.change[column] = 1
        is_single &= columns.home[column] == column
    for tick in range(1, n_ticks + 1):
        for column in range(n_used):
            if columns.change[column] == tick or _is_other_said(program, columns, column, tick):
                lane = lane_ids[columns.row[column]]
                columns.change[column] = find_records(
                    program, lanes, columns.brain[column], lane, tick, carry_state, columns.record
                )
                _drive(program, lanes, columns, lane, column, tick)
        for slot in range(n_slots):
            drive, total = columns.drive[slot], columns.total[slot]
            for column in range(n_columns):
                total[column] = drive[column]
        for path in range(len(program.path_source)):
            source, strength = program.path_source[path], columns.path_strength[path]
            fired = columns.fired[(tick + n_past - program.path_delay[path]) % n_past, source]
            total = columns.total[program.path_target[path]]
            if path < program.n_paths_within or is_single:
                for column in range(n_columns):
                    total[column] += strength[column] * fired[column]
            else:
                for column in range(n_used):
                    total[columns.home[column]] += strength[column] * fired[column]
        for slot in range(n_slots):
            potential, ready = columns.potential[slot], columns.ready[slot]
            params, total = _row_of(columns.slots, slot), columns.total[slot]
            fired, counted = columns.fired[tick % n_past, slot], columns.counts[slot]
            for column in range(n_columns):
                _leak(potential, params.decay, column)
                fires = _integrate(potential, ready, params, column, tick, total[column])
                fired[column] = fires
                counted[column] += fired[column]


@inlined
def _is_other_said(program: Program, columns: Columns, column: int, tick: int) -> bool:
    """Return whether other voices arrive at a column in this tick than in the one before."""
    n_past = len(columns.fired)
    for i in range(len(program.heard_delay)):
        at = n_past - 1 + tick - program.heard_delay[i]
        other = columns.said[at, column] ^ columns.said[max(at - 1, 0), column]
        if other & program.heard_bits[i] and tick > 1:
            return True
    return False


@inlined
def _drive(
    program: Program, lanes: Lanes, columns: Columns, lane: int, column: int, tick: int
) -> None:
    """Sum up what arrives at the slots of one column from outside its window."""
    n_past, brain, cell = lanes.past.shape[1], columns.brain[column], columns.cell[column]
    for voice in range(len(program.voice_bit)):
        at = n_past - 1 + tick - program.voice_delay[voice]
        columns.voices[voice] = columns.said[at, column] & program.voice_bit[voice]
    sum_drive(
        program,
        lanes,
        lane,
        brain,
        cell,
        columns.record,
        columns.voices,
        len(program.branch_chunks),
        -1,
        columns.rows,
        columns.driven,
    )
    driven, edge = columns.driven, program.edge[cell]
    for slot in range(program.n_driven):
        columns.drive[slot, column] = driven[slot]
    for slot in range(program.n_driven, program.n_hidden):
        columns.drive[slot, column] = edge[slot]
    if cell < program.n_cells and _is_open(program, lanes, lane, cell, tick):
        for gate in range(len(program.gate_slot)):
            slot = program.gate_slot[gate]
            columns.drive[slot, column] += program.gate_strength[brain, gate]
    is_home = columns.home[column] == column
    for slot in range(program.n_hidden, len(columns.potential)):
        columns.drive[slot, column] = np.float32(0.0) if is_home else NEVER
    if is_home:
        for i in range(len(program.late_sum_branch)):
            n_active = _count(program, lanes, columns, lane, program.late_sum_branch[i])
            slot = program.late_sum_slot[i]
            columns.drive[slot, column] += program.late_sum_strength[brain, i] * n_active
        for i in range(len(program.late_link_bit)):
            at = n_past - 1 + tick - program.late_link_delay[i]
            if columns.said[at, column] & program.late_link_bit[i]:
                slot = program.late_link_slot[i]
                columns.drive[slot, column] += program.late_link_strength[brain, i]


@inlined
def _is_open(program: Program, lanes: Lanes, lane: int, cell: int, tick: int) -> bool:
    """Return whether the gate's cell of a column is driven in this tick."""
    n_records, record = lanes.begin.shape[1], lanes.newest[lane]
    while lanes.begin[lane, record] > lanes.tick[lane] + tick:
        record = (record if record > 0 else n_records) - 1
    return is_active(lanes, lane, record, program.sheet_bit[program.gate_sheet] + cell)
