"""Memory for the usual case, and what stands in a column."""

from typing import Any, NamedTuple

import numpy as np

from spiking_agent.brain.neuron import NeuronParams
from spiking_agent.brain.sheets.kernels.drive import most_rows
from spiking_agent.brain.sheets.shortcut import BLOCK, Shortcut
from spiking_agent.brain.sheets.tables import Program
from spiking_agent.jit import inlined
from spiking_agent.typing import (
    BoolArray,
    Float32Array,
    Int32Array,
    Int64Array,
    IntpArray,
    UInt64Array,
)


class Memory(NamedTuple):
    """Memory for one block; flat arrays have `BLOCK` entries for each neuron."""

    brain: IntpArray  # (BLOCK,) genome whose parameters stand here, -1 for none
    cell: IntpArray  # (BLOCK,) cell of the gate; n_cells for none
    change: Int64Array  # (BLOCK,) next tick in which something else arrives
    record: IntpArray  # (BLOCK, n_branches) records that arrive, -1 for none
    later: IntpArray  # (n_branches,) the same in a later tick
    said: Int32Array  # (BLOCK, n_past + n_ticks) bits of single neurons, tick by tick
    is_calm: BoolArray  # (BLOCK,) whether single neurons were not run, so that `said` is old
    slots: Any  # NeuronParams, each (n_slots * BLOCK,)
    potential: Float32Array  # (n_slots * BLOCK,)
    ready: Int32Array
    drive: Float32Array
    total: Float32Array
    fired: Float32Array  # (n_past + 1, n_slots, BLOCK) 1 for a spike, by tick % (n_past + 1)
    path_strength: Float32Array  # (n_paths, BLOCK)
    n_spikes: Float32Array  # (n_outputs, BLOCK)
    other_potential: Float32Array  # (n_before,)
    other_ready: Int32Array
    other_drive: Float32Array
    other_total: Float32Array
    other_last: Float32Array
    driven: Float32Array  # (width,)
    voices: Int32Array  # (n_voices,) not 0 for those that arrive at one lane
    rows: IntpArray  # (n,) rows of the tables to add
    n_active: Int64Array  # (n_branches,)
    always: UInt64Array  # (n_words,) bits of inputs that are constant and not in the drive


def make_memory(program: Program, shortcut: Shortcut, n_past: int, n_ticks: int) -> Memory:
    """Return memory for the usual case of decisions of `n_ticks`."""
    n_slots, n_before = shortcut.slots.threshold.shape[1], len(shortcut.is_other)
    n_branches = len(program.branch_delay)

    def params(like: Any) -> NeuronParams:
        return NeuronParams._make(np.zeros(array.shape[1] * BLOCK, array.dtype) for array in like)

    def floats(*shape: int) -> Float32Array:
        return np.zeros(shape, np.float32)

    return Memory(
        brain=np.full(BLOCK, -1, np.intp),
        cell=np.zeros(BLOCK, np.intp),
        change=np.zeros(BLOCK, np.int64),
        record=np.zeros((BLOCK, n_branches), np.intp),
        later=np.zeros(n_branches, np.intp),
        said=np.zeros((BLOCK, n_past + n_ticks), np.int32),
        is_calm=np.zeros(BLOCK, np.bool_),
        slots=params(shortcut.slots),
        potential=floats(n_slots * BLOCK),
        ready=np.zeros(n_slots * BLOCK, np.int32),
        drive=floats(n_slots * BLOCK),
        total=floats(n_slots * BLOCK),
        fired=floats(n_past + 1, n_slots, BLOCK),
        path_strength=floats(len(shortcut.path_source), BLOCK),
        n_spikes=floats(len(shortcut.output_slot), BLOCK),
        other_potential=floats(n_before),
        other_ready=np.zeros(n_before, np.int32),
        other_drive=floats(n_before),
        other_total=floats(n_before),
        other_last=floats(n_before),
        driven=floats(program.rows.shape[2]),
        voices=np.zeros(len(program.voice_bit), np.int32),
        rows=np.zeros(most_rows(program), np.intp),
        n_active=np.zeros(n_branches, np.int64),
        always=np.zeros(program.sheet_mask.shape[1], np.uint64),
    )


@inlined
def load_brain(shortcut: Shortcut, memory: Memory, column: int, brain: int) -> None:
    """Fill a column with the parameters of a brain, unless they stand there."""
    if memory.brain[column] == brain:
        return
    memory.brain[column] = brain
    params, into = shortcut.slots, memory.slots
    for i in range(params.threshold.shape[1]):
        at = i * BLOCK + column
        into.threshold[at] = params.threshold[brain, i]
        into.decay[at] = params.decay[brain, i]
        into.refractory_period[at] = params.refractory_period[brain, i]
        into.soft_reset[at] = params.soft_reset[brain, i]
    for path in range(len(shortcut.path_source)):
        memory.path_strength[path, column] = shortcut.path_strength[brain, path]
