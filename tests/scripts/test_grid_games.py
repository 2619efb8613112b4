"""The table of grid games: what is done is not done again, and MinAtar is optional."""

import importlib

import gymnasium as gym
import numpy as np
import pytest
from player_envs import CATCHING

import grid_games
import spiking_agent
from spiking_agent.brain.sheets.window import find_window
from spiking_agent.environments.source import EnvSource
from spiking_agent.evolution.problem import Problem
from spiking_agent.evolution.recipes.choose import recipe
from spiking_agent.evolution.run_directory import CHECKPOINT, METRICS


@pytest.fixture
def catching(monkeypatch) -> None:
    game = grid_games.Game(env_id=CATCHING, dqn=3.0, actor_critic=2.5)
    monkeypatch.setattr(grid_games, "GAMES", {"Catching": game})
    monkeypatch.setattr(grid_games, "find_spec", lambda name: name)


@pytest.mark.slow
@pytest.mark.usefixtures("catching")
def test_a_table_is_made_and_a_second_call_plays_nothing_again(
    tmp_path, capsys, monkeypatch
) -> None:
    how = [
        "--seeds",
        "2",
        "--workers",
        "1",
        "--seconds",
        "0.1",
        "--episodes",
        "3",
        "--runs",
        str(tmp_path),
    ]
    assert grid_games.main(how) == 0
    lines = capsys.readouterr().out.splitlines()[-3:]
    assert lines[0] == "| game | random | seed 0 | seed 1 | median | DQN | AC(0.8) |"
    cells = [cell.strip() for cell in lines[2].strip("|").split("|")]
    assert cells[0] == "Catching"
    assert cells[-2:] == ["3", "2.5"]
    low, high = sorted(map(float, cells[2:4]))
    assert 0.0 <= low <= float(cells[4]) <= high <= 3.0
    assert (tmp_path / "Catching" / "1" / grid_games.RESULT).is_file()
    monkeypatch.setattr(spiking_agent, "evolve", lambda *_, **__: pytest.fail("played again"))
    assert grid_games.main(how) == 0
    assert capsys.readouterr().out.splitlines()[-3:] == lines
    assert grid_games.main([*how, "--seconds", "600"]) == 2
    assert "--seconds must be 0.1, as in" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.usefixtures("catching")
def test_a_run_that_was_stopped_goes_on(tmp_path, capsys) -> None:
    how = [
        "--seeds",
        "1",
        "--workers",
        "1",
        "--seconds",
        "0.1",
        "--episodes",
        "2",
        "--runs",
        str(tmp_path),
    ]
    run = tmp_path / "Catching" / "0"
    assert grid_games.main(how) == 0
    (run / grid_games.RESULT).unlink()
    for name in (CHECKPOINT, METRICS):  # as if it had been stopped at once
        (run / name).unlink(missing_ok=True)  # a busy machine ends no generation in that time
    assert grid_games.main(how) == 0
    before = (run / METRICS).read_text()
    (run / grid_games.RESULT).unlink()
    assert grid_games.main([*how, "--seconds", "1.5"]) == 0
    after = (run / METRICS).read_text()
    assert after.startswith(before)
    assert len(after) > len(before)
    assert "Catching seed 0: " in capsys.readouterr().err


def test_unknown_games_and_a_missing_package_are_named(capsys, monkeypatch) -> None:
    assert grid_games.main(["Breakout", "Pong"]) == 2
    assert "GAME must be one of Breakout, Asterix, Freeway" in capsys.readouterr().err
    monkeypatch.setattr(grid_games, "find_spec", lambda _: None)
    assert grid_games.main(["Breakout"]) == 2
    assert "minatar must be installed" in capsys.readouterr().err


@pytest.mark.usefixtures("catching")
def test_random_play_is_the_same_every_time() -> None:
    means = {grid_games.random_play(CATCHING, 20) for _ in range(2)}
    assert len(means) == 1
    assert 0.0 < means.pop() < 2.0


@pytest.mark.parametrize("name", grid_games.GAMES)
def test_games_of_minatar_show_one_player_and_are_computed_near_it(name: str) -> None:
    pytest.importorskip("minatar")
    importlib.import_module("minatar_games")
    source = EnvSource(grid_games.GAMES[name].env_id)
    with source.make() as env:
        env.reset(seed=1)
        rng = np.random.default_rng(1)
        assert isinstance(env.action_space, gym.spaces.Discrete)
        for _ in range(200):
            observation, *_, ended, _, _ = env.step(int(rng.integers(env.action_space.n)))
            assert observation[..., 0].sum() == 1
            if ended:
                env.reset()
    problem = Problem.probe(recipe(source, dna="grown"), np.random.default_rng(0))
    assert problem.dna.plan.actions[0] == "stay"
    assert len(problem.dna.plan.mirrors) == (name != "Freeway")
    tissue = problem.dna.grow(problem.dna.genes.draw(2, np.random.default_rng(1)))
    assert find_window(tissue, carry_state=problem.codec.carry_state) is not None
