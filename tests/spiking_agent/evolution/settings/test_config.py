"""Settings: checked, kept as JSON, changed by name."""

import json
from dataclasses import fields
from importlib.metadata import PackageNotFoundError
from typing import Any

import numpy as np
import pytest

from spiking_agent.episodes.results import EpisodeResults
from spiking_agent.episodes.seeds import (
    RESULT_SEEDS,
    TRAINING_SEEDS,
    TRIAL_SEEDS,
    VALIDATION_SEEDS,
)
from spiking_agent.errors import RunDirectoryError
from spiking_agent.evolution.settings import config as module
from spiking_agent.evolution.settings.config import EvolutionConfig, package_version
from spiking_agent.evolution.settings.names import check_names, setting_names
from spiking_agent.evolution.settings.phases import Refinement
from spiking_agent.evolution.settings.sections import Validation

REFINEMENT = Refinement(
    from_solved=0.25, n_episodes=3, strategy={"mutation_scale": 1.5, "parent_share": 0.5}
)
OTHER = EvolutionConfig.of(
    "Some-v0",
    env_kwargs={"size": [1, 2], "name": None},
    training_kwargs={"limit": 0.5},
    score_key="score",
    n_hidden=3,
    inputs_receive=True,
    outputs_send=True,
    n_ticks=7,
    carry_state=True,
    encoder="rate",
    decoder={"kind": "mine", "sizes": [1, 2]},
    n_levels=2,
    max_strength=3,
    thresholds=(1.5, 2.0),
    initiation_delays=(1, 4),
    soft_resets=(True, False),
    population_size=8,
    crossover="blocks",
    n_episodes=2,
    refinements=(REFINEMENT,),
    n_validation=3,
    validation_interval=4,
    seed=2**70,
)
CMA = EvolutionConfig.of("Some-v0", strategy="cma-es", max_moves=None, target=1.5)


@pytest.mark.parametrize(
    "config", [EvolutionConfig(), OTHER, CMA], ids=["default", "other", "cma-es"]
)
def test_settings_survive_json(config: EvolutionConfig) -> None:
    assert EvolutionConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


def test_settings_are_read_from_the_configuration_of_a_run() -> None:
    content = json.loads(json.dumps(OTHER.to_run({"workers": 2, "seconds": None})))
    assert EvolutionConfig.from_run(content) == OTHER
    assert content["run"] == {"workers": 2, "seconds": None}
    assert content["package"] == package_version()


@pytest.mark.parametrize(
    "name", ["task", "training", "codec", "dna", "strategy", "validation", "seed"]
)
@pytest.mark.parametrize("value", [None, "text", {"unknown": 1}])
def test_a_damaged_configuration_of_a_run_is_refused(name: str, value: Any) -> None:
    content = OTHER.to_run({})
    content["evolution"][name] = value
    with pytest.raises(
        RunDirectoryError, match=r"config\.json must hold the settings of a run of version .*, but"
    ):
        EvolutionConfig.from_run(content)


@pytest.mark.parametrize("content", [{}, {"evolution": {}}, {"evolution": {"unknown": 1}}])
def test_a_configuration_without_settings_is_refused(content: dict[str, Any]) -> None:
    with pytest.raises(RunDirectoryError, match=r"settings of a run of version .*, but KeyError"):
        EvolutionConfig.from_run(content)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_hidden": -1}, "n_hidden must be a whole number >= 0, got -1"),
        ({"n_ticks": 2.5}, "n_ticks must be a whole number in 1..10000, got 2.5"),
        ({"shared_episodes": "no"}, "shared_episodes must be True or False, got 'no'"),
        ({"refinements": None}, "refinements must be a tuple or a list, got None"),
        ({"n_ticks": 0}, "n_ticks must be a whole number in 1..10000, got 0"),
        ({"n_levels": 0}, "n_levels must be a whole number >= 1, got 0"),
        ({"solved_bonus": -1.0}, "solved_bonus must be finite and >= 0, got -1.0"),
        ({"solved_move_cost": float("nan")}, "solved_move_cost must be finite and >= 0, got nan"),
        ({"n_episodes": 0}, "n_episodes must be a whole number in 1..1048576, got 0"),
        ({"n_validation": 0}, "n_validation must be a whole number in 1..1048576, got 0"),
        ({"n_validated_first": 0}, "n_validated_first must be a whole number >= 1, got 0"),
        ({"target": float("nan")}, "target must be a finite number or None, got nan"),
        ({"validation_interval": 0}, "validation_interval must be a whole number >= 1, got 0"),
        ({"seed": -1}, "seed must be a whole number >= 0, got -1"),
        ({"encoder": 5}, "encoder must be a name, got 5"),
        ({"encoder": {"size": 1}}, "encoder must be a name or a mapping with a kind, got {'size"),
        ({"decoder": {"kind": "a", "b": {1}}}, r"decoder\['b'\] must be a JSON value .*, got {1}"),
        ({"decoder": "loudest"}, "decoder must be one of auto, most-spikes, .*, got 'loudest'"),
        (
            {"encoder": "gray"},
            "encoder must be one of thermometer, rate, .*, got 'gray'",
        ),
        ({"max_strength": 0}, "max_strength must be"),
        ({"population_size": 1}, "population_size must be a whole number >= 2, got 1"),
    ],
)
def test_settings_out_of_range_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        EvolutionConfig().changed(**changes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"from_solved": 0.0}, r"from_solved must be in \(0, 1\], got 0.0"),
        ({"from_solved": 1.1}, r"from_solved must be in \(0, 1\], got 1.1"),
        ({"from_solved": "x"}, r"from_solved must be in \(0, 1\], got 'x'"),
        ({"n_episodes": 0}, "n_episodes must be a whole number in 1..1048576, got 0"),
        ({"n_episodes": 2.5}, "n_episodes must be a whole number in 1..1048576, got 2.5"),
        (
            {"strategy": {"mutation_scale": {1}}},
            r"strategy\['mutation_scale'\] must be a JSON value",
        ),
        ({"noise": -0.1}, "noise must be finite and >= 0, or None, got -0.1"),
        ({"move_cost_interval": 0}, "move_cost_interval must be a whole number >= 1, got 0"),
        ({"variations": {"n_rows": {1}}}, "n_rows.* must be a JSON value"),
        ({"variations": {"n_rows": 7}}, "variations must be lists of values, got 7 for n_rows"),
        (
            {"variations": {"n_rows": []}},
            r"variations must be lists of values, got \[\] for n_rows",
        ),
    ],
)
def test_refinements_out_of_range_are_refused(change: dict[str, Any], message: str) -> None:
    right: dict[str, Any] = {"from_solved": 0.5, "n_episodes": 2}
    with pytest.raises(ValueError, match=message):
        Refinement(**right | change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mutation_scale": None}, "mutation_scale must be finite and >= 0, got None"),
        ({"mutation_scale": -1.0}, "mutation_scale must be finite and >= 0, got -1.0"),
        ({"parent_share": 0.0}, r"parent_share must be in \(0, 1\], got 0.0"),
        (
            {"population_size": 7},
            "strategy of a refinement must leave population_size as it is, 400, .* got 7",
        ),
    ],
)
def test_what_a_refinement_would_change_is_checked_before_a_run(change, message: str) -> None:
    refinement = Refinement(from_solved=0.5, n_episodes=2, strategy=change)
    with pytest.raises(ValueError, match=message):
        EvolutionConfig().changed(refinements=(refinement,))


def test_a_refinement_of_another_strategy_is_refused() -> None:
    with pytest.raises(ValueError, match="must hold settings of 'cma-es', got 'mutation_scale'"):
        EvolutionConfig().changed(strategy="cma-es", refinements=(REFINEMENT,))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("n_ticks", "got 'n_ticks'$"),
        ("parent_shar", "got 'parent_shar': did you mean 'parent_share'"),
    ],
)
def test_a_refinement_changes_nothing_but_the_strategy(name: str, message: str) -> None:
    refinement = Refinement(from_solved=0.5, n_episodes=2, strategy={name: 0.5})
    with pytest.raises(ValueError, match=message):
        EvolutionConfig().changed(refinements=(refinement,))


def test_of_the_refinements_that_are_reached_the_last_counts() -> None:
    changes = {"mutation_scale": 1.0, "parent_share": 0.3}, {"mutation_scale": 0.5}
    stages = (
        Refinement(from_solved=0.5, n_episodes=12, strategy=changes[0]),
        Refinement(from_solved=0.9, n_episodes=24, strategy=changes[1]),
    )
    config = EvolutionConfig().changed(
        refinements=stages, mutation_scale=2.0, n_episodes=6, training_kwargs={"limit": 1}
    )
    assert [config.refined(solved) for solved in (0.0, 0.49)] == [config, config]
    for solved, n_episodes, change in ((0.5, 12, 0), (0.9, 24, 1), (1.0, 24, 1)):
        changed = config.changed(n_episodes=n_episodes, training_kwargs={}, **changes[change])
        assert config.refined(solved) == changed
    assert config.changed(n_episodes=100).refined(1.0).training.n_episodes == 24


def test_moves_cost_something_in_every_so_many_generations() -> None:
    refinement = Refinement(from_solved=0.5, n_episodes=2, move_cost_interval=3)
    config = EvolutionConfig().changed(
        solved_bonus=10.0, solved_move_cost=0.5, refinements=(refinement,)
    )
    results = EpisodeResults.empty(1, 1)
    results.is_solved[:], results.n_moves[:], results.fitness[:] = 1.0, 4, 7.0
    for solved, expected in ((0.0, 3 * [15.0]), (0.5, [15.0, 17.0, 17.0])):
        training = config.refined(solved).training
        assert [float(training.merit(results, k)[0]) for k in (3, 4, 5)] == expected


def test_a_refinement_brings_its_noise_once() -> None:
    refinements = [
        Refinement(from_solved=0.5, n_episodes=2, noise=0.3),
        Refinement(from_solved=0.9, n_episodes=2),
    ]
    config = EvolutionConfig().changed(refinements=refinements)
    found = [config.noise_between(n, solved) for n, solved in ((0, 0.4), (0, 0.6), (1, 0.6))]
    assert found == [None, 0.3, None]
    assert config.noise_between(1, 0.95) is None


def test_settings_are_changed_by_name_wherever_they_are() -> None:
    changed = EvolutionConfig().changed(n_ticks=9, max_strength=5, population_size=12, seed=3)
    assert (changed.codec.n_ticks, changed.dna.params.max_strength) == (9, 5)
    assert (changed.population_size, changed.seed) == (12, 3)
    back = {"n_ticks": 4, "max_strength": 8, "population_size": 400, "seed": 0}
    assert changed.changed(**back) == EvolutionConfig()


def test_all_settings_have_a_name_of_their_own_and_come_back_by_it() -> None:
    for config in (EvolutionConfig(), CMA):
        settings = config.settings()
        assert EvolutionConfig.of(config.task.env, **settings) == config
        sections = (config.task, config.training, config.codec, config.validation)
        parts = [*sections, config.dna.params, config.strategy.params]
        n_fields = sum(len(fields(part)) for part in parts) - 1  # `env` stands apart
        assert len(settings) == n_fields + 3  # the kinds of DNA and strategy, and the seed
        assert set(settings) <= set(setting_names())


def test_another_strategy_keeps_the_settings_that_both_have() -> None:
    config = EvolutionConfig.of(population_size=12, parent_share=0.5)
    other = config.changed(strategy="cma-es")
    assert other.strategy.name == "cma-es"
    assert other.population_size == 12
    assert other.changed(strategy="genetic") == EvolutionConfig.of(population_size=12)


def test_settings_that_the_strategy_does_not_use_are_refused_by_name() -> None:
    message = "parent_share must be given with strategy 'genetic', got 'cma-es', which does not"
    with pytest.raises(ValueError, match=message):
        EvolutionConfig().changed(strategy="cma-es", parent_share=0.5)
    with pytest.raises(ValueError, match=message):
        CMA.changed(parent_share=0.5)


def test_a_single_value_is_as_good_as_a_tuple_of_it() -> None:
    part = Refinement(from_solved=0.5, n_episodes=9)
    values = {"decays": 0.9, "soft_resets": np.bool_(True), "refinements": part}
    config = EvolutionConfig.of("CartPole-v1", **values)
    assert config == EvolutionConfig.of(
        "CartPole-v1", **{name: (value,) for name, value in values.items()}
    )
    assert config.changed(refinements={"from_solved": 0.5, "n_episodes": 9}) == config
    with pytest.raises(ValueError, match=r"decays\[0\] must be .*, got 'slow'"):
        config.changed(decays="slow")
    with pytest.raises(ValueError, match="decays must be a tuple or a list of at least 1, got "):
        config.changed(decays={0.5})


@pytest.mark.parametrize("name", ["generations", "workers", "seconds", "env", "settings"])
def test_a_name_that_is_refused_is_not_suggested(name: str) -> None:
    with pytest.raises(TypeError, match=f"got '{name}'") as caught:
        check_names({name: 1})
    assert f"did you mean '{name}'" not in str(caught.value)


def test_unknown_settings_are_named() -> None:
    for name, remedy in (
        ("ticks", "did you mean 'n_ticks'"),
        ("popluation_size", "did you mean 'population_size'"),
        ("zigzag", "EvolutionConfig"),
    ):
        rule = "settings must be those of EvolutionConfig"
        with pytest.raises(TypeError, match=f"{rule}, got '{name}': .*{remedy}") as caught:
            EvolutionConfig().changed(**{name: 3, "n_ticks": 2})
        assert len(str(caught.value)) < 200


def test_the_first_generations_and_then_some_are_validated() -> None:
    validation = Validation(validation_interval=4)
    validated = [generation for generation in range(22) if validation.is_turn(generation)]
    assert validated == [*range(10), 12, 16, 20]


def test_seeds_for_training_validation_and_results_are_apart() -> None:
    assert TRAINING_SEEDS[0] < TRAINING_SEEDS[1] == VALIDATION_SEEDS[0]
    assert VALIDATION_SEEDS[0] < VALIDATION_SEEDS[1] == TRIAL_SEEDS[0]
    assert TRIAL_SEEDS[0] < TRIAL_SEEDS[1] == RESULT_SEEDS < 2**32


def test_the_version_is_unknown_where_nothing_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(module, "version", missing)
    assert package_version() == "unknown"
