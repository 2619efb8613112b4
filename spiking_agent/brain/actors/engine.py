"""Brains of actors behind plain calls: the slow engine, with the interface of the compiled one.

The brains live on an event loop of their own in a thread of its own, so that they can also be
used where an event loop is running already, such as in a notebook.
"""

import asyncio
import threading
import weakref
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack, suppress
from typing import Any, Self, TypeVar

import numpy as np

from spiking_agent.brain import neuron
from spiking_agent.brain.actors.brain import Brain
from spiking_agent.brain.actors.clock import Jitter, WallClock
from spiking_agent.brain.carry_state import CarryState, carry_state_of
from spiking_agent.brain.interface import check_decision, check_lanes
from spiking_agent.brain.neuron import Rule
from spiking_agent.brain.population import Population
from spiking_agent.checks.arguments import flag, whole
from spiking_agent.typing import Float32Array, Int32Array, Int64Array, IntpArray, UInt8Array

R = TypeVar("R")


class ActorEngine:
    """Brains of actors, `lanes_per_brain` running copies of each.

    Lane `i` runs genome `i // lanes_per_brain` of the population. On virtual clocks lanes never
    influence each other; on wall clocks all lanes decide at once and compete for the processor, so
    that each makes the others later. Every call waits for its result; what fails in a brain is
    raised in the caller.

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
    tick_s : float, optional
        Seconds of a tick, > 0: the brains live on wall clocks, and lose impulses for which they
        are too slow. Default: virtual clocks.
    rule : Rule, optional
        What every neuron follows; the rule of the module `neuron` if left out.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """

    def __init__(
        self,
        population: Population,
        *,
        lanes_per_brain: int = 1,
        carry_state: CarryState = True,
        record: bool = False,
        tick_s: float | None = None,
        rule: Rule = neuron,
    ) -> None:
        lanes_per_brain = whole("lanes_per_brain", lanes_per_brain, 1)
        carry_state = carry_state_of("carry_state", carry_state)
        record = flag("record", record)
        connectomes = [population.connectome(genome_id) for genome_id in range(len(population))]
        self.n_lanes = len(population) * lanes_per_brain
        self._n_inputs = len(population.input_neurons)
        self._n_outputs = len(population.output_neurons)
        self._carry_state = carry_state
        self._clocks = [] if tick_s is None else [WallClock(tick_s) for _ in range(self.n_lanes)]
        self._brains = [
            Brain(
                connectomes[lane // lanes_per_brain],
                clock=self._clocks[lane] if self._clocks else None,
                tolerate_lag=bool(self._clocks),
                record=record,
                rule=rule,
            )
            for lane in range(self.n_lanes)
        ]
        self._turn = asyncio.Lock()
        self._running: Future[Any] | None = None  # what a caller waits for
        started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        thread = threading.Thread(
            target=_run_brains, args=(self._brains, started), name="actors", daemon=True
        )
        thread.start()
        self._loop, stop = started.result()
        self._finalizer = weakref.finalize(self, _stop_brains, self._loop, stop, thread)

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
        RuntimeError
            If the engine is closed, as in all its methods.
        """
        self._check_open()
        ids = check_decision(self.n_lanes, self._n_inputs, drive, n_ticks, lane_ids)
        return self._call(self._decide, drive, n_ticks, ids)

    def clear(self, lane_ids: IntpArray | None = None, *, carry_state: CarryState = False) -> None:
        """Forget everything but the time; see `BrainEngine.clear`.

        Parameters
        ----------
        lane_ids, carry_state
            As in `BrainEngine.clear`.
        """
        self._check_open()
        carry_state = carry_state_of("carry_state", carry_state)
        self._call(self._clear, check_lanes(self.n_lanes, lane_ids), carry_state)

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
        self._check_open()
        return self._brains[lane].raster

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
        self._check_open()
        return self._brains[lane].spikes_since(tick)

    def tick(self, lane: int) -> int:
        """Return how many ticks a lane has run so far, also while it decides.

        Parameters
        ----------
        lane : int
            The lane.

        Raises
        ------
        ValueError
            If there is no such lane.
        """
        self._check_open()
        check_lanes(self.n_lanes, np.array([lane]))
        return self._brains[lane].tick

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
        self._check_open()
        self._brains[lane].forget_spikes(before)

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
        self._check_open()
        check_lanes(self.n_lanes, np.array([lane]))
        return self._brains[lane].potentials

    @property
    def jitter(self) -> Jitter:
        """How well the wall clocks of all lanes together kept their grids so far."""
        jitters = [clock.jitter for clock in self._clocks]
        return Jitter(
            n_ticks=sum(jitter.n_ticks for jitter in jitters),
            n_missed_ticks=sum(jitter.n_missed_ticks for jitter in jitters),
            n_impulses=sum(jitter.n_impulses for jitter in jitters),
            n_late_impulses=sum(jitter.n_late_impulses for jitter in jitters),
            worst_s=max((jitter.worst_s for jitter in jitters), default=0.0),
        )

    def interrupt(self) -> None:
        """Break off the decision under way, if there is one: its caller gets a CancelledError."""
        running = self._running
        if running is not None:
            running.cancel()

    def close(self) -> None:
        """Stop all brains and the thread; closing twice is the same as once."""
        self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    async def _decide(self, drive: UInt8Array, n_ticks: int, ids: IntpArray) -> Int32Array:
        decisions = [
            self._decide_lane(lane, drive[row], n_ticks) for row, lane in enumerate(ids.tolist())
        ]
        counts = (
            await asyncio.gather(*decisions)
            if self._clocks
            else [await decision for decision in decisions]
        )
        return np.array(counts, np.int32).reshape(len(ids), self._n_outputs)

    async def _decide_lane(self, lane: int, drive: UInt8Array, n_ticks: int) -> Int32Array:
        brain = self._brains[lane]
        brain.clear(carry_state=self._carry_state)
        return await brain.decide(drive, n_ticks)

    async def _clear(self, ids: IntpArray, carry_state: CarryState) -> None:
        for lane in ids.tolist():
            self._brains[lane].clear(carry_state=carry_state)

    def _check_open(self) -> None:
        if not self._finalizer.alive:
            raise RuntimeError("the engine was closed")

    def _call(self, work: Callable[..., Coroutine[Any, Any, R]], *arguments: Any) -> R:
        """Run a coroutine function on the brains' loop; an interrupt of the caller cancels it."""
        future = asyncio.run_coroutine_threadsafe(self._in_turn(work, *arguments), self._loop)
        self._running = future
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise
        finally:
            self._running = None

    async def _in_turn(self, work: Callable[..., Coroutine[Any, Any, R]], *arguments: Any) -> R:
        """Run one piece of work at a time; one that was cancelled has to end first."""
        async with self._turn:
            return await work(*arguments)


def _run_brains(
    brains: Sequence[Brain], started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]]
) -> None:
    """Keep brains alive on a new event loop until they are told to stop."""

    async def live() -> None:
        stop = asyncio.Event()
        async with AsyncExitStack() as stack:
            for brain in brains:
                await stack.enter_async_context(brain)
            started.set_result((asyncio.get_running_loop(), stop))
            await stop.wait()

    try:
        asyncio.run(live())
    except BaseException as error:
        if started.done():
            raise
        started.set_exception(error)  # raised where the engine is started


def _stop_brains(
    loop: asyncio.AbstractEventLoop, stop: asyncio.Event, thread: threading.Thread
) -> None:
    """Stop brains, and wait until their event loop is closed."""
    with suppress(RuntimeError):  # the loop has ended by itself
        loop.call_soon_threadsafe(stop.set)
    if thread is not threading.current_thread():  # a collector may run anywhere
        thread.join()
