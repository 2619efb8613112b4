"""How a grown brain is shown: its sheets, its single neurons, and what its cells hear."""

from dataclasses import replace

import numpy as np
import pygame
import pytest
from grown_organisms import grown_organism
from oriented_plan import ORIENTED
from scene_states import playing

from spiking_agent.brain.connectome import Connectome
from spiking_agent.brain.sheets.rules import Map
from spiking_agent.dna.grown.brain import GrownBrain
from spiking_agent.dna.grown.plan import Plan
from spiking_agent.dna.grown.plans import PLANS
from spiking_agent.environments.frames import Frame
from spiking_agent.organism.organism import Organism
from spiking_agent.viewer import theme
from spiking_agent.viewer.brain.sheet_brain import SheetBrain
from spiking_agent.viewer.brain.sheet_view import VIEWS
from spiking_agent.viewer.brain.sheets import Sheets
from spiking_agent.viewer.loader import Loader
from spiking_agent.viewer.playback import Playback
from spiking_agent.viewer.scene import GROWN_KEYS, Scene, Status, to_frame
from spiking_agent.viewer.session import Session

SMALL = PLANS["snake-small"]


def late(n_moves: int) -> Plan:
    """The plan, whose memory of the body is older."""
    rules = (replace(rule, moves=n_moves) if rule.moves == 2 else rule for rule in SMALL.rules)
    return replace(SMALL, rules=tuple(rules))


def brain_of(organism: Organism) -> GrownBrain:
    assert isinstance(organism.brain, GrownBrain)
    return organism.brain


def neuron(session: Session, group: str, cell: int = 0) -> int:
    tissue = brain_of(session.organism).tissue
    names = [one.name for one in tissue.groups]
    return int(tissue.first[names.index(group)]) + cell


def tile_of(scene: Scene, group: str) -> pygame.Rect:
    """Where a sheet is drawn."""
    sheets: Sheets = scene._view._sheets  # type: ignore[union-attr]
    names = [one.name for one in sheets._brain.tissue.groups]
    return sheets.tiles[names.index(group)]


def pixel(picture: Frame, scene: Scene, group: str, cell: int, *, middle: bool) -> tuple[int, ...]:
    """The colour of a cell, in its middle or between that and its edge."""
    tile = tile_of(scene, group)
    n_rows, n_cols = scene._view._brain.tissue.shape  # type: ignore[union-attr]
    row, column = divmod(cell, n_cols)
    share = 0.5 if middle else 0.2
    y = tile.y + int((row + share) * tile.h / n_rows)
    x = tile.x + int((column + share) * tile.w / n_cols)
    return tuple(picture[y, x].tolist())


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["compiled", "actors"])
@pytest.mark.parametrize("plan", [SMALL, late(20)], ids=["small", "late"])
def test_what_a_cell_has_heard_is_its_potential_and_what_its_spikes_have_cost(plan, engine) -> None:
    """Cells of D lose nothing but their threshold for each spike."""
    with playing(grown_organism(5, 6, plan=plan, engine=engine)) as session:
        brain = SheetBrain(brain_of(session.organism))
        heard_of: set[str] = set()
        for n_ticks in (1, 2, 11, 14, 3, 25 * 14, 5):
            for _ in range(n_ticks):
                if session.has_ended:
                    session.start(session.seed + 1)
                session.advance()
            counts, potentials = brain.counts(session), session.potentials
            for action in SMALL.actions:
                for cell in range(30):
                    neuron_id = neuron(session, f"D {action}", cell)
                    heard = brain.heard(neuron_id, session)
                    heard_of |= heard.keys()
                    assert sum(heard.values()) == potentials[neuron_id] + 200 * counts[neuron_id]
        assert {"always > D, map", "food > D, far", "W > D, kernel"} <= heard_of


def test_a_rule_is_heard_as_long_as_its_impulses_take(monkeypatch) -> None:
    plan = late(20)
    with playing(grown_organism(plan=plan)) as session:
        assert session.history.maxlen is not None
        assert session.history.maxlen >= 20 * plan.n_ticks + plan.n_ticks
    with playing(grown_organism()) as session:
        assert session.history.maxlen == 240


def test_the_tooltip_says_where_a_cell_is_and_what_it_hears_by_rule() -> None:
    with playing(grown_organism()) as session:
        for _ in range(14 * 2 + 9):
            session.advance()
        scene = Scene(session)
        cell = neuron(session, "D left", 2 * 6 + 5)
        lines = scene._view.describe(cell, session)
        assert lines[0] == "D left   row 2, column 5"
        assert lines[1].startswith(f"potential {session.potentials[cell]:,.4g}   threshold 200")
        names = {line.split("   ")[-1] for line in lines[4:]}
        assert {"always > D, map", "wall > D, kernel"} <= names
        sizes = [abs(int(line.split()[0].replace(",", ""))) for line in lines[4:]]
        assert sizes == sorted(sizes, reverse=True)
        driven = scene._view.describe(neuron(session, "always"), session)
        assert driven == ["always", "input: driven in 9 ticks of this decision"]


def test_cells_are_as_bright_as_they_have_sent_impulses_and_have_a_dot_when_they_do_now() -> None:
    with playing(grown_organism()) as session:
        for _ in range(14 * 3 + 8):
            session.advance()
        scene, brain = Scene(session), SheetBrain(brain_of(session.organism))
        picture = to_frame(scene.draw())
        counts, lit = brain.counts(session), brain.lit(session)
        seen = set()
        for group, place in (("body", 0), ("W", 1), ("D up", 1), ("R left", 1)):
            for cell in range(36):
                neuron_id = neuron(session, group, cell)
                share = (counts[neuron_id] / 14) ** 0.5
                expected = theme.mix(theme.BACKGROUND, theme.KINDS[place][1], share)
                own = pixel(picture, scene, group, cell, middle=False)
                assert np.abs(np.subtract(own, expected)).max() <= 1
                is_dot = pixel(picture, scene, group, cell, middle=True) == theme.INK
                assert is_dot == lit[neuron_id]
                seen.add((bool(counts[neuron_id]), bool(lit[neuron_id])))
        assert seen >= {(False, False), (True, True), (True, False)}


def test_maps_have_the_colours_of_the_constant_neurons_synapses() -> None:
    with playing(grown_organism()) as session:
        scene, tissue = Scene(session), brain_of(session.organism).tissue
        picture = to_frame(scene.draw(Status(view="maps")))
        names = [group.name for group in tissue.groups]
        constant = names.index("always")
        maps = [x for x in tissue.rules if isinstance(x, Map) and x.source == constant]
        by_target = {names[x.target]: x.strength[0].ravel().astype(float) for x in maps}
        assert by_target.keys() == {"W", "D up", "D right", "D down", "D left"}
        greatest = max(np.abs(by_target[f"D {action}"]).max() for action in SMALL.actions)
        for name in ("D up", "D right", "D down", "D left"):
            for cell, strength in enumerate(by_target[name]):
                color = theme.EXCITATORY if strength > 0 else theme.INHIBITORY
                expected = theme.mix(theme.BACKGROUND, color, abs(strength) / greatest)
                own = pixel(picture, scene, name, cell, middle=False)
                assert np.abs(np.subtract(own, expected)).max() <= 1
        assert pixel(picture, scene, "body", 0, middle=False) == theme.BACKGROUND


@pytest.mark.parametrize("size", [(640, 360), (1280, 720), (700, 1400)])
@pytest.mark.parametrize("shape", [(6, 6), (4, 12), pytest.param((20, 20), marks=pytest.mark.slow)])
@pytest.mark.parametrize("plan", [*PLANS.values(), ORIENTED], ids=[*PLANS, "oriented"])
def test_sheets_of_actions_lie_side_by_side_in_their_order(plan, shape, size) -> None:
    with playing(grown_organism(*shape, plan=plan)) as session:
        scene = Scene(session, size)
        layers = [x.name for x in plan.layers if x.is_sheet and x.is_oriented]
        rows = [[tile_of(scene, f"{x} {a}") for a in SMALL.actions] for x in layers if x != "Z"]
        for row in rows:
            assert len({tile.y for tile in row}) == 1
            assert [tile.x for tile in row] == sorted(tile.x for tile in row)
        tiles = list(scene._view._sheets.tiles.values())  # type: ignore[union-attr]
        assert len(tiles) == sum(g.is_sheet for g in brain_of(session.organism).tissue.groups)
        for k, tile in enumerate(tiles):
            assert scene.parts["sheets"].contains(tile)
            assert tile.collidelist(tiles[:k]) == -1
        session.advance()
        for view in VIEWS:
            scene.draw(Status(view=view, mouse=tiles[-1].center))


def test_what_has_no_room_is_counted() -> None:
    many = {"length": {"copies": 40, "threshold": 3.5}, "Z": {"copies": 40}}
    plan = ORIENTED
    layers = tuple(replace(layer, **many.get(layer.name, {})) for layer in plan.layers)
    with playing(grown_organism(plan=replace(plan, layers=layers))) as session:
        scene = Scene(session, (640, 360))
        sheets = scene._view._sheets  # type: ignore[union-attr]
        assert sheets.n_left == 4 * 40 + 12 - len(sheets.tiles)
        assert sheets.n_left > 0 < len(sheets.tiles)
        lamps = scene._view._lamps  # type: ignore[union-attr]
        assert lamps._n_left == 40 + 5 - len(lamps.slots) > 0
        session.advance()
        before = to_frame(scene.draw())
        assert len(np.unique(before.reshape(-1, 3), axis=0)) > 20


@pytest.mark.slow
def test_each_neuron_of_a_grown_brain_can_be_found_with_the_mouse() -> None:
    with playing(grown_organism()) as session:
        scene = Scene(session)
        found = {scene.neuron_at((x, y)) for x in range(450, 1280, 2) for y in range(0, 720, 2)}
        assert found - {None} == set(range(brain_of(session.organism).n_neurons))
        assert scene.neuron_at((100, 100)) is None


def test_compiled_brains_and_actors_give_the_same_pictures() -> None:
    pictures = []
    for engine in ("compiled", "actors"):
        with playing(grown_organism(4, 4, engine=engine)) as session:
            for _ in range(31):
                session.advance()
            scene = Scene(session)
            pictures.append([to_frame(scene.draw(Status(view=view))) for view in VIEWS])
    for one, other in zip(*pictures, strict=True):
        assert np.array_equal(one, other)
    assert not np.array_equal(pictures[0][0], pictures[0][1])


def test_no_picture_needs_a_list_of_all_synapses(monkeypatch) -> None:
    def refuse(self: Connectome) -> None:
        raise AssertionError("synapses were written out")

    with playing(grown_organism()) as session:
        monkeypatch.setattr(Connectome, "synapses", property(refuse))
        scene = Scene(session)
        for view in VIEWS:
            session.advance()
            scene.draw(Status(view=view, mouse=tile_of(scene, "D up").center))


def test_v_changes_what_sheets_show_and_stands_in_the_help_of_grown_brains(tmp_path) -> None:
    grown_organism().save(tmp_path / "grown.npz")
    loader = Loader(lambda: Organism.load(tmp_path / "grown.npz"))
    try:
        playback = Playback(loader, seed=0, speed=1.0)
        seen = [playback.status.view]
        for _ in VIEWS:
            playback.press(GROWN_KEYS[0][0].lower())
            seen.append(playback.status.view)
        assert seen == [*VIEWS, "spikes"]
    finally:
        loader.close()
