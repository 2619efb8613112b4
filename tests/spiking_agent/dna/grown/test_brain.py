"""Grown brains: a genome, a plan and a grid, which grow when they are needed."""

import copy
import json
from dataclasses import replace

import numpy as np
import pytest
from grown_organisms import grown_brain
from hypothesis import given, settings
from hypothesis import strategies as st
from random_plans import genomes_of, grown, plans, shapes

from spiking_agent.dna.grown.brain import GrownBrain
from spiking_agent.dna.grown.costs import check_brain
from spiking_agent.dna.grown.dna import Grown, GrownParams
from spiking_agent.dna.grown.layout import Layout
from spiking_agent.dna.grown.parts import GrowthRule, Layer
from spiking_agent.dna.grown.plan import Plan
from spiking_agent.dna.grown.plans import PLANS
from spiking_agent.dna.grown.scalars import Gene


@given(plan=plans(), shape=shapes, seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_it_grows_into_what_its_dna_grows_and_a_file_gives_it_back(plan, shape, seed) -> None:
    dna = grown(plan, shape)
    genome = genomes_of(dna, 1, seed)[0]
    brain = dna.brain(genome)
    assert brain.connectome == dna.grow(genome[None]).connectome(0)
    ends = brain.connectome.n_inputs, brain.connectome.n_outputs, brain.connectome.n_neurons
    assert (brain.n_inputs, brain.n_outputs, brain.n_neurons) == ends
    assert brain.connectome.n_synapses <= brain.most_synapses
    again = GrownBrain.from_file(json.loads(json.dumps(brain.to_json())), brain.to_arrays())
    assert again == brain
    assert again.connectome == brain.connectome


@given(plan=plans(), shape=shapes, seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_what_passes_the_checks_can_be_written_out_whatever_the_genes(plan, shape, seed) -> None:
    dna = grown(plan, shape)
    check_brain(dna.layout, shape)
    extreme = np.where(np.random.default_rng(seed).random(dna.genes.n_genes) < 0.8, 1, -1)
    genes = np.where(extreme > 0, dna.genes.high, dna.genes.low).astype(np.float32)
    assert len(dna.brain(genes).connectome.synapses) >= 0


def test_nothing_grows_before_it_is_asked_for_and_only_once() -> None:
    brain = grown_brain()
    assert not {"tissue", "connectome"} & brain.__dict__.keys()
    assert brain.tissue is brain.tissue
    assert brain.connectome is brain.connectome
    for copied in (copy.copy(brain), copy.deepcopy(brain)):
        assert copied == brain
        assert "tissue" not in copied.__dict__


def test_the_same_genome_grows_on_another_grid() -> None:
    brain = grown_brain((6, 6))
    there = brain.on((7, 9))
    assert there.grid == (3, 7, 9)
    assert np.array_equal(there.genome, brain.genome)
    assert there != brain
    assert there.connectome.n_neurons == there.n_neurons > brain.n_neurons
    assert there.on((6, 6)) == brain


def test_a_genome_is_copied_and_cannot_be_changed() -> None:
    given_genome = np.array(grown_brain().genome)
    brain = replace(grown_brain(), genome=given_genome)
    given_genome[0] += 1
    assert brain == grown_brain()
    with pytest.raises(ValueError, match="read-only"):
        brain.genome[0] = 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"genome": np.zeros(5, np.float32)}, r"genomes must have shape \(n, 447\), got \(1, 5\)"),
        ({"genome": np.zeros((2, 447), np.float32)}, r"genome must have one axis, got shape"),
        ({"genome": np.zeros(447)}, "genomes must be of float32, got float64"),
        ({"genome": np.full(447, np.nan, np.float32)}, "must lie in .* got nan"),
        ({"genome": np.full(447, 300, np.float32)}, "must lie in .* got 300"),
        ({"shape": (6,)}, "shape must be a tuple or a list of at least 2"),
        ({"shape": (6, 6, 6)}, "shape must have at most 2 items, got 3"),
        ({"shape": np.array([6, 6, 6])}, "shape must have at most 2 items, got 3"),
        ({"shape": (0, 6)}, r"shape\[0\] must be a whole number >= 1, got 0"),
        ({"shape": (10**30, 6)}, "neurons of a grown brain must be at most 1,048,576, got"),
        ({"shape": (100, 100)}, "synapses of a grown brain must be at most 16,777,216, got"),
        ({"without": ("nose",)}, "of which 'nose' matches none: body, always, growth"),
        ({"without": ("",)}, r"without\[0\] must be a name"),
        ({"without": ("W" * 300,)}, "must be at most 200 printable characters"),
        ({"without": ("[!\x1b]*",)}, "must be at most 200 printable characters"),
        ({"without": ("W",) * 65}, "without must have at most 64 items, got 65"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_by_its_name(change, message) -> None:
    with pytest.raises(ValueError, match=message):
        replace(grown_brain(), **change)


def strong(**rule) -> Plan:
    layers = (
        Layer(
            name="far",
            is_sheet=True,
            threshold=1.0,
            initiation_delay=Gene(center=1.0, spread=1.0, low=1.0, high=10_000.0),
        ),
        Layer(name="out", is_oriented=True, threshold=1.0),
    )
    first = GrowthRule(kind="sum", source="far", target="out")
    extra = (GrowthRule(**{"source": "seen", "target": "far", **rule}),) if rule else ()
    return Plan(
        channels=("seen",),
        actions=("a",),
        outputs="out",
        n_ticks=5,
        layers=layers,
        rules=(first, *extra),
    )


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (strong(kind="far", limit=32_767), "strengths on one neuron together of a grown brain"),
        (strong(), "longest delay times branches of axons of a grown brain must be at most"),
        (
            replace(
                strong(kind="far", limit=20_000),
                rules=(
                    *strong(kind="far", limit=20_000).rules,
                    GrowthRule(kind="kernel", source="seen", target="far", limit=20_000),
                ),
            ),
            "strengths between two neurons of a grown brain must be at most 32,767, got 40,000",
        ),
    ],
    ids=["sum", "delay", "between"],
)
def test_plans_whose_brains_could_not_be_written_out_are_refused(plan, message) -> None:
    check_brain(Layout(strong(kind="far", limit=32_767)), (10, 10))
    with pytest.raises(ValueError, match=message):
        check_brain(Layout(plan), (44, 44))
    with pytest.raises(ValueError, match=message):
        grown(plan, (44, 44)).check_costs(1, 5)


def test_a_file_without_a_part_is_refused() -> None:
    brain = grown_brain()
    whole, arrays = brain.to_json(), brain.to_arrays()
    for description in (5, [], {"plan": whole["plan"]}, {**whole, "more": 1}):
        with pytest.raises(ValueError, match="grown must "):
            GrownBrain.from_file(description, arrays)
    with pytest.raises(ValueError, match="arrays must hold genome, got"):
        GrownBrain.from_file(whole, {"threshold": arrays["genome"]})


def test_dna_makes_brains_of_its_plan_and_grid() -> None:
    brain = grown_brain((5, 8))
    dna = grown(PLANS["snake-small"], (5, 8))
    assert isinstance(dna, Grown)
    assert isinstance(dna.params, GrownParams)
    assert dna.brain(brain.genome) == brain
