"""Making environments from an id or a factory, single ones and native vectors of them."""

import inspect
import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium.envs import registration
from gymnasium.envs.registration import EnvSpec, load_env_creator
from gymnasium.vector import AutoresetMode, VectorEnv

from spiking_agent.checks.arguments import text, whole
from spiking_agent.checks.words import shown
from spiking_agent.codec.spaces import describe
from spiking_agent.episodes.env_ids import dependencies_named, find_spec
from spiking_agent.episodes.foreign import RAISED, ForeignEnv, ForeignVector, environment_failed
from spiking_agent.episodes.frames import LIST_MODE, PICTURE_MODE, PICTURE_MODES
from spiking_agent.errors import EnvironmentMismatchError, SpikingAgentError

EnvFactory = Callable[..., gym.Env[Any, Any]]
MaskReader = Callable[[Any], npt.NDArray[Any] | None]
OWN_MODULE = "snake_env"  # the environment that comes in the same distribution

# what may be wrong with an organism and its environment, rather than with this package; an
# ImportError is the answer to "module:Name-v0" without such a module, or without what it imports
PLAY_ERRORS = (SpikingAgentError, gym.error.Error, ImportError, OSError, ValueError)

OWN_IDS = {"Snake-v0": f"{OWN_MODULE}:Snake-v0"}  # found without an import


@dataclass(frozen=True, slots=True)
class EnvSource:
    """Where environments come from.

    Parameters
    ----------
    env : str or callable
        A Gymnasium id ("CartPole-v1", "module:Name-v0"), or a function that takes the keyword
        arguments, and `render_mode` if there shall be pictures, and returns an environment.
    kwargs : mapping
        Keyword arguments of every environment made.
    max_envs : int, optional
        How many may be open at once, >= 1, where episodes are played side by side; results do not
        depend on it.

    Raises
    ------
    ValueError
        If `max_envs` is no such number.
    TypeError
        If it is neither an id nor a function, such as an environment that is made already.
    gymnasium.error.Error
        By `make` and `make_vector`: if the id is unknown, as Gymnasium words it.
    """

    env: str | EnvFactory
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    max_envs: int | None = None

    def __post_init__(self) -> None:
        if self.max_envs is not None:
            object.__setattr__(self, "max_envs", whole("max_envs", self.max_envs, 1))
        env: Any = self.env
        if isinstance(env, str):
            object.__setattr__(self, "env", _checked_id(env))
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
        """Return how many of these workers can play at once, and the source that each has.

        Parameters
        ----------
        workers : int
            How many there could be, >= 1.
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
    def reward_threshold(self) -> float | None:
        """Mean return at which the environment counts as solved.

        None if it is registered without one, or not yet: nothing is imported to tell.
        """
        try:
            threshold = gym.spec(self.name).reward_threshold if self.name else None
        except gym.error.Error:
            return None  # whoever makes the environment hears of it
        return threshold if threshold is not None and math.isfinite(threshold) else None

    def make(self, render_mode: str | None = None) -> ForeignEnv:
        """Make one environment.

        Parameters
        ----------
        render_mode : str, optional
            How it shall render; without one, it need not know that keyword argument.

        Raises
        ------
        ValueError
            If it does not take the keyword arguments, or `render_mode`; if a factory makes
            something else.
        EnvironmentFailedError
            If it raises anything else; likewise by whatever is called on it later.
        """
        entry_point = self._registered("entry_point") if self.env_id is not None else self.env
        arguments = dict(self.kwargs)
        if render_mode is not None:
            render_mode = text("render_mode", render_mode)
            arguments["render_mode"] = _listed(render_mode, entry_point)
        elif _requires_render_mode(entry_point):
            arguments["render_mode"] = None
        fitting = _fitting(arguments, render_mode)
        with self._failing(), fitting, _listing(render_mode, entry_point):
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
        """What to call the environment in messages."""
        return self.env_id or str(getattr(self.env, "__name__", self.env))

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Turn what an environment raises while it is made into an error that tells of it.

        A ValueError or an OSError may be about the keyword arguments, if there are any: then it is
        left as it is. So is what this module has found itself.
        """
        try:
            yield
        except (gym.error.Error, ImportError):  # no such id, or something not installed
            raise
        except RAISED as error:
            is_about_kwargs = bool(self.kwargs) and isinstance(error, ValueError | OSError)
            if is_about_kwargs or _innermost_file(error) == __file__:
                raise
            raise environment_failed(self._label, "__init__", error) from error

    def make_checked(
        self,
        observation_space: gym.Space[Any],
        action_space: gym.Space[Any],
        render_mode: str | None = None,
    ) -> ForeignEnv:
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
        with self._failing(), _fitting(self.kwargs), dependencies_named():
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
        """Return the environment's `action_masks_of`: it reads masks off a batch of observations.

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
        env.close()  # the observations tell all: none need be open for them to be read
        return reader

    def _registered(self, name: str) -> Any:
        """Load an entry point of the id; None if there is none, as for a factory."""
        if self.env_id is None:
            return None
        with self._failing(), dependencies_named():
            entry_point = getattr(find_spec(self.env_id), name)
            return load_env_creator(entry_point) if isinstance(entry_point, str) else entry_point


def _listed(render_mode: str, entry_point: Any) -> str:
    """Return the name under which an environment lists a mode that gives pictures.

    Some give a list of pictures, all since they were last asked.
    """
    has_lists_only = _render_modes(entry_point) == [LIST_MODE]
    return LIST_MODE if render_mode == PICTURE_MODE and has_lists_only else render_mode


def _render_modes(entry_point: Any) -> list[str] | None:
    """Return the pictures' modes that a class lists, before it is made; None if it is silent."""
    metadata = getattr(entry_point, "metadata", None)
    if not isinstance(metadata, Mapping):
        return None
    return [mode for mode in metadata.get("render_modes") or () if mode in PICTURE_MODES]


def _requires_render_mode(entry_point: Any) -> bool:
    """Check whether something cannot be called without `render_mode`."""
    try:
        parameter = inspect.signature(entry_point).parameters.get("render_mode")
    except (TypeError, ValueError):
        return False  # it does not tell
    return parameter is not None and parameter.default is parameter.empty


@contextmanager
def _listing(render_mode: str | None, entry_point: Any) -> Iterator[None]:
    """Raise a ValueError that says so where an environment gives no pictures and lists none."""
    try:
        with dependencies_named():
            yield
    except (TypeError, gym.error.DependencyNotInstalled):
        raise
    except Exception as error:
        if render_mode not in PICTURE_MODES or _render_modes(entry_point) != []:
            raise
        raise ValueError(
            f"env must give pictures, but it lists no {PICTURE_MODE!r} among its render_modes: "
            f"{type(error).__name__} {error}"
        ) from error


@contextmanager
def _fitting(arguments: Mapping[str, Any], render_mode: str | None = None) -> Iterator[None]:
    """Turn what Python says of keyword arguments that do not fit into an error that names them.

    Any other TypeError is one of the environment's own.
    """
    try:
        yield
    except TypeError as error:
        # Gymnasium raises what a constructor raises again, as a copy; before 1.3 without a cause
        original = error.__cause__ or error.__context__
        cause = original if isinstance(original, TypeError) else error
        unknown = re.search(r"unexpected keyword argument '(\w+)'", str(cause))
        if render_mode is not None and unknown is not None and unknown[1] == "render_mode":
            raise ValueError(
                f"env must give pictures, but it takes no render_mode: {cause}"
            ) from error
        place = _innermost_file(cause)
        is_passed_on = unknown is not None and unknown[1] in arguments
        if is_passed_on or (
            place in (__file__, registration.__file__) and "argument" in str(cause)
        ):
            raise ValueError(
                f"env_kwargs must fit the environment, got {dict(arguments)}: {cause}"
            ) from error
        if place == registration.__file__:  # what was made is no environment
            raise gym.error.Error(str(cause)) from error
        raise


def _innermost_file(error: BaseException) -> str | None:
    """Return the file of the code that raised an error."""
    place, innermost = None, error.__traceback__
    while innermost is not None:
        place, innermost = innermost.tb_frame.f_code.co_filename, innermost.tb_next
    return place


def _checked_id(env_id: str) -> str:
    """Return an id as a plain str, refusing what no environment can be registered as."""
    module, colon, name = env_id.rpartition(":")
    is_module = not colon or all(map(str.isidentifier, module.split(".")))
    if not (name and is_module and env_id.isprintable()):
        raise ValueError(
            f"env must be an id, such as CartPole-v1 or module:Name-v0, got {shown(env_id)}"
        )
    return str(env_id)


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


def as_number(name: str, value: Any) -> float:
    """Return what an environment gives as a number, also where it is an array of a single one.

    Raises
    ------
    ValueError
        If it is no number, or more than one.
    """
    if type(value) is float:  # as nearly always
        return value
    try:
        array = np.asarray(value)
        if array.size != 1 or array.dtype.kind not in "biufO":
            raise TypeError(f"{array.size} of {array.dtype}")
        return float(array.reshape(-1)[0])
    except (OverflowError, TypeError, ValueError) as error:
        raise ValueError(f"{name} must be a number, got {shown(value)}") from error
