"""Worker processes need nothing of the program but what it sends, and always end."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2] / "support"
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
