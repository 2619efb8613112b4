"""The same brains, compiled: many side by side, with the same spikes as the actors.

The rule of a neuron is not written again here: the kernels compile `neuron.receive` itself.
What this file adds is bookkeeping: who sends when, and whose strengths are summed.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Self, cast

import numpy as np
import numpy.typing as npt
from numba import njit

from spiking_agent.brain_engine import IntpArray, UInt8Array, check_decision, check_lanes
from spiking_agent.dna import Int8Array, Int32Array
from spiking_agent.neuron import NeuronParams, NeuronState, receive
from spiking_agent.population import Population

_receive = cast("Callable[..., bool]", njit(receive, inline="always"))
_NO_STRENGTH = np.zeros((1, 1, 1), np.int8)
_NO_SPIKES = np.empty((0, 2), np.int64)


class _Brains(NamedTuple):
    """What does not change while brains run; targets are the neurons that can receive."""

    strength: Int8Array  # (n_brains, n_neurons, n_targets)
    threshold: npt.NDArray[np.float32]  # (n_brains, n_targets)
    decay: npt.NDArray[np.float32]  # (n_brains, n_targets)
    refractory_period: Int32Array  # (n_brains, n_targets)
    initiation_delay: Int32Array  # (n_brains, n_neurons)
    input_strength: Int8Array  # (n_brains, n_targets, n_inputs) of synapses from the inputs
    input_delay: int  # ticks, if all inputs share it and nothing excites them; else 0
    input_neurons: Int32Array  # (n_inputs,)
    input_targets: Int32Array  # (n_inputs,) column of each input, -1 if nothing reaches it
    output_targets: Int32Array  # (n_outputs,) column of each output, -1 if nothing reaches it
    target_neurons: Int32Array  # (n_targets,)


class _Lanes(NamedTuple):
    """What changes; a lane is one running brain."""

    potential: npt.NDArray[np.float32]  # (n_lanes, n_targets)
    updated_at: npt.NDArray[np.int64]  # (n_lanes, n_targets) tick of the last update
    ready_at: npt.NDArray[np.int64]  # (n_lanes, n_targets) first tick after the refractory period
    fired_at: npt.NDArray[np.int64]  # (n_lanes, n_targets) tick of the last spike
    arriving: Int32Array  # (n_lanes, n_slots, n_targets) sums on their way, by tick % n_slots
    tick: npt.NDArray[np.int64]  # (n_lanes,) now


@njit(cache=True, nogil=True)
def _clear(lanes: _Lanes, lane_ids: IntpArray) -> None:
    """Forget potentials, refractory periods and impulses in flight; time goes on."""
    for lane in lane_ids:
        lanes.potential[lane] = 0.0
        lanes.ready_at[lane] = 0
        lanes.fired_at[lane] = -1
        lanes.arriving[lane] = 0


@njit(cache=True, nogil=True)
def _decide(
    brains: _Brains,
    lanes: _Lanes,
    lane_ids: IntpArray,  # (n,) the lanes to run
    lanes_per_brain: int,
    drive: UInt8Array,  # (n, n_ticks or 1, n_inputs)
    n_ticks: int,
    counts: Int32Array,  # (n, n_outputs) out: spikes of the outputs
    fired: UInt8Array,  # (n, n_ticks, n_targets) out: the raster, or (0, 0, 0) to leave it out
) -> None:
    """Run the lanes named for `n_ticks`, one after the other."""
    n_slots, n_targets = lanes.arriving.shape[1:]
    driven = np.zeros(n_targets, np.int32)  # what a tick's drive adds to each target
    for row in range(len(lane_ids)):
        lane = lane_ids[row]
        brain = lane // lanes_per_brain
        strength = brains.strength[brain]
        delay = brains.initiation_delay[brain]
        state = NeuronState(lanes.potential[lane], lanes.updated_at[lane], lanes.ready_at[lane])
        params = NeuronParams(
            brains.threshold[brain], brains.decay[brain], brains.refractory_period[brain]
        )
        fired_at, arriving = lanes.fired_at[lane], lanes.arriving[lane]
        tick = lanes.tick[lane]
        now = tick % n_slots
        for step in range(n_ticks):
            if brains.input_delay > 0:
                if step < drive.shape[1]:  # a steady drive is summed once
                    _sum_drive(brains.input_strength[brain], drive[row, step], driven)
                slot = _slot(now, brains.input_delay, n_slots)
                for target in range(n_targets):
                    arriving[slot, target] += driven[target]
            else:
                signal = drive[row, step if drive.shape[1] > 1 else 0]
                for i in range(len(signal)):
                    target = brains.input_targets[i]
                    # an input that fired in this tick has sent its impulse
                    if signal[i] != 0 and (target < 0 or fired_at[target] != tick):
                        _send(arriving, now, strength, delay, brains.input_neurons[i])
            tick += 1
            now = tick % n_slots
            for target in range(n_targets):
                total = arriving[now, target]
                if total != 0:  # a sum of 0 can neither fire a neuron nor change its potential
                    arriving[now, target] = 0
                    if _receive(state, params, target, tick, total):
                        fired_at[target] = tick
                        neuron_id = brains.target_neurons[target]
                        _send(arriving, now, strength, delay, neuron_id)
                        if len(fired) > 0:
                            fired[row, step, target] = 1
                        for j in range(len(brains.output_targets)):
                            if brains.output_targets[j] == target:
                                counts[row, j] += 1
        lanes.tick[lane] = tick


@njit(cache=True, nogil=True)
def _leak(brains: _Brains, lanes: _Lanes, lane: int, brain: int) -> None:
    """Bring every potential of a lane up to now."""
    state = NeuronState(lanes.potential[lane], lanes.updated_at[lane], lanes.ready_at[lane])
    params = NeuronParams(
        brains.threshold[brain], brains.decay[brain], brains.refractory_period[brain]
    )
    for target in range(brains.strength.shape[2]):
        _receive(state, params, target, lanes.tick[lane], 0)


@njit(cache=True, nogil=True)
def _send(
    arriving: Int32Array,  # (n_slots, n_targets)
    now: int,  # slot of the present tick
    strength: Int8Array,  # (n_neurons, n_targets)
    delay: Int32Array,  # (n_neurons,)
    neuron_id: int,
) -> None:
    """Add the strengths of a neuron's synapses to the sums of the tick in which they arrive."""
    slot = _slot(now, delay[neuron_id], len(arriving))
    for target in range(arriving.shape[1]):
        arriving[slot, target] += strength[neuron_id, target]


@njit(cache=True, nogil=True)
def _slot(now: int, delay: int, n_slots: int) -> int:
    """Slot of the tick that comes `delay` ticks after the one in slot `now`."""
    slot = now + delay
    return slot - n_slots if slot >= n_slots else slot  # cheaper than a remainder


@njit(cache=True, nogil=True)
def _sum_drive(strength: Int8Array, signal: UInt8Array, driven: Int32Array) -> None:
    """Sum the strengths of all driven inputs for each target, without a branch an input."""
    for target in range(len(driven)):
        total = np.int32(0)
        for i in range(len(signal)):
            if signal[i] != 0:
                total += np.int32(strength[target, i])
        driven[target] = total


class Engine:
    """Compiled brains, `lanes_per_brain` running copies of each.

    Lane `i` runs genome `i // lanes_per_brain` of the population. Lanes never influence each
    other.

    Parameters
    ----------
    population : Population
        DNA of the brains; `Population.from_dnas` makes one from single DNA.
    lanes_per_brain : int
        Running copies of each brain, >= 1.
    carry_state : bool
        True keeps potentials, refractory periods and impulses in flight from one decision to
        the next; False clears them before each decision.
    record : bool
        True keeps the raster of every lane.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    For every DNA and drive the raster equals that of `spiking_agent.brain.Brain` on a virtual
    clock. Sums are 32-bit integers, exact for any number of neurons this side of 16 million.
    """

    def __init__(
        self,
        population: Population,
        *,
        lanes_per_brain: int = 1,
        carry_state: bool = True,
        record: bool = False,
    ) -> None:
        if lanes_per_brain < 1:
            raise ValueError(f"lanes_per_brain must be >= 1, got {lanes_per_brain!r}")
        targets = population.target_neurons
        column = np.full(population.n_neurons, -1, np.int32)
        column[targets] = np.arange(len(targets))
        inputs = population.input_neurons
        delays = population.initiation_delay[:, inputs]
        is_uniform = bool((delays == delays[0, 0]).all() and (column[inputs] < 0).all())
        self._brains = _Brains(
            input_strength=np.ascontiguousarray(
                population.strength[:, inputs].transpose(0, 2, 1) if is_uniform else _NO_STRENGTH
            ),
            input_delay=int(delays[0, 0]) if is_uniform else 0,
            strength=np.ascontiguousarray(population.strength),
            threshold=np.ascontiguousarray(population.threshold[:, targets]),
            decay=np.ascontiguousarray(population.decay[:, targets]),
            refractory_period=np.ascontiguousarray(population.refractory_period[:, targets]),
            initiation_delay=np.ascontiguousarray(population.initiation_delay),
            input_neurons=np.array(inputs),
            input_targets=column[inputs],
            output_targets=column[population.output_neurons],
            target_neurons=np.array(targets),
        )
        self._lanes_per_brain = lanes_per_brain
        self._carry_state = carry_state
        self.n_lanes = len(population) * lanes_per_brain
        self._lanes = self._new_lanes(population)
        self._spikes: list[list[npt.NDArray[np.int64]]] | None = None
        if record:
            self._spikes = [[] for _ in range(self.n_lanes)]

    def _new_lanes(self, population: Population) -> _Lanes:
        n_targets = len(population.target_neurons)
        n_slots = int(population.initiation_delay.max()) + 1
        return _Lanes(
            potential=np.zeros((self.n_lanes, n_targets), np.float32),
            updated_at=np.zeros((self.n_lanes, n_targets), np.int64),
            ready_at=np.zeros((self.n_lanes, n_targets), np.int64),
            fired_at=np.full((self.n_lanes, n_targets), -1, np.int64),
            arriving=np.zeros((self.n_lanes, n_slots, n_targets), np.int32),
            tick=np.zeros(self.n_lanes, np.int64),
        )

    def decide(
        self, drive: UInt8Array, n_ticks: int, lane_ids: IntpArray | None = None
    ) -> Int32Array:
        """Run the lanes named, as `BrainEngine.decide` says."""
        ids = check_decision(
            self.n_lanes, len(self._brains.input_neurons), drive, n_ticks, lane_ids
        )
        counts = np.zeros((len(ids), len(self._brains.output_targets)), np.int32)
        shape = (len(ids), n_ticks, len(self._brains.target_neurons))
        fired = np.zeros(shape if self._spikes is not None else (0, 0, 0), np.uint8)
        first_ticks = self._lanes.tick[ids] + 1
        if not self._carry_state:
            _clear(self._lanes, ids)
        _decide(
            self._brains,
            self._lanes,
            ids,
            self._lanes_per_brain,
            np.ascontiguousarray(drive, np.uint8),
            n_ticks,
            counts,
            fired,
        )
        if self._spikes is not None:
            for row, lane in enumerate(ids):
                step, target = np.nonzero(fired[row])
                if len(step):
                    ticks, ids_fired = first_ticks[row] + step, self._brains.target_neurons[target]
                    self._spikes[lane].append(np.stack([ticks, ids_fired], 1))
        return counts

    def clear(self, lane_ids: IntpArray | None = None) -> None:
        """Forget everything but the time, as `BrainEngine.clear` says."""
        _clear(self._lanes, check_lanes(self.n_lanes, lane_ids))

    def raster(self, lane: int) -> npt.NDArray[np.int64]:
        """Spikes of a lane so far: rows of (tick, neuron id), sorted; needs `record=True`."""
        return np.concatenate([_NO_SPIKES, *self._recorded(lane)])

    def spikes_since(self, lane: int, tick: int) -> npt.NDArray[np.int64]:
        """Rows of the raster with `tick` or a later one; costs no more than what is new."""
        recent = []
        for spikes in reversed(self._recorded(lane)):
            if spikes[0, 0] < tick:
                recent.append(spikes[np.searchsorted(spikes[:, 0], tick) :])
                break
            recent.append(spikes)
        return np.concatenate([_NO_SPIKES, *reversed(recent)])

    def _recorded(self, lane: int) -> list[npt.NDArray[np.int64]]:
        """Spikes of a lane by decision, those without any left out."""
        if self._spikes is None:
            raise ValueError("record must be True to ask for a raster, got False")
        return self._spikes[lane]

    def potentials(self, lane: int) -> npt.NDArray[np.float32]:
        """Membrane potential of each neuron of a lane as it is now, shape (n_neurons,)."""
        check_lanes(self.n_lanes, np.array([lane]))
        potential = np.zeros(self._brains.strength.shape[1], np.float32)
        _leak(self._brains, self._lanes, lane, lane // self._lanes_per_brain)
        potential[self._brains.target_neurons] = self._lanes.potential[lane]
        return potential

    def close(self) -> None:
        """Nothing to do: here so that every engine can be closed."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()
