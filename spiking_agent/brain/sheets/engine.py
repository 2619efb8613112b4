"""Brains of sheets, compiled: only what can be heard is computed."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from spiking_agent.brain.carry_state import CarryState, as_number, carry_state_of
from spiking_agent.brain.interface import Play, check_decision, check_lanes
from spiking_agent.brain.sheets.kernels.column_ticks import play_sheets
from spiking_agent.brain.sheets.kernels.columns import Memory, make_memory
from spiking_agent.brain.sheets.kernels.lanes import (
    FAR_AWAY,
    NO_TICK,
    Lanes,
    make_lanes,
    n_records_of,
)
from spiking_agent.brain.sheets.kernels.window_columns import Columns, make_columns
from spiking_agent.brain.sheets.kernels.window_ticks import play_windows
from spiking_agent.brain.sheets.program import make_program
from spiking_agent.brain.sheets.shortcut import Shortcut, make_shortcut
from spiking_agent.brain.sheets.tables import FRONT, Program
from spiking_agent.brain.sheets.tissue import Tissue
from spiking_agent.brain.sheets.window import Window
from spiking_agent.checks.arguments import whole
from spiking_agent.typing import Float32Array, Int32Array, Int64Array, IntpArray, UInt8Array


class SheetEngine:
    """Compiled brains of sheets, `lanes_per_brain` running copies of each.

    It counts the spikes of outputs, and shows nothing else: what cannot be heard is not computed.
    For a raster or potentials, run the same brains on another engine.

    Parameters
    ----------
    tissue : Tissue
        The brains.
    window : Window
        What can be heard of them, see `find_window`.
    lanes_per_brain : int
        Running copies of each brain, >= 1.
    carry_state : {False, True, "impulses"}
        What outlives a decision, the same as in `find_window`.

    Notes
    -----
    The counts equal those of `compiled.engine.Engine` and `actors.engine.ActorEngine` on the
    connectomes that the tissue stands for.
    """

    def __init__(
        self,
        tissue: Tissue,
        window: Window,
        *,
        lanes_per_brain: int = 1,
        carry_state: CarryState = True,
    ) -> None:
        self.lanes_per_brain = whole("lanes_per_brain", lanes_per_brain, 1)
        self.n_lanes = len(tissue) * self.lanes_per_brain
        self.carry_state = as_number(carry_state_of("carry_state", carry_state))
        self.program = make_program(tissue, window)
        self.shortcut = make_shortcut(tissue, window, self.program)
        self.memory: Memory | None = None
        self._n_inputs = len(tissue.input_neurons)
        self._n_after = len(window.after)
        self.lanes = make_lanes(self.program, self.n_lanes, self._n_after, n_records=1)
        self._span = FAR_AWAY  # fewest ticks from a record to the next one so far
        self.columns = make_columns(self.program, self._n_after, n_ticks=1)
        self.clear()

    def decide(
        self, drive: UInt8Array, n_ticks: int, lane_ids: IntpArray | None = None
    ) -> Int32Array:
        """Run the given lanes; see `BrainEngine.decide`."""
        ids = check_decision(self.n_lanes, self._n_inputs, drive, n_ticks, lane_ids)
        counts = np.zeros((len(ids), len(self.program.output_slot)), np.int32)
        self.reserve(n_ticks, drive.shape[1])
        arguments = (
            ids,
            len(ids),
            self.lanes_per_brain,
            self.carry_state,
            np.ascontiguousarray(drive, np.uint8),
            np.arange(len(ids)),
            n_ticks,
            counts,
        )
        usual = self._usual if drive.shape[1] == 1 else None
        is_done = len(ids) == 0 or (usual is not None and play_sheets(usual, *arguments))
        if not is_done:
            play_windows(self._any, *arguments)
        return counts

    def for_play(self, n_ticks: int, constant: Sequence[int]) -> tuple[Play, ...]:
        """Return kernels that decide, and what they need; see `CompiledEngine.for_play`."""
        self.reserve(n_ticks)
        always = [self.columns.always]
        if self.memory is not None:
            always.append(self.memory.always)
        for number in constant:
            word, bit = divmod(FRONT + number, 64)
            for words in always:
                words[word] |= np.uint64(1 << bit)
        usual, any_windows = self._usual, (play_windows, self._any)
        return (any_windows,) if usual is None else ((play_sheets, usual), any_windows)

    @property
    def _usual(self) -> tuple[Program, Shortcut, Lanes, Memory] | None:
        """What `play_sheets` runs; None for brains without a shortcut."""
        if self.shortcut is None or self.memory is None:
            return None
        return self.program, self.shortcut, self.lanes, self.memory

    @property
    def _any(self) -> tuple[Program, Lanes, Columns]:
        """What `play_windows` runs."""
        return self.program, self.lanes, self.columns

    def reserve(self, n_ticks: int, n_steps: int = 1) -> None:
        """Make room for decisions of `n_ticks` with a drive that changes `n_steps` times."""
        if len(self.columns.said) < self.lanes.past.shape[1] + n_ticks:
            self.columns = make_columns(self.program, self._n_after, n_ticks)
        if self.shortcut is not None and (
            self.memory is None or self.memory.said.shape[1] < self.lanes.past.shape[1] + n_ticks
        ):
            self.memory = make_memory(
                self.program, self.shortcut, self.lanes.past.shape[1], n_ticks
            )
        self._span = min(self._span, n_ticks // n_steps)
        n_records = n_records_of(self.program, n_steps, self._span)
        n_more = n_records - self.lanes.begin.shape[1]
        if n_more > 0:
            old = self.lanes
            self.lanes = make_lanes(self.program, self.n_lanes, self._n_after, n_records)
            n_old = old.begin.shape[1]
            order = (old.newest[:, None] + 1 + np.arange(n_old)) % n_old  # the oldest first
            lanes = np.arange(self.n_lanes)[:, None]
            for name in ("active", "begin"):
                getattr(self.lanes, name)[:, n_more:] = getattr(old, name)[lanes, order]
            self.lanes.begin[:, :n_more] = NO_TICK
            self.lanes.newest[:] = self.lanes.begin.shape[1] - 1
            for name in ("tick", "potential", "rest", "past", "late_past"):
                getattr(self.lanes, name)[:] = getattr(old, name)

    def clear(self, lane_ids: IntpArray | None = None, *, carry_state: CarryState = False) -> None:
        """Forget what does not outlive a decision; see `BrainEngine.clear`.

        A decision begins without what does not outlive the one before, so that there is nothing to
        do here unless everything is to be forgotten.
        """
        ids = check_lanes(self.n_lanes, lane_ids)
        if carry_state:
            return
        self.lanes.begin[ids] = NO_TICK
        self.lanes.calm.n_left[ids] = 0
        self.lanes.calm.n_active[ids] = -1
        for array in (
            self.lanes.potential,
            self.lanes.rest,
            self.lanes.past,
            self.lanes.late_past,
        ):
            array[ids] = 0

    def tick(self, lane: int) -> int:
        """Return how many ticks a lane has run so far."""
        check_lanes(self.n_lanes, np.array([lane]))
        return int(self.lanes.tick[lane])

    def raster(self, lane: int) -> Int64Array:
        """Raise an error: see `BrainEngine.raster`."""
        raise ValueError("record must be True to ask for a raster, got False")

    def spikes_since(self, lane: int, tick: int) -> Int64Array:
        """Raise an error: see `BrainEngine.spikes_since`."""
        raise ValueError("record must be True to ask for a raster, got False")

    def forget_spikes(self, lane: int, before: int) -> None:
        """Raise an error: see `BrainEngine.forget_spikes`."""
        raise ValueError("record must be True to ask for a raster, got False")

    def potentials(self, lane: int) -> Float32Array:
        """Raise an error: only what can be heard is computed."""
        raise ValueError("record must be True to ask for potentials of sheets, got False")

    def close(self) -> None:
        """Do nothing: there is nothing to release."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()
