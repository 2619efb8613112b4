"""Pictures of environments, whatever `render()` returns, as arrays of one form."""

from typing import Any, Final

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from PIL import Image

from spiking_agent.typing import UInt8Array

Frame = UInt8Array  # (height, width, 3)
PICTURE_MODE: Final = "rgb_array"
LIST_MODE: Final = "rgb_array_list"  # all pictures since the last call of `render`
PICTURE_MODES: Final = (PICTURE_MODE, LIST_MODE)
TOLERANCE: Final = 1e-3  # how far rounding may carry a colour out of its range


def picture_of(env: gym.Env[Any, Any]) -> Frame:
    """Return the current picture of an environment.

    Raises
    ------
    ValueError
        If it renders no picture.
    """
    try:
        picture = env.render()
    except NotImplementedError as error:
        raise ValueError(
            f"env must give pictures (render_mode={PICTURE_MODE!r}), but it has no render()"
        ) from error
    try:
        return as_frame(picture)
    except ValueError as error:
        modes = (env.metadata or {}).get("render_modes") or ()
        if any(mode in PICTURE_MODES for mode in modes):
            raise
        raise ValueError(
            f"{error}; it lists no {PICTURE_MODE!r} among its render_modes, {list(modes)}"
        ) from error


def as_frame(picture: Any) -> Frame:
    """Return a picture as a fresh array of uint8, shape (height, width, 3).

    Parameters
    ----------
    picture : array_like, PIL image or sequence of those
        Of a sequence, the last one is taken. Channels are red, green and blue, with or without
        alpha, which is dropped; or grey. They come last or first. Values are whole numbers from 0
        to 255; real numbers from 0 to 1, or to 255 if one is greater than 1; or booleans. NaN
        becomes 0.

    Raises
    ------
    ValueError
        If it is none of these.
    """
    if isinstance(picture, list | tuple) and picture and _is_whole(picture[-1]):
        picture = picture[-1]
    if isinstance(picture, Image.Image):
        picture = picture.convert("RGB")
    try:
        array = np.asarray(picture)
    except (TypeError, ValueError):  # rows of different lengths
        array = np.empty(0)
    if array.ndim == 4 and len(array):
        array = array[-1]
    if array.dtype.kind not in "buif" or not array.size or array.ndim not in (2, 3):
        raise _refusal(picture)
    if array.ndim == 2:
        array = array[..., None]
    if array.shape[2] not in (1, 3, 4) and array.shape[0] in (1, 3):
        array = np.moveaxis(array, 0, 2)
    if array.shape[2] not in (1, 3, 4):
        raise _refusal(picture)
    colours = _as_bytes(array[..., :3])
    if colours is None:
        raise _refusal(picture, f" with values from {np.nanmin(array)} to {np.nanmax(array)}")
    return np.broadcast_to(colours, (*array.shape[:2], 3)).copy()


def _is_whole(part: object) -> bool:
    """Return whether an item of a sequence is a picture, rather than a row of one."""
    return isinstance(part, Image.Image) or (isinstance(part, np.ndarray) and part.ndim > 1)


def _as_bytes(array: npt.NDArray[Any]) -> Frame | None:
    """Scale values to whole numbers from 0 to 255; return None if they are out of range."""
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind == "b":
        return array.astype(np.uint8) * np.uint8(255)
    values = np.nan_to_num(array.astype(np.float64), nan=0.0)
    high = 1.0 if array.dtype.kind == "f" and values.max() <= 1.0 + TOLERANCE else 255.0
    if values.min() < -TOLERANCE * high or values.max() > high * (1.0 + TOLERANCE):
        return None
    return np.rint(np.clip(values / high, 0.0, 1.0) * 255.0).astype(np.uint8)


def _refusal(picture: Any, more: str = "") -> ValueError:
    what = "None" if picture is None else type(picture).__name__
    if isinstance(picture, list | tuple) and not picture:
        what += " without pictures"
    if isinstance(picture, np.ndarray):
        what = f"an array of {picture.dtype}, shape {picture.shape}{more}"
    return ValueError(
        f"env must give pictures (render_mode={PICTURE_MODE!r}) as arrays of uint8, shape "
        f"(height, width, 3), got {what}"
    )
