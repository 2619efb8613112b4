"""Whole numbers in spaces: between which values they lie, and whether their dtype can hold them."""

import math
from functools import singledispatch
from typing import Any, Final

import gymnasium as gym
import numpy as np
from gymnasium import spaces

MAX_EXACT: Final = 2**53  # whole numbers beyond it are not exact as floats


@singledispatch
def whole_range(space: gym.Space[Any]) -> tuple[list[int], list[int]] | None:
    """Return the lowest and the highest value of each number of a space.

    Parameters
    ----------
    space : gymnasium.Space
        A space of one array.

    Returns
    -------
    tuple of (list of int, list of int) or None
        In the order of the flat array; None if the numbers are not whole, or if it is a space of
        something else.
    """
    return None


@whole_range.register(spaces.Discrete)
def _(space: spaces.Discrete) -> tuple[list[int], list[int]]:
    return [int(space.start)], [int(space.start) + int(space.n) - 1]


@whole_range.register(spaces.MultiDiscrete)
def _(space: spaces.MultiDiscrete) -> tuple[list[int], list[int]]:
    start, sizes = space.start.ravel().tolist(), space.nvec.ravel().tolist()
    return start, [low + size - 1 for low, size in zip(start, sizes, strict=True)]


@whole_range.register(spaces.MultiBinary)
def _(space: spaces.MultiBinary) -> tuple[list[int], list[int]]:
    n = math.prod(space.shape)
    return [0] * n, [1] * n


@whole_range.register(spaces.Box)
def _(space: spaces.Box) -> tuple[list[int], list[int]] | None:
    if np.dtype(space.dtype).kind not in "iub":
        return None
    low, high = (bound.astype(object).ravel() for bound in (space.low, space.high))
    return list(map(int, low)), list(map(int, high))


def check_whole(space: gym.Space[Any]) -> None:
    """Refuse a Discrete or a MultiDiscrete with values that its dtype, or int64, cannot hold.

    Parameters
    ----------
    space : gymnasium.Space
        A space of any type; others are accepted.

    Raises
    ------
    ValueError
        If there is such a value, or as many as it cannot count.
    """
    if isinstance(space, spaces.Discrete | spaces.MultiDiscrete):
        sizes = space.n if isinstance(space, spaces.Discrete) else space.nvec
        low, high = whole_range(space) or ([], [])
        check_held(space.dtype, [*low, *high, *np.ravel(sizes).tolist()])


def check_held(dtype: Any, numbers: list[int]) -> None:
    """Refuse numbers that a dtype, or int64, cannot hold.

    Parameters
    ----------
    dtype : dtype
        An integer type.
    numbers : list of int
        The numbers.

    Raises
    ------
    ValueError
        If there is such a number.
    """
    held = np.iinfo(dtype)
    least, most = held.min, min(int(held.max), 2**63 - 1)
    for number in (min(numbers, default=least), max(numbers, default=least)):
        if not least <= number <= most:
            raise ValueError(
                f"values of a space of {np.dtype(dtype)} must lie in [{least}, {most}], "
                f"got {number}"
            )
