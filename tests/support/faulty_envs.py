"""An environment in which something goes wrong, as it does in other people's."""

import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import gymnasium as gym
import numpy as np
from toy_envs import Echo


class TwoArgumentsError(RuntimeError):
    """Cannot be unpickled: its arguments are not those of its `__init__`."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{what} in {where}")


class LocalError(Exception):
    """Cannot be pickled: it holds a lock."""

    def __init__(self) -> None:
        super().__init__("held")
        self.lock = threading.Lock()


class WordlessError(Exception):
    """Cannot even be printed."""

    def __str__(self) -> str:
        raise ValueError("no words")


def _raise(error: BaseException) -> None:
    raise error


def _say_here(do: Callable[..., object], *arguments: object) -> None:
    """Leave a file that says that this line was reached."""
    Path(os.environ["FAULTY_HERE"]).touch()
    do(*arguments)


def _sleep_soundly() -> None:
    while True:
        with suppress(BaseException):
            time.sleep(1e6)


FAULTS: Final[dict[str, Callable[[], object]]] = {
    "nothing": lambda: None,
    "two arguments": lambda: _raise(TwoArgumentsError("the arm", "stuck")),
    "local": lambda: _raise(LocalError()),
    "wordless": lambda: _raise(WordlessError()),
    "StopIteration": lambda: next(iter(())),
    "ValueError": lambda: np.zeros(2) + np.zeros(3),
    "KeyError": lambda: {}["goal"],
    "AssertionError": lambda: _raise(AssertionError()),
    "SystemExit": lambda: sys.exit(3),
    "OSError": lambda: open("/no/such/file"),  # noqa: PTH123, SIM115
    "gymnasium's": lambda: _raise(gym.error.ResetNeeded("reset first")),
    "waits forever": lambda: _say_here(time.sleep, 1e6),
    "hears nothing": lambda: _say_here(_sleep_soundly),
    "runs no Python": lambda: _say_here(hashlib.pbkdf2_hmac, "sha256", b"", b"", 10**9),
    "exits": lambda: os._exit(7),
    "closes files": lambda: os.closerange(3, 200),
    "leaves a thread": lambda: threading.Thread(target=time.sleep, args=(1e6,)).start(),
    "leaves a fork": lambda: get_context("fork").Process(target=time.sleep, args=(99,)).start(),
    "leaves a child": lambda: subprocess.Popen(["sleep", "99"]),  # noqa: S607
}


class Faulty(Echo):
    """Echo with a fault in one of its calls, after some episodes without.

    Parameters
    ----------
    fault : str
        A key of `FAULTS`.
    call : {"__init__", "reset", "step", "render", "close"}
        Where it is.
    after : int
        Episodes without, where it is in `reset` or `step`.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"]}  # noqa: RUF012

    def __init__(
        self,
        render_mode: str | None = None,
        fault: str = "nothing",
        call: str = "step",
        after: int = 2,
    ):
        super().__init__(render_mode)
        self._fault, self._call, self._n_left = fault, call, after
        self._fail_in("__init__")

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None):
        self._n_left -= 1
        self._fail_in("reset")
        return super().reset(seed=seed)

    def step(self, action: int):
        self._fail_in("step")
        return super().step(action)

    def render(self) -> np.ndarray:
        self._fail_in("render")
        return np.zeros((20, 20, 3), np.uint8)

    def close(self) -> None:
        self._fail_in("close")

    def _fail_in(self, call: str) -> None:
        if call == self._call and (self._n_left < 0 or call not in ("reset", "step")):
            self._call = "" if self._fault.startswith("leaves") else call  # once is enough
            FAULTS[self._fault]()


gym.register("Faulty-v0", entry_point=Faulty)
