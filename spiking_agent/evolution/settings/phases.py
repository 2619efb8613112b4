"""The phases of a run: easier environments first, and other settings once most is solved."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from spiking_agent.checks.arguments import json_values, number, text, whole
from spiking_agent.checks.costs import MAX_LANES, MAX_MOVES
from spiking_agent.checks.words import shown

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
    n_trial_episodes : int
        Games of a trial, which the genome to validate plays after each generation, >= 1.
    noise : float
        Standard deviation of the noise around that genome with which the next stage begins, in
        units of each gene's `spread`, >= 0.
    strategy : mapping
        Settings of the strategy once the stage is mastered, for the rest of the run.
    validation_interval : int or None
        Replaces that of `Validation` during the stage, >= 1; None: it stays as it is.
    part : str, mapping or None
        For grown DNA: a smaller plan, by its name or as JSON values. Genes that it lacks sleep
        during the stage: they stay at their `center`, which is 0 for strengths. Brains grow from
        the smaller plan alone, which must have the same channels, actions, ticks, turns, mirrors,
        unit and axis. None: all are awake.

    Raises
    ------
    ValueError
        If a value is out of range.
    """

    env_kwargs: Mapping[str, Any]
    training_kwargs: Mapping[str, Any] = field(default_factory=dict)
    mastered: float = 0.8
    n_trial_episodes: int = 50
    noise: float = 0.3
    strategy: Mapping[str, Any] = field(default_factory=dict)
    validation_interval: int | None = None
    part: str | Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        put = object.__setattr__
        for name in ("env_kwargs", "training_kwargs", "strategy"):
            put(self, name, json_values(name, getattr(self, name)))
        share = number("mastered", self.mastered, "in (0, 1]", lambda v: 0.0 < v <= 1.0)
        put(self, "mastered", share)
        put(
            self, "n_trial_episodes", whole("n_trial_episodes", self.n_trial_episodes, 1, MAX_LANES)
        )
        put(self, "noise", number("noise", self.noise, "finite and >= 0", _is_not_negative))
        if self.validation_interval is not None:
            interval = whole("validation_interval", self.validation_interval, 1)
            put(self, "validation_interval", interval)
        if isinstance(self.part, Mapping):
            put(self, "part", json_values("part", self.part))
        elif self.part is not None:
            put(self, "part", text("part", self.part))


def as_refinement(name: str, value: object) -> Refinement:
    """Return a refinement that is given as one, or as a mapping of its settings.

    Parameters
    ----------
    name : str
        Name of the argument, for messages.
    value : object
        What was given.

    Raises
    ------
    ValueError
        If it is neither, or a setting is out of range.
    """
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


def as_stage(name: str, value: object) -> Stage:
    """Return a stage that is given as one, or as a mapping of its settings.

    Parameters
    ----------
    name, value
        As for `as_refinement`.

    Raises
    ------
    ValueError
        If it is neither, or a setting is out of range.
    """
    if isinstance(value, Stage):
        return value
    known = [f.name for f in fields(Stage)]
    if isinstance(value, Mapping) and {"env_kwargs"} <= value.keys() <= set(known):
        return Stage(**value)
    raise ValueError(
        f"{name} must be a Stage, or a mapping with {known[0]} and optionally "
        f"{', '.join(known[1:-1])} and {known[-1]}, got {shown(value)}"
    )
