"""The reports of an evolution, and the protocol of reporters, which receive them."""

from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from spiking_agent.checks.arguments import able, several
from spiking_agent.evolution.config import EvolutionConfig
from spiking_agent.typing import Float64Array


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What is known before the first generation."""

    env: str
    n_neurons: int
    n_genes: int  # per genome
    config: EvolutionConfig
    workers: int
    engine: str
    generations: int | None
    seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationReport:
    """Results of one generation; fitness is a mean over its training episodes."""

    generation: int
    best: float
    median: float
    mean: float
    held_out: float | None  # mean of this generation's best over the validation episodes
    champion_held_out: float
    champion_solved: float | None  # share of the validation episodes, None if not reported
    champion_generation: int
    n_moves: int  # of all brains, in training and in validation
    n_episodes: int  # of all brains, in training and in validation
    diversity: float  # of the population, in units of strength, see `diversity`
    n_refinements: int  # refinements of the configuration that were reached
    elapsed_s: float  # of the run so far
    duration_s: float  # of this generation, validation and breeding included

    @property
    def moves_per_s(self) -> float:
        """Moves of all brains, in training and in validation, per second of this generation."""
        return float(moves_per_s(self.n_moves, self.duration_s))

    def to_row(self) -> dict[str, str]:
        """Return a row of the metrics; the columns that depend on the clock (`*_s`) come last."""
        return {name: "" if v is None else str(v) for name, v in asdict(self).items()}


def moves_per_s(n_moves: npt.ArrayLike, duration_s: npt.ArrayLike) -> Float64Array:
    """Return the moves per second of generations, whose moves and seconds are given."""
    speed: Float64Array = np.asarray(n_moves) / np.maximum(duration_s, 1e-9)
    return speed


class Reporter(Protocol):
    """Receives the reports of an evolution, which itself never prints."""

    def run_started(self, report: RunReport) -> None:
        """Report the start of a run, before kernels are compiled."""
        ...

    def generation_evaluated(self, report: GenerationReport) -> None:
        """Report a generation."""
        ...

    def run_finished(self) -> None:
        """Report the end of a run, also after an error or Ctrl-C; everything is saved."""
        ...


def checked_reporters(reporters: object) -> tuple[Reporter, ...]:
    """Return reporters as a tuple.

    Raises
    ------
    ValueError
        If they are not a list.
    TypeError
        If one lacks a method of `Reporter`.
    """
    methods = ("run_started", "generation_evaluated", "run_finished")

    def checked(name: str, value: Any) -> Reporter:
        reporter: Reporter = able(name, value, *methods)
        return reporter

    return several("reporters", reporters, checked)
