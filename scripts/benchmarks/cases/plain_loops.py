"""Simple baselines for the engine: a sparse loop in numba, and two ways with NumPy.

Each runs one brain tick by tick and returns its number of spikes, which must equal the engine's.
"""

from typing import Protocol

import numpy as np
from numba import njit
from numpy.typing import NDArray

from benchmarks.cases.networks import engine_raster
from spiking_agent.brain.connectome import Connectome
from spiking_agent.kernel_cache import kept


class Ticks(Protocol):
    """Runs a brain, whose state is carried from call to call."""

    def __call__(self, drive: NDArray[np.uint8]) -> int:
        """Run a drive of shape (n_ticks, n_inputs), and return the number of all spikes."""
        ...


def check_spikes(name: str, run: Ticks, connectome: Connectome, drive: NDArray[np.uint8]) -> None:
    """Check that a fresh contender computes the same brain.

    Raises
    ------
    RuntimeError
        If its number of spikes differs from the engine's.
    """
    n_spikes, expected = run(drive), len(engine_raster(connectome, drive))
    if n_spikes != expected:
        raise RuntimeError(f"n_spikes of {name} must be {expected}, got {n_spikes!r}")


class SparseLoop:
    """A loop over compressed rows of synapses, compiled by numba."""

    def __init__(self, connectome: Connectome) -> None:
        senders, targets = np.nonzero(connectome.connectivity)
        n = connectome.n_neurons
        self._synapses = (
            np.searchsorted(senders, np.arange(n + 1)),
            targets.astype(np.int32),
            connectome.connectivity[senders, targets].astype(np.int32),
        )
        genes = (
            connectome.initiation_delay,
            connectome.threshold,
            connectome.decay,
            connectome.refractory_period,
        )
        # compiled for writable arrays, which those of a connectome are not
        self._genes = tuple(gene.copy() for gene in genes)
        self._inputs = connectome.input_neurons.copy()
        n_slots = int(connectome.initiation_delay.max()) + 1
        self._state = (
            np.zeros(n, np.float32),
            np.zeros(n, np.int32),
            np.zeros(n, np.bool_),
            np.zeros((n_slots, n), np.int32),
        )
        self._tick = 0

    def __call__(self, drive: NDArray[np.uint8]) -> int:
        n_spikes = _sparse_ticks(
            *self._synapses, *self._genes, *self._state, self._inputs, drive, self._tick
        )
        self._tick += len(drive)
        return int(n_spikes)


@kept
@njit
def _sparse_ticks(
    starts: NDArray[np.int64],  # (n + 1,) where each neuron's synapses begin
    targets: NDArray[np.int32],  # (n_synapses,)
    strengths: NDArray[np.int32],  # (n_synapses,)
    delay: NDArray[np.int32],  # this and the next three: (n,)
    threshold: NDArray[np.float32],
    decay: NDArray[np.float32],
    refractory_period: NDArray[np.int32],
    potential: NDArray[np.float32],
    rest: NDArray[np.int32],  # (n,) remaining ticks of the refractory period
    sends: NDArray[np.bool_],  # (n,) which neurons send in this tick
    arriving: NDArray[np.int32],  # (n_slots, n)
    inputs: NDArray[np.int32],
    drive: NDArray[np.uint8],  # (n_ticks, n_inputs)
    tick: int,
) -> int:
    n_slots = len(arriving)
    n_spikes = 0
    for step in range(len(drive)):
        for i in range(len(inputs)):
            if drive[step, i]:
                sends[inputs[i]] = True
        for neuron_id in range(len(sends)):
            if sends[neuron_id]:
                slot = (tick + delay[neuron_id]) % n_slots
                for synapse in range(starts[neuron_id], starts[neuron_id + 1]):
                    arriving[slot, targets[synapse]] += strengths[synapse]
        tick += 1
        now = tick % n_slots
        for neuron_id in range(len(sends)):
            total = arriving[now, neuron_id]
            arriving[now, neuron_id] = 0
            sends[neuron_id] = False
            if rest[neuron_id] > 0:
                rest[neuron_id] -= 1
                continue
            potential[neuron_id] = potential[neuron_id] * decay[neuron_id] + np.float32(total)
            if potential[neuron_id] > threshold[neuron_id]:
                potential[neuron_id] = 0
                rest[neuron_id] = refractory_period[neuron_id]
                sends[neuron_id] = True
                n_spikes += 1
    return n_spikes


class NumpyLoop:
    """The same with NumPy: one call for all neurons of a tick.

    Parameters
    ----------
    connectome : Connectome
        The brain.
    is_dense : bool
        True: multiply by the whole matrix. False: add up the rows of the neurons that send.
    """

    def __init__(self, connectome: Connectome, *, is_dense: bool) -> None:
        n = connectome.n_neurons
        self._connectome, self._is_dense = connectome, is_dense
        self._strength = connectome.connectivity.astype(np.float32)
        self._ids = np.arange(n)
        self._potential = np.zeros(n, np.float32)
        self._rest = np.zeros(n, np.int32)
        self._sends = np.zeros(
            (int(connectome.initiation_delay.max()) + 1, n), np.float32
        )  # by tick
        self._tick = 0

    def __call__(self, drive: NDArray[np.uint8]) -> int:
        return sum(self._advance(driven) for driven in drive != 0)

    def _advance(self, driven: NDArray[np.bool_]) -> int:
        connectome, sends = self._connectome, self._sends
        sends[self._tick % len(sends), connectome.input_neurons[driven]] = 1.0
        self._tick += 1
        arrives = sends[(self._tick - connectome.initiation_delay) % len(sends), self._ids]
        if self._is_dense:
            total = arrives @ self._strength
        else:
            total = self._strength[arrives.nonzero()[0]].sum(axis=0)
        is_ready = self._rest == 0
        self._rest -= ~is_ready
        self._potential *= connectome.decay
        self._potential += total * is_ready
        fires = self._potential > connectome.threshold
        self._potential[fires] = 0.0
        self._rest[fires] = connectome.refractory_period[fires]
        sends[self._tick % len(sends)] = fires
        return int(np.count_nonzero(fires))
