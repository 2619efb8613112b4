"""Where everything lies: the groups of a tissue that a plan has, and which genes a rule reads.

A layer becomes one group for each of its copies and, if it is oriented, for each action. The
synapses of a rule between two groups are those of a *family*, which share genes. Where the board
is turned, or mirrored, and the actions with it, a family is mapped onto itself. But groups that are
their own mirror images, such as those of an action without a partner, have free kernels.
"""

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from spiking_agent.brain.sheets.tissue import Group
from spiking_agent.dna.grown.parts import WALL, GrowthRule, Layer
from spiking_agent.dna.grown.plan import Plan
from spiking_agent.dna.grown.scalars import RANGES, Gene
from spiking_agent.typing import BoolArray, Float64Array

MAX_GENES: Final = 2**16
MAX_GROUPS: Final = 2**10
MAX_PAIRS: Final = 2**14  # of groups that rules connect

LEFT_FOR_RIGHT: Final = 4  # the turn of a kernel that is mirrored, left for right

Place = tuple[int, int | None]  # copy and action of a group of a layer


class Pair(NamedTuple):
    """Two groups that a rule connects."""

    source: int
    target: int
    family: int
    turn: int  # quarter-turns, clockwise, from the kernel in the genes; or `LEFT_FOR_RIGHT`


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The genes of one rule, and where they act.

    Parameters
    ----------
    rule : GrowthRule
        The rule.
    begin : int
        Its first gene.
    families : tuple of str
        What each family is between, for names.
    labels : tuple of str
        What the genes of each family are, for names; empty if strengths are fixed.
    pairs : tuple of Pair
        The groups that it connects.
    """

    rule: GrowthRule
    begin: int
    families: tuple[str, ...]
    labels: tuple[str, ...]
    pairs: tuple[Pair, ...]

    @property
    def n_genes(self) -> int:
        """Number of its genes."""
        return len(self.families) * len(self.labels)


class ScalarGene(NamedTuple):
    """A gene for one parameter of one copy of a layer."""

    layer: Layer
    copy: int
    parameter: str
    gene: Gene
    number: int  # its place in the genome


@dataclass(frozen=True, eq=False)
class Layout:
    """The groups and the genes of a plan.

    Parameters
    ----------
    plan : Plan
        The plan.

    Raises
    ------
    ValueError
        If there are too many groups, genes or connections, a rule connects nothing, or two groups
        have the same name.
    """

    plan: Plan

    def __post_init__(self) -> None:
        n_actions = len(self.plan.actions)
        sizes = {x.name: x.copies * (n_actions if x.is_oriented else 1) for x in self.plan.layers}
        n_groups = len(self.plan.channels) + 1 + sum(sizes.values())
        _require("groups", n_groups, MAX_GROUPS)
        most = (sizes.get(rule.source, 1) * sizes[rule.target] for rule in self.plan.rules)
        _require("pairs of groups with rules", sum(most), MAX_PAIRS)
        name, n_same = Counter(group.name for group in self.groups).most_common(1)[0]
        if n_same > 1:
            raise ValueError(
                "layers must have names that differ with their copies and actions as well, "
                f"got {name!r} {n_same} times"
            )
        for place, block in enumerate(self.blocks):
            if not block.pairs:
                raise ValueError(f"rules[{place}] must connect neurons, got {block.rule}")
        n_genes = sum(block.n_genes for block in self.blocks) + len(self.scalar_genes)
        n_genes += self.axis_gene is not None
        _require("genes", n_genes, MAX_GENES)
        if n_genes == 0:
            raise ValueError("plan must have genes, got only fixed strengths and parameters")

    @cached_property
    def places(self) -> dict[str, dict[Place, int]]:
        """The groups of each layer, channel and constant neuron, by copy and action."""
        places: dict[str, dict[Place, int]] = {}
        n = 0
        for name in (*self.plan.channels, self.plan.constant):
            places[name] = {(0, None): n}
            n += 1
        places[WALL] = places[self.plan.constant]
        actions = range(len(self.plan.actions))
        for layer in self.plan.layers:
            kinds: list[int | None] = [*actions] if layer.is_oriented else [None]
            keys = [(copy, action) for copy in range(layer.copies) for action in kinds]
            places[layer.name] = {key: n + k for k, key in enumerate(keys)}
            n += len(keys)
        return places

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """All groups: channels, the constant neuron, then layer by layer."""
        groups = [Group(name, True) for name in self.plan.channels]
        groups.append(Group(self.plan.constant, False))
        for layer in self.plan.layers:
            names = (self._called(layer.name, *place) for place in self.places[layer.name])
            groups += [Group(name, layer.is_sheet) for name in names]
        return tuple(groups)

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The rules with their genes, in the order of the plan."""
        blocks: list[Block] = []
        begin = 0
        for rule in self.plan.rules:
            blocks.append(self._block(rule, begin))
            begin += blocks[-1].n_genes
        return tuple(blocks)

    @cached_property
    def axis_gene(self) -> int | None:
        """Place in the genome of the gene for the axis, the last one; None if there is none."""
        if self.plan.axis == "fixed":
            return None
        return sum(block.n_genes for block in self.blocks) + len(self.scalar_genes)

    def are_transposed(self, genes: Float64Array, shape: tuple[int, int]) -> BoolArray:
        """Return which brains lie along the other axis of a grid, shape (n_genomes,).

        Parameters
        ----------
        genes : ndarray of float, shape (n_genomes, n_genes)
            Their genomes.
        shape : (int, int)
            Rows and columns of the grid.
        """
        if self.axis_gene is None or shape[0] % 2 == shape[1] % 2:
            return np.zeros(len(genes), bool)
        wants_odd_rows: BoolArray = genes[:, self.axis_gene] < 0
        return wants_odd_rows ^ (shape[0] % 2 == 1)

    @cached_property
    def transposed(self) -> dict[Block, Block]:
        """The blocks with the pairs that they have on the grid mirrored at its diagonal.

        There an action is the one that is a quarter-turn before the first one less its own turn:
        up becomes left, and right becomes down.
        """
        turns = [turn for turn in self.plan.turns if turn is not None]
        action_of = {turn: action for action, turn in enumerate(turns)}
        other = {action: action_of[3 - turn] for action, turn in enumerate(turns)}
        image: dict[int, int] = {}
        for places in self.places.values():
            for (copy, action), group in places.items():
                image[group] = group if action is None else places[copy, other[action]]
        found = {}
        for block in self.blocks:
            known = {pair[:2]: pair for pair in block.pairs}
            pairs = tuple(
                known[image[pair.source], image[pair.target]]._replace(
                    source=pair.source, target=pair.target
                )
                for pair in block.pairs
            )
            found[block] = replace(block, pairs=pairs)
        return found

    @cached_property
    def scalar_genes(self) -> tuple[ScalarGene, ...]:
        """The genes for parameters of neurons, which follow those of the rules."""
        begin = sum(block.n_genes for block in self.blocks)
        found = [
            (layer, copy, name, value)
            for layer in self.plan.layers
            for name in RANGES
            for copy in range(layer.copies)
            if isinstance(value := getattr(layer, name), Gene) and layer.original(copy) == copy
        ]
        return tuple(ScalarGene(*one, begin + k) for k, one in enumerate(found))

    def _block(self, rule: GrowthRule, begin: int) -> Block:
        families: dict[object, int] = {}
        called: list[str] = []
        pairs = []
        for source in self.places[rule.source]:
            for target in self.places[rule.target]:
                if self._connects(rule, source, target):
                    key, turn, name = self._family(rule, source, target)
                    if key not in families:
                        families[key] = len(families)
                        called.append(name)
                    ends = self.places[rule.source][source], self.places[rule.target][target]
                    pairs.append(Pair(*ends, families[key], turn))
        labels = () if rule.strength is not None else tuple(gene_labels(rule))
        return Block(
            rule=rule, begin=begin, families=tuple(called), labels=labels, pairs=tuple(pairs)
        )

    def _connects(self, rule: GrowthRule, source: Place, target: Place) -> bool:
        """Return whether a rule lays synapses between two groups."""
        both_oriented = source[1] is not None and target[1] is not None
        if both_oriented and rule.pairs == "same" and source[1] != target[1]:
            return False
        within_one = rule.source == rule.target and source == target
        return not within_one or rule.kind == "far" or rule.size > 1  # no neuron excites itself

    def _family(self, rule: GrowthRule, source: Place, target: Place) -> tuple[object, int, str]:
        """Return which family two groups belong to, the turn of its kernel, and its name."""
        if not self.plan.turns:
            return self._mirrored_family(rule, source, target)
        one, other = source[1], target[1]
        turns = [None if action is None else self.plan.turns[action] for action in (one, other)]
        if rule.kind == "map":
            turns = [None, None]  # free for each action
        relative = 0
        if turns[0] is not None and turns[1] is not None:
            relative = (turns[1] - turns[0]) % 4
        ends = (one if turns[0] is None else None, other if turns[1] is None else None)
        key = (source[0], target[0], ends, tuple(turn is None for turn in turns), relative)
        suffix = f" turned {90 * relative}" if rule.pairs == "each" and relative else ""
        turn = next((turn for turn in turns if turn is not None), 0)
        named = self._named(rule, (source[0], ends[0]), (target[0], ends[1]))
        return key, turn, named + suffix

    def _mirrored_family(
        self, rule: GrowthRule, source: Place, target: Place
    ) -> tuple[object, int, str]:
        """Return a family of two groups and of their mirror images, which share its genes."""
        images = self._image(rule.source, source), self._image(rule.target, target)
        ends = self.places[rule.source], self.places[rule.target]
        first, other = ((ends[0][a], ends[1][b]) for a, b in ((source, target), images))
        if other < first:
            return other, LEFT_FOR_RIGHT, self._named(rule, *images)
        return first, 0, self._named(rule, source, target)

    def _image(self, name: str, place: Place) -> Place:
        """Return which group of the same layer is the mirror image of one, often itself."""
        copy, action = place
        if any(layer.name == name and layer.is_mirrored for layer in self.plan.layers):
            copy ^= 1
        for one, other in self.plan.mirrors:
            if action in (one, other):
                return copy, one + other - action
        return copy, action

    def _named(self, rule: GrowthRule, source: Place, target: Place) -> str:
        return f"{self._called(rule.source, *source)} > {self._called(rule.target, *target)}"

    def _called(self, name: str, copy: int, action: int | None) -> str:
        """Return the name of a group, or of the groups of a family."""
        words = [name]
        if any(layer.name == name and layer.copies > 1 for layer in self.plan.layers):
            words.append(str(copy + 1))
        if action is not None:
            words.append(self.plan.actions[action])
        return " ".join(words)


def gene_labels(rule: GrowthRule) -> list[str]:
    """Return what the genes of one family of a rule are.

    Parameters
    ----------
    rule : GrowthRule
        The rule.

    Returns
    -------
    list of str
        For a kernel the offset from the target to the source, in rows and columns.
    """
    middle = rule.size // 2
    offsets = range(-middle, middle + 1)
    match rule.kind:
        case "kernel":
            return [f"({row:+d}, {col:+d})" for row in offsets for col in offsets]
        case "radial":
            return [f"at {square**0.5:.3g}" for square in squared_distances(rule.size)]
        case "far":
            ways = [("up", "", "down"), ("left", "", "right")]
            return [f"{a} {b}".strip() or "here" for a in ways[0] for b in ways[1]]
        case "map":
            return list(rule.morphogens)
    return ["strength"]


def squared_distances(size: int) -> list[int]:
    """Return the squares of the distances that a radial kernel knows, ascending.

    Parameters
    ----------
    size : int
        Its rows and columns.
    """
    reach = range(size // 2 + 1)
    return sorted({row**2 + col**2 for row in reach for col in reach})


def _require(what: str, n: int, most: int) -> None:
    if n > most:
        raise ValueError(f"{what} of a plan must be at most {most:,}, got {n:,}")
