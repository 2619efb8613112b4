"""Spaces as JSON and back."""

import json
from collections import OrderedDict
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.testing as npt
import pytest
from gymnasium import spaces
from hypothesis import given, settings
from hypothesis import strategies as st
from random_spaces import DISCRETE_HAS_DTYPES, all_spaces, draw_from

from spiking_agent.codec.batches import batch_size, is_batch, stack
from spiking_agent.codec.spaces import MAX_SIZE, build, count_numbers, describe
from spiking_agent.errors import UnsupportedSpaceError


def again(space: gym.Space[Any]) -> gym.Space[Any]:
    return build(json.loads(json.dumps(describe(space), sort_keys=True)))


@pytest.mark.filterwarnings("ignore:.*Casting input x to numpy array")  # samples without axes
@settings(max_examples=100, deadline=None, derandomize=True)
@given(all_spaces(), st.integers(0, 2**31))
def test_spaces_survive_json(space: gym.Space[Any], seed: int) -> None:
    copy = again(space)
    assert copy == space
    assert describe(copy) == describe(space)
    assert all(copy.contains(sample) for sample in draw_from(space, 3, seed))


@pytest.mark.parametrize(
    "space",
    [
        spaces.Box(np.array([-np.inf, 0.1, -1.0]), np.array([1.0, np.inf, 2.0]), dtype=np.float64),
        spaces.Box(-np.inf, np.inf, (2, 2), np.float32),
        spaces.Box(-(2**63), 2**63 - 2, (1,), np.int64),
        spaces.Box(np.array([[0, 250]], np.uint8), np.array([[5, 255]], np.uint8), dtype=np.uint8),
        spaces.Box(0, 1, (0,)),
        spaces.Discrete(3, start=-2),
        spaces.MultiDiscrete([[2, 3]], dtype=np.uint8),
        spaces.Dict(),
    ],
    ids=str,
)
def test_bounds_and_kinds_of_numbers_are_kept_exactly(space: gym.Space[Any]) -> None:
    copy = again(space)
    assert copy == space
    assert copy.dtype == space.dtype
    if isinstance(space, spaces.Box):
        npt.assert_array_equal(copy.low, space.low)
        npt.assert_array_equal(copy.high, space.high)


class OlderDiscrete(spaces.Discrete):
    """As before Gymnasium 1.2.2, where the dtype cannot be chosen."""

    def __init__(self, n, seed=None, start=0) -> None:
        super().__init__(n, seed, start)


def test_a_gymnasium_whose_discrete_spaces_have_one_dtype_builds_them(monkeypatch) -> None:
    monkeypatch.setattr(spaces, "Discrete", OlderDiscrete)
    assert again(OlderDiscrete(3, start=-2)) == OlderDiscrete(3, start=-2)


@pytest.mark.skipif(not DISCRETE_HAS_DTYPES, reason="needs Gymnasium 1.2.2")
def test_the_dtype_of_a_discrete_space_is_kept() -> None:
    space = spaces.Discrete(3, start=-2, dtype=np.int16)
    assert again(space).dtype == space.dtype


def test_equal_spaces_have_equal_descriptions() -> None:
    one, two = spaces.Discrete(2), spaces.Discrete(3)
    assert describe(spaces.Text(3, charset="cba")) == describe(spaces.Text(3, charset="abc"))
    assert describe(spaces.Dict(OrderedDict(b=one, a=two))) == describe(spaces.Dict(a=two, b=one))


def test_text_is_flattened_alike_wherever_its_characters_come_from() -> None:
    built = again(spaces.Text(3, charset="cba"))
    assert spaces.flatten(built, "ac").tolist() == [0, 2, 3]


def test_parts_of_dicts_and_tuples_are_described_in_place() -> None:
    space = spaces.Dict(a=spaces.Tuple([spaces.Discrete(2), spaces.MultiBinary(3)]))
    assert describe(space) == {
        "kind": "Dict",
        "spaces": {
            "a": {
                "kind": "Tuple",
                "spaces": [
                    {"kind": "Discrete", "n": 2, "start": 0},
                    {"kind": "MultiBinary", "n": 3},
                ],
            }
        },
    }


class Strange(gym.Space[Any]):
    """A space that Gymnasium knows nothing about."""


@pytest.mark.parametrize(
    "space",
    [
        spaces.Graph(spaces.Discrete(2), None),
        spaces.Sequence(spaces.Discrete(2)),
        spaces.Tuple([spaces.Discrete(2), spaces.Sequence(spaces.Discrete(2))]),
        spaces.Dict([(1, spaces.Discrete(2))]),
        Strange(),
    ],
    ids=lambda space: type(space).__name__,
)
def test_spaces_without_a_fixed_size_are_refused(space: gym.Space[Any]) -> None:
    with pytest.raises(
        UnsupportedSpaceError, match=r"space must have a fixed size .* got .*: wrap"
    ):
        describe(space)


BOX = {"kind": "Box", "low": 0.0, "high": 1.0, "shape": [2], "dtype": "float32"}


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"kind": "Graph"}, ValueError, "kind must be a kind of space .*, got 'Graph'"),
        ({"shape": [MAX_SIZE + 1]}, ValueError, "space must hold at most 10000000 numbers, got"),
        ({"shape": [-1, -1]}, ValueError, r"shape\[0\] must be a whole number >= 0, got -1"),
        ({"shape": [float("nan")]}, ValueError, r"shape\[0\] must be a whole number >= 0, got nan"),
        ({"dtype": "O"}, ValueError, "dtype of a Box must be of real numbers, got O"),
        ({"dtype": "no such"}, ValueError, "no such"),
        ({"low": [0.0, 0.0, 0.0]}, ValueError, "low must have 2 numbers, as the shape says, got 3"),
        ({"low": "no number"}, ValueError, "low must be a number, got 'no number'"),
        ({"shape": ["2"]}, ValueError, r"shape\[0\] must be a whole number >= 0, got '2'"),
        (
            {"kind": "Discrete", "n": 0, "start": 0, "dtype": "int64"},
            ValueError,
            "n must be a whole number >= 1, got 0",
        ),
        (
            {"kind": "Discrete", "n": 2, "start": [1], "dtype": "int64"},
            ValueError,
            r"start must be a whole number .*, got \[1\]",
        ),
        (
            {"kind": "Discrete", "n": 2, "start": 0, "dtype": []},
            ValueError,
            r"dtype must be one of int8, .*, got \[\]",
        ),
        (
            {"kind": "MultiDiscrete", "nvec": [[2, 3]], "start": [0], "dtype": "int64"},
            ValueError,
            "start must have 2 numbers, as nvec has, got 1",
        ),
        ({"kind": "MultiBinary", "n": None}, ValueError, "n must be a whole number >= 0, got None"),
        (
            {"kind": "Text", "max_length": 3, "min_length": "x", "characters": "ab"},
            ValueError,
            "min_length must be a whole number >= 0, got 'x'",
        ),
        (
            {"low": -1, "dtype": "uint8"},
            ValueError,
            r"low must be a whole number in 0\.\.255, got -1",
        ),
        ({"kind": "Discrete"}, KeyError, "n"),
        (
            {"kind": "Dict", "spaces": [1]},
            ValueError,
            "spaces must be a mapping of names to values",
        ),
        ({"kind": "Tuple", "spaces": [1]}, ValueError, r"spaces\[0\] must be a mapping of names"),
    ],
)
def test_descriptions_of_nothing_are_refused(
    changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        build({**BOX, **changes})


@settings(max_examples=60, deadline=None, derandomize=True)
@given(all_spaces(), st.integers(0, 2**31))
def test_stacked_values_are_those_of_vector_environments(space: gym.Space[Any], seed: int) -> None:
    values = draw_from(space, 3, seed)
    batch = stack(space, values)
    batched = gym.vector.utils.batch_space(space, 3)
    for row, value in zip(gym.vector.utils.iterate(batched, batch), values, strict=True):
        npt.assert_equal(row, value)


def test_stacking_copies() -> None:
    value = np.zeros(2, np.float32)
    batch = stack(spaces.Box(0, 1, (2,)), [value])
    value[:] = 1.0
    assert not batch.any()


HALF = MAX_SIZE // 2 + 1
HALF_BOX = {**BOX, "shape": [HALF // 3 + 1, 3], "dtype": "float64"}


@pytest.mark.parametrize(
    "half",
    [
        HALF_BOX,
        {"kind": "Discrete", "n": HALF, "start": 0},
        {"kind": "MultiDiscrete", "nvec": [[HALF - 1, 1]], "start": [[0, 0]]},
        {"kind": "MultiBinary", "n": HALF},
        {"kind": "MultiBinary", "n": [HALF, 1]},
        {"kind": "Text", "min_length": 1, "max_length": HALF, "characters": "ab"},
        {"kind": "OneOf", "spaces": [{"kind": "Dict", "spaces": {"a": HALF_BOX}}]},
    ],
    ids=lambda half: half["kind"],
)
def test_all_numbers_of_a_description_count_before_any_is_built(half, monkeypatch) -> None:
    monkeypatch.setattr("spiking_agent.codec.spaces._build", lambda description: description)
    assert build(half) is half
    with pytest.raises(ValueError, match="space must hold at most 10000000 numbers, got"):
        build({"kind": "Tuple", "spaces": [half, {"kind": "Dict", "spaces": {"x": HALF_BOX}}]})


def test_numbers_are_counted_through_all_parts() -> None:
    space = spaces.Dict(
        a=spaces.Tuple([spaces.Discrete(5), spaces.MultiBinary([2, 3]), spaces.Box(0, 1, (2, 2))]),
        b=spaces.OneOf([spaces.MultiDiscrete([[2, 3], [4, 5]]), spaces.Text(7)]),
    )
    assert count_numbers(describe(space)) == 5 + 6 + 4 + 14 + 7


@settings(max_examples=100, deadline=None, derandomize=True)
@given(all_spaces(), st.integers(0, 2**31))
def test_single_values_and_batches_are_told_apart(space: gym.Space[Any], seed: int) -> None:
    values = draw_from(space, 3, seed)
    for value in values:
        assert not is_batch(space, value)
    for n in (1, 2, 3):
        batch = stack(space, values[:n])
        assert is_batch(space, batch)
        assert batch_size(space, batch) == n


CHOICE = spaces.OneOf([spaces.Discrete(2), spaces.Box(0, 1, (2,))])
WORDS = spaces.Text(3, charset="abcde")


@pytest.mark.parametrize(
    ("space", "single", "batch", "n"),
    [
        (spaces.Box(0, 1, (1,)), np.array([7.0]), np.zeros((1, 1)), 1),
        (spaces.Box(0, 1, ()), 0.5, [0.5, 3.0], 2),
        (spaces.Box(0, 1, (2, 2)), [[0, 1], [2, 3]], np.zeros((3, 2, 2), int), 3),
        (spaces.MultiBinary(3), [0, 1, 7], [[0, 1, 7]], 1),
        (spaces.MultiDiscrete([2, 2]), np.array([9.0, 0.5]), np.zeros((4, 2)), 4),
        (spaces.Discrete(2), 5, [5, 6, 7], 3),
        (spaces.Discrete(2), np.float64(0.5), np.array([0]), 1),
        (WORDS, "xyz", ("abc", "de"), 2),
        (WORDS, np.str_("a"), np.array(["abc", "de"]), 2),
        (CHOICE, (0, 1), ((0, 1), (np.int64(1), np.zeros(2))), 2),
        (CHOICE, (1, [0.0, 9.0]), [(1, [0.0, 9.0])], 1),
        (
            spaces.Dict(a=WORDS, b=spaces.Discrete(2)),
            {"a": "abc", "b": 1},
            {"a": ("abc", "de"), "b": [0, 1]},
            2,
        ),
        (spaces.Tuple([WORDS, CHOICE]), ("ab", (0, 1)), (("ab", "c"), ((0, 1), (0, 0))), 2),
        (
            spaces.Dict(a=spaces.Dict(), b=spaces.Tuple([spaces.Discrete(2)])),
            {"a": {}, "b": (1,)},
            {"a": {}, "b": ([1, 0],)},
            2,
        ),
    ],
)
def test_batches_are_told_by_their_form_and_not_by_their_values(space, single, batch, n) -> None:
    assert not is_batch(space, single)
    assert is_batch(space, batch)
    assert batch_size(space, batch) == n


@pytest.mark.parametrize(
    ("space", "value"),
    [
        (spaces.Box(0, 1, (4,)), np.zeros(3)),
        (spaces.Box(0, 1, (4,)), np.zeros((1, 1, 4))),
        (spaces.Box(0, 1, (2,)), [[0], [0, 1]]),
        (spaces.MultiBinary(2), None),
        (spaces.Discrete(2), None),
        (spaces.Discrete(2), [[0]]),
        (WORDS, 3),
        (WORDS, ("ab", 3)),
        (WORDS, ()),
        (WORDS, np.array("ab")),
        (CHOICE, 1),
        (CHOICE, (0.5, 1)),
        (CHOICE, ()),
        (spaces.Dict(a=WORDS), {}),
        (spaces.Dict(a=WORDS), 3),
        (spaces.Tuple([WORDS, WORDS]), ("ab",)),
        (spaces.Dict(), {}),
    ],
)
def test_values_of_neither_form_are_refused(space: gym.Space[Any], value: Any) -> None:
    with pytest.raises(ValueError, match=r"value must be of .* or a batch of it, got"):
        is_batch(space, value)


@pytest.mark.parametrize(
    ("space", "batch", "sizes"),
    [
        (spaces.Box(0, 1, (2,)), np.zeros((0, 2)), r"\[0\]"),
        (spaces.Tuple([WORDS, spaces.Discrete(2)]), (("a", "b"), [1]), r"\[1, 2\]"),
        (spaces.Tuple([WORDS, spaces.Discrete(2)]), (("a", "b"), 1), r"\[0, 2\]"),
    ],
)
def test_batches_without_one_size_are_refused(space, batch, sizes: str) -> None:
    with pytest.raises(ValueError, match=f"batch must have parts of one size >= 1, got {sizes}"):
        batch_size(space, batch)
