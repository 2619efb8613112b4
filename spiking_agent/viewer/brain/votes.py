"""The votes of the outputs: a bar of spikes for each, and the last move."""

from typing import Any, Final

import numpy as np
import pygame

from spiking_agent.typing import Int32Array, Int64Array
from spiking_agent.viewer import theme
from spiking_agent.viewer.session import Session

MAX_ROWS: Final = 8


class Votes:
    """Draws the spikes of the outputs in this decision, and the last move.

    Parameters
    ----------
    outputs : ndarray of int, shape (n_outputs,)
        Ids of the output neurons.
    rect : pygame.Rect
        Where to draw.
    scale : float
        Size of letters, 1 in a window of 1280 x 720.
    """

    def __init__(self, outputs: Int32Array, rect: Any, scale: float) -> None:
        self._outputs = outputs
        self._scale = scale
        self._rect = rect
        self._n_rows = min(len(self._outputs), MAX_ROWS)
        self._rows = list(range(self._n_rows))  # the output of each
        self._height = min((rect.h - 22 * scale) / self._n_rows, 30 * scale)

    def draw(self, surface: Any, session: Session) -> None:
        """Draw the counts of the present decision, or of the last one.

        Parameters
        ----------
        surface : pygame.Surface
            Where to draw.
        session : Session
            The brain.
        """
        rect, scale = self._rect, self._scale
        counts, n_ticks = session.counts, session.organism.codec.n_ticks
        mask, leading = session.mask, session.leading
        label, size = round(80 * scale), round(min(19 * scale, self._height))
        self._rows = self._shown(leading)
        for row, output in enumerate(self._rows):
            y = rect.y + row * self._height
            is_masked = mask is not None and len(mask) == len(counts) and not mask[output]
            color = theme.FAINT if is_masked else theme.OUTPUT
            name = session.output_names[output]
            theme.write(surface, name, (rect.x, y + 2), size, color, label - 4)
            room = rect.w - label - round(70 * scale)
            bar = pygame.Rect(rect.x + label, y + 2, room, max(self._height - 6, 2))
            surface.fill(theme.BACKGROUND, bar)
            surface.fill(color, (bar.x, bar.y, round(room * counts[output] / n_ticks), bar.h))
            words = f"{counts[output]}" + ("  illegal" if is_masked else "")
            theme.write(surface, words, (bar.right + 6, y + 2), size, color)
            if output in leading:
                pygame.draw.rect(surface, theme.INK, bar, 1)
        if len(counts) > self._n_rows:
            y = rect.y + self._n_rows * self._height
            words = f"and {len(counts) - self._n_rows} more outputs"
            theme.write(surface, words, (rect.x, y), size, theme.FAINT)
        y = rect.bottom - round(16 * scale)
        words = f"last move: {move_name(session)}"
        theme.write(surface, words, (rect.x, y), round(19 * scale), theme.INK, rect.w)

    def _shown(self, leading: Int64Array) -> list[int]:
        """Return the outputs that have a row: the leading ones and the first of the others."""
        beyond = [int(output) for output in leading if output >= self._n_rows][: self._n_rows]
        return [*range(self._n_rows - len(beyond)), *beyond]

    def neuron_at(self, position: tuple[int, int]) -> int | None:
        """Return the output neuron whose bar lies under a point, None if there is none.

        Parameters
        ----------
        position : (int, int)
            The point, in pixels.
        """
        row = int((position[1] - self._rect.y) // self._height)
        if self._rect.collidepoint(position) and row < self._n_rows:
            return int(self._outputs[self._rows[row]])
        return None


def title_of_votes(session: Session) -> str:
    """Return what the bars show, in words.

    Parameters
    ----------
    session : Session
        The brain.
    """
    n_ticks = session.organism.codec.n_ticks
    return f"output spikes in the {n_ticks} tick{'s' * (n_ticks > 1)} of a move"


def move_name(session: Session) -> str:
    """Return the last action in words.

    Parameters
    ----------
    session : Session
        The brain.
    """
    action = session.last_action
    if action is None:
        return "none yet"
    if isinstance(action, int):
        start = int(getattr(session.organism.action_space, "start", 0))
        return session.output_names[action - start]
    return np.array2string(np.asarray(action), precision=2, separator=", ", threshold=8)
