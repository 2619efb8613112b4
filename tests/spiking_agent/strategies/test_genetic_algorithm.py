"""Ask and tell."""

import json
from typing import Any

import numpy as np
import numpy.testing as npt
import pytest
from gene_tables import real_table, wired

from spiking_agent.dna.gene_table import GeneTable
from spiking_agent.strategies.genetic_algorithm import GeneticAlgorithm, GeneticParams

TABLE = wired(4, 2, n_hidden=3).genes


def make(seed: int = 0, table: GeneTable = TABLE, **params: Any) -> GeneticAlgorithm:
    params = {"population_size": 20, **params}
    return GeneticAlgorithm(table, GeneticParams(**params), np.random.default_rng(seed))


def n_synapses(algorithm: GeneticAlgorithm) -> np.ndarray:
    """A fitness that can be selected for."""
    numbers = algorithm.ask()[:, algorithm.table.numbers]
    return np.count_nonzero(numbers, axis=1).astype(np.float64)


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
        ({"mutation_scale": -0.5}, "mutation_scale must be finite and >= 0, got -0.5"),
        ({"mutation_scale_last": -1}, "mutation_scale_last must be finite and >= 0, got -1"),
        ({"mutation_time": 0}, "mutation_time must be a finite number > 0, or None, got 0"),
        ({"champion": "worst"}, "champion must be one of best, consensus, got 'worst'"),
        (
            {"crossover": "none"},
            "crossover must be one of columns, rows, uniform, blocks, pool, got 'none'",
        ),
        ({"crossover_rate": 1.5}, r"crossover_rate must be in \[0, 1\], got 1.5"),
        ({"number_mutations": float("nan")}, "number_mutations must be finite and >= 0, got nan"),
        ({"choice_mutations": float("inf")}, "choice_mutations must be finite and >= 0, got inf"),
    ],
)
def test_parameters_out_of_range_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        GeneticParams(**changes)


def test_there_is_always_a_parent_and_a_child() -> None:
    params = GeneticParams(population_size=3, parent_share=0.01, elite_share=0.99)
    assert (params.n_parents, params.n_elites) == (1, 2)


@pytest.mark.parametrize("crossover", ["columns", "uniform", "blocks", "pool"])
def test_fitness_is_larger_is_better(crossover: str) -> None:
    algorithm = make(crossover=crossover)
    before = n_synapses(algorithm).mean()
    run(algorithm, 15)
    assert n_synapses(algorithm).mean() > before + 5


def test_elites_come_last_and_unchanged_the_best_ahead() -> None:
    algorithm = make(elite_share=0.2, number_mutations=5.0)
    before = algorithm.ask()
    fitness = np.zeros(20)
    fitness[[7, 3, 11, 5]] = [4.0, 9.0, 4.0, np.inf]
    fitness[0] = np.nan
    algorithm.tell(fitness)
    after = algorithm.ask()
    assert len(after) == 20
    npt.assert_array_equal(after[-4:], before[[5, 3, 7, 11]])


def test_elites_lose_against_children_that_are_as_good() -> None:
    algorithm = make(elite_share=0.1, parent_share=0.1, crossover_rate=0.0, number_mutations=30.0)
    elites = algorithm.ask()[:2].copy()
    for _ in range(2):
        algorithm.ask()
        algorithm.tell(np.zeros(20))  # all are as good: the first ones count as the best
    after = algorithm.ask()[-2:]
    assert not (after[:, None] == elites).all(axis=2).any()


def test_immigrants_are_drawn_anew_and_come_before_elites() -> None:
    algorithm = make(immigrant_share=0.25, elite_share=0.1, number_mutations=0.0)
    ones = TABLE.fit(np.ones((20, TABLE.n_genes)))
    algorithm.genomes = ones
    algorithm.ask()
    algorithm.tell(np.zeros(20))
    after = algorithm.genomes
    is_old = (after[:, TABLE.numbers] == ones[:, TABLE.numbers]).all(axis=1)
    assert is_old.tolist() == [True] * 13 + [False] * 5 + [True] * 2
    assert make(immigrant_share=0.97, elite_share=0.0).params.n_immigrants == 19


def test_immigrants_and_elites_leave_room_for_children() -> None:
    with pytest.raises(ValueError, match=r"immigrant_share must be less than 1 with elite_share"):
        make(immigrant_share=0.5, elite_share=0.5)


def test_elites_live_on_while_they_are_best() -> None:
    algorithm = make()
    best = []
    for _ in range(10):
        best.append(n_synapses(algorithm).max())
        algorithm.tell(n_synapses(algorithm))
    assert best == sorted(best)


def test_children_come_from_the_best_alone() -> None:
    algorithm = make(parent_share=0.1, elite_share=0.0, number_mutations=0.0, choice_mutations=0.0)
    before = algorithm.ask()
    fitness = np.zeros(20)
    fitness[[4, 17]] = 1.0
    algorithm.tell(fitness)
    of_neuron = [algorithm.table.target == place for place in range(algorithm.table.n_places)]
    columns = {before[i, genes].tobytes() for i in (4, 17) for genes in of_neuron}
    after = algorithm.ask()
    assert {genome[genes].tobytes() for genome in after for genes in of_neuron} == columns


@pytest.mark.parametrize(("rate", "share"), [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)])
def test_crossover_rate_is_the_share_of_children_with_two_parents(
    rate: float, share: float
) -> None:
    algorithm = make(
        population_size=2_000,
        parent_share=1.0,
        elite_share=0.0,
        crossover_rate=rate,
        number_mutations=0.0,
        choice_mutations=0.0,
        table=wired(4, 2, n_hidden=20).genes,
    )
    parents = {genome.tobytes() for genome in algorithm.ask()}
    algorithm.tell(np.zeros(2_000))
    mixed = [genome.tobytes() not in parents for genome in algorithm.ask()]
    assert np.mean(mixed) == pytest.approx(share, abs=0.05)


def test_the_best_stands_for_a_generation_or_the_mean_of_its_parents() -> None:
    fitness = np.arange(20.0)
    best = make(parent_share=0.1)
    npt.assert_array_equal(best.champion(fitness), best.genomes[19])
    common = make(parent_share=0.1, champion="consensus")
    numbers = common.table.numbers
    both = common.genomes[18:][:, numbers].astype(float)
    expected = np.rint(both.mean(axis=0))
    assert (expected != both[0]).any()
    npt.assert_array_equal(common.champion(fitness)[numbers], expected)


def test_asking_again_gives_the_same_genomes() -> None:
    algorithm = make()
    assert algorithm.ask() is algorithm.ask()


def test_telling_does_not_change_the_genomes_told_about() -> None:
    algorithm = make()
    genomes = algorithm.ask()
    before = genomes.copy()
    run(algorithm, 2)
    npt.assert_array_equal(genomes, before)


def test_tell_needs_ask_before_each_call() -> None:
    algorithm = make()
    with pytest.raises(RuntimeError, match=r"tell\(\) needs genomes: call ask\(\) first"):
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


def test_state_of_another_shape_is_refused_and_nothing_changed() -> None:
    algorithm = make()
    before = content(algorithm)
    for other, message in (
        (make(population_size=10), "genomes must be 20, got 10"),
        (make(table=wired(4, 2, n_hidden=4).genes), r"genomes must have shape \(n, 50\), got"),
    ):
        with pytest.raises(ValueError, match=message):
            algorithm.restore(*other.state())
    assert content(algorithm) == before


def damaged(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    arrays, values = make(seed=8).state()
    arrays, values = dict(arrays), json.loads(json.dumps(values))
    match name:
        case "no array":
            del arrays["genomes"]
        case "other kind":
            arrays["genomes"] = arrays["genomes"].astype(np.int16)
        case "too strong":
            arrays["genomes"] = np.full_like(arrays["genomes"], 9)
        case "no generation":
            del values["generation"]
        case "restart to come":
            values["restarted"] = 1
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
    ("name", "message"),
    [
        ("no array", "^'genomes'$"),
        ("other kind", "genomes must be of int8, got int16"),
        ("too strong", r"strength 0>4 must lie in \[-8, 8\], got 9"),
        ("no generation", "^'generation'$"),
        ("restart to come", "restarted must be a whole number .*0, got 1"),
        ("other generator", "must be for a PCG64 RNG"),
        ("no generator", "state must be a dict"),
        ("large state", "rng must be the state of a generator, but"),
        ("negative state", "rng must be the state of a generator, but"),
    ],
)
def test_damaged_state_is_refused_and_nothing_changed(name: str, message: str) -> None:
    algorithm = make()
    before = content(algorithm)
    with pytest.raises((ValueError, KeyError, TypeError), match=message):
        algorithm.restore(*damaged(name))
    assert content(algorithm) == before


def test_steps_stay_the_same_without_a_schedule() -> None:
    params = GeneticParams(mutation_scale=0.5, mutation_scale_last=0.9)
    assert [params.scale_after(n) for n in (0, 1, 1000)] == [0.5, 0.5, 0.5]


def test_steps_shrink_by_the_schedule_to_its_last() -> None:
    params = GeneticParams(mutation_scale=0.07, mutation_scale_last=0.03, mutation_time=80)
    npt.assert_allclose(
        [params.scale_after(n) for n in (0, 8, 40, 80, 1000)],
        [0.07, 0.07 * np.exp(-0.1), 0.07 * np.exp(-0.5), 0.03, 0.03],
    )


def test_children_are_as_far_from_their_parents_as_the_schedule_says() -> None:
    shrinking = {"mutation_scale": 0.5, "mutation_scale_last": 0.01, "mutation_time": 2.0}
    still = {"number_mutations": 0.0, "choice_mutations": 0.0, "elite_share": 0.0}
    algorithm = make(
        table=real_table(), population_size=400, parent_share=0.002, **shrinking, **still
    )
    algorithm.ask()
    algorithm.restart(np.ones(34, np.float32), 0.0)
    scales = []
    for _ in range(3):
        parent = algorithm.ask()[0]
        algorithm.tell(-np.arange(400.0))
        scales.append(float(np.std((algorithm.genomes - parent)[:, :15]) / 0.3))  # their spread
    npt.assert_allclose(scales, [0.5, 0.5 * np.exp(-0.5), 0.5 * np.exp(-1)], rtol=0.05)


def test_a_restart_surrounds_a_genome_by_the_spread_of_each_gene() -> None:
    table = real_table()
    algorithm = make(table=table, population_size=2000, mutation_scale=0.1, mutation_time=1.0)
    middle = table.fit(np.linspace(-1.0, 1.0, 34))
    run(algorithm, 2)
    algorithm.restart(middle, 0.2)
    numbers, genomes = table.numbers, algorithm.ask()
    assert algorithm.generation == 2
    npt.assert_allclose(genomes.mean(axis=0)[numbers], middle[numbers], atol=0.06)
    npt.assert_allclose(genomes.std(axis=0)[numbers], 0.2 * table.spread[numbers], rtol=0.1)
    assert (genomes[:, 30:] == middle[30:]).all()  # choices
    table.check(genomes)


def test_a_restart_needs_another_ask_and_is_saved() -> None:
    shrinking = {"mutation_scale": 0.5, "mutation_scale_last": 0.01, "mutation_time": 2.0}
    original, other = (make(table=real_table(), seed=seed, **shrinking) for seed in (1, 2))
    run(original, 3)
    original.restart(original.genomes[0], 0.3)
    with pytest.raises(RuntimeError, match=r"call ask\(\) first"):
        original.tell(np.zeros(20))
    run(original, 2)
    arrays, values = original.state()
    assert (values["generation"], values["restarted"]) == (5, 3)
    other.restore(arrays, json.loads(json.dumps(values)))
    assert run(other, 3) == run(original, 3)


def test_a_restart_of_whole_numbers_stays_in_their_table() -> None:
    algorithm = make()
    algorithm.restart(algorithm.genomes[3], 1.0)
    algorithm.table.check(algorithm.ask())
