"""Pictures in whatever form people return them."""

from typing import ClassVar

import gymnasium as gym
import numpy as np
import pytest
from PIL import Image

from spiking_agent.environments.frames import as_frame, picture_of

COLOURS = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3) * np.uint8(2)
GREY = np.ascontiguousarray(np.repeat(COLOURS[..., :1], 3, axis=2))
BITS = GREY > 60
PALETTE = Image.fromarray(COLOURS).quantize(16)


@pytest.mark.parametrize(
    ("picture", "frame"),
    [
        (COLOURS, COLOURS),
        (COLOURS / 255, COLOURS),
        ((COLOURS / 255).astype(np.float16), COLOURS),
        (COLOURS / np.float32(255) + np.float32(1e-6), COLOURS),
        (COLOURS.astype(np.float32), COLOURS),
        (COLOURS.astype(np.int64), COLOURS),
        (np.dstack([COLOURS, np.zeros((5, 7), np.uint8)]), COLOURS),
        (GREY[..., 0], GREY),
        (GREY[..., :1], GREY),
        (GREY[..., 0] / 255, GREY),
        (BITS, BITS * np.uint8(255)),
        (BITS[..., 0], BITS * np.uint8(255)),
        (BITS[..., 0].astype(float), BITS * np.uint8(255)),
        (np.moveaxis(COLOURS, 2, 0), COLOURS),
        (COLOURS[::-1, ::-1], COLOURS[::-1, ::-1]),
        (np.asfortranarray(COLOURS), COLOURS),
        ([GREY, COLOURS], COLOURS),
        ((GREY, COLOURS / 255), COLOURS),
        (np.stack([GREY, COLOURS]), COLOURS),
        (COLOURS.tolist(), COLOURS),
        (GREY[..., 0].tolist(), GREY),
        (Image.fromarray(COLOURS), COLOURS),
        ([Image.fromarray(GREY), Image.fromarray(COLOURS)], COLOURS),
        (Image.fromarray(GREY).convert("L"), GREY),
        (PALETTE, np.asarray(PALETTE.convert("RGB"))),
    ],
)
def test_a_picture_of_any_form_becomes_an_array_of_one_form(picture, frame):
    made = as_frame(picture)
    assert made.dtype == np.uint8
    assert made.flags.c_contiguous
    assert made.flags.owndata
    np.testing.assert_array_equal(made, frame)


def test_what_is_no_number_is_black():
    assert as_frame(np.full((2, 2, 3), np.nan)).max() == 0


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (None, "got None"),
        ("#####", "got str"),
        ([], "got list without pictures"),
        ({}, "got dict"),
        ([[1, 2], [3]], "got list"),
        (np.zeros((4, 5, 2)), r"got an array of float64, shape \(4, 5, 2\)"),
        (np.zeros((0, 5, 3)), "shape"),
        (np.zeros(9), r"shape \(9,\)"),
        (np.full((4, 4, 3), -1), "with values from -1 to -1"),
        (np.full((4, 4, 3), 300.0), "with values from 300.0 to 300.0"),
        (np.full((4, 4, 3), np.inf), "with values from inf"),
        (np.full((4, 4, 3), 1000, np.uint16), "with values from 1000"),
        (np.full((4, 4), "a"), "got an array of <U1"),
    ],
)
def test_what_is_no_picture_is_said(picture, words):
    with pytest.raises(ValueError, match=rf"pictures \(render_mode='rgb_array'\).*{words}"):
        as_frame(picture)


class Rendering(gym.Env):
    metadata: ClassVar = {"render_modes": ["human"]}

    def render(self):
        return None


def test_a_missing_picture_is_explained_by_the_modes_that_are_listed():
    with pytest.raises(ValueError, match=r"got None; it lists no 'rgb_array' .* \['human'\]"):
        picture_of(Rendering())


def test_no_way_to_render_is_said():
    with pytest.raises(ValueError, match="has no render"):
        picture_of(gym.Env())
