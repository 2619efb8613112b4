"""Make single environments and native vector environments from an id or a factory."""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import gymnasium as gym
import numpy.typing as npt
from gymnasium.envs.registration import EnvSpec, load_env_creator
from gymnasium.vector import AutoresetMode, VectorEnv

from spiking_agent.checks.arguments import text, whole
from spiking_agent.checks.foreign_code import RAISED
from spiking_agent.checks.words import shown
from spiking_agent.codec.spaces import first_difference
from spiking_agent.environments import keywords
from spiking_agent.environments.foreign import ForeignEnv, ForeignVector, environment_failed
from spiking_agent.environments.ids import OWN_IDS, checked_id, dependencies_named, find_spec
from spiking_agent.environments.keywords import (
    fitting,
    innermost_file,
    listed_mode,
    listing,
    requires_render_mode,
)
from spiking_agent.errors import EnvironmentMismatchError, SpikingAgentError

EnvFactory = Callable[..., gym.Env[Any, Any]]
MaskReader = Callable[[Any], npt.NDArray[Any] | None]

# faults of an organism or its environment rather than of this package; an ImportError is raised
# for "module:Name-v0" if the module or something that it imports is not installed
PLAY_ERRORS = (SpikingAgentError, gym.error.Error, ImportError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class EnvSource:
    """Where environments come from.

    Parameters
    ----------
    env : str or callable
        A Gymnasium id ("CartPole-v1", "module:Name-v0"), or a function that takes the keyword
        arguments, and `render_mode` for pictures, and returns an environment.
    kwargs : mapping
        Keyword arguments of every environment made.
    max_envs : int, optional
        How many environments may be open at once while episodes are played side by side, >= 1;
        the results are the same (but for live brains).

    Raises
    ------
    ValueError
        If `max_envs` is not such a number.
    TypeError
        If `env` is neither an id nor a function, such as an environment that exists already.
    gymnasium.error.Error
        From `make` and `make_vector`, if the id is unknown.
    """

    env: str | EnvFactory
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    max_envs: int | None = None

    def __post_init__(self) -> None:
        if self.max_envs is not None:
            object.__setattr__(self, "max_envs", whole("max_envs", self.max_envs, 1))
        env: Any = self.env
        if isinstance(env, str):
            object.__setattr__(self, "env", checked_id(env))
        elif not callable(env) or isinstance(env, gym.Env | VectorEnv | EnvSpec):
            env_id = getattr(getattr(env, "spec", env), "id", "CartPole-v1")
            raise TypeError(
                "env must be a Gymnasium id or a function that makes an environment, got "
                f"{shown(env)}: many are made, so pass an id, such as {env_id!r}, or a function "
                "that returns a new one"
            )
        kwargs: Any = self.kwargs
        if not isinstance(kwargs, Mapping) or not all(isinstance(key, str) for key in kwargs):
            raise TypeError(f"env_kwargs must be a mapping of names to values, got {shown(kwargs)}")
        if kwargs.get("render_mode") is not None:
            raise ValueError(
                f"env_kwargs must not hold render_mode, got {shown(kwargs['render_mode'])}: "
                "spiking-watch draws what brains do"
            )

    def share(self, workers: int) -> tuple[int, "EnvSource"]:
        """Return how many workers can play at once, and the source that each of them uses.

        Parameters
        ----------
        workers : int
            The largest number of workers, >= 1.
        """
        if self.max_envs is None:
            return workers, self
        workers = min(workers, self.max_envs)
        return workers, replace(self, max_envs=self.max_envs // workers)

    @property
    def env_id(self) -> str | None:
        """The id in full, with its module; None for a factory."""
        return OWN_IDS.get(self.env, self.env) if isinstance(self.env, str) else None

    @property
    def name(self) -> str:
        """The id without its module, by which Gymnasium lists it; empty for a factory."""
        return (self.env_id or "").rpartition(":")[2]

    @property
    def is_of_gymnasium(self) -> bool:
        """Whether it is one of Gymnasium's own, so that it neither ends nor blocks its process."""
        spec = gym.registry.get(self.name)
        if spec is None or spec.additional_wrappers:
            return False
        return str(spec.entry_point).startswith("gymnasium.envs.")

    @property
    def reward_threshold(self) -> float | None:
        """Mean return at which the environment counts as solved.

        None if the environment is registered without one, or not registered yet: nothing is
        imported to find out.
        """
        try:
            threshold = gym.spec(self.name).reward_threshold if self.name else None
        except gym.error.Error:
            return None  # making the environment will raise it
        return threshold if threshold is not None and math.isfinite(threshold) else None

    def make(self, render_mode: str | None = None) -> ForeignEnv:
        """Make one environment.

        Parameters
        ----------
        render_mode : str, optional
            Its render mode; without one, it need not take that keyword argument.

        Raises
        ------
        ValueError
            If it does not take the keyword arguments, or `render_mode`; if a factory makes
            something other than an environment.
        EnvironmentFailedError
            If it raises anything else, now or in later calls of its methods.
        """
        entry_point = self._registered("entry_point") if self.env_id is not None else self.env
        arguments = dict(self.kwargs)
        if render_mode is not None:
            render_mode = text("render_mode", render_mode)
            arguments["render_mode"] = listed_mode(render_mode, entry_point)
        elif requires_render_mode(entry_point):
            arguments["render_mode"] = None
        fits = fitting(arguments, render_mode, caller=__file__)
        with self._failing(), fits, listing(render_mode, entry_point):
            if self.env_id is None:
                made = self.env(**arguments)  # type: ignore[operator]
            else:
                made = gym.make(self.env_id, disable_env_checker=True, **arguments)
        if not isinstance(made, gym.Env):
            raise ValueError(f"env must make a gymnasium.Env, got {made!r} from {self._label}")
        for name in ("observation_space", "action_space"):
            space = getattr(made, name, None)
            if not isinstance(space, gym.Space):
                raise ValueError(
                    f"{name} of the environment {self._label} must be a gymnasium.Space, "
                    f"got {shown(space)}"
                )
        return ForeignEnv(made, self._label)

    @property
    def _label(self) -> str:
        """The name of the environment in messages."""
        return self.env_id or str(getattr(self.env, "__name__", self.env))

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Turn what an environment raises while it is made into an `EnvironmentFailedError`.

        A ValueError or an OSError is left as it is if there are keyword arguments, because it may
        be about them. So are the errors of this package.
        """
        try:
            yield
        except (gym.error.Error, ImportError):  # no such id, or something not installed
            raise
        except RAISED as error:
            is_about_kwargs = bool(self.kwargs) and isinstance(error, ValueError | OSError)
            if is_about_kwargs or innermost_file(error) in (__file__, keywords.__file__):
                raise
            raise environment_failed(self._label, "__init__", error) from error

    def make_checked(
        self,
        observation_space: gym.Space[Any],
        action_space: gym.Space[Any],
        render_mode: str | None = None,
    ) -> ForeignEnv:
        """Make one environment, and check that its spaces are those of a champion.

        Parameters
        ----------
        observation_space, action_space : gymnasium.Space
            Spaces of the champion.
        render_mode : str, optional
            Render mode of the environment; default: none.

        Raises
        ------
        EnvironmentMismatchError
            If one differs; the message names both.
        """
        env = self.make(render_mode)
        differs = first_difference(
            (observation_space, action_space), (env.observation_space, env.action_space)
        )
        if differs is not None:
            env.close()
            name, wanted, got = differs
            raise EnvironmentMismatchError(
                f"{name} of the environment must be {wanted}, as the champion was evolved for, "
                f"got {got}"
            )
        return env

    @property
    def has_vector(self) -> bool:
        """Whether `make_vector` returns a vector environment; nothing is made to find out."""
        return self._vector_entry_point() is not None

    def _vector_entry_point(self) -> Any:
        """Load the entry point of a native vector with independent lanes; None if it has none."""
        entry_point = self._registered("vector_entry_point")
        is_independent = getattr(entry_point, "metadata", {}).get("independent_lanes", False)
        return entry_point if self.env_id is not None and is_independent else None

    def make_vector(self, num_envs: int) -> VectorEnv[Any, Any, Any] | None:
        """Make a native vector environment whose lanes depend on their own seeds only.

        Parameters
        ----------
        num_envs : int
            Number of lanes.

        Returns
        -------
        VectorEnv or None
            None if there is no native one, or if it does not declare `independent_lanes` in its
            metadata: then the same seeds could give different episodes for a different `num_envs`.
        """
        if self.env_id is None or not self.has_vector:
            return None
        with self._failing(), fitting(self.kwargs, caller=__file__), dependencies_named():
            made = gym.make_vec(
                self.env_id,
                num_envs=num_envs,
                vectorization_mode="vector_entry_point",
                autoreset_mode=AutoresetMode.DISABLED,
                **self.kwargs,
            )
        return ForeignVector(made, self._label)

    def make_mask_reader(
        self, observation_space: gym.Space[Any], action_space: gym.Space[Any]
    ) -> MaskReader | None:
        """Return the environment's `action_masks_of`, which reads masks from observations.

        Parameters
        ----------
        observation_space, action_space : gymnasium.Space
            Spaces of the champion.

        Returns
        -------
        callable or None
            None if its class has no such method; then no environment is made.

        Raises
        ------
        EnvironmentMismatchError
            If its spaces differ from these.
        """
        if not hasattr(self._registered("entry_point"), "action_masks_of"):
            return None
        env = self.make_checked(observation_space, action_space)
        reader: MaskReader = env.get_wrapper_attr("action_masks_of")
        env.close()  # the reader needs observations only, not an open environment
        return reader

    def _registered(self, name: str) -> Any:
        """Load an entry point of the id; None if it has none, and for a factory."""
        if self.env_id is None:
            return None
        with self._failing(), dependencies_named():
            entry_point = getattr(find_spec(self.env_id), name)
            return load_env_creator(entry_point) if isinstance(entry_point, str) else entry_point
