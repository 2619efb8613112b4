"""Which engine runs a population: names, and what only some of them take."""

import numpy as np
import pytest
from random_connectomes import random_connectome

from spiking_agent.brain.engines import ENGINES, make_engine
from spiking_agent.brain.population import Population


@pytest.fixture
def population() -> Population:
    return Population.from_connectomes([random_connectome(np.random.default_rng(0))])


@pytest.mark.parametrize("name", ["magic", "Compiled", "", None, ["live"]])
def test_an_unknown_name_lists_the_engines(name, population) -> None:
    with pytest.raises(ValueError, match="engine must be one of compiled, actors, live, got "):
        make_engine(name, population)


@pytest.mark.parametrize("name", ["compiled", "actors"])
def test_only_live_brains_have_a_tick_in_seconds(name: str, population) -> None:
    with pytest.raises(ValueError, match="tick_s must be None, unless the engine is 'live', got"):
        make_engine(name, population, tick_s=0.1)


@pytest.mark.parametrize("tick_s", [None, 0.002])
def test_live_brains_take_the_length_of_a_tick(tick_s, population) -> None:
    with make_engine("live", population, tick_s=tick_s) as engine:
        assert engine.n_lanes == 1


def test_every_engine_can_be_made(population) -> None:
    for name in ENGINES:
        make_engine(name, population).close()
