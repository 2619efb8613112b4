"""The same brains, compiled: many side by side, with the same spikes as the actors."""

from collections.abc import Sequence
from itertools import takewhile
from typing import Any, Final, Self

import numpy as np

from spiking_agent.brain.carry_state import FORGET, CarryState, as_number, carry_state_of
from spiking_agent.brain.compiled.build import brains_of, lanes_of, scratch_of
from spiking_agent.brain.compiled.kernels import Brains, decide, drive_one_by_one
from spiking_agent.brain.compiled.lanes import begin_lanes
from spiking_agent.brain.compiled.list_kernels import decide_lists, play_dense, play_lists
from spiking_agent.brain.interface import Play, check_decision, check_lanes
from spiking_agent.brain.population import Population
from spiking_agent.checks.arguments import flag, whole
from spiking_agent.typing import Float32Array, Int32Array, Int64Array, IntpArray, UInt8Array

_NO_SPIKES: Final = np.empty((0, 2), np.int64)
_NO_RASTER: Final = np.empty((0, 0, 0), np.uint8)


class Engine:
    """Compiled brains, `lanes_per_brain` running copies of each.

    Lane `i` runs genome `i // lanes_per_brain` of the population. Lanes never influence each
    other.

    Parameters
    ----------
    population : Population
        Connectomes of the brains; `Population.from_connectomes` stacks single ones.
    lanes_per_brain : int
        Running copies of each brain, >= 1.
    carry_state : bool or "impulses"
        True keeps potentials, refractory periods and impulses in flight from one decision to
        the next; False clears them before each decision; "impulses" leaves what each neuron
        keeps, see `kept` of `Connectome`.
    record : bool
        True keeps the raster of every lane.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    For every connectome and drive the raster equals that of `actors.brain.Brain` on a virtual
    clock. Sums are 32-bit integers, exact for all that a `Connectome` may hold. Brains that are
    made from matrices and those that are made from lists have kernels of their own.
    """

    def __init__(
        self,
        population: Population,
        *,
        lanes_per_brain: int = 1,
        carry_state: CarryState = True,
        record: bool = False,
    ) -> None:
        lanes_per_brain = whole("lanes_per_brain", lanes_per_brain, 1)
        carry_state = carry_state_of("carry_state", carry_state)
        record = flag("record", record)
        self.brains = brains_of(population)
        self.lanes = lanes_of(self.brains, len(population) * lanes_per_brain)
        self.scratch = scratch_of(self.brains)
        self._decide = decide if isinstance(self.brains, Brains) else decide_lists
        params, *brains = self.brains
        self._records = tuple(params), tuple(brains), tuple(self.lanes), tuple(self.scratch)
        self.lanes_per_brain = lanes_per_brain
        self.carry_state = as_number(carry_state)
        self.n_lanes = len(population) * lanes_per_brain
        self._n_neurons = population.n_neurons
        self._target_neurons = population.target_neurons
        self._spikes: list[list[Int64Array]] | None = None
        if record:
            self._spikes = [[] for _ in range(self.n_lanes)]
        self.clear()

    def decide(
        self, drive: UInt8Array, n_ticks: int, lane_ids: IntpArray | None = None
    ) -> Int32Array:
        """Run the given lanes; see `BrainEngine.decide`.

        Parameters
        ----------
        drive, n_ticks, lane_ids
            As in `BrainEngine.decide`.

        Returns
        -------
        ndarray of int32, shape (n, n_outputs)
            Spikes of each output neuron.

        Raises
        ------
        ValueError
            If a shape or a lane does not fit.
        """
        brains = self.brains
        ids = check_decision(self.n_lanes, len(brains.input_neurons), drive, n_ticks, lane_ids)
        counts = np.empty((len(ids), len(brains.output_targets)), np.int32)
        raster = _NO_RASTER
        if self._spikes is not None:
            raster = np.empty((len(ids), n_ticks, len(brains.target_neurons)), np.uint8)
            first_ticks = self.lanes.epoch[ids] + self.lanes.tick[ids] + 1
        self._decide(
            *self._records,
            ids,
            self.lanes_per_brain,
            self.carry_state,
            np.ascontiguousarray(drive, np.uint8),
            np.arange(len(ids)),
            n_ticks,
            counts,
            raster,
        )
        if self._spikes is not None:
            for row, lane in enumerate(ids):
                step, target = np.nonzero(raster[row])
                if len(step):
                    ticks, neurons = first_ticks[row] + step, self._target_neurons[target]
                    self._spikes[lane].append(np.stack([ticks, neurons], 1))
        return counts

    def answers(self, n_ticks: int) -> Int32Array:
        """Return what every brain decides if one input is driven at every tick: each in turn.

        Parameters
        ----------
        n_ticks : int
            Length of a decision, >= 1.

        Returns
        -------
        ndarray of int32, shape (n_brains, n_inputs, n_outputs)
            Spikes of each output neuron.

        Raises
        ------
        ValueError
            If the engine records or carries state, or a brain has several lanes.
        """
        if (self.carry_state, self.lanes_per_brain, self._spikes) != (FORGET, 1, None):
            raise ValueError("carry_state and record must be False, and lanes_per_brain 1")
        n_inputs, n_outputs = len(self.brains.input_neurons), len(self.brains.output_targets)
        counts = np.empty((self.n_lanes, n_inputs, n_outputs), np.int32)
        if isinstance(self.brains, Brains) and self.brains.is_direct:
            drive_one_by_one(*self._records, n_ticks, counts, _NO_RASTER)
            return counts
        for i, alone in enumerate(np.eye(n_inputs, dtype=np.uint8)):
            drive = np.broadcast_to(alone, (self.n_lanes, 1, n_inputs))
            counts[:, i] = self.decide(drive, n_ticks)
        return counts

    def for_play(self, n_ticks: int, constant: Sequence[int]) -> tuple[Play, ...]:
        """Return kernels that decide, and what they need; see `CompiledEngine.for_play`."""
        del n_ticks
        if len(constant):
            return ()
        play = play_dense if isinstance(self.brains, Brains) else play_lists
        return ((play, (self.brains, self.lanes, self.scratch, _NO_RASTER)),)

    def clear(self, lane_ids: IntpArray | None = None, *, carry_state: CarryState = False) -> None:
        """Forget everything but the time; see `BrainEngine.clear`.

        Parameters
        ----------
        lane_ids, carry_state
            As in `BrainEngine.clear`.
        """
        ids = check_lanes(self.n_lanes, lane_ids)
        how = as_number(carry_state_of("carry_state", carry_state))
        kept = self.brains.target_kept, self.brains.axon_kept
        begin_lanes(self.lanes, ids, self.lanes_per_brain, how, *kept)

    def raster(self, lane: int) -> Int64Array:
        """Return the spikes of a lane so far; see `BrainEngine.raster`.

        Parameters
        ----------
        lane : int
            The lane.

        Returns
        -------
        ndarray of int64, shape (n_spikes, 2)
            Rows of (tick, neuron id), sorted.

        Raises
        ------
        ValueError
            If the engine was made without `record=True`.
        """
        return np.concatenate([_NO_SPIKES, *self._recorded(lane)])

    def spikes_since(self, lane: int, tick: int) -> Int64Array:
        """Return the rows of the raster from `tick` on, without a look at older ones.

        Parameters
        ----------
        lane : int
            The lane.
        tick : int
            First tick that counts.

        Returns
        -------
        ndarray of int64, shape (n_spikes, 2)
            Rows of (tick, neuron id), sorted.

        Raises
        ------
        ValueError
            If the engine was made without `record=True`.
        """
        recent = []
        for spikes in reversed(self._recorded(lane)):
            if spikes[0, 0] < tick:
                recent.append(spikes[np.searchsorted(spikes[:, 0], tick) :])
                break
            recent.append(spikes)
        return np.concatenate([_NO_SPIKES, *reversed(recent)])

    def _recorded(self, lane: int) -> list[Int64Array]:
        """Return the spikes of a lane by decision, without decisions that had none."""
        if self._spikes is None:
            raise ValueError("record must be True to ask for a raster, got False")
        return self._spikes[lane]

    def tick(self, lane: int) -> int:
        """Return how many ticks a lane has run so far.

        Parameters
        ----------
        lane : int
            The lane.

        Raises
        ------
        ValueError
            If there is no such lane.
        """
        check_lanes(self.n_lanes, np.array([lane]))
        return int(self.lanes.epoch[lane] + self.lanes.tick[lane])

    def forget_spikes(self, lane: int, before: int) -> None:
        """Drop the rows of a lane's raster before tick `before`.

        Parameters
        ----------
        lane : int
            The lane.
        before : int
            First tick whose spikes are kept.

        Raises
        ------
        ValueError
            If the engine was made without `record=True`.
        """
        recorded = self._recorded(lane)
        n_old = sum(1 for _ in takewhile(lambda spikes: spikes[-1, 0] < before, recorded))
        del recorded[:n_old]
        if recorded:
            recorded[0] = recorded[0][np.searchsorted(recorded[0][:, 0], before) :]

    def potentials(self, lane: int) -> Float32Array:
        """Return the membrane potential of each neuron of a lane.

        Parameters
        ----------
        lane : int
            The lane.

        Returns
        -------
        ndarray of float32, shape (n_neurons,)
            Potentials in units of one synapse of strength 1.

        Raises
        ------
        ValueError
            If there is no such lane.
        """
        check_lanes(self.n_lanes, np.array([lane]))
        potential = np.zeros(self._n_neurons, np.float32)
        targets = self._target_neurons
        potential[targets] = self.lanes.potential[lane, : len(targets)]
        return potential

    def close(self) -> None:
        """Do nothing: there is nothing to release."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()
