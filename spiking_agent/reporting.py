"""What an evolution tells, and to whom: the terminal, or anybody who writes a Reporter."""

import io
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from spiking_agent.config import EvolutionConfig

LINE_INTERVAL_S = 5.0  # between lines where the terminal cannot redraw
BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What is known before the first generation."""

    env: str
    n_neurons: int
    n_sites: int  # synapses that could exist
    config: EvolutionConfig
    workers: int
    engine: str
    generations: int | None
    seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationReport:
    """What became of one generation; fitness is a mean over its training episodes."""

    generation: int
    best: float
    median: float
    mean: float
    held_out: float | None  # mean of this generation's best over the validation episodes
    champion_held_out: float
    champion_solved: float | None  # share of the validation episodes, None if the env is silent
    champion_generation: int
    n_moves: int  # played in training
    diversity: float  # of the population, in units of strength, see `diversity`
    n_refinements: int  # of the configuration that were in force
    elapsed_s: float  # of the run so far
    duration_s: float  # of this generation

    def to_row(self) -> dict[str, str]:
        """One row of the metrics; what depends on the clock (`*_s`) comes last."""
        return {name: "" if v is None else str(v) for name, v in asdict(self).items()}


class Reporter(Protocol):
    """Somebody who is told what happens; an evolution itself never prints."""

    def run_started(self, report: RunReport) -> None:
        """Hear that compiling begins, then the first generation."""
        ...

    def generation_evaluated(self, report: GenerationReport) -> None:
        """Hear what became of a generation."""
        ...

    def run_finished(self) -> None:
        """Hear that everything is saved, after an error or Ctrl-C too."""
        ...


class TerminalReporter:
    """A live display; plain lines where the output is no terminal.

    Parameters
    ----------
    console : rich.console.Console, optional
        Where to write.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = Console() if console is None else console
        self._run: RunReport | None = None
        self._live: Live | None = None
        self._history: list[float] = []
        self._line_at_s = -math.inf
        self._unsaid: GenerationReport | None = None

    def run_started(self, report: RunReport) -> None:
        """Say what is about to run."""
        self._run = report
        self._history = []
        config = report.config
        self._console.print(
            f"[bold]{escape(report.env)}[/]: {config.genetic.population_size} brains of "
            f"{report.n_neurons} neurons and up to {report.n_sites} synapses, "
            f"{config.n_episodes} episodes each, seed {config.seed}, "
            f"{report.workers} workers, {report.engine} engine"
        )
        self._console.print("Compiling, or loading what is compiled already ...")
        if self._console.is_terminal:
            self._live = Live(console=self._console, refresh_per_second=8, transient=False)
            self._live.start()

    def generation_evaluated(self, report: GenerationReport) -> None:
        """Bring the display up to date."""
        self._history.append(report.champion_held_out)
        if self._live is not None:
            self._live.update(self._panel(report))
            return
        self._unsaid = report
        if time.monotonic() - self._line_at_s >= LINE_INTERVAL_S:
            self._say()

    def run_finished(self) -> None:
        """Leave the last display standing, or say the last line."""
        if self._live is not None:
            self._live.stop()
            self._live = None
        self._say()

    def _say(self) -> None:
        """Print the newest generation as a line, unless that was done."""
        if self._unsaid is not None:
            self._line_at_s = time.monotonic()
            self._console.print(_line(self._unsaid), highlight=False, soft_wrap=True)
            self._unsaid = None

    def _panel(self, report: GenerationReport) -> RenderableType:
        table = Table.grid(padding=(0, 3))
        solved = report.champion_solved
        for left, right in (
            (("generation", str(report.generation)), ("moves/s", _speed(report))),
            (("best", f"{report.best:.2f}"), ("median", f"{report.median:.2f}")),
            (
                ("held-out mean", f"{report.champion_held_out:.2f}"),
                ("solved", "-" if solved is None else f"{solved:.1%}"),
            ),
            (("elapsed", _clock(report.elapsed_s)), ("left", self._left(report))),
        ):
            table.add_row(
                Text(left[0], "dim"), Text(left[1], "bold"), Text(right[0], "dim"), Text(right[1])
            )
        bar = ProgressBar(total=1.0, completed=self._progress(report), width=60)
        return Group(table, Text(sparkline(self._history, 60), "green"), bar)

    def _progress(self, report: GenerationReport) -> float:
        """Share of the run that is done, by the limit that comes first."""
        if self._run is None:
            return 0.0
        shares = [0.0]
        if self._run.generations:
            shares.append((report.generation + 1) / self._run.generations)
        if self._run.seconds:
            shares.append(report.elapsed_s / self._run.seconds)
        return min(1.0, max(shares))

    def _left(self, report: GenerationReport) -> str:
        progress = self._progress(report)
        if self._run is None or progress == 0.0:
            return "-"
        spent_s = report.elapsed_s
        return _clock(max(0.0, spent_s / progress - spent_s))


def sparkline(values: Sequence[float], width: int) -> str:
    """Draw values as a line of bars, the newest at the right end; a gap where one is not finite."""
    step = max(1, -(-len(values) // width))
    shown = list(values)[::-step][::-1]
    finite = [value for value in shown if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    span = (high - low) or 1.0
    return "".join(
        BARS[int((value - low) / span * (len(BARS) - 1))] if math.isfinite(value) else " "
        for value in shown
    )


def learning_curve(rows: Sequence[dict[str, str]]) -> bytes:
    """Draw the metrics of a run as a PNG: training, champion, share solved."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.add_subplot()
    generations = [int(row["generation"]) for row in rows]
    for name, label, colour in (
        ("median", "median of the generation (training)", "#999999"),
        ("best", "best of the generation (training)", "#56b4e9"),
        ("champion_held_out", "champion (held out)", "#d55e00"),
    ):
        values = [float(row[name]) for row in rows]
        axes.plot(generations, values, label=label, color=colour, linewidth=1.4)
    axes.set(xlabel="generation", ylabel="mean fitness of an episode")
    axes.grid(alpha=0.3)
    lines, labels = axes.get_legend_handles_labels()
    if any(row["champion_solved"] for row in rows):
        right = axes.twinx()
        shares = [100 * float(row["champion_solved"] or "nan") for row in rows]
        right.plot(generations, shares, "--", color="#009e73", label="solved (held out)")
        right.set(ylabel="share of episodes solved [%]", ylim=(0, 105))
        more_lines, more_labels = right.get_legend_handles_labels()
        lines, labels = lines + more_lines, labels + more_labels
    axes.legend(lines, labels, loc="upper left")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return buffer.getvalue()


def _line(report: GenerationReport) -> str:
    solved = report.champion_solved
    return (
        f"generation {report.generation:5d}  best {report.best:8.2f}  median {report.median:8.2f}"
        f"  held-out mean {report.champion_held_out:8.2f}"
        + ("" if solved is None else f"  solved {solved:6.1%}")
        + f"  {_speed(report)} moves/s  {_clock(report.elapsed_s)}"
    )


def _speed(report: GenerationReport) -> str:
    speed = report.n_moves / max(report.duration_s, 1e-9)
    return f"{speed / 1e6:.2f} M" if speed >= 1e5 else f"{speed:,.0f}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return (
        f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
        if minutes >= 60
        else f"{minutes}:{rest:02d}"
    )
