"""Synapses as lists: what a brain of many neurons and few synapses is built from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from spiking_agent.brain.arrays import check_range, checked
from spiking_agent.brain.parameters import MAX_TICKS, Parameter
from spiking_agent.checks.costs import MAX_LISTED_NEURONS, MAX_SUM, MAX_SYNAPSES
from spiking_agent.typing import Arrays, BoolArray, Int8Array, Int16Array, Int32Array, Int64Array

_LISTS: Final = {
    "source": Parameter(np.int32, 0, MAX_LISTED_NEURONS - 1),
    "target": Parameter(np.int32, 0, MAX_LISTED_NEURONS - 1),
    "strength": Parameter(np.int16, -(2**15), 2**15 - 1),
    "delay": Parameter(np.int32, 0, MAX_TICKS),
}
LISTS: Final = tuple(_LISTS)  # names of the arrays
_NO_DELAY: Final[npt.NDArray[Any]] = np.zeros(0, np.int32)


class Branches(NamedTuple):
    """The branches of all axons: runs of synapses of one neuron with the same delay."""

    source: Int32Array  # (n_branches,) the neuron
    delay: Int32Array  # (n_branches,) ticks beyond the neuron's initiation delay
    first: Int64Array  # (n_branches + 1,) place of the first synapse, and at the end their number


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Synapses:
    """The synapses of one brain, one entry for each, in the order of source, delay and target.

    Parameters
    ----------
    source : ndarray of int32, shape (n_synapses,)
        Presynaptic neurons. There may be 2**24 synapses and 2**20 neurons.
    target : ndarray of int32, shape (n_synapses,)
        Postsynaptic neurons, which are others than the sources.
    strength : ndarray of int16, shape (n_synapses,)
        Strengths in units of membrane potential, not 0. Negative strengths inhibit.
    delay : ndarray of int32, shape (n_synapses,), optional
        Ticks between the end of the source's initiation delay and the arrival, in [0, 10,000];
        default 0 for all. All synapses of a neuron with the same delay are one branch of its axon.
    is_computed : bool
        Whether the lists were computed from a matrix that was checked and is at hand as well.

    Raises
    ------
    ValueError
        If lengths differ, a value is out of range, a neuron has a synapse on itself, or one from
        the same source, with the same target and the same delay is there twice.
    TypeError
        If an array does not hold whole numbers.

    Notes
    -----
    The synapses may be given in any order. The arrays are copied if need be, and read-only.
    """

    source: Int32Array
    target: Int32Array
    strength: Int16Array
    delay: Int32Array = field(default_factory=lambda: _NO_DELAY)
    is_computed: bool = False

    def __post_init__(self) -> None:
        put = object.__setattr__
        if self.delay is _NO_DELAY:
            put(self, "delay", np.zeros(np.shape(self.source), np.int32))
        for name, (dtype, low, high, _) in _LISTS.items():
            array = checked(name, getattr(self, name), dtype, low, high)
            put(self, name, array)
            if array.ndim != 1 or len(array) != len(self.source):
                raise ValueError(
                    f"{name} must be a list of one entry for each synapse, as many as source has, "
                    f"got shape {array.shape} and {self.source.shape}"
                )
        if self.is_computed:
            return
        if len(self) > MAX_SYNAPSES:
            raise ValueError(f"source must have at most {MAX_SYNAPSES:,} synapses, got {len(self)}")
        self._check()
        key = (self.source * np.int64(MAX_TICKS + 1) + self.delay) * MAX_LISTED_NEURONS
        key += self.target
        if (key[1:] > key[:-1]).all():
            return
        order = np.argsort(key, kind="stable")
        key = key[order]
        twice = np.flatnonzero(key[1:] == key[:-1])
        if len(twice):
            source, target, delay = (
                int(array[order[twice[0]]]) for array in (self.source, self.target, self.delay)
            )
            raise ValueError(
                "source, target and delay must differ between any two synapses, got "
                f"{source}, {target} and {delay} twice"
            )
        for name in _LISTS:
            ordered = getattr(self, name)[order]
            ordered.setflags(write=False)
            put(self, name, ordered)

    def _check(self) -> None:
        """Refuse strengths of 0 and synapses of a neuron on itself."""
        if len(self) and not self.strength.all():
            place = int(np.argmin(self.strength != 0))
            raise ValueError(f"strength must not be 0, got 0 at index [{place}]")
        alone = np.flatnonzero(self.source == self.target)
        if len(alone):
            raise ValueError(
                "target must be another neuron than source (no self-synapse), got "
                f"{self.target[alone[0]]} for both at index [{alone[0]}]"
            )

    def check_fit(self, n_neurons: int) -> None:
        """Refuse a brain in which these synapses cannot be.

        Parameters
        ----------
        n_neurons : int
            Neurons of the brain.

        Raises
        ------
        ValueError
            If a synapse starts or ends where no neuron is, or the strengths on one neuron sum up to
            more than is exact, whatever their signs.
        """
        for name in ("source", "target"):
            check_range(name, getattr(self, name), 0, n_neurons - 1)
        sums = np.bincount(self.target, np.abs(self.strength.astype(np.float64)), n_neurons)
        if sums.max(initial=0.0) >= MAX_SUM:
            neuron_id = int(np.argmax(sums))
            raise ValueError(
                f"strength must sum up to less than {MAX_SUM:,} on each neuron, whatever the "
                f"signs, got {sums[neuron_id]:,.0f} on neuron {neuron_id}"
            )

    def __len__(self) -> int:
        return len(self.source)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Synapses):
            return NotImplemented
        return all(np.array_equal(getattr(self, name), getattr(other, name)) for name in _LISTS)

    __hash__ = None  # type: ignore[assignment]  # equal by value and holding arrays: not a key

    @property
    def branches(self) -> Branches:
        """The branches of all axons, in the order of their neurons and delays."""
        return _branches(self.source, self.delay)

    def where(self, chosen: BoolArray) -> Self:
        """Return some of the synapses.

        Parameters
        ----------
        chosen : ndarray of bool, shape (n_synapses,)
            True for those that stay.
        """
        return self.from_arrays({name: getattr(self, name)[chosen] for name in _LISTS})

    def to_arrays(self) -> Arrays:
        """Return every array by its name, for a file."""
        return {name: getattr(self, name) for name in _LISTS}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """Return the synapses in named arrays, such as those of a file.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            Arrays by the names of the class's parameters; others are ignored.

        Raises
        ------
        ValueError
            If they break a rule of the class.
        """
        source, target, strength, delay = (arrays[name] for name in _LISTS)
        return cls(source=source, target=target, strength=strength, delay=delay)

    @classmethod
    def of_matrix(cls, connectivity: Int8Array) -> Self:
        """Return the synapses of a dense connectome, all without a delay of their own.

        Parameters
        ----------
        connectivity : ndarray of int8, shape (n_neurons, n_neurons)
            As in `Connectome`.
        """
        source, target = (places.astype(np.int32) for places in np.nonzero(connectivity))
        strength = connectivity[source, target].astype(np.int16)
        return cls(source=source, target=target, strength=strength, is_computed=True)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SynapseLists:
    """The synapses of many brains, one brain after the other; not checked, as a population is not.

    Parameters
    ----------
    first : ndarray of int64, shape (n_genomes + 1,)
        Place of the first synapse of each brain, and at the end their number.
    source, target, strength, delay : ndarray
        As in `Synapses`, of all brains; of each brain in the order that is said there.
    """

    first: Int64Array
    source: Int32Array
    target: Int32Array
    strength: Int16Array
    delay: Int32Array

    def __len__(self) -> int:
        return len(self.first) - 1

    def take(self, genome_ids: Iterable[int]) -> Self:
        """Return copies of the lists of some brains, in that order.

        Parameters
        ----------
        genome_ids : iterable of int
            The brains, from 0; one may be named more than once.
        """
        return self._joined(
            [
                {
                    name: getattr(self, name)[self.first[brain] : self.first[brain + 1]]
                    for name in _LISTS
                }
                for brain in genome_ids
            ]
        )

    def synapses_of(self, genome_id: int) -> Synapses:
        """Return the synapses of one brain, checked.

        Parameters
        ----------
        genome_id : int
            The brain.

        Raises
        ------
        ValueError
            If they break a rule of `Synapses`.
        """
        own = self.take([genome_id])
        return Synapses.from_arrays(own.to_arrays())

    def branches_of(self, genome_id: int) -> Branches:
        """Return the branches of the axons of one brain; nothing is checked.

        Parameters
        ----------
        genome_id : int
            The brain.
        """
        own = slice(self.first[genome_id], self.first[genome_id + 1])
        return _branches(self.source[own], self.delay[own])

    def to_arrays(self) -> Arrays:
        """Return every array by its name, for a file."""
        return {"first": self.first} | {name: getattr(self, name) for name in _LISTS}

    @classmethod
    def of(cls, brains: Sequence[Synapses]) -> Self:
        """Return the synapses of some brains, one after the other.

        Parameters
        ----------
        brains : sequence of Synapses
            One entry for each brain.
        """
        return cls._joined([synapses.to_arrays() for synapses in brains])

    @classmethod
    def _joined(cls, brains: Sequence[Mapping[str, npt.NDArray[Any]]]) -> Self:
        lengths = [0, *(len(arrays["source"]) for arrays in brains)]
        joined = {
            name: np.concatenate([np.empty(0, dtype), *(arrays[name] for arrays in brains)])
            for name, (dtype, *_) in _LISTS.items()
        }
        return cls(first=np.cumsum(lengths, dtype=np.int64), **joined)


def _branches(source: Int32Array, delay: Int32Array) -> Branches:
    """Return the runs of equal sources and delays, of synapses in their order."""
    begins = np.ones(len(source), np.bool_)
    begins[1:] = (source[1:] != source[:-1]) | (delay[1:] != delay[:-1])
    first = np.flatnonzero(begins)
    return Branches(source[first], delay[first], np.append(first, len(source)))
