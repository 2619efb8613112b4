"""The usual case of a window: one active cell at the gate, and relays that only pass spikes on.

Behind the gate of most plans stands a relay for each output, which fires whenever the neuron before
it has fired, and the output fires whenever the relay has. So the spikes of an output are those of
the neuron before its relay, some ticks later, and need not be computed. What is left runs in
`kernels.column_ticks`; any other case goes to `kernels.window_ticks`.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from spiking_agent.brain.neuron import NeuronParams
from spiking_agent.brain.sheets.rules import Kernel, Rule, Sum
from spiking_agent.brain.sheets.tables import Program
from spiking_agent.brain.sheets.tissue import Tissue
from spiking_agent.brain.sheets.window import Window
from spiking_agent.instructions import WIDTH
from spiking_agent.typing import BoolArray, Float32Array, Int32Array, IntpArray

BLOCK: Final = 32  # lanes side by side


class Shortcut(NamedTuple):
    """What `kernels.column_ticks.play_sheets` reads in addition to the program.

    Slots are those of the program, without relays and outputs.
    """

    n_parts: int  # branches to look up: the pattern of the gate's only cell is always the same
    gate_row: int  # row for that cell, -1 for none
    path_source: IntpArray  # (n_paths,)
    path_strength: Float32Array  # (n_genomes, n_paths)
    path_groups: IntpArray  # (n_groups, 4) target, delay, first path, and the one behind the last
    slots: Any  # NeuronParams, each (n_genomes, n_slots)
    output_slot: IntpArray  # (n_outputs,) the neuron before the relay
    output_lag: IntpArray  # (n_outputs,) ticks to the spike of the output
    is_other: BoolArray  # (n_before,) single neurons that remember or hear each other
    others: IntpArray  # (n_other,) which these are
    counted_sheets: IntpArray  # (n,) sheets whose active cells single neurons count
    sums: IntpArray  # which sums are no part of `counted`
    counted_branch: IntpArray  # (n_counted,)
    counted: Int32Array  # (n_genomes, n_counted, n_cells + 1) bits that so many active cells set
    link_bits: int  # all bits that links transmit


def make_shortcut(tissue: Tissue, window: Window, program: Program) -> Shortcut | None:
    """Return the tables of the usual case, or None if the outputs are not behind relays."""
    relays = {place: _relay(tissue, window, place) for place in window.after}
    passed = {place: relay for place, relay in relays.items() if relay is not None}
    if len(passed) < len(relays) or len(program.late_sum_slot) or len(program.late_link_slot):
        return None
    if len(relays) != len(program.output_slot):
        return None
    dropped = {relay for relay, _, _ in passed.values()}
    kept = [slot for slot, (place, _) in enumerate(window.slots) if place not in dropped]
    if any(program.n_driven <= slot for slot in kept) or kept != list(range(len(kept))):
        return None
    first_after = len(window.slots)
    outputs = [passed[window.after[slot - first_after]] for slot in program.output_slot]
    paths = [
        (int(program.path_target[p]), int(program.path_delay[p]), int(program.path_source[p]), p)
        for p in range(len(program.path_source))
        if program.path_target[p] < len(kept) and program.path_source[p] < len(kept)
    ]
    paths.sort()
    groups = [
        [*path[:2], i] for i, path in enumerate(paths) if not i or path[:2] != paths[i - 1][:2]
    ]
    ends = [*(group[2] for group in groups[1:]), len(paths)]
    is_other = ~np.array(
        [_is_plain(tissue, window, program, i) for i in range(len(window.before))], bool
    )
    is_gates = program.chunk_branch == program.gate_branch
    return Shortcut(
        n_parts=len(program.branch_chunks) - bool(is_gates.any()),
        gate_row=_gate_row(program, is_gates),
        path_source=np.array([path[2] for path in paths], np.intp),
        path_strength=np.ascontiguousarray(program.path_strength[:, [path[3] for path in paths]]),
        path_groups=np.array(
            [[*group, end] for group, end in zip(groups, ends, strict=False)], np.intp
        ).reshape(-1, 4),
        slots=_some(program.slots, kept),
        output_slot=np.array([window.slots.index((place, (0, 0))) for _, place, _ in outputs]),
        output_lag=np.array([lag for _, _, lag in outputs]),
        is_other=is_other,
        others=np.flatnonzero(is_other),
        counted_sheets=np.unique(program.branch_sheet[program.sum_branch]),
        **_counted(program, is_other),
        link_bits=int(np.bitwise_or.reduce(program.link_bit, initial=0)),
    )


def _gate_row(program: Program, is_gates: BoolArray) -> int:
    """Return the row for an active cell of the gate in the middle of the window."""
    gate_bit = program.sheet_bit[program.gate_sheet]
    for chunk in np.flatnonzero(is_gates):
        word, shift, mask, entry = program.chunks[0, chunk].tolist()
        bit = int(gate_bit - WIDTH * word - shift)  # the gate's cell is 0, so its bit is the first
        if bit >= 0 and mask >> bit & 1:
            return int(entry) + (1 << bit)
    return -1


def _counted(program: Program, is_other: BoolArray) -> dict[str, Any]:
    """Return which plain neurons fire, by the number of active cells of the only sheet they hear.

    Others are summed up one by one.
    """
    n_genomes, n_sums = program.sum_strength.shape
    n_heard = np.bincount(program.sum_target, minlength=len(is_other))
    is_simple = ~is_other[program.sum_target] & (n_heard[program.sum_target] == 1)
    branches = np.unique(program.sum_branch[is_simple])
    counted = np.zeros((n_genomes, len(branches), program.n_cells + 1), np.int32)
    n_active = np.arange(program.n_cells + 1, dtype=np.float32)
    for i in np.flatnonzero(is_simple):
        target = program.sum_target[i]
        total = program.sum_strength[:, i, None] * n_active
        fires = total > program.before.threshold[:, target, None]
        bit = np.int32(1 << (len(program.single_inputs) + target))
        counted[:, np.searchsorted(branches, program.sum_branch[i])] |= fires * bit
    return {
        "sums": np.arange(n_sums)[~is_simple],
        "counted_branch": branches,
        "counted": counted,
    }


def _some(params: Any, ids: list[int]) -> NeuronParams:
    return NeuronParams._make(np.ascontiguousarray(array[:, ids]) for array in params)


def _relay(tissue: Tissue, window: Window, output: int) -> tuple[int, int, int] | None:
    """Return the relay sheet of an output, the sheet before it, and the ticks from there.

    None if anything else can make the output fire, or keep it from firing.
    """
    rules = [rule for rule in window.rules if rule.target == output]
    if len(rules) != 1 or not isinstance(rules[0], Sum) or not _passes(tissue, rules, output):
        return None
    relay = rules[0].source
    before = [rule for rule in window.rules if rule.target == relay]
    if len(before) != 1 or not isinstance(before[0], Kernel) or before[0].source in tissue.inputs:
        return None
    gate = next(rule for rule in window.gates if rule.target == relay)
    is_one = before[0].strength.shape[1:] == (1, 1)
    if not is_one or not _passes(tissue, [before[0], gate], relay):
        return None
    speaks = [rule for rule in window.rules if rule.source == relay]
    if len(speaks) != 1 or not _is_shut_alone(tissue, gate, relay):
        return None
    lag = sum(int(tissue.initiation_delay[0, r.source]) + r.delay for r in (before[0], rules[0]))
    return relay, before[0].source, lag


def _passes(tissue: Tissue, rules: list[Any], place: int) -> bool:
    """Return whether a neuron fires in each tick in which all these rules deliver one impulse."""
    total = sum(rule.strength.reshape(len(tissue)).astype(np.int64) for rule in rules)
    fires = total > tissue.threshold[:, place]
    forgets = (tissue.decay[:, place] == 0) | ~tissue.soft_reset[:, place]
    return bool((fires & forgets & (tissue.refractory_period[:, place] == 0)).all())


def _is_shut_alone(tissue: Tissue, gate: Rule, place: int) -> bool:
    """Return whether the gate's own impulse makes no neuron of a sheet fire."""
    return bool((gate.strength[:, 0, 0] <= tissue.threshold[:, place]).all())


def _is_plain(tissue: Tissue, window: Window, program: Program, index: int) -> bool:
    """Return whether a single neuron only sums up sheets, tick by tick, without any memory."""
    place = window.before[index]
    forgets = not tissue.decay[:, place].any() and not tissue.refractory_period[:, place].any()
    return bool(forgets and not (program.link_target == index).any())
