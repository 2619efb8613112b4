"""The viewer's picture in every state, beside the one that somebody has looked at."""

from dataclasses import replace

import numpy as np
import pygame
import pytest
from PIL import Image
from random_connectomes import with_branches
from scene_states import FOLDER, STATES, playing
from toy_envs import TAXI

import spiking_agent
from benchmarks.cases.networks import random_organism
from spiking_agent.brain.connectome import Connectome
from spiking_agent.environments.frames import Frame
from spiking_agent.viewer import theme
from spiking_agent.viewer.brain.neurons import Neurons
from spiking_agent.viewer.scene import Scene, Status, to_frame

FAR_OFF = 32  # of 255: the stored pictures have 255 colours, each within 16 of its own
SHARE = 0.002  # of the pixels may be far off
LONG = ("won",)  # episodes of thousands of moves


def share_far_off(first: Frame, second: Frame) -> float:
    return float(np.mean(np.abs(first.astype(np.int16) - second).max(axis=2) > FAR_OFF))


def stored(name: str) -> Frame:
    with Image.open(FOLDER / f"{name}.png") as picture:
        return np.asarray(picture.convert("RGB"))


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in LONG)) for name in STATES]
)
def test_a_state_looks_as_it_did_when_it_was_looked_at(name) -> None:
    drawn = STATES[name]()
    assert drawn.shape == stored(name).shape == (720, 1280, 3)
    assert share_far_off(drawn, stored(name)) <= SHARE


def test_the_comparison_sees_what_little_differs() -> None:
    names = ("start", "paused", "help", "lost")
    for name, other in zip(names, [*names[1:], names[0]], strict=True):
        assert share_far_off(stored(name), stored(other)) > SHARE


def test_every_size_can_be_drawn_and_none_below_the_smallest() -> None:
    with playing(random_organism(n_hidden=3)) as session:
        for _ in range(3):
            session.finish_move()
        for size in ((640, 360), (1920, 1080), (700, 1400), (2000, 400)):
            picture = Scene(session, size).draw(Status(mouse=(size[0] // 2, 100)))
            assert picture.get_size() == size
        with pytest.raises(ValueError, match="at least 640 x 360, got 600 x 360"):
            Scene(session, (600, 360))


def test_a_brain_of_lists_is_drawn_with_the_branches_of_its_axons() -> None:
    organism = random_organism(n_hidden=3)
    organism = replace(organism, brain=with_branches(organism.connectome))
    with playing(organism) as session:
        for _ in range(3):
            session.finish_move()
        scene = Scene(session)
        assert len(np.unique(to_frame(scene.draw()).reshape(-1, 3), axis=0)) > 20
    neurons = Neurons(organism.connectome, tuple(map(str, range(organism.connectome.n_neurons))))
    sender = int(organism.connectome.synapses.source[organism.connectome.synapses.delay > 0][0])
    delay = int(organism.connectome.initiation_delay[sender])
    words = f"branches that deliver after {delay}, {delay + 3} ticks"
    assert words in neurons.describe(sender)


def test_letters_survive_an_environment_that_quits_pygame() -> None:
    with playing(spiking_agent.champion("senses")) as session:
        before = to_frame(Scene(session).draw())
        pygame.quit()
        assert np.array_equal(to_frame(Scene(session).draw()), before)


def test_each_neuron_can_be_found_with_the_mouse() -> None:
    with playing(spiking_agent.champion("senses")) as session:
        scene = Scene(session)
        found = {scene.neuron_at((x, y)) for x in range(450, 1280, 2) for y in range(0, 720, 2)}
        assert found - {None} == set(range(session.organism.connectome.n_neurons))
        assert scene.neuron_at((100, 100)) is None


def test_more_spikes_than_lines_leave_none_out() -> None:
    with playing(random_organism(n_hidden=395)) as session:
        scene = Scene(session, (640, 360))
        session.finish_move()
        picture = to_frame(scene.draw())
        for _, color in theme.KINDS:
            assert (picture == color).all(-1).sum() > 10


@pytest.mark.parametrize("env", ["Pendulum-v1", TAXI])
def test_other_action_spaces_have_their_own_words(env) -> None:
    organism = random_organism(env, n_hidden=2)
    with playing(organism) as session:
        session.finish_move()
        picture = to_frame(Scene(session).draw())
        assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 20


def test_a_neuron_is_described_with_its_strongest_synapses() -> None:
    connectivity = np.zeros((8, 8), np.int8)
    connectivity[:6, 7] = [3, -9, 1, 5, 2, 4]
    connectome = Connectome(
        connectivity=connectivity,
        threshold=np.full(8, 2.5, np.float32),
        decay=np.full(8, 0.5, np.float32),
        refractory_period=np.arange(8, dtype=np.int32),
        initiation_delay=np.full(8, 2, np.int32),
        input_neurons=np.arange(6, dtype=np.int32),
        output_neurons=np.array([7], np.int32),
    )
    neurons = Neurons(connectome, tuple("abcdefgh"))
    assert neurons.describe(7) == [
        "h   (output neuron 7)",
        "threshold 2.5   decay 0.5   refractory 7",
        "initiation delay 2 ticks",
        "6 synapses from",
        "   -9  b",
        "   +5  d",
        "   +4  f",
        "   +3  a",
        "   and 2 more",
    ]
    assert neurons.describe(1) == [
        "b   (input neuron 1)",
        "initiation delay 2 ticks",
        "1 synapse to",
        "   -9  h",
    ]
    assert neurons.describe(6)[0] == "g   (hidden neuron 6)"


def test_words_that_no_font_can_draw_do_no_harm() -> None:
    surface = pygame.Surface((400, 40))
    words = "a\0b\ud800c\n" + "long " * 10_000
    for width in (0, 50):
        theme.write(surface, words, (0, 0), 20, width=width)
    assert surface.get_bounding_rect().width > 0
    assert theme.write(surface, "b" * 100_000, (0, 0), 20, width=90) <= 90


def test_words_too_long_are_cut_to_the_room() -> None:
    surface = pygame.Surface((400, 40))
    assert theme.write(surface, "a" * 200, (0, 0), 20, width=100) <= 100
    assert theme.write(surface, "", (7, 0), 20, width=1) == 7
