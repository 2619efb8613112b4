"""How populations follow one another: strategies by name, ours and those of other packages.

A package registers one in its own ``pyproject.toml``::

    [project.entry-points."spiking_agent.strategies"]
    hill-climbing = "my_package:HillClimbing"

where ``my_package.HillClimbing`` is a `MakeStrategy`.
"""

from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from spiking_agent.dna.gene_table import GeneTable, Genomes
from spiking_agent.plugins import Kinds
from spiking_agent.strategies.cma_es import CmaEs
from spiking_agent.strategies.genetic_algorithm import GeneticAlgorithm

GROUP: Final = "spiking_agent.strategies"


class Strategy(Protocol):
    """What an evolution asks for genomes, and tells their fitness: arrays, and nothing else.

    Attributes
    ----------
    params
        Replaced between generations by others with the same `population_size`.
    """

    params: Any

    @property
    def genomes(self) -> Genomes:
        """The present generation, shape (population_size, n_genes)."""
        ...

    @property
    def generation(self) -> int:
        """Number of the present generation, from 0."""
        ...

    def ask(self) -> Genomes:
        """Return the genomes whose fitness is wanted, shape (population_size, n_genes)."""
        ...

    def champion(self, fitness: npt.NDArray[np.float64]) -> Genomes:
        """Return the genome that stands for the present generation, shape (n_genes,)."""
        ...

    def tell(self, fitness: npt.NDArray[np.float64]) -> None:
        """Take the fitness of the genomes asked for, larger is better, and make the next ones."""
        ...

    def state(self) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
        """Return everything that changes, as arrays and JSON values."""
        ...

    def restore(self, arrays: dict[str, npt.NDArray[Any]], values: dict[str, Any]) -> None:
        """Go on from what `state` returned; KeyError, TypeError or ValueError if it is damaged."""
        ...


class MakeStrategy(Protocol):
    """What an entry point names: a class, or a function, that makes a strategy."""

    @property
    def Params(self) -> type[Any]:  # noqa: N802  (a class)
        """Frozen dataclass of its settings, which checks them.

        All have defaults that JSON can hold, and one is `population_size`.
        """
        ...

    def __call__(self, table: GeneTable, params: Any, rng: np.random.Generator) -> Strategy:
        """Make a strategy at its first generation; every draw comes from `rng`."""
        ...


KINDS: Final[Kinds[MakeStrategy]] = Kinds(
    "strategy", GROUP, {"genetic": GeneticAlgorithm, "cma-es": CmaEs}
)
