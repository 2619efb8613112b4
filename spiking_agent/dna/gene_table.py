"""The gene table: everything that strategies know about genes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from spiking_agent.checks.arguments import instance
from spiking_agent.typing import BoolArray, Float64Array, IntpArray

Genomes = npt.NDArray[Any]  # (n_genomes, n_genes): int8, int16 or float32, see `GeneTable.dtype`

MAX_WHOLE: Final = 32_767  # size of a whole number, which has 16 bits


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
        Range of each gene, both ends included; `low` < `high` for numbers. They are whole numbers
        in -32,767..32,767 if `is_whole`.
    center, spread : ndarray of float, shape (n_genes,)
        Where a search should begin, within the range, and its initial standard deviation, > 0 for
        numbers.
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
    names : tuple of str
        A name for each gene, where their parts and places do not say enough; empty by default.

    Raises
    ------
    ValueError
        If an array has the wrong shape, or breaks one of these rules.
    """

    parts: tuple[tuple[str, int], ...]
    low: Float64Array
    high: Float64Array
    center: Float64Array
    spread: Float64Array
    is_choice: BoolArray
    source: IntpArray
    target: IntpArray
    n_places: int
    is_whole: bool
    draw: Callable[[int, np.random.Generator], Genomes]
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("low", "high", "center", "spread", "is_choice", "source", "target"):
            if getattr(self, name).shape != (self.n_genes,):
                raise ValueError(
                    f"{name} must have shape ({self.n_genes},), got {getattr(self, name).shape}"
                )
        if self.names and len(self.names) != self.n_genes:
            raise ValueError(f"names must be {self.n_genes}, as genes, got {len(self.names)}")
        low, high, is_number = self.low, self.high, ~self.is_choice
        self._require("low", "below high for a number", (low < high) | self.is_choice)
        self._require("low", "0 for a choice", (low == 0) | is_number)
        self._require("high", "a whole number >= 0 for a choice", _is_whole(high, 0) | is_number)
        if self.is_whole:
            for name in ("low", "high"):
                fits = _is_whole(getattr(self, name), -MAX_WHOLE)
                self._require(name, f"a whole number in -{MAX_WHOLE}..{MAX_WHOLE}", fits)
        center, spread = self.center, self.spread
        is_within = np.isfinite(center) & (low <= center) & (center <= high)
        self._require("center", "a finite number from low to high", is_within)
        self._require(
            "spread",
            "finite and > 0 for a number",
            (np.isfinite(spread) & (spread > 0)) | self.is_choice,
        )
        for name in ("source", "target"):
            place = getattr(self, name)
            self._require(
                name, f"in 0..{self.n_places - 1}", (place >= 0) & (place < self.n_places)
            )

    def _require(self, name: str, rule: str, fits: BoolArray) -> None:
        """Refuse a table with a gene that does not fit, and name the first one."""
        if not fits.all():
            gene = int(np.argmin(fits))
            raise ValueError(
                f"{name} must be {rule}, got {getattr(self, name)[gene]:g} for {self.name(gene)}"
            )

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
        """Return the name of a gene.

        Without `names` it is its part, and where it acts, such as ``strength 3>115``.

        Parameters
        ----------
        gene : int
            Number of the gene, from 0.

        Raises
        ------
        IndexError
            If there is no such gene.
        """
        if self.names and gene < self.n_genes:
            return self.names[gene]
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

        Parameters
        ----------
        genomes : ndarray, shape (n_genomes, n_genes)
            The genomes, of the type `dtype`.

        Raises
        ------
        ValueError
            If the shape or the type is wrong, or a gene is out of its range.
        TypeError
            If it is no array.
        """
        instance("genomes", genomes, np.ndarray)
        if genomes.ndim != 2 or genomes.shape[1] != self.n_genes:
            raise ValueError(f"genomes must have shape (n, {self.n_genes}), got {genomes.shape}")
        if genomes.dtype != self.dtype:
            raise ValueError(f"genomes must be of {self.dtype}, got {genomes.dtype}")
        low, high = (bound.astype(self.dtype) for bound in (self.low, self.high))  # as in `fit`
        is_wrong = ~((genomes >= low) & (genomes <= high))
        if is_wrong.any():
            genome, gene = map(int, np.argwhere(is_wrong)[0])
            raise ValueError(
                f"{self.name(gene)} must lie in [{self.low[gene]:g}, {self.high[gene]:g}], "
                f"got {genomes[genome, gene]} in genome {genome}"
            )


def _is_whole(values: Float64Array, least: int) -> BoolArray:
    fits: BoolArray = (np.rint(values) == values) & (least <= values) & (values <= MAX_WHOLE)
    return fits
