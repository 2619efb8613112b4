"""Evolved spiking brains as policies for any Gymnasium environment.

::

    import snake_env, spiking_agent

    organism = spiking_agent.evolve("Snake-v0", seconds=60, workers=2)
    print(spiking_agent.evaluate(organism, episodes=1000))
"""

from spiking_agent.champions import champion
from spiking_agent.config import EvolutionConfig
from spiking_agent.dna import Dna
from spiking_agent.errors import SpikingAgentError
from spiking_agent.evaluation import Evaluation, evaluate
from spiking_agent.evolution import Evolution
from spiking_agent.genes import GeneValues
from spiking_agent.genetic_algorithm import GeneticAlgorithm, GeneticParams
from spiking_agent.interrupt import Interrupted
from spiking_agent.library import evolve
from spiking_agent.organism import Organism
from spiking_agent.reporting import Reporter
from spiking_agent.tensorboard import TensorBoardReporter
from spiking_agent.terminal import TerminalReporter

__all__ = [
    "Dna",
    "Evaluation",
    "Evolution",
    "EvolutionConfig",
    "GeneValues",
    "GeneticAlgorithm",
    "GeneticParams",
    "Interrupted",
    "Organism",
    "Reporter",
    "SpikingAgentError",
    "TensorBoardReporter",
    "TerminalReporter",
    "champion",
    "evaluate",
    "evolve",
]
