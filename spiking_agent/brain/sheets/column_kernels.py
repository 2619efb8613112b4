"""The ticks of the usual case, with arrays and loops that compilers turn into few instructions.

`BLOCK` lanes run side by side. An array with a row for each neuron is flat, so that one loop
updates all neurons of all lanes; rows of tables are added `GROUP` at a time.
"""

from typing import Any

import numpy as np

from spiking_agent.brain.compiled.lanes import BIT_OF
from spiking_agent.brain.neuron import integrate, leak
from spiking_agent.brain.sheets.columns import Memory, begin, end
from spiking_agent.brain.sheets.drive import sum_drive
from spiking_agent.brain.sheets.lanes import (
    FAR_AWAY,
    Lanes,
    find_records,
    record_drive,
)
from spiking_agent.brain.sheets.shortcut import BLOCK, Shortcut
from spiking_agent.brain.sheets.single_kernels import run_singles
from spiking_agent.brain.sheets.tables import FRONT, Program
from spiking_agent.jit import inlined, kernel
from spiking_agent.typing import (
    Int32Array,
    IntpArray,
    UInt8Array,
)

_leak: Any = inlined(leak)
_integrate: Any = inlined(integrate)


@kernel
def play_sheets(
    parts: tuple[Program, Shortcut, Lanes, Memory],
    lane_ids: IntpArray,
    n_rows: int,
    lanes_per_brain: int,
    carry_state: int,
    drive: UInt8Array,
    drive_ids: IntpArray,
    n_ticks: int,
    counts: Int32Array,
) -> bool:
    """Do what `decide_columns` does, unless there are several active cells at a gate.

    Then nothing happens, and False is returned.
    """
    program, shortcut, lanes, memory = parts
    first = program.sheet_bit[program.gate_sheet] - FRONT
    for row in range(n_rows):
        signal, n_active = drive[drive_ids[row], 0], 0
        for i in range(first, first + program.n_cells):
            n_active += signal[i] != 0
        if n_active > 1:
            return False
    decide_columns(
        program,
        shortcut,
        lanes,
        memory,
        lane_ids,
        n_rows,
        lanes_per_brain,
        carry_state,
        drive,
        drive_ids,
        n_ticks,
        counts,
    )
    return True


@kernel
def decide_columns(
    program: Program,
    shortcut: Shortcut,
    lanes: Lanes,
    memory: Memory,
    lane_ids: IntpArray,  # (>= n_rows,) the lanes to run
    n_rows: int,
    lanes_per_brain: int,
    carry_state: int,  # 0 nothing, 1 what neurons say, 2 everything
    drive: UInt8Array,  # (n_drives, 1, n_inputs) with at most one active cell at the gate
    drive_ids: IntpArray,  # (>= n_rows,) row of `drive` for each of these lanes
    n_ticks: int,
    counts: Int32Array,  # (>= n_rows, n_outputs) out: spikes of the outputs
) -> None:
    """Run the given lanes for `n_ticks`, a block at a time."""
    for first in range(0, n_rows, BLOCK):
        n = min(BLOCK, n_rows - first)
        for column in range(n):
            lane = lane_ids[first + column]
            signal = drive[drive_ids[first + column]]
            record_drive(lanes, lane, signal, memory.always, memory.bytes, memory.words)
            memory.cell[column] = _gate_cell(program, lanes, lane)
            begin(
                program, shortcut, lanes, memory, column, lane, lane // lanes_per_brain, carry_state
            )
        ids = lane_ids[first : first + n]
        run_singles(program, shortcut, lanes, memory, ids, n_ticks, carry_state)
        n_heard = _run_slots(program, shortcut, lanes, memory, ids, n_ticks, carry_state)
        for column in range(n):
            end(program, shortcut, lanes, memory, column, ids[column], n_ticks)
            for output in range(len(shortcut.output_slot)):
                counts[first + column, output] = 0
        n_past = lanes.past.shape[1]
        for output in range(len(shortcut.output_slot)):
            at = shortcut.output_slot[output] * BLOCK
            for tick in range(1, min(n_heard, n_ticks - shortcut.output_lag[output]) + 1):
                fired = memory.fired[n_past - 1 + tick]
                for column in range(n):
                    counts[first + column, output] += np.int32(fired[at + column])


@inlined
def _gate_cell(program: Program, lanes: Lanes, lane: int) -> int:
    """Return the active cell of the gate, or the number of cells if there is none."""
    active, sheet = lanes.active[lane, lanes.newest[lane]], program.gate_sheet
    for word in range(program.sheet_word[sheet, 0], program.sheet_word[sheet, 1]):
        bits = active[word] & program.sheet_mask[sheet, word]
        if bits != 0:
            return int(word * 64 + BIT_OF[bits % np.uint64(67)] - program.sheet_bit[sheet])
    return program.n_cells


@inlined
def _run_slots(
    program: Program,
    shortcut: Shortcut,
    lanes: Lanes,
    memory: Memory,
    lane_ids: IntpArray,
    n_ticks: int,
    carry_state: int,
) -> int:
    """Run the windows for as long as they can be heard, and return for how long."""
    n_past, n_flat = lanes.past.shape[1], len(memory.potential)
    n_heard = 0
    for output in range(len(shortcut.output_lag)):
        n_heard = max(n_heard, n_ticks - shortcut.output_lag[output])
    for i in range(n_flat):
        memory.potential[i] = 0.0
        memory.ready[i] = 0
    for column in range(BLOCK):
        memory.change[column] = 1
    soonest = 1
    for tick in range(1, n_heard + 1):
        if tick == soonest or _is_other_said(program, memory, n_past, tick):
            soonest = FAR_AWAY
            for column in range(len(lane_ids)):
                _refresh(
                    program, shortcut, lanes, memory, lane_ids[column], column, tick, carry_state
                )
                soonest = min(soonest, memory.change[column])
        for i in range(n_flat):
            memory.total[i] = memory.drive[i]
        for group in range(len(shortcut.path_target)):
            fired = memory.fired[n_past - 1 + tick - shortcut.path_delay[group]]
            source, strength = shortcut.path_source[group], memory.path_strength[group]
            fired_a = fired[source[0] * BLOCK : (source[0] + 1) * BLOCK]
            fired_b = fired[source[1] * BLOCK : (source[1] + 1) * BLOCK]
            fired_c = fired[source[2] * BLOCK : (source[2] + 1) * BLOCK]
            fired_d = fired[source[3] * BLOCK : (source[3] + 1) * BLOCK]
            fired_e = fired[source[4] * BLOCK : (source[4] + 1) * BLOCK]
            a, b, c, d, e = strength[0], strength[1], strength[2], strength[3], strength[4]
            at = shortcut.path_target[group] * BLOCK
            total = memory.total[at : at + BLOCK]
            for x in range(BLOCK):
                total[x] += (
                    (a[x] * fired_a[x] + b[x] * fired_b[x])
                    + (c[x] * fired_c[x] + d[x] * fired_d[x])
                    + e[x] * fired_e[x]
                )
        now_fired = memory.fired[n_past - 1 + tick]
        for i in range(n_flat):
            _leak(memory.potential, memory.slots.decay, i)
            now_fired[i] = _integrate(
                memory.potential, memory.ready, memory.slots, i, np.int32(tick), memory.total[i]
            )
    return n_heard


@inlined
def _is_other_said(program: Program, memory: Memory, n_past: int, tick: int) -> bool:
    """Return whether other voices arrive in this tick than in the one before, at any lane."""
    others = np.int32(0)
    for i in range(len(program.heard_delay)):
        at = n_past - 1 + tick - program.heard_delay[i]
        now, before = memory.said[at], memory.said[max(at - 1, 0)]
        for column in range(BLOCK):
            others |= (now[column] ^ before[column]) & program.heard_bits[i]
    return bool(others != 0)


@inlined
def _refresh(
    program: Program,
    shortcut: Shortcut,
    lanes: Lanes,
    memory: Memory,
    lane: int,
    column: int,
    tick: int,
    carry_state: int,
) -> None:
    """Sum up again what arrives at a window from outside, if that has changed."""
    n_past, brain, cell = lanes.past.shape[1], memory.brain[column], memory.cell[column]
    if memory.change[column] != tick:
        others = np.int32(0)
        for i in range(len(program.heard_delay)):
            at = n_past - 1 + tick - program.heard_delay[i]
            other = memory.said[at, column] ^ memory.said[max(at - 1, 0), column]
            others |= other & program.heard_bits[i]
        if others == 0:
            return
    memory.change[column] = find_records(
        program, lanes, brain, lane, tick, carry_state, memory.record
    )
    for voice in range(len(program.voice_bit)):
        at = n_past - 1 + tick - program.voice_delay[voice]
        memory.voices[voice] = memory.said[at, column] & program.voice_bit[voice]
    driven = memory.driven
    sum_drive(
        program,
        lanes,
        lane,
        brain,
        cell,
        memory.record,
        memory.voices,
        shortcut.n_chunks,
        shortcut.gate_row,
        memory.rows,
        driven,
    )
    for slot in range(len(memory.drive) // BLOCK):
        memory.drive[slot * BLOCK + column] = driven[slot]
