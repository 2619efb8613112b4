"""Parts of grown brains that are silenced: their synapses do not grow, and no others change."""

from itertools import compress

import numpy as np
import pytest
from grown_organisms import grown_brain

from spiking_agent.dna.grown.brain import GrownBrain
from spiking_agent.dna.grown.lesions import part_names, strengths_left
from spiking_agent.dna.grown.morphogens import MORPHOGENS


def synapses(brain: GrownBrain) -> dict[tuple[int, int, int], int]:
    lists = brain.connectome.synapses
    ends = zip(lists.source.tolist(), lists.target.tolist(), lists.delay.tolist(), strict=True)
    return dict(zip(ends, lists.strength.tolist(), strict=True))


def neurons_of(brain: GrownBrain, layer: str) -> set[int]:
    tissue, n = brain.tissue, brain.tissue.sizes
    groups = brain.layout.places[layer].values()
    return {int(tissue.first[k]) + i for k in groups for i in range(n[k])}


@pytest.mark.parametrize(
    ("part", "layer", "delays"),
    [
        ("W", "W", range(99)),
        ("length", "length", range(99)),
        ("body", "body", range(99)),
        ("body after 2 moves", "body", [28]),
        ("growth after 1 tick", "growth", [1]),
    ],
)
def test_a_part_is_all_that_goes_out_from_it(part, layer, delays) -> None:
    brain = grown_brain()
    sources, before = neurons_of(brain, layer), synapses(brain)
    gone = {key for key in before if key[0] in sources and key[2] in delays}
    assert gone
    kept = {key: strength for key, strength in before.items() if key not in gone}
    assert synapses(brain.silenced(part)) == kept


def test_a_part_may_be_named_by_both_ends() -> None:
    brain = grown_brain()
    before, after = synapses(brain), synapses(brain.silenced("body > D"))
    body, d = neurons_of(brain, "body"), neurons_of(brain, "D")
    gone = {(s, t, delay) for s, t, delay in before if s in body and t in d and delay == 0}
    assert before.keys() - after.keys() == gone
    assert any(s in body and t in d for s, t, _ in after)  # those of two moves ago


def test_the_wall_goes_without_the_neuron_whose_synapses_it_adds_to() -> None:
    brain = grown_brain()
    constant, w = neurons_of(brain, "always"), sorted(neurons_of(brain, "W"))
    for part, is_flat in (("wall", True), ("nobody", False)):
        left = synapses(brain.silenced(part)) if part == "wall" else synapses(brain)
        (source,) = constant
        strengths = {left.get((source, target, 0), 0) for target in w}
        assert (len(strengths) == 1) == is_flat


def test_without_morphogens_maps_are_the_same_everywhere() -> None:
    brain = grown_brain().silenced("morphogens, wall")
    tissue = brain.tissue
    d = set(brain.layout.places["D"].values())
    maps = [rule.strength for rule in tissue.rules if rule.target in d and rule.delay == 0]
    maps = [strength for strength in maps if strength.shape[1:] == (6, 6)]
    assert len(maps) == 24
    assert all((strength == strength[0, 0, 0]).all() for strength in maps)
    assert any(strength.any() for strength in maps)


def test_parts_add_up_and_the_order_does_not_matter() -> None:
    brain = grown_brain()
    one = brain.silenced("W").silenced("hun*")
    assert one.without == ("W", "hun*")
    assert synapses(one) == synapses(brain.silenced("hungry, W,hunger"))
    assert one.on((4, 5)).without == one.without
    assert one != brain


def test_names_are_those_of_sources_and_of_their_delays() -> None:
    layout = grown_brain().layout
    names = part_names(layout)
    assert {"wall", "body", "body after 1 move", "body after 2 moves", "morphogens"} < set(names)
    left = strengths_left(layout, ["*"])
    assert not any(share.any() for share in left)
    with pytest.raises(ValueError, match="of which 'D > W' matches none: body, always"):
        strengths_left(layout, ["W, D > W"])


@pytest.mark.parametrize("pattern", ["morphogens", "morph*", "?orphogens"])
def test_only_places_are_taken_from_maps(pattern: str) -> None:
    layout = grown_brain().layout
    left = strengths_left(layout, [pattern])
    is_map = [block.rule.kind == "map" for block in layout.blocks]
    for share in compress(left, is_map):
        assert share.tolist() == [float(name == "constant") for name in MORPHOGENS[:14]]
    assert all(np.array_equal(x, [1.0]) for x in compress(left, [not one for one in is_map]))
