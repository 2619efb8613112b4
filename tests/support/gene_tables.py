"""Gene tables for the tests of strategies: wired ones, and ones of whole or of real numbers."""

import numpy as np

from spiking_agent.dna.gene_table import GeneTable, Genomes
from spiking_agent.dna.ports import Ports
from spiking_agent.dna.wired import Wired, WiredParams


def wired(
    n_inputs: int = 4,
    n_outputs: int = 2,
    *,
    opposites: tuple[tuple[int, int], ...] = (),
    opposite_outputs: tuple[tuple[int, int], ...] = (),
    constant: tuple[int, ...] = (),
    **params,
) -> Wired:
    ports = Ports(
        n_inputs=n_inputs,
        n_outputs=n_outputs,
        opposites=opposites,
        opposite_outputs=opposite_outputs,
        constant=constant,
    )
    return Wired(WiredParams(**params), ports)


def real_table(n_numbers: int = 30, n_choices: int = 4) -> GeneTable:
    """Real numbers about 1, ten times as far apart in the second half, then choices of five."""
    n = n_numbers + n_choices
    is_choice = np.arange(n) >= n_numbers
    spread = np.where(np.arange(n) < n_numbers // 2, 0.3, 3.0)

    def draw(size: int, rng: np.random.Generator) -> Genomes:
        genomes = 1.0 + spread * rng.standard_normal((size, n))
        genomes[:, is_choice] = rng.integers(0, 5, (size, n_choices))
        return np.clip(genomes, -9.0, 9.0).astype(np.float32)

    return GeneTable(
        parts=(("kernel", n_numbers), ("delay", n_choices)),
        low=np.where(is_choice, 0.0, -9.0),
        high=np.where(is_choice, 4.0, 9.0),
        center=np.where(is_choice, 0.0, 1.0),
        spread=spread,
        is_choice=is_choice,
        source=np.arange(n) % 3,
        target=np.arange(n) % 5,
        n_places=5,
        is_whole=False,
        draw=draw,
    )


def whole_table(*ranges: tuple[int, int]) -> GeneTable:
    """Whole numbers, each with a range of its own."""
    low, high = np.array(ranges, np.float64).T
    n = len(ranges)
    dtype = np.int8 if np.abs(ranges).max() <= 127 else np.int16

    def draw(size: int, rng: np.random.Generator) -> Genomes:
        return rng.integers(low.astype(int), high.astype(int) + 1, (size, n)).astype(dtype)

    return GeneTable(
        parts=(("bias", n),),
        low=low,
        high=high,
        center=(low + high) / 2,
        spread=np.maximum(1.0, (high - low) / 4),
        is_choice=np.zeros(n, bool),
        source=np.arange(n),
        target=np.arange(n),
        n_places=n,
        is_whole=True,
        draw=draw,
    )
