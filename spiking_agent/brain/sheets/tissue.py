"""Many brains laid out in the same sheets, in a few numbers each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, Self

import numpy as np

from spiking_agent.brain.connectome import Connectome
from spiking_agent.brain.parameters import PER_NEURON, Neurons
from spiking_agent.brain.population import Population
from spiking_agent.brain.sheets.rules import Far, Kernel, Link, Map, Rule, Sum
from spiking_agent.brain.synapses import Synapses
from spiking_agent.typing import Int32Array, Int64Array, IntpArray

# Which groups a kind of rule connects: whether the source and the target are sheets.
_BETWEEN: Final[dict[type[Rule], tuple[bool, bool]]] = {
    Kernel: (True, True),
    Far: (True, True),
    Sum: (True, False),
    Map: (False, True),
    Link: (False, False),
}


class Group(NamedTuple):
    """Some neurons with the same parameters: a sheet, or a single neuron."""

    name: str
    is_sheet: bool


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Tissue(Neurons):
    """Brains side by side whose neurons lie in sheets over a grid.

    Neurons are numbered group by group, and within a sheet row by row. The parameters of neurons
    have shape (n_genomes, n_groups): those of a group are the same for all its neurons.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the grid, each >= 1.
    groups : tuple of Group
        The sheets and single neurons.
    rules : tuple of Rule
        Their synapses. Where several rules lay synapses between the same two neurons with the same
        delay, the strengths add up.
    inputs, outputs : tuple of int
        Positions in `groups` of those that an encoder drives and that a decoder reads, in order.

    Raises
    ------
    ValueError
        If a rule connects groups that its kind cannot, ends on an input, has even sides or a
        synapse of a neuron on itself, or an array does not fit.
    """

    shape: tuple[int, int]
    groups: tuple[Group, ...]
    rules: tuple[Rule, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    def __post_init__(self) -> None:
        self._fill(self.threshold.shape)
        n_genomes = len(self)
        for name in PER_NEURON:
            if getattr(self, name).shape != (n_genomes, len(self.groups)):
                raise ValueError(
                    f"{name} must have shape ({n_genomes}, {len(self.groups)}), an entry for each "
                    f"genome and group, got {getattr(self, name).shape}"
                )
        for rule in self.rules:
            self._check(rule)

    def _check(self, rule: Rule) -> None:
        """Refuse a rule that does not fit the groups."""
        kind = type(rule).__name__
        between = tuple(self.groups[place].is_sheet for place in (rule.source, rule.target))
        if between != _BETWEEN[type(rule)]:
            names = [self.groups[place].name for place in (rule.source, rule.target)]
            ends = ["a sheet" if end else "a single neuron" for end in _BETWEEN[type(rule)]]
            raise ValueError(
                f"rules of the kind {kind} must go from {ends[0]} to {ends[1]}, "
                f"got one from {names[0]} to {names[1]}"
            )
        if rule.target in self.inputs:
            name = self.groups[rule.target].name
            raise ValueError(f"rules must not end on an input, got one to {name}")
        expected = {Far: (3, 3), Map: self.shape}.get(type(rule), ())
        shape = rule.strength.shape
        if isinstance(rule, Kernel):
            fits = len(shape) == 3 and shape[1] % 2 == shape[2] % 2 == 1
            if fits and rule.source == rule.target:
                fits = not rule.strength[:, shape[1] // 2, shape[2] // 2].any()
            rule_of_shape = "(n_genomes, odd, odd), 0 in the middle within one sheet"
        else:
            fits = shape[1:] == expected
            rule_of_shape = f"({', '.join(['n_genomes', *map(str, expected)])})"
        if not fits or shape[0] != len(self) or rule.strength.dtype != np.int16:
            raise ValueError(
                f"strength of a {kind} must be int16 of shape {rule_of_shape}, "
                f"got {rule.strength.dtype} of {shape}"
            )

    def __len__(self) -> int:
        return len(self.threshold)

    @property
    def n_cells(self) -> int:
        """Number of cells of the grid."""
        return self.shape[0] * self.shape[1]

    @property
    def sizes(self) -> IntpArray:
        """Number of neurons of each group, shape (n_groups,)."""
        return np.array([self.n_cells if group.is_sheet else 1 for group in self.groups], np.intp)

    @property
    def first(self) -> IntpArray:
        """Id of the first neuron of each group, shape (n_groups,)."""
        return np.cumsum(self.sizes) - self.sizes

    @property
    def n_neurons(self) -> int:
        """Number of neurons of every brain."""
        return int(self.sizes.sum())

    @property
    def input_neurons(self) -> Int32Array:
        """Ids of the neurons that an encoder drives, in its order."""
        return self._ids(self.inputs)

    @property
    def output_neurons(self) -> Int32Array:
        """Ids of the neurons that a decoder reads, in its order."""
        return self._ids(self.outputs)

    def _ids(self, places: Sequence[int]) -> Int32Array:
        first, sizes = self.first, self.sizes
        ids = [np.arange(first[place], first[place] + sizes[place]) for place in places]
        return np.concatenate(ids).astype(np.int32)

    def take(self, genome_ids: IntpArray | slice) -> Self:
        """Return copies of genomes.

        Parameters
        ----------
        genome_ids : ndarray of intp, or slice
            Which ones, in that order; one may be named more than once.
        """
        ids = genome_ids if isinstance(genome_ids, slice) else np.asarray(genome_ids, np.intp)
        rules = tuple(rule.take(ids) for rule in self.rules)
        per_group = {name: getattr(self, name)[ids].copy() for name in PER_NEURON}
        return replace(self, rules=rules, **per_group)

    def connectome(self, genome_id: int) -> Connectome:
        """Return the connectome of one genome, with every synapse written out.

        Parameters
        ----------
        genome_id : int
            Which one; -1 is the last.

        Raises
        ------
        IndexError
            If there is no such genome.
        ValueError
            If a strength has more than 16 bits where rules add up.
        """
        genome_id = range(len(self))[genome_id]
        pieces = [(*np.zeros((3, 0), np.intp), np.zeros(0, np.int64)), *self._synapses(genome_id)]
        source, target, delay, strength = map(np.concatenate, zip(*pieces, strict=True))
        order = np.lexsort((target, delay, source))
        keys = np.stack([source, delay, target])[:, order]
        is_first = np.ones(len(order), bool)
        is_first[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
        starts = np.flatnonzero(is_first)
        total = np.add.reduceat(strength[order], starts) if len(starts) else strength[:0]
        if total.size and np.abs(total).max() > np.iinfo(np.int16).max:
            raise ValueError(
                f"strengths between two neurons must add up to at most {np.iinfo(np.int16).max} "
                f"in size, got {total[np.argmax(np.abs(total))]}"
            )
        exists = total != 0
        source, delay, target = keys[:, starts[exists]].astype(np.int32)
        return Connectome(
            synapses=Synapses(
                source=source,
                target=target,
                strength=total[exists].astype(np.int16),
                delay=delay,
            ),
            input_neurons=self.input_neurons,
            output_neurons=self.output_neurons,
            **{name: getattr(self, name)[genome_id].repeat(self.sizes) for name in PER_NEURON},
        )

    def population(self) -> Population:
        """Return the connectomes of all genomes, as `connectome` returns each."""
        return Population.from_connectomes([self.connectome(i) for i in range(len(self))])

    def _synapses(
        self, genome_id: int
    ) -> Iterator[tuple[IntpArray, IntpArray, IntpArray, Int64Array]]:
        """Yield sources, targets, delays and strengths of a genome, rule by rule."""
        first = self.first
        for all_genomes in self.rules:
            rule = all_genomes.take(slice(genome_id, genome_id + 1))
            for sources, targets, strengths in rule.spread(self.shape):
                exists = strengths[0] != 0
                n = int(exists.sum())
                yield (
                    first[rule.source] + sources[exists],
                    first[rule.target] + targets[exists],
                    np.full(n, rule.delay),
                    strengths[0, exists].astype(np.int64),
                )
