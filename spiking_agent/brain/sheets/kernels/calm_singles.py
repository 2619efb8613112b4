"""Single neurons before the gates, in decisions that are known to be like the one before.

A decision is quiet if none of the neurons fires that remember or hear each other. After a quiet one
it is known what arrives in the next, and for how many decisions none of them will fire. Those are
calm, for as long as the same number of cells is active in each sheet that they count, and the same
single inputs. In a calm decision nothing is run: potentials change as in the one before.

An engine has one way of beginning a decision, so that what was found out about a lane stays true.
"""

from typing import Any, Final

import numpy as np

from spiking_agent.brain.neuron import of_brain
from spiking_agent.brain.sheets.kernels.columns import Memory
from spiking_agent.brain.sheets.kernels.lanes import (
    FAR_AWAY,
    Lanes,
    count_active,
    is_active,
    keeps_potential,
    outlives,
    record_at,
    stays_of,
)
from spiking_agent.brain.sheets.shortcut import Shortcut
from spiking_agent.brain.sheets.tables import FRONT, Program
from spiking_agent.jit import inlined

EXACT: Final = np.float32(2**24)  # whole numbers up to this have no rounding error

_of_brain: Any = inlined(of_brain)


@inlined
def inputs_of(program: Program, lanes: Lanes, lane: int) -> np.int32:
    """Return the bits of the single inputs that are driven in the newest record."""
    driven = np.int32(0)
    for single in range(len(program.single_inputs)):
        bit = FRONT + program.single_inputs[single]
        driven |= np.int32(is_active(lanes, lane, lanes.newest[lane], bit)) << np.int32(single)
    return driven


@inlined
def count_cells(program: Program, shortcut: Shortcut, lanes: Lanes, lane: int) -> int:
    """Count the active cells of the newest record; return how many decisions can be calm.

    That is 0 if they are not as many as before. What is known so far is forgotten.
    """
    calm, newest = lanes.calm, lanes.newest[lane]
    is_same = True
    for sheet in shortcut.counted_sheets:
        n_active = count_active(program, lanes, lane, newest, sheet)
        is_same &= n_active == calm.n_active[lane, sheet]
        calm.n_active[lane, sheet] = n_active
    calm.n_same[lane] = calm.n_same[lane] + 1 if is_same else 0
    n_left, calm.n_left[lane] = calm.n_left[lane], 0
    return int(n_left if is_same else 0)


@inlined
def is_calm(program: Program, lanes: Lanes, lane: int, n_ticks: int, n_left: int) -> bool:
    """Return whether a decision is calm, of which `n_left` can be."""
    if n_left == 0 or lanes.calm.n_ticks[lane] != n_ticks:
        return False
    inputs = np.int32((1 << len(program.single_inputs)) - 1)
    return bool(inputs_of(program, lanes, lane) == lanes.calm.steady[lane] & inputs)


@inlined
def repeat(
    shortcut: Shortcut, lanes: Lanes, memory: Memory, column: int, lane: int, n_left: int
) -> None:
    """Do what there is to do for the single neurons in a calm decision."""
    calm, record = lanes.calm, memory.record[column]
    calm.n_left[lane] = n_left - 1
    for i in shortcut.others:
        lanes.potential[lane, i] += calm.charge[lane, i]
    for branch in range(len(record)):
        age = calm.age[lane, branch]
        record[branch] = record_at(lanes, lane, age) if age >= 0 else -1


@inlined
def foresee(
    program: Program,
    shortcut: Shortcut,
    lanes: Lanes,
    memory: Memory,
    column: int,
    lane: int,
    n_ticks: int,
    carry_state: int,
    steady: np.int32,  # bits of the single neurons that were heard in each tick
    inputs: np.int32,  # those of single inputs among them
) -> None:
    """Find out after a quiet decision whether, and for how long, the next ones can be calm."""
    calm, brain = lanes.calm, memory.brain[column]
    if _says_the_same(
        program, lanes, brain, lane, carry_state, steady, inputs
    ) and _brings_the_same(program, lanes, memory, brain, column, lane, n_ticks, carry_state):
        calm.n_left[lane] = _n_quiet(
            program, shortcut, lanes, memory, brain, lane, n_ticks, carry_state
        )
        calm.n_ticks[lane] = n_ticks
        calm.steady[lane] = steady


@inlined
def _says_the_same(
    program: Program,
    lanes: Lanes,
    brain: int,
    lane: int,
    carry_state: int,
    steady: np.int32,
    inputs: np.int32,
) -> bool:
    """Return whether what single neurons have on its way is heard in each tick to come."""
    n_past, stays = lanes.past.shape[1], stays_of(program, brain, carry_state)
    for i in range(n_past):
        heard = lanes.past[lane, i] & stays
        if i == n_past - 1:
            heard |= inputs
        if heard != steady:
            return False
    return True


@inlined
def _brings_the_same(
    program: Program,
    lanes: Lanes,
    memory: Memory,
    brain: int,
    column: int,
    lane: int,
    n_ticks: int,
    carry_state: int,
) -> bool:
    """Return whether each branch brings a record of the same age next time, with as many cells."""
    calm, oldest = lanes.calm, 0
    for branch in range(len(program.branch_delay)):
        found = memory.record[column, branch]
        if found < 0 and outlives(program, brain, branch, carry_state):
            return False  # something will arrive later
        age = lanes.newest[lane] - found
        age = age if age >= 0 else age + lanes.begin.shape[1]
        calm.age[lane, branch] = age if found >= 0 else -1
        oldest = max(oldest, calm.age[lane, branch])
    for branch in program.sum_branch:
        if calm.n_same[lane] < calm.age[lane, branch]:
            return False
    for age in range(oldest + 1):
        begin = lanes.begin[lane, record_at(lanes, lane, age)]
        if begin != lanes.tick[lane] + 1 - age * n_ticks:
            return False
    return True


@inlined
def _n_quiet(
    program: Program,
    shortcut: Shortcut,
    lanes: Lanes,
    memory: Memory,
    brain: int,
    lane: int,
    n_ticks: int,
    carry_state: int,
) -> int:
    """Return for how many decisions no neuron will fire that charges as in the last one."""
    n_quiet, own = FAR_AWAY, _of_brain(program.before, brain)
    for i in shortcut.others:
        lanes.calm.charge[lane, i] = 0.0
        if own.decay[i] == 1 and keeps_potential(program, brain, i, carry_state):
            charge = np.float32(n_ticks) * memory.other_total[i]
            lanes.calm.charge[lane, i] = charge
            now = np.float64(lanes.potential[lane, i])
            if charge > 0:
                room = np.float64(own.threshold[i]) - now
            elif charge < 0:
                room = now + np.float64(EXACT)
            else:
                continue
            n_quiet = min(n_quiet, int(room / abs(charge)))
    return n_quiet
