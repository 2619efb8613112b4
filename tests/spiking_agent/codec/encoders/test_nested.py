"""Encoders that are made of others."""

from typing import Any

import numpy as np
import pytest
from codecs_of_tests import rows
from gymnasium import spaces

from spiking_agent.codec.encoders.discrete import DirectEncoder, OneHotEncoder
from spiking_agent.codec.encoders.nested import ConcatenatedEncoder, FlattenedEncoder
from spiking_agent.codec.encoders.real_numbers import (
    RateEncoder,
)
from spiking_agent.errors import InvalidObservationError


def test_parts_stand_side_by_side_and_last_as_long_as_the_longest() -> None:
    encoder = ConcatenatedEncoder(
        ("bit", "rate"), (DirectEncoder(1), RateEncoder((0.0,), (1.0,), n_levels=1))
    )
    drive = encoder.encode({"rate": np.array([[1.0], [0.0]]), "bit": np.array([[1], [0]])}, 3)
    assert encoder.n_inputs == 2
    assert drive.tolist() == [[[1, 1]] * 3, [[0, 0]] * 3]


@pytest.mark.parametrize("batch", [{"a": np.zeros((1, 1))}, 5, (np.zeros((1, 1)),)])
def test_missing_parts_are_named(batch: Any) -> None:
    encoder = ConcatenatedEncoder(("a", "b"), (DirectEncoder(1), DirectEncoder(1)))
    message = r"ConcatenatedEncoder: observation must have the parts \['a', 'b'\], got"
    with pytest.raises(InvalidObservationError, match=message):
        encoder.encode(batch, 1)


def test_flattened_observations_go_to_the_part() -> None:
    encoder = FlattenedEncoder(spaces.Text(2, charset="ab"), OneHotEncoder((3, 3), (0, 0)))
    assert encoder.n_inputs == 6
    assert rows(encoder.encode(("ba", "a"), 1)) == [[0, 1, 0, 1, 0, 0], [1, 0, 0, 0, 0, 1]]


@pytest.mark.parametrize("text", ["c", "aaa", 7])
def test_what_cannot_be_flattened_is_refused_by_name(text: Any) -> None:
    encoder = FlattenedEncoder(spaces.Text(2, charset="ab"), OneHotEncoder((3, 3), (0, 0)))
    message = rf"FlattenedEncoder: observation must lie in Text\(1, 2, charset=ab\), got {text!r}"
    with pytest.raises(InvalidObservationError, match=message):
        encoder.encode((text,), 1)
