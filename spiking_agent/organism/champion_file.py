"""The file of a champion: an npz of plain arrays, one of which holds a JSON header.

Nothing in it is ever executed, so a stranger's file is safe to open. What it may ask for is
bounded, and checked before memory or time is spent on it.
"""

import json
import os
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from spiking_agent.brain.connectome import Connectome
from spiking_agent.checks.arguments import file_path
from spiking_agent.checks.costs import MAX_NEURONS
from spiking_agent.checks.words import one_line
from spiking_agent.codec.spaces import Json
from spiking_agent.errors import ChampionFileError, RunDirectoryError
from spiking_agent.files.atomic import pack_arrays, read_at_most, unpack_arrays

CHAMPION = "champion.npz"  # its name in the directory of a run
FORMAT = "spiking-snake champion"
VERSION = 2
READ = (1, VERSION)  # version 1 has the task in four places
HEADER = "header"  # name of the array that holds the JSON header as UTF-8 bytes
MAX_HEADER = 2**23  # bytes; JSON takes many times its length as Python objects
MAX_DEPTH = 32  # of lists and objects within each other
MAX_UNPACKED = MAX_NEURONS**2 + MAX_HEADER + 2**20  # bytes; a full brain of the largest size
MAX_ENV_ID = 200  # characters


def champion_path(path: str | os.PathLike[str]) -> Path:
    """Return the file that a path to a champion means: a directory means its champion.

    Raises
    ------
    RunDirectoryError
        If it is a directory without one.
    """
    given = file_path("champion", path)
    if not given.is_dir():
        return given
    if not (given / CHAMPION).exists():
        raise RunDirectoryError(
            f"champion must be a file or the directory of a run, got {given}, which holds no "
            f"{CHAMPION}: evolution writes one after its first generation"
        )
    return given / CHAMPION


def pack(header: Json, connectome: Connectome) -> bytes:
    """Write header and connectome as the content of a file; equal ones give equal bytes."""
    whole = {"format": FORMAT, "version": VERSION, **header}
    text = json.dumps(whole, sort_keys=True, allow_nan=False)
    return pack_arrays({HEADER: np.frombuffer(text.encode(), np.uint8), **connectome.to_arrays()})


def read(path: str | os.PathLike[str]) -> bytes:
    """Read the content of a file that may be a champion's.

    Raises
    ------
    OSError
        If it cannot be read.
    ChampionFileError
        If it is larger than any champion's.
    """
    try:
        return read_at_most(path, MAX_UNPACKED)
    except ValueError as error:
        raise malformed(error) from error


def unpack(content: bytes) -> tuple[Json, Connectome]:
    """Read header and connectome from the content of a file.

    Raises
    ------
    ChampionFileError
        If it is damaged, no champion, of a version that this package does not know, or larger
        than any champion.
    """
    try:
        arrays = unpack_arrays(content, MAX_UNPACKED)
        if HEADER not in arrays:
            raise ValueError(f"it has no {HEADER}")
        if arrays[HEADER].nbytes > MAX_HEADER:
            raise ValueError(f"its header has {arrays[HEADER].nbytes} bytes, over {MAX_HEADER}")
        header = json.loads(arrays[HEADER].tobytes().decode())
        _check_depth(header)
        if header["format"] != FORMAT:
            raise ValueError(f"its format is {header['format']!r}")
        if header["version"] not in READ or isinstance(header["version"], bool):
            raise ValueError(
                f"its version is {header['version']!r} and this package reads "
                f"{' and '.join(map(str, READ))}"
            )
        if not isinstance(header["provenance"], dict):
            raise ValueError(f"its provenance is {header['provenance']!r}")
        if header["version"] == 1:
            header["task"] = _task_of_version_1(header)
        _check_task(header["task"])
        for array in arrays.values():
            array.setflags(write=False)  # so that the connectome need not copy it
        return header, Connectome.from_arrays(arrays)
    except Exception as error:  # whatever reading a forged file can raise
        raise malformed(error) from error


def _check_depth(value: Any) -> None:
    """Refuse JSON values that lie too deep within each other for what walks through them."""
    level = [value]
    for _ in range(MAX_DEPTH):
        lists = [part.values() if isinstance(part, dict) else part for part in level]
        level = [part for part in chain.from_iterable(lists) if isinstance(part, dict | list)]
    if level:
        raise ValueError(f"its header has lists within each other to more than {MAX_DEPTH} levels")


def _task_of_version_1(header: Json) -> Json:
    """Return the task of a file in whose time its parts stood here and there."""
    recipe = header["provenance"].get("recipe", {})
    if not isinstance(recipe, dict):
        raise ValueError(f"its recipe is {recipe!r}")
    scoring = {name: recipe.get(name) for name in ("score_key", "max_moves")}
    return {"env_id": header["env_id"], "env_kwargs": header["env_kwargs"], **scoring}


def _check_task(task: Any) -> None:
    """Refuse a task whose parts have the wrong types, or an id that nobody can read."""
    if not isinstance(task, dict):
        raise ValueError(f"its task is {task!r}")
    for name, types in (
        ("env_id", str | None),
        ("env_kwargs", dict),
        ("score_key", str | None),
        ("max_moves", int | None),
    ):
        if not isinstance(task[name], types):
            raise ValueError(f"its {name} is {task[name]!r}")
    env_id = task["env_id"] or ""
    if len(env_id) > MAX_ENV_ID or not env_id.isprintable():
        raise ValueError(f"its env_id is {env_id!r}")


def malformed(error: Exception) -> ChampionFileError:
    """Return the error that says in one line why a file is no champion."""
    if isinstance(error, ChampionFileError):
        return error
    if isinstance(error, KeyError):
        reason = f"its header lacks {error}"
    else:
        reason = str(error) or type(error).__name__
    return ChampionFileError(
        f"a champion file must be whole and well-formed, but {one_line(reason)}"
    )
