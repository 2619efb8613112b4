"""What the viewer's playback does with time and keys, and what its window listens to."""

import time
from dataclasses import replace
from functools import partial

import pygame
import pytest
from players import make_organism

import spiking_agent
from spiking_agent.viewer.loader import Loader
from spiking_agent.viewer.playback import NOTE_S, PATIENCE_S, REST_S, Playback
from spiking_agent.viewer.scene import KEYS
from spiking_agent.viewer.window import NoDisplayError, Window

SHORT = {"hunger_limit": 45}  # the champion would play on for thousands of moves


@pytest.fixture
def make_playback():
    loaders = []

    def make(loader=None, **how) -> Playback:
        loaders.append(
            loader or Loader(partial(spiking_agent.champion, "senses"), env_kwargs=SHORT)
        )
        return Playback(loaders[-1], **{"seed": 3, "speed": 1.0, **how})

    yield make
    for loader in loaders:
        loader.close()


@pytest.fixture
def window(monkeypatch, tmp_path):
    """A window on SDL's dummy driver, which a person's window refuses."""
    monkeypatch.delenv("SDL_VIDEODRIVER")
    monkeypatch.setattr("spiking_agent.viewer.window.INVISIBLE_DRIVERS", ())
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    window = Window((960, 540), tmp_path)
    yield window
    window.close()
    window.close()


def press(*keys: int) -> None:
    for key in keys:
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key, unicode=""))


def test_time_passes_at_the_speed_asked_for(make_playback) -> None:
    playback = make_playback(speed=2.0)
    for _ in range(10):
        playback.pass_time(0.1)
    assert playback.session.n_moves == 2
    assert playback.session.tick == 24


def test_space_pauses_and_goes_on(make_playback) -> None:
    playback = make_playback()
    playback.press("space")
    assert playback.status.is_paused
    playback.pass_time(1.0)
    assert playback.session.tick == 0
    playback.press("space")
    playback.pass_time(0.5)
    assert playback.session.tick == 6


def test_right_is_a_tick_and_down_a_move(make_playback) -> None:
    playback = make_playback()
    playback.press("right")
    assert playback.session.tick == 1
    assert playback.status.is_paused
    playback.press("down")
    assert (playback.session.tick, playback.session.n_moves) == (12, 1)
    playback.press("down")
    assert (playback.session.tick, playback.session.n_moves) == (24, 2)


def test_plus_and_minus_change_the_speed_within_limits(make_playback) -> None:
    playback = make_playback(speed=10.0)
    playback.press("+")
    assert playback.status.speed == 15.0
    for _ in range(40):
        playback.press("-")
    assert playback.status.speed == 0.1
    for _ in range(40):
        playback.press("+")
    assert playback.status.speed == 1000.0


def test_a_speed_beyond_the_limits_is_not_turned_round(make_playback) -> None:
    slow, fast = make_playback(speed=0.001), make_playback(speed=5000.0)
    slow.press("-")
    fast.press("+")
    assert (slow.status.speed, fast.status.speed) == (0.001, 5000.0)


def test_r_restarts_and_n_takes_the_next_seed(make_playback) -> None:
    playback = make_playback()
    for key, seed in (("r", 3), ("n", 4), ("n", 5), ("r", 5)):
        playback.press("down")
        playback.press(key)
        assert playback.session.seed == seed
        assert playback.session.n_moves == 0


def test_s_h_and_q(make_playback) -> None:
    playback = make_playback()
    playback.press("h")
    assert playback.status.shows_help
    playback.press("h")
    assert not playback.status.shows_help
    playback.press("s")
    assert playback.wants_screenshot
    playback.press("x")
    assert not playback.is_over
    playback.press("q")
    assert playback.is_over


def test_an_end_stays_a_while_then_comes_the_next_seed_until_all_are_over(make_playback) -> None:
    ended = []
    how = {"seed": 0, "speed": 1000.0, "n_episodes": 2}
    playback = make_playback(on_end=lambda session: ended.append(session.seed), **how)
    while not playback.session.has_ended:
        playback.pass_time(0.2)
    assert ended == [0]
    playback.press("right")  # nothing more to see: it is not counted twice
    playback.press("down")
    playback.press("space")
    assert ended == [0]
    playback.pass_time(REST_S / 2)
    assert playback.session.seed == 0
    playback.pass_time(REST_S / 2)
    assert playback.session.seed == 1
    assert not playback.is_over
    while not playback.is_over:
        playback.pass_time(0.5)
    assert ended == [0, 1]


def test_a_note_goes_after_a_while(make_playback) -> None:
    playback = make_playback()
    playback.show_note("hello")
    playback.pass_time(NOTE_S / 2)
    assert playback.status.note == "hello"
    playback.pass_time(NOTE_S)
    assert playback.status.note == ""


def test_a_better_champion_plays_when_the_present_one_had_its_time(make_playback, tmp_path) -> None:
    path = tmp_path / "champion.npz"
    make_organism(seed=1).save(path)
    loader = Loader(lambda: spiking_agent.Organism.load(path), path)
    playback = make_playback(loader, speed=0.1)
    first = playback.session
    playback.pass_time(1.5)
    make_organism(seed=2).save(path)
    playback.pass_time(PATIENCE_S - 1.0)
    assert playback.session is first
    playback.pass_time(1.5)
    assert playback.session is not first
    assert playback.session.seed == 3
    assert "better" in playback.status.note

    second = playback.session
    path.write_bytes(b"half a file")
    playback.pass_time(PATIENCE_S + 1.0)
    assert playback.session is second
    assert "file changed, but" in playback.status.note


def test_the_same_champion_written_again_is_not_a_better_one(make_playback, tmp_path) -> None:
    path = tmp_path / "champion.npz"
    make_organism(seed=1).save(path)
    content = path.read_bytes()
    playback = make_playback(Loader(lambda: spiking_agent.Organism.load(path), path), speed=0.1)
    first = playback.session
    for _ in range(4):
        path.unlink()
        path.write_bytes(content)  # another file with another time
        playback.pass_time(PATIENCE_S / 2)
    assert playback.session is first
    assert playback.status.note == ""


def test_nobody_is_taken_off_the_stage_in_a_pause(make_playback, tmp_path) -> None:
    path = tmp_path / "champion.npz"
    make_organism(seed=1).save(path)
    playback = make_playback(Loader(lambda: spiking_agent.Organism.load(path), path))
    first = playback.session
    playback.press("space")
    make_organism(seed=2).save(path)
    for _ in range(4):
        playback.pass_time(PATIENCE_S)
    assert playback.session is first


def playing(**changes) -> spiking_agent.Organism:
    organism = make_organism(seed=2)
    return replace(organism, task=replace(organism.task, **changes))


def test_a_champion_that_cannot_play_leaves_the_present_one_on_stage(
    make_playback, tmp_path
) -> None:
    path = tmp_path / "champion.npz"
    make_organism(seed=1).save(path)
    playback = make_playback(Loader(lambda: spiking_agent.Organism.load(path), path), speed=0.1)
    first = playback.session
    for organism in (
        playing(env="Nowhere-v0"),
        playing(env_kwargs={"n_rows": 3}),
    ):
        organism.save(path)
        playback.pass_time(PATIENCE_S + 1.0)
        assert playback.session is first
        assert "file changed, but" in playback.status.note
        playback.press("right")
        assert playback.session.tick > 0
        playback.press("space")


def test_environments_are_kept_until_the_end_and_used_again(tmp_path) -> None:
    path = tmp_path / "champion.npz"
    make_organism(seed=1).save(path)
    loader = Loader(lambda: spiking_agent.Organism.load(path), path)
    loader.session.start(0)
    first = loader.session.env
    make_organism(seed=2).save(path)
    loader.reload(0)
    assert loader.session.env is first
    playing(env_kwargs={"observation": "senses", "hunger_limit": 45}).save(path)
    loader.reload(0)
    assert loader.session.env is not first
    first.render()  # not closed yet
    loader.close()


def test_a_better_champion_plays_the_next_episode(make_playback, tmp_path) -> None:
    path = tmp_path / "champion.npz"
    make_organism(seed=1).save(path)
    loader = Loader(lambda: spiking_agent.Organism.load(path), path)
    playback = make_playback(loader, speed=1000.0)
    first = playback.session
    make_organism(seed=2).save(path)
    while playback.session.seed == 3:
        playback.pass_time(0.2)
    assert playback.session is not first


@pytest.mark.slow  # on the wall clock
def test_a_live_brain_moves_at_the_speed_asked_for(make_playback) -> None:
    playback = make_playback(
        Loader(partial(spiking_agent.champion, "senses"), tick_s=0.002), speed=10.0
    )
    begun = time.perf_counter()
    for _ in range(50):
        time.sleep(0.02)
        playback.pass_time(0.02)
    assert 3 <= playback.session.n_moves <= 10 * (time.perf_counter() - begun)
    assert playback.session.jitter.n_ticks >= 12 * playback.session.n_moves


@pytest.mark.slow  # likewise
def test_a_live_brain_goes_on_to_the_end_of_its_move_in_a_pause(make_playback) -> None:
    playback = make_playback(Loader(partial(spiking_agent.champion, "senses"), tick_s=0.01))
    for key in ("right", "down"):
        before = playback.session.n_moves
        playback.press(key)
        assert playback.session.is_thinking
        assert playback.status.is_paused
        while playback.session.is_thinking:
            playback.pass_time(0.01)
        for _ in range(3):
            playback.pass_time(1.0)
        assert playback.session.n_moves == before + 1


@pytest.mark.slow  # likewise
def test_what_a_live_brain_was_too_slow_for_is_not_made_up(make_playback) -> None:
    playback = make_playback(
        Loader(partial(spiking_agent.champion, "senses"), tick_s=0.001), speed=1000.0
    )
    for _ in range(10):
        playback.pass_time(0.02)
    for _ in range(40):
        playback.press("-")
    while playback.session.is_thinking:
        playback.pass_time(0.0)
    before = playback.session.n_moves
    for _ in range(20):
        time.sleep(0.01)
        playback.pass_time(0.01)
    assert playback.session.n_moves <= before + 1


def test_keys_and_the_cross_reach_the_playback(window, make_playback, tmp_path) -> None:
    playback = make_playback(speed=0.1)
    events = [pygame.K_h, pygame.K_DOWN, pygame.K_n, pygame.K_RIGHT, pygame.K_EQUALS, pygame.K_s]
    press(*events)
    pass_time, n_pictures = playback.pass_time, 0

    def pass_and_quit(seconds: float) -> None:
        nonlocal n_pictures
        pass_time(seconds)
        n_pictures += 1
        if n_pictures == 2:
            pygame.event.post(pygame.event.Event(pygame.QUIT))

    playback.pass_time = pass_and_quit
    window.run(playback)
    assert n_pictures in (2, 3)
    assert pygame.display.get_caption()[0].startswith("Snake-v0")
    assert playback.status.shows_help
    assert playback.status.is_paused
    assert playback.session.seed == 4
    assert playback.session.step == 1
    assert playback.status.speed == pytest.approx(0.15)
    assert [path.name for path in tmp_path.iterdir()] == ["Snake-v0-seed4-move0-tick1.png"]
    assert "saved" in playback.status.note


def test_every_key_of_the_help_does_something(make_playback) -> None:
    words = [name for keys, _ in KEYS for name in keys.replace(",", " ").split()]
    for word in set(words) - {"mouse", "Esc"}:
        playback = make_playback()
        before = (playback.status, playback.session.tick, playback.session.seed, playback.is_over)
        if word == "R":
            playback.press("down")
        playback.press(word.lower())
        after = (playback.status, playback.session.tick, playback.session.seed, playback.is_over)
        assert after != before or playback.wants_screenshot, word


def test_a_window_survives_an_environment_that_quits_pygame(window, make_playback) -> None:
    playback = make_playback()
    window._draw(playback)
    pygame.quit()
    window._draw(playback)
    assert pygame.display.get_surface().get_size() == (960, 540)


def test_screenshots_of_one_moment_are_all_kept(window, make_playback, tmp_path) -> None:
    playback = make_playback()
    for _ in range(3):
        playback.press("s")
        window._draw(playback)
    names = sorted(path.name for path in tmp_path.iterdir())
    stem = "Snake-v0-seed3-move0-tick0"
    assert names == [f"{stem}-2.png", f"{stem}-3.png", f"{stem}.png"]


def test_the_window_can_be_resized_and_a_screenshot_may_fail(window, make_playback) -> None:
    playback = make_playback()
    pygame.display.set_mode((1280, 720), pygame.RESIZABLE)
    window._draw(playback)
    assert window._scene.size == (1280, 720)
    first = window._scene
    window._draw(playback)
    assert window._scene is first
    pygame.display.set_mode((300, 200), pygame.RESIZABLE)  # smaller than can be drawn
    window._draw(playback)
    assert window._scene.size == (640, 360)
    window._folder /= "nowhere"
    playback.press("s")
    window._draw(playback)
    assert "no screenshot" in playback.status.note


@pytest.mark.parametrize("driver", ["dummy", "offscreen"])
def test_a_driver_without_a_screen_is_no_display(driver, monkeypatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", driver)
    with pytest.raises(NoDisplayError, match=driver):
        Window((640, 360))


def test_no_screen_at_all_is_no_display(monkeypatch) -> None:
    pygame.display.quit()
    monkeypatch.setenv("SDL_VIDEODRIVER", "no such driver")
    with pytest.raises(NoDisplayError, match="no such driver"):
        Window((640, 360))
    assert not pygame.display.get_init()
