"""The reports of an evolution, and the protocol of reporters, which receive them."""

from dataclasses import asdict, dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from spiking_agent.checks.arguments import able, several
from spiking_agent.evolution.settings.config import EvolutionConfig
from spiking_agent.typing import Float64Array


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What is known before the first generation.

    Parameters
    ----------
    env : str
        Name of the environment.
    n_neurons : int
        Neurons of each brain.
    n_genes : int
        Genes of each genome.
    config : EvolutionConfig
        The settings.
    workers : int
        Processes that play.
    engine : str
        Name of the engine.
    generations : int or None
        Generations at which the run ends; None for no limit.
    seconds : float or None
        Seconds after which the run ends; None for no limit.
    notes : tuple of str
        How its settings were chosen, a line each.
    """

    env: str
    n_neurons: int
    n_genes: int
    config: EvolutionConfig
    workers: int
    engine: str
    generations: int | None
    seconds: float | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressReport:
    """How far a generation has come.

    Parameters
    ----------
    generation : int
        Its number, from 0.
    n_done, n_episodes : int
        Episodes that are done, and those that are to be played as far as is known: those of
        validation are added when they begin.
    elapsed_s : float
        Seconds of the run so far.
    """

    generation: int
    n_done: int
    n_episodes: int
    elapsed_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationReport:
    """Results of one generation; fitness is a mean over its training episodes.

    Parameters
    ----------
    generation : int
        Its number, from 0.
    best, median, mean : float
        Of the fitness of its genomes.
    held_out : float or None
        Mean fitness of its candidate over the validation episodes; None if it was not validated.
    champion_held_out : float
        The same for the champion of the run so far.
    champion_solved : float or None
        Share of the validation episodes that the champion solved, in [0, 1]; None if the
        environment does not report it.
    champion_generation : int
        The generation that the champion comes from.
    n_moves, n_episodes : int
        Moves and episodes of all brains, in training and in validation. Drills count, but not the
        moves that they are given.
    diversity : float
        Of the population, in units of strength, see `spiking_agent.strategies.diversity`.
    board : str
        Size of the grid that it trained on, such as "6 x 6"; empty if brains see no grid.
    solved_in_trial : float or None
        Share of the games that its candidate solved in the trial of the stage under way, in [0, 1];
        None if it trained on the environment of the run itself.
    n_refinements : int
        Refinements of the configuration that were reached.
    elapsed_s : float
        Seconds of the run so far.
    duration_s : float
        Seconds of this generation, validation and breeding included.
    """

    generation: int
    best: float
    median: float
    mean: float
    held_out: float | None
    champion_held_out: float
    champion_solved: float | None
    champion_generation: int
    n_moves: int
    n_episodes: int
    diversity: float
    board: str
    solved_in_trial: float | None
    n_refinements: int
    elapsed_s: float
    duration_s: float

    @property
    def moves_per_s(self) -> float:
        """Moves of all brains, in training and in validation, per second of this generation."""
        return float(moves_per_s(self.n_moves, self.duration_s))

    def to_row(self) -> dict[str, str]:
        """Return a row of the metrics; the columns that depend on the clock (`*_s`) come last."""
        return {name: "" if v is None else str(v) for name, v in asdict(self).items()}


def moves_per_s(n_moves: npt.ArrayLike, duration_s: npt.ArrayLike) -> Float64Array:
    """Return the moves per second of generations, whose moves and seconds are given.

    Parameters
    ----------
    n_moves : array_like
        Moves of each generation.
    duration_s : array_like of the same shape
        Seconds of each generation.

    Returns
    -------
    ndarray of float64
        Moves per second.
    """
    speed: Float64Array = np.asarray(n_moves) / np.maximum(duration_s, 1e-9)
    return speed


class Reporter(Protocol):
    """Receives the reports of an evolution, which itself never prints."""

    def run_started(self, report: RunReport) -> None:
        """Report the start of a run, before kernels are compiled.

        Parameters
        ----------
        report : RunReport
            What is about to run.
        """
        ...

    def generation_evaluated(self, report: GenerationReport) -> None:
        """Report a generation.

        Parameters
        ----------
        report : GenerationReport
            The results of the generation.
        """
        ...

    def run_finished(self) -> None:
        """Report the end of a run, also after an error or Ctrl-C; everything is saved."""
        ...


@runtime_checkable
class ProgressReporter(Protocol):
    """What a reporter may have in addition, to hear of generations that take long."""

    def generation_progressed(self, report: ProgressReport) -> None:
        """Report how far a generation has come, about every second.

        Parameters
        ----------
        report : ProgressReport
            What is done.
        """
        ...


def checked_reporters(reporters: object) -> tuple[Reporter, ...]:
    """Return reporters as a tuple.

    Parameters
    ----------
    reporters : sequence of Reporter
        The reporters.

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
