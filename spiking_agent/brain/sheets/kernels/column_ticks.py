"""The ticks of the usual case, with arrays and loops that compilers turn into few instructions.

`BLOCK` lanes run side by side. An array with a row for each neuron is flat, so that one loop
updates all neurons of all lanes; rows of tables are added `GROUP` at a time.
"""

from typing import Any

import numpy as np

from spiking_agent.brain.neuron import integrate, leak
from spiking_agent.brain.sheets.kernels.calm_singles import count_cells, is_calm, repeat
from spiking_agent.brain.sheets.kernels.columns import Memory, load_brain
from spiking_agent.brain.sheets.kernels.drive import sum_drive
from spiking_agent.brain.sheets.kernels.lanes import (
    FAR_AWAY,
    Lanes,
    find_records,
    record_drive,
)
from spiking_agent.brain.sheets.kernels.single_ticks import run_singles
from spiking_agent.brain.sheets.shortcut import BLOCK, Shortcut
from spiking_agent.brain.sheets.tables import FRONT, Program
from spiking_agent.instructions import WIDTH, add_products, lowest, n_ones, packed
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
    lane_ids: IntpArray,  # (>= n_rows,) the lanes to run
    n_rows: int,
    lanes_per_brain: int,
    carry_state: int,  # FORGET, BY_NEURON or CARRY
    drive: UInt8Array,  # (n_drives, 1, n_inputs)
    drive_ids: IntpArray,  # (>= n_rows,) row of `drive` for each of these lanes
    n_ticks: int,
    counts: Int32Array,  # (>= n_rows, n_outputs) out: spikes of the outputs
) -> bool:
    """Run the given lanes for `n_ticks`, a block at a time, and return True.

    Do nothing and return False if several cells are active at the gate of one of them.
    """
    program, shortcut, lanes, memory = parts
    first_input = program.sheet_bit[program.gate_sheet] - FRONT
    for row in range(n_rows):
        signal = drive[drive_ids[row], 0]
        if _n_active(signal, first_input, first_input + program.n_cells) > 1:
            return False
    for first in range(0, n_rows, BLOCK):
        n = min(BLOCK, n_rows - first)
        for column in range(n):
            lane = lane_ids[first + column]
            record_drive(lanes, lane, drive[drive_ids[first + column]], memory.always)
            memory.cell[column] = _gate_cell(program, lanes, lane)
            load_brain(shortcut, memory, column, lane // lanes_per_brain)
            n_left = count_cells(program, shortcut, lanes, lane)
            memory.is_calm[column] = is_calm(program, lanes, lane, n_ticks, n_left)
            if memory.is_calm[column]:
                repeat(shortcut, lanes, memory, column, lane, n_left)
            else:
                run_singles(program, shortcut, lanes, memory, column, lane, n_ticks, carry_state)
        ids = lane_ids[first : first + n]
        _run_slots(program, shortcut, lanes, memory, ids, n_ticks, carry_state)
        for column in range(n):
            lanes.tick[ids[column]] += n_ticks
            for output in range(len(memory.n_spikes)):
                counts[first + column, output] = np.int32(memory.n_spikes[output, column])
    return True


@inlined
def _n_active(signal: UInt8Array, first: int, last: int) -> int:
    """Return how many of the values from `first` to before `last` are not 0."""
    n_active, at = 0, first
    while at < last and at + WIDTH <= len(signal):
        bits = packed(signal, at)
        if at + WIDTH > last:
            bits &= (np.uint64(1) << np.uint64(last - at)) - np.uint64(1)
        n_active += n_ones(bits)
        at += WIDTH
    for i in range(at, last):
        n_active += signal[i] != 0
    return n_active


@inlined
def _gate_cell(program: Program, lanes: Lanes, lane: int) -> int:
    """Return the active cell of the gate, or the number of cells if there is none."""
    active, sheet = lanes.active[lane, lanes.newest[lane]], program.gate_sheet
    for word in range(program.sheet_word[sheet, 0], program.sheet_word[sheet, 1]):
        bits = active[word] & program.sheet_mask[sheet, word]
        if bits != 0:
            return int(word * WIDTH + lowest(bits) - program.sheet_bit[sheet])
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
) -> None:
    """Run the windows for as long as they can be heard, and count the spikes of the outputs."""
    n_kept, n_flat = len(memory.fired), len(memory.potential)
    n_heard = 0
    for output in range(len(shortcut.output_lag)):
        n_heard = max(n_heard, n_ticks - shortcut.output_lag[output])
        for column in range(BLOCK):
            memory.n_spikes[output, column] = 0.0
    for i in range(n_flat):
        memory.potential[i] = 0.0
        memory.ready[i] = 0
    for row in range(n_kept):
        fired = memory.fired[row]
        for slot in range(len(fired)):
            for column in range(BLOCK):
                fired[slot, column] = 0.0
    soonest = 1
    for tick in range(1, n_heard + 1):
        if tick == soonest:
            soonest = FAR_AWAY
            for column in range(len(lane_ids)):
                lane = lane_ids[column]
                if tick == 1 or memory.change[column] == tick:
                    _refresh(
                        program, lanes, shortcut, memory, lane, column, tick, carry_state, n_heard
                    )
                soonest = min(soonest, memory.change[column])
            for i in range(n_flat):
                memory.total[i] = memory.drive[i]
        for group in range(len(shortcut.path_groups)):
            target = shortcut.path_groups[group, 0]
            total = memory.total[target * BLOCK : (target + 1) * BLOCK]
            drive = memory.drive[target * BLOCK : (target + 1) * BLOCK]
            for column in range(BLOCK):
                total[column] = drive[column]
        for group in range(len(shortcut.path_groups)):
            target, delay = shortcut.path_groups[group, 0], shortcut.path_groups[group, 1]
            first, behind = shortcut.path_groups[group, 2], shortcut.path_groups[group, 3]
            fired = memory.fired[(tick + n_kept - delay) % n_kept]
            total = memory.total[target * BLOCK : (target + 1) * BLOCK]
            add_products(memory.path_strength, fired, shortcut.path_source, first, behind, total)
        now_fired = memory.fired[tick % n_kept].reshape(n_flat)
        for i in range(n_flat):
            _leak(memory.potential, memory.slots.decay, i)
            now_fired[i] = _integrate(
                memory.potential, memory.ready, memory.slots, i, np.int32(tick), memory.total[i]
            )
        for output in range(len(shortcut.output_slot)):
            if tick + shortcut.output_lag[output] <= n_ticks:
                at, n_spikes = shortcut.output_slot[output] * BLOCK, memory.n_spikes[output]
                fired = now_fired[at : at + BLOCK]
                for column in range(BLOCK):
                    n_spikes[column] += fired[column]


@inlined
def _refresh(
    program: Program,
    lanes: Lanes,
    shortcut: Shortcut,
    memory: Memory,
    lane: int,
    column: int,
    tick: int,
    carry_state: int,
    n_heard: int,
) -> None:
    """Sum up again what arrives at a window from outside, and find when that will change."""
    brain, said, record = memory.brain[column], memory.said[column], memory.record[column]
    if memory.is_calm[column]:
        memory.change[column] = FAR_AWAY
        for voice in range(len(program.voice_bit)):
            memory.voices[voice] = lanes.calm.steady[lane] & program.voice_bit[voice]
    else:
        if tick == 1:
            change = memory.change[column]
        else:
            change = find_records(program, lanes, brain, lane, tick, carry_state, record)
        before = lanes.past.shape[1] - 1  # where tick 0 stands
        for voice in range(len(program.voice_bit)):
            arrives = said[before + tick - program.voice_delay[voice]]
            memory.voices[voice] = arrives & program.voice_bit[voice]
        memory.change[column] = _next_change(program, said, before, tick, min(change, n_heard + 1))
    driven = memory.driven
    sum_drive(
        program,
        lanes,
        lane,
        brain,
        memory.cell[column],
        record,
        memory.voices,
        shortcut.n_parts,
        shortcut.gate_row,
        memory.rows,
        driven,
    )
    for slot in range(len(memory.drive) // BLOCK):
        memory.drive[slot * BLOCK + column] = driven[slot]


@inlined
def _next_change(program: Program, said: Int32Array, before: int, tick: int, change: int) -> int:
    """Return the next tick in which other voices arrive, or `change` if that is sooner."""
    for i in range(len(program.heard_delay)):
        first, bits = before - program.heard_delay[i], program.heard_bits[i]
        for later in range(tick + 1, change):
            if (said[first + later] ^ said[first + later - 1]) & bits:
                change = later
                break
    return change
