"""Event loops for tests: one that runs its callbacks in random order, one that never waits."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import numpy as np

from spiking_agent.brain.actors.merge import WakeUps

R = TypeVar("R")


class ShuffledLoop(asyncio.SelectorEventLoop):
    """Runs what is ready in an order drawn anew in every turn."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.rng = np.random.default_rng(seed)

    def _run_once(self) -> None:
        ready = list(self._ready)
        self._ready.clear()
        self._ready.extend(ready[i] for i in self.rng.permutation(len(ready)))
        super()._run_once()


class ShuffledWakeUps(WakeUps):
    """Resumes the tasks of a turn in an order drawn by the `ShuffledLoop` it runs on."""

    def _resume_all(self) -> None:
        woken = list(self._woken)
        self._woken[:] = [woken[i] for i in self.loop.rng.permutation(len(woken))]
        super()._resume_all()


class FakeTimeLoop(asyncio.SelectorEventLoop):
    """Time stands still while callbacks run, and jumps to the next timer when all is quiet."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def time(self) -> float:
        return self.now_s

    def work(self, seconds: float) -> None:
        """Pretend that a callback took this long."""
        self.now_s += seconds

    def _run_once(self) -> None:
        if not self._ready:
            timers = [timer.when() for timer in self._scheduled if not timer.cancelled()]
            self.now_s = max([self.now_s, *sorted(timers)[:1]])
        super()._run_once()


def run_on(
    loop_factory: Callable[[], asyncio.AbstractEventLoop], work: Coroutine[Any, Any, R]
) -> R:
    """Run a coroutine on a loop of a certain kind, and close the loop."""
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(work)


async def turns(n: int = 3) -> None:
    """Yield to the other tasks for some turns of the loop."""
    for _ in range(n):
        await asyncio.sleep(0)  # noqa: TID251


async def pause(seconds: float) -> None:
    """Advance the time of a `FakeTimeLoop`."""
    assert isinstance(asyncio.get_running_loop(), FakeTimeLoop)
    await asyncio.sleep(seconds)  # noqa: TID251
