"""What the viewer's player does with time and keys, and what its window listens to."""

import time
from dataclasses import replace

import pygame
import pytest
from players import make_organism

import spiking_agent
from spiking_agent.viewer.loader import Theatre
from spiking_agent.viewer.playback import NOTE_S, PATIENCE_S, REST_S, Player
from spiking_agent.viewer.scene import KEYS
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
    window = Window((960, 540), tmp_path)
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


def test_a_speed_beyond_the_limits_is_not_turned_round(make_player) -> None:
    slow, fast = make_player(speed=0.001), make_player(speed=5000.0)
    slow.press("-")
    fast.press("+")
    assert (slow.status.speed, fast.status.speed) == (0.001, 5000.0)


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
    player = make_player(theatre, speed=0.1)
    first = player.performance
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


def test_the_same_champion_written_again_is_not_a_better_one(make_player, tmp_path) -> None:
    path = tmp_path / "champion.npz"
    make_organism(seed=1).save(path)
    content = path.read_bytes()
    player = make_player(Theatre(lambda: spiking_agent.Organism.load(path), path), speed=0.1)
    first = player.performance
    for _ in range(4):
        path.unlink()
        path.write_bytes(content)  # another file with another time
        player.pass_time(PATIENCE_S / 2)
    assert player.performance is first
    assert player.status.note == ""


def test_nobody_is_taken_off_the_stage_in_a_pause(make_player, tmp_path) -> None:
    path = tmp_path / "champion.npz"
    make_organism(seed=1).save(path)
    player = make_player(Theatre(lambda: spiking_agent.Organism.load(path), path))
    first = player.performance
    player.press("space")
    make_organism(seed=2).save(path)
    for _ in range(4):
        player.pass_time(PATIENCE_S)
    assert player.performance is first


def test_a_champion_that_cannot_play_leaves_the_present_one_on_stage(make_player, tmp_path) -> None:
    path = tmp_path / "champion.npz"
    make_organism(seed=1).save(path)
    player = make_player(Theatre(lambda: spiking_agent.Organism.load(path), path), speed=0.1)
    first = player.performance
    for organism in (
        replace(make_organism(seed=2), env_id="Nowhere-v0"),
        replace(make_organism(seed=2), env_kwargs={"render_mode": "ansi"}),
        replace(make_organism(seed=2), env_kwargs={"n_rows": 3}),
    ):
        organism.save(path)
        player.pass_time(PATIENCE_S + 1.0)
        assert player.performance is first
        assert "file changed, but" in player.status.note
        player.press("right")
        assert player.performance.tick > 0
        player.press("space")


def test_environments_are_kept_until_the_end_and_used_again(tmp_path) -> None:
    path = tmp_path / "champion.npz"
    make_organism(seed=1).save(path)
    theatre = Theatre(lambda: spiking_agent.Organism.load(path), path)
    theatre.performance.start(0)
    first = theatre.performance.env
    make_organism(seed=2).save(path)
    theatre.reload(0)
    assert theatre.performance.env is first
    replace(make_organism(seed=2), env_kwargs={"observation": "senses", "hunger_limit": 45}).save(
        path
    )
    theatre.reload(0)
    assert theatre.performance.env is not first
    first.render()  # not closed yet
    theatre.close()


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


@pytest.mark.jit  # likewise
def test_a_live_brain_goes_on_to_the_end_of_its_move_in_a_pause(make_player) -> None:
    player = make_player(Theatre(spiking_agent.champion, tick_s=0.01))
    for key in ("right", "down"):
        before = player.performance.n_moves
        player.press(key)
        assert player.performance.is_thinking
        assert player.status.is_paused
        while player.performance.is_thinking:
            player.pass_time(0.01)
        for _ in range(3):
            player.pass_time(1.0)
        assert player.performance.n_moves == before + 1


@pytest.mark.jit  # likewise
def test_what_a_live_brain_was_too_slow_for_is_not_made_up(make_player) -> None:
    player = make_player(Theatre(spiking_agent.champion, tick_s=0.001), speed=1000.0)
    for _ in range(10):
        player.pass_time(0.02)
    for _ in range(40):
        player.press("-")
    while player.performance.is_thinking:
        player.pass_time(0.0)
    before = player.performance.n_moves
    for _ in range(20):
        time.sleep(0.01)
        player.pass_time(0.01)
    assert player.performance.n_moves <= before + 1


def test_keys_and_the_cross_reach_the_player(window, make_player, tmp_path) -> None:
    player = make_player(speed=0.1)
    events = [pygame.K_h, pygame.K_DOWN, pygame.K_n, pygame.K_RIGHT, pygame.K_EQUALS, pygame.K_s]
    press(*events)
    pass_time, n_pictures = player.pass_time, 0

    def pass_and_quit(seconds: float) -> None:
        nonlocal n_pictures
        pass_time(seconds)
        n_pictures += 1
        if n_pictures == 2:
            pygame.event.post(pygame.event.Event(pygame.QUIT))

    player.pass_time = pass_and_quit
    window.run(player)
    assert n_pictures in (2, 3)
    assert pygame.display.get_caption()[0].startswith("Snake-v0")
    assert player.status.shows_help
    assert player.status.is_paused
    assert player.performance.seed == 4
    assert player.performance.step == 1
    assert player.status.speed == pytest.approx(0.15)
    assert [path.name for path in tmp_path.iterdir()] == ["Snake-v0-seed4-move0-tick1.png"]
    assert "saved" in player.status.note


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


def test_a_window_survives_an_environment_that_quits_pygame(window, make_player) -> None:
    player = make_player()
    window._draw(player)
    pygame.quit()
    window._draw(player)
    assert pygame.display.get_surface().get_size() == (960, 540)


def test_screenshots_of_one_moment_are_all_kept(window, make_player, tmp_path) -> None:
    player = make_player()
    for _ in range(3):
        player.press("s")
        window._draw(player)
    names = sorted(path.name for path in tmp_path.iterdir())
    stem = "Snake-v0-seed3-move0-tick0"
    assert names == [f"{stem}-2.png", f"{stem}-3.png", f"{stem}.png"]


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
        Window((640, 360))


def test_no_screen_at_all_is_no_display(monkeypatch) -> None:
    pygame.display.quit()
    monkeypatch.setenv("SDL_VIDEODRIVER", "no such driver")
    with pytest.raises(NoDisplayError):
        Window((640, 360))
    assert not pygame.display.get_init()
