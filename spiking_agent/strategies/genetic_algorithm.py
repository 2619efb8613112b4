"""The genetic algorithm on one page: ask for genomes, tell their fitness."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np

from spiking_agent.checks.arguments import choice, instance, number, whole
from spiking_agent.dna.gene_table import GeneTable, Genomes
from spiking_agent.strategies.operators import (
    CROSSOVERS,
    check_told,
    consensus,
    mutate,
    ranking,
    truncation_selection,
)
from spiking_agent.typing import Arrays, Float64Array

CHAMPIONS: Final = ("best", "consensus")


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneticParams:
    """Settings of the genetic algorithm.

    Parameters
    ----------
    population_size : int
        Genomes in a generation, >= 2.
    parent_share : float
        Share of the population that breeds, the best first, in (0, 1].
    elite_share : float
        Share of the population that is copied unchanged, the best first, in [0, 1); 0 for none.
    immigrant_share : float
        Share of the population that is drawn anew, in [0, 1), less than 1 with `elite_share`; 0 for
        none.
    crossover : str
        "columns", "rows", "uniform", "pool", or "blocks" as in the blog post.
    crossover_rate : float
        Share of the children that have more than one parent, in [0, 1].
    number_mutations, choice_mutations : float
        Mean number of mutations per child, see `operators.mutate`.
    mutation_scale : float
        Standard deviation of the noise that is added to every number of a child, >= 0; in units of
        the gene's `spread` if genes are real numbers.
    mutation_scale_last : float
        Smallest `mutation_scale` to which a schedule leads, >= 0.
    mutation_time : float or None
        Generations in which `mutation_scale` falls to 1/e of itself, > 0, counted from the first
        one or from the last restart; None: it stays as it is.
    champion : str
        Which genome of a generation is validated: "best", the best one, or "consensus", the mean
        of the genomes that breed.

    Raises
    ------
    ValueError
        If a value is out of range.
    """

    population_size: int = 400
    parent_share: float = 0.2
    elite_share: float = 0.1
    immigrant_share: float = 0.0
    crossover: str = "columns"
    crossover_rate: float = 0.5
    number_mutations: float = 1.4
    choice_mutations: float = 0.1
    mutation_scale: float = 0.0
    mutation_scale_last: float = 0.0
    mutation_time: float | None = None
    champion: str = "best"

    def __post_init__(self) -> None:
        checked: dict[str, Any] = {
            "population_size": whole("population_size", self.population_size, 2),
            "crossover": choice("crossover", self.crossover, tuple(CROSSOVERS)),
            "champion": choice("champion", self.champion, CHAMPIONS),
        }
        numbers: tuple[tuple[str, str, Callable[[float], bool]], ...] = (
            ("parent_share", "in (0, 1]", lambda v: 0.0 < v <= 1.0),
            ("elite_share", "in [0, 1)", lambda v: 0.0 <= v < 1.0),
            ("immigrant_share", "in [0, 1)", lambda v: 0.0 <= v < 1.0),
            ("crossover_rate", "in [0, 1]", lambda v: 0.0 <= v <= 1.0),
            ("number_mutations", "finite and >= 0", lambda v: v >= 0.0),
            ("choice_mutations", "finite and >= 0", lambda v: v >= 0.0),
            ("mutation_scale", "finite and >= 0", lambda v: v >= 0.0),
            ("mutation_scale_last", "finite and >= 0", lambda v: v >= 0.0),
        )
        for name, rule, fits in numbers:
            checked[name] = number(name, getattr(self, name), rule, fits)
        if self.mutation_time is not None:
            time, rule = self.mutation_time, "a finite number > 0, or None"
            checked["mutation_time"] = number("mutation_time", time, rule, lambda v: v > 0.0)
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        if self.elite_share + self.immigrant_share >= 1.0:
            raise ValueError(
                "immigrant_share must be less than 1 with elite_share, so that there are children, "
                f"got {self.immigrant_share} and {self.elite_share}"
            )

    @property
    def n_parents(self) -> int:
        """Number of genomes that breed."""
        return max(1, round(self.parent_share * self.population_size))

    @property
    def n_elites(self) -> int:
        """Number of genomes that are copied unchanged."""
        return min(round(self.elite_share * self.population_size), self.population_size - 1)

    @property
    def n_immigrants(self) -> int:
        """Number of genomes that are drawn anew."""
        most = self.population_size - self.n_elites - 1
        return min(round(self.immigrant_share * self.population_size), most)

    def scale_after(self, n_generations: int) -> float:
        """Return the standard deviation of the noise after some generations of the schedule.

        Parameters
        ----------
        n_generations : int
            Generations since the first one or the last restart, >= 0.
        """
        if self.mutation_time is None:
            return self.mutation_scale
        scale = self.mutation_scale * math.exp(-n_generations / self.mutation_time)
        return max(self.mutation_scale_last, scale)


class GeneticAlgorithm:
    """A genetic algorithm with truncation selection and elites.

    Parameters
    ----------
    table : GeneTable
        The genes of a genome.
    params : GeneticParams
        Its settings; may be replaced between generations by others with the same
        `population_size`.
    rng : Generator
        Source of all random numbers.

    Attributes
    ----------
    genomes : ndarray, shape (population_size, n_genes)
        The current generation; elites of the previous one come last, so that they lose against
        children that are as good.
    generation : int
        Its number, from 0.
    """

    Params: ClassVar[type[Any]] = GeneticParams

    def __init__(self, table: GeneTable, params: GeneticParams, rng: np.random.Generator) -> None:
        self.table = instance("table", table, GeneTable)
        self.params = instance("params", params, GeneticParams)
        self.rng = instance("rng", rng, np.random.Generator)
        self.genomes: Genomes = table.draw(params.population_size, rng)
        self.generation = 0
        self._restarted = 0  # the generation with which the schedule of steps began
        self._is_asked = False

    def ask(self) -> Genomes:
        """Return the genomes to evaluate."""
        self._is_asked = True
        return self.genomes

    def champion(self, fitness: Float64Array) -> Genomes:
        """Return the genome of the current generation to validate.

        Parameters
        ----------
        fitness : ndarray of float, shape (population_size,)
            Fitness of the current generation; larger is better, NaN is worst.

        Returns
        -------
        ndarray, shape (n_genes,)
            The genome.
        """
        n_genomes = 1 if self.params.champion == "best" else self.params.n_parents
        return consensus(self.genomes[ranking(fitness)[:n_genomes]], self.table)

    def tell(self, fitness: Float64Array) -> None:
        """Take the fitness of the genomes that `ask` returned, and breed the next ones.

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
        elites = self.genomes[ranking(fitness)[: self.params.n_elites]]
        generation = [self._children(fitness), elites]
        if self.params.n_immigrants > 0:
            generation.insert(1, self.table.draw(self.params.n_immigrants, self.rng))
        self.genomes = np.concatenate(generation)
        self.generation += 1
        self._is_asked = False

    def _children(self, fitness: Float64Array) -> Genomes:
        params, rng = self.params, self.rng
        n_children = params.population_size - params.n_elites - params.n_immigrants
        parents = truncation_selection(fitness, params.n_parents, 2 * n_children, rng)
        mothers, fathers = self.genomes[parents[:n_children]], self.genomes[parents[n_children:]]
        is_single = rng.random(n_children) >= params.crossover_rate
        crossed = CROSSOVERS[params.crossover](mothers, fathers, self.table, rng)
        return mutate(
            np.where(is_single[:, None], mothers, crossed),
            self.table,
            rng,
            number_mutations=params.number_mutations,
            choice_mutations=params.choice_mutations,
            mutation_scale=params.scale_after(self.generation - self._restarted),
        )

    def restart(self, genome: Genomes, noise: float) -> None:
        """Replace the current generation by genomes around one, and begin the schedule of steps.

        Parameters
        ----------
        genome : ndarray, shape (n_genes,)
            The genome in the middle.
        noise : float
            Standard deviation of the noise that is added to each of its numbers, in units of the
            gene's `spread`; all choices stay as they are.
        """
        around = np.repeat(genome[None].astype(np.float64), len(self.genomes), axis=0)
        numbers = self.table.numbers
        drawn = self.rng.standard_normal((len(around), len(numbers)))
        around[:, numbers] += noise * self.table.spread[numbers] * drawn
        self.genomes = self.table.fit(around)
        self._restarted = self.generation
        self._is_asked = False

    def state(self) -> tuple[Arrays, dict[str, Any]]:
        """Return the state: the genomes, and JSON values."""
        return {"genomes": self.genomes}, {
            "generation": self.generation,
            "restarted": self._restarted,
            "rng": self.rng.bit_generator.state,
        }

    def restore(self, arrays: Arrays, values: dict[str, Any]) -> None:
        """Restore what `state` returned.

        Parameters
        ----------
        arrays, values : dict
            What `state` returned.

        Raises
        ------
        ValueError, KeyError, TypeError
            If the state is damaged or has another shape.
        """
        genomes = arrays["genomes"]
        self.table.check(genomes)
        if len(genomes) != len(self.genomes):
            raise ValueError(f"genomes must be {len(self.genomes)}, got {len(genomes)}")
        generation, rng = whole("generation", values["generation"]), values["rng"]
        restarted = whole("restarted", values["restarted"], 0, generation)
        try:
            self.rng.bit_generator.state = rng
        except OverflowError as error:
            raise ValueError(f"rng must be the state of a generator, but {error}") from error
        if self.rng.bit_generator.state != rng:  # it accepts values that it does not keep
            raise ValueError("rng must be the state of a generator, but is not")
        self.genomes = genomes
        self.generation = generation
        self._restarted = restarted
        self._is_asked = False
