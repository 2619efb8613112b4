"""Make SDL draw in memory where there is no screen."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

DRIVER: Final = "SDL_VIDEODRIVER"
SCREENS: Final = ("DISPLAY", "WAYLAND_DISPLAY", DRIVER)  # each of them says what SDL shall use


@contextmanager
def drawing_in_memory() -> Iterator[None]:
    """Return a context in which SDL draws in memory, where Linux has no screen.

    Many environments start all of pygame to draw into an array. SDL then tries one driver after
    the other, and Wayland's library complains on stderr. Elsewhere nothing is changed.
    """
    if not sys.platform.startswith("linux") or any(map(os.environ.get, SCREENS)):
        yield
        return
    os.environ[DRIVER] = "dummy"
    try:
        yield
    finally:
        os.environ.pop(DRIVER, None)
