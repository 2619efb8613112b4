"""An environment of which only one can exist, as if it held a port or a robot."""

import os
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
from toy_envs import Unbounded


def is_free(place: Path) -> bool:
    """Whether nobody who lives holds a place: ports are given back when a process ends."""
    try:
        os.kill(int(place.read_text() or os.getpid()), 0)
    except (FileNotFoundError, ProcessLookupError):
        return True
    return False


class Lonely(Unbounded):
    """Refuses to be made while others are open, in whatever process; knows how many it was.

    Parameters
    ----------
    folder : str
        Holds a file for each that is open, and ``most`` says how many may be; without it, one.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"]}  # noqa: RUF012

    def __init__(self, folder: str, scale: float = 3.0, render_mode: str | None = None):
        super().__init__(render_mode, scale)
        most = Path(folder) / "most"
        for number in range(int(most.read_text()) if most.exists() else 1):
            self._place = Path(folder) / f"open-{number}"
            try:
                if is_free(self._place):
                    self._place.unlink(missing_ok=True)
                with self._place.open("x") as file:
                    file.write(str(os.getpid()))
            except FileExistsError:
                continue
            with (Path(folder) / f"made-{os.getpid()}").open("a") as file:
                file.write("x")
            return
        raise OSError("the port is in use")

    def render(self):
        return np.zeros((6, 6, 3), np.uint8)

    def close(self):
        self._place.unlink(missing_ok=True)


gym.register("Lonely-v0", entry_point=Lonely)
