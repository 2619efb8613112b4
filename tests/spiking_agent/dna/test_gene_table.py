"""What strategies know of genes."""

from dataclasses import replace

import numpy as np
import numpy.testing as npt
import pytest
from gene_tables import real_table, whole_table, wired

TABLE = wired(2, 1, n_hidden=1, thresholds=(1.0, 2.0, 3.0), decays=(1.0,)).genes


def test_genes_have_names_by_what_they_act_between() -> None:
    names = [TABLE.name(gene) for gene in range(TABLE.n_genes)]
    assert names == [
        *("strength 0>2", "strength 0>3", "strength 1>2", "strength 1>3", "strength 2>3"),
        *("threshold 0", "threshold 1", "threshold 2", "threshold 3"),
    ]
    with pytest.raises(IndexError, match="gene must be below 9, got 9"):
        TABLE.name(9)


def test_numbers_and_choices_are_told_apart() -> None:
    assert TABLE.numbers.tolist() == [0, 1, 2, 3, 4]
    assert [run.tolist() for run in TABLE.choices] == [[5, 6, 7, 8]]
    both = wired(2, 1, thresholds=(1.0, 2.0), decays=(0.5, 1.0)).genes
    assert [run.tolist() for run in both.choices] == [[2, 3, 4], [5, 6, 7]]
    assert real_table(3, 2).numbers.tolist() == [0, 1, 2]


def test_whole_genes_take_as_few_bytes_as_they_need() -> None:
    assert TABLE.dtype == np.int8
    assert wired(thresholds=tuple(map(float, range(200)))).genes.dtype == np.int16
    assert real_table().dtype == np.float32


def test_the_nearest_genome_is_rounded_and_in_range() -> None:
    values = np.array([[2.4, -2.6, 99.0, -99.0, 0.5, 1.7, -3.0, 9.0, 0.2]])
    genomes = TABLE.fit(values)
    assert genomes.tolist() == [[2, -3, 8, -8, 0, 2, 0, 2, 0]]
    assert genomes.dtype == np.int8
    TABLE.check(genomes)
    real = real_table(2, 1)
    npt.assert_array_equal(real.fit(np.array([[1.25, 50.0, 3.0]])), np.float32([[1.25, 9.0, 3.0]]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda genomes: genomes[0], r"genomes must have shape \(n, 9\), got \(9,\)"),
        (lambda genomes: genomes[:, :8], r"genomes must have shape \(n, 9\), got \(3, 8\)"),
        (lambda genomes: genomes.astype(np.int16), "genomes must be of int8, got int16"),
        (
            lambda genomes: np.where(np.arange(9) == 1, 9, genomes).astype(np.int8),
            r"strength 0>3 must lie in \[-8, 8\], got 9 in genome 0",
        ),
        (
            lambda genomes: np.where(np.arange(9) == 8, -1, genomes).astype(np.int8),
            r"threshold 3 must lie in \[0, 2\], got -1 in genome 0",
        ),
    ],
)
def test_what_are_no_genomes_is_refused(change, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TABLE.check(change(TABLE.draw(3, np.random.default_rng(0))))


def test_genes_that_are_no_number_are_refused() -> None:
    table = real_table()
    genomes = table.draw(2, np.random.default_rng(0))
    table.check(genomes)
    genomes[1, 3] = np.nan
    with pytest.raises(ValueError, match="got nan in genome 1"):
        table.check(genomes)


def test_tables_that_contradict_themselves_are_refused() -> None:
    with pytest.raises(ValueError, match=r"spread must have shape \(34,\), got \(3,\)"):
        replace(real_table(), spread=np.ones(3))


def at(place: int, value: float, values: np.ndarray) -> np.ndarray:
    return np.where(np.arange(len(values)) == place, value, values)


@pytest.mark.parametrize(
    ("table", "name", "place", "value", "message"),
    [
        (real_table(), "low", 3, 9.0, r"low must be below high for a number, got 9 for kernel 0>3"),
        (real_table(), "low", 3, np.nan, r"low must be below high for a number, got nan"),
        (whole_table((0, 1)), "high", 0, 0.0, "low must be below high for a number, got 0"),
        (real_table(), "low", 31, 1.0, "low must be 0 for a choice, got 1 for delay 1"),
        (real_table(), "high", 31, 1.5, r"high must be a whole number >= 0 for a choice, got 1\.5"),
        (real_table(), "high", 31, -1.0, "high must be a whole number >= 0 for a choice, got -1"),
        (whole_table((0, 2)), "low", 0, 0.5, r"low must be a whole number in -32767\.\.32767, got"),
        (whole_table((0, 2)), "high", 0, 2e5, r"high must be a whole number in .*, got 200000"),
        (real_table(), "center", 0, 9.5, r"center must be a finite number from low to high, got 9"),
        (real_table(), "center", 0, np.nan, "center must be a finite number from low to high"),
        (real_table(), "spread", 2, 0.0, "spread must be finite and > 0 for a number, got 0 for"),
        (real_table(), "spread", 2, np.inf, "spread must be finite and > 0 for a number, got inf"),
        (real_table(), "target", 2, 5, r"target must be in 0\.\.4, got 5 for kernel 2>5"),
        (real_table(), "source", 2, -1, r"source must be in 0\.\.4, got -1 for kernel -1>2"),
    ],
)
def test_a_gene_that_no_search_could_keep_is_refused_by_name(
    table, name, place, value, message
) -> None:
    with pytest.raises(ValueError, match=message):
        replace(table, **{name: at(place, value, getattr(table, name))})


def test_a_choice_may_have_one_value_and_any_spread() -> None:
    table = replace(
        real_table(2, 2), high=np.array([9.0, 9.0, 0.0, 4.0]), spread=np.eye(4)[:2].sum(0)
    )
    assert table.fit(np.full(4, 3.0)).tolist() == [3.0, 3.0, 0.0, 3.0]


def test_bounds_that_32_bits_round_away_are_in_the_range() -> None:
    table = replace(
        real_table(2, 0), low=np.full(2, -0.1), high=np.full(2, 0.7), center=np.zeros(2)
    )
    table.check(table.fit(np.array([[-5.0, 5.0]])))
