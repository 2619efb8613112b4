"""The brain of actors: a task for each neuron, a broadcast channel for each branch of an axon.

This is the asynchronous brain of the original idea. A neuron waits on all its synapses at once,
sums up what arrived, and the rule of `neuron.py` says whether it fires. When it fires, the clock
makes each branch of its axon send an impulse after its delay. An impulse is an empty event: its
value is only its time. An axon whose synapses all have the same delay has one branch.

A neuron that a firing leaves with more than its threshold (see `Connectome.soft_reset`) has to be
woken one tick later, whatever arrives: it sends itself an echo, an impulse of strength 0.
"""

import asyncio
import functools
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from copy import copy
from itertools import repeat, takewhile
from typing import Self

import numpy as np

from spiking_agent.brain import neuron
from spiking_agent.brain.actors.channel import Sender
from spiking_agent.brain.actors.clock import Clock, VirtualClock
from spiking_agent.brain.actors.wiring import Branch, Impulse, wire
from spiking_agent.brain.carry_state import (
    KEEPS_ALL,
    KEEPS_IMPULSES,
    KEEPS_NOTHING,
    CarryState,
)
from spiking_agent.brain.connectome import Connectome
from spiking_agent.brain.neuron import NeuronParams, NeuronState, Rule
from spiking_agent.checks.arguments import flag, whole
from spiking_agent.errors import Closed, Lagged, MissedImpulsesError
from spiking_agent.typing import Float32Array, Int32Array, Int64Array, UInt8Array

DEFAULT_CAPACITY = 16  # an axon carries one impulse per tick; a live brain may run some ticks late


class Brain:
    """A spiking brain that lives on the running event loop.

    Parameters
    ----------
    connectome : Connectome
        The neurons and their wiring.
    clock : Clock, optional
        Time; a `VirtualClock` of its own if left out. No two brains share a clock.
    capacity : int, optional
        Impulses that each axon's channel keeps, >= 1. On a virtual clock 1 is enough.
    tolerate_lag : bool
        True only counts impulses that a neuron was too slow to read; False fails.
    record : bool
        True keeps the raster, which grows without bound.
    rule : Rule, optional
        What every neuron follows; the rule of the module `neuron` if left out.

    Notes
    -----
    Use it as `async with Brain(connectome) as brain`: the tasks live from there to the end of the
    block. When a task dies, every decision from then on raises its exception.
    """

    def __init__(
        self,
        connectome: Connectome,
        *,
        clock: Clock | None = None,
        capacity: int | None = None,
        tolerate_lag: bool = False,
        record: bool = False,
        rule: Rule = neuron,
    ) -> None:
        self.connectome = connectome
        self.n_missed = 0
        self._clock = VirtualClock() if clock is None else clock
        self._tolerate_lag = flag("tolerate_lag", tolerate_lag)
        self._raster: list[tuple[int, ...]] | None = [] if flag("record", record) else None
        n = connectome.n_neurons
        self._rule = rule
        self._state = NeuronState(array("f", bytes(4 * n)), [0] * n, [0] * n)
        # lists are read faster than arrays, and hold the same 32-bit values
        self._params = NeuronParams._make(
            getattr(connectome, name).tolist() for name in NeuronParams._fields
        )
        for neuron_id in range(n):
            rule.clear(self._state, self._params, neuron_id, self._clock.tick)
        self._n_spikes = [0] * n  # of each neuron in this decision
        self._is_deciding = False
        self._tasks: list[asyncio.Task[None]] = []
        self._is_open = False
        capacity = DEFAULT_CAPACITY if capacity is None else whole("capacity", capacity, 1)
        self._axons, self._dendrites, self._echoes = wire(connectome, capacity)
        self._input_axons = [self._axons.get(i, []) for i in connectome.input_neurons.tolist()]

    async def __aenter__(self) -> Self:
        if self._is_open or self._tasks:
            raise RuntimeError("a brain lives once: build another one from the same connectome")
        self._is_open = True
        for neuron_id in self._dendrites:
            task = asyncio.create_task(self._live(neuron_id), name=f"neuron {neuron_id}")
            task.add_done_callback(functools.partial(self._on_end, neuron_id))
            self._tasks.append(task)
        return self

    async def __aexit__(self, *error: object) -> None:
        self._is_open = False
        if self._is_deciding:
            self._clock.fail(RuntimeError("the brain was closed during a decision"))
        for axon in self._axons.values():
            for branch, _ in axon:
                branch.close()
        for echo in self._echoes.values():
            echo.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def decide(self, drive: UInt8Array, n_ticks: int) -> Int32Array:
        """Drive the input neurons for some ticks, and count the output neurons' spikes.

        Parameters
        ----------
        drive : ndarray of uint8, shape (n_ticks, n_inputs) or (1, n_inputs)
            Which input neurons to drive on each tick, or on every tick alike; not 0 is driven.
        n_ticks : int
            Length of the decision in ticks, >= 1.

        Returns
        -------
        ndarray of int32, shape (n_outputs,)
            Spikes of each output neuron.

        Raises
        ------
        MissedImpulsesError
            If a neuron was too slow to read every impulse, unless the brain tolerates it.
        RuntimeError
            If the brain is not alive, or another decision is under way.
        """
        drive_of_ticks = self._driven_axons(drive, n_ticks)
        if not self._is_open:
            raise RuntimeError("the brain is not alive: use it inside `async with`")
        if self._is_deciding:
            raise RuntimeError("one decide() at a time: another one is under way")
        clock = self._clock
        self._is_deciding = True
        self._n_spikes = n_spikes = [0] * self.connectome.n_neurons
        try:
            clock.resume()
            for driven in drive_of_ticks:
                for branch, delay in driven:
                    clock.schedule(branch, clock.tick + delay)
                await clock.advance()
            await clock.settle()
        finally:
            self._is_deciding = False
        return np.array([n_spikes[j] for j in self.connectome.output_neurons.tolist()], np.int32)

    def clear(self, *, carry_state: CarryState = False) -> None:
        """Forget potentials, refractory periods and impulses in flight; time goes on.

        Parameters
        ----------
        carry_state : bool or "impulses"
            What is spared, as at the beginning of a decision; by default nothing. What a decision
            that was broken off had delivered already is never spared.

        Raises
        ------
        RuntimeError
            If a decision is under way.
        """
        if self._is_deciding:
            raise RuntimeError("clear() must wait for the end of the decision under way")
        if carry_state is True:
            return
        kept = self.connectome.kept.tolist()
        if carry_state is False:
            kept = [KEEPS_NOTHING] * len(kept)
        for neuron_id, what in enumerate(kept):
            if what < KEEPS_ALL:
                self._rule.clear(self._state, self._params, neuron_id, self._clock.tick)
        for dendrite in self._dendrites.values():
            for synapse in dendrite.take():
                synapse.skip_unread()
        self._clock.clear(self._emitters_of(kept))

    def _emitters_of(self, kept: list[int]) -> frozenset[Sender[Impulse]]:
        """Return what goes on sending after a decision, if each neuron keeps what `kept` says."""
        axons = [self._axons[i] for i in self._axons if kept[i] >= KEEPS_IMPULSES]
        echoes = [self._echoes[i] for i in self._echoes if kept[i] >= KEEPS_ALL]
        return frozenset([*(branch for axon in axons for branch, _ in axon), *echoes])

    @property
    def tick(self) -> int:
        """The current tick, counted from the beginning of the brain."""
        return self._clock.tick

    @property
    def potentials(self) -> Float32Array:
        """A copy of the membrane potentials as they are now, shape (n_neurons,)."""
        state = self._state
        now = NeuronState(copy(state.potential), copy(state.updated_at), copy(state.ready_at))
        for neuron_id in range(self.connectome.n_neurons):
            self._rule.catch_up(now, self._params, neuron_id, self.tick)
        return np.array(now.potential, np.float32) + np.float32(0)  # -0.0 becomes 0.0

    @property
    def raster(self) -> Int64Array:
        """Every spike so far as (tick, neuron id), shape (n_spikes, 2), sorted."""
        return self.spikes_since(0)

    def spikes_since(self, tick: int) -> Int64Array:
        """Return the rows of the raster from `tick` on, without a look at older ones.

        Parameters
        ----------
        tick : int
            First tick that counts.

        Returns
        -------
        ndarray of int64, shape (n_spikes, 2)
            Rows of (tick, neuron id), sorted.

        Raises
        ------
        ValueError
            If the brain was made without `record=True`.
        """
        if self._raster is None:
            raise ValueError("record must be True to ask for a raster, got False")
        # in the order of ticks, so the search begins at the end
        recent = takewhile(lambda spike: spike[0] >= tick, reversed(self._raster))
        return np.array(sorted(recent), np.int64).reshape(-1, 2)

    def forget_spikes(self, before: int) -> None:
        """Drop the rows of the raster before tick `before`.

        Parameters
        ----------
        before : int
            First tick whose spikes are kept.

        Raises
        ------
        ValueError
            If the brain was made without `record=True`.
        """
        if self._raster is None:
            raise ValueError("record must be True to ask for a raster, got False")
        del self._raster[: bisect_left(self._raster, (before,))]

    def _driven_axons(self, drive: UInt8Array, n_ticks: int) -> Iterable[list[Branch]]:
        """Look up the branches of the axons to drive: one list for each tick."""
        n_inputs = self.connectome.n_inputs
        if n_ticks < 1:
            raise ValueError(f"n_ticks must be >= 1, got {n_ticks!r}")
        if drive.shape not in ((n_ticks, n_inputs), (1, n_inputs)):
            raise ValueError(
                f"drive must have shape ({n_ticks} or 1, {n_inputs}), got {drive.shape}"
            )
        driven = [
            [branch for i in np.flatnonzero(row).tolist() for branch in self._input_axons[i]]
            for row in drive
        ]
        return driven if len(driven) == n_ticks else repeat(driven[0], n_ticks)

    async def _live(self, neuron_id: int) -> None:
        """Run one neuron: integrate what arrives until the axons are closed."""
        clock, state, params = self._clock, self._state, self._params
        dendrite, receive = self._dendrites[neuron_id], self._rule.receive
        while True:
            try:
                entries = await dendrite
            except Closed:
                return
            total = n_lost = 0
            ticks = []
            for synapse in entries:
                try:
                    ticks.append(synapse.try_recv())
                except Lagged as lag:
                    n_lost += lag.skipped
                    ticks.append(synapse.try_recv())
                total += synapse.label
            if n_lost:
                self._miss(neuron_id, n_lost)
            if receive(state, params, neuron_id, clock.tick, total):
                self._fire(neuron_id)
            clock.delivered(ticks, n_lost)

    def _miss(self, neuron_id: int, n_lost: int) -> None:
        """Count lost impulses, and fail unless the brain tolerates it."""
        self.n_missed += n_lost
        if not self._tolerate_lag:
            raise MissedImpulsesError(neuron_id, n_lost)

    def _fire(self, neuron_id: int) -> None:
        """Record a spike, and schedule the branches of the axon after their delays."""
        tick = self._clock.tick
        self._n_spikes[neuron_id] += 1
        if self._raster is not None:
            self._raster.append((tick, neuron_id))
        for branch, delay in self._axons.get(neuron_id, ()):
            self._clock.schedule(branch, tick + delay)
        if self._rule.must_go_on(self._state, self._params, neuron_id):
            self._clock.schedule(self._echoes[neuron_id], tick + 1)

    def _on_end(self, neuron_id: int, task: asyncio.Task[None]) -> None:
        """Fail the clock when a neuron ends that should still run."""
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._clock.fail(error)
        elif self._is_open:
            self._clock.fail(RuntimeError(f"neuron {neuron_id} ended while its brain was alive"))
