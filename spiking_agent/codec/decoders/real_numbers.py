"""Decoders of real numbers: two outputs for each, one that raises it and one that lowers it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from spiking_agent.codec.decoders.base import BaseDecoder, check_same
from spiking_agent.codec.spaces import describe
from spiking_agent.typing import BoolArray, Float64Array, Int32Array, Json, Pairs


@dataclass(frozen=True, slots=True)
class DifferenceDecoder(BaseDecoder):
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
        """Two outputs per number: first all that raise, then all that lower."""
        return 2 * math.prod(self.space.shape)

    @property
    def n_choices(self) -> int:
        """None: nothing is chosen among alternatives."""
        return 0

    def decode(
        self, counts: Int32Array, n_ticks: int, choices: Int32Array, mask: BoolArray | None = None
    ) -> tuple[npt.NDArray[Any], Int32Array]:
        """Return the differences scaled to the bounds, and no choices; `mask` is not used."""
        size = counts.shape[1] // 2
        share = self._share(counts[:, :size].astype(np.float64), counts[:, size:], n_ticks)
        low, high = self.space.low.astype(np.float64), self.space.high.astype(np.float64)
        share = share.reshape(len(counts), *self.space.shape)
        middle, half = low / 2 + high / 2, high / 2 - low / 2  # high - low could overflow
        actions = np.clip(middle + share * half, low, high)
        dtype = np.dtype(self.space.dtype)
        return (actions if dtype.kind == "f" else np.rint(actions)).astype(dtype), choices

    def _share(self, raising: Float64Array, lowering: Int32Array, n_ticks: int) -> Float64Array:
        """Return how far towards the upper bound, or if negative the lower one; 1 is the bound."""
        return (raising - lowering) / n_ticks

    def output_names(self, action_names: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return such names as ``"raise 2"`` and ``"lower 2"``: number 2 of the action.

        Parameters
        ----------
        action_names : sequence of str, optional
            Names of the actions, which are not used.
        """
        size = self.n_outputs // 2
        return tuple(f"{way} {k}" for way in ("raise", "lower") for k in range(size))

    def opposite_outputs(self) -> Pairs:
        """Return the two outputs of each number."""
        size = self.n_outputs // 2
        return tuple((k, size + k) for k in range(size))

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


class BalanceDecoder(DifferenceDecoder):
    """Each real number of an action is the balance of two outputs' spikes: (a - b) / (a + b).

    As many of both, or none, is the middle of the range; one side alone is the bound, however
    few spikes it has. So thresholds decide how finely a brain can act, and not how strongly.
    """

    __slots__ = ()
    kind: ClassVar[str] = "balance"

    def _share(self, raising: Float64Array, lowering: Int32Array, n_ticks: int) -> Float64Array:
        """Return the difference as a share of all spikes of both, however many ticks there were."""
        return (raising - lowering) / np.maximum(raising + lowering, 1.0)


BOX_DECODERS: Final[dict[str, type[DifferenceDecoder]]] = {
    decoder.kind: decoder for decoder in (BalanceDecoder, DifferenceDecoder)
}
