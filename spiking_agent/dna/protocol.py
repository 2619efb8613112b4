"""The interface of a kind of DNA."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from spiking_agent.brain.population import Population
from spiking_agent.brain.sheets.tissue import Tissue
from spiking_agent.dna.gene_table import GeneTable, Genomes
from spiking_agent.dna.ports import Ports


class Dna(Protocol):
    """A kind of DNA, made for the inputs and outputs of one run."""

    @property
    def genes(self) -> GeneTable:
        """The genes of a genome."""
        ...

    @property
    def n_neurons(self) -> int:
        """Number of neurons of every brain."""
        ...

    def grow(self, genomes: Genomes) -> Population | Tissue:
        """Return the connectomes of genomes, side by side.

        Parameters
        ----------
        genomes : ndarray, shape (n_genomes, n_genes)
            Genomes of `genes`.
        """
        ...

    def check_costs(self, population_size: int, n_ticks: int) -> None:
        """Refuse brains that need too much memory or time, before anything is allocated.

        Parameters
        ----------
        population_size : int
            Brains of a generation.
        n_ticks : int
            Length of a decision.

        Raises
        ------
        ValueError
            If the population or a decision is too large.
        """
        ...


@runtime_checkable
class Resizable(Protocol):
    """A kind of DNA whose genes fit grids of any size."""

    def on(self, shape: tuple[int, int], part: str | Mapping[str, Any] | None = None) -> Dna:
        """Return the same DNA for another grid.

        Parameters
        ----------
        shape : (int, int)
            Its rows and columns, each >= 1.
        part : str, mapping or None
            Which part of the genes is awake; None for all.
        """
        ...

    def awake(self, genomes: Genomes) -> Genomes:
        """Return genomes as the brains use them: genes that sleep are at rest.

        Parameters
        ----------
        genomes : ndarray, shape (n_genomes, n_genes)
            Genomes of `genes`.
        """
        ...


class MakeDna(Protocol):
    """The object that an entry point names: a class or a function that makes a kind of DNA."""

    @property
    def Params(self) -> type[Any]:  # noqa: N802  (a class)
        """Frozen dataclass of its settings, which checks them; JSON can hold all defaults."""
        ...

    def __call__(self, params: Any, ports: Ports) -> Dna:
        """Return the DNA for brains with these inputs and outputs.

        Parameters
        ----------
        params : Params
            The settings.
        ports : Ports
            The inputs and outputs of the brains.
        """
        ...
