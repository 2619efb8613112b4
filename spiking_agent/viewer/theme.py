"""Colours, fonts and frames of the viewer; Okabe and Ito's colours suit all colour vision."""

from functools import lru_cache
from typing import Any, Final

import pygame

Color = tuple[int, int, int]

LONGEST: Final = 500  # letters of a line

BACKGROUND: Final[Color] = (16, 20, 27)
PANEL: Final[Color] = (24, 30, 39)
GRID: Final[Color] = (44, 53, 66)
INK: Final[Color] = (233, 237, 242)
FAINT: Final[Color] = (150, 161, 176)
INPUT: Final[Color] = (120, 200, 240)
HIDDEN: Final[Color] = (220, 140, 185)
OUTPUT: Final[Color] = (240, 228, 66)
EXCITATORY: Final[Color] = (240, 160, 20)
INHIBITORY: Final[Color] = (70, 140, 235)
ALARM: Final[Color] = (236, 110, 50)
WIN: Final[Color] = (248, 208, 80)
KINDS: Final[tuple[tuple[str, Color], ...]] = (
    ("inputs", INPUT),
    ("hidden", HIDDEN),
    ("outputs", OUTPUT),
)


@lru_cache(maxsize=64)
def _font(size: int) -> Any:
    pygame.font.init()
    pygame.register_quit(forget_letters)
    return pygame.font.Font(None, size)


@lru_cache(maxsize=2048)
def text(words: str, size: int, color: Color = INK) -> Any:
    """Return a picture of a line of text, `size` pixels high; do not draw on it.

    Parameters
    ----------
    words : str
        The line.
    size : int
        Height in pixels.
    color : (int, int, int)
        Its colour.
    """
    return _font(max(size, 10)).render(words, True, color)


def _printable(words: str) -> str:
    """Return words without what no font can draw and what no screen has room for."""
    return "".join(letter if letter.isprintable() else "?" for letter in words[:LONGEST])


@lru_cache(maxsize=2048)
def _fitting(words: str, size: int, width: int) -> str:
    """Return a line, shortened to a width in pixels."""
    words, font = _printable(words), _font(max(size, 10))
    if font.size(words)[0] <= width:
        return words
    short, long = 0, len(words)  # letters that fit before the dots, and that do not
    while long - short > 1:
        middle = (short + long) // 2
        if font.size(f"{words[:middle].rstrip()}…")[0] <= width:
            short = middle
        else:
            long = middle
    return f"{words[: max(short, 1)].rstrip()}…"


def forget_letters() -> None:
    """Drop all fonts: those of a pygame that was quit can no longer be used."""
    text.cache_clear()
    _fitting.cache_clear()
    _font.cache_clear()


def write(
    surface: Any, words: str, at: tuple[float, float], size: int, color: Color = INK, width: int = 0
) -> int:
    """Write a line, shortened to `width` pixels if one is given; return where it ends."""
    line = text(_fitting(words, size, width) if width else _printable(words), size, color)
    surface.blit(line, at)
    return int(at[0] + line.get_width())


def mix(first: Color, second: Color, share: float) -> Color:
    """Return a mixture of two colours, with `share` of the second, 0 to 1.

    Parameters
    ----------
    first, second : (int, int, int)
        The colours.
    share : float
        Share of the second, 0 to 1.
    """
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def panel(surface: Any, rect: Any, title: str, scale: float) -> Any:
    """Draw a frame with a title; return the room inside."""
    pygame.draw.rect(surface, PANEL, rect, border_radius=round(6 * scale))
    pad, line = round(10 * scale), round(22 * scale)
    write(surface, title, (rect.x + pad, rect.y + pad * 0.7), round(18 * scale), FAINT, rect.w)
    return pygame.Rect(
        rect.x + pad, rect.y + pad + line - 4, rect.w - 2 * pad, rect.h - 2 * pad - line + 4
    )
