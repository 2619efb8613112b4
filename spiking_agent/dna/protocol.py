"""Kinds of DNA by name: ours and those of other packages.

A package registers one in its own ``pyproject.toml``::

    [project.entry-points."spiking_agent.dna"]
    worm = "my_package:Worm"

where ``my_package.Worm`` is a `MakeDna`.
"""

from typing import Any, Final, Protocol

from spiking_agent.brain.population import Population
from spiking_agent.dna.gene_table import GeneTable, Genomes
from spiking_agent.dna.ports import Ports
from spiking_agent.dna.wired import Wired
from spiking_agent.plugins import Kinds

GROUP: Final = "spiking_agent.dna"


class Dna(Protocol):
    """A kind of DNA, made for the inputs and outputs of one run."""

    @property
    def genes(self) -> GeneTable:
        """What a genome holds."""
        ...

    @property
    def n_neurons(self) -> int:
        """Neurons of every brain that grows."""
        ...

    def grow(self, genomes: Genomes) -> Population:
        """Return the connectomes that genomes stand for, side by side.

        Parameters
        ----------
        genomes : ndarray, shape (n_genomes, n_genes)
            Genomes of `genes`.
        """
        ...

    def check_costs(self, population_size: int, n_ticks: int) -> None:
        """Refuse what would take too much memory or time, before anything is allocated.

        Raises
        ------
        ValueError
            If so many brains, or decisions of so many ticks, would.
        """
        ...


class MakeDna(Protocol):
    """What an entry point names: a class, or a function, that makes a kind of DNA."""

    @property
    def Params(self) -> type[Any]:  # noqa: N802  (a class)
        """Frozen dataclass of its settings, which checks them; JSON can hold all defaults."""
        ...

    def __call__(self, params: Any, ports: Ports) -> Dna:
        """Make the DNA for brains with these inputs and outputs."""
        ...


KINDS: Final[Kinds[MakeDna]] = Kinds("dna", GROUP, {"wired": Wired})
