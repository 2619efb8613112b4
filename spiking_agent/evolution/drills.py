"""Drills: episodes that begin shortly before a loss, to learn from what is rare."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from spiking_agent.episodes.openings import Openings
from spiking_agent.episodes.results import EpisodeResults, SeedArray
from spiking_agent.evolution.streams import STREAM_DRILLS, STREAM_LOSSES, STREAM_STARTS, generator
from spiking_agent.typing import Arrays, BoolArray, Int16Array, Int64Array, IntpArray

LONGEST: Final = 2**16  # moves of a loss that is kept: longer ones would fill memory
N_LOSSES: Final = 400  # that are kept, the newest
N_NEW: Final = 60  # at most, from one generation
MOVES_BEFORE: Final = (20, 120)  # from where a drill begins to the loss: at least, less than


class Drills:
    """The losses of the last generations, as openings that end some moves before each.

    Good brains lose so rarely that whole episodes hardly tell them apart. Positions shortly before
    a loss do: many brains that are nearly the same lose from there, too.

    Parameters
    ----------
    seed : int
        Seed of the run.
    *stream : int
        Tells the draws of these drills from those of others.

    References
    ----------
    T. Salimans, R. Chen, "Learning Montezuma's Revenge from a Single Demonstration",
    arXiv:1812.03381 (2018), where a player begins within a demonstration in the same way.
    """

    def __init__(self, seed: int, *stream: int) -> None:
        self._seed = seed
        self._stream = stream
        self._seeds = np.zeros(0, np.int64)
        self._choices: list[Int16Array] = []

    def draw(self, n_drills: int, n_further: int, generation: int) -> Openings | None:
        """Return the drills of a generation.

        Parameters
        ----------
        n_drills, n_further : int
            How many, and the moves that brains must survive in each.
        generation : int
            Its number.

        Returns
        -------
        Openings or None
            None if there are to be none, or no loss is known yet.
        """
        if not (n_drills and self._choices):
            return None
        rng = generator(self._seed, STREAM_DRILLS, generation, *self._stream)
        chosen = rng.integers(len(self._choices), size=n_drills)
        lengths = np.array([len(self._choices[i]) for i in chosen])
        choices = np.zeros((n_drills, lengths.max()), np.int16)
        for row, i in enumerate(chosen):
            choices[row, : lengths[row]] = self._choices[i]
        return Openings(self._seeds[chosen], choices, lengths, n_further)

    def losses(
        self, results: EpisodeResults, generation: int, max_moves: int | None = None
    ) -> tuple[IntpArray, IntpArray]:
        """Return genomes and episodes of some losses of a generation, drawn at random.

        Parameters
        ----------
        results : EpisodeResults
            What the generation did.
        generation : int
            Its number.
        max_moves : int, optional
            The limit of the task. Episodes that reached it are left out: they could be continued
            up to the limit only, so no brain would lose them.
        """
        longest = LONGEST if max_moves is None else min(LONGEST, max_moves - 1)
        is_kept = (results.is_solved == 0.0) & (results.n_moves <= longest)
        genomes, episodes = np.nonzero(is_kept)
        rng = generator(self._seed, STREAM_LOSSES, generation, *self._stream)
        chosen = rng.permutation(len(genomes))[:N_NEW]
        return genomes[chosen], episodes[chosen]

    def keep(
        self, seeds: SeedArray, choices: Int16Array, n_moves: Int64Array, generation: int
    ) -> None:
        """Take up losses, and forget the oldest.

        Parameters
        ----------
        seeds : ndarray of int64, shape (n_losses,)
            Seed of each episode.
        choices : ndarray of int16, shape (n_losses, room)
            The choices in it.
        n_moves : ndarray of int64, shape (n_losses,)
            How many there were.
        generation : int
            Number of the generation.
        """
        rng = generator(self._seed, STREAM_STARTS, generation, *self._stream)
        lengths = np.maximum(n_moves - rng.integers(*MOVES_BEFORE, len(seeds)), 0)
        self._seeds = np.concatenate([self._seeds, seeds])[-N_LOSSES:]
        new = [row[:length].copy() for row, length in zip(choices, lengths, strict=True)]
        self._choices = [*self._choices, *new][-N_LOSSES:]

    def forget(self) -> None:
        """Forget all losses."""
        self._seeds, self._choices = np.zeros(0, np.int64), []

    def state(self, prefix: str) -> Arrays:
        """Return everything that `restore` needs.

        Parameters
        ----------
        prefix : str
            Begins the names of the arrays.
        """
        lengths = np.array([len(one) for one in self._choices], np.int64)
        choices = np.concatenate([np.zeros(0, np.int16), *self._choices])
        return {
            f"{prefix}_seeds": self._seeds,
            f"{prefix}_lengths": lengths,
            f"{prefix}_choices": choices,
        }

    def restore(self, prefix: str, arrays: Mapping[str, Any], n_choices: int) -> None:
        """Restore what `state` returned.

        Parameters
        ----------
        prefix : str
            As for `state`.
        arrays : dict
            What `state` returned.
        n_choices : int
            Number of alternatives that there are in a move.

        Raises
        ------
        KeyError, ValueError
            If the state is damaged.
        """
        names = [f"{prefix}_{name}" for name in ("seeds", "lengths", "choices")]
        seeds, lengths, choices = (arrays[name] for name in names)
        for name, array in zip(names, (seeds, lengths, choices), strict=True):
            if array.ndim != 1 or array.dtype.kind != "i":
                raise ValueError(f"{name} must be a list of integers, got {array!r}")
        is_valid: BoolArray = (choices >= 0) & (choices < n_choices)
        is_whole = len(seeds) == len(lengths) and lengths.sum() == len(choices)
        if not (is_whole and is_valid.all() and (lengths >= 0).all() and (seeds >= 0).all()):
            raise ValueError(
                "drills must have a seed, a length and choices of "
                f"0..{n_choices - 1} each, got others"
            )
        ends = np.cumsum(lengths)
        self._seeds = seeds.astype(np.int64)
        self._choices = [
            choices[end - length : end].astype(np.int16)
            for end, length in zip(ends, lengths, strict=True)
        ]
