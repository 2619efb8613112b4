"""Evolved spiking brains as policies for any Gymnasium environment.

::

    import snake_env, spiking_agent

    organism = spiking_agent.evolve("Snake-v0", seconds=60, workers=2)
    print(spiking_agent.evaluate(organism, episodes=1000))
"""

from spiking_agent.api import evolve
from spiking_agent.brain.connectome import Connectome
from spiking_agent.dna.wired import GeneValues
from spiking_agent.errors import SpikingAgentError
from spiking_agent.evolution.config import EvolutionConfig
from spiking_agent.evolution.interrupt import Interrupted
from spiking_agent.evolution.loop import Evolution
from spiking_agent.evolution.reporters.tensorboard import TensorBoardReporter
from spiking_agent.evolution.reporters.terminal import TerminalReporter
from spiking_agent.evolution.reports import Reporter
from spiking_agent.organism.evaluation import Evaluation, evaluate
from spiking_agent.organism.organism import Organism
from spiking_agent.organism.shipped import champion
from spiking_agent.strategies.genetic_algorithm import GeneticAlgorithm, GeneticParams

__all__ = [
    "Connectome",
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
