"""Selection, crossover and mutation keep what they promise."""

from collections.abc import Callable

import numpy as np
import numpy.testing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiking_agent.brain.parameters import PER_NEURON
from spiking_agent.brain.population import Population
from spiking_agent.dna.wired import Blueprint, GeneValues
from spiking_agent.strategies.operators import (
    CROSSOVERS,
    block_crossover,
    column_crossover,
    consensus,
    mutate,
    pool_crossover,
    random_population,
    ranking,
    tournament_selection,
    truncation_selection,
    uniform_crossover,
)

QUICK = settings(max_examples=40, deadline=None, derandomize=True)
VALUES = GeneValues(
    max_strength=3, refractory_periods=(0, 1, 2), initiation_delays=(1, 2, 5), density=0.5
)
blueprints = st.builds(
    Blueprint,
    n_inputs=st.integers(1, 6),
    n_outputs=st.integers(1, 4),
    n_hidden=st.integers(0, 5),
    inputs_receive=st.booleans(),
    outputs_send=st.booleans(),
)
seeds = st.integers(0, 2**32 - 1)


def draw(blueprint: Blueprint, size: int, seed: int, values: GeneValues = VALUES) -> Population:
    return random_population(blueprint, values, size, np.random.default_rng(seed))


def content(population: Population) -> bytes:
    return b"".join(array.tobytes() for array in population.to_arrays().values())


def assert_lawful(population: Population, blueprint: Blueprint, values: GeneValues) -> None:
    strength = population.strength.astype(int)
    assert not strength[:, ~blueprint.mask].any()
    lowest = -values.max_strength if values.inhibition else 0
    assert lowest <= strength.min()
    assert strength.max() <= values.max_strength
    for name in PER_NEURON:
        array = getattr(population, name)
        assert np.isin(array, np.array(getattr(values, f"{name}s"), array.dtype)).all()
    for genome_id in range(len(population)):
        assert population.connectome(genome_id).n_neurons == blueprint.n_neurons


@QUICK
@given(blueprints, seeds, st.booleans())
def test_random_genomes_are_lawful(blueprint: Blueprint, seed: int, inhibition: bool) -> None:
    values = GeneValues(max_strength=2, inhibition=inhibition)
    assert_lawful(draw(blueprint, 5, seed, values), blueprint, values)


def test_random_genomes_have_the_density_asked_for() -> None:
    blueprint = Blueprint(n_inputs=20, n_outputs=10, n_hidden=10)
    for density in (0.1, 0.5, 1.0):
        population = draw(blueprint, 50, 0, GeneValues(density=density))
        share = np.count_nonzero(population.strength) / (50 * len(blueprint.sites))
        assert share == pytest.approx(density, abs=0.01)


def test_equal_seeds_give_equal_bytes() -> None:
    blueprint = Blueprint(n_inputs=5, n_outputs=3, n_hidden=4)

    def breed(seed: int) -> bytes:
        rng = np.random.default_rng(seed)
        parents = random_population(blueprint, VALUES, 8, rng)
        for cross in CROSSOVERS.values():
            parents = cross(parents, parents.take(range(8)[::-1]), rng)
            parents = mutate(
                parents, blueprint, VALUES, rng, synapse_mutations=2.0, neuron_mutations=1.0
            )
        return content(parents)

    assert breed(3) == breed(3)
    assert breed(3) != breed(4)


@QUICK
@given(st.lists(st.sampled_from([0.0, 1.0, -2.5, np.inf, -np.inf, np.nan]), max_size=12))
def test_ranking_goes_down_keeps_ties_in_order_and_puts_nan_last(fitness: list[float]) -> None:
    order = ranking(np.array(fitness, np.float64))

    def key(genome_id: int) -> tuple[bool, float, int]:
        value = fitness[genome_id]
        return (bool(np.isnan(value)), 0.0 if np.isnan(value) else -value, genome_id)

    assert order.tolist() == sorted(range(len(fitness)), key=key)


def test_truncation_draws_evenly_from_the_best() -> None:
    fitness = np.array([1.0, np.nan, 9.0, 4.0, 9.0])
    parents = truncation_selection(fitness, 3, 9_000, np.random.default_rng(0))
    ids, counts = np.unique(parents, return_counts=True)
    assert ids.tolist() == [2, 3, 4]
    assert np.abs(counts / 3_000 - 1.0).max() < 0.05


@pytest.mark.parametrize("n_rivals", [1, 2, 5])
def test_tournaments_are_won_by_rank(n_rivals: int) -> None:
    fitness = np.array([1.0, np.nan, 9.0, 4.0])
    parents = tournament_selection(fitness, n_rivals, 40_000, np.random.default_rng(0))
    shares = np.bincount(parents, minlength=4)[ranking(fitness)] / 40_000
    worse = np.arange(4, 0, -1) / 4  # chance that one rival is not better than the k-th best
    npt.assert_allclose(shares, worse**n_rivals - (worse - 0.25) ** n_rivals, atol=0.01)


def test_one_of_many_equals_wins_a_tournament_by_its_place() -> None:
    parents = tournament_selection(np.zeros(3), 50, 100, np.random.default_rng(0))
    assert parents.tolist() == [0] * 100


def parents_of(blueprint: Blueprint, seed: int, size: int = 6) -> tuple[Population, Population]:
    """Pairs that differ in every gene: mothers have strengths 1, fathers 2, and so on."""
    mothers = draw(blueprint, size, seed, GeneValues(max_strength=1, inhibition=False, density=1.0))
    fathers = draw(
        blueprint,
        size,
        seed,
        GeneValues(
            max_strength=1,
            inhibition=False,
            density=1.0,
            thresholds=(9.0,),
            decays=(1.0,),
            refractory_periods=(7,),
            initiation_delays=(7,),
        ),
    )
    fathers.strength[:] *= 2
    return mothers, fathers


def from_father(children: Population, mothers: Population, fathers: Population) -> np.ndarray:
    """Which neurons have the father's genes, after seeing that all four come together."""
    chosen = children.refractory_period == fathers.refractory_period
    for name in PER_NEURON:
        mine, hers, his = (getattr(p, name) for p in (children, mothers, fathers))
        npt.assert_array_equal(mine, np.where(chosen, his, hers))
    return chosen


@QUICK
@given(blueprints, seeds)
def test_column_crossover_takes_neurons_whole(blueprint: Blueprint, seed: int) -> None:
    mothers, fathers = parents_of(blueprint, seed)
    children = column_crossover(mothers, fathers, np.random.default_rng(seed))
    chosen = from_father(children, mothers, fathers)[:, blueprint.target_neurons]
    expected = np.where(chosen[:, None, :], fathers.strength, mothers.strength)
    npt.assert_array_equal(children.strength, expected)


@QUICK
@given(blueprints, seeds, st.integers(1, 20))
def test_block_crossover_takes_blocks_whole(
    blueprint: Blueprint, seed: int, block_size: int
) -> None:
    mothers, fathers = parents_of(blueprint, seed)
    rng = np.random.default_rng(seed)
    children = block_crossover(mothers, fathers, rng, block_size=block_size)
    chosen = from_father(children, mothers, fathers)
    block_of = np.arange(blueprint.n_neurons) // block_size
    target_block = block_of[blueprint.target_neurons]
    for child in range(len(children)):
        for row in range(block_of.max() + 1):
            neurons = chosen[child, block_of == row]
            assert neurons.all() or not neurons.any()
            for column in range(block_of.max() + 1):
                block = np.ix_(block_of == row, target_block == column)
                strengths = set(children.strength[child][block].ravel()) - {0}
                assert len(strengths) <= 1
                if row == column and strengths:
                    assert strengths == {2 if neurons[0] else 1}


@QUICK
@given(blueprints, seeds)
def test_uniform_crossover_takes_each_synapse_from_a_parent(
    blueprint: Blueprint, seed: int
) -> None:
    mothers, fathers = parents_of(blueprint, seed)
    children = uniform_crossover(mothers, fathers, np.random.default_rng(seed))
    from_father(children, mothers, fathers)
    synapses = children.strength[:, blueprint.mask]
    assert np.isin(synapses, [1, 2]).all()


@QUICK
@given(blueprints, seeds)
def test_pool_crossover_takes_each_gene_from_its_own_place(blueprint: Blueprint, seed: int) -> None:
    mothers, fathers = parents_of(blueprint, seed)
    for part in (mothers, fathers):  # the place of a synapse in its strength, the neuron's in its
        part.strength[:] = np.arange(part.strength[0].size).reshape(part.strength.shape[1:]) % 100
        part.decay[:] = np.arange(blueprint.n_neurons)
    children = pool_crossover(mothers, fathers, np.random.default_rng(seed))
    npt.assert_array_equal(children.strength, mothers.strength)
    npt.assert_array_equal(children.decay, mothers.decay)


def test_a_child_of_the_pool_has_many_parents() -> None:
    blueprint = Blueprint(n_inputs=30, n_outputs=10)
    mothers, fathers = parents_of(blueprint, 0, size=20)
    for number in range(20):
        mothers.strength[number], fathers.strength[number] = number, 20 + number
    child = pool_crossover(mothers, fathers, np.random.default_rng(0)).strength[0]
    given = np.bincount(child.ravel().astype(int), minlength=40)
    assert given.min() > 0
    assert given.max() < 4 * given.mean()


def test_the_consensus_is_the_mean_of_strengths_and_the_median_of_other_genes() -> None:
    blueprint = Blueprint(n_inputs=3, n_outputs=2)
    population = draw(blueprint, 4, 0)
    one = consensus(population)
    npt.assert_array_equal(one.strength[0], np.rint(population.strength.astype(float).mean(axis=0)))
    for name in PER_NEURON:
        genes = np.sort(getattr(population, name), axis=0)
        npt.assert_array_equal(getattr(one, name), genes[1:2])


@QUICK
@given(blueprints, seeds, st.sampled_from([0.3, 2.0, 500.0]), st.booleans())
def test_jittered_genomes_are_lawful(
    blueprint: Blueprint, seed: int, scale: float, inhibition: bool
) -> None:
    values = GeneValues(max_strength=127, inhibition=inhibition, first_strength=5)
    population = draw(blueprint, 5, seed, values)
    before = content(population)
    mutants = mutate(
        population,
        blueprint,
        values,
        np.random.default_rng(seed),
        synapse_mutations=0.0,
        neuron_mutations=0.0,
        mutation_scale=scale,
    )
    assert_lawful(mutants, blueprint, values)
    assert content(population) == before


def test_jitter_has_the_scale_asked_for_around_what_was() -> None:
    blueprint = Blueprint(n_inputs=100, n_outputs=20)
    population = draw(blueprint, 10, 0, GeneValues(max_strength=127, first_strength=20))
    mutants = mutate(
        population,
        blueprint,
        GeneValues(max_strength=127),
        np.random.default_rng(0),
        synapse_mutations=0.0,
        neuron_mutations=0.0,
        mutation_scale=3.0,
    )
    change = (mutants.strength.astype(int) - population.strength)[:, blueprint.mask]
    assert change.mean() == pytest.approx(0.0, abs=0.1)
    assert change.std() == pytest.approx(3.0, abs=0.1)


def test_random_genomes_begin_with_the_first_strengths() -> None:
    blueprint = Blueprint(n_inputs=100, n_outputs=20)
    population = draw(blueprint, 10, 0, GeneValues(max_strength=100, first_strength=20))
    assert (population.strength.min(), population.strength.max()) == (-20, 20)


@pytest.mark.parametrize("name", CROSSOVERS)
def test_both_parents_give_half(name: str) -> None:
    blueprint = Blueprint(n_inputs=30, n_outputs=10, n_hidden=10)
    mothers, fathers = parents_of(blueprint, 0, size=100)
    children = CROSSOVERS[name](mothers, fathers, np.random.default_rng(0))
    share = (children.strength[:, blueprint.mask] == 2).mean()
    assert share == pytest.approx(0.5, abs=0.05)
    share = (children.refractory_period == fathers.refractory_period).mean()
    assert share == pytest.approx(0.5, abs=0.05)


def test_synapses_of_one_column_come_from_both_parents_in_uniform_crossover() -> None:
    blueprint = Blueprint(n_inputs=50, n_outputs=1)
    mothers, fathers = parents_of(blueprint, 0, size=2)
    children = uniform_crossover(mothers, fathers, np.random.default_rng(0))
    assert set(children.strength[0, :50, 0]) == {1, 2}


@pytest.mark.parametrize("cross", CROSSOVERS.values(), ids=CROSSOVERS)
def test_parents_are_left_as_they_are(
    cross: Callable[[Population, Population, np.random.Generator], Population],
) -> None:
    mothers, fathers = parents_of(Blueprint(n_inputs=4, n_outputs=2), 0)
    before = content(mothers), content(fathers)
    children = cross(mothers, fathers, np.random.default_rng(0))
    children.strength[:] = 0
    assert (content(mothers), content(fathers)) == before


@QUICK
@given(blueprints, seeds, st.booleans(), st.floats(0.0, 20.0))
def test_mutants_are_lawful_and_their_parents_unchanged(
    blueprint: Blueprint, seed: int, inhibition: bool, mean: float
) -> None:
    values = GeneValues(max_strength=2, inhibition=inhibition, refractory_periods=(0, 3))
    population = draw(blueprint, 6, seed, values)
    before = content(population)
    rng = np.random.default_rng(seed)
    mutants = mutate(
        population, blueprint, values, rng, synapse_mutations=mean, neuron_mutations=mean
    )
    assert content(population) == before
    assert_lawful(mutants, blueprint, values)


def test_mutation_reaches_every_site_with_every_strength() -> None:
    blueprint = Blueprint(n_inputs=2, n_outputs=2, n_hidden=1)
    population = draw(blueprint, 400, 0)
    population.strength[:] = 0
    rng = np.random.default_rng(0)
    mutants = mutate(
        population, blueprint, VALUES, rng, synapse_mutations=50.0, neuron_mutations=0.0
    )
    for source, target in np.argwhere(blueprint.mask):
        assert set(mutants.strength[:, source, target]) == {-3, -2, -1, 0, 1, 2, 3}


def test_mean_number_of_mutations_fits() -> None:
    blueprint = Blueprint(n_inputs=40, n_outputs=10, n_hidden=10)
    values = GeneValues(max_strength=100, density=1.0, thresholds=tuple(range(1000)))
    population = draw(blueprint, 4_000, 0, values)
    rng = np.random.default_rng(1)
    mutants = mutate(
        population, blueprint, values, rng, synapse_mutations=1.4, neuron_mutations=0.3
    )
    step = mutants.strength.astype(int) - population.strength
    changes = np.count_nonzero(step, axis=(1, 2))
    assert changes.mean() == pytest.approx(1.4, abs=0.06)
    assert changes.var() == pytest.approx(1.4, abs=0.12)  # Poisson: variance is mean
    assert (mutants.threshold != population.threshold).sum(axis=1).mean() == pytest.approx(
        0.3, abs=0.03
    )
    is_changed = step != 0
    removed = (mutants.strength[is_changed] == 0).mean()
    stepped = (np.abs(step[is_changed]) == 1).mean()
    assert removed == pytest.approx(0.2, abs=0.03)
    assert stepped == pytest.approx(0.5, abs=0.03)


def test_no_mutations_change_nothing() -> None:
    blueprint = Blueprint(n_inputs=4, n_outputs=2)
    population = draw(blueprint, 5, 0)
    rng = np.random.default_rng(0)
    mutants = mutate(
        population, blueprint, VALUES, rng, synapse_mutations=0.0, neuron_mutations=0.0
    )
    assert content(mutants) == content(population)


def test_genes_without_a_choice_are_left_alone() -> None:
    blueprint = Blueprint(n_inputs=4, n_outputs=2)
    values = GeneValues(refractory_periods=(5,), initiation_delays=(2,), decays=(0.5,))
    population = draw(blueprint, 5, 0)
    rng = np.random.default_rng(0)
    mutants = mutate(
        population, blueprint, values, rng, synapse_mutations=0.0, neuron_mutations=50.0
    )
    for name in ("decay", "refractory_period", "initiation_delay"):
        npt.assert_array_equal(getattr(mutants, name), getattr(population, name))
    assert (mutants.threshold != population.threshold).any()


@pytest.mark.parametrize("thresholds", [(7.0,), (7.0, 8.0)])
def test_mutated_hidden_neurons_keep_to_thresholds_of_their_own(thresholds) -> None:
    blueprint = Blueprint(n_inputs=2, n_hidden=3, n_outputs=4)
    values = GeneValues(thresholds=thresholds, hidden_thresholds=(1.0, 2.0))
    population = draw(blueprint, 30, 0, values)
    rng = np.random.default_rng(0)
    mutants = mutate(
        population, blueprint, values, rng, synapse_mutations=0.0, neuron_mutations=50.0
    )
    hidden = mutants.threshold[:, 2:5]
    assert set(np.unique(hidden)) == {1.0, 2.0}
    assert (hidden != population.threshold[:, 2:5]).any()
    assert set(np.unique(np.delete(mutants.threshold, np.s_[2:5], axis=1))) == set(thresholds)


def test_hidden_neurons_can_have_thresholds_of_their_own() -> None:
    blueprint = Blueprint(n_inputs=2, n_hidden=3, n_outputs=4)
    values = GeneValues(thresholds=(7.0,), hidden_thresholds=(1.0, 2.0))
    threshold = draw(blueprint, 30, 0, values).threshold
    assert set(np.unique(threshold[:, 2:5])) == {1.0, 2.0}
    assert set(np.unique(np.delete(threshold, np.s_[2:5], axis=1))) == {7.0}
    plain = GeneValues(thresholds=(7.0,))
    npt.assert_array_equal(
        draw(blueprint, 30, 0, values).strength, draw(blueprint, 30, 0, plain).strength
    )
