"""How large the brains of a plan are, before any of them grows."""

import math

from spiking_agent.dna.grown.layout import Block, Layout
from spiking_agent.dna.grown.parts import WALL


def count_strengths(layout: Layout, shape: tuple[int, int]) -> int:
    """Return how many numbers describe the strengths of one brain.

    Parameters
    ----------
    layout : Layout
        Of its plan.
    shape : (int, int)
        Rows and columns of the grid.
    """
    return sum(len(block.pairs) * _n_strengths(block, shape) for block in layout.blocks)


def count_synapses(layout: Layout, shape: tuple[int, int]) -> int:
    """Return how many synapses one brain has at most.

    Parameters
    ----------
    layout : Layout
        Of its plan.
    shape : (int, int)
        Rows and columns of the grid.
    """
    return sum(len(block.pairs) * _n_synapses(block, shape) for block in layout.blocks)


def _n_strengths(block: Block, shape: tuple[int, int]) -> int:
    if block.rule.source == WALL or block.rule.kind in ("map", "bias"):
        return math.prod(shape)
    sizes = {"kernel": block.rule.size**2, "radial": block.rule.size**2, "far": 9}
    return sizes.get(block.rule.kind, 1)


def _n_synapses(block: Block, shape: tuple[int, int]) -> int:
    """Return the most synapses that a rule lays between two groups."""
    n_cells = math.prod(shape)
    kind, reach = block.rule.kind, block.rule.size // 2
    if block.rule.source == WALL or kind in ("map", "bias", "sum"):
        return n_cells
    if kind == "link":
        return 1
    if kind == "far":
        return n_cells**2
    heard = [sum(min(i, reach) + min(n - 1 - i, reach) + 1 for i in range(n)) for n in shape]
    return math.prod(heard)
