"""The brain of tasks and channels on the virtual clock, by impulses delivered."""

import asyncio

import numpy as np
from numpy.typing import NDArray

from benchmarks.cases.networks import engine_raster, n_delivered, random_drive, reference_connectome
from benchmarks.harness.results import IMPULSES, Row, figures
from benchmarks.harness.scale import Scale
from benchmarks.harness.timing import Contender, race
from benchmarks.rows.engine import NETWORK, OURS
from spiking_agent.brain.actors.brain import Brain
from spiking_agent.brain.actors.clock import VirtualClock
from spiking_agent.brain.connectome import Connectome


class Living:
    """A brain on its own event loop: it is grown untimed, then one decision is timed."""

    def __init__(self, connectome: Connectome, drive: NDArray[np.uint8], n_impulses: int) -> None:
        self._connectome, self._drive, self._n_impulses = connectome, drive, n_impulses
        self._runner = asyncio.Runner()
        self._brain: Brain | None = None

    def grow(self) -> None:
        """Replace the brain with a fresh one."""
        self.close()
        self._brain = Brain(self._connectome, clock=VirtualClock())
        self._runner.run(self._brain.__aenter__())

    def decide(self) -> int:
        """Run the whole drive, and return the number of impulses delivered."""
        if self._brain is None:
            raise RuntimeError("decide() needs a brain: call grow() first")
        self._runner.run(self._brain.decide(self._drive, len(self._drive)))
        return self._n_impulses

    def close(self) -> None:
        """End the brain, if there is one."""
        if self._brain is not None:
            self._runner.run(self._brain.__aexit__(None, None, None))
            self._brain = None

    def end(self) -> None:
        """End the brain and the event loop."""
        self.close()
        self._runner.close()


async def check_delivery(
    connectome: Connectome, drive: NDArray[np.uint8], raster: NDArray[np.int64]
) -> None:
    """Check that actors lose no impulse, and have the same spikes as the engine.

    The clock ends an instant only after every delivery counted by a `send` has been received, and
    the brain fails if an impulse was overwritten. It remains to check that none was missed.

    Raises
    ------
    RuntimeError
        If an impulse was missed, or the rasters differ.
    """
    async with Brain(connectome, clock=VirtualClock(), record=True) as brain:
        await brain.decide(drive, len(drive))
        if brain.n_missed or not np.array_equal(brain.raster, raster):
            raise RuntimeError(
                f"raster of the actors must be the engine's {len(raster)} spikes with none "
                f"missed, got {len(brain.raster)} spikes and {brain.n_missed} missed"
            )


def actors(scale: Scale) -> list[Row]:
    """Time the delivery of impulses from task to task; their number follows from the raster."""
    connectome, drive = reference_connectome(0), random_drive(1, scale.pick(300, 10))
    raster = engine_raster(connectome, drive)
    n_impulses = n_delivered(connectome, drive, raster)
    asyncio.run(check_delivery(connectome, drive, raster))
    living = Living(connectome, drive, n_impulses)
    try:
        ours = Contender(name=OURS, work=living.decide, prepare=living.grow)
        cpu, wall = figures(IMPULSES, race([ours], scale.repeats)[OURS])
    finally:
        living.end()
    row = Row(
        name="actors",
        case="",
        what=f"Brain on the virtual clock, one brain of {NETWORK}: "
        f"{n_impulses / len(drive):.0f} impulses per tick, every one delivered",
        unit=IMPULSES,
        cpu=cpu,
        wall=wall,
        mark=800e3,
    )
    return [row]
