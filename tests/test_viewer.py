"""What the viewer draws and what its window listens to."""

from itertools import islice

import numpy.testing as npt
import pygame
import pytest
from players import make_organism

import spiking_agent
from spiking_agent.environments import EnvSource
from spiking_agent.viewer import BANDS, HEIGHT, PANEL_WIDTH, Viewer, to_frame
from spiking_agent.window import NoDisplayError, Window, check_display

SHORT = {"hunger_limit": 45}  # the champion would play on for thousands of moves


@pytest.fixture
def viewer():
    organism = spiking_agent.champion()
    env = organism.env_source(env_kwargs=SHORT).make("rgb_array")
    viewer = Viewer(organism, env)
    yield viewer
    viewer.close()
    env.close()


@pytest.fixture
def window():
    window = Window("test", fps=1000.0)
    yield window
    window.close()


def press(*keys: int) -> None:
    for key in keys:
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key))


def test_the_moves_are_the_same_with_and_without_a_viewer(viewer) -> None:
    moments = list(viewer.episode(11))
    organism = spiking_agent.champion()
    env = organism.env_source(env_kwargs=SHORT).make()
    observation, info = env.reset(seed=11)
    n_moves, has_ended = 0, False
    while not has_ended:
        observation, _, terminated, truncated, info = env.step(organism.act(observation, info))
        has_ended = terminated or truncated
        n_moves += 1
    assert len(moments) == n_moves + 1
    assert moments[-1].info["score"] == info["score"] > 0
    assert moments[-1].has_ended
    assert [moment.n_moves for moment in moments] == list(range(n_moves + 1))


def test_every_impulse_and_spike_is_drawn_in_its_band(viewer) -> None:
    moments = viewer.episode(1)
    pictures = [to_frame(next(moments).picture) for _ in range(12)]
    assert pictures[0].shape == (HEIGHT, HEIGHT + PANEL_WIDTH, 3) or pictures[0].shape[0] == HEIGHT
    counts = []
    for picture in (pictures[0], pictures[-1]):
        raster = picture[100:, -PANEL_WIDTH:]
        colours = dict(BANDS)
        counts.append([int((raster == colours[n]).all(-1).sum()) for n in ("inputs", "outputs")])
    assert counts[1][0] > counts[0][0] + 100
    assert counts[1][1] > counts[0][1] + 5


def test_two_episodes_of_one_seed_look_alike(viewer) -> None:
    first, second = (
        [to_frame(moment.picture) for moment in islice(viewer.episode(2), 20)] for _ in range(2)
    )
    npt.assert_array_equal(first, second)


def test_a_brain_with_hidden_neurons_and_many_ticks_is_drawn() -> None:
    organism = make_organism(seed=5)
    env = EnvSource("Snake-v0", {"observation": "senses"}).make("rgb_array")
    viewer = Viewer(organism, env)
    *_, last = viewer.episode(3)
    raster = to_frame(last.picture)[100:, -PANEL_WIDTH:]
    for _, colour in BANDS:
        assert (raster == colour).all(-1).sum() > 20
    viewer.close()
    env.close()


def test_an_environment_without_pictures_is_refused() -> None:
    organism = make_organism()
    viewer = Viewer(organism, organism.make_env(render_mode="ansi"))
    with pytest.raises(ValueError, match=r"render_mode='rgb_array'.*got str"):
        next(viewer.episode(0))
    viewer.close()


def test_keys_in_the_window(viewer, window) -> None:
    moment = next(viewer.episode(0))
    assert window.show(moment) == "on"
    press(pygame.K_n)
    assert window.show(moment) == "next"
    press(pygame.K_q)
    assert window.show(moment) == "quit"
    press(pygame.K_ESCAPE)
    assert window.show(moment) == "quit"
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert window.show(moment) == "quit"


def test_space_pauses_until_it_is_pressed_again(viewer, window, monkeypatch) -> None:
    moment = next(viewer.episode(0))
    answers = iter(["on", "on", "on"])
    listened = []

    def listen() -> str:
        answer = next(answers)
        listened.append(answer)
        if len(listened) == 3:
            window._is_paused = False
        return answer

    press(pygame.K_SPACE)
    assert window._listen() == "on"
    assert window._is_paused
    monkeypatch.setattr(window, "_listen", listen)
    assert window.show(moment) == "on"
    assert len(listened) == 3


def test_plus_and_minus_change_the_speed_within_limits(window) -> None:
    window._fps = 15.0
    press(pygame.K_PLUS)
    window._listen()
    assert window._fps == 22.5
    press(*[pygame.K_MINUS] * 20)
    window._listen()
    assert window._fps == 0.5


def test_the_window_takes_the_size_of_the_picture(window) -> None:
    organism = spiking_agent.champion()
    env = organism.make_env(render_mode="rgb_array")
    viewer = Viewer(organism, env)
    moment = next(viewer.episode(0))
    window.show(moment)
    assert pygame.display.get_surface().get_size() == moment.picture.get_size()
    viewer.close()
    env.close()


@pytest.mark.parametrize("driver", ["dummy", "offscreen"])
def test_a_driver_without_a_screen_is_no_display(driver, monkeypatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", driver)
    with pytest.raises(NoDisplayError, match=driver):
        check_display()
    monkeypatch.delenv("SDL_VIDEODRIVER")
    check_display()


def test_no_screen_at_all_is_no_display(monkeypatch) -> None:
    pygame.display.quit()
    monkeypatch.setenv("SDL_VIDEODRIVER", "no such driver")
    with pytest.raises(NoDisplayError):
        Window("test", fps=10.0)
    assert not pygame.display.get_init()
