"""SDL where there is no screen: what draws in memory does not look for one."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

DRIVER: Final = "SDL_VIDEODRIVER"
SCREENS: Final = ("DISPLAY", "WAYLAND_DISPLAY", DRIVER)  # any of them says what SDL is to take


@contextmanager
def drawing_in_memory() -> Iterator[None]:
    """Return a context in which SDL draws in memory, where Linux has no screen.

    Many start all of pygame to draw into an array. SDL then tries one driver after the other, of
    which Wayland's library complains on stderr. Elsewhere nothing is changed.
    """
    if not sys.platform.startswith("linux") or any(map(os.environ.get, SCREENS)):
        yield
        return
    os.environ[DRIVER] = "dummy"
    try:
        yield
    finally:
        os.environ.pop(DRIVER, None)
