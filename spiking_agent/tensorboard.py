"""An evolution as TensorBoard events, with the `tensorboard` extra.

The extra is tensorboardX: it writes the same files as TensorBoard's own writer, and needs protobuf
only, where that one comes with TensorFlow or PyTorch.
"""

import math
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from spiking_agent.reporting import GenerationReport, RunReport

FOLDER = "tensorboard"  # in the directory of a run
SCALARS = {  # tags, by the part of TensorBoard's page that they stand in
    "best": "training/best",
    "median": "training/median",
    "mean": "training/mean",
    "held_out": "held_out/this_generation",
    "champion_held_out": "held_out/champion",
    "champion_solved": "held_out/champion_solved",
    "diversity": "population/diversity",
    "n_refinements": "population/n_refinements",
}
SPEED = "speed/moves_per_second"


class TensorBoardReporter:
    """Writes a step for each generation; a resumed run goes on where it was saved.

    Parameters
    ----------
    path : path-like
        Folder of the events, made with the first one.

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
        self._path = Path(path)
        self._writer: Any = None

    def run_started(self, report: RunReport) -> None:
        """Wait for the first generation."""

    def generation_evaluated(self, report: GenerationReport) -> None:
        """Write the figures of a generation; those that do not exist are left out."""
        if self._writer is None:
            self._writer = self._open(report.generation)
        values = {tag: getattr(report, name) for name, tag in SCALARS.items()}
        values[SPEED] = report.n_moves / max(report.duration_s, 1e-9)
        for tag, value in values.items():
            if value is not None and math.isfinite(value):
                self._writer.add_scalar(tag, value, report.generation)

    def run_finished(self) -> None:
        """Write what is still in memory."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _open(self, generation: int) -> Any:
        """Begin a file; TensorBoard forgets steps from `generation` on that were never saved."""
        from tensorboardX import SummaryWriter

        return SummaryWriter(
            str(self._path),
            purge_step=generation or None,
            filename_suffix=f".from-{generation}",  # or two of the same second would be one file
        )
