"""The rows as a table in Markdown, for docs/performance.md."""

from collections.abc import Sequence
from typing import Any

from benchmarks.harness.results import MEASURED, Row
from benchmarks.harness.single_runs import seed_table
from benchmarks.show.table import by_text, figure_text, machine_line, mark_text, number

HEAD = "| what | ours | mark | beside it, same run |\n| --- | --- | --- | --- |"


def markdown(rows: Sequence[Row], machine: dict[str, Any]) -> str:
    """Return all rows as a table, then the machine, then a table for each row of single runs."""
    lines = [HEAD, *(_line(row) for row in rows), "", machine_line(machine)]
    for row in rows:
        if row.runs:
            lines += ["", f"{_name(row)}, seed by seed:", "", *_seeds(row)]
    return "\n".join(lines)


def _name(row: Row) -> str:
    return f"`{row.name}`" + (f" {row.case}" if row.case else "")


def _seeds(row: Row) -> list[str]:
    head, lines = seed_table(row.runs)
    cells = [head, ["---"] * len(head), *lines]
    return [f"| {' | '.join(line)} |" for line in cells]


def _line(row: Row) -> str:
    own = row.cpu if row.basis == "cpu" else row.wall
    beside = [_beside(row, place) for place in range(len(row.beside))]
    cells = (
        _name(row),
        f"{figure_text(own)} {row.unit.name}{by_text(row)}",
        mark_text(row),
        "; ".join(beside),
    )
    return f"| {' | '.join(cells)} |"


def _beside(row: Row, place: int) -> str:
    other = row.beside[place]
    if other.status != MEASURED:
        return f"{other.name}: {other.status}"
    figure = other.wall if other.cpu is None or row.basis == "wall" else other.cpu
    ratio = row.ratio(other)
    unit = "" if other.unit in (None, row.unit) else f" {other.unit.name}"
    value = "-" if figure is None else number(figure.median)
    return f"{other.name} {value}{unit}" + ("" if ratio is None else f" (x {number(ratio)})")
