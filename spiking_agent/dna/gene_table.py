"""The gene table: everything that strategies know about genes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Genomes = npt.NDArray[Any]  # (n_genomes, n_genes): int8, int16 or float32, see `GeneTable.dtype`
FloatArray = npt.NDArray[np.float64]
IntpArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False, kw_only=True)
class GeneTable:
    """The genes of a genome, one entry for each.

    A gene is either a number, where a small step has a small effect, or a choice: the index of a
    value in a short list, where neighbours may have nothing in common.

    Parameters
    ----------
    parts : tuple of (str, int)
        The parts of the genome in order: the name of a kind of gene and how many follow each
        other, such as ``("strength", 452)``.
    low, high : ndarray of float, shape (n_genes,)
        Range of each gene, both ends included.
    center, spread : ndarray of float, shape (n_genes,)
        Where a search should begin, and its initial standard deviation; `spread` > 0 for numbers.
    is_choice : ndarray of bool, shape (n_genes,)
        True for choices among 0, 1, ... `high`; False for numbers.
    source, target : ndarray of int, shape (n_genes,)
        The places in the brain, from 0 to `n_places` - 1, between which a gene acts; both are the
        same for a gene that acts on one place.
    n_places : int
        Number of such places: neurons, or sheets of them.
    is_whole : bool
        True if all genes are whole numbers; other values are then rounded.
    draw : callable
        Takes a number of genomes and a Generator, and returns independent random genomes of
        `dtype`.

    Raises
    ------
    ValueError
        If an array has the wrong shape, or a range is empty.
    """

    parts: tuple[tuple[str, int], ...]
    low: FloatArray
    high: FloatArray
    center: FloatArray
    spread: FloatArray
    is_choice: BoolArray
    source: IntpArray
    target: IntpArray
    n_places: int
    is_whole: bool
    draw: Callable[[int, np.random.Generator], Genomes]

    def __post_init__(self) -> None:
        for name in ("low", "high", "center", "spread", "is_choice", "source", "target"):
            if getattr(self, name).shape != (self.n_genes,):
                raise ValueError(
                    f"{name} must have shape ({self.n_genes},), got {getattr(self, name).shape}"
                )
        if not (self.low <= self.high).all():
            raise ValueError("low must be at most high for every gene")

    @cached_property
    def n_genes(self) -> int:
        """Length of a genome."""
        return sum(n for _, n in self.parts)

    @cached_property
    def numbers(self) -> IntpArray:
        """Positions of the genes that are numbers, ascending."""
        return np.flatnonzero(~self.is_choice)

    @cached_property
    def choices(self) -> tuple[IntpArray, ...]:
        """Positions of the genes that are choices, one array for each part that has any."""
        ends = np.cumsum([n for _, n in self.parts])
        runs = np.split(np.arange(self.n_genes), ends[:-1])
        chosen = (run[self.is_choice[run]] for run in runs)
        return tuple(run for run in chosen if len(run))

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """Type of genomes: int8 or int16 if all genes are whole, else float32."""
        if not self.is_whole:
            return np.dtype(np.float32)
        largest = max(-self.low.min(initial=0.0), self.high.max(initial=0.0))
        return np.dtype(np.int8 if largest <= np.iinfo(np.int8).max else np.int16)

    def name(self, gene: int) -> str:
        """Return the name of a gene: its part, and where it acts, such as ``strength 3>115``."""
        begin = 0
        for name, n in self.parts:
            if gene < begin + n:
                source, target = self.source[gene], self.target[gene]
                return f"{name} {target}" if source == target else f"{name} {source}>{target}"
            begin += n
        raise IndexError(f"gene must be below {self.n_genes}, got {gene}")

    def fit(self, values: npt.NDArray[Any]) -> Genomes:
        """Return the nearest genomes: clipped to the range, and rounded if genes are whole.

        Parameters
        ----------
        values : ndarray of float, shape (..., n_genes)
            Any numbers but NaN.
        """
        rounded = np.rint(values) if self.is_whole else values
        genomes: Genomes = np.clip(rounded, self.low, self.high).astype(self.dtype)
        return genomes

    def check(self, genomes: npt.NDArray[Any]) -> None:
        """Check that genomes belong to this table.

        Raises
        ------
        ValueError
            If the shape or the type is wrong, or a gene is out of its range.
        """
        if genomes.ndim != 2 or genomes.shape[1] != self.n_genes:
            raise ValueError(f"genomes must have shape (n, {self.n_genes}), got {genomes.shape}")
        if genomes.dtype != self.dtype:
            raise ValueError(f"genomes must be of {self.dtype}, got {genomes.dtype}")
        is_wrong = ~((genomes >= self.low) & (genomes <= self.high))
        if is_wrong.any():
            genome, gene = map(int, np.argwhere(is_wrong)[0])
            raise ValueError(
                f"{self.name(gene)} must lie in [{self.low[gene]:g}, {self.high[gene]:g}], "
                f"got {genomes[genome, gene]} in genome {genome}"
            )
