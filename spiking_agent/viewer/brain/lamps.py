"""Single neurons as lamps with names."""

from typing import Any, Final

import pygame

from spiking_agent.typing import BoolArray, Float64Array
from spiking_agent.viewer import theme
from spiking_agent.viewer.brain.sheet_brain import SheetBrain

SLOT: Final = (112, 28)  # pixels of a lamp with its name, in a window of 1280 x 720


class Lamps:
    """Draws the single neurons of a brain that are no outputs, each with a bar of its potential.

    Parameters
    ----------
    brain : SheetBrain
        The brain.
    rect : pygame.Rect
        Where to draw.
    scale : float
        Size of letters, 1 in a window of 1280 x 720.
    """

    def __init__(self, brain: SheetBrain, rect: Any, scale: float) -> None:
        self._brain = brain
        self._scale = scale
        self._rect = rect
        n_columns = max(1, int(rect.w // (SLOT[0] * scale)))
        n_rows = max(1, int(rect.h // (SLOT[1] * scale)))
        shown = brain.singles[: n_columns * n_rows]
        self._n_left = len(brain.singles) - len(shown)
        if self._n_left:  # the last slot says how many are missing
            shown, self._n_left = shown[:-1], self._n_left + 1
        width, height = rect.w // n_columns, round(SLOT[1] * scale)
        self.slots = {
            group: pygame.Rect(
                rect.x + k % n_columns * width, rect.y + k // n_columns * height, width, height
            )
            for k, group in enumerate(shown)
        }

    def draw(
        self, surface: Any, shares: Float64Array, lit: BoolArray, potentials: Float64Array
    ) -> None:
        """Draw the lamps.

        Parameters
        ----------
        surface : pygame.Surface
            Where to draw.
        shares : ndarray of float, shape (n_neurons,)
            Brightness of each neuron, from 0 to 1.
        lit : ndarray of bool, shape (n_neurons,)
            Neurons that are drawn white.
        potentials : ndarray of float, shape (n_neurons,)
            Their potentials, of which the bars are the share of the threshold.
        """
        brain, scale = self._brain, self._scale
        size, radius = round(17 * scale), max(3, round(7 * scale))
        for group, slot in self.slots.items():
            neuron_id = int(brain.tissue.first[group])
            color = theme.KINDS[brain.kind[group]][1]
            middle = (slot.x + radius + 1, slot.centery)
            glow = theme.mix(theme.BACKGROUND, color, float(shares[neuron_id]))
            pygame.draw.circle(surface, theme.INK if lit[neuron_id] else glow, middle, radius)
            pygame.draw.circle(surface, color, middle, radius, 1)
            x, room = slot.x + 2 * radius + 8, slot.w - 2 * radius - 16
            name = brain.tissue.groups[group].name
            theme.write(surface, name, (x, slot.y + 4 * scale), size, theme.INK, room)
            threshold = float(brain.tissue.threshold[0, group])
            if brain.kind[group] and threshold > 0:
                share = min(max(float(potentials[neuron_id]) / threshold, 0.0), 1.0)
                bar = pygame.Rect(x, slot.bottom - round(9 * scale), room, max(2, round(4 * scale)))
                surface.fill(theme.BACKGROUND, bar)
                surface.fill(color, (bar.x, bar.y, round(room * share), bar.h))
        if self._n_left:
            at = (self._rect.right - 100 * scale, self._rect.bottom - size)
            theme.write(surface, f"and {self._n_left} more", at, size, theme.FAINT)

    def neuron_at(self, position: tuple[int, int]) -> int | None:
        """Return the neuron whose lamp lies under a point, None if there is none.

        Parameters
        ----------
        position : (int, int)
            The point, in pixels.
        """
        for group, slot in self.slots.items():
            if slot.collidepoint(position):
                return int(self._brain.tissue.first[group])
        return None
