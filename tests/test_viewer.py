"""What the viewer's player does with time and keys, and what its window listens to."""

import time

import pygame
import pytest
from players import make_organism

import spiking_agent
from spiking_agent.viewer.player import NOTE_S, PATIENCE_S, REST_S, Player
from spiking_agent.viewer.scene import KEYS
from spiking_agent.viewer.theatre import Theatre
from spiking_agent.viewer.window import NoDisplayError, Window

SHORT = {"hunger_limit": 45}  # the champion would play on for thousands of moves


@pytest.fixture
def make_player():
    theatres = []

    def make(theatre=None, **how) -> Player:
        theatres.append(theatre or Theatre(spiking_agent.champion, env_kwargs=SHORT))
        return Player(theatres[-1], **{"seed": 3, "speed": 1.0, **how})

    yield make
    for theatre in theatres:
        theatre.close()


@pytest.fixture
def window(monkeypatch, tmp_path):
    """A window on SDL's dummy driver, which a person's window refuses."""
    monkeypatch.delenv("SDL_VIDEODRIVER")
    monkeypatch.setattr("spiking_agent.viewer.window.INVISIBLE_DRIVERS", ())
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    window = Window("test", (960, 540), tmp_path)
    yield window
    window.close()
    window.close()


def press(*keys: int) -> None:
    for key in keys:
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key, unicode=""))


def test_time_passes_at_the_speed_asked_for(make_player) -> None:
    player = make_player(speed=2.0)
    for _ in range(10):
        player.pass_time(0.1)
    assert player.performance.n_moves == 2
    assert player.performance.tick == 24


def test_space_pauses_and_goes_on(make_player) -> None:
    player = make_player()
    player.press("space")
    assert player.status.is_paused
    player.pass_time(1.0)
    assert player.performance.tick == 0
    player.press("space")
    player.pass_time(0.5)
    assert player.performance.tick == 6


def test_right_is_a_tick_and_down_a_move(make_player) -> None:
    player = make_player()
    player.press("right")
    assert player.performance.tick == 1
    assert player.status.is_paused
    player.press("down")
    assert (player.performance.tick, player.performance.n_moves) == (12, 1)
    player.press("down")
    assert (player.performance.tick, player.performance.n_moves) == (24, 2)


def test_plus_and_minus_change_the_speed_within_limits(make_player) -> None:
    player = make_player(speed=10.0)
    player.press("+")
    assert player.status.speed == 15.0
    for _ in range(40):
        player.press("-")
    assert player.status.speed == 0.1
    for _ in range(40):
        player.press("+")
    assert player.status.speed == 1000.0


def test_r_restarts_and_n_takes_the_next_seed(make_player) -> None:
    player = make_player()
    for key, seed in (("r", 3), ("n", 4), ("n", 5), ("r", 5)):
        player.press("down")
        player.press(key)
        assert player.performance.seed == seed
        assert player.performance.n_moves == 0


def test_s_h_and_q(make_player) -> None:
    player = make_player()
    player.press("h")
    assert player.status.shows_help
    player.press("h")
    assert not player.status.shows_help
    player.press("s")
    assert player.wants_screenshot
    player.press("x")
    assert not player.is_over
    player.press("q")
    assert player.is_over


def test_an_end_stays_a_while_then_comes_the_next_seed_until_all_are_over(make_player) -> None:
    ended = []
    how = {"seed": 0, "speed": 1000.0, "n_episodes": 2}
    player = make_player(on_end=lambda performance: ended.append(performance.seed), **how)
    while not player.performance.has_ended:
        player.pass_time(0.2)
    assert ended == [0]
    player.press("right")  # nothing more to see: it is not counted twice
    player.press("down")
    player.press("space")
    assert ended == [0]
    player.pass_time(REST_S / 2)
    assert player.performance.seed == 0
    player.pass_time(REST_S / 2)
    assert player.performance.seed == 1
    assert not player.is_over
    while not player.is_over:
        player.pass_time(0.5)
    assert ended == [0, 1]


def test_a_note_goes_after_a_while(make_player) -> None:
    player = make_player()
    player.tell("hello")
    player.pass_time(NOTE_S / 2)
    assert player.status.note == "hello"
    player.pass_time(NOTE_S)
    assert player.status.note == ""


def test_a_better_champion_plays_when_the_present_one_had_its_time(make_player, tmp_path) -> None:
    path = tmp_path / "champion.npz"
    make_organism(seed=1).save(path)
    theatre = Theatre(lambda: spiking_agent.Organism.load(path), path)
    player = make_player(theatre)
    first = player.performance
    player.press("space")
    player.pass_time(1.5)
    make_organism(seed=2).save(path)
    player.pass_time(PATIENCE_S - 1.0)
    assert player.performance is first
    player.pass_time(1.5)
    assert player.performance is not first
    assert player.performance.seed == 3
    assert "better" in player.status.note

    second = player.performance
    path.write_bytes(b"half a file")
    player.pass_time(PATIENCE_S + 1.0)
    assert player.performance is second
    assert "file changed, but" in player.status.note


def test_a_better_champion_plays_the_next_episode(make_player, tmp_path) -> None:
    path = tmp_path / "champion.npz"
    make_organism(seed=1).save(path)
    theatre = Theatre(lambda: spiking_agent.Organism.load(path), path)
    player = make_player(theatre, speed=1000.0)
    first = player.performance
    make_organism(seed=2).save(path)
    while player.performance.seed == 3:
        player.pass_time(0.2)
    assert player.performance is not first


@pytest.mark.jit  # on the wall clock, which coverage slows down
def test_a_live_brain_moves_at_the_speed_asked_for(make_player) -> None:
    player = make_player(Theatre(spiking_agent.champion, tick_s=0.002), speed=10.0)
    begun = time.perf_counter()
    for _ in range(50):
        time.sleep(0.02)
        player.pass_time(0.02)
    assert 3 <= player.performance.n_moves <= 10 * (time.perf_counter() - begun)
    assert player.performance.jitter.n_ticks >= 12 * player.performance.n_moves


def test_keys_and_the_cross_reach_the_player(window, make_player, tmp_path) -> None:
    player = make_player(speed=0.1)
    events = [pygame.K_h, pygame.K_DOWN, pygame.K_n, pygame.K_RIGHT, pygame.K_EQUALS, pygame.K_s]
    press(*events)
    n_pictures = 0

    def after() -> None:
        nonlocal n_pictures
        n_pictures += 1
        if n_pictures == 2:
            pygame.event.post(pygame.event.Event(pygame.QUIT))

    window.run(player, after)
    assert n_pictures in (2, 3)
    assert player.status.shows_help
    assert player.status.is_paused
    assert player.performance.seed == 4
    assert player.performance.step == 1
    assert player.status.speed == pytest.approx(0.15)
    assert [path.name for path in tmp_path.iterdir()] == ["Snake-v0-seed4-move0-tick1.png"]
    assert "saved" in player.status.note
    assert window.pictures_a_second >= 0


def test_every_key_of_the_help_does_something(make_player) -> None:
    words = [name for keys, _ in KEYS for name in keys.replace(",", " ").split()]
    for word in set(words) - {"mouse", "Esc"}:
        player = make_player()
        before = (player.status, player.performance.tick, player.performance.seed, player.is_over)
        if word == "R":
            player.press("down")
        player.press(word.lower())
        after = (player.status, player.performance.tick, player.performance.seed, player.is_over)
        assert after != before or player.wants_screenshot, word


def test_the_window_can_be_resized_and_a_screenshot_may_fail(window, make_player) -> None:
    player = make_player()
    pygame.display.set_mode((1280, 720), pygame.RESIZABLE)
    window._draw(player)
    assert window._scene.size == (1280, 720)
    first = window._scene
    window._draw(player)
    assert window._scene is first
    pygame.display.set_mode((300, 200), pygame.RESIZABLE)  # smaller than can be drawn
    window._draw(player)
    assert window._scene.size == (640, 360)
    window._folder /= "nowhere"
    player.press("s")
    window._draw(player)
    assert "no screenshot" in player.status.note


@pytest.mark.parametrize("driver", ["dummy", "offscreen"])
def test_a_driver_without_a_screen_is_no_display(driver, monkeypatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", driver)
    with pytest.raises(NoDisplayError, match=driver):
        Window("test", (640, 360))


def test_no_screen_at_all_is_no_display(monkeypatch) -> None:
    pygame.display.quit()
    monkeypatch.setenv("SDL_VIDEODRIVER", "no such driver")
    with pytest.raises(NoDisplayError):
        Window("test", (640, 360))
    assert not pygame.display.get_init()
