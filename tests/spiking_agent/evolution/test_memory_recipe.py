"""The recipe for brains that remember."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from memory_envs import DOWN, EAST, NORTH, SOUTH, UP, WEST, TMaze

import spiking_agent
from spiking_agent.evolution.recipes.memory import LAG, memory_recipe
from spiking_agent.evolution.recipes.real_numbers import real_recipe
from spiking_agent.evolution.settings.config import EvolutionConfig


class NoSpeeds(gym.ObservationWrapper):
    """CartPole of which only the position and the angle are seen."""

    def __init__(self, render_mode: str | None = None) -> None:
        super().__init__(gym.make("CartPole-v1", render_mode=render_mode))
        seen = self.env.observation_space
        assert isinstance(seen, gym.spaces.Box)
        self.observation_space = gym.spaces.Box(seen.low[::2], seen.high[::2])

    def observation(self, observation):
        return observation[::2]


def test_maze_is_sound() -> None:
    check_env(TMaze(), skip_render_check=True)


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
    organism = spiking_agent.evolve(TMaze, recipe="memory", seconds=60, target=0.99)
    played = spiking_agent.evaluate(organism, env=TMaze, episodes=50)
    assert np.all(played.mean == 1.0)


@pytest.mark.slow
def test_speeds_are_told_from_what_was_before() -> None:
    organism = spiking_agent.evolve(NoSpeeds, recipe="memory", seconds=60, target=475.0)
    assert spiking_agent.evaluate(organism, env=NoSpeeds, episodes=50).mean >= 475
