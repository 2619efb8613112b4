"""The sections of the settings that belong to evolution itself: training and validation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from spiking_agent.checks.arguments import flag, json_values, number, several, whole
from spiking_agent.checks.costs import MAX_LANES
from spiking_agent.episodes.results import EpisodeResults
from spiking_agent.evolution.settings.phases import (
    DRILLS,
    Refinement,
    Stage,
    as_refinement,
    as_stage,
)
from spiking_agent.typing import Float64Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What genomes play in training, and how it is scored for selection.

    Parameters
    ----------
    training_kwargs : mapping
        JSON values that replace keyword arguments of the environment in training, until the
        first refinement; validation keeps those of the task.
    solved_bonus, solved_move_cost : float
        Added to the fitness of a solved episode for selection, and subtracted for each of its
        moves, both finite and >= 0; see `EpisodeResults.merit`. Reported fitness leaves both out.
    move_cost_interval : int
        The cost of moves counts in every so many generations, >= 1; in the others all solved
        episodes are worth the same, so that selection asks for safety only.
    n_episodes : int
        Episodes of each genome in a generation, >= 1, on seeds that are new every generation.
    shared_episodes : bool
        True: all genomes of a generation play the same seeds, so that selection does not depend
        on luck. False: each has its own.
    refinements : tuple of Refinement
        Changes of settings later in the run; of those reached, the last one applies.
    stages : tuple of Stage
        Easier environments to train on first, one after another, for DNA whose genes fit grids of
        any size. Those with more cells than the environment itself are left out.

    Raises
    ------
    ValueError
        If a value is out of range.
    """

    training_kwargs: Mapping[str, Any] = field(default_factory=dict)
    solved_bonus: float = 0.0
    solved_move_cost: float = 0.0
    move_cost_interval: int = 1
    n_episodes: int = 6
    shared_episodes: bool = True
    refinements: tuple[Refinement, ...] = ()
    stages: tuple[Stage, ...] = ()

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "training_kwargs", json_values("training_kwargs", self.training_kwargs))
        for name in ("solved_bonus", "solved_move_cost"):
            value = number(name, getattr(self, name), "finite and >= 0", lambda v: v >= 0.0)
            put(self, name, value)
        put(self, "move_cost_interval", whole("move_cost_interval", self.move_cost_interval, 1))
        put(self, "n_episodes", whole("n_episodes", self.n_episodes, 1, MAX_LANES))
        put(self, "shared_episodes", flag("shared_episodes", self.shared_episodes))
        put(self, "refinements", several("refinements", self.refinements, as_refinement))
        put(self, "stages", several("stages", self.stages, as_stage))
        for part in self.refinements if self.solved_bonus == 0.0 else ():
            for name in DRILLS:
                if getattr(part, name):
                    raise ValueError(
                        f"{name} must be 0 where solved_bonus is 0, because survival earns it, got "
                        f"{getattr(part, name)}: give solved_bonus, or refinements without drills"
                    )

    def merit(
        self,
        results: EpisodeResults,
        generation: int = 0,
        drilled: Sequence[EpisodeResults] = (),
    ) -> Float64Array:
        """Return the merit of each genome, shape (n_genomes,), see `EpisodeResults.merit`.

        Parameters
        ----------
        results : EpisodeResults
            Results of shape (n_genomes, n_episodes).
        generation : int
            Number of the generation, which says whether moves cost anything.
        drilled : sequence of EpisodeResults
            Results of drills. One that is survived is worth as much as an episode that is solved.
        """
        cost = self.solved_move_cost if self.has_cost(generation) else 0.0
        merit = results.merit(self.solved_bonus, cost)
        for drills in drilled:
            n_survived = (drills.is_solved == 1.0).sum(axis=1)
            merit += self.solved_bonus * n_survived / results.fitness.shape[1]
        return merit

    def has_cost(self, generation: int) -> bool:
        """Return whether moves cost anything in a generation.

        Parameters
        ----------
        generation : int
            Its number.
        """
        return self.solved_move_cost > 0.0 and generation % self.move_cost_interval == 0

    def check_drills(self) -> None:
        """Refuse drills that no generation would play.

        Raises
        ------
        ValueError
            If there are such drills.
        """
        for part in self.refinements:
            interval = part.move_cost_interval or self.move_cost_interval
            own = replace(self, move_cost_interval=interval)
            # if none of these generations is free, then none is
            if part.has_drills and all(own.has_cost(g) or part.has_variation(g) for g in range(4)):
                name = "n_drills" if part.n_drills else "n_variation_drills"
                raise ValueError(
                    f"{name} must be 0 where moves cost something, or another environment is "
                    f"played, in every generation, got {getattr(part, name)}: raise "
                    "move_cost_interval or variation_interval"
                )

    @property
    def most_episodes(self) -> int:
        """Largest number of episodes of a genome in any generation, without drills."""
        refined = (n for part in self.refinements for n in (part.n_episodes, part.n_varied))
        return max([self.n_episodes, *refined])


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """Which genomes play the validation episodes, and the target that ends a run.

    Parameters
    ----------
    n_validation : int
        Number of validation episodes, whose seeds are fixed, >= 1. The champion is the genome
        that does best on them.
    n_validated_first : int
        Number of first generations whose best genome is always validated, >= 1.
    validation_interval : int
        Later, the best genome of every so many generations is validated, >= 1.
    target : float or None
        The run ends when the champion's mean fitness over the validation episodes is at least
        two standard errors above this, and as many fresh episodes confirm it: their mean is at
        least the target, and that of all two standard errors above. A generation is validated out
        of turn if a quarter of it reaches the target in training; in turn, but for the first, only
        if it is better on average than the last one validated. None: no target.

    Raises
    ------
    ValueError
        If a value is out of range.
    """

    n_validation: int = 64
    n_validated_first: int = 10
    validation_interval: int = 5
    target: float | None = None

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "n_validation", whole("n_validation", self.n_validation, 1, MAX_LANES))
        for name in ("n_validated_first", "validation_interval"):
            put(self, name, whole(name, getattr(self, name), 1))
        if self.target is not None:
            put(self, "target", number("target", self.target, "a finite number or None"))

    def is_turn(self, generation: int) -> bool:
        """Return whether a generation is to be validated by its number.

        Parameters
        ----------
        generation : int
            Number of the generation, from 0.
        """
        is_early = generation < self.n_validated_first
        return is_early or generation % self.validation_interval == 0
