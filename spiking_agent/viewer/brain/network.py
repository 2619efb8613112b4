"""The network: neurons as dots, synapses as lines that light up when impulses travel on them."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pygame

from spiking_agent.typing import Float64Array
from spiking_agent.viewer import theme
from spiking_agent.viewer.brain.neurons import Neurons
from spiking_agent.viewer.session import Tick

MAX_LINES: Final = 6000  # of a large brain only the strongest synapses are drawn at rest
MAX_LIT: Final = 900  # impulses in a picture; of more, the strongest
GLOW: Final = 3  # ticks until a neuron that sent an impulse is dark again
DOTS: Final = {
    color: theme.mix(color, theme.INK, 0.4) for color in (theme.EXCITATORY, theme.INHIBITORY)
}


class Network:
    """Draws a brain into a rectangle: inputs left, hidden neurons in the middle, outputs right.

    Parameters
    ----------
    neurons : Neurons
        The neurons and synapses.
    rect : pygame.Rect
        Where to draw.
    scale : float
        Size of letters, 1 in a window of 1280 x 720.
    """

    def __init__(self, neurons: Neurons, rect: Any, scale: float) -> None:
        self._neurons = neurons
        self._scale = scale
        self._rect = rect
        self._places, self._radius = _places(neurons, rect, scale)
        self._n_named = len(neurons.groups[2]) if len(neurons.groups[2]) <= 12 else 0
        self._points = self._places.round().astype(int).tolist()
        strengths = (np.abs(neurons.strengths) / neurons.greatest).tolist()
        signs = [
            theme.EXCITATORY if strength > 0 else theme.INHIBITORY for strength in neurons.strengths
        ]
        self._colors = signs  # of each synapse; of its impulses:
        self._lit = [
            theme.mix(theme.PANEL, color, 0.25 + 0.75 * share)
            for color, share in zip(signs, strengths, strict=True)
        ]
        self._rest = self._draw_rest()

    def _draw_rest(self) -> Any:
        """Draw the brain at rest, once: a strong synapse is brighter than a weak one."""
        surface = pygame.Surface(self._rect.size)
        surface.fill(theme.PANEL)
        neurons = self._neurons
        order = np.argsort(np.abs(neurons.strengths), kind="stable")[-MAX_LINES:]
        shade = 0.55 if len(order) < 1000 else 0.3
        for place in order.tolist():
            start, end = neurons.synapses[place]
            share = 0.06 + shade * abs(neurons.strengths[place]) / neurons.greatest
            color = theme.mix(theme.PANEL, self._colors[place], share)
            pygame.draw.aaline(surface, color, self._points[start], self._points[end])
        for neuron_id, point in enumerate(self._points):
            color = theme.KINDS[neurons.kind[neuron_id]][1]
            dim = theme.mix(theme.PANEL, color, 0.45)
            pygame.draw.circle(surface, dim, point, self._radius[neuron_id])
        return surface

    def draw(self, surface: Any, history: Sequence[Tick], marked: int | None = None) -> None:
        """Draw the newest tick; a marked neuron shows all its synapses.

        Parameters
        ----------
        surface : pygame.Surface
            Where to draw.
        history : sequence of Tick
            The last ticks, the newest at the end.
        marked : int, optional
            The marked neuron.
        """
        surface.blit(self._rest, self._rect.topleft)
        inside = surface.subsurface(self._rect)
        recent = [history[-age] for age in range(1, min(self._n_ticks_back(), len(history)) + 1)]
        if recent:
            self._draw_impulses(inside, recent)
        if marked is not None:
            neurons = self._neurons
            for place in (*neurons.synapses_of(marked), *neurons.synapses_to(marked)):
                start, end = neurons.synapses[place]
                color = self._colors[place]
                pygame.draw.aaline(inside, color, self._points[start], self._points[end])
        self._draw_glow(inside, recent[:GLOW])
        if marked is not None:
            radius = self._radius[marked] + 3
            pygame.draw.circle(inside, theme.INK, self._points[marked], radius, 2)
        for neuron_id in self._neurons.groups[2][: self._n_named]:
            x, y = self._points[neuron_id]
            size = round(17 * self._scale)
            at = (x + self._radius[neuron_id] + 5, y - size * 0.35)
            room = self._rect.w - round(at[0])
            name = self._neurons.names[neuron_id]
            theme.write(inside, name, at, size, theme.OUTPUT, max(room, 8))

    def _n_ticks_back(self) -> int:
        return max(GLOW, min(int(self._neurons.delays.max(initial=1)) + 1, 40))

    def _draw_impulses(self, surface: Any, recent: Sequence[Tick]) -> None:
        """Light up the synapses on which impulses travel, with a dot for each impulse."""
        neurons, delays = self._neurons, self._neurons.delays
        lit, shares = [], []
        for age, tick in enumerate(recent):
            for neuron_id in np.concatenate([tick.driven, tick.fired]):
                places = neurons.synapses_of(neuron_id)
                places = places[age < delays[places]]
                lit.append(places)
                shares.append((age + 1) / (delays[places] + 1))
        if not lit:
            return
        places, progress = np.concatenate(lit), np.concatenate(shares)
        order = np.argsort(np.abs(neurons.strengths[places]), kind="stable")[-MAX_LIT:]
        places, progress = places[order], progress[order]
        starts, ends = (self._places[neurons.synapses[places, side]] for side in (0, 1))
        dots = starts + (ends - starts) * progress[:, None]
        lines = zip(places.tolist(), starts.tolist(), ends.tolist(), dots.tolist(), strict=True)
        for place, start, end, dot in lines:
            pygame.draw.line(surface, self._lit[place], start, end)
            surface.fill(DOTS[self._colors[place]], (dot[0] - 1, dot[1] - 1, 3, 3))

    def _draw_glow(self, surface: Any, recent: Sequence[Tick]) -> None:
        """Draw neurons that sent an impulse in the last ticks brighter."""
        for age in range(len(recent) - 1, -1, -1):
            for neuron_id in np.concatenate([recent[age].driven, recent[age].fired]).tolist():
                color = theme.KINDS[self._neurons.kind[neuron_id]][1]
                share = 0.45 + 0.55 * (1 - age / GLOW)
                radius = self._radius[neuron_id] + (1 if age == 0 else 0)
                glow = theme.mix(theme.PANEL, color, share)
                pygame.draw.circle(surface, glow, self._points[neuron_id], radius)

    def neuron_at(self, position: tuple[int, int]) -> int | None:
        """Return the neuron under a point or near it, None if there is none.

        Parameters
        ----------
        position : (int, int)
            The point, in pixels.
        """
        if not self._rect.collidepoint(position):
            return None
        at = np.array(position) - self._rect.topleft
        distances = np.hypot(*(self._places - at).T)
        nearest = int(np.argmin(distances))
        return nearest if distances[nearest] <= max(self._radius[nearest] + 4, 7) else None


def _places(neurons: Neurons, rect: Any, scale: float) -> tuple[Float64Array, list[float]]:
    """Return a place in the rectangle and a radius for every neuron."""
    places = np.zeros((neurons.connectome.n_neurons, 2))
    radius = [2.0] * neurons.connectome.n_neurons
    pad = 8 * scale
    height = rect.h - 2 * pad
    inputs, hidden, outputs = neurons.groups
    names = 74 * scale if len(outputs) <= 12 else pad  # room for the names of the outputs
    spans = ((pad, 0.28 * rect.w), (0.38 * rect.w, 0.72 * rect.w), (0.0, rect.w - names))
    for kind, group in enumerate((inputs, hidden)):
        if len(group):
            left, right = spans[kind]
            width = right - left
            n_columns = max(1, round(np.sqrt(len(group) * width / height)))
            n_columns = min(n_columns, len(group)) if kind else max(1, -(-len(group) // 40))
            n_rows = -(-len(group) // n_columns)
            column, row = np.divmod(np.arange(len(group)), n_rows)
            step = width / n_columns if kind else min(width / n_columns, 26 * scale)
            stagger = (column % 2) * 0.5
            places[group, 0] = left + (column + 0.5) * step
            places[group, 1] = pad + (row + 0.25 + stagger) * height / n_rows
            size = min(4.5 * scale, 0.38 * height / n_rows, 0.42 * step)
            for neuron_id in group.tolist():
                radius[neuron_id] = max(size, 1.0)
    if len(outputs):
        places[outputs, 0] = spans[2][1] - 8 * scale
        places[outputs, 1] = pad + (np.arange(len(outputs)) + 0.5) * height / len(outputs)
        for neuron_id in outputs.tolist():
            radius[neuron_id] = max(min(7 * scale, 0.4 * height / len(outputs)), 1.0)
    return places, radius
