"""The results as a chart: one line per step, one dot per seed, one colour per budget."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from autopsies.measure import Result
from autopsies.steps import RELAPSES, STEPS
from autopsies.summary import of_step

COLOURS = ("#e69f00", "#0072b2", "#009e73", "#cc79a7")  # of Okabe and Ito
LINEAR_BELOW = 1.0  # the axis is linear up to this score, and logarithmic above
STEP_IN, EDGES_IN = 0.42, 1.6  # heights in inches


def write_chart(path: Path, results: Sequence[Result], best_score: int) -> None:
    """Draw all results, as a PNG.

    Parameters
    ----------
    path : Path
        The file to write.
    results : sequence of Result
        The results, in the order of the steps.
    best_score : int
        The end of the axis: the score of a full board.
    """
    from matplotlib.figure import Figure

    steps = list(dict.fromkeys(result.step for result in results))
    whole = {STEPS[0].name, *(step.name for step in RELAPSES)}
    n_repairs = sum(step not in whole for step in steps) + 1
    budgets = sorted({result.games for result in results})
    figure = Figure(figsize=(10, EDGES_IN + STEP_IN * len(steps)), layout="constrained")
    axes = figure.subplots()
    for games, colour in zip(budgets, itertools.cycle(COLOURS), strict=False):
        rows = [(row, of_step(results, step, games)) for row, step in enumerate(steps)]
        rows = [(row, mine) for row, mine in rows if mine]
        means = [fmean(result.score for result in mine) for _, mine in rows]
        repairs = sum(row < n_repairs for row, _ in rows)
        axes.plot(
            means[:repairs],
            [row for row, _ in rows[:repairs]],
            color=colour,
            marker="|",
            markersize=14,
            markeredgewidth=2.5,
            label=f"{games:,} games of training: mean of {len(rows[0][1])} seeds",
        )
        axes.plot(
            means[repairs:],
            [row for row, _ in rows[repairs:]],
            color=colour,
            marker="|",
            markersize=14,
            markeredgewidth=2.5,
            linestyle="none",
        )
        axes.scatter(
            [result.score for _, mine in rows for result in mine],
            [row for row, mine in rows for _ in mine],
            color=colour,
            s=16,
            alpha=0.6,
        )
    names = [step if step in whole else f"+ {step}" for step in steps]
    axes.set_yticks(range(len(steps)), names)
    axes.invert_yaxis()
    axes.set_xscale("symlog", linthresh=LINEAR_BELOW)
    ticks = [score for score in (0, 0.5, 1, 3, 10, 30) if score < best_score]
    axes.set_xticks([*ticks, best_score], [f"{score:g}" for score in (*ticks, best_score)])
    axes.set_xlim(0, best_score * 1.15)
    axes.axhline(n_repairs - 0.5, color="black", linewidth=0.8)
    axes.axvline(3, color="black", linestyle=":", linewidth=1)
    axes.text(3, -0.6, " the post's best game", fontsize=8, va="bottom")
    axes.set_xlabel("held-out score of the champion (logarithmic above 1)")
    axes.grid(axis="x", alpha=0.3)
    axes.legend(loc="lower right", fontsize=8)
    axes.set_title(
        "What each repair brought on top of all above it, and what a relapse costs",
        fontsize=12,
        pad=18,
    )
    figure.savefig(path, format="png", dpi=110)
