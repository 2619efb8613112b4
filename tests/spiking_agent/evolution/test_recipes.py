"""What an evolution of each environment starts from."""

import json
from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest
from chosen import configured
from grid_envs import PLAN
from gymnasium import spaces
from player_envs import CATCHING
from toy_envs import TAXI, Echo

from spiking_agent.dna.grown.plans import PLANS
from spiking_agent.dna.grown.plans.player import N_TICKS
from spiking_agent.environments.source import EnvSource
from spiking_agent.environments.tables.find import table_of
from spiking_agent.evolution.recipes.choose import OF_ENVIRONMENT, OF_SNAKE, choose, name_of, recipe
from spiking_agent.evolution.recipes.player import MAX_TRAINING_MOVES
from spiking_agent.evolution.recipes.real_numbers import OF_REAL_NUMBERS
from spiking_agent.evolution.settings.config import EvolutionConfig
from spiking_agent.evolution.settings.options import OPTIONS
from spiking_agent.evolution.settings.phases import Stage
from spiking_agent.report.repeat import repeat_command


def on(env_id: str, config: EvolutionConfig) -> EvolutionConfig:
    return replace(config, task=replace(config.task, env=env_id))


ACTIONS = spaces.Discrete(3)
TABLES = ["CliffWalking-v1", "CliffWalkingSlippery-v1", "FrozenLake-v1", TAXI]


def test_any_environment_has_a_recipe() -> None:
    kwargs = {"x_threshold": 2.0}
    config = recipe(EnvSource("MountainCarContinuous-v0", kwargs))
    assert (config.task.env_id, config.task.env_kwargs) == ("MountainCarContinuous-v0", kwargs)
    assert config.validation.target == 90.0  # as Gymnasium registers it
    assert (config.strategy.name, config.codec.encoder) == ("cma-es", "on-off")
    assert (config.dna.params.first_drive, config.dna.params.mirrored) == (80, True)


def _no_numbers(render_mode=None, **kwargs):
    raise ValueError("no environment today")


@pytest.mark.parametrize("env", ["NoSuch-v0", "no_such_module:NoSuch-v0", _no_numbers])
def test_what_has_no_threshold_has_no_target(env) -> None:
    config = recipe(EnvSource(env))
    assert config.validation.target is None
    assert config.task.env_id == (env if isinstance(env, str) else None)


@pytest.mark.parametrize("env_id", sorted(OF_REAL_NUMBERS))
def test_some_environments_need_more(env_id: str) -> None:
    numbers = spaces.Box(-1.0, 1.0)  # Box2D may be missing, and warns when it is imported
    config = recipe(EnvSource(env_id), spaces=(numbers, ACTIONS))
    plain = on(env_id, recipe(EnvSource("NoSuch-v0"))).changed(target=config.validation.target)
    plain = plain.changed(**OF_ENVIRONMENT.get(env_id, {}))
    assert config != plain
    assert config == plain.changed(**OF_REAL_NUMBERS[env_id])


@pytest.mark.parametrize("env_id", sorted(OF_ENVIRONMENT))
@pytest.mark.parametrize("strategy", ["genetic", "cma-es"])
def test_what_belongs_to_an_environment_holds_for_every_strategy(env_id, strategy) -> None:
    space = spaces.Box(-1.0, 1.0)
    config = recipe(EnvSource(env_id), spaces=(space, ACTIONS), strategy=strategy)
    assert {name: config.settings()[name] for name in OF_ENVIRONMENT[env_id]} == OF_ENVIRONMENT[
        env_id
    ]


@pytest.mark.parametrize("env_id", TABLES)
def test_states_of_a_table_have_a_recipe_that_knows_their_number_and_their_chances(env_id) -> None:
    source = EnvSource(env_id)
    chosen, table = choose(source), table_of(source)
    config, params = chosen.config, chosen.config.strategy.params
    assert chosen.name == "table"
    assert chosen.reason == f"an observation is one of a table of {len(table.start_reach)} states"
    assert (config.strategy.name, params.crossover) == ("genetic", "rows")
    assert params.number_mutations == 0.02 * table.legal.size
    assert params.champion == ("best" if table.repeats else "consensus")
    assert config.training.n_episodes == (table.n_starts if table.repeats else 32)
    is_endless = env_id.startswith("CliffWalking")
    assert config.task.max_moves == (20 * 48 if is_endless else 10_000)
    assert recipe(source, strategy="genetic") == config
    other = recipe(source, strategy="cma-es")
    assert (other.strategy.name, other.codec.encoder) == ("cma-es", "on-off")


def test_states_without_a_table_have_the_same_genes() -> None:
    unknown = recipe(EnvSource(_no_numbers), spaces=(spaces.Discrete(48), ACTIONS))
    known = recipe(EnvSource("CliffWalking-v1"))
    assert unknown.dna == known.dna
    assert unknown.strategy.params.number_mutations == known.strategy.params.number_mutations
    assert unknown.training.n_episodes == EvolutionConfig().training.n_episodes


SEEN = [
    (spaces.Box(-1.0, 1.0, (3,)), "real"),
    (spaces.Dict({"a": spaces.Discrete(3), "b": spaces.Box(-1.0, 1.0)}), "real"),
    (spaces.Discrete(500), "table"),
    (spaces.MultiBinary(200), "plain"),
    (spaces.MultiBinary(201), "wide"),
    (spaces.Box(0, 1, (4, 4, 16), np.uint8), "wide"),
    (spaces.MultiDiscrete([4] * 50), "plain"),
    (spaces.MultiDiscrete([4] * 51), "wide"),
    (spaces.Box(0, 255, (84, 84), np.uint8), "plain"),  # a picture
    (spaces.Tuple([spaces.Discrete(32), spaces.Discrete(11), spaces.Discrete(2)]), "plain"),
]


@pytest.mark.parametrize(("space", "name"), SEEN, ids=str)
def test_a_recipe_is_chosen_by_what_is_seen(space, name) -> None:
    chosen = choose(EnvSource(_no_numbers), spaces=(space, ACTIONS))
    assert (chosen.name, bool(chosen.reason)) == (name, True)
    named = choose(EnvSource(_no_numbers), spaces=(space, ACTIONS), name=name)
    assert (named.config, named.reason) == (chosen.config, "it was chosen")


@pytest.mark.parametrize(
    ("actions", "decoder"),
    [
        (spaces.Discrete(4), "in-turn"),
        (spaces.MultiBinary(2), "in-turn"),
        (spaces.Box(-1.0, 1.0), "auto"),
        (spaces.Tuple([spaces.Discrete(2)]), "auto"),
    ],
    ids=str,
)
def test_where_much_is_seen_actions_that_are_worth_the_same_take_turns(actions, decoder) -> None:
    def wide() -> gym.Env:
        env = Echo()
        env.observation_space, env.action_space = spaces.MultiBinary(300), actions
        return env

    chosen = choose(EnvSource(wide))
    assert (chosen.name, chosen.config.codec.decoder) == ("wide", decoder)


@pytest.mark.parametrize(
    ("wanted", "name", "reason"),
    [
        ({}, "real", "observations hold real numbers"),
        ({"strategy": "genetic"}, "plain", "'real' is not made for strategy 'genetic'"),
        ({"encoder": {"kind": "rate"}}, "plain", "'real' is not made for encoder 'rate'"),
        ({"dna": "grown"}, "grid", "brains grow over a grid"),
    ],
    ids=str,
)
def test_other_choices_lead_to_another_recipe_and_say_why(wanted, name, reason) -> None:
    chosen = choose(EnvSource("CartPole-v1"), **wanted)
    assert (chosen.name, chosen.reason) == (name, reason)


def test_memory_is_only_for_those_who_ask_for_it() -> None:
    for env_id, n_ticks in (("CartPole-v1", 64), ("Taxi-v4", 1)):
        chosen = choose(EnvSource(env_id), name="memory")
        assert (chosen.name, chosen.config.codec.n_ticks) == ("memory", n_ticks)
        assert chosen.config.codec.carry_state
        assert not choose(EnvSource(env_id)).config.codec.carry_state


def test_a_recipe_that_is_named_is_taken_and_choices_beside_it_hold() -> None:
    config = recipe(EnvSource("CartPole-v1"), name="plain")
    assert config == EvolutionConfig.of("CartPole-v1", target=475.0)
    named = recipe(EnvSource("CartPole-v1"), name="real", strategy="genetic")
    assert (named.strategy.name, named.codec.encoder) == ("genetic", "on-off")
    with pytest.raises(ValueError, match=r"recipe must be one of real, .*, got 'grown'"):
        recipe(EnvSource("CartPole-v1"), name="grown")
    assert name_of(recipe(EnvSource("CartPole-v1"))) is None


def test_no_environment_is_made_where_it_is_known_what_is_seen() -> None:
    table = recipe(EnvSource(_no_numbers), spaces=(spaces.Discrete(3), ACTIONS))
    numbers = spaces.Dict({"a": spaces.Tuple([spaces.Discrete(2), spaces.Box(0.0, 1.0)])})
    assert table.strategy.name == "genetic"
    assert recipe(EnvSource(_no_numbers), spaces=(numbers, ACTIONS)).strategy.name == "cma-es"


@pytest.mark.parametrize(
    "wanted",
    [
        {"strategy": "genetic"},
        {"encoder": "latency"},
        {"strategy": "cma-es", "encoder": "rate"},
        {"encoder": {"kind": "thermometer", "low": [0.0], "high": [1.0], "n_levels": 2}},
    ],
    ids=str,
)
def test_another_strategy_or_encoder_has_the_settings_that_fit_it(wanted) -> None:
    config = recipe(EnvSource("CartPole-v1"), **wanted)
    assert config == EvolutionConfig.of("CartPole-v1", target=475.0, **wanted)


@pytest.mark.parametrize("wanted", [{"strategy": "cma-es"}, {"encoder": "on-off"}], ids=str)
def test_naming_what_the_recipe_has_changes_nothing(wanted) -> None:
    source = EnvSource("Pendulum-v1")
    assert recipe(source, **wanted) == recipe(source)


def test_a_fitness_that_is_named_has_no_target() -> None:
    config = recipe(EnvSource("CartPole-v1"), score_key="height")
    assert (config.task.score_key, config.validation.target) == ("height", None)
    assert config == recipe(EnvSource("CartPole-v1")).changed(score_key="height", target=None)
    assert recipe(EnvSource("Snake-v0"), score_key="reward").task.score_key == "reward"


def test_an_id_with_its_module_is_the_same_environment() -> None:
    named = recipe(EnvSource("gymnasium.envs.classic_control:Acrobot-v1"))
    plain = recipe(EnvSource("Acrobot-v1"))
    assert named.validation.target == plain.validation.target == -100.0
    assert on("Acrobot-v1", named) == plain


@pytest.mark.parametrize("threshold", [np.inf, np.nan])
def test_a_threshold_that_is_no_number_is_none(threshold: float, monkeypatch) -> None:
    monkeypatch.setattr(gym.spec("CartPole-v1"), "reward_threshold", threshold)
    assert recipe(EnvSource("CartPole-v1")).validation.target is None


def test_the_target_of_a_module_is_known_once_it_is_imported(tmp_path, monkeypatch) -> None:
    (tmp_path / "scored_envs.py").write_text(
        "import gymnasium\n"
        "gymnasium.register(\n"
        "    'Scored-v0', 'gymnasium.envs.classic_control:CartPoleEnv', reward_threshold=3.0\n"
        ")\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    source = EnvSource("scored_envs:Scored-v0")
    assert source.reward_threshold is None
    assert recipe(source).validation.target == 3.0
    assert source.reward_threshold == 3.0


def test_senses_without_the_genetic_algorithm_have_refinements_that_fit() -> None:
    config = recipe(EnvSource("Snake-v0"), name="senses", strategy="cma-es")
    assert config.strategy.name == "cma-es"
    assert [part.n_episodes for part in config.training.refinements] == [12, 24, 48]
    assert not any(part.strategy for part in config.training.refinements)


def test_snake_as_it_comes_is_played_from_the_raw_board_by_brains_that_grow() -> None:
    config = recipe(EnvSource("Snake-v0"))
    assert config == recipe(EnvSource("Snake-v0"), name="grown")
    assert config.task.env_id == "snake_env:Snake-v0"
    assert config.task.env_kwargs == {"observation": "planes"}
    assert (config.dna.name, config.codec.encoder) == ("grown", "grid")
    assert (config.task.score_key, config.codec.carry_state) == ("score", "impulses")


def test_senses_have_a_recipe_of_their_own() -> None:
    config = recipe(EnvSource("Snake-v0"), name="senses")
    assert config.task.env_kwargs == {"observation": "senses"}
    assert config.training.training_kwargs == {"hunger_limit": 120}
    assert (config.task.score_key, config.codec.n_ticks) == ("score", 12)
    assert config.validation.n_validation == 1024
    assert config.strategy.params.champion == "consensus"


def test_a_solved_board_earns_the_same_at_the_same_pace_whatever_its_size() -> None:
    for side in (4, 10, 20):
        source = EnvSource("Snake-v0", {"n_rows": side, "n_cols": side})
        config = recipe(source, name="senses")
        n_cells = side * side
        n_moves = n_cells * n_cells / 5  # a fifth of a walk over all cells for each food
        bonus = config.training.solved_bonus - config.training.solved_move_cost * n_moves
        assert bonus / n_cells == pytest.approx(1.5)


@pytest.mark.parametrize("side", [8.0, np.float32(8.0), np.int64(8)])
def test_a_side_of_any_type_is_read_as_the_environment_reads_it(side) -> None:
    for name, limit in (("grown", 128), ("senses", 96)):
        config = recipe(EnvSource("Snake-v0", {"n_rows": side}), name=name)
        plain = recipe(EnvSource("Snake-v0", {"n_rows": 8}), name=name)
        assert config.training == plain.training
        assert config.training.training_kwargs == {"hunger_limit": limit}


@pytest.mark.parametrize("kwargs", [{"n_rows": 3}, {"n_rows": True}, {"colour": 1}], ids=str)
def test_a_board_that_cannot_be_made_is_left_to_the_environment(kwargs) -> None:
    for name, observation in (("grown", "planes"), ("senses", "senses")):
        config = recipe(EnvSource("Snake-v0", kwargs), name=name)
        assert config.task.env_kwargs == {"observation": observation, **kwargs}
        assert config.training.training_kwargs == {}


def test_keyword_arguments_of_the_environment_come_before_the_recipe() -> None:
    kwargs = {"observation": "grid", "n_rows": 5}
    config = recipe(EnvSource("Snake-v0", kwargs))
    assert config.task.env_kwargs == kwargs
    assert config.training.training_kwargs == {"hunger_limit": 60}
    for name in OF_SNAKE:
        config = recipe(EnvSource("Snake-v0", {"hunger_limit": 33}), name=name)
        assert {**config.task.env_kwargs, **config.training.training_kwargs}["hunger_limit"] == 33


def test_a_recipe_does_not_share_the_arguments_it_was_given() -> None:
    kwargs = {"n_rows": 5}
    config = recipe(EnvSource("CartPole-v1", kwargs))
    kwargs["n_rows"] = 6
    assert config.task.env_kwargs == {"n_rows": 5}


def test_snake_has_two_recipes_by_name() -> None:
    source = EnvSource("Snake-v0", {"n_rows": 8, "n_cols": 8})
    grown = recipe(source, name="grown")
    assert grown.task.env_kwargs == {"observation": "planes", "n_rows": 8, "n_cols": 8}
    assert (grown.training.solved_bonus, grown.training.solved_move_cost) == (192.0, 0.03)
    assert grown.training.training_kwargs == {"hunger_limit": 102}
    assert [name_of(recipe(source, name=name)) for name in OF_SNAKE] == list(OF_SNAKE)
    with pytest.raises(ValueError, match="recipe must be one of grown, senses, got 'smells'"):
        recipe(source, name="smells")


OTHERS = [  # choices for which the recipe "grown" is not made
    ({"observation": "senses"}, {}, "observation must be 'planes' with recipe 'grown', got 'sens"),
    ({"observation": "grid"}, {"dna": "grown"}, "observation must be 'planes' .* got 'grid'"),
    ({}, {"dna": "wired"}, "dna must be 'grown' with recipe 'grown', got 'wired'"),
    ({}, {"encoder": "rate"}, "encoder must be 'grid' with recipe 'grown', got 'rate'"),
    ({}, {"encoder": {"kind": "rate"}}, "encoder must be 'grid' with recipe 'grown', got 'rate'"),
    ({"observation": "planes"}, {"dna": "wired", "encoder": "grid"}, "dna must be 'grown'"),
]


@pytest.mark.parametrize(("kwargs", "wanted", "message"), OTHERS, ids=lambda value: str(value)[:40])
def test_choices_that_contradict_the_recipe_for_grown_brains_lead_to_the_other(
    kwargs, wanted, message
) -> None:
    source = EnvSource("Snake-v0", {"n_rows": 5, **kwargs})
    config = recipe(source, **wanted)
    assert config == recipe(source, name="senses", **wanted)
    assert config.task.env_kwargs["observation"] == kwargs.get("observation", "senses")
    assert name_of(config) == "senses"
    with pytest.raises(ValueError, match=message) as caught:
        recipe(source, name="grown", **wanted)
    assert str(caught.value).endswith(": leave out the recipe, or choose 'senses'")


@pytest.mark.parametrize(
    ("kwargs", "wanted"),
    [
        ({"observation": "planes"}, {}),
        ({}, {"dna": "grown"}),
        ({}, {"encoder": "grid"}),
        ({}, {"encoder": {"kind": "grid"}}),
        ({}, {"strategy": "cma-es", "score_key": "reward"}),
    ],
    ids=str,
)
def test_choices_that_fit_grown_brains_leave_the_recipe_as_it_is(kwargs, wanted) -> None:
    source = EnvSource("Snake-v0", {"n_rows": 5, **kwargs})
    config = recipe(source, **wanted)
    assert config == recipe(source, name="grown", **wanted)
    assert name_of(config) == "grown"


def test_grown_brains_elsewhere_move_a_player_by_settings_that_know_no_game() -> None:
    config = recipe(EnvSource(CATCHING), dna="grown")
    assert (config.dna.params.plan, config.codec.encoder) == ("player", "grid")
    assert (config.codec.n_ticks, config.codec.carry_state) == (N_TICKS, "impulses")
    assert config.training.training_kwargs == {"max_episode_steps": MAX_TRAINING_MOVES}
    other = recipe(EnvSource("NoSuch-v0"), dna="grown")
    assert on(CATCHING, other).changed(training_kwargs=config.training.training_kwargs) == config
    scored = recipe(EnvSource(CATCHING), dna="grown", score_key="caught")
    assert (scored.task.score_key, scored.validation.target) == ("caught", None)
    searched = recipe(EnvSource(CATCHING), dna="grown", strategy="cma-es")
    assert searched.strategy.name == "cma-es"
    assert (searched.dna, searched.codec) == (config.dna, config.codec)


def test_the_help_knows_the_sizes_of_grown_brains() -> None:
    snake, other = recipe(EnvSource("Snake-v0")), recipe(EnvSource(CATCHING), dna="grown")
    assert snake.population_size == EvolutionConfig().population_size
    assert f"{other.population_size} with --dna grown" in OPTIONS["population_size"].help
    n_episodes = (snake.training.n_episodes, other.training.n_episodes)
    words = "{} with --dna grown for Snake, {} elsewhere".format(*n_episodes)
    assert words in OPTIONS["n_episodes"].help


def test_a_plan_brings_its_ticks(tmp_path) -> None:
    config = configured(CATCHING, {}, dna="grown", plan=PLAN)
    assert config.codec.n_ticks == PLAN.n_ticks
    assert config == configured(CATCHING, {}, dna="grown", plan=PLAN.to_json())
    assert (
        configured("Snake-v0", {}, plan="snake-wave").codec.n_ticks == PLANS["snake-wave"].n_ticks
    )
    assert configured(CATCHING, {}, dna="grown", plan=PLAN, n_ticks=7).codec.n_ticks == 7
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(PLAN.to_json()))
    assert OPTIONS["plan"].read(str(path)) == config.dna.params.plan
    assert OPTIONS["plan"].read("player") == "player"
    path.write_text("{")
    for wrong in (path, tmp_path / "none.json"):
        with pytest.raises(ValueError, match="must be a name, or a file of JSON, but"):
            OPTIONS["plan"].read(str(wrong))


@pytest.mark.parametrize(("own", "limit"), [(60, {}), (5000, {"max_episode_steps": 1000})])
def test_a_time_limit_of_the_environment_is_never_made_longer_in_training(
    own, limit, monkeypatch
) -> None:
    monkeypatch.setattr(gym.spec("Catching-v0"), "max_episode_steps", own)
    assert recipe(EnvSource(CATCHING), dna="grown").training.training_kwargs == limit
    asked = EnvSource(CATCHING, {"max_episode_steps": 9})
    assert recipe(asked, dna="grown").training.training_kwargs == {}
    assert recipe(EnvSource(_no_numbers), dna="grown").training.training_kwargs == {}


def test_a_hunger_limit_that_was_given_holds_in_all_stages() -> None:
    training = recipe(EnvSource("Snake-v0", {"hunger_limit": 33}), name="grown").training
    assert training.training_kwargs == {}
    assert [stage.training_kwargs for stage in training.stages] == [{}] * 4


def test_other_strategies_go_through_the_stages_without_genetic_settings() -> None:
    config = recipe(EnvSource("Snake-v0"), name="grown", strategy="cma-es")
    parts = (*config.training.stages, *config.training.refinements)
    assert config.strategy.name == "cma-es"
    assert [part.strategy for part in parts] == [{}] * len(parts)


def test_a_run_by_the_other_recipe_is_repeated_by_its_name() -> None:
    source = EnvSource("Snake-v0", {"n_rows": 5})
    config = recipe(source, name="senses").changed(seed=3)
    words = repeat_command(config, (spaces.MultiBinary(108), ACTIONS), 7)
    assert words.endswith("--recipe senses --env-kwargs n_rows=5 --seed 3 --generations 7")
    assert "--set" not in words


def test_a_run_by_the_usual_recipe_is_repeated_without_its_name() -> None:
    config = recipe(EnvSource("Snake-v0", {"n_rows": 5})).changed(seed=3)
    space = spaces.MultiBinary((3, 5, 10))
    words = repeat_command(config, (space, ACTIONS), 7)
    assert words.endswith("--env snake_env:Snake-v0 --env-kwargs n_rows=5 --seed 3 --generations 7")
    stage = Stage(env_kwargs={"n_rows": 4, "n_cols": 4})
    words = repeat_command(config.changed(stages=stage), (space, ACTIONS), 7)
    assert '--set \'stages=[{"env_kwargs": {"n_rows": 4, "n_cols": 4}' in words


@pytest.mark.parametrize("name", ["grown", "senses"])
def test_a_snake_that_never_grows_plays_for_some_moves_and_on_its_own_board(name) -> None:
    usual = recipe(EnvSource("Snake-v0", {"n_rows": 8}), name=name)
    assert usual.task.max_moves is None
    post = recipe(EnvSource("Snake-v0", {"n_rows": 8, "grow": False}), name=name)
    assert post.task.max_moves == 4 * 80
    assert post.training.stages == ()
    assert (len(usual.training.stages) > 0) == (name == "grown")
