"""Running brains as policies: encoder, engine and decoder put together, many lanes at once."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from spiking_agent.brain.interface import BrainEngine
from spiking_agent.checks.foreign_code import foreign_calls
from spiking_agent.checks.words import shown
from spiking_agent.codec.codec import Codec
from spiking_agent.codec.decoders.base import NO_CHOICE
from spiking_agent.typing import Int32Array, Int64Array, IntpArray


class PolicyLanes:
    """Brains that play side by side, and the last action of each.

    Parameters
    ----------
    engine : BrainEngine
        The running brains, one lane each.
    codec : Codec
        How they are connected.
    """

    def __init__(self, engine: BrainEngine, codec: Codec) -> None:
        self.engine = engine
        self.codec = codec
        shape = (engine.n_lanes, codec.decoder.n_choices)
        self._choices = np.full(shape, NO_CHOICE, np.int32)

    def start(self, lane_ids: IntpArray | None = None) -> None:
        """Begin an episode: clear the brains and the last actions of these lanes.

        Parameters
        ----------
        lane_ids : ndarray of intp, shape (n,), optional
            The lanes, no lane twice; default: all of them.
        """
        self.engine.clear(lane_ids)
        self._choices[slice(None) if lane_ids is None else lane_ids] = NO_CHOICE

    def act(
        self,
        observations: Any,
        lane_ids: IntpArray | None = None,
        mask: npt.NDArray[Any] | None = None,
    ) -> Any:
        """Decide for a batch of observations, one for each lane that plays.

        Parameters
        ----------
        observations : batch of the observation space
            One observation for each of `lane_ids`.
        lane_ids : ndarray of intp, optional
            Lanes that play; default: all of them.
        mask : ndarray, shape (n, n_outputs), optional
            Nonzero where an action is legal.

        Returns
        -------
        batch of the action space
            One action for each of `lane_ids`: an array, or a dict or tuple of arrays.
        """
        encoder = self.codec.encoder
        with foreign_calls(encoder, "encode"):
            drive = encoder.encode(observations, self.codec.n_ticks)
        counts = self.engine.decide(drive, self.codec.n_ticks, lane_ids)
        return self.choose(counts, lane_ids, mask)

    def leading(
        self, counts: Int32Array, lane: int, mask: npt.NDArray[Any] | None = None
    ) -> Int64Array:
        """Return the outputs that would win if a lane's decision ended with these counts.

        Parameters
        ----------
        counts : ndarray of int32, shape (n_outputs,)
            Spikes of each output so far.
        lane : int
            The lane; its previous action breaks ties.
        mask : ndarray, shape (n_outputs,), optional
            Nonzero where an action is legal.

        Returns
        -------
        ndarray of int64
            An output for each choice; empty if actions are not chosen among outputs.
        """
        before = self._choices[[lane]]
        _, choices = self._decode(counts[None], before, None if mask is None else mask[None])
        return self._winners(choices[0])

    def chosen(self, lane: int) -> Int64Array:
        """Return the outputs that stand for a lane's last action, in the form of `leading`.

        Parameters
        ----------
        lane : int
            The lane.
        """
        return self._winners(self._choices[lane])

    def _winners(self, choices: Int32Array) -> Int64Array:
        decoder = self.codec.decoder
        with foreign_calls(decoder, "winning_outputs"):
            return decoder.winning_outputs(choices)

    def choose(
        self,
        counts: Int32Array,
        lane_ids: IntpArray | None = None,
        mask: npt.NDArray[Any] | None = None,
    ) -> Any:
        """Turn the outputs' spikes of a whole decision into actions, as `act` does.

        Parameters
        ----------
        counts : ndarray of int32, shape (n, n_outputs)
            Spikes of each output, one row for each of `lane_ids`.
        lane_ids, mask
            As in `act`.
        """
        which = slice(None) if lane_ids is None else lane_ids
        actions, self._choices[which] = self._decode(counts, self._choices[which], mask)
        return actions

    def flat_masks(self, masks: Iterable[Any]) -> npt.NDArray[Any]:
        """Return masks of single environments as `act` takes them, shape (n, n_outputs).

        Parameters
        ----------
        masks : iterable
            Masks as `Decoder.flat_mask` takes them.
        """
        decoder = self.codec.decoder
        with foreign_calls(decoder, "flat_mask"):
            return np.stack([decoder.flat_mask(mask) for mask in masks])

    def _decode(
        self, counts: Int32Array, before: Int32Array, mask: npt.NDArray[Any] | None
    ) -> tuple[Any, Int32Array]:
        """Return actions and choices."""
        decoder = self.codec.decoder
        with foreign_calls(decoder, "decode"):
            actions, choices = decoder.decode(counts, self.codec.n_ticks, before, mask)
            if np.shape(choices) != before.shape:
                raise ValueError(
                    "decode() must return actions and choices, the latter of shape "
                    f"{before.shape}, got {shown(choices)}"
                )
        return actions, choices

    def single(self, actions: Any, row: int) -> Any:
        """Return the action in one row of a batch, in the form that an environment takes.

        Parameters
        ----------
        actions
            Actions that the decoder returned.
        row : int
            Which one.
        """
        decoder = self.codec.decoder
        with foreign_calls(decoder, "single"):
            return decoder.single(actions, row)

    def singles(self, actions: Any, n_actions: int) -> list[Any]:
        """Return all actions of a batch, each as `single` does.

        Parameters
        ----------
        actions
            Actions that the decoder returned.
        n_actions : int
            How many.
        """
        decoder = self.codec.decoder
        with foreign_calls(decoder, "single"):
            return [decoder.single(actions, row) for row in range(n_actions)]

    def close(self) -> None:
        """Stop the brains."""
        self.engine.close()
