"""Everything that decides what an evolution gives."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, Self

from spiking_agent.checks.arguments import flag, instance, json_values, number, several, text, whole
from spiking_agent.checks.costs import MAX_LANES, MAX_MOVES, check_episodes
from spiking_agent.checks.words import meant, one_line
from spiking_agent.codec.decoders.factory import AUTO, check_decoder
from spiking_agent.codec.encoders.factory import check_encoder
from spiking_agent.codec.spaces import Json
from spiking_agent.dna.wired import GeneValues
from spiking_agent.errors import RunDirectoryError
from spiking_agent.strategies.genetic_algorithm import GeneticParams

ALIASES: Final = {  # as the command line says it, and other packages
    "hidden": "n_hidden",
    "ticks": "n_ticks",
    "levels": "n_levels",
    "population": "population_size",
    "pop_size": "population_size",
    "episodes": "n_episodes",
    "n_generations": "generations",
    "n_workers": "workers",
}


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
        for name in ("from_solved", "parent_share"):
            share = number(name, getattr(self, name), "in (0, 1]", lambda v: 0.0 < v <= 1.0)
            object.__setattr__(self, name, share)
        scale = number("mutation_scale", self.mutation_scale, "finite and >= 0", lambda v: v >= 0.0)
        object.__setattr__(self, "mutation_scale", scale)
        n_episodes = whole("n_episodes", self.n_episodes, 1, MAX_LANES)
        object.__setattr__(self, "n_episodes", n_episodes)


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
        for name, value in self._checked().items():
            object.__setattr__(self, name, value)
        most = max([self.n_episodes, *(part.n_episodes for part in self.refinements)])
        check_episodes(self.genetic.population_size, most)
        for name, check in (("encoder", check_encoder), ("decoder", check_decoder)):
            part = getattr(self, name)
            if isinstance(part, str):
                check(part)
            elif not isinstance(part.get("kind"), str):
                raise ValueError(f"{name} must be a name or a mapping with a kind, got {part!r}")

    def _checked(self) -> Json:
        """Return all fields as the plain values that a file gives back, refusing what is wrong."""
        names = ("inputs_receive", "outputs_send", "is_layered", "carry_state", "shared_episodes")
        checked: Json = {name: flag(name, getattr(self, name)) for name in names}
        for name in ("n_hidden", "n_ticks", "n_levels"):
            checked[name] = whole(name, getattr(self, name), 0 if name == "n_hidden" else 1)
        for name in ("n_episodes", "n_validation"):
            checked[name] = whole(name, getattr(self, name), 1, MAX_LANES)
        for name in ("n_validated_first", "validation_interval"):
            checked[name] = whole(name, getattr(self, name), 1)
        for name in ("solved_bonus", "solved_move_cost"):
            value = getattr(self, name)
            checked[name] = number(name, value, "finite and >= 0", lambda v: v >= 0.0)
        for name in ("env_kwargs", "training_kwargs"):
            checked[name] = json_values(name, getattr(self, name))
        for name in ("encoder", "decoder"):
            part = getattr(self, name)
            is_made = isinstance(part, Mapping)
            checked[name] = json_values(name, part) if is_made else text(name, part)
        for name in ("env_id", "score_key"):
            value = getattr(self, name)
            checked[name] = None if value is None else text(name, value)
        if self.target is not None:
            checked["target"] = number("target", self.target, "a finite number or None")
        if self.max_moves is not None:
            checked["max_moves"] = whole("max_moves", self.max_moves, 1, MAX_MOVES)
        for name, kind in (("values", GeneValues), ("genetic", GeneticParams)):
            checked[name] = instance(name, getattr(self, name), kind)
        return checked | {
            "strategy": text("strategy", self.strategy),
            "refinements": several("refinements", self.refinements, _refinement),
            "seed": whole("seed", self.seed),
        }

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
        return cls(
            values=GeneValues(**parts.pop("values")),
            genetic=GeneticParams(**parts.pop("genetic")),
            refinements=tuple(Refinement(**part) for part in parts.pop("refinements")),
            **parts,
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
        except Exception as error:  # whatever values of any type can raise
            raise RunDirectoryError(
                f"config.json must hold the settings of a run of version {package_version()}, "
                f"but {one_line(repr(error))}: the version that wrote it can go on with it"
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
        check_names(changes)
        own, values, genetic = (
            {f.name for f in fields(part)} & changes.keys()
            for part in (type(self), GeneValues, GeneticParams)
        )
        config = replace(self, **{name: changes[name] for name in own})
        return replace(
            config,
            values=replace(config.values, **{name: changes[name] for name in values}),
            genetic=replace(config.genetic, **{name: changes[name] for name in genetic}),
        )


def check_names(settings: Iterable[str], others: Iterable[str] = ()) -> None:
    """Refuse what is not the name of a setting, and say which one may be meant.

    Parameters
    ----------
    settings : iterable of str
        Names that should be those of fields of `EvolutionConfig`, `GeneValues` or
        `GeneticParams`.
    others : iterable of str
        Names that stand for something else, where the settings were given.

    Raises
    ------
    TypeError
        If one is none.
    """
    parts = (EvolutionConfig, GeneValues, GeneticParams)
    known = [f.name for part in parts for f in fields(part)]
    for name in settings:
        if name not in known:
            remedy = meant(name, [*known, *others], ALIASES)
            raise TypeError(
                "settings must be fields of EvolutionConfig, GeneValues or GeneticParams, "
                f"got {name!r}{remedy or ': help(spiking_agent.EvolutionConfig) lists them'}"
            )


def _refinement(name: str, value: object) -> Refinement:
    return instance(name, value, Refinement)


def package_version() -> str:
    """Version of the distribution, or "unknown" if it is not installed."""
    try:
        return version("spiking-snake")
    except PackageNotFoundError:
        return "unknown"
