"""What the two engines have in common: `engine.Engine` and `actors.ActorEngine`."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from spiking_agent.dna import Int32Array

IntpArray = npt.NDArray[np.intp]
UInt8Array = npt.NDArray[np.uint8]


class BrainEngine(Protocol):
    """What `Engine` and `ActorEngine` have in common."""

    n_lanes: int

    def decide(
        self, drive: UInt8Array, n_ticks: int, lane_ids: IntpArray | None = None
    ) -> Int32Array:
        """Spikes of the output neurons while the inputs are driven."""
        ...

    def clear(self, lane_ids: IntpArray | None = None) -> None:
        """Forget everything but the time."""
        ...

    def raster(self, lane: int) -> npt.NDArray[np.int64]:
        """Spikes of a lane so far."""
        ...

    def close(self) -> None:
        """Release tasks and threads."""
        ...


def check_decision(
    n_lanes: int, n_inputs: int, drive: UInt8Array, n_ticks: int, lane_ids: IntpArray | None
) -> IntpArray:
    """Check the arguments of an engine's `decide`, and name the lanes that run."""
    ids = np.arange(n_lanes) if lane_ids is None else np.asarray(lane_ids, np.intp)
    if n_ticks < 1:
        raise ValueError(f"n_ticks must be >= 1, got {n_ticks!r}")
    if ids.ndim != 1 or (len(ids) and not (ids.min() >= 0 and ids.max() < n_lanes)):
        raise ValueError(f"lane_ids must be lanes in 0..{n_lanes - 1}, got {lane_ids!r}")
    if drive.shape not in ((len(ids), n_ticks, n_inputs), (len(ids), 1, n_inputs)):
        raise ValueError(
            f"drive must have shape ({len(ids)}, {n_ticks} or 1, {n_inputs}), got {drive.shape}"
        )
    return ids
