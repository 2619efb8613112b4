"""The measurement of one step: an evolution with a budget of games, and its champion's score."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self, cast

import numpy as np

from autopsies.published_rule import LIVE_ENGINES, its_engines
from spiking_agent.brain.actors.engine import ActorEngine
from spiking_agent.brain.engines import make_engine
from spiking_agent.brain.population import Population
from spiking_agent.episodes.evaluator import Evaluator
from spiking_agent.episodes.lanes import PolicyLanes
from spiking_agent.episodes.seeds import RESULT_SEEDS
from spiking_agent.evolution.loop import Evolution
from spiking_agent.evolution.settings.config import EvolutionConfig
from spiking_agent.organism.evaluation import evaluate
from spiking_agent.organism.organism import Organism

N_PLAYS = 10  # of the same game, by the same brain


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of a step with one seed and one budget."""

    step: str
    seed: int
    games: int  # the budget
    games_played: int  # in training, in whole generations
    seconds: float  # of the evolution
    score: float  # held-out mean of the champion
    share_solved: float
    episodes: int  # held-out games
    alike: float  # share of games that are the same every time they are played
    late: float | None  # share of impulses more than a tick late; None in virtual time

    def to_json(self) -> dict[str, Any]:
        """Return all fields as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return the result that `to_json` wrote.

        Raises
        ------
        TypeError
            If a value is missing, unknown or of another type.
        """
        for field in fields(cls):
            expected = {"step": str, "late": float | int | None}.get(field.name, float | int)
            value = values.get(field.name)
            if not isinstance(value, expected) or isinstance(value, bool):
                raise TypeError(f"{field.name} must be {expected}, got {value!r}")
        return cls(**values)


@its_engines()
def measure(
    step: str,
    config: EvolutionConfig,
    engine: str,
    *,
    seed: int,
    games: int,
    episodes: int,
    n_alike: int,
    workers: int,
) -> Result:
    """Evolve within a budget and evaluate the champion.

    Parameters
    ----------
    step : str
        Name of the step.
    config : EvolutionConfig
        Its settings, with any seed.
    engine : str
        What runs the brains, in evolution and evaluation.
    seed : int
        Seed of the evolution.
    games : int
        Budget of training games; whole generations are played, at least one.
    episodes : int
        Held-out games.
    n_alike : int
        Number of games that are played ten times each.
    workers : int
        Processes that play on the compiled engine; actors play in one, because they share one
        event loop.
    """
    config = config.changed(seed=seed, refinements=())  # which would exceed the budget
    workers = workers if engine == "compiled" else 1
    games_a_generation = config.population_size * config.training.n_episodes
    generations = max(1, games // games_a_generation)
    evolution = Evolution(config, engine=engine, workers=workers)
    started_s = time.monotonic()
    champion = replace(evolution.run(generations=generations), engine=engine)
    seconds = time.monotonic() - started_s
    evaluation = evaluate(champion, episodes=episodes, workers=workers)
    return Result(
        step=step,
        seed=seed,
        games=games,
        games_played=generations * games_a_generation,
        seconds=seconds,
        score=evaluation.mean,
        share_solved=evaluation.share_solved or 0.0,
        episodes=episodes,
        alike=share_alike(champion, n_alike),
        late=share_late(champion, n_lanes=config.population_size),
    )


def share_alike(champion: Organism, n_games: int) -> float:
    """Play each of some games many times; return the share with the same result every time."""
    seeds = np.repeat(np.arange(RESULT_SEEDS, RESULT_SEEDS + n_games), N_PLAYS)
    with Evaluator(champion.task, champion.codec, engine=champion.engine) as evaluator:
        results = evaluator.evaluate(Population.from_connectomes([champion.connectome]), seeds)
    plays = np.stack([results.fitness, results.n_moves]).reshape(2, n_games, N_PLAYS)
    return float((plays == plays[:, :, :1]).all(axis=(0, 2)).mean())


def share_late(champion: Organism, *, n_lanes: int, n_moves: int = 10) -> float | None:
    """Run copies of a brain side by side in real time; return the share of late impulses."""
    if champion.engine not in LIVE_ENGINES:
        return None
    engine = make_engine(
        champion.engine,
        Population.from_connectomes([champion.connectome]),
        lanes_per_brain=n_lanes,
        carry_state=champion.codec.carry_state,
    )
    with cast("ActorEngine", engine) as actors, champion.env_source().make() as env:
        lanes = PolicyLanes(actors, champion.codec)
        observation, _ = env.reset(seed=RESULT_SEEDS)
        for _ in range(n_moves):
            lanes.act(np.stack([observation] * n_lanes))
        jitter = actors.jitter
    return jitter.n_late_impulses / max(1, jitter.n_impulses)
