"""The directory of a run: what each file holds, and how it is read again."""

import csv
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spiking_agent.errors import RunDirectoryError
from spiking_agent.files import pack_arrays, unpack_arrays, write_atomically
from spiking_agent.spaces import Json

CONFIG = "config.json"
METRICS = "metrics.csv"
CHECKPOINT = "checkpoint.npz"
CHAMPION = "champion.npz"
LEARNING_CURVE = "learning_curve.png"
REPORT = "report.html"
HEADER = "header"  # array of the checkpoint that holds its JSON values as UTF-8 bytes

Arrays = dict[str, npt.NDArray[Any]]


class RunDirectory:
    """Files of one run, each written whole or not at all.

    Parameters
    ----------
    path : path-like
        The directory.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def create(self, config: Json) -> None:
        """Make the directory with its configuration.

        Raises
        ------
        RunDirectoryError
            If it holds a run already, or cannot be written.
        """
        content = json.dumps(config, indent=2).encode() + b"\n"
        try:
            if (self.path / CONFIG).exists():
                raise RunDirectoryError(
                    f"out must be a new directory, got {self.path}, which holds a run: "
                    f"go on with it by --resume {self.path}, or name another"
                )
            self.path.mkdir(parents=True, exist_ok=True)
            self.write(CONFIG, content)
        except OSError as error:
            raise RunDirectoryError(
                f"out must be a directory that can be written, got {self.path} ({error.strerror})"
            ) from error

    def read_config(self) -> Json:
        """Read the configuration.

        Raises
        ------
        RunDirectoryError
            If there is none or it is damaged.
        """
        try:
            config = json.loads((self.path / CONFIG).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise RunDirectoryError(
                f"resume must be the directory of a run, got {self.path} "
                f"(cannot read {CONFIG}: {error})"
            ) from error
        if not isinstance(config, dict):
            raise RunDirectoryError(f"{self.path / CONFIG} must hold a JSON object, got {config!r}")
        return config

    def write(self, name: str, content: bytes) -> None:
        """Write one file, whole or not at all.

        Raises
        ------
        RunDirectoryError
            If it cannot be written; an older one is then untouched.
        """
        try:
            write_atomically(self.path / name, content)
        except OSError as error:
            raise RunDirectoryError(
                f"{self.path / name} must be writable, got {error.strerror or error}"
            ) from error

    def sweep(self) -> None:
        """Remove what a process that was killed while it wrote has left behind."""
        for name in (CONFIG, METRICS, CHECKPOINT, CHAMPION, LEARNING_CURVE, REPORT):
            for path in self.path.glob(f".{name}.*"):
                path.unlink(missing_ok=True)

    def write_checkpoint(self, arrays: Mapping[str, npt.NDArray[Any]], values: Json) -> None:
        """Write the state of the evolution: arrays, and JSON values."""
        text = json.dumps(values, sort_keys=True).encode()
        self.write(CHECKPOINT, pack_arrays({HEADER: np.frombuffer(text, np.uint8), **arrays}))

    def read_checkpoint(self) -> tuple[Arrays, Json] | None:
        """Read the state of the evolution; None if the run was stopped before the first.

        Raises
        ------
        RunDirectoryError
            If it is damaged.
        """
        path = self.path / CHECKPOINT
        if not path.exists():
            return None
        try:
            arrays = unpack_arrays(path.read_bytes())
            if HEADER not in arrays:
                raise ValueError(f"it has no {HEADER}")
            values = json.loads(arrays.pop(HEADER).tobytes())
            if not isinstance(values, dict):
                raise ValueError(f"its {HEADER} is no JSON object")
        except (OSError, ValueError, RecursionError) as error:
            raise RunDirectoryError(f"{path} must be a checkpoint, but {error}") from error
        return arrays, values

    def write_metrics(self, rows: Sequence[Mapping[str, str]]) -> None:
        """Write the metrics, one row a generation."""
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else [])
        writer.writeheader()
        writer.writerows(rows)
        self.write(METRICS, text.getvalue().encode())

    def read_metrics(self, columns: Sequence[str] | None = None) -> list[dict[str, str]]:
        """Read the metrics, one mapping a generation; none if there is no such file.

        Parameters
        ----------
        columns : sequence of str, optional
            What the columns must be called; default: anything, as other versions have it.

        Raises
        ------
        RunDirectoryError
            If it is damaged or has other columns.
        """
        path = self.path / METRICS
        if not path.exists():
            return []
        try:
            with path.open(newline="", encoding="utf-8") as file:
                reader = csv.DictReader(file, strict=True)
                rows = list(reader)
        except (OSError, ValueError, csv.Error) as error:
            raise RunDirectoryError(f"{path} must be a table, but {error}") from error
        for number, row in enumerate(rows):
            if None in row or None in row.values():
                raise RunDirectoryError(
                    f"{path} must have a value for each column, got more or fewer in row {number}"
                )
        if rows and columns is not None and reader.fieldnames != list(columns):
            raise RunDirectoryError(
                f"{path} must have the columns {', '.join(columns)}, got {reader.fieldnames}"
            )
        return rows


def next_directory(name: str, parent: str | os.PathLike[str] = "runs") -> Path:
    """Name the first directory `parent/name-N` that does not exist."""
    number = 1
    while (Path(parent) / f"{name}-{number}").exists():
        number += 1
    return Path(parent) / f"{name}-{number}"
