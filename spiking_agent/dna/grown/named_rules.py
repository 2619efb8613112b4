"""The rules of one grown brain, by the names that the gene table has for them."""

from typing import NamedTuple

import numpy as np

from spiking_agent.brain.sheets.rules import Rule
from spiking_agent.dna.grown.brain import GrownBrain
from spiking_agent.dna.grown.genes import rule_name
from spiking_agent.dna.grown.growth import expressed, lay
from spiking_agent.dna.grown.layout import Block
from spiking_agent.dna.grown.lesions import strengths_left
from spiking_agent.typing import Float64Array


class NamedRule(NamedTuple):
    """One rule of a tissue, from a group to a group, and the rule of the plan that laid it."""

    name: str
    rule: Rule


class NamedValues(NamedTuple):
    """A rule of the plan with its strengths, shape (n_families, genes of a family)."""

    name: str
    block: Block
    values: Float64Array


def named_values(brain: GrownBrain) -> tuple[NamedValues, ...]:
    """Return the rules of the plan with the strengths that a genome gives them, in their order.

    Parameters
    ----------
    brain : GrownBrain
        The brain.
    """
    layout, genes = brain.layout, brain.genome[None].astype(np.float64)
    left = strengths_left(layout, brain.without) if brain.without else None
    return tuple(
        NamedValues(rule_name(layout, block), block, expressed(layout, k, genes, left)[0])
        for k, block in enumerate(layout.blocks)
    )


def named_rules(brain: GrownBrain) -> tuple[NamedRule, ...]:
    """Return the rules of a brain on its grid, one for each two groups that a rule connects.

    Rules of a tissue that lay synapses from the same neuron are not merged, other than in
    `GrownBrain.tissue`: each has the name of the rule of the plan that it comes from.

    Parameters
    ----------
    brain : GrownBrain
        The brain.
    """
    genes = brain.genome[None].astype(np.float64)
    are_transposed = brain.layout.are_transposed(genes, brain.shape)
    return tuple(
        NamedRule(name, rule)
        for name, block, values in named_values(brain)
        for rule in lay(brain.layout, block, values[None], brain.shape, are_transposed)
    )
