"""Evolution for Gymnasium's environments, ours beside neat-python, in a tiny form."""

import importlib.util
import json

import pytest

from benchmarks import cli
from benchmarks.cases.tasks import TASKS, Task
from benchmarks.harness.scale import Scale
from benchmarks.harness.single_runs import SingleRun, seed_table
from benchmarks.peers import neat_peer
from benchmarks.registry import ON_REQUEST
from benchmarks.rows import neuroevolution as neuroevolution_rows
from benchmarks.rows.neuroevolution import Tally
from spiking_agent.environments.source import EnvSource
from spiking_agent.evolution.loop import Evolution
from spiking_agent.evolution.recipes.choose import recipe

TINY = ["--quick", "--only", "neuroevolution"]
QUICK = Scale(is_quick=True)
ONE_GENERATION = Task(env_id="CartPole-v1", target=500.0, seconds=1e-6)

pytestmark = pytest.mark.slow
needs_neat = pytest.mark.skipif(
    importlib.util.find_spec("neat") is None, reason="comes with the extra bench"
)


def row_of(capsys, *arguments: str) -> dict:
    assert cli.main([*TINY, "--json", *arguments]) == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    return row


@needs_neat
def test_both_evolve_from_the_same_seed(capsys) -> None:
    row = row_of(capsys)
    ours, theirs = row["runs"]
    assert (ours["who"], theirs["who"]) == ("ours", neat_peer.title())
    assert row["case"] == "CartPole-v1"
    for run in (ours, theirs):
        assert run["seed"] == 0
        assert run["failure"] == ""
        assert run["n_episodes"] > 0
        assert 1.0 <= run["held_out"] <= 500.0
        assert run["is_held"] == (run["held_out"] >= 475.0)
    assert ours["counted_s"] < ours["wall_s"]
    beside = {other["name"]: other["wall"]["median"] for other in row["beside"]}
    assert row["wall"]["median"] == ours["is_held"]
    assert beside["played"] == ours["n_episodes"]
    assert beside[neat_peer.title()] == theirs["is_held"]
    assert beside[f"{neat_peer.title()}, wall time"] == theirs["wall_s"]


@needs_neat
def test_neat_python_gives_the_same_for_the_same_seed() -> None:
    first, again, other = (neat_peer.evolve(ONE_GENERATION, seed, QUICK) for seed in (3, 3, 4))
    assert first.failure == ""
    assert (first.held_out, first.n_episodes) == (again.held_out, again.n_episodes)
    assert first.held_out != other.held_out
    assert first.n_episodes == 10 * 2 + 2  # population, episodes of each, validation


@needs_neat
@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.env_id)
def test_neat_python_plays_every_task(task, monkeypatch) -> None:
    if not task.is_installed:
        pytest.skip(f"needs {task.module}")
    monkeypatch.setattr(neat_peer, "MOST_EPISODES", 1)
    tiny = Task(env_id=task.env_id, target=1e9, seconds=1e-6)
    run = neat_peer.evolve(tiny, 0, QUICK)
    assert run.failure == ""
    assert not run.is_held


@needs_neat
def test_a_run_that_fails_is_marked(tmp_path, monkeypatch, capsys) -> None:
    program = tmp_path / "fails.py"
    program.write_text("raise ValueError('no luck')")
    monkeypatch.setattr(neat_peer, "PROGRAM", program)
    row = row_of(capsys)
    assert row["runs"][1]["failure"] == "failed: ValueError: no luck"
    assert row["beside"][-1]["status"] == "failed: ValueError: no luck"


def test_neat_python_is_said_to_be_missing(monkeypatch, capsys) -> None:
    monkeypatch.setattr(neat_peer, "is_installed", lambda: False)
    row = row_of(capsys)
    assert row["beside"][-1]["name"] == "neat-python"
    assert row["beside"][-1]["status"] == "not installed"
    assert [run["who"] for run in row["runs"]] == ["ours"]


def test_an_environment_without_its_package_is_said_to_be_missing(monkeypatch, capsys) -> None:
    lander = Task(env_id="LunarLander-v3", target=200.0, seconds=1.0, module="no_such_module")
    monkeypatch.setattr(neuroevolution_rows, "TINY_TASKS", (lander,))
    row = row_of(capsys)
    assert row["wall"] is None
    assert row["runs"] == []
    (missing,) = row["beside"]
    assert (missing["name"], missing["status"]) == ("no_such_module", "not installed")


def test_seeds_are_listed_below_the_table(capsys) -> None:
    assert cli.main([*TINY, "--no-peers", "--markdown"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "of 1 seeds | - |" in lines[2]
    start = lines.index("`neuroevolution` CartPole-v1, seed by seed:")
    head, rule, seed = lines[start + 2 :]
    assert head == "| seed | ours: held-out mean | s (its own clock) | episodes |"
    assert head.count("|") == rule.count("|") == seed.count("|")
    assert seed.startswith("| 0 | ")


def test_misses_and_failures_are_marked_in_the_list() -> None:
    runs = [
        SingleRun(who="a", seed=0, is_held=True, held_out=500.0, wall_s=1.234, n_episodes=1200),
        SingleRun(who="b", seed=0, held_out=20.0, wall_s=3.0, counted_s=2.5, n_episodes=90),
        SingleRun(who="b", seed=1, failure="failed: by chance"),
    ]
    head, lines = seed_table(runs)
    assert head[1:3] == ["a: held-out mean", "s"]
    assert lines[0] == ["0", "500.0", "1.23", "1,200", "20.0 missed", "3.00 (2.50)", "90"]
    assert lines[1] == ["1", "-", "-", "-", "failed: by chance", "-", "-"]


def test_episodes_of_training_and_validation_are_counted() -> None:
    config = recipe(EnvSource("CartPole-v1"))
    config = config.changed(population_size=6, n_episodes=3, n_validation=5)
    config = config.changed(n_validated_first=1, target=None)
    tally = Tally()
    Evolution(config, reporters=[tally]).run(generations=2)
    assert tally.n_episodes == 2 * 6 * 3 + 5


def test_what_takes_hours_is_measured_only_if_it_is_named(monkeypatch) -> None:
    measured: list[str] = []
    names = ("start", *ON_REQUEST)
    benchmarks = {name: lambda scale, name=name: measured.append(name) or [] for name in names}
    monkeypatch.setattr(cli, "BENCHMARKS", benchmarks)
    cli.main([])
    assert measured == ["start"]
    cli.main(["--only", *ON_REQUEST])
    assert measured == list(names)


def test_an_unknown_case_is_refused(capsys) -> None:
    assert cli.main([*TINY, "--case", "CartPole-v9"]) == 2
    assert "'CartPole-v9'" in capsys.readouterr().err
