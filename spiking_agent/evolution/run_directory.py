"""The directory of a run: its files, how they are read and written, and a lock for writers."""

import csv
import io
import json
import os
import re
import shlex
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy.typing as npt

from spiking_agent.checks.arguments import file_path, whole
from spiking_agent.checks.words import shown
from spiking_agent.errors import RunDirectoryError
from spiking_agent.files.atomic import write_atomically
from spiking_agent.files.headed import pack_headed, unpack_headed
from spiking_agent.files.held import create_held, hold, is_held
from spiking_agent.organism.champion_file import CHAMPION
from spiking_agent.typing import Arrays, Json

CONFIG = "config.json"
METRICS = "metrics.csv"
CHECKPOINT = "checkpoint.npz"
LEARNING_CURVE = "learning_curve.png"
REPORT = "report.html"
EVENTS = "tensorboard"  # a folder
WRITTEN = (CONFIG, METRICS, CHECKPOINT, CHAMPION, LEARNING_CURVE, REPORT, EVENTS)


def open_limit(config: Json) -> int | None:
    """Return how many environments may be open at once in a run; None for no limit.

    Parameters
    ----------
    config : mapping
        Content of the run's `config.json`.

    Raises
    ------
    ValueError
        If the configuration has something else there.
    """
    run = config.get("run")
    most = run.get("max_envs") if isinstance(run, dict) else None
    return None if most is None else whole("max_envs", most, 1)


class RunDirectory:
    """Files of one run, each written completely or not at all.

    A writer holds a lock on the directory from `create` or `hold` to the end of a `with` block;
    readers need none. The lock of a process that is killed is released.

    Parameters
    ----------
    path : path-like
        The directory; a relative path is resolved now, not when the working directory has changed.

    Attributes
    ----------
    path : Path
        The absolute path.
    given : Path
        The path as it was given, for messages.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.given = file_path("directory", path)
        self.path = self.given.absolute()
        self._made: list[Path] = []  # directories that are removed again if they stay empty
        self._held: BinaryIO | None = None

    @classmethod
    def numbered(cls, name: str, parent: str | os.PathLike[str] = "runs") -> Self:
        """Make the first directory `parent/name-N` that does not exist yet, for `create`.

        Parameters
        ----------
        name : str
            Name of the directory, before its number.
        parent : path-like
            The folder that holds it; it is made if needed.

        Raises
        ------
        RunDirectoryError
            If it cannot be made.
        """
        number = 1
        while not (directory := cls(Path(parent) / f"{name}-{number}"))._make():
            number += 1
        return directory

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None
        for path in self._made:
            with suppress(OSError):  # it holds a run
                path.rmdir()
        self._made = []

    def _make(self) -> bool:
        """Make the directory, and return whether it is new."""
        try:
            missing = [path for path in (self.path, *self.path.parents) if not path.exists()]
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.mkdir()
        except FileExistsError as error:
            if not self.path.is_dir():
                raise self._unwritable(error) from error
            return False
        except OSError as error:
            raise self._unwritable(error) from error
        self._made += missing
        return True

    def _keep(self, held: BinaryIO) -> None:
        self._held = held
        weakref.finalize(self, held.close)  # without a `with` block, released with this object

    def _unwritable(self, error: OSError) -> RunDirectoryError:
        return RunDirectoryError(
            f"out must be a directory that can be written, got {self.given} ({error.strerror})"
        )

    def create(self, config: Json) -> None:
        """Write the configuration of a new run, and hold the directory, which is made if needed.

        Parameters
        ----------
        config : dict
            Content of `config.json`, as JSON values.

        Raises
        ------
        RunDirectoryError
            If it holds a run already, or a file that the run would overwrite, or cannot be
            written.
        """
        content = json.dumps(config, indent=2, allow_nan=False).encode() + b"\n"
        self._make()
        self._check_free()
        try:
            self._keep(create_held(self.path / CONFIG, content))
        except OSError as error:
            self._check_free()  # again, because another process may have been faster
            raise self._unwritable(error) from error

    def _check_free(self) -> None:
        """Refuse a directory that holds any file that a run would write."""
        taken = [name for name in WRITTEN if os.path.lexists(self.path / name)]
        if CONFIG in taken and is_held(self.path / CONFIG):
            raise RunDirectoryError(
                f"out must be a new directory, got {self.given}, which is in use by a running "
                "evolution: name another"
            )
        if CONFIG in taken:
            raise RunDirectoryError(
                f"out must be a new directory, got {self.given}, which holds a run: "
                f"continue it with --resume {shlex.quote(str(self.given))}, or name another"
            )
        if taken:
            raise RunDirectoryError(
                f"out must be a new directory, got {self.given}, which holds {', '.join(taken)}: "
                "a run would overwrite it; move it away, or name another directory"
            )

    def hold(self) -> None:
        """Hold the directory of a run that exists, to continue the run.

        Raises
        ------
        RunDirectoryError
            If it holds no run, is in use, or cannot be written.
        """
        try:
            self._keep(hold(self.path / CONFIG))
        except BlockingIOError as error:
            raise RunDirectoryError(
                f"resume must be a run that has ended, got {self.given}, which is in use: wait "
                "until it ends, or stop it"
            ) from error
        except OSError as error:
            raise RunDirectoryError(
                f"resume must be the directory of a run, got {self.given} "
                f"(cannot open {CONFIG} for writing: {error.strerror})"
            ) from error
        if not os.access(self.path, os.W_OK):
            raise RunDirectoryError(f"resume must be writable, got {self.given}")

    def read_config(self) -> Json:
        """Return the configuration.

        Raises
        ------
        RunDirectoryError
            If the file is missing or damaged.
        """
        try:
            config = json.loads((self.path / CONFIG).read_text(encoding="utf-8-sig"))
        except (OSError, ValueError, RecursionError) as error:
            raise RunDirectoryError(
                f"directory must be that of a run, got {self.given} (cannot read {CONFIG}: {error})"
            ) from error
        if not isinstance(config, dict):
            raise RunDirectoryError(
                f"{self.given / CONFIG} must hold a JSON object, got {shown(config)}"
            )
        return config

    def write(self, name: str, content: bytes) -> None:
        """Write one file, completely or not at all.

        Parameters
        ----------
        name : str
            Name of the file.
        content : bytes
            Its content.

        Raises
        ------
        RunDirectoryError
            If it cannot be written; an older file of that name is then untouched.
        """
        try:
            write_atomically(self.path / name, content)
        except OSError as error:
            raise RunDirectoryError(
                f"{self.given / name} must be writable, got {error.strerror or error}"
            ) from error

    def sweep(self) -> None:
        """Remove temporary files of a process that was killed while it wrote."""
        names = "|".join(map(re.escape, WRITTEN))
        for path in self.path.iterdir():
            if re.fullmatch(rf"\.({names})\.[0-9a-f]{{8}}", path.name):
                path.unlink(missing_ok=True)

    def write_checkpoint(self, arrays: Mapping[str, npt.NDArray[Any]], values: Json) -> None:
        """Write the state of the evolution: arrays, and JSON values.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            The arrays of the state.
        values : dict
            The JSON values of the state.

        Raises
        ------
        RunDirectoryError
            If the file cannot be written.
        """
        content = pack_headed(values, arrays, allow_nan=True, compress=False)  # every few seconds
        self.write(CHECKPOINT, content)

    def read_checkpoint(self) -> tuple[Arrays, Json] | None:
        """Return the state of the evolution; None if no checkpoint has been written.

        Raises
        ------
        RunDirectoryError
            If it is damaged.
        """
        path = self.path / CHECKPOINT
        if not path.exists():
            return None
        try:
            values, arrays = unpack_headed(path.read_bytes())
        except (OSError, ValueError) as error:
            raise RunDirectoryError(
                f"{self.given / CHECKPOINT} must be a checkpoint, but {error}"
            ) from error
        return arrays, values

    def write_metrics(self, rows: Sequence[Mapping[str, str]]) -> None:
        """Write the metrics, one row per generation.

        Parameters
        ----------
        rows : sequence of mapping
            The values of each generation by column.

        Raises
        ------
        RunDirectoryError
            If the file cannot be written.
        """
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else [])
        writer.writeheader()
        writer.writerows(rows)
        self.write(METRICS, text.getvalue().encode())

    def read_metrics(self, columns: Sequence[str] | None = None) -> list[dict[str, str]]:
        """Return the metrics, one mapping per generation; an empty list if there is no file.

        Parameters
        ----------
        columns : sequence of str, optional
            Names that the columns must have; default: any, because versions differ.

        Raises
        ------
        RunDirectoryError
            If the file is damaged or has other columns.
        """
        path = self.path / METRICS
        if not path.exists():
            return []
        try:
            with path.open(newline="", encoding="utf-8-sig") as file:
                reader = csv.DictReader(file, strict=True)
                rows = list(reader)
        except (OSError, ValueError, csv.Error) as error:
            raise RunDirectoryError(
                f"{self.given / METRICS} must be a table, but {error}"
            ) from error
        for number, row in enumerate(rows):
            if None in row or None in row.values():
                raise RunDirectoryError(
                    f"{self.given / METRICS} must have a value for each column, "
                    f"got more or fewer in row {number}"
                )
        if rows and columns is not None and reader.fieldnames != list(columns):
            raise RunDirectoryError(
                f"{self.given / METRICS} must have the columns {', '.join(columns)}, "
                f"got {shown(reader.fieldnames)}"
            )
        return rows
