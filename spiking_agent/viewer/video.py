"""Write pictures to a file: GIF always, other formats with the extra `video`."""

import importlib
import itertools
import math
import os
import tempfile
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from spiking_agent.environments.frames import Frame

VIDEO_CODECS = {".mp4": "libx264", ".webm": "libvpx-vp9", ".mkv": "libx264"}
FASTER = {"libx264": ["-preset", "veryfast"], "libvpx-vp9": ["-deadline", "realtime"]}
VIDEO_FORMATS = tuple(VIDEO_CODECS)
GIF_COLOURS = 255
GIF_TOLERANCE = 32  # of 255: how far a colour may be from the palette's nearest
GIF_TOLERATED_SHARE = 0.002  # of the pixels may be farther before a new palette is made
MIN_GIF_DURATION, MAX_GIF_DURATION = 2, 65_535  # of a picture, in 10 ms; viewers slow down shorter


def default_format() -> str:
    """Return the suffix of the best format there is: ".mp4" with the extra, else ".gif"."""
    return ".mp4" if _has_video() else ".gif"


def check_format(path: str | os.PathLike[str]) -> None:
    """Check that the suffix of a path names a format that can be written.

    Parameters
    ----------
    path : path-like
        The file.

    Raises
    ------
    ValueError
        If it cannot; the message lists the formats or says how to get more.
    """
    suffix = Path(path).suffix.lower()
    if suffix == ".gif" or (suffix in VIDEO_FORMATS and _has_video()):
        return
    if suffix in VIDEO_FORMATS:
        raise ValueError(
            f"record must end in .gif, got {os.fspath(path)!r}: for {suffix} files install the "
            "extra by pip install 'spiking-snake[video]'"
        )
    raise ValueError(
        f"record must end in .gif, {', '.join(VIDEO_FORMATS)}, got {os.fspath(path)!r}"
    )


def write_video(path: str | os.PathLike[str], frames: Iterable[Frame], fps: float) -> int:
    """Write frames to a file, which appears once it is complete.

    Parameters
    ----------
    path : path-like
        Its suffix names the format.
    frames : iterable of ndarray of uint8, shape (height, width, 3)
        Pictures of one size, at least one.
    fps : float
        Pictures per second, > 0; a GIF has at most 50.

    Returns
    -------
    int
        Number of pictures written.

    Raises
    ------
    ValueError
        If the format cannot be written, there is no picture, or one is of another form.
    OSError
        If the file cannot be written.
    """
    check_format(path)
    if not 0.0 < fps < math.inf:
        raise ValueError(f"fps must be finite and > 0, got {fps!r}")
    target = Path(path).absolute()  # playing may change the working directory
    n_frames = 0

    def counted() -> Iterator[Frame]:
        nonlocal n_frames
        shape = None
        for frame in frames:
            if shape is None and frame.ndim == 3 and frame.shape[2] == 3:
                shape = frame.shape
            if frame.shape != shape or frame.dtype != np.uint8:
                raise ValueError(
                    f"frames must be uint8 of shape {shape or '(height, width, 3)'}, "
                    f"got {frame.dtype} of shape {frame.shape} at position {n_frames}"
                )
            n_frames += 1
            yield frame

    if target.is_dir():
        raise IsADirectoryError(f"{target} must be a file, got a directory")
    try:
        scratch = tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:  # name the file that was asked for
        raise type(error)(error.errno, error.strerror, str(target)) from error
    with scratch as folder:
        iterator = counted()
        first = next(iterator, None)
        if first is None:
            raise ValueError("frames must hold at least one picture, got none")
        temporary = Path(folder) / target.name
        if target.suffix.lower() == ".gif":
            _write_gif(temporary, first, iterator, fps)
        else:
            _write_video(temporary, first, iterator, fps)
        temporary.replace(target)
    return n_frames


def _write_gif(path: Path, first: Frame, rest: Iterable[Frame], fps: float) -> None:
    duration = min(max(round(100 / fps), MIN_GIF_DURATION), MAX_GIF_DURATION)
    images = _with_palettes(itertools.chain([first], rest))
    next(images).save(
        path,
        save_all=True,
        append_images=images,
        duration=10 * duration,
        loop=0,
        optimize=True,
    )


def _with_palettes(frames: Iterable[Frame]) -> Iterator[Image.Image]:
    """Yield pictures of few colours, each with the palette of the one before if that fits.

    A GIF stores what changes from picture to picture, which is little only if both have the same
    palette.
    """
    palette: Image.Image | None = None
    reduced: Image.Image | None = None
    before: Frame | None = None
    for frame in frames:
        if reduced is not None and before is not None and np.array_equal(frame, before):
            yield reduced  # the same pixels again: a GIF stores one picture and shows it longer
            continue
        before = frame
        image = Image.fromarray(frame)
        if palette is not None:
            reduced = image.quantize(palette=palette, dither=Image.Dither.NONE)
            is_far = np.abs(np.asarray(reduced.convert("RGB"), np.int16) - frame) > GIF_TOLERANCE
            red, green, blue = (is_far[..., channel] for channel in range(3))
            if np.mean(red | green | blue) <= GIF_TOLERATED_SHARE:
                yield reduced
                continue
        palette = reduced = image.quantize(GIF_COLOURS, Image.Quantize.FASTOCTREE)
        yield reduced


def _write_video(path: Path, first: Frame, rest: Iterable[Frame], fps: float) -> None:
    import imageio.v2 as imageio

    ffmpeg: Any = importlib.import_module("imageio_ffmpeg")

    codec = VIDEO_CODECS[path.suffix.lower()]
    how: dict[str, Any] = {
        "codec": codec,
        "macro_block_size": 2,
        "output_params": FASTER.get(codec, []),
    }
    writer: Any = imageio.get_writer(path, fps=fps, **how)
    with writer:
        for frame in itertools.chain([first], rest):
            writer.append_data(frame)
    try:  # ffmpeg does not report failures: check that the film can be read
        ffmpeg.count_frames_and_secs(path)
    except RuntimeError as error:
        raise OSError(f"{path.name} could not be written: ffmpeg failed") from error


def _has_video() -> bool:
    return find_spec("imageio") is not None and find_spec("imageio_ffmpeg") is not None
