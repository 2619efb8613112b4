"""Many connectomes whose neurons have the same roles, stacked in arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from spiking_agent.brain.connectome import Connectome
from spiking_agent.brain.parameters import PER_NEURON, Neurons
from spiking_agent.typing import Arrays, Int8Array, Int32Array

PER_GENOME = ("strength", *PER_NEURON)
ROLES = ("target_neurons", "input_neurons", "output_neurons")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Population(Neurons):
    """Genomes side by side, restricted to the columns that may hold synapses.

    A population is not checked: DNA grows it, and `Connectome` checks what leaves it. Only columns
    of postsynaptic neurons are kept, because most brains have many inputs that nothing excites.

    Parameters
    ----------
    strength : ndarray of int8, shape (n_genomes, n_neurons, n_targets)
        Synapse from any neuron to the neurons `target_neurons`, 0 where there is none.
    threshold, decay, refractory_period, initiation_delay, soft_reset, kept : ndarray
        As in `Neurons`, shape (n_genomes, n_neurons).
    target_neurons : ndarray of int32, shape (n_targets,)
        Neuron of each column of `strength`, ascending.
    input_neurons, output_neurons : ndarray of int32
        As in `Connectome`, the same for every genome.
    """

    strength: Int8Array
    target_neurons: Int32Array
    input_neurons: Int32Array
    output_neurons: Int32Array

    def __post_init__(self) -> None:
        self._fill(self.strength.shape[:2])

    def __len__(self) -> int:
        return len(self.strength)

    @property
    def n_neurons(self) -> int:
        """Number of neurons of every genome."""
        return int(self.strength.shape[1])

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
        return replace(self, **{name: getattr(self, name)[ids].copy() for name in PER_GENOME})

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
        connectivity = np.zeros((self.n_neurons, self.n_neurons), np.int8)
        connectivity[:, self.target_neurons] = self.strength[genome_id]
        return Connectome(
            connectivity=connectivity,
            input_neurons=self.input_neurons,
            output_neurons=self.output_neurons,
            **{name: getattr(self, name)[genome_id] for name in PER_NEURON},
        )

    @classmethod
    def from_connectomes(cls, connectomes: Sequence[Connectome]) -> Self:
        """Stack connectomes of equal size and equal input and output neurons.

        Parameters
        ----------
        connectomes : sequence of Connectome
            One or more of them.

        Raises
        ------
        ValueError
            If there is none, or if sizes or roles differ.
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
            for name in ("input_neurons", "output_neurons"):
                if not np.array_equal(getattr(connectome, name), getattr(first, name)):
                    raise ValueError(
                        f"connectomes must all have the {name} of the first, got "
                        f"{getattr(connectome, name).tolist()} at position {position}"
                    )
        receives = np.any(
            [connectome.connectivity.any(axis=0) for connectome in connectomes], axis=0
        )
        targets = np.flatnonzero(receives).astype(np.int32)
        strength = np.empty((len(connectomes), first.n_neurons, len(targets)), np.int8)
        for connectome, own in zip(connectomes, strength, strict=True):
            np.take(connectome.connectivity, targets, axis=1, out=own, mode="clip")  # unbuffered
        return cls(
            strength=strength,
            target_neurons=targets,
            input_neurons=first.input_neurons,
            output_neurons=first.output_neurons,
            **{
                name: np.stack([getattr(connectome, name) for connectome in connectomes])
                for name in PER_NEURON
            },
        )

    def to_arrays(self) -> Arrays:
        """Return every array by its name, for a file."""
        return {name: getattr(self, name) for name in (*PER_GENOME, *ROLES)}
