"""Who is champion: candidates play the validation episodes, and the best so far holds the title."""

from typing import Any

import numpy as np
import numpy.typing as npt

from spiking_agent.checks.arguments import flag
from spiking_agent.codec.spaces import Json
from spiking_agent.episodes.results import EpisodeResults
from spiking_agent.episodes.seeds import VALIDATION_SEEDS
from spiking_agent.evolution.best_so_far import BestSoFar, fitness, share
from spiking_agent.evolution.config import EvolutionConfig
from spiking_agent.organism.organism import Organism
from spiking_agent.strategies.operators import is_better

GOOD_SHARE = 0.25  # of a generation that has to reach the target in training for a candidate
N_STANDARD_ERRORS = 2.0  # by which the mean of a champion has to lie beyond the target


class Championship:
    """The best genome validated so far, and whether it is as good as was asked for.

    Parameters
    ----------
    config : EvolutionConfig
        Says when candidates play, how many episodes, and what the target is.

    Attributes
    ----------
    best : BestSoFar or None
        None before the first candidate.
    most_solved : float
        Largest share of the validation episodes that any candidate solved.
    is_won : bool
        Whether a candidate's mean has come to lie two standard errors beyond the target.
    """

    def __init__(self, config: EvolutionConfig) -> None:
        self.best: BestSoFar | None = None
        self.most_solved = 0.0
        self.is_won = False
        self._config = config
        self._last_mean = -np.inf  # fitness of the generation that sent the last candidate

    @property
    def seeds(self) -> range:
        """Seeds of the validation episodes, the same for every candidate."""
        return range(VALIDATION_SEEDS[0], VALIDATION_SEEDS[0] + self._config.n_validation)

    def is_due(self, generation: int, scores: npt.NDArray[np.float64]) -> bool:
        """Tell whether a generation sends a candidate; to be asked once for each.

        With a target, a generation that is no better than the last that sent one sends none.
        Means are those of finite fitness.

        Parameters
        ----------
        generation : int
            Its number.
        scores : ndarray of float, shape (n_genomes,)
            Mean fitness of each genome in training.
        """
        target, finite = self._config.target, scores[np.isfinite(scores)]
        mean = float(finite.mean()) if len(finite) else -np.inf
        is_due = self._config.is_validated(generation)
        if target is not None and generation > 0:
            is_good = float(np.mean(scores >= target)) >= GOOD_SHARE
            is_due = is_good or (is_due and mean > self._last_mean)
        if is_due:
            self._last_mean = mean
        return is_due

    def judge(self, candidate: Organism, results: EpisodeResults, generation: int) -> None:
        """Compare a candidate with the best so far, after its validation episodes.

        The first that lies beyond the target for certain holds the title, even if another had a
        larger mean by luck.
        """
        merit = results.merit(self._config.solved_bonus, self._config.solved_move_cost)
        rival = BestSoFar.of(candidate, results, float(merit[0]), generation)
        wins = False
        if self._config.target is not None and not self.is_won:
            margin = N_STANDARD_ERRORS * results.fitness.std() / np.sqrt(results.fitness.size)
            wins = self.is_won = bool(rival.held_out - margin >= self._config.target)
        if wins or self.best is None or is_better(rival.merit, self.best.merit):
            self.best = rival
        self.most_solved = max(self.most_solved, rival.solved or 0.0)

    def state(self) -> tuple[dict[str, npt.NDArray[Any]], Json]:
        """Everything that `restore` needs: arrays, and JSON values.

        Raises
        ------
        RuntimeError
            If there was no candidate.
        """
        if self.best is None:
            raise RuntimeError("state() needs a candidate: call judge() first")
        arrays, champion = self.best.state()
        return arrays, {
            "champion": champion,
            "most_solved": self.most_solved,
            "is_won": self.is_won,
            "last_mean": self._last_mean,
        }

    def restore(self, arrays: dict[str, npt.NDArray[Any]], values: Json) -> None:
        """Go back to what `state` gave.

        Raises
        ------
        KeyError, TypeError, ValueError, ChampionFileError
            If it is damaged.
        """
        self.best = BestSoFar.restore(arrays, values["champion"])
        self.most_solved = share("most_solved", values["most_solved"])
        self.is_won = flag("is_won", values["is_won"])
        self._last_mean = fitness("last_mean", values["last_mean"])
