"""The recipe for tables: each observation is one of some states, with an input of its own."""

from typing import Any, Final

from spiking_agent.environments.tables.table import Table
from spiking_agent.evolution.settings.config import DEFAULT_MAX_MOVES, EvolutionConfig

MAX_STARTS: Final = 512  # up to here, all first states are played by every genome
N_EPISODES: Final = 32  # of each genome where chance decides what follows
MUTATED_SHARE: Final = 0.02  # of the strengths of a child
USUAL_ACTIONS: Final = 4  # where their number is not known
VISITS: Final = 20  # of every state, after which an episode without a time limit is cut off


def table_recipe(config: EvolutionConfig, n_states: int, table: Table | None) -> EvolutionConfig:
    """Return the settings for an environment whose observations are states of a table.

    Parameters
    ----------
    config : EvolutionConfig
        Settings to start from.
    n_states : int
        Number of states.
    table : Table or None
        The transitions, if the environment shows them: then episodes cost next to nothing. Only
        their number and length, and sizes, depend on it.
    """
    n_actions = USUAL_ACTIONS if table is None else table.legal.shape[1]
    return config.changed(
        # The spikes of an output count the strength of one synapse, because it neither leaks nor
        # loses anything as it fires. Where none does, the action before goes on: brains with few
        # synapses walk straight on, and so come to far places.
        n_ticks=8,
        max_strength=16,
        first_strength=16,
        inhibition=False,
        density=0.1,
        thresholds=(16.0,),
        decays=(1.0,),
        soft_resets=(True,),
        # A child has each decision from one of two parents, and some drawn anew. A few elites keep
        # rare finds, and immigrants make them where none is better than the others.
        crossover="rows",
        crossover_rate=1.0,
        parent_share=0.1,
        elite_share=0.01,
        immigrant_share=0.05,
        number_mutations=MUTATED_SHARE * n_states * n_actions,
        choice_mutations=0.0,
        **({} if table is None else _of_table(table)),
    )


def _of_table(table: Table) -> dict[str, Any]:
    """Return the settings that depend on the transitions."""
    n_starts = table.n_starts
    plays_all = table.repeats and n_starts <= MAX_STARTS
    is_endless = table.max_moves == 0
    return {
        "n_episodes": n_starts if plays_all else N_EPISODES,
        "n_validation": 1024,
        "max_moves": VISITS * len(table.start_reach) if is_endless else DEFAULT_MAX_MOVES,
        # Where chance decides, the best was lucky, too.
        "champion": "best" if table.repeats else "consensus",
    }
