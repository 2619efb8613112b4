"""Environments whose exceptions are raised as `EnvironmentFailedError`, for any number of workers.

This error can be sent between processes, which the original often cannot. A `ValueError` of an
environment is not mistaken for bad input, nor its `StopIteration` for the end of one of our loops.
"""

import warnings
from collections.abc import Mapping
from typing import Any, Final

import gymnasium as gym
import numpy as np
from gymnasium.vector import VectorEnv, VectorWrapper

from spiking_agent.checks.foreign_code import RAISED, account
from spiking_agent.checks.words import shown
from spiking_agent.errors import EnvironmentFailedError, ForeignCodeError

OF_RESET = ("observation", "info")
USUAL: Final = frozenset((bool, np.bool_, dict))  # types of flags and infos in nearly every move
OF_STEP = ("observation", "reward", "terminated", "truncated", "info")


class ForeignEnv(gym.Wrapper[Any, Any, Any, Any]):
    """An environment whose exceptions are raised as `EnvironmentFailedError`.

    Parameters
    ----------
    env : gymnasium.Env
        The environment.
    name : str
        Its name in messages.
    """

    def __init__(self, env: gym.Env[Any, Any], name: str) -> None:
        super().__init__(env)
        self._name = name

    def reset(self, **how: Any) -> Any:
        """Begin an episode."""
        try:
            begun = self.env.reset(**how)
        except RAISED as error:
            raise environment_failed(self._name, "reset", error) from error
        return _checked(begun, OF_RESET, "reset")

    def step(self, action: Any) -> Any:
        """Make a move."""
        try:
            moved = self.env.step(action)
        except RAISED as error:
            raise environment_failed(self._name, "step", error) from error
        return _checked(moved, OF_STEP, "step")

    def render(self) -> Any:
        """Return a picture; a `NotImplementedError` of the environment passes unchanged."""
        try:
            return self.env.render()
        except NotImplementedError:
            raise
        except RAISED as error:
            raise environment_failed(self._name, "render", error) from error

    def close(self) -> None:
        """Close the environment; what it raises becomes a warning."""
        try:
            self.env.close()
        except RAISED as error:
            _warn(self._name, error)


class ForeignVector(VectorWrapper):
    """A vector environment whose exceptions are raised as `EnvironmentFailedError`.

    Parameters
    ----------
    env : VectorEnv
        The environment.
    name : str
        Its name in messages.
    """

    def __init__(self, env: VectorEnv[Any, Any, Any], name: str) -> None:
        super().__init__(env)
        self._name = name

    def reset(self, **how: Any) -> Any:
        """Begin an episode on every lane."""
        try:
            return self.env.reset(**how)
        except RAISED as error:
            raise environment_failed(self._name, "reset", error) from error

    def step(self, actions: Any) -> Any:
        """Make a move on every lane."""
        try:
            return self.env.step(actions)
        except RAISED as error:
            raise environment_failed(self._name, "step", error) from error

    def close(self, **how: Any) -> None:
        """Close all lanes, as `ForeignEnv.close` does."""
        try:
            self.env.close(**how)
        except RAISED as error:
            _warn(self._name, error)


def environment_failed(name: str, call: str, error: BaseException) -> ForeignCodeError:
    """Return the error to raise for an exception of an environment.

    Parameters
    ----------
    name : str
        The environment's name in messages.
    call : str
        The method that was called, such as "step".
    error : BaseException
        What it raised; a `ForeignCodeError` is returned unchanged.
    """
    if isinstance(error, ForeignCodeError):
        return error
    return EnvironmentFailedError(*account(f"the environment {name}", call, error))


def _checked(values: Any, names: tuple[str, ...], call: str) -> Any:
    if not (isinstance(values, tuple) and len(values) == len(names)):
        got = f"{len(values)} values" if isinstance(values, tuple) else shown(values)
        raise ValueError(f"{call}() must return ({', '.join(names)}), got {got}")
    for name, value in zip(names, values, strict=True):
        if type(value) in USUAL:
            continue
        if name == "info" and not isinstance(value, Mapping):
            raise ValueError(f"{call}() must return a mapping as info, got {shown(value)}")
        if name in ("terminated", "truncated") and np.size(value) != 1:
            raise ValueError(f"{call}() must return True or False as {name}, got {shown(value)}")
    return values


def _warn(name: str, error: BaseException) -> None:
    failure = environment_failed(name, "close", error)
    warnings.warn(f"{failure}\n{failure.trace}", RuntimeWarning, stacklevel=3)
