"""What an evolution of each environment starts from."""

import pytest

from spiking_agent.config import EvolutionConfig
from spiking_agent.environments import EnvSource
from spiking_agent.recipes import BESIDE, any_recipe, recipe


def test_any_environment_has_a_recipe() -> None:
    kwargs = {"sutton_barto_reward": True}
    config = recipe(EnvSource("CartPole-v1", kwargs))
    assert config == any_recipe(
        EvolutionConfig(env_id="CartPole-v1", env_kwargs=kwargs, target=475.0)
    )
    assert (config.strategy, config.encoder) == ("cma-es", "on-off")


@pytest.mark.parametrize("env", ["NoSuch-v0", "no_such_module:NoSuch-v0", lambda render_mode: None])
def test_what_has_no_threshold_has_no_target(env) -> None:
    config = recipe(EnvSource(env))
    assert config.target is None
    assert config.env_id == (env if isinstance(env, str) else None)


@pytest.mark.parametrize("env_id", sorted(BESIDE))
def test_some_environments_need_more(env_id: str) -> None:
    config = recipe(EnvSource(env_id))
    plain = any_recipe(EvolutionConfig(env_id=env_id, target=config.target))
    assert config != plain
    assert config == plain.changed(**BESIDE[env_id])


def test_snake_has_a_recipe_of_its_own() -> None:
    config = recipe(EnvSource("Snake-v0"))
    assert config.env_id == "snake_env:Snake-v0"
    assert config.env_kwargs == {"observation": "senses"}
    assert config.training_kwargs == {"hunger_limit": 120}
    assert (config.score_key, config.n_ticks, config.n_validation) == ("score", 12, 1024)
    assert config.genetic.champion == "consensus"


def test_a_cleared_board_earns_the_same_at_the_same_pace_whatever_its_size() -> None:
    for side in (4, 10, 20):
        config = recipe(EnvSource("Snake-v0", {"n_rows": side, "n_cols": side}))
        n_cells = side * side
        n_moves = n_cells * n_cells / 5  # a fifth of a walk over all cells for each food
        bonus = config.solved_bonus - config.solved_move_cost * n_moves
        assert bonus / n_cells == pytest.approx(1.5)


def test_keyword_arguments_of_the_environment_come_before_the_recipe() -> None:
    kwargs = {"observation": "grid", "n_rows": 5}
    config = recipe(EnvSource("Snake-v0", kwargs))
    assert config.env_kwargs == kwargs
    assert config.training_kwargs == {"hunger_limit": 60}
    config = recipe(EnvSource("Snake-v0", {"hunger_limit": 33}))
    assert {**config.env_kwargs, **config.training_kwargs}["hunger_limit"] == 33


def test_a_recipe_does_not_share_the_arguments_it_was_given() -> None:
    kwargs = {"n_rows": 5}
    config = recipe(EnvSource("CartPole-v1", kwargs))
    kwargs["n_rows"] = 6
    assert config.env_kwargs == {"n_rows": 5}
