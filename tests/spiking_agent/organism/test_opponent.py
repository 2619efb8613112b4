"""The champion as an opponent: which files and boards it takes, and that it plays its own game."""

from pathlib import Path

import pytest
from grown_organisms import grown_organism

import spiking_agent
from snake_env import SnakeEnv
from snake_env.play.match import Match
from snake_env.play.opponents import LoadOpponent
from spiking_agent.episodes.task import Task
from spiking_agent.organism import opponent
from spiking_agent.organism.opponent import load, load_senses


def small_champion(**env_kwargs: object) -> spiking_agent.Organism:
    return spiking_agent.evolve(
        "Snake-v0",
        generations=1,
        population_size=10,
        n_validation=8,
        env_kwargs={"observation": "senses", **env_kwargs},
    )


@pytest.mark.parametrize(("name", "load_it"), [("grown", load), ("senses", load_senses)])
def test_it_plays_beside_a_person_as_it_plays_alone(name: str, load_it: LoadOpponent) -> None:
    match = Match(10, 10, name=name, opponent=load_it(10, 10))
    match.start(7)
    for _ in range(60):
        match.move()
    assert match.opponent is not None
    organism = spiking_agent.champion(name)
    env = organism.make_env()
    observation, info = env.reset(seed=7)
    for _ in range(60):
        observation, *_, info = env.step(organism.act(observation, info))
    assert match.opponent.game == env.unwrapped.snapshot()
    assert match.opponent.result.score == info["score"] > 0


def test_files_and_directories_of_runs(tmp_path: Path) -> None:
    organism = small_champion(n_rows=6, n_cols=12)
    organism.save(tmp_path / "champion.npz")
    for path in (tmp_path, tmp_path / "champion.npz"):
        assert load(6, 12, str(path)).organism.to_bytes() == organism.to_bytes()


def test_its_observation_is_that_of_its_environment(tmp_path: Path) -> None:
    small_champion(observation="planes", n_rows=6, n_cols=6).save(tmp_path / "planes.npz")
    chosen = load(6, 6, str(tmp_path / "planes.npz"))
    assert chosen.observation == "planes"
    match = Match(6, 6, name="champion", opponent=chosen)
    match.start(0)
    match.finish()
    assert match.opponent is not None
    assert match.opponent.is_over
    assert load(10, 10).observation == "planes"
    assert load_senses(10, 10).observation == "senses"


@pytest.mark.parametrize("size", [(6, 12), (8, 12), (12, 8)])
def test_another_board_is_refused_even_if_its_senses_are_as_many(size: tuple[int, int]) -> None:
    rows, cols = size
    with pytest.raises(ValueError, match=f"board of {rows} x {cols}, got one for 10 x 10"):
        load_senses(*size)
    assert (
        SnakeEnv(8, 12, "senses").observation_space == SnakeEnv(10, 10, "senses").observation_space
    )


def test_a_grown_champion_plays_on_any_board(tmp_path: Path) -> None:
    organism = grown_organism(6, 6)
    organism.save(tmp_path / "grown.npz")
    for rows, cols in ((6, 6), (7, 9)):
        chosen = load(rows, cols, str(tmp_path / "grown.npz"))
        assert chosen.organism.to_bytes() == organism.on(n_rows=rows, n_cols=cols).to_bytes()
        match = Match(rows, cols, name="champion", opponent=chosen)
        match.start(0)
        match.finish()
        assert match.opponent is not None
        assert match.opponent.is_over


def test_the_champion_that_we_ship_grows_onto_the_board() -> None:
    organism = spiking_agent.champion().on(n_rows=12, n_cols=12)
    assert load(12, 12).organism.to_bytes() == organism.to_bytes()


def test_bad_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the directory of a run, got"):
        load(10, 10, str(tmp_path))
    with pytest.raises(OSError, match="nowhere"):
        load(10, 10, str(tmp_path / "nowhere"))
    damaged = tmp_path / "damaged.npz"
    damaged.write_bytes(spiking_agent.champion("senses").to_bytes()[:-100])
    with pytest.raises(ValueError, match=r"damaged\.npz"):
        load(10, 10, str(damaged))


def test_a_champion_of_something_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    other = spiking_agent.champion("senses")
    monkeypatch.setattr(opponent, "champion", lambda: other)
    other.task = Task(env="CartPole-v1")
    with pytest.raises(ValueError, match="one for Snake-v0, got one for CartPole-v1"):
        load(10, 10)
    other.task = Task(env="Snake-v0", env_kwargs={"observation": "planes"})
    with pytest.raises(ValueError, match="observation_space of the environment must be"):
        load(10, 10)
