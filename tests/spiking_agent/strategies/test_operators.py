"""Selection, crossover and mutation keep what they promise."""

import numpy as np
import numpy.testing as npt
import pytest
from gene_tables import real_table, whole_table, wired
from hypothesis import given, settings
from hypothesis import strategies as st

from spiking_agent.dna.gene_table import GeneTable, Genomes
from spiking_agent.strategies import operators
from spiking_agent.strategies.operators import (
    BLOCK_SIZE,
    CROSSOVERS,
    block_crossover,
    column_crossover,
    consensus,
    mutate,
    pool_crossover,
    ranking,
    truncation_selection,
    uniform_crossover,
)

QUICK = settings(max_examples=40, deadline=None, derandomize=True)
CHOICES = {"refractory_periods": (0, 1, 2), "initiation_delays": (1, 2, 5)}
tables = st.one_of(
    st.builds(
        lambda n_inputs, n_outputs, **params: wired(n_inputs, n_outputs, **params).genes,
        st.integers(1, 6),
        st.integers(1, 4),
        n_hidden=st.integers(0, 40),
        inputs_receive=st.booleans(),
        outputs_send=st.booleans(),
        inhibition=st.booleans(),
        max_strength=st.sampled_from([1, 3, 127]),
        refractory_periods=st.sampled_from([(0,), (0, 1, 2)]),
    ),
    st.builds(real_table, st.integers(0, 30), st.integers(1, 5)),
    st.lists(
        st.tuples(st.integers(-200, 200), st.integers(1, 50)).map(lambda of: (of[0], sum(of))),
        min_size=1,
        max_size=8,
    ).map(lambda ranges: whole_table(*ranges)),
)
seeds = st.integers(0, 2**32 - 1)


def genes(n_inputs: int = 4, n_outputs: int = 2, **params) -> GeneTable:
    return wired(n_inputs, n_outputs, **{"decays": (1.0,), "thresholds": (1.0,), **params}).genes


def draw(table: GeneTable, size: int, seed: int = 0) -> Genomes:
    return table.draw(size, np.random.default_rng(seed))


def parents_of(table: GeneTable, size: int = 6) -> tuple[Genomes, Genomes]:
    """Pairs that differ in every gene."""
    mothers = np.zeros((size, table.n_genes), table.dtype)
    return mothers, mothers + table.dtype.type(1)


def test_equal_seeds_give_equal_bytes() -> None:
    table = wired(5, 3, n_hidden=4, **CHOICES).genes

    def breed(seed: int) -> bytes:
        rng = np.random.default_rng(seed)
        parents = table.draw(8, rng)
        for cross in CROSSOVERS.values():
            parents = cross(parents, parents[::-1], table, rng)
            parents = mutate(parents, table, rng, number_mutations=2.0, choice_mutations=1.0)
        return parents.tobytes()

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


@QUICK
@given(tables, seeds)
def test_column_crossover_takes_all_that_acts_on_a_neuron(table: GeneTable, seed: int) -> None:
    children = column_crossover(*parents_of(table), table, np.random.default_rng(seed))
    for child in children:
        for place in range(table.n_places):
            assert len(set(child[table.target == place])) <= 1


@QUICK
@given(tables, seeds)
def test_block_crossover_takes_blocks_whole(table: GeneTable, seed: int) -> None:
    children = block_crossover(*parents_of(table), table, np.random.default_rng(seed))
    rows, columns = table.source // BLOCK_SIZE, table.target // BLOCK_SIZE
    for child in children:
        for row, column in set(zip(rows.tolist(), columns.tolist(), strict=True)):
            assert len(set(child[(rows == row) & (columns == column)])) == 1


@QUICK
@given(tables, seeds)
def test_pool_crossover_takes_each_gene_from_its_own_place(table: GeneTable, seed: int) -> None:
    parents = np.tile(np.arange(table.n_genes) % 100, (4, 1)).astype(table.dtype)
    children = pool_crossover(parents, parents, table, np.random.default_rng(seed))
    npt.assert_array_equal(children, parents)


def test_a_child_of_the_pool_has_many_parents() -> None:
    table = genes(30, 10)
    mothers, fathers = (
        np.tile(np.arange(begin, begin + 20)[:, None], (1, table.n_genes)).astype(np.int8)
        for begin in (0, 20)
    )
    child = pool_crossover(mothers, fathers, table, np.random.default_rng(0))[0]
    given_by = np.bincount(child, minlength=40)
    assert given_by.min() > 0
    assert given_by.max() < 4 * given_by.mean()


def test_genes_of_one_column_come_from_both_parents_in_uniform_crossover() -> None:
    table = genes(50, 1)
    children = uniform_crossover(*parents_of(table, 2), table, np.random.default_rng(0))
    assert set(children[0]) == {0, 1}


@pytest.mark.parametrize("name", CROSSOVERS)
def test_both_parents_give_half(name: str) -> None:
    table = wired(30, 10, n_hidden=10, **CHOICES).genes
    children = CROSSOVERS[name](*parents_of(table, 100), table, np.random.default_rng(0))
    assert children[:, table.numbers].mean() == pytest.approx(0.5, abs=0.05)
    assert np.delete(children, table.numbers, axis=1).mean() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("cross", CROSSOVERS.values(), ids=CROSSOVERS)
def test_parents_are_left_as_they_are(cross) -> None:
    table = genes()
    mothers, fathers = parents_of(table)
    children = cross(mothers, fathers, table, np.random.default_rng(0))
    children[:] = 7
    assert (mothers.any(), (fathers == 1).all()) == (False, True)


def test_the_consensus_is_the_mean_of_numbers_and_the_median_of_choices() -> None:
    table = wired(3, 2, **CHOICES).genes
    genomes = draw(table, 4)
    one = consensus(genomes, table)
    numbers = table.numbers
    npt.assert_array_equal(one[numbers], np.rint(genomes[:, numbers].astype(float).mean(axis=0)))
    for run in table.choices:
        npt.assert_array_equal(one[run], np.sort(genomes[:, run], axis=0)[1])
    real = real_table()
    genomes = draw(real, 5)
    mean = genomes.mean(axis=0, dtype=np.float64).astype(np.float32)
    npt.assert_array_equal(consensus(genomes, real)[:30], mean[:30])


@QUICK
@given(tables, seeds, st.sampled_from([0.0, 0.3, 2.0, 500.0]), st.floats(0.0, 20.0))
def test_mutants_are_lawful_and_their_parents_unchanged(
    table: GeneTable, seed: int, scale: float, mean: float
) -> None:
    genomes = draw(table, 6, seed)
    before = genomes.tobytes()
    mutants = mutate(
        genomes,
        table,
        np.random.default_rng(seed),
        number_mutations=mean,
        choice_mutations=mean,
        mutation_scale=scale,
    )
    table.check(mutants)
    assert genomes.tobytes() == before


@pytest.mark.parametrize("table", [genes(100, 20, max_strength=127, first_strength=20)])
def test_jitter_has_the_scale_asked_for_around_what_was(table: GeneTable) -> None:
    genomes = draw(table, 10)
    mutants = mutate(
        genomes,
        table,
        np.random.default_rng(0),
        number_mutations=0.0,
        choice_mutations=0.0,
        mutation_scale=3.0,
    )
    change = mutants.astype(int) - genomes
    assert change.mean() == pytest.approx(0.0, abs=0.1)
    assert change.std() == pytest.approx(3.0, abs=0.1)


def test_jitter_of_real_numbers_is_not_rounded() -> None:
    table = real_table()
    genomes = draw(table, 200)
    how = {"number_mutations": 0.0, "choice_mutations": 0.0, "mutation_scale": 0.05}
    change = mutate(genomes, table, np.random.default_rng(0), **how) - genomes
    assert change[:, :15].std() == pytest.approx(0.05 * 0.3, rel=0.05)  # in units of their spread
    assert change[:, 15:30].std() == pytest.approx(0.05 * 3.0, rel=0.05)
    assert not change[:, 30:].any()


def test_mutation_reaches_every_number_with_every_value() -> None:
    table = genes(2, 2, n_hidden=1, max_strength=3)
    genomes = np.zeros((400, table.n_genes), np.int8)
    rng = np.random.default_rng(0)
    mutants = mutate(genomes, table, rng, number_mutations=50.0, choice_mutations=0.0)
    for gene in range(table.n_genes):
        assert set(mutants[:, gene]) == {-3, -2, -1, 0, 1, 2, 3}


@pytest.mark.parametrize("low_high", [(-5, 0), (-5, 10), (5, 10), (-10, -5), (0, 1), (-3, 3)])
def test_whole_numbers_are_redrawn_from_all_of_their_range_but_0(low_high, monkeypatch) -> None:
    monkeypatch.setattr(operators, "P_STEP", 0.0)
    monkeypatch.setattr(operators, "P_REDRAW", 1.0)
    low, high = low_high
    table = whole_table(low_high, (-2, 2))  # a sign is drawn for both
    genomes = np.tile(np.array([low, 0], table.dtype), (10_000, 1))
    rng = np.random.default_rng(0)
    mutants = mutate(genomes, table, rng, number_mutations=30.0, choice_mutations=0.0)[:, 0]
    values, counts = np.unique(mutants, return_counts=True)
    assert values.tolist() == [value for value in range(low, high + 1) if value]
    assert counts.max() < 3 * counts.min()


def test_redrawn_real_numbers_lie_about_their_center() -> None:
    table = real_table()
    genomes = np.full((2_000, table.n_genes), 9.0, np.float32)
    genomes[:, 30:] = 0
    rng = np.random.default_rng(0)
    mutants = mutate(genomes, table, rng, number_mutations=1.4, choice_mutations=0.0)[:, :15]
    redrawn = mutants[(mutants != 9.0) & (mutants != 8.0) & (mutants != 0.0)]
    assert redrawn.mean() == pytest.approx(1.0, abs=0.05)
    assert redrawn.std() == pytest.approx(0.3, abs=0.05)


def test_mean_number_of_mutations_fits() -> None:
    table = genes(40, 10, n_hidden=10, max_strength=100, thresholds=tuple(map(float, range(1000))))
    genomes = draw(table, 4_000)
    genomes[:, table.numbers] = np.where(
        genomes[:, table.numbers] == 0, 50, genomes[:, table.numbers]
    )
    rng = np.random.default_rng(1)
    mutants = mutate(genomes, table, rng, number_mutations=1.4, choice_mutations=0.3)
    step = (mutants.astype(int) - genomes)[:, table.numbers]
    changes = np.count_nonzero(step, axis=1)
    assert changes.mean() == pytest.approx(1.4, abs=0.06)
    assert changes.var() == pytest.approx(1.4, abs=0.12)  # Poisson: variance is mean
    redrawn = (mutants != genomes)[:, table.choices[0]].sum(axis=1)
    assert redrawn.mean() == pytest.approx(0.3, abs=0.03)
    is_changed = step != 0
    removed = (mutants[:, table.numbers][is_changed] == 0).mean()
    stepped = (np.abs(step[is_changed]) == 1).mean()
    assert removed == pytest.approx(0.2, abs=0.03)
    assert stepped == pytest.approx(0.5, abs=0.03)


def test_no_mutations_change_nothing() -> None:
    table = wired(4, 2, **CHOICES).genes
    genomes = draw(table, 5)
    rng = np.random.default_rng(0)
    mutants = mutate(genomes, table, rng, number_mutations=0.0, choice_mutations=0.0)
    npt.assert_array_equal(mutants, genomes)


def test_each_part_with_choices_is_mutated() -> None:
    table = wired(4, 2, n_hidden=3, hidden_thresholds=(1.0, 2.0), **CHOICES).genes
    genomes = draw(table, 5)
    rng = np.random.default_rng(0)
    mutants = mutate(genomes, table, rng, number_mutations=0.0, choice_mutations=50.0)
    assert len(table.choices) == 4
    for run in table.choices:
        assert (mutants[:, run] != genomes[:, run]).any()
    npt.assert_array_equal(mutants[:, table.numbers], genomes[:, table.numbers])
