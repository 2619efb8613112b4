"""The choice of the champion: candidates play the validation episodes, and the best is kept."""

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np

from spiking_agent.checks.arguments import flag, number, whole
from spiking_agent.episodes.results import EpisodeResults
from spiking_agent.episodes.seeds import VALIDATION_SEEDS
from spiking_agent.evolution.settings.config import EvolutionConfig
from spiking_agent.evolution.settings.sections import Validation
from spiking_agent.organism.organism import Organism
from spiking_agent.strategies.operators import is_better
from spiking_agent.typing import Arrays, Float64Array, Json

ARRAY = "champion"  # name of the array of a checkpoint that holds the champion's file
GOOD_SHARE = 0.25  # a generation is validated if this share of it reaches the target in training
N_STANDARD_ERRORS = 2.0  # by which the mean of a champion must at least exceed the target


@dataclass(frozen=True, slots=True, kw_only=True)
class BestSoFar:
    """The best genome validated so far.

    Parameters
    ----------
    champion : Organism
        The genome with everything that it needs to play.
    held_out : float
        Its mean fitness over the validation episodes.
    solved : float or None
        Share of them that it solved, None if the environment does not report it.
    merit : float
        The value by which candidates are compared, see `EpisodeResults.merit`.
    generation : int
        The generation that it comes from.
    """

    champion: Organism
    held_out: float
    solved: float | None
    merit: float
    generation: int

    @classmethod
    def of(cls, organism: Organism, results: EpisodeResults, merit: float, generation: int) -> Self:
        """Return the record of an organism that has played the validation episodes.

        Parameters
        ----------
        organism : Organism
            The organism.
        results : EpisodeResults
            Its results, of shape (1, n_episodes).
        merit : float
            Its merit, see `EpisodeResults.merit`.
        generation : int
            The generation that it comes from.
        """
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
        """Content of its champion file; a ValueError if its codec cannot be saved."""
        return self.champion.to_bytes()

    def organism(self) -> Organism:
        """Return a copy of the champion, at the start of an episode."""
        return replace(self.champion)

    def state(self) -> tuple[Arrays, Json]:
        """Return everything that `restore` needs: arrays, and JSON values."""
        names = [field.name for field in fields(self) if field.name != ARRAY]
        content = np.frombuffer(self.content, np.uint8)
        return {ARRAY: content}, {name: getattr(self, name) for name in names}

    @classmethod
    def restore(cls, arrays: Arrays, values: Json) -> Self:
        """Return the record that `state` describes.

        Parameters
        ----------
        arrays, values : dict
            The two parts of what `state` returned.

        Raises
        ------
        KeyError, TypeError, ValueError, ChampionFileError
            If the state is damaged.
        """
        solved = values["solved"]
        return cls(
            champion=Organism.from_bytes(arrays[ARRAY].tobytes()),
            held_out=_fitness("held_out", values["held_out"]),
            solved=None if solved is None else _share("solved", solved),
            merit=_fitness("merit", values["merit"]),
            generation=whole("generation", values["generation"]),
        )


class Championship:
    """The best genome validated so far, and whether it has reached the target.

    Parameters
    ----------
    config : EvolutionConfig
        The settings of validation: when candidates play, how many episodes, and the target.

    Attributes
    ----------
    best : BestSoFar or None
        None before the first candidate.
    most_solved : float
        Largest share of the validation episodes that any candidate solved.
    is_won : bool
        Whether a candidate has reached the target, and once more on fresh episodes.
    """

    def __init__(self, config: EvolutionConfig) -> None:
        self.best: BestSoFar | None = None
        self.most_solved = 0.0
        self.is_won = False
        self._config = config
        self._last_mean = -np.inf  # mean fitness of the generation with the last candidate

    @property
    def seeds(self) -> range:
        """Seeds of the validation episodes, the same for every candidate."""
        return self._block(0)

    def fresh_seeds(self, generation: int) -> range:
        """Return the seeds of as many other episodes, which confirm that the target is reached.

        Parameters
        ----------
        generation : int
            Number of the generation of the candidate; each has its own, so that among many
            candidates none is confirmed because it suits certain episodes.
        """
        n_blocks = (VALIDATION_SEEDS[1] - VALIDATION_SEEDS[0]) // len(self.seeds)
        return self._block(1 + generation % (n_blocks - 1))

    def _block(self, number: int) -> range:
        n_validation = self._config.validation.n_validation
        first = VALIDATION_SEEDS[0] + number * n_validation
        return range(first, first + n_validation)

    def is_due(
        self, generation: int, scores: Float64Array, validation: Validation | None = None
    ) -> bool:
        """Return whether the best genome of a generation is to be validated.

        With a target, it must also be better on average than the last generation that was
        validated, unless a quarter of it reaches the target. Means leave out values that are not
        finite.

        Parameters
        ----------
        generation : int
            Number of the generation.
        scores : ndarray of float, shape (n_genomes,)
            Mean fitness of each genome in training.
        validation : Validation, optional
            The settings that hold for it; default: those of the run.
        """
        validation = validation or self._config.validation
        target = validation.target
        is_turn = validation.is_turn(generation)
        if target is None or generation == 0:
            return is_turn
        is_good = float(np.mean(scores >= target)) >= GOOD_SHARE
        return is_good or (is_turn and _finite_mean(scores) > self._last_mean)

    def is_to_confirm(self, results: EpisodeResults) -> bool:
        """Return whether a candidate reaches the target, and has to confirm that it can.

        The mean over its episodes must be at least two standard errors above the target. Of many
        candidates, one or another achieves that by luck.

        Parameters
        ----------
        results : EpisodeResults
            Its validation episodes.
        """
        target = self._config.validation.target
        if target is None or self.is_won:
            return False
        margin = N_STANDARD_ERRORS * results.fitness.std() / np.sqrt(results.fitness.size)
        return bool(results.fitness.mean() - margin >= target)

    def judge(
        self,
        candidate: Organism,
        results: EpisodeResults,
        generation: int,
        scores: Float64Array,
        fresh: EpisodeResults | None = None,
    ) -> EpisodeResults:
        """Compare a candidate with the best so far, after its validation episodes.

        The first candidate that is confirmed becomes the champion, even if an earlier one had a
        larger mean by luck: over fresh episodes alone its mean is at least the target, and over all
        its episodes two standard errors above. Candidates are compared by the episodes that all of
        them play.

        Parameters
        ----------
        candidate : Organism
            The best of a generation.
        results : EpisodeResults
            Its validation episodes.
        generation : int
            Number of the generation.
        scores : ndarray of float, shape (n_genomes,)
            Mean fitness of each of its genomes in training.
        fresh : EpisodeResults, optional
            Its episodes of `fresh_seeds`, if it had to confirm.

        Returns
        -------
        EpisodeResults
            Its validation episodes; if it is confirmed, all of them.
        """
        self._last_mean = _finite_mean(scores)
        target = self._config.validation.target
        wins = False
        if fresh is not None and target is not None and fresh.fitness.mean() >= target:
            both = results.joined(fresh)
            if self.is_to_confirm(both):
                wins, results = True, both
        self.is_won = self.is_won or wins
        merit = self._config.training.merit(results)
        rival = BestSoFar.of(candidate, results, float(merit[0]), generation)
        if wins or self.best is None or is_better(rival.merit, self.best.merit):
            self.best = rival
        self.most_solved = max(self.most_solved, rival.solved or 0.0)
        return results

    def state(self) -> tuple[Arrays, Json]:
        """Return everything that `restore` needs: arrays, and JSON values.

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

    def restore(self, arrays: Arrays, values: Json) -> None:
        """Restore what `state` returned.

        Parameters
        ----------
        arrays, values : dict
            The two parts of what `state` returned.

        Raises
        ------
        KeyError, TypeError, ValueError, ChampionFileError
            If the state is damaged.
        """
        self.best = BestSoFar.restore(arrays, values["champion"])
        self.most_solved = _share("most_solved", values["most_solved"])
        self.is_won = flag("is_won", values["is_won"])
        self._last_mean = _fitness("last_mean", values["last_mean"])


def _finite_mean(scores: Float64Array) -> float:
    """Return the mean of the finite scores; minus infinity if there are none."""
    finite = scores[np.isfinite(scores)]
    return float(finite.mean()) if len(finite) else -np.inf


def _fitness(name: str, value: object) -> float:
    """Return a fitness from a file, which may be infinite or NaN; raise ValueError otherwise."""
    return value if isinstance(value, float) else number(name, value)


def _share(name: str, value: object) -> float:
    """Return a share from a file; raise ValueError if it is not one."""
    return number(name, value, "in [0, 1]", lambda v: 0.0 <= v <= 1.0)
