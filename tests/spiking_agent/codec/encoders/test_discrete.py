"""Bits, and whole numbers with few values."""

from typing import Any

import numpy as np
import numpy.testing as npt
import pytest
from codecs_of_tests import rows
from hypothesis import given, settings
from hypothesis import strategies as st

from spiking_agent.codec.encoders.discrete import DirectEncoder, OneHotEncoder
from spiking_agent.errors import InvalidObservationError

QUICK = settings(max_examples=60, deadline=None, derandomize=True)


def test_binary_features_drive_a_neuron_each() -> None:
    encoder = DirectEncoder(3)
    assert encoder.n_inputs == 3
    assert rows(encoder.encode(np.array([[1, 0, 1], [0, 0, 0]], np.int8), 4)) == [
        [1, 0, 1],
        [0, 0, 0],
    ]


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int8, np.int64, np.float32])
def test_features_of_any_kind_of_number_count_unless_they_are_zero(dtype: type) -> None:
    batch = np.array([[1, 0, 256, 0, 1, 0]]).astype(dtype)[:, ::2]  # not contiguous either
    assert (DirectEncoder(3).encode(batch, 1)[0, 0] > 0).tolist() == batch[0].astype(bool).tolist()


def test_batches_of_pictures_are_laid_out_row_by_row() -> None:
    batch = np.array([[[1, 0], [0, 0]], [[0, 0], [1, 1]]], np.uint8)
    assert rows(DirectEncoder(4).encode(batch, 1)) == [[1, 0, 0, 0], [0, 0, 1, 1]]


def test_whole_numbers_drive_the_neuron_of_their_value() -> None:
    encoder = OneHotEncoder((3, 2), (0, -1))
    assert encoder.n_inputs == 5
    assert rows(encoder.encode(np.array([[0, -1], [2, 0]]), 1)) == [
        [1, 0, 0, 1, 0],
        [0, 0, 1, 0, 1],
    ]


def test_the_lowest_value_can_be_silent() -> None:
    encoder = OneHotEncoder((3, 2, 1), (5, 0, 7), silent_lowest=True)
    assert encoder.n_inputs == 3
    assert rows(encoder.encode(np.array([[5, 0, 7], [6, 1, 7], [7, 0, 7]]), 1)) == [
        [0, 0, 0],
        [1, 0, 1],
        [0, 1, 0],
    ]


@QUICK
@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.integers(-4, 4), st.integers(0, 99))
def test_one_neuron_a_number_is_driven(n_values: list[int], start: int, seed: int) -> None:
    encoder = OneHotEncoder(tuple(n_values), (start,) * len(n_values))
    batch = np.random.default_rng(seed).integers(0, n_values, (7, len(n_values))) + start
    drive = encoder.encode(batch.astype(np.float32), 3)
    ends = np.cumsum(n_values)
    for number, values in enumerate(np.split(drive[:, 0], ends[:-1], axis=1)):
        npt.assert_array_equal(values.argmax(axis=1) + start, batch[:, number])
        assert (values.sum(axis=1) == 1).all()


@pytest.mark.parametrize("value", [-1, 3, 1.5, np.inf, -np.inf, 2**40])
def test_values_outside_their_space_are_refused_by_name(value: float) -> None:
    batch = np.array([[0, 0], [0, value]])
    message = r"OneHotEncoder: observation must lie in its space, where number 1 is .* in 0\.\.2, "
    with pytest.raises(
        InvalidObservationError, match=message + f"got {batch[1, 1]}".replace("+", ".")
    ):
        OneHotEncoder((4, 3), (0, 0)).encode(batch, 1)


def test_unsigned_values_below_the_start_are_refused() -> None:
    with pytest.raises(InvalidObservationError, match=r"in 2\.\.4, got 1"):
        OneHotEncoder((3,), (2,)).encode(np.array([1], np.uint8), 1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DirectEncoder(-1), "size must be a whole number >= 0, got -1"),
        (
            lambda: OneHotEncoder((10**9, 85 - 10**9), (0, 0)),
            r"n_values\[1\] must be a whole number >= 1, got -9",
        ),
        (lambda: OneHotEncoder((2, 3), (0,)), "start must be as long as n_values, 2, got 1"),
    ],
)
def test_sizes_of_nothing_are_refused(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
