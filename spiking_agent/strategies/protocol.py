"""The interface of a strategy."""

from typing import Any, Protocol, runtime_checkable

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
        """Return the genome of the current generation to validate.

        Parameters
        ----------
        fitness : ndarray of float64, shape (population_size,)
            Fitness of the current generation; larger is better.

        Returns
        -------
        ndarray, shape (n_genes,)
            The genome.
        """
        ...

    def tell(self, fitness: Float64Array) -> None:
        """Take the fitness of the genomes, and make the next ones.

        Parameters
        ----------
        fitness : ndarray of float64, shape (population_size,)
            Fitness of what `ask` returned; larger is better, NaN is worst.

        Raises
        ------
        RuntimeError
            If `ask` was not called before.
        ValueError
            If the shape differs.
        """
        ...

    def state(self) -> tuple[Arrays, dict[str, Any]]:
        """Return the state, as arrays and JSON values."""
        ...

    def restore(self, arrays: Arrays, values: dict[str, Any]) -> None:
        """Restore what `state` returned.

        Parameters
        ----------
        arrays, values : dict
            The two parts of the state.

        Raises
        ------
        KeyError, TypeError, ValueError
            If the state is damaged.
        """
        ...


@runtime_checkable
class Restartable(Protocol):
    """A strategy that can begin again around one genome; others just go on."""

    def restart(self, genome: Genomes, noise: float) -> None:
        """Replace the current generation, which was not asked for yet, by genomes around one.

        Parameters
        ----------
        genome : ndarray, shape (n_genes,)
            The genome in the middle.
        noise : float
            Standard deviation of the noise around its numbers, in units of each gene's `spread`.
        """
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
        """Return a strategy at its first generation; all random numbers come from `rng`.

        Parameters
        ----------
        table : GeneTable
            The genes of a genome.
        params : Params
            The settings.
        rng : numpy.random.Generator
            Source of all random numbers.
        """
        ...
