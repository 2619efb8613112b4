"""Waiting on many sources at once, and waking many tasks in one turn of the event loop.

A merge belongs to one task. Its members, such as the receivers of broadcast channels, put
entries into it; the task awaits the merge and takes all entries together. A plain future per
wake-up would do, but costs more than everything else in a brain: so tasks wait here on a
future-like object of our own (`asyncio.isfuture` documents what makes one), and all that were
woken in the same turn are resumed one after the other by a single callback.
"""

import asyncio
from collections.abc import Callable, Generator
from contextvars import Context
from typing import Any, Generic, TypeVar

from spiking_agent.errors import Closed

M = TypeVar("M")  # what a member puts into the list


class WakeUps:
    """The tasks to resume in the next turn of the event loop, in the order of waking."""

    __slots__ = ("_woken", "done", "loop")

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None  # of the first task that waited
        self.done: asyncio.Future[None] | None = None  # on that loop, with the result None
        self._woken: list[_Gate] = []

    def start(self) -> None:
        """Belong to the running event loop."""
        self.loop = asyncio.get_running_loop()
        self.done = self.loop.create_future()
        self.done.set_result(None)

    def add(self, gate: "_Gate") -> None:
        """Resume the task behind `gate` when the loop turns; never at once.

        Parameters
        ----------
        gate : _Gate
            What the task waits for.
        """
        if not self._woken and self.loop is not None:
            self.loop.call_soon(self._resume_all)
        self._woken.append(gate)

    def _resume_all(self) -> None:
        woken, self._woken = self._woken, []
        gates = iter(woken)
        try:
            for gate in gates:
                gate.resume()
        except BaseException:  # an interrupt: the others still have to be resumed
            for gate in gates:
                self.add(gate)
            raise


class _Gate:
    """A future-like object on which one task waits again and again.

    A task asks what wakes it for a result. Here it asks the one future of `WakeUps` that is
    done, which asyncio reads without calling Python.
    """

    __slots__ = ("_asyncio_future_blocking", "_context", "_wake_ups", "callback")

    def __init__(self, wake_ups: WakeUps) -> None:
        self._wake_ups = wake_ups
        self._asyncio_future_blocking = False
        self.callback: Callable[[Any], object] | None = None  # set while a task waits
        self._context: Context  # set together with `callback`

    def open(self) -> None:
        """Resume the task that waits, if any, when the loop turns."""
        if self.callback is not None:
            self._wake_ups.add(self)

    def resume(self) -> None:
        callback = self.callback
        if callback is not None:  # else it was opened twice
            self.callback = None
            self._context.run(callback, self._wake_ups.done)

    # What a task asks of the future it waits on.

    def get_loop(self) -> asyncio.AbstractEventLoop | None:
        return self._wake_ups.loop

    def add_done_callback(self, callback: Callable[[Any], object], *, context: Context) -> None:
        self.callback = callback
        self._context = context

    def cancel(self, msg: object = None) -> bool:
        self.open()
        return False  # the task is only resumed: it knows by itself that it was cancelled


class Merge(Generic[M]):
    """Many members on which one task waits together: `entries = await merge`.

    The await ends as soon as there is an entry. It returns the list of all entries, in order
    of arrival, and raises `Closed` when no member will ever have another. Cancelling it loses
    no entry.

    Parameters
    ----------
    wake_ups : WakeUps, optional
        Shared by merges whose owners are to be resumed in one batch.

    Attributes
    ----------
    ready : list
        The entries that the next await returns.
    wake : callable
        Resumes the owner when the loop turns; a member calls it before its first entry.

    Notes
    -----
    The methods whose names begin with `on_` are called by the members.
    """

    __slots__ = ("_gate", "_n_open", "_wake_ups", "ready", "wake")

    def __init__(self, wake_ups: WakeUps | None = None) -> None:
        self.ready: list[M] = []
        self._n_open = 0  # members that can still get entries
        self._wake_ups = WakeUps() if wake_ups is None else wake_ups
        self._gate = _Gate(self._wake_ups)
        self.wake = self._gate.open

    def __await__(self) -> Generator[Any, None, list[M]]:
        gate = self._gate
        while not self.ready:
            if gate.callback is not None:
                raise RuntimeError("one task at a time may wait on a merge: another one does")
            if self._n_open == 0:
                raise Closed
            if self._wake_ups.loop is None:
                self._wake_ups.start()
            gate._asyncio_future_blocking = True  # noqa: SLF001  (asyncio's own name)
            yield gate
        ready = self.ready
        self.ready = []
        return ready

    def take(self) -> list[M]:
        """Take all entries there are, without waiting."""
        ready, self.ready = self.ready, []
        return ready

    def on_join(self, entries: list[M]) -> None:
        """Count one more member, which brings some entries.

        Parameters
        ----------
        entries : list
            One entry for each value that the member has to read.
        """
        self._n_open += 1
        if entries:
            self.wake()
            self.ready.extend(entries)

    def on_overwrite(self, entry: M) -> None:
        """Move a member's oldest entry to the end: its value gave way to a new one.

        Parameters
        ----------
        entry : member
            The member.
        """
        if entry in self.ready:  # else the owner holds all its entries already
            self.ready.remove(entry)
            self.ready.append(entry)

    def on_leave(self, entry: M) -> None:
        """Remove all entries of a member.

        Parameters
        ----------
        entry : member
            The member.
        """
        self.ready = [other for other in self.ready if other is not entry]

    def on_end(self) -> None:
        """Count one member fewer: it will get no more entries."""
        self._n_open -= 1
        if self._n_open == 0:
            self.wake()

    def __repr__(self) -> str:
        return f"<Merge n_open={self._n_open} n_ready={len(self.ready)}>"
