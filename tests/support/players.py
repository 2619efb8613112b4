"""Players and populations for the tests of everything that plays episodes."""

import numpy as np

from spiking_agent import Organism
from spiking_agent.brain.population import Population
from spiking_agent.codec.codec import make_codec
from spiking_agent.codec.params import CodecParams
from spiking_agent.dna.ports import Ports
from spiking_agent.dna.wired import Wired, WiredParams
from spiking_agent.environments.source import EnvSource
from spiking_agent.episodes.player import EpisodePlayer
from spiking_agent.episodes.task import Task

SNAKE = {"observation": "senses", "n_rows": 5, "n_cols": 6, "hunger_limit": 20}


def task_of(source: EnvSource, **scoring) -> Task:
    return Task(env=source.env, env_kwargs=source.kwargs, **scoring)


def brains(n_inputs: int, n_outputs: int, size: int, seed: int, **params) -> Population:
    """Grow brains from random genomes."""
    dna = Wired(WiredParams(**params), Ports(n_inputs=n_inputs, n_outputs=n_outputs))
    return dna.grow(dna.genes.draw(size, np.random.default_rng(seed)))


def make_player(source: EnvSource, **changes) -> EpisodePlayer:
    env = source.make()
    codec = make_codec(env, np.random.default_rng(0), CodecParams(n_ticks=2))
    env.close()
    return EpisodePlayer(
        task_of(source, score_key=changes.get("score_key"), max_moves=changes.get("max_moves")),
        codec,
        engine=changes.get("engine", "compiled"),
        max_envs=source.max_envs,
        should_stop=changes.get("should_stop", lambda: False),
    )


def draw(player: EpisodePlayer, size: int, **params) -> Population:
    sizes = player.codec.encoder.n_inputs, player.codec.decoder.n_outputs
    return brains(*sizes, size, seed=5, n_hidden=2, **params)


SENSES = {"observation": "senses"}


def make_organism(env: str | type = "Snake-v0", seed: int = 0, **how) -> Organism:
    source = EnvSource(env, SENSES if env == "Snake-v0" else {})
    made = source.make()
    codec = make_codec(made, np.random.default_rng(0), CodecParams(n_ticks=3, carry_state=True))
    population = brains(
        codec.encoder.n_inputs,
        codec.decoder.n_outputs,
        1,
        seed,
        n_hidden=5,
        density=0.7,
        initiation_delays=(1, 2),
        refractory_periods=(0, 1),
    )
    return Organism(
        brain=population.connectome(0),
        codec=codec,
        observation_space=made.observation_space,
        action_space=made.action_space,
        task=task_of(source) if isinstance(env, str) else Task(env_kwargs=source.kwargs),
        provenance={"seed": seed},
        **how,
    )
