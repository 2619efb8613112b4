"""Each rule for real numbers, by example and by property."""

import numpy as np
import numpy.testing as npt
import pytest
from codecs_of_tests import rows
from hypothesis import given, settings
from hypothesis import strategies as st

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

QUICK = settings(max_examples=60, deadline=None, derandomize=True)


BOXES = [ThermometerEncoder, RateEncoder, ReceptiveFieldEncoder, LatencyEncoder]


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
        (
            (0.0,),
            (0.0,),
            8,
            r"low and high must have the same length, with low < high, got \(0.0,\) and",
        ),
        ((0.0,), (np.inf,), 8, r"high\[0\] must be a finite number, got inf"),
        ((np.nan,), (1.0,), 8, r"low\[0\] must be a finite number, got nan"),
        ((0.0, 0.0), (1.0,), 8, "low and high must have the same length"),
        ((0.0,), (1.0,), 0, "n_levels must be a whole number >= 1, got 0"),
    ],
)
def test_bounds_that_bound_nothing_are_refused(
    low: tuple[float, ...], high: tuple[float, ...], n_levels: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        ThermometerEncoder(low, high, n_levels)


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
