"""Environments of which only so many can be open at once."""

from pathlib import Path

import pytest
from lonely_envs import Lonely, is_free

import spiking_agent
from snake_env import vector_env
from spiking_agent.cli import evaluate, evolve, report
from spiking_agent.environments.source import EnvSource
from spiking_agent.errors import EnvironmentFailedError
from spiking_agent.organism import evaluation

ENV = "lonely_envs:Lonely-v0"
FEW = {"generations": 3, "population_size": 4, "n_episodes": 2, "n_validation": 3, "seed": 1}


def n_open(folder: Path) -> int:
    return sum(not is_free(place) for place in folder.glob("open-*"))


def n_made(folder: Path) -> int:
    return sum(len(file.read_text()) for file in folder.glob("made-*"))


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "lonely").mkdir()
    return tmp_path / "lonely"


@pytest.mark.slow
@pytest.mark.parametrize("training", [{}, {"scale": 2.0}])
def test_one_environment_is_enough_for_a_whole_run(folder, tmp_path, training, capsys) -> None:
    def bred(most: int, name: str, **how) -> bytes:
        (folder / "most").write_text(str(most))
        kwargs, out = {"folder": str(folder)}, tmp_path / name
        settings = {"env_kwargs": kwargs, "training_kwargs": training, **FEW, **how}
        spiking_agent.evolve(ENV, out=out, **settings)
        assert n_open(folder) == 0
        assert "could not be written" not in capsys.readouterr().err
        assert "evaluate" in (out / "report.html").read_text()
        rows = (out / "metrics.csv").read_text().splitlines()
        return (out / "checkpoint.npz").read_bytes(), [row.rsplit(",", 2)[0] for row in rows]

    alone = bred(1, "alone", max_envs=1)
    assert bred(1, "with_workers", max_envs=1, workers=4) == alone
    assert bred(3, "with_three", max_envs=3, workers=2) == alone
    assert bred(1000, "free", workers=2) == alone


def test_results_do_not_depend_on_how_many_may_be_open(folder) -> None:
    kwargs = {"folder": str(folder)}
    (folder / "most").write_text("1000")
    organism = spiking_agent.evolve(ENV, env_kwargs=kwargs, **FEW)
    results = [
        spiking_agent.evaluate(organism, episodes=7, env=ENV, env_kwargs=kwargs, **how)
        for how in ({}, {"max_envs": 1}, {"max_envs": 3}, {"max_envs": 3, "workers": 2})
    ]
    assert results.count(results[0]) == 4


def test_training_and_validation_share_what_is_open(folder) -> None:
    kwargs = {"folder": str(folder)}
    spiking_agent.evolve(ENV, env_kwargs=kwargs, max_envs=1, **FEW)
    assert n_made(folder) == 4  # for the recipe, to time a move, for the bounds, and to play


@pytest.mark.parametrize("shape", [(70, 3), (4, 33), (5, 40)])
def test_no_more_are_open_than_one_task_plays_at_most(folder, shape) -> None:
    kwargs = {"folder": str(folder)}
    (folder / "most").write_text("64")
    settings = {"population_size": shape[0], "n_episodes": shape[1], "n_validation": 100}
    spiking_agent.evolve(ENV, env_kwargs=kwargs, generations=1, **settings)


def test_native_environments_are_limited_too(monkeypatch) -> None:
    sizes = []
    begin = vector_env.SnakeVectorEnv.__init__

    def counted(self, num_envs=1, *args, **kwargs):
        sizes.append(num_envs)
        begin(self, num_envs, *args, **kwargs)

    organism = spiking_agent.champion("senses")
    free = spiking_agent.evaluate(organism, episodes=5)
    monkeypatch.setattr(vector_env.SnakeVectorEnv, "__init__", counted)
    assert spiking_agent.evaluate(organism, episodes=5, max_envs=2) == free
    assert max(sizes) == 2


def test_too_many_come_with_a_hint(folder) -> None:
    with pytest.raises(EnvironmentFailedError, match="the port is in use") as error:
        spiking_agent.evolve(lambda **kwargs: Lonely(str(folder), **kwargs), **FEW)
    assert "max_envs=1 (--max-envs 1)" in error.value.__notes__[0]
    assert n_open(folder) == 0


@pytest.mark.slow
def test_the_programs_know_the_limit(folder, tmp_path, capsys) -> None:
    out = str(tmp_path / "run")
    few = ["--env", ENV, "--env-kwargs", f"folder={folder}", "--population", "4"]
    assert evolve.main([*few, "--generations", "2", "--max-envs", "1", "--out", out]) == 0
    assert evolve.main(["--resume", out, "--generations", "3"]) == 0
    assert report.main([out, "--env", ENV]) == 0
    capsys.readouterr()
    champion = [f"{out}/champion.npz", "--env", ENV, "--episodes", "3"]
    assert evaluate.main([*champion, "--max-envs", "1"]) == 0
    assert evaluate.main([*champion, "--workers", "1"]) in (1, 2)
    assert "--max-envs 1" in capsys.readouterr().err
    assert n_open(folder) == 0


@pytest.mark.parametrize("most", [0, -1, 1.5, "1"])
def test_a_limit_is_a_whole_number(most) -> None:
    with pytest.raises(ValueError, match="max_envs must be"):
        EnvSource(ENV, max_envs=most)
    with pytest.raises(ValueError, match="max_envs must be"):
        evaluation.evaluate(spiking_agent.champion("senses"), max_envs=most)
