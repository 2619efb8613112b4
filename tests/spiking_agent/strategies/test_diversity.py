"""Diversity is what looking at every pair of genomes would give."""

from itertools import combinations

import numpy as np
import pytest
from gene_tables import real_table, wired

from spiking_agent.dna.gene_table import GeneTable, Genomes
from spiking_agent.strategies.diversity import diversity

TABLE = wired(5, 3, n_hidden=2, outputs_send=True, max_strength=127).genes


def by_pairs(genomes: Genomes, table: GeneTable) -> float:
    """The plain twin: each pair of different genomes, each number."""
    squares = [
        (float(first) - float(second)) ** 2
        for a, b in combinations(genomes[:, table.numbers], 2)
        for first, second in zip(a, b, strict=True)
    ]
    return float(np.sqrt(np.mean(squares)))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "table", [wired(5, 3, max_strength=1, density=0.7).genes, TABLE, real_table()]
)
def test_it_is_the_root_of_the_mean_square_difference_over_all_pairs(
    seed: int, table: GeneTable
) -> None:
    genomes = table.draw(2 + seed, np.random.default_rng(seed))
    expected = by_pairs(genomes, table)
    assert expected > 0
    assert diversity(genomes, table) == pytest.approx(expected, rel=1e-9)


def test_two_genomes_that_differ_by_three_in_every_number_are_three_apart() -> None:
    pair = np.repeat(TABLE.draw(1, np.random.default_rng(0)), 2, axis=0)
    pair[:, TABLE.numbers] = [[0], [-3]]
    assert diversity(pair, TABLE) == 3.0


def test_choices_have_no_distance() -> None:
    pair = np.repeat(TABLE.draw(1, np.random.default_rng(0)), 2, axis=0)
    pair[0, TABLE.choices[0]] = 0
    pair[1, TABLE.choices[0]] = 1
    assert diversity(pair, TABLE) == 0.0


def test_equal_genomes_and_a_lone_one_have_none() -> None:
    one = TABLE.draw(1, np.random.default_rng(0))
    assert diversity(one, TABLE) == 0.0
    assert diversity(np.repeat(one, 50, axis=0), TABLE) == 0.0


def test_sums_of_many_large_numbers_do_not_overflow() -> None:
    many = np.full((40_000, TABLE.n_genes), 127, np.int8)
    many[::2, TABLE.numbers] = -127
    assert diversity(many, TABLE) == pytest.approx(254 / np.sqrt(2), rel=1e-4)
