"""Evolve with neat-python, in its own process: `python neat_evolution.py SETTINGS`.

See `benchmarks.cases.evolving`; PYTHONPATH must hold `scripts`. neat-python uses Python's global
random generator, and forks its workers.
"""

import json
import math
import sys
import tempfile
from collections.abc import Sequence
from configparser import ConfigParser
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import Any

import gymnasium as gym
import neat
import numpy as np

from benchmarks.cases.evolving import Settings, tell

INI = Path(__file__).with_name("neat.ini")


@dataclass(frozen=True, slots=True, kw_only=True)
class NeatSettings(Settings):
    """Settings of an evolution: those of all, and what ours finds in its recipe."""

    margin: float  # standard errors by which validation must exceed the target
    population_size: int
    n_episodes: int  # per genome and generation
    max_moves: int  # after which an episode is cut off
    training_seeds: Sequence[int]  # the range from which each generation draws its seeds
    validation_seeds: Sequence[int]
    validation_interval: int  # generations; one whose best reaches the target is also validated


class Player:
    """An environment, and how the outputs of a network become actions."""

    def __init__(self, env_id: str) -> None:
        self._env: gym.Env[Any, Any] = gym.make(env_id, disable_env_checker=True)
        space, seen = self._env.action_space, self._env.observation_space
        if not isinstance(seen, gym.spaces.Box):
            raise TypeError(f"observation_space must be a Box, got {seen}")
        self._box = space if isinstance(space, gym.spaces.Box) else None
        self.n_inputs, self.n_outputs = gym.spaces.flatdim(seen), gym.spaces.flatdim(space)
        # Observations with small bounds are scaled to 1: networks do not react to speeds of 0.07.
        self._stretch = 1.0 / np.clip(np.maximum(-seen.low, seen.high), 1e-6, 1.0)

    def play(self, network: Any, seed: int, max_moves: int) -> float:
        """Play an episode, and return the sum of its rewards."""
        observation, _ = self._env.reset(seed=seed)
        total = 0.0
        for _ in range(max_moves):
            action = self._action(network.activate((observation * self._stretch).ravel().tolist()))
            observation, reward, terminated, truncated, _ = self._env.step(action)
            total += float(reward)
            if terminated or truncated:
                break
        return total

    def _action(self, outputs: list[float]) -> Any:
        """Return the index of the largest output, or outputs scaled from [-1, 1] to the bounds."""
        if self._box is None:
            return outputs.index(max(outputs))
        low, high = self._box.low, self._box.high
        return low + (np.asarray(outputs, low.dtype) + 1) / 2 * (high - low)


@cache
def player(env_id: str) -> Player:
    """Return the player of this process."""
    return Player(env_id)


def play(settings: NeatSettings, seeds: Sequence[int], genome: Any, config: Any) -> list[float]:
    """Return the returns of a genome in some episodes."""
    network = neat.nn.FeedForwardNetwork.create(genome, config)
    return [player(settings.env_id).play(network, seed, settings.max_moves) for seed in seeds]


def mean_return(settings: NeatSettings, seeds: Sequence[int], genome: Any, config: Any) -> float:
    """Return the fitness of a genome."""
    return sum(play(settings, seeds, genome, config)) / len(seeds)


class Evolution:
    """Generations of neat-python, and the best genome on the validation episodes."""

    def __init__(self, settings: NeatSettings, pool: neat.ParallelEvaluator) -> None:
        self._settings, self._pool = settings, pool
        self._target = math.inf if settings.target is None else settings.target
        self._config = make_config(settings)
        self._population = neat.Population(self._config, seed=settings.seed)
        self._champion: Any = None
        self._best = -math.inf  # mean of the champion over the validation episodes
        self.has_reached_target = False  # whether the validation of a champion exceeds it
        self.n_episodes = 0

    def advance(self) -> None:
        """Run one generation."""
        self._population.run(self._evaluate, 1)

    def held_out(self) -> float:
        """Return the mean of the champion over the held-out episodes."""
        returns = self._play_by_pool(self._champion, range(*self._settings.held_out_seeds))
        return float(np.mean(returns))

    def _evaluate(self, genomes: list[tuple[int, Any]], config: Any) -> None:
        settings, generation = self._settings, self._population.generation
        generator = np.random.default_rng([settings.seed, generation])
        seeds = generator.integers(*settings.training_seeds, settings.n_episodes).tolist()
        self._pool.eval_function = partial(mean_return, settings, seeds)
        self._pool.evaluate(genomes, config)
        self.n_episodes += len(genomes) * len(seeds)
        best = max((genome for _, genome in genomes), key=lambda genome: genome.fitness)
        is_due = generation % settings.validation_interval == 0
        if is_due or best.fitness >= self._target:
            self._validate(best)

    def _validate(self, genome: Any) -> None:
        seeds = range(*self._settings.validation_seeds)
        returns = self._play_by_pool(genome, seeds)
        self.n_episodes += len(seeds)
        mean, error = float(np.mean(returns)), float(np.std(returns)) / math.sqrt(len(returns))
        if self._champion is None or mean > self._best:
            self._champion, self._best = genome, mean
        if mean - self._settings.margin * error >= self._target:
            self.has_reached_target = True

    def _play_by_pool(self, genome: Any, seeds: range) -> list[float]:
        """Divide the episodes of one genome among the workers."""
        settings, workers = self._settings, self._settings.workers
        tasks = [(settings, seeds[i::workers], genome, self._config) for i in range(workers)]
        return list(chain.from_iterable(self._pool.pool.starmap(play, tasks)))


def make_config(settings: NeatSettings) -> neat.Config:
    """Return the configuration with its sizes; neat-python reads it from a file only."""
    parser = ConfigParser()
    parser.read_string(INI.read_text(encoding="utf-8"))
    sizes = player(settings.env_id)
    parser["NEAT"]["pop_size"] = str(settings.population_size)
    parser["DefaultGenome"]["num_inputs"] = str(sizes.n_inputs)
    parser["DefaultGenome"]["num_outputs"] = str(sizes.n_outputs)
    kinds = (
        neat.DefaultGenome,
        neat.DefaultReproduction,
        neat.DefaultSpeciesSet,
        neat.DefaultStagnation,
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / INI.name
        with path.open("w", encoding="utf-8") as file:
            parser.write(file)
        return neat.Config(*kinds, str(path))


def main(settings: NeatSettings) -> None:
    """Evolve, and print the results."""
    with neat.ParallelEvaluator(settings.workers, mean_return) as pool:
        evolution = Evolution(settings, pool)
        evolution.advance()
        while not evolution.has_reached_target and settings.left_s() > 0.0:
            evolution.advance()
        wall_s = settings.passed_s()
        tell(held_out=evolution.held_out(), wall_s=wall_s, n_episodes=evolution.n_episodes)


if __name__ == "__main__":
    main(NeatSettings(**json.loads(sys.argv[1])))
