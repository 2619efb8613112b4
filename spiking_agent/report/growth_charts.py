"""Draw what a grown brain's genome says, each drawing an SVG element."""

from typing import Any, Final

import numpy as np

from spiking_agent.brain.sheets.rules import Map
from spiking_agent.dna.grown.brain import GrownBrain
from spiking_agent.dna.grown.growth import kernels_of
from spiking_agent.dna.grown.named_rules import NamedValues, named_values
from spiking_agent.report.svg import BLUE, FAINT, INK, ORANGE, shades, style, to_svg
from spiking_agent.typing import Float64Array

WIDE: Final = 9.4  # inches: the width of the page
N_COLUMNS: Final = 6
MAX_KERNELS: Final = 60
MAX_ARROWS: Final = 2**12  # cells of a board that arrows are drawn on
WAYS: Final[dict[str, tuple[int, int]]] = {  # actions with a direction, in columns and rows
    "up": (0, -1),
    "right": (1, 0),
    "down": (0, 1),
    "left": (-1, 0),
}


def kernels(brain: GrownBrain) -> str:
    """Draw the kernels that have genes, as heat maps around the neuron that hears.

    Parameters
    ----------
    brain : GrownBrain
        The brain.

    Returns
    -------
    str
        Empty if there are none; of more than `MAX_KERNELS` the first ones.
    """
    found = [
        (f"{family}\n{block.rule.kind}{block.rule.after}", pattern)
        for _, block, values in named_values(brain)
        if block.n_genes and block.rule.kind in ("kernel", "radial", "far")
        for family, pattern in zip(block.families, kernels_of(block, values[None])[0], strict=True)
        if len(pattern) > 1
    ][:MAX_KERNELS]
    if not found:
        return ""
    greatest = max(1.0, *(float(np.abs(pattern).max()) for _, pattern in found))
    n_rows = -(-len(found) // N_COLUMNS)
    with style():
        from matplotlib.figure import Figure

        made = Figure(figsize=(WIDE, 0.3 + 1.75 * n_rows), layout="constrained")
        grid = made.subplots(n_rows, N_COLUMNS, squeeze=False)
        image: Any = None
        for axes in grid.flat:
            axes.set_axis_off()
        for axes, (title, pattern) in zip(grid.flat, found, strict=False):
            image = axes.imshow(
                pattern, cmap=shades(255), vmin=-greatest, vmax=greatest, interpolation="none"
            )
            axes.set_title(title, fontsize=7.5)
            middle = len(pattern) // 2
            _frame(axes, middle)
        bar = made.colorbar(image, ax=grid, pad=0.01, aspect=30)
        bar.outline.set_visible(False)
        bar.set_label("strength")
        return to_svg(made)


def morphogens(brain: GrownBrain) -> list[tuple[str, str]]:
    """Draw the weights of morphogens, for each rule of the kind map; return names and drawings.

    Parameters
    ----------
    brain : GrownBrain
        The brain.
    """
    maps = [each for each in named_values(brain) if each.block.rule.kind == "map"]
    return [(each.name, _weights(each)) for each in maps]


def _weights(each: NamedValues) -> str:
    """Draw the weights of one rule: a column for each target, and a bar for each source."""
    names = each.block.rule.morphogens
    columns: dict[str, list[Float64Array]] = {}
    for family, values in zip(each.block.families, each.values, strict=True):
        columns.setdefault(family.split(" > ", 1)[1], []).append(values)
    n_bars = max(map(len, columns.values()))
    line = 0.19 if n_bars == 1 else 0.28
    with style():
        from matplotlib.figure import Figure

        height = min(12.0, 0.8 + line * len(names))
        made = Figure(figsize=(WIDE, height), layout="constrained")
        row = made.subplots(1, len(columns), sharex=True, sharey=True, squeeze=False)[0]
        for axes, (target, bars) in zip(row, columns.items(), strict=True):
            for k, values in enumerate(bars):
                places = np.arange(len(names)) + 0.8 * ((k + 0.5) / n_bars - 0.5)
                colors = [ORANGE if value > 0 else BLUE for value in values]
                alpha = 1.0 if n_bars == 1 else 0.35 + 0.65 * k / (n_bars - 1)
                axes.barh(places, values, 0.72 / n_bars, color=colors, alpha=alpha)
            axes.axvline(0, color=FAINT, linewidth=0.8)
            axes.set_title(target, fontsize=9)
            axes.set_yticks(range(len(names)), names, fontsize=8)
            axes.tick_params(axis="x", labelsize=8)
            axes.grid(visible=True, axis="x")
        row[0].invert_yaxis()
        made.supxlabel("strength", fontsize=9)
        return to_svg(made)


def route(brain: GrownBrain) -> str:
    """Draw the way that maps send a brain on: an arrow for each cell of the board.

    Parameters
    ----------
    brain : GrownBrain
        The brain.

    Returns
    -------
    str
        Empty if no oriented sheets with two directions or more hear the constant neuron by a map,
        or the board has too many cells.
    """
    boards = boards_of(brain)
    if not boards or brain.shape[0] * brain.shape[1] > MAX_ARROWS:
        return ""
    n_rows, n_cols = brain.shape
    with style():
        from matplotlib.figure import Figure

        n_across = min(len(boards), 3)
        n_down = -(-len(boards) // n_across)
        side = WIDE / 3
        height = n_down * (0.35 + side * min(n_rows / n_cols, 3.0))
        made = Figure(figsize=(WIDE, height), layout="constrained")
        grid = made.subplots(n_down, n_across, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        for axes, (title, drives) in zip(grid.flat, boards, strict=False):
            axes.set_axis_on()
            _arrows(axes, drives, brain.plan.actions)
            axes.set_title(title, fontsize=9)
            axes.set(xlim=(-0.5, n_cols - 0.5), ylim=(n_rows - 0.5, -0.5), aspect="equal")
            axes.set_xticks(np.arange(n_cols + 1) - 0.5, [])
            axes.set_yticks(np.arange(n_rows + 1) - 0.5, [])
            axes.tick_params(length=0)
            axes.grid(visible=True)
            for spine in axes.spines.values():
                spine.set_visible(True)
        return to_svg(made)


def boards_of(brain: GrownBrain) -> list[tuple[str, Float64Array]]:
    """Return what maps send to the neurons of each action and cell in a tick, with a name.

    Parameters
    ----------
    brain : GrownBrain
        The brain.

    Returns
    -------
    list of (str, ndarray of float, shape (n_actions, n_rows, n_cols))
        For each layer of oriented sheets that hears the constant neuron by a map: what comes from
        that neuron alone, and together with all neurons of another layer. The wall is part of it.
    """
    plan, layout = brain.plan, brain.layout
    if sum(action in WAYS for action in plan.actions) < 2:
        return []
    sources: dict[str, list[str]] = {}
    for rule in plan.rules:
        target = plan.find(rule.target)
        if rule.kind == "map" and target.is_oriented and target.copies == 1:
            sources.setdefault(rule.target, []).append(rule.source)
    boards = []
    for name, heard in sources.items():
        if plan.constant not in heard:
            continue
        groups = [layout.places[name][0, action] for action in range(len(plan.actions))]
        always = _drives(brain, plan.constant, groups)
        boards.append((f"{name}: {plan.constant}", always))
        boards += [
            (f"{name}: {plan.constant} and {other}", always + _drives(brain, other, groups))
            for other in dict.fromkeys(heard)
            if other != plan.constant
        ]
    return boards


def _drives(brain: GrownBrain, source: str, groups: list[int]) -> Float64Array:
    """Return the sum of the maps from the neurons of a layer to some sheets."""
    sources = {*brain.layout.places[source].values()}
    drives = np.zeros((len(groups), *brain.shape))
    for rule in brain.tissue.rules:
        if isinstance(rule, Map) and rule.source in sources and rule.target in groups:
            drives[groups.index(rule.target)] += rule.strength[0]
    return drives


def _arrows(axes: Any, drives: Float64Array, actions: tuple[str, ...]) -> None:
    """Draw an arrow for the action with the largest drive in each cell, as long as its lead."""
    best = drives.argmax(axis=0)
    first, second = np.sort(drives, axis=0)[[-1, -2]]
    lead = np.sqrt((first - second) / max(1.0, float((first - second).max())))
    rows, columns = np.indices(best.shape)
    ways = np.array([WAYS.get(action, (0, 0)) for action in actions])[best]
    length = np.where(lead > 0, 0.3 + 0.6 * lead, 0.0)
    has_way = (np.abs(ways).sum(axis=2) > 0) & (lead > 0)
    along = ways * length[..., None]
    axes.quiver(
        (columns - along[..., 0] / 2)[has_way],
        (rows - along[..., 1] / 2)[has_way],
        along[..., 0][has_way],
        along[..., 1][has_way],
        angles="xy",
        scale_units="xy",
        scale=1,
        units="xy",
        width=0.11,
        headwidth=3.2,
        headlength=3.0,
        headaxislength=2.8,
        minlength=0.1,
        color=INK,
    )
    axes.plot(columns[~has_way], rows[~has_way], ".", color=FAINT, markersize=3)


def _frame(axes: Any, middle: int) -> None:
    """Draw a frame round the cell of the neuron that hears."""
    from matplotlib.patches import Rectangle

    frame = Rectangle(
        (middle - 0.5, middle - 0.5), 1, 1, fill=False, edgecolor="#1b1f24", linewidth=0.8
    )
    axes.add_patch(frame)
