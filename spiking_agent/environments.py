"""Making environments from an id or a factory, single ones and native vectors of them."""

import importlib
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import gymnasium as gym
import numpy.typing as npt
from gymnasium.envs.registration import load_env_creator
from gymnasium.vector import AutoresetMode, VectorEnv

from spiking_agent.errors import EnvironmentMismatchError, SpikingAgentError
from spiking_agent.spaces import describe

EnvFactory = Callable[..., gym.Env[Any, Any]]
MaskReader = Callable[[Any], npt.NDArray[Any] | None]
OWN_MODULE = "snake_env"  # the environment that comes in the same distribution

# what may be wrong with an organism and its environment, rather than with this package; a
# ModuleNotFoundError is Gymnasium's answer to "module:Name-v0" without such a module
PLAY_ERRORS = (SpikingAgentError, gym.error.Error, ModuleNotFoundError, OSError, ValueError)

OWN_IDS = {"Snake-v0": f"{OWN_MODULE}:Snake-v0"}  # found without an import


@dataclass(frozen=True, slots=True)
class EnvSource:
    """Where environments come from.

    Parameters
    ----------
    env : str or callable
        A Gymnasium id ("CartPole-v1", "module:Name-v0"), or a function that takes `render_mode`
        and the keyword arguments and returns an environment.
    kwargs : mapping
        Keyword arguments of every environment made.

    Raises
    ------
    gymnasium.error.Error
        By `make` and `make_vector`: if the id is unknown, as Gymnasium words it.
    """

    env: str | EnvFactory
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def env_id(self) -> str | None:
        """The id in full, with its module; None for a factory."""
        return OWN_IDS.get(self.env, self.env) if isinstance(self.env, str) else None

    @property
    def name(self) -> str:
        """The id without its module, by which Gymnasium lists it; empty for a factory."""
        return (self.env_id or "").rpartition(":")[2]

    @property
    def reward_threshold(self) -> float | None:
        """Mean return at which the environment counts as solved.

        None if it is registered without one, or not yet: nothing is imported to tell.
        """
        try:
            threshold = gym.spec(self.name).reward_threshold if self.name else None
        except gym.error.Error:
            return None  # whoever makes the environment hears of it
        return threshold if threshold is not None and math.isfinite(threshold) else None

    def make(self, render_mode: str | None = None) -> gym.Env[Any, Any]:
        """Make one environment.

        Raises
        ------
        ValueError
            If it does not take the keyword arguments.
        """
        with self._fitting():
            if self.env_id is None:
                return self.env(render_mode=render_mode, **self.kwargs)  # type: ignore[operator]
            return gym.make(
                self.env_id, render_mode=render_mode, disable_env_checker=True, **self.kwargs
            )

    @contextmanager
    def _fitting(self) -> Iterator[None]:
        """Turn what Python says of unknown keyword arguments into an error that names them."""
        try:
            yield
        except TypeError as error:
            raise ValueError(
                f"env_kwargs must fit the environment, got {dict(self.kwargs)}: {error}"
            ) from error

    def make_checked(
        self,
        observation_space: gym.Space[Any],
        action_space: gym.Space[Any],
        render_mode: str | None = None,
    ) -> gym.Env[Any, Any]:
        """Make one environment, refusing it if its spaces are not those of a champion.

        Raises
        ------
        EnvironmentMismatchError
            If one differs, with both of them in the message.
        """
        env = self.make(render_mode)
        for name, wanted, got in (
            ("observation_space", observation_space, env.observation_space),
            ("action_space", action_space, env.action_space),
        ):
            if describe(got) != describe(wanted):
                env.close()
                raise EnvironmentMismatchError(
                    f"{name} of the environment must be {wanted}, as the champion was evolved "
                    f"for, got {got}"
                )
        return env

    def make_vector(self, num_envs: int) -> VectorEnv[Any, Any, Any] | None:
        """Make a native vector of environments whose lanes depend on their own seeds only.

        Returns
        -------
        VectorEnv or None
            None if there is no native one, or if it does not declare `independent_lanes` in its
            metadata: then the same seeds could give other episodes for another `num_envs`.
        """
        entry_point = self._registered("vector_entry_point")
        metadata = getattr(entry_point, "metadata", {})
        if self.env_id is None or not metadata.get("independent_lanes", False):
            return None
        with self._fitting():
            return gym.make_vec(
                self.env_id,
                num_envs=num_envs,
                vectorization_mode="vector_entry_point",
                autoreset_mode=AutoresetMode.DISABLED,
                **self.kwargs,
            )

    def make_mask_reader(
        self, observation_space: gym.Space[Any], action_space: gym.Space[Any]
    ) -> MaskReader | None:
        """Give the environment's `action_masks_of`, which reads masks off a batch of observations.

        Returns
        -------
        callable or None
            None if its class has no such method; the environment is not made then.

        Raises
        ------
        EnvironmentMismatchError
            If it has other spaces than these.
        """
        if not hasattr(self._registered("entry_point"), "action_masks_of"):
            return None
        env = self.make_checked(observation_space, action_space)
        reader: MaskReader = env.get_wrapper_attr("action_masks_of")
        return reader

    def _registered(self, name: str) -> Any:
        """Load an entry point of the id; None if there is none, as for a factory."""
        if self.env_id is None:
            return None
        module, _, env_id = self.env_id.rpartition(":")
        if module:
            importlib.import_module(module)
        entry_point = getattr(gym.spec(env_id), name)
        return load_env_creator(entry_point) if isinstance(entry_point, str) else entry_point


def check_trusted(env_id: str) -> None:
    """Refuse an id out of a file that would make Gymnasium import a module of its choice.

    Raises
    ------
    EnvironmentMismatchError
        If the id names a module that is neither our own nor imported already.
    """
    module, _, _ = env_id.rpartition(":")
    if module and module != OWN_MODULE and module not in sys.modules:
        raise EnvironmentMismatchError(
            f"env must be given, because the champion's environment {env_id!r} would import the "
            f"module {module!r}: import it yourself first, or pass an environment"
        )
