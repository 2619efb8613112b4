"""Draw the charts of a report, each an SVG element."""

from typing import Any, Final

import numpy as np

from spiking_agent.brain.connectome import Connectome
from spiking_agent.checks.words import counted
from spiking_agent.evolution.reporters.protocol import moves_per_s
from spiking_agent.organism.organism import Organism
from spiking_agent.report.activity import Activity
from spiking_agent.report.history import History
from spiking_agent.report.svg import (
    BLUE,
    FAINT,
    GREEN,
    ORANGE,
    PURPLE,
    figure,
    shades,
    style,
    to_svg,
)
from spiking_agent.typing import Int8Array

NARROW: Final = (4.6, 2.9)  # inches: half of the page, all of a telephone
WIDE: Final = 9.4
KINDS: Final = (("inputs", BLUE), ("hidden", PURPLE), ("outputs", ORANGE))  # as in `groups`
MAX_SHADED: Final = 20_000  # synapses
MAX_CELLS: Final = 2**22  # of the matrix that is drawn of a brain made from lists
PIXELS: Final = ("#3d96cf", "#cc79a7", "#e0660c")  # for the pixels of images
MAX_NAMED: Final = 24  # neurons that an axis names singly


def learning(history: History) -> str:
    """Draw the fitness in training and that of the champion, by generation.

    Parameters
    ----------
    history : History
        Metrics of the run.
    """
    with style():
        made, axes = figure(*NARROW)
        for name, label, colour, line in (
            ("median", "median, training", FAINT, ":"),
            ("best", "best, training", BLUE, "-"),
            ("champion_held_out", "champion, held out", ORANGE, "-"),
        ):
            curve = history.curve(name)
            if curve is not None:
                width = 2.2 if name == "champion_held_out" else 1.0
                axes.plot(*curve, line, label=label, color=colour, linewidth=width)
        _mark_boards(axes, history)
        axes.set(xlabel="generation", ylabel="mean fitness")
        return _finished(made, axes)


def solved(history: History) -> str | None:
    """Draw the share of validation episodes that the champion solved; None if it is unknown.

    Parameters
    ----------
    history : History
        Metrics of the run.
    """
    curve, refinements = history.curve("champion_solved"), history.column("n_refinements")
    if curve is None:
        return None
    with style():
        made, axes = figure(*NARROW)
        axes.plot(curve[0], 100 * curve[1], color=GREEN, linewidth=2.2, label="champion, held out")
        steps = np.diff(np.zeros(1) if refinements is None else refinements)
        for number, change in enumerate(np.flatnonzero(steps > 0) + 1):
            label = "a refinement begins" if number == 0 else None
            axes.axvline(change, color=FAINT, linestyle="--", linewidth=1.0, label=label)
        axes.set(xlabel="generation", ylabel="episodes solved [%]", ylim=(-3, 103))
        return _finished(made, axes)


def diversity(history: History) -> str | None:
    """Draw the diversity of the population; None if the run did not record it.

    Parameters
    ----------
    history : History
        Metrics of the run.
    """
    curve = history.curve("diversity")
    if curve is None:
        return None
    with style():
        made, axes = figure(*NARROW)
        axes.plot(*curve, color=PURPLE, linewidth=2.2)
        axes.set(xlabel="generation", ylabel="difference of strengths")
        axes.set_ylim(bottom=0)
        return _finished(made, axes)


def speed(history: History) -> str | None:
    """Draw the moves per second of each generation; None if the run did not record them.

    Parameters
    ----------
    history : History
        Metrics of the run.
    """
    moves, durations = history.curve("n_moves"), history.curve("duration_s")
    if moves is None or durations is None:
        return None
    with style():
        made, axes = figure(*NARROW)
        speeds = moves_per_s(moves[1], durations[1])
        unit, word = (1e6, "million ") if np.nanmax(speeds) >= 1e6 else (1.0, "")
        axes.plot(moves[0], speeds / unit, color=BLUE, linewidth=1.2)
        axes.set(xlabel="generation", ylabel=f"{word}moves per second")
        axes.set_ylim(bottom=0)
        return _finished(made, axes)


def strengths(connectome: Connectome, population: Int8Array | None) -> str:
    """Draw how often each strength occurs among the synapses of champion and population.

    Parameters
    ----------
    connectome : Connectome
        The champion's.
    population : ndarray of int8, or None
        Strengths of the last population, if they are known.
    """
    matrix = connectome.connectivity
    own = (connectome.synapses.strength if matrix is None else matrix[matrix != 0]).astype(np.int64)
    others = np.empty(0, np.int64) if population is None else population[population != 0]
    greatest = max(1, *(int(np.abs(v.astype(np.int64)).max(initial=0)) for v in (own, others)))
    width = max(1, -(-(2 * greatest + 1) // 41))
    n_bins = -(-(2 * greatest + 1) // width)
    edges = np.arange(n_bins + 1) * width - greatest - 0.5
    with style():
        made, axes = figure(*NARROW)
        for values, label, filled in (
            (others, "last population", True),
            (own, f"champion, {counted(len(own), 'synapse')}", False),
        ):
            if len(values):
                counts, _ = np.histogram(values, edges)
                shares = 100 * counts / len(values)
                colour = FAINT if filled else ORANGE
                axes.stairs(
                    shares,
                    edges,
                    fill=filled,
                    color=colour,
                    alpha=0.45 if filled else 1.0,
                    linewidth=1.8,
                    label=label,
                )
        axes.set(xlabel="strength (below 0: inhibitory)", ylabel="share of synapses [%]")
        return _finished(made, axes)


def rates(connectome: Connectome, activity: Activity) -> str:
    """Draw the impulses of each neuron per tick.

    Parameters
    ----------
    connectome : Connectome
        The champion's.
    activity : Activity
        What its neurons did.
    """
    with style():
        made, axes = figure(*NARROW)
        for (kind, colour), ids in zip(KINDS, connectome.groups, strict=True):
            if len(ids):
                values = activity.rates[ids]
                axes.vlines(ids, 0, values, color=colour, linewidth=1.0)
                marker = {"inputs": "o", "hidden": "^", "outputs": "s"}[kind]
                axes.plot(ids, values, marker, color=colour, markersize=3.5, label=kind)
        axes.set(xlabel="neuron", ylabel="impulses per tick")
        axes.set_ylim(bottom=0)
        return _finished(made, axes)


def matrix(organism: Organism, names: tuple[str, ...]) -> str:
    """Draw strengths: a row per neuron with incoming synapses, a column per source.

    Synapses of several branches between the same two neurons are drawn as their sum.

    Parameters
    ----------
    organism : Organism
        The champion.
    names : sequence of str
        A name for each neuron.

    Returns
    -------
    str
        Empty if a brain of lists has so many neurons that its matrix would be too large.
    """
    connectome = organism.connectome
    targets = connectome.target_neurons
    targets = targets if len(targets) else connectome.output_neurons
    if connectome.connectivity is not None:
        shown = connectome.connectivity[:, targets].T.astype(float)
    elif len(targets) * connectome.n_neurons <= MAX_CELLS:
        synapses = connectome.synapses
        shown = np.zeros((len(targets), connectome.n_neurons))
        rows = np.searchsorted(targets, synapses.target)
        np.add.at(shown, (rows, synapses.source), synapses.strength)
    else:
        return ""
    greatest = max(1.0, float(np.abs(shown).max()))
    n_shades = 11 if shown.size > MAX_SHADED else 255
    with style():
        height = min(
            7.0, 1.5 + 0.2 * len(targets) if len(targets) > 8 else 1.2 + 0.32 * len(targets)
        )
        made, axes = figure(WIDE, height)
        image = axes.imshow(
            shown,
            cmap=shades(n_shades),
            vmin=-greatest,
            vmax=greatest,
            aspect="auto",
            interpolation="none",
        )
        axes.set(xlabel="from neuron", ylabel="to neuron")
        if len(targets) <= MAX_NAMED:
            axes.set_yticks(range(len(targets)), [_short(names[i]) for i in targets])
        bar = made.colorbar(image, ax=axes, pad=0.01, aspect=12)
        bar.outline.set_visible(False)
        bar.set_label("strength")
        return to_svg(made)


def raster(organism: Organism, names: tuple[str, ...], activity: Activity) -> str:
    """Draw which neurons sent an impulse in each of the first ticks of a game.

    Parameters
    ----------
    organism : Organism
        The champion.
    names : sequence of str
        A name for each neuron.
    activity : Activity
        What its neurons did.
    """
    from matplotlib.colors import to_rgba

    connectome, n_ticks = organism.connectome, organism.codec.n_ticks
    order = np.concatenate(connectome.groups)
    place = np.empty(connectome.n_neurons, np.intp)
    place[order] = np.arange(connectome.n_neurons)
    with style():
        made, axes = figure(WIDE, min(6.0, 2.0 + 0.025 * connectome.n_neurons))
        image = np.zeros((connectome.n_neurons, len(activity.raster), 4))
        for (kind, _), colour, ids in zip(KINDS, PIXELS, connectome.groups, strict=True):
            which, ticks = np.nonzero(activity.raster[:, ids].T)
            image[place[ids[which]], ticks] = to_rgba(colour)
            if len(ids):
                axes.plot([], [], "s", color=colour, label=kind)
        extent = (0.5, len(activity.raster) + 0.5, connectome.n_neurons - 0.5, -0.5)
        axes.imshow(image, aspect="auto", interpolation="none", extent=extent)
        for tick in range(n_ticks, len(activity.raster), n_ticks):
            axes.axvline(tick + 0.5, color=FAINT, linewidth=0.5, alpha=0.5)
        axes.set(xlabel="tick (a line ends each decision)", ylabel="neuron")
        if connectome.n_neurons <= MAX_NAMED:
            axes.set_yticks(range(connectome.n_neurons), [_short(names[i]) for i in order])
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
        return to_svg(made)


def _short(name: str) -> str:
    return name if len(name) <= 22 else name[:21] + "…"


def _mark_boards(axes: Any, history: History) -> None:
    """Write the board on which each part of a run trained, if there were several."""
    boards = history.boards()
    if len(boards) < 2:
        return
    for generation, board in boards:
        axes.axvline(generation, color=FAINT, linestyle="--", linewidth=1.0)
        axes.annotate(
            board,
            (generation, 0.98),
            xytext=(2, 0),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            rotation=90,
            va="top",
            fontsize=7.5,
        )


def _finished(made: Any, axes: Any) -> str:
    axes.grid(visible=True)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(
            loc="lower left",
            bbox_to_anchor=(-0.14, 1.0),
            ncols=3,
            fontsize=8.5,
            columnspacing=1.0,
            handlelength=1.3,
            borderpad=0.2,
        )
    return to_svg(made)
