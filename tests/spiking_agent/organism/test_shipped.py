"""The champions of the package: their names, what they see, and what a command may ask for."""

from importlib.resources import files
from pathlib import Path

import pytest
from grown_organisms import grown_organism

import spiking_agent
from spiking_agent.dna.grown.brain import GrownBrain
from spiking_agent.errors import RunDirectoryError
from spiking_agent.organism.shipped import CHAMPIONS, is_shipped, load_champion


def test_the_usual_one_is_grown_and_sees_the_raw_board() -> None:
    organism = spiking_agent.champion()
    assert organism.to_bytes() == spiking_agent.champion("grown").to_bytes()
    assert isinstance(organism.brain, GrownBrain)
    assert organism.task.env_kwargs == {"observation": "planes"}
    assert organism.env_source().kwargs == organism.task.env_kwargs


def test_the_other_one_has_senses_and_no_hidden_neuron() -> None:
    organism = spiking_agent.champion("senses")
    assert organism.task.env_kwargs["observation"] == "senses"
    assert (organism.connectome.n_inputs, organism.connectome.n_neurons) == (113, 117)


@pytest.mark.parametrize("name", ["best", "", None, "Grown"])
def test_another_name_is_refused_with_the_names(name: object) -> None:
    with pytest.raises(ValueError, match="name must be one of grown, senses, got"):
        spiking_agent.champion(name)  # type: ignore[arg-type]


def test_each_file_of_the_package_has_a_name() -> None:
    folder = files("spiking_agent.organism") / "champions"
    assert {f"champions/{path.name}" for path in folder.iterdir()} == set(CHAMPIONS.values())


@pytest.mark.parametrize("name", CHAMPIONS)
def test_the_engine_is_the_one_asked_for(name: str) -> None:
    assert spiking_agent.champion(name).engine == "compiled"
    assert spiking_agent.champion(name, engine="actors").engine == "actors"
    assert load_champion(name, "live").engine == "live"
    with pytest.raises(ValueError, match="engine must be"):
        spiking_agent.champion(name, engine="magic")


@pytest.mark.parametrize(("name", "n_moves"), [("grown", 12), ("senses", 60)])
def test_each_plays_alike_on_both_engines(name: str, n_moves: int) -> None:
    compiled, actors = (spiking_agent.champion(name, engine=e) for e in ("compiled", "actors"))
    env = compiled.make_env()
    observation, info = env.reset(seed=0)
    for _ in range(n_moves):
        action = compiled.act(observation, info)
        assert actors.act(observation, info) == action
        observation, _, terminated, _, info = env.step(action)
        assert not terminated, "the champion must live that long"
    actors.close()


@pytest.mark.parametrize("board", [(6, 6), (8, 9), (12, 12)])
def test_the_grown_one_plays_on_other_boards_as_if_it_had_been_loaded_for_them(board) -> None:
    rows, cols = board
    kwargs = {"n_rows": rows, "n_cols": cols}
    there = spiking_agent.champion().on(**kwargs)
    figures = spiking_agent.evaluate(there, episodes=4)
    assert figures.mean > 10
    assert figures == spiking_agent.evaluate(
        spiking_agent.champion(), episodes=4, env_kwargs=kwargs
    )


# --- What a command may ask for ---


def test_a_command_gets_the_usual_one_or_one_by_its_name() -> None:
    assert load_champion(None, "compiled").to_bytes() == spiking_agent.champion().to_bytes()
    for name in CHAMPIONS:
        assert is_shipped(name)
        same = spiking_agent.champion(name).to_bytes()
        assert load_champion(name, "compiled").to_bytes() == same


@pytest.mark.parametrize("name", CHAMPIONS)
def test_a_path_that_exists_goes_before_a_name(name: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    organism = grown_organism(6, 6)
    organism.save(name)
    assert not is_shipped(name)
    assert load_champion(name, "compiled").to_bytes() == organism.to_bytes()
    Path(name).unlink()
    Path(name).mkdir()
    with pytest.raises(RunDirectoryError, match="holds no champion"):
        load_champion(name, "compiled")


def test_what_is_neither_a_path_nor_a_name_is_refused_with_the_names(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        load_champion(str(tmp_path / "sense"), "compiled")
    assert caught.value.__notes__ == ["or name a champion of the package: grown, senses"]
