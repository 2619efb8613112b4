"""Grids: which space is one, which neurons are driven, and what does not fit."""

import json

import gymnasium as gym
import numpy as np
import numpy.testing as npt
import pytest
from codecs_of_tests import rows
from gymnasium import spaces
from hypothesis import given, settings
from hypothesis import strategies as st

import snake_env  # noqa: F401  (registers Snake)
from spiking_agent.codec.codec import make_codec
from spiking_agent.codec.encoders.bounds import has_open_bounds
from spiking_agent.codec.encoders.factory import make_encoder
from spiking_agent.codec.encoders.grid import GridEncoder
from spiking_agent.codec.encoders.registry import encoder_from_json
from spiking_agent.codec.names import input_names
from spiking_agent.codec.params import CodecParams
from spiking_agent.errors import InvalidObservationError, UnsupportedSpaceError

QUICK = settings(max_examples=60, deadline=None, derandomize=True)


@QUICK
@given(
    st.tuples(*[st.integers(1, 5)] * 3),
    st.sampled_from(["first", "last", "values"]),
    st.integers(0, 2**32 - 1),
)
def test_the_neuron_of_each_channel_and_cell_is_driven_while_it_is_on(
    sizes: tuple[int, int, int], channels: str, seed: int
) -> None:
    n_channels, n_rows, n_cols = sizes
    encoder = GridEncoder(*sizes, channels, start=3)
    if channels == "values":
        shape: tuple[int, ...] = (n_rows, n_cols)
    else:
        shape = sizes if channels == "first" else (n_rows, n_cols, n_channels)
    assert encoder.shape == shape
    low, high = (2, 3 + n_channels) if channels == "values" else (-1, 3)
    batch = np.random.default_rng(seed).integers(low, high, (4, *shape))
    drive = encoder.encode(batch, n_ticks=5)
    assert drive.dtype == np.uint8
    assert drive.shape == (4, 1, encoder.n_inputs)
    for lane in range(4):
        for channel, row, col in np.ndindex(n_channels, n_rows, n_cols):
            if channels == "values":
                expected = batch[lane, row, col] == 3 + channel
            else:
                place = (channel, row, col) if channels == "first" else (row, col, channel)
                expected = batch[lane][place] > 0
            assert drive[lane, 0, (channel * n_rows + row) * n_cols + col] == expected
        assert drive[lane, 0, -1] == 1


@pytest.mark.parametrize(
    ("space", "expected"),
    [
        (spaces.Box(0, 1, (3, 10, 10), np.uint8), GridEncoder(3, 10, 10, "first")),
        (spaces.Box(0.0, 1.0, (10, 8, 4)), GridEncoder(4, 10, 8, "last")),
        (spaces.MultiBinary((2, 5, 7)), GridEncoder(2, 5, 7, "first")),
        (spaces.Box(-np.inf, np.inf, (7, 5, 2)), GridEncoder(2, 7, 5, "last")),
        (spaces.Box(0, 3, (5, 6), np.uint8), GridEncoder(3, 5, 6, "values")),
        (spaces.MultiBinary((5, 6)), GridEncoder(1, 5, 6, "values")),
        (spaces.MultiDiscrete(np.full((2, 3), 4)), GridEncoder(3, 2, 3, "values")),
        (spaces.Box(-2, 0, (2, 3), np.int8), GridEncoder(2, 2, 3, "values", -1)),
    ],
)
def test_a_space_says_what_its_channels_are(space: spaces.Space, expected: GridEncoder) -> None:
    assert not has_open_bounds(space, "grid")
    encoder = make_encoder(space, encoder="grid")
    assert encoder == expected
    encoder.check_fits(space)
    assert encoder_from_json(json.loads(json.dumps(encoder.to_json()))) == encoder
    assert encoder.constant_inputs() == (encoder.n_inputs - 1,)
    assert encoder.input_grid() == (encoder.n_channels, encoder.n_rows, encoder.n_cols)


def test_a_choice_of_axis_or_of_values_goes_before_what_the_space_says() -> None:
    cube = spaces.MultiBinary((10, 10, 10))
    assert make_encoder(cube, encoder="grid") == GridEncoder(10, 10, 10, "last")
    assert GridEncoder.from_space(cube, channels="first") == GridEncoder(10, 10, 10, "first")
    grid = spaces.Box(0, 3, (5, 6), np.uint8)
    assert GridEncoder.from_space(grid, silent_lowest=False) == GridEncoder(
        4, 5, 6, "values", 0, False
    )


@pytest.mark.parametrize(
    "space",
    [
        spaces.Discrete(3),
        spaces.MultiBinary(9),
        spaces.Box(0.0, 1.0, (4, 4)),
        spaces.MultiDiscrete(np.full((2, 3, 4), 4)),
        spaces.Box(0, 1, (2, 2, 2, 2)),
        spaces.Dict(a=spaces.MultiBinary((2, 5, 7))),
    ],
)
def test_what_is_no_grid_is_refused(space: spaces.Space) -> None:
    with pytest.raises(UnsupportedSpaceError, match="must be a Box or a MultiBinary of channels"):
        make_encoder(space, encoder="grid")


def test_too_many_values_are_too_many_inputs() -> None:
    with pytest.raises(UnsupportedSpaceError, match="at most 16384 input neurons"):
        make_encoder(spaces.Box(-(2**31), 2**31 - 1, (2, 2), np.int32), encoder="grid")


@pytest.mark.parametrize("value", [4, -1, 0.5, np.nan])
def test_a_value_without_a_channel_is_refused(value: float) -> None:
    encoder = GridEncoder(3, 2, 2, "values")
    board = np.zeros((1, 2, 2))
    board[0, 1, 0] = value
    with pytest.raises(InvalidObservationError, match=r"whole numbers in 0\.\.3|not hold NaN"):
        encoder.encode(board, 1)
    with pytest.raises(InvalidObservationError, match="must hold 4 numbers"):
        encoder.encode(np.zeros((1, 2, 3)), 1)
    every = GridEncoder(4, 2, 2, "values", 0, False)
    assert rows(every.encode(np.full((1, 2, 2), 3), 1)) == [[0] * 12 + [1] * 5]


@pytest.mark.parametrize(
    ("encoder", "space"),
    [
        (GridEncoder(3, 4, 5), spaces.MultiBinary((3, 5, 4))),
        (GridEncoder(3, 4, 5), spaces.MultiBinary(60)),
        (GridEncoder(3, 4, 5, "values"), spaces.Box(0, 4, (4, 5), np.uint8)),
        (GridEncoder(3, 4, 5, "values"), spaces.Box(0.0, 1.0, (4, 5))),
    ],
)
def test_another_space_does_not_fit(encoder: GridEncoder, space: spaces.Space) -> None:
    with pytest.raises(ValueError, match="observation space of a grid encoder must"):
        encoder.check_fits(space)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_channels", 0),
        ("n_rows", -1),
        ("channels", "middle"),
        ("start", 2**54),
        ("silent_lowest", 1),
    ],
)
def test_settings_out_of_range_are_refused(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        GridEncoder(**{"n_channels": 1, "n_rows": 2, "n_cols": 2, name: value})


def test_inputs_are_named_by_what_the_environment_calls_its_channels() -> None:
    with gym.make("Snake-v0", n_rows=4, n_cols=5, observation="planes") as env:
        codec = make_codec(env, np.random.default_rng(0), CodecParams(encoder="grid"))
        names = input_names(codec.encoder, env)
        assert (names[0], names[20 + 2 * 5 + 3], names[-1]) == ("body 0,0", "head 2,3", "always")
        observation, _ = env.reset(seed=1)
        driven = np.flatnonzero(codec.encoder.encode(observation[None], 4)[0, 0])
        assert sum(names[k].startswith("head") for k in driven) == 1
    assert GridEncoder(2, 1, 1).input_names() == ("channel 0 0,0", "channel 1 0,0", "always")
    assert GridEncoder(1, 1, 1, "values", 7).input_names()[0] == "value 7 0,0"


def test_the_same_encoder_is_made_for_another_grid() -> None:
    encoder = GridEncoder(3, 4, 5, "last").on(6, 7)
    assert encoder == GridEncoder(3, 6, 7, "last")
    npt.assert_array_equal(encoder.encode(np.ones((1, 6, 7, 3)), 2), np.ones((1, 1, 127)))
