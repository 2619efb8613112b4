"""The channel's twelve rules, one by one, and a differential test against a plain model."""

import asyncio

import numpy as np
import pytest
from event_loops import turns
from naive_channel import SLIPS, Answer, NaiveChannel

from spiking_agent.brain.actors.channel import Receiver, Sender, channel
from spiking_agent.brain.actors.fairness import MAX_READY_RECEIVES
from spiking_agent.brain.actors.merge import Merge, WakeUps
from spiking_agent.errors import Closed, Empty, Lagged, SendError


def drain(receiver: Receiver[int]) -> list[int | str]:
    """Take everything there is, lag included."""
    answers: list[int | str] = []
    while True:
        try:
            answers.append(receiver.try_recv())
        except Lagged as lag:
            answers.append(str(lag))
        except (Empty, Closed) as end:
            return [*answers, str(end)]


def send_all(sender: Sender[int], n: int) -> None:
    for value in range(n):
        sender.send(value)


@pytest.mark.parametrize(
    ("asked", "held"), [(1, 1), (2, 2), (3, 4), (4, 4), (5, 8), (np.int64(9), 16)]
)
def test_rule_01_the_ring_holds_the_next_power_of_two(asked: int, held: int) -> None:
    sender, receiver = channel(asked)
    assert sender.capacity == held
    assert receiver.cursor == 0
    send_all(sender, held + 3)
    with pytest.raises(Lagged, match=r"^channel lagged by 3$"):
        receiver.try_recv()


@pytest.mark.parametrize("capacity", [0, -1])
def test_rule_01_a_capacity_below_one_is_refused(capacity: int) -> None:
    with pytest.raises(ValueError, match=rf"^capacity must be >= 1, got {capacity}$"):
        channel(capacity)
    with pytest.raises(TypeError):
        Sender(2.0)


def test_rule_02_send_returns_the_number_of_receivers_and_never_waits() -> None:
    sender, first = channel(2)
    second = first.resubscribe()
    assert [sender.send(value) for value in range(5)] == [2] * 5
    assert drain(first) == drain(second) == ["channel lagged by 3", 3, 4, "channel empty"]


def test_rule_02_send_without_receivers_fails_with_the_value_and_stores_nothing() -> None:
    sender, receiver = channel(4)
    receiver.close()
    assert sender.is_closed
    with pytest.raises(SendError, match=r"^channel closed$") as error:
        sender.send("lost")
    assert error.value.value == "lost"
    with sender.subscribe() as later:
        assert not sender.is_closed
        assert sender.send("heard") == 1
        assert drain(later) == ["heard", "channel empty"]


def test_rule_02_send_wakes_every_waiter_in_waiting_order() -> None:
    async def scenario() -> list[str]:
        sender, first = channel(4)
        log: list[str] = []

        async def listen(name: str, receiver: Receiver[str]) -> None:
            log.append(f"{name} {await receiver.recv()}")

        receivers = {"c": first, "a": sender.subscribe(), "b": sender.subscribe()}
        async with asyncio.TaskGroup() as tasks:
            for name in "abc":
                tasks.create_task(listen(name, receivers[name]))
            await turns()
            sender.send("x")
            assert log == []  # nobody is resumed inside send
        return log

    assert asyncio.run(scenario()) == ["a x", "b x", "c x"]


def test_rule_03_subscribers_see_only_later_values() -> None:
    sender, first = channel(4)
    sender.send(0)
    subscribed, resubscribed = sender.subscribe(), first.resubscribe()
    sender.send(1)
    assert drain(first) == [0, 1, "channel empty"]
    assert drain(subscribed) == drain(resubscribed) == [1, "channel empty"]


def test_rule_04_all_receivers_see_one_order_whoever_sends() -> None:
    first, receiver = channel(8)
    second, other = first.clone(), first.subscribe()
    for value in range(3):
        first.send(("first", value))
        second.send(("second", value))
    assert drain(receiver) == drain(other)


def test_rule_05_values_come_before_the_end_and_lag_before_values() -> None:
    sender, receiver = channel(2)
    send_all(sender, 4)
    sender.close()
    assert drain(receiver) == ["channel lagged by 2", 2, 3, "channel closed"]


def test_rule_05_lag_is_reckoned_when_it_is_asked_for() -> None:
    async def scenario() -> None:
        sender, receiver = channel(2)
        send_all(sender, 4)
        sender.send(4)
        with pytest.raises(Lagged) as lag:
            await receiver.recv()
        assert lag.value.skipped == 3
        assert await receiver.recv() == 3

    asyncio.run(scenario())


def test_rule_06_lag_does_not_unsubscribe_and_may_come_again() -> None:
    sender, slow = channel(2)
    quick = sender.subscribe()
    for value in range(4):
        sender.send(value)
        assert quick.try_recv() == value  # each receiver lags alone
    with pytest.raises(Lagged, match="by 2"):
        slow.try_recv()
    sender.send(4)  # overwrites the value that was next
    with pytest.raises(Lagged, match="by 1"):
        slow.try_recv()
    assert drain(slow) == [3, 4, "channel empty"]


def test_rule_07_receivers_drain_what_is_kept_after_the_last_sender_closed() -> None:
    async def scenario() -> None:
        sender, receiver = channel(2)
        twin = sender.clone()
        send_all(twin, 3)
        sender.close()
        assert not receiver.is_closed
        twin.close()
        assert receiver.is_closed  # with values unread
        with pytest.raises(Lagged):
            await receiver.recv()
        assert [await receiver.recv(), await receiver.recv()] == [1, 2]
        for _ in range(2):
            with pytest.raises(Closed, match=r"^channel closed$"):
                await receiver.recv()

    asyncio.run(scenario())


def test_rule_07_closing_the_last_sender_ends_a_wait() -> None:
    async def scenario() -> None:
        sender, receiver = channel(2)
        waiting = asyncio.create_task(receiver.recv())
        await turns()
        sender.close()
        with pytest.raises(Closed):
            await waiting

    asyncio.run(scenario())


def test_rule_08_closed_waits_until_nobody_listens() -> None:
    async def scenario() -> None:
        sender: Sender[int] = Sender(1)
        await sender.closed()  # made without a receiver
        first, second = sender.subscribe(), sender.subscribe()
        waiting = asyncio.create_task(sender.closed())
        await turns()
        first.close()
        await turns()
        assert not waiting.done()
        second.close()
        await waiting
        with sender.subscribe():
            again = asyncio.create_task(sender.closed())
            await turns()
            assert not again.done()
        await again

    asyncio.run(scenario())


def test_rule_08_closed_goes_on_waiting_if_somebody_subscribes_at_once() -> None:
    async def scenario() -> None:
        sender, receiver = channel(1)
        waiting = asyncio.create_task(sender.closed())
        await turns()
        receiver.close()
        late = sender.subscribe()
        await turns()
        assert not waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        late.close()  # wakes nobody, and does not trip over who has left

    asyncio.run(scenario())


def test_rule_09_lengths_count_unread_and_owed_values() -> None:
    sender, slow = channel(4)
    quick = sender.subscribe()
    send_all(sender, 6)
    assert (len(slow), len(quick), len(sender)) == (6, 6, 4)  # lost values included
    with pytest.raises(Lagged, match="by 2"):
        quick.try_recv()
    assert [quick.try_recv() for _ in range(3)] == [2, 3, 4]
    assert (len(quick), len(sender)) == (1, 4)
    slow.close()  # gives up its unread values
    assert (len(slow), len(sender)) == (0, 1)
    quick.close()
    assert len(sender) == 0


def test_rule_09_lag_follows_exactly_when_the_length_exceeds_the_ring() -> None:
    sender, receiver = channel(2)
    for value in range(5):
        if len(receiver) > sender.capacity:
            with pytest.raises(Lagged):
                receiver.try_recv()
            receiver.try_recv()
        sender.send(value)
    assert receiver.cursor == 2


def test_rule_10_try_recv_says_empty_instead_of_waiting() -> None:
    sender, receiver = channel(1)
    with pytest.raises(Empty, match=r"^channel empty$"):
        receiver.try_recv()
    sender.close()
    with pytest.raises(Closed, match=r"^channel closed$"):
        receiver.try_recv()


def test_rule_11_a_cancelled_recv_loses_nothing() -> None:
    async def scenario() -> None:
        sender, receiver = channel(4)
        waiting = asyncio.create_task(receiver.recv())
        await turns()
        sender.send(7)  # wakes the task, which is cancelled before it runs
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await receiver.recv() == 7

    asyncio.run(scenario())


def test_rule_11_a_second_recv_at_the_same_time_is_refused() -> None:
    async def scenario() -> None:
        sender, receiver = channel(4)
        waiting = asyncio.create_task(receiver.recv())
        await turns()
        with pytest.raises(RuntimeError, match="one recv\\(\\) at a time"):
            await receiver.recv()
        sender.send(1)
        assert await waiting == 1

    asyncio.run(scenario())


def test_rule_11_a_burst_overruns_even_a_waiting_receiver() -> None:
    async def scenario() -> None:
        sender, receiver = channel(2)
        waiting = asyncio.create_task(receiver.recv())
        await turns()
        send_all(sender, 5)
        with pytest.raises(Lagged, match="by 3"):
            await waiting

    asyncio.run(scenario())


@pytest.mark.parametrize("n_receivers", [1, 2])
def test_rule_12_ready_receives_let_others_run_after_128_in_a_row(n_receivers: int) -> None:
    async def scenario() -> list[int]:
        sender, first = channel(1024)
        receivers = [first, *(sender.subscribe() for _ in range(n_receivers - 1))]
        send_all(sender, 600)
        n_received = 0
        seen: list[int] = []

        async def watch() -> None:
            while True:
                seen.append(n_received)
                await turns(1)

        watcher = asyncio.create_task(watch())
        for i in range(600):
            await receivers[i % n_receivers].recv()
            n_received += 1
        watcher.cancel()
        await asyncio.gather(watcher, return_exceptions=True)
        return seen

    assert MAX_READY_RECEIVES == 128
    assert asyncio.run(scenario())[:4] == [128, 256, 384, 512]


def test_rule_12_a_value_taken_while_a_receive_lets_others_run_is_not_missed() -> None:
    async def scenario() -> None:
        sender, receiver = channel(1024)
        send_all(sender, 129)

        async def take_last() -> None:
            assert receiver.try_recv() == 128
            sender.send(7)

        for _ in range(128):
            await receiver.recv()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(take_last())
            assert await receiver.recv() == 7

    asyncio.run(scenario())


def test_rule_12_handles_close_themselves_and_refuse_to_be_used_afterwards() -> None:
    with Sender(2) as sender:
        with sender.subscribe() as receiver:
            assert (sender.n_senders, sender.n_receivers) == (1, 1)
            assert repr(receiver) == "<Receiver cursor=0 n_unread=0>"
        assert repr(receiver) == "<Receiver closed cursor=0 n_unread=0>"
        assert sender.n_receivers == 0
        for call in (receiver.try_recv, receiver.resubscribe, lambda: receiver.join(Merge())):
            with pytest.raises(RuntimeError, match="this receiver was closed"):
                call()
        receiver.close()
    sender.close()
    assert repr(sender) == "<Sender closed capacity=2 n_sent=0 n_senders=0 n_receivers=0>"
    for call in (sender.subscribe, sender.clone, lambda: sender.send(1)):
        with pytest.raises(RuntimeError, match="this sender was closed"):
            call()


def test_rule_12_closing_a_receiver_ends_its_own_wait() -> None:
    async def scenario() -> None:
        _, receiver = channel(2)
        waiting = asyncio.create_task(receiver.recv())
        await turns()
        receiver.close()
        with pytest.raises(RuntimeError, match="this receiver was closed"):
            await waiting

    asyncio.run(scenario())


def test_rule_12_a_channel_belongs_to_one_event_loop() -> None:
    _, receiver = channel(2)
    with pytest.raises(TimeoutError):
        asyncio.run(wait_and_time_out(receiver))
    with pytest.raises(RuntimeError, match="one event loop"):
        asyncio.run(receiver.recv())


async def wait_and_time_out(receiver: Receiver[int]) -> None:
    async with asyncio.timeout(0.001):
        await receiver.recv()


# A differential test: the same calls on the channel and on the plain model.


class RealChannel:
    """The channel under test, with the model's interface."""

    def __init__(self, capacity: int) -> None:
        sender, receiver = channel(capacity)
        self.origin = sender  # for asking lengths
        self.senders: dict[int, Sender[int]] = {0: sender}
        self.receivers: dict[int, Receiver[int]] = {0: receiver}

    def a_sender(self) -> Sender[int]:
        return next(iter(self.senders.values()))

    def send(self, value: int) -> Answer:
        try:
            return ("sent", self.a_sender().send(value))
        except SendError as error:
            return ("send error", error.value)

    def try_recv(self, receiver: int) -> Answer:
        try:
            return ("value", self.receivers[receiver].try_recv())
        except Lagged as lag:
            return ("lagged", lag.skipped)
        except Empty:
            return ("empty",)
        except Closed:
            return ("closed",)

    def subscribe(self, receiver: int) -> Answer:
        source = self.a_sender().subscribe if receiver % 2 or not self.receivers else (
            next(iter(self.receivers.values())).resubscribe
        )  # fmt: skip
        self.receivers[receiver] = source()
        return ("ok",)

    def clone(self, sender: int) -> Answer:
        self.senders[sender] = self.a_sender().clone()
        return ("ok",)

    def close_receiver(self, receiver: int) -> Answer:
        self.receivers.pop(receiver).close()
        return ("ok",)

    def close_sender(self, sender: int) -> Answer:
        self.senders.pop(sender).close()
        return ("ok",)

    def len_receiver(self, receiver: int) -> Answer:
        return ("len", len(self.receivers[receiver]))

    def len_sender(self) -> Answer:
        return ("len", len(self.origin))

    def counts(self) -> Answer:
        return ("counts", self.origin.n_senders, self.origin.n_receivers)


def first_difference(model_class: type[NaiveChannel], seed: int, n_calls: int) -> str | None:
    """Play one random trace on both channels; describe where the answers part."""
    rng = np.random.default_rng(seed)
    capacity = int(rng.integers(1, 7))
    model, real = model_class(capacity), RealChannel(capacity)
    senders, receivers, n_handles = [0], [0], 1
    for i in range(n_calls):
        calls: list[tuple[str, list[int]]] = [("len_sender", []), ("counts", [])]
        calls += [("try_recv", [r]) for r in receivers] + [("len_receiver", [r]) for r in receivers]
        if senders:
            calls += [("send", [i])] * (1 + len(receivers)) + [("subscribe", [n_handles])]
            calls += [("clone", [n_handles])]
        if len(senders) > 1 or rng.random() < 0.05:
            calls += [("close_sender", [s]) for s in senders]
        calls += [("close_receiver", [r]) for r in receivers if rng.random() < 0.5]
        name, arguments = calls[rng.integers(len(calls))]
        expected = getattr(model, name)(*arguments)
        got = getattr(real, name)(*arguments)
        if got != expected:
            return f"seed {seed}, call {i}, {name}{arguments}: {got}, the model says {expected}"
        n_handles += 1
        for handles, opening, closing in (
            (senders, "clone", "close_sender"),
            (receivers, "subscribe", "close_receiver"),
        ):
            if name == opening:
                handles.append(arguments[0])
            elif name == closing:
                handles.remove(arguments[0])
    return None


def test_channel_answers_like_the_plain_model_on_random_traces() -> None:
    for seed in range(400):
        assert first_difference(NaiveChannel, seed, n_calls=80) is None


@pytest.mark.parametrize("slip", SLIPS)
def test_random_traces_catch_a_planted_slip(slip: type[NaiveChannel]) -> None:
    assert any(first_difference(slip, seed, n_calls=80) for seed in range(100))


# Merges: many receivers, one task.


def merged(merge: Merge[Receiver[int]], capacity: int = 4) -> tuple[Sender[int], Receiver[int]]:
    sender, receiver = channel(capacity)
    receiver.join(merge)
    return sender, receiver


def test_merge_hands_over_one_entry_per_value_in_order_of_arrival() -> None:
    async def scenario() -> None:
        merge: Merge[Receiver[int]] = Merge()
        (a, at_a), (b, at_b) = merged(merge), merged(merge)
        waiting = asyncio.ensure_future(merge)
        await turns()
        a.send(1)
        b.send(2)
        a.send(3)
        assert not waiting.done()  # nobody is resumed inside send
        entries = await waiting
        assert entries == [at_a, at_b, at_a]
        assert [entry.try_recv() for entry in entries] == [1, 2, 3]
        assert repr(merge) == "<Merge n_open=2 n_ready=0>"

    asyncio.run(scenario())


def test_merge_does_not_lose_a_value_sent_before_the_first_wait() -> None:
    async def scenario() -> None:
        merge: Merge[Receiver[int]] = Merge()
        sender, receiver = channel(4)
        send_all(sender, 6)  # before it joins: a ring of four keeps four
        receiver.join(merge)
        assert await merge == [receiver] * 4
        assert drain(receiver) == ["channel lagged by 2", 2, 3, 4, 5, "channel empty"]

    asyncio.run(scenario())


def test_merge_stays_bounded_and_in_order_when_a_ring_is_overrun() -> None:
    async def scenario() -> None:
        merge: Merge[Receiver[int]] = Merge()
        (a, at_a), (b, at_b) = merged(merge, 2), merged(merge, 2)
        send_all(a, 2)
        b.send(10)
        send_all(a, 50)  # the kept ones are now the newest of all
        entries = await merge
        assert entries == [at_b, at_a, at_a]
        send_all(a, 3)  # no place is free until the owner has read
        assert merge.ready == []
        assert at_b.try_recv() == 10
        with pytest.raises(Lagged):
            at_a.try_recv()
        assert [at_a.try_recv(), at_a.try_recv()] == [1, 2]
        a.send(9)
        assert await merge == [at_a]

    asyncio.run(scenario())


def test_merge_ends_when_no_member_can_get_another_value() -> None:
    async def scenario() -> None:
        merge: Merge[Receiver[int]] = Merge()
        (a, at_a), (b, at_b), (c, at_c) = (merged(merge) for _ in range(3))
        c.send(5)
        at_c.close()  # takes its entry along
        c.close()
        assert merge.ready == []
        a.send(1)
        a.close()
        b.send(2)
        waiting = asyncio.ensure_future(merge)
        assert await waiting == [at_a, at_b]
        waiting = asyncio.ensure_future(merge)
        await turns()
        assert not waiting.done()
        b.close()
        with pytest.raises(Closed):
            await waiting
        late = channel(1)
        late[0].close()
        late[1].join(merge)  # a member that has ended already
        with pytest.raises(Closed):
            await merge

    asyncio.run(scenario())


def test_merge_wait_can_be_cancelled_without_losing_entries() -> None:
    async def scenario() -> None:
        merge: Merge[Receiver[int]] = Merge()
        sender, receiver = merged(merge)
        for is_sent_first in (False, True):
            waiting = asyncio.ensure_future(merge)
            await turns()
            if is_sent_first:
                sender.send(1)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
        assert await merge == [receiver]
        assert receiver.try_recv() == 1
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.001):
                await merge

    asyncio.run(scenario())


def test_merge_that_was_woken_twice_goes_on_waiting() -> None:
    async def scenario() -> None:
        merge: Merge[Receiver[int]] = Merge()
        sender, receiver = merged(merge)
        n_read = 0

        async def listen() -> None:
            nonlocal n_read
            while True:
                try:
                    n_read += len(await merge)
                except asyncio.CancelledError as error:
                    assert error.args == ("why",)  # noqa: PT017

        listening = asyncio.create_task(listen())
        await turns()
        sender.send(1)
        listening.cancel("why")  # wakes the task again, before it has run
        await turns()
        assert (n_read, listening.done()) == (1, False)
        sender.send(2)
        await turns()
        assert n_read == 2
        sender.close()
        receiver.close()
        with pytest.raises(Closed):
            await listening

    asyncio.run(scenario())


def test_members_of_a_merge_carry_labels() -> None:
    merge: Merge[Receiver[int]] = Merge()
    sender, plain = merged(merge)
    labelled = sender.subscribe()
    labelled.join(merge, label=-3)
    sender.send(1)
    assert [member.label for member in merge.take()] == [None, -3]
    assert plain.resubscribe().label is labelled.resubscribe().label is None


def test_merge_refuses_a_second_owner_and_its_members_a_second_reader() -> None:
    async def scenario() -> None:
        merge: Merge[Receiver[int]] = Merge()
        sender, receiver = merged(merge)
        waiting = asyncio.ensure_future(merge)
        await turns()
        with pytest.raises(RuntimeError, match="one task at a time"):
            await merge
        with pytest.raises(RuntimeError, match="belongs to a merge"):
            await receiver.recv()
        with pytest.raises(RuntimeError, match="cannot join"):
            receiver.join(Merge())
        sender.send(1)
        await waiting

    asyncio.run(scenario())


def test_merges_that_share_wake_ups_are_resumed_in_the_order_of_waking() -> None:
    async def scenario() -> list[str]:
        wake_ups = WakeUps()
        log: list[str] = []
        sends = {}

        async def listen(name: str, merge: Merge[Receiver[int]]) -> None:
            await merge
            log.append(name)

        async with asyncio.TaskGroup() as tasks:
            for name in "abcd":
                merge: Merge[Receiver[int]] = Merge(wake_ups)
                sends[name] = merged(merge)[0]
                task = tasks.create_task(listen(name, merge))
                if name == "d":
                    await turns()
                    task.cancel()  # the others do not mind
            for name in "cab":
                sends[name].send(0)
        return log

    assert asyncio.run(scenario()) == ["c", "a", "b"]


class Gate:
    """Stands for a task that was woken."""

    def __init__(self, log: list[str], name: str) -> None:
        self.log = log
        self.name = name

    def resume(self) -> None:
        self.log.append(self.name)
        if self.name == "interrupted":
            raise KeyboardInterrupt


def test_an_interrupted_task_does_not_take_the_wake_ups_of_others_along() -> None:
    log: list[str] = []
    loop = asyncio.new_event_loop()
    wake_ups = WakeUps()
    wake_ups.loop = loop
    for name in ("first", "interrupted", "last"):
        wake_ups.add(Gate(log, name))
    with pytest.raises(KeyboardInterrupt):
        loop.run_until_complete(turns())
    assert log == ["first", "interrupted"]
    loop.run_until_complete(turns())
    assert log == ["first", "interrupted", "last"]
    loop.close()
