"""An organism: one policy with its task and its origin, which can be saved in a file."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import gymnasium as gym
import numpy.typing as npt

from spiking_agent.brain.engines import ENGINES
from spiking_agent.checks.arguments import choice, file_path, instance, json_values
from spiking_agent.checks.mappings import mapping
from spiking_agent.codec.codec import Codec
from spiking_agent.codec.encoders.base import ResizableEncoder
from spiking_agent.codec.encoders.registry import encoder_numbers
from spiking_agent.codec.spaces import build, check_size, count_numbers, describe
from spiking_agent.dna.grown.brain import GrownBrain
from spiking_agent.environments.ids import check_trusted
from spiking_agent.environments.source import PLAY_ERRORS, EnvFactory, EnvSource, MaskReader
from spiking_agent.episodes.task import Task
from spiking_agent.errors import (
    ChampionFileError,
    EnvironmentMismatchError,
)
from spiking_agent.files.atomic import write_atomically
from spiking_agent.organism import champion_file
from spiking_agent.organism.champion_file import champion_path
from spiking_agent.organism.policy import Policy
from spiking_agent.typing import Json


@dataclass(eq=False, kw_only=True)
class Organism(Policy):
    """One policy: a spiking brain with everything that it needs to play an environment.

    Parameters
    ----------
    brain : Connectome or GrownBrain
        The brain: all its synapses, or the genome by which they grow when they are needed.
    codec : Codec
        How it is connected.
    observation_space, action_space : gymnasium.Space
        Spaces of one environment.
    task : Task
        What it was evolved to play, and how that is scored.
    provenance : mapping
        Where the organism comes from, as JSON values.
    engine : {"compiled", "actors", "live"}
        What runs the brain.

    Raises
    ------
    ValueError
        If the inputs or outputs of the brain do not fit the codec, the codec does not fit the
        spaces, the engine is unknown, or a decision would take too long.

    Notes
    -----
    Copies, including pickles, begin a new episode: they do not share the running brain.

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

        Parameters
        ----------
        render_mode : str, optional
            Render mode of the environment; default: none.

        Returns
        -------
        gymnasium.Env
            The environment; close it after use.

        Raises
        ------
        EnvironmentMismatchError
            If it was made by a function, if the id would import a module that is not imported yet,
            or if the environment has other spaces now.
        """
        source = self.env_source()
        return source.make_checked(self.observation_space, self.action_space, render_mode).env

    def env_source(
        self, env: str | EnvFactory | None = None, env_kwargs: Mapping[str, Any] | None = None
    ) -> EnvSource:
        """Return where environments come from: the organism's own id unless `env` is given.

        Parameters
        ----------
        env : str or callable, optional
            Another environment, with keyword arguments of its own; or the organism's id, which
            allows its module to be imported.
        env_kwargs : mapping, optional
            Keyword arguments that replace or add to the organism's own.

        Raises
        ------
        EnvironmentMismatchError
            If it was made by a function, or if the id would import a module that is not imported
            yet.
        """
        given = {} if env_kwargs is None else env_kwargs
        own = self.task.env_id
        if env is not None:
            source = EnvSource(env, given)
            is_own = source.env_id is not None and source.env_id == own
            return EnvSource(env, {**self.task.env_kwargs, **source.kwargs}) if is_own else source
        if own is None:
            raise EnvironmentMismatchError(
                "env must be given, because the organism was evolved on a function, not an id"
            )
        check_trusted(own)
        return EnvSource(own, {**self.task.env_kwargs, **EnvSource(own, given).kwargs})

    def on(self, **env_kwargs: Any) -> Self:
        """Return the organism of the same genome on another board.

        Parameters
        ----------
        **env_kwargs
            Keyword arguments of the environment that replace or add to the organism's own, such as
            ``n_rows=12, n_cols=12`` for Snake. It is made once, to find its grid.

        Raises
        ------
        ValueError
            If the brain is not grown, or would be too large there.
        EnvironmentMismatchError
            If the channels of the grid, or the actions, are others there; see also `env_source`.

        Examples
        --------
        ``organism.on(n_rows=12, n_cols=12)``
        """
        if not isinstance(self.brain, GrownBrain):
            raise ValueError(
                "brain must be a GrownBrain to grow on another board, got a Connectome: evolve one "
                "with dna='grown' (--dna grown)"
            )
        source = self.env_source(env_kwargs=env_kwargs)
        task = replace(self.task, env=source.env, env_kwargs=source.kwargs)
        return replace(self.fitting(source), task=task)

    def fitting(self, source: EnvSource) -> Self:
        """Return the organism whose brain fits an environment, as far as it can grow there.

        Parameters
        ----------
        source : EnvSource
            Where the environment comes from.

        Returns
        -------
        Organism
            Of the same genome and task. It is the organism itself if that fits, or if its brain is
            not grown.

        Raises
        ------
        ValueError
            If the brain would be too large there.
        EnvironmentMismatchError
            If the channels of the grid, or the actions, are others there.
        """
        brain, encoder = self.brain, self.codec.encoder
        if not isinstance(brain, GrownBrain):
            return self
        with source.make() as env:
            observed, acted = env.observation_space, env.action_space
        wanted = describe(self.observation_space), describe(self.action_space)
        if (describe(observed), describe(acted)) == wanted:
            return self
        if describe(acted) != wanted[1]:
            raise EnvironmentMismatchError(
                f"action_space of the environment must be {self.action_space}, as the champion was "
                f"evolved for, got {acted}"
            )
        try:
            if not isinstance(encoder, ResizableEncoder):
                raise ValueError(f"encoder must fit grids of any size, got {encoder.kind!r}")
            moved = encoder.fitting(observed)
        except ValueError as error:
            raise EnvironmentMismatchError(
                f"observation_space of the environment must be as {self.observation_space}, but "
                f"for its rows and columns, got {observed}: {error}"
            ) from error
        _, n_rows, n_cols = moved.input_grid() or (0, 0, 0)
        return replace(
            self,
            brain=brain.on((n_rows, n_cols)),
            codec=replace(self.codec, encoder=moved),
            observation_space=observed,
        )

    def to_bytes(self) -> bytes:
        """Return the content of a champion file; equal organisms give equal bytes.

        Raises
        ------
        ValueError
            If its encoder or decoder cannot be saved, or its `env_kwargs` or `provenance` hold
            values that JSON lacks.
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
        return champion_file.pack(header, self.brain)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a champion file, completely or not at all.

        Parameters
        ----------
        path : path-like
            Where to write; the folder must exist.

        Raises
        ------
        OSError
            If the file cannot be written; an older file is then untouched.
        ValueError
            See `to_bytes`.
        """
        write_atomically(file_path("path", path), self.to_bytes())

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, engine: str = "compiled") -> Self:
        """Return the organism in a champion file, or in the directory of a run.

        Nothing in the file is ever executed. It may name kinds of encoders and decoders that an
        installed package registers, which then makes them from the JSON values in the file.

        Parameters
        ----------
        path : path-like
            A champion file, or the directory of a run.
        engine : str
            "compiled", "actors" or "live".

        Raises
        ------
        OSError
            If the file cannot be read.
        RunDirectoryError
            If it is a directory without a champion.
        ChampionFileError
            If it is damaged, not a champion file, of an unknown version, larger than any champion,
            or inconsistent.
        ValueError
            If the engine is unknown.
        """
        try:
            return cls.from_bytes(champion_file.read(champion_path(path)), engine=engine)
        except ChampionFileError as error:
            raise ChampionFileError(f"{os.fspath(path)}: {error}") from error

    @classmethod
    def from_bytes(cls, content: bytes, *, engine: str = "compiled") -> Self:
        """Return the organism in the content of a champion file, see `load`.

        Parameters
        ----------
        content : bytes
            What `to_bytes` returned.
        engine : str
            As in `load`.

        Raises
        ------
        ChampionFileError
            If the content is damaged, not that of a champion file, of an unknown version, or
            inconsistent.
        ValueError
            If the engine is unknown.
        """
        choice("engine", engine, ENGINES)
        header, brain = champion_file.unpack(content)
        ends = brain.n_inputs, brain.n_outputs
        try:
            observed, acted, codec = (
                mapping(name, header[name])
                for name in ("observation_space", "action_space", "codec")
            )
            check_size(
                count_numbers(observed) + count_numbers(acted) + encoder_numbers(codec["encoder"])
            )
            return cls(
                brain=brain,
                codec=Codec.from_json(codec, ends),
                observation_space=build(observed),
                action_space=build(acted),
                task=Task.from_json(header["task"]),
                provenance=header["provenance"],
                engine=engine,
            )
        except Exception as error:  # including asserts of Gymnasium
            raise champion_file.malformed(error) from error

    @cached_property
    def _mask_reader(self) -> MaskReader | None:
        """The function that reads masks from observations; None if there is none."""
        try:
            source = self.env_source()
            return source.make_mask_reader(self.observation_space, self.action_space)
        except PLAY_ERRORS:  # predicting needs no environment
            return None

    def _masks_of(self, batch: Any) -> npt.NDArray[Any] | None:
        return None if self._mask_reader is None else self._mask_reader(batch)
