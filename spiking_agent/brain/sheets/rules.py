"""Rules: how the synapses between two groups of neurons are laid out.

A group is a sheet, with a neuron for each cell of a grid, or a single neuron. A rule stands for
all synapses from one group to another that have the same delay. Its strengths have an axis of
genomes in front.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from spiking_agent.typing import Int16Array, IntpArray


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Rule:
    """Synapses from one group of neurons to another.

    Parameters
    ----------
    source, target : int
        Positions of the two groups in the tissue.
    strength : ndarray of int16
        What the kind of rule says, with an axis of genomes in front; 0 means no synapse.
    delay : int
        Ticks in addition to the initiation delay of the source, >= 0.
    """

    source: int
    target: int
    strength: Int16Array
    delay: int = 0

    def take(self, genome_ids: IntpArray | slice) -> Self:
        """Return the rule for some genomes only.

        Parameters
        ----------
        genome_ids : ndarray of intp, or slice
            Which ones, in that order; one may be named more than once.
        """
        return replace(self, strength=self.strength[genome_ids].copy())

    def spread(self, shape: tuple[int, int]) -> Iterator[tuple[IntpArray, IntpArray, Int16Array]]:
        """Yield all synapses on a grid, in pieces.

        Parameters
        ----------
        shape : (int, int)
            Rows and columns of the grid.

        Yields
        ------
        sources, targets : ndarray of intp, shape (n,)
            Cells of the neurons within their groups; 0 for a single neuron.
        strengths : ndarray of int16, shape (n_genomes, n)
            Their strengths.
        """
        raise NotImplementedError


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Kernel(Rule):
    """The same small pattern round every cell, from a sheet to a sheet.

    ``strength`` has shape (n_genomes, height, width), both odd. With offsets counted from the
    middle, strength[i, j] is that of the synapse from cell (r + i, c + j) to cell (r, c). Nothing
    comes from outside the grid.
    """

    @property
    def reach(self) -> tuple[int, int]:
        """How many rows and columns away a neuron can hear."""
        _, height, width = self.strength.shape
        return height // 2, width // 2

    def spread(self, shape: tuple[int, int]) -> Iterator[tuple[IntpArray, IntpArray, Int16Array]]:
        """Yield all synapses on a grid, one offset after the other."""
        (n_rows, n_cols), (up, left) = shape, self.reach
        cells = np.arange(n_rows * n_cols).reshape(shape)
        for row in range(-min(up, n_rows - 1), min(up, n_rows - 1) + 1):
            for col in range(-min(left, n_cols - 1), min(left, n_cols - 1) + 1):
                rows = slice(max(-row, 0), n_rows - max(row, 0))
                cols = slice(max(-col, 0), n_cols - max(col, 0))
                targets = cells[rows, cols].ravel()
                strengths = self.strength[:, up + row, left + col, None]
                yield targets + row * n_cols + col, targets, strengths.repeat(len(targets), 1)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Far(Rule):
    """Synapses over any distance, from a sheet to a sheet, whose strength depends on the direction.

    ``strength`` has shape (n_genomes, 3, 3): the index is the sign of the way from the target to
    the source, in rows and in columns, plus one. So strength[0, 1] is that of all sources straight
    above. Within one sheet no neuron has a synapse on itself.
    """

    def spread(self, shape: tuple[int, int]) -> Iterator[tuple[IntpArray, IntpArray, Int16Array]]:
        """Yield all synapses on a grid, one source after the other."""
        n_rows, n_cols = shape
        rows, cols = np.divmod(np.arange(n_rows * n_cols), n_cols)
        for source, (row, col) in enumerate(zip(rows, cols, strict=True)):
            targets = np.arange(n_rows * n_cols)
            if self.source == self.target:
                targets = np.delete(targets, source)
            down, right = np.sign(row - rows[targets]) + 1, np.sign(col - cols[targets]) + 1
            yield np.full(len(targets), source), targets, self.strength[:, down, right]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Sum(Rule):
    """Equal synapses from all neurons of a sheet to a single neuron; strength: (n_genomes,)."""

    def spread(self, shape: tuple[int, int]) -> Iterator[tuple[IntpArray, IntpArray, Int16Array]]:
        """Yield all synapses on a grid."""
        n_cells = shape[0] * shape[1]
        strengths = self.strength[:, None].repeat(n_cells, 1)
        yield np.arange(n_cells), np.zeros(n_cells, np.intp), strengths


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Map(Rule):
    """Synapses from a single neuron to all neurons of a sheet.

    ``strength`` has shape (n_genomes, n_rows, n_cols).
    """

    def spread(self, shape: tuple[int, int]) -> Iterator[tuple[IntpArray, IntpArray, Int16Array]]:
        """Yield all synapses on a grid."""
        n_cells = shape[0] * shape[1]
        strengths = self.strength.reshape(len(self.strength), n_cells)
        yield np.zeros(n_cells, np.intp), np.arange(n_cells), strengths


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Link(Rule):
    """One synapse between two single neurons; strength: (n_genomes,)."""

    def spread(self, shape: tuple[int, int]) -> Iterator[tuple[IntpArray, IntpArray, Int16Array]]:
        """Yield the synapse."""
        only: npt.NDArray[Any] = np.zeros(1, np.intp)
        yield only, only, self.strength[:, None]
