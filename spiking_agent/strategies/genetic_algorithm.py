"""The genetic algorithm on one page: ask for a population, tell its fitness."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from spiking_agent.brain.population import ROLES, Population
from spiking_agent.checks.arguments import choice, instance, number, whole
from spiking_agent.dna.wired import Blueprint, GeneValues
from spiking_agent.strategies.operators import (
    CROSSOVERS,
    consensus,
    mutate,
    random_population,
    ranking,
    tournament_selection,
    truncation_selection,
)

FloatArray = npt.NDArray[np.float64]

CHAMPIONS = ("best", "consensus")


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneticParams:
    """How a generation follows from the one before.

    Parameters
    ----------
    population_size : int
        Genomes a generation, >= 2.
    parent_share : float
        Share of the best that breed, in (0, 1]; with `n_rivals` it is not used.
    elite_share : float
        Share of the best that live on unchanged, in [0, 1); 0 for none.
    n_rivals : int
        0 for truncation selection, else the size of a tournament.
    crossover : str
        "columns", "uniform", "pool", or the post's "blocks".
    crossover_rate : float
        Share of the children that have more than one parent, in [0, 1].
    synapse_mutations, neuron_mutations : float
        Mean number of mutations a child, see `operators.mutate`.
    mutation_scale : float
        Standard deviation of what is added to every strength of a child, >= 0.
    champion : str
        Who stands for a generation: "best", its best genome, or "consensus", the mean of the
        genomes that breed (of the best `parent_share`).

    Raises
    ------
    ValueError
        If a value is out of range.
    """

    population_size: int = 400
    parent_share: float = 0.2
    elite_share: float = 0.1
    n_rivals: int = 0
    crossover: str = "columns"
    crossover_rate: float = 0.5
    synapse_mutations: float = 1.4
    neuron_mutations: float = 0.1
    mutation_scale: float = 0.0
    champion: str = "best"

    def __post_init__(self) -> None:
        checked: dict[str, Any] = {
            "population_size": whole("population_size", self.population_size, 2),
            "n_rivals": whole("n_rivals", self.n_rivals, 0),
            "crossover": choice("crossover", self.crossover, tuple(CROSSOVERS)),
            "champion": choice("champion", self.champion, CHAMPIONS),
        }
        numbers: tuple[tuple[str, str, Callable[[float], bool]], ...] = (
            ("parent_share", "in (0, 1]", lambda v: 0.0 < v <= 1.0),
            ("elite_share", "in [0, 1)", lambda v: 0.0 <= v < 1.0),
            ("crossover_rate", "in [0, 1]", lambda v: 0.0 <= v <= 1.0),
            ("synapse_mutations", "finite and >= 0", lambda v: v >= 0.0),
            ("neuron_mutations", "finite and >= 0", lambda v: v >= 0.0),
            ("mutation_scale", "finite and >= 0", lambda v: v >= 0.0),
        )
        for name, rule, fits in numbers:
            checked[name] = number(name, getattr(self, name), rule, fits)
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def n_parents(self) -> int:
        """Genomes that breed."""
        return max(1, round(self.parent_share * self.population_size))

    @property
    def n_elites(self) -> int:
        """Genomes that live on unchanged."""
        return min(round(self.elite_share * self.population_size), self.population_size - 1)


def check_told(fitness: FloatArray, n_genomes: int, *, is_asked: bool) -> None:
    """Refuse fitness that no strategy can take.

    Raises
    ------
    RuntimeError
        If no population was asked for.
    ValueError
        If there is not one number for each genome.
    """
    if not is_asked:
        raise RuntimeError("tell() needs a population: call ask() first")
    if fitness.shape != (n_genomes,):
        raise ValueError(f"fitness must have shape ({n_genomes},), got {fitness.shape}")


class GeneticAlgorithm:
    """Evolves a population by ask and tell.

    Parameters
    ----------
    blueprint : Blueprint
        Neurons and possible synapses.
    values : GeneValues
        What genes are drawn from.
    params : GeneticParams
        How a generation follows from the one before; may be replaced between generations by others
        with the same `population_size`.
    rng : Generator
        Source of every draw.

    Attributes
    ----------
    population : Population
        The present generation; elites of the one before come first, best first.
    generation : int
        Its number, from 0.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        values: GeneValues,
        params: GeneticParams,
        rng: np.random.Generator,
    ) -> None:
        self.blueprint = instance("blueprint", blueprint, Blueprint)
        self.values = instance("values", values, GeneValues)
        self.params = instance("params", params, GeneticParams)
        self.rng = instance("rng", rng, np.random.Generator)
        self.population = random_population(blueprint, values, params.population_size, rng)
        self.generation = 0
        self._is_asked = False

    def ask(self) -> Population:
        """Give the population whose fitness is wanted."""
        self._is_asked = True
        return self.population

    def champion(self, fitness: FloatArray) -> Population:
        """Give the one genome that stands for the present generation, whose fitness this is."""
        n_genomes = 1 if self.params.champion == "best" else self.params.n_parents
        return consensus(self.population.take(ranking(fitness)[:n_genomes]))

    def tell(self, fitness: FloatArray) -> None:
        """Take the fitness of the population asked for, and breed the next one.

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
        elites = self.population.take(ranking(fitness)[: self.params.n_elites])
        children = self._children(fitness)
        self.population = Population.concatenate([elites, children])
        self.generation += 1
        self._is_asked = False

    def _children(self, fitness: FloatArray) -> Population:
        params, rng = self.params, self.rng
        n_children = params.population_size - params.n_elites
        if params.n_rivals:
            parents = tournament_selection(fitness, params.n_rivals, 2 * n_children, rng)
        else:
            parents = truncation_selection(fitness, params.n_parents, 2 * n_children, rng)
        mothers, fathers = parents[:n_children], parents[n_children:]
        single = rng.random(n_children) >= params.crossover_rate
        children = self.population.take(mothers)
        cross = CROSSOVERS[params.crossover]
        crossed = cross(children, self.population.take(fathers), rng)
        children = children.where(single, crossed)
        return mutate(
            children,
            self.blueprint,
            self.values,
            rng,
            synapse_mutations=params.synapse_mutations,
            neuron_mutations=params.neuron_mutations,
            mutation_scale=params.mutation_scale,
        )

    def state(self) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
        """Everything that changes: the population's arrays, and JSON values."""
        return self.population.to_arrays(), {
            "generation": self.generation,
            "rng": self.rng.bit_generator.state,
        }

    def restore(self, arrays: dict[str, npt.NDArray[Any]], values: dict[str, Any]) -> None:
        """Go on from what `state` gave.

        Raises
        ------
        ValueError, KeyError, TypeError
            If it is of another algorithm's shape or damaged.
        """
        mine = self.population.to_arrays()
        for name, array in mine.items():
            if arrays[name].shape != array.shape or arrays[name].dtype != array.dtype:
                raise ValueError(
                    f"{name} must have shape {array.shape} and dtype {array.dtype}, "
                    f"got {arrays[name].shape} and {arrays[name].dtype}"
                )
        for name in ROLES:
            if not np.array_equal(arrays[name], mine[name]):
                raise ValueError(f"{name} must be {mine[name]}, got {arrays[name]}")
        generation, rng = whole("generation", values["generation"]), values["rng"]
        try:
            self.rng.bit_generator.state = rng
        except OverflowError as error:
            raise ValueError(f"rng must be the state of a generator, but {error}") from error
        if self.rng.bit_generator.state != rng:  # it takes more than it can keep
            raise ValueError("rng must be the state of a generator, but is none")
        self.population = Population(**{name: arrays[name] for name in mine})
        self.generation = generation
        self._is_asked = False
