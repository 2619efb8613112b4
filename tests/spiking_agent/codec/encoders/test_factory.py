"""Which encoder a space gets."""

import json
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.testing as npt
import pytest
from gymnasium import spaces
from hypothesis import given, settings
from hypothesis import strategies as st
from random_spaces import all_spaces, draw_from

from spiking_agent.codec.batches import stack
from spiking_agent.codec.encoders.bounds import has_open_bounds
from spiking_agent.codec.encoders.discrete import DirectEncoder, OneHotEncoder
from spiking_agent.codec.encoders.factory import make_encoder
from spiking_agent.codec.encoders.nested import FlattenedEncoder
from spiking_agent.codec.encoders.real_numbers import BOX_ENCODERS
from spiking_agent.codec.encoders.registry import encoder_from_json
from spiking_agent.errors import UnsupportedSpaceError

QUIET = pytest.mark.filterwarnings("ignore:.*precision lowered")  # Gymnasium, flattening OneOf


SETTINGS = settings(max_examples=150, deadline=None, derandomize=True)


@QUIET
@SETTINGS
@given(
    all_spaces(),
    st.sampled_from(sorted(BOX_ENCODERS)),
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(0, 2**31),
)
def test_every_space_that_gymnasium_flattens_gives_the_promised_drive(
    space: gym.Space[Any], box: str, n_levels: int, n_ticks: int, seed: int
) -> None:
    samples = draw_from(space, 6, seed)
    encoder = make_encoder(space, samples=samples, encoder=box, n_levels=n_levels)
    batch = stack(space, samples)
    drive = encoder.encode(batch, n_ticks)
    assert drive.dtype == np.uint8
    assert drive.max() <= 1
    assert drive.shape in {(6, 1, encoder.n_inputs), (6, n_ticks, encoder.n_inputs)}

    npt.assert_array_equal(encoder.encode(batch, n_ticks), drive)
    for row, sample in enumerate(samples):  # no observation changes another one's drive
        npt.assert_array_equal(encoder.encode(stack(space, [sample]), n_ticks)[0], drive[row])

    encoder.check_fits(space)
    text = json.dumps(encoder.to_json(), sort_keys=True)
    copy = encoder_from_json(json.loads(text))
    assert json.dumps(copy.to_json(), sort_keys=True) == text
    assert copy.n_inputs == encoder.n_inputs
    npt.assert_array_equal(copy.encode(batch, n_ticks), drive)


@QUIET
@SETTINGS
@given(all_spaces())
def test_samples_are_needed_where_bounds_are_open(space: gym.Space[Any]) -> None:
    if has_open_bounds(space):
        with pytest.raises(ValueError, match="samples must hold observations, because the bounds"):
            make_encoder(space)
    else:
        assert make_encoder(space).n_inputs > 0


@pytest.mark.parametrize(
    ("space", "expected"),
    [
        (spaces.Discrete(3, start=-1), OneHotEncoder((3,), (-1,))),
        (spaces.MultiDiscrete([[2, 3], [4, 5]]), OneHotEncoder((2, 3, 4, 5), (0, 0, 0, 0))),
        (spaces.MultiBinary([2, 3]), DirectEncoder(6)),
        (spaces.Box(0, 1, (2, 2), np.uint8), DirectEncoder(4)),
        (spaces.Box(0, 1, (2,), bool), DirectEncoder(2)),
        (spaces.Box(0, 3, (2,), np.uint8), OneHotEncoder((4, 4), (0, 0), silent_lowest=True)),
        (spaces.Box(1, 2, (2,), np.int8), OneHotEncoder((2, 2), (1, 1), silent_lowest=True)),
        (spaces.Box(-4, 3, (1,), np.int64), OneHotEncoder((8,), (-4,), silent_lowest=True)),
        (spaces.Box(0, 8, (1,), np.uint8), BOX_ENCODERS["thermometer"]((0.0,), (8.0,))),
        (spaces.Box(-1, 2, (1,)), BOX_ENCODERS["thermometer"]((-1.0,), (2.0,))),
        (spaces.Box(0, 1, (1,)), BOX_ENCODERS["thermometer"]((0.0,), (1.0,))),
    ],
    ids=str,
)
def test_spaces_get_the_encoder_that_fits(space: gym.Space[Any], expected: Any) -> None:
    assert make_encoder(space) == expected


@pytest.mark.parametrize("box", BOX_ENCODERS)
def test_real_numbers_get_the_encoder_asked_for(box: str) -> None:
    space = spaces.Box(0, 9, (2,), np.int64)
    encoder = make_encoder(space, encoder=box, n_levels=3)
    assert encoder == BOX_ENCODERS[box]((0.0, 0.0), (9.0, 9.0), 3)


def test_dicts_and_tuples_get_an_encoder_a_part() -> None:
    space = spaces.Dict({"b": spaces.Discrete(2), "a": spaces.Tuple([spaces.MultiBinary(3)])})
    encoder = make_encoder(space)
    assert encoder.to_json() == {
        "kind": "concatenated",
        "keys": ["a", "b"],
        "parts": [
            {"kind": "concatenated", "keys": [0], "parts": [{"kind": "direct", "size": 3}]},
            {
                "kind": "one-hot",
                "n_values": [2],
                "start": [0],
                "silent_lowest": False,
            },
        ],
    }


def test_parts_that_never_change_are_left_out() -> None:
    constant = spaces.Box(3, 3, (2,), np.int8)
    space = spaces.Dict(a=constant, b=spaces.Discrete(2), c=spaces.Dict())
    encoder = make_encoder(space)
    assert encoder.n_inputs == 2
    assert encoder.encode(stack(space, draw_from(space, 3, 0)), 1).shape == (3, 1, 2)


def test_text_is_encoded_alike_whatever_the_order_of_its_characters() -> None:
    one, two = (make_encoder(spaces.Text(3, charset=text)) for text in ("abc", "cba"))
    npt.assert_array_equal(one.encode(("cab",), 1), two.encode(("cab",), 1))


def test_one_of_tells_its_parts_apart() -> None:
    space = spaces.OneOf([spaces.Discrete(2), spaces.Discrete(2)])
    encoder = make_encoder(space)
    assert isinstance(encoder, FlattenedEncoder)
    drive = encoder.encode(((0, 1), (1, 1), (1, 0)), 1)
    assert len(np.unique(drive, axis=0)) == 3


class Strange(gym.Space[Any]):
    """A space that Gymnasium knows nothing about."""


@pytest.mark.parametrize(
    "space",
    [
        spaces.Graph(spaces.Discrete(2), None),
        spaces.Sequence(spaces.Discrete(2)),
        spaces.OneOf([spaces.Discrete(2), spaces.Sequence(spaces.Discrete(2))]),
        spaces.Dict(a=spaces.Sequence(spaces.Discrete(2))),
        Strange(),
    ],
    ids=lambda space: type(space).__name__,
)
def test_spaces_that_cannot_be_flattened_are_refused(space: gym.Space[Any]) -> None:
    message = "observation space must be one that Gymnasium can flatten, got .*: wrap"
    with pytest.raises(UnsupportedSpaceError, match=message):
        make_encoder(space)


def test_spaces_that_this_gymnasium_fails_to_flatten_are_refused_alike(monkeypatch) -> None:
    def fails(space):
        raise ValueError("Invalid Box dtype (<U0)")

    monkeypatch.setattr(spaces, "flatten_space", fails)
    with pytest.raises(UnsupportedSpaceError, match=r"one that Gymnasium can flatten, got OneOf"):
        make_encoder(spaces.OneOf([spaces.Text(1, charset="ab")]))


@pytest.mark.parametrize(
    ("encoder", "remedy"),
    [
        ("thermometer", "take fewer n_levels, or wrap .* GrayscaleObservation"),
        ("grid", "wrap the environment so that its grid has fewer channels, rows or columns$"),
    ],
)
def test_too_large_observations_are_refused_with_a_remedy_that_fits(encoder, remedy) -> None:
    with pytest.raises(UnsupportedSpaceError, match=f"at most 16384 input neurons, .*: {remedy}"):
        make_encoder(spaces.Box(-1.0, 1.0, (40, 30, 30)), encoder=encoder)


@pytest.mark.parametrize(
    "space",
    [spaces.Dict(), spaces.Box(0, 1, (0,)), spaces.Box(3, 3, (2,), np.int8)],
    ids=str,
)
def test_spaces_with_nothing_to_see_are_refused(space: gym.Space[Any]) -> None:
    with pytest.raises(UnsupportedSpaceError, match="observation space must have something in it"):
        make_encoder(space)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"encoder": "gray"},
            "encoder must be one of thermometer, rate, .*, got 'gray'",
        ),
        ({"n_levels": 0}, "n_levels must be a whole number >= 1, got 0"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_encoder(spaces.Discrete(2), **arguments)
