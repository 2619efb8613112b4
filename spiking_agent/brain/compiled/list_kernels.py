"""The compiled brain whose synapses are lists: kernels that run many of them tick by tick.

What is due is a branch: a run of synapses with the same source and the same delay. Its strengths
are added to what arrives at their targets, one by one. All else is as for dense brains, in `lanes`.
"""

from typing import Any, NamedTuple

from spiking_agent.brain.compiled.kernels import Brains, decide_lanes
from spiking_agent.brain.compiled.lanes import (
    Lanes,
    Scratch,
    begin,
    count_spikes,
    list_axons,
    next_tick,
    update,
)
from spiking_agent.brain.neuron import NeuronParams
from spiking_agent.jit import inlined, kernel
from spiking_agent.typing import (
    Int16Array,
    Int32Array,
    Int64Array,
    IntpArray,
    UInt8Array,
    UInt64Array,
)


class ListBrains(NamedTuple):
    """What does not change while brains run; targets are the neurons that can receive.

    The branches of each brain are numbered from 0, in the order of their neurons; entries behind
    the last one of a brain mean nothing.
    """

    params: NeuronParams  # of targets, each of shape (n_brains, width)
    first_branch: Int32Array  # (n_brains, n_neurons + 1) of each neuron
    arrival: Int32Array  # (n_brains, n_branches) ticks from a firing to the arrival
    first_synapse: Int64Array  # (n_brains, n_branches + 1) of each branch, in what follows
    columns: Int32Array  # (n_synapses,) of all brains: target on which each synapse ends
    strength: Int16Array  # (n_synapses,)
    input_neurons: Int32Array  # (n_inputs,)
    input_targets: Int32Array  # (n_inputs,) column of each input, -1 if nothing reaches it
    output_targets: Int32Array  # (n_outputs,) column of each output, -1 if nothing reaches it
    target_neurons: Int32Array  # (width,)
    has_axon: UInt64Array  # (width / BYTES,) the bytes are 1 where a neuron has an axon
    target_kept: UInt8Array  # (n_brains, width) what each target keeps for the next decision
    axon_kept: UInt8Array  # (n_brains, n_branches)


@kernel
def decide_lists(
    params: tuple[Any, ...],  # of `brains`, whose other fields follow
    brains: tuple[Any, ...],
    lanes: tuple[Any, ...],
    scratch: tuple[Any, ...],
    lane_ids: IntpArray,
    lanes_per_brain: int,
    carry_state: int,
    drive: UInt8Array,
    drive_ids: IntpArray,
    n_ticks: int,
    counts: Int32Array,
    raster: UInt8Array,
) -> None:
    """Do what `decide_list_lanes` does, for Python, as `kernels.decide` does for dense brains."""
    decide_list_lanes(
        ListBrains(NeuronParams(*params), *brains),
        Lanes(*lanes),
        Scratch(*scratch),
        lane_ids,
        len(lane_ids),
        lanes_per_brain,
        carry_state,
        drive,
        drive_ids,
        n_ticks,
        counts,
        raster,
    )


@kernel
def play_dense(
    parts: tuple[Brains, Lanes, Scratch, UInt8Array],  # and a raster of no rows
    lane_ids: IntpArray,
    n_lanes: int,
    lanes_per_brain: int,
    carry_state: int,
    drive: UInt8Array,
    drive_ids: IntpArray,
    n_ticks: int,
    counts: Int32Array,
) -> bool:
    """Do what `decide_lanes` does, in the form that whole episodes need."""
    brains, lanes, scratch, raster = parts
    decide_lanes(
        brains,
        lanes,
        scratch,
        lane_ids,
        n_lanes,
        lanes_per_brain,
        carry_state,
        drive,
        drive_ids,
        n_ticks,
        counts,
        raster,
    )
    return True


@kernel
def play_lists(
    parts: tuple[ListBrains, Lanes, Scratch, UInt8Array],  # and a raster of no rows
    lane_ids: IntpArray,
    n_lanes: int,
    lanes_per_brain: int,
    carry_state: int,
    drive: UInt8Array,
    drive_ids: IntpArray,
    n_ticks: int,
    counts: Int32Array,
) -> bool:
    """Do what `decide_list_lanes` does, in the form that whole episodes need."""
    brains, lanes, scratch, raster = parts
    decide_list_lanes(
        brains,
        lanes,
        scratch,
        lane_ids,
        n_lanes,
        lanes_per_brain,
        carry_state,
        drive,
        drive_ids,
        n_ticks,
        counts,
        raster,
    )
    return True


@inlined
def decide_list_lanes(
    brains: ListBrains,
    lanes: Lanes,
    scratch: Scratch,
    lane_ids: IntpArray,  # (>= n,) the lanes to run
    n_lanes: int,  # n
    lanes_per_brain: int,
    carry_state: int,  # FORGET, BY_NEURON or CARRY
    drive: UInt8Array,  # (n_drives, n_ticks or 1, n_inputs)
    drive_ids: IntpArray,  # (>= n,) row of `drive` for each of these lanes
    n_ticks: int,
    counts: Int32Array,  # (>= n, n_outputs) out: spikes of the outputs
    raster: UInt8Array,  # (n, n_ticks, width) out: what fired, or (0, 0, 0) to leave it out
) -> None:
    """Run the given lanes for `n_ticks`, one after the other."""
    for row in range(n_lanes):
        lane = lane_ids[row]
        brain = lane // lanes_per_brain
        begin(lanes, lane, brain, carry_state, brains.target_kept, brains.axon_kept)
        count, signals = counts[row], drive[drive_ids[row]]
        for output in range(len(count)):
            count[output] = 0
        for step in range(n_ticks):
            _send_drive(brains, lanes, lane, brain, signals[step if len(signals) > 1 else 0])
            next_tick(lanes, lane)
            _tick(brains, lanes, scratch, lane, brain)
            count_spikes(lanes.fired[lane], brains.output_targets, count, raster, row, step)


@inlined
def _tick(brains: ListBrains, lanes: Lanes, scratch: Scratch, lane: int, brain: int) -> None:
    """Deliver what is due, update every neuron that can receive, and send what they fire."""
    now = lanes.tick[lane] % lanes.n_due.shape[1]
    total = scratch.total
    for target in range(len(total)):
        total[target] = 0
    for i in range(lanes.n_due[lane, now]):
        branch = lanes.due[lane, now, i]
        first = brains.first_synapse[brain, branch]
        for k in range(first, brains.first_synapse[brain, branch + 1]):
            total[brains.columns[k]] += brains.strength[k]
    lanes.n_due[lane, now] = 0
    update(brains.params, lanes, scratch, lane, brain)
    n_fired = list_axons(
        brains.has_axon,
        brains.target_neurons,
        scratch,
        lanes.fired_words[lane],
        scratch.rows,
        0,
    )
    for i in range(n_fired):
        _send(brains, lanes, lane, brain, now, scratch.rows[i])


@inlined
def _send_drive(
    brains: ListBrains, lanes: Lanes, lane: int, brain: int, signal: UInt8Array
) -> None:
    """Send an impulse from every driven input, unless it fired in this tick and has sent one."""
    now = lanes.tick[lane] % lanes.n_due.shape[1]
    for i in range(len(signal)):
        target = brains.input_targets[i]
        if signal[i] != 0 and (target < 0 or lanes.fired[lane, target] == 0):
            _send(brains, lanes, lane, brain, now, brains.input_neurons[i])


@inlined
def _send(
    brains: ListBrains, lanes: Lanes, lane: int, brain: int, now: int, neuron_id: int
) -> None:
    """List the branches of an axon for the ticks in which their impulses arrive."""
    n_slots = lanes.n_due.shape[1]
    first, end = brains.first_branch[brain, neuron_id], brains.first_branch[brain, neuron_id + 1]
    for branch in range(first, end):
        slot = now + brains.arrival[brain, branch]
        slot = slot - n_slots if slot >= n_slots else slot
        lanes.due[lane, slot, lanes.n_due[lane, slot]] = branch
        lanes.n_due[lane, slot] += 1
