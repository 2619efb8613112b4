"""Membrane potentials beside their thresholds."""

from typing import Any, Final

import numpy as np
import pygame

from spiking_agent.typing import Float32Array
from spiking_agent.viewer import theme
from spiking_agent.viewer.brain.neurons import Neurons

TOP: Final = 1.25  # of the threshold: bars are cut off there
NAMED: Final = 8  # up to so many bars have names


class Potentials:
    """Draws a bar for each neuron with incoming synapses: its potential, relative to its threshold.

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
        reached = np.zeros(neurons.connectome.n_neurons, np.bool_)
        reached[neurons.connectome.target_neurons] = True
        reached[neurons.groups[2]] = True
        self._ids = np.concatenate([group[reached[group]] for group in reversed(neurons.groups)])
        self._has_names = len(self._ids) <= NAMED
        label = round(18 * scale) if self._has_names else 0
        self._rect = pygame.Rect(rect.x, rect.y, rect.w, rect.h - label)
        threshold = neurons.connectome.threshold[self._ids]
        self._size = np.where(threshold > 0, threshold, 1.0)  # at 0 any positive potential fires

    def draw(self, surface: Any, potentials: Float32Array, fired: Any) -> None:
        """Draw the potentials; neurons in `fired` light up, although theirs are back at 0."""
        rect, ids = self._rect, self._ids
        shares = np.clip(potentials[ids] / self._size, -TOP, TOP)
        lit = np.isin(ids, fired)
        width = rect.w / len(ids)
        zero, unit = rect.y + rect.h * 0.6, rect.h * 0.6 / TOP
        bar = max(1, int(width * 0.7))
        for place, (neuron_id, share) in enumerate(zip(ids.tolist(), shares.tolist(), strict=True)):
            color = theme.KINDS[self._neurons.kind[neuron_id]][1]
            x = int(rect.x + place * width + (width - bar) / 2)
            if lit[place]:
                surface.fill(theme.INK, (x, int(zero - TOP * unit), bar, int(TOP * unit)))
            height = min(abs(share) * unit, rect.bottom - zero if share < 0 else rect.h)
            if height >= 0.5:
                y = zero - height if share > 0 else zero
                surface.fill(color, (x, int(y), bar, max(1, int(height))))
            if self._has_names:
                words, y = self._neurons.names[neuron_id], rect.bottom + 3
                size = round(16 * self._scale)
                theme.write(surface, words, (x, y), size, color, round(width) - 4)
        pygame.draw.line(surface, theme.GRID, (rect.x, zero), (rect.right, zero))
        _dashes(surface, rect, round(zero - unit))
        words, size = "threshold", round(14 * self._scale)
        line = theme.text(words, size, theme.FAINT)
        at = (rect.right - line.get_width(), round(zero - unit - size * 0.85))
        surface.fill(theme.PANEL, line.get_rect(topleft=at).inflate(4, 0))  # bars end behind it
        surface.blit(line, at)

    def neuron_at(self, position: tuple[int, int]) -> int | None:
        """Return the neuron whose bar lies under a point, None if there is none.

        Parameters
        ----------
        position : (int, int)
            The point, in pixels.
        """
        if not self._rect.collidepoint(position):
            return None
        place = (position[0] - self._rect.x) * len(self._ids) // self._rect.w
        return int(self._ids[place])


def _dashes(surface: Any, rect: Any, y: int) -> None:
    for x in range(rect.x, rect.right, 10):
        pygame.draw.line(surface, theme.FAINT, (x, y), (min(x + 5, rect.right), y))
