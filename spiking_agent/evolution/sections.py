"""The sections of a run's settings that evolution itself uses: training and validation."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from spiking_agent.checks.arguments import flag, json_values, number, several, whole
from spiking_agent.checks.costs import MAX_LANES
from spiking_agent.checks.words import shown
from spiking_agent.episodes.results import EpisodeResults, FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Refinement:
    """A finer way of breeding, once brains solve most episodes, by the rules of validation.

    Parameters
    ----------
    from_solved : float
        Share of the validation episodes that a generation's champion has to solve once, in
        (0, 1]. Environments that do not tell whether an episode was solved never get there.
    n_episodes : int
        Episodes of each genome in a generation, from then on, >= 1.
    strategy : mapping
        Settings of the strategy that change then.

    Raises
    ------
    ValueError
        If a value is out of range.
    """

    from_solved: float
    n_episodes: int
    strategy: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        share = number("from_solved", self.from_solved, "in (0, 1]", lambda v: 0.0 < v <= 1.0)
        n_episodes = whole("n_episodes", self.n_episodes, 1, MAX_LANES)
        object.__setattr__(self, "from_solved", share)
        object.__setattr__(self, "n_episodes", n_episodes)
        object.__setattr__(self, "strategy", json_values("strategy", self.strategy))


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What genomes play, and what they earn by it.

    Parameters
    ----------
    training_kwargs : mapping
        JSON values that replace keyword arguments of the environment while training, until the
        first refinement; validation keeps those of the task.
    solved_bonus, solved_move_cost : float
        What solving an episode adds to its fitness for selection, and what each move of a solved
        episode takes off, both finite and >= 0; see `EpisodeResults.merit`. Reports leave it out.
    n_episodes : int
        Episodes of each genome in a generation, >= 1, on seeds that are new every generation.
    shared_episodes : bool
        True gives all genomes of a generation the same seeds, so that luck does not choose among
        them; False gives each its own.
    refinements : tuple of Refinement
        What replaces other settings later; of those reached, the last counts.

    Raises
    ------
    ValueError
        If a value is out of range.
    """

    training_kwargs: Mapping[str, Any] = field(default_factory=dict)
    solved_bonus: float = 0.0
    solved_move_cost: float = 0.0
    n_episodes: int = 6
    shared_episodes: bool = True
    refinements: tuple[Refinement, ...] = ()

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "training_kwargs", json_values("training_kwargs", self.training_kwargs))
        for name in ("solved_bonus", "solved_move_cost"):
            value = number(name, getattr(self, name), "finite and >= 0", lambda v: v >= 0.0)
            put(self, name, value)
        put(self, "n_episodes", whole("n_episodes", self.n_episodes, 1, MAX_LANES))
        put(self, "shared_episodes", flag("shared_episodes", self.shared_episodes))
        put(self, "refinements", several("refinements", self.refinements, _refinement))

    def merit(self, results: EpisodeResults) -> FloatArray:
        """Return what each genome has earned, shape (n_genomes,), see `EpisodeResults.merit`."""
        return results.merit(self.solved_bonus, self.solved_move_cost)

    @property
    def most_episodes(self) -> int:
        """Episodes of a genome in the longest generation."""
        return max([self.n_episodes, *(part.n_episodes for part in self.refinements)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """Which genomes play the validation episodes, and when that is enough.

    Parameters
    ----------
    n_validation : int
        Episodes on fixed seeds that decide which best of a generation is the champion, >= 1.
    n_validated_first : int
        Of so many generations, from the first on, each is validated, >= 1.
    validation_interval : int
        Every how many generations the best is validated later, >= 1.
    target : float or None
        Mean fitness at which the run ends: it has to lie two standard errors below what a
        champion holds over the validation episodes. A generation of which a quarter reaches it
        in training is validated, whether it is its turn or not; others, but the first, only if
        they are better on average than the last one validated. None never ends a run.

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
        """Return whether it is a generation's turn to be validated."""
        is_early = generation < self.n_validated_first
        return is_early or generation % self.validation_interval == 0


def _refinement(name: str, value: object) -> Refinement:
    if isinstance(value, Refinement):
        return value
    known = {f.name for f in fields(Refinement)}
    if isinstance(value, Mapping) and known - {"strategy"} <= value.keys() <= known:
        return Refinement(**value)
    raise ValueError(
        f"{name} must be a Refinement, or a mapping with from_solved, n_episodes and, if wanted, "
        f"strategy, got {shown(value)}"
    )
