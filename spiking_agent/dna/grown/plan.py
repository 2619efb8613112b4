"""Plans: which neurons grown brains have, and which rules between them.

A plan is data: frozen dataclasses that check their values and can be saved as JSON.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Self

from spiking_agent.brain.parameters import MAX_TICKS
from spiking_agent.checks.arguments import choice, number, several, whole
from spiking_agent.checks.words import shown
from spiking_agent.dna.grown.parts import (
    ENDS,
    MAX_PARTS,
    MAX_RULES,
    MAX_STRENGTH,
    WALL,
    GrowthRule,
    Layer,
    named,
)
from spiking_agent.dna.grown.scalars import from_json, to_json
from spiking_agent.dna.ports import pair
from spiking_agent.typing import Json

AXES: Final = ("fixed", "gene")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What grown brains are made of.

    Parameters
    ----------
    channels : tuple of str
        Names of the input sheets, in the order of the channels of the observation.
    constant : str
        Name of the input neuron that is driven at every tick.
    actions : tuple of str
        Names of the actions, in order.
    turns : tuple of int or None
        The orientation of each action: by how many quarter-turns, clockwise, its kernels are
        those of the action with turn 0. None is for an action without orientation, which has
        kernels of its own. Empty if no action has one.
    mirrors : tuple of (int, int)
        Pairs of actions, by number, that are mirror images of each other, left for right: they
        share their kernels and maps. Each action is in one pair at most; one that is in none may
        hear something else on the left than on the right. Empty if there are turns, beside which
        no layer is mirrored either.
    outputs : str
        The layer that a decoder reads: oriented, and of single neurons.
    n_ticks : int
        Ticks of a decision, 1 to 10,000.
    layers : tuple of Layer
        All other neurons.
    rules : tuple of GrowthRule
        Their synapses.
    unit : float
        The strength that a gene of 1 stands for, > 0.
    axis : {"fixed", "gene"}
        Along which side of a grid brains lie. "fixed": always the same one. "gene": where one side
        has an odd number of cells, a gene says whether that is to be the number of rows or of
        columns; if it is the other, brains grow as on the grid mirrored at its diagonal. Each turn
        must then have one action.

    Raises
    ------
    ValueError
        If a value is out of range, names are not unique, an action has two mirror images, there
        are turns beside mirror images, two rules are the same, or one names a layer that does not
        exist or does not fit its kind.
    """

    channels: tuple[str, ...]
    actions: tuple[str, ...]
    outputs: str
    n_ticks: int
    layers: tuple[Layer, ...]
    rules: tuple[GrowthRule, ...]
    turns: tuple[int | None, ...] = ()
    mirrors: tuple[tuple[int, int], ...] = ()
    constant: str = "always"
    unit: float = 28.0
    axis: str = "fixed"

    def __post_init__(self) -> None:
        put = object.__setattr__
        for name in ("channels", "actions"):
            put(self, name, several(name, getattr(self, name), named, 1, MAX_PARTS))
        put(self, "constant", named("constant", self.constant))
        put(self, "n_ticks", whole("n_ticks", self.n_ticks, 1, MAX_TICKS))
        within = f"in (0, {MAX_STRENGTH}]"
        put(self, "unit", number("unit", self.unit, within, lambda v: 0.0 < v <= MAX_STRENGTH))
        put(self, "turns", several("turns", self.turns, _turn, 0, MAX_PARTS))
        if self.turns and len(self.turns) != len(self.actions):
            raise ValueError(
                f"turns must be {len(self.actions)}, one for each action, or empty, "
                f"got {len(self.turns)}"
            )
        pairs = several("mirrors", self.mirrors, partial(pair, what="actions"), 0, MAX_PARTS)
        put(self, "mirrors", pairs)
        put(self, "axis", choice("axis", self.axis, AXES))
        if self.axis == "gene" and sorted(map(str, self.turns)) != ["0", "1", "2", "3"]:
            raise ValueError(f"turns must be 0, 1, 2 and 3 in any order, got {shown(self.turns)}")
        layers = several("layers", self.layers, partial(_part, Layer), 1, MAX_PARTS)
        put(self, "layers", layers)
        self._check_mirrors()
        names = [*self.channels, self.constant, *(layer.name for layer in layers)]
        for unique in (names, self.actions):
            if len({*unique, WALL}) <= len(unique):
                raise ValueError(f"names must differ, and none be {WALL!r}, got {shown(unique)}")
        outputs = self.find(named("outputs", self.outputs))
        if outputs.is_sheet or not outputs.is_oriented or outputs.copies > 1:
            raise ValueError(
                f"outputs must be single neurons, one for each action, got {shown(outputs)}"
            )
        rules = several("rules", self.rules, partial(_part, GrowthRule), 1, MAX_RULES)
        put(self, "rules", rules)
        laid = set()
        for place, rule in enumerate(rules):
            self._check(f"rules[{place}]", rule)
            key = (rule.kind, rule.source, rule.target, self.delay(rule))
            if key in laid:
                raise ValueError(
                    f"rules[{place}] must differ from the rules before it in kind, source, target "
                    f"or delay, got another {rule.kind} from {rule.source!r} to {rule.target!r}"
                )
            laid.add(key)

    def find(self, name: str) -> Layer:
        """Return the layer of a name.

        Parameters
        ----------
        name : str
            Its name.

        Raises
        ------
        ValueError
            If there is none.
        """
        for layer in self.layers:
            if layer.name == name:
                return layer
        names = ", ".join(layer.name for layer in self.layers)
        raise ValueError(f"layer must be one of {names}, got {shown(name)}")

    def _check_mirrors(self) -> None:
        """Refuse pairs of actions that are none, or that turns contradict."""
        ids = [action for pair in self.mirrors for action in pair]
        if len(set(ids)) < len(ids) or not set(ids) <= set(range(len(self.actions))):
            raise ValueError(
                f"mirrors must be pairs of actions, 0 to {len(self.actions) - 1}, each once, "
                f"got {shown(self.mirrors)}"
            )
        for layer in self.layers:
            if layer.is_mirrored and self.turns:
                raise ValueError(
                    f"turns must be empty beside the mirrored layer {layer.name!r}, "
                    f"got {shown(self.turns)}"
                )
        if ids and self.turns:
            raise ValueError(f"mirrors must be empty beside turns, got {shown(self.mirrors)}")

    def _check(self, name: str, rule: GrowthRule) -> None:
        """Refuse a rule whose ends do not exist or do not fit its kind."""
        try:
            is_sheet = (self._is_sheet(rule.source), self.find(rule.target).is_sheet)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
        if is_sheet != ENDS[rule.kind]:
            ends = ["sheets" if end else "single neurons" for end in ENDS[rule.kind]]
            raise ValueError(
                f"{name} must go from {ends[0]} to {ends[1]}, as a {rule.kind} does, "
                f"got {rule.source!r} and {rule.target!r}"
            )
        if rule.pairs == "each" and not (
            self._is_oriented(rule.source) and self._is_oriented(rule.target)
        ):
            raise ValueError(
                f"{name} must go between oriented layers with pairs 'each', "
                f"got {rule.source!r} and {rule.target!r}"
            )
        if self.delay(rule) > MAX_TICKS:
            raise ValueError(
                f"{name} must have a delay of at most {MAX_TICKS:,} ticks, got {self.delay(rule):,}"
            )

    def _is_oriented(self, name: str) -> bool:
        return name not in (*self.channels, self.constant, WALL) and self.find(name).is_oriented

    def _is_sheet(self, source: str) -> bool:
        if source in (*self.channels, WALL):
            return True
        return source != self.constant and self.find(source).is_sheet

    def delay(self, rule: GrowthRule) -> int:
        """Return the delay of a rule in ticks, in addition to that of its source.

        Parameters
        ----------
        rule : GrowthRule
            A rule of this plan.
        """
        return rule.moves * self.n_ticks + rule.ticks

    def to_json(self) -> Json:
        """Return everything that `from_json` needs; what has its default is left out."""
        return to_json(self)

    @classmethod
    def from_json(cls, description: Mapping[str, Any]) -> Self:
        """Return the plan that `to_json` wrote.

        Parameters
        ----------
        description : mapping
            JSON values.

        Raises
        ------
        ValueError
            If it is no plan.
        """
        return from_json(cls, "plan", description)


def _turn(name: str, given: object) -> int | None:
    return None if given is None else whole(name, given, 0, 3)


def _part(kind: type[Any], name: str, given: object) -> Any:
    return given if isinstance(given, kind) else from_json(kind, name, given)
