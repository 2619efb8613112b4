"""What is no observation is refused by every encoder, and observations are left as they are."""

from typing import Any

import numpy as np
import pytest

from spiking_agent.codec.encoders.discrete import DirectEncoder, OneHotEncoder
from spiking_agent.codec.encoders.real_numbers import (
    LatencyEncoder,
    RateEncoder,
    ReceptiveFieldEncoder,
    ThermometerEncoder,
)
from spiking_agent.errors import InvalidObservationError

BOXES = [ThermometerEncoder, RateEncoder, ReceptiveFieldEncoder, LatencyEncoder]


PLAIN = [
    DirectEncoder(2),
    OneHotEncoder((2, 2), (0, 0)),
    *(kind((0.0, 0.0), (1.0, 1.0)) for kind in BOXES),
]


@pytest.mark.parametrize("encoder", PLAIN, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize(
    ("batch", "message"),
    [
        (np.array([[0.0, np.nan]]), "observation must not hold NaN, got it as number 1"),
        (np.zeros((4, 3)), r"observation must hold 2 numbers, got a batch of shape \(4, 3\)"),
        (np.zeros(5), r"observation must hold 2 numbers, got a batch of shape \(5,\)"),
        (1.0, r"observation must hold 2 numbers, got a batch of shape \(\)"),
        ([[0, 1], [1]], r"observation must hold 2 numbers, got \[\[0, 1\], \[1\]\]"),
        (np.array([["a", "b"]]), "observation must hold real numbers, got <U1"),
        (np.array([[1j, 0]]), "observation must hold real numbers, got complex128"),
    ],
)
def test_what_is_no_observation_is_refused_by_name(encoder: Any, batch: Any, message: str) -> None:
    with pytest.raises(InvalidObservationError, match=f"^{type(encoder).__name__}: {message}"):
        encoder.encode(batch, 1)


@pytest.mark.parametrize("encoder", PLAIN, ids=lambda e: type(e).__name__)
def test_observations_are_left_as_they_are(encoder: Any) -> None:
    batch = np.array([[0, 1], [1, 1]], np.uint8)
    drive = encoder.encode(batch, 3)
    assert drive.shape[2] == encoder.n_inputs
    assert batch.tolist() == [[0, 1], [1, 1]]
