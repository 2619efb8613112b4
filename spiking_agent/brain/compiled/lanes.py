"""What runs and changes in compiled brains, dense or as lists: lanes, and all that happens in one.

The rule of a neuron is not written again here: `update` compiles `neuron.leak` and
`neuron.integrate` themselves. Every neuron that can receive is updated at every tick, many with
one instruction. What arrives in a tick is the business of `kernels` and `list_kernels`.
"""

from typing import Final, NamedTuple

import numpy as np

from spiking_agent.brain.carry_state import (
    BY_NEURON,
    FORGET,
    KEEPS_ALL,
    KEEPS_IMPULSES,
)
from spiking_agent.brain.neuron import NeuronParams, integrate, leak, of_brain
from spiking_agent.instructions import lowest
from spiking_agent.jit import inlined, kernel
from spiking_agent.typing import (
    Float32Array,
    Int16Array,
    Int32Array,
    Int64Array,
    IntpArray,
    UInt8Array,
    UInt64Array,
)

WIDTH: Final = 16  # targets are padded to a multiple of this, so that no loop has a remainder
BYTES: Final = 8  # of a word: this many spikes are looked at together
BITS: Final = 64
GROUP: Final = 4  # rows of strengths that are added together
EPOCH: Final = 2**30  # ticks after which a lane counts from 0 again, to stay within 32 bits

_leak = inlined(leak)
_integrate = inlined(integrate)
_of_brain = inlined(of_brain)


class Lanes(NamedTuple):
    """What changes; a lane is one running brain.

    What an axon is, the kernels say: a neuron of a dense brain, a branch of one of lists.
    """

    potential: Float32Array  # (n_lanes, width)
    ready_at: Int32Array  # (n_lanes, width) first tick after the refractory period
    fired: UInt8Array  # (n_lanes, width) 1 for a spike in the last tick
    fired_words: UInt64Array  # (n_lanes, width / BYTES) the same memory
    due: Int32Array  # (n_lanes, n_slots, > n_axons) axons that deliver, by tick % n_slots
    n_due: Int32Array  # (n_lanes, n_slots)
    tick: Int32Array  # (n_lanes,) now, since the epoch began
    epoch: Int64Array  # (n_lanes,) ticks before that


class Scratch(NamedTuple):
    """Memory to work in, without meaning from one lane to the next."""

    total: Int32Array  # (width,) what arrives in a tick
    driven: Int32Array  # (width,) the part of it that comes from the drive of direct brains
    part: Int16Array  # (width,)
    rows: Int32Array  # (max(n_inputs, width) + GROUP,)
    spikes: UInt8Array  # (>= width / BYTES, whole words) a bit for each target that sends
    spike_words: UInt64Array  # the same memory


@kernel
def begin_lanes(
    lanes: Lanes,
    lane_ids: IntpArray,
    lanes_per_brain: int,
    carry_state: int,
    target_kept: UInt8Array,
    axon_kept: UInt8Array,
) -> None:
    """Forget potentials, refractory periods and impulses in flight; time goes on.

    Parameters
    ----------
    lanes : Lanes
        The lanes, which are updated.
    lane_ids : ndarray of intp, shape (n,)
        Which of them.
    lanes_per_brain : int
        Lanes of each brain.
    carry_state : int
        What is spared: `FORGET`, `BY_NEURON` or `CARRY`.
    target_kept : ndarray of uint8, shape (n_brains, width)
        What each target keeps.
    axon_kept : ndarray of uint8, shape (n_brains, n_axons)
        What the neuron of each axon keeps.
    """
    for lane in lane_ids:
        begin(lanes, lane, lane // lanes_per_brain, carry_state, target_kept, axon_kept)


@inlined
def begin(
    lanes: Lanes,
    lane: int,
    brain: int,
    carry_state: int,
    target_kept: UInt8Array,  # (n_brains, width)
    axon_kept: UInt8Array,  # (n_brains, n_axons)
) -> None:
    """Forget what a decision of one lane does not begin with."""
    if carry_state == FORGET:
        _clear(lanes, lane)
    elif carry_state == BY_NEURON:
        _clear_but_kept(lanes, lane, target_kept[brain], axon_kept[brain])


@inlined
def _clear(lanes: Lanes, lane: int) -> None:
    """Clear one lane."""
    potential, ready_at, fired = lanes.potential[lane], lanes.ready_at[lane], lanes.fired[lane]
    for target in range(len(potential)):
        potential[target] = 0.0
        ready_at[target] = 0
        fired[target] = 0
    for slot in range(lanes.n_due.shape[1]):
        lanes.n_due[lane, slot] = 0


@inlined
def _clear_but_kept(
    lanes: Lanes, lane: int, target_kept: UInt8Array, axon_kept: UInt8Array
) -> None:
    """Clear one lane, but for what each neuron keeps."""
    potential, ready_at, fired = lanes.potential[lane], lanes.ready_at[lane], lanes.fired[lane]
    for target in range(len(potential)):
        if target_kept[target] < KEEPS_ALL:
            potential[target] = 0.0
            ready_at[target] = 0
        if target_kept[target] < KEEPS_IMPULSES:
            fired[target] = 0  # what it sent is gone, so a drive sends again
    for slot in range(lanes.n_due.shape[1]):
        due, n_kept = lanes.due[lane, slot], 0
        for i in range(lanes.n_due[lane, slot]):
            due[n_kept] = due[i]
            n_kept += axon_kept[due[i]] >= KEEPS_IMPULSES
        lanes.n_due[lane, slot] = n_kept


@inlined
def next_tick(lanes: Lanes, lane: int) -> None:
    """Move the time of a lane on by a tick."""
    lanes.tick[lane] += 1
    if lanes.tick[lane] >= EPOCH:
        _begin_epoch(lanes, lane)


@inlined
def count_spikes(
    fired: UInt8Array,  # (width,)
    output_targets: Int32Array,  # (n_outputs,)
    count: Int32Array,  # (n_outputs,) added to
    raster: UInt8Array,  # (n, n_ticks, width) out, or (0, 0, 0)
    row: int,
    step: int,
) -> None:
    """Count what fired in a tick, and record it if asked to."""
    for output in range(len(count)):
        target = output_targets[output]
        count[output] += fired[target] if target >= 0 else 0
    if len(raster) > 0:
        for target in range(len(fired)):
            raster[row, step, target] = fired[target]


@inlined
def _begin_epoch(lanes: Lanes, lane: int) -> None:
    """Count a lane's ticks from about 0 again; what is due stays in its slot."""
    n_ticks = EPOCH - EPOCH % lanes.n_due.shape[1]
    lanes.epoch[lane] += n_ticks
    lanes.tick[lane] -= n_ticks
    ready_at = lanes.ready_at[lane]
    for target in range(len(ready_at)):
        ready_at[target] = max(ready_at[target] - n_ticks, 0)


@inlined
def update(params: NeuronParams, lanes: Lanes, scratch: Scratch, lane: int, brain: int) -> None:
    """Update every neuron that can receive, by what `scratch.total` says arrives in this tick."""
    potential, ready_at, fired = lanes.potential[lane], lanes.ready_at[lane], lanes.fired[lane]
    tick, total, own = lanes.tick[lane], scratch.total, _of_brain(params, brain)
    for target in range(len(total)):
        _leak(potential, own.decay, target)
        arrived = np.float32(total[target])  # twice as many fit into an instruction
        fired[target] = _integrate(potential, ready_at, own, target, tick, arrived)  # type: ignore[arg-type]


@inlined
def list_axons(
    has_axon: UInt64Array,  # (width / BYTES,) the bytes are 1 where a neuron has an axon
    target_neurons: Int32Array,  # (width,)
    scratch: Scratch,
    fired_words: UInt64Array,  # (width / BYTES,)
    listed: Int32Array,  # out
    n_listed: int,
) -> int:
    """Add the neurons that fired and have an axon to a list.

    The bytes of a word are folded into as many bits, and only the bits that are set are looked at:
    there is no branch per neuron.
    """
    for word in range(len(fired_words)):
        bits = fired_words[word] & has_axon[word]
        bits |= bits >> np.uint64(7)
        bits |= bits >> np.uint64(14)
        bits |= bits >> np.uint64(28)
        scratch.spikes[word] = bits & np.uint64(0xFF)
    for word in range(len(scratch.spike_words)):
        left = scratch.spike_words[word]
        while left != 0:
            listed[n_listed] = target_neurons[word * BITS + lowest(left)]
            n_listed += 1
            left &= left - np.uint64(1)
    return n_listed
