"""TensorBoard sees each generation of a run once, however often the run was resumed."""

import errno
import importlib.util
import re
import struct
from pathlib import Path

import pytest
from made_reports import generation_report, run_report

from spiking_agent.cli import evolve
from spiking_agent.evolution.reporters import tensorboard
from spiking_agent.evolution.reporters.tensorboard import SCALARS, SPEED, TensorBoardReporter
from spiking_agent.evolution.run_directory import EVENTS, RunDirectory

HAS_EXTRA = importlib.util.find_spec("tensorboardX") is not None
needs_extra = pytest.mark.skipif(not HAS_EXTRA, reason="the extra tensorboard is not installed")
TINY = ["--population", "4", "--episodes", "1"]
SMALL = ["--env", "CartPole-v1", "--no-report", "--workers", "1", *TINY]


def scalars(folder: Path) -> dict[str, dict[int, float]]:
    """Read events as TensorBoard does: file by file, forgetting what a restart purges."""
    from tensorboardX.proto import event_pb2

    found: dict[str, dict[int, float]] = {}
    for path in sorted(folder.iterdir(), key=lambda path: int(path.name.rpartition(".")[2])):
        content, at = path.read_bytes(), 0
        while at < len(content):  # a record: length, checksum, event, checksum
            (size,) = struct.unpack_from("<Q", content, at)
            event = event_pb2.Event.FromString(content[at + 12 : at + 12 + size])
            at += 12 + size + 4
            if event.HasField("session_log"):
                for steps in found.values():
                    for step in [step for step in steps if step >= event.step]:
                        del steps[step]
            for value in event.summary.value:
                found.setdefault(value.tag, {})[event.step] = value.simple_value
    return found


@needs_extra
def test_every_generation_is_a_step_with_all_its_figures(tmp_path) -> None:
    reporter = TensorBoardReporter(tmp_path / EVENTS)
    reporter.run_started(run_report())
    assert not (tmp_path / EVENTS).exists()
    for generation in range(3):
        solved = None if generation == 1 else 0.25
        best = float("nan") if generation == 2 else 3.5 + generation
        reporter.generation_evaluated(
            generation_report(generation, champion_solved=solved, best=best, held_out=None)
        )
    reporter.run_finished()
    reporter.run_finished()
    read = scalars(tmp_path / EVENTS)
    assert set(read) == {*SCALARS.values(), SPEED} - {
        SCALARS["held_out"],
        SCALARS["solved_in_trial"],
    }
    assert read["training/best"] == {0: 3.5, 1: 4.5}
    assert read["held_out/champion_solved"] == {0: 0.25, 2: 0.25}
    assert read["population/diversity"] == {0: 12.5, 1: 12.5, 2: 12.5}
    assert read[SPEED] == {0: 1500.0, 1: 1500.0, 2: 1500.0}


@needs_extra
def test_a_resumed_run_goes_on_and_forgets_what_was_never_saved(tmp_path) -> None:
    for first, last, best in ((0, 5, 1.0), (3, 7, 2.0)):
        reporter = TensorBoardReporter(tmp_path)
        for generation in range(first, last):
            reporter.generation_evaluated(generation_report(generation, best=best))
        reporter.run_finished()
    assert scalars(tmp_path)["training/best"] == {
        **dict.fromkeys(range(3), 1.0),
        **dict.fromkeys(range(3, 7), 2.0),
    }


@needs_extra
def test_the_program_writes_events_beside_its_metrics(tmp_path) -> None:
    out = str(tmp_path / "run")
    command = ["--tensorboard", "--target", "none", *SMALL]  # which would end the run sooner
    assert evolve.main([*command, "--out", out, "--generations", "2"]) == 0
    resumed = ["--tensorboard", "--no-report", "--workers", "1", "--resume", out]
    assert evolve.main([*resumed, "--generations", "5"]) == 0
    read = scalars(tmp_path / "run" / EVENTS)
    rows = RunDirectory(out).read_metrics()
    assert len(rows) == 5
    for name, tag in SCALARS.items():
        told = {int(row["generation"]): float(row[name]) for row in rows if row[name]}
        assert read.get(tag, {}) == pytest.approx(told)


@needs_extra
def test_a_disk_that_is_full_ends_the_events_and_not_the_evolution(
    tmp_path, monkeypatch, capsys
) -> None:
    from tensorboardX.record_writer import RecordWriter

    def full(writer, data) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    reporter = TensorBoardReporter(tmp_path)
    reporter.generation_evaluated(generation_report(0))
    monkeypatch.setattr(RecordWriter, "write", full)
    for generation in range(1, 4):
        reporter.generation_evaluated(generation_report(generation))
    reporter.run_finished()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("no more events in")
    assert line.endswith("No space left on device")
    assert list(scalars(tmp_path)["training/best"]) == [0]


@needs_extra
def test_events_name_no_machine_and_need_a_folder(tmp_path) -> None:
    reporter = TensorBoardReporter(tmp_path / "events")
    reporter.generation_evaluated(generation_report(0))
    reporter.run_finished()
    (path,) = (tmp_path / "events").iterdir()
    assert re.fullmatch(r"events\.out\.tfevents\.\d+", path.name)
    with pytest.raises(ValueError, match="must be a folder"):
        TensorBoardReporter(path)


def test_without_the_extra_nothing_begins(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(tensorboard, "find_spec", lambda name: None)
    out = tmp_path / "run"
    command = ["--tensorboard", *SMALL, "--generations", "1", "--out", str(out)]
    assert evolve.main(command) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "pip install 'spiking-snake[tensorboard]'" in line
    assert not out.exists()
