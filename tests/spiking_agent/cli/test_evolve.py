"""`spiking-evolve`: what it prints, writes and answers."""

import csv
import json
from pathlib import Path

import pytest
from PIL import Image
from small_runs import CART_POLE, SENSES, SMALL, USUAL, files
from toy_envs import Echo

import spiking_agent
from spiking_agent.cli import evaluate, evolve
from spiking_agent.dna.grown.brain import GrownBrain
from spiking_agent.organism.organism import Organism


def test_evolve_leaves_a_whole_run_directory(run_directory) -> None:
    names = {"config.json", "metrics.csv", "checkpoint.npz", "champion.npz", "learning_curve.png"}
    assert set(files(run_directory)) == names
    config = json.loads((run_directory / "config.json").read_text())
    assert config["evolution"]["task"]["env_id"] == "snake_env:Snake-v0"
    how = {"generations": 2, "seconds": None, "workers": 1, "engine": "compiled", "max_envs": None}
    assert config["run"] == how
    with (run_directory / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["generation"] for row in rows] == ["0", "1"]
    with Image.open(run_directory / "learning_curve.png") as curve:
        assert curve.width > 500


def test_evolve_says_what_it_does_and_what_to_do_next(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    limits = ["--generations", "1", "--workers", "1", "--out", "my run"]
    assert evolve.main([*limits, *SMALL]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "6 brains of" in out
    assert "Compiling" in out
    assert "held-out mean" in out
    assert "1 worker, compiled engine" in out
    assert "Watch it: spiking-watch 'my run/champion.npz'" in out
    assert "Evaluate it: spiking-evaluate 'my run/champion.npz'" in out
    assert evolve.main(["--resume", "my run", "--workers", "1"]) == 2
    error = capsys.readouterr().err
    assert "my run has reached its limits, 1 generation: give a larger" in error


def test_every_setting_can_be_set_from_the_command_line(tmp_path) -> None:
    out = tmp_path / "run"
    given = ["carry_state=impulses", "initiation_delays=1,4,8", "crossover=pool", "target=none"]
    given += ['refinements=[{"from_solved": 0.5, "n_episodes": 3}]', "density=0.5"]
    given += ["decays=0.9", "soft_resets=false"]  # a single value of several
    words = ["--strategy", "genetic", "--hidden", "2", "--workers", "1", "--out", str(out)]
    assert evolve.main([*CART_POLE, *words, "--set", *given]) == 0
    settings = json.loads((out / "config.json").read_text())["evolution"]
    assert settings["codec"]["carry_state"] == "impulses"
    assert (settings["dna"]["kind"], settings["dna"]["n_hidden"]) == ("wired", 2)
    assert (settings["dna"]["initiation_delays"], settings["dna"]["density"]) == ([1, 4, 8], 0.5)
    assert (settings["dna"]["decays"], settings["dna"]["soft_resets"]) == ([0.9], [False])
    assert (settings["strategy"]["kind"], settings["strategy"]["crossover"]) == ("genetic", "pool")
    assert settings["validation"]["target"] is None
    assert settings["training"]["refinements"][0]["n_episodes"] == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--set", "carry_sate=true"], "got 'carry_sate': did you mean 'carry_state'?"),
        (["--set", "carry_state=all"], "carry_state must be True, False or 'impulses', got 'all'"),
        (["--set", "ticks=3"], "got 'ticks': did you mean 'n_ticks'?"),
        (["--set", "parent_share=0.5"], "parent_share must be given with strategy 'genetic', got"),
        (["--ticks", "3", "--set", "n_ticks=4"], "n_ticks must be given once, got another with"),
        (["--set", 'env_kwargs={"a": 1}'], "env_kwargs must be given by --env-kwargs"),
        (["--set", "workers=2"], "workers must be given by --workers, got --set workers=..."),
        (["--set", "generations=5"], "generations must be given by --generations, got --set"),
        (["--set", "env=Snake-v0"], "env must be given by --env, got --set"),
        (["--set", "seconds=5"], "seconds must be given by --seconds, got --set"),
        (["--set", "n_generations=5"], "got 'n_generations': did you mean '--generations'?"),
        (["--set", "genrations=5"], "got 'genrations': did you mean '--generations'?"),
        (["--set", "seconds"], "must be NAME=VALUE, got 'seconds'"),
        (["--set", f"encoder={'[' * 100_000}"], "must not be nested so deeply"),
        (["--set", "initiation_delays=1,0"], r"initiation_delays[1] must be a whole number in 1.."),
        (["--set", "refinements=[5]"], "refinements[0] must be a Refinement, or a mapping with"),
        (["--dna", "grwon"], "dna must be one of wired, grown, got 'grwon'"),
        (["--population", "0"], "must be a whole number >= 1, got 0"),
        (["--hidden", "x"], "must be a whole number >= 0, got 'x'"),
        (["--target", "inf"], "must be a finite number or none, got inf"),
        (["--workers", "x"], "--workers: must be a whole number >= 1, got 'x'"),
        (["--max-envs", "0"], "--max-envs: must be a whole number >= 1, got 0"),
        (["--seconds", "inf"], "--seconds: must be a finite number > 0, got inf"),
        (["--seconds", "x"], "--seconds: must be a finite number > 0, got 'x'"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_settings_that_cannot_be_set_are_one_line_and_leave_no_directory(
    words, message, tmp_path, capsys
) -> None:
    out = tmp_path / "run"
    command = [*CART_POLE[:4], "--no-report", "--workers", "1", "--out", str(out), *words]
    assert evolve.main(command) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert message in " ".join(error.split())
    assert not out.exists()


def test_settings_cannot_be_set_where_a_run_goes_on(run_directory, capsys) -> None:
    assert evolve.main(["--resume", str(run_directory), "--set", "n_ticks=3", "--dna", "x"]) == 2
    assert "--dna, --set must not be given with --resume" in capsys.readouterr().err


@pytest.mark.slow
def test_evolve_without_out_numbers_its_runs(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        assert evolve.main(["--generations", "1", *SMALL]) == 0
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {"Snake-v0-1", "Snake-v0-2"}


def test_the_usual_brain_for_snake_grows_and_sees_the_raw_board(tmp_path, capsys) -> None:
    out = str(tmp_path / "run")
    assert evolve.main(["--generations", "1", "--workers", "1", "--out", out, *USUAL]) == 0
    organism = Organism.load(out)
    assert isinstance(organism.brain, GrownBrain)
    assert organism.task.env_kwargs == {"observation": "planes", "n_rows": 4, "n_cols": 5}
    capsys.readouterr()
    assert evaluate.main([out, "--episodes", "4", "--json", "--env-kwargs", "n_rows=6"]) == 0
    assert json.loads(capsys.readouterr().out)["episodes"] == 4


def test_any_environment_evolves_by_the_same_command(tmp_path, capsys) -> None:
    arguments = [*CART_POLE, "--episodes", "1"]
    assert evolve.main([*arguments, "--out", str(tmp_path / "run"), "--workers", "1"]) == 0
    assert evaluate.main([str(tmp_path / "run" / "champion.npz"), "--episodes", "3", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["mean"] == figures["mean_return"] > 0
    assert figures["share_solved"] is None


def test_a_score_key_that_the_environment_does_not_give_is_one_line(
    tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["--generations", "1", "--workers", "1", "--population", "4", "--no-report"]
    arguments += SENSES
    assert evolve.main(["--score-key", "gold", *arguments]) == 2
    error = capsys.readouterr().err
    message = "score_key must be a key of the last info that holds a number, got 'gold': the "
    assert message in error
    assert error.count("\n") == 1
    assert evolve.main(["--score-key", "length", *arguments]) == 0
    (path,) = (
        p for p in Path("runs").glob("*/config.json") if p.with_name("champion.npz").exists()
    )
    config = json.loads(path.read_text())
    assert config["evolution"]["task"]["score_key"] == "length"


def test_a_run_started_with_a_function_says_how_it_goes_on(tmp_path, capsys) -> None:
    few = {"generations": 1, "population_size": 4, "n_episodes": 1, "n_validation": 2}
    spiking_agent.evolve(Echo, out=tmp_path / "run", report=False, **few)
    assert evolve.main(["--resume", str(tmp_path / "run")]) == 2
    assert (
        "env must be given, because the run was started with a function: resume it in Python with "
        f"spiking_agent.evolve(env, resume=True, out={str(tmp_path / 'run')!r})"
    ) in capsys.readouterr().err
