"""The engine of sheets skips what cannot be heard, and that never shows."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import typeof
from random_tissues import TissueMaker, random_drives

from spiking_agent.brain.engines import make_engine
from spiking_agent.brain.sheets.engine import SheetEngine
from spiking_agent.brain.sheets.rules import Kernel, Rule
from spiking_agent.brain.sheets.tissue import Tissue
from spiking_agent.brain.sheets.window import find_window
from spiking_agent.dna.grown.genes import gene_table
from spiking_agent.dna.grown.growth import grow
from spiking_agent.dna.grown.layout import Layout
from spiking_agent.dna.grown.plans import PLANS

WAYS = (False, "impulses", True)
LANES = 2  # of each brain
OUT_OF_BOUNDS = (1100, 1319)  # many active cells at a gate; inputs that fill their words


def decisions(tissue: Tissue, seed: int):
    """Yield (drive, ticks, lanes, lanes to clear afterwards) of some decisions."""
    rng = np.random.default_rng(seed)
    n_lanes = len(tissue) * LANES
    for _ in range(4):
        n_ticks = int(rng.integers(1, 16))
        lane_ids = np.sort(rng.permutation(n_lanes)[: int(rng.integers(1, n_lanes + 1))])
        drives = random_drives(rng, tissue, len(lane_ids), n_ticks)
        yield drives, n_ticks, lane_ids, lane_ids[: int(rng.random() < 0.2)]


def play(engine, tissue: Tissue, seed: int) -> list[list[list[int]]]:
    """Return the counts of all decisions."""
    counts = []
    with engine:
        for drives, n_ticks, lane_ids, cleared in decisions(tissue, seed):
            counts.append(engine.decide(drives, n_ticks, lane_ids).tolist())
            engine.clear(cleared)
    return counts


def started(name: str, tissue: Tissue, carry_state, *, record: bool = False):
    return make_engine(name, tissue, lanes_per_brain=LANES, carry_state=carry_state, record=record)


@pytest.mark.jit
@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), carry_state=st.sampled_from(WAYS))
def test_counts_are_those_of_the_ordinary_engine(seed, carry_state) -> None:
    tissue = TissueMaker(np.random.default_rng(seed)).draw()
    expected = play(started("compiled", tissue, carry_state, record=True), tissue, seed)
    assert play(started("compiled", tissue, carry_state), tissue, seed) == expected


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(9))
def test_counts_and_rasters_are_those_of_the_actors(seed) -> None:
    carry_state = WAYS[seed % 3]
    tissue = TissueMaker(np.random.default_rng(seed), n_genomes=1).draw()
    engines = [started(name, tissue, carry_state, record=True) for name in ("compiled", "actors")]
    expected = play(started("compiled", tissue, carry_state), tissue, seed)
    for engine in engines:
        rasters = []
        with engine:
            for (drives, n_ticks, lane_ids, cleared), counts in zip(
                decisions(tissue, seed), expected, strict=True
            ):
                assert engine.decide(drives, n_ticks, lane_ids).tolist() == counts
                engine.clear(cleared)
            rasters.append([engine.raster(lane).tolist() for lane in range(LANES)])
    assert all(raster == rasters[0] for raster in rasters)


@pytest.mark.kernels
@pytest.mark.parametrize("seed", [0, 2, 3, 4, *OUT_OF_BOUNDS])
def test_the_kernels_of_windows_as_plain_python_give_the_same_counts(seed) -> None:
    tissue = TissueMaker(np.random.default_rng(seed)).draw()
    window = find_window(tissue, carry_state="impulses")
    engine = SheetEngine(tissue, window, lanes_per_brain=LANES, carry_state="impulses")
    expected = play(started("compiled", tissue, "impulses", record=True), tissue, seed)
    assert play(engine, tissue, seed) == expected


@pytest.mark.jit
def test_windows_and_shortcuts_are_found_often_and_outputs_fire() -> None:
    n_windows = n_shortcuts = n_spikes = 0
    for seed in range(40):
        tissue = TissueMaker(np.random.default_rng(seed)).draw()
        window = find_window(tissue, carry_state="impulses")
        if window is not None:
            n_windows += 1
            engine = SheetEngine(tissue, window, carry_state="impulses", lanes_per_brain=LANES)
            n_shortcuts += engine.shortcut is not None
            n_spikes += sum(np.sum(counts) for counts in play(engine, tissue, seed))
    assert n_windows > 15
    assert n_shortcuts > 5
    assert n_spikes > 100


def slipped_by_one(rule: Rule, slip: str) -> Rule:
    if not isinstance(rule, Kernel) or rule.strength.shape[1:] == (1, 1):
        return rule
    if slip == "cell":
        return replace(rule, strength=np.roll(rule.strength, 1, axis=2))
    return replace(rule, delay=rule.delay + 1)


@pytest.mark.jit
@pytest.mark.parametrize("slip", ["cell", "tick"])
def test_a_planted_slip_by_one_is_caught(slip) -> None:
    n_caught = 0
    for seed in range(20):
        tissue = TissueMaker(np.random.default_rng(seed)).draw(is_gated=True)
        rules = tuple(slipped_by_one(rule, slip) for rule in tissue.rules)
        slipped = replace(tissue, rules=rules)
        right = play(started("compiled", tissue, False, record=True), tissue, seed)
        n_caught += play(started("compiled", slipped, False), tissue, seed) != right
    assert n_caught > 2


@pytest.mark.jit
def test_an_engine_of_sheets_shows_no_raster_and_no_potentials() -> None:
    tissue = TissueMaker(np.random.default_rng(0)).draw(is_gated=True)
    engine = started("compiled", tissue, False)
    assert isinstance(engine, SheetEngine)
    for ask in (
        lambda: engine.raster(0),
        lambda: engine.spikes_since(0, 1),
        lambda: engine.forget_spikes(0, 1),
        lambda: engine.potentials(0),
    ):
        with pytest.raises(ValueError, match="record must be True"):
            ask()


@pytest.mark.jit
def test_time_goes_on_when_lanes_are_cleared() -> None:
    tissue = TissueMaker(np.random.default_rng(0)).draw(is_gated=True)
    with started("compiled", tissue, "impulses") as engine:
        drives = random_drives(np.random.default_rng(0), tissue, len(tissue) * LANES, 5)
        engine.decide(drives, 5)
        engine.clear()
        engine.decide(drives[:1], 5, np.array([1]))
        assert [engine.tick(lane) for lane in range(3)] == [5, 10, 5]
        with pytest.raises(ValueError, match="lane_ids must be lanes"):
            engine.tick(99)


@pytest.mark.jit
def test_kernels_are_compiled_once_for_any_number_of_brains() -> None:
    layout = Layout(PLANS["snake-small"])
    genomes = gene_table(layout).draw(3, np.random.default_rng(0))
    kinds = set()
    for n_brains in (1, 3):
        tissue = grow(layout, genomes[:n_brains], (6, 6))
        with make_engine("compiled", tissue, carry_state="impulses") as engine:
            engine.decide(np.zeros((n_brains, 1, 109), np.uint8), 14)
            kinds.add(str(typeof((engine.program, engine.shortcut, engine.lanes, engine.memory))))
    assert len(kinds) == 1


@pytest.mark.jit
def test_a_kernel_for_whole_episodes_declines_several_active_cells_at_a_gate() -> None:
    tissue = next(
        tissue
        for tissue in (TissueMaker(np.random.default_rng(seed)).draw() for seed in range(99))
        if find_window(tissue, carry_state=False)
        and started("compiled", tissue, False).shortcut is not None
    )
    with started("compiled", tissue, False) as engine:
        (usual, parts), (any_case, any_parts) = engine.for_play(4, ())
        drives = random_drives(np.random.default_rng(0), tissue, engine.n_lanes, 1)
        first = sum(
            tissue.n_cells if tissue.groups[place].is_sheet else 1
            for place in tissue.inputs[: tissue.inputs.index(0)]
        )
        lanes = np.arange(engine.n_lanes)
        for n_active, expected in ((1, True), (2, False)):
            drives[:, :, first : first + tissue.n_cells] = 0
            drives[:, :, first : first + n_active] = 1
            counts = np.full((engine.n_lanes, len(tissue.outputs)), -1, np.int32)
            arguments = (lanes, engine.n_lanes, LANES, 0, drives, lanes, 4, counts)
            assert usual(parts, *arguments) == expected
            assert (counts >= 0).all() == expected
            assert any_case(any_parts, *arguments)
            assert (counts >= 0).all()
