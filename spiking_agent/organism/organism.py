"""An organism: one policy with its task and its origin, and the file that keeps it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import gymnasium as gym
import numpy.typing as npt

from spiking_agent.brain.engines import ENGINES
from spiking_agent.checks.arguments import choice, file_path, instance, json_values
from spiking_agent.codec.codec import Codec
from spiking_agent.codec.encoders.from_json import encoder_numbers
from spiking_agent.codec.spaces import Json, build, check_size, count_numbers, describe
from spiking_agent.episodes.env_ids import check_trusted
from spiking_agent.episodes.environments import PLAY_ERRORS, EnvFactory, EnvSource, MaskReader
from spiking_agent.episodes.task import Task
from spiking_agent.errors import (
    ChampionFileError,
    EnvironmentMismatchError,
)
from spiking_agent.files.atomic import write_atomically
from spiking_agent.organism import champion_file
from spiking_agent.organism.champion_file import champion_path
from spiking_agent.organism.policy import Policy


@dataclass(eq=False, kw_only=True)
class Organism(Policy):
    """One policy: a spiking brain with what it needs to play an environment.

    Parameters
    ----------
    connectome : Connectome
        The brain.
    codec : Codec
        How it is connected.
    observation_space, action_space : gymnasium.Space
        Spaces of one environment.
    task : Task
        What it was evolved to play, and how that is scored.
    provenance : mapping
        JSON values; where the organism came from.
    engine : {"compiled", "actors", "live"}
        What runs the brain.

    Raises
    ------
    ValueError
        If the connectome's inputs or outputs do not fit the codec, the codec does not fit the
        spaces, the engine is unknown, or a decision would take too long.

    Notes
    -----
    Copies, pickles included, begin an episode: a running brain stays with its organism.

    Examples
    --------
    >>> import snake_env, spiking_agent
    >>> organism = spiking_agent.champion()
    >>> env = organism.make_env()
    >>> observation, info = env.reset(seed=7)
    >>> organism.reset()
    >>> action = organism.act(observation, info)
    >>> env.action_space.contains(action)
    True
    """

    task: Task = field(default_factory=Task)
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        instance("task", self.task, Task)
        super().__post_init__()

    def make_env(self, render_mode: str | None = None) -> gym.Env[Any, Any]:
        """Make the environment that the organism was evolved for.

        Raises
        ------
        EnvironmentMismatchError
            If it was a factory, if the id would import a module that is not imported yet, or if
            the environment has other spaces by now.
        """
        source = self.env_source()
        return source.make_checked(self.observation_space, self.action_space, render_mode).env

    def env_source(
        self, env: str | EnvFactory | None = None, env_kwargs: Mapping[str, Any] | None = None
    ) -> EnvSource:
        """Return where environments come from: the organism's own id unless another is named.

        Parameters
        ----------
        env : str or callable, optional
            Another environment, with keyword arguments of its own; or the organism's id, to say
            that its module may be imported.
        env_kwargs : mapping, optional
            Keyword arguments that replace or add to the organism's own.

        Raises
        ------
        EnvironmentMismatchError
            If it was a factory, or if the id would import a module that is not imported yet.
        """
        given = {} if env_kwargs is None else env_kwargs
        own = self.task.env_id
        if env is not None:
            source = EnvSource(env, given)
            is_own = source.env_id is not None and source.env_id == own
            return EnvSource(env, {**self.task.env_kwargs, **source.kwargs}) if is_own else source
        if own is None:
            raise EnvironmentMismatchError(
                "env must be given, because the organism was evolved on a factory, not an id"
            )
        check_trusted(own)
        return EnvSource(own, {**self.task.env_kwargs, **EnvSource(own, given).kwargs})

    def to_bytes(self) -> bytes:
        """Write the organism as the content of a champion file; equal ones give equal bytes.

        Raises
        ------
        ValueError
            If its encoder or decoder is of a kind that no file could give back, or its `env_kwargs`
            or `provenance` hold what JSON cannot.
        """
        header: Json = {
            "task": {
                **self.task.to_json(),
                "env_kwargs": json_values("env_kwargs", self.task.env_kwargs),
            },
            "observation_space": describe(self.observation_space),
            "action_space": describe(self.action_space),
            "codec": self.codec.to_json(),
            "provenance": json_values("provenance", self.provenance),
        }
        return champion_file.pack(header, self.connectome)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a champion file, whole or not at all.

        Raises
        ------
        OSError
            If the file cannot be written; an older one is then untouched.
        ValueError
            As `to_bytes`.
        """
        write_atomically(file_path("path", path), self.to_bytes())

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, engine: str = "compiled") -> Self:
        """Read a champion file, or that in the directory of a run; nothing is ever executed.

        It may name kinds of encoders and decoders that an installed package registers; then that
        package makes them, of the JSON values in the file.

        Raises
        ------
        OSError
            If the file cannot be read.
        RunDirectoryError
            If it is a directory without a champion.
        ChampionFileError
            If it is damaged, no champion, of a version that this package does not know, larger
            than any champion, or contradicts itself.
        ValueError
            If the engine is unknown.
        """
        try:
            return cls.from_bytes(champion_file.read(champion_path(path)), engine=engine)
        except ChampionFileError as error:
            raise ChampionFileError(f"{os.fspath(path)}: {error}") from error

    @classmethod
    def from_bytes(cls, content: bytes, *, engine: str = "compiled") -> Self:
        """Read the content of a champion file, as `load` does."""
        choice("engine", engine, ENGINES)
        header, connectome = champion_file.unpack(content)
        try:
            observed, acted = header["observation_space"], header["action_space"]
            check_size(
                count_numbers(observed)
                + count_numbers(acted)
                + encoder_numbers(header["codec"]["encoder"])
            )
            return cls(
                connectome=connectome,
                codec=Codec.from_json(header["codec"], connectome=connectome),
                observation_space=build(observed),
                action_space=build(acted),
                task=Task.from_json(header["task"]),
                provenance=header["provenance"],
                engine=engine,
            )
        except Exception as error:  # Gymnasium's asserts included
            raise champion_file.malformed(error) from error

    @cached_property
    def _mask_reader(self) -> MaskReader | None:
        """What tells masks by observations; None if there is no such thing, or no environment."""
        try:
            source = self.env_source()
            return source.make_mask_reader(self.observation_space, self.action_space)
        except PLAY_ERRORS:  # predicting needs no environment
            return None

    def _masks_of(self, batch: Any) -> npt.NDArray[Any] | None:
        return None if self._mask_reader is None else self._mask_reader(batch)
