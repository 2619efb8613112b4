"""A window that shows a playback and listens to keys and the mouse."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pygame

from spiking_agent.environments.ids import env_name
from spiking_agent.files.atomic import claim_path
from spiking_agent.viewer.playback import Playback
from spiking_agent.viewer.scene import SMALLEST, Scene
from spiking_agent.viewer.session import Session

INVISIBLE_DRIVERS: Final = ("dummy", "offscreen")  # SDL falls back on the second silently
PICTURES_A_SECOND: Final = 60
LIVE_PICTURES_A_SECOND: Final = 20  # a live brain's neurons compete with the picture
KEYS: Final = {
    pygame.K_SPACE: "space",
    pygame.K_RIGHT: "right",
    pygame.K_DOWN: "down",
    pygame.K_PLUS: "+",
    pygame.K_EQUALS: "+",
    pygame.K_KP_PLUS: "+",
    pygame.K_MINUS: "-",
    pygame.K_KP_MINUS: "-",
    pygame.K_r: "r",
    pygame.K_n: "n",
    pygame.K_s: "s",
    pygame.K_h: "h",
    pygame.K_v: "v",
    pygame.K_q: "q",
    pygame.K_ESCAPE: "q",
}


class NoDisplayError(Exception):
    """There is no screen to open a window on."""


class Window:
    """Shows a playback in a pygame window that can be resized.

    Parameters
    ----------
    size : tuple of int
        Width and height in pixels.
    folder : path-like
        Where screenshots are saved.

    Raises
    ------
    NoDisplayError
        If there is no screen.
    """

    def __init__(self, size: tuple[int, int], folder: str | Path = ".") -> None:
        wanted = os.environ.get("SDL_VIDEODRIVER", "")
        if wanted in INVISIBLE_DRIVERS:
            raise NoDisplayError(f"SDL_VIDEODRIVER is {wanted!r}")
        self._size = size
        try:
            self._open()
        except pygame.error as error:
            pygame.display.quit()
            raise NoDisplayError(str(error)) from error
        self._folder = Path(folder).absolute()
        self._clock = pygame.time.Clock()
        self._scene: Scene | None = None
        self._shown: Session | None = None

    def _open(self) -> Any:
        pygame.display.init()
        driver = pygame.display.get_driver()
        if driver in INVISIBLE_DRIVERS:
            raise pygame.error(f"SDL found the driver {driver!r} only")
        return pygame.display.set_mode(self._size, pygame.RESIZABLE)

    def run(self, playback: Playback) -> None:
        """Show a playback until it is over or the window is closed.

        Parameters
        ----------
        playback : Playback
            What to show.
        """
        self._draw(playback, note="compiling, or loading compiled kernels ...")
        while not playback.is_over:
            is_live = playback.session.tick_s is not None
            seconds = self._clock.tick(LIVE_PICTURES_A_SECOND if is_live else PICTURES_A_SECOND)
            self._listen(playback)
            playback.pass_time(min(seconds / 1000, 0.25))
            self._draw(playback)

    def _listen(self, playback: Playback) -> None:
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                playback.press("q")
            elif event.type == pygame.KEYDOWN:
                playback.press(KEYS.get(event.key, event.unicode))

    def _draw(self, playback: Playback, note: str = "") -> None:
        scene = self._fitting_scene(playback)
        mouse = pygame.mouse.get_pos() if pygame.mouse.get_focused() else None
        status = playback.status
        picture = scene.draw(replace(status, mouse=mouse, note=note or status.note))
        if playback.wants_screenshot:
            playback.wants_screenshot = False
            playback.show_note(self._save(picture, playback.session))
        caption = f"{playback.status.title}   (H: help)"
        if pygame.display.get_caption()[0] != caption:  # environments set it as well
            pygame.display.set_caption(caption)
        pygame.display.get_surface().blit(picture, (0, 0))
        pygame.display.flip()

    def _fitting_scene(self, playback: Playback) -> Scene:
        """Return a scene for the window's size and the present session."""
        screen = pygame.display.get_surface() if pygame.display.get_init() else None
        if screen is None:  # an environment has quit pygame
            screen = self._open()
        self._size = screen.get_size()
        size = tuple(map(max, self._size, SMALLEST))
        if self._scene is None or self._scene.size != size or self._shown is not playback.session:
            self._scene = Scene(playback.session, (size[0], size[1]))
            self._shown = playback.session
        return self._scene

    def _save(self, picture: Any, session: Session) -> str:
        """Save a screenshot; return a note with its path, or why there is none."""
        name = env_name(session.organism.task.env_id).replace("/", "-")
        stem = f"{name}-seed{session.seed}-move{session.n_moves}-tick{session.step}"
        try:
            path = claim_path(self._folder / f"{stem}.png")
        except OSError as error:
            return f"no screenshot: {error}"
        try:
            pygame.image.save(picture, path)
        except (pygame.error, OSError) as error:
            path.unlink()
            return f"no screenshot: {error}"
        return f"saved {path}"

    def close(self) -> None:
        """Close the window. May be called again."""
        pygame.display.quit()
