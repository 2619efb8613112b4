"""The decoders of whole numbers: one output per value, and the most spikes win."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from spiking_agent.checks.words import shown
from spiking_agent.codec.decoders.base import BaseDecoder, check_same, in_a_row
from spiking_agent.codec.spaces import describe
from spiking_agent.jit import inlined, kernel
from spiking_agent.typing import BoolArray, Int32Array, Int64Array, Json


@dataclass(frozen=True, slots=True)
class MostSpikesDecoder(BaseDecoder):
    """Each whole number of an action has one output per value; the most spikes win.

    Among equals the value of the action before wins if it is legal and one of them, else the
    lowest legal value. Fits Discrete, MultiDiscrete and MultiBinary (two values per bit).

    Parameters
    ----------
    space : gymnasium.Space
        Action space of one environment.
    """

    space: spaces.Discrete | spaces.MultiDiscrete | spaces.MultiBinary
    kind: ClassVar[str] = "most-spikes"
    takes_turns: ClassVar[bool] = False  # True: equals win one after another

    @property
    def n_outputs(self) -> int:
        """One output per value."""
        match self.space:
            case spaces.Discrete():
                return int(self.space.n)
            case spaces.MultiDiscrete():
                return int(self.space.nvec.sum(dtype=np.int64))
        return 2 * self.n_choices

    @property
    def n_choices(self) -> int:
        """One choice per number."""
        return math.prod(self.space.shape or ())  # Discrete has the shape ()

    def _ends(self) -> Int64Array:
        """Return where the outputs of each number end, shape (n_choices,)."""
        if isinstance(self.space, spaces.Discrete):
            return np.array([self.space.n], np.int64)
        if isinstance(self.space, spaces.MultiDiscrete):
            return np.cumsum(self.space.nvec.ravel(), dtype=np.int64)
        n_values = self.n_outputs // self.n_choices  # every number has as many
        return n_values * np.arange(1, self.n_choices + 1, dtype=np.int64)

    def decode(
        self, counts: Int32Array, n_ticks: int, choices: Int32Array, mask: BoolArray | None = None
    ) -> tuple[npt.NDArray[Any], Int32Array]:
        """Return the values with the most spikes, for every number of every action.

        Parameters
        ----------
        counts, n_ticks, choices, mask
            See `Decoder.decode`; `n_ticks` is not used.

        Returns
        -------
        actions : ndarray, shape (n, ...)
            A batch of the action space.
        choices : ndarray of int32, shape (n, n_choices)
            The values, counted from the lowest of each number.

        Raises
        ------
        ValueError
            If a row of the mask leaves no legal action.
        """
        legal = np.ones((1, counts.shape[1]), np.bool_) if mask is None else _truths(mask)
        if legal.shape not in (counts.shape, (1, counts.shape[1])):
            raise ValueError(f"mask must have shape {counts.shape}, got {legal.shape}")
        chosen = choices.copy()
        if not _choose(counts, self._ends(), legal, self.takes_turns, chosen):
            raise ValueError("action_mask must allow at least one action, got a row without any")
        return self._actions(chosen), chosen

    def _actions(self, choices: Int32Array) -> npt.NDArray[Any]:
        """Return the actions that choices stand for."""
        match self.space:
            case spaces.Discrete():
                actions = choices[:, 0].astype(np.int64) + int(self.space.start)
                return actions.astype(self.space.dtype)
            case spaces.MultiDiscrete():
                chosen = choices.reshape(len(choices), *self.space.shape).astype(np.int64)
                return (chosen + self.space.start.astype(np.int64)).astype(self.space.dtype)
        return choices.reshape(len(choices), *self.space.shape).astype(np.int8)

    def winning_outputs(self, choices: Int32Array) -> Int64Array:
        """Return the outputs that stand for one action's choices, shape (n_choices,).

        Parameters
        ----------
        choices : ndarray of int32, shape (n_choices,)
            Choices of one action, -1 for none.
        """
        ends = self._ends()
        starts: Int64Array = np.concatenate([[0], ends[:-1]])
        return starts + choices

    def single(self, actions: npt.NDArray[Any], row: int) -> Any:
        """Return a Python int for Discrete, else an array of its own.

        Parameters
        ----------
        actions : ndarray, shape (n, ...)
            Actions that `decode` returned.
        row : int
            Which one.
        """
        if isinstance(self.space, spaces.Discrete):
            return int(actions[row])
        return np.array(actions[row])

    def flat_mask(self, mask: Any) -> npt.NDArray[Any]:
        """Return a mask with an entry for each output.

        Parameters
        ----------
        mask
            An array for Discrete; a tuple of arrays for MultiDiscrete; for MultiBinary 0, 1 or 2
            per bit, where 2 leaves the bit free. Or one entry for each output, or None.
        """
        if mask is None:
            return np.ones(self.n_outputs, np.int8)
        flat = in_a_row(mask)
        is_bits = isinstance(self.space, spaces.MultiBinary) and flat.shape == self.space.shape
        if is_bits and not isinstance(mask, tuple | list):
            return np.stack([flat.ravel() != 1, flat.ravel() != 0], axis=1).ravel()
        return flat

    def output_names(self, action_names: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return the names of the actions if each is one choice, else numbers.

        Parameters
        ----------
        action_names : sequence of str, optional
            Names of the actions.
        """
        if self.n_choices != 1:
            return tuple(map(str, range(self.n_outputs)))
        if isinstance(action_names, Sequence) and len(action_names) == self.n_outputs:
            return tuple(map(str, action_names))
        return tuple(f"action {value}" for value in range(self.n_outputs))

    def check_fits(self, space: gym.Space[Any]) -> None:
        """Check that a space is the one that the decoder is for.

        Parameters
        ----------
        space : gymnasium.Space
            Space of one action.

        Raises
        ------
        ValueError
            If it is another one.
        """
        check_same(self.space, space)

    def to_json(self) -> Json:
        """Return kind and action space."""
        return {"kind": self.kind, "space": describe(self.space)}


class InTurnDecoder(MostSpikesDecoder):
    """The most spikes win, and equals take turns.

    Among equals the next legal value after that of the action before wins, in a circle. If no
    output fires, the value before wins if it is legal. So an action that changes nothing of what
    is seen is not repeated for ever, where others are worth as much.
    """

    __slots__ = ()
    kind: ClassVar[str] = "in-turn"
    takes_turns: ClassVar[bool] = True


WHOLE_DECODERS: Final[dict[str, type[MostSpikesDecoder]]] = {
    decoder.kind: decoder for decoder in (MostSpikesDecoder, InTurnDecoder)
}


def _truths(mask: npt.NDArray[Any]) -> BoolArray:
    """Return where a mask is not 0, refusing what is no mask."""
    if mask.dtype.kind not in "biuf" or (mask.dtype.kind == "f" and np.isnan(mask).any()):
        raise ValueError(f"action_mask must hold truth values, got {shown(mask)}")
    return mask.astype(np.bool_)


@inlined
def most_spikes(
    counts: Int32Array,  # (n_outputs,)
    legal: npt.NDArray[Any],  # (n_outputs,) nonzero where a value is legal
    start: int,
    end: int,
    before: int,
) -> int:
    """Return the value with the most spikes among the outputs start..end - 1, -1 if none is legal.

    Among equals the value before wins if it is one of them, else the lowest.
    """
    best, winner = -1, -1
    for output in range(start, end):
        count = counts[output]
        if legal[output] and (count > best or (count == best and output - start == before)):
            best, winner = count, output - start
    return winner


@inlined
def most_spikes_in_turn(
    counts: Int32Array,  # (n_outputs,)
    legal: npt.NDArray[Any],  # (n_outputs,) nonzero where a value is legal
    start: int,
    end: int,
    before: int,
) -> int:
    """Return the value with the most spikes among the outputs start..end - 1, -1 if none is legal.

    Among equals the next after the value before wins, in a circle; without a spike, the one before.
    """
    best, winner = -1, -1
    for step in range(1, end - start + 1):
        value = (before + step) % (end - start)
        count = counts[start + value]
        is_rest = count == 0 and value == before
        if legal[start + value] and (count > best or (count == best and is_rest)):
            best, winner = count, value
    return winner


@kernel
def _choose(
    counts: Int32Array, ends: Int64Array, legal: BoolArray, in_turn: bool, choices: Int32Array
) -> bool:
    """Write the winner of each group of outputs into `choices`; False if one has no legal."""
    for row in range(len(counts)):
        mask = legal[row if len(legal) > 1 else 0]
        start = 0
        for group in range(len(ends)):
            before = choices[row, group]
            if in_turn:
                winner = most_spikes_in_turn(counts[row], mask, start, ends[group], before)
            else:
                winner = most_spikes(counts[row], mask, start, ends[group], before)
            if winner < 0:
                return False
            choices[row, group] = winner
            start = ends[group]
    return True
