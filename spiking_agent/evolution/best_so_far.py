"""The champion of a run: the best of the generations' bests on the validation episodes."""

from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from spiking_agent.checks.arguments import number, whole
from spiking_agent.codec.spaces import Json
from spiking_agent.episodes.results import EpisodeResults
from spiking_agent.organism.organism import Organism

ARRAY = "champion"  # name of the array of a checkpoint that holds the champion's file


@dataclass(frozen=True, slots=True, kw_only=True)
class BestSoFar:
    """The best genome validated so far.

    Parameters
    ----------
    champion : Organism
        The genome with all it needs to play.
    held_out : float
        Its mean fitness over the validation episodes.
    solved : float or None
        Share of them that it solved, None if the environment does not tell.
    merit : float
        By what it is compared, see `EpisodeResults.merit`.
    generation : int
        Where it came from.
    """

    champion: Organism
    held_out: float
    solved: float | None
    merit: float
    generation: int

    @classmethod
    def of(cls, organism: Organism, results: EpisodeResults, merit: float, generation: int) -> Self:
        """Sum up the validation episodes of an organism."""
        solved = float(results.is_solved.mean())
        return cls(
            champion=organism,
            held_out=float(results.fitness.mean()),
            solved=None if np.isnan(solved) else solved,
            merit=merit,
            generation=generation,
        )

    @property
    def content(self) -> bytes:
        """Content of its champion file; a ValueError if its codec has no form in a file."""
        return self.champion.to_bytes()

    def organism(self) -> Organism:
        """Give a champion of the caller's own, at the beginning of an episode."""
        return replace(self.champion)

    def state(self) -> tuple[dict[str, npt.NDArray[Any]], Json]:
        """Everything that `restore` needs: arrays, and JSON values."""
        names = [field.name for field in fields(self) if field.name != ARRAY]
        content = np.frombuffer(self.content, np.uint8)
        return {ARRAY: content}, {name: getattr(self, name) for name in names}

    @classmethod
    def restore(cls, arrays: dict[str, npt.NDArray[Any]], values: Json) -> Self:
        """Make again what `state` gave.

        Raises
        ------
        KeyError, TypeError, ValueError, ChampionFileError
            If it is damaged.
        """
        solved = values["solved"]
        return cls(
            champion=Organism.from_bytes(arrays[ARRAY].tobytes()),
            held_out=fitness("held_out", values["held_out"]),
            solved=None if solved is None else share("solved", solved),
            merit=fitness("merit", values["merit"]),
            generation=whole("generation", values["generation"]),
        )


def fitness(name: str, value: object) -> float:
    """Return a fitness out of a file, which may be infinite or NaN; else a ValueError."""
    return value if isinstance(value, float) else number(name, value)


def share(name: str, value: object) -> float:
    """Return a share out of a file; a ValueError if it is none."""
    return number(name, value, "in [0, 1]", lambda v: 0.0 <= v <= 1.0)
