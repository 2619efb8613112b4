"""A whole game on film, by the program that makes it."""

import re
import subprocess
from functools import partial

import gymnasium as gym
import numpy as np
import pytest

import spiking_agent
from spiking_agent.cli import watch
from spiking_agent.viewer.loader import Loader
from spiking_agent.viewer.scene import Scene, Status, to_frame

SIZE = (640, 360)


def differences(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.abs(first.astype(np.int16) - second)


@pytest.mark.slow  # hundreds of pictures
def test_a_whole_won_game_is_filmed_and_plays(tmp_path, capsys) -> None:
    ffmpeg = pytest.importorskip("imageio_ffmpeg")
    path = tmp_path / "game.mp4"
    assert watch.main(["senses", "--record", str(path), "--size", "640x360", "--every", "8"]) == 0
    out = capsys.readouterr().out
    assert "outcome win" in out
    n_moves = int(re.search(r"([\d,]+) moves", out)[1].replace(",", ""))
    n_frames, n_still, last = 0, 0, None
    command = [ffmpeg.get_ffmpeg_exe(), "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as decoder:
        while pixels := decoder.stdout.read(SIZE[0] * SIZE[1] * 3):
            frame = np.frombuffer(pixels, np.uint8).reshape(*SIZE[::-1], 3)
            if last is not None and differences(frame, last).max() < 64:
                n_still += 1
            last, n_frames = frame, n_frames + 1
    assert decoder.returncode == 0
    assert n_frames == 1 + -(-n_moves // 8) + 15  # the end stays for a second
    assert 10 <= n_still < 30  # all before it is to be seen

    loader = Loader(partial(spiking_agent.champion, "senses"))
    try:
        loader.session.start(0)
        start = to_frame(Scene(loader.session, SIZE).draw())
        while not loader.session.has_ended:
            loader.session.finish_move()
        scene = Scene(loader.session, SIZE)
        end = to_frame(scene.draw(Status(speed=15.0, title=loader.title)))
    finally:
        loader.close()
    assert differences(last, end).mean() < 0.3 * differences(last, start).mean()


@pytest.mark.parametrize(
    ("option", "value", "rule"),
    [
        ("--every", "0", "must be move, tick or 1 to 999999, got '0'"),
        ("--every", "second", "must be move, tick or 1 to 999999, got 'second'"),
        ("--every", "1" + 400 * "0", "must be move, tick or 1 to 999999, got '1000"),
        ("--live", "1e9", "must be 0.01 to 10000 milliseconds, got '1e9'"),
        ("--live", "0", "must be 0.01 to 10000 milliseconds, got '0'"),
        ("--size", "1280", "must be WIDTHxHEIGHT, such as 1280x720, got '1280'"),
        ("--size", "639x360", "must be 640x360 to 7680x7680, got '639x360'"),
        ("--size", "641x360", "must have even sides, got '641x360'"),
    ],
)
def test_options_are_checked_with_their_rule(option, value, rule, capsys) -> None:
    assert watch.main([option, value]) == 2
    assert f"argument {option}: {rule}" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "n_moves"), [("tick", 0), ("move", 1), ("12", 12)])
def test_pictures_come_every_tick_move_or_some_moves(text, n_moves) -> None:
    assert watch.interval(text) == n_moves


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--record", "a.gif", "--speed", "51"], "--speed must be 0.1 to 50 in such a video"),
        (["--record", "a.gif", "--speed", "1e-9"], "--speed must be 0.1 to 50 in such a video"),
        (["--record", "a.gif", "--every", "8", "--speed", "401"], "must be 0.8 to 400"),
        (["--record", "a.gif", "--live", "--every", "tick"], "does not wait for pictures"),
        (["--record", "folder.gif"], "--record must be a file, got the directory folder.gif"),
    ],
)
def test_videos_that_cannot_be_are_refused(
    arguments, message, tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.gif").mkdir()
    assert watch.main(["senses", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["folder.gif"]


def test_without_a_display_the_video_comes_near_the_speed_of_the_window(
    tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(watch, "default_format", lambda: ".gif")
    short = ["--moves", "2", "--size", "640x360"]
    for speed in ("1000", "0.001", "3"):
        assert watch.main(["senses", *short, "--speed", speed]) == 0
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"Snake-v0-seed0{number}.gif" for number in ("-2", "-3", "")]


def test_an_outcome_is_told_as_it_is(capsys, tmp_path, monkeypatch) -> None:
    class Odd(gym.Wrapper):
        def step(self, action):
            *rest, info = self.env.step(action)
            return *rest, {**info, "outcome": "[/x]", "huge": 10**400}

    def make(render_mode=None, **kwargs):
        return Odd(gym.make("snake_env:Snake-v0", render_mode=render_mode, **kwargs))

    gym.register("Odd-v0", entry_point=make)
    try:
        arguments = [
            "senses",
            "--env",
            "Odd-v0",
            "--env-kwargs",
            "observation=senses",
            "--moves",
            "2",
            "--size",
            "640x360",
        ]
        assert watch.main([*arguments, "--record", str(tmp_path / "a.gif")]) == 0
    finally:
        del gym.registry["Odd-v0"]
    assert "outcome [/x]" in capsys.readouterr().out
