"""Diversity is what looking at every pair of genomes would give."""

from itertools import combinations

import numpy as np
import pytest

from spiking_agent.brain.population import Population
from spiking_agent.dna.wired import Blueprint, GeneValues
from spiking_agent.strategies.diversity import diversity
from spiking_agent.strategies.operators import random_population

BLUEPRINT = Blueprint(n_inputs=5, n_hidden=2, n_outputs=3, outputs_send=True)


def by_pairs(population: Population, n_sites: int) -> float:
    """The plain twin: each pair of different genomes, each synapse."""
    squares = [
        (float(first) - float(second)) ** 2
        for a, b in combinations(population.strength, 2)
        for first, second in zip(a.ravel(), b.ravel(), strict=True)
    ]
    n_pairs = len(population) * (len(population) - 1) // 2
    return float(np.sqrt(sum(squares) / (n_pairs * n_sites)))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("largest", [1, 127])
def test_it_is_the_root_of_the_mean_square_difference_over_all_pairs(
    seed: int, largest: int
) -> None:
    rng = np.random.default_rng(seed)
    values = GeneValues(max_strength=largest, density=0.7)
    population = random_population(BLUEPRINT, values, 2 + seed, rng)
    n_sites = len(BLUEPRINT.sites)
    expected = by_pairs(population, n_sites)
    assert expected > 0
    assert diversity(population, n_sites) == pytest.approx(expected, rel=1e-12)


def test_two_genomes_that_differ_by_three_in_every_synapse_are_three_apart() -> None:
    rng = np.random.default_rng(0)
    one = random_population(BLUEPRINT, GeneValues(density=1.0), 1, rng)
    strength = np.zeros((2, *one.strength.shape[1:]), np.int8)
    strength[1].flat[BLUEPRINT.sites] = -3
    both = Population.concatenate([one, one])
    pair = Population(**{**both.to_arrays(), "strength": strength})
    assert diversity(pair, len(BLUEPRINT.sites)) == 3.0


def test_equal_genomes_and_a_lone_one_have_none() -> None:
    one = random_population(BLUEPRINT, GeneValues(), 1, np.random.default_rng(0))
    assert diversity(one, len(BLUEPRINT.sites)) == 0.0
    assert diversity(one.take([0] * 50), len(BLUEPRINT.sites)) == 0.0


def test_sums_of_many_large_strengths_do_not_overflow() -> None:
    one = random_population(BLUEPRINT, GeneValues(), 1, np.random.default_rng(0))
    strength = np.repeat(np.full_like(one.strength, 127), 40_000, axis=0)
    strength[::2] = -127
    many = one.take(np.zeros(40_000, int))
    opposed = Population(**{**many.to_arrays(), "strength": strength})
    n_values = strength[0].size
    assert diversity(opposed, n_values) == pytest.approx(254 / np.sqrt(2), rel=1e-4)
