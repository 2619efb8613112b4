"""Grown DNA: a plan for the inputs and outputs of a run."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Final, Self, cast

import numpy as np

from spiking_agent.brain.sheets.tissue import Tissue
from spiking_agent.checks.arguments import choice, json_values
from spiking_agent.checks.costs import check_tissue
from spiking_agent.checks.words import shown
from spiking_agent.dna.gene_table import GeneTable, Genomes
from spiking_agent.dna.grown.brain import GrownBrain
from spiking_agent.dna.grown.costs import (
    check_brain,
    checked_shape,
    count_neurons,
    count_strengths,
    count_synapses,
)
from spiking_agent.dna.grown.genes import gene_table
from spiking_agent.dna.grown.growth import grow
from spiking_agent.dna.grown.layout import Layout
from spiking_agent.dna.grown.parts import WALL, is_name
from spiking_agent.dna.grown.plan import Plan
from spiking_agent.dna.grown.plans import PLAN_NAMES, find_plan
from spiking_agent.dna.ports import Ports
from spiking_agent.typing import IntpArray

# What a plan and a part of it have in common, so that the same genes mean the same in both.
SHARED: Final = (
    "channels",
    "actions",
    "turns",
    "mirrors",
    "outputs",
    "constant",
    "n_ticks",
    "unit",
    "axis",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GrownParams:
    """Settings of grown DNA.

    Parameters
    ----------
    plan : str, Plan or mapping
        A plan, or what its `to_json` returned, which is what is kept; or the name of one that comes
        with the package. "player" is made for the channels and actions of the environment.

    Raises
    ------
    ValueError
        If there is no plan of that name, or it is none.
    """

    plan: str | Mapping[str, Any] | Plan = "snake"

    def __post_init__(self) -> None:
        if isinstance(self.plan, Plan):
            object.__setattr__(self, "plan", self.plan.to_json())
        if isinstance(self.plan, Mapping):
            object.__setattr__(self, "plan", json_values("plan", self.plan))
            Layout(Plan.from_json(self.plan))
        else:
            object.__setattr__(self, "plan", choice("plan", self.plan, PLAN_NAMES))

    @property
    def n_ticks(self) -> int:
        """Ticks of a decision that the plan is made for."""
        return self._made(1, ("any",)).n_ticks

    def read(self, ports: Ports) -> Plan:
        """Return the plan itself.

        Parameters
        ----------
        ports : Ports
            The inputs, which lie on a grid, and outputs that "player" is made for.

        Raises
        ------
        ValueError
            If there is no grid, or it has too many channels or actions for a plan.
        """
        if ports.grid is None:
            raise ValueError(
                "observations must be grids for grown brains, got inputs that do not lie on one: "
                'take encoder="grid"'
            )
        return self._made(ports.grid[0], _actions(ports))

    def _made(self, n_channels: int, actions: tuple[str, ...]) -> Plan:
        """Return the plan; one that is made to fit is for these channels and actions."""
        if isinstance(self.plan, str):
            return find_plan(self.plan, n_channels, actions)
        return Plan.from_json(cast("Mapping[str, Any]", self.plan))


def _actions(ports: Ports) -> tuple[str, ...]:
    """Return the names of the outputs, or numbers where a plan could not have all of them."""
    names = ports.output_names
    are_unique = len({*names, WALL}) > len(names) > 0
    if are_unique and all(map(is_name, names)):
        return names
    return tuple(f"action {number}" for number in range(ports.n_outputs))


class Grown:
    """The kind of DNA whose genes are rules, by which brains of sheets grow.

    Parameters
    ----------
    params : GrownParams
        Its settings.
    ports : Ports
        The inputs and outputs of its brains, which lie on a grid.
    part : str, mapping or None
        A smaller plan, as `GrownParams` takes it. Genes that it lacks sleep; None: all are awake.

    Attributes
    ----------
    asleep : ndarray of intp
        Positions of the genes that sleep.

    Raises
    ------
    ValueError
        If the plan is for other inputs or outputs, or `part` is, or has genes that it lacks, or
        other ticks, turns, mirrors, units or axes, or other layers are mirrored.
    """

    Params: ClassVar[type[Any]] = GrownParams

    def __init__(
        self, params: GrownParams, ports: Ports, part: str | Mapping[str, Any] | None = None
    ) -> None:
        self.params = params
        self.ports = ports
        self.plan = params.read(ports)
        for what, n_given, names in (
            ("channels", self.n_channels, self.plan.channels),
            ("actions", ports.n_outputs, self.plan.actions),
        ):
            if n_given != len(names):
                raise ValueError(
                    f"{what} must be {len(names)} for this plan, {', '.join(names)}, got {n_given}"
                )
        self._smaller = None if part is None else self._read(part)
        self._awake, self.asleep = self._found()

    @property
    def n_channels(self) -> int:
        """Channels of the grid."""
        return (self.ports.grid or (0, 0, 0))[0]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the grid."""
        _, n_rows, n_cols = self.ports.grid or (0, 0, 0)
        return n_rows, n_cols

    @cached_property
    def layout(self) -> Layout:
        """The groups of neurons, and which genes each rule reads."""
        return Layout(self.plan)

    @cached_property
    def genes(self) -> GeneTable:
        """The strengths of rules, then parameters of neurons; the same for all grids."""
        return gene_table(self.layout)

    @property
    def n_neurons(self) -> int:
        """Number of neurons of every brain."""
        return count_neurons(self.layout, self.shape)

    def awake(self, genomes: Genomes) -> Genomes:
        """Return genomes whose sleeping genes are in the middle, which is 0 for strengths.

        Parameters
        ----------
        genomes : ndarray of float32, shape (n_genomes, n_genes)
            Genomes of `genes`.
        """
        if not len(self.asleep):
            return genomes
        made = genomes.copy()
        made[:, self.asleep] = self.genes.fit(self.genes.center)[self.asleep]
        return made

    def on(self, shape: tuple[int, int], part: str | Mapping[str, Any] | None = None) -> Self:
        """Return the same DNA for another grid.

        Parameters
        ----------
        shape : (int, int)
            Its rows and columns, each >= 1.
        part : str, mapping or None
            A smaller plan, see `Grown`.

        Raises
        ------
        ValueError
            If the shape is anything else, brains would be too large there, or `part` has genes
            that the plan lacks.
        """
        n_rows, n_cols = checked_shape(self.layout, shape)
        n_channels = len(self.plan.channels)
        n_sheet_inputs = n_channels * n_rows * n_cols
        ports = replace(
            self.ports,
            n_inputs=n_sheet_inputs + 1,
            opposites=(),
            constant=(n_sheet_inputs,),
            grid=(n_channels, n_rows, n_cols),
        )
        return type(self)(self.params, ports, part)

    def grow(self, genomes: Genomes) -> Tissue:
        """Return the brains of genomes, side by side.

        Parameters
        ----------
        genomes : ndarray of float32, shape (n_genomes, n_genes)
            Genomes of `genes`.

        Raises
        ------
        ValueError
            See `GeneTable.check`.
        """
        self.genes.check(genomes)
        if self._smaller is not None:  # what sleeping genes would grow says nothing
            return grow(self._smaller, genomes[:, self._awake], self.shape)
        return grow(self.layout, genomes, self.shape)

    def brain(self, genome: Genomes) -> GrownBrain:
        """Return the brain of one genome, which is not grown yet.

        Parameters
        ----------
        genome : ndarray of float32, shape (n_genes,)
            A genome of `genes`.
        """
        return GrownBrain(genome=self.awake(genome[None])[0], plan=self.plan, shape=self.shape)

    def check_costs(self, population_size: int, n_ticks: int) -> None:
        """Refuse decisions of another length than the plan's, and brains that are too large.

        Parameters
        ----------
        population_size : int
            Genomes in a population.
        n_ticks : int
            Ticks per decision.

        Raises
        ------
        ValueError
            If the length differs, or see `check_brain` and `check_tissue` of `costs`.
        """
        if n_ticks != self.plan.n_ticks:
            raise ValueError(
                f"n_ticks must be {self.plan.n_ticks}, as the plan says, whose delays count moves, "
                f"got {n_ticks}"
            )
        check_brain(self.layout, self.shape)
        n_strengths = count_strengths(self.layout, self.shape)
        check_tissue(population_size, n_strengths, count_synapses(self.layout, self.shape), n_ticks)

    def _read(self, part: str | Mapping[str, Any]) -> Layout:
        """Return the layout of a smaller plan."""
        try:
            plan = GrownParams(plan=part).read(self.ports)
            layout = Layout(plan)
        except ValueError as error:
            raise ValueError(f"part must be a plan, got one whose {error}") from error
        for what in SHARED:
            own, given = getattr(self.plan, what), getattr(plan, what)
            if own != given:
                raise ValueError(
                    f"part must have the {what} of the plan, {shown(own)}, got {shown(given)}"
                )
        mirrored = {layer.name for layer in self.plan.layers if layer.is_mirrored}
        for layer in plan.layers:
            if layer.is_mirrored != (layer.name in mirrored):
                raise ValueError(
                    f"part must have a layer {layer.name!r} that is mirrored if that of the plan "
                    f"is, got {layer.is_mirrored}"
                )
        return layout

    def _found(self) -> tuple[IntpArray, IntpArray]:
        """Return the positions of the genes that the smaller plan has, in its order, and others."""
        everything = np.arange(self.genes.n_genes)
        if self._smaller is None:
            return everything, np.zeros(0, np.intp)
        places = dict(zip(self.genes.names, everything, strict=True))
        names = gene_table(self._smaller).names
        unknown = set(names) - set(places)
        if unknown:
            raise ValueError(f"part must have genes of the plan, got also {min(unknown)!r}")
        found = np.array([places[name] for name in names], np.intp)
        return found, np.setdiff1d(everything, found)
