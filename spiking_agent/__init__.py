"""Evolved spiking brains as policies for any Gymnasium environment.

::

    import snake_env, spiking_agent

    organism = spiking_agent.evolve("Snake-v0", seconds=60, workers=2)
    print(spiking_agent.evaluate(organism, episodes=1000))
"""

from spiking_agent.api import evolve
from spiking_agent.brain.connectome import Connectome
from spiking_agent.brain.synapses import Synapses
from spiking_agent.dna.gene_table import GeneTable
from spiking_agent.dna.wired import Wired, WiredParams
from spiking_agent.episodes.task import Task
from spiking_agent.errors import SpikingAgentError
from spiking_agent.evolution.interrupt import Interrupted
from spiking_agent.evolution.loop import Evolution
from spiking_agent.evolution.reporters.protocol import Reporter
from spiking_agent.evolution.reporters.tensorboard import TensorBoardReporter
from spiking_agent.evolution.reporters.terminal import TerminalReporter
from spiking_agent.evolution.settings.config import EvolutionConfig
from spiking_agent.evolution.settings.phases import Refinement, Stage
from spiking_agent.organism.evaluation import Evaluation, evaluate
from spiking_agent.organism.organism import Organism
from spiking_agent.organism.shipped import champion
from spiking_agent.strategies.cma_es import CmaEs, CmaEsParams
from spiking_agent.strategies.genetic_algorithm import GeneticAlgorithm, GeneticParams

__all__ = [
    "CmaEs",
    "CmaEsParams",
    "Connectome",
    "Evaluation",
    "Evolution",
    "EvolutionConfig",
    "GeneTable",
    "GeneticAlgorithm",
    "GeneticParams",
    "Interrupted",
    "Organism",
    "Refinement",
    "Reporter",
    "SpikingAgentError",
    "Stage",
    "Synapses",
    "Task",
    "TensorBoardReporter",
    "TerminalReporter",
    "Wired",
    "WiredParams",
    "champion",
    "evaluate",
    "evolve",
]
