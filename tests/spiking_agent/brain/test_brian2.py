"""The same brains in Brian2, an independent simulator: the same spikes, spike by spike."""

import asyncio
import warnings
from dataclasses import replace

import numpy as np
import numpy.testing as npt
import pytest
from random_connectomes import random_connectome

from benchmarks.cases.networks import engine_raster, random_drive, reference_connectome
from benchmarks.peers.brian2_network import brian2_raster
from spiking_agent.brain.actors.brain import Brain
from spiking_agent.brain.connectome import Connectome

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what Brian2 warns of when it is imported is not ours
    brian2 = pytest.importorskip("brian2", reason="comes with the extra bench")

N_TICKS = 300

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def without_a_compiler():
    """Run Brian2 on NumPy, keep its warnings, and restore its settings."""
    before = brian2.prefs.codegen.target, brian2.prefs.core.default_float_dtype
    brian2.prefs.codegen.target = "numpy"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    brian2.prefs.codegen.target, brian2.prefs.core.default_float_dtype = before


async def actors_raster(connectome: Connectome, drive: np.ndarray) -> np.ndarray:
    async with Brain(connectome, record=True) as brain:
        await brain.decide(drive, len(drive))
        return brain.raster


@pytest.mark.parametrize("seed", range(3))
def test_the_reference_network_fires_alike_in_brian2(seed) -> None:
    connectome, drive = reference_connectome(seed), random_drive(seed, N_TICKS)
    theirs = brian2_raster(connectome, drive)
    assert 0.01 < len(theirs) / (N_TICKS * connectome.n_neurons) < 0.1
    npt.assert_array_equal(engine_raster(connectome, drive), theirs)
    npt.assert_array_equal(asyncio.run(actors_raster(connectome, drive)), theirs)


@pytest.mark.parametrize("resets", ["hard", "soft", "mixed"])
@pytest.mark.parametrize("seed", range(4))
def test_small_brains_of_any_decay_and_reset_fire_alike_in_brian2(resets, seed) -> None:
    # products are rounded to 32 bits in both, so decays need not be exact in binary
    rng = np.random.default_rng(seed)
    drawn = random_connectome(rng)
    is_soft = rng.random(drawn.n_neurons) < {"hard": 0.0, "soft": 1.0, "mixed": 0.5}[resets]
    periods = np.where(is_soft, 0, drawn.refractory_period)
    connectome = replace(drawn, soft_reset=is_soft, refractory_period=periods)
    drive = (rng.random((N_TICKS, connectome.n_inputs)) < 0.4).astype(np.uint8)
    theirs = brian2_raster(connectome, drive)
    npt.assert_array_equal(engine_raster(connectome, drive), theirs)
    npt.assert_array_equal(asyncio.run(actors_raster(connectome, drive)), theirs)
