"""What a console can show, and its cursor after a run."""

import io
from functools import partial

import pytest
from made_reports import generation_report, run_report
from rich.console import Console
from rich.live import Live

from spiking_agent.environments.source import EnvSource
from spiking_agent.evolution import console as module
from spiking_agent.evolution.loop import Evolution
from spiking_agent.evolution.recipes.choose import recipe
from spiking_agent.evolution.reporters.terminal import TerminalReporter

HIDE, SHOW = b"\x1b[?25l", b"\x1b[?25h"


def encoded(encoding: str, width: int = 70, **how) -> tuple[Console, io.BytesIO]:
    written = io.BytesIO()
    file = io.TextIOWrapper(written, encoding=encoding)
    environ = {"TERM": "xterm"}
    return Console(file=file, width=width, _environ=environ, color_system=None, **how), written


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp437", "cp1252", "koi8-r", "utf-8"])
@pytest.mark.parametrize("is_terminal", [True, False])
@pytest.mark.parametrize("width", [20, 70])
def test_any_encoding_shows_a_run(encoding, is_terminal, width) -> None:
    console, written = encoded(encoding, width, force_terminal=is_terminal)
    reporter = TerminalReporter(console)
    reporter.run_started(run_report(env="Schäfchen-🐑-v0", generations=3))
    for generation in range(3):
        held_out = float(generation**2)
        reporter.generation_evaluated(generation_report(generation, champion_held_out=held_out))
    reporter.run_finished()
    console.file.flush()
    text = written.getvalue().decode(encoding)
    assert "Compiling" in text
    assert written.getvalue().count(HIDE) == is_terminal
    assert written.getvalue().rfind(SHOW) >= written.getvalue().rfind(HIDE)
    if is_terminal and width == 70:
        assert ("▁▂█" in text) == (encoding == "utf-8")
        assert (".:@" in text) == (encoding != "utf-8")


def test_the_cursor_comes_back_after_an_error_in_the_display(monkeypatch) -> None:
    console, written = encoded("latin-1", force_terminal=True)
    monkeypatch.setattr(
        "spiking_agent.evolution.reporters.terminal.Live", partial(Live, auto_refresh=False)
    )
    reporter = TerminalReporter(console)
    reporter.run_started(run_report())
    monkeypatch.setattr(
        "spiking_agent.evolution.reporters.terminal.Display", lambda *_: "what latin-1 lacks: ▁"
    )
    reporter.generation_evaluated(generation_report())
    with pytest.raises(UnicodeEncodeError):
        reporter.run_finished()
    console.file.flush()
    assert written.getvalue().rfind(SHOW) > written.getvalue().rfind(HIDE) >= 0


def test_a_reporter_that_cannot_start_is_finished_all_the_same() -> None:
    class Refusing(TerminalReporter):
        def run_started(self, report):
            super().run_started(report)
            raise RuntimeError("not today")

    console, written = encoded("utf-8", force_terminal=True)
    config = recipe(EnvSource("CartPole-v1"))
    with pytest.raises(RuntimeError, match="not today"):
        Evolution(config, reporters=[Refusing(console)]).run(generations=1)
    console.file.flush()
    assert written.getvalue().rfind(SHOW) > written.getvalue().rfind(HIDE) >= 0


def test_spinners_and_bars_are_plain_where_the_encoding_is() -> None:
    plain, full = encoded("latin-1")[0], encoded("utf-8")[0]
    assert (module.spinner(plain), module.spinner(full)) == ("line", "dots")
    assert module.bars(plain).isascii()
    assert len(module.bars(plain)) == len(module.bars(full)) == len(set(module.bars(plain)))
