"""Many connectomes whose neurons have the same roles, stacked in arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self, cast

import numpy as np
import numpy.typing as npt

from spiking_agent.brain.connectome import Connectome
from spiking_agent.brain.parameters import PER_NEURON, Neurons
from spiking_agent.brain.synapses import SynapseLists
from spiking_agent.typing import Arrays, Int8Array, Int32Array

ROLES = ("target_neurons", "input_neurons", "output_neurons")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Population(Neurons):
    """Genomes side by side: their synapses, as matrices or as lists, and their neurons.

    A population is not checked: DNA grows it, and `Connectome` checks what leaves it. Of matrices
    only the columns of postsynaptic neurons are kept, because most brains have many inputs that
    nothing excites.

    Parameters
    ----------
    strength : ndarray of int8, shape (n_genomes, n_neurons, n_targets), optional
        Synapse from any neuron to the neurons `target_neurons`, 0 where there is none. None for
        brains that are made from lists.
    synapses : SynapseLists, optional
        The same as lists; either this or `strength` is given.
    threshold, decay, refractory_period, initiation_delay, soft_reset, kept : ndarray
        As in `Neurons`, shape (n_genomes, n_neurons).
    target_neurons : ndarray of int32, shape (n_targets,)
        Neurons that synapses may end on, ascending: those of the columns of `strength`.
    input_neurons, output_neurons : ndarray of int32
        As in `Connectome`, the same for every genome.
    """

    strength: Int8Array | None = None
    synapses: SynapseLists | None = None
    target_neurons: Int32Array
    input_neurons: Int32Array
    output_neurons: Int32Array

    def __post_init__(self) -> None:
        if (self.strength is None) == (self.synapses is None):
            given = "neither" if self.strength is None else "both"
            raise ValueError(f"strength or synapses must be given, and not both, got {given}")
        self._fill(self.threshold.shape)

    def __len__(self) -> int:
        return len(self.threshold)

    @property
    def n_neurons(self) -> int:
        """Number of neurons of every genome."""
        return int(self.threshold.shape[1])

    def take(self, genome_ids: npt.ArrayLike | slice) -> Self:
        """Return copies of the genomes named, in that order; one may be named more than once.

        Parameters
        ----------
        genome_ids : array_like of int, shape (n,), or slice
            The genomes.

        Raises
        ------
        TypeError
            If they are named by anything but whole numbers, such as a mask.
        IndexError
            If there is no such genome.
        """
        ids = genome_ids
        if not isinstance(ids, slice):
            ids = np.asarray(ids)
            if ids.ndim != 1 or (ids.size and ids.dtype.kind not in "iu"):
                raise TypeError(
                    "genome_ids must be a list of whole numbers, "
                    f"got shape {ids.shape} of dtype {ids.dtype}"
                )
            ids = ids.astype(np.intp)
        lists = self.synapses
        return replace(
            self,
            strength=None if self.strength is None else self.strength[ids].copy(),
            synapses=None if lists is None else lists.take(np.arange(len(self))[ids].tolist()),
            **{name: getattr(self, name)[ids].copy() for name in PER_NEURON},
        )

    def connectome(self, genome_id: int) -> Connectome:
        """Return the connectome of one genome, checked.

        Parameters
        ----------
        genome_id : int
            The genome.

        Raises
        ------
        ValueError
            If the arrays break a rule of `Connectome`.
        """
        neurons: dict[str, Any] = {name: getattr(self, name)[genome_id] for name in PER_NEURON}
        neurons |= {"input_neurons": self.input_neurons, "output_neurons": self.output_neurons}
        if self.synapses is not None:
            own = self.synapses.synapses_of(range(len(self))[genome_id])
            return Connectome(synapses=own, **neurons)
        connectivity = np.zeros((self.n_neurons, self.n_neurons), np.int8)
        connectivity[:, self.target_neurons] = self.strength[genome_id]  # type: ignore[index]
        return Connectome(connectivity=connectivity, **neurons)

    @classmethod
    def from_connectomes(cls, connectomes: Sequence[Connectome]) -> Self:
        """Stack connectomes of one form, equal size and equal input and output neurons.

        Parameters
        ----------
        connectomes : sequence of Connectome
            One or more of them.

        Raises
        ------
        ValueError
            If there is none, if sizes or roles differ, or if some are matrices and some lists.
        """
        if not connectomes:
            raise ValueError("connectomes must hold at least one Connectome, got none")
        first = connectomes[0]
        for position, connectome in enumerate(connectomes):
            if connectome.n_neurons != first.n_neurons:
                raise ValueError(
                    f"connectomes must all have {first.n_neurons} neurons, as the first has, "
                    f"got {connectome.n_neurons} at position {position}"
                )
            if (connectome.connectivity is None) != (first.connectivity is None):
                form = "lists" if first.connectivity is None else "a matrix"
                raise ValueError(
                    f"connectomes must all be made from {form}, as the first is, got another form "
                    f"at position {position}"
                )
            for name in ("input_neurons", "output_neurons"):
                if not np.array_equal(getattr(connectome, name), getattr(first, name)):
                    raise ValueError(
                        f"connectomes must all have the {name} of the first, got "
                        f"{getattr(connectome, name).tolist()} at position {position}"
                    )
        targets = np.unique(np.concatenate([each.target_neurons for each in connectomes]))
        neurons: dict[str, Any] = {
            name: np.stack([getattr(connectome, name) for connectome in connectomes])
            for name in PER_NEURON
        }
        neurons |= {
            "target_neurons": targets,
            "input_neurons": first.input_neurons,
            "output_neurons": first.output_neurons,
        }
        if first.connectivity is None:
            lists = SynapseLists.of([connectome.synapses for connectome in connectomes])
            return cls(synapses=lists, **neurons)
        strength = np.empty((len(connectomes), first.n_neurons, len(targets)), np.int8)
        for connectome, own in zip(connectomes, strength, strict=True):
            matrix = cast("Int8Array", connectome.connectivity)
            np.take(matrix, targets, axis=1, out=own, mode="clip")  # unbuffered
        return cls(strength=strength, **neurons)

    def to_arrays(self) -> Arrays:
        """Return every array by its name, for a file."""
        wiring: Arrays = {} if self.strength is None else {"strength": self.strength}
        if self.synapses is not None:
            wiring = self.synapses.to_arrays()
        return wiring | {name: getattr(self, name) for name in (*PER_NEURON, *ROLES)}
