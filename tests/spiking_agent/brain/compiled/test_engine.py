"""The compiled engine against the actors: the same spikes, whatever connectome and drive."""

import subprocess
import sys

import numpy as np
import numpy.testing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive_brain import NaiveBrain
from numba import config as numba_config
from random_connectomes import connectomes, random_connectome, random_drive, with_branches

from spiking_agent.brain.actors.engine import ActorEngine
from spiking_agent.brain.carry_state import CarryState
from spiking_agent.brain.compiled.engine import Engine
from spiking_agent.brain.compiled.kernels import FEW_TARGETS
from spiking_agent.brain.compiled.lanes import EPOCH, WIDTH
from spiking_agent.brain.connectome import Connectome
from spiking_agent.brain.population import Population

pytestmark = pytest.mark.kernels

N_EXAMPLES = 30 if numba_config.DISABLE_JIT else 500
N_TICKS, N_DECISIONS = 5, 4
shares: list[float] = []  # of neuron-ticks with a spike, one entry an example


def both(
    connectome: Connectome, seed: int, carry_state: CarryState
) -> tuple[np.ndarray, np.ndarray]:
    """Run both engines on the same drives; give their rasters after comparing their counts."""
    rng = np.random.default_rng(seed)
    drives = [random_drive(rng, connectome, N_TICKS)[None] for _ in range(N_DECISIONS)]
    engine = Engine(Population.from_connectomes([connectome]), carry_state=carry_state, record=True)
    with ActorEngine(
        Population.from_connectomes([connectome]), carry_state=carry_state, record=True
    ) as actors:
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
@given(
    connectome=connectomes(),
    seed=st.integers(0, 2**32 - 1),
    carry_state=st.sampled_from((False, True, "impulses")),
)
def compare(connectome: Connectome, seed: int, carry_state: CarryState) -> None:
    compiled, actors = both(connectome, seed, carry_state)
    npt.assert_array_equal(compiled, actors)
    shares.append(len(compiled) / (connectome.n_neurons * N_TICKS * N_DECISIONS))


@pytest.mark.slow
def test_actors_and_engine_give_the_same_raster_on_lively_brains() -> None:
    shares.clear()
    compare()
    lively = np.mean([0.02 <= share <= 0.5 for share in shares])
    assert lively >= 0.5, f"only {lively:.0%} of {len(shares)} brains spike on 2 to 50 % of ticks"


def test_a_planted_delay_that_is_off_by_one_is_caught() -> None:
    n_caught = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        connectome = random_connectome(rng)
        slower = Connectome(
            **{**connectome.to_arrays(), "initiation_delay": connectome.initiation_delay + 1}
        )
        drive = random_drive(rng, connectome, 20)[None]
        engine = Engine(Population.from_connectomes([slower]), record=True)
        engine.decide(drive, 20)
        with ActorEngine(Population.from_connectomes([connectome]), record=True) as actors:
            actors.decide(drive, 20)
            n_caught += not np.array_equal(engine.raster(0), actors.raster(0))
    assert n_caught >= 15


@pytest.mark.slow
@pytest.mark.jit  # nothing here is about the kernel as plain Python, which takes its time
@pytest.mark.parametrize("strength", [127, -127])
def test_512_neurons_at_full_strength_do_not_overflow(strength: int) -> None:
    n = 512
    connectivity = np.full((n, n), strength, np.int8)
    np.fill_diagonal(connectivity, 0)
    connectivity[:, 0] = np.where(np.arange(n) > 0, 127, 0)  # one neuron hears the others' sum
    connectome = Connectome(
        connectivity=connectivity,
        threshold=np.full(n, 60_000.0),
        decay=np.full(n, 0.9),
        refractory_period=np.zeros(n, int),
        initiation_delay=np.ones(n, int),
        input_neurons=np.arange(n),
        output_neurons=np.arange(n),
    )
    drive = np.ones((1, 1, n), np.uint8)
    engine = Engine(Population.from_connectomes([connectome]), record=True)
    with ActorEngine(Population.from_connectomes([connectome]), record=True) as actors:
        npt.assert_array_equal(engine.decide(drive, 2), actors.decide(drive, 2))
        npt.assert_array_equal(engine.raster(0), actors.raster(0))
    assert 0 in engine.raster(0)[:, 1]


def test_lanes_do_not_depend_on_their_neighbours() -> None:
    rng = np.random.default_rng(1)
    population = Population.from_connectomes([_alike(rng) for _ in range(3)])
    together = Engine(population, lanes_per_brain=2, record=True)
    drives = rng.integers(0, 2, (6, 8, 3), dtype=np.uint8)
    counts = together.decide(drives, 8)
    for lane in range(6):
        alone = Engine(population.take([lane // 2]), record=True)
        npt.assert_array_equal(alone.decide(drives[lane : lane + 1], 8)[0], counts[lane])
        npt.assert_array_equal(alone.raster(0), together.raster(lane))


def test_lanes_that_are_not_named_stand_still() -> None:
    rng = np.random.default_rng(2)
    population = Population.from_connectomes([_alike(rng)])
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
    rng = np.random.default_rng(4)
    connectome = random_connectome(rng, 40)
    drive = rng.integers(0, 2, (1, 10, connectome.n_inputs), dtype=np.uint8)
    long, short = (Engine(Population.from_connectomes([connectome]), record=True) for _ in range(2))
    long.decide(drive, 10)
    short.decide(drive[:, :4], 4)
    short.decide(drive[:, 4:], 6)
    npt.assert_array_equal(long.raster(0), short.raster(0))
    assert len(long.raster(0)) > 20


def test_without_carried_state_decisions_do_not_know_of_each_other() -> None:
    rng = np.random.default_rng(4)
    connectome = random_connectome(rng, 40)
    drives = [rng.integers(0, 2, (1, 5, connectome.n_inputs), dtype=np.uint8) for _ in range(4)]
    engine = Engine(Population.from_connectomes([connectome]), carry_state=False)
    forward = [engine.decide(drive, 5) for drive in drives]
    backward = [engine.decide(drive, 5) for drive in reversed(drives)]
    npt.assert_array_equal(forward, backward[::-1])
    assert np.sum(forward) > 0


def test_clearing_a_lane_makes_it_as_good_as_new() -> None:
    rng = np.random.default_rng(5)
    connectome = random_connectome(rng, 30)
    drive = rng.integers(0, 2, (2, 6, connectome.n_inputs), dtype=np.uint8)
    engine = Engine(Population.from_connectomes([connectome]), lanes_per_brain=2)
    first = engine.decide(drive, 6)
    engine.clear(np.array([1]))
    second = engine.decide(drive, 6)
    npt.assert_array_equal(second[1], first[1])
    engine.clear()
    npt.assert_array_equal(engine.decide(drive, 6), first)


def test_new_spikes_are_the_end_of_the_raster() -> None:
    rng = np.random.default_rng(6)
    connectome = random_connectome(rng, 30)
    drives = rng.integers(0, 2, (6, 1, 5, connectome.n_inputs), dtype=np.uint8)
    drives[3] = 0
    engine = Engine(Population.from_connectomes([connectome]), carry_state=False, record=True)
    with ActorEngine(
        Population.from_connectomes([connectome]), carry_state=False, record=True
    ) as actors:
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
    engine = Engine(Population.from_connectomes([_alike(np.random.default_rng(0))]), record=True)
    old, new = (np.array([[tick, 3], [tick + 1, 4]]) for tick in (1, 11))
    engine._spikes[0] += [None, None, old, new]  # a look at None would fail
    assert engine.spikes_since(0, 11).tolist() == [[11, 3], [12, 4]]
    assert engine.spikes_since(0, 2).tolist() == [[2, 4], [11, 3], [12, 4]]


def test_potentials_are_those_of_the_actors() -> None:
    for seed in range(10):
        rng = np.random.default_rng(seed)
        connectome = random_connectome(rng, 20)
        drive = random_drive(rng, connectome, 7)[None]
        engine = Engine(Population.from_connectomes([connectome]))
        engine.decide(drive, 7)
        with ActorEngine(Population.from_connectomes([connectome])) as actors:
            actors.decide(drive, 7)
            assert engine.potentials(0).tobytes() == actors.potentials(0).tobytes(), f"{seed=}"


def _star(n_targets: int, n_inputs: int, **changes: object) -> Connectome:
    """Inputs that nothing excites, each with a synapse on every target; targets are outputs."""
    n = n_inputs + n_targets
    connectivity = np.zeros((n, n), np.int8)
    connectivity[:n_inputs, n_inputs:] = np.random.default_rng(n).integers(-9, 20, n_targets)
    usual: dict[str, object] = {
        "connectivity": connectivity,
        "threshold": np.full(n, 12.0),
        "decay": np.full(n, 0.75),
        "refractory_period": np.zeros(n, int),
        "initiation_delay": np.ones(n, int),
        "input_neurons": np.arange(n_inputs),
        "output_neurons": np.arange(n_inputs, n) if n_targets else [0],
    }
    return Connectome(**{**usual, **changes})  # type: ignore[arg-type]


def _compare_with_twin(
    connectome: Connectome, drives: list[np.ndarray], n_ticks: int
) -> np.ndarray:
    """Compare spikes and potentials with the plain twin after every decision; give the raster."""
    engine = Engine(Population.from_connectomes([connectome]), record=True)
    twin = NaiveBrain(connectome)
    for drive in drives:
        counts = engine.decide(drive[None], n_ticks)
        npt.assert_array_equal(counts[0], twin.decide(drive, n_ticks))
        potentials = np.array([twin.potential[j] for j in range(connectome.n_neurons)], np.float32)
        npt.assert_array_equal(engine.potentials(0), potentials)
    npt.assert_array_equal(engine.raster(0), np.array(sorted(twin.raster)).reshape(-1, 2))
    return engine.raster(0)


def _drives(rng: np.random.Generator, n_inputs: int, n_ticks: int) -> list[np.ndarray]:
    """Draw drives for some decisions: steady, varying, silent, and steady again."""
    steady, varying, last = (
        rng.integers(0, 2, (n_rows, n_inputs), dtype=np.uint8) for n_rows in (1, n_ticks, 1)
    )
    return [steady, varying, np.zeros((1, n_inputs), np.uint8), varying[::-1].copy(), last]


@pytest.mark.parametrize("delay", [1, 2])  # sums of a direct drive, and of axons that are due
@pytest.mark.parametrize("n_axons", [255, 256, 257, 258, 259, 260, 261, 511, 513, 600])
@pytest.mark.parametrize("strength", [127, -127, -128])
def test_sums_of_many_axons_are_exact(strength: int, n_axons: int, delay: int) -> None:
    n = n_axons + 10  # more targets than are summed by a product
    connectivity = np.zeros((n, n), np.int8)
    connectivity[:n_axons, n_axons:] = strength
    connectivity[0, n_axons + 1 :] = 0
    connectome = Connectome(
        connectivity=connectivity,
        threshold=np.full(n, 2.0**24),
        decay=np.full(n, 0.5),
        refractory_period=np.zeros(n, int),
        initiation_delay=np.full(n, delay),
        input_neurons=np.arange(n_axons),
        output_neurons=[n - 1],
    )
    engine = Engine(Population.from_connectomes([connectome]))
    engine.decide(np.ones((1, delay, n_axons), np.uint8)[:, :1], delay)
    potentials = engine.potentials(0)
    assert potentials[n_axons] == strength * n_axons
    assert set(potentials[n_axons + 1 :].tolist()) == {strength * (n_axons - 1)}


def test_sums_within_an_instant_may_leave_16_bits_and_come_back() -> None:
    n_axons = 600
    n = n_axons + FEW_TARGETS + 1
    connectivity = np.zeros((n, n), np.int8)
    connectivity[:300, n_axons:], connectivity[300:n_axons, n_axons:] = 127, -127
    connectivity[n_axons - 1, n_axons:] = np.arange(FEW_TARGETS + 1)
    connectome = Connectome(
        connectivity=connectivity,
        threshold=np.full(n, 133.0),
        decay=np.full(n, 0.5),
        refractory_period=np.zeros(n, int),
        initiation_delay=np.ones(n, int),
        input_neurons=np.arange(n_axons),
        output_neurons=np.arange(n_axons, n),
    )
    counts = Engine(Population.from_connectomes([connectome])).decide(
        np.ones((1, 1, n_axons), np.uint8), 1
    )
    npt.assert_array_equal(counts[0], 127 + np.arange(FEW_TARGETS + 1) > 133)


@pytest.mark.parametrize(
    "n_targets", [1, 2, FEW_TARGETS, FEW_TARGETS + 1, WIDTH - 1, WIDTH, WIDTH + 1, 2 * WIDTH + 1]
)
@pytest.mark.parametrize("is_direct", [True, False])
def test_brains_of_any_number_of_targets_equal_the_plain_twin(
    n_targets: int, is_direct: bool
) -> None:
    rng = np.random.default_rng([n_targets, is_direct])
    n_inputs, n_ticks = 5, 6
    n = n_inputs + n_targets
    connectivity = np.zeros((n, n), np.int8)
    connectivity[:n_inputs, n_inputs:] = rng.integers(-6, 15, (n_inputs, n_targets))
    among = rng.integers(-9, 10, (n_targets, n_targets))
    among[rng.random(among.shape) < 0.5] = 0
    np.fill_diagonal(among, 0)
    connectivity[n_inputs:, n_inputs:] = among
    connectivity[0, n_inputs:] = rng.integers(1, 15, n_targets)  # every one of them is a target
    delays = rng.integers(1, 4, n)
    delays[:n_inputs] = 1 if is_direct else [1, 2, 1, 3, 1]
    connectome = _star(
        n_targets,
        n_inputs,
        connectivity=connectivity,
        threshold=rng.integers(0, 25, n),
        decay=rng.choice([0.5, 0.75, 1.0], n),
        refractory_period=rng.integers(0, 3, n),
        initiation_delay=delays,
    )
    engine = Engine(Population.from_connectomes([connectome]))
    assert engine.brains.is_direct == is_direct
    assert engine.brains.strength.shape[2] == -(-n_targets // WIDTH) * WIDTH
    is_multiplied = is_direct and n_targets <= FEW_TARGETS
    assert (engine.brains.input_strength.shape[1] > 0) == is_multiplied
    raster = _compare_with_twin(connectome, _drives(rng, n_inputs, n_ticks), n_ticks)
    assert len(np.unique(raster[:, 1])) >= min(n_targets, 4) / 2


@pytest.mark.parametrize("longest", [1, 2, 3])  # 1: all that fire deliver in the next tick
def test_brains_of_short_delays_equal_the_plain_twin(longest: int) -> None:
    n_spikes = 0
    for seed in range(25):
        rng = np.random.default_rng([seed, longest])
        connectome = random_connectome(rng, int(rng.integers(3, 40)))
        delays = rng.integers(1, longest + 1, connectome.n_neurons)
        delays[0] = longest
        connectome = Connectome(**{**connectome.to_arrays(), "initiation_delay": delays})
        n_spikes += len(_compare_with_twin(connectome, _drives(rng, connectome.n_inputs, 5), 5))
    assert n_spikes > 1000


@pytest.mark.parametrize("delay", [1, 3])
def test_a_brain_without_a_synapse_is_silent(delay: int) -> None:
    connectome = _star(0, 3, initiation_delay=[delay] * 3, output_neurons=[2, 0])
    engine = Engine(Population.from_connectomes([connectome]), lanes_per_brain=2, record=True)
    for n_rows in (1, 4):
        counts = engine.decide(np.ones((2, n_rows, 3), np.uint8), 4)
        npt.assert_array_equal(counts, np.zeros((2, 2), np.int32), strict=True)
    assert engine.raster(1).shape == (0, 2)
    npt.assert_array_equal(engine.potentials(1), np.zeros(3, np.float32), strict=True)
    engine.clear()


@pytest.mark.parametrize("n_targets", [FEW_TARGETS, FEW_TARGETS + 1])
def test_a_direct_drive_gives_what_an_indirect_one_does(n_targets: int) -> None:
    rng = np.random.default_rng(9)
    direct = _star(n_targets, 6)
    n = direct.n_neurons + 1  # one neuron more, without effect, that excites an input
    arrays = {name: np.append(array, array[-1]) for name, array in direct.to_arrays().items()
              if array.shape == (direct.n_neurons,)}  # fmt: skip
    connectivity = np.zeros((n, n), np.int8)
    connectivity[:-1, :-1] = direct.connectivity
    connectivity[-1, 0] = 1
    indirect = Connectome(**{**direct.to_arrays(), **arrays, "connectivity": connectivity})
    engines = [
        Engine(Population.from_connectomes([connectome]), record=True)
        for connectome in (direct, indirect)
    ]
    assert [engine.brains.is_direct for engine in engines] == [True, False]
    for drive in _drives(rng, 6, 4):
        first, second = (engine.decide(drive[None], 4) for engine in engines)
        npt.assert_array_equal(first, second)
    npt.assert_array_equal(engines[0].raster(0), engines[1].raster(0))
    assert len(engines[0].raster(0)) > 10


def test_one_input_with_a_long_delay_ends_the_direct_drive_of_all_brains() -> None:
    rng = np.random.default_rng(10)
    connectomes = [_star(3, 4), _star(3, 4, initiation_delay=[1, 1, 1, 3, 1, 1, 1])]
    engine = Engine(Population.from_connectomes(connectomes), record=True)
    assert not engine.brains.is_direct
    drive = rng.integers(0, 2, (2, 7, 4), dtype=np.uint8)
    engine.decide(drive, 7)
    for lane, connectome in enumerate(connectomes):
        alone = Engine(Population.from_connectomes([connectome]), record=True)
        alone.decide(drive[lane : lane + 1], 7)
        npt.assert_array_equal(alone.raster(0), engine.raster(lane))
        assert len(engine.raster(lane)) > 2


def test_a_steady_drive_is_the_same_row_at_every_tick() -> None:
    for seed in range(12):
        rng = np.random.default_rng(seed)
        connectome = random_connectome(rng, 24) if seed % 2 else _star(3 + seed, 7)
        steady, repeated = (
            Engine(Population.from_connectomes([connectome]), record=True) for _ in range(2)
        )
        for _ in range(3):
            row = rng.integers(0, 2, (1, 1, connectome.n_inputs), dtype=np.uint8)
            steady.decide(row, 5)
            repeated.decide(np.repeat(row, 5, axis=1), 5)
        npt.assert_array_equal(steady.raster(0), repeated.raster(0), err_msg=f"{seed=}")


def test_a_drive_does_not_reach_the_lane_that_runs_next() -> None:
    for n_targets in (FEW_TARGETS, FEW_TARGETS + 1):
        engine = Engine(
            Population.from_connectomes([_star(n_targets, 4)]), lanes_per_brain=3, record=True
        )
        drive = np.zeros((3, 1, 4), np.uint8)
        drive[0] = 1
        assert engine.decide(drive, 3).any(axis=1).tolist() == [True, False, False]


def test_potentials_are_those_of_the_actors_after_silent_ticks() -> None:
    for seed in range(12):
        rng = np.random.default_rng([seed, 7])
        connectome = (
            random_connectome(rng, 16)
            if seed % 2
            else _star(6 + seed, 4, decay=np.full(10 + seed, 0.9))
        )
        drive = random_drive(rng, connectome, 4)[None]
        silence = np.zeros((1, 1, connectome.n_inputs), np.uint8)
        engine = Engine(Population.from_connectomes([connectome]))
        with ActorEngine(Population.from_connectomes([connectome])) as actors:
            for now, n_ticks in ((drive, 4), (silence, 1), (silence, 9), (drive, 4), (silence, 40)):
                npt.assert_array_equal(engine.decide(now, n_ticks), actors.decide(now, n_ticks))
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
                Population.from_connectomes([_alike(np.random.default_rng(0))]), lanes_per_brain=0
            ),
            "lanes_per_brain must be a whole number >= 1, got 0",
        ),
    ],
)
def test_wrong_arguments_are_refused(call, message: str) -> None:
    engine = Engine(Population.from_connectomes([_alike(np.random.default_rng(0))]))
    with pytest.raises(ValueError, match=message):
        call(engine)


DIGEST = """
import hashlib
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from random_connectomes import random_connectome, random_drive
from spiking_agent.brain.carry_state import CarryState
from spiking_agent.brain.compiled.engine import Engine
from spiking_agent.brain.population import Population
digest = hashlib.sha256()
for seed in range(12):
    rng = np.random.default_rng(seed)
    connectome = random_connectome(rng)
    engine = Engine(Population.from_connectomes([connectome]), record=True)
    digest.update(engine.decide(random_drive(rng, connectome, 12)[None], 12).tobytes())
    digest.update(engine.raster(0).tobytes() + engine.potentials(0).tobytes())
print(digest.hexdigest())
"""


@pytest.mark.slow
@pytest.mark.jit
def test_the_kernel_as_plain_python_gives_the_same_bits(request, monkeypatch) -> None:
    digests = []
    for disabled in ("0", "1"):
        monkeypatch.setenv("NUMBA_DISABLE_JIT", disabled)
        support = request.path.parents[3] / "support"
        command = [sys.executable, "-c", DIGEST, str(support)]
        digests.append(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    assert digests[0] == digests[1] != ""


def _alike(rng: np.random.Generator) -> Connectome:
    """Draw connectomes of one size, with the same inputs and outputs each time."""
    connectivity = rng.integers(-3, 6, (12, 12))
    connectivity[rng.random((12, 12)) < 0.5] = 0
    np.fill_diagonal(connectivity, 0)
    return Connectome(
        connectivity=connectivity,
        threshold=rng.integers(0, 4, 12),
        decay=rng.choice([0.5, 0.9], 12),
        refractory_period=rng.integers(0, 3, 12),
        initiation_delay=rng.integers(1, 5, 12),
        input_neurons=[0, 1, 2],
        output_neurons=[9, 10, 11],
    )


@pytest.mark.parametrize("is_listed", [False, True])
@pytest.mark.parametrize("longest_delay", [1, 3])
def test_a_lane_counts_on_when_its_ticks_leave_32_bits(longest_delay: int, is_listed: bool) -> None:
    rng = np.random.default_rng(longest_delay)
    connectome = _star(
        9, 5, refractory_period=rng.integers(0, 4, 14), initiation_delay=[longest_delay] * 14
    )
    connectome = with_branches(connectome) if is_listed else connectome
    drives = rng.integers(0, 2, (4, 1, 6, 5), dtype=np.uint8)
    usual, old = (Engine(Population.from_connectomes([connectome]), record=True) for _ in range(2))
    n_slots = old.lanes.n_due.shape[1]
    n_before = EPOCH // n_slots * n_slots - 2 * n_slots  # full turns, until shortly before
    old.lanes.tick[0] = n_before
    for drive in drives:
        npt.assert_array_equal(old.decide(drive, 6), usual.decide(drive, 6))
    assert old.lanes.epoch[0] > 0
    assert old.lanes.tick[0] < 24
    npt.assert_array_equal(old.raster(0) - [n_before, 0], usual.raster(0))
    assert len(usual.raster(0)) > 10


def test_spikes_are_forgotten_and_time_is_told_alike() -> None:
    connectome = random_connectome(np.random.default_rng(3))
    drive = np.ones((1, 1, connectome.n_inputs), np.uint8)
    engine = Engine(Population.from_connectomes([connectome]), record=True)
    with ActorEngine(Population.from_connectomes([connectome]), record=True) as actors:
        for one in (engine, actors):
            for n_ticks in (4, 7, 5):
                one.decide(drive, n_ticks)
            assert one.tick(0) == 16
            whole = one.raster(0)
            assert whole[:, 0].max() > 7
            assert whole[:, 0].min() < 7
            one.forget_spikes(0, 7)
            npt.assert_array_equal(one.raster(0), whole[whole[:, 0] >= 7])
            one.clear()
            assert one.tick(0) == 16
            one.forget_spikes(0, 17)
            assert len(one.raster(0)) == 0
            one.decide(drive, 3)
            assert one.raster(0)[:, 0].min() >= 17
        npt.assert_array_equal(engine.raster(0), actors.raster(0))
        npt.assert_array_equal(engine.potentials(0), actors.potentials(0))


def test_raster_that_is_not_kept_cannot_be_forgotten() -> None:
    connectome = random_connectome(np.random.default_rng(3))
    with ActorEngine(Population.from_connectomes([connectome])) as actors:
        for one in (Engine(Population.from_connectomes([connectome])), actors):
            with pytest.raises(ValueError, match="record must be True"):
                one.forget_spikes(0, 1)
