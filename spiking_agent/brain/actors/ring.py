"""What the two ends of a broadcast channel share: the ring of values, and the tasks that wait."""

import asyncio
import operator
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, Generic, Self, TypeVar

from spiking_agent.brain.actors.merge import Merge

T = TypeVar("T")


class Ring(Generic[T]):
    """The values that a channel keeps, and all that its handles share.

    Parameters
    ----------
    capacity : int
        Values to keep, >= 1, rounded up to a power of two.

    Raises
    ------
    ValueError
        If the capacity is below 1.
    """

    __slots__ = ("loop", "mask", "merged", "n_senders", "receivers", "ring", "size", "tail",
                 "value_waiters", "zero_waiters")  # fmt: skip

    def __init__(self, capacity: int) -> None:
        if operator.index(capacity) < 1:
            raise ValueError(f"capacity must be >= 1, got {capacity!r}")
        self.size = 1 << (operator.index(capacity) - 1).bit_length()
        self.mask = self.size - 1
        self.ring: list[T | None] = [None] * self.size
        self.tail = 0  # position of the next value; the ring keeps the `size` before it
        self.n_senders = 0
        self.receivers: dict[Any, None] = {}  # open ones, a set in order
        self.merged: dict[Any, Merge[Any]] = {}  # members of merges
        self.value_waiters: dict[Any, asyncio.Future[None]] = {}  # in waiting order
        self.zero_waiters: list[asyncio.Future[None]] = []  # senders in `closed()`
        self.loop: asyncio.AbstractEventLoop | None = None

    def new_future(self) -> asyncio.Future[None]:
        """Return a future to wait on, on the one event loop of the channel.

        Raises
        ------
        RuntimeError
            If the channel has been used on another event loop.
        """
        loop = asyncio.get_running_loop()
        if self.loop is None:
            self.loop = loop
        elif self.loop is not loop:
            raise RuntimeError("a channel belongs to one event loop: this is another")
        return loop.create_future()

    def wake_receivers(self) -> None:
        """Resume all receivers that wait for a value, in waiting order."""
        waiters, self.value_waiters = self.value_waiters, {}
        _resolve(waiters.values())

    def remove_sender(self) -> None:
        """Remove an open sender; the channel ends when there is none left."""
        self.n_senders -= 1
        if self.n_senders == 0:
            self.wake_receivers()
            for merge in self.merged.values():
                merge.on_end()

    def remove_receiver(self, receiver: Any) -> None:
        """Remove a receiver; when there is none left, wake the senders that wait in `closed`.

        Parameters
        ----------
        receiver : Receiver
            The receiver.
        """
        del self.receivers[receiver]
        if merge := self.merged.pop(receiver, None):
            merge.on_leave(receiver)
            if self.n_senders:
                merge.on_end()
        if waiter := self.value_waiters.pop(receiver, None):
            _resolve([waiter])
        if not self.receivers:
            waiters, self.zero_waiters = self.zero_waiters, []
            _resolve(waiters)


def _resolve(futures: Iterable[asyncio.Future[None]]) -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)


class Handle(ABC, Generic[T]):
    """One end of a channel, which has to be closed.

    Parameters
    ----------
    channel : Ring
        The channel.
    """

    __slots__ = ("_channel", "_is_open")

    def __init__(self, channel: Ring[T]) -> None:
        self._channel = channel
        self._is_open = True

    @abstractmethod
    def close(self) -> None:
        """Close this end."""

    def _check_open(self) -> None:
        if not self._is_open:
            raise RuntimeError(f"this {type(self).__name__.lower()} was closed")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
