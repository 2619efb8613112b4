"""An evolution as TensorBoard events, with the `tensorboard` extra.

The extra is tensorboardX. It writes the same files as TensorBoard's own writer, but needs only
protobuf, not TensorFlow or PyTorch.
"""

import math
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from spiking_agent.evolution.reporters.protocol import GenerationReport, RunReport

SCALARS = {  # tags, which begin with their section of TensorBoard's page
    "best": "training/best",
    "median": "training/median",
    "mean": "training/mean",
    "held_out": "held_out/this_generation",
    "champion_held_out": "held_out/champion",
    "champion_solved": "held_out/champion_solved",
    "diversity": "population/diversity",
    "solved_in_trial": "training/solved_in_trial",
    "n_refinements": "population/n_refinements",
}
SPEED = "speed/moves_per_second"


class TensorBoardReporter:
    """Writes a step for each generation; a resumed run continues from its checkpoint.

    Parameters
    ----------
    path : path-like
        Folder of the events, made for the first one.

    Raises
    ------
    ValueError
        If the extra is not installed.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        if find_spec("tensorboardX") is None:
            raise ValueError(
                "tensorboard must be installed to write events, got none: install the extra by "
                "pip install 'spiking-snake[tensorboard]'"
            )
        self._path = Path(path).absolute()
        if self._path.exists() and not self._path.is_dir():
            raise ValueError(f"path of the events must be a folder, got the file {self._path}")
        self._file: Any = None
        self._is_given_up = False

    def run_started(self, report: RunReport) -> None:
        """Do nothing: the file is opened for the first generation.

        Parameters
        ----------
        report : RunReport
            What is about to run.
        """

    def generation_evaluated(self, report: GenerationReport) -> None:
        """Write the figures of a generation, leaving out those that are None.

        Parameters
        ----------
        report : GenerationReport
            The results of the generation.
        """
        values = {tag: getattr(report, name) for name, tag in SCALARS.items()}
        values[SPEED] = report.moves_per_s
        told = {tag: v for tag, v in values.items() if v is not None and math.isfinite(v)}
        self._try(lambda: self._write(report.generation, told))

    def run_finished(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._try(self._file.close)
            self._file = None

    def _write(self, generation: int, values: dict[str, float]) -> None:
        from tensorboardX.proto.event_pb2 import Event
        from tensorboardX.summary import scalar

        if self._file is None:
            self._file = self._open(generation)
        for tag, value in values.items():
            event = Event(wall_time=time.time(), step=generation, summary=scalar(tag, value))
            self._file.write(event.SerializeToString())
        self._file.flush()

    def _open(self, generation: int) -> Any:
        """Open a file; TensorBoard drops the steps from `generation` on in older files."""
        from tensorboardX.proto.event_pb2 import Event, SessionLog
        from tensorboardX.record_writer import RecordWriter

        self._path.mkdir(parents=True, exist_ok=True)
        is_first = not any(self._path.iterdir())
        # tensorboardX's own writer names files after the machine, and passes events to a thread:
        # if that thread fails because the disk is full, the writer waits forever
        file = RecordWriter(str(self._path / f"events.out.tfevents.{time.time_ns()}"))
        now = time.time()
        file.write(Event(wall_time=now, file_version="brain.Event:2").SerializeToString())
        if not is_first:
            log = SessionLog(status=SessionLog.START)
            file.write(Event(wall_time=now, step=generation, session_log=log).SerializeToString())
        return file

    def _try(self, write: Callable[[], object]) -> None:
        """Write, or print once that this fails: an evolution goes on without events."""
        if self._is_given_up:
            return
        try:
            write()
        except OSError as error:
            self._is_given_up = True
            if self._file is not None:
                with suppress(OSError):  # reported below
                    self._file.close()
            print(f"no more events in {self._path}: {error.strerror or error}", file=sys.stderr)
