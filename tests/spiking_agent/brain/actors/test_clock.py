"""Clocks: the agenda, the count of deliveries, virtual time, and the wall clock's grid."""

import asyncio

import pytest
from event_loops import FakeTimeLoop, pause, run_on, turns

from spiking_agent.brain.actors.clock import N_SILENT_TICKS, Clock, Jitter, VirtualClock, WallClock


class Bell:
    """Something to schedule: its impulses are dealt with some loop turns later, or never."""

    def __init__(self, clock: Clock, log: list[str], name: str = "bell", n: int = 1) -> None:
        self.clock = clock
        self.log = log
        self.name = name
        self.n = n

    def send(self, tick: int) -> int:
        self.log.append(f"{self.name} sends at {tick}")
        for _ in range(self.n):
            asyncio.get_running_loop().call_soon(self.read, tick)
        return self.n

    def read(self, tick: int) -> None:
        self.log.append(f"{self.name} is heard at {self.clock.tick}")
        self.clock.delivered([tick])


class DeadBell(Bell):
    """Its impulses are never dealt with."""

    def read(self, tick: int) -> None:
        pass


@pytest.fixture(params=[VirtualClock, lambda: WallClock(0.001)], ids=["virtual", "wall"])
def clock(request: pytest.FixtureRequest) -> Clock:
    return request.param()


def test_emitter_scheduled_twice_for_a_tick_sends_once(clock: Clock) -> None:
    log: list[str] = []

    async def scenario() -> None:
        bell = Bell(clock, log)
        clock.schedule(bell, 2)
        clock.schedule(bell, 2)
        clock.schedule(bell, 3)
        for _ in range(4):
            await clock.advance()
        await clock.settle()

    run_on(FakeTimeLoop, scenario())
    assert clock.tick == 4
    assert [line for line in log if "sends" in line] == ["bell sends at 2", "bell sends at 3"]


def test_only_ticks_that_lie_ahead_can_be_scheduled(clock: Clock) -> None:
    bell = Bell(clock, [])
    with pytest.raises(ValueError, match=r"^tick must be > now \(0\), got 0$"):
        clock.schedule(bell, 0)


def test_clear_forgets_what_is_due_and_in_flight(clock: Clock) -> None:
    log: list[str] = []

    async def scenario() -> None:
        clock.schedule(DeadBell(clock, log, "dead"), 1)
        clock.schedule(Bell(clock, log), 2)
        advancing = asyncio.create_task(clock.advance())
        await pause(0.0015)
        advancing.cancel()
        await asyncio.gather(advancing, return_exceptions=True)
        clock.clear()
        await clock.advance()
        await clock.settle()

    run_on(FakeTimeLoop, scenario())
    assert clock.tick == 2
    assert log == ["dead sends at 1"]


def test_failure_is_raised_in_who_waits_and_ever_after(clock: Clock) -> None:
    async def scenario() -> None:
        clock.schedule(DeadBell(clock, []), 1)

        async def one_tick() -> None:
            await clock.advance()
            await clock.settle()

        waiting = asyncio.create_task(one_tick())
        await pause(0.0015)
        clock.fail(OSError("the first"))
        clock.fail(OSError("the second"))
        for work in (waiting, clock.advance(), clock.settle()):
            with pytest.raises(OSError, match="the first"):
                await work
        clock.clear()
        with pytest.raises(OSError, match="the first"):
            await clock.advance()

    run_on(FakeTimeLoop, scenario())


def test_only_one_task_may_wait(clock: Clock) -> None:
    async def scenario() -> None:
        clock.schedule(DeadBell(clock, []), 1)
        first = asyncio.create_task(clock.advance())
        await pause(0.0015)
        if first.done():
            first = asyncio.create_task(clock.settle())
        await turns()
        with pytest.raises(RuntimeError, match="one task at a time"):
            await clock.settle()
        clock.clear()
        await first

    run_on(FakeTimeLoop, scenario())


def test_virtual_time_stands_still_while_anything_is_in_flight() -> None:
    clock = VirtualClock()
    log: list[str] = []

    async def scenario() -> None:
        a, b = Bell(clock, log, "a", n=2), Bell(clock, log, "b")
        clock.schedule(a, 1)
        clock.schedule(b, 1)
        clock.schedule(b, 2)
        await clock.advance()
        log.append("on")
        await clock.advance()

    asyncio.run(scenario())
    assert log == [
        "a sends at 1",  # all that is due, without awaiting in between
        "b sends at 1",
        "a is heard at 1",
        "a is heard at 1",
        "b is heard at 1",
        "on",
        "b sends at 2",
        "b is heard at 2",
    ]
    assert repr(clock) == "<VirtualClock tick=2 n_due=0 n_in_flight=0>"


def test_virtual_clock_first_finishes_an_instant_whose_wait_was_cancelled() -> None:
    clock = VirtualClock()
    log: list[str] = []

    async def scenario() -> None:
        bell = Bell(clock, log)
        clock.schedule(bell, 1)
        clock.schedule(bell, 2)
        first = asyncio.create_task(clock.advance())
        await turns(1)
        assert clock.tick == 1
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await clock.advance()

    asyncio.run(scenario())
    assert log[1:] == ["bell is heard at 1", "bell sends at 2", "bell is heard at 2"]


def test_silent_ticks_of_virtual_time_let_other_tasks_run_now_and_then() -> None:
    async def scenario() -> list[int]:
        clock = VirtualClock()
        seen: list[int] = []

        async def watch() -> None:
            while True:
                seen.append(clock.tick)
                await turns(1)

        watcher = asyncio.create_task(watch())
        for _ in range(3 * N_SILENT_TICKS):
            await clock.advance()
        watcher.cancel()
        await asyncio.gather(watcher, return_exceptions=True)
        return seen

    assert asyncio.run(scenario()) == [128, 256, 384]


@pytest.mark.parametrize("tick_s", [0.0, -1.0, float("nan"), float("inf")])
def test_wall_clock_refuses_impossible_lengths(tick_s: float) -> None:
    with pytest.raises(ValueError, match=r"^tick_s must be > 0 seconds and finite, got"):
        WallClock(tick_s)


def tick_times(clock: WallClock, work_s: list[float]) -> list[float]:
    """Times at which ticks begin if something works for so long within each of them."""

    async def scenario() -> list[float]:
        loop = asyncio.get_running_loop()
        times = []
        clock.resume()
        for seconds in work_s:
            await clock.advance()
            times.append(round(loop.time(), 6))
            loop.work(seconds)
        return times

    return run_on(FakeTimeLoop, scenario())


def test_wall_clock_keeps_a_fixed_grid_whatever_the_work() -> None:
    clock = WallClock(0.010)
    assert tick_times(clock, [0.0, 0.009, 0.002, 0.0]) == [0.01, 0.02, 0.03, 0.04]
    assert clock.jitter == Jitter(n_ticks=4)


def test_wall_clock_begins_late_ticks_at_once_and_counts_the_missed_ones() -> None:
    clock = WallClock(0.010)
    assert tick_times(clock, [0.035, 0, 0, 0, 0]) == [0.01, 0.045, 0.045, 0.045, 0.05]
    jitter = clock.jitter
    assert (jitter.n_ticks, jitter.n_missed_ticks) == (5, 2)  # 25, 15 and 5 ms late
    assert jitter.worst_s == pytest.approx(0.025)


def test_wall_clock_counts_impulses_that_are_heard_late() -> None:
    clock = WallClock(0.010)

    class SlowBell(Bell):
        def read(self, tick: int) -> None:
            asyncio.get_running_loop().work(0.004)
            super().read(tick)

    async def scenario() -> None:
        clock.schedule(SlowBell(clock, [], n=4), 1)  # heard 4, 8, 12 and 16 ms late
        await clock.advance()
        await clock.settle()

    run_on(FakeTimeLoop, scenario())
    jitter = clock.jitter
    assert (jitter.n_impulses, jitter.n_late_impulses) == (4, 2)
    assert jitter.worst_s == pytest.approx(0.016)


def test_wall_clock_does_not_count_a_pause_between_decisions() -> None:
    clock = WallClock(0.010)

    async def scenario() -> list[float]:
        loop = asyncio.get_running_loop()
        times = []
        for pause_s in (0.0, 0.004, 5.0):
            loop.work(pause_s)
            clock.resume()
            await clock.advance()
            times.append(round(loop.time(), 6))
        return times

    assert run_on(FakeTimeLoop, scenario()) == [0.01, 0.02, 5.03]  # the grid moves for the long one
    assert clock.jitter.n_missed_ticks == 0


def test_failure_ends_the_wait_for_a_far_tick() -> None:
    async def scenario() -> float:
        clock = WallClock(1000.0)
        loop = asyncio.get_running_loop()
        loop.call_later(1.0, clock.fail, OSError("died"))
        with pytest.raises(OSError, match="died"):
            await clock.advance()
        return loop.time()

    assert run_on(FakeTimeLoop, scenario()) == 1.0
