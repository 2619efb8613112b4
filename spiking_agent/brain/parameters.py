"""The parameters of neurons: the only list of them, with their types, ranges and defaults.

`Connectome` and `Population` are such neurons and their wiring; whatever handles all parameters
alike goes through `PER_NEURON`. `neuron.NeuronParams` has those that the rule reads.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any, Final, NamedTuple, get_type_hints

import numpy as np
import numpy.typing as npt

from spiking_agent.brain.carry_state import KEEPS_ALL, KEEPS_IMPULSES, KEEPS_NOTHING
from spiking_agent.typing import BoolArray, Float32Array, Int32Array, UInt8Array

MAX_TICKS: Final = 10_000  # bound on a refractory period and an initiation delay
MAX_THRESHOLD: Final = float(2**24)  # sums beyond it would no longer be exact in float32

_LEFT_OUT: Final[npt.NDArray[Any]] = np.zeros(0)


class Parameter(NamedTuple):
    """What values of one parameter may be."""

    dtype: type[np.generic]
    low: float  # the smallest
    high: float  # the largest
    default: float | None = None  # of neurons for which none is given; None if one must be


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Neurons:
    """The parameters of some neurons.

    Parameters
    ----------
    threshold : ndarray of float32, shape (..., n_neurons)
        A neuron fires when its membrane potential exceeds it; in [0, 2**24].
    decay : ndarray of float32, shape (..., n_neurons)
        Factor on the membrane potential per tick, in [0, 1].
    refractory_period : ndarray of int32, shape (..., n_neurons)
        Ticks after a firing in which arriving impulses are dropped, in [0, 10,000].
    initiation_delay : ndarray of int32, shape (..., n_neurons)
        Ticks from a firing to the arrival of its impulses, in [1, 10,000].
    soft_reset : ndarray of bool, shape (..., n_neurons), optional
        True where a firing subtracts the threshold from the membrane potential; False, the default
        for all, where it sets it to 0. Not together with a refractory period.
    kept : ndarray of uint8, shape (..., n_neurons), optional
        What outlives a decision with ``carry_state="impulses"``: 0 nothing of the neuron; 1, the
        default for all, the impulses that it sent and that have not arrived; 2 its potential and
        its refractory period as well. Without effect if ``carry_state`` is True or False.
    """

    threshold: Annotated[Float32Array, Parameter(np.float32, 0.0, MAX_THRESHOLD)]
    decay: Annotated[Float32Array, Parameter(np.float32, 0.0, 1.0)]
    refractory_period: Annotated[Int32Array, Parameter(np.int32, 0, MAX_TICKS)]
    initiation_delay: Annotated[Int32Array, Parameter(np.int32, 1, MAX_TICKS)]
    soft_reset: Annotated[BoolArray, Parameter(np.bool_, False, True, default=False)] = field(
        default_factory=lambda: _LEFT_OUT
    )
    kept: Annotated[
        UInt8Array, Parameter(np.uint8, KEEPS_NOTHING, KEEPS_ALL, default=KEEPS_IMPULSES)
    ] = field(default_factory=lambda: _LEFT_OUT)

    def _fill(self, shape: tuple[int, ...]) -> None:
        """Put defaults in the place of parameters that were left out."""
        for name, parameter in PER_NEURON.items():
            if getattr(self, name) is _LEFT_OUT:
                values = np.full(shape, parameter.default, parameter.dtype)
                object.__setattr__(self, name, values)


PER_NEURON: Final[dict[str, Parameter]] = {
    name: hint.__metadata__[0]
    for name, hint in get_type_hints(Neurons, include_extras=True).items()
}
