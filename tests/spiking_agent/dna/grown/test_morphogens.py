"""Morphogens: stripes, edges and slopes as whole numbers over one denominator."""

import numpy as np
import numpy.testing as npt
import pytest
from naive_growth import morphogen

from spiking_agent.dna.grown.morphogens import MORPHOGENS, fields


def field(name: str, shape: tuple[int, int]) -> list[list[float]]:
    numerators, denominator = fields((name,), shape)
    return (numerators[0].reshape(shape) / denominator).tolist()


def test_stripes_edges_and_slopes_lie_where_their_names_say() -> None:
    assert field("row parity", (3, 2)) == [[1, 1], [-1, -1], [1, 1]]
    assert field("checkerboard", (2, 3)) == [[1, -1, 1], [-1, 1, -1]]
    assert field("right", (2, 3)) == [[0, 0, 1]] * 2
    assert field("second last row", (3, 2)) == [[0, 0], [1, 1], [0, 0]]
    assert field("rightward", (1, 5)) == [[-1, -0.5, 0, 0.5, 1]]


def test_some_fields_are_there_only_with_an_odd_number_of_rows_or_columns() -> None:
    assert field("top where rows are odd", (3, 1)) == [[1], [0], [0]]
    assert field("top where rows are odd", (4, 1)) == [[0], [0], [0], [0]]
    assert field("top where columns are odd", (4, 1)) == field("top", (4, 1))


def test_a_sign_turns_with_an_even_number_of_rows_or_columns() -> None:
    assert field("top x rows are odd", (3, 1)) == [[1], [0], [0]]
    assert field("top x rows are odd", (4, 1)) == [[-1], [0], [0], [0]]
    assert field("top x columns are odd", (4, 1)) == field("top", (4, 1))


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (2, 2), (7, 10), (20, 20)])
def test_all_fields_are_exact(shape: tuple[int, int]) -> None:
    numerators, denominator = fields(MORPHOGENS, shape)
    assert numerators.dtype == np.int64
    for place, name in enumerate(MORPHOGENS):
        expected = [
            morphogen(name, (row, col), shape) * denominator
            for row in range(shape[0])
            for col in range(shape[1])
        ]
        npt.assert_array_equal(numerators[place], [int(value) for value in expected])
        assert all(value.denominator == 1 for value in expected)
