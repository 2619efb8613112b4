"""What outlives a decision: nothing, everything, or what each neuron keeps."""

import numpy as np
import numpy.testing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive_brain import NaiveBrain
from random_connectomes import connectomes, random_drive

from spiking_agent.brain.actors.engine import ActorEngine
from spiking_agent.brain.carry_state import CarryState, carry_state_of
from spiking_agent.brain.compiled.engine import Engine
from spiking_agent.brain.connectome import Connectome
from spiking_agent.brain.interface import BrainEngine
from spiking_agent.brain.population import Population

pytestmark = pytest.mark.kernels

WAYS: tuple[CarryState, ...] = (False, True, "impulses")
BOTH = [Engine, ActorEngine]
N_TICKS, N_DECISIONS = 5, 7


def chain(kept: int | list[int], **changes: object) -> Connectome:
    """Input 0 excites neuron 1 four ticks later, and that neuron 2 three ticks later."""
    usual: dict[str, object] = {
        "connectivity": [[0, 2, 0], [0, 0, 2], [0, 0, 0]],
        "threshold": [1.0, 1.0, 1.0],
        "decay": [1.0, 1.0, 1.0],
        "refractory_period": [0, 0, 0],
        "initiation_delay": [4, 3, 1],
        "input_neurons": [0],
        "output_neurons": [1, 2],
        "kept": [kept] * 3 if isinstance(kept, int) else kept,
    }
    return Connectome(**(usual | changes))  # type: ignore[arg-type]


def counts_of(engine: BrainEngine, *drives: int, n_ticks: int = 3) -> list[list[int]]:
    """Return the spikes of the outputs in decisions that begin with an impulse, or without."""
    decisions = []
    for value in drives:
        drive = np.zeros((1, n_ticks, 1), np.uint8)
        drive[0, 0] = value
        decisions.append(engine.decide(drive, n_ticks)[0].tolist())
    return decisions


@settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(
    connectome=connectomes(max_neurons=32, max_delay=30),
    seed=st.integers(0, 2**32 - 1),
    way=st.sampled_from(WAYS),
)
def test_engines_and_the_plain_twin_carry_the_same_from_one_decision_to_the_next(
    connectome: Connectome, seed: int, way: CarryState
) -> None:
    rng = np.random.default_rng(seed)
    population, twin = Population.from_connectomes([connectome]), NaiveBrain(connectome)
    engine = Engine(population, carry_state=way, record=True)
    with ActorEngine(population, carry_state=way, record=True) as actors:
        for _ in range(N_DECISIONS):
            drive = random_drive(rng, connectome, N_TICKS)
            twin.begin(way)
            counts = twin.decide(drive, N_TICKS)
            assert engine.decide(drive[None], N_TICKS)[0].tolist() == counts
            assert actors.decide(drive[None], N_TICKS)[0].tolist() == counts
            assert engine.potentials(0).tobytes() == actors.potentials(0).tobytes()
        npt.assert_array_equal(engine.raster(0), actors.raster(0))
        npt.assert_array_equal(engine.raster(0), np.array(sorted(twin.raster)).reshape(-1, 2))


@pytest.mark.parametrize("make", BOTH)
@pytest.mark.parametrize(
    ("kept", "counts"), [(0, [[0, 0], [0, 0]]), (1, [[0, 0], [1, 0]]), (2, [[0, 0], [1, 0]])]
)
def test_an_impulse_in_flight_outlives_a_decision_if_its_neuron_keeps_it(
    make: type[Engine] | type[ActorEngine], kept: int, counts: list[list[int]]
) -> None:
    with make(Population.from_connectomes([chain(kept)]), carry_state="impulses") as engine:
        assert counts_of(engine, 1, 0) == counts


@pytest.mark.parametrize("make", BOTH)
def test_the_sender_decides_and_not_the_neuron_that_the_impulse_will_reach(
    make: type[Engine] | type[ActorEngine],
) -> None:
    for kept, counts in (([1, 0, 0], [1, 0]), ([0, 1, 1], [0, 0])):
        connectome = chain(kept)
        with make(Population.from_connectomes([connectome]), carry_state="impulses") as engine:
            assert counts_of(engine, 1, 0)[1] == counts


@pytest.mark.parametrize("make", BOTH)
@pytest.mark.parametrize(("kept", "count"), [(0, 0), (1, 0), (2, 1)])
def test_a_potential_outlives_a_decision_only_in_a_neuron_that_keeps_it(
    make: type[Engine] | type[ActorEngine], kept: int, count: int
) -> None:
    connectome = chain(kept, threshold=[1.0, 3.0, 9.0], initiation_delay=[1, 1, 1])
    with make(Population.from_connectomes([connectome]), carry_state="impulses") as engine:
        assert counts_of(engine, 1, 1) == [[0, 0], [count, 0]]


@pytest.mark.parametrize("make", BOTH)
@pytest.mark.parametrize(("kept", "count"), [(0, 1), (1, 1), (2, 0)])
def test_a_refractory_period_ends_with_the_decision_unless_the_neuron_keeps_it(
    make: type[Engine] | type[ActorEngine], kept: int, count: int
) -> None:
    connectome = chain(kept, refractory_period=[0, 9, 0], initiation_delay=[1, 1, 1])
    with make(Population.from_connectomes([connectome]), carry_state="impulses") as engine:
        assert counts_of(engine, 1, 1) == [[1, 1], [count, count]]


@pytest.mark.parametrize("make", BOTH)
@pytest.mark.parametrize(("kept", "count"), [(0, 0), (1, 0), (2, 3)])
def test_what_a_soft_reset_left_fires_on_only_in_a_neuron_that_keeps_its_potential(
    make: type[Engine] | type[ActorEngine], kept: int, count: int
) -> None:
    connectome = chain(
        kept,
        connectivity=[[0, 9, 0], [0, 0, 0], [0, 0, 0]],
        soft_reset=[False, True, False],
        initiation_delay=[1, 1, 1],
    )
    with make(Population.from_connectomes([connectome]), carry_state="impulses") as engine:
        assert counts_of(engine, 1, 0) == [[3, 0], [count, 0]]


@pytest.mark.parametrize("make", BOTH)
def test_an_input_that_fired_and_is_driven_sends_once_if_its_impulse_was_kept(
    make: type[Engine] | type[ActorEngine],
) -> None:
    for kept in (0, 1, 2):  # neuron 1 is an input that fires in the last tick of a decision
        connectome = chain(
            kept, input_neurons=[1, 0], initiation_delay=[3, 1, 1], threshold=[1] * 3
        )
        with make(Population.from_connectomes([connectome]), carry_state="impulses") as engine:
            first, second = np.zeros((2, 1, 3, 2), np.uint8)
            first[0, 0, 1] = second[0, 0, 0] = 1
            engine.decide(first, 3)
            assert engine.decide(second, 3)[0].tolist() == [0, 1]
            assert engine.potentials(0)[2] == 0.0


@pytest.mark.parametrize("make", BOTH)
def test_the_beginning_of_an_episode_clears_what_neurons_keep(
    make: type[Engine] | type[ActorEngine],
) -> None:
    connectome = chain(2)
    with make(Population.from_connectomes([connectome]), carry_state="impulses") as engine:
        counts_of(engine, 1)
        engine.clear()
        assert counts_of(engine, 0, 0) == [[0, 0], [0, 0]]


@pytest.mark.parametrize("make", BOTH)
def test_one_lane_can_begin_a_decision_by_hand(make: type[Engine] | type[ActorEngine]) -> None:
    population = Population.from_connectomes([chain(0), chain(1)])
    drive = np.ones((2, 1, 1), np.uint8)
    with make(population) as engine:
        engine.decide(drive, 3)
        engine.clear(np.array([0, 1]), carry_state="impulses")
        assert engine.decide(0 * drive, 3).tolist() == [[0, 0], [3, 0]]
        assert engine.decide(drive, 3).tolist() == [[0, 0], [0, 3]]
        engine.clear(carry_state=True)
        assert engine.decide(0 * drive, 3).tolist() == [[3, 0], [3, 0]]
        with pytest.raises(ValueError, match="carry_state must be True, False or 'impulses'"):
            engine.clear(carry_state="all")  # type: ignore[arg-type]


def test_what_outlives_a_decision_is_true_false_or_impulses() -> None:
    assert [carry_state_of("x", value) for value in (np.True_, False, "impulses")] == [
        True,
        False,
        "impulses",
    ]
    for value in ("yes", 1, None, "Impulses", ["impulses"]):
        with pytest.raises(ValueError, match=r"^x must be True, False or 'impulses', got "):
            carry_state_of("x", value)
