"""How populations follow one another: ask for genomes, tell their fitness.

A strategy sees a gene table, arrays of genes and their fitness, and nothing else. `operators` are
selection, crossover and mutation as pure functions; `genetic_algorithm` and `cma_es` are ours;
`protocol` is what a strategy of another package has to offer.
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
