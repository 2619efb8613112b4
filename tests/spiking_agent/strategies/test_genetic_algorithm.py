"""Ask and tell."""

import json
from typing import Any

import numpy as np
import numpy.testing as npt
import pytest

from spiking_agent.dna.wired import Blueprint, GeneValues
from spiking_agent.strategies.genetic_algorithm import GeneticAlgorithm, GeneticParams

BLUEPRINT = Blueprint(n_inputs=4, n_outputs=2, n_hidden=3)


def make(seed: int = 0, blueprint: Blueprint = BLUEPRINT, **params: Any) -> GeneticAlgorithm:
    return GeneticAlgorithm(
        blueprint,
        GeneValues(),
        GeneticParams(**{"population_size": 20, **params}),
        np.random.default_rng(seed),
    )


def n_synapses(algorithm: GeneticAlgorithm) -> np.ndarray:
    """A fitness that can be selected for."""
    return np.count_nonzero(algorithm.ask().strength, axis=(1, 2)).astype(np.float64)


def run(algorithm: GeneticAlgorithm, generations: int) -> bytes:
    for _ in range(generations):
        algorithm.tell(n_synapses(algorithm))
    return content(algorithm)


def content(algorithm: GeneticAlgorithm) -> bytes:
    arrays, values = algorithm.state()
    text = json.dumps(values, sort_keys=True).encode()
    return text + b"".join(array.tobytes() for array in arrays.values())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"population_size": 1}, "population_size must be a whole number >= 2, got 1"),
        ({"parent_share": 0.0}, r"parent_share must be in \(0, 1\], got 0.0"),
        ({"parent_share": 1.1}, r"parent_share must be in \(0, 1\], got 1.1"),
        ({"elite_share": 1.0}, r"elite_share must be in \[0, 1\), got 1.0"),
        ({"elite_share": -0.1}, r"elite_share must be in \[0, 1\), got -0.1"),
        ({"n_rivals": -1}, "n_rivals must be a whole number >= 0, got -1"),
        ({"mutation_scale": -0.5}, "mutation_scale must be finite and >= 0, got -0.5"),
        ({"champion": "worst"}, "champion must be one of best, consensus, got 'worst'"),
        (
            {"crossover": "none"},
            "crossover must be one of columns, uniform, blocks, pool, got 'none'",
        ),
        ({"crossover_rate": 1.5}, r"crossover_rate must be in \[0, 1\], got 1.5"),
        ({"synapse_mutations": float("nan")}, "synapse_mutations must be finite and >= 0, got nan"),
        ({"neuron_mutations": float("inf")}, "neuron_mutations must be finite and >= 0, got inf"),
    ],
)
def test_parameters_out_of_range_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        GeneticParams(**changes)


def test_there_is_always_a_parent_and_a_child() -> None:
    params = GeneticParams(population_size=3, parent_share=0.01, elite_share=0.99)
    assert (params.n_parents, params.n_elites) == (1, 2)


@pytest.mark.parametrize("n_rivals", [0, 3])
@pytest.mark.parametrize("crossover", ["columns", "uniform", "blocks", "pool"])
def test_fitness_is_larger_is_better(crossover: str, n_rivals: int) -> None:
    algorithm = make(crossover=crossover, n_rivals=n_rivals)
    before = n_synapses(algorithm).mean()
    run(algorithm, 15)
    assert n_synapses(algorithm).mean() > before + 5


def test_elites_come_first_and_unchanged_the_best_ahead() -> None:
    algorithm = make(elite_share=0.2, synapse_mutations=5.0)
    before = algorithm.ask()
    fitness = np.zeros(20)
    fitness[[7, 3, 11, 5]] = [4.0, 9.0, 4.0, np.inf]
    fitness[0] = np.nan
    algorithm.tell(fitness)
    after = algorithm.ask()
    assert len(after) == 20
    assert [after.connectome(i) for i in range(4)] == [before.connectome(i) for i in (5, 3, 7, 11)]


def test_elites_live_on_while_they_are_best() -> None:
    algorithm = make()
    best = []
    for _ in range(10):
        best.append(n_synapses(algorithm).max())
        algorithm.tell(n_synapses(algorithm))
    assert best == sorted(best)


def test_children_come_from_the_best_alone() -> None:
    algorithm = make(parent_share=0.1, elite_share=0.0, synapse_mutations=0.0, neuron_mutations=0.0)
    before = algorithm.ask()
    fitness = np.zeros(20)
    fitness[[4, 17]] = 1.0
    algorithm.tell(fitness)
    columns = {before.strength[i, :, c].tobytes() for i in (4, 17) for c in range(5)}
    after = algorithm.ask().strength
    assert {after[i, :, c].tobytes() for i in range(20) for c in range(5)} == columns


@pytest.mark.parametrize(("rate", "share"), [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)])
def test_crossover_rate_is_the_share_of_children_with_two_parents(
    rate: float, share: float
) -> None:
    algorithm = make(
        population_size=2_000,
        parent_share=1.0,
        elite_share=0.0,
        crossover_rate=rate,
        synapse_mutations=0.0,
        neuron_mutations=0.0,
        blueprint=Blueprint(n_inputs=4, n_outputs=2, n_hidden=20),
    )
    parents = {genome.tobytes() for genome in algorithm.ask().strength}
    algorithm.tell(np.zeros(2_000))
    mixed = [genome.tobytes() not in parents for genome in algorithm.ask().strength]
    assert np.mean(mixed) == pytest.approx(share, abs=0.05)


def test_the_best_stands_for_a_generation_or_the_mean_of_its_parents() -> None:
    fitness = np.arange(20.0)
    best = make(parent_share=0.1)
    npt.assert_array_equal(best.champion(fitness).strength, best.population.take([19]).strength)
    common = make(parent_share=0.1, champion="consensus")
    both = common.population.take([19, 18]).strength.astype(float)
    expected = np.rint(both.mean(axis=0, keepdims=True))
    assert (expected != both[:1]).any()
    npt.assert_array_equal(common.champion(fitness).strength, expected)


def test_asking_again_gives_the_same_population() -> None:
    algorithm = make()
    assert algorithm.ask() is algorithm.ask()


def test_telling_does_not_change_the_population_told_about() -> None:
    algorithm = make()
    population = algorithm.ask()
    before = population.strength.copy()
    run(algorithm, 2)
    npt.assert_array_equal(population.strength, before)


def test_tell_needs_ask_before_each_call() -> None:
    algorithm = make()
    with pytest.raises(RuntimeError, match=r"tell\(\) needs a population: call ask\(\) first"):
        algorithm.tell(np.zeros(20))
    algorithm.ask()
    algorithm.tell(np.zeros(20))
    with pytest.raises(RuntimeError, match=r"call ask\(\) first"):
        algorithm.tell(np.zeros(20))
    assert algorithm.generation == 1


@pytest.mark.parametrize("shape", [(19,), (20, 1), ()])
def test_fitness_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    algorithm = make()
    algorithm.ask()
    with pytest.raises(ValueError, match=r"fitness must have shape \(20,\), got \("):
        algorithm.tell(np.zeros(shape))
    algorithm.tell(np.zeros(20))
    assert algorithm.generation == 1


def test_nothing_but_nan_still_breeds() -> None:
    algorithm = make()
    algorithm.ask()
    algorithm.tell(np.full(20, np.nan))
    assert len(algorithm.ask()) == 20


def test_equal_seeds_give_equal_bytes() -> None:
    assert run(make(seed=5), 4) == run(make(seed=5), 4)
    assert run(make(seed=5), 4) != run(make(seed=6), 4)


def test_restored_algorithm_goes_on_bit_for_bit() -> None:
    original = make(seed=1)
    run(original, 3)
    arrays, values = original.state()
    other = make(seed=99)
    run(other, 1)
    other.ask()
    other.restore(arrays, json.loads(json.dumps(values)))
    assert other.generation == 3
    assert run(other, 4) == run(original, 4)
    assert other.generation == 7


def test_restored_algorithm_must_be_asked_first() -> None:
    algorithm = make()
    algorithm.ask()
    algorithm.restore(*algorithm.state())
    with pytest.raises(RuntimeError, match=r"call ask\(\) first"):
        algorithm.tell(np.zeros(20))


def test_state_of_another_shape_is_refused_and_nothing_changed() -> None:
    algorithm = make()
    before = content(algorithm)
    for other in (
        make(population_size=10),
        make(blueprint=Blueprint(n_inputs=4, n_outputs=2, n_hidden=4)),
    ):
        with pytest.raises(ValueError, match=r"strength must have shape \(20, 9, 5\) and dtype"):
            algorithm.restore(*other.state())
    assert content(algorithm) == before


def damaged(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    arrays, values = make(seed=8).state()
    arrays, values = dict(arrays), json.loads(json.dumps(values))
    match name:
        case "no array":
            del arrays["decay"]
        case "other kind":
            arrays["strength"] = arrays["strength"].astype(np.int16)
        case "other roles":
            arrays["output_neurons"] = arrays["output_neurons"][::-1]
        case "no generation":
            del values["generation"]
        case "other generator":
            values["rng"]["bit_generator"] = "MT19937"
        case "no generator":
            values["rng"] = 5
        case "large state":
            values["rng"]["state"]["state"] = 2**200
        case "negative state":
            values["rng"]["state"]["state"] = -1
    return arrays, values


@pytest.mark.parametrize(
    "name",
    [
        "no array",
        "other kind",
        "other roles",
        "no generation",
        "other generator",
        "no generator",
        "large state",
        "negative state",
    ],
)
def test_damaged_state_is_refused_and_nothing_changed(name: str) -> None:
    algorithm = make()
    before = content(algorithm)
    with pytest.raises((ValueError, KeyError, TypeError)):
        algorithm.restore(*damaged(name))
    assert content(algorithm) == before
