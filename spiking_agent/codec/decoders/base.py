"""Decoders: each turns the spikes of the output neurons into actions of one form."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from spiking_agent.brain.connectome import Int32Array
from spiking_agent.checks.words import shown
from spiking_agent.codec.spaces import Json, describe
from spiking_agent.jit import inlined, kernel

BoolArray = npt.NDArray[np.bool_]
NO_CHOICE = -1  # before the first action of an episode


@runtime_checkable
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
    ) -> Any:
        """Actions of a batch; `choices`, the action before, is brought up to date.

        `mask` has shape (n or 1, n_outputs), nonzero where an output is legal.
        """
        ...

    def winning_outputs(self, choices: Int32Array) -> npt.NDArray[np.int64]:
        """Name the outputs that stand for one action's choices; empty if nothing is chosen."""
        ...

    def single(self, actions: Any, row: int) -> Any:
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
        legal = np.ones((1, counts.shape[1]), np.bool_) if mask is None else _truths(mask)
        if legal.shape not in (counts.shape, (1, counts.shape[1])):
            raise ValueError(f"mask must have shape {counts.shape}, got {legal.shape}")
        if not _choose(counts, self._ends(), legal, choices):
            raise ValueError("action_mask must allow at least one action, got a row without any")
        match self.space:
            case spaces.Discrete():
                actions = choices[:, 0].astype(np.int64) + int(self.space.start)
                return actions.astype(self.space.dtype)
            case spaces.MultiDiscrete():
                chosen = choices.reshape(len(choices), *self.space.shape).astype(np.int64)
                return (chosen + self.space.start.astype(np.int64)).astype(self.space.dtype)
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
        share = self._share(counts[:, :size].astype(np.float64), counts[:, size:], n_ticks)
        low, high = self.space.low.astype(np.float64), self.space.high.astype(np.float64)
        share = share.reshape(len(counts), *self.space.shape)
        middle, half = low / 2 + high / 2, high / 2 - low / 2  # high - low could overflow
        actions = np.clip(middle + share * half, low, high)
        dtype = np.dtype(self.space.dtype)
        return (actions if dtype.kind == "f" else np.rint(actions)).astype(dtype)

    def _share(
        self, raising: npt.NDArray[np.float64], lowering: Int32Array, n_ticks: int
    ) -> npt.NDArray[np.float64]:
        """How far towards the upper bound, or if negative the lower one; 1 is all the way."""
        return (raising - lowering) / n_ticks

    def winning_outputs(self, choices: Int32Array) -> npt.NDArray[np.int64]:
        """None: all outputs have a say."""
        return np.empty(0, np.int64)

    def single(self, actions: npt.NDArray[Any], row: int) -> Any:
        """One action as an array of its own."""
        return np.array(actions[row])

    def to_json(self) -> Json:
        """Kind and action space."""
        return {"kind": self.kind, "space": describe(self.space)}


class BalanceDecoder(DifferenceDecoder):
    """Each real number of an action is the balance of two outputs' spikes: (a - b) / (a + b).

    As many of both, or none, is the middle of the range; one side alone is the bound, however
    few spikes it has. So thresholds decide how finely a brain can act, and not how strongly.
    """

    __slots__ = ()
    kind: ClassVar[str] = "balance"

    def _share(
        self, raising: npt.NDArray[np.float64], lowering: Int32Array, n_ticks: int
    ) -> npt.NDArray[np.float64]:
        """Compare with all spikes of both; how many ticks there were does not matter."""
        return (raising - lowering) / np.maximum(raising + lowering, 1.0)


@dataclass(frozen=True, slots=True)
class ComposedDecoder:
    """Actions of a Dict or a Tuple: a decoder for each part, with outputs of its own.

    Parameters
    ----------
    space : gymnasium.spaces.Dict or gymnasium.spaces.Tuple
        Action space of one environment.
    keys : tuple of str or int
        Name or place of each part; those of a Dict sorted, as a file gives them back.
    parts : tuple of Decoder
        The decoder of each part.
    box : str
        Kind of those that are for a Box, "balance" or "difference".
    """

    space: "spaces.Dict | spaces.Tuple[Any]"  # quoted: no generic class before Gymnasium 1.4
    keys: tuple[str | int, ...]
    parts: tuple[Decoder, ...]
    box: str = BalanceDecoder.kind
    kind: ClassVar[str] = "composed"

    @property
    def n_outputs(self) -> int:
        """All outputs of all parts."""
        return sum(part.n_outputs for part in self.parts)

    @property
    def n_choices(self) -> int:
        """All choices of all parts."""
        return sum(part.n_choices for part in self.parts)

    def decode(
        self, counts: Int32Array, n_ticks: int, choices: Int32Array, mask: BoolArray | None = None
    ) -> dict[Any, Any] | tuple[Any, ...]:
        """Give a batch of each part, in a dict or a tuple as Gymnasium's batches are."""
        batches = []
        for part, outputs, chosen in self._slices():
            part_choices = np.ascontiguousarray(choices[:, chosen])
            part_mask = None if mask is None else np.ascontiguousarray(mask[:, outputs])
            part_counts = np.ascontiguousarray(counts[:, outputs])
            batches.append(part.decode(part_counts, n_ticks, part_choices, part_mask))
            choices[:, chosen] = part_choices
        return self._joined(batches)

    def winning_outputs(self, choices: Int32Array) -> npt.NDArray[np.int64]:
        """Name the outputs that stand for the choices of all parts."""
        winners = [
            outputs.start + part.winning_outputs(choices[chosen])
            for part, outputs, chosen in self._slices()
        ]
        return np.concatenate([np.empty(0, np.int64), *winners])

    def single(self, actions: Any, row: int) -> Any:
        """One action: a dict or a tuple of the parts' own."""
        parts = zip(self.keys, self.parts, strict=True)
        return self._joined([part.single(actions[key], row) for key, part in parts])

    def to_json(self) -> Json:
        """Kind, action space, and the kind of the decoders for a Box."""
        return {"kind": self.kind, "space": describe(self.space), "box": self.box}

    def _joined(self, values: list[Any]) -> dict[Any, Any] | tuple[Any, ...]:
        if isinstance(self.space, spaces.Tuple):
            return tuple(values)
        return dict(zip(self.keys, values, strict=True))

    def _slices(self) -> Iterator[tuple[Decoder, slice, slice]]:
        """Each part with its outputs and its choices."""
        output = choice = 0
        for part in self.parts:
            outputs = slice(output, output + part.n_outputs)
            chosen = slice(choice, choice + part.n_choices)
            yield part, outputs, chosen
            output, choice = outputs.stop, chosen.stop


def flat_mask(decoder: Decoder, mask: Any) -> npt.NDArray[Any]:
    """Lay out one mask of legal actions as the outputs of a decoder are.

    Parameters
    ----------
    decoder : Decoder
        What the mask is for.
    mask
        As `sample` of the action space takes it: an array for Discrete; a tuple of arrays for
        MultiDiscrete; for MultiBinary 0, 1 or 2 a bit, where 2 leaves it free; a dict or tuple of
        masks for Dict and Tuple; None where everything is legal. Or one entry for each output.

    Returns
    -------
    ndarray, shape (n_outputs,)
        Nonzero where an output is legal; other shapes are left for `decode` to refuse.

    Raises
    ------
    ValueError
        If the mask of a Dict or a Tuple lacks a part.
    """
    if mask is None:
        return np.ones(decoder.n_outputs, np.int8)
    if isinstance(decoder, ComposedDecoder) and isinstance(mask, Mapping | tuple | list):
        try:
            given = [mask[key] for key in decoder.keys]  # type: ignore[index]
        except LookupError as error:
            raise ValueError(
                f"action_mask must have the parts {list(decoder.keys)}, got {mask!r}"
            ) from error
        parts = zip(decoder.parts, given, strict=True)
        return np.concatenate([flat_mask(part, part_mask) for part, part_mask in parts])
    if isinstance(mask, tuple | list):
        return _flat(mask)
    flat = np.asarray(mask)
    space = decoder.space if isinstance(decoder, MostSpikesDecoder) else None
    if isinstance(space, spaces.MultiBinary) and flat.shape == space.shape:
        return np.stack([flat.ravel() != 1, flat.ravel() != 0], axis=1).ravel()
    return flat


def _truths(mask: npt.NDArray[Any]) -> BoolArray:
    """Return where a mask is not 0, refusing what is no mask."""
    if mask.dtype.kind not in "biuf" or (mask.dtype.kind == "f" and np.isnan(mask).any()):
        raise ValueError(f"action_mask must hold truth values, got {shown(mask)}")
    return mask.astype(np.bool_)


def _flat(mask: Any) -> npt.NDArray[Any]:
    """Lay out what may be a tuple of tuples, as MultiDiscrete of two axes has it."""
    if isinstance(mask, tuple | list):
        return np.concatenate([np.zeros(0, np.int8), *(np.ravel(_flat(part)) for part in mask)])
    return np.asarray(mask)


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
