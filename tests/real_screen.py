"""A screen that nobody sees, with real windows on it, keys and a mouse: Xvfb and xdotool."""

import ctypes
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest

T = TypeVar("T")
CLIENT_MESSAGE = 33  # the number of this kind of event in X11

needs_screen = pytest.mark.skipif(
    shutil.which("Xvfb") is None or shutil.which("xdotool") is None,
    reason="needs Xvfb and xdotool",
)


def wait_for(condition: Callable[[], T], seconds: float = 30.0) -> T:
    """Give what a condition says once it says yes."""
    end_s = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > end_s:
            raise AssertionError(f"nothing happened in {seconds:g} s")
        time.sleep(0.05)
    return answer


class _Message(ctypes.Structure):
    """An event of X11 from one program to another, as large as any event."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("rest", ctypes.c_long * 12),
    ]


class Screen:
    """One screen; `env` is the environment of programs that are to use it."""

    def __init__(self, display: str) -> None:
        self.display = display
        self.env = {key: v for key, v in os.environ.items() if not key.startswith("SDL_")}
        self.env["DISPLAY"] = display

    def xdotool(self, *words: str) -> str:
        done = subprocess.run(
            [shutil.which("xdotool"), *words],
            env=self.env,
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.stdout.strip()

    def key(self, *names: str) -> None:
        self.xdotool("key", "--delay", "60", *names)

    def window(self) -> str:
        """Wait for a window, give it the keyboard, and give its number."""
        ident = wait_for(lambda: self.xdotool("search", "--onlyvisible", "--class", "."))
        self.xdotool("windowfocus", "--sync", ident)
        return ident

    def close(self, ident: str) -> None:
        """Ask a window to close, as its cross does."""
        x11 = ctypes.CDLL("libX11.so.6")
        x11.XOpenDisplay.restype = ctypes.c_void_p
        x11.XInternAtom.restype = ctypes.c_ulong
        connection = ctypes.c_void_p(x11.XOpenDisplay(self.display.encode()))
        protocols, delete = (
            x11.XInternAtom(connection, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW")
        )
        data = (ctypes.c_long * 5)(delete, 0, 0, 0, 0)
        message = _Message(CLIENT_MESSAGE, 0, 1, connection, int(ident), protocols, 32, data)
        x11.XSendEvent(connection, ctypes.c_ulong(int(ident)), 0, 0, ctypes.byref(message))
        x11.XCloseDisplay(connection)


@contextmanager
def screen(size: str = "1400x800") -> Iterator[Screen]:
    """Start a screen of a size, and end it afterwards."""
    read, write = os.pipe()
    server = subprocess.Popen(
        [shutil.which("Xvfb"), "-displayfd", str(write), "-screen", "0", f"{size}x24"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as answer:
            yield Screen(f":{answer.readline().strip()}")
    finally:
        server.kill()
        server.wait()
