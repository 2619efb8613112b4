"""Pictures to a file, and back again frame by frame."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.testing as npt
import pytest
from PIL import Image

from spiking_agent.viewer import video
from spiking_agent.viewer.video import VIDEO_FORMATS, check_format, default_format, write_video


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def pictures(n: int = 6, height: int = 32, width: int = 48) -> list[np.ndarray]:
    """Pictures of two colours that change from one to the next."""
    frames = np.zeros((n, height, width, 3), np.uint8)
    for i, frame in enumerate(frames):
        frame[: height // 2] = (40 * i, 0, 250 - 40 * i)
        frame[height // 2 :] = (0, 250, 40 * i)
    return list(frames)


def read_gif(path: Path) -> tuple[list[np.ndarray], list[int]]:
    frames, durations = [], []
    with Image.open(path) as image:
        for i in range(image.n_frames):
            image.seek(i)
            frames.append(np.asarray(image.convert("RGB")))
            durations.append(image.info["duration"])
    return frames, durations


def test_a_gif_holds_every_picture_in_its_colours(tmp_path: Path) -> None:
    path = tmp_path / "game.gif"
    assert write_video(path, iter(pictures()), fps=10) == 6
    frames, durations = read_gif(path)
    npt.assert_array_equal(frames, pictures())
    assert durations == [100] * 6
    assert names(tmp_path) == ["game.gif"]


def test_colours_that_appear_late_are_kept(tmp_path: Path) -> None:
    frames = [np.zeros((8, 8, 3), np.uint8) for _ in range(3)]
    frames[2][:4] = (255, 0, 0)
    write_video(tmp_path / "game.gif", frames, fps=10)
    shown, durations = read_gif(tmp_path / "game.gif")
    npt.assert_array_equal(shown[-1], frames[2])
    assert sum(durations) == 300


@pytest.mark.parametrize(
    ("fps", "duration"),
    [(1, 1000), (10, 100), (15, 70), (30, 30), (50, 20), (60, 20), (1000, 20), (0.5, 2000)],
)
def test_gif_pictures_last_as_long_as_the_format_allows(
    tmp_path: Path, fps: float, duration: int
) -> None:
    write_video(tmp_path / "game.gif", pictures(3), fps)
    assert read_gif(tmp_path / "game.gif")[1] == [duration] * 3


def test_one_picture_is_a_film(tmp_path: Path) -> None:
    assert write_video(tmp_path / "GAME.GIF", pictures(1), fps=10) == 1
    npt.assert_array_equal(read_gif(tmp_path / "GAME.GIF")[0], pictures(1))


@pytest.mark.parametrize("suffix", VIDEO_FORMATS)
@pytest.mark.parametrize("size", [(32, 48), (31, 47)])
def test_a_film_can_be_decoded_frame_by_frame(
    tmp_path: Path, suffix: str, size: tuple[int, int]
) -> None:
    pytest.importorskip("imageio_ffmpeg")
    path = tmp_path / f"game{suffix}"
    assert write_video(path, iter(pictures(6, *size)), fps=10) == 6
    assert names(tmp_path) == [path.name]
    ffmpeg = pytest.importorskip("imageio_ffmpeg").get_ffmpeg_exe()
    command = [ffmpeg, "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    result = subprocess.run(command, capture_output=True, check=True)
    assert b"10 fps" in result.stderr
    shown = np.frombuffer(result.stdout, np.uint8).reshape(-1, 32, 48, 3)
    assert shown.shape == (6, 32, 48, 3)
    centres = shown[:, [8, 24], 24].astype(int)  # of the two halves
    npt.assert_allclose(centres, np.array(pictures())[:, [8, 24], 24], atol=12)


@pytest.mark.parametrize(("suffix", "codec"), [(".mp4", "no-such-codec"), (".webm", "libx264")])
def test_a_failure_of_ffmpeg_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, codec: str
) -> None:
    pytest.importorskip("imageio_ffmpeg")
    monkeypatch.setitem(video.VIDEO_CODECS, suffix, codec)
    message = rf"game\{suffix} could not be written: ffmpeg failed|[Bb]roken pipe"
    with pytest.raises(OSError, match=message):
        write_video(tmp_path / f"game{suffix}", pictures(), fps=10)
    assert names(tmp_path) == []


# imageio forgets its pipe to an ffmpeg that begins only after its folder is gone.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", ["game.gif", "game.mp4"])
def test_a_film_that_breaks_off_leaves_the_old_file(tmp_path: Path, name: str) -> None:
    if name.endswith("mp4"):
        pytest.importorskip("imageio_ffmpeg")
    (tmp_path / name).write_text("old")

    def frames() -> Iterator[np.ndarray]:
        yield from pictures(2)
        raise RuntimeError("the game broke")

    with pytest.raises(RuntimeError, match="the game broke"):
        write_video(tmp_path / name, frames(), fps=10)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(name, "old")]


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([], "frames must hold at least one picture, got none"),
        (
            [*pictures(1), *pictures(1, height=16)],
            r"frames must be uint8 of shape \(32, 48, 3\), got .* \(16, 48, 3\) at position 1",
        ),
        ([pictures(1)[0] / 255], "frames must be uint8 of shape .*, got float64 of shape"),
        (
            [pictures(1)[0][:, :, 0]],
            r"frames must be uint8 of shape \(height, width, 3\), got uint8 of shape \(32, 48\)",
        ),
    ],
)
def test_what_is_no_film_is_refused(tmp_path: Path, frames: list[np.ndarray], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        write_video(tmp_path / "game.gif", frames, fps=10)
    assert names(tmp_path) == []


@pytest.mark.parametrize("fps", [0, -1.0, float("nan"), float("inf")])
def test_time_must_go_on(tmp_path: Path, fps: float) -> None:
    with pytest.raises(ValueError, match=f"fps must be finite and > 0, got {fps}"):
        write_video(tmp_path / "game.gif", pictures(), fps)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_video(tmp_path / "no" / "game.gif", pictures(), fps=10)


@pytest.fixture
def without_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "find_spec", lambda name: None)


@pytest.fixture
def with_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "find_spec", lambda name: name)


@pytest.mark.usefixtures("with_extra")
def test_all_formats_can_be_written_with_the_extra() -> None:
    assert default_format() == ".mp4"
    for suffix in (".gif", ".GIF", *VIDEO_FORMATS):
        check_format(f"game{suffix}")


@pytest.mark.usefixtures("without_extra")
def test_gif_is_there_without_the_extra() -> None:
    assert default_format() == ".gif"
    check_format(Path("game.gif"))
    for suffix in VIDEO_FORMATS:
        with pytest.raises(ValueError, match=rf"got 'game{suffix}': .* 'spiking-snake\[video\]'"):
            check_format(f"game{suffix}")


@pytest.mark.parametrize("name", ["game", "game.avi", "gif"])
def test_other_formats_are_refused(name: str, tmp_path: Path) -> None:
    message = rf"record must end in \.gif, \.mp4, \.webm, \.mkv, got '.*{name}'"
    with pytest.raises(ValueError, match=message):
        write_video(tmp_path / name, iter(pictures()), fps=10)
