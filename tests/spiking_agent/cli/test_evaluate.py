"""`spiking-evaluate`: figures, tables and pictures."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from grown_organisms import grown_organism
from PIL import Image
from small_runs import CART_POLE

import spiking_agent
from spiking_agent.cli import evaluate, evolve, watch
from spiking_agent.episodes.seeds import RESULT_SEEDS
from spiking_agent.organism.organism import Organism


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
    champion, tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.setattr(evaluate, "held_out_episodes", lambda *_, **__: pytest.fail("has played"))
    out = str(tmp_path / "run")
    arguments = [*CART_POLE, "--out", out]
    assert evolve.main([*arguments, "--episodes", "1", "--workers", "1"]) == 0
    rival = f"{out}/champion.npz"
    assert evaluate.main([champion, "--beside", champion, "--beside", rival]) == 2
    words = "for the same observations and actions as the first one, got "
    assert f"{words}{rival!r}: observation_space of the" in capsys.readouterr().err


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
