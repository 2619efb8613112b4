"""The window of the program for people, drawn with SDL's dummy driver."""

from collections.abc import Iterator

import numpy as np
import numpy.testing as npt
import pygame
import pytest

from snake_env import renderer
from snake_env.board import Snapshot
from snake_env.play import window as window_module
from snake_env.play.match import Match
from snake_env.play.session import Command, Phase, View
from snake_env.play.window import MatchWindow, first_size, fitting_side, scene_size

SIZES = [(4, 4), (10, 10), (6, 12), (12, 4), (30, 30), (4, 60), (60, 4), (255, 255)]


@pytest.fixture(autouse=True)
def close_display() -> Iterator[None]:
    yield
    pygame.quit()


def view(n_boards: int = 2, size: tuple[int, int] = (10, 10), phase: Phase = Phase.PLAYING) -> View:
    match = Match(*size)
    match.start(0)
    games = (match.person.game,) * n_boards
    return View(("You", "champion")[:n_boards], games, 200, phase, "a status", "a hint")


def pixels(surface: pygame.Surface) -> np.ndarray:
    return pygame.surfarray.array3d(surface).swapaxes(0, 1)


def rows_without(frame: np.ndarray, color: tuple[int, int, int]) -> np.ndarray:
    return (frame != np.array(color, np.uint8)).any(axis=-1)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("n_boards", [1, 2])
def test_windows_open_in_a_size_that_shows_all(n_boards: int, size: tuple[int, int]) -> None:
    width, height = first_size(n_boards, *size)
    assert 300 <= width <= window_module.WIDEST
    assert height <= 1200
    scene = MatchWindow("test").draw_view(view(n_boards, size), (width, height))
    assert scene.get_size() == (width, height)
    side = fitting_side(n_boards, *size, (width, height))
    assert scene_size(n_boards, *size, side) == (width, height)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("n_boards", [1, 2])
@pytest.mark.parametrize("phase", list(Phase))
def test_nothing_touches_the_edges_of_the_window(
    n_boards: int, size: tuple[int, int], phase: Phase
) -> None:
    long = view(n_boards, size, phase)._replace(
        status="champion wins, in 1400 moves to 1500",
        hint="arrows or WASD: turn    P: pause    space: new game    Q: quit",
    )
    frame = pixels(MatchWindow("test").draw_view(long, first_size(n_boards, *size)))
    drawn = rows_without(frame, renderer.BACKGROUND)
    assert drawn.any()
    assert not drawn[:4].any()
    assert not drawn[-4:].any()
    assert not drawn[:, :4].any()
    assert not drawn[:, -4:].any()


def test_boards_stand_side_by_side_as_the_renderer_draws_them() -> None:
    shown = view()
    other = shown.games[0]._replace(score=41, outcome="body")
    frame = pixels(
        MatchWindow("test").draw_view(
            shown._replace(games=(shown.games[0], other)), first_size(2, 10, 10)
        )
    )
    width, height = renderer.picture_size(10, 10)
    top = window_module.NAME_ROW + renderer.HEADER
    for board, game in enumerate((shown.games[0], other)):
        part = frame[top : window_module.NAME_ROW + height, board * width : (board + 1) * width]
        npt.assert_array_equal(part, renderer.picture(game, 200)[renderer.HEADER :])


@pytest.mark.parametrize("change", ["names", "status", "hint", "phase"])
def test_pictures_differ_by_all_that_a_view_says(change: str) -> None:
    changed = {"names": ("You", "x"), "status": "other", "hint": "other", "phase": Phase.PAUSED}
    window, size = MatchWindow("test"), first_size(2, 10, 10)
    before = pixels(window.draw_view(view(), size))
    after = pixels(window.draw_view(view()._replace(**{change: changed[change]}), size))
    assert (before != after).any()


def test_a_board_that_has_not_changed_is_not_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Snapshot] = []
    draw = window_module.draw

    def count(game: Snapshot, hunger_limit: int, side: int) -> pygame.Surface:
        drawn.append(game)
        return draw(game, hunger_limit, side)

    monkeypatch.setattr(window_module, "draw", count)
    window, shown = MatchWindow("test"), view()
    for _ in range(3):
        window.draw_view(shown, (1096, 696))
    assert len(drawn) == 2
    window.draw_view(shown, (1300, 900))
    assert len(drawn) == 4


def test_a_window_can_be_resized() -> None:
    window = MatchWindow("test")
    window.open(2, 10, 10)
    assert pygame.display.get_surface().get_flags() & pygame.RESIZABLE
    for size in ((1500, 900), (500, 400), (120, 90)):
        pygame.display.set_mode(size, pygame.RESIZABLE)
        window.show_view(view(), 0)
        frame = pixels(pygame.display.get_surface())
        assert frame.shape[:2] == size[::-1]
        assert pygame.display.get_caption()[0] == "test: a status"
        blue = (np.abs(frame.astype(int) - renderer.HEAD) < 30).all(axis=-1).any(axis=0)
        assert blue[: size[0] // 2].any()  # both heads are in the picture
        assert blue[size[0] // 2 :].any()
    window.close()


def test_keys_are_commands() -> None:
    window = MatchWindow("test")
    window.open(1, 10, 10)
    for name in (*"wdsa", "up", "right", "down", "left", "space", *"rnpfq", "escape", "x"):
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.key.key_code(name)))
    turns = list(Command)[:4] * 2
    rest = [Command.NEXT] * 3 + [Command.PAUSE, Command.FAST] + [Command.QUIT] * 2
    assert window.commands() == turns + rest
    assert window.commands() == []
    window.close()


def test_a_closed_window_shows_nothing() -> None:
    window = MatchWindow("test")
    window.open(1, 10, 10)
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    window.show_view(view(1), 0)
    assert not window.is_open
    assert not pygame.display.get_init()
    window.show_view(view(1), 0)
    assert not pygame.display.get_init()
