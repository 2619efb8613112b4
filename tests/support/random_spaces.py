"""Random spaces for hypothesis: every kind that Gymnasium can flatten, nested too."""

import warnings
from inspect import signature
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from hypothesis import strategies as st

DISCRETE_HAS_DTYPES = "dtype" in signature(spaces.Discrete).parameters  # from Gymnasium 1.2.2 on
INTEGERS = (np.int64, np.int32)
SHAPES = st.sampled_from([(), (1,), (3,), (2, 3)])


@st.composite
def _boxes(draw: st.DrawFn) -> spaces.Box:
    shape = draw(SHAPES)
    dtype = draw(st.sampled_from([np.float64, np.float32, np.float16, np.int32, np.uint8, bool]))
    if dtype is bool:
        return spaces.Box(0, 1, shape, bool)
    if np.dtype(dtype).kind in "iu":
        low = draw(st.integers(0, 5))
        return spaces.Box(low, low + draw(st.integers(1, 100)), shape, dtype)
    lows = draw(st.lists(st.floats(-100, 100, width=16), min_size=6, max_size=6))
    low = np.array(lows[: int(np.prod(shape))], dtype).reshape(shape)
    high = low + dtype(draw(st.sampled_from([0.0, 1.0, 50.0])))
    opened = draw(st.sampled_from(["", "below", "above", "both"]))
    if opened in ("below", "both"):
        low = np.where(low > 0.0, low, dtype(-np.inf))
    if opened in ("above", "both"):
        high = np.where(high > 0.0, high, dtype(np.inf))
    return spaces.Box(low, high, shape, dtype)


@st.composite
def _multi_discretes(draw: st.DrawFn) -> spaces.MultiDiscrete:
    shape = draw(st.sampled_from([(1,), (3,), (2, 2)]))
    numbers = st.lists(st.integers(1, 4), min_size=4, max_size=4)
    nvec, start = (np.array(draw(numbers))[: int(np.prod(shape))].reshape(shape) for _ in "ab")
    return spaces.MultiDiscrete(nvec, draw(st.sampled_from(INTEGERS)), start=start - 3)


def discrete_spaces() -> st.SearchStrategy[gym.Space[Any]]:
    """Spaces of actions that are chosen among alternatives."""
    dtypes = {"dtype": st.sampled_from(INTEGERS)} if DISCRETE_HAS_DTYPES else {}
    return st.one_of(
        st.builds(spaces.Discrete, st.integers(1, 6), start=st.integers(-3, 3), **dtypes),
        _multi_discretes(),
        st.builds(spaces.MultiBinary, st.sampled_from([1, 4, [3], [2, 3]])),
    )


def _texts() -> st.SearchStrategy[gym.Space[Any]]:
    characters = st.sampled_from(["ab", "zyxw", "0123456789", frozenset("Quick")])
    return st.builds(spaces.Text, st.integers(1, 5), charset=characters)


def can_be_flattened(space: gym.Space[Any]) -> bool:
    """Whether Gymnasium can do it; before 1.4 not if a Text is one of the alternatives."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of bounds that lose precision
        try:
            spaces.flatten_space(space)
        except ValueError:
            return False
    return True


def all_spaces() -> st.SearchStrategy[gym.Space[Any]]:
    """Spaces of observations; parts of Dict are not in order of their names."""
    plain = st.one_of(discrete_spaces(), _boxes(), _texts())

    def nested(parts: st.SearchStrategy[gym.Space[Any]]) -> st.SearchStrategy[gym.Space[Any]]:
        lists = st.lists(parts, min_size=1, max_size=3)
        return st.one_of(
            lists.map(lambda some: spaces.Dict(list(zip("cab", some, strict=False)))),
            lists.map(spaces.Tuple),
            lists.map(spaces.OneOf).filter(can_be_flattened),
        )

    return st.recursive(plain, nested, max_leaves=4)


def draw_from(space: gym.Space[Any], size: int, seed: int) -> list[Any]:
    """Draw elements of a space."""
    space.seed(seed)
    return [space.sample() for _ in range(size)]
