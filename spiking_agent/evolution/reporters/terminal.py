"""An evolution in the terminal: a live display, or plain lines where it cannot be redrawn."""

import math
import time
from collections.abc import Sequence
from typing import Final

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from spiking_agent.checks.words import counted
from spiking_agent.evolution.console import BLOCKS, bars, show_cursor, showable
from spiking_agent.evolution.reporters.protocol import GenerationReport, ProgressReport, RunReport

LINE_INTERVAL_S = 5.0  # between lines where the terminal cannot redraw
FIRST_WORD_S: Final = 3.0  # of silence, before the first line on a generation under way
NEXT_WORD_S: Final = 10.0  # the same, before any other
WIDEST: Final = 100  # columns: wider lines are hard to read
TWO_PAIRS: Final = 60  # columns needed to show two figures side by side
THREE_PAIRS: Final = 84


class TerminalReporter:
    """Shows a live display, or prints plain lines if the output is not a terminal.

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
        self._next_word_s = -math.inf
        self._newest: GenerationReport | None = None
        self._unsaid: GenerationReport | None = None

    def run_started(self, report: RunReport) -> None:
        """Print what is about to run.

        Parameters
        ----------
        report : RunReport
            What is about to run.
        """
        self._run = report
        self._history, self._newest = [], None
        self._next_word_s = time.monotonic() + FIRST_WORD_S
        config, env = report.config, escape(showable(self._console, report.env))
        self._console.print(
            f"[bold]{env}[/]: {counted(config.population_size, 'brain')} of "
            f"{counted(report.n_neurons, 'neuron')} out of "
            f"{counted(report.n_genes, 'gene')}, "
            f"{counted(config.training.n_episodes, 'episode')} each, seed {config.seed}, "
            f"{counted(report.workers, 'worker')}, {report.engine} engine"
        )
        for note in report.notes:
            self._console.print(escape(note), highlight=False, soft_wrap=True)
        self._console.print("Compiling, or loading what is compiled already ...")
        if self._console.is_terminal and not self._console.is_dumb_terminal:
            self._live = Live(console=self._console, refresh_per_second=8, transient=False)
            self._live.start()

    def generation_evaluated(self, report: GenerationReport) -> None:
        """Update the display.

        Parameters
        ----------
        report : GenerationReport
            The results of the generation.
        """
        self._history.append(report.champion_held_out)
        self._newest = report
        if self._live is not None and self._run is not None:
            self._live.update(Display(self._run, report, self._history))
            return
        self._unsaid = report
        if time.monotonic() - self._line_at_s >= LINE_INTERVAL_S:
            self._say()

    def generation_progressed(self, report: ProgressReport) -> None:
        """Show how many episodes of a generation under way are done.

        Parameters
        ----------
        report : ProgressReport
            What is done.
        """
        line = (
            f"generation {report.generation:5d}  {report.n_done:,} of "
            f"{counted(report.n_episodes, 'episode')}  {clock(report.elapsed_s)}"
        )
        if self._live is not None and self._run is not None:
            under_way, newest = Text(line, "dim", no_wrap=True, overflow="crop"), self._newest
            if newest is None:
                self._live.update(under_way)
            else:
                self._live.update(Group(Display(self._run, newest, self._history), under_way))
        elif time.monotonic() >= self._next_word_s:
            self._say()
            self._next_word_s = time.monotonic() + NEXT_WORD_S
            self._console.print(line, highlight=False, soft_wrap=True)

    def run_finished(self) -> None:
        """Leave the last display on the screen, or print the last line."""
        live, self._live = self._live, None
        if live is not None:
            try:
                live.stop()
            finally:
                show_cursor(self._console)
        self._say()

    def _say(self) -> None:
        """Print the newest generation as a line, unless it was printed before."""
        if self._unsaid is not None:
            self._line_at_s = time.monotonic()
            self._next_word_s = self._line_at_s + NEXT_WORD_S
            self._console.print(_line(self._unsaid), highlight=False, soft_wrap=True)
            self._unsaid = None


class Display:
    """A run at a glance, as wide as the console.

    Parameters
    ----------
    run : RunReport
        The run.
    report : GenerationReport
        The newest generation.
    history : sequence of float
        The champion's held-out mean, one entry per generation.
    """

    def __init__(self, run: RunReport, report: GenerationReport, history: Sequence[float]) -> None:
        self._run, self._report, self._history = run, report, history

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = min(options.max_width, WIDEST)
        hint = Text(
            "Ctrl-C saves and stops; --resume goes on", "dim", no_wrap=True, overflow="crop"
        )
        curve = self._curve(width, bars(console))
        yield Group(self._figures(width), curve, self._bar(width), hint)

    def _figures(self, width: int) -> Table:
        report = self._report
        solved = report.champion_solved
        n_refinements = len(self._run.config.training.refinements)
        figures = [
            ("generation", f"{report.generation:,}"),
            ("champion of", f"{report.champion_generation:,}"),
            ("held-out mean", f"{report.champion_held_out:,.2f}"),
            ("solved", "-" if solved is None else f"{solved:.1%}"),
            ("best", f"{report.best:,.2f}"),
            ("median", f"{report.median:,.2f}"),
            ("diversity", f"{report.diversity:.2f}"),
            ("moves/s", speed(report)),
        ]
        if self._run.config.validation.target is not None:
            figures.append(("target", f"{self._run.config.validation.target:,g}"))
        if report.board:
            figures.append(("board", _board(report)))
        if n_refinements:
            figures.append(("refinement", f"{report.n_refinements} of {n_refinements}"))
        n_pairs = 3 if width >= THREE_PAIRS else 2 if width >= TWO_PAIRS else 1
        table = Table.grid(padding=(0, 2), expand=False)
        for _ in range(n_pairs):
            table.add_column(no_wrap=True, overflow="crop", style="dim")
            least = 0 if n_pairs == 1 else 12
            table.add_column(no_wrap=True, overflow="crop", min_width=least)
        for first in range(0, len(figures), n_pairs):
            cells: list[RenderableType] = []
            for name, value in figures[first : first + n_pairs]:
                style = "bold" if name in ("held-out mean", "solved") else ""
                cells += [Text(name), Text(value, style)]
            table.add_row(*cells)
        return table

    def _curve(self, width: int, bars: str) -> Text:
        """Draw the held-out mean of the whole run between its least and its greatest value."""
        finite = [value for value in self._history if math.isfinite(value)]
        if not finite:
            return Text("-", "dim")
        low, high = f"{min(finite):,.2f} ", f" {max(finite):,.2f}"
        line = sparkline(self._history, max(1, width - len(low) - len(high)), bars)
        parts = (low, "dim"), (line, "green"), (high, "dim")
        return Text.assemble(*parts, no_wrap=True, overflow="crop")

    def _bar(self, width: int) -> Table:
        """Draw a progress bar, between the time that has passed and the time that is left."""
        done, elapsed_s = progress(self._run, self._report), self._report.elapsed_s
        before = clock(elapsed_s)
        left = "-" if done == 0.0 else clock(max(0.0, elapsed_s / done - elapsed_s))
        after = f"{left} left"
        bar = ProgressBar(total=1.0, completed=done, width=max(1, width - len(before + after) - 2))
        table = Table.grid(padding=(0, 1))
        table.add_row(before, bar, after)
        return table


def progress(run: RunReport, report: GenerationReport) -> float:
    """Return the share of a run that is done, by the limit that is reached first.

    Parameters
    ----------
    run : RunReport
        The run, with its limits.
    report : GenerationReport
        Its newest generation.

    Returns
    -------
    float
        In [0, 1].
    """
    shares = [0.0]
    if run.generations:
        shares.append((report.generation + 1) / run.generations)
    if run.seconds:
        shares.append(report.elapsed_s / run.seconds)
    return min(1.0, max(shares))


def sparkline(values: Sequence[float], width: int, bars: str = BLOCKS) -> str:
    """Return values as a line of bars, the newest on the right; a gap if one is not finite.

    Parameters
    ----------
    values : sequence of float
        The values; some are left out if there are more than `width`.
    width : int
        Characters at most, >= 1.
    bars : str
        Characters of growing height.
    """
    n_shown = min(len(values), width)
    shown = [values[(i + 1) * len(values) // n_shown - 1] for i in range(n_shown)]
    finite = [value for value in shown if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    span = (high - low) or 1.0
    return "".join(
        bars[int((value - low) / span * (len(bars) - 1))] if math.isfinite(value) else " "
        for value in shown
    )


def speed(report: GenerationReport) -> str:
    """Return the moves per second of a generation as text.

    Parameters
    ----------
    report : GenerationReport
        The generation.
    """
    moves = report.moves_per_s
    return f"{moves / 1e6:.2f} M" if moves >= 1e5 else f"{moves:,.0f}"


def clock(seconds: float) -> str:
    """Return a time as minutes and seconds, with hours if needed.

    Parameters
    ----------
    seconds : float
        The time in seconds, >= 0.
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _board(report: GenerationReport) -> str:
    """Return the size of the board, and the share of it that was solved in the trial."""
    share = report.solved_in_trial
    return report.board if share is None else f"{report.board} ({share:.0%} solved)"


def _line(report: GenerationReport) -> str:
    solved = report.champion_solved
    return (
        f"generation {report.generation:5d}"
        + (f"  board {_board(report)}" if report.board else "")
        + f"  best {report.best:8.2f}  median {report.median:8.2f}"
        f"  held-out mean {report.champion_held_out:8.2f}"
        + ("" if solved is None else f"  solved {solved:6.1%}")
        + f"  diversity {report.diversity:6.2f}"
        + f"  {speed(report)} moves/s  {clock(report.elapsed_s)}"
    )
