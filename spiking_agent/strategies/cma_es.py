"""CMA-ES behind ask and tell: strengths are drawn from a normal distribution that learns.

The distribution lives on real numbers, one for every possible synapse, or one for two that are
opposite; a genome has them rounded. The library is `cmaes`; what it does not offer, to be saved and
gone on with, is had by telling it everything again. Its linear algebra runs in one thread: more
would round otherwise, and are slower for matrices this small.
"""

from dataclasses import replace
from typing import Any, Final

import cmaes
import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from spiking_agent.brain.population import Population
from spiking_agent.checks.words import shown
from spiking_agent.dna.wired import Blueprint, GeneValues
from spiking_agent.strategies.genetic_algorithm import GeneticParams, check_told
from spiking_agent.strategies.operators import random_population

FloatArray = npt.NDArray[np.float64]

FULL: Final = 300  # genes; beyond that the distribution keeps no covariances, only variances
LEAST: Final = 4  # genomes that it can learn from
MAX_SEED: Final = 2**32
_THREADS: Final = ThreadpoolController()


class CmaEs:
    """Evolves the strengths of a population by covariance matrix adaptation.

    Parameters
    ----------
    blueprint : Blueprint
        Neurons and possible synapses.
    values : GeneValues
        The first strengths have a standard deviation of `first_strength`, or a quarter of
        `max_strength` if that is 0, about `first_drive` from inputs that are always driven to
        outputs and 0 elsewhere. Thresholds, decays, periods and delays are drawn once for each
        neuron and stay. `density` is not used, and without `inhibition` negative strengths are 0.
        A genome with numbers beyond `max_strength` is scaled down as a whole.
    params : GeneticParams
        Its `population_size` is used, and nothing else.
    rng : Generator
        Source of every draw.

    Attributes
    ----------
    population : Population
        The present generation.
    generation : int
        Its number, from 0.

    Raises
    ------
    ValueError
        If there are fewer than four genomes.

    Notes
    -----
    Synapses that two opposite inputs have on one neuron are one gene: their strengths are opposite,
    so half as many numbers have to be found. Up to 300 genes the full covariance matrix is learned,
    beyond only its diagonal. A generation of which all genomes are equally fit tells nothing, and
    another is drawn from the same distribution. One that has converged, or stagnates, begins anew
    at its full width with the next generation.

    References
    ----------
    N. Hansen, "The CMA Evolution Strategy: A Tutorial", arXiv:1604.00772 (2016); its appendix B.3
    for when to begin anew. R. Ros,
    N. Hansen, "A Simple Modification in CMA-ES Achieving Linear Time and Space Complexity",
    PPSN X (2008), for the diagonal.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        values: GeneValues,
        params: GeneticParams,
        rng: np.random.Generator,
    ) -> None:
        if params.population_size < LEAST:
            raise ValueError(
                f"population_size must be >= {LEAST} for cma-es, got {params.population_size}"
            )
        self.blueprint = blueprint
        self.values = values
        self.params = params
        self._first = random_population(blueprint, values, 1, rng)
        self._gene_of_site, self._sign_of_site = blueprint.expression
        self._seed = int(rng.integers(MAX_SEED))
        self._is_asked = False
        self._begin()

    def _begin(self) -> None:
        """Start at the first generation."""
        self._told: list[FloatArray] = []
        self._begin_distribution()
        self._draw()

    def _begin_distribution(self) -> None:
        """Start a distribution at its full width; each has another seed."""
        self._best_and_median: list[tuple[float, float]] = []  # of its generations
        self._n_flat = 0  # generations in a row of which all genomes were equally fit
        mean = np.zeros(int(self._gene_of_site.max()) + 1)
        source, target = np.divmod(self.blueprint.sites, self.blueprint.mask.shape[1])
        is_output = np.isin(self.blueprint.target_neurons[target], self.blueprint.output_neurons)
        is_driven = np.isin(source, self.blueprint.constant) & is_output
        share = self.values.first_drive / max(1, len(self.blueprint.constant))
        mean[self._gene_of_site[is_driven]] = share  # together they drive as much as one would
        kind = cmaes.CMA if len(mean) <= FULL else cmaes.SepCMA
        self._distribution = kind(
            mean=mean,
            sigma=float(self.values.first_strength or max(1.0, self.values.max_strength / 4)),
            seed=(self._seed + len(self._told)) % MAX_SEED,
            population_size=self.params.population_size,
        )

    def _draw(self) -> None:
        size = self.params.population_size
        with _THREADS.limit(limits=1, user_api="blas"):
            self._genes = np.array([self._distribution.ask() for _ in range(size)])
        self.population = self._grow(self._genes)

    def _grow(self, genes: FloatArray) -> Population:
        """Round real numbers, shape (n_genomes, n_genes), to the strengths of genomes.

        What outgrows the largest strength takes all others down with it: cut off, a genome would
        lose its proportions, and the distribution its hold on what it has learned.
        """
        largest = self.values.max_strength
        least = -largest if self.values.inhibition else 0
        excess = np.abs(genes).max(axis=1, keepdims=True) / largest
        genes = genes / np.maximum(excess, 1.0)
        mask = self.blueprint.mask
        strength = np.zeros((len(genes), mask.size), np.int8)
        of_sites = genes[:, self._gene_of_site] * self._sign_of_site
        strength[:, self.blueprint.sites] = np.clip(np.rint(of_sites), least, largest)
        first = self._first.take(np.zeros(len(genes), np.intp))
        return replace(first, strength=strength.reshape(len(genes), *mask.shape))

    @property
    def generation(self) -> int:
        """Number of the present generation, from 0."""
        return len(self._told)

    def ask(self) -> Population:
        """Give the population whose fitness is wanted."""
        self._is_asked = True
        return self.population

    def champion(self, fitness: FloatArray) -> Population:
        """Give the mean of the distribution that the present generation was drawn from."""
        return self._grow(self._distribution.mean[None])

    def tell(self, fitness: FloatArray) -> None:
        """Take the fitness of the population asked for, and draw the next one.

        Parameters
        ----------
        fitness : ndarray of float, shape (population_size,)
            Larger is better; NaN is worst.

        Raises
        ------
        RuntimeError
            If no population was asked for.
        ValueError
            If the shape is another.
        """
        check_told(fitness, len(self.population), is_asked=self._is_asked)
        self._learn(fitness)
        self._is_asked = False

    def _learn(self, fitness: FloatArray) -> None:
        cost = np.nan_to_num(-fitness, nan=np.inf, posinf=np.inf, neginf=-np.inf)
        if cost.min() < cost.max():
            told = list(zip(self._genes, cost.tolist(), strict=True))
            with _THREADS.limit(limits=1, user_api="blas"):
                self._distribution.tell(told)
            self._n_flat = 0
        else:
            self._n_flat += 1
        self._told.append(np.array(fitness, np.float64))
        self._best_and_median.append((float(-cost.min()), float(-np.median(cost))))
        is_flat = self._n_flat >= 10 + 30 * self._distribution.dim // self.params.population_size
        if is_flat or self._distribution.should_stop() or self._is_stagnant():
            self._begin_distribution()
        self._draw()

    def _is_stagnant(self) -> bool:
        """Tell whether neither best nor median fitness has grown for many generations."""
        least = 120 + 30 * self._distribution.dim // self.params.population_size
        n_generations = max(least, len(self._best_and_median) // 5)
        if len(self._best_and_median) < n_generations:
            return False
        history = np.array(self._best_and_median[-n_generations:])
        n_compared = 3 * n_generations // 10
        before, now = (np.median(part, 0) for part in (history[:n_compared], history[-n_compared:]))
        return bool((now <= before).all())

    def state(self) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
        """Everything that changes: arrays, among them all fitness told so far, and JSON values."""
        told = np.array(self._told).reshape(len(self._told), self.params.population_size)
        return {**self.population.to_arrays(), "told": told}, {
            "generation": self.generation,
            "seed": self._seed,
        }

    def restore(self, arrays: dict[str, npt.NDArray[Any]], values: dict[str, Any]) -> None:
        """Go on from what `state` gave, by telling the distribution all that it was told.

        Raises
        ------
        ValueError, KeyError, TypeError
            If it is of another strategy's shape or damaged.
        """
        told = arrays["told"]
        size = self.params.population_size
        if told.ndim != 2 or told.shape[1] != size or told.dtype != np.float64:
            raise ValueError(
                f"told must have shape (n, {size}) and dtype float64, "
                f"got {told.shape} and {told.dtype}"
            )
        if len(told) != values["generation"]:  # before all of it is told again
            raise ValueError(f"told must have {shown(values['generation'])} rows, got {len(told)}")
        if values["seed"] != self._seed:
            raise ValueError(f"seed must be {self._seed}, got {shown(values['seed'])}")
        self._begin()
        for fitness in told:
            self._learn(fitness)
        if not np.array_equal(self.population.strength, arrays["strength"]):
            raise ValueError(
                "told must lead to the strengths of the population, but does not: either is "
                "damaged, or the run began where linear algebra rounds otherwise"
            )
        self._is_asked = False
