"""The brain's half of the picture, for a grown brain: its sheets, its single neurons, its votes."""

from typing import Any, Final

import numpy as np
import pygame

from spiking_agent.checks.words import counted
from spiking_agent.dna.grown.brain import GrownBrain
from spiking_agent.viewer import theme
from spiking_agent.viewer.brain.lamps import Lamps
from spiking_agent.viewer.brain.sheet_brain import SheetBrain
from spiking_agent.viewer.brain.sheets import Sheets
from spiking_agent.viewer.brain.votes import Votes, title_of_votes
from spiking_agent.viewer.session import Session

# What sheets may show, in the order of the key: words, and those for the two ends of the colours.
VIEWS: Final[dict[str, tuple[str, tuple[tuple[str, theme.Color], ...]]]] = {
    "spikes": (
        "impulses in this decision",
        (("input", theme.INPUT), ("hidden", theme.HIDDEN), ("now", theme.INK)),
    ),
    "potentials": (
        "membrane potentials",
        (("above 0", theme.EXCITATORY), ("below 0", theme.INHIBITORY), ("fires", theme.INK)),
    ),
    "maps": (
        "what the constant neuron tells each cell",
        (("excites", theme.EXCITATORY), ("inhibits", theme.INHIBITORY)),
    ),
}


class SheetView:
    """Draws a grown brain: heat maps of its sheets, lamps for single neurons, and the votes.

    Parameters
    ----------
    session : Session
        What is drawn; its brain is grown.
    back : pygame.Surface
        Where what never changes is drawn, at once.
    rect : pygame.Rect
        Where to draw.
    scale : float
        Size of letters, 1 in a window of 1280 x 720.
    brain : GrownBrain
        The session's brain.
    """

    def __init__(
        self, session: Session, back: Any, rect: Any, scale: float, brain: GrownBrain
    ) -> None:
        self._brain = SheetBrain(brain)
        self._scale = scale
        gap, top = round(12 * scale), round(rect.h * 0.76)
        side = round(rect.w * 0.4)
        below = rect.y + top + gap, rect.h - top - gap
        self.parts: dict[str, Any] = {  # where each part of the picture lies
            "sheets": pygame.Rect(rect.x, rect.y, rect.w, top),
            "lamps": pygame.Rect(rect.x, below[0], rect.w - side - gap, below[1]),
            "votes": pygame.Rect(rect.right - side, below[0], side, below[1]),
        }
        size = f"{counted(brain.n_neurons, 'neuron')} in {len(self._brain.sheets)} sheets:"
        titles = {
            "sheets": f"{size}   ",
            "lamps": "single neurons, and their potential up to the threshold",
            "votes": title_of_votes(session),
        }
        rooms = {
            name: theme.panel(back, part, titles[name], scale) for name, part in self.parts.items()
        }
        self._legend = (
            self.parts["sheets"].x
            + 10 * scale
            + theme.text(titles["sheets"], round(18 * scale), theme.FAINT).get_width(),
            self.parts["sheets"].y + 7 * scale,
        )
        self._sheets = Sheets(self._brain, rooms["sheets"], scale)
        self._lamps = Lamps(self._brain, rooms["lamps"], scale)
        self._votes = Votes(self._brain.tissue.output_neurons, rooms["votes"], scale)

    def draw(
        self, surface: Any, session: Session, marked: int | None, view: str = "spikes"
    ) -> None:
        """Draw the present moment.

        Parameters
        ----------
        surface : pygame.Surface
            Where to draw.
        session : Session
            What is drawn.
        marked : int, optional
            The neuron under the mouse.
        view : str
            What sheets show: one of `VIEWS`.
        """
        brain, potentials = self._brain, session.potentials.astype(np.float64)
        lit = brain.lit(session)
        spikes = np.sqrt(brain.counts(session) / session.organism.codec.n_ticks).clip(0.0, 1.0)
        match view:
            case "potentials":
                shares = brain.shares_of_potentials(potentials)
                self._sheets.draw(surface, shares, lit, signed=True)
            case "maps":
                nothing = np.zeros_like(lit)
                self._sheets.draw(surface, brain.shares_of_maps, nothing, signed=True)
            case _:
                self._sheets.draw(surface, spikes, lit, signed=False)
        self._lamps.draw(surface, spikes, lit, potentials)
        self._votes.draw(surface, session)
        self._draw_legend(surface, view)
        if marked is not None:
            self._sheets.mark(surface, marked)

    def _draw_legend(self, surface: Any, view: str) -> None:
        words, ends = VIEWS[view]
        (x, y), size = self._legend, round(18 * self._scale)
        x = theme.write(surface, words, (x, y), size, theme.INK)
        for name, color in ends:
            x = theme.write(surface, name, (x + 10 * self._scale, y), size, color)
        if self._sheets.n_left:
            words = f"{self._sheets.n_left} more have no room"
            theme.write(surface, words, (x + 20 * self._scale, y), size, theme.FAINT)

    def neuron_at(self, position: tuple[int, int]) -> int | None:
        """Return the neuron that is drawn under a point, None if there is none.

        Parameters
        ----------
        position : (int, int)
            The point, in pixels.
        """
        for part in (self._sheets, self._lamps, self._votes):
            neuron_id = part.neuron_at(position)
            if neuron_id is not None:
                return neuron_id
        return None

    def describe(self, neuron_id: int, session: Session) -> list[str]:
        """Return lines about one neuron.

        Parameters
        ----------
        neuron_id : int
            The neuron.
        session : Session
            What is drawn.
        """
        return self._brain.describe(neuron_id, session)
