"""Encoders of real numbers between bounds: which neurons are driven, and at which ticks."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Final, Self

import gymnasium as gym
import numpy as np

from spiking_agent.checks.arguments import number, several, whole
from spiking_agent.checks.costs import MAX_NEURONS
from spiking_agent.checks.words import shown
from spiking_agent.codec.encoders.base import (
    BaseEncoder,
    check_size,
    number_names,
    rows_of_numbers,
)
from spiking_agent.typing import BoolArray, Float64Array, IntpArray, Json, Pairs, UInt8Array

DEFAULT: Final = "thermometer"  # the name of an encoder, see `BOX_ENCODERS`
N_LEVELS: Final = 8  # neurons per number, unless another number of them is asked for
MAX_TABLE: Final = 512  # ticks of a decision up to which the times of impulses are looked up


@dataclass(frozen=True, slots=True)
class BoxEncoder(BaseEncoder, ABC):
    """Real numbers between bounds; the subclasses say what is driven.

    Parameters
    ----------
    low, high : tuple of float
        Finite bounds of each number, low < high; what lies outside counts as the bound, and so
        does an infinity.
    n_levels : int
        Neurons per number, >= 1.

    Raises
    ------
    ValueError
        If bounds or levels are out of range.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    n_levels: int = N_LEVELS
    kind: ClassVar[str] = "box"
    is_centred: ClassVar[bool] = False  # True: bounds are learned, for a middle that is rest

    def __post_init__(self) -> None:
        object.__setattr__(self, "n_levels", whole("n_levels", self.n_levels, 1))
        for name in ("low", "high"):
            object.__setattr__(self, name, several(name, getattr(self, name), number))
        low, high = np.array(self.low), np.array(self.high)
        if low.shape != high.shape or not (low < high).all():
            raise ValueError(
                "low and high must have the same length, with low < high, "
                f"got {shown(self.low)} and {shown(self.high)}"
            )

    @property
    def n_inputs(self) -> int:
        """`n_levels` neurons per number."""
        return len(self.low) * self.n_levels

    @classmethod
    def most_numbers(cls, n_inputs: int, n_levels: int) -> int:
        """Return how many numbers need no more than so many inputs."""
        return n_inputs // n_levels

    def encode(self, batch: Any, n_ticks: int) -> UInt8Array:
        """Return the drive for a batch of real numbers.

        Parameters
        ----------
        batch : array_like, shape (n, ...)
            Observations of as many real numbers as there are bounds.
        n_ticks : int
            Length of a decision, >= 1.

        Returns
        -------
        ndarray of uint8, shape (n, n_ticks, n_inputs) or (n, 1, n_inputs)
            Nonzero where an input neuron sends an impulse.

        Raises
        ------
        InvalidObservationError
            If there are more or fewer numbers, or they are not real numbers.
        """
        low, high = np.array(self.low), np.array(self.high)
        values = np.clip(rows_of_numbers(self, batch, len(self.low)).astype(np.float64), low, high)
        fraction = (values - low) / (high - low)
        return self._drive(fraction[:, :, None], n_ticks)

    @abstractmethod
    def _drive(self, fraction: Float64Array, n_ticks: int) -> UInt8Array:
        """Return the drive for numbers as fractions of their range, shape (n, size, 1)."""

    def input_names(self, names: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return such names as ``"2 above 0.5"``: driven by what number 2 is above 0.5.

        Parameters
        ----------
        names : sequence of str, optional
            Names of the numbers of an observation.
        """
        ranges = zip(number_names(names, len(self.low)), self.low, self.high, strict=True)
        return tuple(
            f"{name} {self._level_name(low, high, level)}"
            for name, low, high in ranges
            for level in range(self.n_levels)
        )

    def _level_name(self, low: float, high: float, level: int) -> str:
        """Return what a neuron stands for, of a number with these bounds."""
        return self.kind

    def check_fits(self, space: gym.Space[Any]) -> None:
        """Check that a space has as many numbers as there are bounds.

        Parameters
        ----------
        space : gymnasium.Space
            Space of one observation.

        Raises
        ------
        ValueError
            If it has more or fewer.
        """
        check_size(self, len(self.low), space)

    def to_json(self) -> Json:
        """Return kind, bounds and levels."""
        return {
            "kind": self.kind,
            "low": list(self.low),
            "high": list(self.high),
            "n_levels": self.n_levels,
        }

    @classmethod
    def from_json(cls, description: Mapping[str, Any]) -> Self:
        """Return the encoder that `to_json` wrote.

        Parameters
        ----------
        description : mapping
            What `to_json` returned.

        Raises
        ------
        ValueError, KeyError, TypeError
            If no encoder writes such a description.
        """
        low, high = (
            several(name, description[name], number, most=MAX_NEURONS) for name in ("low", "high")
        )
        return cls(low, high, description["n_levels"])


class ThermometerEncoder(BoxEncoder):
    """Level k of a number is driven on every tick while the number exceeds its mark.

    The marks divide the range evenly: mark k lies at (k + 1) / (n_levels + 1) of it.
    """

    __slots__ = ()
    kind: ClassVar[str] = "thermometer"

    def _drive(self, fraction: Float64Array, n_ticks: int) -> UInt8Array:
        marks = np.arange(1, self.n_levels + 1) / (self.n_levels + 1)
        return (fraction > marks).astype(np.uint8).reshape(len(fraction), 1, self.n_inputs)

    def _level_name(self, low: float, high: float, level: int) -> str:
        return f"above {low + (high - low) * (level + 1) / (self.n_levels + 1):.3g}"


class RateEncoder(BoxEncoder):
    """Each neuron of a number sends impulses in proportion to it, evenly spread in time."""

    __slots__ = ()
    kind: ClassVar[str] = "rate"

    def _drive(self, fraction: Float64Array, n_ticks: int) -> UInt8Array:
        levels = np.repeat(fraction, self.n_levels, axis=2)
        return _spread(levels.reshape(len(fraction), self.n_inputs), n_ticks)


class ReceptiveFieldEncoder(BoxEncoder):
    """Each neuron of a number responds most to a value of its own, by a Gaussian of the distance.

    The centres divide the range evenly, ends included; the standard deviation is two thirds of
    their spacing. The response is the rate of its impulses.

    References
    ----------
    Bohte, Kok, La Poutré (2002), "Error-backpropagation in temporally encoded networks of
    spiking neurons", section 4: population coding by overlapping receptive fields.
    """

    __slots__ = ()
    kind: ClassVar[str] = "receptive-field"

    def _drive(self, fraction: Float64Array, n_ticks: int) -> UInt8Array:
        centres = np.linspace(0.0, 1.0, self.n_levels) if self.n_levels > 1 else np.array([0.5])
        width = 2.0 / 3.0 / max(self.n_levels - 1, 1)
        response = np.exp(-0.5 * ((fraction - centres) / width) ** 2)
        return _spread(response.reshape(len(fraction), self.n_inputs), n_ticks)

    def _level_name(self, low: float, high: float, level: int) -> str:
        share = level / (self.n_levels - 1) if self.n_levels > 1 else 0.5
        return f"near {low + (high - low) * share:.3g}"


class LatencyEncoder(BoxEncoder):
    """Time to first spike: the larger a number, the earlier its neurons are driven, once each.

    Neuron k of a number stands for the k-th of `n_levels` even parts of its range. With x the
    share of that part below the number, in [0, 1], it is driven at tick round((1 - x) (n_ticks -
    1)) of the decision, and never if x is 0. So a part that lies wholly below the number is driven
    at the first tick, one wholly above it is silent, and where in a part the number lies shows in
    the time of that part's impulse.

    Notes
    -----
    One impulse per neuron, whose time carries the value, and none at all from the weakest, is the
    first-spike code of the reference; there a neuron has the whole range, as here with one level.
    More levels are our own addition, because a few ticks alone distinguish few values. In
    decisions of one tick there are no times, and a part is driven if the number reaches into it,
    as with a thermometer.

    References
    ----------
    Thorpe, Delorme, Van Rullen (2001), "Spike-based strategies for rapid processing", Neural
    Networks 14: 715-725: codes by the time and the rank of first spikes.
    """

    __slots__ = ()
    kind: ClassVar[str] = "latency"

    def _drive(self, fraction: Float64Array, n_ticks: int) -> UInt8Array:
        parts = np.clip(fraction * self.n_levels - np.arange(self.n_levels), 0.0, 1.0)
        parts = parts.reshape(len(fraction), 1, self.n_inputs)
        due = np.rint((1.0 - parts) * (n_ticks - 1))
        ticks = np.arange(n_ticks)[None, :, None]
        is_driven: BoolArray = (ticks == due) & (parts > 0.0)
        return is_driven.astype(np.uint8)

    def _level_name(self, low: float, high: float, level: int) -> str:
        return f"beyond {low + (high - low) * level / self.n_levels:.3g}"


class OnOffEncoder(BoxEncoder):
    """Two neurons per number, one for what is above its middle and one for what is below.

    The first sends impulses in proportion to how far the number is above the middle of its range,
    the second in proportion to how far it is below, evenly spread in time; so one of them is always
    silent. One more neuron, the last, sends at every tick: without it the brain would receive
    nothing while all numbers are in the middle. `n_levels` is not used.

    Where the two have opposite strengths, what a neuron receives is a weighted sum of the numbers,
    as in a linear policy; `opposite_inputs` says which inputs these are.

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
        """Two neurons per number, and one that is always driven, if there is any number."""
        return 2 * len(self.low) + 1 if self.low else 0

    @classmethod
    def most_numbers(cls, n_inputs: int, n_levels: int) -> int:
        """Return how many numbers need no more than so many inputs, whatever `n_levels` is."""
        return (n_inputs - 1) // 2

    def _drive(self, fraction: Float64Array, n_ticks: int) -> UInt8Array:
        signed = 2.0 * fraction - 1.0
        both = np.concatenate([signed, -signed], axis=2).reshape(len(fraction), -1)
        always = np.ones((len(fraction), min(1, signed.shape[1])))
        return _spread(np.concatenate([np.maximum(both, 0.0), always], axis=1), n_ticks)

    def input_names(self, names: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return such names as ``"2 above 0.5"`` and ``"2 below 0.5"``, and ``"always"``."""
        ranges = zip(number_names(names, len(self.low)), self.low, self.high, strict=True)
        sides = [
            f"{name} {side} {(low + high) / 2:.3g}"
            for name, low, high in ranges
            for side in ("above", "below")
        ]
        return (*sides, "always") if sides else ()

    def opposite_inputs(self) -> Pairs:
        """Return the two inputs of each number."""
        return tuple((on, on + 1) for on in range(0, 2 * len(self.low), 2))

    def constant_inputs(self) -> tuple[int, ...]:
        """Return the last input, if there is any."""
        return (2 * len(self.low),) if self.low else ()


BOX_ENCODERS: Final[dict[str, type[BoxEncoder]]] = {
    encoder.kind: encoder
    for encoder in (
        ThermometerEncoder,
        RateEncoder,
        ReceptiveFieldEncoder,
        LatencyEncoder,
        OnOffEncoder,
    )
}


def _spread(fraction: Float64Array, n_ticks: int) -> UInt8Array:
    """Return a drive with round(fraction * n_ticks) impulses per neuron, evenly spread."""
    n_impulses = np.rint(fraction * n_ticks).astype(np.intp)
    is_small = n_ticks <= MAX_TABLE
    times = _table(n_ticks)[n_impulses] if is_small else _even_times(n_impulses, n_ticks)
    return np.ascontiguousarray(times.transpose(0, 2, 1))


@lru_cache(maxsize=16)
def _table(n_ticks: int) -> UInt8Array:
    """Return the times of 0, 1, ... `n_ticks` impulses, one row for each number of them."""
    return _even_times(np.arange(n_ticks + 1), n_ticks)


def _even_times(n_impulses: IntpArray, n_ticks: int) -> UInt8Array:
    """Return a 1 for each of so many impulses, among `n_ticks` entries of a new last axis."""
    tick, n = np.arange(n_ticks, dtype=np.int32), n_impulses[..., None].astype(np.int32)
    is_driven: BoolArray = (tick + 1) * n // n_ticks > tick * n // n_ticks
    return is_driven.astype(np.uint8)
