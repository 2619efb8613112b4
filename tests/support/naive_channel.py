"""The broadcast channel as plainly as it can be said, and some wrong ones that tests must catch.

Every value ever sent is kept; a receiver is a position. Each call answers with a tuple.
"""

from typing import Any

Answer = tuple[Any, ...]


class NaiveChannel:
    """Calls name handles by numbers; sender 0 and receiver 0 exist from the start."""

    def __init__(self, capacity: int) -> None:
        self.size = 1
        while self.size < capacity:
            self.size *= 2
        self.sent: list[int] = []
        self.senders = {0}
        self.positions = {0: 0}  # of the open receivers: how many of `sent` lie behind them

    def oldest_kept(self) -> int:
        return max(0, len(self.sent) - self.size)

    def n_skipped(self, position: int) -> int:
        return self.oldest_kept() - position

    def first_position(self) -> int:
        return len(self.sent)

    def send(self, value: int) -> Answer:
        if not self.positions:
            return ("send error", value)
        self.sent.append(value)
        return ("sent", len(self.positions))

    def try_recv(self, receiver: int) -> Answer:
        position = self.positions[receiver]
        if position < self.oldest_kept():
            self.positions[receiver] = self.oldest_kept()
            return ("lagged", self.n_skipped(position))
        if position < len(self.sent):
            self.positions[receiver] += 1
            return ("value", self.sent[position])
        return ("empty",) if self.senders else ("closed",)

    def subscribe(self, receiver: int) -> Answer:
        self.positions[receiver] = self.first_position()
        return ("ok",)

    def clone(self, sender: int) -> Answer:
        self.senders.add(sender)
        return ("ok",)

    def close_receiver(self, receiver: int) -> Answer:
        del self.positions[receiver]
        return ("ok",)

    def close_sender(self, sender: int) -> Answer:
        self.senders.remove(sender)
        return ("ok",)

    def len_receiver(self, receiver: int) -> Answer:
        return ("len", len(self.sent) - self.positions[receiver])

    def len_sender(self) -> Answer:
        kept = range(self.oldest_kept(), len(self.sent))
        owed = [i for i in kept if any(position <= i for position in self.positions.values())]
        return ("len", len(owed))

    def counts(self) -> Answer:
        return ("counts", len(self.senders), len(self.positions))


class LagOffByOne(NaiveChannel):
    def n_skipped(self, position: int) -> int:
        return super().n_skipped(position) - 1


class LagFromCapacityAsked(NaiveChannel):
    def __init__(self, capacity: int) -> None:
        super().__init__(capacity)
        self.size = capacity


class EarlySubscribe(NaiveChannel):
    def first_position(self) -> int:
        return self.oldest_kept()


class NoReopening(NaiveChannel):
    is_over = False

    def close_receiver(self, receiver: int) -> Answer:
        answer = super().close_receiver(receiver)
        self.is_over = self.is_over or not self.positions
        return answer

    def send(self, value: int) -> Answer:
        return ("send error", value) if self.is_over else super().send(value)


class LastReceiverDoesNotClose(NaiveChannel):
    def send(self, value: int) -> Answer:
        self.sent.append(value)
        return ("sent", len(self.positions))


class LastSenderDoesNotClose(NaiveChannel):
    def close_sender(self, sender: int) -> Answer:
        if len(self.senders) > 1:
            self.senders.remove(sender)
        return ("ok",)


class ClosingReceiverKeepsItsDebt(NaiveChannel):
    def __init__(self, capacity: int) -> None:
        super().__init__(capacity)
        self.debts: list[int] = []

    def close_receiver(self, receiver: int) -> Answer:
        self.debts.append(self.positions[receiver])
        return super().close_receiver(receiver)

    def len_sender(self) -> Answer:
        oldest = min([*self.debts, *self.positions.values(), len(self.sent)])
        return ("len", len(self.sent) - max(oldest, self.oldest_kept()))


class LagUnsubscribes(NaiveChannel):
    def try_recv(self, receiver: int) -> Answer:
        answer = super().try_recv(receiver)
        if answer[0] == "lagged":
            self.positions[receiver] = len(self.sent)
        return answer


SLIPS = [
    LagOffByOne,
    LagFromCapacityAsked,
    EarlySubscribe,
    NoReopening,
    LastReceiverDoesNotClose,
    LastSenderDoesNotClose,
    ClosingReceiverKeepsItsDebt,
    LagUnsubscribes,
]
