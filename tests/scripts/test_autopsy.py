"""The autopsy runs end to end, in a tiny form, and its steps are what their names say."""

import json
from array import array

import numpy as np
import pytest
from neuron_params import neuron_params
from PIL import Image

from autopsies import cli
from autopsies.measure import Result, measure
from autopsies.published_rule import LIVE, LIVE_ENGINES, ON_ACTORS, PublishedRule
from autopsies.steps import RELAPSES, STEPS, configurations
from autopsies.summary import markdown
from spiking_agent.brain.neuron import NeuronState
from spiking_agent.environments.source import EnvSource
from spiking_agent.evolution.loop import Evolution
from spiking_agent.evolution.recipes.choose import recipe

ALL = (*STEPS, *RELAPSES)
CONFIGS = configurations(ALL, size=10, population_size=6, n_validation=3)


def result(step: str, **changes) -> Result:
    values = {
        "seed": 0,
        "games": 10,
        "games_played": 10,
        "seconds": 2.0,
        "score": 1.0,
        "share_solved": 0.0,
        "episodes": 5,
        "alike": 1.0,
        "late": None,
    }
    return Result(step=step, **values | changes)


@pytest.mark.slow
def test_the_autopsy_goes_through_all_steps_and_on_where_it_stopped(tmp_path, capsys) -> None:
    out, chart = tmp_path / "autopsy.json", tmp_path / "autopsy.png"
    arguments = ["--quick", "--workers", "1", "--out", str(out), "--chart", str(chart)]
    assert cli.main(arguments) == 0
    table = capsys.readouterr().out
    content = json.loads(out.read_text())
    assert [row["step"] for row in content["results"]] == [step.name for step in ALL]
    assert [row["late"] is not None for row in content["results"]] == [
        engine in LIVE_ENGINES for _, engine in CONFIGS
    ]
    for row, (_, engine) in zip(content["results"], CONFIGS, strict=True):
        assert engine in LIVE_ENGINES or row["alike"] == 1.0
    with Image.open(chart) as image:
        assert len(np.unique(np.asarray(image))) > 20
    del content["results"][3:]
    out.write_text(json.dumps(content))
    for row in content["results"]:
        assert row["step"] in table
    content["results"] = json.loads(json.dumps(content["results"])) + [
        result(step.name, games=8).to_json() for step in ALL[3:]
    ]
    out.write_text(json.dumps(content))
    assert cli.main(arguments) == 0  # nothing is left to do
    assert "1.00 (1.00 to 1.00)" in capsys.readouterr().out


def test_the_steps_begin_as_published_and_end_at_our_recipes() -> None:
    published, engine = CONFIGS[0]
    assert engine == LIVE
    assert published.dna.params.refractory_periods == (2,)
    assert not published.dna.params.inhibition
    assert published.dna.params.max_strength == 1
    assert published.dna.params.decays == (1.0,)
    assert published.task.env_kwargs["observation"] == "presence"
    assert published.training.n_episodes == 1
    assert not published.training.shared_episodes
    assert (published.strategy.params.crossover, published.strategy.params.elite_share) == (
        "blocks",
        0.0,
    )
    same = {"population_size": 6, "n_validation": 3, "validation_interval": 20}
    for name, config in zip(("senses", "grown"), CONFIGS[len(STEPS) - 2 :], strict=False):
        default = recipe(EnvSource("Snake-v0", {"n_rows": 10, "n_cols": 10}), name=name)
        assert config == (default.changed(**same), "compiled")


def test_by_the_published_rule_impulses_count_inside_of_the_refractory_period_only() -> None:
    rule = PublishedRule()
    state = NeuronState(array("f", [0.0]), [0], [0])
    params = neuron_params(1, threshold=[1.0], decay=[1.0], refractory_period=[2])
    rule.clear(state, params, 0, 10)
    assert [tick for tick in (11, 13, 15, 18, 19) if rule.receive(state, params, 0, tick, 2)] == [
        11,
        13,
        15,
    ]
    rule.clear(state, params, 0, 20)
    assert not rule.receive(state, params, 0, 21, 1)
    assert state.potential[0] == 1.0
    assert not rule.receive(state, params, 0, 23, 1)
    assert state.potential[0] == 0.0


def test_each_step_changes_something_and_keeps_the_rest() -> None:
    for before, step, after in zip(CONFIGS, STEPS[1:-2], CONFIGS[1:], strict=False):
        changes = dict(step.changes)
        if step.observation:
            changes["env_kwargs"] = {**before[0].task.env_kwargs, "observation": step.observation}
        assert after == (before[0].changed(**changes), step.engine or before[1])
        assert after != before


def test_a_relapse_is_our_recipe_and_one_change() -> None:
    default = CONFIGS[len(STEPS) - 2][0]
    for step, (config, engine) in zip(RELAPSES, CONFIGS[len(STEPS) :], strict=True):
        kwargs = {**default.task.env_kwargs, "observation": step.observation or "senses"}
        assert config == default.changed(env_kwargs=kwargs, **step.changes)
        assert config != default
        assert engine == (step.engine or "compiled")
    assert [step.engine for step in RELAPSES if step.engine] == [ON_ACTORS]


def test_the_table_has_means_and_ranges_of_all_seeds() -> None:
    rows = [result("a", score=1.0, late=0.25), result("a", seed=1, score=4.0, late=0.75)]
    rows += [result("b", games=20, score=90.0, share_solved=0.5)]
    lines = markdown(rows).splitlines()
    assert lines[0] == (
        "| step | score, 10 games | seconds | score, 20 games | seconds | plays alike "
        "| late impulses |"
    )
    assert lines[2] == "| a | 2.50 (1.00 to 4.00) | 2 | - | - | 100% | 50% |"
    assert lines[3] == "| b | - | - | 90.00 (90.00 to 90.00), 50% solved | 2 | 100% | - |"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--out", "results.txt"], "--out must be a .json in a directory that exists"),
        (["--chart", "nowhere/chart.png"], "--chart must be a .png in a directory that exists"),
        (["--population", "1"], "--population must be >= 2, got 1"),
    ],
)
def test_bad_arguments_end_with_code_2(arguments, message, capsys) -> None:
    assert cli.main(arguments) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "--out must hold results of an autopsy"),
        ('{"settings": {}, "results": []}', "--out must hold results with the settings"),
        ('{"settings": SAME, "results": [{"step": "a"}]}', "--out must hold results of an autopsy"),
        ('{"settings": SAME, "results": [WHOLE]}', "there is no step 'unknown'"),
    ],
)
def test_results_of_something_else_are_not_overwritten(content, message, tmp_path, capsys) -> None:
    path = tmp_path / "autopsy.json"
    same = json.dumps({"population": 100, "episodes": 1000, "size": 10, "n_validation": 20})
    whole = json.dumps(result("unknown").to_json())
    path.write_text(content.replace("SAME", same).replace("WHOLE", whole))
    before = path.read_bytes()
    assert cli.main(["--out", str(path)]) == 2
    assert message in capsys.readouterr().err
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "change",
    [{"score": "abc"}, {"score": None}, {"alike": None}, {"games": "8"}, {"seed": True}],
    ids=str,
)
def test_damaged_results_are_refused_before_anything_is_measured(change, tmp_path, capsys) -> None:
    out = tmp_path / "autopsy.json"
    settings = {"population": 4, "episodes": 10, "size": 6, "n_validation": 2}
    row = result(STEPS[0].name).to_json() | change
    out.write_text(json.dumps({"settings": settings, "results": [row]}))
    assert cli.main(["--quick", "--out", str(out)]) == 2
    assert f"{next(iter(change))} must be" in capsys.readouterr().err


def test_a_step_is_not_refined_because_that_would_play_more_than_its_budget(monkeypatch) -> None:
    made = []

    class Recorded(Evolution):
        def __init__(self, config, **how) -> None:
            made.append(config)
            super().__init__(config, **how)

    monkeypatch.setattr("autopsies.measure.Evolution", Recorded)
    config = recipe(EnvSource("snake_env:Snake-v0", {"n_rows": 4, "n_cols": 4}), name="senses")
    config = config.changed(population_size=4, n_episodes=1, n_validation=2)
    assert config.training.refinements
    measure("x", config, "compiled", seed=0, games=8, episodes=2, n_alike=1, workers=1)
    assert [one.training.refinements for one in made] == [()]
