"""Episodes that begin in the middle: their first choices are given, as in a chess opening."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from gymnasium import spaces

from spiking_agent.checks.words import shown
from spiking_agent.codec.codec import Codec
from spiking_agent.codec.decoders.most_spikes import WHOLE_DECODERS, MostSpikesDecoder
from spiking_agent.typing import BoolArray, Float64Array, Int16Array, Int64Array, IntpArray

WATCHED: Final = 8  # last moves of an opening that brains see, so that they remember them
RECORDED: Final = -1  # in place of a number of given choices: they are written down instead
NO_LIMIT: Final = 2**62


@dataclass(frozen=True, slots=True)
class Openings:
    """The openings of some episodes, and how far brains are to go on from there.

    Parameters
    ----------
    seeds : ndarray of int64, shape (n_episodes,)
        The seed of each episode.
    choices : ndarray of int16, shape (n_episodes, room)
        The choice in each move of the opening: the action less the first action of the space.
    n_given : ndarray of int64, shape (n_episodes,)
        Number of moves in each opening.
    n_further : int
        Moves after the opening with which an episode is cut off, >= 1. One that is not over by
        then counts as solved.
    """

    seeds: Int64Array
    choices: Int16Array
    n_given: Int64Array
    n_further: int

    def take(self, episodes: slice) -> Self:
        """Return the openings of some of the episodes.

        Parameters
        ----------
        episodes : slice
            Which ones.
        """
        return type(self)(
            self.seeds[episodes], self.choices[episodes], self.n_given[episodes], self.n_further
        )

    def script(self, n_genomes: int) -> "Script":
        """Return the script for lanes that are numbered genome by genome.

        Parameters
        ----------
        n_genomes : int
            Every one plays all of the episodes.
        """
        rows = np.tile(np.arange(len(self.seeds)), n_genomes)
        # some executors send arrays that must not be written, which the loop cannot take
        choices = np.require(self.choices, requirements=["C", "W"])
        n_given = np.require(self.n_given, requirements=["C", "W"])
        return Script(rows, choices, n_given, self.n_further)


@dataclass(frozen=True, slots=True)
class Script:
    """Choices that are given to lanes, or are written down as they are made.

    Parameters
    ----------
    rows : ndarray of intp, shape (n_lanes,)
        The row of the other arrays that belongs to each lane.
    choices : ndarray of int16, shape (n_rows, room)
        A choice for each of the first moves.
    n_given : ndarray of int64, shape (n_rows,)
        How many of them are given; `RECORDED` if they are written, as far as there is room.
    n_further : int or None
        Moves after the given ones with which an episode is cut off.
    """

    rows: IntpArray
    choices: Int16Array
    n_given: Int64Array
    n_further: int | None = None

    @classmethod
    def blank(cls, n_lanes: int, room: int = 0) -> Self:
        """Return a script that gives nothing and records, with a row for each lane.

        Parameters
        ----------
        n_lanes : int
            Number of lanes.
        room : int
            Moves of each lane that are to be written down.
        """
        choices = np.zeros((n_lanes, room), np.int16)
        return cls(np.arange(n_lanes), choices, np.full(n_lanes, RECORDED))

    @property
    def is_blank(self) -> bool:
        """Whether it neither gives nor records anything."""
        return self.choices.size == 0

    def take(self, lanes: slice) -> Self:
        """Return the script of some of the lanes, which writes into the same rows.

        Parameters
        ----------
        lanes : slice
            Which ones.
        """
        return type(self)(self.rows[lanes], self.choices, self.n_given, self.n_further)

    def limits(self, max_moves: int | None) -> Int64Array:
        """Return the number of moves after which each lane is cut off.

        Parameters
        ----------
        max_moves : int or None
            The limit of the task.

        Returns
        -------
        ndarray of int64, shape (n_lanes,)
        """
        limits = np.full(len(self.rows), NO_LIMIT if max_moves is None else max_moves, np.int64)
        if self.n_further is None:
            return limits
        least: Int64Array = np.minimum(limits, self.n_given[self.rows] + self.n_further)
        return least

    def mark_survival(self, is_solved: Float64Array, lanes: IntpArray | BoolArray) -> None:
        """Count episodes that were cut off as solved, if their first moves were given.

        Parameters
        ----------
        is_solved : ndarray of float, shape (n_lanes,)
            The results, which are changed.
        lanes : ndarray of intp or bool
            Which lanes were cut off.
        """
        if self.n_further is not None:
            is_solved[lanes] = 1.0


def check_one_choice(codec: Codec) -> int:
    """Return the first action of a space whose actions are single choices.

    Parameters
    ----------
    codec : Codec
        How brains are connected.

    Raises
    ------
    ValueError
        If the action space is not Discrete, or the decoder is of a kind that may choose otherwise.
    """
    decoder = codec.decoder
    space = getattr(decoder, "space", None)
    if not (isinstance(decoder, MostSpikesDecoder) and isinstance(space, spaces.Discrete)):
        fitting = " or ".join(map(repr, WHOLE_DECODERS))
        raise ValueError(
            "drills must be left out for an action space that is not Discrete, or for another "
            f"decoder than {fitting}, because openings are lists of single choices, got "
            f"{decoder.kind!r} of {shown(space)}"
        )
    return int(space.start)
