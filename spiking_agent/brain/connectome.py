"""A connectome: the arrays that describe one spiking brain, checked once and never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from spiking_agent.brain.parameters import PER_NEURON, Neurons, Parameter
from spiking_agent.checks.costs import MAX_DELAYED, MAX_NEURONS
from spiking_agent.typing import Arrays, BoolArray, Int8Array, Int32Array, IntpArray

_WIRING: Final = {
    "connectivity": Parameter(np.int8, -128, 127),
    "input_neurons": Parameter(np.int32, 0, 2**31 - 1),
    "output_neurons": Parameter(np.int32, 0, 2**31 - 1),
}
_WITH_DEFAULT: Final = [name for name, known in PER_NEURON.items() if known.default is not None]
_REQUIRED: Final = [name for name in PER_NEURON if name not in _WITH_DEFAULT]
ARRAYS: Final = ("connectivity", *_REQUIRED, "input_neurons", "output_neurons", *_WITH_DEFAULT)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Connectome(Neurons):
    """The connectivity and the neurons of one brain.

    Parameters
    ----------
    connectivity : ndarray of int8, shape (n_neurons, n_neurons)
        At most 17,000 neurons. Strength of the synapse from row (presynaptic) to column
        (postsynaptic), in units of membrane potential; 0 means no synapse. Negative strengths
        inhibit. No neuron has a synapse on itself. The post's matrix is the case of zeros and ones.
    threshold : ndarray of float32, shape (n_neurons,)
        A neuron fires when its membrane potential exceeds it; in [0, 2**24].
    decay : ndarray of float32, shape (n_neurons,)
        Factor on the membrane potential per tick, in [0, 1].
    refractory_period : ndarray of int32, shape (n_neurons,)
        Ticks after a firing in which arriving impulses are dropped, in [0, 10,000].
    initiation_delay : ndarray of int32, shape (n_neurons,)
        Ticks from a firing to the arrival of its impulses, in [1, 10,000]. The longest plus one,
        times the number of neurons, is at most 2**24.
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

    connectivity: Int8Array
    input_neurons: Int32Array
    output_neurons: Int32Array

    def __post_init__(self) -> None:
        self._check_kinds(_WIRING)
        self._fill(self.connectivity.shape[:1])
        self._check_kinds(PER_NEURON)
        self._check_shapes()
        if np.diagonal(self.connectivity).any():
            neuron_id = int(np.flatnonzero(np.diagonal(self.connectivity))[0])
            raise ValueError(
                f"connectivity must have zeros on its diagonal (no self-synapse), "
                f"got {self.connectivity[neuron_id, neuron_id]} for neuron {neuron_id}"
            )
        self._check_resets()
        n_delayed = (int(self.initiation_delay.max()) + 1) * self.n_neurons
        if n_delayed > MAX_DELAYED:
            raise ValueError(
                f"initiation_delay must be at most {MAX_DELAYED // self.n_neurons - 1} in a brain "
                f"of {self.n_neurons} neurons, got {self.initiation_delay.max()}"
            )
        for name in ("input_neurons", "output_neurons"):
            ids = getattr(self, name)
            _check_range(name, ids, 0, self.n_neurons - 1)
            if len(ids) > self.n_neurons or len(np.unique(ids)) != len(ids):
                raise ValueError(f"{name} must not repeat a neuron, got {ids.tolist()}")

    def _check_kinds(self, parameters: Mapping[str, Parameter]) -> None:
        for name, (dtype, low, high, _) in parameters.items():
            array = _checked(name, getattr(self, name), dtype, low, high)
            object.__setattr__(self, name, array)

    def _check_shapes(self) -> None:
        shape = self.connectivity.shape
        if len(shape) != 2 or shape[0] != shape[1] or shape[0] == 0:
            raise ValueError(f"connectivity must be a square matrix, got shape {shape}")
        if len(self.connectivity) > MAX_NEURONS:
            raise ValueError(f"connectivity must have at most {MAX_NEURONS} rows, got {shape[0]}")
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
        return len(self.connectivity)

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
    def n_targets(self) -> int:
        """Number of neurons on which a synapse ends."""
        return int(np.count_nonzero(self.connectivity.any(axis=0)))

    @property
    def n_synapses(self) -> int:
        """Number of synapses, which are the entries of the connectivity that are not 0."""
        return int(np.count_nonzero(self.connectivity))

    def to_arrays(self) -> Arrays:
        """Return every array by its name, for a file."""
        return {name: getattr(self, name) for name in ARRAYS}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """Build a connectome from named arrays, such as those of a file.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            Arrays by the names of the class's parameters; others are ignored.

        Raises
        ------
        ValueError
            If an array is missing, or breaks a rule of the class. One of a parameter that has a
            default may be missing: a file may be older than the parameter.
        """
        missing = [name for name in ARRAYS if name not in arrays and name not in _WITH_DEFAULT]
        if missing:
            raise ValueError(f"arrays must hold {', '.join(missing)}, got {sorted(arrays)}")
        return cls(**{name: arrays[name] for name in ARRAYS if name in arrays})

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Connectome):
            return NotImplemented
        mine, theirs = self.to_arrays(), other.to_arrays()
        return all(np.array_equal(mine[name], theirs[name]) for name in mine)

    __hash__ = None  # type: ignore[assignment]  # equal by value and holding arrays: not a key


def _checked(
    name: str, values: npt.ArrayLike, dtype: type[np.generic], low: float, high: float
) -> npt.NDArray[Any]:
    """Copy `values` as a read-only array of `dtype`, refusing what lies outside [low, high]."""
    array = _rectangular(name, values)
    if dtype is np.bool_:
        return _flags(name, array)
    is_integer = issubclass(dtype, np.integer)
    if array.size and array.dtype.kind not in ("iu" if is_integer else "fiu"):
        kind = "integers" if is_integer else "numbers"
        raise TypeError(f"{name} must hold {kind}, got dtype {array.dtype}")
    if array.size:
        _check_range(name, array, low, high)
    is_frozen = array.flags.owndata and array.flags.c_contiguous and not array.flags.writeable
    if is_frozen and array.dtype == dtype:
        return array
    frozen = np.array(array, dtype=dtype, order="C")
    frozen.setflags(write=False)
    return frozen


def _flags(name: str, array: npt.NDArray[Any]) -> BoolArray:
    """Copy an array of True and False as a read-only one."""
    if array.dtype.kind != "b":
        raise TypeError(f"{name} must hold True or False, got dtype {array.dtype}")
    flags: BoolArray = np.array(array, order="C").view(np.uint8) != 0  # a file may hold any bytes
    flags.setflags(write=False)
    return flags


def _rectangular(name: str, values: npt.ArrayLike) -> npt.NDArray[Any]:
    """Return values as an array, refusing rows of different lengths."""
    try:
        return np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} must have rows of equal length, got {values!r}") from error


def _check_range(name: str, values: npt.NDArray[Any], low: float, high: float) -> None:
    """Refuse values outside [low, high], and NaN."""
    if not values.size or (low <= values.min() and values.max() <= high):
        return
    wrong = ~((values >= low) & (values <= high))
    place = np.unravel_index(int(np.argmax(wrong)), values.shape)
    raise ValueError(
        f"{name} must lie in [{low}, {high}], got {values[place]} at index {list(map(int, place))}"
    )
