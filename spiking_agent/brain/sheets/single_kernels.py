"""Single neurons before the gates, in the columns of the usual case.

Those that only count active cells are looked up. The others run tick by tick.
"""

from typing import Any, Final

import numpy as np

from spiking_agent.brain.neuron import integrate, leak
from spiking_agent.brain.sheets.columns import Memory
from spiking_agent.brain.sheets.lanes import FAR_AWAY, Lanes, count_active, find_records
from spiking_agent.brain.sheets.shortcut import BLOCK, Shortcut
from spiking_agent.brain.sheets.tables import Program
from spiking_agent.jit import inlined
from spiking_agent.typing import IntpArray

NOTHING: Final = np.float32(0.0)

_leak: Any = inlined(leak)
_integrate: Any = inlined(integrate)


@inlined
def run_singles(
    program: Program,
    shortcut: Shortcut,
    lanes: Lanes,
    memory: Memory,
    lane_ids: IntpArray,
    n_ticks: int,
    carry_state: int,
) -> None:
    """Run the single neurons; what they say is kept in bits, tick by tick."""
    n_past, n_single = lanes.past.shape[1], len(program.single_inputs)
    n_other = len(shortcut.is_other)
    for column in range(BLOCK):
        memory.said[n_past - 1, column] |= memory.is_open[column]
    soonest = 1
    for tick in range(1, n_ticks + 1):
        if tick == soonest:
            soonest = FAR_AWAY
            for column in range(len(lane_ids)):
                if memory.change[column] == tick:
                    memory.change[column] = find_records(
                        program,
                        lanes,
                        memory.brain[column],
                        lane_ids[column],
                        tick,
                        carry_state,
                        memory.record,
                    )
                    _drive_singles(program, shortcut, lanes, memory, column, lane_ids[column])
                soonest = min(soonest, memory.change[column])
        now_said = memory.said[n_past - 1 + tick]
        if tick < n_ticks:
            for column in range(BLOCK):
                now_said[column] = memory.plain[column] | memory.is_open[column]
        else:
            for column in range(BLOCK):
                now_said[column] = memory.plain[column]
        if n_other == 0:
            continue
        for i in range(n_other * BLOCK):
            memory.other_total[i] = memory.other_drive[i]
        for group in range(len(shortcut.link_at)):
            delay, bit = shortcut.link_delay[group], shortcut.link_bit[group]
            strength, at = memory.link_strength[group], n_past - 1 + tick
            said_a, said_b = memory.said[at - delay[0]], memory.said[at - delay[1]]
            said_c, said_d = memory.said[at - delay[2]], memory.said[at - delay[3]]
            a, b, c, d = strength[0], strength[1], strength[2], strength[3]
            total = memory.other_total[shortcut.link_at[group] : shortcut.link_at[group] + BLOCK]
            for x in range(BLOCK):
                total[x] += (a[x] if said_a[x] & bit[0] else NOTHING) + (
                    b[x] if said_b[x] & bit[1] else NOTHING
                )
                total[x] += (c[x] if said_c[x] & bit[2] else NOTHING) + (
                    d[x] if said_d[x] & bit[3] else NOTHING
                )
        for i in range(n_other * BLOCK):
            _leak(memory.other_potential, memory.others.decay, i)
            memory.other_fired[i] = _integrate(
                memory.other_potential,
                memory.other_ready,
                memory.others,
                i,
                np.int32(tick),
                memory.other_total[i],
            )
        for i in range(n_other):
            bit = np.int32(n_single + shortcut.is_other[i])
            fired = memory.other_fired[i * BLOCK : (i + 1) * BLOCK]
            for column in range(BLOCK):
                now_said[column] |= fired[column] << bit


@inlined
def _drive_singles(
    program: Program,
    shortcut: Shortcut,
    lanes: Lanes,
    memory: Memory,
    column: int,
    lane: int,
) -> None:
    """Sum up the input sheets for the single neurons of one lane."""
    n_single, brain = len(program.single_inputs), memory.brain[column]
    for branch in range(len(program.branch_delay)):
        memory.n_active[branch] = -1
    for i in range(len(shortcut.is_other)):
        memory.other_drive[i * BLOCK + column] = 0.0
    fires, last, total = np.int32(0), -1, np.float32(0.0)
    for i in range(len(shortcut.counted_branch)):
        n_active = _count(program, lanes, memory, lane, shortcut.counted_branch[i])
        fires |= shortcut.counted[brain, i, n_active]
    for i in shortcut.sums:
        branch, target = program.sum_branch[i], program.sum_target[i]
        if target != last:
            total = np.float32(0.0)
        n_active = _count(program, lanes, memory, lane, branch)
        total += program.sum_strength[brain, i] * np.float32(n_active)
        last = target
        if shortcut.other_at[target] >= 0:
            memory.other_drive[shortcut.other_at[target] + column] = total
        else:
            bit = np.int32(1) << np.int32(n_single + target)
            fires &= ~bit
            if total > program.before.threshold[brain, target]:
                fires |= bit
    memory.plain[column] = fires


@inlined
def _count(program: Program, lanes: Lanes, memory: Memory, lane: int, branch: int) -> int:
    """Return the number of cells that are active in the record of a branch, counted once."""
    if memory.n_active[branch] < 0:
        record, sheet = memory.record[branch], program.branch_sheet[branch]
        memory.n_active[branch] = 0
        if record >= 0:
            memory.n_active[branch] = count_active(program, lanes, lane, record, sheet)
    return int(memory.n_active[branch])
