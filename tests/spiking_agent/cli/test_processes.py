"""Programs as processes: help, signals, and what is left when they end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_runs import ROOT, SMALL

from spiking_agent.cli import evolve

EAGER = """
import sys
from spiking_agent.cli.evolve import main
from spiking_agent.evolution import loop
loop.CHECKPOINT_INTERVAL_S = 0.0  # after each generation
sys.exit(main())
"""


def start(
    path: Path, generations: int, *arguments: str, saves_often: bool = False
) -> subprocess.Popen:
    limits = ["--generations", str(generations), "--out", str(path), "--seed", "6"]
    program = ["-c", EAGER] if saves_often else [str(ROOT / "scripts" / "evolve.py")]
    command = [sys.executable, *program, *limits, *arguments]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


@pytest.mark.slow
@pytest.mark.parametrize("script", ["evolve", "evaluate", "report", "watch", "play"])
def test_scripts_teach_by_help(script) -> None:
    command = [sys.executable, str(ROOT / "scripts" / f"{script}.py"), "--help"]
    text = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    assert "usage:" in text
    assert len(text.splitlines()) > 12


@pytest.mark.slow
@pytest.mark.parametrize(
    "how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name
)
def test_an_interrupted_process_resumes_to_the_same_champion(how, tmp_path) -> None:
    path, whole = tmp_path / "cut", tmp_path / "whole"
    is_killed = how is signal.SIGKILL
    process = start(path, 100_000, "--workers", "1", *SMALL, saves_often=is_killed)
    deadline = time.monotonic() + 120
    while not (path / "checkpoint.npz").exists() and time.monotonic() < deadline:
        if not is_killed and (path / "config.json").exists():
            break
        time.sleep(0.01)
    process.send_signal(how)
    _, err = process.communicate(timeout=60)
    assert process.returncode == (-how if is_killed else 130), err
    metrics = path / "metrics.csv"
    n_done = len(metrics.read_text().splitlines()) if metrics.exists() else 0
    limit = ["--generations", str(n_done + 5)]
    assert evolve.main(["--no-report", "--resume", str(path), *limit]) == 0
    assert evolve.main([*limit, "--out", str(whole), "--seed", "6", *SMALL]) == 0
    for name in ("champion.npz", "checkpoint.npz"):
        assert (path / name).read_bytes() == (whole / name).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("moment", [0.1, 2.2, 4.0])  # before, while and after workers start
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=lambda how: how.name)
def test_worker_processes_end_with_the_program(how, moment, tmp_path) -> None:
    path = tmp_path / "run"
    cart_pole = ["--env", "CartPole-v1", "--target", "none", "--workers", "2"]
    process = start(path, 100_000, *cart_pole)
    deadline = time.monotonic() + 60
    while not (path / "config.json").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(moment)
    if how is signal.SIGINT:
        os.killpg(process.pid, how)  # as a terminal does: the workers hear it too
    else:
        process.send_signal(how)
    _, err = process.communicate(timeout=30)  # its pipes close when the last worker has ended
    assert process.returncode == (130 if how is signal.SIGINT else -how), err
    assert "Traceback" not in err
