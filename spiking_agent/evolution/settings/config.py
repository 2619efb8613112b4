"""The settings that determine the result of an evolution, section by section."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, Self

from spiking_agent.checks.arguments import instance, json_values, text, whole
from spiking_agent.checks.costs import check_episodes
from spiking_agent.checks.words import meant, one_line, shown
from spiking_agent.codec.params import CodecParams
from spiking_agent.environments.source import EnvFactory
from spiking_agent.episodes.task import Task
from spiking_agent.errors import RunDirectoryError
from spiking_agent.evolution.settings.names import (
    CHOSEN,
    SECTIONS,
    check_names,
    misplaced,
    names_of,
)
from spiking_agent.evolution.settings.phases import DRILLS, Refinement
from spiking_agent.evolution.settings.sections import Training, Validation
from spiking_agent.typing import Json

DEFAULT_MAX_MOVES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """A kind of DNA or a strategy, with the settings that it takes.

    Parameters
    ----------
    name : str
        The name under which it is registered.
    params : dataclass
        Its settings.
    """

    name: str
    params: Any

    def to_json(self) -> Json:
        """Return the name as "kind", and the settings beside it."""
        return {"kind": self.name, **asdict(self.params)}


@dataclass(frozen=True, slots=True, kw_only=True)
class EvolutionConfig:
    """Everything that the sequence of generations depends on, and nothing else.

    No two sections have a setting of the same name: `of` and `changed` take every setting by name.

    Parameters
    ----------
    task : Task
        What is played, and how it is scored.
    training : Training
        What genomes play in a generation, and how it is scored for selection.
    codec : CodecParams
        How brains are connected to the environment.
    dna : Chosen
        The kind of DNA: "wired", "grown", or one that another package registers.
    strategy : Chosen
        How a generation follows from the one before: "genetic", "cma-es", or one that another
        package registers.
    validation : Validation
        How champions are found, and when a run has reached its target.
    seed : int
        Source of every draw, >= 0.

    Raises
    ------
    ValueError, TypeError
        If a value is out of range.

    Examples
    --------
    >>> config = EvolutionConfig.of("CartPole-v1", population_size=50, n_hidden=4)
    >>> config.strategy.params.population_size, config.dna.params.n_hidden
    (50, 4)
    """

    task: Task = field(default_factory=lambda: Task(max_moves=DEFAULT_MAX_MOVES))
    training: Training = field(default_factory=Training)
    codec: CodecParams = field(default_factory=CodecParams)
    dna: Chosen = field(default_factory=lambda: _chosen("dna", "wired"))
    strategy: Chosen = field(default_factory=lambda: _chosen("strategy", "genetic"))
    validation: Validation = field(default_factory=Validation)
    seed: int = 0

    def __post_init__(self) -> None:
        for name, kind in SECTIONS.items():
            instance(name, getattr(self, name), kind)
        for name in CHOSEN:
            instance(name, getattr(self, name), Chosen)
        object.__setattr__(self, "seed", whole("seed", self.seed))
        task = replace(self.task, env_kwargs=json_values("env_kwargs", self.task.env_kwargs))
        object.__setattr__(self, "task", task)
        check_episodes(self.population_size, self.training.most_episodes)
        for part in self.training.refinements:
            for name in DRILLS:
                check_episodes(self.population_size, getattr(part, name), name)
        for what in ("refinement", "stage"):
            for part in getattr(self.training, f"{what}s"):
                self._check_changes(what, part.strategy)

    def _check_changes(self, what: str, changes: Mapping[str, Any]) -> None:
        """Refuse a refinement or a stage that would fail in the middle of a run."""
        if "population_size" in changes:
            raise ValueError(
                f"strategy of a {what} must leave population_size as it is, "
                f"{self.population_size}, because genomes of one generation breed the next, got "
                f"{shown(changes['population_size'])}"
            )
        given = dict(changes)
        _replaced(self.strategy.params, given)
        for name in given:
            raise ValueError(
                f"strategy of a {what} must hold settings of {self.strategy.name!r}, "
                f"got {name!r}{meant(name, names_of(self.strategy.params))}"
            )

    @property
    def population_size(self) -> int:
        """Genomes of a generation."""
        size: int = self.strategy.params.population_size
        return size

    @classmethod
    def of(cls, env: str | EnvFactory | None = None, **settings: Any) -> Self:
        """Return the default settings for an environment, with some of them changed by name.

        Parameters
        ----------
        env : str, callable or None
            Id of an environment, or a function that makes one; None for Snake.
        **settings
            Settings by name, see `changed`.

        Raises
        ------
        TypeError, ValueError
            See `changed`.
        """
        config = cls(task=Task(env=env, max_moves=DEFAULT_MAX_MOVES))
        return config.changed(**settings)

    def changed(self, **settings: Any) -> Self:
        """Return a copy with some settings changed by name, whatever section they are in.

        A new kind of DNA or a new strategy starts from its own defaults, except for settings that
        the previous one has under the same name. A single value is as good as a tuple of
        it.

        Parameters
        ----------
        **settings
            New values by the names of the settings.

        Raises
        ------
        TypeError
            If there is no such setting.
        ValueError
            If a value is out of range, or the setting belongs to a kind of DNA or a strategy that
            is not the chosen one.
        """
        given = dict(settings)
        sections: dict[str, Any] = {"seed": given.pop("seed", self.seed)}
        for name in CHOSEN:
            chosen: Chosen = getattr(self, name)
            if name in given:
                chosen = _chosen(name, text(name, given.pop(name)), chosen)
            sections[name] = Chosen(chosen.name, _replaced(chosen.params, given))
        for name in SECTIONS:
            sections[name] = _replaced(getattr(self, name), given)
        if given:
            check_names(given)
            raise ValueError(misplaced(next(iter(given)), sections))
        return replace(self, **sections)

    def settings(self) -> Json:
        """Return all settings by name, as `changed` takes them."""
        flat: Json = {}
        for name in SECTIONS:
            section = getattr(self, name)
            flat |= {f.name: getattr(section, f.name) for f in fields(section)}
        flat.pop("env")
        for name in CHOSEN:
            chosen: Chosen = getattr(self, name)
            flat[name] = chosen.name
            flat |= {f.name: getattr(chosen.params, f.name) for f in fields(chosen.params)}
        return {**flat, "seed": self.seed}

    def refined(self, most_solved: float) -> Self:
        """Return the settings of a generation, changed by the last refinement reached, if any.

        A refined generation trains by the rules of validation.

        Parameters
        ----------
        most_solved : float
            Largest share of the validation episodes that was solved before this generation.
        """
        reached = self.reached(most_solved)
        if not reached:
            return self
        last, training = reached[-1], self.training
        return self.changed(
            n_episodes=last.n_episodes,
            move_cost_interval=last.move_cost_interval or training.move_cost_interval,
            training_kwargs={},
            **last.strategy,
        )

    def noise_between(self, n_refinements: int, most_solved: float) -> float | None:
        """Return the noise with which a refinement begins that has just been reached.

        Parameters
        ----------
        n_refinements : int
            Refinements reached before.
        most_solved : float
            Largest share of the validation episodes that any candidate solved by now.

        Returns
        -------
        float or None
            None if there is no new one, or the population stays as it is.
        """
        reached = self.reached(most_solved)
        return reached[-1].noise if len(reached) > n_refinements else None

    def reached(self, most_solved: float) -> list[Refinement]:
        """Return the refinements reached at this share of solved episodes; the last one applies.

        Parameters
        ----------
        most_solved : float
            Largest share of the validation episodes that any candidate solved, in [0, 1].
        """
        return [part for part in self.training.refinements if most_solved >= part.from_solved]

    def to_json(self) -> Json:
        """Return all settings as JSON values, section by section."""
        return {
            "task": self.task.to_json(),
            **{name: asdict(getattr(self, name)) for name in SECTIONS if name != "task"},
            **{name: getattr(self, name).to_json() for name in CHOSEN},
            "seed": self.seed,
        }

    @classmethod
    def from_json(cls, description: Mapping[str, Any]) -> Self:
        """Return the configuration that `to_json` wrote.

        Parameters
        ----------
        description : mapping
            What `to_json` returned.

        Raises
        ------
        ValueError, TypeError, KeyError
            If the description is not one that `to_json` writes.
        """
        parts = dict(description)
        sections: dict[str, Any] = {"task": Task.from_json(parts.pop("task"))}
        for name, kind in SECTIONS.items():
            if name != "task":
                sections[name] = kind(**parts.pop(name))
        for name, kinds in CHOSEN.items():
            values = dict(parts.pop(name))
            chosen = text(name, values.pop("kind"))
            sections[name] = Chosen(chosen, kinds.find(chosen).Params(**values))
        return cls(**sections, **parts)

    def to_run(self, how: Mapping[str, Any]) -> Json:
        """Return the content of a run's `config.json`: these settings, and how it was started.

        Parameters
        ----------
        how : mapping
            How the run was started, as JSON values.
        """
        return {"package": package_version(), "evolution": self.to_json(), "run": dict(how)}

    @classmethod
    def from_run(cls, content: Mapping[str, Any]) -> Self:
        """Return the settings in the content of a run's `config.json`.

        Parameters
        ----------
        content : mapping
            What `to_run` returned.

        Raises
        ------
        RunDirectoryError
            If the content is not that of such a file, or is from another version.
        """
        try:
            return cls.from_json(content["evolution"])
        except Exception as error:  # values of any type can raise anything
            raise RunDirectoryError(
                f"config.json must hold the settings of a run of version {package_version()}, "
                f"but {one_line(repr(error))}: resume it with the version that wrote it"
            ) from error


def _chosen(what: str, name: str, before: Chosen | None = None) -> Chosen:
    """Return a kind by its name, keeping the settings that it shares with the previous one."""
    kind = CHOSEN[what].find(name)
    if before is not None and before.name == name:
        return before
    params = getattr(kind, "Params", None)
    if not (isinstance(params, type) and is_dataclass(params)):
        raise TypeError(f"{what} {name!r} must have a dataclass Params of its settings")
    shared = set() if before is None else {f.name for f in fields(before.params)}
    kept = {f.name: getattr(before.params, f.name) for f in fields(params) if f.name in shared}  # type: ignore[union-attr]
    return Chosen(name, params(**kept))


def _replaced(section: Any, given: dict[str, Any]) -> Any:
    """Return a section with its own settings replaced; they are removed from `given`."""
    own = {f.name for f in fields(section)} & given.keys()
    values = {name: _as_tuple(getattr(section, name), given.pop(name)) for name in own}
    return replace(section, **values) if own else section


def _as_tuple(before: Any, value: Any) -> Any:
    """Return the new value of a setting: if it is a tuple, a single value becomes one, too."""
    is_one = isinstance(value, str | Mapping) or not isinstance(value, Iterable | None)
    return (value,) if isinstance(before, tuple) and is_one else value


def package_version() -> str:
    """Return the version of the distribution, or "unknown" if it is not installed."""
    try:
        return version("spiking-snake")
    except PackageNotFoundError:
        return "unknown"
