"""Instructions of processors against their twins in plain Python."""

import numpy as np
import pytest

from spiking_agent.instructions import (
    GROUP,
    WIDTH,
    add_products,
    lowest,
    n_ones,
    packed,
    sum_rows,
)
from spiking_agent.jit import kernel

pytestmark = pytest.mark.kernels


@kernel
def _packed(values, first):
    return packed(values, first)


@kernel
def _counted(bits):
    return n_ones(bits), lowest(bits)


@kernel
def _summed(table, rows, n, total):
    sum_rows(table, rows, n, total)


@kernel
def _weighed(weights, values, rows, first, last, total):
    add_products(weights, values, rows, first, last, total)


@pytest.mark.parametrize("first", [0, 1, 236])
def test_bytes_that_are_not_zero_become_bits(first):
    rng = np.random.default_rng(first)
    values = (rng.integers(0, 256, 300) * (rng.random(300) < 0.3)).astype(np.uint8)
    bits = _packed(values, first)
    assert [bool(int(bits) >> i & 1) for i in range(WIDTH)] == (values[first:][:WIDTH] > 0).tolist()
    assert packed(values, first) == bits


@pytest.mark.parametrize("bits", [1, 0b1011000, 2**63, 2**64 - 1, 2**63 + 2**62])
def test_bits_are_counted_and_found(bits):
    expected = bin(bits).count("1"), bin(bits)[::-1].index("1")
    assert _counted(np.uint64(bits)) == expected
    assert (n_ones(np.uint64(bits)), lowest(np.uint64(bits))) == expected


@pytest.mark.parametrize("width", [16, 48])
@pytest.mark.parametrize("n", [0, GROUP, 5 * GROUP])
def test_rows_are_added(width, n):
    rng = np.random.default_rng(width + n)
    table = rng.integers(-500, 500, (30, width)).astype(np.float32)
    rows, start = rng.integers(0, 30, n + 3), rng.integers(-9, 9, width).astype(np.float32)
    expected = start + sum((table[row] for row in rows[:n]), np.zeros(width))
    for add in (_summed, sum_rows):
        total = start.copy()
        add(table, rows, n, total)
        np.testing.assert_array_equal(total, expected)


@pytest.mark.parametrize("width", [32, 96])
@pytest.mark.parametrize(("first", "last"), [(0, 0), (2, 3), (1, 12)])
def test_products_of_chosen_rows_are_added(width, first, last):
    rng = np.random.default_rng(width + last)
    weights = rng.integers(-127, 128, (12, width)).astype(np.float32)
    values = (rng.random((5, width)) < 0.5).astype(np.float32)
    rows, start = rng.integers(0, 5, 12), rng.integers(-9, 9, width).astype(np.float32)
    expected = start + sum((weights[i] * values[rows[i]] for i in range(first, last)), 0 * start)
    for add in (_weighed, add_products):
        total = start.copy()
        add(weights, values, rows, first, last, total)
        np.testing.assert_array_equal(total, expected)
