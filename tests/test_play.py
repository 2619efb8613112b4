"""The program for people: keys in, scores out."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pygame
import pytest

from snake_env import play, renderer
from snake_env.board import Snapshot


@pytest.fixture(autouse=True)
def close_display() -> Iterator[None]:
    yield
    pygame.quit()


class ScriptedWindow:
    """A window whose person presses the given keys, one list a frame, and then quits."""

    def __init__(self, frames: list[list[int]]) -> None:
        self.frames = frames
        self.shown: list[Snapshot] = []
        self.is_open = True

    def show(self, game: Snapshot, hunger_limit: int, fps: float) -> None:
        assert hunger_limit > 0
        assert fps > 0
        self.shown.append(game)

    def pressed_keys(self) -> list[int]:
        return self.frames.pop(0) if self.frames else [pygame.K_q]

    def close(self) -> None:
        self.is_open = False


def run(
    monkeypatch: pytest.MonkeyPatch, frames: list[list[int]], *arguments: str
) -> tuple[int, list[Snapshot]]:
    window = ScriptedWindow(frames)
    monkeypatch.setattr(renderer, "Window", lambda _: window)
    code = play.main([*arguments, "--seed", "0"])
    assert not window.is_open
    return code, window.shown


def heads(shown: list[Snapshot]) -> list[tuple[int, int]]:
    return [game.body[0] for game in shown]


def test_snake_keeps_moving_and_turns_with_arrows_and_letters(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, shown = run(monkeypatch, [[], [pygame.K_UP], [], [pygame.K_a]])
    assert code == 0
    assert heads(shown) == [(5, 5), (5, 6), (4, 6), (3, 6), (3, 5)]
    assert capsys.readouterr().out.startswith("score 0, length 3\n")


def test_two_quick_turns_are_two_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    _, shown = run(monkeypatch, [[pygame.K_w, pygame.K_a], [], []])
    assert heads(shown) == [(5, 5), (4, 5), (4, 4), (4, 3)]


def test_end_of_a_game_prints_its_score_and_space_starts_another(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    straight_into_the_wall: list[list[int]] = [[]] * 5
    _, shown = run(monkeypatch, [*straight_into_the_wall, [], [pygame.K_SPACE], []])
    assert [game.outcome for game in shown[5:7]] == ["wall", "wall"]
    assert shown[7].outcome is None
    assert heads(shown)[7] == (5, 5)
    assert "(wall)" in capsys.readouterr().out.splitlines()[0]


def test_restart_in_the_middle_of_a_game(monkeypatch: pytest.MonkeyPatch) -> None:
    _, shown = run(monkeypatch, [[], [pygame.K_r], []])
    assert heads(shown)[:4] == [(5, 5), (5, 6), (5, 5), (5, 6)]


def test_options_choose_the_board_and_the_game(monkeypatch: pytest.MonkeyPatch) -> None:
    _, shown = run(monkeypatch, [[]], "--rows", "6", "--cols", "8", "--no-grow")
    assert (shown[0].n_rows, shown[0].n_cols, len(shown[0].body)) == (6, 8, 1)


def test_a_real_window_is_closed_by_its_person(capsys: pytest.CaptureFixture[str]) -> None:
    pygame.display.init()
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert play.main(["--fps", "1000"]) == 0
    assert capsys.readouterr().out.startswith("score 0")


def test_no_display_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(renderer.pygame.display, "get_driver", lambda: "offscreen")
    assert play.main([]) == 2
    error = capsys.readouterr().err
    assert error.startswith("snake-play: a window is needed, but there is no display")
    assert error.count("\n") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a screen needs no variable")
def test_a_machine_without_a_screen_says_so_at_once(tmp_path: Path) -> None:
    where_screens_are = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")
    env = {name: value for name, value in os.environ.items() if name not in where_screens_are}
    env["XDG_RUNTIME_DIR"] = str(tmp_path)  # no Wayland socket; unset, libwayland itself complains
    env["NUMBA_DISABLE_JIT"] = "1"  # nothing to wait for
    result = subprocess.run(
        [sys.executable, "-m", "snake_env.play", "--seed", "0"],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert result.stderr.startswith("snake-play: a window is needed, but there is no display")
    assert result.stderr.count("\n") == 1
    assert (result.returncode, result.stdout) == (2, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rows", "3"], "n_rows must be an integer from 4 to 255, got 3"),
        (["--fps", "0"], "fps must be above 0 and at most 1000, got 0.0"),
        (["--fps", "nan"], "fps must be above 0 and at most 1000, got nan"),
        (["--seed", "-1"], "seed must be >= 0, got -1"),
    ],
)
def test_bad_input_is_one_clear_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert play.main(arguments) == 2
    assert capsys.readouterr().err == f"snake-play: {message}\n"


def test_unknown_options_exit_with_2() -> None:
    with pytest.raises(SystemExit) as caught:
        play.main(["--rows", "many"])
    assert caught.value.code == 2


def test_help_teaches_the_keys(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        play.main(["--help"])
    assert caught.value.code == 0
    assert "arrow keys or W A S D" in capsys.readouterr().out


def test_ctrl_c_ends_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ScriptedWindow, "show", interrupt)
    assert run(monkeypatch, [])[0] == 130
