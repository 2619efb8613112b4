"""The decoder of actions with parts: a decoder for each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from spiking_agent.codec.decoders.base import BaseDecoder, Decoder, check_same, in_a_row
from spiking_agent.codec.decoders.real_numbers import BalanceDecoder
from spiking_agent.codec.spaces import describe
from spiking_agent.typing import BoolArray, Int32Array, Int64Array, Json, Pairs


@dataclass(frozen=True, slots=True)
class ComposedDecoder(BaseDecoder):
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
    ) -> tuple[dict[Any, Any] | tuple[Any, ...], Int32Array]:
        """Return a batch of each part, in a dict or a tuple as Gymnasium's are, and all choices."""
        batches, chosen = [], [choices[:, :0]]  # of no part, too
        for part, outputs, places in self._slices():
            actions, part_choices = part.decode(
                np.ascontiguousarray(counts[:, outputs]),
                n_ticks,
                np.ascontiguousarray(choices[:, places]),
                None if mask is None else np.ascontiguousarray(mask[:, outputs]),
            )
            batches.append(actions)
            chosen.append(part_choices)
        return self._joined(batches), np.concatenate(chosen, axis=1)

    def winning_outputs(self, choices: Int32Array) -> Int64Array:
        """Return the outputs that stand for the choices of all parts.

        Parameters
        ----------
        choices : ndarray of int32, shape (n_choices,)
            Choices of one action, -1 for none.
        """
        winners = [
            outputs.start + part.winning_outputs(choices[places])
            for part, outputs, places in self._slices()
        ]
        return np.concatenate([np.empty(0, np.int64), *winners])

    def single(self, actions: Any, row: int) -> Any:
        """Return one action: a dict or a tuple of the parts' own.

        Parameters
        ----------
        actions : dict or tuple
            Actions that `decode` returned.
        row : int
            Which one.
        """
        parts = zip(self.keys, self.parts, strict=True)
        return self._joined([part.single(actions[key], row) for key, part in parts])

    def flat_mask(self, mask: Any) -> npt.NDArray[Any]:
        """Return the masks of all parts one after the other.

        Parameters
        ----------
        mask
            A dict or tuple of masks of the parts. Or one entry for each output, or None.

        Raises
        ------
        ValueError
            If a dict or a tuple lacks a part.
        """
        if mask is None:
            return np.ones(self.n_outputs, np.int8)
        if not isinstance(mask, Mapping | tuple | list):
            return in_a_row(mask)
        try:
            given = [mask[key] for key in self.keys]  # type: ignore[index]
        except LookupError as error:
            raise ValueError(
                f"action_mask must have the parts {list(self.keys)}, got {mask!r}"
            ) from error
        parts = zip(self.parts, given, strict=True)
        flat = [part.flat_mask(part_mask) for part, part_mask in parts]
        return np.concatenate([np.zeros(0, np.int8), *flat])

    def output_names(self, action_names: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return the names that the parts give, each after the key of its part.

        Parameters
        ----------
        action_names : sequence of str, optional
            Names of the actions, which are not used.
        """
        parts = zip(self.keys, self.parts, strict=True)
        return tuple(f"{key} {name}" for key, part in parts for name in part.output_names())

    def opposite_outputs(self) -> Pairs:
        """Return the pairs of all parts."""
        return tuple(
            (outputs.start + one, outputs.start + other)
            for part, outputs, _ in self._slices()
            for one, other in part.opposite_outputs()
        )

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
        """Return kind, action space, and the kind of the decoders for a Box."""
        return {"kind": self.kind, "space": describe(self.space), "box": self.box}

    def _joined(self, values: list[Any]) -> dict[Any, Any] | tuple[Any, ...]:
        if isinstance(self.space, spaces.Tuple):
            return tuple(values)
        return dict(zip(self.keys, values, strict=True))

    def _slices(self) -> Iterator[tuple[Decoder, slice, slice]]:
        """Yield each part with its outputs and its choices."""
        output = choice = 0
        for part in self.parts:
            outputs = slice(output, output + part.n_outputs)
            places = slice(choice, choice + part.n_choices)
            yield part, outputs, places
            output, choice = outputs.stop, places.stop
