"""Seconds hold where moves are slow: what is under way at the limit is left out."""

import os
import signal

import gymnasium as gym
import numpy as np
import pytest
from toy_envs import Echo, Sleepy, Slow

import spiking_agent
from spiking_agent.cli import evolve
from spiking_agent.evolution.breeding import Breeding
from spiking_agent.evolution.reporters.protocol import (
    GenerationReport,
    ProgressReport,
    RunReport,
)
from spiking_agent.evolution.run_directory import CHECKPOINT, CONFIG, METRICS
from spiking_agent.organism.champion_file import CHAMPION
from spiking_agent.organism.organism import Organism

FEW = {"population_size": 8, "n_episodes": 2, "n_validation": 4, "seed": 3, "report": False}
GENERATION_S = 5.0  # 20 episodes of 5 moves of 50 ms
MANY = {**FEW, "population_size": 40}


class Listener:
    """A reporter that remembers what it hears, and may do something about progress."""

    def __init__(self, do=lambda: None) -> None:
        self.runs: list[RunReport] = []
        self.reports: list[GenerationReport] = []
        self.progress: list[ProgressReport] = []
        self._do = do

    def run_started(self, report: RunReport) -> None:
        self.runs.append(report)

    def generation_evaluated(self, report: GenerationReport) -> None:
        self.reports.append(report)

    def generation_progressed(self, report: ProgressReport) -> None:
        self.progress.append(report)
        self._do()

    def run_finished(self) -> None:
        pass


def content(path) -> tuple[bytes, bytes, list[bytes]]:
    """Return all that must be equal: everything but what the clock decides."""
    metrics = [line.split(b",")[:-2] for line in (path / METRICS).read_bytes().splitlines()]
    return (path / CHAMPION).read_bytes(), (path / CHECKPOINT).read_bytes(), metrics


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """What three generations leave, played fast."""
    path = tmp_path_factory.mktemp("undisturbed") / "run"
    spiking_agent.evolve(Slow, generations=3, out=path, **FEW)
    return content(path)


def test_slow_episodes_are_played_one_by_one_with_the_same_results(
    undisturbed, slow_clock, tmp_path
) -> None:
    spiking_agent.evolve(Slow, generations=3, out=tmp_path, **FEW)
    assert content(tmp_path) == undisturbed


def test_the_generation_under_way_at_the_limit_is_left_out_and_played_again(
    undisturbed, slow_clock, tmp_path
) -> None:
    listener = Listener()
    spiking_agent.evolve(Slow, seconds=8.0, out=tmp_path, reporters=[listener], **FEW)
    assert len(listener.reports) == 1
    assert 8.0 <= slow_clock() < 8.5
    spiking_agent.evolve(Slow, generations=3, out=tmp_path, resume=True, report=False)
    assert content(tmp_path) == undisturbed


def test_a_generation_that_takes_less_than_a_tenth_of_the_limit_is_finished(slow_clock) -> None:
    listener = Listener()
    spiking_agent.evolve(Slow, seconds=10.4 * GENERATION_S, reporters=[listener], **FEW)
    assert len(listener.reports) == 11
    assert slow_clock() == pytest.approx(11 * GENERATION_S, abs=0.5)


def test_the_first_generation_is_broken_off_and_its_best_is_the_champion(
    slow_clock, tmp_path, monkeypatch
) -> None:
    cut = []
    best_played = Breeding._best_played

    def noted(self, lesson, genomes, up):
        cut.append((self, genomes, up))
        return best_played(self, lesson, genomes, up)

    monkeypatch.setattr(Breeding, "_best_played", noted)
    champion = spiking_agent.evolve(Slow, seconds=12.0, out=tmp_path, **MANY)
    assert 12.0 <= slow_clock() < 12.5
    assert {path.name for path in tmp_path.iterdir()} == {CONFIG, CHAMPION}
    assert Organism.load(tmp_path).to_bytes() == champion.to_bytes()
    [(breeding, genomes, up)] = cut
    n_played = up.is_played.sum(axis=1)
    assert set(n_played) == {1, 2}  # the first episode of all, and the second of some
    means = np.where(up.is_played, up.results.fitness, 0.0).sum(axis=1) / n_played
    expected = breeding._problem.grow(genomes[int(np.argmax(means))])
    np.testing.assert_array_equal(champion.connectome.connectivity, expected.connectivity)


def test_a_first_generation_that_was_broken_off_is_played_again(
    undisturbed, slow_clock, tmp_path
) -> None:
    for how in (FEW, {"resume": True, "report": False}):
        spiking_agent.evolve(Slow, seconds=2.0, out=tmp_path, **how)
        assert not (tmp_path / CHECKPOINT).exists()
    spiking_agent.evolve(Slow, generations=3, out=tmp_path, resume=True, report=False)
    assert content(tmp_path) == undisturbed


def test_validation_is_broken_off_as_well_and_the_candidate_is_the_champion(
    slow_clock, tmp_path
) -> None:
    listener = Listener()
    spiking_agent.evolve(
        Slow, seconds=4.6, out=tmp_path, reporters=[listener], **FEW
    )  # 4 seconds of training, and one of validation
    assert listener.progress[-1].n_episodes == 20
    assert listener.reports == []
    assert {path.name for path in tmp_path.iterdir()} == {CONFIG, CHAMPION}


def test_however_short_the_limit_one_episode_is_played(slow_clock) -> None:
    class Long(Slow):
        def __init__(self) -> None:
            super().__init__(n_moves=100)

    champion = spiking_agent.evolve(Long, seconds=1e-9, **FEW)
    assert isinstance(champion, Organism)
    assert slow_clock() == pytest.approx(5.0, abs=0.7)  # one episode, and some moves to time it


def test_a_short_limit_leaves_fast_environments_their_first_generation() -> None:
    listener = Listener()
    spiking_agent.evolve(Echo, seconds=1e-9, reporters=[listener], **FEW)
    assert len(listener.reports) == 1
    assert listener.progress == []
    assert len(listener.runs[0].notes) == 1


def test_reporters_hear_of_progress_about_every_second(slow_clock) -> None:
    listener = Listener()
    spiking_agent.evolve(Slow, generations=2, reporters=[listener], **FEW)
    first = [report for report in listener.progress if report.generation == 0]
    assert [report.n_done for report in first] == [4, 8, 12, 16]
    assert [report.n_episodes for report in first] == [16, 16, 16, 20]
    assert [report.generation for report in listener.progress[4:]] == [1, 1, 1, 1]
    assert [round(report.elapsed_s) for report in listener.progress] == [1, 2, 3, 4, 6, 7, 8, 9]


def test_reporters_need_not_hear_of_progress(slow_clock) -> None:
    class Plain:
        def run_started(self, report) -> None: ...
        def generation_evaluated(self, report) -> None: ...
        def run_finished(self) -> None: ...

    spiking_agent.evolve(Slow, generations=1, reporters=[Plain()], **FEW)


def test_reporters_hear_which_sizes_were_chosen_and_why(slow_clock) -> None:
    listener = Listener()
    spiking_agent.evolve(Slow, seconds=1e-9, reporters=[listener], report=False)
    assert (
        listener.runs[0]
        .notes[-1]
        .startswith("A move takes 50 ms, and there are 1e-09 s: population")
    )


def test_the_champion_is_saved_after_the_first_generation(tmp_path) -> None:
    class Looker(Listener):
        def generation_evaluated(self, report: GenerationReport) -> None:
            super().generation_evaluated(report)
            assert (tmp_path / CHAMPION).exists() == (report.generation > 0)

    looker = Looker()
    spiking_agent.evolve(Echo, generations=2, out=tmp_path, reporters=[looker], **FEW)
    assert len(looker.reports) == 2


def test_ctrl_c_in_the_first_generation_leaves_no_champion(slow_clock, tmp_path) -> None:
    listener = Listener(lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(spiking_agent.Interrupted) as caught:
        spiking_agent.evolve(Slow, seconds=60.0, out=tmp_path, reporters=[listener], **FEW)
    assert caught.value.champion is None
    assert {path.name for path in tmp_path.iterdir()} == {CONFIG}


def test_the_command_says_what_was_chosen_and_whose_the_champion_is(
    slow_clock, tmp_path, capsys, monkeypatch
) -> None:
    monkeypatch.setitem(gym.registry, "Slow-v0", gym.envs.registration.EnvSpec("Slow-v0", Slow))
    out = str(tmp_path / "run")
    words = ["--env", "Slow-v0", "--seconds", "1.5", "--workers", "1", "--out", out]
    assert evolve.main([*words, "--population", "50"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "50 brains" in said
    assert "and there are 1.5 s: n_episodes 1 instead of 6, n_validation 4 instead of 64" in said
    assert "The limit came in the first generation, whose best so far is the champion" in said
    assert "report" not in said
    assert evolve.main(["--resume", out, "--seconds", "50", "--workers", "1"]) == 0
    captured = capsys.readouterr()
    assert "The limit came" not in captured.out
    assert "The report is in" in captured.out
    assert captured.err == ""


@pytest.mark.slow
def test_workers_give_the_same_files_for_slow_moves_and_stop_at_the_limit(tmp_path) -> None:
    for workers in (1, 2):
        out = tmp_path / str(workers)
        spiking_agent.evolve(Sleepy, generations=2, out=out, workers=workers, **FEW)
    assert content(tmp_path / "1") == content(tmp_path / "2")
    listener = Listener()
    how = {**FEW, "population_size": 400}
    champion = spiking_agent.evolve(Sleepy, seconds=1.0, workers=2, reporters=[listener], **how)
    assert champion.provenance["generation"] == 0
    assert listener.reports == []
