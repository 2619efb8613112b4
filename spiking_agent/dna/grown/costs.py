"""How large the brains of a plan are, before any of them grows."""

import math
from collections import Counter
from functools import partial

from spiking_agent.checks.arguments import several, whole
from spiking_agent.checks.costs import (
    MAX_DELAYED,
    MAX_LISTED_NEURONS,
    MAX_SUM,
    MAX_SYNAPSES,
)
from spiking_agent.dna.grown.layout import Block, Layout
from spiking_agent.dna.grown.parts import MAX_STRENGTH, WALL, fixed_value
from spiking_agent.dna.grown.scalars import Gene

_REMEDY = ": take a smaller grid, or a plan with fewer rules or weaker ones"


def count_neurons(layout: Layout, shape: tuple[int, int]) -> int:
    """Return how many neurons a brain has.

    Parameters
    ----------
    layout : Layout
        Of its plan.
    shape : (int, int)
        Rows and columns of the grid.
    """
    n_cells = math.prod(shape)
    return sum(n_cells if group.is_sheet else 1 for group in layout.groups)


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


def check_brain(layout: Layout, shape: tuple[int, int]) -> None:
    """Refuse a brain that could not be written out as a connectome, whatever its genome.

    Parameters
    ----------
    layout : Layout
        Of its plan.
    shape : (int, int)
        Rows and columns of the grid.

    Raises
    ------
    ValueError
        If it could have too many neurons, synapses or impulses in flight, strengths between two
        neurons of more than 16 bits, or strengths on one neuron whose sum is not exact.
    """
    _require("neurons", count_neurons(layout, shape), MAX_LISTED_NEURONS)
    _require("synapses", count_synapses(layout, shape), MAX_SYNAPSES)
    n_cells = math.prod(shape)
    sums: Counter[int] = Counter()
    between: Counter[tuple[int, int, int]] = Counter()
    branches: set[tuple[int, int]] = set()
    longest = 0
    for block in layout.blocks:
        rule, delay = block.rule, layout.plan.delay(block.rule)
        strength = _largest(block)
        longest = max(longest, delay + _initiation(layout, rule.source, n_cells))
        n_heard = {"sum": n_cells, "far": n_cells}.get(rule.kind, min(rule.size**2, n_cells))
        for pair in block.pairs:
            branches.add((pair.source, delay))
            sums[pair.target] += strength * (1 if rule.is_map else n_heard)
            if not rule.is_map:  # maps that meet are cut off at 16 bits
                between[pair.source, pair.target, delay] += strength
    _require("strengths between two neurons", max(between.values(), default=0), MAX_STRENGTH)
    _require("strengths on one neuron together", max(sums.values(), default=0), MAX_SUM - 1)
    n_branches = sum(n_cells if layout.groups[k].is_sheet else 1 for k, _ in branches)
    _require("longest delay times branches of axons", (longest + 1) * n_branches, MAX_DELAYED)


def checked_shape(layout: Layout, shape: object) -> tuple[int, int]:
    """Return the rows and columns of a grid on which the brains of a plan can grow.

    Parameters
    ----------
    layout : Layout
        Of the plan.
    shape : (int, int)
        Rows and columns, each >= 1.

    Raises
    ------
    ValueError
        If it is anything else, or see `check_brain`.
    """
    n_rows, n_cols = several("shape", shape, partial(whole, least=1), 2, 2)
    check_brain(layout, (n_rows, n_cols))
    return n_rows, n_cols


def _require(what: str, n: int, most: int) -> None:
    if n > most:
        raise ValueError(f"{what} of a grown brain must be at most {most:,}, got {n:,}{_REMEDY}")


def _largest(block: Block) -> int:
    """Return the largest size that a strength of a rule can have between two neurons."""
    rule = block.rule
    one = rule.limit if rule.strength is None else abs(rule.strength)
    n = {"map": len(rule.morphogens), "kernel": rule.size**2, "radial": rule.size**2}
    return min(MAX_STRENGTH, one * n[rule.kind]) if rule.is_map and rule.kind in n else one


def _initiation(layout: Layout, source: str, n_cells: int) -> int:
    """Return the longest initiation delay that neurons of a layer can have."""
    plan = layout.plan
    if source in (*plan.channels, plan.constant, WALL):
        return 1
    layer = plan.find(source)
    value = layer.initiation_delay
    if isinstance(value, Gene):
        return int(value.high)
    copies = range(layer.copies)
    return int(
        max(fixed_value(layer, "initiation_delay", k, n_cells, plan.n_ticks) for k in copies)
    )


def _n_strengths(block: Block, shape: tuple[int, int]) -> int:
    if block.rule.is_map:
        return math.prod(shape)
    return block.rule.width**2


def _n_synapses(block: Block, shape: tuple[int, int]) -> int:
    """Return the most synapses that a rule lays between two groups."""
    n_cells = math.prod(shape)
    kind, reach = block.rule.kind, block.rule.size // 2
    if block.rule.is_map or kind == "sum":
        return n_cells
    if kind == "link":
        return 1
    if kind == "far":
        return n_cells**2
    heard = [sum(min(i, reach) + min(n - 1 - i, reach) + 1 for i in range(n)) for n in shape]
    return math.prod(heard)
