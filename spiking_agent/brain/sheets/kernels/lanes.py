"""What of running brains outlives a decision, and the records of what was driven.

A record says which inputs were driven, a bit for each, from a tick on until the next record begins.
"""

from typing import Final, NamedTuple

import numpy as np

from spiking_agent.brain.carry_state import BY_NEURON, CARRY, KEEPS_ALL
from spiking_agent.brain.sheets.tables import FRONT, Program
from spiking_agent.instructions import WIDTH, n_ones, packed
from spiking_agent.jit import inlined
from spiking_agent.typing import (
    Float32Array,
    Int32Array,
    Int64Array,
    IntpArray,
    UInt8Array,
    UInt64Array,
)

NO_TICK: Final = -1  # of a record that is none
FAR_AWAY: Final = 2**40  # a tick that never comes
FIRST: Final = FRONT // WIDTH  # word of the first input


class Calm(NamedTuple):
    """What the next decision of a lane is like if it is calm, see `calm_singles`."""

    n_left: Int64Array  # (n_lanes,) decisions to come that can be calm
    n_ticks: Int64Array  # (n_lanes,) ticks of each of them
    n_active: Int64Array  # (n_lanes, n_sheets) active cells in the newest record, -1 for unknown
    n_same: Int64Array  # (n_lanes,) records before the newest with as many active cells
    steady: Int32Array  # (n_lanes,) bits of the single neurons that are heard in each tick
    charge: Float32Array  # (n_lanes, n_before + n_after) what is added to potentials
    age: IntpArray  # (n_lanes, n_branches) how many records ago what arrives began, -1 for none


class Lanes(NamedTuple):
    """What outlives a decision; a lane is one running brain."""

    tick: Int64Array  # (n_lanes,) now
    active: UInt64Array  # (n_lanes, n_records, n_words) a bit for each input, from `FRONT` on
    begin: Int64Array  # (n_lanes, n_records) first tick of each record, -1 for none
    newest: IntpArray  # (n_lanes,) last record
    potential: Float32Array  # (n_lanes, n_before + n_after)
    rest: Int32Array  # (n_lanes, n_before + n_after) ticks that are left of a refractory period
    past: Int32Array  # (n_lanes, n_past) bits of what fired before: the last is that of this tick
    late_past: Int32Array  # (n_lanes, n_past) the same of the neurons behind the gates
    calm: Calm


@inlined
def record_drive(lanes: Lanes, lane: int, drive: UInt8Array, always: UInt64Array) -> None:
    """Record what a lane is driven by in the ticks to come, a row of `drive` for each.

    Parameters
    ----------
    lanes : Lanes
        Where it is recorded.
    lane : int
        The lane.
    drive : ndarray of uint8, shape (n_steps, n_signals)
        Not 0 where an input is driven; for the first inputs only, if the others are constant.
    always : ndarray of uint64, shape (n_words,)
        Bits of constant inputs.
    """
    n_records = lanes.begin.shape[1]
    for step in range(len(drive)):
        newest = lanes.newest[lane] + 1
        newest = 0 if newest == n_records else newest
        lanes.newest[lane] = newest
        lanes.begin[lane, newest] = lanes.tick[lane] + 1 + step
        signal, active = drive[step], lanes.active[lane, newest]
        for word in range(len(active)):
            active[word] = always[word]
        n_words, n_left = len(signal) // WIDTH, len(signal) % WIDTH
        for word in range(n_words):
            active[FIRST + word] |= packed(signal, word * WIDTH)
        if n_words == 0:
            for i in range(n_left):
                active[FIRST] |= np.uint64(signal[i] != 0) << np.uint64(i)
        elif n_left > 0:
            last = packed(signal, len(signal) - WIDTH)
            active[FIRST + n_words] |= last >> np.uint64(WIDTH - n_left)


@inlined
def find_records(
    program: Program,
    lanes: Lanes,
    brain: int,
    lane: int,
    tick: int,
    carry_state: int,
    found: IntpArray,
) -> int:
    """Find the records whose impulses arrive at a lane in a tick of the decision.

    Parameters
    ----------
    program : Program
        Its branches.
    lanes : Lanes
        The records.
    brain, lane : int
        Genome and lane.
    tick : int
        Tick of the decision, from 1 on.
    carry_state : int
        `FORGET`, `BY_NEURON` or `CARRY`.
    found : ndarray of intp, shape (n_branches,)
        Written: the record that arrives by each branch, -1 for none.

    Returns
    -------
    int
        The next tick in which others do.
    """
    n_records, now = lanes.begin.shape[1], lanes.tick[lane]
    change = FAR_AWAY
    for branch in range(len(program.branch_delay)):
        lead = program.branch_delay[branch] - 1 - now
        sent = tick - lead  # when what arrives now was driven
        oldest = now + 1
        if outlives(program, brain, branch, carry_state):
            oldest = NO_TICK + 1
        found[branch], record, later = -1, lanes.newest[lane], FAR_AWAY
        for _ in range(n_records):
            begin = lanes.begin[lane, record]
            if begin < oldest:
                break
            if begin <= sent:
                found[branch] = record
                break
            later = begin + lead
            record = (record if record > 0 else n_records) - 1
        change = min(change, later)
    return change


@inlined
def count_active(program: Program, lanes: Lanes, lane: int, record: int, sheet: int) -> int:
    """Return the number of active cells of a sheet in a record."""
    active, n_active = lanes.active[lane, record], 0
    for word in range(program.sheet_word[sheet, 0], program.sheet_word[sheet, 1]):
        n_active += n_ones(active[word] & program.sheet_mask[sheet, word])
    return n_active


@inlined
def stays_of(program: Program, brain: int, carry_state: int) -> np.int32:
    """Return the bits of single neurons whose impulses outlive a decision."""
    if carry_state == BY_NEURON:
        kept: np.int32 = program.stays[brain]
        return kept
    return np.int32(-1) if carry_state == CARRY else np.int32(0)


@inlined
def outlives(program: Program, brain: int, branch: int, carry_state: int) -> bool:
    """Return whether the impulses in a branch of an input sheet outlive a decision."""
    return carry_state == CARRY or (
        carry_state == BY_NEURON and bool(program.branch_kept[brain, branch])
    )


@inlined
def keeps_potential(program: Program, brain: int, before: int, carry_state: int) -> bool:
    """Return whether the potential of a single neuron before the gates outlives a decision."""
    place = len(program.single_inputs) + before
    return carry_state == CARRY or (
        carry_state == BY_NEURON and bool(program.before_kept[brain, place] == KEEPS_ALL)
    )


@inlined
def record_at(lanes: Lanes, lane: int, age: int) -> int:
    """Return the record that is so many records older than the newest."""
    record = lanes.newest[lane] - age
    return int(record if record >= 0 else record + lanes.begin.shape[1])


@inlined
def is_active(lanes: Lanes, lane: int, record: int, bit: int) -> bool:
    """Return whether an input is driven in a record."""
    word = lanes.active[lane, record, bit >> 6]
    return bool((word >> np.uint64(bit & 63)) & np.uint64(1))


def n_past_of(program: Program) -> int:
    """Return for how many ticks spikes are on their way."""
    delays = [
        program.voice_delay,
        program.link_delay,
        program.late_link_delay,
        program.path_delay,
    ]
    return max((int(delay.max()) for delay in delays if len(delay)), default=1)


def n_records_of(program: Program, n_steps: int, span: int) -> int:
    """Return how many records of the drive are needed for all that is on its way.

    Parameters
    ----------
    program : Program
        Its branches.
    n_steps : int
        Records of one decision.
    span : int
        Ticks from a record to the next one, at least.
    """
    return -(-int(program.branch_delay.max()) // span) + n_steps + 1


def make_lanes(program: Program, n_lanes: int, n_after: int, n_records: int) -> Lanes:
    """Return lanes, still to be cleared."""
    n_words = program.sheet_mask.shape[1]
    n_single = program.before.threshold.shape[1] + n_after
    n_past = n_past_of(program)
    return Lanes(
        tick=np.zeros(n_lanes, np.int64),
        active=np.zeros((n_lanes, n_records, n_words), np.uint64),
        begin=np.full((n_lanes, n_records), NO_TICK, np.int64),
        newest=np.zeros(n_lanes, np.intp),
        potential=np.zeros((n_lanes, n_single), np.float32),
        rest=np.zeros((n_lanes, n_single), np.int32),
        past=np.zeros((n_lanes, n_past), np.int32),
        late_past=np.zeros((n_lanes, n_past), np.int32),
        calm=Calm(
            n_left=np.zeros(n_lanes, np.int64),
            n_ticks=np.zeros(n_lanes, np.int64),
            n_active=np.full((n_lanes, len(program.sheet_bit)), -1),
            n_same=np.zeros(n_lanes, np.int64),
            steady=np.zeros(n_lanes, np.int32),
            charge=np.zeros((n_lanes, n_single), np.float32),
            age=np.zeros((n_lanes, len(program.branch_delay)), np.intp),
        ),
    )


@inlined
def disturb(calm: Calm, lane: int) -> None:
    """Forget what is known about the newest record of a lane and its next decision."""
    calm.n_left[lane] = 0
    calm.n_active[lane] = -1
