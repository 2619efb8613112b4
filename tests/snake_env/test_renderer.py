"""Pictures and windows, drawn with SDL's dummy driver."""

import copy
import pickle  # noqa: TID251
from collections.abc import Iterator
from typing import Any

import gymnasium as gym
import naive
import numpy as np
import numpy.testing as npt
import pygame
import pytest
from gymnasium.utils.play import play

from snake_env import SnakeEnv, renderer
from snake_env.board import Snapshot


@pytest.fixture(autouse=True)
def close_display() -> Iterator[None]:
    yield
    pygame.quit()


def has_color(frame: np.ndarray, color: tuple[int, int, int]) -> bool:
    return bool((frame == np.array(color, np.uint8)).all(axis=-1).any())


def game(**changes: Any) -> Snapshot:
    usual = Snapshot(10, 10, [(5, 5), (5, 4), (6, 4)], (2, 8), 1, 4, 7, None)
    return usual._replace(**changes)


@pytest.mark.parametrize("size", [(4, 4), (10, 10), (7, 12), (20, 20), (4, 60), (255, 255)])
def test_picture_is_a_fresh_array_of_decent_size(size: tuple[int, int]) -> None:
    env = SnakeEnv(*size, render_mode="rgb_array")
    env.reset(seed=0)
    frame, again = env.render(), env.render()
    assert frame.dtype == np.uint8
    assert frame.shape[2] == 3
    assert frame.shape[:2] == renderer.picture_size(*size)[::-1]
    assert 100 <= min(frame.shape[:2]) <= max(frame.shape[:2]) <= 1200
    npt.assert_array_equal(frame, again)
    assert not np.shares_memory(frame, again)


def test_picture_shows_snake_and_food_in_their_cells() -> None:
    frame = renderer.picture(game(), 200)
    side = renderer.cell_side(10, 10)
    left, top = renderer.MARGIN, renderer.MARGIN + renderer.HEADER

    def center(row: int, col: int) -> list[int]:
        color: list[int] = frame[top + row * side + side // 2, left + col * side + side // 2]
        return list(color)

    assert center(2, 8) == list(renderer.FOOD)
    assert center(5, 5) == list(renderer.HEAD)
    npt.assert_allclose(np.array(center(6, 4), int), renderer.TAIL, atol=25)  # shades into the next
    assert center(0, 0) == list(renderer.CELLS[0])
    assert center(0, 1) == list(renderer.CELLS[1])


@pytest.mark.parametrize("outcome", ["wall", "body", "hunger"])
def test_a_dead_snake_is_grey(outcome: str) -> None:
    frame = renderer.picture(game(outcome=outcome), 200)[renderer.HEADER + renderer.MARGIN :]
    assert has_color(frame, renderer.DEAD_HEAD)
    assert not has_color(frame, renderer.HEAD)


def test_a_won_board_is_framed_in_gold() -> None:
    body = naive.cycle(4, 4)
    frame = renderer.picture(game(n_rows=4, n_cols=4, body=body, food=None, outcome="win"), 32)
    assert has_color(frame, renderer.WIN)
    assert not has_color(frame, renderer.FOOD)


def test_pictures_differ_by_score_hunger_and_heading() -> None:
    games = [game(), game(score=5), game(hunger=150), game(heading=0), game(outcome="body")]
    assert len({renderer.picture(one, 200).tobytes() for one in games}) == len(games)


def test_text_shows_the_board() -> None:
    env = SnakeEnv(4, 5, render_mode="ansi")
    env.reset(seed=0, options={"body": [(1, 2), (2, 2), (2, 1)], "food": (0, 4)})
    board = ["+-----+", "|....*|", "|..^..|", "|.oo..|", "|.....|", "+-----+"]
    assert env.render().splitlines() == ["score 0  length 3  hunger 0", *board]
    env.reset(options={"body": [(0, 2), (1, 2)], "food": (0, 4)})
    env.step(0)
    assert env.render().startswith("score 0  length 2  hunger 1  wall\n")


def test_render_without_a_mode_warns() -> None:
    env = gym.make("Snake-v0")
    env.reset(seed=0)
    with pytest.warns(UserWarning, match=r"render\(\) without a render mode"):
        assert env.unwrapped.render() is None


def test_render_before_reset_is_refused() -> None:
    for mode in ("rgb_array", "ansi", "human"):
        with pytest.raises(gym.error.ResetNeeded, match="there is no game to show yet"):
            SnakeEnv(render_mode=mode).render()


# --- The window ---


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> Iterator[SnakeEnv]:
    """Make an env with a window that does not wait for its frames."""
    monkeypatch.setitem(SnakeEnv.metadata, "render_fps", 0)
    env = SnakeEnv(render_mode="human")
    yield env
    env.close()


def test_window_opens_at_reset_and_shows_the_picture(env: SnakeEnv) -> None:
    assert not pygame.display.get_init()
    env.reset(seed=0)
    env.step(1)
    assert env.render() is None
    shown = pygame.surfarray.array3d(pygame.display.get_surface()).swapaxes(0, 1)
    npt.assert_array_equal(shown, renderer.picture(env.snapshot(), env.settings.hunger_limit))
    assert not pygame.mixer.get_init()
    env.close()
    assert not pygame.display.get_init()
    env.close()


def test_a_person_may_close_the_window(env: SnakeEnv) -> None:
    env.reset(seed=0)
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    env.step(1)
    assert not pygame.display.get_init()
    env.step(1)
    env.reset()
    assert not pygame.display.get_init()
    env.render()
    assert pygame.display.get_init()


def test_a_display_that_was_open_before_stays_open(env: SnakeEnv) -> None:
    pygame.display.init()
    env.reset(seed=0)
    env.close()
    assert pygame.display.get_init()


def test_window_survives_that_somebody_else_closes_pygame(env: SnakeEnv) -> None:
    env.reset(seed=0)
    pygame.quit()
    env.step(1)
    assert pygame.display.get_init()


def shown_whole(env: gym.Env) -> bool:
    """Whether the env's picture is all that the window shows, and all of it."""
    game, limit = env.unwrapped.snapshot(), env.unwrapped.settings.hunger_limit
    frame = renderer.picture(game, limit)
    screen = pygame.surfarray.array3d(pygame.display.get_surface()).transpose(1, 0, 2)
    top, left = (
        (whole - part) // 2 for whole, part in zip(screen.shape[:2], frame.shape[:2], strict=True)
    )
    inside = screen[top : top + frame.shape[0], left : left + frame.shape[1]]
    is_there = np.array_equal(inside, frame)
    inside[:] = renderer.BACKGROUND
    return is_there and (screen == renderer.BACKGROUND).all()


@pytest.mark.parametrize("sizes", [(4, 20), (20, 4), (4, 4, 11), (254, 4, 12)])
def test_windows_of_different_boards_cut_no_picture_off(sizes) -> None:
    envs = [SnakeEnv(n_rows=size, n_cols=size + 1, render_mode="human") for size in sizes]
    for env in envs:
        env.reset(seed=0)
    for _ in range(2):
        for env in envs:
            env.step(1)
            assert shown_whole(env)
            assert (
                pygame.display.get_caption()[0]
                == f"Snake {env.settings.n_rows} x {env.settings.n_cols}"
            )
    envs[0].close()  # and the window, which it has opened: the others open it again
    for env in envs[1:]:
        env.step(1)
        assert shown_whole(env)
    for env in envs[1:]:
        env.close()
    assert not pygame.display.get_init()


def test_a_window_that_others_made_smaller_grows_again(env: SnakeEnv) -> None:
    env.reset(seed=0)
    pygame.display.set_mode((200, 1000))
    env.step(1)
    assert shown_whole(env)
    env.close()
    assert not pygame.display.get_init()


def test_keys_are_left_for_who_wants_them(env: SnakeEnv) -> None:
    env.reset(seed=0)
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_UP))
    env.step(1)
    assert [event.key for event in pygame.event.get(pygame.KEYDOWN)] == [pygame.K_UP]


def test_a_copy_has_no_window(env: SnakeEnv) -> None:
    env.reset(seed=0)
    for twin in (copy.deepcopy(env), pickle.loads(pickle.dumps(env))):  # noqa: S301
        assert twin._display._window is None
        assert twin.snapshot() == env.snapshot()
    assert env._display._window is not None


def test_no_screen_is_an_error_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderer.pygame.display, "get_driver", lambda: "offscreen")
    window = renderer.Window("nobody sees this")
    with pytest.raises(pygame.error, match="no screen that a person can see"):
        window.show(game(), 200, 0)
    assert not window.is_open
    assert not pygame.display.get_init()
    assert window.pressed_keys() == []
    window.show(game(), 200, 0)  # a closed window shows nothing


def test_gymnasiums_play_takes_our_keys() -> None:
    env = gym.make("Snake-v0", render_mode="rgb_array")
    actions = []

    def callback(*step: Any) -> None:
        actions.append(step[2])
        if len(actions) == 1:
            pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_RIGHT))
        if len(actions) == 3:
            pygame.event.post(pygame.event.Event(pygame.QUIT))

    play(env, seed=0, fps=1000, callback=callback)
    assert actions == [0, 1, 1]
