"""One picture of a session: the environment on the left, the brain on the right."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pygame

from spiking_agent.checks.words import counted
from spiking_agent.dna.grown.brain import GrownBrain
from spiking_agent.environments.frames import Frame
from spiking_agent.environments.ids import env_name
from spiking_agent.viewer import theme
from spiking_agent.viewer.brain.matrix_view import MatrixView
from spiking_agent.viewer.brain.sheet_view import SheetView
from spiking_agent.viewer.session import Session
from spiking_agent.viewer.tooltip import draw_tooltip

WIDTH, HEIGHT = 1280, 720
SMALLEST: Final = (640, 360)
MAX_NUMBER: Final = 1e300
COARSE: Final = 4  # times a picture is enlarged, from which on its pixels stay sharp
KEYS: Final = (
    ("space", "pause or continue"),
    ("right", "one tick"),
    ("down", "one move"),
    ("+  -", "faster, slower"),
    ("R", "restart this episode"),
    ("N", "next seed"),
    ("S", "save a screenshot"),
    ("H", "this help"),
    ("Q, Esc", "quit"),
    ("mouse", "what a neuron is"),
)
GROWN_KEYS: Final = (("V", "spikes, potentials or maps"),)  # for grown brains only


@dataclass(frozen=True, slots=True)
class Status:
    """What the picture shows beside the session.

    Attributes
    ----------
    speed : float
        Moves per second; 0 leaves it out.
    is_paused, shows_help : bool
        Whether to show "paused", and whether to list the keys.
    mouse : tuple of int, optional
        Where the mouse is.
    note : str
        A line shown for a moment, such as where a screenshot was saved.
    title : str
        Name of what plays; default: the environment's name.
    view : str
        What the sheets of a grown brain show: one of `VIEWS`.
    """

    speed: float = 0.0
    is_paused: bool = False
    shows_help: bool = False
    mouse: tuple[int, int] | None = None
    note: str = ""
    title: str = ""
    view: str = "spikes"


NO_STATUS: Final = Status()


class Scene:
    """Draws a session in one size; make a new one for another size or another brain.

    Parameters
    ----------
    session : Session
        What is drawn; it must have started.
    size : tuple of int
        Width and height in pixels, at least 640 x 360.

    Raises
    ------
    ValueError
        If the size is smaller.
    """

    def __init__(self, session: Session, size: tuple[int, int] = (WIDTH, HEIGHT)) -> None:
        if size[0] < SMALLEST[0] or size[1] < SMALLEST[1]:
            raise ValueError(
                f"size must be at least {SMALLEST[0]} x {SMALLEST[1]}, got {size[0]} x {size[1]}"
            )
        self.size = size
        self._session = session
        self._scale = scale = min(size[0] / WIDTH, size[1] / HEIGHT)
        self._surface = pygame.Surface(size)
        self._frame: Frame | None = None
        self._frame_surface: Any = None
        gap = round(12 * scale)
        left = round(0.35 * size[0])
        status_height = round(158 * scale)
        picture = pygame.Rect(gap, gap, left - gap, size[1] - status_height - 2 * gap)
        bottom = picture.bottom + gap
        status = pygame.Rect(gap, bottom, left - gap, size[1] - bottom - gap)
        right = pygame.Rect(left + gap, gap, size[0] - left - 2 * gap, size[1] - 2 * gap)
        self._back = pygame.Surface(size)
        self._back.fill(theme.BACKGROUND)
        brain = session.organism.brain
        self._view: SheetView | MatrixView = (
            SheetView(session, self._back, right, scale, brain)
            if isinstance(brain, GrownBrain)
            else MatrixView(session, self._back, right, scale)
        )
        self.parts: dict[str, Any] = {  # where each part of the picture lies
            "picture": picture,
            "status": status,
            **self._view.parts,
        }

    def draw(self, status: Status = NO_STATUS) -> Any:
        """Draw the present moment; the next call draws on the same surface again."""
        session, surface = self._session, self._surface
        surface.blit(self._back, (0, 0))
        marked = None if status.mouse is None else self.neuron_at(status.mouse)
        self._draw_picture(surface)
        self._draw_status(surface, status)
        if isinstance(self._view, SheetView):
            self._view.draw(surface, session, marked, status.view)
        else:
            self._view.draw(surface, session, marked)
        if marked is not None and status.mouse is not None:
            lines = self._view.describe(marked, session)
            draw_tooltip(surface, lines, status.mouse, self._scale)
        if status.shows_help:
            self._draw_help(surface)
        return surface

    def neuron_at(self, position: tuple[int, int]) -> int | None:
        """Return the neuron that is drawn under a point, None if there is none.

        Parameters
        ----------
        position : (int, int)
            The point, in pixels.
        """
        return self._view.neuron_at(position)

    def _draw_picture(self, surface: Any) -> None:
        """Draw the environment's own picture, scaled when it is new."""
        frame, room = self._session.picture, self.parts["picture"]
        if frame is not self._frame:
            self._frame = frame
            picture = pygame.image.frombuffer(frame.tobytes(), frame.shape[1::-1], "RGB")
            share = min(room.w / picture.get_width(), room.h / picture.get_height())
            size = tuple(max(1, round(side * share)) for side in picture.get_size())
            is_coarse = share >= COARSE  # a picture of so few pixels is one of their squares
            scale = pygame.transform.scale if is_coarse else pygame.transform.smoothscale
            self._frame_surface = scale(picture, size) if share != 1 else picture
        rect = self._frame_surface.get_rect(center=room.center)
        surface.blit(self._frame_surface, rect)

    def _draw_status(self, surface: Any, status: Status) -> None:
        session, rect, scale = self._session, self.parts["status"], self._scale
        x, y, size = rect.x, float(rect.y), round(20 * scale)
        name = status.title or env_name(session.organism.task.env_id)
        has_score = "score" in session.info
        figure = session.info["score"] if has_score else round(session.total_reward, 1)
        headline = f"{'score' if has_score else 'reward'} {figure}"
        x = theme.write(surface, headline, (x, y), round(34 * scale), theme.INK)
        chip, color = self._chip(status)
        if chip:
            at = (x + 14 * scale, y + 6 * scale)
            theme.write(surface, chip, at, round(24 * scale), color, rect.right - round(at[0]))
        n_ticks = session.organism.codec.n_ticks
        speed = f"   {counted(status.speed, 'move', '.3g')} per second" if status.speed else ""
        where = f"seed {session.seed}   move {session.n_moves}   "
        where += f"tick {session.step} of {n_ticks}{speed}"
        lines = [
            ("   ".join(_numbers(session.info)), theme.INK),
            (where, theme.INK),
            self._jitter(),
            (name, theme.FAINT),
            (status.note, theme.INK) if status.note else ("H: help", theme.FAINT),
        ]
        y += 32 * scale
        for line, color in lines:
            if line:
                theme.write(surface, line, (rect.x, y), size, color, rect.w)
                y += 24 * scale

    def _chip(self, status: Status) -> tuple[str, theme.Color]:
        """Return the outcome, or "paused", and its colour."""
        session = self._session
        if session.has_ended:
            outcome = str(session.info.get("outcome") or "episode over")
            return outcome, theme.WIN if outcome == "win" else theme.ALARM
        return ("paused", theme.OUTPUT) if status.is_paused else ("", theme.INK)

    def _jitter(self) -> tuple[str, theme.Color]:
        """Return a line on how punctual a live brain is, and its colour."""
        jitter = self._session.jitter
        if jitter is None:
            return "", theme.FAINT
        is_late = jitter.n_late_impulses + jitter.n_missed_ticks > 0
        return (
            f"live: {counted(jitter.n_impulses, 'impulse')}, {jitter.n_late_impulses:,} late   "
            f"{counted(jitter.n_missed_ticks, 'tick')} missed   "
            f"worst {1000 * jitter.worst_s:.1f} ms",
            theme.ALARM if is_late else theme.FAINT,
        )

    def _draw_help(self, surface: Any) -> None:
        scale = self._scale
        keys = KEYS + (GROWN_KEYS if isinstance(self._view, SheetView) else ())
        size, step = round(24 * scale), round(30 * scale)
        box = pygame.Rect(0, 0, round(420 * scale), step * (len(keys) + 1) + round(40 * scale))
        box.center = surface.get_rect().center
        pygame.draw.rect(surface, theme.BACKGROUND, box, border_radius=8)
        pygame.draw.rect(surface, theme.INK, box, 2, border_radius=8)
        x, y = box.x + round(24 * scale), box.y + round(20 * scale)
        theme.write(surface, "Keys", (x, y), size, theme.OUTPUT)
        for row, (key, words) in enumerate(keys, 1):
            theme.write(surface, key, (x, y + row * step), size, theme.INK)
            theme.write(surface, words, (x + 110 * scale, y + row * step), size, theme.FAINT)


def _numbers(info: dict[str, Any]) -> list[str]:
    """Return the plain numbers of the environment's info, without the score."""
    return [
        f"{key} {value:.4g}"
        for key, value in info.items()
        if key not in ("score", "outcome")
        and isinstance(value, int | float | np.integer | np.floating)
        and (isinstance(value, float | np.floating | np.integer) or abs(value) < MAX_NUMBER)
    ][:5]


def to_frame(surface: Any) -> Frame:
    """Return a surface as an array of uint8, shape (height, width, 3).

    Parameters
    ----------
    surface : pygame.Surface
        The surface.
    """
    pixels = np.frombuffer(pygame.image.tobytes(surface, "RGB"), np.uint8)
    return pixels.reshape(surface.get_height(), surface.get_width(), 3)
