"""Connectomes whose synapses are lists: their rules, and how brains of them run."""

import copy
from dataclasses import replace
from typing import Any

import cloudpickle
import numpy as np
import numpy.testing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive_brain import NaiveBrain
from random_connectomes import (
    connectomes,
    listed_connectomes,
    random_connectome,
    random_drive,
    random_listed,
)

from spiking_agent.brain.actors.engine import ActorEngine
from spiking_agent.brain.carry_state import CarryState
from spiking_agent.brain.compiled.engine import Engine
from spiking_agent.brain.connectome import Connectome
from spiking_agent.brain.lesions import without
from spiking_agent.brain.parameters import PER_NEURON
from spiking_agent.brain.population import ROLES, Population
from spiking_agent.brain.synapses import LISTS, Synapses

pytestmark = pytest.mark.kernels

N_TICKS, N_DECISIONS = 8, 8
LISTS_OF_THREE: dict[str, Any] = {
    "source": [0, 0, 1],
    "target": [1, 2, 2],
    "strength": [300, -2, 5],
}
NEURONS: dict[str, Any] = {
    "threshold": [0.0, 3.0, 3.0],
    "decay": [0.0, 0.5, 0.5],
    "refractory_period": [0, 1, 0],
    "initiation_delay": [1, 2, 1],
    "input_neurons": [0],
    "output_neurons": [2, 1],
}


def lists(**changes: Any) -> Synapses:
    return Synapses(**(LISTS_OF_THREE | changes))


def make(synapses: Synapses | None = None, **changes: Any) -> Connectome:
    return Connectome(synapses=lists() if synapses is None else synapses, **(NEURONS | changes))


def listed(connectome: Connectome) -> Connectome:
    """Return the same brain, made from lists."""
    neurons = {
        name: array for name, array in connectome.to_arrays().items() if name != "connectivity"
    }
    return Connectome(synapses=connectome.synapses, **neurons)


@settings(
    max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(
    connectome=listed_connectomes(),
    seed=st.integers(0, 2**32 - 1),
    way=st.sampled_from((False, True, "impulses")),
)
def test_engines_and_the_plain_twin_run_lists_alike(
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


@settings(max_examples=30, deadline=None, derandomize=True)
@given(connectome=connectomes(), seed=st.integers(0, 2**32 - 1))
def test_a_brain_gives_the_same_raster_as_a_matrix_and_as_lists(
    connectome: Connectome, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    engines = [
        Engine(Population.from_connectomes([one]), carry_state="impulses", record=True)
        for one in (connectome, listed(connectome))
    ]
    for _ in range(N_DECISIONS):
        drive = random_drive(rng, connectome, N_TICKS)[None]
        npt.assert_array_equal(*(engine.decide(drive, N_TICKS) for engine in engines))
    npt.assert_array_equal(*(engine.raster(0) for engine in engines))


def test_random_lists_are_lively_and_have_branches_and_strengths_of_16_bits() -> None:
    drawn = [random_listed(np.random.default_rng(seed)) for seed in range(40)]
    assert sum(len(one.synapses.branches.source) > one.n_neurons for one in drawn) > 20
    assert sum(np.abs(one.synapses.strength.astype(int)).max(initial=0) > 128 for one in drawn) > 5
    n_lively = 0
    for seed, one in enumerate(drawn):
        rng = np.random.default_rng(seed)
        engine = Engine(Population.from_connectomes([one]), record=True)
        for _ in range(N_DECISIONS):
            engine.decide(random_drive(rng, one, N_TICKS)[None], N_TICKS)
        share = len(engine.raster(0)) / (one.n_neurons * N_TICKS * N_DECISIONS)
        n_lively += 0.02 <= share <= 0.6
    assert n_lively >= 15


def test_a_planted_delay_of_a_branch_that_is_off_by_one_is_caught() -> None:
    n_caught = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        connectome = random_listed(rng)
        arrays = connectome.to_arrays()
        slower = arrays["delay"] + (arrays["delay"] > 0)
        engine = Engine(Population.from_connectomes([connectome]), record=True)
        late = Engine(
            Population.from_connectomes([Connectome.from_arrays(arrays | {"delay": slower})]),
            record=True,
        )
        drive = random_drive(rng, connectome, 60)[None]
        engine.decide(drive, 60)
        late.decide(drive, 60)
        n_caught += not np.array_equal(engine.raster(0), late.raster(0))
    assert n_caught >= 12


def test_an_axon_delivers_through_each_branch_after_its_own_delay() -> None:
    connectome = make(
        lists(source=[0, 0, 0], target=[1, 1, 2], strength=[9, 9, 9], delay=[0, 24, 3]),
        refractory_period=[0, 0, 0],
        initiation_delay=[2, 1, 1],
    )
    drive = np.zeros((1, 30, 1), np.uint8)
    drive[0, 0] = 1
    population = Population.from_connectomes([connectome])
    with ActorEngine(population, record=True) as actors, Engine(population, record=True) as engine:
        for either in (actors, engine):
            assert either.decide(drive, 30).tolist() == [[1, 2]]
            assert either.raster(0).tolist() == [[2, 1], [5, 2], [26, 1]]


def test_lanes_of_lists_of_different_lengths_do_not_depend_on_their_neighbours() -> None:
    rng = np.random.default_rng(1)
    roles = {"input_neurons": [0, 1, 2], "output_neurons": [3, 4]}
    family = [Connectome.from_arrays(random_listed(rng, 12).to_arrays() | roles) for _ in range(4)]
    few = family[2].synapses.where(np.arange(family[2].n_synapses) < 3)
    family[2] = replace(family[2], synapses=few)
    family.append(replace(family[2], synapses=few.where(np.zeros(3, np.bool_))))
    population = Population.from_connectomes(family)
    together = Engine(population, lanes_per_brain=2, record=True)
    drives = rng.integers(0, 2, (10, 20, 3), dtype=np.uint8)
    counts = together.decide(drives, 20)
    for lane in range(10):
        alone = Engine(population.take([lane // 2]), record=True)
        npt.assert_array_equal(alone.decide(drives[lane : lane + 1], 20)[0], counts[lane])
        npt.assert_array_equal(alone.raster(0), together.raster(lane))
    assert len(np.unique(counts, axis=0)) > 2


def test_lists_are_put_in_order_and_cannot_be_written() -> None:
    synapses = Synapses(
        source=[1, 0, 0, 0], target=[2, 2, 1, 1], strength=[5, -2, 7, 300], delay=[0, 0, 9, 0]
    )
    assert [array.tolist() for array in synapses.to_arrays().values()] == [
        [0, 0, 0, 1],
        [1, 2, 1, 2],
        [300, -2, 7, 5],
        [0, 0, 9, 0],
    ]
    assert [array.dtype.name for array in synapses.to_arrays().values()] == [
        "int32",
        "int32",
        "int16",
        "int32",
    ]
    assert [part.tolist() for part in synapses.branches] == [[0, 0, 1], [0, 9, 0], [0, 2, 3, 4]]
    for array in synapses.to_arrays().values():
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    assert lists() == lists(delay=[0, 0, 0])
    assert lists() != lists(delay=[0, 0, 1])
    assert lists() != "lists"
    with pytest.raises(TypeError, match="unhashable"):
        hash(lists())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"target": [1, 2]}, r"target must be a list of one entry for each synapse, .* \(2,\) and"),
        ({"source": [[0, 0, 1]]}, r"source must be a list of one entry .*, got shape \(1, 3\)"),
        ({"strength": [1, 0, 2]}, r"^strength must not be 0, got 0 at index \[1\]$"),
        ({"strength": [1, 2, 2**15]}, r"strength must lie in \[-32768, 32767\], got 32768 at"),
        ({"strength": [1.0, 2.0, 3.0]}, "strength must hold integers, got dtype float64"),
        ({"delay": [0, -1, 0]}, r"delay must lie in \[0, 10000\], got -1 at index \[1\]"),
        ({"delay": [0, 10_001, 0]}, r"delay must lie in \[0, 10000\], got 10001"),
        ({"target": [1, 2, 1]}, r"target must be another neuron .*, got 1 for both at index \[2\]"),
        (
            {"source": [0, 1, 0], "target": [2, 2, 2]},
            "source, target and delay must differ between any two synapses, got 0, 2 and 0 twice",
        ),
        ({"source": [0, 0, 2**20]}, r"source must lie in \[0, 1048575\], got 1048576"),
    ],
)
def test_wrong_lists_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        lists(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"threshold": [1.0, 2.0]}, r"decay must have shape \(2,\), one entry for each neuron"),
        ({"threshold": []}, "threshold must have 1 to 1,048,576 entries, got 0"),
        ({"connectivity": np.zeros((3, 3), int)}, "and not both, got both"),
        ({"synapses": LISTS_OF_THREE}, "synapses must be a Synapses, got"),
        (
            {"initiation_delay": [1, 2**14, 1]},
            r"initiation_delay must lie in \[1, 10000\], got 16384",
        ),
    ],
)
def test_wrong_brains_of_lists_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        Connectome(**({"synapses": lists()} | NEURONS | changes))


def test_a_brain_needs_synapses_of_one_form() -> None:
    with pytest.raises(ValueError, match=r"connectivity or synapses must be given, .* got neither"):
        Connectome(**NEURONS)
    for name in ("source", "target"):
        with pytest.raises(ValueError, match=rf"{name} must lie in \[0, 2\], got 3 at index \[2\]"):
            make(lists(**{name: [0, 0, 3] if name == "source" else [1, 2, 3]}))


def test_strengths_on_one_neuron_must_have_an_exact_sum() -> None:
    n = 600
    many = {"source": np.arange(1, n), "target": np.zeros(n - 1, int)}
    neurons = {name: np.resize(values, n) for name, values in NEURONS.items()}
    neurons |= {"input_neurons": [0], "output_neurons": [0]}
    strength = np.where(np.arange(n - 1) % 2, 32_767, -32_767)
    with pytest.raises(
        ValueError,
        match=r"strength must sum up to less than 16,777,216 .* got 19,627,433 on neuron 0",
    ):
        Connectome(synapses=Synapses(**many, strength=strength), **neurons)
    strength = np.where(np.arange(n - 1) < 512, 32_767, 1)
    Connectome(synapses=Synapses(**many, strength=strength), **neurons)


def test_branches_and_delays_have_a_bound_together() -> None:
    n = 3000
    ring = {"source": np.arange(n), "target": (np.arange(n) + 1) % n, "strength": np.ones(n, int)}
    neurons = {name: np.resize(values, n) for name, values in NEURONS.items()}
    neurons |= {"input_neurons": [0], "output_neurons": [0]}
    with pytest.raises(
        ValueError,
        match="initiation_delay plus the delay of a branch must be at most 5591 in a brain of 3000 "
        "branches, got 5592",
    ):
        Connectome(synapses=Synapses(**ring, delay=np.full(n, 5590)), **neurons)


def test_a_brain_of_lists_counts_as_one_with_a_matrix_does() -> None:
    matrix = np.array([[0, 100, -2], [0, 0, 5], [0, 0, 0]])
    dense = Connectome(connectivity=matrix, **NEURONS)
    same = make(lists(strength=[100, -2, 5]))
    assert dense.synapses == same.synapses
    assert dense.synapses is dense.synapses  # computed once
    for name in ("n_neurons", "n_inputs", "n_outputs", "n_targets", "n_synapses"):
        assert getattr(dense, name) == getattr(same, name)
    for mine, theirs in zip(dense.groups, same.groups, strict=True):
        npt.assert_array_equal(mine, theirs)
    npt.assert_array_equal(dense.target_neurons, same.target_neurons)
    assert same.connectivity is None
    assert same != dense
    assert same == make(lists(strength=[100, -2, 5]))
    assert same != make()
    with pytest.raises(AttributeError, match="synapse"):
        _ = dense.synapse


def test_parts_of_a_brain_can_be_replaced_in_either_form() -> None:
    dense = Connectome(connectivity=[[0, 1, 0], [0, 0, 1], [0, 0, 0]], **NEURONS)
    for one in (dense, make()):
        assert one.n_synapses
        changed = replace(one, decay=np.ones(3))
        assert changed.decay.tolist() == [1.0] * 3
        assert changed.n_synapses == one.n_synapses
        assert (changed.connectivity is None) == (one.connectivity is None)
    assert replace(dense, connectivity=np.zeros((3, 3), int)).n_synapses == 0
    assert replace(make(), synapses=lists(strength=[1, 2, 3])).synapses.strength.tolist() == [
        1,
        2,
        3,
    ]


def test_a_brain_of_lists_is_the_same_after_a_file_a_copy_and_a_pickle() -> None:
    connectome = random_listed(np.random.default_rng(3))
    assert set(connectome.to_arrays()) == {*LISTS, *PER_NEURON, "input_neurons", "output_neurons"}
    for again in (
        Connectome.from_arrays(connectome.to_arrays()),
        copy.deepcopy(connectome),
        cloudpickle.loads(cloudpickle.dumps(connectome)),
    ):
        assert again == connectome
        assert again.synapses == connectome.synapses
    arrays = connectome.to_arrays()
    del arrays["delay"]
    with pytest.raises(ValueError, match="arrays must hold delay, got"):
        Connectome.from_arrays(arrays)


def test_populations_of_lists_are_taken_apart_and_put_together() -> None:
    rng = np.random.default_rng(5)
    roles = {"input_neurons": [0, 1], "output_neurons": [3, 4]}
    family = [Connectome.from_arrays(random_listed(rng, 9).to_arrays() | roles) for _ in range(3)]
    population = Population.from_connectomes(family)
    assert (len(population), population.n_neurons) == (3, 9)
    for place in range(3):
        assert population.connectome(place) == family[place]
    assert population.connectome(-1) == family[2]
    chosen = population.take([2, 0, 2])
    assert [chosen.connectome(place) for place in range(3)] == [family[2], family[0], family[2]]
    assert population.take(slice(1, 3)).connectome(1) == family[2]
    assert set(population.to_arrays()) == {"first", *LISTS, *PER_NEURON, *ROLES}
    again = cloudpickle.loads(cloudpickle.dumps(chosen))
    assert again.connectome(1) == family[0]
    with pytest.raises(ValueError, match="connectomes must all be made from lists, as the first"):
        Population.from_connectomes([family[0], Connectome.from_arrays(_dense(9) | roles)])
    with pytest.raises(ValueError, match=r"strength or synapses must be given, .* got both"):
        replace(population, strength=np.zeros((3, 9, 2), np.int8))


def _dense(n: int) -> dict[str, Any]:
    arrays = {name: np.resize(values, n) for name, values in NEURONS.items()}
    return arrays | {"connectivity": np.zeros((n, n), np.int8)}


@pytest.mark.parametrize("part", ["hidden", "leak", "recurrence", "in_0,in_1", "in_*"])
def test_lesions_of_lists_are_those_of_the_matrix(part: str) -> None:
    for seed in range(5):
        dense = random_dense(np.random.default_rng(seed))
        names = [f"in_{i}" for i in range(dense.n_inputs)]
        lesioned = without(dense, part, names)
        assert listed(lesioned) == without(listed(dense), part, names)


def random_dense(rng: np.random.Generator) -> Connectome:
    connectome = random_connectome(rng, 20)
    roles = {"input_neurons": [0, 3, 7, 9], "output_neurons": [9, 2, 5]}
    return Connectome.from_arrays(connectome.to_arrays() | roles)
