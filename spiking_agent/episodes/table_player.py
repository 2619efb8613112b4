"""Whole episodes of a table: brains decide about each of its states once, then games are looked up.

Brains that forget decide the same whenever they see the same state. Results equal those of play
step by step, to the last bit.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from gymnasium import spaces

from spiking_agent.brain.compiled.engine import Engine
from spiking_agent.brain.population import Population
from spiking_agent.codec.codec import Codec
from spiking_agent.codec.decoders.base import NO_CHOICE
from spiking_agent.codec.decoders.most_spikes import MostSpikesDecoder, most_spikes
from spiking_agent.codec.encoders.discrete import is_of_table
from spiking_agent.environments.tables.find import table_of
from spiking_agent.environments.tables.generator import generators
from spiking_agent.environments.tables.lanes import first_state, follow
from spiking_agent.environments.tables.table import Table
from spiking_agent.episodes.results import EpisodeResults, SeedArray
from spiking_agent.episodes.task import Task
from spiking_agent.jit import kernel
from spiking_agent.typing import Float64Array, Int32Array, Int64Array, UInt64Array

GAMES_A_CALL: Final = 4096  # between calls, play may be stopped
FIRST_MARK: Final = 8  # moves after which a game is first suspected of going round in circles


def table_to_play(task: Task, codec: Codec, engine: str) -> Table | None:
    """Return the table that a task is, if brains can decide about its states in advance.

    Parameters
    ----------
    task : Task
        What is played.
    codec : Codec
        How brains are connected to it.
    engine : str
        What runs them.
    """
    decoder = codec.decoder
    fits = (
        engine == "compiled"
        and codec.carry_state is False
        and is_of_table(codec.encoder)
        and type(decoder) is MostSpikesDecoder
        and type(decoder.space) is spaces.Discrete
        and task.score_key is None
        and task.max_moves is not None
    )
    return table_of(task.source()) if fits else None


def play_table(
    table: Table,
    population: Population,
    codec: Codec,
    seeds: SeedArray,
    *,
    task: Task,
    must_go_on: Callable[[], None],
) -> EpisodeResults:
    """Play the episodes of every genome.

    Parameters
    ----------
    table : Table
        What is played.
    population : Population
        The genomes.
    codec : Codec
        How they are connected to it.
    seeds : ndarray of int64, shape (n_genomes, n_episodes)
        The seed of each episode.
    task : Task
        The same, and when its episodes are cut off.
    must_go_on : callable
        Called from time to time; raises an exception to stop play.

    Returns
    -------
    EpisodeResults
        Arrays of the shape of `seeds`.

    Raises
    ------
    ValueError
        If a state has no legal action.
    """
    with Engine(population, carry_state=False) as engine:
        counts = engine.answers(codec.n_ticks)  # to each state, which has an input of its own
    results = EpisodeResults.empty(seeds.size)
    limit = min(filter(None, (task.max_moves, table.max_moves)))
    rng, n_episodes = generators(seeds.ravel()), seeds.shape[1]
    for first in range(0, seeds.size, GAMES_A_CALL):
        must_go_on()
        games = slice(first, first + GAMES_A_CALL)
        is_played = _play(
            table,
            rng[games],
            counts,
            np.arange(seeds.size)[games] // n_episodes,
            limit,
            results.total_reward[games],
            results.n_moves[games],
        )
        if not is_played:
            raise ValueError("action_mask must allow at least one action, got a row without any")
    results.fitness[:] = results.total_reward
    return EpisodeResults._make(array.reshape(seeds.shape) for array in results)


@kernel
def _play(
    table: Table,
    rng: UInt64Array,  # (n_games, 4)
    counts: Int32Array,  # (n_genomes, n_states, n_outputs)
    genomes: Int64Array,  # (n_games,)
    limit: int,
    total_reward: Float64Array,  # (n_games,) out
    n_moves: Int64Array,  # (n_games,) out
) -> bool:
    """Play games; return False if a state has no legal action."""
    n_actions = table.legal.shape[1]
    for game in range(len(genomes)):
        known = counts[genomes[game]]
        state, choice = first_state(table, rng[game]), NO_CHOICE
        total, n, is_end = 0.0, 0, False
        # Where a state and the choice before come again, so does all that followed.
        marked_state, marked_choice, marked_total, marked_n = -1, NO_CHOICE, 0.0, 0
        next_mark = FIRST_MARK if table.repeats else limit
        while n < limit and not is_end:
            if state == marked_state and choice == marked_choice:
                n_rounds = (limit - n) // (n - marked_n)
                total += n_rounds * (total - marked_total)
                n += n_rounds * (n - marked_n)
                marked_state, next_mark = -1, limit
                continue
            if n == next_mark:
                marked_state, marked_choice, marked_total, marked_n = state, choice, total, n
                next_mark = 2 * n
            choice = most_spikes(known[state], table.legal[state], 0, n_actions, choice)
            if choice < 0:
                return False
            row = state * n_actions + choice
            transition = table.first[row] if table.repeats else follow(table, row, rng[game])
            state = table.next_state[transition]
            total += table.reward[transition]
            is_end = table.is_end[transition]
            n += 1
        total_reward[game], n_moves[game] = total, n
    return True
