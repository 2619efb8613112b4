"""Files locked by one process at a time; the system releases the lock when that process ends."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from weakref import WeakSet

import portalocker

_held: WeakSet[BinaryIO] = WeakSet()


def create_held(path: Path, content: bytes) -> BinaryIO:
    """Write a new file, completely or not at all, and hold it from the start.

    Parameters
    ----------
    path : Path
        The file.
    content : bytes
        Its content.

    Returns
    -------
    file
        Close it to release it.

    Raises
    ------
    FileExistsError
        If the path is taken; of several processes that try at once, one succeeds.
    OSError
        If it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    file = temporary.open("xb")
    try:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        _try_to_lock(file)
        _link(temporary, path)
    except BaseException:
        file.close()
        raise
    finally:
        with suppress(FileNotFoundError):  # it was renamed
            temporary.unlink()
    return file


def hold(path: Path) -> BinaryIO:
    """Hold a file that exists.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    file
        Close it to release it.

    Raises
    ------
    BlockingIOError
        If it is held already.
    OSError
        If it cannot be opened for writing; its content is not touched.
    """
    file = path.open("r+b")
    if not _try_to_lock(file):
        file.close()
        raise BlockingIOError(f"{path} is held by another process")
    return file


def is_held(path: Path) -> bool:
    """Return whether a file is held, by any process.

    Parameters
    ----------
    path : Path
        The file.
    """
    try:
        hold(path).close()
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _try_to_lock(file: BinaryIO) -> bool:
    """Lock an open file, and return False if it is locked; True if its disk has no locks."""
    try:
        portalocker.lock(file, portalocker.LOCK_EX | portalocker.LOCK_NB)
    except portalocker.AlreadyLocked:
        return False
    except (portalocker.LockException, OSError):  # such as a network's file system
        return True
    _held.add(file)
    return True


def _link(temporary: Path, path: Path) -> None:
    """Claim the name of a file; raise FileExistsError if it is taken."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        path.open("xb").close()
        temporary.replace(path)


def _let_go() -> None:
    """Close the files that a forked process inherited, because only its parent may hold them."""
    for file in list(_held):
        file.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)
