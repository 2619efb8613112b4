"""A grown brain: its genome, its plan, and the grid that it grows on."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from spiking_agent.brain.connectome import Connectome
from spiking_agent.brain.sheets.tissue import Tissue
from spiking_agent.checks.arguments import instance, several, text
from spiking_agent.checks.mappings import mapping
from spiking_agent.checks.words import shown
from spiking_agent.dna.grown.costs import checked_shape, count_neurons, count_synapses
from spiking_agent.dna.grown.genes import gene_table
from spiking_agent.dna.grown.growth import grow
from spiking_agent.dna.grown.layout import Layout
from spiking_agent.dna.grown.lesions import strengths_left
from spiking_agent.dna.grown.parts import MAX_PARTS
from spiking_agent.dna.grown.plan import Plan
from spiking_agent.typing import Arrays, Float32Array, Json

GENOME: Final = "genome"  # name of the array of genes in a file
MAX_PATTERN: Final = 200  # characters that name silenced parts


@dataclass(frozen=True, eq=False, kw_only=True)
class GrownBrain:
    """A brain as the genes of rules by which it grows, and the grid that it grows on.

    Parameters
    ----------
    genome : ndarray of float32, shape (n_genes,)
        The genes that the plan asks for.
    plan : Plan
        Which neurons there are, and which rules between them.
    shape : (int, int)
        Rows and columns of the grid, each >= 1.
    without : tuple of str
        Parts that are silenced, see `lesions.strengths_left`.

    Raises
    ------
    ValueError
        If the plan has other genes, a gene is out of its range, a part does not exist, or the brain
        is too large; nothing is allocated before that.
    TypeError
        If the plan is none.
    """

    genome: Float32Array
    plan: Plan
    shape: tuple[int, int]
    without: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        put = object.__setattr__
        instance("plan", self.plan, Plan)
        put(self, "shape", checked_shape(self.layout, self.shape))
        genes = np.asarray(self.genome)
        if genes.ndim != 1:
            raise ValueError(f"genome must have one axis, got shape {genes.shape}")
        gene_table(self.layout).check(genes[None])
        genome = genes.copy()
        genome.setflags(write=False)
        put(self, "genome", genome)
        put(self, "without", several("without", self.without, _pattern, 0, MAX_PARTS))
        strengths_left(self.layout, self.without)

    def __getstate__(self) -> dict[str, Any]:
        """Return the state for copies and pickles: nothing that has grown."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @cached_property
    def layout(self) -> Layout:
        """The groups of neurons, and which genes each rule reads."""
        return Layout(self.plan)

    @cached_property
    def tissue(self) -> Tissue:
        """The brain in few numbers: its sheets, single neurons and rules."""
        left = strengths_left(self.layout, self.without) if self.without else None
        return grow(self.layout, self.genome[None], self.shape, left)

    @cached_property
    def connectome(self) -> Connectome:
        """The brain with every synapse written out."""
        return self.tissue.connectome(0)

    @property
    def grid(self) -> tuple[int, int, int]:
        """Channels, rows and columns of the grid that drives it."""
        return len(self.plan.channels), *self.shape

    @property
    def n_inputs(self) -> int:
        """Number of neurons that an encoder drives."""
        n_channels, n_rows, n_cols = self.grid
        return n_channels * n_rows * n_cols + 1

    @property
    def n_outputs(self) -> int:
        """Number of neurons that a decoder reads."""
        return len(self.plan.actions)

    @property
    def n_neurons(self) -> int:
        """Number of neurons, inputs and outputs included."""
        return count_neurons(self.layout, self.shape)

    @property
    def most_synapses(self) -> int:
        """Number of synapses that it has at most."""
        return count_synapses(self.layout, self.shape)

    def on(self, shape: tuple[int, int]) -> Self:
        """Return the brain of the same genome on another grid.

        Parameters
        ----------
        shape : (int, int)
            Its rows and columns, each >= 1.

        Raises
        ------
        ValueError
            If it would be too large.
        """
        return replace(self, shape=shape)

    def silenced(self, part: str) -> Self:
        """Return the brain without one more part.

        Parameters
        ----------
        part : str
            See `lesions.strengths_left`.

        Raises
        ------
        ValueError
            If there is no such part.
        """
        return replace(self, without=(*self.without, part))

    def to_json(self) -> Json:
        """Return everything but the genome, as JSON values."""
        made: Json = {"plan": self.plan.to_json(), "shape": list(self.shape)}
        return made | ({"without": list(self.without)} if self.without else {})

    def to_arrays(self) -> Arrays:
        """Return the genome by its name, for a file."""
        return {GENOME: self.genome}

    @classmethod
    def from_file(cls, description: object, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """Return the brain that `to_json` and `to_arrays` describe.

        Parameters
        ----------
        description : mapping
            What `to_json` returned.
        arrays : mapping of str to ndarray
            What `to_arrays` returned; others are ignored.

        Raises
        ------
        ValueError, TypeError
            If they describe none.
        """
        given = dict(mapping("grown", description))
        if not {"plan", "shape"} <= given.keys() <= {"plan", "shape", "without"}:
            raise ValueError(f"grown must have a plan and a shape, got {shown(description)}")
        if GENOME not in arrays:
            raise ValueError(f"arrays must hold {GENOME}, got {sorted(arrays)}")
        plan = Plan.from_json(given.pop("plan"))
        return cls(genome=arrays[GENOME], plan=plan, **given)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, GrownBrain):
            return NotImplemented
        mine, theirs = self.to_json(), other.to_json()
        return mine == theirs and np.array_equal(self.genome, other.genome)

    __hash__ = None  # type: ignore[assignment]  # equal by value and holding arrays: not a key


Brain = Connectome | GrownBrain


def _pattern(name: str, value: object) -> str:
    given = text(name, value)
    if len(given) > MAX_PATTERN or not given.isprintable():
        rule = f"at most {MAX_PATTERN} printable characters"
        raise ValueError(f"{name} must be {rule}, got {shown(given)}")
    return given
