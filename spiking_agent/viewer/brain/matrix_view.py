"""The brain's half of the picture, for a brain whose every synapse is drawn."""

from typing import Any

import numpy as np
import pygame

from spiking_agent.checks.words import counted
from spiking_agent.viewer import theme
from spiking_agent.viewer.brain.network import Network
from spiking_agent.viewer.brain.neurons import Neurons
from spiking_agent.viewer.brain.potentials import Potentials
from spiking_agent.viewer.brain.raster import Raster
from spiking_agent.viewer.brain.votes import Votes, title_of_votes
from spiking_agent.viewer.session import Session


class MatrixView:
    """Draws a brain as a network, with its votes, its potentials and its raster.

    Parameters
    ----------
    session : Session
        What is drawn.
    back : pygame.Surface
        Where what never changes is drawn, at once.
    rect : pygame.Rect
        Where to draw.
    scale : float
        Size of letters, 1 in a window of 1280 x 720.
    """

    def __init__(self, session: Session, back: Any, rect: Any, scale: float) -> None:
        connectome = session.organism.connectome
        self._scale = scale
        self._neurons = Neurons(connectome, session.neuron_names)
        gap = round(12 * scale)
        top = round(rect.h * 0.56)
        side = round(rect.w * 0.36)
        self.parts: dict[str, Any] = {  # where each part of the picture lies
            "network": pygame.Rect(rect.x, rect.y, rect.w - side - gap, top),
            "votes": pygame.Rect(rect.right - side, rect.y, side, round(top * 0.5)),
            "potentials": pygame.Rect(
                rect.right - side,
                rect.y + round(top * 0.5) + gap,
                side,
                top - round(top * 0.5) - gap,
            ),
            "raster": pygame.Rect(rect.x, rect.y + top + gap, rect.w, rect.h - top - gap),
        }
        rooms = self._draw_back(back, session)
        self._network = Network(self._neurons, rooms["network"], scale)
        self._votes = Votes(connectome.output_neurons, rooms["votes"], scale)
        self._potentials = Potentials(self._neurons, rooms["potentials"], scale)
        self._raster = Raster(self._neurons, rooms["raster"], scale)

    def _draw_back(self, back: Any, session: Session) -> dict[str, Any]:
        """Draw what never changes; return the room inside each panel."""
        connectome = self._neurons.connectome
        n_neurons = counted(connectome.n_neurons, "neuron")
        titles = {
            "network": f"{n_neurons}, {counted(connectome.n_synapses, 'synapse')}:",
            "votes": title_of_votes(session),
            "potentials": "membrane potentials",
            "raster": "impulses and spikes, newest at the right; a column is a tick",
        }
        rooms = {
            name: theme.panel(back, rect, titles[name], self._scale)
            for name, rect in self.parts.items()
        }
        rect, size = self.parts["network"], round(18 * self._scale)
        x = rect.x + 10 * self._scale + theme.text(titles["network"], size).get_width()
        for words, color in (
            ("excitatory", theme.EXCITATORY),
            ("inhibitory", theme.INHIBITORY),
        ):
            at = (x + 8 * self._scale, rect.y + 7 * self._scale)
            x = theme.write(back, words, at, size, color)
        return rooms

    def draw(self, surface: Any, session: Session, marked: int | None) -> None:
        """Draw the present moment.

        Parameters
        ----------
        surface : pygame.Surface
            Where to draw.
        session : Session
            What is drawn.
        marked : int, optional
            The neuron under the mouse.
        """
        history = session.history
        self._network.draw(surface, history, marked)
        self._votes.draw(surface, session)
        fired = history[-1].fired if history else np.empty(0, np.intp)
        self._potentials.draw(surface, session.potentials, fired)
        self._raster.draw(surface, history)

    def neuron_at(self, position: tuple[int, int]) -> int | None:
        """Return the neuron that is drawn under a point, None if there is none.

        Parameters
        ----------
        position : (int, int)
            The point, in pixels.
        """
        for part in (self._network, self._votes, self._potentials, self._raster):
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
        return self._neurons.describe(neuron_id)
