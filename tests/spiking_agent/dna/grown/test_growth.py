"""What grows from a genome: the same as a naive twin writes out, on any board."""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.testing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_growth import NaiveGrowth, spread_out
from random_plans import genomes_of, grown, plans, shapes

from spiking_agent.brain.parameters import PER_NEURON
from spiking_agent.brain.sheets.rules import Far, Kernel, Map
from spiking_agent.brain.sheets.tissue import Tissue
from spiking_agent.dna.grown.dna import Grown
from spiking_agent.dna.grown.parts import GrowthRule, Layer
from spiking_agent.dna.grown.plan import Plan
from spiking_agent.dna.grown.plans import PLANS, find_plan
from spiking_agent.dna.grown.scalars import RANGES

QUICK = settings(max_examples=60, deadline=None, derandomize=True)
seeds = st.integers(0, 2**32 - 1)


def naive(dna: Grown, genome: np.ndarray) -> NaiveGrowth:
    genes = dict(zip(dna.genes.names, genome.astype(np.float64).tolist(), strict=True))
    return NaiveGrowth(dna.plan, genes, dna.shape)


def assert_is_what_the_twin_grows(dna: Grown, genomes: np.ndarray) -> None:
    tissue = dna.grow(genomes)
    assert tissue.n_neurons == dna.n_neurons
    for genome_id, genome in enumerate(genomes):
        twin = naive(dna, genome)
        assert tissue.n_neurons == twin.n_neurons
        assert spread_out(tissue, genome_id) == twin.synapses()
        n_inputs = len(dna.plan.channels) + 1
        for group, place in enumerate(twin.groups[n_inputs:], n_inputs):
            for name in set(RANGES) & set(PER_NEURON):
                assert getattr(tissue, name)[genome_id, group] == twin.parameter(place, name)


@QUICK
@given(plans(), shapes, seeds)
def test_a_genome_grows_what_a_naive_twin_writes_out_from_the_names_of_its_genes(
    plan: Plan, shape: tuple[int, int], seed: int
) -> None:
    dna = grown(plan, shape)
    assert_is_what_the_twin_grows(dna, genomes_of(dna, 2, seed))


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("shape", [(4, 4), (5, 3)])
def test_plans_that_come_with_the_package_grow_what_a_naive_twin_writes_out(
    name: str, shape: tuple[int, int]
) -> None:
    dna = grown(PLANS[name], shape)
    genomes = genomes_of(dna, 2, 4)
    assert_is_what_the_twin_grows(dna, genomes)
    connectome = dna.grow(genomes).connectome(1)
    synapses = connectome.synapses
    keys = zip(*(getattr(synapses, x).tolist() for x in ("source", "target", "delay")), strict=True)
    written = dict(zip(keys, synapses.strength.tolist(), strict=True))
    assert written == naive(dna, genomes[1]).synapses()
    tissue = dna.grow(genomes)
    for layer in dna.plan.layers:
        for place in dna.layout.places[layer.name].values():
            assert connectome.kept[tissue.first[place]] == layer.kept


@pytest.mark.parametrize("actions", [("left", "stay", "right"), ("up", "down")])
def test_mirror_images_grow_what_a_naive_twin_writes_out(actions: tuple[str, ...]) -> None:
    dna = grown(find_plan("player", 2, actions), (4, 5))
    assert_is_what_the_twin_grows(dna, genomes_of(dna, 2, 5))


def test_a_kernel_shifted_by_one_cell_is_not_what_the_twin_grows() -> None:
    dna = grown(PLANS["snake-small"], (4, 4))
    genomes = genomes_of(dna, 1, 1)
    tissue = dna.grow(genomes)
    place = next(k for k, rule in enumerate(tissue.rules) if rule.strength.shape[1:] == (5, 5))
    shifted = replace(
        tissue.rules[place], strength=np.roll(tissue.rules[place].strength, 1, axis=2)
    )
    rules = (*tissue.rules[:place], shifted, *tissue.rules[place + 1 :])
    expected = naive(dna, genomes[0]).synapses()
    assert spread_out(tissue, 0) == expected
    assert spread_out(replace(tissue, rules=rules), 0) != expected


@QUICK
@given(plans(), shapes, seeds)
def test_a_brain_does_not_depend_on_those_that_grow_beside_it(
    plan: Plan, shape: tuple[int, int], seed: int
) -> None:
    dna = grown(plan, shape)
    genomes = genomes_of(dna, 5, seed)
    together = dna.grow(genomes)
    for genome_id in range(5):
        assert_equal(dna.grow(genomes[genome_id : genome_id + 1]), together.take([genome_id]))


def test_many_brains_of_snake_are_the_same_bytes_one_by_one() -> None:
    dna = grown(PLANS["snake"], (10, 9))
    genomes = dna.genes.draw(40, np.random.default_rng(2))
    together = dna.grow(genomes)
    for genome_id in (0, 17, 39):
        assert_equal(dna.grow(genomes[genome_id : genome_id + 1]), together.take([genome_id]))


def assert_equal(one: Tissue, other: Tissue) -> None:
    for a, b in zip(one.rules, other.rules, strict=True):
        assert (type(a), a.source, a.target, a.delay) == (type(b), b.source, b.target, b.delay)
        assert a.strength.tobytes() == b.strength.tobytes()
    for name in PER_NEURON:
        npt.assert_array_equal(getattr(one, name), getattr(other, name))


@QUICK
@given(plans(), seeds, st.data())
def test_a_gene_moves_only_what_its_rule_lays(plan: Plan, seed: int, data: st.DataObject) -> None:
    dna = grown(plan, (3, 4))
    genomes = genomes_of(dna, 1, seed).repeat(2, 0)
    gene = data.draw(st.integers(0, dna.genes.n_genes - 1))
    genomes[1, gene] = dna.genes.low[gene] if genomes[0, gene] > 0 else dna.genes.high[gene]
    tissue = dna.grow(genomes)
    name = dna.genes.names[gene]
    moved = {
        (tissue.groups[rule.source].name, tissue.groups[rule.target].name)
        for rule in tissue.rules
        if not np.array_equal(rule.strength[0], rule.strength[1])
    }
    parameters = {
        parameter: tissue.groups[group].name
        for parameter in PER_NEURON
        for group in np.flatnonzero(np.ptp(getattr(tissue, parameter).astype(float), axis=0))
    }
    source, is_rule, rest = name.partition(" > ")
    if is_rule:
        source = source.replace("wall", "always")
        target = rest.partition(",")[0].partition(" turned")[0].partition(" after")[0]
        images = {group.name: mirror_image(plan, group.name) for group in tissue.groups}
        ends = [[(a, b), (images[a], images[b])] for a, b in moved]
        assert all(
            any(a.startswith(source) and b.startswith(target) for a, b in pair) for pair in ends
        )
        assert parameters == {}
    else:
        assert moved == set()
        assert all(
            name == f"{layer.split()[0]} {p}" or name.endswith(p) for p, layer in parameters.items()
        )


def mirror_image(plan: Plan, group: str) -> str:
    """Return the name of the group that is the mirror image of another."""
    words = group.split()
    layer = next((layer for layer in plan.layers if layer.name == words[0]), None)
    if layer is not None and layer.is_mirrored:
        words[1] = {"1": "2", "2": "1", "3": "4", "4": "3"}[words[1]]
    for one, other in plan.mirrors:
        pair = plan.actions[one], plan.actions[other]
        if layer is not None and words[-1] in pair:
            words[-1] = pair[1 - pair.index(words[-1])]
    return " ".join(words)


def turned(board: np.ndarray, by: int) -> np.ndarray:
    return np.rot90(board, -by)


@QUICK
@given(seeds, st.integers(0, 3), st.integers(2, 5), st.integers(2, 5))
def test_a_turned_board_gets_turned_synapses_where_maps_are_left_out(
    seed: int, by: int, n_rows: int, n_cols: int
) -> None:
    plan = PLANS["snake"]
    rules = tuple(rule for rule in plan.rules if rule.kind != "map")
    dna = grown(replace(plan, rules=rules, axis="fixed"), (n_rows, n_cols))
    other = dna.on((n_rows, n_cols) if by % 2 == 0 else (n_cols, n_rows))
    assert_is_moved(dna, other, seed, partial(turned, by=by), lambda action: (action + by) % 4)


@pytest.mark.slow
@QUICK
@given(
    seeds,
    st.sampled_from(["snake", "snake-small"]),
    st.sampled_from([(3, 2), (3, 4), (5, 2), (5, 4)]),
)
def test_a_gene_says_along_which_side_brains_lie(
    seed: int, name: str, shape: tuple[int, int]
) -> None:
    dna = grown(PLANS[name], shape)
    mirrored = {0: 3, 1: 2, 2: 1, 3: 0}  # up and left, right and down
    other = dna.on(shape[::-1])
    assert_is_moved(dna, other, seed, np.transpose, mirrored.__getitem__)
    assert_is_moved(other, dna, seed, np.transpose, mirrored.__getitem__)
    straight = grown(replace(PLANS[name], axis="fixed"), shape)
    genomes = genomes_of(dna, 2, seed)
    genomes[:, -1] = [1.0, -1.0]
    assert dna.genes.names[-1] == "axis"
    for board, is_mirrored in ((shape, (True, False)), (shape[::-1], (False, True))):
        here, there = dna.on(board).grow(genomes), straight.on(board).grow(genomes[:, :-1])
        for k in range(2):
            assert (spread_out(here, k) != spread_out(there, k)) == is_mirrored[k]
    square = dna.on((4, 4)).grow(genomes)
    assert spread_out(square, 0) == spread_out(straight.on((4, 4)).grow(genomes[:, :-1]), 0)


def assert_is_moved(dna: Grown, other: Grown, seed: int, to_board: Any, to_action: Any) -> None:
    """Check that a brain on one board is that on another one, with its neurons elsewhere."""
    genomes = genomes_of(dna, 1, seed)
    here, there = dna.grow(genomes), other.grow(genomes)
    moved = np.empty(here.n_neurons, np.intp)
    to = np.argsort(to_board(np.arange(here.n_cells).reshape(dna.shape)).ravel())  # of each cell
    for places in dna.layout.places.values():
        for (copy, action), group in places.items():
            target = there.first[places[copy, None if action is None else to_action(action)]]
            ids = to if here.groups[group].is_sheet else np.zeros(1, np.intp)
            moved[here.first[group] : here.first[group] + here.sizes[group]] = target + ids
    expected = {
        (moved[source], moved[target], delay): strength
        for (source, target, delay), strength in spread_out(here, 0).items()
    }
    assert spread_out(there, 0) == expected


def test_the_same_genome_grows_onto_other_boards() -> None:
    dna = grown(PLANS["snake"], (10, 10))
    genomes = dna.genes.draw(2, np.random.default_rng(5))
    genomes[:, -1] = 1.0  # along the rows, which are even here
    here, there = dna.grow(genomes), dna.on((6, 13)).grow(genomes)
    assert (there.shape, there.n_neurons) == ((6, 13), dna.on((6, 13)).n_neurons)
    for a, b in zip(here.rules, there.rules, strict=True):
        assert type(a) is type(b)
        if isinstance(a, Kernel | Far):
            npt.assert_array_equal(a.strength, b.strength)
        if isinstance(a, Map):
            assert b.strength.shape == (2, 6, 13)
    length = dna.layout.places["length"][0, None]
    hunger = dna.layout.places["hunger"][0, None]
    assert here.threshold[0, [length, hunger]].tolist() == [8.5, 840.0]
    assert there.threshold[0, [length, hunger]].tolist() == [6.5, 655.0]


def test_strengths_that_add_up_to_more_than_16_bits_are_bounded() -> None:
    layers = (
        Layer(name="A", is_sheet=True, threshold=1.0),
        Layer(name="out", is_oriented=True, threshold=1.0),
    )
    rules = (
        GrowthRule(
            kind="map", source="always", target="A", morphogens=("constant", "top"), limit=32_767
        ),
        GrowthRule(kind="bias", source="always", target="A", strength=32_767),
        GrowthRule(kind="sum", source="A", target="out", strength=1),
    )
    plan = Plan(
        channels=("seen",), actions=("a",), outputs="out", n_ticks=2, layers=layers, rules=rules
    )
    dna = grown(plan, (2, 1))
    strength = dna.grow(dna.genes.high[None].astype(np.float32)).rules[-1].strength
    npt.assert_array_equal(strength[0, :, 0], [32_767, 32_767])
    strength = dna.grow(dna.genes.low[None].astype(np.float32)).rules[-1].strength
    npt.assert_array_equal(strength[0, :, 0], [0, 0])
