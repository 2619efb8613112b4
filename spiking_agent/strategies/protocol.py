"""How populations follow one another: strategies by name, ours and those of other packages.

A package registers one in its own ``pyproject.toml``::

    [project.entry-points."spiking_agent.strategies"]
    hill-climbing = "my_package:HillClimbing"

where ``my_package.HillClimbing`` is a `MakeStrategy`.
"""

from importlib.metadata import entry_points
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from spiking_agent.brain.population import Population
from spiking_agent.dna.wired import Blueprint, GeneValues
from spiking_agent.strategies.cma_es import CmaEs
from spiking_agent.strategies.genetic_algorithm import GeneticAlgorithm, GeneticParams

GROUP: Final = "spiking_agent.strategies"


class Strategy(Protocol):
    """What an evolution asks for populations, and tells their fitness.

    Attributes
    ----------
    params : GeneticParams
        Replaced between generations by others with the same `population_size`.
    """

    params: GeneticParams

    @property
    def blueprint(self) -> Blueprint:
        """Neurons and possible synapses of every genome."""
        ...

    @property
    def population(self) -> Population:
        """The present generation, `params.population_size` genomes."""
        ...

    @property
    def generation(self) -> int:
        """Number of the present generation, from 0."""
        ...

    def ask(self) -> Population:
        """Give the population whose fitness is wanted."""
        ...

    def champion(self, fitness: npt.NDArray[np.float64]) -> Population:
        """Give the one genome that stands for the present generation, whose fitness this is."""
        ...

    def tell(self, fitness: npt.NDArray[np.float64]) -> None:
        """Take the fitness of the population asked for, larger is better, and make the next."""
        ...

    def state(self) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
        """Everything that changes, as arrays and JSON values."""
        ...

    def restore(self, arrays: dict[str, npt.NDArray[Any]], values: dict[str, Any]) -> None:
        """Go on from what `state` gave; KeyError, TypeError or ValueError if it is damaged."""
        ...


class MakeStrategy(Protocol):
    """What an entry point names: a class, or a function, that makes a strategy."""

    def __call__(
        self,
        blueprint: Blueprint,
        values: GeneValues,
        params: GeneticParams,
        rng: np.random.Generator,
    ) -> Strategy:
        """Make a strategy at its first generation; every draw comes from `rng`."""
        ...


OWN: Final[dict[str, MakeStrategy]] = {"genetic": GeneticAlgorithm, "cma-es": CmaEs}


def strategy_names() -> tuple[str, ...]:
    """Names that `find_strategy` knows, in the order of the alphabet."""
    return tuple(sorted({*OWN, *(point.name for point in entry_points(group=GROUP))}))


def find_strategy(name: str) -> MakeStrategy:
    """Look up a strategy; what is ours cannot be replaced by another package.

    Raises
    ------
    ValueError
        If there is none of that name, or it cannot be imported.
    """
    if name in OWN:
        return OWN[name]
    for point in entry_points(group=GROUP, name=name):
        try:
            make: MakeStrategy = point.load()
        except (ImportError, AttributeError, SyntaxError) as error:
            raise ValueError(
                f"strategy must be one that can be imported, got {name!r}: {error}"
            ) from error
        return make
    raise ValueError(f"strategy must be one of {', '.join(strategy_names())}, got {name!r}")
