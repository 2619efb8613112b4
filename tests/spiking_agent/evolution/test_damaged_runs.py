"""Whatever happens to the files of a run, going on is refused in words, or gives the same results.

Damage is done by chance, from fixed seeds: to bytes, to values of JSON, to cells of the table and
to arrays, with seals that tell of it, or forged ones that do not.
"""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from damaged_runs import damage
from toy_envs import Echo

import spiking_agent
from spiking_agent.environments.source import PLAY_ERRORS
from spiking_agent.evolution.run_directory import CHECKPOINT, METRICS, RunDirectory
from spiking_agent.organism.champion_file import CHAMPION
from spiking_agent.report.page import make_report

N_CASES = 75
N_REPORTS = 8  # each takes half a second and more
SMALL = {"population_size": 6, "n_episodes": 1, "n_validation": 2, "n_hidden": 2, "report": False}


def snapshot(path: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() if p.is_file() else b"folder" for p in path.iterdir()}


def results(path: Path) -> dict[str, bytes]:
    """Return all that must be equal: everything but what the clock decides."""
    metrics = [line.split(b",")[:-2] for line in (path / METRICS).read_bytes().splitlines()]
    files = {name: (path / name).read_bytes() for name in (CHAMPION, CHECKPOINT)}
    return {**files, METRICS: repr(metrics).encode()}


@pytest.fixture(scope="module", params=["genetic", "cma-es"])
def run(request, tmp_path_factory) -> tuple[Path, dict[str, bytes]]:
    """Make a run of two generations; and what it is after a third."""
    folder = tmp_path_factory.mktemp(request.param)
    how = {"strategy": request.param, "carry_state": request.param == "genetic"}
    spiking_agent.evolve(Echo, generations=2, out=folder / "run", **SMALL, **how)
    shutil.copytree(folder / "run", folder / "whole")
    spiking_agent.evolve(Echo, generations=3, out=folder / "whole", resume=True, report=False)
    return folder / "run", results(folder / "whole")


def try_out(call: Callable[[], object], case: object) -> bool:
    """Return whether a call went well; if not, it must have been refused in words."""
    try:
        call()
    except PLAY_ERRORS as error:
        if len(str(error)) > 20:
            return False
        raise AssertionError(case) from error
    except Exception as error:
        raise AssertionError(case) from error
    return True


@pytest.mark.slow
def test_damage_is_refused_with_nothing_written_or_does_no_harm(run, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("spiking_agent.evolution.loop.learning_curve", lambda rows: b"")
    whole, wanted = run
    n_harmless = 0
    for seed in range(N_CASES):
        path = tmp_path / str(seed)
        shutil.copytree(whole, path)
        words, is_forged = damage(path, np.random.default_rng(seed))
        before = snapshot(path)
        resume = partial(
            spiking_agent.evolve, Echo, generations=3, out=path, resume=True, report=False
        )
        if try_out(resume, (seed, words)):
            assert is_forged or results(path) == wanted, (seed, words)
            n_harmless += 1
        else:
            assert snapshot(path) == before, (seed, words)
    assert N_CASES / 20 < n_harmless < N_CASES / 2


@pytest.mark.slow
def test_a_report_on_damaged_files_is_made_or_refused_in_words(run, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("spiking_agent.report.page.play", _nobody_plays)
    monkeypatch.setattr("spiking_agent.report.sections.brain_figures", lambda *arguments: [])
    for seed in range(N_REPORTS):
        path = tmp_path / str(seed)
        shutil.copytree(run[0], path)
        words, _ = damage(path, np.random.default_rng(seed))
        try_out(partial(make_report, RunDirectory(path), env=Echo), (seed, words))


def _nobody_plays(*arguments: object, **named: object) -> None:
    raise ValueError("games are seen to elsewhere")
