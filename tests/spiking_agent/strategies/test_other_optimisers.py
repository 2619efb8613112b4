"""An optimiser of another library breeds brains that play, knowing of genes and fitness only."""

import numpy as np
import pytest
from chosen import configured

from spiking_agent import evaluate
from spiking_agent.episodes.evaluator import Evaluator
from spiking_agent.evolution.problem import Problem

ribs = pytest.importorskip("ribs", reason="comes with the extra bench")


def test_pyribs_evolves_a_brain_that_balances_the_pole() -> None:
    from ribs.archives import GridArchive
    from ribs.emitters import EvolutionStrategyEmitter

    problem = Problem.probe(configured("CartPole-v1", {}), np.random.default_rng(0))
    genes = problem.dna.genes
    archive = GridArchive(solution_dim=genes.n_genes, dims=[1], ranges=[(0, 1)])
    search = EvolutionStrategyEmitter(
        archive, x0=genes.center, sigma0=genes.spread[0], batch_size=16, seed=0
    )
    no_measures = np.zeros((16, 1))
    with Evaluator(problem.training, problem.codec) as evaluator:
        for generation in range(25):
            genomes = search.ask()
            brains = problem.dna.grow(genes.fit(genomes))
            fitness = evaluator.evaluate(brains, [generation, 99 + generation]).fitness.mean(axis=1)
            added = archive.add(genomes, fitness, no_measures)
            search.tell(genomes, fitness, no_measures, added)
    best = genes.fit(archive.best_elite["solution"])
    champion = problem.organism(problem.grow(best), generation)
    assert evaluate(champion, episodes=20).mean > 300
