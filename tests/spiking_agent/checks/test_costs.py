"""What is too large is refused before it takes memory or time."""

import argparse
import time
import tracemalloc
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces

import spiking_agent
from spiking_agent.checks.costs import (
    MAX_NEURONS,
    MAX_STRENGTHS,
    check_decision,
    check_neurons,
    check_population,
)
from spiking_agent.cli.common import run
from spiking_agent.codec.codec import Codec
from spiking_agent.codec.decoders.factory import make_decoder
from spiking_agent.codec.encoders.discrete import DirectEncoder
from spiking_agent.errors import UnsupportedSpaceError
from spiking_agent.evolution.settings.config import EvolutionConfig, Refinement

REFINED = Refinement(from_solved=0.5, n_episodes=3_000)


class Wide(gym.Env[Any, Any]):
    """One move, with as many actions as asked for."""

    def __init__(self, render_mode: str | None = None, n_actions: int = 2, n_bits: int = 4):
        self.observation_space = spaces.MultiBinary(n_bits)
        self.action_space = spaces.Discrete(n_actions)

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        super().reset(seed=seed)
        return np.zeros(self.observation_space.shape, np.int8), {}

    def step(self, action: Any) -> Any:
        return np.ones(self.observation_space.shape, np.int8), 1.0, True, False, {}


@pytest.mark.parametrize(
    ("settings", "kind", "message"),
    [
        (
            {"env_kwargs": {"n_actions": 17_000}},
            UnsupportedSpaceError,
            r"at most 8,192 output neurons, got Discrete\(17000\), which needs 17,000: wrap the .*"
            "fewer actions, or with several small numbers for a large one, as MultiDiscrete",
        ),
        (
            {"env_kwargs": {"n_actions": 8_000}, "population_size": 5},
            ValueError,
            r"population_size must be at most 4 for brains with 64,032,000 possible synapses "
            r"\(8,004 neurons, of which 8,000 receive any\), got 5: lower population_size",
        ),
        (
            {"n_hidden": 17_000},
            ValueError,
            "neurons of a brain must be at most 17,000, got 4 inputs, 17,000 hidden and 2 outputs: "
            "lower n_hidden or n_levels",
        ),
        (
            {"n_hidden": 2_000, "n_ticks": 5_000, "population_size": 8},
            ValueError,
            "n_ticks must be at most 2,138 for brains of 2,006 neurons, .* got 5,000: lower",
        ),
        (
            {"env_kwargs": {"n_bits": 16_000}, "n_ticks": 1_000},
            ValueError,
            "n_ticks must be at most 262 for brains of .* 16,000 are inputs",
        ),
    ],
)
def test_evolution_says_at_once_what_is_too_large(settings, kind, message) -> None:
    spiking_agent.evolve(Wide, generations=1, population_size=8, n_validation=1)  # what is imported
    tracemalloc.start()
    started_s = time.monotonic()
    with pytest.raises(kind, match=message):
        spiking_agent.evolve(Wide, generations=1, **settings)
    assert time.monotonic() - started_s < 5.0
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**22


def test_bounds_are_included() -> None:
    check_neurons(MAX_NEURONS - 2, 1, 1)
    check_population(MAX_STRENGTHS // 64, 8, 8)
    check_decision(10_000, 400, 800, 800)
    for check, arguments in (
        (check_neurons, (MAX_NEURONS - 1, 1, 1)),
        (check_population, (MAX_STRENGTHS // 64 + 1, 8, 8)),
        (check_decision, (10_000, 420, 420, 0)),
        (check_decision, (10_000, 1, 1_000, 1_000)),
    ):
        with pytest.raises(ValueError, match="must be at most"):
            check(*arguments)


def test_a_dense_brain_of_ten_thousand_neurons_is_within_all_bounds() -> None:
    check_neurons(1_000, 8_990, 10)
    check_population(2, 10_000, 10_000)
    check_decision(64, 1_000, 10_000, 10_000)


def test_codecs_are_for_spaces_and_say_so() -> None:
    codec = Codec(
        encoder=DirectEncoder(4),
        decoder=make_decoder(spaces.Discrete(2)),
        n_ticks=1,
        carry_state=False,
    )
    codec.check_spaces(spaces.MultiBinary(4), spaces.Discrete(2))
    with pytest.raises(ValueError, match=r"decoder must be for the action space, Discrete\(3\)"):
        codec.check_spaces(spaces.MultiBinary(4), spaces.Discrete(3))
    with pytest.raises(ValueError, match="direct encoder must have 4 numbers, got MultiBinary"):
        codec.check_spaces(spaces.MultiBinary(5), spaces.Discrete(2))


def test_evolution_refuses_a_decoder_of_another_space() -> None:
    decoder = make_decoder(spaces.Discrete(2, start=5))
    with pytest.raises(ValueError, match=r"decoder must be for the action space, Discrete\(2\), "):
        spiking_agent.evolve(Wide, generations=1, decoder=decoder)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"n_episodes": 10**9},
            r"n_episodes must be a whole number in 1\.\.1048576, got 1000000000",
        ),
        ({"n_validation": 10**9}, r"n_validation must be a whole number in 1\.\.1048576, got"),
        (
            {"max_moves": 2**63},
            r"max_moves must be a whole number in 1\.\.4611686018427387904, got",
        ),
        (
            {"population_size": 10**6, "n_episodes": 2},
            "population_size times n_episodes must be at most 1,048,576, got 1,000,000 times 2",
        ),
        (
            {"population_size": 400, "refinements": [REFINED]},
            "population_size times n_episodes must be at most 1,048,576, got 400 times 3,000",
        ),
    ],
)
def test_settings_that_no_machine_can_play_are_refused(settings, message) -> None:
    with pytest.raises(ValueError, match=message):
        EvolutionConfig().changed(**settings)
    EvolutionConfig.of(max_moves=2**62, n_validation=100_000)


def test_errors_of_commands_are_printed_without_orders_to_the_terminal(capsys) -> None:
    parser = argparse.ArgumentParser(prog="spiking-test")

    def fail(_: argparse.Namespace) -> int:
        raise ValueError("say \x1b[31mred\n\x9b" + "z" * 10_000)

    assert run(fail, parser, []) == 2
    line = capsys.readouterr().err
    assert line.startswith(r"spiking-test: error: say \x1b[31mred \x9bzzz")
    assert len(line) < 5_000
    assert line.removesuffix("\n").isprintable()
