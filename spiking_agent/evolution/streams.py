"""The random numbers of a run: one stream for each use, all spawned from its seed."""

import numpy as np

STREAM_GENES, STREAM_EPISODES, STREAM_BOUNDS, STREAM_TRIALS, STREAM_VARIATIONS = range(5)
STREAM_DRILLS, STREAM_LOSSES, STREAM_STARTS = 5, 6, 7


def generator(seed: int, *stream: int) -> np.random.Generator:
    """Return one of the generators that are spawned from the seed of a run.

    Parameters
    ----------
    seed : int
        Seed of the run.
    *stream : int
        What it is for, and the generation.
    """
    return np.random.default_rng(np.random.SeedSequence([seed, *stream]))
