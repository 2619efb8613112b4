"""The brain of actors: against a plain simulation, in any order, on both clocks, to its end."""

import asyncio
from collections.abc import Generator, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from event_loops import FakeTimeLoop, ShuffledLoop, ShuffledWakeUps, run_on, turns
from exploding_rule import ExplodingRule
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_brain import NaiveBrain
from random_connectomes import connectomes, random_connectome, random_drive

from spiking_agent.brain.actors import wiring
from spiking_agent.brain.actors.brain import Brain
from spiking_agent.brain.actors.clock import VirtualClock, WallClock
from spiking_agent.brain.actors.merge import Merge
from spiking_agent.brain.connectome import Connectome
from spiking_agent.errors import MissedImpulsesError

Decisions = Sequence[tuple[npt.NDArray[np.uint8], int]]


def chain(
    strength: int = 2, *, n: int = 3, threshold: float = 1.0, refractory_period: int = 0
) -> Connectome:
    """Neuron 0 excites 1, 1 excites 2, and so on; with delays of 1, 2, 3, ... ticks."""
    return Connectome(
        connectivity=np.eye(n, k=1, dtype=np.int8) * strength,
        threshold=np.full(n, threshold),
        decay=np.full(n, 0.5),
        refractory_period=np.full(n, refractory_period),
        initiation_delay=np.arange(1, n + 1),
        input_neurons=[0],
        output_neurons=[n - 1, 0],
    )


def drive_for(*values: int) -> npt.NDArray[np.uint8]:
    """Drive a single input neuron, tick by tick."""
    return np.array(values, np.uint8)[:, None]


def draw_decisions(rng: np.random.Generator, connectome: Connectome, n: int = 4) -> Decisions:
    lengths = [int(n_ticks) for n_ticks in rng.integers(1, 13, n)]
    return [(random_drive(rng, connectome, n_ticks), n_ticks) for n_ticks in lengths]


async def live(
    connectome: Connectome, decisions: Decisions, *, carry_state: bool = True, **options: Any
) -> tuple[list[list[int]], list[list[int]]]:
    """Counts of all decisions, and the raster, of a brain of actors."""
    counts = []
    async with Brain(connectome, record=True, **options) as brain:
        for drive, n_ticks in decisions:
            if not carry_state:
                brain.clear()
            counts.append((await brain.decide(drive, n_ticks)).tolist())
        assert brain.tick == sum(n_ticks for _, n_ticks in decisions)
        return counts, brain.raster.tolist()


def simulate(
    connectome: Connectome, decisions: Decisions, *, carry_state: bool = True, extra_delay: int = 0
) -> tuple[list[list[int]], list[list[int]]]:
    """The same of the plain simulation."""
    brain = NaiveBrain(connectome, extra_delay=extra_delay)
    counts = []
    for drive, n_ticks in decisions:
        if not carry_state:
            brain.clear()
        counts.append(brain.decide(drive, n_ticks))
    return counts, sorted(map(list, brain.raster))


def test_impulse_travels_along_a_chain_with_the_delays_of_its_neurons() -> None:
    counts, raster = asyncio.run(live(chain(), [(drive_for(1, 0, 0, 0), 4), (drive_for(0), 5)]))
    assert raster == [[1, 1], [3, 2]]  # the driven neuron itself does not spike
    assert counts == [[1, 0], [0, 0]]


def test_drive_of_one_row_means_the_same_on_every_tick() -> None:
    spread, repeated = (
        asyncio.run(live(chain(), [(drive, 6)])) for drive in (drive_for(9), drive_for(*[1] * 6))
    )
    assert spread == repeated
    assert spread[0] == [[4, 0]]


def test_driven_input_keeps_its_potential_and_sends_once_even_if_it_fires() -> None:
    connectome = Connectome(
        connectivity=[[0, 3, 3], [3, 0, 0], [0, 0, 0]],
        threshold=[2.0, 2.0, 100.0],
        decay=[1.0, 1.0, 1.0],
        refractory_period=[0, 0, 0],
        initiation_delay=[1, 1, 1],
        input_neurons=[0, 1],
        output_neurons=[2],
    )
    drive = np.array([[1, 1], [1, 0], [0, 0]], np.uint8)

    async def scenario() -> None:
        async with Brain(connectome, record=True) as brain:
            await brain.decide(drive, 3)
            assert brain.raster.tolist() == [[1, 0], [1, 1], [2, 0], [2, 1], [3, 0], [3, 1]]
            # neuron 0 sent at 0 (driven), 1 (driven and firing) and 2: three impulses of 3
            assert brain.potentials.tolist() == [0.0, 0.0, 9.0]

    asyncio.run(scenario())


def test_next_decision_starts_where_the_last_one_ended() -> None:
    connectome, rng = random_connectome(np.random.default_rng(5), 20), np.random.default_rng(4)
    drive = (rng.random((12, connectome.n_inputs)) < 0.5).astype(np.uint8)
    whole = asyncio.run(live(connectome, [(drive, 12)]))
    parts = asyncio.run(live(connectome, [(drive[:5], 5), (drive[5:6], 1), (drive[6:], 6)]))
    assert len(whole[1]) > 10
    assert parts[1] == whole[1]
    assert np.sum(parts[0], axis=0).tolist() == whole[0][0]


def test_potentials_are_those_of_now_and_a_copy() -> None:
    async def scenario() -> None:
        async with Brain(chain(threshold=10.0)) as brain:
            await brain.decide(drive_for(1, 0, 0), 3)
            potentials = brain.potentials
            np.testing.assert_array_equal(potentials, np.float32([0.0, 0.5, 0.0]))  # 2, 1, 0.5
            assert potentials.dtype == np.float32
            potentials[:] = 99.0
            await brain.decide(drive_for(0), 1)
            assert brain.potentials.tolist() == [0.0, 0.25, 0.0]

    asyncio.run(scenario())


def test_clear_forgets_potentials_refractory_periods_and_impulses_in_flight() -> None:
    async def scenario() -> None:
        async with Brain(chain(refractory_period=9), record=True) as brain:
            await brain.decide(drive_for(1, 1), 2)  # neuron 1 fires at 1, its impulse due at 3
            brain.clear()
            assert brain.potentials.tolist() == [0.0, 0.0, 0.0]
            await brain.decide(drive_for(1, 0, 0, 0), 4)
            assert brain.raster.tolist() == [[1, 1], [3, 1], [5, 2]]
            assert brain.tick == 6

    asyncio.run(scenario())


def test_clear_drops_what_lies_unread_in_the_channels() -> None:
    async def scenario() -> None:
        async with Brain(chain(threshold=10.0)) as brain:
            await brain.decide(drive_for(0), 1)
            [(axon, _)] = brain._axons[0]
            axon.send(brain.tick)
            brain.clear()
            await turns()
            assert not brain.potentials.any()
            await brain.decide(drive_for(1), 1)
            assert brain.potentials.tolist() == [0.0, 2.0, 0.0]

    asyncio.run(scenario())


shares: list[float] = []  # of neuron-ticks with a spike, over the examples of a test


@settings(max_examples=400, deadline=None, derandomize=True)
@given(connectome=connectomes(), seed=st.integers(0, 2**32 - 1), carry_state=st.booleans())
def check_against_the_plain_simulation(
    connectome: Connectome, seed: int, *, carry_state: bool
) -> None:
    decisions = draw_decisions(np.random.default_rng(seed), connectome)
    lived = asyncio.run(live(connectome, decisions, carry_state=carry_state))
    assert lived == simulate(connectome, decisions, carry_state=carry_state)
    n_neuron_ticks = connectome.n_neurons * sum(n_ticks for _, n_ticks in decisions)
    shares.append(len(lived[1]) / n_neuron_ticks)


@pytest.mark.slow
def test_raster_is_that_of_the_plain_simulation() -> None:
    shares.clear()
    check_against_the_plain_simulation()
    share_lively = np.mean([0.02 <= share <= 0.5 for share in shares])
    assert share_lively >= 0.5, f"only {share_lively:.0%} of {len(shares)} examples are lively"


def test_comparison_catches_a_planted_slip_in_the_delay() -> None:
    n_caught = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        connectome = random_connectome(rng)
        decisions = draw_decisions(rng, connectome)
        lived = asyncio.run(live(connectome, decisions))
        n_caught += lived != simulate(connectome, decisions, extra_delay=1)
    assert n_caught >= 15


@pytest.mark.parametrize("threshold", [100.0, 900.0])
def test_512_neurons_of_full_strength_agree_too(threshold: float) -> None:
    rng = np.random.default_rng(512)
    n = 512
    strength = np.where(rng.random((n, n)) < 0.6, 127, -127)
    connectivity = np.where(rng.random((n, n)) < 0.05, strength, 0)
    np.fill_diagonal(connectivity, 0)
    connectivity[:400, 500] = 127  # sums far beyond 16 bits
    connectivity[:400, 501] = -127
    connectome = Connectome(
        connectivity=connectivity,
        threshold=np.full(n, threshold),
        decay=rng.random(n),
        refractory_period=rng.integers(0, 4, n),
        initiation_delay=rng.integers(1, 5, n),
        input_neurons=np.arange(400),
        output_neurons=np.arange(490, n),
    )
    decisions = [(np.ones((1, 400), np.uint8), 6), (np.zeros((1, 400), np.uint8), 6)]
    lived = asyncio.run(live(connectome, decisions))
    assert len(lived[1]) > 100
    assert lived == simulate(connectome, decisions)


def networks_that_depend_on_order(n_networks: int) -> list[int]:
    """Networks (by seed) with another raster when the loop is shuffled (by other seeds)."""
    found = []
    for seed in range(n_networks):
        rng = np.random.default_rng(seed)
        connectome = random_connectome(rng)
        decisions = draw_decisions(rng, connectome)
        lives = [
            run_on(partial(ShuffledLoop, shuffle_seed), live(connectome, decisions))
            for shuffle_seed in range(3 * seed, 3 * seed + 3)
        ]
        if lives[0] != lives[1] or lives[0] != lives[2]:
            found.append(seed)
    return found


@pytest.mark.slow
def test_raster_does_not_depend_on_the_order_in_which_the_loop_runs_tasks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wiring, "WakeUps", ShuffledWakeUps)
    assert networks_that_depend_on_order(200) == []


@pytest.mark.slow
def test_shuffling_catches_neurons_that_do_not_sum_up_an_instant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class HastyMerge(Merge[Any]):
        """Hands over one entry at a time, so that the threshold is asked for each impulse."""

        def __await__(self) -> Generator[Any, None, list[Any]]:
            entries = yield from super().__await__()
            self.ready[:0] = entries[1:]
            return entries[:1]

    monkeypatch.setattr(wiring, "WakeUps", ShuffledWakeUps)
    monkeypatch.setattr(wiring, "Merge", HastyMerge)
    assert len(networks_that_depend_on_order(20)) >= 5


def test_wall_clock_gives_the_same_raster_when_it_keeps_up() -> None:
    rng = np.random.default_rng(8)
    connectome = random_connectome(rng, 30)
    decisions = draw_decisions(rng, connectome)
    clock = WallClock(0.01)
    lived = run_on(FakeTimeLoop, live(connectome, decisions, clock=clock))
    assert lived == simulate(connectome, decisions)
    assert clock.jitter.n_ticks == clock.tick
    assert clock.jitter.n_impulses > 0
    assert clock.jitter.n_late_impulses == clock.jitter.n_missed_ticks == 0


def test_brain_lives_in_real_time() -> None:
    clock = WallClock(0.001)
    counts, _ = asyncio.run(live(chain(), [(drive_for(1), 10)] * 2, clock=clock))
    assert np.sum(counts) > 0  # the last impulses may come after the end
    assert clock.jitter.n_ticks == 20
    assert clock.jitter.worst_s > 0.0


class HastyClock(VirtualClock):
    """Sends three ticks at once, before any neuron can read."""

    async def advance(self) -> None:
        for _ in range(3):
            self.tick += 1
            self._send_due()


def test_missed_impulses_fail_the_brain() -> None:
    async def scenario() -> None:
        async with Brain(chain(), clock=HastyClock(), capacity=1) as brain:
            [(axon, _)] = brain._axons[0]
            for tick in (1, 2, 3):
                brain._clock.schedule(axon, tick)
            with pytest.raises(MissedImpulsesError, match="neuron 1 missed 2 impulses"):
                await brain.decide(drive_for(0), 1)
            assert brain.n_missed == 2
            with pytest.raises(MissedImpulsesError, match="neuron 1 missed 2 impulses"):
                await brain.decide(drive_for(0), 1)

    asyncio.run(scenario())


def test_missed_impulses_are_only_counted_if_that_is_tolerated() -> None:
    async def scenario() -> None:
        clock = HastyClock()
        async with Brain(chain(), clock=clock, capacity=1, tolerate_lag=True) as brain:
            for _ in range(2):
                for delay in (1, 2, 3):
                    clock.schedule(brain._axons[0][0][0], clock.tick + delay)
                await brain.decide(drive_for(0), 1)
            assert brain.n_missed == 4

    asyncio.run(scenario())


def test_neuron_that_dies_fails_the_decision_with_its_exception() -> None:
    async def scenario() -> None:
        async with Brain(chain(), rule=ExplodingRule(at=4)) as brain:
            await brain.decide(drive_for(0), 3)
            for _ in range(2):
                with pytest.raises(ZeroDivisionError, match="in a neuron"):
                    await brain.decide(drive_for(1), 3)

    asyncio.run(scenario())


def test_neuron_that_is_cancelled_fails_the_decision() -> None:
    async def scenario() -> None:
        async with Brain(chain()) as brain:
            await turns()
            victim = next(task for task in asyncio.all_tasks() if task.get_name() == "neuron 2")
            victim.cancel()
            with pytest.raises(RuntimeError, match="neuron 2 ended while its brain was alive"):
                await brain.decide(drive_for(1), 9)

    asyncio.run(scenario())


def test_closing_leaves_no_task_behind() -> None:
    async def scenario() -> None:
        before = asyncio.all_tasks()
        async with Brain(random_connectome(np.random.default_rng(0), 64)):
            assert len(asyncio.all_tasks()) > 20
        assert asyncio.all_tasks() == before
        with pytest.raises(OSError, match="in the block"):
            async with Brain(chain()):
                raise OSError("in the block")
        assert asyncio.all_tasks() == before

    asyncio.run(scenario())


def test_cancelled_decision_leaves_a_brain_that_can_be_cleared_and_used() -> None:
    connectome, rng = random_connectome(np.random.default_rng(5), 30), np.random.default_rng(6)
    drive = random_drive(rng, connectome, 1)

    async def scenario() -> list[int]:
        async with Brain(connectome) as brain:
            deciding = asyncio.create_task(brain.decide(drive, 10**9))
            await turns(50)
            with pytest.raises(RuntimeError, match=r"one decide\(\) at a time"):
                await brain.decide(drive, 1)
            with pytest.raises(RuntimeError, match=r"clear\(\) must wait"):
                brain.clear()
            deciding.cancel()
            with pytest.raises(asyncio.CancelledError):
                await deciding
            brain.clear()
            return (await brain.decide(drive, 12)).tolist()

    counts = asyncio.run(scenario())
    assert [counts] == simulate(connectome, [(drive, 12)])[0]


def test_closing_in_the_middle_of_a_decision_ends_it() -> None:
    async def scenario() -> None:
        brain = Brain(chain())
        async with brain:
            deciding = asyncio.create_task(brain.decide(drive_for(1), 10**9))
            await turns(20)
        with pytest.raises(RuntimeError, match="closed during a decision"):
            await deciding

    asyncio.run(scenario())


def test_brain_lives_once_and_only_in_its_block() -> None:
    async def scenario() -> None:
        brain = Brain(chain())
        with pytest.raises(RuntimeError, match="not alive"):
            await brain.decide(drive_for(1), 1)
        async with brain:
            await brain.decide(drive_for(1), 1)
        with pytest.raises(RuntimeError, match="not alive"):
            await brain.decide(drive_for(1), 1)
        with pytest.raises(RuntimeError, match="lives once"):
            await brain.__aenter__()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("drive", "n_ticks", "message"),
    [
        (drive_for(1), 0, r"^n_ticks must be >= 1, got 0$"),
        (drive_for(1, 1), 3, r"^drive must have shape \(3 or 1, 1\), got \(2, 1\)$"),
        (np.ones((1, 2), np.uint8), 3, r"^drive must have shape \(3 or 1, 1\), got \(1, 2\)$"),
        (np.ones(1, np.uint8), 1, r"^drive must have shape \(1 or 1, 1\), got \(1,\)$"),
    ],
)
def test_wrong_drives_are_refused(drive: npt.NDArray[np.uint8], n_ticks: int, message: str) -> None:
    async def scenario() -> None:
        async with Brain(chain()) as brain:
            with pytest.raises(ValueError, match=message):
                await brain.decide(drive, n_ticks)

    asyncio.run(scenario())


def test_raster_has_to_be_asked_for() -> None:
    with pytest.raises(ValueError, match=r"^record must be True to ask for a raster, got False$"):
        _ = Brain(chain()).raster
    assert Brain(chain(), record=True).raster.shape == (0, 2)


def test_neurons_without_synapses_need_no_tasks() -> None:
    async def scenario() -> None:
        async with Brain(chain(strength=0), record=True) as brain:
            assert asyncio.all_tasks() == {asyncio.current_task()}
            assert (await brain.decide(drive_for(1), 3)).tolist() == [0, 0]

    asyncio.run(scenario())
