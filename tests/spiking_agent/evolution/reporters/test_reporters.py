"""What an evolution tells."""

import io
from typing import Any

import numpy as np
import pytest
from made_reports import generation_report, run_report
from PIL import Image
from rich.console import Console

from spiking_agent.evolution.console import BLOCKS
from spiking_agent.evolution.reporters import terminal as terminal_module
from spiking_agent.evolution.reporters.learning_curve import learning_curve
from spiking_agent.evolution.reporters.protocol import ProgressReport, Reporter, moves_per_s
from spiking_agent.evolution.reporters.terminal import Display, TerminalReporter, sparkline
from spiking_agent.evolution.settings.config import EvolutionConfig, Refinement


class Terminal:
    """A reporter and the text that it writes."""

    def __init__(self, is_terminal: bool = False, kind: str = "xterm") -> None:
        self._file = io.StringIO()
        console = Console(
            file=self._file,
            force_terminal=is_terminal,
            width=200,
            color_system=None,
            _environ={"TERM": kind},
        )
        self.reporter: Reporter = TerminalReporter(console)

    @property
    def text(self) -> str:
        return self._file.getvalue()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that shows the number in this list; it has just been started."""
    now = [0.1]
    monkeypatch.setattr(terminal_module.time, "monotonic", lambda: now[0])
    return now


def test_a_run_says_what_it_is_about_to_do() -> None:
    terminal = Terminal()
    terminal.reporter.run_started(run_report(env="Some-v0[/odd]"))
    assert "Some-v0[/odd]: 400 brains of 12 neurons out of 34 genes" in terminal.text
    assert "6 episodes each, seed 5, 2 workers, compiled engine" in terminal.text


def test_lines_are_written_at_once_and_then_at_intervals(clock: list[float]) -> None:
    terminal = Terminal()
    terminal.reporter.run_started(run_report())
    for generation in range(12):
        terminal.reporter.generation_evaluated(generation_report(generation))
        clock[0] += 1.0
    terminal.reporter.run_finished()
    lines = [line for line in terminal.text.splitlines() if line.startswith("generation")]
    assert [int(line.split()[1]) for line in lines] == [0, 5, 10, 11]  # the last one in any case


def progress_report(n_done: int = 3, **changes: Any) -> ProgressReport:
    fields: dict[str, Any] = {"generation": 0, "n_done": n_done, "n_episodes": 20, "elapsed_s": 7.0}
    return ProgressReport(**{**fields, **changes})


def test_a_long_generation_is_heard_of_after_three_seconds_and_then_every_ten(clock) -> None:
    terminal = Terminal()
    terminal.reporter.run_started(run_report())
    for n_done in range(30):
        terminal.reporter.generation_progressed(progress_report(n_done))
        clock[0] += 1.0
    lines = [line for line in terminal.text.splitlines() if line.startswith("generation")]
    assert lines == [f"generation     0  {n} of 20 episodes  0:07" for n in (3, 13, 23)]


def test_after_a_generation_ten_seconds_pass_before_the_next_is_heard_of(clock) -> None:
    terminal = Terminal()
    terminal.reporter.run_started(run_report())
    terminal.reporter.generation_evaluated(generation_report(0))
    for n_done in range(12):
        clock[0] += 1.0
        terminal.reporter.generation_progressed(progress_report(n_done, generation=1))
    lines = [line for line in terminal.text.splitlines() if line.startswith("generation")]
    assert len(lines) == 2
    assert lines[1] == "generation     1  9 of 20 episodes  0:07"


def test_lines_keep_their_order_where_a_generation_is_under_way(clock) -> None:
    terminal = Terminal()
    terminal.reporter.run_started(run_report())
    for generation in (0, 1):
        terminal.reporter.generation_evaluated(generation_report(generation))
    clock[0] += 20.0
    terminal.reporter.generation_progressed(progress_report(generation=2))
    lines = [line for line in terminal.text.splitlines() if line.startswith("generation")]
    assert [int(line.split()[1]) for line in lines] == [0, 1, 2]


def test_a_terminal_shows_the_generation_under_way_beside_the_newest() -> None:
    terminal = Terminal(is_terminal=True)
    terminal.reporter.run_started(run_report())
    terminal.reporter.generation_progressed(progress_report())
    terminal.reporter.generation_evaluated(generation_report(0))
    terminal.reporter.generation_progressed(progress_report(8, generation=1))
    terminal.reporter.run_finished()
    assert "generation     1  8 of 20 episodes  0:07" in terminal.text
    assert "held-out mean" in terminal.text


def test_settings_that_were_chosen_are_said_with_the_reason() -> None:
    terminal = Terminal()
    terminal.reporter.run_started(
        run_report(notes=("Recipe", "A move takes 50 ms: n_episodes 1 [of 6]"))
    )
    assert "\nA move takes 50 ms: n_episodes 1 [of 6]\n" in terminal.text
    plain = Terminal()
    plain.reporter.run_started(run_report())
    assert "\n\n" not in plain.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {},
            "generation     0  best     3.50  median     1.25  held-out mean     3.25"
            "  diversity  12.50  1,500 moves/s",
        ),
        ({"champion_solved": 0.125}, "solved  12.5%"),
        ({"n_moves": 5_000_000}, "2.50 M moves/s"),
        ({"duration_s": 0.0, "n_moves": 0}, "  0 moves/s"),
        ({"elapsed_s": 65.4}, "  1:05"),
        ({"elapsed_s": 59.7}, "  1:00"),
        ({"elapsed_s": 3_600.0}, "  1:00:00"),
        ({"elapsed_s": 7_384.0}, "  2:03:04"),
    ],
)
def test_a_line_says_it_in_words(changes: dict[str, Any], words: str) -> None:
    terminal = Terminal()
    terminal.reporter.generation_evaluated(generation_report(**changes))
    assert words in terminal.text


@pytest.mark.parametrize(
    ("limits", "generation", "elapsed_s", "left"),
    [
        ({"generations": 10, "seconds": None}, 1, 20.0, "1:20"),
        ({"generations": None, "seconds": 100.0}, 1, 20.0, "1:20"),
        ({"generations": 1000, "seconds": 60.0}, 1, 20.0, "0:40"),
        ({"generations": 2, "seconds": 60.0}, 1, 20.0, "0:00"),
        ({"generations": None, "seconds": 10.0}, 1, 20.0, "0:00"),
        ({"generations": None, "seconds": None}, 1, 20.0, "-"),
    ],
)
def test_a_terminal_shows_the_time_left_by_the_limit_that_comes_first(
    limits: dict[str, Any], generation: int, elapsed_s: float, left: str
) -> None:
    terminal = Terminal(is_terminal=True)
    terminal.reporter.run_started(run_report(**limits))
    report = generation_report(generation, elapsed_s=elapsed_s, champion_solved=0.5)
    terminal.reporter.generation_evaluated(report)
    terminal.reporter.run_finished()
    last = terminal.text[terminal.text.rindex("generation") :]
    assert last[: last.rindex(" left")].split()[-1] == left
    assert "50.0%" in last
    assert "1,500" in last


@pytest.mark.parametrize("is_terminal", [True, False])
def test_the_board_of_a_generation_is_shown_and_how_much_of_it_is_solved(is_terminal) -> None:
    terminal = Terminal(is_terminal=is_terminal)
    terminal.reporter.run_started(run_report())
    terminal.reporter.generation_evaluated(generation_report(3, board="6 x 6", solved_in_trial=0.4))
    terminal.reporter.run_finished()
    assert "6 x 6 (40% solved)" in terminal.text


REFINED = EvolutionConfig.of(
    refinements=(
        Refinement(from_solved=0.5, n_episodes=6),
        Refinement(from_solved=0.9, n_episodes=6),
    )
)


def shown(width: int, n_generations: int = 200, **changes: Any) -> list[str]:
    """Lines of a display in a terminal of a width."""
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    history = [float(i) for i in range(n_generations)]
    report = generation_report(n_generations - 1, champion_held_out=history[-1], **changes)
    console.print(Display(run_report(config=REFINED, generations=400), report, history))
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [30, 40, 59, 60, 80, 84, 100, 250])
def test_a_display_fits_its_terminal_and_tells_everything(width: int) -> None:
    lines = shown(width, champion_solved=0.5, n_refinements=1, champion_generation=150)
    assert max(map(len, lines)) <= min(width, 100)
    text = " ".join(" ".join(lines).split())
    for words in (
        "generation 199",
        "champion of 150",
        "held-out mean 199.00",
        "solved 50.0%",
        "best 3.50",
        "median 1.25",
        "diversity 12.50",
        "moves/s 1,500",
        "refinement 1 of 2",
        "1:05 left",
        "Ctrl-C saves and stops",
    ):
        assert words in text
    curve = next(line for line in lines if set(line) & set(BLOCKS))
    assert curve.startswith("0.00 ▁")
    assert curve.rstrip().endswith("█ 199.00")
    assert len(curve.rstrip()) == min(width, 100)  # a long run uses the whole width


def test_a_display_bears_a_run_without_numbers_or_refinements() -> None:
    console = Console(file=io.StringIO(), width=80, color_system=None)
    console.print(Display(run_report(), generation_report(best=np.nan), [np.nan]))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "refinement" not in text
    assert "nan" in text


def test_a_terminal_that_cannot_be_drawn_on_gets_lines() -> None:
    terminal = Terminal(is_terminal=True, kind="dumb")
    terminal.reporter.run_started(run_report())
    terminal.reporter.generation_evaluated(generation_report())
    assert "best     3.50" in terminal.text


def test_a_terminal_that_missed_the_start_still_shows_lines() -> None:
    terminal = Terminal(is_terminal=True)
    terminal.reporter.generation_evaluated(generation_report())
    terminal.reporter.run_finished()
    assert "best     3.50" in terminal.text


def test_the_cursor_is_given_back_and_finishing_twice_is_safe() -> None:
    terminal = Terminal(is_terminal=True)
    terminal.reporter.run_started(run_report())
    terminal.reporter.run_finished()
    terminal.reporter.run_finished()
    assert terminal.text.rindex("\x1b[?25h") > terminal.text.rindex("\x1b[?25l")


def test_the_curve_of_a_second_run_begins_anew() -> None:
    terminal = Terminal(is_terminal=True)
    for values in ([1.0, 2.0, 3.0], [5.0]):
        terminal.reporter.run_started(run_report())
        for value in values:
            terminal.reporter.generation_evaluated(generation_report(champion_held_out=value))
        terminal.reporter.run_finished()
    curves = [line.split() for line in terminal.text.splitlines() if set(line) & set(BLOCKS)]
    assert ["1.00", "▁▄█", "3.00"] in curves
    assert curves[-1] == ["5.00", "▁", "5.00"]


@pytest.mark.parametrize(
    ("values", "bars"),
    [
        ([], ""),
        ([4.0], "▁"),
        ([4.0, 4.0], "▁▁"),
        ([0.0, 1.0, 3.5, 7.0], "▁▂▄█"),
        ([-1.0, -8.0], "█▁"),
        ([0.0, np.nan, np.inf, 7.0, -np.inf], "▁  █ "),
        ([np.nan], " "),
    ],
)
def test_sparklines_go_from_the_lowest_to_the_highest(values: list[float], bars: str) -> None:
    assert sparkline(values, 10) == bars


@pytest.mark.parametrize(("length", "shown"), [(59, 59), (60, 60), (61, 60), (200, 60)])
def test_long_sparklines_are_thinned_out_and_end_with_the_newest(length: int, shown: int) -> None:
    values = [0.0] * (length - 1) + [1.0]
    line = sparkline(values, 60)
    assert len(line) == shown
    assert line[-1] == BLOCKS[-1]


def test_rows_keep_numbers_exactly_and_put_the_clock_last() -> None:
    row = generation_report(best=0.1 + 0.2, held_out=None).to_row()
    assert float(row["best"]) == 0.1 + 0.2
    assert row["held_out"] == row["champion_solved"] == ""
    names = list(row)
    assert [name for name in names if name.endswith("_s")] == names[-2:]


def decoded(png: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(png)) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB")).astype(int)


def has_colour(png: bytes, colour: str) -> bool:
    rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return bool((np.abs(decoded(png) - rgb).sum(axis=2) < 30).any())


CHAMPION, SOLVED = "#d55e00", "#009e73"


def test_the_learning_curve_shows_what_there_is() -> None:
    rows = [generation_report(g, champion_held_out=g * g).to_row() for g in range(5)]
    png = learning_curve(rows)
    assert decoded(png).shape[:2] == (495, 880)
    assert has_colour(png, CHAMPION)
    assert not has_colour(png, SOLVED)
    assert learning_curve(rows) == png


@pytest.mark.parametrize("shares", [[0.1, 0.5, 1.0], [None, 0.5, 1.0], [0.1, 0.5, None]])
def test_the_learning_curve_shows_the_share_solved_where_it_is_known(
    shares: list[float | None],
) -> None:
    rows = [generation_report(g, champion_solved=share).to_row() for g, share in enumerate(shares)]
    assert has_colour(learning_curve(rows), SOLVED)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_the_learning_curve_bears_what_is_no_number(value: float) -> None:
    rows = [generation_report(g, best=value if g else 1.0).to_row() for g in range(3)]
    assert has_colour(learning_curve(rows), CHAMPION)


def test_a_run_without_a_generation_has_an_empty_curve() -> None:
    assert decoded(learning_curve([])).shape[:2] == (495, 880)


def test_moves_per_second_are_one_figure_for_a_report_and_for_columns_of_metrics() -> None:
    report = generation_report(n_moves=3_000, duration_s=2.0)
    assert report.moves_per_s == 1_500.0
    assert moves_per_s([3_000, 0], [2.0, 0.0]).tolist() == [1_500.0, 0.0]
    assert "moves_per_s" not in report.to_row()
