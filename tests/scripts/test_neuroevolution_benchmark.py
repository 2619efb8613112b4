"""Evolution for Gymnasium's environments, ours beside neat-python, in a tiny form."""

import importlib.util
import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from benchmarks import cli
from benchmarks.cases import contenders
from benchmarks.cases.own_evolution import Tally
from benchmarks.cases.plank import PLANK_TASKS
from benchmarks.cases.tasks import TASKS, Task
from benchmarks.harness.results import interquartile_mean
from benchmarks.harness.scale import Scale
from benchmarks.harness.single_runs import SingleRun, seed_table
from benchmarks.peers import neat_peer
from benchmarks.registry import ON_REQUEST
from benchmarks.rows import neuroevolution as neuroevolution_rows
from benchmarks.rows import slow_steps
from spiking_agent.environments.source import EnvSource
from spiking_agent.evolution.loop import Evolution
from spiking_agent.evolution.recipes.choose import recipe

TINY = ["--quick", "--only", "neuroevolution"]
ALL_TASKS = (*TASKS, *PLANK_TASKS)
QUICK = Scale(is_quick=True)
FROM_MODULES = [task for task in ALL_TASKS if ":" in task.env_id]
FOR_NEAT = [task for task in ALL_TASKS if task.is_for_neat]
BRIEF = {"max_moves": 200}
ONE_GENERATION = Task(env_id="CartPole-v1", target=500.0, seconds=1e-6)

pytestmark = pytest.mark.slow
needs_neat = pytest.mark.skipif(
    importlib.util.find_spec("neat") is None, reason="comes with the extra bench"
)


def row_of(capsys, *arguments: str, case: str = "CartPole-v1") -> dict:
    assert cli.main([*TINY, "--json", "--case", case, *arguments]) == 0
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
    assert beside["wall time, interquartile mean"] == ours["wall_s"]
    quotient = beside[f"our median wall time by that of {neat_peer.title()}"]
    assert quotient == pytest.approx(ours["wall_s"] / theirs["wall_s"])
    assert row["mark"] == 1.0
    assert row["is_met"] == ours["is_held"]


@needs_neat
def test_neat_python_gives_the_same_for_the_same_seed() -> None:
    first, again, other = (neat_peer.evolve(ONE_GENERATION, seed, QUICK) for seed in (3, 3, 4))
    assert first.failure == ""
    assert (first.held_out, first.n_episodes) == (again.held_out, again.n_episodes)
    assert first.held_out != other.held_out
    assert first.n_episodes == 10 * 2 + 2  # population, episodes of each, validation


@needs_neat
@pytest.mark.parametrize("task", FOR_NEAT, ids=lambda task: task.name)
def test_neat_python_plays_every_task_that_it_can(task, monkeypatch) -> None:
    if not task.is_installed:
        pytest.skip(f"needs {task.module}")
    monkeypatch.setattr(neat_peer, "MOST_EPISODES", 1)
    run = neat_peer.evolve(replace(task, target=1e9, seconds=1e-6, changes=BRIEF), 0, QUICK)
    assert run.failure == ""
    assert not run.is_held


@pytest.mark.parametrize("task", FROM_MODULES, ids=lambda task: task.name)
def test_ours_plays_every_task_that_another_module_registers(task) -> None:
    if not task.is_installed:
        pytest.skip(f"needs {task.module}")
    run = contenders.evolve(replace(task, seconds=1e-6, changes=BRIEF), 0, QUICK)
    assert run.failure == ""
    assert run.n_episodes >= 1


def test_neat_python_is_left_out_where_it_cannot_play(monkeypatch, capsys) -> None:
    table = Task(env_id="CliffWalking-v1", target=-13.0, seconds=0.2, is_for_neat=False)
    monkeypatch.setattr(neuroevolution_rows, "TINY_TASKS", (table,))
    row = row_of(capsys, case="CliffWalking-v1")
    assert [run["who"] for run in row["runs"]] == ["ours"]
    assert not any("neat" in other["name"] for other in row["beside"])


def test_a_task_without_a_target_has_figures_only(monkeypatch, capsys) -> None:
    task = Task(env_id="CartPole-v1", target=None, seconds=0.2)
    monkeypatch.setattr(neuroevolution_rows, "TINY_TASKS", (task,))
    row = row_of(capsys, "--no-peers")
    assert row["unit"] == "reward/episode"
    assert row["wall"]["median"] == row["runs"][0]["held_out"]
    assert row["runs"][0]["is_held"] is None
    assert row["mark"] is None


@needs_neat
def test_a_run_that_fails_is_marked(tmp_path, monkeypatch, capsys) -> None:
    program = tmp_path / "fails.py"
    program.write_text("raise ValueError('no luck')")
    monkeypatch.setattr(neat_peer, "PROGRAM", program)
    row = row_of(capsys)
    assert row["runs"][1]["failure"] == "failed: ValueError: no luck"
    failures = row["beside"][-1]
    assert failures["name"] == f"{neat_peer.title()}, failures"
    assert failures["status"] == "1 of 1 runs failed: ValueError: no luck"


def test_a_run_of_ours_that_fails_is_marked_too(tmp_path, monkeypatch, capsys) -> None:
    program = tmp_path / "fails.py"
    program.write_text("raise ValueError('no luck')")
    monkeypatch.setattr(contenders, "PROGRAM", program)
    contenders.warm_up(ONE_GENERATION)  # says nothing: the run does
    row = row_of(capsys, "--no-peers")
    assert row["wall"] is None
    assert row["runs"][0]["failure"] == "failed: ValueError: no luck"
    assert row["beside"][-1]["status"] == "1 of 1 runs failed: ValueError: no luck"


def test_neat_python_is_said_to_be_missing(monkeypatch, capsys) -> None:
    monkeypatch.setattr(neat_peer, "is_installed", lambda: False)
    row = row_of(capsys)
    assert row["beside"][-1]["name"] == "neat-python"
    assert row["beside"][-1]["status"] == "not installed"
    assert [run["who"] for run in row["runs"]] == ["ours"]


def test_an_environment_without_its_package_is_said_to_be_missing(monkeypatch, capsys) -> None:
    lander = Task(env_id="LunarLander-v3", target=200.0, seconds=1.0, module="no_such_module")
    monkeypatch.setattr(neuroevolution_rows, "TINY_TASKS", (lander,))
    row = row_of(capsys, case="LunarLander-v3")
    assert row["wall"] is None
    assert row["runs"] == []
    (missing,) = row["beside"]
    assert (missing["name"], missing["status"]) == ("no_such_module", "not installed")


def test_seeds_are_listed_below_the_table(capsys) -> None:
    case = ["--case", "CartPole-v1"]
    assert cli.main([*TINY, *case, "--no-peers", "--markdown"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "of 1 seeds | >= 1 " in lines[2]
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
        SingleRun(who="b", seed=2, is_held=None, held_out=0.9876, wall_s=1.0),
    ]
    head, lines = seed_table(runs)
    assert head[1:3] == ["a: held-out mean", "s"]
    assert lines[0] == ["0", "500.0", "1.23", "1,200", "20.0 missed", "3.00 (2.50)", "90"]
    assert lines[1] == ["1", "-", "-", "-", "failed: by chance", "-", "-"]
    assert lines[2] == ["2", "-", "-", "-", "0.988", "1.00", "-"]


def test_episodes_of_training_and_validation_are_counted() -> None:
    config = recipe(EnvSource("CartPole-v1"))
    config = config.changed(population_size=6, n_episodes=3, n_validation=5)
    config = config.changed(n_validated_first=1, target=None)
    tally = Tally(lambda: 7.0)
    Evolution(config, reporters=[tally]).run(generations=2)
    assert tally.n_episodes == 2 * 6 * 3 + 5
    assert tally.first_report_s == 7.0


def test_episodes_of_a_generation_that_was_broken_off_are_counted_too() -> None:
    tally = Tally(lambda: 7.0)
    tally.generation_evaluated(SimpleNamespace(n_episodes=10, elapsed_s=1.0))
    tally.generation_progressed(SimpleNamespace(n_done=4, elapsed_s=2.0))
    assert (tally.n_episodes, tally.elapsed_s) == (14, 2.0)


def test_slow_steps_have_a_first_report_and_an_end(capsys) -> None:
    first, whole = slow_steps.FIRST_REPORT, slow_steps.WHOLE_RUN
    assert cli.main([*TINY, "--json", "--case", first, whole]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["case"] for row in rows] == [first, whole]
    assert [row["mark"] for row in rows] == [15.0, 70.0]
    assert 0.0 < rows[0]["wall"]["median"] < rows[1]["wall"]["median"]
    held_out, played = rows[1]["beside"]
    assert held_out["wall"]["median"] >= 1.0
    assert played["wall"]["median"] >= 1


def test_slow_steps_may_fail(tmp_path, monkeypatch, capsys) -> None:
    program = tmp_path / "fails.py"
    program.write_text("raise ValueError('no luck')")
    monkeypatch.setattr(slow_steps, "PROGRAM", program)
    row = row_of(capsys, case=slow_steps.WHOLE_RUN)
    assert row["wall"] is None
    assert row["beside"][0]["status"] == "1 runs failed: ValueError: no luck"


def test_a_mean_may_miss_the_target_by_rounding_only() -> None:
    task = Task(env_id="CartPole-v1", target=1.0, seconds=1.0)
    assert task.is_held(1.0 - 1e-9)
    assert not task.is_held(0.999)


def test_cases_have_names_of_their_own() -> None:
    names = [task.name for task in ALL_TASKS]
    assert len(set(names)) == len(names)
    assert {"TMaze-v0", "plank-easy", "gymnasium_2048/TwentyFortyEight-v0"} <= set(names)
    assert all(task.n_seeds == 3 for task in TASKS if task.seconds >= 300.0)


def test_fewer_seeds_may_be_asked_for() -> None:
    (walker,) = (task for task in TASKS if task.name == "BipedalWalker-v3")
    assert list(walker.seeds(Scale())) == [0, 1, 2]
    assert list(walker.seeds(Scale(n_seeds=2))) == [0, 1]
    assert list(walker.seeds(Scale(n_seeds=50))) == [0, 1, 2]


@pytest.mark.parametrize(
    ("values", "mean"),
    [([5.0], 5.0), ([1.0, 2.0, 9.0], 4.0), ([9.0, 1.0, 2.0, 3.0, 4.0], 3.0)],
)
def test_an_interquartile_mean_leaves_out_a_quarter_at_either_end(values, mean) -> None:
    assert interquartile_mean(values) == mean


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
