"""The gene table of a plan: real numbers, with names that say what each gene is for."""

from functools import partial
from typing import Final

import numpy as np

from spiking_agent.dna.gene_table import GeneTable, Genomes
from spiking_agent.dna.grown.layout import Block, Layout
from spiking_agent.typing import Float64Array, IntpArray

# So wide that both signs live on until boards of odd sides select one, and not so wide that the
# other sign comes back between two of them.
AXIS_SPREAD: Final = 20.0


def gene_table(layout: Layout) -> GeneTable:
    """Return the genes of a plan: the strengths of its rules, then parameters of neurons.

    Parameters
    ----------
    layout : Layout
        The groups and the genes of the plan.

    Notes
    -----
    Strengths begin with a mean of 0 and a standard deviation of 1, in units of the plan. A gene
    that several groups share belongs to the first of them.
    """
    parts: list[tuple[str, int]] = []
    names: list[str] = []
    ranges: list[Float64Array] = []  # low, high, center and spread of each gene
    ends: list[IntpArray] = []  # source and target
    for block in layout.blocks:
        if block.n_genes:
            title = rule_name(layout, block)
            parts.append((title, block.n_genes))
            names += [
                f"{family}{title.removeprefix(_ends(block))} {label}"
                for family in block.families
                for label in block.labels
            ]
            most = block.rule.limit / layout.plan.unit
            ranges.append(np.tile([-most, most, 0.0, 1.0], (block.n_genes, 1)))
            first = {pair.family: pair[:2] for pair in reversed(block.pairs)}
            of_family = np.array([first[k] for k in range(len(block.families))], np.intp)
            ends.append(of_family.repeat(len(block.labels), 0))
    for scalar in layout.scalar_genes:
        name = f"{scalar.layer.name} {scalar.copy + 1}" if scalar.layer.copies > 1 else ""
        parts.append((f"{scalar.layer.name} {scalar.parameter}", 1))
        names.append(f"{name or scalar.layer.name} {scalar.parameter}")
        gene = scalar.gene
        ranges.append(np.array([[gene.low, gene.high, gene.center, gene.spread]]))
        places = layout.places[scalar.layer.name]
        place = next(group for (copy, _), group in places.items() if copy == scalar.copy)
        ends.append(np.full((1, 2), place, np.intp))
    if layout.axis_gene is not None:
        parts.append(("axis", 1))
        names.append("axis")
        ranges.append(np.array([[-1.0, 1.0, 0.0, AXIS_SPREAD]]))
        ends.append(np.zeros((1, 2), np.intp))
    low, high, center, spread = np.concatenate(ranges).T
    source, target = np.concatenate(ends).T
    return GeneTable(
        parts=tuple(parts),
        low=low,
        high=high,
        center=center,
        spread=spread,
        is_choice=np.zeros(len(low), bool),
        source=source,
        target=target,
        n_places=len(layout.groups),
        is_whole=False,
        draw=partial(_draw, low, high, center, spread),
        names=tuple(names),
    )


def rule_name(layout: Layout, block: Block) -> str:
    """Return the name of a rule, such as ``body > D after 2 moves, kernel``.

    Parameters
    ----------
    layout : Layout
        Of the plan.
    block : Block
        The rule.
    """
    rule = block.rule
    return f"{_ends(block)}{rule.after}, {rule.kind}"


def _ends(block: Block) -> str:
    return f"{block.rule.source} > {block.rule.target}"


def _draw(
    low: Float64Array,
    high: Float64Array,
    center: Float64Array,
    spread: Float64Array,
    size: int,
    rng: np.random.Generator,
) -> Genomes:
    """Draw independent genomes: each gene from a normal distribution, clipped to its range."""
    drawn = center + spread * rng.standard_normal((size, len(center)))
    genomes: Genomes = np.clip(drawn, low, high).astype(np.float32)
    return genomes
