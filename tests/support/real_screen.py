"""A screen that nobody sees, with real windows on it, keys and a mouse: Xvfb and xdotool."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
import x11

T = TypeVar("T")

needs_screen = pytest.mark.skipif(
    shutil.which("Xvfb") is None or shutil.which("xdotool") is None,
    reason="needs Xvfb and xdotool",
)


def wait_for(condition: Callable[[], T], seconds: float = 120.0) -> T:
    """Return what a condition returns once it is true."""
    end_s = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > end_s:
            raise AssertionError(f"nothing happened in {seconds:g} s")
        time.sleep(0.05)
    return answer


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

    def title(self) -> str:
        """What the frame of the only window says; nothing if there is none."""
        return self.xdotool("search", "--onlyvisible", "--class", ".", "getwindowname")

    def window(self) -> str:
        """Wait for a window, give it the keyboard, and give its number."""
        search = ("search", "--onlyvisible", "--class", ".")
        ident = wait_for(lambda: self.xdotool(*search), 300.0)  # the first start compiles
        self.xdotool("windowfocus", "--sync", ident)
        return ident

    def close(self, ident: str) -> None:
        """Ask a window to close, as its cross does."""
        x11.ask_to_close(self.display, int(ident))


@contextmanager
def started(
    command: list[str], env: dict[str, str], folder: Path | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Start a program, and end it afterwards if it has not ended itself."""
    program = subprocess.Popen(
        command,
        cwd=folder,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield program
    finally:
        program.kill()
        program.communicate()


@contextmanager
def screen(size: str = "1400x800") -> Iterator[Screen]:
    """Start a screen of a size, and end it afterwards."""
    read, write = os.pipe()
    server = subprocess.Popen(
        # It would begin anew whenever xdotool leaves as the last client, and drop who comes in.
        [shutil.which("Xvfb"), "-noreset", "-displayfd", str(write), "-screen", "0", f"{size}x24"],
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
