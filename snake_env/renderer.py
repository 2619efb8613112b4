"""Pictures of a game, drawn with pygame.

Everything is drawn larger and then scaled down, which makes the edges smooth. The colours suit all
colour vision: a blue snake, orange food, and a grey snake when it is dead.
"""

import os
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "hide")

import pygame

from snake_env.board import Snapshot

Color = tuple[int, int, int]
Point = tuple[float, float]

BACKGROUND: Final[Color] = (16, 20, 27)
EDGE: Final[Color] = (58, 68, 82)
CELLS: Final[tuple[Color, Color]] = ((27, 33, 43), (31, 39, 50))
TEXT: Final[Color] = (233, 237, 242)
FAINT: Final[Color] = (140, 152, 168)
HEAD: Final[Color] = (134, 212, 255)
TAIL: Final[Color] = (10, 92, 156)
DEAD_HEAD: Final[Color] = (190, 196, 204)
DEAD_TAIL: Final[Color] = (88, 96, 106)
FOOD: Final[Color] = (240, 150, 30)
FOOD_SHINE: Final[Color] = (255, 214, 140)
ALARM: Final[Color] = (226, 96, 32)
WIN: Final[Color] = (248, 208, 80)
EYE: Final[Color] = (12, 24, 40)

SCALE: Final = 2  # how much larger a picture is drawn than it becomes
BORDER: Final = 3 * SCALE  # pixels of the drawn board's edge
MARGIN: Final = 14  # pixels around the board
HEADER: Final = 52  # pixels above it
LEAST_WIDTH: Final = 300  # pixels that the header needs
BOARD_SIDE: Final = 520  # pixels of the longer side, as far as the cells' limits allow
SMALLEST_CELL: Final = 4
LARGEST_CELL: Final = 72
INVISIBLE_DRIVERS: Final = ("dummy", "offscreen")  # what SDL takes where there is no screen
SMALLEST_WITH_DETAIL: Final = 12 * SCALE  # side of a drawn cell from which eyes and shades show
SHADES: Final = 6  # steps of colour from one cell of the body to the next
ENDINGS: Final = {
    "wall": "hit the wall",
    "body": "bit itself",
    "hunger": "went hungry",
    "win": "board solved",
}


def cell_side(n_rows: int, n_cols: int) -> int:
    """Return a side for cells, in pixels, with which a board makes a picture of a good size."""
    return min(max(BOARD_SIDE // max(n_rows, n_cols), SMALLEST_CELL), LARGEST_CELL)


def picture_size(n_rows: int, n_cols: int, side: int | None = None) -> tuple[int, int]:
    """Return a picture's width and height, in pixels, for cells of a side or the usual one.

    Parameters
    ----------
    n_rows, n_cols : int
        Size of the board, in cells.
    side : int, optional
        Side of a cell, in pixels; default: that of `cell_side`.
    """
    side = side or cell_side(n_rows, n_cols)
    return max(n_cols * side, LEAST_WIDTH) + 2 * MARGIN, n_rows * side + 2 * MARGIN + HEADER


def picture(game: Snapshot, hunger_limit: int) -> NDArray[np.uint8]:
    """Return a picture of a game.

    Parameters
    ----------
    game : Snapshot
        The game.
    hunger_limit : int
        Moves without food at which it ends, for the bar in the header.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        Red, green, blue; a fresh array. The same game gives the same picture.
    """
    surface = draw(game, hunger_limit)
    pixels = bytearray(pygame.image.tobytes(surface, "RGB"))
    return np.frombuffer(pixels, np.uint8).reshape(surface.get_height(), surface.get_width(), 3)


def draw(game: Snapshot, hunger_limit: int, side: int | None = None) -> pygame.Surface:
    """Return a game drawn on a new surface of the size that `picture_size` returns.

    Parameters
    ----------
    game : Snapshot
        The game.
    hunger_limit : int
        Moves without food that end the game.
    side : int, optional
        Side of a cell, in pixels; default: that of `cell_side`.
    """
    size = picture_size(game.n_rows, game.n_cols, side)
    surface = pygame.Surface((size[0] * SCALE, size[1] * SCALE), depth=32)
    surface.fill(BACKGROUND)
    side = (side or cell_side(game.n_rows, game.n_cols)) * SCALE
    left = (surface.get_width() - game.n_cols * side) // 2
    top = (MARGIN + HEADER) * SCALE
    _draw_header(surface, game, hunger_limit)
    color = {None: EDGE, "win": WIN, "wall": ALARM}.get(game.outcome, EDGE)
    board = _board(game.n_rows, game.n_cols, side, color)
    surface.blit(board, (left - BORDER, top - BORDER))
    if game.food is not None:
        _draw_food(surface, _center(game.food, left, top, side), side)
    _draw_snake(surface, game, left, top, side)
    return pygame.transform.smoothscale(surface, size)


def _center(cell: tuple[int, int], left: int, top: int, side: int) -> Point:
    return left + (cell[1] + 0.5) * side, top + (cell[0] + 0.5) * side


def _mix(first: Color, second: Color, share: float) -> Color:
    """Return a mixture of two colours, with `share` of the second, 0 to 1."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _draw_header(surface: pygame.Surface, game: Snapshot, hunger_limit: int) -> None:
    pygame.font.init()
    large, small = (pygame.font.Font(None, points * SCALE) for points in (40, 21))
    edge, right = MARGIN * SCALE, surface.get_width() - MARGIN * SCALE
    score = large.render(str(game.score), True, TEXT)
    surface.blit(score, (edge, 14 * SCALE))
    label = small.render("score", True, FAINT)
    x = edge + score.get_width() + 7 * SCALE
    surface.blit(label, (x, 26 * SCALE))
    x += label.get_width() + 18 * SCALE
    if game.outcome is None:
        surface.blit(small.render(f"length {len(game.body)}", True, FAINT), (x, 26 * SCALE))
    else:
        color = WIN if game.outcome == "win" else ALARM
        surface.blit(small.render(ENDINGS[game.outcome], True, color), (x, 26 * SCALE))

    width, height = 92 * SCALE, 7 * SCALE
    left_over = max(0.0, 1 - game.hunger / hunger_limit)
    label = small.render("energy", True, FAINT)
    surface.blit(label, (right - width, 16 * SCALE))
    bar = pygame.Rect(right - width, 34 * SCALE, width, height)
    pygame.draw.rect(surface, CELLS[1], bar, border_radius=height)
    color = _mix(ALARM, HEAD, min(1.0, 2 * left_over))
    bar.width = max(round(width * left_over), height if left_over > 0 else 0)
    if bar.width:
        pygame.draw.rect(surface, color, bar, border_radius=height)


@lru_cache(maxsize=8)
def _board(n_rows: int, n_cols: int, side: int, color: Color) -> pygame.Surface:
    """Return an empty board inside an edge of `BORDER` pixels."""
    width, height = n_cols * side, n_rows * side
    board = pygame.Surface((width + 2 * BORDER, height + 2 * BORDER), depth=32)
    board.fill(BACKGROUND)
    pygame.draw.rect(board, color, board.get_rect(), border_radius=2 * BORDER)
    for row in range(n_rows):
        for col in range(n_cols):
            cell = (BORDER + col * side, BORDER + row * side, side, side)
            board.fill(CELLS[(row + col) % 2], cell)
    return board


def _draw_food(surface: pygame.Surface, center: Point, side: int) -> None:
    radius = 0.31 * side
    pygame.draw.circle(surface, FOOD, center, radius)
    shine = (center[0] - 0.35 * radius, center[1] - 0.35 * radius)
    pygame.draw.circle(surface, FOOD_SHINE, shine, 0.3 * radius)


def _draw_snake(surface: pygame.Surface, game: Snapshot, left: int, top: int, side: int) -> None:
    is_dead = game.outcome not in (None, "win")
    head_color, tail_color = (DEAD_HEAD, DEAD_TAIL) if is_dead else (HEAD, TAIL)
    centers = [_center(cell, left, top, side) for cell in game.body]
    n_links = max(len(centers) - 1, 1)
    n_parts = SHADES if side >= SMALLEST_WITH_DETAIL else 1
    for link in range(len(centers) - 1, 0, -1):
        (x, y), (next_x, next_y) = centers[link], centers[link - 1]
        step_x, step_y = (next_x - x) / n_parts, (next_y - y) / n_parts
        for part in range(n_parts):
            share = (link - part / n_parts) / n_links
            color = _mix(head_color, tail_color, share)
            radius = side * (0.38 - 0.3 * max(0.0, share - 0.6))
            here = (x + part * step_x, y + part * step_y)
            there = (here[0] + step_x, here[1] + step_y)
            pygame.draw.circle(surface, color, here, radius)
            reach_x, reach_y = (radius, 0) if step_x == 0 else (0, radius)
            left_top = (min(here[0], there[0]) - reach_x, min(here[1], there[1]) - reach_y)
            size = (abs(step_x) + 2 * reach_x + 1, abs(step_y) + 2 * reach_y + 1)
            pygame.draw.rect(surface, color, (*left_top, *size))
    pygame.draw.circle(surface, head_color, centers[0], 0.43 * side)
    if side >= SMALLEST_WITH_DETAIL:
        _draw_eyes(surface, centers[0], game.heading, side, is_dead)


def _draw_eyes(
    surface: pygame.Surface, center: Point, heading: int, side: int, is_dead: bool
) -> None:
    ahead = ((0, -1), (1, 0), (0, 1), (-1, 0))[heading]
    across = (-ahead[1], ahead[0])
    radius = 0.085 * side
    for way in (-1, 1):
        x = center[0] + side * (0.15 * ahead[0] + 0.19 * way * across[0])
        y = center[1] + side * (0.15 * ahead[1] + 0.19 * way * across[1])
        if is_dead:
            width = max(1, round(0.06 * side))
            for slope in (-1, 1):
                start, end = (x - radius, y - slope * radius), (x + radius, y + slope * radius)
                pygame.draw.line(surface, EYE, start, end, width)
        else:
            pygame.draw.circle(surface, TEXT, (x, y), 1.45 * radius)
            pupil = (x + 0.5 * radius * ahead[0], y + 0.5 * radius * ahead[1])
            pygame.draw.circle(surface, EYE, pupil, radius)


def fit(picture: pygame.Surface, screen: pygame.Surface) -> None:
    """Draw a picture in the middle of a screen, scaled down if it does not fit."""
    width, height = picture.get_size()
    share = min(1.0, screen.get_width() / width, screen.get_height() / height)
    if share < 1:
        size = max(1, int(width * share)), max(1, int(height * share))
        picture = pygame.transform.smoothscale(picture, size)
    screen.fill(BACKGROUND)
    screen.blit(picture, picture.get_rect(center=screen.get_rect().center))


class Window:
    """A window that shows a game.

    Only pygame's display is opened, never its sound. A display that was open before stays open.
    pygame has only one window: games that are shown at the same time take turns in it, and it is
    as large as the largest needs.

    Parameters
    ----------
    title : str
        Title of the window.
    is_resizable : bool
        Whether a person may change its size.

    Raises
    ------
    pygame.error
        At the first `show`, if there is no display. An invisible one is only used if it is asked
        for by name (``SDL_VIDEODRIVER=dummy`` or ``offscreen``).
    """

    def __init__(self, title: str, *, is_resizable: bool = False) -> None:
        self._title = title
        self._flags = pygame.RESIZABLE if is_resizable else 0
        self._screen: pygame.Surface | None = None
        self._opened_display = False
        self._clock = pygame.time.Clock()
        self._is_closed = False

    @property
    def is_open(self) -> bool:
        """Whether the window has not been closed; it opens at the first `show`."""
        return not self._is_closed

    def show(self, game: Snapshot, hunger_limit: int, fps: float) -> None:
        """Draw the game, wait for the next frame, and notice if a person closes the window.

        Parameters
        ----------
        game, hunger_limit
            As in `picture`.
        fps : float
            Frames per second at most; 0 does not wait.
        """
        if not self._is_closed:
            drawn = draw(game, hunger_limit)
            fit(drawn, self.open_screen(drawn.get_size()))
            pygame.display.set_caption(self._title)
            self.end_frame(fps)

    def open_screen(self, size: tuple[int, int]) -> pygame.Surface:
        """Return the surface of the window, opened or enlarged if need be.

        Parameters
        ----------
        size : tuple of int
            Width and height in pixels that are needed. The surface may be smaller if a person has
            resized the window.

        Raises
        ------
        pygame.error
            If there is no screen that a person could see.
        """
        screen = pygame.display.get_surface() if pygame.display.get_init() else None
        is_new = self._screen is None or screen is None
        if is_new:
            self._opened_display = not pygame.display.get_init()
            pygame.display.init()
            driver = pygame.display.get_driver()
            if driver in INVISIBLE_DRIVERS and os.environ.get("SDL_VIDEODRIVER") != driver:
                self.close()
                raise pygame.error("no screen that a person can see")
        if screen is not None:
            size = max(size[0], screen.get_width()), max(size[1], screen.get_height())
        if screen is None or is_new or (size != screen.get_size() and not self._flags):
            screen = pygame.display.set_mode(size, self._flags)
            pygame.display.set_caption(self._title)
        self._screen = screen
        return screen

    def end_frame(self, fps: float) -> None:
        """Show what was drawn, wait, and notice if a person closes the window.

        Parameters
        ----------
        fps : float
            Frames per second.
        """
        pygame.display.flip()
        pygame.event.get(pygame.MOUSEMOTION)  # they are not read, and the queue is finite
        if pygame.event.get(pygame.QUIT):
            self.close()
        self._clock.tick(fps)

    def pressed_keys(self) -> list[int]:
        """Return the codes of the keys pressed since the last call, oldest first."""
        if self._is_closed or not pygame.display.get_init():
            return []
        return [event.key for event in pygame.event.get(pygame.KEYDOWN)]

    def close(self) -> None:
        """Close the window. May be called again."""
        if not self._is_closed and self._opened_display:
            pygame.display.quit()
        self._is_closed = True
        self._screen = None
