"""What a report shows: its subtitle, its tiles, its figures and its table of firing rates."""

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from spiking_agent.checks.words import counted, one_line
from spiking_agent.organism.organism import Organism
from spiking_agent.report import charts
from spiking_agent.report.games import Games
from spiking_agent.report.history import History
from spiking_agent.typing import Int8Array, Json


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the page.

    Attributes
    ----------
    title, caption : str
        Its heading, and what it shows.
    svg : str
        The drawing.
    is_wide : bool
        Whether it needs the whole width.
    """

    title: str
    caption: str
    svg: Markup
    is_wide: bool = False


def subtitle(content: Json, history: History, organism: Organism) -> str:
    """Return the line below the heading: generations, time, seed and version."""
    seconds = history.last("elapsed_s") or 0.0
    minutes, rest = divmod(round(seconds), 60)
    time = f"{minutes} min {rest} s" if minutes else f"{rest} s"
    seed = one_line(organism.provenance.get("seed", "unknown"), 40)
    return (
        f"{counted(len(history), 'generation')} in {time}, seed {seed}, "
        f"package {content.get('package', 'unknown')}"
    )


def tiles(history: History, organism: Organism, games: Games | None) -> list[tuple[str, str, str]]:
    """Return the figures at the top of the page: name, value and meaning of each.

    Parameters
    ----------
    history : History
        Metrics of the run.
    organism : Organism
        The champion.
    games : Games or None
        What it played for the report; None if it could not play.
    """
    connectome = organism.connectome
    found = []
    evaluation = None if games is None else games.evaluation
    if evaluation is not None:
        error = evaluation.standard_error
        within = "" if np.isnan(error) else f"± {error:.2g} (standard error), "
        found.append(
            (
                "mean fitness",
                f"{evaluation.mean:,.2f}",
                f"{within}{counted(evaluation.episodes, 'held-out game')}; "
                f"best {evaluation.max:,.6g}",
            )
        )
        if evaluation.share_solved is not None:
            low, high = evaluation.share_solved_low, evaluation.share_solved_high
            between = "" if low is None or high is None else f"95 %: {low:.1%} to {high:.1%}"
            found.append(("solved", f"{evaluation.share_solved:.1%}", f"of these games; {between}"))
        found.append(("moves per game", f"{evaluation.mean_moves:,.0f}", "on average"))
    validated = history.last("champion_held_out")
    if validated is not None:
        words = "mean fitness of the champion in the validation episodes"
        found.append(("validation", f"{validated:,.2f}", words))
    born = one_line(organism.provenance.get("generation", "?"), 40)
    found.append(("champion of", born, f"the generation that it comes from, of {len(history):,}"))
    hidden = len(connectome.groups[1])
    kinds = [
        counted(connectome.n_inputs, "input"),
        f"{hidden:,} hidden",
        counted(connectome.n_outputs, "output"),
    ]
    shape = f"{', '.join(kinds)}; {counted(connectome.n_synapses, 'synapse')}"
    found.append(("neurons", f"{connectome.n_neurons:,}", shape))
    moves = history.column("n_moves")
    if moves is not None:
        found.append(("moves", _count(float(np.nansum(moves))), "of all brains in the whole run"))
    return found


def run_figures(history: History) -> list[Figure]:
    """Return the charts of the run; those that it recorded nothing for are left out.

    Parameters
    ----------
    history : History
        Metrics of the run.
    """
    drawn = (
        (
            "Learning curve",
            "Mean fitness per episode. Training: the episodes of each generation. Held out: the "
            "champion's validation episodes, which no brain trains on.",
            charts.learning(history),
        ),
        (
            "Share solved",
            "Share of the validation episodes that the champion solved.",
            charts.solved(history),
        ),
        (
            "Diversity",
            "Root mean square difference between the strengths of the same synapse in two genomes "
            "of the population, in units of strength; 0 if all genomes are equal.",
            charts.diversity(history),
        ),
        (
            "Speed",
            "Moves of all brains, in training and in validation, per second of each generation.",
            charts.speed(history),
        ),
    )
    return [Figure(title, words, Markup(svg)) for title, words, svg in drawn if svg]  # noqa: S704


def brain_figures(
    organism: Organism,
    names: tuple[str, ...],
    population: Int8Array | None,
    games: Games | None,
) -> list[Figure]:
    """Return the charts of the champion's brain and of what its neurons did."""
    connectome = organism.connectome
    activity = None if games is None else games.activity
    drawn = [
        (
            "Strengths",
            f"How often each strength occurs among the {connectome.n_synapses:,} synapses of the "
            "champion and among those of the last population.",
            charts.strengths(connectome, population),
            False,
        )
    ]
    if activity is not None:
        drawn.append(
            (
                "Firing rates",
                "Impulses of each neuron per tick. A neuron sends one when it fires, an input also "
                f"when it is driven. Recorded over {counted(activity.n_moves, 'move')} of "
                f"{counted(activity.n_games, 'held-out game')}, "
                f"{counted(activity.n_ticks, 'tick')}.",
                charts.rates(connectome, activity),
                False,
            )
        )
    matrix = charts.matrix(organism, names)
    drawn.append(
        (
            "Connectivity",
            "Strength of every synapse, from the neuron of its column to the neuron of its row; "
            "blue inhibits, orange excites. Only neurons with incoming synapses have a row."
            if matrix
            else f"A picture with a row and a column for each of {connectome.n_neurons:,} neurons "
            "would be too large, so there is none.",
            matrix,
            True,
        )
    )
    if activity is not None:
        drawn.append(
            (
                "Raster",
                f"Impulses in the first {counted(len(activity.raster), 'tick')} of "
                f"held-out game 0; a decision takes {organism.codec.n_ticks}.",
                charts.raster(organism, names, activity),
                True,
            )
        )
    return [Figure(title, words, Markup(svg), wide) for title, words, svg, wide in drawn]  # noqa: S704


def firing_rates(organism: Organism, games: Games | None) -> list[tuple[str, int, str, str]]:
    """Return a row for each kind of neuron: its number, and the mean and range of its rates.

    Parameters
    ----------
    organism : Organism
        The champion.
    games : Games or None
        What it played for the report; None if it could not play.
    """
    activity = None if games is None else games.activity
    if activity is None:
        return []
    rows = []
    for (kind, _), ids in zip(charts.KINDS, organism.connectome.groups, strict=True):
        if len(ids):
            rates = activity.rates[ids]
            rows.append(
                (kind, len(ids), f"{rates.mean():.3f}", f"{rates.min():.3f} to {rates.max():.3f}")
            )
    return rows


def _count(value: float) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M")):
        if value >= size:
            return f"{value / size:.3g} {letter}"
    return f"{value:,.0f}"
