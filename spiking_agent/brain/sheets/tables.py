"""The tables of a window, as the kernels read them."""

from typing import Any, Final, NamedTuple

from spiking_agent.typing import (
    BoolArray,
    Float32Array,
    Int32Array,
    IntpArray,
    UInt8Array,
    UInt64Array,
)

FRONT: Final = 64  # bits before the first input, so that a window may begin before it
BEHIND: Final = 128  # bits behind the last input, where a window may begin, and the next word


class Program(NamedTuple):
    """What does not change while brains run; the first axis of floats is that of genomes."""

    n_rows: int
    n_cells: int
    row_of: IntpArray  # (n_cells + 1,) of each cell, and of no cell
    col_of: IntpArray  # (n_cells + 1,)
    sheet_bit: IntpArray  # (n_sheets,) first bit of each input sheet
    sheet_mask: UInt64Array  # (n_sheets, n_words) its bits
    sheet_word: IntpArray  # (n_sheets, 2) its first word, and the one behind its last
    single_inputs: IntpArray  # (n,) number in a drive of each single input neuron: bits from 0 on
    gate_sheet: int  # which input sheet opens the gates
    # branches of input sheets
    gate_branch: int  # that of the gate without an extra delay
    branch_sheet: IntpArray  # (n_branches,)
    branch_delay: IntpArray  # (n_branches,) ticks to the arrival, the first is 1
    branch_kept: BoolArray  # (n_genomes, n_branches) whether impulses in flight outlive a decision
    # look-ups of patterns round the gate's cell, those of the gate's own cells last
    chunk_branch: IntpArray  # (n_chunks,) the chunks of a branch follow each other
    chunks: UInt64Array  # (n_cells, n_chunks, 4) word and shift of the first bit, mask of the bits
    # within the grid, entry of the empty pattern
    branch_chunks: IntpArray  # (n, 3) a branch, its first chunk, and the one behind its last
    far_branch: IntpArray  # (n_far,)
    far_entry: IntpArray  # (n_far,) entry of the way up and to the left
    far_reach: int  # ways are counted up to this
    # voices: single neurons that speak to slots, by a bit and a delay
    voice_bit: Int32Array  # (n_voices,)
    voice_delay: IntpArray  # (n_voices,)
    heard_delay: IntpArray  # (n,) delays among all that speak to slots
    heard_bits: Int32Array  # (n,) the bits that arrive by each
    voice_row: IntpArray  # (n_voices,) row of the first cell; that behind the last is for no cell
    rows: Float32Array  # (n_genomes, n_rows, width) what is added to the drive; the last is empty
    edge: Float32Array  # (n_cells + 1, >= width) NEVER for slots outside the grid, else 0
    n_driven: int  # the first slots, to which `rows` adds
    n_hidden: int  # slots of sheets; those of single neurons follow
    gate_slot: IntpArray  # (n_gates,)
    gate_strength: Float32Array  # (n_genomes, n_gates)
    # single neurons before the gates
    sum_branch: IntpArray  # (n_sums,)
    sum_target: IntpArray  # (n_sums,) which of them
    sum_strength: Float32Array  # (n_genomes, n_sums)
    link_bit: Int32Array  # (n_links,) source
    link_delay: IntpArray  # (n_links,)
    link_target: IntpArray  # (n_links,)
    link_strength: Float32Array  # (n_genomes, n_links)
    # single neurons behind the gates: drive that is no impulse of a slot
    late_sum_branch: IntpArray
    late_sum_slot: IntpArray
    late_sum_strength: Float32Array  # (n_genomes, n)
    late_link_bit: Int32Array
    late_link_delay: IntpArray
    late_link_slot: IntpArray
    late_link_strength: Float32Array  # (n_genomes, n)
    # impulses from slot to slot
    path_source: IntpArray  # (n_paths,)
    path_target: IntpArray  # (n_paths,)
    path_delay: IntpArray  # (n_paths,)
    path_strength: Float32Array  # (n_genomes, n_paths)
    n_paths_within: int  # the first ones end on slots of sheets
    before: Any  # NeuronParams, each (n_genomes, n_before)
    slots: Any  # NeuronParams, each (n_genomes, n_slots)
    before_kept: UInt8Array  # (n_genomes, n_single_inputs + n_before)
    stays: Int32Array  # (n_genomes,) bits of single neurons whose impulses outlive a decision
    after_kept: UInt8Array  # (n_genomes, n_after)
    output_slot: IntpArray  # (n_outputs,)
