"""Organisms of grown brains for tests."""

import numpy as np

from spiking_agent import Organism
from spiking_agent.codec.codec import make_codec
from spiking_agent.codec.params import CodecParams
from spiking_agent.dna.grown.brain import GrownBrain
from spiking_agent.dna.grown.genes import gene_table
from spiking_agent.dna.grown.layout import Layout
from spiking_agent.dna.grown.plan import Plan
from spiking_agent.dna.grown.plans import PLANS
from spiking_agent.environments.source import EnvSource
from spiking_agent.episodes.task import Task

LIVELY = 459  # a seed whose genome eats now and then, as few random ones do


def grown_brain(shape: tuple[int, int] = (6, 6), *, seed: int = LIVELY, plan: Plan | None = None):
    plan = PLANS["snake-small"] if plan is None else plan
    genomes = gene_table(Layout(plan)).draw(1, np.random.default_rng(seed))
    return GrownBrain(genome=genomes[0], plan=plan, shape=shape)


def grown_organism(
    n_rows: int = 6, n_cols: int = 6, *, seed: int = LIVELY, plan: Plan | None = None, **how
) -> Organism:
    plan = PLANS["snake-small"] if plan is None else plan
    kwargs = {"observation": "planes", "n_rows": n_rows, "n_cols": n_cols}
    with EnvSource("Snake-v0", kwargs).make() as env:
        params = CodecParams(encoder="grid", n_ticks=plan.n_ticks, carry_state="impulses")
        codec = make_codec(env, np.random.default_rng(0), params)
        spaces = env.observation_space, env.action_space
    return Organism(
        brain=grown_brain((n_rows, n_cols), seed=seed, plan=plan),
        codec=codec,
        observation_space=spaces[0],
        action_space=spaces[1],
        task=Task(env="Snake-v0", env_kwargs=kwargs, score_key="score"),
        provenance={"seed": seed},
        **how,
    )
