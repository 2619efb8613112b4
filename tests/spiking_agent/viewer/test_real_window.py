"""The viewer in a real window: every key does what the help says, and the cross ends it."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from real_screen import Screen, needs_screen, screen, started, wait_for

from spiking_agent.viewer.scene import KEYS

pytestmark = pytest.mark.slow

PROGRAM = [sys.executable, str(Path(__file__).parents[3] / "scripts" / "watch.py"), "senses"]


class Watching:
    """`spiking-watch` in a window, its keys, and the screenshots that it takes."""

    def __init__(self, on: Screen, program: subprocess.Popen[str], folder: Path) -> None:
        self.on, self.program, self.folder = on, program, folder
        self.ident = on.window()

    def screenshot(self) -> tuple[int, int, int, np.ndarray]:
        """Press S; give seed, move, tick and the picture."""
        for old in self.folder.glob("*.png"):
            old.unlink()
        began_s = time.monotonic()
        self.on.key("s")

        def picture_path() -> Path | None:
            nonlocal began_s
            if time.monotonic() - began_s > 10.0:  # a busy window may not hear a key
                self.on.key("s")
                began_s = time.monotonic()
            return next(self.folder.glob("*.png"), None)

        path = wait_for(picture_path)
        wait_for(lambda: path.read_bytes()[-8:-4] == b"IEND")  # it is written to its end
        seed, move, tick = map(int, re.findall(r"\d+", path.stem.removeprefix("Snake-v0")))
        with Image.open(path) as picture:
            return seed, move, tick, np.asarray(picture.convert("RGB")).astype(np.int16)

    def code(self) -> int:
        """Exit code, once the program has ended."""
        assert self.program.wait(timeout=60) == 0, self.program.communicate()[1]
        return self.program.returncode


@contextmanager
def watching(folder: Path, *arguments: str) -> Iterator[Watching]:
    with screen() as on, started([*PROGRAM, *arguments], on.env, folder) as program:
        yield Watching(on, program, folder)


def share_changed(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.mean(np.abs(first - second).max(axis=2) > 32))


@needs_screen
def test_every_key_does_what_the_help_says(tmp_path) -> None:
    named = {name for keys, _ in KEYS for name in keys.replace(",", " ").split()}
    assert named == {*"+-RNSHQ", "Esc", "space", "right", "down", "mouse"}  # tried below
    with watching(tmp_path, "--seed", "3", "--speed", "0.1") as viewer:
        key = viewer.on.key
        key("space", "r")  # paused, and at the beginning again
        assert viewer.screenshot()[:3] == (3, 0, 0)
        key("Right", "Right")
        assert viewer.screenshot()[:3] == (3, 0, 2)
        key("Down")
        assert viewer.screenshot()[:3] == (3, 1, 0)
        key("n")
        assert viewer.screenshot()[:3] == (4, 0, 0)
        key("Down", "r")
        *where, before = viewer.screenshot()
        assert where == [4, 0, 0]

        key("h")
        assert share_changed(before, viewer.screenshot()[3]) > 0.05
        key("h")
        wait_for(lambda: share_changed(before, viewer.screenshot()[3]) < 0.01)

        viewer.on.xdotool("mousemove", "--window", viewer.ident, "872", "90")  # an output neuron
        wait_for(lambda: share_changed(before, viewer.screenshot()[3]) > 0.01)
        viewer.on.xdotool("mousemove", "--window", viewer.ident, "200", "600")

        key(*["plus"] * 12)
        assert viewer.screenshot()[:3] == (4, 0, 0)  # still paused
        key("space")
        wait_for(lambda: viewer.screenshot()[1] >= 20, seconds=20)
        key(*["minus"] * 14)
        slow = viewer.screenshot()[1]
        assert viewer.screenshot()[1] <= slow + 1

        viewer.on.xdotool("windowsize", viewer.ident, "900", "600")
        wait_for(lambda: viewer.screenshot()[3].shape == (600, 900, 3))
        key("q")
        assert viewer.code() == 0


@needs_screen
def test_escape_ends_it_too(tmp_path) -> None:
    with watching(tmp_path) as viewer:
        viewer.on.key("Escape")
        assert viewer.code() == 0


@needs_screen
def test_the_cross_of_the_window_ends_it(tmp_path) -> None:
    with watching(tmp_path) as viewer:
        viewer.on.close(viewer.ident)
        assert viewer.code() == 0


@needs_screen
def test_a_live_brain_plays_in_a_window(tmp_path) -> None:
    with watching(tmp_path, "--live", "--speed", "20") as viewer:
        wait_for(lambda: viewer.screenshot()[1] >= 10, seconds=120)
        viewer.on.key("q")
        assert viewer.code() == 0


def test_without_any_screen_a_line_says_so_and_a_film_is_made(tmp_path) -> None:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("SDL_", "DISPLAY", "WAYLAND"))}
    done = subprocess.run(
        [*PROGRAM, "--moves", "3"],
        cwd=tmp_path,
        env=env,
        text=True,
        capture_output=True,
        check=True,
        timeout=300,
    )
    assert "No display" in done.stderr
    film = next(path for path in tmp_path.iterdir() if path.suffix in (".gif", ".mp4"))
    assert film.name in done.stdout
