"""The saved state of a run: sealed when it is written, and verified before the run is resumed.

Seals are checksums in the checkpoint: of all its values, of the settings, and of the metrics
without the columns of seconds. They reveal damage and accidental changes, but not forgery, so
values are also checked wherever they are restored.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from hashlib import sha256
from typing import Any, Self

from spiking_agent.checks.arguments import limits
from spiking_agent.checks.words import shown
from spiking_agent.errors import RunDirectoryError
from spiking_agent.evolution.breeding import Breeding
from spiking_agent.evolution.reporters.protocol import GenerationReport
from spiking_agent.evolution.run_directory import (
    CHECKPOINT,
    CONFIG,
    METRICS,
    RunDirectory,
    open_limit,
)
from spiking_agent.evolution.settings.config import EvolutionConfig, package_version
from spiking_agent.typing import Arrays, Json

SEALS = "seals"  # of the checkpoint's JSON values
COLUMNS = tuple(column.name for column in fields(GenerationReport))
TIMES = tuple(name for name in COLUMNS if name.endswith("_s"))

Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedRun:
    """Everything that is needed to resume a run.

    Parameters
    ----------
    config : EvolutionConfig
        Settings of the run.
    generations, seconds, max_envs : optional
        How it was started: its limits, and how many environments may be open at once.
    rows : list of mapping
        Metrics of the generations that the checkpoint has.
    arrays, values
        State of the evolution; both are empty if there is no checkpoint yet.
    """

    config: EvolutionConfig
    generations: int | None = None
    seconds: float | None = None
    max_envs: int | None = None
    rows: list[dict[str, str]] = field(default_factory=list)
    arrays: Arrays = field(default_factory=dict)
    values: Json = field(default_factory=dict)

    @classmethod
    def read(cls, directory: RunDirectory) -> Self:
        """Read and verify the files of a directory, without writing anything.

        Parameters
        ----------
        directory : RunDirectory
            The directory.

        Raises
        ------
        RunDirectoryError
            If a file is missing, damaged, changed, or from another version.
        """
        content = directory.read_config()
        if content.get("package") != package_version():
            raise RunDirectoryError(
                f"{directory.given} must be a run of version {package_version()}, got one of "
                f"{shown(content.get('package'))}: resume it with the version that wrote it"
            )
        config = EvolutionConfig.from_run(content)
        how = _started(directory, content)
        checkpoint = directory.read_checkpoint()
        if checkpoint is None:
            if n_done := len(directory.read_metrics()):
                raise RunDirectoryError(
                    f"{directory.given} must hold {CHECKPOINT}, as {METRICS} has {n_done} "
                    "generations, got no such file: put it back, or start another run"
                )
            return cls(config=config, **how)
        arrays, values = checkpoint
        rows = directory.read_metrics(COLUMNS)
        values, rows = _verified(directory, config, arrays, values, rows)
        return cls(config=config, **how, rows=rows, arrays=arrays, values=values)

    def restore(self, breeding: Breeding) -> None:
        """Restore the state of an evolution; `rows` must not be empty.

        Parameters
        ----------
        breeding : Breeding
            A new one, made from the settings of the run.

        Raises
        ------
        RunDirectoryError
            If the saved state is damaged, or from other settings or another environment.
        """
        try:
            breeding.restore(self.arrays, self.values, len(self.rows))
        except Exception as error:  # a forged state can raise anything
            lacks = "it lacks " * isinstance(error, KeyError)
            raise RunDirectoryError(
                "the run must hold a checkpoint of its own settings and environment, but "
                f"{lacks}{str(error) or type(error).__name__}"
            ) from error

    @property
    def elapsed_s(self) -> float:
        """Seconds that the run has taken so far."""
        return float(self.rows[-1]["elapsed_s"]) if self.rows else 0.0


def write_state(
    directory: RunDirectory, config: EvolutionConfig, rows: Rows, arrays: Arrays, values: Json
) -> None:
    """Write metrics and checkpoint, with seals, each of them completely or not at all.

    Parameters
    ----------
    directory : RunDirectory
        The directory of the run.
    config : EvolutionConfig
        Settings of the run.
    rows : list of dict
        Metrics of each generation.
    arrays, values : dict
        State of the run, as arrays and JSON values.

    Raises
    ------
    RunDirectoryError
        If one cannot be written.
    """
    directory.write_metrics(rows)
    seals = {"settings": _seal(config.to_json()), "metrics": _seal_rows(rows)}
    sealed = {**values, "generation": len(rows), SEALS: seals}
    seals["content"] = _seal_content(arrays, sealed)
    directory.write_checkpoint(arrays, sealed)


def _started(directory: RunDirectory, content: Json) -> dict[str, Any]:
    """Return how a run was started, as far as a resumed run needs it."""
    run = content.get("run")
    if not isinstance(run, dict):
        raise RunDirectoryError(
            f"run in {directory.given / CONFIG} must be an object, got {shown(run)}"
        )
    generations, seconds = run.get("generations"), run.get("seconds")
    try:
        if (generations, seconds) != (None, None):
            generations, seconds = limits(generations, seconds)
        most = open_limit(content)
    except ValueError as error:
        raise RunDirectoryError(f"{directory.given / CONFIG}: {error}") from error
    return {"generations": generations, "seconds": seconds, "max_envs": most}


def _verified(
    directory: RunDirectory,
    config: EvolutionConfig,
    arrays: Arrays,
    values: Json,
    rows: list[dict[str, str]],
) -> tuple[Json, list[dict[str, str]]]:
    """Check all seals; return the values without them, and the rows of the checkpoint."""
    seals, n_rows = values.get(SEALS), values.get("generation")
    if not isinstance(seals, dict):
        raise RunDirectoryError(
            f"{directory.given / CHECKPOINT} must have {SEALS}, got none: resume it with the "
            "earlier version that wrote it"
        )
    unsealed = {name: seal for name, seal in seals.items() if name != "content"}
    if _seal_content(arrays, {**values, SEALS: unsealed}) != seals.get("content"):
        raise RunDirectoryError(
            f"{directory.given / CHECKPOINT} must be as the run wrote it, but is damaged: put back "
            "a copy, or start a new run"
        )
    if _seal(config.to_json()) != seals.get("settings"):
        raise RunDirectoryError(
            f"{directory.given / CONFIG} must hold the settings that the run began with, but some "
            "were changed: change them back, or start a new run with the new ones"
        )
    if type(n_rows) is not int or not 1 <= n_rows <= len(rows):
        raise RunDirectoryError(
            f"{directory.given / METRICS} must hold {shown(n_rows)} generations, "
            f"got {len(rows)}: put back a copy, or start a new run"
        )
    rows = rows[:n_rows]
    if _seal_rows(rows) != seals.get("metrics"):
        raise RunDirectoryError(
            f"{directory.given / METRICS} must hold the figures that the run wrote, but some were "
            "changed: put back a copy, or start a new run"
        )
    for number, row in enumerate(rows):
        for name in TIMES:
            if not _is_duration(row[name]):
                raise RunDirectoryError(
                    f"{name} in {directory.given / METRICS} must be finite and >= 0, got "
                    f"{shown(row[name])} in row {number}"
                )
    return {name: value for name, value in values.items() if name != SEALS}, rows


def _is_duration(text: str) -> bool:
    try:
        return 0.0 <= float(text) < math.inf
    except ValueError:
        return False


def _seal(values: Any) -> str:
    """Return a checksum of JSON values, the same before they are written and after reading."""
    as_read = json.loads(json.dumps(values))
    return sha256(json.dumps(as_read, sort_keys=True).encode()).hexdigest()


def _seal_rows(rows: Rows) -> str:
    return _seal([[row[name] for name in COLUMNS if name not in TIMES] for row in rows])


def _seal_content(arrays: Arrays, values: Json) -> str:
    seal = sha256(_seal(values).encode())
    for name, array in sorted(arrays.items()):
        seal.update(json.dumps([name, array.dtype.str, array.shape]).encode())
        seal.update(array.tobytes())
    return seal.hexdigest()
