"""What `compiled.engine.Engine` and `actors.engine.ActorEngine` have in common."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np

from spiking_agent.brain.carry_state import CarryState
from spiking_agent.typing import Float32Array, Int32Array, Int64Array, IntpArray, UInt8Array

Play = tuple[Callable[..., bool], tuple[Any, ...]]  # see `CompiledEngine.for_play`


class BrainEngine(Protocol):
    """What `Engine` and `ActorEngine` have in common; a lane is one running brain.

    Lanes are numbered from 0. They never influence each other, but for live ones, which compete for
    the processor. The engine of actors raises RuntimeError wherever it is used after `close`.
    """

    n_lanes: int

    def decide(
        self, drive: UInt8Array, n_ticks: int, lane_ids: IntpArray | None = None
    ) -> Int32Array:
        """Drive the inputs for some ticks and count the spikes of the outputs.

        Parameters
        ----------
        drive : ndarray of uint8, shape (n, n_ticks, n_inputs) or (n, 1, n_inputs)
            Nonzero where an input neuron sends an impulse, one row for each lane that runs; the
            second form is the same drive at every tick.
        n_ticks : int
            Length of the decision, >= 1.
        lane_ids : ndarray of intp, shape (n,), optional
            Lanes that run, no lane twice; the others stand still. Default: all of them.

        Returns
        -------
        ndarray of int32, shape (n, n_outputs)
            Spikes of each output neuron.

        Raises
        ------
        ValueError
            If a shape or a lane does not fit.
        """
        ...

    def clear(self, lane_ids: IntpArray | None = None, *, carry_state: CarryState = False) -> None:
        """Forget potentials, refractory periods and impulses in flight; time goes on.

        Parameters
        ----------
        lane_ids : ndarray of intp, shape (n,), optional
            Lanes to clear, no lane twice. Default: all of them.
        carry_state : bool or "impulses"
            What is spared, as at the beginning of a decision; by default nothing.

        Raises
        ------
        ValueError
            If there is no such lane, or one is named twice.
        """
        ...

    def raster(self, lane: int) -> Int64Array:
        """Return the spikes of a lane so far.

        Parameters
        ----------
        lane : int
            The lane.

        Returns
        -------
        ndarray of int64, shape (n_spikes, 2)
            Rows of (tick, neuron id), sorted; the first decision begins with tick 1.

        Raises
        ------
        ValueError
            If the engine was made without `record=True`.
        """
        ...

    def spikes_since(self, lane: int, tick: int) -> Int64Array:
        """Return the rows of the raster from a tick on, without a look at older ones.

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
        ...

    def tick(self, lane: int) -> int:
        """Return how many ticks a lane has run so far; clearing it does not change that.

        Parameters
        ----------
        lane : int
            The lane.

        Raises
        ------
        ValueError
            If there is no such lane.
        """
        ...

    def forget_spikes(self, lane: int, before: int) -> None:
        """Drop the rows of a lane's raster before tick `before`, since it grows without bound.

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
        ...

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
        ...

    def close(self) -> None:
        """Release tasks and threads."""
        ...


@runtime_checkable
class CompiledEngine(BrainEngine, Protocol):
    """An engine whose decisions can be called from compiled code, which then plays whole episodes.

    Attributes
    ----------
    lanes_per_brain : int
        Running copies of each brain.
    carry_state : int
        What outlives a decision: `FORGET`, `BY_NEURON` or `CARRY`.
    """

    lanes_per_brain: int
    carry_state: int

    def for_play(self, n_ticks: int, constant: Sequence[int]) -> tuple[Play, ...]:
        """Return kernels that decide, and what they need.

        Parameters
        ----------
        n_ticks : int
            Length of the decisions, >= 1.
        constant : sequence of int
            The last inputs, if these are driven at every tick and are not part of the drive.

        Returns
        -------
        tuple of (decide, parts)
            ``decide(parts, lane_ids, n, lanes_per_brain, carry_state, drive, drive_ids, n_ticks,
            counts)`` is a compiled function. It runs the lanes ``lane_ids[:n]``, the one at `row`
            with the drive ``drive[drive_ids[row]]``, writes ``counts[:n]`` and returns True; or it
            does nothing and returns False. The last kernel never declines. The tuple is empty if
            the engine knows no constant inputs, and there are some.
        """
        ...


def check_decision(
    n_lanes: int, n_inputs: int, drive: UInt8Array, n_ticks: int, lane_ids: IntpArray | None
) -> IntpArray:
    """Check the arguments of an engine's `decide`, and return the lanes that run.

    Parameters
    ----------
    n_lanes, n_inputs : int
        Lanes of the engine, and input neurons of each brain.
    drive, n_ticks, lane_ids
        As in `BrainEngine.decide`.

    Returns
    -------
    ndarray of intp, shape (n,)
        The lanes that run.

    Raises
    ------
    ValueError
        If a shape or a lane does not fit.
    """
    ids = check_lanes(n_lanes, lane_ids)
    if n_ticks < 1:
        raise ValueError(f"n_ticks must be >= 1, got {n_ticks!r}")
    if drive.shape not in ((len(ids), n_ticks, n_inputs), (len(ids), 1, n_inputs)):
        raise ValueError(
            f"drive must have shape ({len(ids)}, {n_ticks} or 1, {n_inputs}), got {drive.shape}"
        )
    return ids


def check_lanes(n_lanes: int, lane_ids: IntpArray | None) -> IntpArray:
    """Check the ids of lanes and return them, all for None: kernels check no bounds themselves.

    Parameters
    ----------
    n_lanes : int
        Lanes of the engine.
    lane_ids : ndarray of intp, shape (n,), or None
        Lanes from 0 to ``n_lanes - 1``, no lane twice.

    Returns
    -------
    ndarray of intp, shape (n,)
        The lanes.

    Raises
    ------
    ValueError
        If there is no such lane, or one is named twice.
    """
    if lane_ids is None:
        return np.arange(n_lanes)
    given = np.asarray(lane_ids)
    is_whole = given.dtype.kind in "iu" or not given.size  # a mask would be taken for 0 and 1
    ids = given.astype(np.intp)
    if not is_whole or ids.ndim != 1 or (len(ids) and (ids.min() < 0 or ids.max() >= n_lanes)):
        raise ValueError(f"lane_ids must be lanes in 0..{n_lanes - 1}, got {lane_ids!r}")
    if len(ids) > 1 and np.bincount(ids).max() > 1:
        raise ValueError(f"lane_ids must name no lane twice, got {lane_ids!r}")
    return ids
