"""The sections of the settings that belong to evolution itself: training and validation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from spiking_agent.checks.arguments import flag, json_values, number, several, text, whole
from spiking_agent.checks.costs import MAX_LANES, MAX_MOVES
from spiking_agent.checks.words import shown
from spiking_agent.episodes.results import EpisodeResults
from spiking_agent.typing import Float64Array

DRILLS: Final = ("n_drills", "n_variation_drills")  # settings of a refinement


@dataclass(frozen=True, slots=True, kw_only=True)
class Refinement:
    """Finer steps once brains solve most episodes; training then has the rules of validation.

    Parameters
    ----------
    from_solved : float
        Share of the validation episodes that any candidate must have solved, in (0, 1]. It is
        never reached if the environment does not report whether an episode was solved.
    n_episodes : int
        Episodes of each genome in a generation from then on, >= 1.
    strategy : mapping
        Settings of the strategy from then on.
    noise : float or None
        The population is replaced by genomes around the one that is validated, with noise of this
        standard deviation in units of each gene's `spread`, >= 0. None: it stays as it is.
    move_cost_interval : int or None
        Replaces that of `Training`; None: it stays as it is.
    variations : mapping
        Lists of values of keyword arguments of the environment, such as its rows and columns.
        Some generations train with one of each, drawn at random; for DNA whose genes fit grids of
        any size.
    variation_interval : int
        The last of every so many generations trains with a variation, if there are any, >= 1.
    n_variation_episodes : int or None
        Episodes of each genome in such a generation, >= 1; None: `n_episodes`. On larger grids
        there are fewer, in inverse proportion to the cells, but at least two.
    n_drills : int
        Drills of each genome, >= 0: episodes that begin shortly before a loss of the last
        generations, see Notes.
    n_variation_drills : int
        More of them in the same generations, on the newest variation that was trained on, >= 0.
    drill_moves : int
        Moves that a brain must survive in a drill, >= 1.

    Raises
    ------
    ValueError
        If a value is out of range.

    Notes
    -----
    A drill is a lost episode that is played again, with the same seed and actions, but for its
    last 20 to 119 moves. Brains go on from there. If the episode is not over after `drill_moves`
    further moves, or is solved, it earns `solved_bonus`. The newest losses are kept.

    Generations have drills if they train on the environment itself, and moves cost nothing. Only
    episodes that the environment reports as not solved are losses. The same seed and actions must
    give the same episode again, and the action space must be Discrete.
    """

    from_solved: float
    n_episodes: int
    strategy: Mapping[str, Any] = field(default_factory=dict)
    noise: float | None = None
    move_cost_interval: int | None = None
    variations: Mapping[str, Any] = field(default_factory=dict)
    variation_interval: int = 2
    n_variation_episodes: int | None = None
    n_drills: int = 0
    n_variation_drills: int = 0
    drill_moves: int = 120

    def __post_init__(self) -> None:
        put = object.__setattr__
        for name in DRILLS:
            put(self, name, whole(name, getattr(self, name), 0, MAX_LANES))
        put(self, "drill_moves", whole("drill_moves", self.drill_moves, 1, MAX_MOVES))
        share = number("from_solved", self.from_solved, "in (0, 1]", lambda v: 0.0 < v <= 1.0)
        put(self, "from_solved", share)
        put(self, "n_episodes", whole("n_episodes", self.n_episodes, 1, MAX_LANES))
        interval = whole("variation_interval", self.variation_interval, 1)
        put(self, "variation_interval", interval)
        if self.n_variation_episodes is not None:
            n_episodes = whole("n_variation_episodes", self.n_variation_episodes, 1, MAX_LANES)
            put(self, "n_variation_episodes", n_episodes)
        put(self, "strategy", json_values("strategy", self.strategy))
        if self.noise is not None:
            put(
                self,
                "noise",
                number("noise", self.noise, "finite and >= 0, or None", _is_not_negative),
            )
        if self.move_cost_interval is not None:
            interval = whole("move_cost_interval", self.move_cost_interval, 1)
            put(self, "move_cost_interval", interval)
        variations = json_values("variations", self.variations)
        for name, values in variations.items():
            if not (isinstance(values, list) and values):
                raise ValueError(
                    f"variations must be lists of values, got {shown(values)} for {name}"
                )
        put(self, "variations", variations)
        if self.n_variation_drills and not variations:
            raise ValueError(
                "n_variation_drills must be 0 where there are no variations, got "
                f"{self.n_variation_drills}"
            )

    @property
    def has_drills(self) -> bool:
        """Whether there are any drills."""
        return self.n_drills > 0 or self.n_variation_drills > 0

    @property
    def n_varied(self) -> int:
        """Episodes of each genome in a generation that trains with a variation, at most."""
        n_episodes = self.n_variation_episodes
        return self.n_episodes if n_episodes is None else n_episodes

    def n_varied_on(self, size: float) -> int:
        """Return the number of episodes in a generation that trains with a variation.

        Parameters
        ----------
        size : float
            Cells of its grid, in units of those of the environment itself.
        """
        return min(self.n_varied, max(2, round(self.n_varied / size)))

    def has_variation(self, generation: int) -> bool:
        """Return whether a generation trains with a variation.

        Parameters
        ----------
        generation : int
            Its number.
        """
        is_turn = (generation + 1) % self.variation_interval == 0
        return bool(self.variations) and is_turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """An easier environment, such as a smaller board, on which a run trains until it is mastered.

    Parameters
    ----------
    env_kwargs : mapping
        JSON values that replace keyword arguments of the environment, in training and in trials.
    training_kwargs : mapping
        JSON values that replace more of them in training only, instead of those of `Training`.
    mastered : float
        Mean share of solved games in the last three trials from which on the stage is mastered, in
        (0, 1]. It never is if the environment does not report whether an episode was solved.
    n_trials : int
        Games of a trial, which the genome to validate plays after each generation, >= 1.
    noise : float
        Standard deviation of the noise around that genome with which the next stage begins, in
        units of each gene's `spread`, >= 0.
    strategy : mapping
        Settings of the strategy from then on.
    part : str, mapping or None
        For grown DNA: a smaller plan, by its name or as JSON values. Genes that it lacks sleep
        during the stage: they stay at their `center`, which is 0 for strengths. Brains grow from
        the smaller plan alone, whose channels and actions must be the same. None: all are awake.

    Raises
    ------
    ValueError
        If a value is out of range.
    """

    env_kwargs: Mapping[str, Any]
    training_kwargs: Mapping[str, Any] = field(default_factory=dict)
    mastered: float = 0.8
    n_trials: int = 50
    noise: float = 0.3
    strategy: Mapping[str, Any] = field(default_factory=dict)
    part: str | Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        put = object.__setattr__
        for name in ("env_kwargs", "training_kwargs", "strategy"):
            put(self, name, json_values(name, getattr(self, name)))
        share = number("mastered", self.mastered, "in (0, 1]", lambda v: 0.0 < v <= 1.0)
        put(self, "mastered", share)
        put(self, "n_trials", whole("n_trials", self.n_trials, 1, MAX_LANES))
        put(self, "noise", number("noise", self.noise, "finite and >= 0", _is_not_negative))
        if isinstance(self.part, Mapping):
            put(self, "part", json_values("part", self.part))
        elif self.part is not None:
            put(self, "part", text("part", self.part))


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
        put(self, "refinements", several("refinements", self.refinements, _refinement))
        put(self, "stages", several("stages", self.stages, _stage))
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
                raise ValueError(
                    "n_drills must be 0 where moves cost something, or another environment is "
                    f"played, in every generation, got {part.n_drills}: raise move_cost_interval "
                    "or variation_interval"
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
        two standard errors above this. A generation is validated out of turn if a quarter of it
        reaches the target in training; in turn, but for the first, only if it is better on average
        than the last one validated. None: no target.

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


def _refinement(name: str, value: object) -> Refinement:
    if isinstance(value, Refinement):
        return value
    known = {f.name for f in fields(Refinement)}
    if isinstance(value, Mapping) and {"from_solved", "n_episodes"} <= value.keys() <= known:
        return Refinement(**value)
    optional = ", ".join(sorted(known - {"from_solved", "n_episodes"}))
    raise ValueError(
        f"{name} must be a Refinement, or a mapping with from_solved, n_episodes and optionally "
        f"{optional}, got {shown(value)}"
    )


def _is_not_negative(value: float) -> bool:
    return value >= 0.0


def _stage(name: str, value: object) -> Stage:
    if isinstance(value, Stage):
        return value
    known = [f.name for f in fields(Stage)]
    if isinstance(value, Mapping) and {"env_kwargs"} <= value.keys() <= set(known):
        return Stage(**value)
    raise ValueError(
        f"{name} must be a Stage, or a mapping with {known[0]} and optionally "
        f"{', '.join(known[1:-1])} and {known[-1]}, got {shown(value)}"
    )
