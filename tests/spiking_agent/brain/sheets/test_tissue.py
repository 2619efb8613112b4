"""A tissue stands for connectomes, with every synapse where its rules lay it."""

from dataclasses import replace

import numpy as np
import pytest
from random_tissues import TissueMaker

from spiking_agent.brain.sheets.rules import Far, Kernel, Link, Map, Sum
from spiking_agent.brain.sheets.tissue import Group, Tissue


def written_out(tissue: Tissue, genome: int) -> dict[tuple[int, int, int], int]:
    """Return each synapse by (source, target, delay), found cell by cell."""
    n_rows, n_cols = tissue.shape
    ids, begin = [], 0
    for group in tissue.groups:
        size = n_rows * n_cols if group.is_sheet else 1
        ids.append(list(range(begin, begin + size)))
        begin += size
    cells = [(row, col) for row in range(n_rows) for col in range(n_cols)]
    synapses: dict[tuple[int, int, int], int] = {}
    for rule in tissue.rules:
        strength = rule.strength[genome]
        for i, source in enumerate(ids[rule.source]):
            for j, target in enumerate(ids[rule.target]):
                if isinstance(rule, Sum | Link):
                    one = strength
                elif isinstance(rule, Map):
                    one = strength[cells[j]]
                else:
                    down, right = cells[i][0] - cells[j][0], cells[i][1] - cells[j][1]
                    if isinstance(rule, Far):
                        one = strength[int(np.sign(down)) + 1, int(np.sign(right)) + 1]
                    else:
                        at = down + len(strength) // 2, right + len(strength[0]) // 2
                        is_near = 0 <= at[0] < len(strength) and 0 <= at[1] < len(strength[0])
                        one = strength[at] if is_near else 0
                if source != target:
                    key = source, target, rule.delay
                    synapses[key] = synapses.get(key, 0) + int(one)
    return {key: one for key, one in synapses.items() if one != 0}


def test_a_tissue_without_rules_has_brains_without_synapses_and_ids_count_from_the_end() -> None:
    tissue = TissueMaker(np.random.default_rng(0)).draw()
    assert replace(tissue, rules=()).connectome(0).n_synapses == 0
    assert tissue.connectome(-1) == tissue.connectome(len(tissue) - 1)
    with pytest.raises(IndexError):
        tissue.connectome(len(tissue))


@pytest.mark.parametrize("seed", range(12))
def test_every_synapse_is_where_a_naive_loop_puts_it(seed) -> None:
    tissue = TissueMaker(np.random.default_rng(seed)).draw()
    for genome in range(len(tissue)):
        connectome = tissue.connectome(genome)
        lists = connectome.synapses
        found = {
            (int(source), int(target), int(delay)): int(strength)
            for source, target, delay, strength in zip(
                lists.source, lists.target, lists.delay, lists.strength, strict=True
            )
        }
        assert found == written_out(tissue, genome)
        assert connectome.n_neurons == tissue.n_neurons
        np.testing.assert_array_equal(connectome.input_neurons, tissue.input_neurons)
        np.testing.assert_array_equal(connectome.output_neurons, tissue.output_neurons)


def test_neurons_have_the_parameters_of_their_group() -> None:
    tissue = TissueMaker(np.random.default_rng(1)).draw()
    connectome = tissue.connectome(1)
    group = np.repeat(np.arange(len(tissue.groups)), tissue.sizes)
    np.testing.assert_array_equal(connectome.threshold, tissue.threshold[1, group])
    np.testing.assert_array_equal(connectome.kept, tissue.kept[1, group])


def test_genomes_can_be_taken_in_any_order() -> None:
    tissue = TissueMaker(np.random.default_rng(2), n_genomes=3).draw()
    taken = tissue.take(np.array([2, 0, 2]))
    assert len(taken) == 3
    assert taken.connectome(0) == taken.connectome(2) == tissue.connectome(2)
    assert taken.connectome(1) == tissue.connectome(0)
    assert tissue.take(slice(1, 2)).connectome(0) == tissue.connectome(1)


def small(**changes) -> Tissue:
    """A sheet that drives another one, a single neuron that drives both, and one that hears."""
    groups = (
        Group("eye", True),
        Group("always", False),
        Group("W", True),
        Group("out", False),
    )
    values = {
        "shape": (3, 4),
        "groups": groups,
        "rules": (Kernel(source=0, target=2, strength=np.ones((1, 3, 3), np.int16)),),
        "inputs": (0, 1),
        "outputs": (3,),
        "threshold": np.ones((1, 4), np.float32),
        "decay": np.ones((1, 4), np.float32),
        "refractory_period": np.zeros((1, 4), np.int32),
        "initiation_delay": np.ones((1, 4), np.int32),
    }
    return Tissue(**(values | changes))


ONE = np.ones(1, np.int16)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (Sum(source=1, target=3, strength=ONE), "kind Sum must go from a sheet to a single neuron"),
        (
            Map(source=0, target=2, strength=ONE),
            "from a single neuron to a sheet, got one from eye",
        ),
        (Sum(source=0, target=1, strength=ONE), "must not end on an input, got one to always"),
        (Kernel(source=0, target=2, strength=np.ones((1, 2, 3), np.int16)), "odd, odd"),
        (Kernel(source=2, target=2, strength=np.ones((1, 3, 3), np.int16)), "0 in the middle"),
        (Kernel(source=0, target=2, strength=np.ones((1, 3, 3), np.int8)), "must be int16"),
        (Kernel(source=0, target=2, strength=np.ones((2, 3, 3), np.int16)), r"of \(2, 3, 3\)"),
        (Map(source=1, target=2, strength=np.ones((1, 4, 3), np.int16)), r"\(n_genomes, 3, 4\)"),
        (Far(source=0, target=2, strength=np.ones((1, 3, 4), np.int16)), r"\(n_genomes, 3, 3\)"),
        (Link(source=1, target=3, strength=np.ones((1, 1), np.int16)), "strength of a Link"),
    ],
)
def test_rules_that_do_not_fit_are_refused(rule, message) -> None:
    with pytest.raises(ValueError, match=message):
        small(rules=(rule,))


def test_parameters_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"decay must have shape \(1, 4\)"):
        small(decay=np.ones((1, 3), np.float32))


def test_strengths_that_add_up_beyond_16_bits_are_refused() -> None:
    strength = np.full((1, 3, 3), 20_000, np.int16)
    rule = Kernel(source=0, target=2, strength=strength)
    tissue = small(rules=(rule, replace(rule)))
    with pytest.raises(ValueError, match="at most 32767 in size, got 40000"):
        tissue.connectome(0)


def test_a_sheet_of_one_row_hears_nothing_from_outside() -> None:
    tissue = small(shape=(1, 2))
    assert tissue.connectome(0).n_synapses == 4  # two cells, each hears both
