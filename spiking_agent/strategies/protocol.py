"""The interface of a strategy."""

from typing import Any, Protocol

import numpy as np

from spiking_agent.dna.gene_table import GeneTable, Genomes
from spiking_agent.typing import Arrays, Float64Array


class Strategy(Protocol):
    """Provides genomes to evaluate, and takes their fitness: arrays, and nothing else.

    Attributes
    ----------
    params
        Its settings; may be replaced between generations by others with the same `population_size`.
    """

    params: Any

    @property
    def genomes(self) -> Genomes:
        """The current generation, shape (population_size, n_genes)."""
        ...

    @property
    def generation(self) -> int:
        """Number of the current generation, from 0."""
        ...

    def ask(self) -> Genomes:
        """Return the genomes to evaluate, shape (population_size, n_genes)."""
        ...

    def champion(self, fitness: Float64Array) -> Genomes:
        """Return the genome of the current generation to validate, shape (n_genes,)."""
        ...

    def tell(self, fitness: Float64Array) -> None:
        """Take the fitness of the genomes, larger is better, and make the next ones."""
        ...

    def state(self) -> tuple[Arrays, dict[str, Any]]:
        """Return the state, as arrays and JSON values."""
        ...

    def restore(self, arrays: Arrays, values: dict[str, Any]) -> None:
        """Restore `state`; raise KeyError, TypeError or ValueError if it is damaged."""
        ...


class MakeStrategy(Protocol):
    """The object that an entry point names: a class or a function that makes a strategy."""

    @property
    def Params(self) -> type[Any]:  # noqa: N802  (a class)
        """Frozen dataclass of its settings, which checks them.

        All settings have defaults that JSON can hold; one of them is `population_size`.
        """
        ...

    def __call__(self, table: GeneTable, params: Any, rng: np.random.Generator) -> Strategy:
        """Return a strategy at its first generation; all random numbers come from `rng`."""
        ...
