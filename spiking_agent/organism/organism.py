"""An organism: a connectome, its brain and its codec as a policy, and the file that keeps it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Self

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from spiking_agent.brain.connectome import Connectome
from spiking_agent.brain.engines import ENGINES, make_engine
from spiking_agent.brain.population import Population
from spiking_agent.checks.arguments import choice, file_path, instance, json_values, whole
from spiking_agent.checks.costs import MAX_LANES, check_decision
from spiking_agent.checks.words import shown
from spiking_agent.codec.batches import batch_size, is_batch, stack
from spiking_agent.codec.codec import Codec, check_fit
from spiking_agent.codec.encoders.from_json import encoder_numbers
from spiking_agent.codec.spaces import Json, build, check_size, count_numbers, describe
from spiking_agent.episodes.environments import (
    PLAY_ERRORS,
    EnvFactory,
    EnvSource,
    MaskReader,
    check_trusted,
)
from spiking_agent.episodes.lanes import PolicyLanes
from spiking_agent.episodes.task import Task
from spiking_agent.errors import (
    ChampionFileError,
    EnvironmentMismatchError,
    InvalidObservationError,
)
from spiking_agent.files.atomic import write_atomically
from spiking_agent.organism import champion_file
from spiking_agent.organism.champion_file import champion_path


@dataclass(eq=False, kw_only=True)
class Organism:
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

    connectome: Connectome
    codec: Codec
    observation_space: gym.Space[Any]
    action_space: gym.Space[Any]
    task: Task = field(default_factory=Task)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    engine: str = "compiled"
    _lanes: PolicyLanes | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self.engine = choice("engine", self.engine, ENGINES)
        instance("connectome", self.connectome, Connectome)
        instance("codec", self.codec, Codec)
        instance("task", self.task, Task)
        check_fit("inputs", self.codec.encoder.n_inputs, self.connectome.n_inputs)
        check_fit("outputs", self.codec.decoder.n_outputs, self.connectome.n_outputs)
        self.codec.check_spaces(self.observation_space, self.action_space)
        connectome = self.connectome
        check_decision(
            self.codec.n_ticks, connectome.n_inputs, connectome.n_neurons, connectome.n_targets
        )

    def __getstate__(self) -> dict[str, Any]:
        """Return what copies and pickles keep: all fields, but not the brain that runs."""
        return {named.name: getattr(self, named.name) for named in fields(self)} | {"_lanes": None}

    def lanes(self, n_lanes: int = 1, *, record: bool = False) -> PolicyLanes:
        """Start running copies of the brain, each at the beginning of an episode.

        Parameters
        ----------
        n_lanes : int
            How many, >= 1.
        record : bool
            True keeps every spike.

        Returns
        -------
        PolicyLanes
            The copies; `close` it to stop them.

        Raises
        ------
        ValueError
            If there is no lane.
        """
        engine = make_engine(
            self.engine,
            Population.from_connectomes([self.connectome]),
            lanes_per_brain=whole("n_lanes", n_lanes, 1, MAX_LANES),
            carry_state=self.codec.carry_state,
            record=record,
        )
        return PolicyLanes(engine, self.codec)

    def reset(self, seed: int | None = None) -> None:
        """Begin an episode: clear the brain and the last action.

        Parameters
        ----------
        seed : int, optional
            Not used, because nothing in the brain is drawn by chance; here so that organisms
            and environments are reset alike.
        """
        if self._lanes is not None:
            self._lanes.start()

    def act(self, observation: Any, info: Mapping[str, Any] | None = None) -> Any:
        """Choose an action for the next observation of the episode.

        Parameters
        ----------
        observation : element of `observation_space`
            What the environment returned last.
        info : mapping, optional
            What it returned beside it; its `action_mask` is honoured, see `Decoder.flat_mask`.

        Returns
        -------
        element of `action_space`
            The action, a Python int where the space is Discrete.

        Raises
        ------
        InvalidObservationError
            If the observation is none of the space.
        """
        if self._lanes is None:
            self._lanes = self.lanes()
        told = {} if info is None else instance("info", info, Mapping)  # type: ignore[type-abstract]
        mask = told.get("action_mask")
        masks = None if mask is None else self._lanes.flat_masks([mask])
        return self._lanes.single(self._lanes.act(self.batch([observation]), mask=masks), 0)

    def predict(
        self,
        observation: Any,
        state: PolicyLanes | None = None,
        episode_start: npt.NDArray[np.bool_] | None = None,
        deterministic: bool = True,
        action_masks: npt.ArrayLike | None = None,
    ) -> tuple[Any, PolicyLanes]:
        """Choose actions in the form of Stable-Baselines3, for one observation or a batch.

        Parameters
        ----------
        observation : element of `observation_space`, or a batch of them
            What the environments returned last.
        state : PolicyLanes, optional
            What the call before returned; None begins new episodes.
        episode_start : ndarray of bool, shape (n,), optional
            Lanes that begin an episode with this observation; n is 1 for a single one.
        deterministic : bool
            Not used: the brain draws nothing by chance.
        action_masks : array_like, shape (n_actions,) or (n, n_actions), optional
            Nonzero where an action is legal, as sb3-contrib passes it. By default what the
            organism's own environment reads off the observations: its class may have the method
            ``action_masks_of``, as Snake's has. Without it every action is legal.

        Returns
        -------
        actions, state : tuple
            Actions in the form of the observation (one or a batch), and the running brains.

        Raises
        ------
        InvalidObservationError
            If the observation has neither the form of the space nor that of a batch of it, or
            cannot be encoded.
        ValueError
            If `episode_start` or `action_masks` has another shape.
        """
        batch, n_lanes, is_single = self._as_batch(observation)
        begins = np.zeros(n_lanes, np.bool_) if episode_start is None else np.asarray(episode_start)
        if begins.shape != (n_lanes,):
            raise ValueError(f"episode_start must have shape ({n_lanes},), got {begins.shape}")
        if begins.dtype.kind != "b" and not np.isin(begins, (False, True)).all():
            raise ValueError(f"episode_start must hold True or False, got {shown(episode_start)}")
        if state is None or instance("state", state, PolicyLanes).engine.n_lanes != n_lanes:
            state = self.lanes(n_lanes)
        elif begins.any():
            state.start(np.flatnonzero(begins))
        if action_masks is None:
            masks = None if self._mask_reader is None else self._mask_reader(batch)
        else:
            masks = np.asarray(action_masks)
            masks = masks[None] if is_single and masks.ndim == 1 else masks
        actions = state.act(batch, mask=masks)
        return (self.codec.decoder.single(actions, 0) if is_single else actions), state

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
        """Say where environments come from: the organism's own id unless another is named.

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

    def close(self) -> None:
        """Stop the brain that `act` runs; the next `act` starts a new one."""
        if self._lanes is not None:
            self._lanes.close()
            self._lanes = None

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

    def batch(self, observations: list[Any]) -> Any:
        """Put single observations into a batch, as vector environments do.

        Raises
        ------
        InvalidObservationError
            If one does not fit the space.
        """
        try:
            return stack(self.observation_space, observations)
        except InvalidObservationError as error:
            encoder = type(self.codec.encoder).__name__
            raise InvalidObservationError(f"{encoder}: {error}") from error

    @cached_property
    def _mask_reader(self) -> MaskReader | None:
        """What tells masks by observations; None if there is no such thing, or no environment."""
        try:
            source = self.env_source()
            return source.make_mask_reader(self.observation_space, self.action_space)
        except PLAY_ERRORS:  # predicting needs no environment
            return None

    def _as_batch(self, observation: Any) -> tuple[Any, int, bool]:
        """Give a batch of what may be one observation, its size, and whether it was one."""
        try:
            if is_batch(self.observation_space, observation):
                return observation, batch_size(self.observation_space, observation), False
        except ValueError as error:
            raise InvalidObservationError(
                f"{type(self.codec.encoder).__name__}: observation must be of "
                f"{self.observation_space} or a batch of it, got {shown(observation)}"
            ) from error
        return self.batch([observation]), 1, True
