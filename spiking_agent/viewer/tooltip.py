"""The box with words about the neuron under the mouse."""

from typing import Any

import pygame

from spiking_agent.viewer import theme


def draw_tooltip(surface: Any, lines: list[str], at: tuple[int, int], scale: float) -> None:
    """Write some lines in a box beside a point, inside the surface.

    Parameters
    ----------
    surface : pygame.Surface
        What to draw on.
    lines : list of str
        The first one is the title.
    at : tuple of int
        The point.
    scale : float
        Size of letters, 1 in a window of 1280 x 720.
    """
    size, pad = round(18 * scale), round(9 * scale)
    pictures = [
        theme.text(line, size, theme.INK if k == 0 else theme.FAINT) for k, line in enumerate(lines)
    ]
    step = round(size * 1.05)
    width = max(picture.get_width() for picture in pictures) + 2 * pad
    box = pygame.Rect(at[0] + 14, at[1] + 14, width, step * len(lines) + 2 * pad)
    if box.right > surface.get_width():
        box.right = at[0] - 10
    box.clamp_ip(surface.get_rect())
    pygame.draw.rect(surface, theme.BACKGROUND, box, border_radius=5)
    pygame.draw.rect(surface, theme.FAINT, box, 1, border_radius=5)
    for row, picture in enumerate(pictures):
        surface.blit(picture, (box.x + pad, box.y + pad + row * step))
