"""Which synapses may grow, what genes begin with, and what connectomes they make."""

from typing import Any

import numpy as np
import numpy.testing as npt
import pytest
from gene_tables import wired
from hypothesis import given, settings
from hypothesis import strategies as st

from spiking_agent.brain.connectome import PER_NEURON
from spiking_agent.dna.ports import Ports
from spiking_agent.dna.wired import Wired, WiredParams

QUICK = settings(max_examples=40, deadline=None, derandomize=True)
kinds = st.builds(
    wired,
    st.integers(1, 6),
    st.integers(1, 4),
    n_hidden=st.integers(0, 5),
    inputs_receive=st.booleans(),
    outputs_send=st.booleans(),
    is_layered=st.booleans(),
    inhibition=st.booleans(),
    max_strength=st.sampled_from([1, 3, 127]),
    thresholds=st.sampled_from([(2.0,), (1.0, 5.0, 9.0)]),
    refractory_periods=st.sampled_from([(0,), (0, 1, 2)]),
    initiation_delays=st.sampled_from([(1,), (1, 2, 5)]),
)
seeds = st.integers(0, 2**32 - 1)


def test_neurons_are_numbered_inputs_hidden_outputs() -> None:
    dna = wired(3, 4, n_hidden=2)
    assert dna.n_neurons == 9
    assert dna.input_neurons.tolist() == [0, 1, 2]
    assert dna.hidden_neurons.tolist() == [3, 4]
    assert dna.output_neurons.tolist() == [5, 6, 7, 8]


@pytest.mark.parametrize(
    ("inputs_receive", "outputs_send", "expected"),
    [
        (False, False, ["0->2", "0->3", "1->2", "1->3", "2->3"]),
        (True, False, ["0->1", "0->2", "0->3", "1->0", "1->2", "1->3", "2->0", "2->1", "2->3"]),
        (False, True, ["0->2", "0->3", "1->2", "1->3", "2->3", "3->2"]),
        (True, True, [f"{i}->{j}" for i in range(4) for j in range(4) if i != j]),
    ],
)
def test_synapses_may_grow_where_the_roles_allow(
    inputs_receive: bool, outputs_send: bool, expected: list[str]
) -> None:
    dna = wired(2, 1, n_hidden=1, inputs_receive=inputs_receive, outputs_send=outputs_send)
    targets = dna.target_neurons
    assert dna.mask.shape == (4, len(targets))
    grown = [f"{source}->{targets[column]}" for source, column in np.argwhere(dna.mask)]
    assert sorted(grown) == expected
    assert dna.mask.ravel()[dna.sites].all()
    assert len(dna.sites) == len(expected)
    strengths = dna.genes.parts[0]
    assert strengths == ("strength", len(expected))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_inputs": 0}, "n_inputs must be a whole number >= 1, got 0"),
        ({"n_outputs": 0}, "n_outputs must be a whole number >= 1, got 0"),
        ({"opposites": ((0, 1, 1),)}, r"opposites\[0\] must be a pair of inputs, got \(0, 1, 1\)"),
        (
            {"output_names": ("left",)},
            "output_names must be 2, one for each output, or empty, got 1",
        ),
        ({"output_names": ("left", 3)}, r"output_names\[1\] must be a str, got 3"),
    ],
)
def test_brains_need_inputs_and_outputs(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Ports(**{"n_inputs": 2, "n_outputs": 2, **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_hidden": -1}, "n_hidden must be a whole number >= 0, got -1"),
        ({"mirrored": "yes"}, "mirrored must be True or False, got 'yes'"),
        ({"max_strength": 0}, r"max_strength must be a whole number in 1\.\.127, got 0"),
        ({"max_strength": 128}, r"max_strength must be a whole number in 1\.\.127, got 128"),
        ({"max_strength": 3.5}, r"max_strength must be a whole number in 1\.\.127, got 3.5"),
        ({"first_strength": 9}, r"first_strength must be .* in 0..8 \(max_strength\), got 9"),
        ({"first_strength": -1}, r"first_strength must be a whole number in 0\.\.8 .*, got -1"),
        ({"density": 0.0}, r"density must be in \(0, 1\], got 0.0"),
        ({"density": float("nan")}, r"density must be in \(0, 1\], got nan"),
        ({"thresholds": ()}, r"thresholds must be a tuple or a list of at least 1, got \(\)"),
        ({"thresholds": (1.0, -1.0)}, r"thresholds\[1\] must be in \[0.0, 16777216.0\], got -1.0"),
        (
            {"thresholds": np.arange(2**15 + 1)},
            "thresholds must have at most 32,768 items, got 32,769",
        ),
        ({"hidden_thresholds": (-1.0,)}, r"hidden_thresholds\[0\] must be in \[0.0, 16777216.0\]"),
        (
            {"hidden_delays": (0,)},
            r"hidden_delays\[0\] must be a whole number in 1\.\.10000, got 0",
        ),
        ({"first_drive": 9}, r"first_drive must be .* in 0..8 \(max_strength\), got 9"),
        ({"decays": (1.5,)}, r"decays\[0\] must be in \[0.0, 1.0\], got 1.5"),
        ({"decays": (float("nan"),)}, r"decays\[0\] must be in .*, got nan"),
        ({"soft_resets": ()}, r"soft_resets must be a tuple or a list of at least 1, got \(\)"),
        ({"soft_resets": (1,)}, r"soft_resets\[0\] must be True or False, got 1"),
        ({"refractory_periods": (0.5,)}, r"refractory_periods\[0\] must be a whole number"),
        (
            {"refractory_periods": (10_001,)},
            r"refractory_periods\[0\] must .* in 0\.\.10000, got 10001",
        ),
        ({"refractory_periods": (-1,)}, r"refractory_periods\[0\] must .* in 0\.\.10000, got -1"),
        (
            {"refractory_periods": (0, 1), "soft_resets": (False, True)},
            r"soft_resets must be \(False,\) with refractory_periods > 0, .* and \(0, 1\)$",
        ),
        ({"initiation_delays": (0,)}, r"initiation_delays\[0\] must .* in 1\.\.10000, got 0"),
        ({"initiation_delays": (True,)}, r"initiation_delays\[0\] must be a whole number"),
    ],
)
def test_settings_out_of_range_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        WiredParams(**changes)


def test_brains_that_are_too_large_are_refused() -> None:
    with pytest.raises(ValueError, match=r"neurons of a brain must be at most 17,000"):
        wired(2, 2, n_hidden=17_000)


@QUICK
@given(kinds, seeds)
def test_random_genomes_are_lawful_and_grow_valid_connectomes(dna: Wired, seed: int) -> None:
    genomes = dna.genes.draw(5, np.random.default_rng(seed))
    dna.genes.check(genomes)
    population = dna.grow(genomes)
    assert not population.strength[:, ~dna.mask].any()
    largest = dna.params.max_strength
    assert population.strength.max() <= largest
    assert population.strength.min() >= (-largest if dna.params.inhibition else 0)
    for name, parameter in PER_NEURON.items():
        array = getattr(population, name)
        values = getattr(dna.params, f"{name}s", [parameter.default])  # or there is no such gene
        assert np.isin(array, np.array(values, array.dtype)).all()
    for genome_id in range(len(population)):
        assert population.connectome(genome_id).n_neurons == dna.n_neurons


@QUICK
@given(kinds, seeds)
def test_every_gene_shows_in_the_connectome(dna: Wired, seed: int) -> None:
    rng = np.random.default_rng(seed)
    genome = dna.genes.draw(1, rng)[0]
    gene = int(rng.integers(dna.genes.n_genes)) if dna.genes.n_genes else None
    if gene is None or dna.genes.low[gene] == dna.genes.high[gene]:
        return
    other = genome.copy()
    other[gene] = dna.genes.low[gene] if genome[gene] > dna.genes.low[gene] else genome[gene] + 1
    first, second = (dna.grow(one[None]).connectome(0) for one in (genome, other))
    assert first != second


def test_connectomes_hold_the_values_that_genes_choose() -> None:
    dna = wired(1, 2, thresholds=(4.0, 8.0), decays=(1.0,), initiation_delays=(1, 3))
    assert dna.genes.parts == (("strength", 2), ("threshold", 3), ("initiation_delay", 3))
    genomes = np.array([[5, -2, 0, 1, 0, 1, 0, 0]], np.int8)
    connectome = dna.grow(genomes).connectome(0)
    assert connectome.connectivity.tolist() == [[0, 5, -2], [0, 0, 0], [0, 0, 0]]
    assert connectome.threshold.tolist() == [4.0, 8.0, 4.0]
    assert connectome.initiation_delay.tolist() == [3, 1, 1]
    assert connectome.decay.tolist() == [1.0, 1.0, 1.0]


def test_random_genomes_have_the_density_asked_for() -> None:
    for density in (0.1, 0.5, 1.0):
        dna = wired(20, 10, n_hidden=10, density=density, thresholds=(1.0,), decays=(1.0,))
        genomes = dna.genes.draw(50, np.random.default_rng(0))
        assert np.count_nonzero(genomes) / genomes.size == pytest.approx(density, abs=0.01)


@pytest.mark.parametrize(("inhibition", "lowest"), [(True, -5), (False, 1)])
def test_strengths_are_drawn_evenly_from_all_values_but_zero(inhibition: bool, lowest: int) -> None:
    dna = wired(100, 10, max_strength=5, inhibition=inhibition, density=1.0, decays=(1.0,))
    drawn = dna.grow(dna.genes.draw(20, np.random.default_rng(0))).strength[:, :100]
    strengths, counts = np.unique(drawn, return_counts=True)
    assert strengths.tolist() == [s for s in range(lowest, 6) if s]
    assert np.abs(counts * len(counts) / 20_000 - 1.0).max() < 0.08


def test_random_genomes_begin_with_the_first_strengths() -> None:
    genes = wired(100, 20, max_strength=100, first_strength=20).genes
    strengths = genes.draw(10, np.random.default_rng(0))[:, genes.numbers]
    assert (strengths.min(), strengths.max()) == (-20, 20)
    assert (genes.low[0], genes.high[0], genes.spread[0]) == (-100, 100, 20)


def test_the_largest_strengths_fit_into_a_byte() -> None:
    drawn = wired(50, 10, max_strength=127).genes.draw(50, np.random.default_rng(1))
    assert (drawn.min(), drawn.max()) == (-127, 127)


def test_layers_only_reach_the_next_but_for_what_is_always_driven() -> None:
    dna = wired(3, 1, n_hidden=2, is_layered=True, constant=(2,))
    assert dna.mask.astype(int).tolist() == [
        [1, 1, 0],
        [1, 1, 0],
        [1, 1, 1],
        [0, 0, 1],
        [0, 0, 1],
        [0, 0, 0],
    ]
    assert (wired(3, 2, is_layered=True).mask == wired(3, 2).mask).all()


def test_mirrored_opposites_share_a_gene_and_differ_in_sign() -> None:
    dna = wired(5, 2, opposites=((0, 1), (2, 3)), constant=(4,), mirrored=True, decays=(1.0,))
    assert dna.genes.parts[0] == ("strength", 6)
    strength = dna.grow(dna.genes.draw(8, np.random.default_rng(0))).strength
    npt.assert_array_equal(strength[:, 0], -strength[:, 1])
    npt.assert_array_equal(strength[:, 2], -strength[:, 3])
    assert strength[:, 0].any()
    plain = wired(5, 2, opposites=((0, 1), (2, 3)), constant=(4,))
    assert plain.genes.parts[0] == ("strength", 10)


@pytest.mark.parametrize("n_hidden", [0, 3])
def test_mirrored_outputs_share_genes_but_for_those_of_constant_inputs(n_hidden: int) -> None:
    roles = {"opposites": ((0, 1),), "opposite_outputs": ((0, 2), (1, 3)), "constant": (2,)}
    how = {"n_hidden": n_hidden, "is_layered": True, "decays": (1.0,)}
    dna = wired(3, 4, **roles, **how, mirrored=True)
    n_constant = 4 + n_hidden
    assert dna.genes.parts[0] == ("strength", n_constant + 2 * max(1, n_hidden) + n_hidden)
    genomes = dna.genes.draw(8, np.random.default_rng(0))
    strength = dna.grow(genomes).strength[:, :, n_hidden:]
    signals, constant = np.delete(strength, 2, axis=1), strength[:, 2]
    npt.assert_array_equal(signals[:, :, :2], -signals[:, :, 2:])
    assert signals[:, 2 if n_hidden else 0].any()
    assert (constant[:, :2] != -constant[:, 2:]).any()
    plain = wired(3, 4, **roles, **how)
    assert plain.genes.parts[0] == ("strength", n_constant + (18 if n_hidden else 8))


def test_what_is_always_driven_begins_with_the_drive_together() -> None:
    how = {"max_strength": 100, "first_strength": 5, "first_drive": 60}
    dna = wired(5, 40, n_hidden=20, constant=(1, 2, 4), **how)
    strength = dna.grow(dna.genes.draw(30, np.random.default_rng(0))).strength
    driven = strength[:, [1, 2, 4]].sum(axis=1, dtype=int)
    assert abs(driven[:, 20:].mean() - 60) < 2
    assert abs(driven[:, :20].mean()) < 2
    assert abs(strength[:, [0, 3]].mean()) < 2


@pytest.mark.parametrize("thresholds", [(7.0,), (7.0, 8.0)])
def test_hidden_neurons_can_have_thresholds_of_their_own(thresholds) -> None:
    dna = wired(2, 4, n_hidden=3, thresholds=thresholds, hidden_thresholds=(1.0, 2.0, 3.0))
    threshold = dna.grow(dna.genes.draw(60, np.random.default_rng(0))).threshold
    assert set(np.unique(threshold[:, 2:5])) == {1.0, 2.0, 3.0}
    assert set(np.unique(np.delete(threshold, np.s_[2:5], axis=1))) == set(thresholds)


@pytest.mark.parametrize("delays", [(7,), (7, 8)])
def test_hidden_neurons_can_have_delays_of_their_own(delays) -> None:
    dna = wired(2, 4, n_hidden=3, initiation_delays=delays, hidden_delays=(1, 2, 3))
    delay = dna.grow(dna.genes.draw(60, np.random.default_rng(0))).initiation_delay
    assert set(np.unique(delay[:, 2:5])) == {1, 2, 3}
    assert set(np.unique(np.delete(delay, np.s_[2:5], axis=1))) == set(delays)
    dna = wired(2, 4, n_hidden=3, initiation_delays=delays, hidden_delays=(9,))
    delay = dna.grow(dna.genes.draw(60, np.random.default_rng(0))).initiation_delay
    assert set(np.unique(delay[:, 2:5])) == {9}


@pytest.mark.parametrize("name", ["opposites", "constant"])
def test_roles_of_what_is_no_input_are_refused(name: str) -> None:
    for ids in ((0, 3), (1, 1), (3, 0)):
        wrong = {name: (ids,) if name == "opposites" else ids}
        with pytest.raises(ValueError, match=f"{name} must name inputs, 0 to 2, each once, got"):
            Ports(n_inputs=3, n_outputs=1, **wrong)


@pytest.mark.parametrize("ids", [(0, 3), (1, 1), (3, 0)])
def test_opposites_of_what_is_no_output_are_refused(ids: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="opposite_outputs must name outputs, 0 to 2, each once"):
        Ports(n_inputs=9, n_outputs=3, opposite_outputs=(ids,))
