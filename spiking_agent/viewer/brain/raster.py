"""The spike raster: a dot for every impulse and spike, time to the right, bands by kind."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pygame

from spiking_agent.typing import BoolArray
from spiking_agent.viewer import theme
from spiking_agent.viewer.brain.neurons import Neurons
from spiking_agent.viewer.session import Tick

N_COLUMNS: Final = 168  # ticks that are shown
READABLE: Final = 11  # pixels that a row needs for a name


class Raster:
    """Draws the last ticks into a rectangle.

    Parameters
    ----------
    neurons : Neurons
        The neurons.
    rect : pygame.Rect
        Where to draw.
    scale : float
        Size of letters, 1 in a window of 1280 x 720.
    """

    def __init__(self, neurons: Neurons, rect: Any, scale: float) -> None:
        self._neurons = neurons
        self._scale = scale
        self._label_width = round(92 * scale)
        gap = round(8 * scale)
        shown = [(kind, group) for kind, group in enumerate(neurons.groups) if len(group)]
        free = rect.h - gap * (len(shown) - 1)
        heights = _heights([(kind, len(group)) for kind, group in shown], free, scale)
        self._bands = []
        y = rect.y
        for (kind, group), height in zip(shown, heights, strict=True):
            x = rect.x + self._label_width
            self._bands.append((kind, group, pygame.Rect(x, y, rect.right - x, height)))
            y += height + gap

    def draw(self, surface: Any, history: Sequence[Tick]) -> None:
        """Draw the last ticks of a session, the newest at the right edge."""
        ticks = list(history)[-N_COLUMNS:]
        active = np.zeros((self._neurons.connectome.n_neurons, N_COLUMNS), np.bool_)
        first = N_COLUMNS - len(ticks)
        for column, tick in enumerate(ticks, first):
            active[tick.driven, column] = True
            active[tick.fired, column] = True
        begins = [column for column, tick in enumerate(ticks, first) if tick.step == 0]
        for kind, group, rect in self._bands:
            self._draw_band(surface, active[group], begins, kind, rect)
            self._draw_labels(surface, kind, group, rect)

    def _draw_band(
        self,
        surface: Any,
        active: BoolArray,
        begins: list[int],
        kind: int,
        rect: Any,
    ) -> None:
        n_rows = min(len(active), rect.h)
        if n_rows < len(active):  # several neurons share a line, none is left out
            starts = np.arange(n_rows) * len(active) // n_rows
            active = np.logical_or.reduceat(active, starts, axis=0)
        pixels = np.empty((N_COLUMNS, n_rows, 3), np.uint8)
        pixels[:] = theme.BACKGROUND
        pixels[begins] = theme.PANEL
        pixels[active.T] = theme.KINDS[kind][1]
        small = pygame.surfarray.make_surface(pixels)
        surface.blit(pygame.transform.scale(small, rect.size), rect.topleft)
        height = rect.h / n_rows
        if height >= 5 * self._scale:  # thick rows get a line between them
            for row in range(1, n_rows):
                y = round(rect.y + row * height)
                pygame.draw.line(surface, theme.PANEL, (rect.x, y), (rect.right - 1, y))

    def _draw_labels(self, surface: Any, kind: int, group: Any, rect: Any) -> None:
        name, color = theme.KINDS[kind]
        height = rect.h / len(group)
        x = rect.x - self._label_width
        if height >= READABLE * self._scale:
            size = round(min(16 * self._scale, height * 1.2))
            for row, neuron_id in enumerate(group):
                y = rect.y + (row + 0.5) * height - size * 0.35
                words = self._neurons.names[neuron_id]
                theme.write(surface, words, (x, y), size, color, self._label_width - 6)
        else:
            theme.write(surface, name, (x, rect.y), round(17 * self._scale), color)
            if rect.h > 36 * self._scale:
                words, y = f"{len(group)}", rect.y + 16 * self._scale
                theme.write(surface, words, (x, y), round(15 * self._scale), theme.FAINT)

    def neuron_at(self, position: tuple[int, int]) -> int | None:
        """Return the neuron whose row lies under a point, None if there is none.

        Parameters
        ----------
        position : (int, int)
            The point, in pixels.
        """
        for _, group, rect in self._bands:
            if rect.inflate(2 * self._label_width, 0).collidepoint(position):
                return int(group[(position[1] - rect.y) * len(group) // rect.h])
        return None


def _heights(sizes: list[tuple[int, int]], free: float, scale: float) -> list[int]:
    """Return heights of bands: a readable line per output, the rest shared out by group size."""
    named = {kind: size * 15 * scale for kind, size in sizes if kind == 2}
    for kind, height in named.items():
        named[kind] = min(height, 0.4 * free) if len(sizes) > 1 else free
    left = free - sum(named.values())
    weights = {kind: min(max(size, 8), 110) for kind, size in sizes if kind not in named}
    return [
        max(1, int(named.get(kind) or left * weights[kind] / sum(weights.values())))
        for kind, _ in sizes
    ]
