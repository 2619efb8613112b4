"""What the report draws of a grown brain is what grows."""

import html
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from grown_organisms import grown_brain, grown_organism
from oriented_plan import ORIENTED

import spiking_agent
from spiking_agent.dna.grown.brain import GrownBrain
from spiking_agent.dna.grown.named_rules import named_values
from spiking_agent.dna.grown.plans import PLANS
from spiking_agent.report import growth_charts
from spiking_agent.report.growth import growth
from spiking_agent.report.growth_charts import boards_of


class Pad:
    """Axes that keep what is drawn on them."""

    def quiver(self, *args: Any, **how: Any) -> None:
        self.arrows = np.stack(args)

    def plot(self, x: Any, y: Any, *how: Any, **more: Any) -> None:
        self.points = np.stack([x, y])


def texts(svg: str) -> list[str]:
    return [html.unescape(words) for words in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


def heard_of(brain: GrownBrain, sources: list[str]) -> np.ndarray:
    """What each action's neuron hears in a tick in which some single neurons fire."""
    tissue, lists = brain.tissue, brain.connectome.synapses
    names = [group.name for group in tissue.groups]
    senders = [tissue.first[names.index(name)] for name in sources]
    heard = np.zeros(tissue.n_neurons)
    chosen = np.isin(lists.source, senders)
    np.add.at(heard, lists.target[chosen], lists.strength[chosen])
    first = [int(tissue.first[names.index(f"D {action}")]) for action in brain.plan.actions]
    return np.stack([heard[k : k + tissue.n_cells].reshape(brain.shape) for k in first])


@pytest.mark.parametrize("shape", [(6, 6), (4, 7)])
def test_the_route_is_what_single_neurons_send_to_the_decision_sheets(shape) -> None:
    brain = grown_brain(shape)
    boards = dict(boards_of(brain))
    lengths = [f"length {k}" for k in (1, 2, 3, 4)]
    expected = {
        "D: always": ["always"],
        "D: always and length": ["always", *lengths],
        "D: always and hungry": ["always", "hungry"],
    }
    assert boards.keys() == expected.keys()
    for title, sources in expected.items():
        assert np.array_equal(boards[title], heard_of(brain, sources))


def test_arrows_point_to_the_action_that_leads_and_are_longer_the_more_it_leads() -> None:
    drives = np.zeros((4, 2, 3))
    drives[0, 0, 0] = 100  # up, by 100
    drives[1, 0, 1], drives[2, 0, 1] = 75, 50  # right, by 25
    drives[:, 0, 2] = 7  # nobody leads
    drives[2, 1, 0] = 49
    drives[3, 1, 1] = 1
    drives[:, 1, 2] = [-9, -8, -7, -3]  # left, by 4
    pad = Pad()
    growth_charts._arrows(pad, drives, ("up", "right", "down", "left"))
    x, y, u, v = pad.arrows
    assert pad.points.tolist() == [[2], [0]]
    middles = np.stack([x + u / 2, y + v / 2], 1)
    assert middles.tolist() == [[0, 0], [1, 0], [0, 1], [1, 1], [2, 1]]
    assert np.sign(np.stack([u, v], 1)).tolist() == [[0, -1], [1, 0], [0, 1], [-1, 0], [-1, 0]]
    lengths = np.abs(u + v)
    assert np.allclose(lengths, 0.3 + 0.06 * np.sqrt([100, 25, 49, 1, 4]))
    growth_charts._arrows(pad, drives, ("up", "jump", "down", "left"))
    assert pad.points.tolist() == [[1, 2], [0, 0]]  # nobody knows where a jump leads


@pytest.mark.slow
def test_each_kernel_with_genes_is_drawn_by_its_name() -> None:
    small = PLANS["snake-small"]
    fixed = [
        replace(rule, size=3) if rule.strength is not None and rule.kind == "kernel" else rule
        for rule in small.rules
    ]
    wide = replace(small, rules=tuple(fixed))
    for plan, n_kernels in ((small, 11), (wide, 11), (PLANS["snake"], 11), (ORIENTED, 11 + 4 * 3)):
        words = texts(growth_charts.kernels(grown_brain(plan=plan)))
        assert len([word for word in words if " > " in word]) == n_kernels
        assert {"body > D", "kernel after 2 moves", "wall > W"} <= {
            word.replace("&gt;", ">") for word in words
        }


@pytest.mark.slow
def test_words_say_which_kernels_are_not_drawn_because_of_symmetry() -> None:
    plan = PLANS["snake-small"]
    free = replace(plan, turns=(), axis="fixed")
    mirrors = replace(free, mirrors=((1, 3),))
    hidden = next(layer for layer in plan.layers if layer.is_sheet)
    pairs = [replace(x, copies=2, is_mirrored=True) if x == hidden else x for x in plan.layers]
    words = "Of two mirror images, left for right, only the first is drawn."
    for shown, said in (
        (plan, "Kernels of oriented layers are those of up, turned for the others."),
        (free, ""),
        (mirrors, words),
        (replace(free, layers=tuple(pairs)), words),
    ):
        section = growth(replace(grown_organism(), brain=grown_brain(plan=shown)))
        assert section is not None
        kernels = next(figure for figure in section.figures if figure.title == "Kernels")
        _, _, last = kernels.caption.partition("Far: from all cells in a direction.")
        assert last.strip() == said
        maps = [x.caption for x in section.figures if x.title.startswith("Morphogens")]
        assert all(caption.endswith(words) == (said == words) for caption in maps)
        assert maps
        sizes = {row[0]: row[1] for row in section.tables[0].rows}
        assert sizes[hidden.name].endswith("x 1 mirrored pair") == (shown.layers != plan.layers)


def test_morphogens_have_a_bar_for_each_weight() -> None:
    brain = grown_brain()
    drawn = dict(growth_charts.morphogens(brain))
    assert list(drawn) == ["always > D, map", "length > D, map", "hungry > D, map"]
    weights = {name: values.size for name, _, values in named_values(brain)}
    for name, svg in drawn.items():
        bars = re.findall(r"fill: var\(--(?:orange|blue)\)", svg)
        assert len(bars) == weights[name]
        assert {"second last column", "D left"} <= set(texts(svg))


def test_the_table_of_rules_counts_genes_and_synapses() -> None:
    organism = grown_organism()
    shown = growth(organism)
    assert shown is not None
    rules = {row[0]: row[1:] for row in shown.tables[1].rows}
    brain = organism.brain
    assert isinstance(brain, GrownBrain)
    n_of_layers = sum(int(row[-1] or 0) for row in shown.tables[0].rows)
    n_of_rules = sum(int(row[1]) for row in rules.values() if row[1] != "fixed")
    assert n_of_rules + n_of_layers + 1 == brain.genome.size  # the last is that of the axis
    lists, first = brain.connectome.synapses, brain.tissue.first
    names = [group.name for group in brain.tissue.groups]
    from_body = (lists.source < 36) & (lists.delay == 28)
    of_sheet = from_body & (lists.target >= first[names.index("D up")])
    assert rules["body > D after 2 moves, kernel"][3] == f"{of_sheet.sum():,}"
    assert rules["growth > hunger, link"] == ("one synapse", "fixed", "32,000", "1")
    assert all(len(row) == len(table.columns) for table in shown.tables for row in table.rows)


@pytest.mark.slow
def test_other_plans_have_the_parts_that_there_is_something_for() -> None:
    assert growth(spiking_agent.champion("senses")) is None
    plan = PLANS["snake-small"]
    names = ("jump", "duck", "down", "wait")  # one direction only
    shown = growth(replace(grown_organism(), brain=grown_brain(plan=replace(plan, actions=names))))
    assert shown is not None
    assert [figure.title for figure in shown.figures][:1] == ["Kernels"]
    kinds = ("map", "kernel", "radial", "far")
    bare = [rule for rule in plan.rules if rule.kind not in kinds or rule.strength is not None]
    brain = grown_brain(plan=replace(plan, rules=tuple(bare)))
    shown = growth(replace(grown_organism(), brain=brain))
    assert shown is not None
    assert shown.figures == []
