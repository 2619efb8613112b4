"""The metrics of a run as numbers, from whichever version."""

from collections.abc import Mapping, Sequence

import numpy as np

from spiking_agent.errors import RunDirectoryError
from spiking_agent.typing import Float64Array

MAX_POINTS = 1_000  # of a curve: no screen shows more


class History:
    """Columns of the metrics, with an entry per generation.

    Parameters
    ----------
    rows : sequence of mapping
        What `RunDirectory.read_metrics` returns, at least one.

    Raises
    ------
    RunDirectoryError
        If there is no row, or if a column that all versions write is missing or holds no numbers.
    """

    def __init__(self, rows: Sequence[Mapping[str, str]]) -> None:
        if not rows:
            raise RunDirectoryError("metrics must hold at least one generation, got none")
        self._rows = rows
        for name in ("generation", "best", "median", "champion_held_out", "elapsed_s", "n_moves"):
            if self.column(name) is None:
                raise RunDirectoryError(
                    f"metrics must have a column {name}, got {', '.join(rows[0])}"
                )

    def __len__(self) -> int:
        return len(self._rows)

    def column(self, name: str) -> Float64Array | None:
        """Return a column, with NaN where it has no finite number; None if there is no such column.

        Parameters
        ----------
        name : str
            Name of the column.

        Raises
        ------
        RunDirectoryError
            If it holds something other than numbers.
        """
        if name not in self._rows[0]:
            return None
        try:
            values = np.array([float(row[name] or "nan") for row in self._rows])
        except ValueError as error:
            raise RunDirectoryError(f"metrics must hold numbers in {name}, but {error}") from error
        values[~np.isfinite(values)] = np.nan
        return values

    def boards(self) -> list[tuple[int, str]]:
        """Return where the run changed to another board, as (generation, board), the first too.

        An empty list if brains saw no grid.
        """
        changes: list[tuple[int, str]] = []
        for number, row in enumerate(self._rows):
            board = row.get("board", "")
            if board and (not changes or changes[-1][1] != board):
                changes.append((number, board))
        return changes

    def curve(self, name: str) -> tuple[Float64Array, Float64Array] | None:
        """Return generations and values of a column, thinned out for drawing, with the last one.

        Parameters
        ----------
        name : str
            Name of the column.

        Returns
        -------
        generations, values : ndarray of float
            None if there is no such column, or no number in it.
        """
        values, generations = self.column(name), self.column("generation")
        if values is None or generations is None or np.isnan(values).all():
            return None
        step = -(-len(values) // MAX_POINTS)
        return generations[::-step][::-1], values[::-step][::-1]

    def last(self, name: str) -> float | None:
        """Return the newest value of a column; None if there is none.

        Parameters
        ----------
        name : str
            Name of the column.
        """
        values = self.column(name)
        return None if values is None or np.isnan(values[-1]) else float(values[-1])
