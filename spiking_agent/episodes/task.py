"""What is played, and how it is scored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from spiking_agent.checks.arguments import text, whole
from spiking_agent.checks.costs import MAX_MOVES
from spiking_agent.checks.words import shown
from spiking_agent.environments.source import EnvFactory, EnvSource
from spiking_agent.typing import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is played, and how it is scored.

    Parameters
    ----------
    env : str or callable or None
        A Gymnasium id, or a function that makes an environment, see `EnvSource`; None if that
        function is unknown, as for a champion loaded from a file.
    env_kwargs : mapping
        Keyword arguments of the environment.
    score_key : str or None
        Key of the last info that holds the fitness; None for the sum of rewards.
    max_moves : int or None
        Moves after which an episode is cut off, >= 1; None for no limit but the environment's.

    Raises
    ------
    ValueError, TypeError
        If one is invalid.
    """

    env: str | EnvFactory | None = None
    env_kwargs: Mapping[str, Any] = field(default_factory=dict)
    score_key: str | None = None
    max_moves: int | None = None

    def __post_init__(self) -> None:
        put = object.__setattr__
        if self.env is None:
            if not isinstance(self.env_kwargs, Mapping):
                raise TypeError(f"env_kwargs must be a mapping, got {shown(self.env_kwargs)}")
        else:
            source = EnvSource(self.env, self.env_kwargs)
            put(self, "env", source.env_id or source.env)
        if self.score_key is not None:
            put(self, "score_key", text("score_key", self.score_key))
        if self.max_moves is not None:
            put(self, "max_moves", whole("max_moves", self.max_moves, 1, MAX_MOVES))

    @property
    def env_id(self) -> str | None:
        """The Gymnasium id in full, with its module; None for a function."""
        return self.env if isinstance(self.env, str) else None

    def source(self, max_envs: int | None = None) -> EnvSource:
        """Return where its environments come from.

        Parameters
        ----------
        max_envs : int, optional
            How many may be open at once.

        Raises
        ------
        ValueError
            If the function that makes them is unknown.
        """
        if self.env is None:
            raise ValueError(
                "env must be given, because the task was played on a function instead of an id"
            )
        return EnvSource(self.env, self.env_kwargs, max_envs)

    def to_json(self) -> Json:
        """Return what `from_json` needs, without any function that makes environments."""
        return {
            "env_id": self.env_id,
            "env_kwargs": dict(self.env_kwargs),
            "score_key": self.score_key,
            "max_moves": self.max_moves,
        }

    @classmethod
    def from_json(cls, description: Mapping[str, Any]) -> Self:
        """Return the task that `to_json` wrote.

        Parameters
        ----------
        description : mapping
            What `to_json` returned.

        Raises
        ------
        ValueError, TypeError, KeyError
            If the description is not one that `to_json` writes.
        """
        values = dict(description)
        return cls(env=values.pop("env_id"), **values)
