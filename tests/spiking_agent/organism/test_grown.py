"""Organisms of grown brains: files of genes, other boards, lesions, the same moves everywhere."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from grown_organisms import grown_brain, grown_organism
from gymnasium import spaces
from players import make_organism

import spiking_agent
from snake_env import SnakeEnv
from spiking_agent import Organism, Task
from spiking_agent.brain.sheets.engine import SheetEngine
from spiking_agent.codec.encoders.grid import GridEncoder
from spiking_agent.environments.source import EnvSource
from spiking_agent.errors import EnvironmentMismatchError
from spiking_agent.organism.evaluation import held_out_episodes, lesioned


def play(organism: Organism, seed: int) -> list[int]:
    organism.reset()
    env = organism.make_env()
    observation, info = env.reset(seed=seed)
    actions, has_ended = [], False
    while not has_ended:
        actions.append(organism.act(observation, info))
        observation, _, terminated, truncated, info = env.step(actions[-1])
        has_ended = terminated or truncated
    env.close()
    return actions


def is_grown(organism: Organism) -> bool:
    return "connectome" in organism.brain.__dict__


def test_a_file_holds_genes_and_a_plan_and_gives_the_organism_back(tmp_path: Path) -> None:
    organism = grown_organism()
    organism.save(tmp_path / "it.npz")
    assert (tmp_path / "it.npz").stat().st_size < 4000
    with np.load(tmp_path / "it.npz", allow_pickle=False) as arrays:
        assert {name: arrays[name].shape for name in arrays} == {
            "header": arrays["header"].shape,
            "genome": (447,),
        }
        header = json.loads(arrays["header"].tobytes())
    assert header["version"] == 3
    assert header["grown"] == {"plan": organism.brain.plan.to_json(), "shape": [6, 6]}
    loaded = Organism.load(tmp_path / "it.npz")
    assert loaded.to_bytes() == organism.to_bytes()
    assert loaded.brain == organism.brain
    assert not is_grown(loaded)
    assert loaded.connectome == organism.connectome
    assert is_grown(loaded)


def test_a_connectome_is_saved_as_before() -> None:
    written_out = replace(grown_organism(), brain=grown_organism().connectome)
    header = spiking_agent.organism.champion_file.unpack(written_out.to_bytes())[0]
    assert header["version"] == 2
    assert "grown" not in header


def test_the_same_moves_from_rules_synapses_and_actors_over_a_whole_game() -> None:
    compiled = grown_organism()
    lanes = compiled.lanes()
    assert isinstance(lanes.engine, SheetEngine)
    moves = play(compiled, 3)
    assert len(moves) > 30
    assert not is_grown(compiled)
    written_out = replace(compiled, brain=compiled.connectome)
    assert play(written_out, 3) == moves
    actors = replace(compiled, engine="actors")
    assert play(actors, 3) == moves
    actors.close()


def test_held_out_episodes_are_those_of_its_connectome() -> None:
    organism = grown_organism()
    whole = held_out_episodes(organism, episodes=20)
    assert not is_grown(organism)
    written_out = replace(organism, brain=organism.connectome)
    for one in (
        held_out_episodes(written_out, episodes=20),
        held_out_episodes(organism, episodes=20, workers=2),
    ):
        for mine, theirs in zip(whole, one, strict=True):
            np.testing.assert_array_equal(mine, theirs)


def test_the_same_genome_on_another_board() -> None:
    organism = grown_organism()
    there = organism.on(n_rows=7, n_cols=9)
    assert there.brain == organism.brain.on((7, 9))
    assert there.codec.encoder == GridEncoder(3, 7, 9)
    assert there.observation_space.shape == (3, 7, 9)
    kwargs = {"observation": "planes", "n_rows": 7, "n_cols": 9}
    assert there.task == replace(organism.task, env_kwargs=kwargs)
    assert organism.task.env_kwargs["n_rows"] == 6
    moves = play(there, 1)
    assert play(Organism.from_bytes(there.to_bytes()), 1) == moves
    assert there.on(n_rows=6, n_cols=6).to_bytes() == organism.to_bytes()
    made_there = replace(grown_organism(7, 9), provenance=organism.provenance)
    assert made_there.to_bytes() == there.to_bytes()


def test_other_arguments_of_the_environment_change_the_task_only() -> None:
    there = grown_organism().on(hunger_limit=9)
    assert there.brain == grown_organism().brain
    assert there.task.env_kwargs["hunger_limit"] == 9
    assert max(held_out_episodes(there, episodes=10).n_moves.ravel()) < 60


def test_evaluation_on_another_board_grows_the_brain_there() -> None:
    organism = grown_organism()
    there = organism.on(n_rows=5, n_cols=8)
    assert spiking_agent.evaluate(there, episodes=5) == spiking_agent.evaluate(
        organism, episodes=5, env_kwargs={"n_rows": 5, "n_cols": 8}
    )


def test_what_is_not_grown_has_no_other_board() -> None:
    with pytest.raises(ValueError, match="brain must be a GrownBrain to grow on another"):
        make_organism().on(n_rows=6, n_cols=6)
    with pytest.raises(EnvironmentMismatchError, match="observation_space of the environment"):
        spiking_agent.evaluate(
            replace(grown_organism(), brain=grown_organism().connectome),
            episodes=1,
            env_kwargs={"n_rows": 7},
        )


class Boat(SnakeEnv):
    """Snake with other spaces."""

    def __init__(self, axes: tuple[int, ...] = (3, 6, 6), n_actions: int = 4) -> None:
        super().__init__(6, 6, "planes")
        self.observation_space = spaces.MultiBinary(axes)
        self.action_space = spaces.Discrete(n_actions)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"axes": (4, 7, 7)}, "observation_space of the environment must be as .* must have shape"),
        ({"axes": (7, 7)}, "observation_space of the environment must be as .* must have 3 axes"),
        ({"n_actions": 3}, r"action_space of the environment must be Discrete\(4\)"),
    ],
)
def test_other_channels_or_actions_are_refused(kwargs, message) -> None:
    with pytest.raises(EnvironmentMismatchError, match=message):
        grown_organism().fitting(EnvSource(Boat, kwargs))
    with pytest.raises(EnvironmentMismatchError, match=message):
        spiking_agent.evaluate(grown_organism(), episodes=1, env=Boat, env_kwargs=kwargs)


def test_a_board_that_is_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match="synapses of a grown brain must be at most"):
        grown_organism().fitting(EnvSource(Boat, {"axes": (3, 70, 70)}))


def test_a_function_has_to_be_named() -> None:
    organism = replace(grown_organism(), task=Task())
    with pytest.raises(EnvironmentMismatchError, match="env must be given"):
        organism.on(n_rows=8)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"brain": grown_brain((4, 9))}, r"encoder must drive a grid of \(3, 4, 9\)"),
        ({"brain": grown_brain((6, 7))}, "brain must have 109 inputs, as its codec has, got 127"),
    ],
)
def test_brain_and_codec_have_to_fit(changes, message) -> None:
    with pytest.raises(ValueError, match=message):
        replace(grown_organism(), **changes)
    organism = grown_organism()
    with pytest.raises(ValueError, match="n_ticks must be 14, as the plan of the brain says"):
        replace(organism, codec=replace(organism.codec, n_ticks=12))


def test_parts_of_the_plan_are_silenced_in_the_rules() -> None:
    organism = grown_organism()
    for part in ("W", "body after 2 moves", "food", "morphogens"):
        cut = lesioned(organism, part)
        assert cut.brain == organism.brain.silenced(part)
        assert isinstance(cut.lanes().engine, SheetEngine)
        loaded = Organism.from_bytes(cut.to_bytes())
        assert loaded.brain.without == (part,)
        assert loaded.connectome == cut.connectome != organism.connectome
    fewer = spiking_agent.evaluate(lesioned(organism, "food"), episodes=50).mean
    assert fewer < spiking_agent.evaluate(organism, episodes=50).mean


def test_other_parts_are_those_of_any_brain() -> None:
    organism = grown_organism()
    leaky = lesioned(organism, "leak")
    assert (leaky.connectome.decay == 1).all()
    one = lesioned(organism, "food 0?*")
    n_cut = organism.connectome.n_synapses - one.connectome.n_synapses
    assert n_cut > 0
    inputs = set(one.connectome.synapses.source.tolist())
    assert not inputs & set(range(72, 78))


def test_a_part_that_is_none_is_answered_with_parts_of_the_plan_and_of_any_brain() -> None:
    with pytest.raises(ValueError, match="'nose' matches none: body, always, growth") as caught:
        lesioned(grown_organism(), "nose")
    words = "morphogens; or hidden, leak, recurrence or patterns of input names: ('body 0,0', "
    assert words in str(caught.value)
    assert len(str(caught.value)) < 600


def test_evolution_makes_organisms_of_genes_and_a_run_keeps_them(tmp_path: Path) -> None:
    settings = {
        "env_kwargs": {"n_rows": 5, "n_cols": 6},
        "plan": "snake-small",
        "population_size": 8,
        "n_episodes": 1,
        "n_validation": 4,
        "seed": 1,
        "report": False,
    }
    whole = spiking_agent.evolve("Snake-v0", out=tmp_path / "a", generations=3, **settings)
    assert whole.brain.plan == grown_brain().plan
    assert not is_grown(whole)
    assert Organism.load(tmp_path / "a").to_bytes() == whole.to_bytes()
    spiking_agent.evolve("Snake-v0", out=tmp_path / "b", generations=2, **settings)
    resumed = spiking_agent.evolve(
        "Snake-v0", out=tmp_path / "b", generations=3, resume=True, report=False
    )
    assert resumed.to_bytes() == whole.to_bytes()
    assert (tmp_path / "a/checkpoint.npz").read_bytes() == (
        tmp_path / "b/checkpoint.npz"
    ).read_bytes()
