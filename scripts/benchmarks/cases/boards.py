"""Snakes of any length that follow a cycle through all cells forever, without dying."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray

_ACTION_OF_STEP = {(-1, 0): 0, (0, 1): 1, (1, 0): 2, (0, -1): 3}


@dataclass(frozen=True, slots=True)
class Cycle:
    """A closed way through all cells of a board with an even number of rows."""

    n_rows: int
    n_cols: int

    @property
    def cells(self) -> list[tuple[int, int]]:
        """The cells (row, col) in order: back and forth along the rows, and back up column 0."""
        there = range(1, self.n_cols)
        rows = range(self.n_rows)
        fro = [(row, col) for row in rows for col in (there if row % 2 == 0 else reversed(there))]
        return fro + [(row, 0) for row in reversed(rows)]

    @property
    def actions(self) -> NDArray[np.int64]:
        """The action that leads from each cell to the next, in the order of the cycle."""
        cells = self.cells
        steps = zip(cells, cells[1:] + cells[:1], strict=True)
        return np.array([_ACTION_OF_STEP[b[0] - a[0], b[1] - a[1]] for a, b in steps])

    def body(self, place: int, length: int) -> list[tuple[int, int]]:
        """Return the cells of a snake whose head is at a place, head first."""
        cells = self.cells
        return [cells[(place - i) % len(cells)] for i in range(length)]

    def food(self, place: int, length: int) -> tuple[int, int]:
        """Return the free cell that the snake reaches last: the one behind its tail."""
        return self.cells[(place - length) % len(self.cells)]


@dataclass(frozen=True, slots=True)
class Herd:
    """Snakes of one length in many lanes, spread over the cycle.

    Parameters
    ----------
    cycle : Cycle
        The way they go.
    n_lanes : int
        Number of snakes.
    length : int
        Length of each at the start, in cells.
    n_places : int
        Number of different places of their heads; lanes take them in turn.
    """

    cycle: Cycle
    n_lanes: int
    length: int
    n_places: int

    @property
    def places(self) -> NDArray[np.int64]:
        """Where each lane's head starts on the cycle."""
        n_cells = self.cycle.n_rows * self.cycle.n_cols
        places: NDArray[np.int64] = np.arange(self.n_lanes) % self.n_places
        return places * n_cells // self.n_places

    def starts(self, *, has_food: bool) -> list[dict[str, Any]]:
        """Return options of a reset for each place; without `has_food` the food is random."""
        places = self.places
        options: list[dict[str, Any]] = []
        for place in np.unique(places).tolist():
            body = self.cycle.body(place, self.length)
            options.append({"reset_mask": places == place, "body": body})
            if has_food:
                options[-1]["food"] = self.cycle.food(place, self.length)
        return options

    def actions(self, n_moves: int) -> NDArray[np.int64]:
        """Return the actions along the cycle, shape (n_moves, n_lanes)."""
        along = self.cycle.actions
        return along[(self.places + np.arange(n_moves)[:, None]) % len(along)]


def put(envs: VectorEnv[Any, Any, Any], starts: list[dict[str, Any]]) -> None:
    """Reset every lane with its options; all lanes must have been reset before."""
    for options in starts:
        envs.reset(options=options)
