"""Strategies with ask and tell: ask for genomes, tell their fitness.

A strategy sees a gene table, arrays of genes and their fitness, and nothing else. `operators` has
selection, crossover and mutation as pure functions; `genetic_algorithm` and `cma_es` are the
strategies of this package; `protocol` is the interface for strategies of other packages.
"""

from spiking_agent.strategies.cma_es import CmaEs, CmaEsParams
from spiking_agent.strategies.genetic_algorithm import GeneticAlgorithm, GeneticParams
from spiking_agent.strategies.protocol import MakeStrategy, Strategy

__all__ = [
    "CmaEs",
    "CmaEsParams",
    "GeneticAlgorithm",
    "GeneticParams",
    "MakeStrategy",
    "Strategy",
]
