"""Keyword arguments and render modes of environments, and the errors if they do not fit."""

import inspect
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import gymnasium as gym
from gymnasium.envs import registration

from spiking_agent.environments.frames import LIST_MODE, PICTURE_MODE, PICTURE_MODES
from spiking_agent.environments.ids import dependencies_named


def listed_mode(render_mode: str, entry_point: Any) -> str:
    """Return the name under which an environment lists a render mode that gives pictures.

    Some environments render to a list of all pictures since the last call only.
    """
    has_lists_only = _render_modes(entry_point) == [LIST_MODE]
    return LIST_MODE if render_mode == PICTURE_MODE and has_lists_only else render_mode


def _render_modes(entry_point: Any) -> list[str] | None:
    """Return the render modes for pictures in a class's metadata; None if it has no metadata."""
    metadata = getattr(entry_point, "metadata", None)
    if not isinstance(metadata, Mapping):
        return None
    return [mode for mode in metadata.get("render_modes") or () if mode in PICTURE_MODES]


def requires_render_mode(entry_point: Any) -> bool:
    """Return whether something cannot be called without `render_mode`."""
    try:
        parameter = inspect.signature(entry_point).parameters.get("render_mode")
    except (TypeError, ValueError):
        return False  # it has no readable signature
    return parameter is not None and parameter.default is parameter.empty


@contextmanager
def listing(render_mode: str | None, entry_point: Any) -> Iterator[None]:
    """Raise a ValueError where making fails because an environment lists no mode for pictures."""
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
def fitting(
    arguments: Mapping[str, Any], render_mode: str | None = None, *, caller: str
) -> Iterator[None]:
    """Turn the TypeError for keyword arguments that do not fit into an error that names them.

    Any other TypeError comes from the environment itself and is raised unchanged.

    Parameters
    ----------
    arguments : mapping
        What is passed.
    render_mode : str, optional
        The render mode among them.
    caller : str
        File of the code that passes them.
    """
    try:
        yield
    except TypeError as error:
        # Gymnasium raises a copy of a constructor's error; before version 1.3 without a cause
        original = error.__cause__ or error.__context__
        cause = original if isinstance(original, TypeError) else error
        unknown = re.search(r"unexpected keyword argument '(\w+)'", str(cause))
        if render_mode is not None and unknown is not None and unknown[1] == "render_mode":
            raise ValueError(
                f"env must give pictures, but it takes no render_mode: {cause}"
            ) from error
        place = innermost_file(cause)
        is_passed_on = unknown is not None and unknown[1] in arguments
        if is_passed_on or (place in (caller, registration.__file__) and "argument" in str(cause)):
            raise ValueError(
                f"env_kwargs must fit the environment, got {dict(arguments)}: {cause}"
            ) from error
        if place == registration.__file__:  # what was made is not an environment
            raise gym.error.Error(str(cause)) from error
        raise


def innermost_file(error: BaseException) -> str | None:
    """Return the file of the code that raised an error."""
    place, innermost = None, error.__traceback__
    while innermost is not None:
        place, innermost = innermost.tb_frame.f_code.co_filename, innermost.tb_next
    return place
