"""Growth written out in plain loops: every synapse of a plan and a genome, one at a time.

It reads genes by their names only, so that it also holds names to what genes do.
"""

from collections import defaultdict
from fractions import Fraction

from spiking_agent.dna.grown.parts import GrowthRule
from spiking_agent.dna.grown.plan import Plan
from spiking_agent.dna.grown.scalars import Gene, PerCell

Group = tuple[str, int, int | None]  # layer, copy from 0, action
Synapses = dict[tuple[int, int, int], int]  # strength by source, target and extra delay


class NaiveGrowth:
    """One genome of a plan on one grid."""

    def __init__(self, plan: Plan, genes: dict[str, float], shape: tuple[int, int]) -> None:
        self.plan, self.genes, self.shape = plan, genes, shape
        self.cells = [(row, col) for row in range(shape[0]) for col in range(shape[1])]
        self.layers = {layer.name: layer for layer in plan.layers}
        self.groups: list[Group] = [(name, 0, None) for name in (*plan.channels, plan.constant)]
        for layer in plan.layers:
            for copy in range(layer.copies):
                actions = range(len(plan.actions)) if layer.is_oriented else [None]
                self.groups += [(layer.name, copy, action) for action in actions]
        self.first: dict[Group, int] = {}
        self.n_neurons = 0
        for group in self.groups:
            self.first[group] = self.n_neurons
            self.n_neurons += len(self.cells) if self.is_sheet(group) else 1

    def is_sheet(self, group: Group) -> bool:
        if group[0] in self.layers:
            return self.layers[group[0]].is_sheet
        return group[0] != self.plan.constant

    def neuron(self, group: Group, cell: tuple[int, int] = (0, 0)) -> int:
        return self.first[group] + (self.cells.index(cell) if self.is_sheet(group) else 0)

    def synapses(self) -> Synapses:
        found: Synapses = defaultdict(int)
        for rule in self.plan.rules:
            delay = rule.moves * self.plan.n_ticks + rule.ticks
            for source in self.groups:
                for target in self.groups:
                    named = self.plan.constant if rule.source == "wall" else rule.source
                    if (source[0], target[0]) != (named, rule.target):
                        continue
                    both = source[2] is not None and target[2] is not None
                    if both and rule.pairs == "same" and source[2] != target[2]:
                        continue
                    for one, other, strength in self.laid(rule, source, target):
                        if one != other or rule.kind in ("map", "bias", "sum"):
                            found[one, other, delay] += strength
        return {key: strength for key, strength in found.items() if strength != 0}

    def laid(self, rule: GrowthRule, source: Group, target: Group):
        """Yield source, target and strength of the synapses between two groups."""
        if rule.kind in ("kernel", "radial"):
            reach = rule.size // 2
            for row, col in self.cells:
                for up in range(-reach, reach + 1):
                    for left in range(-reach, reach + 1):
                        other = (row + up, col + left)
                        ends = self.ends(rule, source, target, other, (row, col))
                        if ends is not None:
                            yield *ends, self.strength(rule, source, target, (up, left))
        elif rule.kind == "far":
            for here in self.cells:
                for there in self.cells:
                    way = tuple((b > a) - (b < a) for a, b in zip(here, there, strict=True))
                    ends = self.neuron(source, there), self.neuron(target, here)
                    yield *ends, self.strength(rule, source, target, way)
        elif rule.kind == "sum":
            for cell in self.cells:
                ends = self.neuron(source, cell), self.neuron(target)
                yield *ends, self.strength(rule, source, target, "strength")
        elif rule.kind == "link":
            ends = self.neuron(source), self.neuron(target)
            yield *ends, self.strength(rule, source, target, "strength")
        elif rule.kind == "bias":
            for cell in self.cells:
                ends = self.neuron(source), self.neuron(target, cell)
                yield *ends, self.strength(rule, source, target, "strength")
        else:
            for cell in self.cells:
                total = Fraction(0)
                row, col = cell
                if self.is_image(source, target):
                    col = self.shape[1] - 1 - col
                for name in rule.morphogens:
                    field = morphogen(name, (row, col), self.shape)
                    total += field * self.strength(rule, source, target, name)
                yield self.neuron(source), self.neuron(target, cell), round(total)

    def ends(self, rule: GrowthRule, source: Group, target: Group, other, here):
        """Return the neurons that one offset of a kernel connects, if there are any."""
        n_rows, n_cols = self.shape
        if rule.source != "wall":
            return (
                (self.neuron(source, other), self.neuron(target, here))
                if (other in self.cells)
                else None
            )
        is_near = -1 <= other[0] <= n_rows and -1 <= other[1] <= n_cols
        is_ring = is_near and other not in self.cells
        return (self.neuron(source), self.neuron(target, here)) if is_ring else None

    def strength(self, rule: GrowthRule, source: Group, target: Group, what) -> int:
        if rule.strength is not None:
            return rule.strength
        if is_image := self.is_image(source, target):
            source, target = self.image(source), self.image(target)
        turns = [
            self.plan.turns[group[2]] if group[2] is not None and self.plan.turns else None
            for group in (source, target)
        ]
        if rule.kind == "map":
            turns = [None, None]
        start, end = rule.source, rule.target
        if start in self.layers and self.layers[start].copies > 1:
            start += f" {source[1] + 1}"
        if self.layers[end].copies > 1:
            end += f" {target[1] + 1}"
        if source[2] is not None and turns[0] is None:
            start += f" {self.plan.actions[source[2]]}"
        if target[2] is not None and turns[1] is None:
            end += f" {self.plan.actions[target[2]]}"
        name = f"{start} > {end}"
        if None not in turns and turns[0] != turns[1]:
            name += f" turned {(turns[1] - turns[0]) % 4 * 90}"
        waits = []
        if rule.moves:
            waits.append("1 move" if rule.moves == 1 else f"{rule.moves} moves")
        if rule.ticks:
            waits.append("1 tick" if rule.ticks == 1 else f"{rule.ticks} ticks")
        if waits:
            name += f" after {' and '.join(waits)}"
        name += f", {rule.kind} "
        if isinstance(what, str):
            name += what
        elif rule.kind == "radial":
            name += f"at {(what[0] ** 2 + what[1] ** 2) ** 0.5:.3g}"
        else:
            row, col = what
            for _ in range(turns[0] if turns[0] is not None else turns[1] or 0):
                row, col = -col, row  # a quarter-turn back
            if is_image:
                col = -col
            if rule.kind == "kernel":
                name += f"({row:+d}, {col:+d})"
            else:
                words = [("up", "", "down")[row + 1], ("left", "", "right")[col + 1]]
                name += " ".join(word for word in words if word) or "here"
        whole = round(self.plan.unit * self.genes[name])
        return max(-rule.limit, min(rule.limit, whole))

    def image(self, group: Group) -> Group:
        """Return the group that is the mirror image of one."""
        name, copy, action = group
        if name in self.layers and self.layers[name].is_mirrored:
            copy = {0: 1, 1: 0, 2: 3, 3: 2}[copy]
        swapped = {a: b for pair in self.plan.mirrors for a, b in (pair, pair[::-1])}
        return name, copy, swapped.get(action, action)

    def is_image(self, source: Group, target: Group) -> bool:
        """Return whether two groups read the genes of their mirror images, which come first."""
        images = self.image(source), self.image(target)
        places = [
            [self.groups.index(group) for group in ends] for ends in (images, (source, target))
        ]
        return places[0] < places[1]

    def parameter(self, group: Group, name: str) -> float:
        """Return a parameter of the neurons of a group that is no input."""
        layer = self.layers[group[0]]
        value = getattr(layer, name)
        if isinstance(value, Gene):
            copy = min(group[1], self.image(group)[1])
            called = layer.name if layer.copies == 1 else f"{layer.name} {copy + 1}"
            multiple = round(self.genes[f"{called} {name}"] / value.step) * value.step
            return max(value.low, min(value.high, multiple))
        if isinstance(value, PerCell):
            share = value.share[group[1]] if len(value.share) > 1 else value.share[0]
            cells = len(self.cells) * (self.plan.n_ticks if value.is_per_tick else 1)
            return max(value.least, round(share * cells) + value.plus)
        return float(value)


def morphogen(name: str, cell: tuple[int, int], shape: tuple[int, int]) -> Fraction:
    """Return a field at a cell."""
    (row, col), (n_rows, n_cols) = cell, shape
    if name.endswith(" x rows are odd"):
        sign = 1 if n_rows % 2 == 1 else -1
        return sign * morphogen(name.removesuffix(" x rows are odd"), cell, shape)
    if name.endswith(" x columns are odd"):
        sign = 1 if n_cols % 2 == 1 else -1
        return sign * morphogen(name.removesuffix(" x columns are odd"), cell, shape)
    for side, size in (("rows", n_rows), ("columns", n_cols)):
        if name.endswith(f" where {side} are odd"):
            field = morphogen(name.removesuffix(f" where {side} are odd"), cell, shape)
            return field if size % 2 == 1 else Fraction(0)
    if name == "constant":
        return Fraction(1)
    if name == "row parity":
        return Fraction((-1) ** row)
    if name == "column parity":
        return Fraction((-1) ** col)
    if name == "checkerboard":
        return Fraction((-1) ** (row + col))
    if name == "down":
        return Fraction(2 * row, n_rows - 1) - 1 if n_rows > 1 else Fraction(0)
    if name == "rightward":
        return Fraction(2 * col, n_cols - 1) - 1 if n_cols > 1 else Fraction(0)
    lines = {
        "top": row == 0,
        "second row": row == 1,
        "third row": row == 2,
        "bottom": row == n_rows - 1,
        "second last row": row == n_rows - 2,
        "third last row": row == n_rows - 3,
        "left": col == 0,
        "second column": col == 1,
        "third column": col == 2,
        "right": col == n_cols - 1,
        "second last column": col == n_cols - 2,
        "third last column": col == n_cols - 3,
    }
    return Fraction(int(lines[name]))


def spread_out(tissue, genome_id: int) -> Synapses:
    """Return every synapse that the rules of a tissue stand for."""
    found: Synapses = defaultdict(int)
    first = tissue.first
    for rule in tissue.rules:
        for sources, targets, strengths in rule.spread(tissue.shape):
            for source, target, strength in zip(
                (first[rule.source] + sources).tolist(),
                (first[rule.target] + targets).tolist(),
                strengths[genome_id].tolist(),
                strict=True,
            ):
                found[source, target, rule.delay] += strength
    return {key: strength for key, strength in found.items() if strength != 0}
