"""What a report shows of a grown brain: tables of its plan, and drawings of its genome."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from markupsafe import Markup

from spiking_agent.checks.words import counted
from spiking_agent.dna.grown.brain import GrownBrain
from spiking_agent.dna.grown.layout import Block
from spiking_agent.dna.grown.named_rules import named_rules, named_values
from spiking_agent.dna.grown.plan import Plan
from spiking_agent.organism.organism import Organism
from spiking_agent.report import growth_charts
from spiking_agent.report.sections import Figure
from spiking_agent.typing import Float64Array

MIRRORED: Final = " Of two mirror images, left for right, only the first is drawn."


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the page.

    Attributes
    ----------
    caption : str
        What it shows.
    columns : tuple of str
        Names of its columns.
    rows : list of tuple of str
        Its rows, each with a cell for each column.
    """

    caption: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Growth:
    """How a brain grows.

    Attributes
    ----------
    words : str
        Its size, in a sentence.
    tables : list of Table
        Its layers and its rules.
    figures : list of Figure
        The drawings.
    """

    words: str
    tables: list[Table]
    figures: list[Figure]


def growth(organism: Organism) -> Growth | None:
    """Return how an organism's brain grows; None if it is not grown.

    Parameters
    ----------
    organism : Organism
        The champion.
    """
    brain = organism.brain
    if not isinstance(brain, GrownBrain):
        return None
    n_rows, n_cols = brain.shape
    words = (
        f"{counted(brain.genome.size, 'gene')} grow into {counted(brain.n_neurons, 'neuron')} on a "
        f"board of {n_rows} x {n_cols}."
    )
    return Growth(words, [_layers(brain), _rules(brain)], _figures(brain))


def _layers(brain: GrownBrain) -> Table:
    """Return a table with a row for each channel, the constant neuron and each layer."""
    plan, tissue, layout = brain.plan, brain.tissue, brain.layout
    n_cells = tissue.n_cells
    rows: list[tuple[str, ...]] = [
        (name, f"{n_cells:,} inputs", "", "", "", "1", "") for name in plan.channels
    ]
    rows.append((plan.constant, "1 input, always driven", "", "", "", "1", ""))
    for layer in plan.layers:
        groups = list(layout.places[layer.name].values())
        size = f"{n_cells:,}" if layer.is_sheet else "1"
        kinds = f"{layer.copies} kinds"
        if layer.is_mirrored:
            kinds = counted(layer.copies // 2, "mirrored pair")
        size += f" x {kinds}" * (layer.copies > 1)
        size += f" x {counted(len(plan.actions), 'action')}" * layer.is_oriented
        values = [
            _range(getattr(tissue, name)[0, groups].astype(np.float64))
            for name in ("threshold", "decay", "refractory_period", "initiation_delay")
        ]
        values[0] += ", soft reset" * bool(tissue.soft_reset[0, groups].any())
        n_genes = sum(gene.layer == layer for gene in layout.scalar_genes)
        rows.append((layer.name, size, *values, f"{n_genes}" if n_genes else ""))
    names = ("layer", "neurons", "threshold", "decay", "refractory", "delay", "genes")
    return Table("Layers of neurons, with the parameters that this genome gives them", names, rows)


def _rules(brain: GrownBrain) -> Table:
    """Return a table with a row for each rule of the plan."""
    n_synapses: dict[str, int] = {}
    for name, rule in named_rules(brain):
        laid = sum(int(np.count_nonzero(each[2])) for each in rule.spread(brain.shape))
        n_synapses[name] = n_synapses.get(name, 0) + laid
    rows: list[tuple[str, ...]] = [
        (
            name,
            _pattern(block),
            f"{block.n_genes}" if block.n_genes else "fixed",
            _range(values.ravel()),
            f"{n_synapses[name]:,}",
        )
        for name, block, values in named_values(brain)
    ]
    names = ("rule", "pattern", "genes", "strengths", "synapses")
    return Table("Rules by which synapses grow: from > to", names, rows)


def _pattern(block: Block) -> str:
    rule = block.rule
    match rule.kind:
        case "kernel" | "radial":
            shape = f"{rule.size} x {rule.size} cells"
            return shape if rule.kind == "kernel" else f"{shape}, by distance"
        case "far":
            return "all cells, by direction"
        case "map":
            return counted(len(rule.morphogens), "morphogen")
        case "bias":
            return "the same in all cells"
        case "sum":
            return "from all cells"
    return "one synapse"


def _turned(plan: Plan) -> str:
    """Return a sentence about kernels that are not drawn, because they are others, turned."""
    turned = [action for action, turn in zip(plan.actions, plan.turns, strict=False) if turn == 0]
    if not turned:
        return ""
    return f" Kernels of oriented layers are those of {turned[0]}, turned for the others."


def _has_images(plan: Plan) -> bool:
    return bool(plan.mirrors) or any(layer.is_mirrored for layer in plan.layers)


def _figures(brain: GrownBrain) -> list[Figure]:
    """Return the drawings; those for which there is nothing are left out."""
    mirrored = MIRRORED * _has_images(brain.plan)
    words = mirrored or _turned(brain.plan)
    drawn = [
        (
            "Route",
            "The route that the brain has in its blood: in each cell an arrow for the action whose "
            "neuron hears most from the constant neuron, the wall included; on the other boards "
            "also from all neurons of a second layer at once. Its length is the square root of "
            "its lead over the second action. A point: no action leads, or it has no direction.",
            growth_charts.route(brain),
        ),
        (
            "Kernels",
            "What a neuron hears from the cells around its own, which has a frame; orange excites, "
            "blue inhibits. Far: from all cells in a direction." + words,
            growth_charts.kernels(brain),
        ),
        *(
            (
                f"Morphogens: {name.removesuffix(', map')}",
                "Weights of the morphogens, whose sum in a cell is the strength of the synapse "
                "there. Where there are several bars, the lightest is that of the first neuron."
                + mirrored,
                svg,
            )
            for name, svg in growth_charts.morphogens(brain)
        ),
    ]
    return [Figure(title, words, Markup(svg), is_wide=True) for title, words, svg in drawn if svg]  # noqa: S704


def _range(values: Float64Array) -> str:
    """Return the least and the greatest of some values, or the only one."""
    low, high = float(values.min()) + 0.0, float(values.max()) + 0.0  # never -0
    return f"{low:,.6g}" if low == high else f"{low:,.6g} to {high:,.6g}"
