"""The recipe for brains that remember."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import spiking_agent
from memory_envs import DOWN, EAST, NORTH, SOUTH, UP, WEST, TMaze
from spiking_agent.evolution.recipes.memory import LAG, memory_recipe
from spiking_agent.evolution.recipes.real_numbers import real_recipe
from spiking_agent.evolution.settings.config import EvolutionConfig

MAZE, POSITIONS = "memory_envs:TMaze-v0", "memory_envs:CartPolePositions-v0"


def test_maze_is_sound() -> None:
    check_env(TMaze(), skip_render_check=True)


def test_cart_pole_shows_no_speeds() -> None:
    env, whole = gym.make(POSITIONS), gym.make("CartPole-v1")
    (seen, _), (all_numbers, _) = env.reset(seed=3), whole.reset(seed=3)
    assert seen.tolist() == all_numbers[[0, 2]].tolist()
    assert env.step(1)[0] in env.observation_space


def test_maze_is_drawn_with_its_cue() -> None:
    env = TMaze(length=4, render_mode="rgb_array")
    env.reset(seed=0)
    picture = env.render()
    assert picture.shape == (5 * 16, 6 * 16, 3)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) == 4
    assert TMaze().render() is None


@pytest.mark.parametrize("seed", range(4))
def test_maze_is_worth_1_for_the_turn_of_the_cue_which_is_seen_once(seed: int) -> None:
    maze = TMaze(length=5)
    cue = tuple(maze.reset(seed=seed)[0])
    assert cue in (UP, DOWN)
    seen = [tuple(maze.step(EAST)[0]) for _ in range(4)]
    assert not {UP, DOWN} & set(seen)
    assert seen[-1] != seen[0] == seen[-2]
    right = NORTH if cue == UP else SOUTH
    assert maze.step(right)[1:4] == (1.0, True, False)
    maze.reset(seed=seed)
    for _ in range(4):
        maze.step(EAST)
    assert maze.step(NORTH + SOUTH - right)[1:4] == (0.0, True, False)


def test_maze_ends_without_a_turn_in_time() -> None:
    maze = TMaze(length=5)
    maze.reset(seed=0)
    assert [maze.step(WEST)[3] for _ in range(15)] == [False] * 14 + [True]


def test_whole_numbers_are_remembered_for_some_decisions_exactly() -> None:
    config = memory_recipe(EvolutionConfig.of("Taxi-v3"), has_real_numbers=False)
    assert (config.codec.n_ticks, config.codec.carry_state) == (1, True)
    assert config.strategy.name == "genetic"


def test_what_is_seen_of_real_numbers_comes_twice() -> None:
    start = EvolutionConfig.of("CartPole-v1")
    config = memory_recipe(start, has_real_numbers=True)
    dna = config.dna.params
    assert dna.hidden_delays == (LAG * config.codec.n_ticks + 1,)
    assert dna.initiation_delays == (1,)
    back = {"carry_state": False, "n_hidden": 0, "hidden_thresholds": (), "hidden_delays": ()}
    assert config.changed(**back) == real_recipe(start)


@pytest.mark.slow
def test_cue_is_remembered_to_the_end_of_the_maze() -> None:
    organism = spiking_agent.evolve(MAZE, recipe="memory", seconds=60)
    played = spiking_agent.evaluate(organism, env=MAZE, episodes=50)
    assert np.all(played.mean == 1.0)


@pytest.mark.slow
def test_speeds_are_told_from_what_was_before() -> None:
    organism = spiking_agent.evolve(POSITIONS, recipe="memory", seconds=60)
    assert spiking_agent.evaluate(organism, env=POSITIONS, episodes=50).mean >= 475
