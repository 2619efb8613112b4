"""The window in which a person plays: one board or two side by side, drawn with pygame."""

from typing import Final

import pygame

from snake_env.board import Snapshot
from snake_env.play.session import Command, Phase, View
from snake_env.renderer import (
    ALARM,
    BACKGROUND,
    FAINT,
    HEADER,
    LEAST_WIDTH,
    MARGIN,
    SCALE,
    TEXT,
    WIN,
    Color,
    Window,
    cell_side,
    draw,
    fit,
    picture_size,
)

NAME_ROW: Final = 26  # pixels above a board for its name
FOOTER: Final = 66  # pixels under the boards
WIDEST: Final = 1280  # pixels of a new window, if the smallest cells fit into it
SMALLEST_CELL: Final = 2
LARGEST_CELL: Final = 120
SMALLEST_TEXT: Final = 13
VEIL: Final = 110  # how much a pause hides, of 255
STATUS_COLORS: Final[dict[Phase, Color]] = {
    Phase.READY: WIN,
    Phase.PAUSED: WIN,
    Phase.WATCHING: ALARM,
    Phase.OVER: WIN,
}
KEYS: Final = {
    pygame.K_UP: Command.UP,
    pygame.K_w: Command.UP,
    pygame.K_RIGHT: Command.RIGHT,
    pygame.K_d: Command.RIGHT,
    pygame.K_DOWN: Command.DOWN,
    pygame.K_s: Command.DOWN,
    pygame.K_LEFT: Command.LEFT,
    pygame.K_a: Command.LEFT,
    pygame.K_SPACE: Command.NEXT,
    pygame.K_r: Command.NEXT,
    pygame.K_n: Command.NEXT,
    pygame.K_p: Command.PAUSE,
    pygame.K_f: Command.FAST,
    pygame.K_q: Command.QUIT,
    pygame.K_ESCAPE: Command.QUIT,
}


def scene_size(n_boards: int, n_rows: int, n_cols: int, side: int) -> tuple[int, int]:
    """Return the width and height, in pixels, of boards with cells of a side.

    Parameters
    ----------
    n_boards, n_rows, n_cols : int
        Number of boards, and their size in cells.
    side : int
        Side of a cell, in pixels.
    """
    width, height = picture_size(n_rows, n_cols, side)
    return n_boards * width, _name_row(n_boards) + height + FOOTER


def first_size(n_boards: int, n_rows: int, n_cols: int) -> tuple[int, int]:
    """Return the size of a new window.

    Parameters
    ----------
    n_boards, n_rows, n_cols : int
        Number of boards, and their size in cells.

    Returns
    -------
    (int, int)
        Width and height, in pixels.
    """
    side = cell_side(n_rows, n_cols)
    while side > SMALLEST_CELL and scene_size(n_boards, n_rows, n_cols, side)[0] > WIDEST:
        side -= 1
    return scene_size(n_boards, n_rows, n_cols, side)


def fitting_side(n_boards: int, n_rows: int, n_cols: int, size: tuple[int, int]) -> int:
    """Return the side of cells with which boards fill a window, within the limits of a cell.

    Parameters
    ----------
    n_boards, n_rows, n_cols : int
        Number of boards, and their size in cells.
    size : (int, int)
        Width and height of the window, in pixels.

    Returns
    -------
    int
        Side of a cell, in pixels.
    """
    across = (size[0] // n_boards - 2 * MARGIN) // n_cols
    down = (size[1] - _name_row(n_boards) - FOOTER - HEADER - 2 * MARGIN) // n_rows
    return min(max(min(across, down), SMALLEST_CELL), LARGEST_CELL)


def _name_row(n_boards: int) -> int:
    return NAME_ROW if n_boards > 1 else 0


class MatchWindow(Window):
    """A window that can be resized, with a person's board and perhaps an opponent's.

    Parameters
    ----------
    title : str
        Title of the window, which the status follows.
    """

    def __init__(self, title: str) -> None:
        super().__init__(title, is_resizable=True)
        self._title = title
        self._pictures: dict[int, tuple[tuple[Snapshot, int], pygame.Surface]] = {}

    def open(self, n_boards: int, n_rows: int, n_cols: int) -> None:
        """Open the window for some boards, with a note until the first view is drawn.

        Parameters
        ----------
        n_boards, n_rows, n_cols : int
            Number of boards, and their size in cells.

        Raises
        ------
        pygame.error
            If there is no display.
        """
        screen = self.open_screen(first_size(n_boards, n_rows, n_cols))
        middle, room = screen.get_rect().center, screen.get_width() - 2 * MARGIN
        _write(screen, "getting ready ...", 28, FAINT, middle, room, is_centered=True)
        pygame.display.flip()
        pygame.event.pump()

    def show_view(self, view: View, fps: float) -> None:
        """Draw, wait for the next frame, and notice if the person closes the window.

        Parameters
        ----------
        view : View
            What is shown.
        fps : float
            Frames per second at most; 0 does not wait.

        Raises
        ------
        pygame.error
            If there is no display.
        """
        if not self.is_open:
            return
        n_rows, n_cols = view.games[0].n_rows, view.games[0].n_cols
        screen = self.open_screen(first_size(len(view.games), n_rows, n_cols))
        scene = self.draw_view(view, screen.get_size())
        fit(scene, screen)  # the window may be smaller than the smallest scene
        pygame.display.set_caption(f"{self._title}: {view.status}")
        self.end_frame(fps)

    def commands(self) -> list[Command]:
        """Return what the person has asked for since the last call, oldest first."""
        return [KEYS[key] for key in self.pressed_keys() if key in KEYS]

    def draw_view(self, view: View, size: tuple[int, int]) -> pygame.Surface:
        """Return a view on a new surface of a size, or larger if the boards need it.

        Parameters
        ----------
        view : View
            What to draw.
        size : (int, int)
            Width and height, in pixels.
        """
        n_boards, game = len(view.games), view.games[0]
        side = fitting_side(n_boards, game.n_rows, game.n_cols, size)
        least = scene_size(n_boards, game.n_rows, game.n_cols, side)
        width, height = max(size[0], least[0]), max(size[1], least[1])
        scene = pygame.Surface((width, height), depth=32)
        scene.fill(BACKGROUND)
        top = (height - least[1]) // 2
        for board, (name, game) in enumerate(zip(view.names, view.games, strict=True)):
            picture = self._picture(board, game, view.hunger_limit, side)
            left = (2 * board + 1) * width // (2 * n_boards) - picture.get_width() // 2
            scene.blit(picture, (left, top + _name_row(n_boards)))
            if n_boards > 1:
                _write(scene, name, 28, TEXT, (left + MARGIN, top + 10), LEAST_WIDTH)
        if view.phase is Phase.PAUSED:
            veil = pygame.Surface((width, height), depth=32)
            veil.fill(BACKGROUND)
            veil.set_alpha(VEIL)
            scene.blit(veil, (0, 0))
        middle, room = width // 2, width - 2 * MARGIN
        bottom = top + least[1] - FOOTER
        color = STATUS_COLORS.get(view.phase, FAINT)
        _write(scene, view.status, 28, color, (middle, bottom), room, is_centered=True)
        _write(scene, view.hint, 21, FAINT, (middle, bottom + 32), room, is_centered=True)
        return scene

    def _picture(self, board: int, game: Snapshot, hunger_limit: int, side: int) -> pygame.Surface:
        """Return the picture of a board; the last one if nothing has changed."""
        key, picture = self._pictures.get(board, (None, None))
        if picture is None or key != (game, side):
            picture = draw(game, hunger_limit, side)
            self._pictures[board] = (game, side), picture
        return picture


def _write(
    scene: pygame.Surface,
    text: str,
    points: int,
    color: Color,
    place: tuple[int, int],
    room: int,
    *,
    is_centered: bool = False,
) -> None:
    """Write a line from its top left or top centre, small enough for its room."""
    pygame.font.init()
    while points > SMALLEST_TEXT and pygame.font.Font(None, points).size(text)[0] > room:
        points -= 1
    line = pygame.font.Font(None, SCALE * points).render(text, True, color)
    line = pygame.transform.smoothscale_by(line, 1 / SCALE)
    where = {"midtop": place} if is_centered else {"topleft": place}
    scene.blit(line, line.get_rect(**where))
