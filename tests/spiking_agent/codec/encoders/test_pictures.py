"""Pictures: merged pixels, and which spaces are pictures."""

import json

import numpy as np
import numpy.testing as npt
import pytest
from gymnasium import spaces
from hypothesis import given, settings
from hypothesis import strategies as st

from spiking_agent.checks.costs import MAX_INPUTS
from spiking_agent.codec.encoders.factory import MAX_PICTURE_INPUTS, make_encoder
from spiking_agent.codec.encoders.pictures import Grid, PictureEncoder
from spiking_agent.codec.encoders.real_numbers import BOX_ENCODERS, BoxEncoder, ThermometerEncoder
from spiking_agent.codec.encoders.registry import encoder_from_json
from spiking_agent.codec.names import input_names
from spiking_agent.errors import InvalidObservationError, UnsupportedSpaceError

QUICK = settings(max_examples=60, deadline=None, derandomize=True)


def image(*shape: int) -> spaces.Box:
    return spaces.Box(0, 255, shape, np.uint8)


@QUICK
@given(st.data())
def test_each_pixel_left_is_the_mean_of_its_cell(data: st.DataObject) -> None:
    height, width = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 9))
    n_rows, n_cols = data.draw(st.integers(1, height)), data.draw(st.integers(1, width))
    n_channels, first = data.draw(st.integers(1, 4)), data.draw(st.booleans())
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    planes = rng.integers(0, 256, (3, n_channels, height, width)).astype(np.uint8)
    pictures = planes if first else planes.transpose(0, 2, 3, 1)
    grid = Grid(height, width, n_channels, first, n_rows, n_cols)
    merged = grid.merge(pictures.reshape(3, -1)).reshape(3, n_channels, n_rows, n_cols)
    rows = [range(k * height // n_rows, (k + 1) * height // n_rows) for k in range(n_rows)]
    cols = [range(k * width // n_cols, (k + 1) * width // n_cols) for k in range(n_cols)]
    for picture, plane, row, col in np.ndindex(merged.shape):
        cell = [int(planes[picture, plane, y, x]) for y in rows[row] for x in cols[col]]
        assert merged[picture, plane, row, col] == sum(cell) / len(cell)


@pytest.mark.parametrize(
    ("shape", "n_channels", "first"),
    [
        ((96, 96, 3), 3, False),
        ((210, 160, 3), 3, False),
        ((3, 64, 80), 3, True),
        ((4, 84, 84), 4, True),
        ((84, 84), 1, False),
        ((84, 84, 1), 1, False),
        ((4, 2000), 1, False),
        ((2000, 4), 1, False),
    ],
)
@pytest.mark.parametrize("name", BOX_ENCODERS)
@pytest.mark.parametrize("n_levels", [1, 8])
def test_large_pictures_are_merged_to_a_bounded_number_of_inputs(
    shape, n_channels, first, name, n_levels
) -> None:
    space = image(*shape)
    encoder = make_encoder(space, encoder=name, n_levels=n_levels)
    assert isinstance(encoder, PictureEncoder)
    assert type(encoder.part) is BOX_ENCODERS[name]
    assert (encoder.grid.n_channels, encoder.grid.channels_first) == (n_channels, first)
    assert MAX_PICTURE_INPUTS / 2 < encoder.n_inputs <= MAX_PICTURE_INPUTS

    space.seed(0)
    batch = np.stack([space.sample() for _ in range(3)])
    batch[0], batch[1, : len(batch[1]) // 2] = 0, 255
    drive = encoder.encode(batch, 3)
    assert drive.shape in {(3, 1, encoder.n_inputs), (3, 3, encoder.n_inputs)}
    assert set(np.unique(drive)) <= {0, 1}
    for row in range(3):
        npt.assert_array_equal(encoder.encode(batch[row : row + 1], 3)[0], drive[row])
    copy = encoder_from_json(json.loads(json.dumps(encoder.to_json(), sort_keys=True)))
    assert copy == encoder
    assert len(np.unique(drive, axis=0)) == 3


def test_brighter_pictures_drive_more_of_a_thermometer() -> None:
    encoder = make_encoder(image(96, 96, 3))
    shades = np.arange(0, 256, 15, dtype=np.uint8)
    drive = encoder.encode(
        np.broadcast_to(shades[:, None, None, None], (len(shades), 96, 96, 3)), 4
    )
    assert (np.diff(drive.astype(int), axis=0) >= 0).all()
    assert drive[0].sum() == 0
    assert drive[-1].all()


def test_small_pictures_are_seen_as_they_are() -> None:
    assert make_encoder(image(7, 6, 3)) == ThermometerEncoder((0.0,) * 126, (255.0,) * 126)


@pytest.mark.parametrize(
    "space",
    [image(500), image(2, 3, 16, 16), image(30, 30, 2), spaces.Box(0, 255, (30, 30), np.int16)],
    ids=str,
)
def test_what_is_no_picture_is_not_merged(space: spaces.Box) -> None:
    encoder = make_encoder(space)
    assert isinstance(encoder, BoxEncoder)
    assert encoder.n_inputs == 8 * np.prod(space.shape)


@pytest.mark.parametrize(
    "space",
    [
        image(4, 96, 96, 3),
        spaces.Box(0.0, 1.0, (84, 84, 3)),
        spaces.Text(10_000),
        spaces.Dict(a=spaces.Discrete(MAX_INPUTS), b=spaces.Discrete(1)),
    ],
    ids=str,
)
def test_spaces_that_need_too_many_inputs_are_refused_with_a_remedy(space) -> None:
    message = r"observation space must need at most 16384 input neurons, got .*Resize.*Grayscale"
    with pytest.raises(UnsupportedSpaceError, match=message) as caught:
        make_encoder(space)
    assert str(space) in str(caught.value)


def test_a_space_may_need_as_many_inputs_as_allowed() -> None:
    assert make_encoder(spaces.Discrete(MAX_INPUTS)).n_inputs == MAX_INPUTS


def test_pixels_are_named_by_their_place() -> None:
    grid = Grid(4, 4, 2, True, 1, 2)
    names = input_names(PictureEncoder(grid, ThermometerEncoder((0.0,) * 4, (4.0,) * 4, 1)))
    assert names == (
        "row 0 col 0 of 0 above 2",
        "row 0 col 1 of 0 above 2",
        "row 0 col 0 of 1 above 2",
        "row 0 col 1 of 1 above 2",
    )


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((0, 4, 1, False, 1, 1), "height must be a whole number >= 1, got 0"),
        ((4, 4, 0, False, 1, 1), "n_channels must be a whole number >= 1, got 0"),
        ((4, 4, 1, False, 5, 1), r"n_rows must be a whole number in 1\.\.4 \(height\), got 5"),
        ((4, 4, 1, False, 1, 0), r"n_cols must be a whole number in 1\.\.4 \(width\), got 0"),
    ],
)
def test_grids_of_nothing_are_refused(sizes, message) -> None:
    with pytest.raises(ValueError, match=message):
        Grid(*sizes)


def test_pictures_of_another_size_are_refused_by_name() -> None:
    encoder = make_encoder(image(96, 96, 3))
    with pytest.raises(
        InvalidObservationError, match="PictureEncoder: observation must hold 27648"
    ):
        encoder.encode(np.zeros((1, 84, 84, 3), np.uint8), 1)
