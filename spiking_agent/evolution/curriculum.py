"""What a run trains on: easier environments, one after another, and then its own."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from spiking_agent.checks.arguments import number, several, whole
from spiking_agent.episodes.results import EpisodeResults
from spiking_agent.episodes.task import Task
from spiking_agent.evolution.problem import Problem
from spiking_agent.evolution.settings.config import EvolutionConfig
from spiking_agent.evolution.settings.phases import Refinement, Stage
from spiking_agent.evolution.streams import STREAM_VARIATIONS, generator
from spiking_agent.typing import Json

N_TRIALS: Final = 3  # trials whose mean says whether a stage is mastered


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What a generation trains on.

    Parameters
    ----------
    config : EvolutionConfig
        The settings that hold for it.
    problem : Problem
        What it has to solve.
    task : Task
        What it plays.
    stage : Stage or None
        The stage under way; None if it is the environment of the run itself.
    n_refinements : int
        Refinements that were reached.
    refinement : Refinement or None
        The last of them.
    variation : dict or None
        What replaces keyword arguments of the run's environment, if it plays a variation.
    """

    config: EvolutionConfig
    problem: Problem
    task: Task
    stage: Stage | None = None
    n_refinements: int = 0
    refinement: Refinement | None = None
    variation: Json | None = None

    @property
    def board(self) -> str:
        """Size of the grid, such as "6 x 6"; empty if there is none."""
        grid = self.problem.grid
        return "" if grid is None else f"{grid[0]} x {grid[1]}"


class Curriculum:
    """The stages of a run, and which one is under way.

    Parameters
    ----------
    problem : Problem
        What the run has to solve in the end.

    Raises
    ------
    ValueError
        If there are stages or variations, and the DNA cannot follow them, or brains would be too
        large in a variation.

    Notes
    -----
    A stage is left out if its grid has more cells than that of the run, or if it differs from the
    run's own environment in nothing but limits of training and no genes sleep. The bonus for a
    solved episode is in proportion to the number of cells; what a move costs is the same on all of
    them.
    """

    def __init__(self, problem: Problem) -> None:
        self._own = problem
        self._stages: list[tuple[Stage, Problem]] = []
        for stage in problem.config.training.stages:
            easier = problem.at(stage)
            is_other = easier.validation != problem.validation or stage.part is not None
            if _n_cells(easier) <= _n_cells(problem) and is_other:
                self._stages.append((stage, easier))
        self._varied: dict[str, Problem] = {}  # those that were asked for, by their settings
        for refinement in problem.config.training.refinements:
            self._check_variations(refinement.variations)
        self._n_mastered = 0
        self._shares: list[float] = []  # solved in the newest trials of the stage under way

    def lesson(self, most_solved: float, generation: int) -> Lesson:
        """Return what the next generation trains on.

        Parameters
        ----------
        most_solved : float
            Largest share of the validation episodes that any candidate solved; it says which
            refinements are reached, once all stages are mastered.
        generation : int
            Its number, which says whether it trains with a variation, and with which.
        """
        config = self._own.config
        changes: dict[str, Any] = {}
        for stage, _ in self._stages[: self._n_mastered]:
            changes |= stage.strategy
        config = config.changed(**changes) if changes else config
        if self._n_mastered < len(self._stages):
            stage, problem = self._stages[self._n_mastered]
            interval = stage.validation_interval or config.validation.validation_interval
            config = config.changed(solved_bonus=self._bonus(problem), validation_interval=interval)
            return Lesson(config=config, problem=problem, task=problem.training, stage=stage)
        reached = config.reached(most_solved)
        n_refinements, refined = len(reached), config.refined(most_solved)
        if reached and reached[-1].has_variation(generation):
            variation = self._drawn(reached[-1].variations, generation)
            problem = self.varied(variation)
            return Lesson(
                config=refined.changed(
                    solved_bonus=self._bonus(problem),
                    n_episodes=reached[-1].n_varied_on(_n_cells(problem) / _n_cells(self._own)),
                ),
                problem=problem,
                task=problem.validation,
                n_refinements=n_refinements,
                refinement=reached[-1],
                variation=variation,
            )
        is_same = refined.training.training_kwargs == config.training.training_kwargs
        task = self._own.training if is_same else self._own.validation
        return Lesson(
            config=refined,
            problem=self._own,
            task=task,
            n_refinements=n_refinements,
            refinement=reached[-1] if reached else None,
        )

    def _bonus(self, problem: Problem) -> float:
        """Return the bonus for a solved episode of another environment."""
        return self._own.config.training.solved_bonus * _n_cells(problem) / _n_cells(self._own)

    def _drawn(self, variations: Mapping[str, Sequence[Any]], generation: int) -> Json:
        """Return a value drawn from each list, for the variation of a generation."""
        rng = generator(self._own.config.seed, STREAM_VARIATIONS, generation)
        return {
            name: variations[name][int(rng.integers(len(variations[name])))]
            for name in sorted(variations)
        }

    def _check_variations(self, variations: Mapping[str, Sequence[Any]]) -> None:
        """Refuse values that do not fit the DNA, alone or at their largest together."""
        grids = [
            self.varied({name: value}).grid or (0, 0)
            for name, values in variations.items()
            for value in values
        ]
        if grids:
            n_rows, n_cols = map(max, zip(*grids, strict=True))
            self._own.check_costs((n_rows, n_cols))

    def varied(self, variation: Json) -> Problem:
        """Return what there is to solve in a variation of the run's environment.

        Parameters
        ----------
        variation : dict
            What replaces keyword arguments of the environment.

        Raises
        ------
        ValueError
            See `Problem.at`.
        """
        key = json.dumps(variation, sort_keys=True)
        if key not in self._varied:
            self._varied[key] = self._own.at(Stage(env_kwargs=variation))
        return self._varied[key]

    def judge(self, trial: EpisodeResults) -> bool:
        """Take the results of a trial; return whether the stage is mastered, so the next begins.

        Parameters
        ----------
        trial : EpisodeResults
            Games of one genome in the stage under way.
        """
        share = float(trial.is_solved.mean())
        self._shares = [*self._shares, 0.0 if math.isnan(share) else share][-N_TRIALS:]
        stage, _ = self._stages[self._n_mastered]
        mean = round(sum(self._shares) / N_TRIALS, 9)  # 0.9, 0.9 and 0.6 are 0.8
        if len(self._shares) < N_TRIALS or mean < stage.mastered:
            return False
        self._n_mastered += 1
        self._shares = []
        return True

    def state(self) -> Json:
        """Return everything that `restore` needs, as JSON values."""
        return {"n_mastered": self._n_mastered, "shares": list(self._shares)}

    def restore(self, values: Mapping[str, Any]) -> None:
        """Restore what `state` returned.

        Parameters
        ----------
        values : dict
            What `state` returned.

        Raises
        ------
        KeyError, TypeError, ValueError
            If the state is damaged.
        """
        n_mastered = whole("n_mastered", values["n_mastered"], 0, len(self._stages))
        self._shares = list(several("shares", values["shares"], _share))[-N_TRIALS:]
        self._n_mastered = n_mastered


def _n_cells(problem: Problem) -> int:
    return math.prod(problem.grid or ())


def _share(name: str, value: object) -> float:
    return number(name, value, "in [0, 1]", lambda v: 0.0 <= v <= 1.0)
