"""The rules of Snake alone, on arrays: the only benchmark with the arguments of the kernel."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snake_env.board import empty_boards
from snake_env.lanes import Limits, begin_lanes, step_lanes
from snake_env.settings import Settings

Step = Callable[[NDArray[np.int64]], object]


class BareBoards:
    """Boards without an environment around them: no checks, no fresh arrays, no infos.

    Parameters
    ----------
    n_lanes : int
        Number of boards.
    settings : Settings
        Their settings.
    """

    def __init__(self, n_lanes: int, settings: Settings) -> None:
        self._n_lanes = n_lanes
        self._settings = settings
        self._boards = empty_boards(n_lanes, settings.n_cells)
        self._boards.rng[:] = np.random.default_rng(0).integers(1, 2**63, n_lanes, np.uint64)
        self._status = np.zeros(n_lanes, np.int8)
        self._figures = np.zeros((3, n_lanes), np.int64)
        self._masks = np.zeros((n_lanes, 4), np.int8)
        self.begin([{"reset_mask": np.ones(n_lanes, np.bool_)}])

    def begin(self, starts: list[dict[str, Any]]) -> None:
        """Start games with these options of a reset, each with its mask."""
        for options in starts:
            others = {name: options[name] for name in options if name != "reset_mask"}
            start = self._settings.start_from(others)
            begin_lanes(
                *self._boards,
                start.cells,
                start.counters,
                start.grid,
                options["reset_mask"],
                self._status,
                self._settings.grow,
                self._figures,
                self._masks,
            )

    def stepper(self) -> Step:
        """Return a function that moves every lane by one cell, and restarts finished lanes."""
        settings, n_lanes = self._settings, self._n_lanes
        limits = Limits(
            settings.n_cols, settings.grow, settings.hunger_limit, 0, settings.reward_of
        )
        start = settings.start()
        before = (*self._boards, start.cells, start.counters, start.grid, self._status)
        after = (
            *limits,
            True,
            np.empty(n_lanes, np.bool_),
            np.empty(n_lanes),
            np.empty((7, n_lanes), np.bool_),
            self._figures,
            self._masks,
            np.empty((2, n_lanes), np.intp),
        )

        def step(actions: NDArray[np.int64]) -> object:
            return step_lanes(*before, actions, *after)

        return step
