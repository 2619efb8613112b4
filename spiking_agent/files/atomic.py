"""Atomic files: written under a temporary name, synced, then renamed; and npz archives."""

import io
import math
import os
import secrets
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spiking_agent.typing import Arrays

MAX_UNPACKED = 2**30  # bytes; keeps a forged archive from filling the memory
MAX_ENTRIES = 100  # arrays per archive
ENTRY = b"PK\1\2"  # the start of each entry in the list of entries
CHUNK = 2**20  # bytes that are unpacked at a time

# errors other than ValueError that a damaged archive, or a damaged array in it, can raise
UNREADABLE = (
    zipfile.BadZipFile,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    SyntaxError,
    TypeError,
    UserWarning,  # from NumPy for headers by Python 2, if warnings are errors
    struct.error,
    tokenize.TokenError,
    zlib.error,
)


def write_atomically(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file so that a crash leaves the old file or the new one, never a part of it.

    Parameters
    ----------
    path : path-like
        The file; its folder must exist.
    content : bytes
        Its content.

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
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno is not None:  # name what was asked for
            raise type(error)(error.errno, error.strerror, str(target)) from error
        raise


def claim_path(path: Path) -> Path:
    """Make an empty file at the path, or at the first of path-2, path-3, ... that is free.

    Parameters
    ----------
    path : Path
        The path wanted.

    Returns
    -------
    Path
        The absolute path of the file.
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


def pack_arrays(arrays: Mapping[str, npt.NDArray[Any]], *, compress: bool = True) -> bytes:
    """Return arrays as an npz; equal arrays give equal bytes.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        The arrays by name.
    compress : bool
        Whether the archive is compressed, which takes a second for 10 MB.
    """
    buffer = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.asarray(array, order="C"), allow_pickle=False)
    return buffer.getvalue()


def read_at_most(path: str | os.PathLike[str], most: int) -> bytes:
    """Return the content of a file of at most `most` bytes.

    Parameters
    ----------
    path : path-like
        The file.
    most : int
        Number of bytes.

    Raises
    ------
    OSError
        If it cannot be read.
    ValueError
        If it has more bytes; the rest is not read.
    """
    with Path(path).open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise ValueError(f"it has more than {most} bytes")
    return content


def unpack_arrays(content: bytes, most: int = MAX_UNPACKED) -> Arrays:
    """Return all arrays of an npz without unpickling anything.

    Parameters
    ----------
    content : bytes
        The npz.
    most : int
        Bytes that all arrays may take together. Sizes are read from the headers and checked before
        anything is unpacked, and no array is unpacked beyond the size in its header.

    Raises
    ------
    ValueError
        If it is not an npz, is damaged, would unpack to more bytes, has more than 100 arrays or
        two of the same name, or holds anything but numbers.
    """
    try:
        if content.count(ENTRY) > MAX_ENTRIES:  # before an object is made for each entry
            raise ValueError(f"it has more than {MAX_ENTRIES} entries")
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            size = sum(entry.file_size for entry in entries)
            if size > most:
                raise ValueError(f"it would unpack to {size} bytes, more than {most}")
            names = [entry.filename.removesuffix(".npy") for entry in entries]
            if len(set(names)) < len(names):
                raise ValueError("it has two arrays of the same name")
            return {
                name: _array(archive, entry) for name, entry in zip(names, entries, strict=True)
            }
    except UNREADABLE as error:
        raise ValueError(f"it is not a whole npz archive ({error})") from error


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> npt.NDArray[Any]:
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{entry.filename} has a compression that npz does not use")
    with archive.open(entry) as file:
        if (version := np.lib.format.read_magic(file)) != (1, 0):  # later ones are for other dtypes
            raise ValueError(f"{entry.filename} must be an array of version 1.0, got {version}")
        shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file)
        if dtype.kind not in "biuf":
            raise ValueError(f"{entry.filename} must hold plain numbers, got {dtype}")
        size, left = math.prod(shape) * dtype.itemsize, entry.file_size - file.tell()
        if size != left:
            raise ValueError(f"{entry.filename} must have {size} bytes of numbers, got {left}")
        array: npt.NDArray[Any] = np.empty(shape, dtype, order="F" if is_fortran else "C")
        flat = array.reshape(-1, order="A").view(np.uint8)
        for start in range(0, size, CHUNK):
            part = flat[start : start + CHUNK]
            content = file.read(len(part))
            if len(content) != len(part):
                raise ValueError(f"{entry.filename} ends before its numbers do")
            part[:] = np.frombuffer(content, np.uint8)
        file.read(1)  # checks the checksum also of an array without numbers
    return array
