"""Selection, crossover and mutation: pure functions of genomes, fitness and a generator.

Larger fitness is always better. No function here changes its arguments.
"""

from collections.abc import Callable

import numpy as np

from spiking_agent.dna.gene_table import GeneTable, Genomes
from spiking_agent.typing import Float64Array, IntpArray

Generator = np.random.Generator
Crossover = Callable[[Genomes, Genomes, GeneTable, Generator], Genomes]

P_STEP, P_REDRAW = 0.5, 0.3  # probabilities for a mutated number; otherwise it becomes 0
BLOCK_SIZE = 16  # rows and columns of a block of the blog post's matrix


def check_told(fitness: Float64Array, n_genomes: int, *, is_asked: bool) -> None:
    """Check the fitness passed to `tell` of a strategy.

    Parameters
    ----------
    fitness : ndarray of float64
        What was passed.
    n_genomes : int
        How many genomes `ask` returned.
    is_asked : bool
        Whether it was called.

    Raises
    ------
    RuntimeError
        If `ask` was not called before.
    ValueError
        If there is not one number for each genome.
    """
    if not is_asked:
        raise RuntimeError("tell() needs genomes: call ask() first")
    if fitness.shape != (n_genomes,):
        raise ValueError(f"fitness must have shape ({n_genomes},), got {fitness.shape}")


def is_better(fitness: float, other: float) -> bool:
    """Return whether one fitness is better than another; equal ones are not, and NaN never is.

    Parameters
    ----------
    fitness, other : float
        Larger is better; NaN is worst.
    """
    return bool(fitness > other or (np.isnan(other) and not np.isnan(fitness)))


def ranking(fitness: Float64Array) -> IntpArray:
    """Return genome ids from best to worst; equal ones keep their order, NaN comes last.

    Parameters
    ----------
    fitness : ndarray of float64, shape (n_genomes,)
        Larger is better; NaN is worst.

    Returns
    -------
    ndarray of intp, shape (n_genomes,)
        Genome ids.
    """
    order: IntpArray = np.argsort(-np.nan_to_num(fitness, nan=-np.inf), kind="stable")
    return order


def truncation_selection(
    fitness: Float64Array, n_parents: int, size: int, rng: Generator
) -> IntpArray:
    """Draw `size` parents uniformly from the `n_parents` best.

    Parameters
    ----------
    fitness : ndarray of float64, shape (n_genomes,)
        Larger is better; NaN is worst.
    n_parents : int
        How many of the best are drawn from, 1 to n_genomes.
    size : int
        How many are drawn, with replacement.
    rng : numpy.random.Generator
        Source of all random numbers.

    Returns
    -------
    ndarray of intp, shape (size,)
        Genome ids.
    """
    best: IntpArray = ranking(fitness)[:n_parents]
    return best[rng.integers(0, n_parents, size)]


def column_crossover(
    mothers: Genomes, fathers: Genomes, table: GeneTable, rng: Generator
) -> Genomes:
    """Take all genes that act on one part of the brain, such as a neuron, from either parent.

    Parameters
    ----------
    mothers, fathers : ndarray, shape (n_genomes, n_genes)
        Parents of each child.
    table : GeneTable
        Their genes.
    rng : numpy.random.Generator
        Source of all random numbers.

    Returns
    -------
    ndarray, shape (n_genomes, n_genes)
        The children.
    """
    return _by_place(mothers, fathers, table.target, table.n_places, rng)


def row_crossover(mothers: Genomes, fathers: Genomes, table: GeneTable, rng: Generator) -> Genomes:
    """Take all genes that start from one part of the brain, such as an input, from either parent.

    Parameters
    ----------
    mothers, fathers, table, rng
        As in `column_crossover`.

    Returns
    -------
    ndarray, shape (n_genomes, n_genes)
        The children.

    Notes
    -----
    Where each state has an input of its own, a child has each of its decisions from one parent.
    """
    return _by_place(mothers, fathers, table.source, table.n_places, rng)


def _by_place(
    mothers: Genomes, fathers: Genomes, place: IntpArray, n_places: int, rng: Generator
) -> Genomes:
    """Take all genes of one place from either parent."""
    from_father = rng.random((len(mothers), n_places)) < 0.5
    return np.where(from_father[:, place], fathers, mothers)


def uniform_crossover(
    mothers: Genomes, fathers: Genomes, table: GeneTable, rng: Generator
) -> Genomes:
    """Take each gene from either parent.

    Parameters
    ----------
    mothers, fathers, table, rng
        As in `column_crossover`.

    Returns
    -------
    ndarray, shape (n_genomes, n_genes)
        The children.
    """
    return np.where(rng.random(mothers.shape) < 0.5, fathers, mothers)


def block_crossover(
    mothers: Genomes, fathers: Genomes, table: GeneTable, rng: Generator
) -> Genomes:
    """Cut the matrix into square blocks and take each from either parent, as in the blog post.

    Parameters
    ----------
    mothers, fathers, table, rng
        As in `column_crossover`.

    Returns
    -------
    ndarray, shape (n_genomes, n_genes)
        The children.

    Notes
    -----
    Rows are the sources of genes, columns their targets. The genes of a neuron come from the same
    parent as its block on the diagonal.
    """
    n_blocks = -(-table.n_places // BLOCK_SIZE)
    blocks = rng.random((len(mothers), n_blocks, n_blocks)) < 0.5
    of_genes = blocks[:, table.source // BLOCK_SIZE, table.target // BLOCK_SIZE]
    return np.where(of_genes, fathers, mothers)


def pool_crossover(mothers: Genomes, fathers: Genomes, table: GeneTable, rng: Generator) -> Genomes:
    """Take each gene from any of the mothers and fathers.

    Parameters
    ----------
    mothers, fathers, table, rng
        As in `column_crossover`.

    Returns
    -------
    ndarray, shape (n_genomes, n_genes)
        The children.

    Notes
    -----
    A child can have as many parents as genes. So genes do not spread only because they share a
    genome with good ones: each spreads by its mean effect over all genomes.

    References
    ----------
    H. Mühlenbein, H.-M. Voigt, "Gene Pool Recombination in Genetic Algorithms", Meta-Heuristics,
    1996, pages 53-62.
    """
    pool = np.concatenate([mothers, fathers])
    places = rng.integers(0, len(pool), mothers.shape)
    places *= mothers.shape[1]
    places += np.arange(mothers.shape[1])
    return np.take(pool, places, mode="clip")  # all are within it, and a check takes time


CROSSOVERS: dict[str, Crossover] = {
    "columns": column_crossover,
    "rows": row_crossover,
    "uniform": uniform_crossover,
    "blocks": block_crossover,
    "pool": pool_crossover,
}


def mutate(
    genomes: Genomes,
    table: GeneTable,
    rng: Generator,
    *,
    number_mutations: float,
    choice_mutations: float,
    mutation_scale: float = 0.0,
) -> Genomes:
    """Change a few genes of every genome.

    Parameters
    ----------
    genomes : ndarray, shape (n_genomes, n_genes)
        Genomes to start from; they are not changed.
    table : GeneTable
        Their genes.
    rng : Generator
        Source of all random numbers.
    number_mutations : float
        Mean number of mutated numbers per genome (Poisson). Half of them step by one, 30 % are
        drawn again and 20 % become 0, or what is nearest to 0 in their range.
    choice_mutations : float
        Mean number of redrawn choices per genome, for each part of the genes that has choices.
    mutation_scale : float
        Standard deviation of the normal noise that is first added to all numbers, for real ones in
        units of the gene's `spread`; 0 for none.
    """
    mutants = genomes.copy()
    numbers = table.numbers
    if mutation_scale > 0.0:
        noise = rng.standard_normal((len(genomes), len(numbers)), np.float32)
        if not table.is_whole:
            noise *= table.spread[numbers].astype(np.float32)
        noise *= np.float32(mutation_scale)
        noise += genomes[:, numbers]
        if table.is_whole:
            np.rint(noise, out=noise)
        low, high = (limit[numbers].astype(np.float32) for limit in (table.low, table.high))
        mutants[:, numbers] = np.clip(noise, low, high, out=noise)
    if len(numbers):
        genome = _mutated(len(genomes), number_mutations, rng)
        gene = numbers[rng.integers(0, len(numbers), len(genome))]
        step = rng.integers(0, 2, len(genome)) * 2 - 1
        stepped = mutants[genome, gene].astype(np.float64) + step
        drawn = _redraw(gene, table, rng)
        kind = rng.random(len(genome))
        changed = np.where(kind < P_STEP, stepped, np.where(kind < P_STEP + P_REDRAW, drawn, 0.0))
        mutants[genome, gene] = np.clip(changed, table.low[gene], table.high[gene])
    for places in table.choices:
        genome = _mutated(len(genomes), choice_mutations, rng)
        gene = places[rng.integers(0, len(places), len(genome))]
        mutants[genome, gene] = rng.integers(0, table.high[gene].astype(np.int64) + 1)
    return mutants


def _mutated(size: int, mean: float, rng: Generator) -> IntpArray:
    """Return the genome ids of mutations, of which each of `size` genomes has a Poisson number."""
    return np.repeat(np.arange(size), rng.poisson(mean, size))


def _redraw(gene: IntpArray, table: GeneTable, rng: Generator) -> Float64Array:
    """Draw numbers again: whole ones from all of their range but 0, others around their center.

    For whole numbers, first the size is drawn uniformly, then the sign from those that the range
    has for this size.
    """
    if not table.is_whole:
        return table.center[gene] + table.spread[gene] * rng.standard_normal(len(gene))
    low, high = table.low[gene].astype(np.int64), table.high[gene].astype(np.int64)
    least = np.maximum(1, np.maximum(low, -high))
    drawn = rng.integers(least, np.maximum(high, -low) + 1)
    if (table.low < 0).any():
        drawn = drawn * (rng.integers(0, 2, len(gene)) * 2 - 1)
    is_within = (low <= drawn) & (drawn <= high)
    return np.where(is_within, drawn, -drawn).astype(np.float64)


def consensus(genomes: Genomes, table: GeneTable) -> Genomes:
    """Return the genome in the middle of all genomes.

    Numbers are means. Choices are medians, the lower of two, so that they occur in a genome.

    Parameters
    ----------
    genomes : ndarray, shape (n_genomes, n_genes)
        One or more genomes.
    table : GeneTable
        Their genes.

    Returns
    -------
    ndarray, shape (n_genes,)
        The genome.
    """
    middle = np.zeros(genomes.shape[1])
    middle[table.numbers] = genomes[:, table.numbers].mean(axis=0, dtype=np.float64)
    for places in table.choices:
        middle[places] = np.sort(genomes[:, places], axis=0)[(len(genomes) - 1) // 2]
    return table.fit(middle)
