"""The settings that we start from for each environment."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import gymnasium as gym

from spiking_agent.codec.encoders.real_numbers import OnOffEncoder
from spiking_agent.codec.spaces import has_real_numbers
from spiking_agent.dna.wired import GeneValues
from spiking_agent.episodes.environments import PLAY_ERRORS, EnvSource
from spiking_agent.evolution.config import EvolutionConfig, Refinement
from spiking_agent.strategies.genetic_algorithm import GeneticParams

SNAKE: Final = "snake_env:Snake-v0"
STRATEGY: Final = "cma-es"  # where real numbers are seen
ENCODER: Final = OnOffEncoder.kind  # likewise

# What holds for an environment whatever evolves. Short episodes in training save what brains that
# achieve nothing would go on for, and reward those that get there soon.
ANYHOW: Final[dict[str, dict[str, Any]]] = {
    "Acrobot-v1": {"training_kwargs": {"max_episode_steps": 200}},
    "LunarLander-v3": {"training_kwargs": {"max_episode_steps": 400}},
    "Pendulum-v1": {"target": -200.0},  # it is registered without one
    # Without a limit of time most brains walk to and fro for ever; and episodes are all the same.
    "CliffWalking-v1": {
        "max_moves": 200,
        "training_kwargs": {"max_episode_steps": 50},
        "n_episodes": 1,
        "n_validation": 1,
    },
    "CliffWalkingSlippery-v1": {"max_moves": 200},
}
# What some environments need beside the recipe for real numbers.
BESIDE: Final[dict[str, dict[str, Any]]] = {
    "CartPole-v1": {"n_episodes": 1},  # episodes are much alike
    # Validation takes far longer than training where little is achieved yet: 20 generations are
    # left in peace, unless a quarter of one reaches the target.
    "Acrobot-v1": {"n_episodes": 1, "n_validation": 128, "validation_interval": 20},
    # Episodes last about as long as they have to last: only many tell whether they do on average.
    "MountainCar-v0": {"n_episodes": 1, "n_validation": 256, "validation_interval": 20},
    "MountainCarContinuous-v0": {"n_validation": 128, "validation_interval": 20},
    # Landings differ much from each other, which many genomes with a landing each average out
    # better than a few with several; and engines that are worth nearly the same need more ticks to
    # be told apart.
    "LunarLander-v3": {
        "n_ticks": 160,
        "thresholds": (1000.0,),
        "population_size": 64,
        "n_episodes": 1,
    },
    # A weighted sum of what is seen cannot both swing up and hold. Steep hidden neurons can tell
    # the two apart: one strong synapse makes them fire at every tick.
    "Pendulum-v1": {
        "n_hidden": 16,
        "is_layered": True,
        "hidden_thresholds": (25.0,),
        "population_size": 32,
    },
}


def recipe(
    source: EnvSource,
    *,
    observation_space: gym.Space[Any] | None = None,
    strategy: str | None = None,
    encoder: str | Mapping[str, Any] | None = None,
    score_key: str | None = None,
) -> EvolutionConfig:
    """Give the settings that we start from for an environment.

    Parameters
    ----------
    source : EnvSource
        The environment; its own keyword arguments come before the recipe's.
    observation_space : gymnasium.Space, optional
        What it shows, where that is known; otherwise one is made to see.
    strategy, encoder, score_key : optional
        What is wanted, as in `EvolutionConfig`. The other settings are those that fit it: another
        fitness than rewards has no target.

    Notes
    -----
    Outside of Snake, strengths are sums over real numbers where an environment shows any, for
    which there is a recipe with "cma-es" and "on-off". Where it shows none, what is seen stands
    for itself, as in a table, and the genetic algorithm combines single genes: it has the
    defaults of `EvolutionConfig`, as has any other strategy or encoder.
    """
    config = EvolutionConfig(env_id=source.env_id, env_kwargs=dict(source.kwargs))
    kind = encoder.get("kind") if isinstance(encoder, Mapping) else encoder
    if source.env_id == SNAKE:
        config = _snake_recipe(config)
    else:
        if observation_space is None:
            observation_space = _observation_space(source)  # imports its module, too
        is_table = observation_space is not None and not has_real_numbers(observation_space)
        chosen = strategy or (config.strategy if is_table else STRATEGY)
        is_real = chosen == STRATEGY and kind in (None, ENCODER)
        if is_real:
            config = _real_recipe(config).changed(**BESIDE.get(source.name, {}))
        config = config.changed(target=source.reward_threshold)
        config = config.changed(**ANYHOW.get(source.name, {}))
        if score_key is not None:
            config = config.changed(target=None)
    wanted = {"strategy": strategy, "encoder": encoder, "score_key": score_key}
    return config.changed(**{name: value for name, value in wanted.items() if value is not None})


def _observation_space(source: EnvSource) -> gym.Space[Any] | None:
    try:
        env = source.make()
    except PLAY_ERRORS:
        return None  # whoever makes it to play hears why not
    try:
        return env.observation_space
    finally:
        env.close()


def _real_recipe(config: EvolutionConfig) -> EvolutionConfig:
    """Give the settings for an environment that shows real numbers; see docs/gallery.md."""
    return replace(
        config,
        strategy=STRATEGY,
        encoder=ENCODER,
        # Time for neurons that fire at every eighth tick to differ by what they receive.
        n_ticks=64,
        n_episodes=2,
        n_validation=64,
        n_validated_first=1,
        validation_interval=5,
        # Outputs begin at that rate, by the input that never rests, leak nothing, and lose nothing
        # when they fire: what they count is exact.
        values=GeneValues(
            max_strength=127,
            first_strength=25,
            first_drive=80,
            density=1.0,
            thresholds=(640.0,),
            decays=(1.0,),
            soft_resets=(True,),
        ),
        genetic=GeneticParams(population_size=16),
    )


def _snake_recipe(config: EvolutionConfig) -> EvolutionConfig:
    """Give the settings for a board of any size; docs/recipe.md tells how they were found."""
    kwargs = {"observation": "senses", **config.env_kwargs}
    sides = [kwargs.get(name, 10) for name in ("n_rows", "n_cols")]
    is_board = all(isinstance(side, int) and side > 0 for side in sides)
    n_cells = sides[0] * sides[1] if is_board else 100  # no board: the environment will say so
    training = {} if "hunger_limit" in kwargs else {"hunger_limit": max(1, n_cells * 6 // 5)}
    return replace(
        config,
        env_kwargs=kwargs,
        training_kwargs=training,
        score_key="score",
        # What a cleared board earns shrinks with every move, to nothing where each food took two
        # fifths of a walk over all cells.
        solved_bonus=3.0 * n_cells,
        solved_move_cost=7.5 / n_cells,
        # Time to count spikes: a decision is then a matter of degrees, not of one spike or none.
        n_ticks=12,
        # Brains that win differ in rare deaths and a few moves: finer steps, more games to tell.
        refinements=(
            Refinement(from_solved=0.9, mutation_scale=1.0, parent_share=0.3, n_episodes=12),
            Refinement(from_solved=0.98, mutation_scale=0.7, parent_share=0.4, n_episodes=24),
            Refinement(from_solved=0.995, mutation_scale=0.5, parent_share=0.8, n_episodes=48),
        ),
        max_moves=None,  # hunger ends every game
        n_validation=1024,
        validation_interval=10,
        # Strengths in fine steps, so that a mutation weighs less the larger they have grown, and
        # a threshold that some ten of the first ones reach together.
        values=GeneValues(
            max_strength=127, first_strength=28, density=1.0, thresholds=(400.0,), decays=(1.0,)
        ),
        genetic=GeneticParams(
            parent_share=0.3,
            elite_share=0.0,
            crossover="pool",
            crossover_rate=1.0,
            synapse_mutations=0.0,
            mutation_scale=2.0,
            champion="consensus",
        ),
    )
