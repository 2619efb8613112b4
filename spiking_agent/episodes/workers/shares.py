"""How the episodes of a population are shared out: the genomes and episodes of each task."""

from typing import Final

MAX_SINGLE_LANES: Final = 64  # environments without a native vector that one task steps in turn
TASKS_PER_WORKER: Final = 4  # more than one, to even out episodes of different lengths
FEW_LANES: Final = (
    16  # smaller tasks would spend more time on the overhead of decisions than on lanes
)

Share = tuple[slice, slice]


def shares(n_genomes: int, n_episodes: int, n_workers: int) -> list[Share]:
    """Return the shares where a native vector plays any number of lanes: one per worker.

    Parameters
    ----------
    n_genomes, n_episodes : int
        What is shared out, >= 1 each.
    n_workers : int
        Among how many, >= 1.

    Returns
    -------
    list of (slice, slice)
        Genomes and episodes of each task. Genomes are dealt out in turn, because the first ones
        are the best of the last generation, whose episodes last longest.
    """
    n_deals = min(n_workers, n_genomes)
    return _dealt(n_deals, min(-(-n_workers // n_deals), n_episodes))


def single_shares(n_genomes: int, n_episodes: int, n_workers: int) -> list[Share]:
    """Return the shares where environments are stepped one by one: more, and smaller ones.

    No task plays more than `MAX_SINGLE_LANES`. Arguments and result are those of `shares`.

    Parameters
    ----------
    n_genomes, n_episodes, n_workers : int
        As in `shares`.
    """
    n_lanes = n_genomes * n_episodes
    n_even = min(n_workers * TASKS_PER_WORKER, n_lanes // FEW_LANES)
    n_tasks = max(-(-n_lanes // MAX_SINGLE_LANES), n_even, n_workers)
    n_deals = min(n_tasks, n_genomes)
    n_parts = min(-(-n_tasks // n_deals), n_episodes)
    n_together = max(1, MAX_SINGLE_LANES // -(-n_genomes // n_deals))
    return _dealt(n_deals, max(n_parts, -(-n_episodes // n_together)))


def shares_of_one(n_genomes: int, n_episodes: int, n_workers: int) -> list[Share]:
    """Return the shares where moves are slow: one for each episode, the first of all genomes first.

    Episodes then end one after another, and each worker needs one environment. Arguments and result
    are those of `shares`.

    Parameters
    ----------
    n_genomes, n_episodes, n_workers : int
        As in `shares`.
    """
    return [
        (slice(genome, genome + 1), slice(episode, episode + 1))
        for episode in range(n_episodes)
        for genome in range(n_genomes)
    ]


def _dealt(n_deals: int, n_parts: int) -> list[Share]:
    return [
        (slice(deal, None, n_deals), slice(part, None, n_parts))
        for deal in range(n_deals)
        for part in range(n_parts)
    ]
