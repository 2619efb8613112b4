"""Worker processes need nothing of the program but what it sends, and always end."""

import os
import subprocess
import sys
from multiprocessing import spawn
from pathlib import Path

import pytest

from spiking_agent.episodes.workers.jobs import close_players
from spiking_agent.episodes.workers.pool import WorkerPool
from spiking_agent.errors import WorkerDiedError

HERE = Path(__file__).parents[3] / "support"
PROGRAM = """
import gymnasium as gym
import spiking_agent
from toy_envs import Echo

class Mine(Echo):
    pass

def wrapped(render_mode=None):
    return gym.wrappers.TimeLimit(gym.make("ByHand-v0", render_mode=render_mode), 4)

gym.register("ByHand-v0", entry_point=Mine)
gym.register("ByName-v0", entry_point="__main__:Mine")
gym.register("Nowhere-v0", entry_point="__main__:NotYetThere")
gym.register("Unused-v0", entry_point="unused_package:Unused")
print("begins")
for env in (Mine, "ByHand-v0", "ByName-v0", wrapped, "faulty_envs:Faulty-v0"):
    champions = [
        spiking_agent.evolve(env, generations=1, population_size=4, target=None, workers=n)
        for n in (1, 2)
    ]
    strengths = [champion.connectome.connectivity.tobytes() for champion in champions]
    print(strengths[0] == strengths[1])
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", ["script", "standard input"])
def test_no_program_needs_a_guard_and_each_may_bring_its_own_environments(how, tmp_path) -> None:
    (tmp_path / "unguarded.py").write_text(PROGRAM)
    (tmp_path / "unused_package.py").write_text("print('imported')\n")
    arguments = {"script": ["unguarded.py"], "standard input": ["-"]}[how]
    result = subprocess.run(
        [sys.executable, *arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(HERE)},
        input=PROGRAM if how == "standard input" else "",
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.stderr == ""
    assert result.stdout.split() == ["begins", *["True"] * 5]


@pytest.mark.parametrize("is_there", [True, False])
def test_an_interpreter_that_this_user_may_not_run_is_named_before_anything_starts(
    is_there, tmp_path, monkeypatch
) -> None:
    python = tmp_path / "python"
    if is_there:
        python.write_text("not a program")
    monkeypatch.setattr(spawn, "get_executable", lambda: os.fsencode(python))
    with pytest.raises(WorkerDiedError) as caught:
        WorkerPool(2, close_players)
    assert str(caught.value) == (
        "worker processes must be started by a Python interpreter that this user may run, got "
        f"{str(python)!r} (there is no such file that this user may run): workers=1 (--workers 1) "
        "needs none"
    )


ENDS_AT_ONCE = """
import multiprocessing, sys
from spiking_agent.cli import evaluate

multiprocessing.set_executable(sys.argv[1])
code = evaluate.main(["senses", "--episodes", "2", "--workers", "2"])
print(code)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="the interpreter is a shell script")
@pytest.mark.parametrize("command", ["exit 3", "sleep 1; exit 3"], ids=["at once", "late"])
def test_an_interpreter_that_ends_instead_of_working_is_named(command, tmp_path) -> None:
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{command}\n")
    python.chmod(0o755)
    result = subprocess.run(
        [sys.executable, "-c", ENDS_AT_ONCE, str(python)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.stdout.split() == ["2"], result.stderr
    assert "error: worker processes must be started by a Python interpreter" in result.stderr
    assert f"got {str(python)!r} (it ended" in result.stderr
    assert "(--workers 1)" in result.stderr
