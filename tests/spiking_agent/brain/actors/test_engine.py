"""The engine of actors: lanes, its own thread and loop, errors, and a clean end."""

import asyncio
import gc
import threading
import time
import weakref
from concurrent.futures import CancelledError, ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from exploding_rule import ExplodingRule
from naive_brain import NaiveBrain
from random_connectomes import random_connectome

from spiking_agent.brain.actors import brain as brain_module
from spiking_agent.brain.actors.clock import Jitter
from spiking_agent.brain.actors.engine import ActorEngine
from spiking_agent.brain.connectome import Connectome
from spiking_agent.brain.population import Population


def two_connectomes() -> list[Connectome]:
    """Connectomes of two brains with the same inputs and outputs."""
    connectomes = [random_connectome(np.random.default_rng(seed), 20) for seed in (10, 11)]
    arrays = connectomes[1].to_arrays() | {
        name: connectomes[0].to_arrays()[name] for name in ("input_neurons", "output_neurons")
    }
    return [connectomes[0], Connectome.from_arrays(arrays)]


def drive_of(connectome: Connectome, *shape: int, seed: int = 0) -> npt.NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2, (*shape, connectome.n_inputs), dtype=np.uint8)


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Any:
    before = threading.active_count()
    yield
    gc.collect()
    assert threading.active_count() == before


@pytest.mark.parametrize("carry_state", [True, False])
def test_each_lane_is_a_brain_of_its_own(*, carry_state: bool) -> None:
    connectomes = two_connectomes()
    twins = [NaiveBrain(connectomes[lane // 2]) for lane in range(4)]
    rng = np.random.default_rng(1)
    population = Population.from_connectomes(connectomes)
    engine = ActorEngine(population, lanes_per_brain=2, carry_state=carry_state, record=True)
    with engine:
        assert engine.n_lanes == 4
        for _ in range(10):
            n_ticks = int(rng.integers(1, 8))
            lanes = rng.permutation(4)[: int(rng.integers(0, 5))]
            drive = rng.integers(
                0, 2, (len(lanes), n_ticks, connectomes[0].n_inputs), dtype=np.uint8
            )
            counts = engine.decide(drive, n_ticks, lanes)
            assert counts.dtype == np.int32
            assert counts.shape == (len(lanes), connectomes[0].n_outputs)
            for row, lane in enumerate(lanes):
                if not carry_state:
                    twins[lane].clear()
                assert counts[row].tolist() == twins[lane].decide(drive[row], n_ticks)
        for lane, twin in enumerate(twins):
            assert engine.raster(lane).tolist() == sorted(map(list, twin.raster))
        assert sum(len(twin.raster) for twin in twins) > 50


def test_lanes_can_be_cleared_one_by_one() -> None:
    connectome = random_connectome(np.random.default_rng(5), 20)
    drive = drive_of(connectome, 2, 6)
    with ActorEngine(Population.from_connectomes([connectome]), lanes_per_brain=2) as engine:
        drive[1] = drive[0]
        engine.decide(drive, 6)
        assert engine.potentials(0).tolist() == engine.potentials(1).tolist()
        assert engine.potentials(0).any()
        engine.clear(np.array([1]))
        assert engine.potentials(0).any()
        assert not engine.potentials(1).any()
        engine.clear()
        assert not engine.potentials(0).any()


def test_engine_works_where_a_loop_is_running_already() -> None:
    connectome = random_connectome(np.random.default_rng(5), 20)

    async def scenario() -> list[int]:
        with ActorEngine(Population.from_connectomes([connectome])) as engine:
            return engine.decide(drive_of(connectome, 1, 6), 6)[0].tolist()

    assert asyncio.run(scenario()) == NaiveBrain(connectome).decide(drive_of(connectome, 6), 6)


def test_what_fails_in_a_neuron_is_raised_in_the_caller() -> None:
    connectome = random_connectome(np.random.default_rng(5), 20)
    population = Population.from_connectomes([connectome])
    with ActorEngine(population, rule=ExplodingRule(at=2)) as engine:
        engine.decide(drive_of(connectome, 1, 1), 1)
        with pytest.raises(ZeroDivisionError, match="in a neuron"):
            engine.decide(drive_of(connectome, 1, 9), 9)


def test_what_fails_at_the_start_is_raised_in_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    async def explode(_: object) -> None:
        raise OSError("cannot live")

    monkeypatch.setattr(brain_module.Brain, "__aenter__", explode)
    with pytest.raises(OSError, match="cannot live"):
        ActorEngine(Population.from_connectomes(two_connectomes()))


def test_interrupt_of_the_caller_leaves_an_engine_that_can_be_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connectome = random_connectome(np.random.default_rng(5), 20)
    drive = drive_of(connectome, 1, 1)
    with ActorEngine(Population.from_connectomes([connectome])) as engine:
        with monkeypatch.context() as patch:
            patch.setattr("spiking_agent.brain.actors.engine.Future.result", interrupt)
            with pytest.raises(KeyboardInterrupt):
                engine.decide(drive, 10**9)
        engine.clear()
        assert engine.decide(drive, 12)[0].tolist() == NaiveBrain(connectome).decide(drive[0], 12)


def interrupt(_: object) -> None:
    raise KeyboardInterrupt


def test_closing_while_another_thread_decides_ends_its_call() -> None:
    connectome = random_connectome(np.random.default_rng(5), 20)
    engine = ActorEngine(Population.from_connectomes([connectome]))
    errors = []

    def work() -> None:
        try:
            engine.decide(drive_of(connectome, 1, 1), 10**9)
        except BaseException as error:  # noqa: BLE001
            errors.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    engine.close()
    worker.join(timeout=10)
    assert not worker.is_alive()
    assert len(errors) == 1


def test_closed_engine_refuses_to_be_used_and_may_be_closed_again() -> None:
    connectome = random_connectome(np.random.default_rng(5), 20)
    engine = ActorEngine(Population.from_connectomes([connectome]), record=True)
    engine.close()
    engine.close()
    for call in (
        lambda: engine.decide(drive_of(connectome, 1, 1), 1),
        engine.clear,
        lambda: engine.raster(0),
        lambda: engine.spikes_since(0, 1),
        lambda: engine.potentials(0),
    ):
        with pytest.raises(RuntimeError, match=r"^the engine was closed$"):
            call()


def test_forgotten_engine_ends_its_thread() -> None:
    engine = ActorEngine(Population.from_connectomes(two_connectomes()))
    gone = weakref.ref(engine)
    del engine
    gc.collect()
    assert gone() is None


def test_wrong_options_are_refused() -> None:
    population = Population.from_connectomes(two_connectomes())
    with pytest.raises(ValueError, match=r"^lanes_per_brain must be a whole number >= 1, got 0$"):
        ActorEngine(population, lanes_per_brain=0)
    with pytest.raises(ValueError, match=r"^record must be True or False, got 2$"):
        ActorEngine(population, record=2)


def test_wrong_decisions_are_refused() -> None:
    connectome = random_connectome(np.random.default_rng(5), 20)
    with ActorEngine(Population.from_connectomes([connectome])) as engine:
        with pytest.raises(ValueError, match=r"^n_ticks must be >= 1, got 0$"):
            engine.decide(drive_of(connectome, 1, 1), 0)
        with pytest.raises(ValueError, match=r"^drive must have shape \(1, 3 or 1, "):
            engine.decide(drive_of(connectome, 2, 3), 3)
        with pytest.raises(ValueError, match=r"^lane_ids must be lanes in 0..0, got"):
            engine.decide(drive_of(connectome, 1, 3), 3, np.array([1]))
        with pytest.raises(ValueError, match=r"^lane_ids must be lanes in 0..0, got"):
            engine.clear(np.array([5000]))
        with pytest.raises(ValueError, match=r"^lane_ids must be lanes in 0..0, got"):
            engine.potentials(1)
        with pytest.raises(ValueError, match=r"^lane_ids must name no lane twice, got"):
            engine.clear(np.array([0, 0]))
        with pytest.raises(ValueError, match=r"^lane_ids must name no lane twice, got"):
            engine.decide(drive_of(connectome, 2, 3), 3, np.array([0, 0]))
        for ask in (engine.raster, lambda lane: engine.spikes_since(lane, 1)):
            with pytest.raises(ValueError, match=r"^record must be True"):
                ask(0)


def test_live_brains_decide_all_at_once_in_the_time_of_one() -> None:
    connectome = random_connectome(np.random.default_rng(1), 12)
    drive = np.ones((4, 1, connectome.n_inputs), np.uint8)
    with ActorEngine(Population.from_connectomes([connectome] * 4), tick_s=0.02) as engine:
        started_s = time.monotonic()
        engine.decide(drive, 10)
        lasted_s = time.monotonic() - started_s
        jitter = engine.jitter
    assert 0.19 < lasted_s < 4 * 0.2
    assert jitter.n_ticks == 4 * 10
    assert jitter.n_impulses > 0


def test_virtual_brains_have_no_jitter() -> None:
    connectome = random_connectome(np.random.default_rng(2), 12)
    with ActorEngine(Population.from_connectomes([connectome])) as engine:
        assert engine.jitter == Jitter()


@pytest.mark.slow  # on the wall clock
def test_a_decision_can_be_broken_off_from_another_thread() -> None:
    connectome = random_connectome(np.random.default_rng(3))
    drive = np.ones((1, 1, connectome.n_inputs), np.uint8)
    with (
        ActorEngine(Population.from_connectomes([connectome]), tick_s=0.02) as actors,
        ThreadPoolExecutor(1) as pool,
    ):
        actors.interrupt()  # nothing to break off
        decision = pool.submit(actors.decide, drive, 1000)
        while actors.tick(0) < 2:
            time.sleep(0.005)
        actors.interrupt()
        with pytest.raises(CancelledError):
            decision.result(timeout=5)
        actors.clear()
        before = actors.tick(0)
        assert 2 <= before < 100
        actors.decide(drive, 3)
        assert actors.tick(0) == before + 3
