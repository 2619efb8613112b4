"""The rows as a table for the terminal."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.harness.results import MEASURED, Beside, Figure, Row, Unit
from benchmarks.harness.single_runs import UNKNOWN, seed_table


def number(value: float) -> str:
    """Return a value with three or four digits and, if it is large, M or k."""
    for limit, scale, letter in ((1e6, 1e6, " M"), (1e4, 1e3, " k")):
        if abs(value) >= limit:
            return f"{value / scale:.3g}{letter}" if value < 1e3 * scale else f"{value:.3g}"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def figure_text(figure: Figure | None) -> str:
    """Return a median with its range, as text."""
    if figure is None:
        return UNKNOWN
    if figure.low == figure.high:
        return number(figure.median)
    return f"{number(figure.median)} ({number(figure.low)}..{number(figure.high)})"


def print_table(console: Console, rows: Sequence[Row], machine: dict[str, Any]) -> None:
    """Print all rows, with peers and baselines indented below each."""
    table = Table(title="Benchmarks: median (min..max)", title_justify="left", pad_edge=False)
    table.add_column("what", overflow="fold", ratio=1)
    table.add_column("unit", no_wrap=True)
    for name in ("by CPU time", "by wall time", "mark", "ours is faster by"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        name = f"{row.name}: {row.case}" if row.case else row.name
        cells = (row.unit.name, figure_text(row.cpu), figure_text(row.wall))
        table.add_row(Text(name, "bold"), *cells, _mark(row), "")
        for other in row.beside:
            table.add_row(*_beside(row, other), style="dim")
        table.add_section()
    console.print(table)
    for row in rows:
        if row.runs:
            _print_seeds(console, row)
    for row in rows:
        console.print(f"{row.name}{f' ({row.case})' if row.case else ''}: {row.what}", style="dim")
        for note in row.notes:
            console.print(f"  {note}", style="dim")
    console.print(machine_line(machine), highlight=False)


def _print_seeds(console: Console, row: Row) -> None:
    """Print the single runs of a row."""
    head, lines = seed_table(row.runs)
    title = f"{row.name}: {row.case}, seed by seed"
    table = Table(*head, title=title, title_justify="left", pad_edge=False)
    for column in table.columns:
        column.justify = "right"
    for line in lines:
        table.add_row(*map(Text, line))
    console.print(table)


def mark_text(row: Row) -> str:
    """Return the mark and whether it is met, as text."""
    if row.mark is None:
        return UNKNOWN
    verdict = {True: " met", False: " missed", None: ""}[row.is_met]
    return f"{'>=' if row.unit.is_rate else '<='} {number(row.mark)}{by_text(row)}{verdict}"


def by_text(row: Row) -> str:
    """Return the kind of time by which a row is judged, if it is not CPU time."""
    return " wall" if row.basis == "wall" and row.unit.is_timed else ""


def _mark(row: Row) -> Text:
    return Text(mark_text(row), {True: "green", False: "red", None: ""}[row.is_met])


def _beside(row: Row, other: Beside) -> tuple[str, ...]:
    if other.status != MEASURED:
        return f"  {other.name}", "", other.status, "", "", ""
    unit = other.unit or Unit("", is_rate=True)
    ratio = row.ratio(other)
    name = unit.name if unit != row.unit else ""
    faster = "" if ratio is None else f"{number(ratio)} x"
    return f"  {other.name}", name, figure_text(other.cpu), figure_text(other.wall), "", faster


def machine_line(machine: dict[str, Any]) -> str:
    """Return the machine and the versions."""
    versions = ", ".join(f"{name} {machine[name]}" for name in ("numpy", "numba", "gymnasium"))
    peers = "".join(f", {name} {version}" for name, version in machine["peers"].items())
    return (
        f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}, "
        f"Python {machine['python']}, {versions}{peers}"
    )
