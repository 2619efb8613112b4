"""Evolve as a user does, in a process of its own: `python own_evolution.py SETTINGS`.

See `benchmarks.cases.evolving`; PYTHONPATH must hold `scripts`. In addition the results have
`counted_s` (by the run's own clock) and `first_report_s` (from the start of the process to the
first sign of life, null without one). Of a run that is saved, the champion is read from its file.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.cases.evolving import Settings, tell


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSettings(Settings):
    """Settings of one of our evolutions: those of all, and what is passed to `evolve`."""

    generations: int | None = None
    recipe: str | None = None
    env_kwargs: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)  # settings of `EvolutionConfig`
    held_out_kwargs: Mapping[str, Any] | None = None  # of the held-out episodes, if others
    is_saved: bool = False  # whether it is saved, with its report, in a directory
    counts_start: bool = True  # whether the limit includes the start of the process


class Tally:
    """A reporter that counts the episodes, and notes times, some of them by the run's own clock."""

    def __init__(self, passed_s: Callable[[], float]) -> None:
        self._passed_s = passed_s
        self._n_counted = 0  # of all generations that are finished
        self._n_begun = 0  # of the one in progress
        self.elapsed_s = 0.0
        self.first_report_s: float | None = None

    @property
    def n_episodes(self) -> int:
        """Number of episodes, including those of a generation that was broken off."""
        return self._n_counted + self._n_begun

    def run_started(self, report: Any) -> None:
        """Do nothing: it is no sign of life."""

    def generation_progressed(self, report: Any) -> None:
        """Note how far a generation is."""
        self._n_begun = report.n_done
        self._note(report)

    def generation_evaluated(self, report: Any) -> None:
        """Count the episodes of a generation."""
        self._n_counted, self._n_begun = self._n_counted + report.n_episodes, 0
        self._note(report)

    def run_finished(self) -> None:
        """Do nothing."""

    def _note(self, report: Any) -> None:
        self.elapsed_s = report.elapsed_s
        if self.first_report_s is None:
            self.first_report_s = self._passed_s()


def main(settings: OwnSettings) -> None:
    """Evolve, and print the results."""
    import spiking_agent

    changes = dict(settings.changes)
    if settings.target is not None:
        changes["target"] = settings.target
    tally = Tally(settings.passed_s)
    with tempfile.TemporaryDirectory() if settings.is_saved else nullcontext() as folder:
        out = None if folder is None else Path(folder) / "run"
        champion = spiking_agent.evolve(
            settings.env_id,
            seconds=max(0.01, settings.left_s()) if settings.counts_start else settings.seconds,
            generations=settings.generations,
            seed=settings.seed,
            workers=settings.workers,
            recipe=settings.recipe,
            env_kwargs=settings.env_kwargs,
            out=out,
            reporters=[tally],
            **changes,
        )
        wall_s = settings.passed_s()
        if out is not None:
            champion = spiking_agent.Organism.load(out / "champion.npz")
    first, below = settings.held_out_seeds
    held_out = spiking_agent.evaluate(
        champion,
        episodes=below - first,
        workers=settings.workers,
        env_kwargs=settings.held_out_kwargs,
    )
    tell(
        held_out=held_out.mean_return,
        wall_s=wall_s,
        n_episodes=tally.n_episodes,
        counted_s=tally.elapsed_s,
        first_report_s=tally.first_report_s,
    )


if __name__ == "__main__":
    main(OwnSettings(**json.loads(sys.argv[1])))
