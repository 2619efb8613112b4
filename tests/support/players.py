"""Players and populations for the tests of everything that plays episodes."""

import numpy as np

from spiking_agent import Organism
from spiking_agent.brain.population import Population
from spiking_agent.codec.codec import make_codec
from spiking_agent.dna.wired import Blueprint, GeneValues
from spiking_agent.episodes.environments import EnvSource
from spiking_agent.episodes.player import EpisodePlayer
from spiking_agent.strategies.operators import random_population

SNAKE = {"observation": "senses", "n_rows": 5, "n_cols": 6, "hunger_limit": 20}


def make_player(source: EnvSource, **changes) -> EpisodePlayer:
    env = source.make()
    codec = make_codec(env, np.random.default_rng(0), n_ticks=2)
    env.close()
    return EpisodePlayer(
        source,
        codec,
        score_key=changes.get("score_key"),
        engine=changes.get("engine", "compiled"),
        max_moves=changes.get("max_moves"),
        should_stop=changes.get("should_stop", lambda: False),
    )


def draw(player: EpisodePlayer, size: int, **values) -> Population:
    blueprint = Blueprint(
        n_inputs=player.codec.encoder.n_inputs,
        n_outputs=player.codec.decoder.n_outputs,
        n_hidden=2,
    )
    return random_population(blueprint, GeneValues(**values), size, np.random.default_rng(5))


SENSES = {"observation": "senses"}


def make_organism(env: str | type = "Snake-v0", seed: int = 0, **how) -> Organism:
    source = EnvSource(env, SENSES if env == "Snake-v0" else {})
    made = source.make()
    codec = make_codec(made, np.random.default_rng(0), n_ticks=3, carry_state=True)
    blueprint = Blueprint(
        n_inputs=codec.encoder.n_inputs, n_outputs=codec.decoder.n_outputs, n_hidden=5
    )
    values = GeneValues(density=0.7, initiation_delays=(1, 2), refractory_periods=(0, 1))
    return Organism(
        connectome=random_population(blueprint, values, 1, np.random.default_rng(seed)).connectome(
            0
        ),
        codec=codec,
        observation_space=made.observation_space,
        action_space=made.action_space,
        env_id=source.env_id,
        env_kwargs=source.kwargs,
        provenance={"seed": seed},
        **how,
    )
