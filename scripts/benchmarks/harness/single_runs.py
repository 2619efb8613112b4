"""The single runs behind the figures of a row, and their table with one line per seed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

UNKNOWN = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleRun:
    """One evolution from one seed.

    Parameters
    ----------
    who : str
        Name of the project in the table.
    seed : int
        Seed of the evolution.
    is_held : bool or None
        Whether the target is reached over the held-out episodes; None if there is none.
    held_out : float, optional
        Mean return over those; None if the run failed.
    wall_s : float, optional
        Wall seconds of the whole run, without the held-out episodes.
    counted_s : float, optional
        Seconds by the run's own clock, if it has one.
    n_episodes : int, optional
        Episodes played, in training and in validation.
    failure : str
        Why the run failed; empty if it did not.
    """

    who: str
    seed: int
    is_held: bool | None = False
    held_out: float | None = None
    wall_s: float | None = None
    counted_s: float | None = None
    n_episodes: int | None = None
    failure: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return all fields as JSON values."""
        return asdict(self)

    def cells(self) -> tuple[str, str, str]:
        """Return the held-out mean and whether it is enough, the seconds, and the episodes."""
        if self.failure:
            return self.failure, UNKNOWN, UNKNOWN
        held_out = UNKNOWN if self.held_out is None else _mean_text(self.held_out)
        wall_s = UNKNOWN if self.wall_s is None else f"{self.wall_s:.2f}"
        counted_s = "" if self.counted_s is None else f" ({self.counted_s:.2f})"
        n_episodes = UNKNOWN if self.n_episodes is None else f"{self.n_episodes:,}"
        verdict = " missed" if self.is_held is False else ""
        return held_out + verdict, wall_s + counted_s, n_episodes


def _mean_text(value: float) -> str:
    """Return a mean with the digits that tell: there are tasks whose best is 1."""
    return f"{value:,.1f}" if abs(value) >= 10.0 else f"{value:.3f}"


def seed_table(runs: Sequence[SingleRun]) -> tuple[list[str], list[list[str]]]:
    """Return the table of some runs: the names of the columns, and a line for each seed."""
    contenders = list(dict.fromkeys(run.who for run in runs))
    found = {(run.who, run.seed): run for run in runs}
    head = ["seed"]
    for who in contenders:
        has_clock = any(run.counted_s is not None for run in runs if run.who == who)
        head += [f"{who}: held-out mean", f"s{' (its own clock)' if has_clock else ''}", "episodes"]
    lines = []
    for seed in dict.fromkeys(run.seed for run in runs):
        line = [str(seed)]
        for who in contenders:
            run = found.get((who, seed))
            line += (UNKNOWN,) * 3 if run is None else run.cells()
        lines.append(line)
    return head, lines
