"""What tests of the programs share: a small run, and champions in files."""

import subprocess
import sys
from pathlib import Path

import pytest
from grown_organisms import grown_organism
from small_runs import ROOT, SMALL

from spiking_agent.cli import evolve


@pytest.fixture(scope="session")
def run_directory(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("programs") / "run"
    assert evolve.main(["--generations", "2", "--out", str(path), "--workers", "1", *SMALL]) == 0
    return path


@pytest.fixture
def champion(run_directory) -> str:
    return str(run_directory / "champion.npz")


@pytest.fixture(scope="session")
def grown_file(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("grown") / "grown.npz"
    grown_organism(6, 6).save(path)
    return str(path)


@pytest.fixture(scope="session")
def cycle_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("cycle") / "cycle.npz"
    script = [sys.executable, ROOT / "scripts" / "cycle_player.py", "--rows", "4", "--cols", "5"]
    subprocess.run([*script, "--out", path], check=True, timeout=120)
    return path
