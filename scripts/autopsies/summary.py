"""The results as a table in Markdown."""

from collections.abc import Sequence
from statistics import fmean

from autopsies.measure import Result


def of_step(results: Sequence[Result], step: str, games: int) -> list[Result]:
    """Return the results of one step with one budget, one for each seed."""
    return [result for result in results if (result.step, result.games) == (step, games)]


def markdown(results: Sequence[Result]) -> str:
    """Return a table with one row per step and two columns per budget."""
    budgets = sorted({result.games for result in results})
    columns = ["step"]
    for games in budgets:
        columns += [f"score, {games:,} games", "seconds"]
    lines = [[*columns, "plays alike", "late impulses"], ["---"] * (len(columns) + 2)]
    for step in dict.fromkeys(result.step for result in results):
        cells = [step]
        for games in budgets:
            cells += _budget(of_step(results, step, games))
        mine = [result for result in results if result.step == step]
        late = [result.late for result in mine if result.late is not None]
        cells.append(f"{fmean(result.alike for result in mine):.0%}")
        cells.append(f"{fmean(late):.0%}" if late else "-")
        lines.append(cells)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _budget(results: Sequence[Result]) -> list[str]:
    """Return the mean and range of the held-out scores over the seeds, and the mean time."""
    if not results:
        return ["-", "-"]
    scores = sorted(result.score for result in results)
    solved = fmean(result.share_solved for result in results)
    text = f"{fmean(scores):.2f} ({scores[0]:.2f} to {scores[-1]:.2f})"
    if solved > 0:
        text += f", {solved:.0%} solved"
    return [text, f"{fmean(result.seconds for result in results):.0f}"]
