"""NumPy's default generator of random numbers, PCG64, for compiled code.

A number of 128 bits is two of 64: the upper half and the lower half.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from gymnasium.utils import seeding

from spiking_agent.jit import inlined
from spiking_agent.typing import Int64Array, UInt64Array

HIGH, LOW, ADDED_HIGH, ADDED_LOW = range(4)  # columns of a state

_FACTOR_HIGH: Final = np.uint64(0x2360ED051FC65DA4)
_FACTOR_LOW: Final = np.uint64(0x4385DF649FCCF645)
_HALF: Final = np.uint64(32)
_LOWER: Final = np.uint64(0xFFFFFFFF)
_UNIT: Final = 2.0**-53


def generators(seeds: Sequence[int] | Int64Array) -> UInt64Array:
    """Return the states of the generators that Gymnasium makes of seeds.

    Parameters
    ----------
    seeds : sequence of int
        The seeds, each >= 0.

    Returns
    -------
    ndarray of uint64, shape (n_seeds, 4)
    """
    different, which = np.unique(np.asarray(seeds, np.int64), return_inverse=True)
    states = [_seeded(int(seed)) for seed in different]
    return np.array(states, np.uint64).reshape(-1, 4)[which]


def _seeded(seed: int) -> tuple[int, int, int, int]:
    state = seeding.np_random(seed)[0].bit_generator.state["state"]
    return (*divmod(state["state"], 1 << 64), *divmod(state["inc"], 1 << 64))


@inlined
def draw(rng: UInt64Array) -> float:
    """Return the next number in [0, 1), as `numpy.random.Generator.random` does.

    Parameters
    ----------
    rng : ndarray of uint64, shape (4,)
        The state, which moves on.

    References
    ----------
    M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms for
    Random Number Generation", Harvey Mudd College, HMC-CS-2014-0905, 2014.
    """
    high, low = rng[HIGH], rng[LOW]
    a_high, a_low = low >> _HALF, low & _LOWER
    b_high, b_low = _FACTOR_LOW >> _HALF, _FACTOR_LOW & _LOWER
    lowest, middle = a_low * b_low, a_high * b_low
    middle += lowest >> _HALF
    other = a_low * b_high + (middle & _LOWER)
    carried = a_high * b_high + (middle >> _HALF) + (other >> _HALF)
    new_high = carried + high * _FACTOR_LOW + low * _FACTOR_HIGH
    new_low = low * _FACTOR_LOW
    sum_low = new_low + rng[ADDED_LOW]
    new_high += rng[ADDED_HIGH] + (np.uint64(1) if sum_low < new_low else np.uint64(0))
    rng[HIGH], rng[LOW] = new_high, sum_low
    mixed, turns = new_high ^ sum_low, new_high >> np.uint64(58)
    back = (np.uint64(64) - turns) & np.uint64(63)
    turned = (mixed >> turns) | (mixed << back)
    return float(turned >> np.uint64(11)) * _UNIT
