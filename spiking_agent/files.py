"""Files that are whole or not there: written beside, synced, then renamed."""

import io
import os
import secrets
import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

MAX_UNPACKED = 2**30  # bytes; keeps a forged archive from filling the memory

# what a damaged archive, or the header of a damaged array in it, can raise beside ValueError
UNREADABLE = (
    zipfile.BadZipFile,
    EOFError,
    MemoryError,
    NotImplementedError,
    RuntimeError,
    SyntaxError,
    TypeError,
    tokenize.TokenError,
    zlib.error,
)


def write_atomically(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file so that a crash leaves the old one or the new one, never a part.

    Raises
    ------
    OSError
        If the disk is full or the folder cannot be written; the old file is untouched.
    """
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def claim_path(path: Path) -> Path:
    """Make an empty file at the path, or the first of path-2, path-3, ... that nobody has.

    Returns
    -------
    Path
        Where it is, absolute.
    """
    number, free = 1, path.absolute()
    while True:
        try:
            free.open("xb").close()
        except FileExistsError:
            number += 1
            free = free.with_name(f"{path.stem}-{number}{path.suffix}")
        else:
            return free


def pack_arrays(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Write arrays as a compressed npz; equal arrays give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.asarray(array, order="C"), allow_pickle=False)
    return buffer.getvalue()


def unpack_arrays(content: bytes) -> dict[str, npt.NDArray[Any]]:
    """Read all arrays of an npz without unpickling anything.

    Raises
    ------
    ValueError
        If it is no npz, is damaged, would unpack to more than 1 GiB, or holds Python objects.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            size = sum(entry.file_size for entry in entries)
            if size > MAX_UNPACKED:
                raise ValueError(f"it would unpack to {size} bytes, more than {MAX_UNPACKED}")
            return {
                entry.filename.removesuffix(".npy"): _array(archive, entry) for entry in entries
            }
    except UNREADABLE as error:
        raise ValueError(f"it is not a whole npz archive ({error})") from error


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> npt.NDArray[Any]:
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{entry.filename} is compressed in a way that npz does not know")
    with archive.open(entry) as file:
        array: npt.NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
    return array
