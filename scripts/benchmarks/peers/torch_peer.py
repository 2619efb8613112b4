"""PyTorch as a peer: the same brains as dense matrices, one or many at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking_agent.brain.connectome import Connectome


class TorchLoop:
    """Brains of equal size, multiplied in one call per tick.

    Parameters
    ----------
    connectomes : sequence of Connectome
        The brains.
    """

    def __init__(self, connectomes: Sequence[Connectome]) -> None:
        import torch

        torch.set_num_threads(1)
        self._torch: Any = torch
        self._strength = self._stack(
            [connectome.connectivity for connectome in connectomes], torch.float32
        )
        self._threshold = self._stack(
            [connectome.threshold for connectome in connectomes], torch.float32
        )
        self._decay = self._stack([connectome.decay for connectome in connectomes], torch.float32)
        self._refractory = self._stack(
            [connectome.refractory_period for connectome in connectomes], torch.int32
        )
        self._delay = self._stack(
            [connectome.initiation_delay for connectome in connectomes], torch.int64
        )[None]
        self._inputs = torch.tensor(connectomes[0].input_neurons.tolist())
        self._potential = torch.zeros_like(self._threshold)
        self._rest = torch.zeros_like(self._refractory)
        n_slots = int(self._delay.max()) + 1
        self._sends = torch.zeros((n_slots, *self._threshold.shape))  # by tick
        self._tick = 0

    def _stack(self, arrays: Sequence[NDArray[Any]], dtype: Any) -> Any:
        return self._torch.from_numpy(np.stack(arrays)).to(dtype)

    def __call__(self, drive: NDArray[np.uint8]) -> int:
        """Run a drive of shape (n_brains, n_ticks, n_inputs), and return the number of spikes."""
        driven = self._torch.from_numpy(drive != 0).float()
        n_spikes = self._torch.zeros((), dtype=self._torch.int64)
        with self._torch.no_grad():
            for step in range(drive.shape[1]):
                n_spikes += self._advance(driven[:, step])
        return int(n_spikes)

    def _advance(self, driven: Any) -> Any:
        torch, n_slots = self._torch, len(self._sends)
        now = self._sends[self._tick % n_slots]
        now[:, self._inputs] = torch.maximum(now[:, self._inputs], driven)
        self._tick += 1
        arrives = torch.gather(self._sends, 0, (self._tick - self._delay) % n_slots)
        total = torch.bmm(arrives.transpose(0, 1), self._strength)[:, 0]
        is_ready = self._rest == 0
        self._rest -= (~is_ready).int()
        self._potential = self._potential * self._decay + total * is_ready
        fires = self._potential > self._threshold
        self._potential.masked_fill_(fires, 0.0)
        self._rest = torch.where(fires, self._refractory, self._rest)
        self._sends[self._tick % n_slots] = fires.float()
        return fires.sum()
