"""The plan for a player on a grid: made for channels and actions, heard at the player only."""

import json

import gymnasium as gym
import numpy as np
import numpy.testing as npt
import pytest
from player_envs import CATCHING, Catching
from random_plans import genomes_of

import spiking_agent
from spiking_agent.brain.engines import make_engine
from spiking_agent.brain.sheets.engine import SheetEngine
from spiking_agent.brain.sheets.window import find_window
from spiking_agent.dna.grown.dna import Grown, GrownParams
from spiking_agent.dna.grown.plan import Plan
from spiking_agent.dna.grown.plans import find_plan
from spiking_agent.dna.grown.plans.player import player
from spiking_agent.dna.ports import Ports
from spiking_agent.environments.source import EnvSource
from spiking_agent.episodes.evaluator import Evaluator
from spiking_agent.evolution.problem import Problem
from spiking_agent.evolution.recipes.choose import recipe
from spiking_agent.evolution.settings.config import EvolutionConfig


def on_grid(
    n_channels: int, n_actions: int, shape: tuple[int, int] = (10, 10), named: tuple[str, ...] = ()
) -> Grown:
    n_inputs = n_channels * shape[0] * shape[1]
    ports = Ports(
        n_inputs=n_inputs + 1,
        n_outputs=n_actions,
        constant=(n_inputs,),
        grid=(n_channels, *shape),
        output_names=named,
    )
    return Grown(GrownParams(plan="player"), ports)


@pytest.mark.parametrize(("n_channels", "n_actions"), [(1, 1), (4, 3), (7, 3), (10, 6), (12, 18)])
def test_the_plan_is_made_for_the_channels_and_actions_of_the_environment(
    n_channels, n_actions
) -> None:
    dna = on_grid(n_channels, n_actions)
    assert (len(dna.plan.channels), len(dna.plan.actions)) == (n_channels, n_actions)
    assert dna.plan.channels[0] == "player"
    actions = tuple(f"action {number}" for number in range(n_actions))
    assert dna.plan == find_plan("player", n_channels, actions) == player(n_channels, actions)
    assert dna.plan.mirrors == ()
    assert Plan.from_json(json.loads(json.dumps(dna.plan.to_json()))) == dna.plan


@pytest.mark.parametrize(
    ("actions", "mirrors"),
    [
        (("stay", "left", "right"), ((1, 2),)),
        (("RIGHT", "NOOP", "UPLEFT", "UPRIGHT", "LEFT"), ((0, 4), (2, 3))),
        (("left", "up"), ()),
        (("left left", "left right", "right left", "right right"), ((0, 3), (1, 2))),
        (("left", "LEFT", "right"), ()),  # which is the mirror image of "right"?
    ],
)
def test_left_and_right_are_mirror_images(actions, mirrors) -> None:
    dna = on_grid(3, len(actions), named=actions)
    assert dna.plan.actions == actions
    assert dna.plan.mirrors == mirrors


@pytest.mark.parametrize("shape", [(4, 5), (5, 6)])
def test_what_is_true_for_left_is_true_for_right_on_the_mirrored_grid(shape) -> None:
    dna = on_grid(3, 3, shape, named=("stay", "left", "right"))
    tissue = dna.grow(genomes_of(dna, 8, seed=4))
    seen, mirrored = (make_engine("compiled", tissue, carry_state="impulses") for _ in range(2))
    rng = np.random.default_rng(5)
    totals, differ = np.zeros(2, int), False
    for _ in range(6):
        grid = rng.random((8, 1, 3, *shape)) < 0.2
        grid[:, 0, 0] = rng.random((8, shape[0] * shape[1])).argsort(axis=1).reshape(8, *shape) < 1
        one, other = (
            engine.decide(with_constant(cells), dna.plan.n_ticks)
            for engine, cells in ((seen, grid), (mirrored, grid[..., ::-1]))
        )
        npt.assert_array_equal(one[..., 1], other[..., 2])
        npt.assert_array_equal(one[..., 2], other[..., 1])
        totals += one[..., 1:].sum(axis=(0, 1))
        differ |= bool((one[..., 1] != one[..., 2]).any())
    assert totals.min() > 50
    assert differ


@pytest.mark.parametrize("named", [(), ("stay", "west", "east")])
def test_without_left_and_right_all_actions_tell_one_side_from_the_other(named) -> None:
    dna = on_grid(2, 3, (5, 13), named=named)
    assert not any(layer.is_mirrored for layer in dna.plan.layers)
    tissue = dna.grow(genomes_of(dna, 40, seed=6))
    grid = np.zeros((40, 1, 2, 5, 13), bool)
    grid[..., 0, 2, 6] = grid[..., 1, 2, 1] = True  # far away on the left
    counts = [
        make_engine("compiled", tissue, carry_state="impulses").decide(
            with_constant(cells), dna.plan.n_ticks
        )
        for cells in (grid, grid[..., ::-1])
    ]
    assert ((counts[0] != counts[1]).sum(axis=(0, 1)) > 3).all()


@pytest.mark.parametrize(
    "names",
    [
        ("left", "right", "left"),
        ("left", "right", "wall"),
        ("left", "right", ""),
        ("left", "right", "a\nb"),
        ("left", "right", "x" * 41),
    ],
)
def test_names_that_a_plan_cannot_have_give_way_to_numbers(names) -> None:
    plan = on_grid(2, 3, named=names).plan
    assert plan.actions == ("action 0", "action 1", "action 2")
    assert plan.mirrors == ()


def with_constant(grid: np.ndarray) -> np.ndarray:
    """Drive of some grids, whose last input is constant."""
    flat = grid.reshape(*grid.shape[:2], -1).astype(np.uint8)
    return np.concatenate([flat, np.ones((*flat.shape[:2], 1), np.uint8)], axis=-1)


@pytest.mark.parametrize(("n_channels", "n_actions"), [(4, 3), (7, 3), (6, 4), (10, 6)])
@pytest.mark.parametrize("named", [(), ("left", "right", "stay", "up", "down", "fire")])
def test_only_what_is_near_the_player_is_computed(n_channels, n_actions, named) -> None:
    dna = on_grid(n_channels, n_actions, named=named[:n_actions])
    assert bool(dna.plan.mirrors) == bool(named)
    tissue = dna.grow(dna.genes.draw(3, np.random.default_rng(1)))
    window = find_window(tissue, carry_state="impulses")
    assert window is not None
    assert tissue.groups[window.gate].name == "player"
    assert len(window.slots) < dna.n_neurons / 10


@pytest.mark.parametrize("n_players", [1, 0, 2])
@pytest.mark.parametrize("named", [(), ("stay", "left", "right", "fire")])
def test_what_is_computed_near_the_player_is_what_whole_sheets_say(
    n_players: int, named: tuple[str, ...]
) -> None:
    dna, rng = on_grid(3, 4, (5, 6), named=named), np.random.default_rng(n_players)
    tissue = dna.grow(genomes_of(dna, 6, seed=2))
    engines = [
        make_engine("compiled", brains, carry_state="impulses")
        for brains in (tissue, tissue.population())
    ]
    assert isinstance(engines[0], SheetEngine)
    assert not isinstance(engines[1], SheetEngine)
    n_spikes = 0
    for _ in range(6):
        drive = (rng.random((6, 1, 91)) < 0.2).astype(np.uint8)
        drive[:, 0, :30] = rng.random((6, 30)).argsort(axis=1) < n_players
        drive[:, 0, -1] = 1
        counts, expected = (engine.decide(drive, dna.plan.n_ticks) for engine in engines)
        npt.assert_array_equal(counts, expected)
        n_spikes += int(counts.sum())
    assert (n_spikes > 100) == (n_players > 0)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((32, 3), "channels must be at most 31 for the plan 'player', got 32"),
        ((3, 65), "actions must have at most 64 items, got 65"),
    ],
)
def test_too_many_channels_or_actions_are_refused_by_name(sizes, message) -> None:
    with pytest.raises(ValueError, match=message):
        on_grid(*sizes)
    assert on_grid(31, 3).n_neurons > 0


def problem() -> Problem:
    config: EvolutionConfig = recipe(EnvSource(CATCHING), dna="grown")
    return Problem.probe(config, np.random.default_rng(0))


def test_a_player_that_hears_on_which_side_something_falls_catches_all_of_it() -> None:
    task = problem()
    assert (task.dna.plan.actions, task.dna.plan.mirrors) == (("stay", "left", "right"), ((1, 2),))
    genes = task.dna.genes
    genome = np.zeros((1, genes.n_genes), np.float32)
    for name, value in {
        "channel 1 > side 1 1, far up left": 2.0,  # and the second one hears what is up right
        "side 1 1 threshold": 14.0,
        "side 1 1 > D left, kernel (+0, +0)": 4.0,
        "channel 1 > side 1 3, far up": 2.0,
        "side 1 3 threshold": 14.0,
        "side 1 3 > D stay, kernel (+0, +0)": 4.0,
    }.items():
        genome[0, genes.names.index(name)] = value
    with Evaluator(task.training, task.codec) as evaluator:
        seen = evaluator.evaluate(task.dna.grow(genome), range(20)).fitness
        blind = evaluator.evaluate(task.dna.grow(0 * genome), range(20)).fitness
    assert seen.mean() == 3.0
    assert blind.mean() < 2.0


def test_genes_say_what_they_are_for() -> None:
    names = on_grid(3, 2).genes.names
    assert len(set(names)) == len(names)
    for name in (
        "channel 2 > D action 1, kernel (-1, +2)",
        "channel 1 > D action 0 after 1 move, kernel (+1, +0)",
        "count 2 1 threshold",
        "channel 2 > side 2 3, far down right",
        "side 2 3 threshold",
    ):
        assert name in names
    assert "side 2 4 threshold" in names
    mirrored = on_grid(3, 2, named=("left", "right")).genes.names
    assert "side 2 3 threshold" in mirrored
    assert "side 2 4 threshold" not in mirrored  # its mirror image has it


def test_gym_knows_the_stand_in() -> None:
    with gym.make(CATCHING) as env:
        observation, _ = env.reset(seed=1)
        assert observation.shape == (5, 6, 2)
        assert observation[..., 0].sum() == 1


@pytest.mark.slow
def test_the_recipe_finds_brains_that_catch_nearly_all() -> None:
    organism = spiking_agent.evolve(CATCHING, dna="grown", generations=16, n_validation=20, seed=1)
    assert spiking_agent.evaluate(organism, episodes=50).mean > 2.5  # chance: 0.5 of 3
    there = organism.on(n_rows=6, n_cols=9)
    assert there.brain.genome.tolist() == organism.brain.genome.tolist()
    assert spiking_agent.evaluate(there, episodes=20).mean_moves == 15.0


@pytest.mark.parametrize("names", [("", "left", "right"), ("a", "b"), None, "abc", (1, 2, 3)])
@pytest.mark.parametrize("dna", ["grown", "wired"])
def test_odd_names_of_actions_do_not_stop_a_run(names, dna, monkeypatch) -> None:
    monkeypatch.setitem(Catching.metadata, "action_names", names)
    task = Problem.probe(recipe(EnvSource(CATCHING), dna=dna), np.random.default_rng(0))
    assert len(task.dna.ports.output_names) == 3
