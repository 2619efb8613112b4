"""What the programs share that evolve for a task, each in a process of its own.

Their only argument is their settings as a JSON object. The clock starts with the process: the
parent notes when it starts one, and monotonic clocks are the same in all processes. What a program
prints last is JSON: `held_out` (mean return), `wall_s` (from the start of the process to the end of
the evolution, imports included), `n_episodes` (training and validation), and what else it knows.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of an evolution; ranges of seeds are given as (from, below)."""

    env_id: str
    target: float | None  # mean return that validation must exceed to end it
    seconds: float  # since the start of the process, after which no generation is started
    started_s: float  # when that was
    seed: int
    workers: int
    held_out_seeds: Sequence[int]

    def passed_s(self) -> float:
        """Return the seconds since the process was started."""
        return time.monotonic() - self.started_s

    def left_s(self) -> float:
        """Return the seconds that are left."""
        return self.seconds - self.passed_s()


def tell(*, held_out: float, wall_s: float, n_episodes: int, **others: Any) -> None:
    """Print the results for the parent."""
    result = {"held_out": held_out, "wall_s": wall_s, "n_episodes": n_episodes, **others}
    print(json.dumps(result))
