"""The diversity of a population."""

import math

import numpy as np

from spiking_agent.dna.gene_table import GeneTable, Genomes


def diversity(genomes: Genomes, table: GeneTable) -> float:
    """Return the root mean square difference between the genomes of a population.

    Parameters
    ----------
    genomes : ndarray, shape (n_genomes, n_genes)
        The genomes, at least one.
    table : GeneTable
        Their genes.

    Returns
    -------
    float
        Root mean square difference between the same gene of two genomes, over all genes that are
        numbers and all pairs of different genomes; in units of genes, like `mutation_scale`. 0.0
        if all genomes are equal. Choices have no distance and do not count.

    Notes
    -----
    Over all pairs of n values, the mean square difference is twice their variance with n - 1 in the
    denominator, so no pairs are formed. Sums of whole numbers are exact, so the result does not
    depend on the order of summation.
    """
    n, numbers = len(genomes), genomes[:, table.numbers]
    if n < 2 or numbers.shape[1] == 0:
        return 0.0
    if not table.is_whole:
        apart = numbers - numbers.mean(axis=0, dtype=np.float64)
        return math.sqrt(2 * float(np.einsum("ij,ij->", apart, apart)) / ((n - 1) * apart.shape[1]))
    whole = numbers.astype(np.int64)
    squares, sums = int(np.einsum("ij,ij->", whole, whole)), whole.sum(axis=0)
    spread = n * squares - int(np.dot(sums, sums))
    return math.sqrt(2 * spread / (n * (n - 1) * numbers.shape[1]))
