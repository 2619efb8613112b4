"""What strategies know of genes."""

from dataclasses import replace

import numpy as np
import numpy.testing as npt
import pytest
from gene_tables import real_table, wired

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
    with pytest.raises(ValueError, match="low must be at most high"):
        replace(real_table(), low=np.full(34, 5.0))
