"""A connectome: the arrays that describe one spiking brain, checked once and never changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from spiking_agent.checks.costs import MAX_DELAYED, MAX_NEURONS

MAX_TICKS = 10_000  # bound on a refractory period and an initiation delay
MAX_THRESHOLD = float(2**24)  # sums beyond it would no longer be exact in float32
PER_NEURON = ("threshold", "decay", "refractory_period", "initiation_delay", "soft_reset")

Int8Array = npt.NDArray[np.int8]
Int32Array = npt.NDArray[np.int32]
BoolArray = npt.NDArray[np.bool_]
Float32Array = npt.NDArray[np.float32]

_LEFT_OUT = np.zeros(0, np.bool_)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Connectome:
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
        Ticks after a firing in which arriving impulses are dropped, in [-10,000, 10,000]. A
        negative period is the blog post's: impulses count in these ticks only.
    initiation_delay : ndarray of int32, shape (n_neurons,)
        Ticks from a firing to the arrival of its impulses, in [1, 10,000]. The longest, and one,
        times the neurons is at most 2**24.
    soft_reset : ndarray of bool, shape (n_neurons,), optional
        True where a firing takes the threshold off the membrane potential; False, the default for
        all, where it sets it to 0.
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
    The arrays are copied and made read-only; one that is already, and owns its memory, is kept.
    Source of the parameters: the leaky
    integrate-and-fire neuron as PyNN's `IF_curr_delta` describes it, with time in ticks.
    """

    connectivity: Int8Array
    threshold: Float32Array
    decay: Float32Array
    refractory_period: Int32Array
    initiation_delay: Int32Array
    input_neurons: Int32Array
    output_neurons: Int32Array
    soft_reset: BoolArray = field(default_factory=lambda: _LEFT_OUT)

    def __post_init__(self) -> None:
        for name, dtype, low, high in (
            ("connectivity", np.int8, -128, 127),
            ("threshold", np.float32, 0.0, MAX_THRESHOLD),
            ("decay", np.float32, 0.0, 1.0),
            ("refractory_period", np.int32, -MAX_TICKS, MAX_TICKS),
            ("initiation_delay", np.int32, 1, MAX_TICKS),
            ("input_neurons", np.int32, 0, 2**31 - 1),
            ("output_neurons", np.int32, 0, 2**31 - 1),
        ):
            array = _checked(name, getattr(self, name), dtype, low, high)
            object.__setattr__(self, name, array)
        self._check_soft_reset()
        self._check_shapes()
        if np.diagonal(self.connectivity).any():
            neuron_id = int(np.flatnonzero(np.diagonal(self.connectivity))[0])
            raise ValueError(
                f"connectivity must have zeros on its diagonal (no self-synapse), "
                f"got {self.connectivity[neuron_id, neuron_id]} for neuron {neuron_id}"
            )
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

    def _check_soft_reset(self) -> None:
        given = self.soft_reset
        flags = np.zeros(self.n_neurons, np.bool_) if given is _LEFT_OUT else given
        flags = _rectangular("soft_reset", flags)
        if flags.dtype.kind != "b":
            raise TypeError(f"soft_reset must hold True or False, got dtype {flags.dtype}")
        flags = np.array(flags, order="C").view(np.uint8) != 0  # a file may hold any bytes
        flags.setflags(write=False)
        object.__setattr__(self, "soft_reset", flags)

    def _check_shapes(self) -> None:
        shape = self.connectivity.shape
        if len(shape) != 2 or shape[0] != shape[1] or shape[0] == 0:
            raise ValueError(f"connectivity must be a square matrix, got shape {shape}")
        if len(self.connectivity) > MAX_NEURONS:
            raise ValueError(f"connectivity must have at most {MAX_NEURONS} rows, got {shape[0]}")
        for name in PER_NEURON:
            if getattr(self, name).shape != (self.n_neurons,):
                raise ValueError(
                    f"{name} must have shape ({self.n_neurons},), one entry a neuron, "
                    f"got {getattr(self, name).shape}"
                )
        for name in ("input_neurons", "output_neurons"):
            ids = getattr(self, name)
            if ids.ndim != 1 or len(ids) == 0:
                raise ValueError(
                    f"{name} must be a list of at least one neuron, got shape {ids.shape}"
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
    def n_targets(self) -> int:
        """Number of neurons on which a synapse ends."""
        return int(np.count_nonzero(self.connectivity.any(axis=0)))

    @property
    def n_synapses(self) -> int:
        """Number of synapses, which are the entries of the connectivity that are not 0."""
        return int(np.count_nonzero(self.connectivity))

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Name every array, for a file."""
        return {named.name: getattr(self, named.name) for named in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """Build a connectome from named arrays, such as those of a file.

        Raises
        ------
        ValueError
            If an array is missing, or breaks a rule of the class. Files from before there were
            soft resets lack `soft_reset`, and need none.
        """
        names = [named.name for named in fields(cls)]
        missing = [name for name in names if name not in arrays and name != "soft_reset"]
        if missing:
            raise ValueError(f"arrays must hold {', '.join(missing)}, got {sorted(arrays)}")
        return cls(**{name: arrays[name] for name in names if name in arrays})

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
