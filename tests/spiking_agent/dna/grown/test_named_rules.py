"""The rules of one brain by their names."""

from dataclasses import replace

import pytest
from grown_organisms import grown_brain

from spiking_agent.dna.grown.genes import gene_table
from spiking_agent.dna.grown.growth import kernels_of
from spiking_agent.dna.grown.named_rules import named_rules, named_values
from spiking_agent.dna.grown.plans import PLANS


@pytest.mark.parametrize(
    ("name", "without"),
    [
        *((name, ()) for name in PLANS),
        ("snake", ("body", "morphogens")),
        ("snake-small", ("body", "morphogens")),
        ("snake-wave", ("body", "W > W")),
    ],
)
def test_the_rules_of_a_brain_lay_all_its_synapses(name, without) -> None:
    brain = replace(grown_brain((4, 5), plan=PLANS[name]), without=without)
    rules = tuple(each.rule for each in named_rules(brain))
    assert replace(brain.tissue, rules=rules).connectome(0) == brain.connectome


def test_rules_have_the_names_of_the_gene_table() -> None:
    brain = grown_brain((4, 5))
    parts = [name for name, _ in gene_table(brain.layout).parts]
    named = [each.name for each in named_values(brain)]
    assert [name for name in named if name in parts] == [name for name in parts if " > " in name]
    assert {each.name for each in named_rules(brain)} == set(named)


def test_a_pattern_is_the_kernel_of_the_first_action() -> None:
    brain = grown_brain((6, 6))
    for name, block, values in named_values(brain):
        if name in ("body > D, kernel", "food > D, far", "food > W, radial"):
            pattern = kernels_of(block, values[None])[0, 0]
            first = next(each.rule for each in named_rules(brain) if each.name == name)
            assert (first.strength[0] == pattern).all()
