"""How far the genomes of a population are from each other."""

import math

import numpy as np

from spiking_agent.brain.population import Population


def diversity(population: Population, n_sites: int) -> float:
    """Tell how much the strengths of two genomes of a population differ.

    Parameters
    ----------
    population : Population
        The genomes, at least one.
    n_sites : int
        Synapses that could exist, >= 0, see `Blueprint.sites`; others are 0 in all genomes.

    Returns
    -------
    float
        Root of the mean square difference between the strengths of the same synapse in two
        genomes, over all synapses that could exist and all pairs of different genomes; in units of
        strength, as `mutation_scale` is. 0.0 if all genomes are equal; a synapse that one of two
        lacks counts as strength 0 there. Thresholds and other genes of neurons have other units and
        do not count.

    Notes
    -----
    Over all pairs of n values, the mean square difference is twice their variance with n - 1 in the
    denominator: no pair has to be looked at. The sums are whole numbers, so that the result does
    not depend on the order in which they are made.
    """
    n = len(population)
    if n < 2 or n_sites == 0:
        return 0.0
    strength = population.strength.reshape(n, -1).astype(np.int64)
    squares = int(np.einsum("ij,ij->", strength, strength))
    sums = strength.sum(axis=0)
    spread = n * squares - int(np.dot(sums, sums))
    return math.sqrt(2 * spread / (n * (n - 1) * n_sites))
