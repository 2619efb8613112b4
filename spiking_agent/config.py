"""Everything that decides what an evolution gives."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Self

from spiking_agent.decoding import AUTO, check_decoder
from spiking_agent.encoding import check_encoder
from spiking_agent.errors import RunDirectoryError
from spiking_agent.genes import GeneValues
from spiking_agent.genetic_algorithm import GeneticParams, is_whole
from spiking_agent.spaces import Json

TRAINING_SEEDS = (0, 2**31)  # from, below
VALIDATION_SEEDS = (2**31, 3 * 2**30)
RESULT_SEEDS = 3 * 2**30  # from here on; only `evaluate` plays them


@dataclass(frozen=True, slots=True, kw_only=True)
class Refinement:
    """A finer way of breeding, once brains solve most episodes, by the rules of validation.

    Parameters
    ----------
    from_solved : float
        Share of the validation episodes that a generation's champion has to solve once, in
        (0, 1]. Environments that do not tell whether an episode was solved never get there.
    mutation_scale, parent_share : float
        As in `GeneticParams`, from then on.
    n_episodes : int
        Episodes of each genome a generation, from then on, >= 1.

    Raises
    ------
    ValueError
        If a value is out of range.
    """

    from_solved: float
    mutation_scale: float
    parent_share: float
    n_episodes: int

    def __post_init__(self) -> None:
        for name in ("from_solved", "parent_share", "mutation_scale"):
            if not isinstance(getattr(self, name), int | float):
                raise ValueError(f"{name} must be a number, got {getattr(self, name)!r}")
        for name in ("from_solved", "parent_share"):
            if not 0.0 < getattr(self, name) <= 1.0:
                raise ValueError(f"{name} must be in (0, 1], got {getattr(self, name)!r}")
        if not 0.0 <= self.mutation_scale < math.inf:
            raise ValueError(f"mutation_scale must be finite and >= 0, got {self.mutation_scale!r}")
        if not is_whole(self.n_episodes, 1):
            raise ValueError(f"n_episodes must be a whole number >= 1, got {self.n_episodes!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class EvolutionConfig:
    """All that the sequence of generations depends on, and nothing that it does not.

    Parameters
    ----------
    env_id : str or None
        Gymnasium id; None for a factory.
    env_kwargs : mapping
        JSON values; keyword arguments of the environment.
    training_kwargs : mapping
        JSON values that replace some of them while training, until the first refinement;
        validation keeps `env_kwargs`.
    score_key : str or None
        Key of the last info that is the fitness; None for the sum of rewards.
    solved_bonus, solved_move_cost : float
        What solving an episode adds to its fitness for selection, and what each move of a solved
        episode takes off, both finite and >= 0; see `EpisodeResults.merit`. Reports leave it out.
    n_hidden : int
        Neurons between inputs and outputs.
    inputs_receive, outputs_send, is_layered : bool
        See `Blueprint`.
    n_ticks : int
        Length of a decision in ticks.
    carry_state : bool
        Whether the brain remembers from one decision to the next.
    encoder : str or mapping
        How observations become impulses: "thermometer", "rate", "receptive-field", "latency" or
        "on-off" for real numbers, a kind that an installed package registers, or what `to_json`
        of an encoder gave.
    decoder : str or mapping
        How spikes become actions: "auto" for what fits the space, a name, or what `to_json` of a
        decoder gave.
    n_levels : int
        Input neurons for each real number; "on-off" has two of them whatever this is.
    strategy : str
        How a generation follows from the one before, see `strategies`: "genetic", "cma-es", or one
        that another package registers.
    values : GeneValues
        What genes are drawn from.
    genetic : GeneticParams
        How many genomes there are, and how the genetic algorithm breeds.
    n_episodes : int
        Episodes of each genome a generation, >= 1, on seeds that are new every generation.
    shared_episodes : bool
        True gives all genomes of a generation the same seeds, so that luck does not choose among
        them; False gives each its own.
    refinements : tuple of Refinement
        What replaces other settings later; of those reached, the last counts.
    max_moves : int or None
        Moves after which an episode is given up, >= 1; None leaves it to the environment.
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
    seed : int
        Source of every draw, >= 0.

    Raises
    ------
    ValueError
        If a value is out of range.
    """

    env_id: str | None = None
    env_kwargs: Mapping[str, Any] = field(default_factory=dict)
    training_kwargs: Mapping[str, Any] = field(default_factory=dict)
    score_key: str | None = None
    solved_bonus: float = 0.0
    solved_move_cost: float = 0.0
    n_hidden: int = 0
    inputs_receive: bool = False
    outputs_send: bool = False
    is_layered: bool = False
    n_ticks: int = 4
    carry_state: bool = False
    encoder: str | Mapping[str, Any] = "thermometer"
    decoder: str | Mapping[str, Any] = AUTO
    n_levels: int = 8
    strategy: str = "genetic"
    values: GeneValues = field(default_factory=GeneValues)
    genetic: GeneticParams = field(default_factory=GeneticParams)
    n_episodes: int = 6
    shared_episodes: bool = True
    refinements: tuple[Refinement, ...] = ()
    max_moves: int | None = 10_000
    n_validation: int = 64
    n_validated_first: int = 10
    validation_interval: int = 5
    target: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (
            ("n_hidden", 0),
            ("n_ticks", 1),
            ("n_levels", 1),
            ("n_episodes", 1),
            ("n_validation", 1),
            ("n_validated_first", 1),
            ("validation_interval", 1),
            ("seed", 0),
        ):
            value = getattr(self, name)
            if not isinstance(value, int) or value < least:
                raise ValueError(f"{name} must be a whole number >= {least}, got {value!r}")
        if not isinstance(self.strategy, str):
            raise ValueError(f"strategy must be a name, got {self.strategy!r}")
        if not isinstance(self.shared_episodes, bool):
            raise ValueError(f"shared_episodes must be True or False, got {self.shared_episodes!r}")
        is_tuple = isinstance(self.refinements, tuple)
        if not is_tuple or not all(isinstance(part, Refinement) for part in self.refinements):
            raise ValueError(f"refinements must be a tuple of Refinement, got {self.refinements!r}")
        if self.target is not None and not math.isfinite(self.target):
            raise ValueError(f"target must be a finite number or None, got {self.target!r}")
        if self.max_moves is not None and self.max_moves < 1:
            raise ValueError(f"max_moves must be >= 1 or None, got {self.max_moves!r}")
        for name in ("solved_bonus", "solved_move_cost"):
            if not 0.0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name} must be finite and >= 0, got {getattr(self, name)!r}")
        for name in ("env_kwargs", "training_kwargs", "encoder", "decoder"):
            try:
                json.dumps(getattr(self, name))
            except (TypeError, ValueError) as error:
                raise ValueError(
                    f"{name} must hold JSON values, got {getattr(self, name)!r}: {error}"
                ) from error
        for name, check in (("encoder", check_encoder), ("decoder", check_decoder)):
            part = getattr(self, name)
            if isinstance(part, str):
                check(part)
            elif not isinstance(part, Mapping) or not isinstance(part.get("kind"), str):
                raise ValueError(f"{name} must be a name or a mapping with a kind, got {part!r}")

    def refined(self, most_solved: float) -> Self:
        """Give the settings of a generation: those of the last refinement reached, if any.

        It trains by the rules of validation, and plays no fewer episodes than before.

        Parameters
        ----------
        most_solved : float
            Largest share of the validation episodes that was solved before it.
        """
        reached = self.reached(most_solved)
        if not reached:
            return self
        return self.changed(
            mutation_scale=reached[-1].mutation_scale,
            parent_share=reached[-1].parent_share,
            n_episodes=max(self.n_episodes, reached[-1].n_episodes),
            training_kwargs={},
        )

    def reached(self, most_solved: float) -> list[Refinement]:
        """Give the refinements that so much solved has brought into reach; the last is in force."""
        return [part for part in self.refinements if most_solved >= part.from_solved]

    def is_validated(self, generation: int) -> bool:
        """Whether the best of a generation plays the validation episodes."""
        is_early = generation < self.n_validated_first
        return is_early or generation % self.validation_interval == 0

    def to_json(self) -> Json:
        """All fields as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, description: Mapping[str, Any]) -> Self:
        """Make the configuration that `to_json` wrote.

        Raises
        ------
        ValueError, TypeError, KeyError
            If the description is none that `to_json` writes.
        """
        parts = dict(description)
        values, genetic = parts.pop("values"), parts.pop("genetic")
        refinements = tuple(Refinement(**part) for part in parts.pop("refinements"))
        lists: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in values.items()
        }
        return cls(
            **parts,
            refinements=refinements,
            values=GeneValues(**lists),
            genetic=GeneticParams(**genetic),
        )

    def to_run(self, how: Mapping[str, Any]) -> Json:
        """Content of a run's `config.json`: these settings, and how the run was started."""
        return {"package": package_version(), "evolution": self.to_json(), "run": dict(how)}

    @classmethod
    def from_run(cls, content: Mapping[str, Any]) -> Self:
        """Read the settings in the content of a run's `config.json`.

        Raises
        ------
        RunDirectoryError
            If it is none, or one of another version.
        """
        try:
            return cls.from_json(content["evolution"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise RunDirectoryError(
                f"config.json must hold the settings of a run of version {package_version()}, "
                f"but {error!r}: the version that wrote it can go on with it"
            ) from error

    def changed(self, **changes: Any) -> Self:
        """Copy with other values; those of `GeneValues` and `GeneticParams` by their names.

        Raises
        ------
        TypeError
            If there is no such name.
        ValueError
            If a value is out of range.
        """
        own = {f.name for f in fields(self)}
        values = {f.name for f in fields(GeneValues)} & changes.keys()
        genetic = {f.name for f in fields(GeneticParams)} & changes.keys()
        unknown = changes.keys() - own - values - genetic
        if unknown:
            raise TypeError(
                f"changes must be names of settings, got {', '.join(sorted(unknown))}: "
                f"known are {', '.join(f.name for f in fields(self))} and those of "
                "GeneValues and GeneticParams"
            )
        config = replace(self, **{name: changes[name] for name in own & changes.keys()})
        return replace(
            config,
            values=replace(config.values, **{name: changes[name] for name in values}),
            genetic=replace(config.genetic, **{name: changes[name] for name in genetic}),
        )


def package_version() -> str:
    """Version of the distribution, or "unknown" if it is not installed."""
    try:
        return version("spiking-snake")
    except PackageNotFoundError:
        return "unknown"
