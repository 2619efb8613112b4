"""The rows as a chart: one panel per unit, ours against the others, on logarithmic scales."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.harness.results import (
    DECISIONS,
    IMPULSES,
    MEASURED,
    MOVES,
    US_DECISION,
    US_TICK,
    US_TICK_BRAIN,
    Figure,
    Row,
    Unit,
)
from benchmarks.show.table import number

PANELS = {
    DECISIONS: "Environment: decisions per second",
    US_TICK: "Engine, one brain: microseconds per tick",
    US_TICK_BRAIN: "Engine, many brains: microseconds per tick and brain",
    US_DECISION: "One decision from Python: microseconds",
    IMPULSES: "Actors: delivered impulses per second",
    MOVES: "Evolution: moves per second",
}
# Colours of Okabe and Ito, which also differ in brightness; our bars are hatched as well.
OURS_COLOUR, OTHER_COLOUR, MARK_COLOUR = "#0072b2", "#e69f00", "#000000"
BAR_IN, PANEL_IN, EDGES_IN = 0.27, 0.75, 1.1  # heights in inches
GAP = 0.6  # between rows, in bars


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; ours have a mark and a bold name."""

    name: str
    figure: Figure
    place: float  # downwards from the top, in bars
    is_ours: bool


def write_chart(path: Path, rows: Sequence[Row], machine: dict[str, Any]) -> None:
    """Draw all rows that are speeds, as a PNG."""
    from matplotlib.figure import Figure as Picture

    panels = {unit: [row for row in rows if row.unit == unit and _own(row)] for unit in PANELS}
    panels = {unit: shown for unit, shown in panels.items() if shown}
    heights = [PANEL_IN + BAR_IN * _bars(shown)[-1].place for shown in panels.values()] or [1.0]
    picture = Picture(figsize=(10, sum(heights) + EDGES_IN), layout="constrained")
    grid = picture.subplots(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
    for axes, (unit, shown) in zip(grid, panels.items(), strict=False):
        _draw(axes, unit, shown)
    if not panels:
        grid[0].set_axis_off()
        grid[0].text(0.5, 0.5, "none of the rows measured is a speed", ha="center")
    picture.suptitle(
        "This project (blue) beside baselines and other projects (orange)", fontsize=13
    )
    about = f"{machine['cpu']}, {machine['cores']} cores, Python {machine['python']}"
    key = "one run; median and range by CPU time, evolution by wall time; black: the mark to reach"
    picture.supxlabel(f"{about}\n{key}", fontsize=8)
    picture.savefig(path, format="png", dpi=110)


def _own(row: Row) -> Figure | None:
    return row.cpu if row.basis == "cpu" else row.wall


def _bars(rows: Sequence[Row]) -> list[Bar]:
    """Return the bars of a panel, those of each row below each other."""
    bars: list[Bar] = []
    place = 0.0
    for row in rows:
        own = _own(row)
        if own is None:
            continue
        name = f"{row.name}, {row.case}" if row.case else row.name
        bars.append(Bar(name, own, place, is_ours=True))
        for other in row.beside:
            theirs = other.wall if row.basis == "wall" or other.cpu is None else other.cpu
            if other.status == MEASURED and row.ratio(other) is not None and theirs is not None:
                place += 1.0
                bars.append(Bar(other.name, theirs, place, is_ours=False))
        place += 1.0 + GAP
    return bars


def _draw(axes: Any, unit: Unit, rows: Sequence[Row]) -> None:
    """Draw the panel of one unit."""
    bars = _bars(rows)
    for bar in bars:
        _draw_bar(axes, bar)
    for row, bar in zip(rows, (bar for bar in bars if bar.is_ours), strict=True):
        if row.mark is not None:
            ends = bar.place - 0.5, bar.place + 0.5
            axes.plot([row.mark, row.mark], ends, color=MARK_COLOUR, linewidth=2.5)
    marks = [row.mark for row in rows if row.mark is not None]
    values = [bar.figure.low for bar in bars] + [bar.figure.high for bar in bars] + marks
    axes.set_xscale("log")
    axes.set_xlim(min(values) / 3, max(values) * 3)
    axes.xaxis.set_major_formatter(lambda value, _: number(value))
    axes.xaxis.set_minor_formatter(lambda value, _: "")
    axes.tick_params(axis="x", labelsize=8)
    axes.set_yticks([bar.place for bar in bars], [bar.name for bar in bars], fontsize=8)
    for label, bar in zip(axes.get_yticklabels(), bars, strict=True):
        label.set_fontweight("bold" if bar.is_ours else "normal")
    axes.set_ylim(bars[-1].place + 0.6, -0.6)
    axes.spines[["top", "right"]].set_visible(False)
    way = "longer is better" if unit.is_rate else "shorter is better"
    axes.set_title(f"{PANELS[unit]} ({way})", fontsize=10, loc="left")


def _draw_bar(axes: Any, bar: Bar) -> None:
    figure = bar.figure
    axes.barh(
        bar.place,
        figure.median,
        color=OURS_COLOUR if bar.is_ours else OTHER_COLOUR,
        hatch="///" if bar.is_ours else "",
        edgecolor="white",
        height=0.8,
    )
    spread = [[figure.median - figure.low], [figure.high - figure.median]]
    axes.errorbar(figure.median, bar.place, xerr=spread, fmt="none", ecolor="#444444", capsize=2)
    axes.annotate(
        number(figure.median),
        (figure.high, bar.place),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        fontsize=8,
        bbox={"boxstyle": "square,pad=0.1", "color": "white", "alpha": 0.8},
    )
