"""Every command end to end: what it prints, writes and answers, on good input and on bad."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from grown_organisms import grown_organism
from PIL import Image
from toy_envs import Echo

import spiking_agent
from snake_env.play import cli as play
from spiking_agent.cli import evaluate, evolve, report, watch
from spiking_agent.dna.grown.brain import GrownBrain
from spiking_agent.episodes.seeds import RESULT_SEEDS
from spiking_agent.organism.organism import Organism

ROOT = Path(__file__).parents[3]
BOARD = ["--env-kwargs", "n_rows=4", "n_cols=5"]
SENSES = ["--recipe", "senses"]  # quick
USUAL = ["--no-report", "--population", "6", "--episodes", "2", *BOARD]
SMALL = [*USUAL, *SENSES]
CART_POLE = ["--env", "CartPole-v1", "--generations", "1", "--population", "4", "--no-report"]


@pytest.fixture(scope="module")
def run_directory(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("programs") / "run"
    assert evolve.main(["--generations", "2", "--out", str(path), "--workers", "1", *SMALL]) == 0
    return path


@pytest.fixture
def champion(run_directory) -> str:
    return str(run_directory / "champion.npz")


def files(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.iterdir()} if path.exists() else {}


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


def test_a_directory_means_its_champion_wherever_one_is_asked_for(run_directory, capsys) -> None:
    run, champion = str(run_directory), str(run_directory / "champion.npz")
    few = ["--episodes", "3", "--workers", "1", "--json"]
    figures = []
    for path in (run, champion):
        assert evaluate.main([path, "--beside", path, *few]) == 0
        figures.append(json.loads(capsys.readouterr().out))
    assert figures[0].pop("beside") == {run: figures[0]}
    assert figures[1].pop("beside") == {champion: figures[1]}
    assert figures[0] == figures[1]


def test_json_has_null_where_a_figure_is_not_finite(run_directory, monkeypatch, capsys) -> None:
    real = evaluate.held_out_episodes

    def endless(*arguments: Any, **named: Any) -> Any:
        results = real(*arguments, **named)
        results.fitness[0, 0], results.total_reward[0, 0] = np.inf, np.nan
        return results

    monkeypatch.setattr(evaluate, "held_out_episodes", endless)
    with np.errstate(invalid="ignore"):
        assert (
            evaluate.main([str(run_directory), "--episodes", "3", "--workers", "1", "--json"]) == 0
        )

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    figures = json.loads(capsys.readouterr().out, parse_constant=refuse)
    assert figures["mean"] is figures["max"] is figures["mean_return"] is None
    assert figures["mean_moves"] > 0


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


def test_evaluate_prints_one_json_object(champion, capsys) -> None:
    for workers in ("1", "2"):
        arguments = [champion, "--episodes", "4", "--seed", "3", "--json", "--workers", workers]
        assert evaluate.main(arguments) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == second
    keys = ["episodes", "mean", "median", "max", "mean_return", "share_solved", "moves_to_solve"]
    assert set(keys) <= json.loads(first).keys()
    assert json.loads(first)["episodes"] == 4


def test_evaluate_prints_a_table(champion, capsys) -> None:
    assert evaluate.main([champion, "--episodes", "4"]) == 0
    assert "share solved" in capsys.readouterr().out


@pytest.mark.slow
def test_evaluate_shows_what_parts_of_the_brain_are_worth(capsys) -> None:
    senses, base = "food_*,*_food_in_sight", ["senses", "--episodes", "5", "--json"]
    assert evaluate.main([*base, "--without", senses, "--without", "hidden"]) == 0
    assert evaluate.main(base) == 0
    lesioned, whole = map(json.loads, capsys.readouterr().out.splitlines())
    lesions = lesioned.pop("without")
    assert lesioned == whole
    assert lesions.keys() == {senses, "hidden"}
    assert lesions[senses]["mean"] < whole["mean"] / 10
    assert lesions["hidden"] == whole  # it has none


def test_the_table_has_a_column_for_each_lesion(champion, capsys) -> None:
    assert evaluate.main([champion, "--episodes", "2", "--without", "row_*"]) == 0
    head = capsys.readouterr().out.splitlines()[0]
    assert head.split() == ["whole", "without", "row_*"]


@pytest.fixture(scope="module")
def grown_file(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("grown") / "grown.npz"
    grown_organism(6, 6).save(path)
    return str(path)


def test_a_grown_champion_is_evaluated_on_any_board(grown_file, capsys) -> None:
    base = [grown_file, "--episodes", "6", "--json", "--workers", "1"]
    board = ["--env-kwargs", "n_rows=7", "n_cols=5"]
    assert evaluate.main([*base, *board, "--beside", grown_file]) == 0
    figures = json.loads(capsys.readouterr().out)
    there = grown_organism(6, 6).on(n_rows=7, n_cols=5)
    assert figures.pop("beside") == {grown_file: figures}
    assert figures == spiking_agent.evaluate(there, episodes=6).to_json()
    assert evaluate.main(base) == 0
    assert json.loads(capsys.readouterr().out) != figures


def test_evaluate_shows_what_parts_of_a_plan_are_worth(grown_file, capsys) -> None:
    parts = ["W", "body after 2 moves", "morphogens", "food > D"]
    options = [word for part in parts for word in ("--without", part)]
    board = ["--env-kwargs", "n_rows=7", "n_cols=5"]
    assert evaluate.main([grown_file, "--episodes", "30", "--json", *board, *options]) == 0
    figures = json.loads(capsys.readouterr().out)
    lesions = figures.pop("without")
    assert list(lesions) == parts
    assert all(one != figures for one in lesions.values())
    assert lesions["food > D"]["mean"] < figures["mean"]
    assert evaluate.main([grown_file, "--episodes", "2", "--without", "nose"]) == 2
    assert "'nose' matches none: body, always, growth" in capsys.readouterr().err


def test_a_grown_champion_is_watched_on_any_board(grown_file, tmp_path, capsys) -> None:
    film = tmp_path / "there.gif"
    board = ["--env-kwargs", "n_rows=5", "n_cols=8"]
    assert watch.main([grown_file, "--record", str(film), "--moves", "3", *board]) == 0
    assert "3 moves" in capsys.readouterr().out
    with Image.open(film) as picture:
        assert picture.n_frames > 3


def test_names_are_printed_as_they_are_given(champion, capsys) -> None:
    assert evaluate.main([champion, "--episodes", "2", "--without", "[a-z]ow_0"]) == 0
    assert "without [a-z]ow_0" in capsys.readouterr().out.splitlines()[0]


def test_figures_are_printed_even_if_there_is_no_picture_to_make(tmp_path, capsys) -> None:
    out = str(tmp_path / "run")
    arguments = [*CART_POLE, "--out", out]
    assert evolve.main([*arguments, "--episodes", "1", "--workers", "1"]) == 0
    capsys.readouterr()
    lost = ["--episodes", "2", "--lost", str(tmp_path / "lost.png"), "--json"]
    assert evaluate.main([f"{out}/champion.npz", *lost]) == 2
    captured = capsys.readouterr()
    assert json.loads(captured.out)["episodes"] == 2
    assert "--lost needs an environment" in captured.err


def test_the_episodes_that_were_lost_are_pictured(champion, tmp_path, monkeypatch, capsys) -> None:
    pictured = []
    frames = evaluate.last_frames

    def recorded(organism, seeds, **how):
        pictured.extend(seeds)
        return frames(organism, seeds, **how)

    monkeypatch.setattr(evaluate, "last_frames", recorded)
    won = np.array([[0.0, 1.0, 0.0, 1.0, 0.0]])  # as if the champion were better than it is
    play = evaluate.held_out_episodes
    monkeypatch.setattr(
        evaluate, "held_out_episodes", lambda *a, **how: play(*a, **how)._replace(is_solved=won)
    )
    path = tmp_path / "lost.png"
    assert evaluate.main([champion, "--episodes", "5", "--seed", "7", "--lost", str(path)]) == 0
    assert pictured == [RESULT_SEEDS + 7 + i for i in (0, 2, 4)]
    with Image.open(path) as picture:
        assert picture.width > picture.height  # three side by side


def test_a_champion_that_loses_nothing_needs_no_picture(cycle_file, tmp_path, capsys) -> None:
    path = tmp_path / "lost.png"
    assert evaluate.main([str(cycle_file), "--episodes", "3", "--lost", str(path)]) == 0
    assert "No episode was lost" in capsys.readouterr().err
    assert not path.exists()


def test_a_rival_for_other_spaces_is_refused_before_anybody_plays(
    champion, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(evaluate, "held_out_episodes", lambda *_, **__: pytest.fail("has played"))
    out = str(tmp_path / "run")
    arguments = [*CART_POLE, "--out", out]
    assert evolve.main([*arguments, "--episodes", "1", "--workers", "1"]) == 0
    assert evaluate.main([champion, "--beside", f"{out}/champion.npz"]) == 2


@pytest.fixture(scope="module")
def cycle_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("cycle") / "cycle.npz"
    script = [sys.executable, ROOT / "scripts" / "cycle_player.py", "--rows", "4", "--cols", "5"]
    subprocess.run([*script, "--out", path], check=True, timeout=120)
    return path


@pytest.mark.slow
def test_two_champions_play_the_same_episodes(champion, cycle_file, capsys) -> None:
    base = ["--episodes", "5", "--json"]
    assert evaluate.main([champion, *base, "--beside", str(cycle_file)]) == 0
    assert evaluate.main([champion, *base]) == 0
    assert evaluate.main([str(cycle_file), *base]) == 0
    both, first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert both.pop("beside") == {str(cycle_file): second}
    assert both == first
    assert second["mean"] == 17
    assert second["share_solved"] == 1


def test_who_plays_beside_plays_the_games_of_the_champion(champion, cycle_file, capsys) -> None:
    arguments = ["--episodes", "3", "--json", "--beside", str(cycle_file)]
    assert evaluate.main([champion, *arguments, "--env-kwargs", "hunger_limit=3"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["beside"][str(cycle_file)]["mean"] < 17


def test_who_plays_beside_brings_no_rules_of_its_own(champion, tmp_path, capsys) -> None:
    own = Organism.load(champion)
    kwargs = {**own.task.env_kwargs, "hunger_limit": 3}
    task = replace(own.task, env_kwargs=kwargs, max_moves=2, score_key="length")
    rival = tmp_path / "rival.npz"
    replace(own, task=task).save(rival)
    base = ["--episodes", "5", "--json"]
    for first, other in ((champion, str(rival)), (str(rival), champion)):
        assert evaluate.main([first, *base, "--beside", other]) == 0
        figures = json.loads(capsys.readouterr().out)
        assert figures.pop("beside") == {other: figures}
        assert (figures["mean_moves"] <= 2) == (first == str(rival))


def test_inputs_without_a_name_have_a_number(tmp_path, capsys) -> None:
    out = str(tmp_path / "run")
    arguments = [*CART_POLE, "--out", out]
    assert evolve.main([*arguments, "--episodes", "1", "--workers", "1"]) == 0
    capsys.readouterr()
    path = f"{out}/champion.npz"
    assert evaluate.main([path, "--episodes", "2", "--json", "--without", "0 *,3 *"]) == 0
    assert json.loads(capsys.readouterr().out)["without"].keys() == {"0 *,3 *"}
    assert evaluate.main([path, "--without", "4 *"]) == 2


def test_champions_that_we_ship_are_evaluated_by_name_or_without_one(capsys) -> None:
    base = ["--episodes", "2", "--json", "--workers", "1"]
    hungry = ["--env-kwargs", "hunger_limit=50"]
    assert evaluate.main([*base, *hungry]) == 0
    assert evaluate.main(["grown", *base, *hungry]) == 0
    usual, grown = map(json.loads, capsys.readouterr().out.splitlines())
    assert usual == grown
    assert usual["mean"] > 10
    assert evaluate.main(["senses", *base, *hungry, "--without", "tail_*"]) == 0
    senses = json.loads(capsys.readouterr().out)
    assert senses.pop("without").keys() == {"tail_*"}
    assert senses["mean"] > 10
    assert senses != usual
    assert evaluate.main(["senses", *base, *hungry, "--beside", "senses"]) == 0
    assert json.loads(capsys.readouterr().out)["beside"] == {"senses": senses}


def test_the_champion_that_we_ship_plays_on_any_board(tmp_path, capsys) -> None:
    board = ["--env-kwargs", "n_rows=12", "n_cols=12"]
    base = ["--episodes", "2", "--json", "--workers", "1"]
    assert evaluate.main([*base, *board, "--without", "body"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["mean"] > 97  # the highest score on 10 x 10
    assert figures["without"]["body"]["mean"] < figures["mean"]
    film = str(tmp_path / "there.gif")
    assert watch.main(["--record", film, "--moves", "3", "--size", "640x360", *board]) == 0
    assert "3 moves" in capsys.readouterr().out


def test_a_champion_that_we_ship_is_watched_by_its_name(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    few = ["--record", "a.gif", "--moves", "2", "--size", "640x360"]
    assert watch.main(["senses", *few]) == 0
    assert "2 moves" in capsys.readouterr().out
    Path("senses").mkdir()
    assert watch.main(["senses", *few]) == 2
    assert "got senses, which holds no champion.npz" in capsys.readouterr().err


def test_watch_records_every_move_as_a_gif(champion, tmp_path, capsys) -> None:
    path = tmp_path / "game.gif"
    assert watch.main([champion, "--record", str(path), "--seed", "1"]) == 0
    out = capsys.readouterr().out
    n_moves = int(out.split("seed 1:")[1].split()[0])
    with Image.open(path) as gif:
        assert gif.n_frames == n_moves + 1  # the last one stays for a second
        assert gif.size == (1280, 720)
        last = np.asarray(gif.convert("RGB"))
    assert len(np.unique(last.reshape(-1, 3), axis=0)) > 8
    assert f"Wrote {n_moves + 1 + 15} pictures" in out


def test_watch_records_ticks_of_a_few_moves_in_any_size(champion, tmp_path, capsys) -> None:
    path = tmp_path / "game.gif"
    arguments = ["--moves", "2", "--every", "tick", "--size", "640x360", "--speed", "2"]
    assert watch.main([champion, "--record", str(path), *arguments]) == 0
    with Image.open(path) as gif:
        assert gif.size == (640, 360)
        n_ticks = Organism.load(champion).codec.n_ticks
        assert gif.n_frames <= 2 * n_ticks + 1  # equal pictures are one
        assert gif.n_frames > n_ticks
    assert "2 moves" in capsys.readouterr().out


def test_watch_takes_the_directory_of_a_run(champion, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert watch.main([str(Path(champion).parent), "--moves", "1", "--record", "a.gif"]) == 0
    assert watch.main([str(tmp_path), "--record", "a.gif"]) == 2
    assert "holds no champion.npz" in capsys.readouterr().err


@pytest.mark.slow  # on the wall clock
def test_watch_records_a_live_brain(champion, tmp_path) -> None:
    path = tmp_path / "live.gif"
    arguments = ["--live", "2", "--moves", "3", "--size", "640x360"]
    assert watch.main([champion, "--record", str(path), *arguments]) == 0
    with Image.open(path) as gif:
        assert gif.n_frames == 4


def test_watch_without_a_display_records_and_says_where(
    champion, tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    assert watch.main([champion, "--engine", "actors"]) == 0
    captured = capsys.readouterr()
    assert "No display" in captured.err
    (path,) = tmp_path.iterdir()
    assert path.name in captured.out
    assert path.stem == "Snake-v0-seed0"


BAD = {
    "truncated champion": (evaluate, ["{champion}.cut"], "champion file must be whole"),
    "text file": (evaluate, ["{text}"], "champion file must be whole"),
    "no such file": (
        evaluate,
        ["nowhere.npz"],
        "file must be one that can be read or written, got 'nowhere.npz' (No such file",
    ),
    "no such file, watch": (watch, ["nowhere.npz"], "nowhere.npz' (No such file"),
    "no such name": (
        evaluate,
        ["sense"],
        "got 'sense' (No such file or directory) or name a champion of the package: grown, senses",
    ),
    "no such name, watch": (watch, ["sense"], "or name a champion of the package: grown, senses"),
    "no rival": (evaluate, ["--beside", "{champion}"], "observation_space"),
    "seed beyond all": (evaluate, ["{champion}", "--seed", str(10**20)], "2**62"),
    "no such part": (evaluate, ["{champion}", "--without", "nose"], "'nose' matches none"),
    "other env": (evaluate, ["{champion}", "--env", "CartPole-v1"], "observation_space"),
    "other env, watch": (watch, ["{champion}", "--env", "CartPole-v1"], "observation_space"),
    "truncated, watch": (watch, ["{champion}.cut"], "champion file must be whole"),
    "format": (watch, ["{champion}", "--record", "a.avi"], "record must end in .gif"),
    "fast": (
        watch,
        ["{champion}", "--record", "a.gif", "--every", "tick", "--speed", "61"],
        "--speed must be 0.00833333 to 4.16667 in such a video",
    ),
    "live, engine": (
        watch,
        ["{champion}", "--live", "--engine", "actors"],
        "--live must not be given with --engine actors",
    ),
    "folder": (watch, ["{champion}", "--record", "no/a.gif"], "must lie in a directory"),
    "unknown env": (evolve, ["--env", "Snakes-v9", "--out", "{out}"], "Snakes"),
    "unknown module": (
        evolve,
        ["--env", "no_such_module:X-v0", "--out", "{out}"],
        "no_such_module",
    ),
    "another recipe": (
        evolve,
        ["--recipe", "grown", "--env-kwargs", "observation=senses", "--out", "{out}"],
        "observation must be 'planes' with recipe 'grown', got 'senses': leave out the recipe, or",
    ),
    "small board": (evolve, ["--env-kwargs", "n_rows=1", "--out", "{out}"], "n_rows must be"),
    "no number": (evolve, ["--env-kwargs", "n_rows=abc", "--out", "{out}"], "n_rows must be"),
    "list": (evolve, ["--env-kwargs", "n_rows=[1]", "--out", "{out}"], "n_rows must be"),
    "null": (evolve, ["--env-kwargs", "n_rows=null", "--out", "{out}"], "n_rows must be"),
    "done": (evolve, ["--resume", "{run}"], "has reached its limits, 2 generations: give"),
    "unknown kwarg, watch": (
        watch,
        ["{champion}", "--env-kwargs", "colour=1"],
        "env_kwargs must fit",
    ),
    "unknown kwarg": (evolve, ["--env-kwargs", "colour=1", "--out", "{out}"], "colour"),
    "population": (
        evolve,
        ["--population", "1", "--out", "{out}"],
        "population_size must be a whole number >= 2",
    ),
    "unwritable": (
        evolve,
        ["--generations", "1", "--out", "{text}/run"],
        "out must be a directory",
    ),
    "encoder": (
        evolve,
        ["--encoder", "gray", "--out", "{out}"],
        "encoder must be one of thermometer, rate, ",
    ),
    "decoder": (
        evolve,
        ["--decoder", "difference", "--out", "{out}"],
        "action space must be one for decoder 'difference', got Discrete(4): 'most-spikes' fits it",
    ),
    "resume and codec": (
        evolve,
        ["--resume", "{run}", "--encoder", "rate", "--score-key", "score"],
        "--encoder, --score-key must not be given",
    ),
    "resume": (evolve, ["--resume", "{empty}"], "resume must be the directory of a run"),
    "resume and seed": (evolve, ["--resume", "{run}", "--seed", "1"], "--seed must not be given"),
    "no champion in it": (evaluate, ["{empty}"], "got empty, which holds no champion.npz"),
    "no rival in it": (evaluate, ["--beside", "{empty}"], "got empty, which holds no champion.npz"),
    "no champion to watch": (watch, ["{empty}"], "got empty, which holds no champion.npz"),
    "report of nothing": (
        report,
        ["no\N{LATIN SMALL LETTER E WITH ACUTE}l"],
        "there is no such directory",
    ),
    "report of a file": (report, ["{champion}"], "champion.npz: it is a file"),
    "damaged run": (
        report,
        ["{damaged}"],
        "directory must be that of a run, got damaged (cannot read config.json: ",
    ),
    "report of no run": (report, ["{empty}"], "got empty: it holds no config.json"),
    "no name": (evaluate, [""], "champion must be a path that a file can have, got ''"),
    "no name of a run": (report, [""], "directory must be a path that a file can have, got ''"),
    "no id": (
        evolve,
        ["--env", "", "--out", "{out}"],
        "env must be an id, such as CartPole-v1 or module:Name-v0, got ''",
    ),
    "too many workers": (
        evaluate,
        ["{champion}", "--workers", "99999999"],
        "workers must be a whole number in 1..1024",
    ),
    "too many episodes": (
        evaluate,
        ["{champion}", "--episodes", "9999999"],
        "episodes must be a whole number in 1..1048576",
    ),
    "no JSON": (evolve, ["--env-kwargs", "size=NaN", "--out", "{out}"], "['size'] must be a JSON"),
    "taken": (evolve, ["--generations", "1", "--out", "{run}"], "which holds a run"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gives_one_line_and_exit_code_2(
    case, run_directory, tmp_path, monkeypatch, capsys
) -> None:
    program, arguments, message = BAD[case]
    monkeypatch.chdir(tmp_path)
    run = tmp_path / "run"
    shutil.copytree(run_directory, run)
    champion = run / "champion.npz"
    Path(f"{champion}.cut").write_bytes(champion.read_bytes()[:1000])
    text = tmp_path / "text.npz"
    text.write_text("not an archive")
    (tmp_path / "empty").mkdir()
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "config.json").write_text("{")
    names = {
        "damaged": "damaged",
        "champion": champion,
        "text": text,
        "out": "out",
        "empty": "empty",
        "run": run,
    }
    before, whole = files(run), {path.name for path in tmp_path.iterdir()}
    code = program.main([argument.format(**names) for argument in arguments])
    captured = capsys.readouterr()
    assert code == 2
    assert captured.err.count("\n") == 1, captured.err
    assert "error: " in captured.err
    assert message in captured.err
    assert files(run) == before
    assert {path.name for path in tmp_path.iterdir()} == whole


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


@pytest.mark.parametrize(
    "arguments",
    [
        ["--seconds", "0"],
        ["--seconds", "inf"],
        ["--generations", "x"],
        ["--seed", "-1"],
        ["--workers", "0"],
        ["--env-kwargs", "n_rows"],
        ["--engine", "magic"],
        ["--out", ""],
        ["--resume", ""],
    ],
    ids=" ".join,
)
def test_arguments_are_checked_by_the_parser(arguments, capsys) -> None:
    assert evolve.main(arguments) == 2
    error = capsys.readouterr().err
    assert arguments[0] in error
    assert error.endswith(" (see --help)\n")
    assert error.count("\n") == 1


@pytest.mark.parametrize("program", [evolve, evaluate, report, watch])
def test_an_option_that_does_not_exist_is_one_line_without_the_usage(program, capsys) -> None:
    assert program.main(["runs", "--colour", "red\nblue"]) == 2
    error = capsys.readouterr().err
    name = f"spiking-{program.__name__.rpartition('.')[2]}"
    assert error.startswith(f"{name}: error: unrecognized arguments: ")
    assert error.endswith("--colour red blue (see --help)\n")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("program", "arguments", "message"),
    [
        (watch, ["--live", "x"], "--live: must be 0.01 to 10000 milliseconds, got 'x'"),
        (watch, ["--live", "nan"], "--live: must be 0.01 to 10000 milliseconds, got 'nan'"),
        (watch, ["--speed", "0"], "--speed: must be a finite number > 0, got 0"),
        (evaluate, ["--episodes", "x"], "--episodes: must be a whole number >= 1, got 'x'"),
        (evaluate, ["--seed", "-1"], "--seed: must be a whole number >= 0, got -1"),
    ],
)
def test_an_argument_out_of_range_says_its_range(program, arguments, message, capsys) -> None:
    assert program.main(arguments) == 2
    assert capsys.readouterr().err.endswith(f"error: argument {message} (see --help)\n")


def test_a_file_that_cannot_be_read_is_said_in_the_same_words_by_all_programs(
    monkeypatch, capsys
) -> None:
    def refuse(name: str, *_: Any) -> None:
        raise PermissionError(13, "Permission denied", name)

    monkeypatch.setattr(evaluate, "load_champion", refuse)
    monkeypatch.setattr(play, "load_opponent", refuse)
    assert evaluate.main(["a.npz"]) == play.main(["--versus", "a.npz"]) == 2
    ours, theirs = capsys.readouterr().err.splitlines()
    assert ours.partition(": ")[2] == theirs.partition(": ")[2]
    assert ours.endswith(
        "file must be one that can be read or written, got 'a.npz' (Permission denied)"
    )


def test_a_file_that_cannot_be_written_is_named_as_it_was_given(
    champion, tmp_path, monkeypatch, capsys
) -> None:
    def refuse(self: Path, *_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    path = tmp_path / "lost.png"
    arguments = [champion, "--episodes", "2", "--workers", "1", "--lost", str(path)]
    play = evaluate.write_atomically

    def write(*given: Any) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(Path, "open", refuse)
            play(*given)

    monkeypatch.setattr(evaluate, "write_atomically", write)
    assert evaluate.main([*arguments, "--env-kwargs", "hunger_limit=3"]) == 2
    assert capsys.readouterr().err.endswith(
        f"file must be one that can be read or written, got {str(path)!r} (Permission denied)\n"
    )


def test_a_run_started_with_a_function_says_how_it_goes_on(tmp_path, capsys) -> None:
    few = {"generations": 1, "population_size": 4, "n_episodes": 1, "n_validation": 2}
    spiking_agent.evolve(Echo, out=tmp_path / "run", report=False, **few)
    assert evolve.main(["--resume", str(tmp_path / "run")]) == 2
    assert (
        "env must be given, because the run was started with a function: resume it in Python with "
        f"spiking_agent.evolve(env, resume=True, out={str(tmp_path / 'run')!r})"
    ) in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("script", ["evolve", "evaluate", "report", "watch", "play"])
def test_scripts_teach_by_help(script) -> None:
    command = [sys.executable, str(ROOT / "scripts" / f"{script}.py"), "--help"]
    text = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    assert "usage:" in text
    assert len(text.splitlines()) > 12


def start(path: Path, generations: int, *arguments: str) -> subprocess.Popen:
    limits = ["--generations", str(generations), "--out", str(path), "--seed", "6"]
    command = [sys.executable, str(ROOT / "scripts" / "evolve.py"), *limits, *arguments]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name
)
def test_an_interrupted_process_resumes_to_the_same_champion(how, tmp_path) -> None:
    path, whole = tmp_path / "cut", tmp_path / "whole"
    process = start(path, 100_000, "--workers", "1", *SMALL)
    deadline = time.monotonic() + 120
    while not (path / "checkpoint.npz").exists() and time.monotonic() < deadline:
        if how is signal.SIGINT and (path / "config.json").exists():
            break
        time.sleep(0.01)
    process.send_signal(how)
    _, err = process.communicate(timeout=60)
    assert process.returncode == (-signal.SIGKILL if how is signal.SIGKILL else 130), err
    metrics = path / "metrics.csv"
    n_done = len(metrics.read_text().splitlines()) if metrics.exists() else 0
    limit = ["--generations", str(n_done + 5)]
    assert evolve.main(["--no-report", "--resume", str(path), *limit]) == 0
    assert evolve.main([*limit, "--out", str(whole), "--seed", "6", *SMALL]) == 0
    for name in ("champion.npz", "checkpoint.npz"):
        assert (path / name).read_bytes() == (whole / name).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("moment", [0.1, 1.0, 3.0])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=lambda how: how.name)
def test_worker_processes_end_with_the_program(how, moment, tmp_path) -> None:
    path = tmp_path / "run"
    cart_pole = ["--env", "CartPole-v1", "--target", "none", "--workers", "2"]
    process = start(path, 100_000, *cart_pole)
    deadline = time.monotonic() + 60
    while not (path / "config.json").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(moment)
    if how is signal.SIGINT:
        os.killpg(process.pid, how)  # as a terminal does: the workers hear it too
    else:
        process.send_signal(how)
    _, err = process.communicate(timeout=30)  # its pipes close when the last worker has ended
    assert process.returncode == (130 if how is signal.SIGINT else -how), err
    assert "Traceback" not in err


@pytest.mark.slow
def test_watch_without_any_display_records(champion, tmp_path) -> None:
    names = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")
    environment = {key: value for key, value in os.environ.items() if key not in names}
    command = [sys.executable, str(ROOT / "scripts" / "watch.py"), champion]
    result = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "No display" in result.stderr
    assert [path.stem for path in tmp_path.iterdir()] == ["Snake-v0-seed0"]


def test_values_that_are_nested_too_deeply_are_refused(capsys) -> None:
    assert evolve.main(["--env-kwargs", "n_rows=" + 9999 * "["]) == 2
    words = "--env-kwargs: must not be nested so deeply, got n_rows=... (see --help)\n"
    assert capsys.readouterr().err.endswith(words)
