"""The champion of a run: the best of the generations' bests on the validation episodes."""

from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from spiking_agent.organism import Organism
from spiking_agent.rollout import EpisodeResults
from spiking_agent.spaces import Json

ARRAY = "champion"  # name of the array of a checkpoint that holds the champion's file


@dataclass(frozen=True, slots=True, kw_only=True)
class BestSoFar:
    """The best genome validated so far.

    Parameters
    ----------
    content : bytes
        Content of its champion file.
    held_out : float
        Its mean fitness over the validation episodes.
    solved : float or None
        Share of them that it solved, None if the environment does not tell.
    merit : float
        By what it is compared, see `EpisodeResults.merit`.
    generation : int
        Where it came from.
    """

    content: bytes
    held_out: float
    solved: float | None
    merit: float
    generation: int

    @classmethod
    def of(cls, organism: Organism, results: EpisodeResults, merit: float, generation: int) -> Self:
        """Sum up the validation episodes of an organism."""
        solved = float(results.is_solved.mean())
        return cls(
            content=organism.to_bytes(),
            held_out=float(results.fitness.mean()),
            solved=None if np.isnan(solved) else solved,
            merit=merit,
            generation=generation,
        )

    def organism(self) -> Organism:
        """Give the champion itself."""
        return Organism.from_bytes(self.content)

    def state(self) -> tuple[dict[str, npt.NDArray[Any]], Json]:
        """Everything that `restore` needs: arrays, and JSON values."""
        values = asdict(self)
        return {ARRAY: np.frombuffer(values.pop("content"), np.uint8)}, values

    @classmethod
    def restore(cls, arrays: dict[str, npt.NDArray[Any]], values: Json) -> Self:
        """Make again what `state` gave.

        Raises
        ------
        KeyError, TypeError, ChampionFileError
            If it is damaged.
        """
        best = cls(content=arrays[ARRAY].tobytes(), **values)
        best.organism()
        return best
