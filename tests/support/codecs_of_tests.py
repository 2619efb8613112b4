"""What encoders drive and decoders decode, in the form that tests compare."""

from typing import Any

import numpy as np

from spiking_agent.codec.decoders.base import NO_CHOICE, Decoder


def decode(
    decoder: Decoder,
    counts: list[list[int]] | np.ndarray,
    before: list[list[int]] | None = None,
    mask: Any = None,
    n_ticks: int = 4,
) -> np.ndarray:
    counts = np.array(counts, np.int32)
    choices = np.full((len(counts), decoder.n_choices), NO_CHOICE, np.int32)
    if before is not None:
        choices[:] = before
    mask = None if mask is None else np.array(mask)
    actions, chosen = decoder.decode(counts, n_ticks, choices, mask)
    assert chosen.shape == choices.shape
    return actions


def rows(drive: np.ndarray) -> list[list[int]]:
    """A drive that lasts the whole decision, one list an observation."""
    assert drive.dtype == np.uint8
    assert drive.shape[1] == 1
    return drive[:, 0].tolist()
