"""Time for a brain: virtual, which moves on when all work is done, or that of a wall clock.

A clock keeps what is due at each tick. It also counts deliveries: it adds up what every `send`
returns, and each reader subtracts what it has dealt with. At zero the tick is over, which is known
without looking into the event loop. A clock serves one brain on one event loop.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from spiking_agent.checks.arguments import number

N_SILENT_TICKS = 128  # ticks without any delivery after which other tasks get their turn


class Emitter(Protocol):
    """Something that can fall due, such as the sender of an axon's channel."""

    def send(self, tick: int, /) -> int:
        """Send the impulse of `tick` without waiting, and return the number of deliveries.

        Parameters
        ----------
        tick : int
            The tick in which the impulse is sent.
        """
        ...


class Clock(Protocol):
    """What a brain needs of a clock.

    Attributes
    ----------
    tick : int
        The current tick.
    """

    tick: int

    def schedule(self, emitter: Emitter, tick: int) -> None:
        """Make `emitter` send at `tick`, which lies ahead; a second call changes nothing.

        Parameters
        ----------
        emitter : Emitter
            What sends.
        tick : int
            A tick ahead of the present one.
        """
        ...

    def delivered(self, ticks: Sequence[int], n_lost: int = 0) -> None:
        """Count the impulses of `ticks`, which a reader has dealt with, and lost ones.

        Parameters
        ----------
        ticks : sequence of int
            Tick of each impulse that the reader has dealt with.
        n_lost : int
            Impulses that it will never see, because newer ones took their places.
        """
        ...

    def resume(self) -> None:
        """Continue from here, after a pause of any length between two decisions."""
        ...

    async def advance(self) -> None:
        """Go to the next tick and send all that is due there."""
        ...

    async def settle(self) -> None:
        """Wait until every delivery has been dealt with."""
        ...

    def fail(self, error: BaseException) -> None:
        """Raise `error` in every wait, from now on: a reader has died.

        Parameters
        ----------
        error : BaseException
            What the reader raised.
        """
        ...

    def clear(self, spared: Collection[Emitter] = ()) -> None:
        """Forget all that is due or in flight; time goes on.

        Parameters
        ----------
        spared : collection of Emitter
            What these are to send stays due.
        """
        ...


class _CountingClock:
    """The agenda and the count of deliveries, which both clocks share."""

    def __init__(self) -> None:
        self.tick = 0
        self._due: dict[int, dict[Emitter, None]] = {}  # by tick; each emitter once
        self._n_in_flight = 0
        self._waiter: asyncio.Future[None] | None = None
        self._error: BaseException | None = None

    def schedule(self, emitter: Emitter, tick: int) -> None:
        """Make `emitter` send at `tick`, which lies ahead; a second call changes nothing."""
        if tick <= self.tick:
            raise ValueError(f"tick must be > now ({self.tick}), got {tick!r}")
        due = self._due.get(tick)
        if due is None:
            due = self._due[tick] = {}
        due[emitter] = None

    def delivered(self, ticks: Sequence[int], n_lost: int = 0) -> None:
        """Count the impulses of `ticks`, which a reader has dealt with, and lost ones."""
        self._n_in_flight -= len(ticks) + n_lost
        if not self._n_in_flight:
            self._wake()

    def resume(self) -> None:
        """Continue from here, after a pause of any length between two decisions."""

    async def settle(self) -> None:
        """Wait until every delivery has been dealt with."""
        while self._n_in_flight and self._error is None:
            await self._wait()
        self._check()

    def fail(self, error: BaseException) -> None:
        """Raise `error` in every wait, from now on: a reader has died."""
        if self._error is None:
            self._error = error
        self._wake()

    def clear(self, spared: Collection[Emitter] = ()) -> None:
        """Forget all that is due or in flight, but for what `spared` are to send; time goes on."""
        for tick in list(self._due):
            left = {emitter: None for emitter in self._due.pop(tick) if emitter in spared}
            if left:
                self._due[tick] = left
        self._n_in_flight = 0
        self._wake()

    def _send_due(self) -> bool:
        """Send all that is due now, without awaiting in between; return whether anything was."""
        due = self._due.pop(self.tick, None)
        if due is None:
            return False
        for emitter in due:
            self._n_in_flight += emitter.send(self.tick)
        return True

    async def _wait(self) -> None:
        """Wait for `_wake`."""
        if self._waiter is not None:
            raise RuntimeError("one task at a time may wait on a clock")
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    def __repr__(self) -> str:
        n_due = sum(map(len, self._due.values()))
        return (
            f"<{type(self).__name__} tick={self.tick} n_due={n_due} "
            f"n_in_flight={self._n_in_flight}>"
        )


class VirtualClock(_CountingClock):
    """Time that moves on as soon as every delivery of a tick has been dealt with.

    Notes
    -----
    All that is due is sent without awaiting in between, so each reader finds one whole tick when
    it wakes up, in whatever order the event loop runs the readers. Results do not depend on
    the machine or its load.
    """

    def __init__(self) -> None:
        super().__init__()
        self._n_silent = 0

    async def advance(self) -> None:
        """Go to the next tick, send all that is due there, and wait until it was dealt with."""
        await self.settle()
        self.tick += 1
        if self._send_due():
            self._n_silent = 0
            await self.settle()
            return
        self._n_silent += 1
        if self._n_silent == N_SILENT_TICKS:
            self._n_silent = 0
            await asyncio.sleep(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Jitter:
    """How well a wall clock kept its grid.

    Attributes
    ----------
    n_ticks : int
        Ticks that were begun.
    n_missed_ticks : int
        Those begun more than one tick late.
    n_impulses : int
        Impulses that were dealt with, echoes of soft resets included.
    n_late_impulses : int
        Those dealt with more than one tick late.
    worst_s : float
        The greatest lateness of a tick or an impulse, in seconds.
    """

    n_ticks: int = 0
    n_missed_ticks: int = 0
    n_impulses: int = 0
    n_late_impulses: int = 0
    worst_s: float = 0.0


class WallClock(_CountingClock):
    """Real time: one timer per tick, on a fixed grid.

    Parameters
    ----------
    tick_s : float
        Length of a tick in seconds, > 0.

    Notes
    -----
    Time does not wait for the readers. A tick that comes late is begun at once, and the grid
    stays where it is until the clock pauses between decisions.
    """

    def __init__(self, tick_s: float) -> None:
        super().__init__()
        self.tick_s = number("tick_s", tick_s, "> 0 seconds and finite", lambda v: v > 0.0)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._origin_s = 0.0  # the event loop's time at tick 0
        self._n_ticks = self._n_missed_ticks = self._n_impulses = self._n_late_impulses = 0
        self._worst_s = 0.0

    @property
    def jitter(self) -> Jitter:
        """How well the grid was kept so far."""
        return Jitter(
            n_ticks=self._n_ticks,
            n_missed_ticks=self._n_missed_ticks,
            n_impulses=self._n_impulses,
            n_late_impulses=self._n_late_impulses,
            worst_s=self._worst_s,
        )

    def resume(self) -> None:
        """Go on from here, unless the tick has not passed yet."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop or self._lateness_s(self.tick) > self.tick_s:
            self._loop = loop
            self._origin_s = loop.time() - self.tick * self.tick_s

    async def advance(self) -> None:
        """Wait for the next tick of the grid, and send all that is due there."""
        self._check()
        if self._loop is None:
            self.resume()
        await self._sleep_until_next()
        self._check()
        self.tick += 1
        self._n_ticks += 1
        self._n_missed_ticks += self._note_lateness(self.tick)
        self._send_due()

    def delivered(self, ticks: Sequence[int], n_lost: int = 0) -> None:
        """Count the impulses of `ticks`, which a reader has dealt with, and lost ones.

        Parameters
        ----------
        ticks : sequence of int
            Tick of each impulse that the reader has dealt with.
        n_lost : int
            Impulses that it will never see, because newer ones took their places.
        """
        super().delivered(ticks, n_lost)
        self._n_impulses += len(ticks)
        self._n_late_impulses += sum(map(self._note_lateness, ticks))

    def _lateness_s(self, tick: int) -> float:
        """Return how long ago a tick began on the grid; negative for one that lies ahead."""
        loop = self._loop or asyncio.get_running_loop()
        return loop.time() - (self._origin_s + tick * self.tick_s)

    def _note_lateness(self, tick: int) -> bool:
        """Measure how late it is for what belongs to `tick`; return whether by more than a tick."""
        lateness_s = self._lateness_s(tick)
        self._worst_s = max(self._worst_s, lateness_s)
        return lateness_s > self.tick_s

    async def _sleep_until_next(self) -> None:
        """Wait for the next tick of the grid; if it is past, give other tasks one turn."""
        if self._lateness_s(self.tick + 1) >= 0:
            await asyncio.sleep(0)
        while (left_s := -self._lateness_s(self.tick + 1)) > 0 and self._error is None:
            await self._sleep(left_s)

    async def _sleep(self, seconds: float) -> None:
        timer = asyncio.get_running_loop().call_later(seconds, self._wake)
        try:
            await self._wait()
        finally:
            timer.cancel()
