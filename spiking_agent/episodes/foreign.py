"""Code of other people that plays along: what goes wrong in it is told as its own fault.

Whatever an environment raises while it plays comes out as one error, for any number of workers:
`EnvironmentFailedError`. It can travel between processes, which the original often cannot, and a
`ValueError` of an environment is not taken for bad input, nor its `StopIteration` for the end of a
loop of ours. For an encoder, a decoder or a strategy it is `ForeignCodeError`.
"""

import traceback
import warnings
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final

import gymnasium as gym
import numpy as np
from gymnasium.vector import VectorEnv, VectorWrapper

from spiking_agent import errors
from spiking_agent.checks.words import shown
from spiking_agent.errors import EnvironmentFailedError, ForeignCodeError

RAISED = (Exception, SystemExit)  # KeyboardInterrupt is Ctrl-C, and stays what it is
OF_RESET = ("observation", "info")
USUAL: Final = frozenset((bool, np.bool_, dict))  # of flags and infos, in nearly every move
OF_STEP = ("observation", "reward", "terminated", "truncated", "info")
OWN_PACKAGE: Final = __name__.partition(".")[0] + "."
NOTHING: Final = nullcontext()  # one for all: it is entered several times in every move


class ForeignEnv(gym.Wrapper[Any, Any, Any, Any]):
    """An environment whose exceptions come out as `EnvironmentFailedError`.

    Parameters
    ----------
    env : gymnasium.Env
        The environment.
    name : str
        What to call it.
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
        """Draw a picture; `NotImplementedError` says that there is none."""
        try:
            return self.env.render()
        except NotImplementedError:
            raise
        except RAISED as error:
            raise environment_failed(self._name, "render", error) from error

    def close(self) -> None:
        """Close the environment; what it raises is a warning, since nobody needs it any more."""
        try:
            self.env.close()
        except RAISED as error:
            _warn(self._name, error)


class ForeignVector(VectorWrapper):
    """A vector environment whose exceptions come out as `EnvironmentFailedError`.

    Parameters
    ----------
    env : VectorEnv
        The environment.
    name : str
        What to call it.
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
    """Return the error to raise from what an environment raised.

    Parameters
    ----------
    name : str
        What the environment is called.
    call : str
        What it was asked for, such as "step".
    error : BaseException
        What it raised; returned as it is if it tells of foreign code already.
    """
    if isinstance(error, ForeignCodeError):
        return error
    return EnvironmentFailedError(*_account(f"the environment {name}", call, error))


def foreign_calls(part: object, call: str) -> AbstractContextManager[None]:
    """Return a context in which an encoder, a decoder or a strategy may be called.

    What is our own raises what it documents. What is not raises `ForeignCodeError`, or an error of
    this package, such as `InvalidObservationError`, which it may use as our own parts do.

    Parameters
    ----------
    part : object
        What is called.
    call : str
        The name of its method.
    """
    if type(part).__module__.startswith(OWN_PACKAGE):
        return NOTHING
    return _translated(part, call)


@contextmanager
def _translated(part: object, call: str) -> Iterator[None]:
    try:
        yield
    except RAISED as error:
        if type(error).__module__ == errors.__name__:
            raise
        kind = type(part)
        whose = f"{kind.__module__}.{kind.__qualname__}"
        raise ForeignCodeError(*_account(whose, call, error)) from error


def _account(whose: str, call: str, error: BaseException) -> tuple[str, str, str, str]:
    """Return what was raised where as texts, which can travel anywhere."""
    reason = "".join(traceback.format_exception_only(error)).strip()  # whatever `str` of it does
    return whose, call, reason, "".join(traceback.format_exception(error))


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
    account = environment_failed(name, "close", error)
    warnings.warn(f"{account}\n{account.trace}", RuntimeWarning, stacklevel=3)
