"""Each encoder's rule, by example and by property."""

from typing import Any

import numpy as np
import numpy.testing as npt
import pytest
from gymnasium import spaces
from hypothesis import given, settings
from hypothesis import strategies as st

from spiking_agent.codec.encoders.discrete import DirectEncoder, OneHotEncoder
from spiking_agent.codec.encoders.nested import ConcatenatedEncoder, FlattenedEncoder
from spiking_agent.codec.encoders.real_numbers import (
    MAX_TABLE,
    BoxEncoder,
    LatencyEncoder,
    OnOffEncoder,
    RateEncoder,
    ReceptiveFieldEncoder,
    ThermometerEncoder,
    _even_times,
    _spread,
)
from spiking_agent.errors import InvalidObservationError

QUICK = settings(max_examples=60, deadline=None, derandomize=True)
BOXES = [ThermometerEncoder, RateEncoder, ReceptiveFieldEncoder, LatencyEncoder]


def rows(drive: np.ndarray) -> list[list[int]]:
    """A drive that lasts the whole decision, one list an observation."""
    assert drive.dtype == np.uint8
    assert drive.shape[1] == 1
    return drive[:, 0].tolist()


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


def test_thermometer_rises_with_the_value() -> None:
    encoder = ThermometerEncoder((0.0, -1.0), (1.0, 1.0), n_levels=3)  # marks at 1/4, 1/2, 3/4
    assert encoder.n_inputs == 6
    assert rows(
        encoder.encode(np.array([[0.0, 1.0], [0.25, 0.0], [0.26, 0.1], [0.8, -1.0]]), 9)
    ) == [
        [0, 0, 0, 1, 1, 1],
        [0, 0, 0, 1, 0, 0],
        [1, 0, 0, 1, 1, 0],
        [1, 1, 1, 0, 0, 0],
    ]


def test_rate_is_the_share_of_ticks_with_an_impulse() -> None:
    drive = RateEncoder((0.0,), (10.0,), n_levels=2).encode(np.array([[0.0], [5.0], [10.0]]), 4)
    assert drive.shape == (3, 4, 2)
    assert drive.sum(axis=1).tolist() == [[0, 0], [2, 2], [4, 4]]


def test_receptive_fields_answer_most_to_their_own_value() -> None:
    encoder = ReceptiveFieldEncoder((0.0,), (1.0,), n_levels=5)
    counts = encoder.encode(np.array([[0.0], [0.5], [0.75]]), 100).sum(axis=1)
    assert counts.argmax(axis=1).tolist() == [0, 2, 3]
    near = round(100 * np.exp(-0.5 * 1.5**2))  # one spacing away is one and a half deviations
    assert counts[1].tolist() == [1, near, 100, near, 1]


def test_a_single_receptive_field_sits_in_the_middle() -> None:
    counts = (
        ReceptiveFieldEncoder((0.0,), (1.0,), n_levels=1)
        .encode(np.array([[0.0], [0.5], [1.0]]), 100)
        .sum(axis=1)
    )
    assert counts[1, 0] == 100
    assert counts[0, 0] == counts[2, 0] < 100


@pytest.mark.parametrize("kind", BOXES)
def test_what_lies_outside_the_bounds_counts_as_the_bound(kind: type[BoxEncoder]) -> None:
    encoder = kind((-2.0, 1.0), (3.0, 1.0 + 1e-9), n_levels=4)
    for dtype, huge in ((np.float64, 1.7e308), (np.float32, 3e38)):
        for low, high in ((-2.5, 3.5), (-huge, huge), (-np.inf, np.inf)):
            npt.assert_array_equal(
                encoder.encode(np.array([[low, low], [high, high]], dtype), 6),
                encoder.encode(np.array([[-2.0, 1.0], [3.0, 1.0 + 1e-9]]), 6),
            )


@pytest.mark.parametrize("kind", BOXES)
def test_integers_are_numbers_too(kind: type[BoxEncoder]) -> None:
    encoder = kind((0.0,), (255.0,))
    values = np.array([[0], [100], [255]])
    npt.assert_array_equal(
        encoder.encode(values.astype(np.uint8), 5), encoder.encode(values.astype(float), 5)
    )


@QUICK
@given(
    st.sampled_from(BOXES),
    st.integers(1, 9),
    st.integers(1, 12),
    st.lists(st.floats(-1.5, 2.5), min_size=1, max_size=5),
)
def test_larger_numbers_never_send_fewer_impulses(
    kind: type[BoxEncoder], n_levels: int, n_ticks: int, values: list[float]
) -> None:
    drive = kind((-1.0,), (2.0,), n_levels).encode(np.array(sorted(values))[:, None], n_ticks)
    assert drive.max() <= 1
    if kind is not ReceptiveFieldEncoder:
        counts = drive.sum(axis=(1, 2))
        assert (np.diff(counts.astype(int)) >= 0).all()


@QUICK
@given(st.integers(1, 200), st.integers(0, 2**32 - 1))
def test_impulses_are_exactly_as_many_as_asked_for_and_evenly_spread(
    n_ticks: int, seed: int
) -> None:
    fraction = np.random.default_rng(seed).random((3, 4))
    fraction[0, :3] = 0.0, 1.0, 0.5
    drive = _spread(fraction, n_ticks)
    counts = np.rint(fraction * n_ticks).astype(int)
    npt.assert_array_equal(drive.sum(axis=1), counts)
    for row, neuron in np.ndindex(fraction.shape):
        gaps = np.diff(np.flatnonzero(drive[row, :, neuron]))
        assert len(gaps) == 0 or gaps.max() - gaps.min() <= 1


@pytest.mark.parametrize(
    ("low", "high", "n_levels", "message"),
    [
        ((0.0,), (0.0,), 8, r"low and high must be as many, with low < high, got \(0.0,\) and"),
        ((0.0,), (np.inf,), 8, r"high\[0\] must be a finite number, got inf"),
        ((np.nan,), (1.0,), 8, r"low\[0\] must be a finite number, got nan"),
        ((0.0, 0.0), (1.0,), 8, "low and high must be as many"),
        ((0.0,), (1.0,), 0, "n_levels must be a whole number >= 1, got 0"),
    ],
)
def test_bounds_that_bound_nothing_are_refused(
    low: tuple[float, ...], high: tuple[float, ...], n_levels: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        ThermometerEncoder(low, high, n_levels)


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


def first_ticks(drive: np.ndarray) -> np.ndarray:
    """Tick of each neuron's first impulse, the length of the decision for silence."""
    return np.where(drive.any(axis=1), drive.argmax(axis=1), drive.shape[1])


def test_latency_tells_a_number_by_the_time_of_one_impulse() -> None:
    encoder = LatencyEncoder((0.0,), (10.0,), n_levels=1)
    drive = encoder.encode(np.array([[0.0], [0.1], [2.5], [7.5], [10.0]]), 5)
    assert drive.shape == (5, 5, 1)
    assert first_ticks(drive)[:, 0].tolist() == [5, 4, 3, 1, 0]  # never, last, ..., first
    assert drive.sum(axis=1)[:, 0].tolist() == [0, 1, 1, 1, 1]


def test_latency_has_a_neuron_for_each_part_of_the_range() -> None:
    encoder = LatencyEncoder((0.0,), (4.0,), n_levels=2)
    drive = encoder.encode(np.array([[0.0], [1.0], [2.0], [3.5], [4.0]]), 5)
    assert first_ticks(drive).tolist() == [[5, 5], [2, 5], [0, 5], [0, 1], [0, 0]]


@QUICK
@given(
    st.integers(1, 9),
    st.integers(1, 12),
    st.lists(st.floats(-1.5, 2.5), min_size=1, max_size=5),
)
def test_larger_numbers_drive_no_neuron_later_and_none_twice(
    n_levels: int, n_ticks: int, values: list[float]
) -> None:
    encoder = LatencyEncoder((-1.0,), (2.0,), n_levels)
    drive = encoder.encode(np.array(sorted(values))[:, None], n_ticks)
    assert drive.shape == (len(values), n_ticks, n_levels)
    assert drive.sum(axis=1).max() <= 1
    assert (np.diff(first_ticks(drive), axis=0) <= 0).all()
    share = np.clip((np.array(sorted(values)) + 1.0) / 3.0, 0.0, 1.0)
    for row, x in enumerate(share):  # the plain rule, part by part
        for part in range(n_levels):
            reached = min(max(x * n_levels - part, 0.0), 1.0)
            due = round((1.0 - reached) * (n_ticks - 1)) if reached > 0.0 else n_ticks
            assert first_ticks(drive)[row, part] == due


def test_on_and_off_tell_which_side_of_the_middle_a_number_is_and_how_far() -> None:
    encoder = OnOffEncoder((-1.0, 0.0), (1.0, 10.0))
    assert encoder.n_inputs == 5
    sums = encoder.encode(np.array([[0.5, 5.0], [-1.0, 10.0], [0.0, 2.5], [-9.0, 99.0]]), 8).sum(1)
    assert sums.tolist() == [[4, 0, 0, 0, 8], [0, 8, 8, 0, 8], [0, 0, 0, 4, 8], [0, 8, 8, 0, 8]]


@QUICK
@given(
    value=st.floats(-2.0, 2.0),
    n_ticks=st.integers(1, 40),
    weights=st.lists(st.integers(-9, 9), min_size=1, max_size=1),
)
def test_opposite_strengths_on_a_pair_make_a_weighted_sum(
    value: float, n_ticks: int, weights: list[int]
) -> None:
    encoder = OnOffEncoder((-2.0,), (2.0,))
    on, off, always = encoder.encode(np.array([[value]]), n_ticks)[0].sum(0).tolist()
    total = weights[0] * on - weights[0] * off
    assert abs(total - weights[0] * value / 2.0 * n_ticks) <= abs(weights[0]) / 2 + 1e-9
    assert always == n_ticks


@pytest.mark.parametrize("n_ticks", [1, 7, MAX_TABLE, MAX_TABLE + 1])
def test_times_that_are_looked_up_are_those_that_are_computed(n_ticks: int) -> None:
    fraction = np.random.default_rng(0).random((3, 5))
    drive = _spread(fraction, n_ticks)
    n_impulses = np.rint(fraction * n_ticks).astype(np.intp)
    npt.assert_array_equal(drive, _even_times(n_impulses, n_ticks).transpose(0, 2, 1))
    npt.assert_array_equal(drive.sum(1), n_impulses)
