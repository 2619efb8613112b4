"""Bounds that an encoder learns."""

from typing import Any

import gymnasium as gym
import numpy as np
import numpy.testing as npt
import pytest
from gymnasium import spaces

from spiking_agent.codec.encoders.bounds import has_open_bounds
from spiking_agent.codec.encoders.factory import make_encoder
from spiking_agent.codec.encoders.real_numbers import BOX_ENCODERS, BoxEncoder
from spiking_agent.errors import InvalidObservationError

OPEN = spaces.Box(-np.inf, np.inf, (2,), np.float64)


def learned(samples: Any, space: spaces.Box = OPEN) -> tuple[np.ndarray, np.ndarray]:
    encoder = make_encoder(space, samples=samples)
    assert isinstance(encoder, BoxEncoder)
    return np.array(encoder.low), np.array(encoder.high)


def test_a_centred_encoder_learns_the_bounds_of_all_real_numbers() -> None:
    space = spaces.Box(-10, 10, (3,), np.float64)
    samples = [np.array([0.01 * k - 0.2, 2.0 - 0.05 * k, 0.0]) for k in range(101)]
    encoder = make_encoder(space, samples=samples, encoder="on-off")
    assert encoder == BOX_ENCODERS["on-off"]((-0.79, -2.95, -0.5), (0.79, 2.95, 0.5), 8)
    assert has_open_bounds(space, "on-off")
    assert not has_open_bounds(space)
    assert not has_open_bounds(spaces.Box(0, 9, (2,), np.int64), "on-off")


def test_what_has_one_sign_is_measured_from_its_middle_in_a_range_as_wide() -> None:
    seen = np.linspace(0.0, 1.0, 101)
    samples = np.column_stack([1.0 + seen, -1.0 - seen, seen - 0.1, seen + 0.1, seen * 0.0 + 4.0])
    encoder = make_encoder(spaces.Box(-9, 9, (5,), np.float64), samples=samples, encoder="on-off")
    npt.assert_allclose(encoder.low, [1.5 - 1.99, -1.5 - 1.99, -0.89, 0.6 - 1.09, 0.0])
    npt.assert_allclose(encoder.high, [1.5 + 1.99, -1.5 + 1.99, 0.89, 0.6 + 1.09, 8.0])


def test_open_bounds_become_percentiles_of_what_was_seen() -> None:
    samples = np.column_stack([np.arange(101.0), 7 * np.arange(101.0)])
    low, high = learned(np.random.default_rng(0).permutation(samples))
    npt.assert_allclose(low, [1.0, 7.0])
    npt.assert_allclose(high, [99.0, 693.0])


def test_only_open_numbers_are_learned() -> None:
    space = spaces.Box(np.array([0.0, -np.inf]), np.array([1.0, 5.0]), dtype=np.float64)
    low, high = learned([[0.5, 2.0], [0.5, 3.0]], space)
    npt.assert_allclose(low, [0.0, 2.01])
    npt.assert_allclose(high, [1.0, 2.99])


@pytest.mark.parametrize("value", [0.0, -3.5, 1e20, -1e300])
def test_numbers_that_never_changed_get_some_range(value: float) -> None:
    low, high = learned([[value, 0.0], [value, 1.0]])
    assert low[0] < value < high[0]


def test_a_box_of_one_value_gets_some_range() -> None:
    encoder = make_encoder(spaces.Box(2.0, 2.0, (1,)))
    assert encoder.encode(np.array([[2.0]]), 1).sum() == 4  # half of the levels


def test_infinite_samples_tell_nothing_about_bounds() -> None:
    samples = [[1.0, np.inf], [2.0, -np.inf], [np.inf, np.inf], [-np.inf, np.inf]]
    low, high = learned(samples)
    npt.assert_allclose([low[0], high[0]], [1.01, 1.99])
    assert np.isfinite([low[1], high[1]]).all()


def test_samples_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(InvalidObservationError, match="samples must not hold NaN"):
        make_encoder(OPEN, samples=[[1.0, np.nan]])


@pytest.mark.parametrize(
    ("space", "is_open"),
    [
        (OPEN, True),
        (spaces.Box(0.0, np.inf, (1,)), True),
        (spaces.Box(-np.inf, -np.inf, (1,)), True),
        (spaces.Box(-3.4e38, 3.4e38, (1,)), True),  # as CartPole writes it
        (spaces.Box(-np.inf, np.inf, (1,), np.int32), True),
        (spaces.Box(-128, 127, (1,), np.int8), False),
        (spaces.Dict(a=spaces.Tuple([OPEN])), True),
        (spaces.OneOf([spaces.Discrete(2), OPEN]), True),
        (spaces.Text(3), False),
    ],
    ids=str,
)
def test_open_bounds_are_found_wherever_they_are(space: gym.Space[Any], is_open: bool) -> None:
    assert has_open_bounds(space) is is_open
