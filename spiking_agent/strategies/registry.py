"""Strategies by name, those of this package and those of other packages.

A package registers one in its own ``pyproject.toml``::

    [project.entry-points."spiking_agent.strategies"]
    hill-climbing = "my_package:HillClimbing"

where ``my_package.HillClimbing`` is a `MakeStrategy`.
"""

from typing import Final

from spiking_agent.plugins import Kinds
from spiking_agent.strategies.cma_es import CmaEs
from spiking_agent.strategies.genetic_algorithm import GeneticAlgorithm
from spiking_agent.strategies.protocol import MakeStrategy

STRATEGIES: Final[Kinds[MakeStrategy]] = Kinds(
    "strategy",
    "spiking_agent.strategies",
    {"genetic": GeneticAlgorithm, "cma-es": CmaEs},
)
