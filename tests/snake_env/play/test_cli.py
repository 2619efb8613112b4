"""The program for people: options in, games in a window, a table out."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pygame
import pytest
from opponents import Acting, ScriptedWindow, Straight, fail
from real_screen import Screen, needs_screen, screen, started, wait_for

from snake_env import renderer
from snake_env.play import cli as play
from snake_env.play import opponents
from snake_env.play import window as window_module
from snake_env.play.session import Command


@pytest.fixture(autouse=True)
def close_display() -> Iterator[None]:
    yield
    pygame.quit()


def run(
    monkeypatch: pytest.MonkeyPatch, pictures: list[list[Command]], *arguments: str
) -> tuple[int, ScriptedWindow]:
    window = ScriptedWindow(pictures)
    monkeypatch.setattr(window_module, "MatchWindow", lambda _: window)
    code = play.main([*arguments, "--fps", "50"])
    assert not window.is_open
    return code, window


def words(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines() if any(map(str.isalnum, line))]


BEGIN = [Command.NEXT]


def test_a_table_ends_the_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wall: list[list[Command]] = [BEGIN, *[[]] * 6]
    code, _ = run(monkeypatch, [*wall, [Command.NEXT], BEGIN, [], []], "--seed", "5")
    assert code == 0
    assert words(capsys.readouterr().out) == [
        ["game", "seed", "score", "moves", "outcome"],
        ["1", "5", "0", "5", "wall"],
        ["2", "6", "0", "2", "given", "up"],
        ["mean", "0.0", "3.5"],
    ]


def test_no_game_prints_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, [])[0] == 0
    assert capsys.readouterr() == ("", "")


def test_options_choose_the_board_and_the_game(monkeypatch: pytest.MonkeyPatch) -> None:
    _, window = run(monkeypatch, [[]], "--rows", "6", "--cols", "8", "--no-grow")
    game = window.shown[0].games[0]
    assert (game.n_rows, game.n_cols, len(game.body)) == (6, 8, 1)
    assert window.opened == (1, 6, 8)


def test_without_a_seed_chance_chooses_and_the_table_names_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seeds = set()
    for _ in range(3):
        _, window = run(monkeypatch, [BEGIN, [], []])
        seed = words(capsys.readouterr().out)[1][1]
        seeds.add(seed)
        _, again = run(monkeypatch, [BEGIN, [], []], "--seed", seed)
        assert again.shown == window.shown
        capsys.readouterr()
    assert len(seeds) > 1


def test_beside_an_opponent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(play, "load_opponent", lambda name, *_: (name, Straight()))
    pictures = [BEGIN, [], [Command.UP], []]
    code, window = run(monkeypatch, pictures, "--versus", "straight", "--seed", "3")
    assert code == 0
    assert window.opened == (2, 10, 10)
    assert window.shown[0].names == ("You", "straight")
    assert window.shown[0].games[0] == window.shown[0].games[1]
    table = words(capsys.readouterr().out)
    assert table[1] == ["1", "3", "1", "3", "given", "up", "0", "6", "wall", "You"]


@pytest.mark.parametrize("act", [lambda: 7, lambda: 1.0, lambda: None, fail])
def test_an_opponent_that_breaks_off_is_one_line_after_the_table(
    act, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = Acting(act, n_good_moves=1 + 6 + 2)  # the warm-up, a game, and two moves
    monkeypatch.setattr(play, "load_opponent", lambda name, *_: (name, odd))
    pictures = [BEGIN, *[[]] * 6, [Command.NEXT], BEGIN, [], [], [], []]
    code, _ = run(monkeypatch, pictures, "--versus", "odd", "--seed", "3")
    out, error = capsys.readouterr()
    assert code == 2
    assert error.startswith("snake-play: error: opponent 'odd' must ")
    assert error.count("\n") == 1
    assert [row[:5] for row in words(out)[1:3]] == [
        ["1", "3", "1", "5", "wall"],
        ["2", "4", "0", "3", "given"],
    ]


def test_an_opponent_that_cannot_be_made_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    point = EntryPoint("odd", "math:pi", opponents.GROUP)
    monkeypatch.setattr(opponents, "entry_points", lambda group: [point])
    assert play.main(["--versus", "odd"]) == 2
    error = capsys.readouterr().err
    assert error == (
        "snake-play: error: opponent 'odd' must play by the rules of opponents, got TypeError: "
        "'float' object is not callable\n"
    )


@pytest.mark.parametrize("who", [[], ["grown"], ["senses"]], ids=str)
def test_beside_a_champion_that_we_ship(
    who: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures: list[list[Command]] = [BEGIN, *[[]] * 30]
    assert run(monkeypatch, pictures, "--versus", *who, "--seed", "7")[0] == 0
    header, game, _ = words(capsys.readouterr().out)
    assert header[5:6] == (who or ["champion"])
    assert game[1:5] == ["7", "0", "5", "wall"]


def test_the_champion_that_we_ship_grows_onto_the_board_of_the_options(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    board = ["--rows", "12", "--cols", "12"]
    code, window = run(monkeypatch, [BEGIN, *[[]] * 30], "--versus", "--seed", "7", *board)
    assert (code, window.opened) == (0, (2, 12, 12))
    assert len(window.shown[-1].games[1].body) > 3  # it has found food


def test_ctrl_c_ends_with_the_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt_later(self: ScriptedWindow, view: Any, fps: float) -> None:
        if view.games[0].body[0] == (5, 7):
            raise KeyboardInterrupt

    monkeypatch.setattr(ScriptedWindow, "show_view", interrupt_later)
    assert run(monkeypatch, [BEGIN, *[[]] * 9], "--seed", "0")[0] == 130
    assert words(capsys.readouterr().out)[1] == ["1", "0", "0", "2", "given", "up"]


def test_a_window_is_closed_by_its_person(capsys: pytest.CaptureFixture[str]) -> None:
    pygame.display.init()
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert play.main(["--fps", "1000"]) == 0
    assert capsys.readouterr().err == ""


def test_no_display_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(renderer.pygame.display, "get_driver", lambda: "offscreen")
    assert play.main([]) == 2
    error = capsys.readouterr().err
    assert error.startswith("snake-play: error: a window is needed, but there is no display")
    assert error.count("\n") == 1


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a screen needs no variable")
def test_a_machine_without_a_screen_says_so_at_once(tmp_path: Path) -> None:
    where_screens_are = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")
    env = {name: value for name, value in os.environ.items() if name not in where_screens_are}
    env["XDG_RUNTIME_DIR"] = str(tmp_path)  # no Wayland socket; unset, libwayland itself complains
    env["NUMBA_DISABLE_JIT"] = "1"  # nothing to wait for
    result = subprocess.run(
        [sys.executable, "-m", "snake_env.play.cli", "--seed", "0"],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert result.stderr.startswith(
        "snake-play: error: a window is needed, but there is no display"
    )
    assert result.stderr.count("\n") == 1
    assert (result.returncode, result.stdout) == (2, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--versus", "nobody"], "(champion, grown, senses), got 'nobody'"),
        (["--versus", "senses", "--rows", "6"], "a board of 6 x 10, got one for 10 x 10"),
        (["--versus", __file__], "it is not a whole npz archive"),
    ],
)
def test_bad_input_is_one_clear_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert play.main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("snake-play: error: ")
    assert message in error
    assert error.count("\n") == 1


def test_a_file_that_cannot_be_read_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(name: str, *_: int) -> None:
        raise PermissionError(13, "Permission denied", name)

    monkeypatch.setattr(play, "load_opponent", refuse)
    assert play.main(["--versus", "a.npz"]) == 2
    assert capsys.readouterr().err == (
        "snake-play: error: file must be one that can be read or written, got 'a.npz' "
        "(Permission denied)\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rows", "3"], "--rows: must be an integer from 4 to 255, got 3"),
        (["--versus", "--cols", "300"], "--cols: must be an integer from 4 to 255, got 300"),
        (["--rows", "many"], "--rows: must be an integer from 4 to 255, got 'many'"),
        (["--fps", "0"], "--fps: must be from 0.01 to 1000 moves per second, got '0'"),
        (["--fps", "nan"], "--fps: must be from 0.01 to 1000 moves per second, got 'nan'"),
        (["--fps", "1e-320"], "--fps: must be from 0.01 to 1000 moves per second, got '1e-320'"),
        (["--fps", "fast"], "--fps: must be from 0.01 to 1000 moves per second, got 'fast'"),
        (["--seed", "-1"], "--seed: must be an integer >= 0, got -1"),
        (["--seed", "x"], "--seed: must be an integer >= 0, got 'x'"),
    ],
)
def test_an_option_out_of_range_is_named_as_it_was_typed(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        play.main(arguments)
    line = f"snake-play: error: argument {message} (see --help)\n"
    assert capsys.readouterr().err == line


def test_help_teaches_keys_and_matches(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        play.main(["--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert "arrow keys or W A S D" in text
    assert "snake-play --versus " in text


def test_the_package_of_the_environment_plays_without_the_other() -> None:
    code = (
        "import sys, snake_env.play.cli, snake_env.play.window; "
        "sys.exit(any(name.startswith('spiking_agent') for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# --- A real window ---


def wait_for_title(on: Screen, status: str) -> None:
    wait_for(lambda: on.title() == f"Snake: {status}")


@needs_screen
@pytest.mark.slow
@pytest.mark.parametrize("way", ["key", "close", "interrupt"])
def test_a_real_window_driven_by_real_keys(way: str) -> None:
    command = [sys.executable, "-m", "snake_env.play.cli", "--versus", "senses"]
    command += ["--seed", "7", "--fps", "20"]
    with screen() as on, started(command, on.env) as program:
        wait_for_title(on, "Press an arrow key or space to begin")
        window = on.window()
        over = "Snake: Your game is over, senses plays on"  # at the upper wall, after 6 moves
        wait_for(lambda: on.title() == over or on.key("Up"))  # a window may not hear the first key
        on.key("f")
        on.xdotool("windowsize", window, "900", "600")
        if way == "key":
            on.key("space")
            wait_for_title(on, "Press an arrow key or space to begin")
            on.key("q")
        elif way == "close":
            on.close(window)
        else:
            program.send_signal(signal.SIGINT)
        out, err = program.communicate(timeout=60)
    assert err == ""
    assert program.returncode == {"key": 0, "close": 0, "interrupt": 130}[way]
    row = words(out)[1]
    assert row[:2] == ["1", "7"]
    assert row[3:5] == ["6", "wall"]
    if way == "interrupt":
        assert row[-2:] == ["unfinished", "-"]
    else:
        assert row[-1] == "senses"
