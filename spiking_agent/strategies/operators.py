"""Selection, crossover and mutation: pure functions of populations and a generator.

Fitness is always larger-is-better. Nothing here changes its arguments.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from spiking_agent.brain.parameters import PER_NEURON
from spiking_agent.brain.population import Population
from spiking_agent.dna.wired import Blueprint, GeneValues

FloatArray = npt.NDArray[np.float64]
IntpArray = npt.NDArray[np.intp]
Generator = np.random.Generator
Crossover = Callable[[Population, Population, Generator], Population]

P_STEP, P_REDRAW = 0.5, 0.3  # of a mutated synapse; else it is removed


def random_population(
    blueprint: Blueprint, values: GeneValues, size: int, rng: Generator
) -> Population:
    """Draw genomes that owe nothing to each other.

    Parameters
    ----------
    blueprint : Blueprint
        Neurons and possible synapses.
    values : GeneValues
        What genes are drawn from.
    size : int
        Number of genomes.
    rng : Generator
        Source of every draw.
    """
    shape = (size, *blueprint.mask.shape)
    exists = (rng.random(shape) < values.density) & blueprint.mask
    strength = np.zeros(shape, np.int8)
    strength[exists] = values.draw_strengths(int(exists.sum()), rng, is_first=True)
    per_neuron = (size, blueprint.n_neurons)
    threshold = rng.choice(np.array(values.thresholds, np.float32), per_neuron)
    if values.hidden_thresholds:
        choices = np.array(values.hidden_thresholds, np.float32)
        drawn = rng.choice(choices, (size, blueprint.n_hidden))
        threshold[:, blueprint.hidden_neurons] = drawn
    return Population(
        strength=strength,
        threshold=threshold,
        decay=rng.choice(np.array(values.decays, np.float32), per_neuron),
        refractory_period=rng.choice(np.array(values.refractory_periods, np.int32), per_neuron),
        initiation_delay=rng.choice(np.array(values.initiation_delays, np.int32), per_neuron),
        soft_reset=rng.choice(np.array(values.soft_resets, np.bool_), per_neuron),
        target_neurons=blueprint.target_neurons,
        input_neurons=blueprint.input_neurons,
        output_neurons=blueprint.output_neurons,
    )


def is_better(fitness: float, other: float) -> bool:
    """Tell whether one fitness beats another; equals do not, and NaN beats nothing."""
    return bool(fitness > other or (np.isnan(other) and not np.isnan(fitness)))


def ranking(fitness: FloatArray) -> IntpArray:
    """Genome ids from best to worst; equals keep their order, NaN comes last."""
    order: IntpArray = np.argsort(-np.nan_to_num(fitness, nan=-np.inf), kind="stable")
    return order


def truncation_selection(
    fitness: FloatArray, n_parents: int, size: int, rng: Generator
) -> IntpArray:
    """Draw `size` parents evenly from the `n_parents` best."""
    best: IntpArray = ranking(fitness)[:n_parents]
    return best[rng.integers(0, n_parents, size)]


def tournament_selection(
    fitness: FloatArray, n_rivals: int, size: int, rng: Generator
) -> IntpArray:
    """Draw `size` parents, each the best of `n_rivals` drawn evenly with replacement."""
    rank = np.empty(len(fitness), np.intp)
    order: IntpArray = ranking(fitness)
    rank[order] = np.arange(len(fitness))
    rivals = rng.integers(0, len(fitness), (size, n_rivals))
    winners: IntpArray = order[rank[rivals].min(axis=1)]
    return winners


def column_crossover(mothers: Population, fathers: Population, rng: Generator) -> Population:
    """Take each neuron whole, its incoming synapses and its genes, from either parent."""
    from_father = rng.random((len(mothers), mothers.n_neurons)) < 0.5
    columns = from_father[:, mothers.target_neurons]
    return replace(
        mothers,
        strength=np.where(columns[:, None, :], fathers.strength, mothers.strength),
        **_neuron_genes(mothers, fathers, from_father),
    )


def uniform_crossover(mothers: Population, fathers: Population, rng: Generator) -> Population:
    """Take each synapse and each neuron's genes from either parent."""
    from_father = rng.random((len(mothers), mothers.n_neurons)) < 0.5
    synapses = rng.random(mothers.strength.shape) < 0.5
    return replace(
        mothers,
        strength=np.where(synapses, fathers.strength, mothers.strength),
        **_neuron_genes(mothers, fathers, from_father),
    )


def block_crossover(
    mothers: Population, fathers: Population, rng: Generator, *, block_size: int = 16
) -> Population:
    """Cut the matrix into square blocks and take each from either parent, as the post does.

    Parameters
    ----------
    mothers, fathers : Population
        Parents, pair by pair.
    rng : Generator
        Source of every draw.
    block_size : int
        Rows and columns of a block; those at the right and lower edge may be smaller.

    Notes
    -----
    The genes of a neuron come from the parent that its block on the diagonal comes from.
    """
    n_blocks = -(-mothers.n_neurons // block_size)
    blocks = rng.random((len(mothers), n_blocks, n_blocks)) < 0.5
    block_of = np.arange(mothers.n_neurons) // block_size
    synapses = blocks[:, block_of[:, None], block_of[mothers.target_neurons][None, :]]
    return replace(
        mothers,
        strength=np.where(synapses, fathers.strength, mothers.strength),
        **_neuron_genes(mothers, fathers, blocks[:, block_of, block_of]),
    )


def pool_crossover(mothers: Population, fathers: Population, rng: Generator) -> Population:
    """Take each synapse and each neuron's genes from any of the mothers and fathers.

    Notes
    -----
    A child has as many parents as genes, so that what makes a genome good is told from what it
    happens to carry: a gene spreads by its mean effect in all the company it keeps.

    References
    ----------
    H. Mühlenbein, H.-M. Voigt, "Gene Pool Recombination in Genetic Algorithms", Meta-Heuristics,
    1996, pages 53-62.
    """
    pool = Population.concatenate([mothers, fathers])
    neurons = np.arange(mothers.n_neurons)
    parents = rng.integers(0, len(pool), mothers.threshold.shape)
    strength = pool.strength.reshape(len(pool), -1)
    sources = rng.integers(0, len(pool), (len(mothers), strength.shape[1]))
    drawn = strength[sources, np.arange(strength.shape[1])]
    return replace(
        mothers,
        strength=drawn.reshape(mothers.strength.shape),
        **{name: getattr(pool, name)[parents, neurons] for name in PER_NEURON},
    )


CROSSOVERS: dict[str, Crossover] = {
    "columns": column_crossover,
    "uniform": uniform_crossover,
    "blocks": block_crossover,
    "pool": pool_crossover,
}


def mutate(
    population: Population,
    blueprint: Blueprint,
    values: GeneValues,
    rng: Generator,
    *,
    synapse_mutations: float,
    neuron_mutations: float,
    mutation_scale: float = 0.0,
) -> Population:
    """Change a few genes of every genome.

    Parameters
    ----------
    population : Population
        Genomes to start from; left as they are.
    blueprint : Blueprint
        Where synapses may grow.
    values : GeneValues
        What genes are drawn from.
    rng : Generator
        Source of every draw.
    synapse_mutations : float
        Mean number of mutated synapse sites a genome (Poisson). Half of them step by one, 30 %
        are drawn anew and 20 % are removed.
    neuron_mutations : float
        Mean number of redrawn genes a genome, for each kind of neuron gene that has a choice.
    mutation_scale : float
        Standard deviation of the normal draws that are added to all strengths, rounded, before
        anything else; 0 for none.
    """
    strength = population.strength.copy()
    if mutation_scale > 0.0:
        strength = _jitter(strength, blueprint, values, rng, mutation_scale)
    genome = _mutants(len(population), synapse_mutations, rng)
    site = blueprint.sites[rng.integers(0, len(blueprint.sites), len(genome))]
    flat = strength.reshape(len(population), -1)
    lowest = -values.max_strength if values.inhibition else 0
    step = flat[genome, site].astype(np.int64) + rng.integers(0, 2, len(genome)) * 2 - 1
    stepped = np.clip(step, lowest, values.max_strength)
    drawn = values.draw_strengths(len(genome), rng)
    kind = rng.random(len(genome))
    changed = np.where(kind < P_STEP, stepped, np.where(kind < P_STEP + P_REDRAW, drawn, 0))
    flat[genome, site] = changed.astype(np.int8)

    genes = {}
    for name in PER_NEURON:
        array, choices = getattr(population, name), getattr(values, f"{name}s")
        of_hidden = values.hidden_thresholds if name == "threshold" else ()
        if len(choices) > 1 or len(of_hidden) > 1:
            array = array.copy()
            genome = _mutants(len(population), neuron_mutations, rng)
            neuron = rng.integers(0, array.shape[1], len(genome))
            redrawn = rng.choice(np.array(choices, array.dtype), len(genome))
            if of_hidden:
                is_hidden = np.isin(neuron, blueprint.hidden_neurons)
                others = rng.choice(np.array(of_hidden, array.dtype), len(genome))
                redrawn = np.where(is_hidden, others, redrawn)
            array[genome, neuron] = redrawn
        genes[name] = array
    return replace(population, strength=strength, **genes)


def _jitter(
    strength: npt.NDArray[np.int8],
    blueprint: Blueprint,
    values: GeneValues,
    rng: Generator,
    scale: float,
) -> npt.NDArray[np.int8]:
    """Add normal draws to all strengths."""
    moved = strength + np.float32(scale) * rng.standard_normal(strength.shape, np.float32)
    lowest = -values.max_strength if values.inhibition else 0
    moved = np.clip(np.rint(moved), lowest, values.max_strength)
    return np.where(blueprint.mask, moved, np.float32(0)).astype(np.int8)


def consensus(population: Population) -> Population:
    """Make the one genome whose every gene is the mean of the population's.

    Of a neuron's genes the median is taken, the lower one of two, so that it is a value that
    somebody has.

    Returns
    -------
    Population
        One genome.
    """
    middle = (len(population) - 1) // 2
    mean = population.strength.mean(axis=0, keepdims=True, dtype=np.float64)
    return replace(
        population,
        strength=np.rint(mean).astype(np.int8),
        **{
            name: np.sort(getattr(population, name), axis=0)[middle : middle + 1]
            for name in PER_NEURON
        },
    )


def _mutants(size: int, mean: float, rng: Generator) -> IntpArray:
    """Genome of each mutation, a Poisson number for each of `size` genomes."""
    return np.repeat(np.arange(size), rng.poisson(mean, size))


def _neuron_genes(
    mothers: Population, fathers: Population, from_father: npt.NDArray[np.bool_]
) -> dict[str, npt.NDArray[Any]]:
    return {
        name: np.where(from_father, getattr(fathers, name), getattr(mothers, name))
        for name in PER_NEURON
    }
