"""Policies whose first choices are given, and whose others are written down."""

from typing import Any

import numpy as np
import numpy.typing as npt

from spiking_agent.brain.interface import BrainEngine
from spiking_agent.codec.batches import some
from spiking_agent.codec.codec import Codec
from spiking_agent.episodes.lanes import PolicyLanes
from spiking_agent.episodes.openings import RECORDED, WATCHED, Script, check_one_choice
from spiking_agent.typing import IntpArray


class ScriptedLanes(PolicyLanes):
    """Lanes that follow a script through one episode each.

    Parameters
    ----------
    engine, codec
        See `PolicyLanes`.
    script : Script
        The choices that are given, or where they are written down.

    Raises
    ------
    ValueError
        If actions are not single choices.

    Notes
    -----
    A brain sleeps through an opening but for its last moves. It hears those as if it had chosen
    them, and its spikes do not matter. What it would remember for longer, such as hunger, is not
    there.
    """

    def __init__(self, engine: BrainEngine, codec: Codec, script: Script) -> None:
        super().__init__(engine, codec)
        self._script = script
        self._first_action = check_one_choice(codec)
        self._n_moves = np.zeros(engine.n_lanes, np.int64)

    def act(
        self,
        observations: Any,
        lane_ids: IntpArray | None = None,
        mask: npt.NDArray[Any] | None = None,
    ) -> Any:
        """Decide as `PolicyLanes.act` does, where nothing is given.

        Parameters
        ----------
        observations, lane_ids, mask
            See `PolicyLanes.act`.
        """
        ids = np.arange(self.engine.n_lanes) if lane_ids is None else lane_ids
        moves, rows = self._n_moves[ids], self._script.rows[ids]
        n_given = self._script.n_given[rows]
        awake = np.flatnonzero(moves >= n_given - WATCHED)
        if len(awake):
            seen = some(observations, awake)
            super().act(seen, ids[awake], None if mask is None else mask[awake])
        given = moves < n_given
        self._choices[ids[given], 0] = self._script.choices[rows[given], moves[given]]
        written = (n_given == RECORDED) & (moves < self._script.choices.shape[1])
        made = self._choices[ids[written], 0]
        self._script.choices[rows[written], moves[written]] = made
        self._n_moves[ids] += 1
        return self._first_action + self._choices[ids, 0].astype(np.int64)
