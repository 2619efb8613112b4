"""Evolve with neat-python, in its own process: `python neat_evolution.py SETTINGS`.

neat-python uses Python's global random generator, and forks its workers. SETTINGS are the fields
of `Settings` as a JSON object. The last line printed is JSON: `held_out` (mean return), `wall_s`
(the evolution, including the start of the workers) and `n_episodes` (training and validation).
"""

import json
import math
import sys
import tempfile
import time
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

INI = Path(__file__).with_name("neat.ini")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of an evolution; ranges of seeds are given as (from, below)."""

    env_id: str
    target: float  # mean return that validation must exceed to end it
    margin: float  # by this many standard errors
    seconds: float  # after which no generation is started
    seed: int
    workers: int
    population_size: int
    n_episodes: int  # per genome and generation
    training_seeds: Sequence[int]  # the range from which each generation draws its seeds
    validation_seeds: Sequence[int]
    validation_interval: int  # generations; one whose best reaches the target is also validated
    held_out_seeds: Sequence[int]


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

    def play(self, network: Any, seed: int) -> float:
        """Play an episode, and return the sum of its rewards."""
        observation, _ = self._env.reset(seed=seed)
        total, is_over = 0.0, False
        while not is_over:
            action = self._action(network.activate((observation * self._stretch).tolist()))
            observation, reward, terminated, truncated, _ = self._env.step(action)
            total += float(reward)
            is_over = terminated or truncated
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


def play(env_id: str, seeds: Sequence[int], genome: Any, config: Any) -> list[float]:
    """Return the returns of a genome in some episodes."""
    network = neat.nn.FeedForwardNetwork.create(genome, config)
    return [player(env_id).play(network, seed) for seed in seeds]


def mean_return(env_id: str, seeds: Sequence[int], genome: Any, config: Any) -> float:
    """Return the fitness of a genome."""
    return sum(play(env_id, seeds, genome, config)) / len(seeds)


class Evolution:
    """Generations of neat-python, and the best genome on the validation episodes."""

    def __init__(self, settings: Settings, pool: neat.ParallelEvaluator) -> None:
        self._settings, self._pool = settings, pool
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
        self._pool.eval_function = partial(mean_return, settings.env_id, seeds)
        self._pool.evaluate(genomes, config)
        self.n_episodes += len(genomes) * len(seeds)
        best = max((genome for _, genome in genomes), key=lambda genome: genome.fitness)
        is_due = generation % settings.validation_interval == 0
        if is_due or best.fitness >= settings.target:
            self._validate(best)

    def _validate(self, genome: Any) -> None:
        seeds = range(*self._settings.validation_seeds)
        returns = self._play_by_pool(genome, seeds)
        self.n_episodes += len(seeds)
        mean, error = float(np.mean(returns)), float(np.std(returns)) / math.sqrt(len(returns))
        if self._champion is None or mean > self._best:
            self._champion, self._best = genome, mean
        if mean - self._settings.margin * error >= self._settings.target:
            self.has_reached_target = True

    def _play_by_pool(self, genome: Any, seeds: range) -> list[float]:
        """Divide the episodes of one genome among the workers."""
        workers, env_id = self._settings.workers, self._settings.env_id
        tasks = [(env_id, seeds[i::workers], genome, self._config) for i in range(workers)]
        return list(chain.from_iterable(self._pool.pool.starmap(play, tasks)))


def make_config(settings: Settings) -> neat.Config:
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


def main(settings: Settings) -> None:
    """Evolve, and print the results."""
    started_s = time.perf_counter()
    with neat.ParallelEvaluator(settings.workers, mean_return) as pool:
        evolution = Evolution(settings, pool)
        evolution.advance()
        while (
            not evolution.has_reached_target and time.perf_counter() - started_s < settings.seconds
        ):
            evolution.advance()
        wall_s = time.perf_counter() - started_s
        held_out = evolution.held_out()
    result = {"held_out": held_out, "wall_s": wall_s, "n_episodes": evolution.n_episodes}
    print(json.dumps(result))


if __name__ == "__main__":
    main(Settings(**json.loads(sys.argv[1])))
