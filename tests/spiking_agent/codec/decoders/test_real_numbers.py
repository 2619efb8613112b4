"""Real numbers from the spikes of two outputs."""

import json

import numpy as np
import numpy.testing as npt
import pytest
from codecs_of_tests import decode
from gymnasium import spaces

from spiking_agent.codec.decoders.factory import make_decoder
from spiking_agent.codec.decoders.registry import decoder_from_json

TWO_NUMBERS = spaces.Box(np.array([-1.0, 0.0]), np.array([1.0, 10.0]), dtype=np.float64)


def test_real_numbers_are_balances_of_spikes_however_few() -> None:
    decoder = make_decoder(TWO_NUMBERS)
    assert decoder.n_outputs == 4
    actions = decode(decoder, [[0, 0, 0, 0], [1, 0, 0, 2], [1, 3, 3, 1], [2, 3, 2, 1]])
    npt.assert_allclose(actions, [[0.0, 5.0], [1.0, 0.0], [-0.5, 7.5], [0.0, 7.5]])
    assert decoder.opposite_outputs() == ((0, 2), (1, 3))


def test_real_numbers_can_be_differences() -> None:
    decoder = make_decoder(TWO_NUMBERS, "difference")
    assert decoder.n_outputs == 4
    actions = decode(decoder, [[0, 0, 0, 0], [4, 0, 0, 4], [1, 3, 3, 1], [2, 4, 2, 2]])
    npt.assert_allclose(actions, [[0.0, 5.0], [1.0, 0.0], [-0.5, 7.5], [0.0, 7.5]])


def test_boxes_can_have_two_axes() -> None:
    decoder = make_decoder(spaces.Box(-1.0, 1.0, (2, 2)), "difference")
    actions = decode(decoder, [[4, 0, 2, 0, 0, 4, 0, 0]])
    npt.assert_allclose(actions, [[[1.0, -1.0], [0.5, 0.0]]])


def test_whole_numbers_in_a_box_are_rounded() -> None:
    decoder = make_decoder(spaces.Box(-3, 3, (1,), np.int8), "difference")
    actions = decode(decoder, [[0, 4], [0, 1], [0, 0], [1, 0], [4, 0]])
    assert actions.dtype == np.int8
    assert actions.ravel().tolist() == [-3, -1, 0, 1, 3]


@pytest.mark.parametrize("kind", ["balance", "difference"])
@pytest.mark.parametrize(
    "space",
    [
        spaces.Box(-1.7e308, 1.7e308, (2,), np.float64),
        spaces.Box(-3.4e38, 3.4e38, (2,), np.float32),
        spaces.Box(0.1, 0.3, (2,), np.float16),
        spaces.Box(0, 255, (2,), np.uint8),
        spaces.Box(-(2**53), 2**53, (2,), np.int64),
        spaces.Box(0, 1, (2,), bool),
        spaces.Box(-2.0, 2.0, ()),
    ],
    ids=str,
)
def test_all_counts_are_actions_of_the_box(space: spaces.Box, kind: str) -> None:
    decoder = make_decoder(space, kind)
    assert decoder.n_choices == 0
    copy = decoder_from_json(json.loads(json.dumps(decoder.to_json())))
    rng = np.random.default_rng(0)
    counts = rng.integers(0, 4, (50, decoder.n_outputs)).astype(np.int32)
    counts[0], counts[1] = 0, 3
    counts[2], counts[2, : decoder.n_outputs // 2] = 0, 3
    counts[3], counts[3, decoder.n_outputs // 2 :] = 0, 3
    actions = decode(decoder, counts, n_ticks=3)
    for row in range(50):
        assert space.contains(decoder.single(actions, row))
    npt.assert_array_equal(actions[2], space.high)
    npt.assert_array_equal(actions[3], space.low)
    npt.assert_array_equal(decode(copy, counts, n_ticks=3), actions, strict=True)
