"""`spiking-watch`: what it records, and where."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from small_runs import ROOT

from spiking_agent.cli import watch
from spiking_agent.organism.organism import Organism


def test_a_grown_champion_is_watched_on_any_board(grown_file, tmp_path, capsys) -> None:
    film = tmp_path / "there.gif"
    board = ["--env-kwargs", "n_rows=5", "n_cols=8"]
    assert watch.main([grown_file, "--record", str(film), "--moves", "3", *board]) == 0
    assert "3 moves" in capsys.readouterr().out
    with Image.open(film) as picture:
        assert picture.n_frames > 3


def test_a_champion_that_we_ship_is_watched_by_its_name(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    few = ["--record", "a.gif", "--moves", "2", "--size", "640x360"]
    assert watch.main(["senses", *few]) == 0
    assert "2 moves" in capsys.readouterr().out
    Path("senses").mkdir()
    assert watch.main(["senses", *few]) == 2
    assert "got senses, which holds no champion.npz" in capsys.readouterr().err


def test_watch_records_every_move_as_a_gif(champion, tmp_path, capsys) -> None:
    path = tmp_path / "game.gif"
    assert watch.main([champion, "--record", str(path), "--seed", "1"]) == 0
    out = capsys.readouterr().out
    n_moves = int(out.split("seed 1:")[1].split()[0])
    with Image.open(path) as gif:
        assert gif.n_frames == n_moves + 1  # the last one stays for a second
        assert gif.size == (1280, 720)
        last = np.asarray(gif.convert("RGB"))
    assert len(np.unique(last.reshape(-1, 3), axis=0)) > 8
    assert f"Wrote {n_moves + 1 + 15} pictures" in out


def test_watch_records_ticks_of_a_few_moves_in_any_size(champion, tmp_path, capsys) -> None:
    path = tmp_path / "game.gif"
    arguments = ["--moves", "2", "--every", "tick", "--size", "640x360", "--speed", "2"]
    assert watch.main([champion, "--record", str(path), *arguments]) == 0
    with Image.open(path) as gif:
        assert gif.size == (640, 360)
        n_ticks = Organism.load(champion).codec.n_ticks
        assert gif.n_frames <= 2 * n_ticks + 1  # equal pictures are one
        assert gif.n_frames > n_ticks
    assert "2 moves" in capsys.readouterr().out


def test_watch_takes_the_directory_of_a_run(champion, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert watch.main([str(Path(champion).parent), "--moves", "1", "--record", "a.gif"]) == 0
    assert watch.main([str(tmp_path), "--record", "a.gif"]) == 2
    assert "holds no champion.npz" in capsys.readouterr().err


@pytest.mark.slow  # on the wall clock
def test_watch_records_a_live_brain(champion, tmp_path) -> None:
    path = tmp_path / "live.gif"
    arguments = ["--live", "2", "--moves", "3", "--size", "640x360"]
    assert watch.main([champion, "--record", str(path), *arguments]) == 0
    with Image.open(path) as gif:
        assert gif.n_frames == 4


def test_watch_without_a_display_records_and_says_where(
    champion, tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    assert watch.main([champion, "--engine", "actors"]) == 0
    captured = capsys.readouterr()
    assert "No display" in captured.err
    (path,) = tmp_path.iterdir()
    assert path.name in captured.out
    assert path.stem == "Snake-v0-seed0"


@pytest.mark.slow
def test_watch_without_any_display_records(champion, tmp_path) -> None:
    names = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")
    environment = {key: value for key, value in os.environ.items() if key not in names}
    command = [sys.executable, str(ROOT / "scripts" / "watch.py"), champion]
    result = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "No display" in result.stderr
    assert [path.stem for path in tmp_path.iterdir()] == ["Snake-v0-seed0"]
