"""A window that shows pictures at a steady pace and listens to a few keys."""

import os

import pygame

from spiking_agent.viewer import HEIGHT, PANEL_WIDTH, Moment

INVISIBLE_DRIVERS = ("dummy", "offscreen")  # SDL falls back on the second without a word


class NoDisplayError(Exception):
    """There is no screen to open a window on."""


def check_display() -> None:
    """Refuse drivers that draw on no screen.

    Raises
    ------
    NoDisplayError
        If SDL was told to use one of them.
    """
    driver = os.environ.get("SDL_VIDEODRIVER", "")
    if driver in INVISIBLE_DRIVERS:
        raise NoDisplayError(f"SDL_VIDEODRIVER is {driver!r}")


class Window:
    """A window that shows moments at a steady pace and listens to a few keys.

    Parameters
    ----------
    title : str
        Text of its title bar.
    fps : float
        Moves a second at the start.

    Raises
    ------
    NoDisplayError
        If there is no screen.
    """

    HELP = "space: pause   + and -: speed   N: next episode   Q: quit"

    def __init__(self, title: str, fps: float) -> None:
        try:
            pygame.display.init()
            driver = pygame.display.get_driver()
            if driver in INVISIBLE_DRIVERS and os.environ.get("SDL_VIDEODRIVER") != driver:
                raise pygame.error(f"SDL found the driver {driver!r} only")
            self._screen = pygame.display.set_mode((HEIGHT + PANEL_WIDTH, HEIGHT))
        except pygame.error as error:
            pygame.display.quit()
            raise NoDisplayError(str(error)) from error
        pygame.display.set_caption(f"{title}   ({self.HELP})")
        self._clock = pygame.time.Clock()
        self._fps = fps
        self._is_paused = False

    def show(self, moment: Moment) -> str:
        """Show one moment for its time; tell "on", "next" or "quit"."""
        if self._screen.get_size() != moment.picture.get_size():
            self._screen = pygame.display.set_mode(moment.picture.get_size())
        while True:
            self._screen.blit(moment.picture, (0, 0))
            pygame.display.flip()
            answer = self._listen()
            self._clock.tick(self._fps)
            if answer != "on" or not self._is_paused:
                return answer

    def _listen(self) -> str:
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                return "quit"
            if event.type == pygame.KEYDOWN:
                if event.key in (pygame.K_q, pygame.K_ESCAPE):
                    return "quit"
                if event.key == pygame.K_n:
                    return "next"
                if event.key == pygame.K_SPACE:
                    self._is_paused = not self._is_paused
                elif event.key in (pygame.K_PLUS, pygame.K_EQUALS, pygame.K_KP_PLUS):
                    self._fps = min(self._fps * 1.5, 1000.0)
                elif event.key in (pygame.K_MINUS, pygame.K_KP_MINUS):
                    self._fps = max(self._fps / 1.5, 0.5)
        return "on"

    def close(self) -> None:
        """Close the window; safe twice."""
        pygame.display.quit()
