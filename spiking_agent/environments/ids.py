"""What a Gymnasium id stands for, and hints in the errors if it stands for nothing."""

import importlib
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import gymnasium as gym
from gymnasium.envs.registration import EnvSpec, find_highest_version, get_env_id, parse_env_id

from spiking_agent.checks.words import shown
from spiking_agent.errors import EnvironmentMismatchError

OWN_MODULE = "snake_env"  # the environment that comes in the same distribution
OWN_IDS = {"Snake-v0": f"{OWN_MODULE}:Snake-v0"}  # found without an import
# extras of Gymnasium that install pygame-ce, which overwrites the pygame that this package needs
PYGAME_CE_EXTRAS = re.compile(r"gymnasium\[(box2d|classic[-_]control|toy[-_]text)\]")


def find_spec(env_id: str) -> EnvSpec:
    """Return what is registered under an id, after importing its module if it names one.

    Parameters
    ----------
    env_id : str
        "CartPole-v1", or "module:Name-v0".

    Raises
    ------
    gymnasium.error.Error
        If nothing is registered: Gymnasium's message, with a hint.
    ModuleNotFoundError
        If there is no such module.
    """
    module, _, name = env_id.rpartition(":")
    if module:
        _import(module)
    try:
        return gym.spec(name)
    except gym.error.Error as error:
        hint = _hint(module, name, error)
        raise type(error)(f"{error}{hint}") from error


def _import(module: str) -> None:
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise  # the module exists, but imports one that does not
        raise ModuleNotFoundError(
            f"{error}: install the package that has it; for a module in the present directory set "
            "PYTHONPATH=.",
            name=error.name,
        ) from error


def _hint(module: str, name: str, error: gym.error.Error) -> str:
    """Return a hint for an error of `gymnasium.spec`; "" if its own message is enough."""
    namespace, short_name, version = parse_env_id(name)
    latest = find_highest_version(namespace, short_name)
    if version is None and latest is not None:
        return f": give the version, as in {get_env_id(namespace, short_name, latest)}"
    if not isinstance(error, gym.error.NamespaceNotFound | gym.error.NameNotFound):
        return ""
    if module:
        return (
            f" Importing {module} does not register it: write a module that does (see the "
            f"documentation of {module}), and name that one, as in my_module:{name}"
        )
    return (
        f" If another package has it, name the module that registers it, as in module:{name} (for "
        "instance minigrid:MiniGrid-Empty-5x5-v0)"
    )


@contextmanager
def dependencies_named() -> Iterator[None]:
    """Replace Gymnasium's hint to install an extra, where that would overwrite pygame."""
    try:
        yield
    except gym.error.DependencyNotInstalled as error:
        extra, cause = PYGAME_CE_EXTRAS.search(str(error)), error.__cause__
        if extra is None or not isinstance(cause, ImportError) or cause.name is None:
            raise
        package = cause.name.partition(".")[0]
        raise gym.error.DependencyNotInstalled(
            f"{package} is not installed, run `pip install {package}` ({extra[0]} would overwrite "
            "pygame with pygame-ce)"
        ) from error


def env_name(env_id: str | None) -> str:
    """Return an environment's name without its module; "environment" for one without an id.

    Parameters
    ----------
    env_id : str or None
        The id.
    """
    return (env_id or "environment").rpartition(":")[2]


def checked_id(env_id: str) -> str:
    """Return an id as a plain str.

    Parameters
    ----------
    env_id : str
        The id.

    Raises
    ------
    ValueError
        If no environment can have it.
    """
    module, colon, name = env_id.rpartition(":")
    is_module = not colon or all(map(str.isidentifier, module.split(".")))
    if not (name and is_module and env_id.isprintable()):
        raise ValueError(
            f"env must be an id, such as CartPole-v1 or module:Name-v0, got {shown(env_id)}"
        )
    return str(env_id)


def check_trusted(env_id: str) -> None:
    """Refuse an id from a file that would make Gymnasium import a module of its choice.

    Parameters
    ----------
    env_id : str
        The id.

    Raises
    ------
    EnvironmentMismatchError
        If the id names a module that is neither `snake_env` nor already imported.
    """
    module, _, _ = env_id.rpartition(":")
    if module and module != OWN_MODULE and module not in sys.modules:
        raise EnvironmentMismatchError(
            f"env must be given, because the champion's environment {env_id!r} would import the "
            f"module {module!r}: import it yourself first, or pass an environment"
        )
