"""The compiled engine against the actors: the same spikes, whatever DNA and drive."""

import subprocess
import sys

import numpy as np
import numpy.testing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numba import config as numba_config
from random_dna import dnas, random_dna, random_drive

from spiking_agent.actors import ActorEngine
from spiking_agent.dna import Dna
from spiking_agent.engine import Engine
from spiking_agent.population import Population

N_EXAMPLES = 30 if numba_config.DISABLE_JIT else 500
N_TICKS, N_DECISIONS = 5, 4
shares: list[float] = []  # of neuron-ticks with a spike, one entry an example


def both(dna: Dna, seed: int, carry_state: bool) -> tuple[np.ndarray, np.ndarray]:
    """Run both engines on the same drives; give their rasters after comparing their counts."""
    rng = np.random.default_rng(seed)
    drives = [random_drive(rng, dna, N_TICKS)[None] for _ in range(N_DECISIONS)]
    engine = Engine(Population.from_dnas([dna]), carry_state=carry_state, record=True)
    with ActorEngine([dna], carry_state=carry_state, record=True) as actors:
        for drive in drives:
            npt.assert_array_equal(
                engine.decide(drive, N_TICKS), actors.decide(drive, N_TICKS), err_msg=f"{seed=}"
            )
        return engine.raster(0), actors.raster(0)


@settings(
    max_examples=N_EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(dna=dnas(), seed=st.integers(0, 2**32 - 1), carry_state=st.booleans())
def compare(dna: Dna, seed: int, carry_state: bool) -> None:
    compiled, actors = both(dna, seed, carry_state)
    npt.assert_array_equal(compiled, actors)
    shares.append(len(compiled) / (dna.n_neurons * N_TICKS * N_DECISIONS))


def test_actors_and_engine_give_the_same_raster_on_lively_brains() -> None:
    shares.clear()
    compare()
    lively = np.mean([0.02 <= share <= 0.5 for share in shares])
    assert lively >= 0.5, f"only {lively:.0%} of {len(shares)} brains spike on 2 to 50 % of ticks"


def test_a_planted_delay_that_is_off_by_one_is_caught() -> None:
    n_caught = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        dna = random_dna(rng)
        slower = Dna(**{**dna.to_arrays(), "initiation_delay": dna.initiation_delay + 1})
        drive = random_drive(rng, dna, 20)[None]
        engine = Engine(Population.from_dnas([slower]), record=True)
        engine.decide(drive, 20)
        with ActorEngine([dna], record=True) as actors:
            actors.decide(drive, 20)
            n_caught += not np.array_equal(engine.raster(0), actors.raster(0))
    assert n_caught >= 15


@pytest.mark.jit  # nothing here is about the kernel as plain Python, which takes its time
@pytest.mark.parametrize("strength", [127, -127])
def test_512_neurons_at_full_strength_do_not_overflow(strength: int) -> None:
    n = 512
    connectivity = np.full((n, n), strength, np.int8)
    np.fill_diagonal(connectivity, 0)
    connectivity[:, 0] = np.where(np.arange(n) > 0, 127, 0)  # one neuron hears the others' sum
    dna = Dna(
        connectivity=connectivity,
        threshold=np.full(n, 60_000.0),
        decay=np.full(n, 0.9),
        refractory_period=np.zeros(n, int),
        initiation_delay=np.ones(n, int),
        input_neurons=np.arange(n),
        output_neurons=np.arange(n),
    )
    drive = np.ones((1, 1, n), np.uint8)
    engine = Engine(Population.from_dnas([dna]), record=True)
    with ActorEngine([dna], record=True) as actors:
        npt.assert_array_equal(engine.decide(drive, 2), actors.decide(drive, 2))
        npt.assert_array_equal(engine.raster(0), actors.raster(0))
    assert 0 in engine.raster(0)[:, 1]


def test_lanes_do_not_depend_on_their_neighbours() -> None:
    rng = np.random.default_rng(1)
    population = Population.from_dnas([_alike(rng) for _ in range(3)])
    together = Engine(population, lanes_per_brain=2, record=True)
    drives = rng.integers(0, 2, (6, 8, 3), dtype=np.uint8)
    counts = together.decide(drives, 8)
    for lane in range(6):
        alone = Engine(population.take([lane // 2]), record=True)
        npt.assert_array_equal(alone.decide(drives[lane : lane + 1], 8)[0], counts[lane])
        npt.assert_array_equal(alone.raster(0), together.raster(lane))


def test_lanes_that_are_not_named_stand_still() -> None:
    rng = np.random.default_rng(2)
    population = Population.from_dnas([_alike(rng)])
    drives = rng.integers(0, 2, (3, 6, 3), dtype=np.uint8)
    whole = Engine(population, lanes_per_brain=3, record=True)
    parts = Engine(population, lanes_per_brain=3, record=True)
    whole.decide(drives, 6)
    parts.decide(drives[[2, 0]], 6, np.array([2, 0]))
    assert len(parts.raster(1)) == 0
    parts.decide(drives[[1]], 6, np.array([1]))
    for lane in range(3):
        npt.assert_array_equal(parts.raster(lane), whole.raster(lane))


def test_carried_state_makes_two_decisions_one_long_one() -> None:
    rng = np.random.default_rng(3)
    dna = random_dna(rng, 40)
    drive = rng.integers(0, 2, (1, 10, dna.n_inputs), dtype=np.uint8)
    long, short = (Engine(Population.from_dnas([dna]), record=True) for _ in range(2))
    long.decide(drive, 10)
    short.decide(drive[:, :4], 4)
    short.decide(drive[:, 4:], 6)
    npt.assert_array_equal(long.raster(0), short.raster(0))
    assert len(long.raster(0)) > 20


def test_without_carried_state_decisions_do_not_know_of_each_other() -> None:
    rng = np.random.default_rng(4)
    dna = random_dna(rng, 40)
    drives = [rng.integers(0, 2, (1, 5, dna.n_inputs), dtype=np.uint8) for _ in range(4)]
    engine = Engine(Population.from_dnas([dna]), carry_state=False)
    forward = [engine.decide(drive, 5) for drive in drives]
    backward = [engine.decide(drive, 5) for drive in reversed(drives)]
    npt.assert_array_equal(forward, backward[::-1])
    assert np.sum(forward) > 0


def test_clearing_a_lane_makes_it_as_good_as_new() -> None:
    rng = np.random.default_rng(5)
    dna = random_dna(rng, 30)
    drive = rng.integers(0, 2, (2, 6, dna.n_inputs), dtype=np.uint8)
    engine = Engine(Population.from_dnas([dna]), lanes_per_brain=2)
    first = engine.decide(drive, 6)
    engine.clear(np.array([1]))
    second = engine.decide(drive, 6)
    npt.assert_array_equal(second[1], first[1])
    engine.clear()
    npt.assert_array_equal(engine.decide(drive, 6), first)


def test_new_spikes_are_the_end_of_the_raster() -> None:
    rng = np.random.default_rng(6)
    dna = random_dna(rng, 30)
    drives = rng.integers(0, 2, (6, 1, 5, dna.n_inputs), dtype=np.uint8)
    drives[3] = 0
    engine = Engine(Population.from_dnas([dna]), carry_state=False, record=True)
    with ActorEngine([dna], carry_state=False, record=True) as actors:
        for either in (engine, actors):
            assert either.spikes_since(0, 0).shape == (0, 2)
            for drive in drives:
                either.decide(drive, 5)
            raster = either.raster(0)
            assert len(np.unique(raster[:, 0])) > 10
            for tick in range(33):
                new = either.spikes_since(0, tick)
                npt.assert_array_equal(new, raster[raster[:, 0] >= tick], strict=True)


def test_new_spikes_are_found_without_a_look_at_the_old() -> None:
    engine = Engine(Population.from_dnas([_alike(np.random.default_rng(0))]), record=True)
    old, new = (np.array([[tick, 3], [tick + 1, 4]]) for tick in (1, 11))
    engine._spikes[0] += [None, None, old, new]  # a look at None would fail
    assert engine.spikes_since(0, 11).tolist() == [[11, 3], [12, 4]]
    assert engine.spikes_since(0, 2).tolist() == [[2, 4], [11, 3], [12, 4]]


def test_potentials_are_those_of_the_actors() -> None:
    for seed in range(10):
        rng = np.random.default_rng(seed)
        dna = random_dna(rng, 20)
        drive = random_drive(rng, dna, 7)[None]
        engine = Engine(Population.from_dnas([dna]))
        engine.decide(drive, 7)
        with ActorEngine([dna]) as actors:
            actors.decide(drive, 7)
            assert engine.potentials(0).tobytes() == actors.potentials(0).tobytes(), f"{seed=}"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda e: e.decide(np.zeros((1, 3, 3), np.uint8), 0), "n_ticks must be >= 1, got 0"),
        (
            lambda e: e.decide(np.zeros((1, 2, 3), np.uint8), 4),
            r"drive must have shape \(1, 4 or 1",
        ),
        (
            lambda e: e.decide(np.zeros((1, 1, 3), np.uint8), 1, np.array([1])),
            r"lane_ids must be lanes in 0\.\.0, got",
        ),
        (lambda e: e.clear(np.array([1])), r"lane_ids must be lanes in 0\.\.0, got"),
        (lambda e: e.clear(np.array([-1])), r"lane_ids must be lanes in 0\.\.0, got"),
        (lambda e: e.clear(np.array([[0]])), r"lane_ids must be lanes in 0\.\.0, got"),
        (lambda e: e.clear(np.array([True])), r"lane_ids must be lanes in 0\.\.0, got"),
        (lambda e: e.clear(np.array([0, 0])), "lane_ids must name no lane twice, got"),
        (
            lambda e: e.decide(np.zeros((2, 1, 3), np.uint8), 1, np.array([0, 0])),
            "lane_ids must name no lane twice, got",
        ),
        (lambda e: e.potentials(5000), r"lane_ids must be lanes in 0\.\.0, got"),
        (lambda e: e.spikes_since(0, 1), "record must be True to ask for a raster, got False"),
        (lambda e: e.raster(0), "record must be True to ask for a raster, got False"),
        (
            lambda e: Engine(
                Population.from_dnas([_alike(np.random.default_rng(0))]), lanes_per_brain=0
            ),
            "lanes_per_brain must be >= 1, got 0",
        ),
    ],
)
def test_wrong_arguments_are_refused(call, message: str) -> None:
    engine = Engine(Population.from_dnas([_alike(np.random.default_rng(0))]))
    with pytest.raises(ValueError, match=message):
        call(engine)


DIGEST = """
import hashlib
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from random_dna import random_dna, random_drive
from spiking_agent.engine import Engine
from spiking_agent.population import Population
digest = hashlib.sha256()
for seed in range(12):
    rng = np.random.default_rng(seed)
    dna = random_dna(rng)
    engine = Engine(Population.from_dnas([dna]), record=True)
    digest.update(engine.decide(random_drive(rng, dna, 12)[None], 12).tobytes())
    digest.update(engine.raster(0).tobytes() + engine.potentials(0).tobytes())
print(digest.hexdigest())
"""


@pytest.mark.jit
def test_the_kernel_as_plain_python_gives_the_same_bits(request, monkeypatch) -> None:
    digests = []
    for disabled in ("0", "1"):
        monkeypatch.setenv("NUMBA_DISABLE_JIT", disabled)
        command = [sys.executable, "-c", DIGEST, str(request.path.parent)]
        digests.append(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    assert digests[0] == digests[1] != ""


def _alike(rng: np.random.Generator) -> Dna:
    """Draw DNA of one size, with the same inputs and outputs each time."""
    connectivity = rng.integers(-3, 6, (12, 12))
    connectivity[rng.random((12, 12)) < 0.5] = 0
    np.fill_diagonal(connectivity, 0)
    return Dna(
        connectivity=connectivity,
        threshold=rng.integers(0, 4, 12),
        decay=rng.choice([0.5, 0.9], 12),
        refractory_period=rng.integers(0, 3, 12),
        initiation_delay=rng.integers(1, 5, 12),
        input_neurons=[0, 1, 2],
        output_neurons=[9, 10, 11],
    )
