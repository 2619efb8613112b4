"""Parts of a grown brain that can be silenced, to measure what they are worth.

A part is silenced where the rules are: its synapses do not grow, and all neurons stay.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Final

import numpy as np

from spiking_agent.checks.words import shown
from spiking_agent.dna.grown.layout import Block, Layout
from spiking_agent.typing import Float64Array

POSITIONS: Final = "morphogens"  # what maps make of the places of cells
_EVERYWHERE: Final = "constant"  # the morphogen that stays


def part_names(layout: Layout) -> tuple[str, ...]:
    """Return the names of all parts: sources of rules, without and with their delays.

    Parameters
    ----------
    layout : Layout
        Of a plan.
    """
    rules = [block.rule for block in layout.blocks]
    named = [rule.source for rule in rules] + [rule.source + rule.after for rule in rules]
    return tuple(dict.fromkeys([*named, *[POSITIONS] * _has_maps(layout)]))


def strengths_left(layout: Layout, parts: Sequence[str]) -> tuple[Float64Array, ...]:
    """Return what is left of the strengths of each rule without some parts.

    Parameters
    ----------
    layout : Layout
        Of a plan.
    parts : sequence of str
        Patterns, separated by commas, as `fnmatch` understands them, of what is silenced: sources
        of rules (``"W"``, ``"wall"``), sources with a delay (``"body after 2 moves"``), both ends
        (``"W > D"``), or ``"morphogens"``, without which maps are the same everywhere.

    Returns
    -------
    tuple of ndarray, one for each rule
        1 where strengths stay and 0 where they do not, to be multiplied with the genes of a family.

    Raises
    ------
    ValueError
        If a pattern matches nothing.
    """
    left: list[Float64Array] = [np.ones(1) for _ in layout.blocks]
    for part in parts:
        for pattern in map(str.strip, part.split(",")):
            are_flat = _has_maps(layout) and fnmatchcase(POSITIONS, pattern)
            gone = [_matches(block, pattern) for block in layout.blocks]
            if not (are_flat or any(gone)):
                raise ValueError(
                    f"without must be patterns of parts of the plan, of which {shown(pattern)} "
                    f"matches none: {', '.join(part_names(layout))}"
                )
            for k, block in enumerate(layout.blocks):
                if gone[k]:
                    left[k] = left[k] * 0.0
                elif are_flat:
                    left[k] = left[k] * _without_places(block)
    return tuple(left)


def _has_maps(layout: Layout) -> bool:
    return any(block.rule.kind == "map" for block in layout.blocks)


def _matches(block: Block, pattern: str) -> bool:
    rule = block.rule
    ends = f"{rule.source} > {rule.target}{rule.after}"
    names = (rule.source, rule.source + rule.after, ends)
    return any(fnmatchcase(name, pattern) for name in names)


def _without_places(block: Block) -> Float64Array:
    """Return 1 for what of a rule is the same in all cells, and 0 for the rest."""
    if block.rule.kind != "map":
        return np.ones(1)
    return np.array([float(name == _EVERYWHERE) for name in block.rule.morphogens])
