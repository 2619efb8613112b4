"""CMA-ES with ask and tell: numbers are drawn from a normal distribution that adapts.

The distribution is over real numbers, one for each gene that is a number, in units of its spread.
In genomes they are fitted to the gene table. The library is `cmaes`. It cannot save its state, so
a resumed run tells it all fitness again. Its linear algebra runs in one thread: several threads
would round differently, and are slower for matrices this small.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

import cmaes
import numpy as np
from threadpoolctl import ThreadpoolController

from spiking_agent.checks.arguments import instance, whole
from spiking_agent.checks.words import shown
from spiking_agent.dna.gene_table import GeneTable, Genomes
from spiking_agent.strategies.operators import check_told
from spiking_agent.typing import Arrays, Float64Array

FULL: Final = 300  # numbers; for more, the distribution has variances only, no covariances
LEAST: Final = 4  # smallest population that it can learn from
MAX_SEED: Final = 2**32
# With other numbers of threads, BLAS adds numbers up in another order, and runs differ.
_THREADS: Final = ThreadpoolController()


@dataclass(frozen=True, slots=True, kw_only=True)
class CmaEsParams:
    """Settings of CMA-ES: the population size.

    Parameters
    ----------
    population_size : int
        Genomes in a generation, >= 4.

    Raises
    ------
    ValueError
        If it is smaller.
    """

    population_size: int = 16

    def __post_init__(self) -> None:
        size = whole("population_size", self.population_size, LEAST)
        object.__setattr__(self, "population_size", size)


class CmaEs:
    """Evolves the numbers of a genome by covariance matrix adaptation.

    Parameters
    ----------
    table : GeneTable
        The genes of a genome. The distribution begins at `center`, with `spread` as standard
        deviation. Choices are drawn once and stay fixed. If a number is larger than any of its
        range, all numbers of its genome are scaled down; then they are fitted to the table.
    params : CmaEsParams
        Its settings.
    rng : Generator
        Source of all random numbers.

    Attributes
    ----------
    genomes : ndarray, shape (population_size, n_genes)
        The current generation.
    generation : int
        Its number, from 0.

    Raises
    ------
    ValueError
        If no gene is a number.

    Notes
    -----
    For up to 300 numbers the full covariance matrix is adapted, for more only its diagonal. If all
    genomes of a generation are equally fit, the next one is drawn from the same distribution. A
    distribution that has converged or stagnates is restarted at its initial width.

    References
    ----------
    N. Hansen, "The CMA Evolution Strategy: A Tutorial", arXiv:1604.00772 (2016); its appendix B.3
    for when to restart. R. Ros, N. Hansen, "A Simple Modification in CMA-ES Achieving Linear
    Time and Space Complexity", PPSN X (2008), for the diagonal.
    """

    Params: ClassVar[type[Any]] = CmaEsParams

    def __init__(self, table: GeneTable, params: CmaEsParams, rng: np.random.Generator) -> None:
        self.table = instance("table", table, GeneTable)
        self.params = instance("params", params, CmaEsParams)
        if not len(table.numbers):
            raise ValueError("table must have genes that are numbers for cma-es, got none")
        self._first = table.draw(1, rng)
        self._seed = int(rng.integers(MAX_SEED))
        self._is_asked = False
        spread = table.spread[table.numbers]
        self._sigma = float(spread.max())
        self._unit = spread / self._sigma
        self._begin()

    def _begin(self) -> None:
        """Begin with the first generation."""
        self._told: list[Float64Array] = []
        self._begin_distribution()
        self._sample()

    def _begin_distribution(self) -> None:
        """Begin a distribution at its initial width; each one has its own seed."""
        self._best_and_median: list[tuple[float, float]] = []  # of its generations
        self._n_flat = 0  # generations in a row whose genomes were all equally fit
        mean = self.table.center[self.table.numbers] / self._unit
        kind = cmaes.CMA if len(mean) <= FULL else cmaes.SepCMA
        self._distribution = kind(
            mean=mean,
            sigma=self._sigma,
            seed=(self._seed + len(self._told)) % MAX_SEED,
            population_size=self.params.population_size,
        )

    def _sample(self) -> None:
        size = self.params.population_size
        with _THREADS.limit(limits=1, user_api="blas"):
            self._points = np.array([self._distribution.ask() for _ in range(size)])
        self.genomes = self._genomes_of(self._points)

    def _genomes_of(self, points: Float64Array) -> Genomes:
        """Return the genomes of points drawn from the distribution, shape (n, n_genes).

        If a number is larger than any of its range, all numbers of the genome are scaled down.
        Clipping would change their proportions, and with them what the distribution has learned.
        """
        numbers = self.table.numbers
        values = points * self._unit
        largest = np.maximum(self.table.high[numbers], -self.table.low[numbers])
        excess = (np.abs(values) / largest).max(axis=1, keepdims=True)
        genomes = np.repeat(self._first, len(points), axis=0).astype(np.float64)
        genomes[:, numbers] = values / np.maximum(excess, 1.0)
        return self.table.fit(genomes)

    @property
    def generation(self) -> int:
        """Number of the current generation, from 0."""
        return len(self._told)

    def ask(self) -> Genomes:
        """Return the genomes to evaluate."""
        self._is_asked = True
        return self.genomes

    def champion(self, fitness: Float64Array) -> Genomes:
        """Return the mean of the distribution from which the current generation was drawn.

        Parameters
        ----------
        fitness : ndarray of float, shape (population_size,)
            Fitness of the current generation; the mean does not depend on it.

        Returns
        -------
        ndarray, shape (n_genes,)
            The genome to validate.
        """
        genome: Genomes = self._genomes_of(self._distribution.mean[None])[0]
        return genome

    def tell(self, fitness: Float64Array) -> None:
        """Take the fitness of the genomes that `ask` returned, and draw the next ones.

        Parameters
        ----------
        fitness : ndarray of float, shape (population_size,)
            Larger is better; NaN is worst.

        Raises
        ------
        RuntimeError
            If `ask` was not called before.
        ValueError
            If the shape differs.
        """
        check_told(fitness, len(self.genomes), is_asked=self._is_asked)
        self._learn(fitness)
        self._is_asked = False

    def _learn(self, fitness: Float64Array) -> None:
        cost = np.nan_to_num(-fitness, nan=np.inf, posinf=np.inf, neginf=-np.inf)
        self._told.append(np.array(fitness, np.float64))
        self._best_and_median.append((float(-cost.min()), float(-np.median(cost))))
        with _THREADS.limit(limits=1, user_api="blas"):
            if cost.min() < cost.max():
                self._distribution.tell(list(zip(self._points, cost.tolist(), strict=True)))
                self._n_flat = 0
            else:
                self._n_flat += 1
            must_stop = self._distribution.should_stop()  # which also computes eigenvectors
        is_flat = self._n_flat >= 10 + 30 * self._distribution.dim // self.params.population_size
        if is_flat or must_stop or self._is_stagnant():
            self._begin_distribution()
        self._sample()

    def _is_stagnant(self) -> bool:
        """Return whether neither best nor median fitness has grown for many generations."""
        least = 120 + 30 * self._distribution.dim // self.params.population_size
        n_generations = max(least, len(self._best_and_median) // 5)
        if len(self._best_and_median) < n_generations:
            return False
        history = np.array(self._best_and_median[-n_generations:])
        n_compared = 3 * n_generations // 10
        before, now = (np.median(part, 0) for part in (history[:n_compared], history[-n_compared:]))
        return bool((now <= before).all())

    def state(self) -> tuple[Arrays, dict[str, Any]]:
        """Return the state: arrays, including all fitness so far, and JSON values."""
        told = np.array(self._told).reshape(len(self._told), self.params.population_size)
        return {"genomes": self.genomes, "told": told}, {
            "generation": self.generation,
            "seed": self._seed,
        }

    def restore(self, arrays: Arrays, values: dict[str, Any]) -> None:
        """Restore what `state` returned, by telling the distribution all fitness again.

        Parameters
        ----------
        arrays, values : dict
            What `state` returned.

        Raises
        ------
        ValueError, KeyError, TypeError
            If the state is damaged or has another shape.
        """
        told = arrays["told"]
        size = self.params.population_size
        if told.ndim != 2 or told.shape[1] != size or told.dtype != np.float64:
            raise ValueError(
                f"told must have shape (n, {size}) and dtype float64, "
                f"got {told.shape} and {told.dtype}"
            )
        if len(told) != values["generation"]:  # checked before telling takes its time
            raise ValueError(f"told must have {shown(values['generation'])} rows, got {len(told)}")
        if values["seed"] != self._seed:
            raise ValueError(f"seed must be {self._seed}, got {shown(values['seed'])}")
        self._begin()
        for fitness in told:
            self._learn(fitness)
        if not np.array_equal(self.genomes, arrays["genomes"]):
            raise ValueError(
                "told must lead to the genomes, but does not: one of them is damaged, or the run "
                "began on a machine whose linear algebra rounds differently"
            )
        self._is_asked = False
