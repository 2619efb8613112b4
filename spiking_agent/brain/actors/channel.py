"""A broadcast channel: every receiver sees every value that is sent while it listens.

The rules are those of Rust's `tokio::sync::broadcast`, on asyncio. A sender never waits: a
receiver that falls behind by more than the ring holds loses the oldest values and is told how
many (`Lagged`). The errors are in `spiking_agent.errors`.

Where tokio drops a handle, Python needs `close()` or `with`. One event loop only, no threads.
"""

from copy import copy
from typing import Any, Self, TypeVar

from spiking_agent.brain.actors.fairness import restore_budget, spend_ready_receive
from spiking_agent.brain.actors.merge import Merge
from spiking_agent.brain.actors.ring import Handle, Ring
from spiking_agent.errors import Closed, Empty, Lagged, SendError

T = TypeVar("T")


def channel(capacity: int) -> tuple["Sender[Any]", "Receiver[Any]"]:
    """Make a channel with one sender and one receiver.

    Parameters
    ----------
    capacity : int
        Values to keep, >= 1; the ring holds the next power of two.

    Returns
    -------
    sender : Sender
    receiver : Receiver
        Sees every value sent from now on.
    """
    sender: Sender[Any] = Sender(capacity)
    return sender, sender.subscribe()


class Sender(Handle[T]):
    """The writing end of a channel; `Sender(capacity)` makes one without a receiver.

    Parameters
    ----------
    capacity : int
        Values to keep, >= 1; the ring holds the next power of two.

    Notes
    -----
    Values are shared by all receivers, so they must be immutable.
    """

    __slots__ = ()

    def __init__(self, capacity: int) -> None:
        super().__init__(Ring(capacity))
        self._channel.n_senders = 1

    def clone(self) -> Self:
        """Make another sender to the same channel; it has to be closed as well."""
        self._check_open()
        self._channel.n_senders += 1
        return copy(self)

    def subscribe(self) -> "Receiver[T]":
        """Make a receiver that sees only the values sent from now on."""
        self._check_open()
        return Receiver(self._channel)

    def send(self, value: T) -> int:
        """Send a value to every receiver, overwriting the oldest one kept; never wait.

        Parameters
        ----------
        value : T
            An immutable value.

        Returns
        -------
        int
            Number of receivers now, which is no promise that each of them will read the value.

        Raises
        ------
        SendError
            If there is no receiver; nothing is stored then.
        """
        channel = self._channel
        n_receivers = len(channel.receivers)
        if not self._is_open:
            self._check_open()
        if not n_receivers:
            raise SendError(value)
        tail = channel.tail
        channel.ring[tail & channel.mask] = value
        channel.tail = tail + 1
        full = tail - channel.size  # a receiver at this cursor has read nothing that the ring holds
        for receiver, merge in channel.merged.items():
            if receiver.cursor <= full:
                merge.on_overwrite(receiver)
                continue
            ready = merge.ready
            if not ready:
                merge.wake()
            ready.append(receiver)
        if channel.value_waiters:
            channel.wake_receivers()
        return n_receivers

    async def closed(self) -> None:
        """Wait until there is no receiver."""
        self._check_open()
        channel = self._channel
        while channel.receivers:
            waiter = channel.new_future()
            channel.zero_waiters.append(waiter)
            try:
                await waiter
            finally:
                if waiter in channel.zero_waiters:
                    channel.zero_waiters.remove(waiter)

    def close(self) -> None:
        """Close this sender; after the last one, receivers read what is kept and then end."""
        if self._is_open:
            self._is_open = False
            self._channel.remove_sender()

    @property
    def is_closed(self) -> bool:
        """Whether there is no receiver, so that `send` would fail."""
        return not self._channel.receivers

    @property
    def n_senders(self) -> int:
        """Number of open senders of this channel."""
        return self._channel.n_senders

    @property
    def n_receivers(self) -> int:
        """Number of open receivers of this channel."""
        return len(self._channel.receivers)

    @property
    def capacity(self) -> int:
        """Number of values that the ring holds, a power of two."""
        return self._channel.size

    def __len__(self) -> int:
        """Return the number of kept values that some receiver has yet to read."""
        channel = self._channel
        slowest = min((receiver.cursor for receiver in channel.receivers), default=channel.tail)
        return min(channel.tail - slowest, channel.size)

    def __repr__(self) -> str:
        state = "" if self._is_open else " closed"
        return (
            f"<Sender{state} capacity={self.capacity} n_sent={self._channel.tail} "
            f"n_senders={self.n_senders} n_receivers={self.n_receivers}>"
        )


class Receiver(Handle[T]):
    """The reading end of a channel; made by `channel()`, `subscribe()` or `resubscribe()`.

    Attributes
    ----------
    cursor : int
        Position of the next value to read; it moves only when a value or a lag is reported.
    label : Any
        What the owner of its merge wants to know about it; None outside of a merge.
    merge : Merge or None
        What this receiver is a member of.
    """

    __slots__ = ("_is_receiving", "cursor", "label", "merge")

    def __init__(self, channel: Ring[T]) -> None:
        super().__init__(channel)
        self._is_receiving = False
        self.cursor = channel.tail
        self.label: Any = None
        self.merge: Merge[Receiver[T]] | None = None
        channel.receivers[self] = None

    def try_recv(self) -> T:
        """Take the next value without waiting.

        Raises
        ------
        Lagged
            If values were overwritten before they were read; the next call goes on with the
            oldest one kept.
        Empty
            If there is nothing to read now.
        Closed
            If there is nothing to read and no sender left.
        """
        channel = self._channel
        cursor = self.cursor
        n_unread = channel.tail - cursor
        if 0 < n_unread <= channel.size and self._is_open:
            self.cursor = cursor + 1
            return channel.ring[cursor & channel.mask]  # type: ignore[return-value]  # was sent
        self._check_open()
        if n_unread > channel.size:
            self.cursor = channel.tail - channel.size
            raise Lagged(n_unread - channel.size)
        raise Empty if channel.n_senders else Closed

    async def recv(self) -> T:
        """Take the next value, waiting for it; nothing is lost if the wait is cancelled.

        Raises
        ------
        Lagged
            If values were overwritten before they were read.
        Closed
            If there is nothing to read and no sender left.
        RuntimeError
            If another `recv` waits on this receiver, or a merge owns it.
        """
        if self._is_receiving:
            raise RuntimeError("one recv() at a time: another one is waiting on this receiver")
        if self.merge is not None:
            raise RuntimeError("this receiver belongs to a merge: wait for the merge")
        self._is_receiving = True
        try:
            if not self._must_wait():
                await spend_ready_receive()
            while self._must_wait():
                await self._wait()
                restore_budget()
            return self.try_recv()
        finally:
            self._is_receiving = False

    def _must_wait(self) -> bool:
        channel = self._channel
        return self._is_open and self.cursor == channel.tail and channel.n_senders > 0

    async def _wait(self) -> None:
        channel = self._channel
        waiter = channel.value_waiters[self] = channel.new_future()
        try:
            await waiter
        finally:
            channel.value_waiters.pop(self, None)

    def resubscribe(self) -> "Receiver[T]":
        """Make a receiver of the same channel that sees only values sent from now on."""
        self._check_open()
        return Receiver(self._channel)

    def join(self, merge: Merge["Receiver[T]"], label: Any = None) -> None:
        """Become a member of a merge permanently: it gets one entry for every value to read.

        The owner of the merge calls `try_recv` once for each entry, and once more after
        `Lagged`, before it awaits the merge again.

        Parameters
        ----------
        merge : Merge
            What to put the entries into; each is this receiver.
        label : Any, optional
            What the owner wants to know about this member, such as a synapse's strength.

        Raises
        ------
        RuntimeError
            If the receiver waits for a value, or belongs to a merge already, or is closed.
        """
        self._check_open()
        channel = self._channel
        if self.merge is not None or self._is_receiving:
            raise RuntimeError("a receiver that waits or belongs to a merge cannot join one")
        self.merge = merge
        self.label = label
        channel.merged[self] = merge
        merge.on_join([self] * min(len(self), channel.size))
        if channel.n_senders == 0:
            merge.on_end()

    def skip_unread(self) -> None:
        """Skip the unread values: only later ones are seen."""
        self.cursor = self._channel.tail

    def close(self) -> None:
        """Stop listening and drop the unread values."""
        if self._is_open:
            self._is_open = False
            self._channel.remove_receiver(self)

    @property
    def is_closed(self) -> bool:
        """Whether no sender is left, even with values unread."""
        return self._channel.n_senders == 0

    def __len__(self) -> int:
        """Return the number of unread values, lost ones included."""
        return self._channel.tail - self.cursor if self._is_open else 0

    def __repr__(self) -> str:
        state = "" if self._is_open else " closed"
        return f"<Receiver{state} cursor={self.cursor} n_unread={len(self)}>"
