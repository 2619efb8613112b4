"""The plan of Snake: it sees the raw board, as the observation "planes" shows it."""

from typing import Final

from spiking_agent.dna.grown.morphogens import MORPHOGENS
from spiking_agent.dna.grown.parts import GrowthRule, Layer
from spiking_agent.dna.grown.plan import Plan
from spiking_agent.dna.grown.scalars import Gene, PerCell

LENGTHS: Final = (0.1, 0.2, 0.35, 0.55)  # the same in all plans
FINER_LENGTHS: Final = (0.06, 0.15, 0.28, 0.45, 0.7, 0.82)
PLACES: Final = MORPHOGENS[:14]  # the same on all boards
ODD_ROWS: Final = (
    "constant",
    "row parity",
    "column parity",
    "top",
    "bottom",
    "left",
    "right",
    "second last row",
    "third last row",
)
ODD_COLUMNS: Final = (
    "constant",
    "row parity",
    "column parity",
    "top",
    "bottom",
    "left",
    "right",
    "second last column",
    "third last column",
)
ANY_BOARD: Final = (  # these, and others that are there only where a board has an odd side
    *PLACES,
    *(f"{name} where rows are odd" for name in ODD_ROWS),
    *(f"{name} where columns are odd" for name in ODD_COLUMNS),
)


def snake(
    *,
    body_size: int = 7,
    finer_lengths: tuple[float, ...] = FINER_LENGTHS,
    morphogens: tuple[str, ...] = ANY_BOARD,
) -> Plan:
    """Return a plan for Snake.

    Parameters
    ----------
    body_size : int
        Rows and columns in which an action's neuron hears the body, odd.
    finer_lengths : tuple of float
        Shares of the board from which on more length cells fire than those for `LENGTHS`.
    morphogens : tuple of str
        What the maps are made of.

    Notes
    -----
    Genes have the same names in all these plans, so that one of them can be the `part` of another.
    """
    threshold = Gene(center=28.0, spread=28.0, low=0.0, high=254.0)
    decay = Gene(center=0.5, spread=0.3, low=0.0, high=1.0, step=1 / 16)
    rest = Gene(center=0.0, spread=1.5, low=0.0, high=30.0)
    lengths: dict[str, tuple[float, ...]] = {"length": LENGTHS}
    if finer_lengths:
        lengths["finer length"] = finer_lengths
    layers = [
        *(_length_cells(name, shares) for name, shares in lengths.items()),
        Layer(name="growth", threshold=0.5, kept=1),
        Layer(name="hunger", threshold=PerCell(share=(0.6,), is_per_tick=True), decay=1.0, kept=2),
        Layer(name="hungry", threshold=0.5, kept=1),
        Layer(name="echo", threshold=0.5, kept=1),
        Layer(
            name="W",
            is_sheet=True,
            threshold=threshold,
            decay=decay,
            refractory_period=rest,
        ),
        Layer(
            name="D",
            is_sheet=True,
            is_oriented=True,
            threshold=200.0,
            decay=1.0,
            soft_reset=True,
        ),
        Layer(name="R", is_sheet=True, is_oriented=True, threshold=150.0),
        Layer(name="move", is_oriented=True, threshold=0.5),
    ]
    cells = ("always", *lengths, "hungry")
    rules = [*_organs(), *_hidden(cells), *_decision(body_size, morphogens, cells)]
    rules += [GrowthRule(kind="sum", source="body", target=name, strength=1) for name in lengths]
    return Plan(
        channels=("body", "head", "food"),
        actions=("up", "right", "down", "left"),
        turns=(0, 1, 2, 3),
        outputs="move",
        n_ticks=14,
        axis="gene",
        layers=tuple(layers),
        rules=tuple(rules),
    )


def small_snake() -> Plan:
    """Return the plan for Snake with the fewest genes, all of which `snake` has as well."""
    return snake(body_size=5, finer_lengths=(), morphogens=PLACES)


def _length_cells(name: str, shares: tuple[float, ...]) -> Layer:
    """Return cells that the body makes fire from a length on; the head is no part of it."""
    threshold = PerCell(share=shares, plus=-1.5, least=2.5)
    return Layer(name=name, copies=len(shares), threshold=threshold, kept=1)


def _organs() -> list[GrowthRule]:
    """Return the rules of the cells that know when the snake grew, and how long it has starved.

    "growth" fires while there is more body than one move ago. "hunger" is charged at every tick and
    emptied by growth. Once it has fired, "hungry" and "echo" excite each other until growth stops
    both. Its inhibition takes a tick longer, to arrive together with the last impulse of hunger.
    """
    rule = GrowthRule
    return [
        rule(kind="sum", source="body", target="growth", strength=1),
        rule(kind="sum", source="body", target="growth", strength=-1, moves=1),
        rule(kind="link", source="always", target="hunger", strength=1),
        rule(kind="link", source="growth", target="hunger", strength=32_000),
        rule(kind="link", source="hunger", target="hungry", strength=1),
        rule(kind="link", source="hunger", target="echo", strength=1),
        rule(kind="link", source="hungry", target="echo", strength=1),
        rule(kind="link", source="echo", target="hungry", strength=1),
        rule(kind="link", source="growth", target="hungry", strength=-4, ticks=1),
        rule(kind="link", source="growth", target="echo", strength=-4, ticks=1),
    ]


def _hidden(cells: tuple[str, ...]) -> list[GrowthRule]:
    """Return the rules of the hidden sheet, the same in all directions."""
    rule = GrowthRule
    return [
        *(
            rule(kind="radial", source=source, target="W", size=3)
            for source in ("head", "body", "food", "wall")
        ),
        rule(kind="radial", source="body", target="W", size=3, moves=2),
        *(rule(kind="bias", source=one, target="W") for one in cells),
    ]


def _decision(
    body_size: int, morphogens: tuple[str, ...], cells: tuple[str, ...]
) -> list[GrowthRule]:
    """Return the rules of the four sheets of actions, and of the way from them to the outputs.

    What an action's sheet says is passed on at the head only: R fires where D and the head do.
    """
    rule = GrowthRule
    return [
        rule(kind="kernel", source="body", target="D", size=body_size),
        rule(kind="kernel", source="wall", target="D", size=5),
        rule(kind="kernel", source="body", target="D", size=3, moves=2),
        rule(kind="kernel", source="food", target="D", size=3),
        rule(kind="kernel", source="W", target="D", size=3),
        rule(kind="far", source="food", target="D"),
        *(rule(kind="map", source=one, target="D", morphogens=morphogens) for one in cells),
        rule(kind="kernel", source="D", target="R", strength=100),
        rule(kind="kernel", source="head", target="R", strength=100),
        rule(kind="sum", source="R", target="move", strength=1),
    ]
