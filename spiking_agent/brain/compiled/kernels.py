"""The compiled brain: kernels that run many brains tick by tick on plain arrays.

These kernels are for dense brains, whose synapses are a matrix; `list_kernels` has those for lists.
What this file has is bookkeeping: which axons deliver in a tick, and whose strengths are summed.
Strengths are added four rows at a time.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from spiking_agent.brain.carry_state import FORGET
from spiking_agent.brain.compiled.lanes import (
    GROUP,
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
    Int8Array,
    Int16Array,
    Int32Array,
    IntpArray,
    UInt8Array,
    UInt64Array,
)

ROWS_IN_16_BITS: Final = 256  # the sum of so many strengths of -128..127 has at most 16 bits
FEW_TARGETS: Final = 8  # up to here a product with the matrix sums the drive fastest


class Brains(NamedTuple):
    """What does not change while brains run; targets are the neurons that can receive.

    The row behind the last neuron of `strength` is empty: it fills up groups of rows. Columns
    behind the last target are targets that nothing reaches.
    """

    params: NeuronParams  # of targets, each of shape (n_brains, width)
    strength: Int8Array  # (n_brains, n_neurons + 1, width)
    initiation_delay: Int32Array  # (n_brains, n_neurons)
    is_direct: bool  # all inputs have a delay of one tick, and nothing excites them
    input_strength: Int8Array  # (n_brains, n_targets, n_inputs), empty if it is not used
    input_neurons: Int32Array  # (n_inputs,)
    input_targets: Int32Array  # (n_inputs,) column of each input, -1 if nothing reaches it
    output_targets: Int32Array  # (n_outputs,) column of each output, -1 if nothing reaches it
    target_neurons: Int32Array  # (width,)
    has_axon: UInt64Array  # (width / BYTES,) the bytes are 1 where a neuron has an axon
    any_axon: bool  # whether any does
    target_kept: UInt8Array  # (n_brains, width) what each target keeps for the next decision
    axon_kept: UInt8Array  # (n_brains, n_neurons)


@kernel
def decide(
    params: tuple[Any, ...],  # of `brains`, whose other fields follow
    brains: tuple[Any, ...],
    lanes: tuple[Any, ...],
    scratch: tuple[Any, ...],
    lane_ids: IntpArray,
    lanes_per_brain: int,
    carry_state: int,  # FORGET, BY_NEURON or CARRY
    drive: UInt8Array,
    drive_ids: IntpArray,
    n_ticks: int,
    counts: Int32Array,
    raster: UInt8Array,
) -> None:
    """Do what `decide_lanes` does, for Python, which passes plain tuples faster than records."""
    decide_lanes(
        Brains(NeuronParams(*params), *brains),
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


@inlined
def decide_lanes(
    brains: Brains,
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
            signal = signals[step if len(signals) > 1 else 0]
            if not brains.is_direct:
                _send_drive(brains, lanes, lane, brain, signal)
            elif step < len(signals):  # a steady drive is summed once
                _sum_drive(brains, scratch, brain, signal)
            next_tick(lanes, lane)
            _tick(brains, lanes, scratch, lane, brain)
            count_spikes(lanes.fired[lane], brains.output_targets, count, raster, row, step)


@kernel
def drive_one_by_one(
    params: tuple[Any, ...],  # as in `decide`
    brains: tuple[Any, ...],
    lanes: tuple[Any, ...],
    scratch: tuple[Any, ...],
    n_ticks: int,
    counts: Int32Array,  # (n_brains, n_inputs, n_outputs) out: spikes of the outputs
    raster: UInt8Array,  # (0, 0, 0)
) -> None:
    """Run direct brains, one lane each, with one input driven at every tick: each in turn."""
    own, running, memory = Brains(NeuronParams(*params), *brains), Lanes(*lanes), Scratch(*scratch)
    for brain in range(len(own.strength)):
        for i in range(len(own.input_neurons)):
            begin(running, brain, brain, FORGET, own.target_kept, own.axon_kept)
            count, row = counts[brain, i], own.strength[brain, own.input_neurons[i]]
            for output in range(len(count)):
                count[output] = 0
            for target in range(len(row)):
                memory.driven[target] = row[target]
            for step in range(n_ticks):
                next_tick(running, brain)
                _tick(own, running, memory, brain, brain)
                count_spikes(running.fired[brain], own.output_targets, count, raster, 0, step)


@inlined
def _tick(brains: Brains, lanes: Lanes, scratch: Scratch, lane: int, brain: int) -> None:
    """Deliver what is due, update every neuron that can receive, and send what they fire."""
    n_slots = lanes.n_due.shape[1]
    now = lanes.tick[lane] % n_slots
    total = scratch.total
    for target in range(len(total)):
        total[target] = scratch.driven[target]
    if lanes.n_due[lane, now] > 0:
        rows, n_rows = lanes.due[lane, now], lanes.n_due[lane, now]
        _add_rows(brains.strength[brain], rows, n_rows, total, scratch.part)
        lanes.n_due[lane, now] = 0

    update(brains.params, lanes, scratch, lane, brain)

    if brains.any_axon and n_slots == 2:  # no delay is longer than a tick: all arrive in the next
        soon = 1 - now
        due, n_due = lanes.due[lane, soon], lanes.n_due[lane, soon]
        lanes.n_due[lane, soon] = list_axons(
            brains.has_axon, brains.target_neurons, scratch, lanes.fired_words[lane], due, n_due
        )
    elif brains.any_axon:
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
def _send(brains: Brains, lanes: Lanes, lane: int, brain: int, now: int, neuron_id: int) -> None:
    """List an axon for the tick in which its impulse arrives; `now` is the slot of this tick."""
    n_slots = lanes.n_due.shape[1]
    slot = now + brains.initiation_delay[brain, neuron_id]
    slot = slot - n_slots if slot >= n_slots else slot  # cheaper than a remainder
    lanes.due[lane, slot, lanes.n_due[lane, slot]] = neuron_id
    lanes.n_due[lane, slot] += 1


@inlined
def _send_drive(brains: Brains, lanes: Lanes, lane: int, brain: int, signal: UInt8Array) -> None:
    """Send an impulse from every driven input, unless it fired in this tick and has sent one."""
    now = lanes.tick[lane] % lanes.n_due.shape[1]
    for i in range(len(signal)):
        target = brains.input_targets[i]
        if signal[i] != 0 and (target < 0 or lanes.fired[lane, target] == 0):
            _send(brains, lanes, lane, brain, now, brains.input_neurons[i])


@inlined
def _sum_drive(brains: Brains, scratch: Scratch, brain: int, signal: UInt8Array) -> None:
    """Sum the strengths of all driven inputs for each target, without a branch per input."""
    if brains.input_strength.shape[1] > 0:
        _multiply(brains.input_strength[brain], signal, scratch.driven)
    else:
        n_driven = 0
        for i in range(len(signal)):
            scratch.rows[n_driven] = brains.input_neurons[i]
            n_driven += signal[i] != 0
        for target in range(len(scratch.driven)):
            scratch.driven[target] = 0
        _add_rows(brains.strength[brain], scratch.rows, n_driven, scratch.driven, scratch.part)


@kernel
def _multiply(strength: Int8Array, signal: UInt8Array, driven: Int32Array) -> None:
    """Sum a row of strengths for each target; worth it for few targets."""
    for target in range(len(strength)):
        total = np.int32(0)
        for i in range(len(signal)):
            if signal[i] != 0:
                total += np.int32(strength[target, i])
        driven[target] = total


@kernel
def _add_rows(
    strength: Int8Array,  # (n_neurons + 1, width)
    rows: Int32Array,  # (>= n_rows + GROUP,) filled up with the empty row
    n_rows: int,
    total: Int32Array,  # (width,) added to
    part: Int16Array,  # (width,)
) -> None:
    """Add the strengths of some neurons to the sums, in 16 bits as long as these suffice."""
    for row in range(n_rows, n_rows + GROUP):
        rows[row] = len(strength) - 1
    row = 0
    while row < n_rows:
        end = min(row + ROWS_IN_16_BITS, n_rows)
        for target in range(len(part)):
            part[target] = 0
        while row < end:
            a, b = strength[rows[row]], strength[rows[row + 1]]
            c, d = strength[rows[row + 2]], strength[rows[row + 3]]
            for target in range(len(part)):
                ab = np.int16(np.int16(a[target]) + np.int16(b[target]))
                cd = np.int16(np.int16(c[target]) + np.int16(d[target]))
                part[target] += np.int16(ab + cd)
            row += GROUP
        for target in range(len(total)):
            total[target] += np.int32(part[target])
