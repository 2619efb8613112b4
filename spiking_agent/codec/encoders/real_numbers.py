"""Encoders of real numbers between bounds: what is driven, and when."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from spiking_agent.checks.arguments import number, several, whole
from spiking_agent.checks.words import shown
from spiking_agent.codec.encoders.base import UInt8Array, rows_of_numbers
from spiking_agent.codec.spaces import Json

MAX_TABLE: Final = 512  # ticks of a decision up to which the times of impulses are looked up


@dataclass(frozen=True, slots=True)
class BoxEncoder(ABC):
    """Real numbers between bounds; the subclasses say what is driven.

    Parameters
    ----------
    low, high : tuple of float
        Finite bounds of each number, low < high; what lies outside counts as the bound, and so
        does an infinity.
    n_levels : int
        Neurons a number, >= 1.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    n_levels: int = 8
    kind: ClassVar[str] = "box"
    is_centred: ClassVar[bool] = False  # True: bounds are learned, and lie evenly about 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "n_levels", whole("n_levels", self.n_levels, 1))
        for name in ("low", "high"):
            object.__setattr__(self, name, several(name, getattr(self, name), number))
        low, high = np.array(self.low), np.array(self.high)
        if low.shape != high.shape or not (low < high).all():
            raise ValueError(
                "low and high must be as many, with low < high, "
                f"got {shown(self.low)} and {shown(self.high)}"
            )

    @property
    def n_inputs(self) -> int:
        """`n_levels` neurons a number."""
        return len(self.low) * self.n_levels

    @classmethod
    def most_numbers(cls, n_inputs: int, n_levels: int) -> int:
        """How many numbers need no more than so many inputs."""
        return n_inputs // n_levels

    def encode(self, batch: Any, n_ticks: int) -> UInt8Array:
        """Drive for a batch of real numbers."""
        low, high = np.array(self.low), np.array(self.high)
        values = np.clip(rows_of_numbers(self, batch, len(self.low)).astype(np.float64), low, high)
        fraction = (values - low) / (high - low)
        return self._drive(fraction[:, :, None], n_ticks)

    @abstractmethod
    def _drive(self, fraction: npt.NDArray[np.float64], n_ticks: int) -> UInt8Array:
        """Drive for numbers as fractions of their range, shape (n, size, 1)."""

    def to_json(self) -> Json:
        """Kind, bounds and levels."""
        return {
            "kind": self.kind,
            "low": list(self.low),
            "high": list(self.high),
            "n_levels": self.n_levels,
        }


class ThermometerEncoder(BoxEncoder):
    """Level k of a number is driven on every tick while the number exceeds its mark.

    The marks divide the range evenly: mark k lies at (k + 1) / (n_levels + 1) of it.
    """

    __slots__ = ()
    kind: ClassVar[str] = "thermometer"

    def _drive(self, fraction: npt.NDArray[np.float64], n_ticks: int) -> UInt8Array:
        marks = np.arange(1, self.n_levels + 1) / (self.n_levels + 1)
        return (fraction > marks).astype(np.uint8).reshape(len(fraction), 1, self.n_inputs)


class RateEncoder(BoxEncoder):
    """Each neuron of a number sends impulses in proportion to it, evenly spread in time."""

    __slots__ = ()
    kind: ClassVar[str] = "rate"

    def _drive(self, fraction: npt.NDArray[np.float64], n_ticks: int) -> UInt8Array:
        levels = np.repeat(fraction, self.n_levels, axis=2)
        return _spread(levels.reshape(len(fraction), self.n_inputs), n_ticks)


class ReceptiveFieldEncoder(BoxEncoder):
    """Each neuron of a number answers most to its own value, as a Gaussian of the distance.

    The centres divide the range evenly, ends included; the standard deviation is two thirds of
    their spacing. The answer is the rate of its impulses.

    References
    ----------
    Bohte, Kok, La Poutré (2002), "Error-backpropagation in temporally encoded networks of
    spiking neurons", section 4: population coding by overlapping receptive fields.
    """

    __slots__ = ()
    kind: ClassVar[str] = "receptive-field"

    def _drive(self, fraction: npt.NDArray[np.float64], n_ticks: int) -> UInt8Array:
        centres = np.linspace(0.0, 1.0, self.n_levels) if self.n_levels > 1 else np.array([0.5])
        width = 2.0 / 3.0 / max(self.n_levels - 1, 1)
        answer = np.exp(-0.5 * ((fraction - centres) / width) ** 2)
        return _spread(answer.reshape(len(fraction), self.n_inputs), n_ticks)


class LatencyEncoder(BoxEncoder):
    """Time to first spike: the larger a number, the earlier its neurons are driven, once each.

    Neuron k of a number stands for the k-th of `n_levels` even parts of its range. With x the
    share of that part below the number, in [0, 1], it is driven at tick round((1 - x) (n_ticks -
    1)) of the decision, and never if x is 0. So a part that lies wholly below the number is driven
    at the first tick, one wholly above it is silent, and the one that it lies in tells by its time
    where.

    Notes
    -----
    One impulse a neuron, whose time carries the value, and nothing at all from the weakest, is
    the first-spike code of the reference; there a neuron has the whole range, as here with one
    level. More levels are our own addition, as a few ticks alone tell few values apart. In
    decisions of one tick there are no times, and a part is driven wherever the number reaches
    into it, as by a thermometer.

    References
    ----------
    Thorpe, Delorme, Van Rullen (2001), "Spike-based strategies for rapid processing", Neural
    Networks 14: 715-725: codes by the time and the rank of first spikes.
    """

    __slots__ = ()
    kind: ClassVar[str] = "latency"

    def _drive(self, fraction: npt.NDArray[np.float64], n_ticks: int) -> UInt8Array:
        parts = np.clip(fraction * self.n_levels - np.arange(self.n_levels), 0.0, 1.0)
        parts = parts.reshape(len(fraction), 1, self.n_inputs)
        due = np.rint((1.0 - parts) * (n_ticks - 1))
        ticks = np.arange(n_ticks)[None, :, None]
        is_driven: npt.NDArray[np.bool_] = (ticks == due) & (parts > 0.0)
        return is_driven.astype(np.uint8)


class OnOffEncoder(BoxEncoder):
    """Two neurons a number, one for what is above its middle and one for what is below.

    The first sends impulses in proportion to how far the number is above the middle of its range,
    the other to how far it is below, evenly spread in time, and so never both. One more neuron,
    the last, sends at every tick: without it nothing would speak while all numbers are in the
    middle. `n_levels` is not used.

    Where the two have opposite strengths, what a neuron receives is a weighted sum of the numbers,
    as in a linear policy; see `pairs.opposite_inputs`.

    References
    ----------
    S. W. Kuffler, "Discharge patterns and functional organization of mammalian retina", Journal of
    Neurophysiology 16 (1953): 37-68, for cells that answer to more light and cells that answer to
    less.
    """

    __slots__ = ()
    kind: ClassVar[str] = "on-off"
    is_centred: ClassVar[bool] = True

    @property
    def n_inputs(self) -> int:
        """Two neurons a number, and one that is always driven, if there is any number."""
        return 2 * len(self.low) + 1 if self.low else 0

    @classmethod
    def most_numbers(cls, n_inputs: int, n_levels: int) -> int:
        """How many numbers need no more than so many inputs, whatever `n_levels` is."""
        return (n_inputs - 1) // 2

    def _drive(self, fraction: npt.NDArray[np.float64], n_ticks: int) -> UInt8Array:
        signed = 2.0 * fraction - 1.0
        both = np.concatenate([signed, -signed], axis=2).reshape(len(fraction), -1)
        always = np.ones((len(fraction), min(1, signed.shape[1])))
        return _spread(np.concatenate([np.maximum(both, 0.0), always], axis=1), n_ticks)


def _spread(fraction: npt.NDArray[np.float64], n_ticks: int) -> UInt8Array:
    """Drive evenly spread over time: round(fraction * n_ticks) impulses a neuron."""
    n_impulses = np.rint(fraction * n_ticks).astype(np.intp)
    is_small = n_ticks <= MAX_TABLE
    times = _table(n_ticks)[n_impulses] if is_small else _even_times(n_impulses, n_ticks)
    return np.ascontiguousarray(times.transpose(0, 2, 1))


@lru_cache(maxsize=16)
def _table(n_ticks: int) -> UInt8Array:
    """Give the times of 0, 1, ... `n_ticks` impulses, a row each."""
    return _even_times(np.arange(n_ticks + 1), n_ticks)


def _even_times(n_impulses: npt.NDArray[np.intp], n_ticks: int) -> UInt8Array:
    """Give a 1 for each of so many impulses, among `n_ticks` entries of a new last axis."""
    tick, n = np.arange(n_ticks, dtype=np.int32), n_impulses[..., None].astype(np.int32)
    is_driven: npt.NDArray[np.bool_] = (tick + 1) * n // n_ticks > tick * n // n_ticks
    return is_driven.astype(np.uint8)
