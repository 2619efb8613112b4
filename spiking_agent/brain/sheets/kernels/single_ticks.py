"""Single neurons before the gates, lane by lane, in the usual case.

Those that only count active cells are looked up. The others run tick by tick, unless they are
quiet: then they charge evenly, and none of them fires. What is known beforehand to be like the
decision before does not come here at all, see `calm_singles`.
"""

from typing import Any

import numpy as np

from spiking_agent.brain.neuron import integrate, leak, of_brain
from spiking_agent.brain.sheets.kernels.calm_singles import EXACT, foresee, inputs_of
from spiking_agent.brain.sheets.kernels.columns import Memory
from spiking_agent.brain.sheets.kernels.lanes import (
    Lanes,
    count_active,
    find_records,
    keeps_potential,
    stays_of,
)
from spiking_agent.brain.sheets.shortcut import Shortcut
from spiking_agent.brain.sheets.tables import Program
from spiking_agent.jit import inlined
from spiking_agent.typing import Int32Array, IntpArray

_leak: Any = inlined(leak)
_integrate: Any = inlined(integrate)
_of_brain: Any = inlined(of_brain)


@inlined
def run_singles(
    program: Program,
    shortcut: Shortcut,
    lanes: Lanes,
    memory: Memory,
    column: int,
    lane: int,
    n_ticks: int,
    carry_state: int,
) -> None:
    """Run the single neurons of a lane; what they say is kept in bits, tick by tick."""
    n_past, brain, said = lanes.past.shape[1], memory.brain[column], memory.said[column]
    stays = stays_of(program, brain, carry_state)
    for i in range(n_past):
        said[i] = lanes.past[lane, i] & stays
    always = inputs_of(program, lanes, lane)
    said[n_past - 1] |= always
    _begin(program, shortcut, lanes, memory, lane, brain, carry_state)
    record = memory.record[column]
    change = find_records(program, lanes, brain, lane, 1, carry_state, record)
    memory.change[column] = change
    plain = _drive_singles(program, shortcut, lanes, memory, brain, lane, record)
    is_quiet = change > n_ticks and _is_quiet(
        program, shortcut, memory, brain, said, n_past, plain | always, n_ticks
    )
    if is_quiet:
        for i in range(n_past, n_past + n_ticks - 1):
            said[i] = plain | always
        said[n_past + n_ticks - 1] = plain
    else:
        for tick in range(1, n_ticks + 1):
            if tick == change:
                record = memory.later
                change = find_records(program, lanes, brain, lane, tick, carry_state, record)
                plain = _drive_singles(program, shortcut, lanes, memory, brain, lane, record)
            fires = _run_others(program, shortcut, memory, brain, said, n_past, tick)
            said[n_past - 1 + tick] = plain | fires | (always if tick < n_ticks else np.int32(0))
    for i in range(n_past):
        lanes.past[lane, i] = said[n_ticks + i]
    for i in shortcut.others:
        lanes.potential[lane, i] = memory.other_potential[i]
        lanes.rest[lane, i] = max(memory.other_ready[i] - n_ticks, 0)
    if is_quiet:
        foresee(
            program,
            shortcut,
            lanes,
            memory,
            column,
            lane,
            n_ticks,
            carry_state,
            plain | always,
            always,
        )


@inlined
def _begin(
    program: Program,
    shortcut: Shortcut,
    lanes: Lanes,
    memory: Memory,
    lane: int,
    brain: int,
    carry_state: int,
) -> None:
    """Take up what the neurons that remember have kept."""
    for i in shortcut.others:
        kept = keeps_potential(program, brain, i, carry_state)
        memory.other_potential[i] = lanes.potential[lane, i] if kept else 0.0
        memory.other_ready[i] = lanes.rest[lane, i] if kept else 0


@inlined
def _is_quiet(
    program: Program,
    shortcut: Shortcut,
    memory: Memory,
    brain: int,
    said: Int32Array,
    n_past: int,
    steady: np.int32,  # bits of what is said in every tick if these neurons say nothing
    n_ticks: int,
) -> bool:
    """Charge the neurons for all ticks at once, if the same arrives in each, and none fires."""
    changed = np.int32(0)
    for i in range(n_past):
        changed |= said[i] ^ steady
    if changed & shortcut.link_bits:
        return False
    own = _of_brain(program.before, brain)
    for i in shortcut.others:
        memory.other_total[i] = memory.other_drive[i]
    for link in range(len(program.link_bit)):
        if steady & program.link_bit[link]:
            memory.other_total[program.link_target[link]] += program.link_strength[brain, link]
    for i in shortcut.others:
        first, total, decay = memory.other_potential[i], memory.other_total[i], own.decay[i]
        charge = np.float32(n_ticks) * total
        last = np.float32(first + charge) if decay == 1 else total
        highest = max(np.float32(first + total), last) if decay == 1 else total
        is_exact = first == np.floor(first) and max(abs(first), abs(last), abs(charge)) < EXACT
        if (
            decay not in (0, 1)
            or not (is_exact or decay == 0)
            or highest > own.threshold[i]
            or memory.other_ready[i] > 1
        ):
            return False
        memory.other_last[i] = last
    for i in shortcut.others:
        memory.other_potential[i] = memory.other_last[i]
    return True


@inlined
def _run_others(
    program: Program,
    shortcut: Shortcut,
    memory: Memory,
    brain: int,
    said: Int32Array,
    n_past: int,
    tick: int,
) -> np.int32:
    """Run one tick of the neurons that remember or hear each other; return their bits."""
    for i in shortcut.others:
        memory.other_total[i] = memory.other_drive[i]
    for link in range(len(program.link_bit)):
        if said[n_past - 1 + tick - program.link_delay[link]] & program.link_bit[link]:
            memory.other_total[program.link_target[link]] += program.link_strength[brain, link]
    fires, n_single = np.int32(0), len(program.single_inputs)
    own = _of_brain(program.before, brain)
    for i in shortcut.others:
        _leak(memory.other_potential, own.decay, i)
        has_fired = _integrate(
            memory.other_potential, memory.other_ready, own, i, tick, memory.other_total[i]
        )
        fires |= np.int32(has_fired) << np.int32(n_single + i)
    return fires


@inlined
def _drive_singles(
    program: Program,
    shortcut: Shortcut,
    lanes: Lanes,
    memory: Memory,
    brain: int,
    lane: int,
    record: IntpArray,
) -> np.int32:
    """Sum up the input sheets for the single neurons of one lane; return who fires at once."""
    n_single = len(program.single_inputs)
    for branch in range(len(program.branch_delay)):
        memory.n_active[branch] = -1
    for i in shortcut.others:
        memory.other_drive[i] = 0.0
    fires, last, total = np.int32(0), -1, np.float32(0.0)
    for i in range(len(shortcut.counted_branch)):
        n_active = _count(program, lanes, memory, lane, record, shortcut.counted_branch[i])
        fires |= shortcut.counted[brain, i, n_active]
    for i in shortcut.sums:
        branch, target = program.sum_branch[i], program.sum_target[i]
        if target != last:
            total = np.float32(0.0)
        n_active = _count(program, lanes, memory, lane, record, branch)
        total += program.sum_strength[brain, i] * np.float32(n_active)
        last = target
        if shortcut.is_other[target]:
            memory.other_drive[target] = total
        else:
            bit = np.int32(1) << np.int32(n_single + target)
            fires &= ~bit
            if total > program.before.threshold[brain, target]:
                fires |= bit
    return fires


@inlined
def _count(
    program: Program, lanes: Lanes, memory: Memory, lane: int, record: IntpArray, branch: int
) -> int:
    """Return the number of cells that are active in the record of a branch, counted once."""
    if memory.n_active[branch] < 0:
        arrived, sheet = record[branch], program.branch_sheet[branch]
        memory.n_active[branch] = 0
        if arrived >= 0:
            memory.n_active[branch] = count_active(program, lanes, lane, arrived, sheet)
    return int(memory.n_active[branch])
