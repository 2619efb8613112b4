"""From the spikes of the output neurons to an action."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from spiking_agent.compiled import inlined, kernel
from spiking_agent.dna import Int32Array
from spiking_agent.errors import UnsupportedSpaceError
from spiking_agent.spaces import Json, build, describe

BoolArray = npt.NDArray[np.bool_]
NO_CHOICE = -1  # before the first action of an episode


class Decoder(Protocol):
    """What turns counts of spikes into actions."""

    kind: ClassVar[str]

    @property
    def n_outputs(self) -> int:
        """Number of output neurons that it reads."""
        ...

    @property
    def n_choices(self) -> int:
        """Numbers of an action that are chosen among alternatives."""
        ...

    def decode(
        self, counts: Int32Array, n_ticks: int, choices: Int32Array, mask: BoolArray | None = None
    ) -> npt.NDArray[Any]:
        """Actions of a batch; `choices`, the action before, is brought up to date."""
        ...

    def winning_outputs(self, choices: Int32Array) -> npt.NDArray[np.int64]:
        """Name the outputs that stand for one action's choices; empty if nothing is chosen."""
        ...

    def single(self, actions: npt.NDArray[Any], row: int) -> Any:
        """One action of a batch, in the form that a single environment takes."""
        ...

    def to_json(self) -> Json:
        """Everything that `decoder_from_json` needs to make it again."""
        ...


@dataclass(frozen=True, slots=True)
class MostSpikesDecoder:
    """Each whole number of an action has one output a value; the most spikes win.

    Among equals the value of the action before wins if it is legal and one of them, else the
    lowest legal value. Fits Discrete, MultiDiscrete and MultiBinary (two values a bit).

    Parameters
    ----------
    space : gymnasium.Space
        Action space of one environment.
    """

    space: spaces.Discrete | spaces.MultiDiscrete | spaces.MultiBinary
    kind: ClassVar[str] = "most-spikes"

    @property
    def n_outputs(self) -> int:
        """One output a value."""
        match self.space:
            case spaces.Discrete():
                return int(self.space.n)
            case spaces.MultiDiscrete():
                return int(self.space.nvec.sum(dtype=np.int64))
        return 2 * self.n_choices

    @property
    def n_choices(self) -> int:
        """One choice a number."""
        return math.prod(self.space.shape or ())  # Discrete has the shape ()

    def _ends(self) -> npt.NDArray[np.int64]:
        """Where the outputs of each number end, shape (n_choices,)."""
        if isinstance(self.space, spaces.MultiDiscrete):
            return np.cumsum(self.space.nvec.ravel(), dtype=np.int64)
        n_values = self.n_outputs // self.n_choices  # every number has as many
        return n_values * np.arange(1, self.n_choices + 1, dtype=np.int64)

    def decode(
        self, counts: Int32Array, n_ticks: int, choices: Int32Array, mask: BoolArray | None = None
    ) -> npt.NDArray[Any]:
        """Take the value with the most spikes, for every number of every action.

        Parameters
        ----------
        counts : ndarray of int32, shape (n, n_outputs)
            Spikes of each output.
        n_ticks : int
            Length of the decision; not used here.
        choices : ndarray of int32, shape (n, n_choices)
            In: the action before, -1 for none. Out: this one.
        mask : ndarray, shape (n, n_outputs), optional
            Nonzero where an action is legal.

        Raises
        ------
        ValueError
            If a row of the mask leaves no legal action.
        """
        legal = np.ones((1, counts.shape[1]), np.bool_) if mask is None else mask.astype(np.bool_)
        if legal.shape not in (counts.shape, (1, counts.shape[1])):
            raise ValueError(f"mask must have shape {counts.shape}, got {legal.shape}")
        if not _choose(counts, self._ends(), legal, choices):
            raise ValueError("action_mask must allow at least one action, got a row without any")
        match self.space:
            case spaces.Discrete():
                actions = choices[:, 0].astype(np.int64) + int(self.space.start)
                return actions.astype(self.space.dtype)
            case spaces.MultiDiscrete():
                actions = choices.reshape(len(choices), *self.space.shape) + self.space.start
                return actions.astype(self.space.dtype)
        return choices.reshape(len(choices), *self.space.shape).astype(np.int8)

    def winning_outputs(self, choices: Int32Array) -> npt.NDArray[np.int64]:
        """Name the outputs that stand for one action's choices, shape (n_choices,)."""
        ends = self._ends()
        starts: npt.NDArray[np.int64] = np.concatenate([[0], ends[:-1]])
        return starts + choices

    def single(self, actions: npt.NDArray[Any], row: int) -> Any:
        """Python int for Discrete, else an array of its own."""
        if isinstance(self.space, spaces.Discrete):
            return int(actions[row])
        return np.array(actions[row])

    def to_json(self) -> Json:
        """Kind and action space."""
        return {"kind": self.kind, "space": describe(self.space)}


@dataclass(frozen=True, slots=True)
class DifferenceDecoder:
    """Each real number of an action is the difference of two outputs' spikes.

    No difference is the middle of the range; all ticks on one side and none on the other is the
    bound.

    Parameters
    ----------
    space : gymnasium.spaces.Box
        Action space with finite bounds.
    """

    space: spaces.Box
    kind: ClassVar[str] = "difference"

    @property
    def n_outputs(self) -> int:
        """Two outputs a number: first all that raise, then all that lower."""
        return 2 * math.prod(self.space.shape)

    @property
    def n_choices(self) -> int:
        """Nothing is chosen among alternatives."""
        return 0

    def decode(
        self, counts: Int32Array, n_ticks: int, choices: Int32Array, mask: BoolArray | None = None
    ) -> npt.NDArray[Any]:
        """Scale the differences to the bounds; `choices` and `mask` are not used."""
        size = counts.shape[1] // 2
        share = (counts[:, :size].astype(np.float64) - counts[:, size:]) / n_ticks
        low, high = self.space.low.astype(np.float64), self.space.high.astype(np.float64)
        share = share.reshape(len(counts), *self.space.shape)
        middle, half = low / 2 + high / 2, high / 2 - low / 2  # high - low could overflow
        actions = np.clip(middle + share * half, low, high)
        dtype = np.dtype(self.space.dtype)
        return (actions if dtype.kind == "f" else np.rint(actions)).astype(dtype)

    def winning_outputs(self, choices: Int32Array) -> npt.NDArray[np.int64]:
        """None: all outputs have a say."""
        return np.empty(0, np.int64)

    def single(self, actions: npt.NDArray[Any], row: int) -> Any:
        """One action as an array of its own."""
        return np.array(actions[row])

    def to_json(self) -> Json:
        """Kind and action space."""
        return {"kind": self.kind, "space": describe(self.space)}


def make_decoder(space: gym.Space[Any]) -> Decoder:
    """Choose a decoder for an action space.

    Raises
    ------
    UnsupportedSpaceError
        If there is none, or a Box has no finite bounds.
    """
    match space:
        case spaces.Discrete() | spaces.MultiDiscrete() | spaces.MultiBinary():
            return MostSpikesDecoder(space)
        case spaces.Box() if space.is_bounded("both") and _is_exact(space):
            return DifferenceDecoder(space)
        case spaces.Box():
            raise UnsupportedSpaceError(
                "action space must have finite bounds, and whole numbers in it bounds below "
                f"2**53, got {space}: wrap the environment in gymnasium.wrappers.TransformAction "
                "with a space that has them"
            )
    raise UnsupportedSpaceError(
        "action space must be Discrete, MultiDiscrete, MultiBinary or Box, "
        f"got {space}: wrap the environment in an action wrapper"
    )


def decoder_from_json(description: Mapping[str, Any]) -> Decoder:
    """Make the decoder that `to_json` wrote.

    Raises
    ------
    ValueError, KeyError, TypeError
        If the description is none that a decoder writes.
    """
    decoder = make_decoder(build(description["space"]))
    if description["kind"] != decoder.kind:
        raise ValueError(f"kind must be {decoder.kind!r}, got {description['kind']!r}")
    return decoder


def _is_exact(space: spaces.Box) -> bool:
    """Whether float64 holds the bounds: 64-bit integers can be too large for it."""
    return space.dtype.kind == "f" or bool(
        (np.abs(np.array([space.low, space.high], np.float64)) <= 2**53).all()
    )


@inlined
def most_spikes(
    counts: Int32Array,  # (n_outputs,)
    legal: npt.NDArray[Any],  # (n_outputs,) nonzero where a value is legal
    start: int,
    end: int,
    before: int,
) -> int:
    """Give the value with the most spikes among the outputs start..end - 1, -1 if none is legal.

    Among equals the value before wins if it is one of them, else the lowest.
    """
    best, winner = -1, -1
    for output in range(start, end):
        count = counts[output]
        if legal[output] and (count > best or (count == best and output - start == before)):
            best, winner = count, output - start
    return winner


@kernel
def _choose(
    counts: Int32Array, ends: npt.NDArray[np.int64], legal: BoolArray, choices: Int32Array
) -> bool:
    """Write the winner of each group of outputs into `choices`; False if one has no legal."""
    for row in range(len(counts)):
        mask = legal[row if len(legal) > 1 else 0]
        start = 0
        for group in range(len(ends)):
            winner = most_spikes(counts[row], mask, start, ends[group], choices[row, group])
            if winner < 0:
                return False
            choices[row, group] = winner
            start = ends[group]
    return True
