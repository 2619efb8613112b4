"""Ctrl-C ends in good order what listens, and what does not listen at the second time."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from toy_envs import Echo

import spiking_agent
from spiking_agent.evolution import interrupt
from spiking_agent.evolution.interrupt import CtrlC
from spiking_agent.evolution.run_directory import CHECKPOINT, LEARNING_CURVE, RunDirectory
from spiking_agent.organism.champion_file import CHAMPION

HERE = Path(__file__).parents[2] / "support"
SMALL = {"population_size": 4, "n_episodes": 1, "target": None}


def press(which: signal.Signals = signal.SIGINT) -> None:
    os.kill(os.getpid(), which)


def start(path: Path, fault: str, workers: int, *more: str) -> subprocess.Popen:
    """Evolve in an environment with a fault, by the command."""
    code = "from spiking_agent.cli.evolve import main; raise SystemExit(main())"
    where = ["--env", "faulty_envs:Faulty-v0", "--env-kwargs", f"fault={fault}", "after=8"]
    small = ["--population", "4", "--episodes", "1", "--target", "none", "--no-report"]
    how = ["--out", str(path / "run"), "--workers", str(workers)]
    return subprocess.Popen(
        [sys.executable, "-c", code, *where, *small, *how, *more],
        env={**os.environ, "PYTHONPATH": str(HERE), "FAULTY_HERE": str(path / "here")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "workers", "how"),
    [
        ("waits forever", 1, signal.SIGINT),
        ("waits forever", 2, signal.SIGINT),
        ("hears nothing", 1, signal.SIGTERM),
        ("hears nothing", 2, signal.SIGTERM),
        ("runs no Python", 1, signal.SIGTERM),
    ],
    ids=str,
)
def test_the_second_signal_ends_what_never_returns(fault, workers, how, tmp_path) -> None:
    process = start(tmp_path, fault, workers)
    deadline = time.monotonic() + 120
    while not (tmp_path / "here").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(how)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.2)  # two signals at once would count as one
    process.send_signal(how)
    _, err = process.communicate(timeout=60)  # its pipes close when the last worker has ended
    assert process.returncode == 130, err
    assert ("Stopping: saving" in err) == (fault != "runs no Python")
    assert "Traceback" not in err
    is_saved = fault == "waits forever" or workers == 2
    assert is_saved == ("Stopped" in err and "--resume" in err)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    "fault", ["leaves a thread", "leaves a child", "leaves a fork", "closes files"]
)
def test_what_an_environment_leaves_behind_keeps_no_program_from_ending(
    fault, workers, tmp_path
) -> None:
    process = start(tmp_path, fault, workers, "--generations", "12")
    out, err = process.communicate(timeout=90)  # nobody holds its pipes: the child has gone, too
    if fault == "closes files" and workers == 2:
        assert process.returncode == 2
        assert "must live until its tasks are done, but one" in err
    else:
        assert process.returncode == 0, err
        assert err == ""
        assert "The champion is in" in out


def test_only_what_is_breakable_is_broken_off_by_the_second_signal_and_once() -> None:
    pressed = []
    before = signal.getsignal(signal.SIGTERM)
    with CtrlC(lambda: pressed.append(1)) as ctrl_c:
        for which in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
            press(which)
        with pytest.raises(KeyboardInterrupt), ctrl_c.breakable():
            press(signal.SIGTERM)
        press()
        with ctrl_c.breakable():
            try:
                press()
            except KeyboardInterrupt:
                press()  # what is cleaned up is left in peace
    assert pressed == [1]
    assert ctrl_c.n_pressed == 7
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_signals_to_a_forked_child_end_it_and_do_not_count_for_the_program(monkeypatch) -> None:
    monkeypatch.setattr(interrupt, "_end_the_deaf", lambda ear, has_let_go: None)
    reader, writer = os.pipe()
    with CtrlC(lambda: None) as ctrl_c:
        for which in (signal.SIGTERM, signal.SIGINT):
            child = os.fork()
            if child == 0:
                os.write(writer, b"!")
                signal.pause()
                os._exit(0)
            os.read(reader, 1)
            os.kill(child, which)
            assert os.WTERMSIG(os.waitpid(child, 0)[1]) == which
        ctrl_c._ear.setblocking(False)
        with pytest.raises(BlockingIOError):  # nothing has arrived
            ctrl_c._ear.recv(1)
        press()
        assert ctrl_c._ear.recv(1) == bytes([signal.SIGINT])
        ctrl_c._ear.close()
    os.close(reader)
    os.close(writer)


class Presser:
    """A reporter that presses Ctrl-C after some generations."""

    def run_started(self, report) -> None: ...

    def generation_evaluated(self, report) -> None:
        if report.generation == 2:
            press()

    def run_finished(self) -> None: ...


def test_the_champion_of_a_run_that_is_kept_nowhere_comes_with_the_interruption() -> None:
    with pytest.raises(spiking_agent.Interrupted) as caught:
        spiking_agent.evolve(Echo, seconds=60, reporters=[Presser()], **SMALL)
    whole = spiking_agent.evolve(Echo, generations=3, **SMALL)
    assert caught.value.champion.to_bytes() == whole.to_bytes()
    assert isinstance(caught.value, KeyboardInterrupt)
    assert "champion" in str(caught.value)


def test_signals_while_a_run_is_saved_do_not_cut_that_short(tmp_path, monkeypatch) -> None:
    write, names = RunDirectory.write, []

    def press_and_write(self, name, content):
        names.append(name)
        press(signal.SIGTERM)
        press()
        write(self, name, content)

    monkeypatch.setattr(RunDirectory, "write", press_and_write)
    how = {"out": tmp_path / "run", "report": False}
    with pytest.raises(spiking_agent.Interrupted) as caught:
        spiking_agent.evolve("CartPole-v1", seconds=60, reporters=[Presser()], **SMALL, **how)
    monkeypatch.undo()
    assert CHAMPION in names
    assert LEARNING_CURVE not in names  # it is left out
    assert caught.value.champion is not None
    assert (tmp_path / "run" / CHECKPOINT).exists()
    resumed = spiking_agent.evolve("CartPole-v1", generations=5, resume=True, **how)
    whole = spiking_agent.evolve("CartPole-v1", generations=5, **SMALL)
    assert resumed.to_bytes() == whole.to_bytes()
    assert (tmp_path / "run" / LEARNING_CURVE).exists()


def test_a_signal_while_a_stopped_run_is_reported_still_brings_the_champion(
    tmp_path, monkeypatch
) -> None:
    from spiking_agent.report import page

    monkeypatch.setattr(page, "write_report", lambda *_, **__: press())
    with pytest.raises(spiking_agent.Interrupted) as caught:
        spiking_agent.evolve(Echo, seconds=60, reporters=[Presser()], out=tmp_path / "run", **SMALL)
    assert caught.value.champion is not None
