"""A connectome: the arrays that describe one spiking brain, checked once and never changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
import numpy.typing as npt

from spiking_agent.brain.arrays import check_range, checked
from spiking_agent.brain.parameters import PER_NEURON, Neurons, Parameter
from spiking_agent.brain.synapses import LISTS, Synapses
from spiking_agent.checks.arguments import instance
from spiking_agent.checks.costs import MAX_DELAYED, MAX_LISTED_NEURONS, MAX_NEURONS
from spiking_agent.typing import Arrays, Int8Array, Int32Array, IntpArray

_MATRIX: Final = {"connectivity": Parameter(np.int8, -128, 127)}
_ROLES: Final = {
    "input_neurons": Parameter(np.int32, 0, 2**31 - 1),
    "output_neurons": Parameter(np.int32, 0, 2**31 - 1),
}
_WITH_DEFAULT: Final = [name for name, known in PER_NEURON.items() if known.default is not None]
_REQUIRED: Final = [name for name in PER_NEURON if name not in _WITH_DEFAULT]
_NEURONS: Final = (*_REQUIRED, "input_neurons", "output_neurons", *_WITH_DEFAULT)
_NO_LISTS: Final = Synapses(
    source=np.zeros(0, np.int32), target=np.zeros(0, np.int32), strength=np.zeros(0, np.int16)
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Connectome(Neurons):
    """The synapses and the neurons of one brain.

    It is made either from `connectivity` or from `synapses`, which suit brains with many and with
    few synapses per neuron.

    Parameters
    ----------
    connectivity : ndarray of int8, shape (n_neurons, n_neurons), optional
        Strength of the synapse from row (presynaptic) to column (postsynaptic), in units of
        membrane potential; 0 means no synapse. Negative strengths inhibit. No neuron has a synapse
        on itself. At most 17,000 neurons. The post's matrix is the case of zeros and ones. None for
        a brain that is made from lists.
    synapses : Synapses, optional
        The same as lists, with strengths of 16 bits and delays of branches. They can be read of
        every brain; of one with a matrix they are computed from it once.
    threshold : ndarray of float32, shape (n_neurons,)
        A neuron fires when its membrane potential exceeds it; in [0, 2**24].
    decay : ndarray of float32, shape (n_neurons,)
        Factor on the membrane potential per tick, in [0, 1].
    refractory_period : ndarray of int32, shape (n_neurons,)
        Ticks after a firing in which arriving impulses are dropped, in [0, 10,000].
    initiation_delay : ndarray of int32, shape (n_neurons,)
        Ticks from a firing to the arrival of its impulses, in [1, 10,000]; the delay of a branch is
        added. The longest plus one, times the number of neurons (with lists: of branches), is at
        most 2**24.
    soft_reset : ndarray of bool, shape (n_neurons,), optional
        True where a firing subtracts the threshold from the membrane potential; False, the default
        for all, where it sets it to 0. Not together with a refractory period, in which nothing is
        left.
    kept : ndarray of uint8, shape (n_neurons,), optional
        What outlives a decision with ``carry_state="impulses"``: 0 nothing of the neuron; 1, the
        default for all, the impulses that it sent and that have not arrived; 2 its potential and
        its refractory period as well. Without effect if ``carry_state`` is True or False.
    input_neurons : ndarray of int32, shape (n_inputs,)
        Neurons that an encoder drives; at least one, no neuron twice.
    output_neurons : ndarray of int32, shape (n_outputs,)
        Neurons whose spikes a decoder counts; at least one, no neuron twice.

    Raises
    ------
    ValueError
        If a shape, a range or a synapse breaks the rules above.
    TypeError
        If an array has another kind of numbers, such as floats for the connectivity.

    Notes
    -----
    The arrays are copied and made read-only; one that already is read-only and
    owns its memory is kept.
    Source of the parameters: the leaky integrate-and-fire neuron as PyNN's `IF_curr_delta`
    describes it, with time in ticks.
    """

    input_neurons: Int32Array
    output_neurons: Int32Array
    connectivity: Int8Array | None = None
    synapses: Synapses = field(default_factory=lambda: _NO_LISTS)

    def __post_init__(self) -> None:
        instance("synapses", self.synapses, Synapses)
        if self.connectivity is not None and self.synapses.is_computed:  # by `dataclasses.replace`
            object.__setattr__(self, "synapses", _NO_LISTS)
        if (self.connectivity is None) == (self.synapses is _NO_LISTS):
            given = "neither" if self.connectivity is None else "both"
            raise ValueError(f"connectivity or synapses must be given, and not both, got {given}")
        self._check_kinds(_ROLES)
        if self.connectivity is not None:
            self._check_kinds(_MATRIX)
            _check_matrix(self.connectivity)
            object.__delattr__(self, "synapses")  # computed when they are read: see `__getattr__`
        elif self.synapses.is_computed:
            checked_lists = Synapses.from_arrays(self.synapses.to_arrays())
            object.__setattr__(self, "synapses", checked_lists)
        self._fill((self.n_neurons,))
        self._check_kinds(PER_NEURON)
        self._check_shapes()
        self._check_resets()
        if self.connectivity is None:
            self.synapses.check_fit(self.n_neurons)
        self._check_delays()
        for name in ("input_neurons", "output_neurons"):
            ids = getattr(self, name)
            check_range(name, ids, 0, self.n_neurons - 1)
            if len(ids) > self.n_neurons or len(np.unique(ids)) != len(ids):
                raise ValueError(f"{name} must not repeat a neuron, got {ids.tolist()}")

    def _check_kinds(self, parameters: Mapping[str, Parameter]) -> None:
        for name, (dtype, low, high, _) in parameters.items():
            array = checked(name, getattr(self, name), dtype, low, high)
            object.__setattr__(self, name, array)

    def _check_shapes(self) -> None:
        if not 0 < self.n_neurons <= MAX_LISTED_NEURONS:
            raise ValueError(
                f"threshold must have 1 to {MAX_LISTED_NEURONS:,} entries, got {self.n_neurons}"
            )
        for name in PER_NEURON:
            if getattr(self, name).shape != (self.n_neurons,):
                raise ValueError(
                    f"{name} must have shape ({self.n_neurons},), one entry for each neuron, "
                    f"got {getattr(self, name).shape}"
                )
        for name in ("input_neurons", "output_neurons"):
            ids = getattr(self, name)
            if ids.ndim != 1 or len(ids) == 0:
                raise ValueError(
                    f"{name} must be a list of at least one neuron, got shape {ids.shape}"
                )

    def _check_delays(self) -> None:
        """Refuse delays that would need too many places for impulses in flight."""
        if self.connectivity is None:
            branches = self.synapses.branches
            arrival = self.initiation_delay[branches.source] + branches.delay
            n_axons, longest, of = len(arrival), int(arrival.max(initial=1)), "branches"
            name = "initiation_delay plus the delay of a branch"
        else:
            n_axons, longest, of = self.n_neurons, int(self.initiation_delay.max()), "neurons"
            name = "initiation_delay"
        if (longest + 1) * n_axons > MAX_DELAYED:
            raise ValueError(
                f"{name} must be at most {MAX_DELAYED // n_axons - 1} in a brain "
                f"of {n_axons} {of}, got {longest}"
            )

    def _check_resets(self) -> None:
        both = np.flatnonzero(self.soft_reset & (self.refractory_period > 0))
        if len(both):
            neuron_id = int(both[0])
            raise ValueError(
                "soft_reset must be False together with a refractory_period > 0, in which nothing "
                f"is left of the potential, got True and {self.refractory_period[neuron_id]} for "
                f"neuron {neuron_id}: set soft_reset to False or refractory_period to 0"
            )

    @property
    def n_neurons(self) -> int:
        """Number of neurons, inputs and outputs included."""
        return len(self.threshold if self.connectivity is None else self.connectivity)

    @property
    def n_inputs(self) -> int:
        """Number of neurons that an encoder drives."""
        return len(self.input_neurons)

    @property
    def n_outputs(self) -> int:
        """Number of neurons that a decoder reads."""
        return len(self.output_neurons)

    @property
    def groups(self) -> tuple[IntpArray, IntpArray, IntpArray]:
        """Ids of inputs, hidden neurons and outputs; an input that is read too is an output."""
        inputs, outputs = self.input_neurons.astype(np.intp), self.output_neurons.astype(np.intp)
        hidden = np.setdiff1d(np.arange(self.n_neurons), np.concatenate([inputs, outputs]))
        return inputs[~np.isin(inputs, outputs)], hidden, outputs

    @property
    def target_neurons(self) -> Int32Array:
        """Ids of the neurons on which a synapse ends, ascending."""
        if self.connectivity is None:
            return np.unique(self.synapses.target)
        return np.flatnonzero(self.connectivity.any(axis=0)).astype(np.int32)

    @property
    def n_targets(self) -> int:
        """Number of neurons on which a synapse ends."""
        return len(self.target_neurons)

    @property
    def n_synapses(self) -> int:
        """Number of synapses; of a matrix, these are its entries that are not 0."""
        if self.connectivity is None:
            return len(self.synapses)
        return int(np.count_nonzero(self.connectivity))

    if not TYPE_CHECKING:  # it would hide misspelled attributes

        def __getattr__(self, name: str) -> Synapses:
            """Compute the lists of a matrix when they are read first."""
            if name != "synapses" or self.connectivity is None:
                raise AttributeError(name)
            object.__setattr__(self, name, Synapses.of_matrix(self.connectivity))
            return self.synapses

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_arrays, (self.to_arrays(),)

    def to_arrays(self) -> Arrays:
        """Return every array by its name, for a file."""
        wiring: Arrays = (
            self.synapses.to_arrays()
            if self.connectivity is None
            else {"connectivity": self.connectivity}
        )
        return wiring | {name: getattr(self, name) for name in _NEURONS}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """Build a connectome from named arrays, such as those of a file.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            Arrays by the names of the class's parameters, and of those of `Synapses` if there is no
            connectivity; others are ignored.

        Raises
        ------
        ValueError
            If an array is missing, or breaks a rule of the class. One of a parameter that has a
            default may be missing: a file may be older than the parameter.
        """
        is_listed = "connectivity" not in arrays and not arrays.keys().isdisjoint(LISTS)
        wiring = LISTS if is_listed else ("connectivity",)
        names = [*wiring, *_NEURONS]
        missing = [name for name in names if name not in arrays and name not in _WITH_DEFAULT]
        if missing:
            raise ValueError(f"arrays must hold {', '.join(missing)}, got {sorted(arrays)}")
        neurons: dict[str, Any] = {name: arrays[name] for name in _NEURONS if name in arrays}
        if not is_listed:
            return cls(connectivity=arrays["connectivity"], **neurons)
        return cls(synapses=Synapses.from_arrays(arrays), **neurons)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Connectome):
            return NotImplemented
        mine, theirs = self.to_arrays(), other.to_arrays()
        return mine.keys() == theirs.keys() and all(
            np.array_equal(mine[name], theirs[name]) for name in mine
        )

    __hash__ = None  # type: ignore[assignment]  # equal by value and holding arrays: not a key


def _check_matrix(connectivity: Int8Array) -> None:
    """Refuse a matrix that is not square, is too large, or has a synapse of a neuron on itself."""
    shape = connectivity.shape
    if len(shape) != 2 or shape[0] != shape[1] or shape[0] == 0:
        raise ValueError(f"connectivity must be a square matrix, got shape {shape}")
    if len(connectivity) > MAX_NEURONS:
        raise ValueError(
            f"connectivity must have at most {MAX_NEURONS} rows, got {shape[0]}: give a larger "
            "brain as lists (synapses)"
        )
    if np.diagonal(connectivity).any():
        neuron_id = int(np.flatnonzero(np.diagonal(connectivity))[0])
        raise ValueError(
            f"connectivity must have zeros on its diagonal (no self-synapse), "
            f"got {connectivity[neuron_id, neuron_id]} for neuron {neuron_id}"
        )
