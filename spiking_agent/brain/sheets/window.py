"""Which neurons of a tissue can be heard: found by going backwards from the outputs.

Often almost nothing can be heard. Where a *gate*, such as a relay that needs the head of a snake
to be on its own cell, stands between the sheets and the outputs, only neurons near the active cell
of the gate matter. They make up a *window*, which moves with that cell: its neurons are *slots*,
each a sheet and an offset. So a tick of a brain of a thousand neurons is a tick of some twenty.

This holds if nothing that can be heard remembers what it did in another window, and if what is
behind the gate has no way back to the sheets. `find_window` says whether that is so. It looks at
the strengths of single genomes only where the gate is proved; but synapses that are 0 in all of
them do not count, so that rules that do nothing yet cost nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from spiking_agent.brain.sheets.rules import Far, Kernel, Link, Map, Rule, Sum
from spiking_agent.brain.sheets.tissue import Tissue

MAX_SLOTS: Final = 128  # more is slower than the ordinary engine
MAX_SINGLES: Final = 31  # single neurons on either side of the gates: a bit of a word for each
MAX_DELAY: Final = 256  # ticks that the drive is remembered
MAX_REACH: Final = 60  # columns to either side of the gate's cell, less than a word

Offset = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What can be heard of every brain of a tissue.

    Attributes
    ----------
    gate : int
        Group of the input sheet whose active cells are the places of windows.
    gates : tuple of Rule
        The rules from it that open gates.
    slots : tuple of (int, Offset)
        Sheets and offsets from the gate's cell: first those with a drive of their own.
    n_driven : int
        How many have a drive of their own.
    before : tuple of int
        Single neurons that hear no hidden sheet, in the order of groups.
    after : tuple of int
        Single neurons behind the gates.
    rules : tuple of Rule
        All rules that can be heard, but for `gates`.
    """

    gate: int
    gates: tuple[Rule, ...]
    slots: tuple[tuple[int, Offset], ...]
    n_driven: int
    before: tuple[int, ...]
    after: tuple[int, ...]
    rules: tuple[Rule, ...]


def heard_rules(tissue: Tissue) -> tuple[Rule, ...]:
    """Return the rules whose impulses can reach an output on any way, in any of the brains."""
    rules = [rule for rule in tissue.rules if rule.strength.any()]
    heard = set(tissue.outputs)
    while True:
        more = {rule.source for rule in rules if rule.target in heard} - heard
        if not more:
            return tuple(rule for rule in rules if rule.target in heard)
        heard |= more


def find_window(tissue: Tissue, *, carry_state: bool | str) -> Window | None:
    """Return the window of a tissue, or None if whole sheets may have to be computed.

    Parameters
    ----------
    tissue : Tissue
        The brains.
    carry_state : {False, True, "impulses"}
        What outlives a decision.
    """
    rules = heard_rules(tissue)
    groups = tissue.groups
    heard = {place for rule in rules for place in (rule.source, rule.target)} | {*tissue.outputs}
    sheets = {p for p in heard if groups[p].is_sheet and p not in tissue.inputs}
    singles = {p for p in heard if not groups[p].is_sheet and p not in tissue.inputs}
    reached = _reached(sheets, (rule for rule in rules if isinstance(rule, Sum | Link)))
    after = reached | {*tissue.outputs}
    before = singles - after
    gated = {rule.source for rule in rules if rule.source in sheets and rule.target in after}
    has_way_back = any(rule.source in after and rule.target not in after for rule in rules)
    is_far = any(isinstance(rule, Far) and rule.source in sheets for rule in rules)
    if not gated or has_way_back or is_far or not after <= singles:
        return None
    if carry_state is True or (carry_state and tissue.kept[:, sorted(sheets)].any()):
        return None
    if any(_differs(tissue, "initiation_delay", place) for place in heard):
        return None
    longest = max(int(tissue.initiation_delay[0, r.source]) + r.delay for r in rules)
    if longest > MAX_DELAY:
        return None
    gates = _find_gates(tissue, rules, gated)
    offsets = _offsets(rules, sheets, gated)
    if gates is None or offsets is None:
        return None
    reach = max(abs(col) for _, (_, col) in offsets)
    reach += max((r.reach[1] for r in rules if isinstance(r, Kernel)), default=0)
    if reach > MAX_REACH:
        return None
    rest = tuple(rule for rule in rules if rule not in gates)
    driven = {rule.target for rule in rest if rule.target in sheets and rule.source not in sheets}
    slots = sorted(offsets, key=lambda slot: (slot[0] not in driven, slot))
    n_single_inputs = sum(not groups[place].is_sheet for place in tissue.inputs)
    n_singles = max(n_single_inputs + len(before), len(after))
    if len(slots) + len(after) > MAX_SLOTS or n_singles > MAX_SINGLES:
        return None
    return Window(
        gate=gates[0].source,
        gates=gates,
        slots=tuple(slots),
        n_driven=sum(place in driven for place, _ in slots),
        before=tuple(sorted(before)),
        after=tuple(sorted(after)),
        rules=rest,
    )


def _reached(sheets: set[int], rules: Iterable[Rule]) -> set[int]:
    """Return the single neurons that hear a hidden sheet, on any way."""
    rules, reached = list(rules), set(sheets)
    while True:
        more = {rule.target for rule in rules if rule.source in reached} - reached
        if not more:
            return reached - sheets
        reached |= more


def _differs(tissue: Tissue, name: str, place: int) -> bool:
    values = getattr(tissue, name)[:, place]
    return bool((values != values[0]).any())


def _find_gates(
    tissue: Tissue, rules: tuple[Rule, ...], gated: set[int]
) -> tuple[Rule, ...] | None:
    """Return the rules that open the gates, all from one input sheet; None if there are none."""
    for gate in tissue.inputs:
        is_prompt = bool((tissue.initiation_delay[:, gate] == 1).all())
        keys = {
            rule.target: rule
            for rule in rules
            if rule.source == gate
            and rule.target in gated
            and isinstance(rule, Kernel)
            and rule.delay == 0
            and rule.strength.shape[1:] == (1, 1)
        }
        if (
            is_prompt
            and set(keys) == gated
            and all(
                _is_shut(
                    tissue, [r for r in rules if r.target == place and r is not keys[place]], place
                )
                for place in gated
            )
        ):
            return tuple(keys[place] for place in sorted(gated))
    return None


def _is_shut(tissue: Tissue, rules: list[Rule], place: int) -> bool:
    """Return whether a neuron of a sheet cannot fire by these rules alone, whatever arrives."""
    if tissue.decay[:, place].any():
        return False
    most = np.zeros(len(tissue))
    for rule in rules:
        positive = np.maximum(rule.strength.astype(np.int64), 0)
        if isinstance(rule, Map):
            most += positive.max(axis=(1, 2))
        elif isinstance(rule, Far):
            most += positive.max(axis=(1, 2)) * tissue.n_cells
        else:
            most += positive.sum(axis=(1, 2))
    return bool((most <= tissue.threshold[:, place]).all())


def _offsets(
    rules: tuple[Rule, ...], sheets: set[int], gated: set[int]
) -> set[tuple[int, Offset]] | None:
    """Return the slots: which neurons round the gate's cell can be heard; None if too many."""
    kernels = [r for r in rules if isinstance(r, Kernel) and {r.source, r.target} <= sheets]
    slots = {(place, (0, 0)) for place in gated}
    new = slots
    while new:
        heard = set()
        for place, (row, col) in new:
            for rule in kernels:
                if rule.target == place:
                    heard |= {(rule.source, (row + i, col + j)) for i, j in _pattern(rule)}
        new = heard - slots
        slots = slots | new
        if len(slots) > MAX_SLOTS:
            return None
    return slots


def _pattern(rule: Kernel) -> list[Offset]:
    """Return the offsets at which a kernel has a strength in any genome."""
    up, left = rule.reach
    rows, cols = np.nonzero(rule.strength.any(axis=0))
    return [(int(row) - up, int(col) - left) for row, col in zip(rows, cols, strict=True)]
