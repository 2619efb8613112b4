"""The champion file: an npz of plain arrays, one of which holds a JSON header.

Nothing in it is ever executed, so files from strangers are safe to open. Their demands for memory
and time are checked against bounds first.
"""

import os
from itertools import chain
from pathlib import Path
from typing import Any

from spiking_agent.brain.connectome import Connectome
from spiking_agent.checks.arguments import file_path
from spiking_agent.checks.costs import MAX_NEURONS
from spiking_agent.checks.words import one_line
from spiking_agent.dna.grown.brain import Brain, GrownBrain
from spiking_agent.errors import ChampionFileError, RunDirectoryError
from spiking_agent.files.atomic import read_at_most
from spiking_agent.files.headed import pack_headed, unpack_headed
from spiking_agent.typing import Json

CHAMPION = "champion.npz"  # its name in the directory of a run
FORMAT = "spiking-snake champion"
VERSION = 2
GROWN_VERSION = 3  # genes and a plan instead of a connectome; everything else as in version 2
READ = (1, VERSION, GROWN_VERSION)  # version 1 has the task in four places
GROWN = "grown"  # what the header says of a grown brain
MAX_HEADER = 2**23  # bytes
MAX_DEPTH = 32  # of nested lists and objects
MAX_UNPACKED = MAX_NEURONS**2 + MAX_HEADER + 2**20  # bytes; a full matrix, more than any lists
MAX_ENV_ID = 200  # characters


def champion_path(path: str | os.PathLike[str]) -> Path:
    """Return the path of a champion file: a directory stands for the champion in it.

    Parameters
    ----------
    path : path-like
        A file or a directory.

    Raises
    ------
    RunDirectoryError
        If it is a directory without a champion.
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


def pack(header: Json, brain: Brain) -> bytes:
    """Return the content of a champion file; equal arguments give equal bytes.

    Parameters
    ----------
    header : dict
        What the file says beside the brain, as JSON values.
    brain : Connectome or GrownBrain
        The brain.
    """
    if isinstance(brain, GrownBrain):
        whole = {"format": FORMAT, "version": GROWN_VERSION, GROWN: brain.to_json(), **header}
    else:
        whole = {"format": FORMAT, "version": VERSION, **header}
    return pack_headed(whole, brain.to_arrays())


def read(path: str | os.PathLike[str]) -> bytes:
    """Return the content of a file that may be a champion file.

    Parameters
    ----------
    path : path-like
        The file.

    Raises
    ------
    OSError
        If it cannot be read.
    ChampionFileError
        If it is larger than any champion file.
    """
    try:
        return read_at_most(path, MAX_UNPACKED)
    except ValueError as error:
        raise malformed(error) from error


def unpack(content: bytes) -> tuple[Json, Brain]:
    """Return the header and the brain in the content of a champion file.

    Parameters
    ----------
    content : bytes
        Content of a file.

    Raises
    ------
    ChampionFileError
        If it is damaged, not a champion file, of an unknown version, or larger than any champion.
    """
    try:
        header, arrays = unpack_headed(content, MAX_UNPACKED, MAX_HEADER)
        _check_depth(header)
        if header["format"] != FORMAT:
            raise ValueError(f"its format is {header['format']!r}")
        if header["version"] not in READ or isinstance(header["version"], bool):
            raise ValueError(
                f"its version is {header['version']!r} and this package reads "
                f"{', '.join(map(str, READ))}"
            )
        if not isinstance(header["provenance"], dict):
            raise ValueError(f"its provenance is {header['provenance']!r}")
        if header["version"] == 1:
            header["task"] = _task_of_version_1(header)
        _check_task(header["task"])
        if header["version"] == GROWN_VERSION:
            return header, GrownBrain.from_file(header[GROWN], arrays)
        for array in arrays.values():
            array.setflags(write=False)  # then the connectome does not copy it
        return header, Connectome.from_arrays(arrays)
    except Exception as error:  # a forged file can raise anything
        raise malformed(error) from error


def _check_depth(value: Any) -> None:
    """Refuse JSON values that are nested too deeply for recursive functions."""
    level = [value]
    for _ in range(MAX_DEPTH):
        lists = [part.values() if isinstance(part, dict) else part for part in level]
        level = [part for part in chain.from_iterable(lists) if isinstance(part, dict | list)]
    if level:
        raise ValueError(f"its header has lists nested more than {MAX_DEPTH} levels deep")


def _task_of_version_1(header: Json) -> Json:
    """Return the task of a file of version 1, which has its parts in several places."""
    recipe = header["provenance"].get("recipe", {})
    if not isinstance(recipe, dict):
        raise ValueError(f"its recipe is {recipe!r}")
    scoring = {name: recipe.get(name) for name in ("score_key", "max_moves")}
    return {"env_id": header["env_id"], "env_kwargs": header["env_kwargs"], **scoring}


def _check_task(task: Any) -> None:
    """Refuse a task whose parts have the wrong types, or whose id is not printable."""
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
    """Return an error that says in one line why a file is not a champion file.

    Parameters
    ----------
    error : Exception
        What was raised while the file was read.
    """
    if isinstance(error, ChampionFileError):
        return error
    if isinstance(error, KeyError):
        reason = f"its header lacks {error}"
    else:
        reason = str(error) or type(error).__name__
    return ChampionFileError(
        f"a champion file must be whole and well-formed, but {one_line(reason)}"
    )
