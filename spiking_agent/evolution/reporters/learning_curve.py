"""The metrics of a run as one picture."""

import io
from collections.abc import Sequence


def learning_curve(rows: Sequence[dict[str, str]]) -> bytes:
    """Draw the metrics of a run as a PNG: training, champion, share solved.

    Parameters
    ----------
    rows : sequence of dict
        Metrics of each generation, as `GenerationReport.to_row` returns them.

    Returns
    -------
    bytes
        The content of the file.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.add_subplot()
    generations = [int(row["generation"]) for row in rows]
    for name, label, colour in (
        ("median", "median of the generation (training)", "#999999"),
        ("best", "best of the generation (training)", "#56b4e9"),
        ("champion_held_out", "champion (held out)", "#d55e00"),
    ):
        values = [float(row[name]) for row in rows]
        axes.plot(generations, values, label=label, color=colour, linewidth=1.4)
    axes.set(xlabel="generation", ylabel="mean fitness of an episode")
    axes.grid(alpha=0.3)
    lines, labels = axes.get_legend_handles_labels()
    if any(row["champion_solved"] for row in rows):
        right = axes.twinx()
        shares = [100 * float(row["champion_solved"] or "nan") for row in rows]
        right.plot(generations, shares, "--", color="#009e73", label="solved (held out)")
        right.set(ylabel="share of episodes solved [%]", ylim=(0, 105))
        more_lines, more_labels = right.get_legend_handles_labels()
        lines, labels = lines + more_lines, labels + more_labels
    axes.legend(lines, labels, loc="upper left")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return buffer.getvalue()
