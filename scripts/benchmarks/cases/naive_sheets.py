"""A naive loop over all synapses of a grown brain, compiled by numba: what a window saves."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from spiking_agent.brain.connectome import Connectome
from spiking_agent.kernel_cache import kept


class NaiveSheets:
    """A brain whose impulses outlive a decision where its neurons say so; see `kept`."""

    def __init__(self, connectome: Connectome) -> None:
        synapses, n = connectome.synapses, connectome.n_neurons
        delay = connectome.initiation_delay[synapses.source] + synapses.delay
        self._synapses = (
            np.searchsorted(synapses.source, np.arange(n + 1)),
            synapses.target.astype(np.int32),
            synapses.strength.astype(np.int32),
            delay.astype(np.int32),
        )
        names = ("threshold", "decay", "refractory_period", "soft_reset", "kept")
        self._parameters = tuple(getattr(connectome, name).copy() for name in names)
        self._ends = connectome.input_neurons.copy(), connectome.output_neurons.copy()
        n_slots = int(delay.max()) + 1
        self._state = (
            np.zeros(n, np.float32),
            np.zeros(n, np.int32),
            np.zeros(n, np.bool_),
            np.zeros((2, n_slots, n), np.int32),
        )
        self._tick = 0

    def decide(self, signal: NDArray[np.uint8], n_ticks: int) -> NDArray[np.int64]:
        """Return the spikes of each output in a decision, of which `signal` drives every tick."""
        counts = np.zeros(len(self._ends[1]), np.int64)
        _decide(
            *self._synapses,
            *self._parameters,
            *self._ends,
            *self._state,
            signal,
            self._tick,
            n_ticks,
            counts,
        )
        self._tick += n_ticks
        return counts


@kept
@njit
def _decide(
    starts: NDArray[np.int64],  # (n + 1,) where each neuron's synapses begin
    targets: NDArray[np.int32],  # this and the next two: (n_synapses,)
    strengths: NDArray[np.int32],
    delays: NDArray[np.int32],
    threshold: NDArray[np.float32],  # this and the next four: (n,)
    decay: NDArray[np.float32],
    refractory_period: NDArray[np.int32],
    soft_reset: NDArray[np.bool_],
    kept_of: NDArray[np.uint8],
    inputs: NDArray[np.int32],
    outputs: NDArray[np.int32],
    potential: NDArray[np.float32],
    rest: NDArray[np.int32],
    sends: NDArray[np.bool_],
    arriving: NDArray[np.int32],  # (2, n_slots, n) of neurons whose impulses outlive, or do not
    signal: NDArray[np.uint8],
    tick: int,
    n_ticks: int,
    counts: NDArray[np.int64],
) -> None:
    n_slots = arriving.shape[1]
    arriving[0] = 0
    for neuron in range(len(potential)):
        sends[neuron] &= kept_of[neuron] > 0
        if kept_of[neuron] < 2:
            potential[neuron] = 0
            rest[neuron] = 0
    for _ in range(n_ticks):
        for i in range(len(inputs)):
            if signal[i]:
                sends[inputs[i]] = True
        for neuron in range(len(sends)):
            if sends[neuron]:
                lasts = 1 if kept_of[neuron] > 0 else 0
                for synapse in range(starts[neuron], starts[neuron + 1]):
                    slot = (tick + delays[synapse]) % n_slots
                    arriving[lasts, slot, targets[synapse]] += strengths[synapse]
        tick += 1
        now = tick % n_slots
        for neuron in range(len(sends)):
            total = arriving[0, now, neuron] + arriving[1, now, neuron]
            arriving[:, now, neuron] = 0
            sends[neuron] = False
            if rest[neuron] > 0:
                rest[neuron] -= 1
                potential[neuron] = 0
                continue
            potential[neuron] = potential[neuron] * decay[neuron] + np.float32(total)
            if potential[neuron] > threshold[neuron]:
                left = potential[neuron] - threshold[neuron]
                potential[neuron] = left if soft_reset[neuron] else 0
                rest[neuron] = refractory_period[neuron]
                sends[neuron] = True
        for i in range(len(outputs)):
            counts[i] += sends[outputs[i]]
