"""The parts of a plan: layers of neurons, and the rules by which synapses between them grow."""

from dataclasses import dataclass
from typing import Any, Final

from spiking_agent.brain.parameters import MAX_TICKS, PER_NEURON
from spiking_agent.checks.arguments import choice, flag, several, text, whole
from spiking_agent.checks.words import meant, shown
from spiking_agent.dna.grown.morphogens import MORPHOGENS
from spiking_agent.dna.grown.scalars import RANGES, PerCell, Scalar, scalar

WALL: Final = "wall"  # the ring of cells round the grid, as a source
ENDS: Final[dict[str, tuple[bool, bool]]] = {  # whether sources and targets are sheets
    "kernel": (True, True),
    "radial": (True, True),
    "far": (True, True),
    "sum": (True, False),
    "map": (False, True),
    "bias": (False, True),
    "link": (False, False),
}
PAIRS: Final = ("same", "each")
MAX_PARTS: Final = 64  # channels, actions, layers, copies of one, morphogens of a rule
MAX_RULES: Final = 512
MAX_SIZE: Final = 15  # of a kernel
MAX_STRENGTH: Final = 2**15 - 1
MAX_GENE: Final = 127  # largest size of a strength that a gene stands for, unless a rule says so
MAX_NAME: Final = 40
KEPT: Final = 2  # the largest value; see `Layer`


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Sheets with a neuron for each cell, or single neurons, that share their parameters.

    A layer has one sheet, or one single neuron, for each of its copies and, if it is oriented, for
    each action.

    Parameters
    ----------
    name : str
        Its name.
    is_sheet : bool
        Whether it has a neuron for each cell, or only one.
    is_oriented : bool
        Whether there is one for each action.
    copies : int
        How many of the same kind there are, 1 to 64; their rules have genes of their own, unless
        they are mirrored.
    is_mirrored : bool
        Whether its copies come in pairs, the first with the second and so on, that are mirror
        images of each other, left for right. They share their genes.
    threshold, decay, refractory_period, initiation_delay, soft_reset : number, PerCell or Gene
        Parameters of its neurons, as in `Connectome`. Each copy has a gene of its own, unless they
        are mirrored.
    kept : int
        What outlives a decision where the codec says "impulses": 0 nothing, 1 impulses in flight,
        2 these and the potential.

    Raises
    ------
    ValueError
        If a value is out of range, there are more shares of a PerCell than copies, mirror images
        have different ones or no partner, or a neuron could have both a soft reset and a
        refractory period.
    """

    name: str
    threshold: Scalar
    is_sheet: bool = False
    is_oriented: bool = False
    copies: int = 1
    is_mirrored: bool = False
    decay: Scalar = 0.0
    refractory_period: Scalar = 0.0
    initiation_delay: Scalar = 1.0
    soft_reset: Scalar = False
    kept: int = 0

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "name", named("name", self.name))
        for name in ("is_sheet", "is_oriented", "is_mirrored"):
            put(self, name, flag(name, getattr(self, name)))
        put(self, "copies", whole("copies", self.copies, 1, MAX_PARTS))
        if self.is_mirrored and self.copies % 2 == 1:
            raise ValueError(f"copies must be even where they are mirrored, got {self.copies}")
        put(self, "kept", whole("kept", self.kept, 0, KEPT))
        for name in RANGES:
            value = scalar(name, getattr(self, name))
            put(self, name, value)
            if isinstance(value, PerCell) and len(value.share) not in (1, self.copies):
                raise ValueError(
                    f"share of {name} must have one number, or {self.copies}, as there are copies, "
                    f"got {len(value.share)}"
                )
            if (
                self.is_mirrored
                and isinstance(value, PerCell)
                and len(value.share) > 1
                and value.share[::2] != value.share[1::2]
            ):
                raise ValueError(
                    f"share of {name} must be the same for mirror images, got {shown(value.share)}"
                )
        if self.soft_reset is not False and self.refractory_period != 0:
            raise ValueError(
                "refractory_period must be 0 with a soft_reset, because the potential is 0 in it, "
                f"got {shown(self.refractory_period)}"
            )

    def original(self, copy: int) -> int:
        """Return the copy whose genes a copy reads: itself or, for the second of a pair, the first.

        Parameters
        ----------
        copy : int
            Its number, from 0.
        """
        return copy - copy % 2 if self.is_mirrored else copy


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthRule:
    """How the synapses from one layer to another grow.

    Parameters
    ----------
    kind : str
        ``"kernel"``: a strength for each offset, the same round every cell. ``"radial"``: one for
        each distance. ``"far"``: over any distance, one for each direction, which is the sign of
        the way in rows and in columns. ``"sum"``: from all cells to a single neuron. ``"map"``:
        from a single neuron to all cells, a weighted sum of morphogens, for each action its own.
        ``"bias"``: the same, equal everywhere. ``"link"``: between single neurons.
    source, target : str
        Names of layers. A source may be a channel, the constant neuron or, for kernel and radial
        rules, the wall, which is the ring of cells round the grid.
    size : int
        Rows and columns of a kernel, odd, 1 to 15.
    morphogens : tuple of str
        Those that a map is made of.
    pairs : {"same", "each"}
        From an oriented layer to an oriented layer: each to the one of the same action only, or
        to each, with strengths for each turn between the two. Only where both are oriented.
    strength : int or None
        The strength of all its synapses, or None if there are genes for them.
    moves, ticks : int
        Delay in addition to that of the source, in decisions and in ticks.
    limit : int
        Largest size of a strength that a gene stands for, 1 to 32,767; not beside a `strength`.

    Raises
    ------
    ValueError
        If a value is out of range or means nothing for this kind of rule.
    """

    kind: str
    source: str
    target: str
    size: int = 1
    morphogens: tuple[str, ...] = ()
    pairs: str = "same"
    strength: int | None = None
    moves: int = 0
    ticks: int = 0
    limit: int = MAX_GENE

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "kind", choice("kind", self.kind, ENDS))
        for name in ("source", "target"):
            put(self, name, named(name, getattr(self, name)))
        put(self, "size", whole("size", self.size, 1, MAX_SIZE))
        put(self, "pairs", choice("pairs", self.pairs, PAIRS))
        put(self, "morphogens", several("morphogens", self.morphogens, _morphogen, 0, MAX_PARTS))
        for name in ("moves", "ticks"):
            put(self, name, whole(name, getattr(self, name), 0, MAX_TICKS))
        put(self, "limit", whole("limit", self.limit, 1, MAX_STRENGTH))
        if self.strength is not None:
            strength = whole("strength", self.strength, -MAX_STRENGTH, MAX_STRENGTH)
            put(self, "strength", strength)
            if strength == 0:
                raise ValueError("strength must not be 0, which is no synapse, got 0")
            if self.kind == "map":
                raise ValueError(f"strength must be None for a map, got {strength}: try bias")
            if self.limit != MAX_GENE:
                raise ValueError(
                    f"limit must be {MAX_GENE} beside a strength, because it is for genes, "
                    f"got {self.limit}"
                )
        if self.size % 2 == 0:
            raise ValueError(f"size must be odd, got {self.size}")
        if self.size > 1 and self.kind not in ("kernel", "radial"):
            raise ValueError(f"size must be 1 for a {self.kind}, got {self.size}")
        if bool(self.morphogens) != (self.kind == "map"):
            rule = "at least one" if self.kind == "map" else f"empty for a {self.kind}"
            raise ValueError(f"morphogens must be {rule}, got {shown(self.morphogens)}")
        if len(set(self.morphogens)) < len(self.morphogens):
            raise ValueError(f"morphogens must differ, got {shown(self.morphogens)}")
        if self.source == WALL and (self.kind not in ("kernel", "radial") or self.delays):
            raise ValueError(
                f"rule from the {WALL} must be a kernel or radial, without a delay, "
                f"got {self.kind}{self.after}"
            )

    @property
    def is_map(self) -> bool:
        """Whether it becomes one strength for each cell, from the constant neuron or the like."""
        return self.source == WALL or self.kind in ("map", "bias")

    @property
    def width(self) -> int:
        """Rows and columns of its kernel; 3 for a far rule, which knows nine directions."""
        return 3 if self.kind == "far" else self.size

    @property
    def delays(self) -> bool:
        """Whether its impulses take longer than the initiation delay of their source."""
        return self.moves > 0 or self.ticks > 0

    @property
    def after(self) -> str:
        """The delay in words, such as `` after 2 moves``; empty if there is none."""
        delays = [(self.moves, "move"), (self.ticks, "tick")]
        counted = [f"{n} {noun}{'s' * (n != 1)}" for n, noun in delays if n]
        return f" after {' and '.join(counted)}" if counted else ""


def fixed_value(layer: Layer, name: str, copy: int, n_cells: int, n_ticks: int) -> float:
    """Return a parameter of a layer's neurons that is no gene.

    Parameters
    ----------
    layer : Layer
        The layer.
    name : str
        Name of the parameter. One that layers do not have takes its default.
    copy : int
        Which of its copies, from 0.
    n_cells : int
        Cells of the grid.
    n_ticks : int
        Ticks of a decision.
    """
    value: Any = getattr(layer, name, PER_NEURON[name].default)
    if isinstance(value, PerCell):
        value = min(value.value(copy, n_cells, n_ticks), RANGES[name][1])
    return float(value)


def _morphogen(name: str, given: object) -> str:
    """Return the name of a morphogen; there are too many to list them all."""
    called = text(name, given)
    if called not in MORPHOGENS:
        some = ", ".join(MORPHOGENS[:3])
        raise ValueError(
            f"{name} must be one of the {len(MORPHOGENS)} morphogens, such as {some}, "
            f"got {shown(called)}{meant(called, MORPHOGENS)}"
        )
    return called


def is_name(given: str) -> bool:
    """Return whether a string can be a name: 1 to 40 printable characters.

    Parameters
    ----------
    given : str
        Any string.
    """
    return 0 < len(given) <= MAX_NAME and given.isprintable()


def named(name: str, given: object) -> str:
    """Return a name that fits on a line.

    Parameters
    ----------
    name : str
        What messages call it.
    given : object
        A string of 1 to 40 printable characters.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    called = text(name, given)
    if not is_name(called):
        raise ValueError(
            f"{name} must be at most {MAX_NAME} printable characters, got {shown(called)}"
        )
    return called
