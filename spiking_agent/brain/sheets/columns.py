"""Memory for the usual case, and what stands in a column before and after a decision."""

from typing import Any, NamedTuple

import numpy as np

from spiking_agent.brain.carry_state import BY_NEURON, CARRY, KEEPS_ALL
from spiking_agent.brain.compiled.lanes import GROUP
from spiking_agent.brain.neuron import NeuronParams
from spiking_agent.brain.sheets.drive import n_listed
from spiking_agent.brain.sheets.lanes import Lanes, is_active, stays_of, unpacked_words
from spiking_agent.brain.sheets.shortcut import BLOCK, PATHS, Shortcut
from spiking_agent.brain.sheets.tables import FRONT, Program
from spiking_agent.jit import inlined
from spiking_agent.typing import (
    Float32Array,
    Int32Array,
    Int64Array,
    IntpArray,
    UInt8Array,
    UInt64Array,
)


class Memory(NamedTuple):
    """Memory for one block; flat arrays have `BLOCK` entries for each neuron."""

    brain: IntpArray  # (BLOCK,) genome whose parameters stand here, -1 for none
    cell: IntpArray  # (BLOCK,) cell of the gate; n_cells for none
    change: Int64Array  # (BLOCK,) next tick in which other records arrive
    is_open: Int32Array  # (BLOCK,) bits of single inputs whose spikes outlive a decision
    slots: Any  # NeuronParams, each (n_slots * BLOCK,)
    potential: Float32Array  # (n_slots * BLOCK,)
    ready: Int32Array
    drive: Float32Array
    total: Float32Array
    fired: Float32Array  # (n_past + n_ticks, n_slots * BLOCK) the first rows are empty
    path_strength: Float32Array  # (n_groups, PATHS, BLOCK)
    others: Any  # NeuronParams, each (n_other * BLOCK,)
    other_potential: Float32Array  # (n_other * BLOCK,)
    other_ready: Int32Array
    other_drive: Float32Array
    other_total: Float32Array
    other_fired: Int32Array
    link_strength: Float32Array  # (n_groups, GROUP, BLOCK)
    plain: Int32Array  # (BLOCK,) bits of the plain neurons that fire
    said: Int32Array  # (n_past + n_ticks, BLOCK)
    driven: Float32Array  # (width,)
    voices: Int32Array  # (n_voices,) not 0 for those that arrive at one lane
    rows: IntpArray  # (n,) rows of the tables to add
    record: IntpArray  # (n_branches,)
    n_active: Int64Array  # (n_branches,)
    always: UInt64Array  # (n_words,) bits of inputs that are constant and not in the drive
    bytes: UInt8Array  # (n,) whole words
    words: UInt64Array  # the same memory


def make_memory(program: Program, shortcut: Shortcut, n_past: int, n_ticks: int) -> Memory:
    """Return memory for the usual case of decisions of `n_ticks`."""
    n_slots, n_other = shortcut.slots.threshold.shape[1], len(shortcut.is_other)
    words = unpacked_words(program)

    def params(like: Any) -> NeuronParams:
        return NeuronParams._make(np.zeros(array.shape[1] * BLOCK, array.dtype) for array in like)

    def floats(*shape: int) -> Float32Array:
        return np.zeros(shape, np.float32)

    return Memory(
        brain=np.full(BLOCK, -1, np.intp),
        cell=np.zeros(BLOCK, np.intp),
        change=np.zeros(BLOCK, np.int64),
        is_open=np.zeros(BLOCK, np.int32),
        slots=params(shortcut.slots),
        potential=floats(n_slots * BLOCK),
        ready=np.zeros(n_slots * BLOCK, np.int32),
        drive=floats(n_slots * BLOCK),
        total=floats(n_slots * BLOCK),
        fired=floats(n_past + n_ticks, n_slots * BLOCK),
        path_strength=floats(len(shortcut.path_target), PATHS, BLOCK),
        others=params(shortcut.others),
        other_potential=floats(n_other * BLOCK),
        other_ready=np.zeros(n_other * BLOCK, np.int32),
        other_drive=floats(n_other * BLOCK),
        other_total=floats(n_other * BLOCK),
        other_fired=np.zeros(n_other * BLOCK, np.int32),
        link_strength=floats(len(shortcut.link_at), GROUP, BLOCK),
        plain=np.zeros(BLOCK, np.int32),
        said=np.zeros((n_past + n_ticks, BLOCK), np.int32),
        driven=floats(program.rows.shape[2]),
        voices=np.zeros(len(program.voice_bit), np.int32),
        rows=np.zeros(n_listed(program), np.intp),
        record=np.zeros(len(program.branch_delay), np.intp),
        n_active=np.zeros(len(program.branch_delay), np.int64),
        always=np.zeros(program.sheet_mask.shape[1], np.uint64),
        bytes=words.view(np.uint8),
        words=words,
    )


@inlined
def begin(
    program: Program,
    shortcut: Shortcut,
    lanes: Lanes,
    memory: Memory,
    column: int,
    lane: int,
    brain: int,
    carry_state: int,
) -> None:
    """Fill a column with its brain's parameters, unless they stand there, and its lane's state."""
    if memory.brain[column] != brain:
        memory.brain[column] = brain
        load(shortcut.slots, memory.slots, brain, column)
        load(shortcut.others, memory.others, brain, column)
        for group in range(len(shortcut.link_at)):
            for i in range(GROUP):
                memory.link_strength[group, i, column] = shortcut.link_strength[brain, group, i]
        for group in range(len(shortcut.path_target)):
            for i in range(PATHS):
                memory.path_strength[group, i, column] = shortcut.path_strength[brain, group, i]
    n_single, n_past = len(program.single_inputs), lanes.past.shape[1]
    stays = stays_of(program, brain, carry_state)
    for i in range(n_past):
        memory.said[i, column] = lanes.past[lane, i] & stays
    now = np.int32(0)
    for single in range(n_single):
        if is_active(lanes, lane, lanes.newest[lane], FRONT + program.single_inputs[single]):
            now |= np.int32(1) << np.int32(single)
    memory.is_open[column] = now
    for i in range(len(shortcut.is_other)):
        single, at = shortcut.is_other[i], i * BLOCK + column
        kept = carry_state == CARRY or (
            carry_state == BY_NEURON and program.before_kept[brain, n_single + single] == KEEPS_ALL
        )
        memory.other_potential[at] = lanes.potential[lane, single] if kept else 0.0
        memory.other_ready[at] = lanes.rest[lane, single] if kept else 0
    memory.change[column] = 1


@inlined
def load(params: Any, into: Any, brain: int, column: int) -> None:
    """Copy the parameters of one brain to a column."""
    for i in range(params.threshold.shape[1]):
        into.threshold[i * BLOCK + column] = params.threshold[brain, i]
        into.decay[i * BLOCK + column] = params.decay[brain, i]
        into.refractory_period[i * BLOCK + column] = params.refractory_period[brain, i]
        into.soft_reset[i * BLOCK + column] = params.soft_reset[brain, i]


@inlined
def end(
    program: Program,
    shortcut: Shortcut,
    lanes: Lanes,
    memory: Memory,
    column: int,
    lane: int,
    n_ticks: int,
) -> None:
    """Keep what outlives the decision."""
    for i in range(lanes.past.shape[1]):
        lanes.past[lane, i] = memory.said[n_ticks + i, column]
    for i in range(len(shortcut.is_other)):
        single, at = shortcut.is_other[i], i * BLOCK + column
        lanes.potential[lane, single] = memory.other_potential[at]
        lanes.rest[lane, single] = max(memory.other_ready[at] - n_ticks, 0)
    lanes.tick[lane] += n_ticks
