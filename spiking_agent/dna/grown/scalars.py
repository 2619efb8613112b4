"""Parameters of the neurons of a layer: fixed, in proportion to the grid, or a gene."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Final, TypeVar

import numpy as np

from spiking_agent.brain.parameters import MAX_THRESHOLD, MAX_TICKS
from spiking_agent.checks.arguments import flag, number, several
from spiking_agent.checks.mappings import mapping
from spiking_agent.checks.words import meant, shown
from spiking_agent.typing import Json

T = TypeVar("T")

MAX_SHARE: Final = 1e6  # of the cells of a grid

# The parameters of neurons that a plan may leave to genes, with their ranges.
RANGES: Final[dict[str, tuple[float, float]]] = {
    "threshold": (0.0, MAX_THRESHOLD),
    "decay": (0.0, 1.0),
    "refractory_period": (0.0, MAX_TICKS),
    "initiation_delay": (1.0, MAX_TICKS),
    "soft_reset": (0.0, 1.0),
}
WHOLE: Final = ("refractory_period", "initiation_delay")  # they count ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class PerCell:
    """A value in proportion to the cells of the grid: max(least, round(share x cells) + plus).

    It is never above the range of its parameter.

    Parameters
    ----------
    share : tuple of float
        Share of the cells, 0 to a million: one for all copies of a layer, or one for each.
    plus : float
        What is added.
    least : float
        The smallest value.
    is_per_tick : bool
        Whether the share is multiplied by the ticks of a decision, so that it counts moves.

    Raises
    ------
    ValueError
        If a share is out of range, or there is none.
    """

    share: tuple[float, ...]
    plus: float = 0.0
    least: float = 0.0
    is_per_tick: bool = False

    def __post_init__(self) -> None:
        put = object.__setattr__
        given: Any = self.share
        listed = given if isinstance(given, list | tuple | np.ndarray) else (given,)
        put(self, "share", several("share", listed, _share, 1))
        for name in ("plus", "least"):
            put(self, name, number(name, getattr(self, name)))
        put(self, "is_per_tick", flag("is_per_tick", self.is_per_tick))

    def value(self, copy: int, n_cells: int, n_ticks: int) -> float:
        """Return the value for one copy of a layer.

        Parameters
        ----------
        copy : int
            Which of the copies, from 0.
        n_cells : int
            Cells of the grid.
        n_ticks : int
            Ticks of a decision.
        """
        share = self.share[copy if len(self.share) > 1 else 0]
        whole = round(share * n_cells * (n_ticks if self.is_per_tick else 1))
        return max(self.least, whole + self.plus)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gene:
    """A value that each genome has a gene for.

    Parameters
    ----------
    center, spread : float
        Mean and standard deviation of the genes of the first genomes; spread > 0.
    low, high : float
        Range of the gene, low < high, with `center` in it.
    step : float
        The value is the gene rounded to a multiple of it, > 0.

    Raises
    ------
    ValueError
        If a value breaks one of these rules.
    """

    center: float
    spread: float
    low: float
    high: float
    step: float = 1.0

    def __post_init__(self) -> None:
        for name in ("spread", "step"):
            positive = number(name, getattr(self, name), "> 0", lambda v: v > 0.0)
            object.__setattr__(self, name, positive)
        for name in ("low", "high", "center"):
            object.__setattr__(self, name, number(name, getattr(self, name)))
        if not self.low < self.high:
            raise ValueError(f"high must be above low, {self.low:g}, got {self.high:g}")
        if not self.low <= self.center <= self.high:
            raise ValueError(
                f"center must be in [{self.low:g}, {self.high:g}], got {self.center:g}"
            )


Scalar = bool | int | float | PerCell | Gene


def scalar(name: str, given: object) -> Scalar:
    """Return the value of a parameter of neurons, checked.

    Parameters
    ----------
    name : str
        Name of the parameter.
    given : bool, number, PerCell, Gene or mapping
        The value; a mapping stands for a PerCell, with a share, or a Gene, with a center.

    Raises
    ------
    ValueError
        If it is something else, or can lie outside of the range of the parameter.
    """
    low, high = RANGES[name]
    if isinstance(given, Mapping):
        given = from_json(PerCell if "share" in given else Gene, name, given)
    if name in WHOLE:
        _check_whole(name, given)
    if isinstance(given, PerCell):
        if given.least < low:
            raise ValueError(f"least of {name} must be at least {low:g}, got {given.least:g}")
        return given
    if isinstance(given, Gene):
        if given.low < low or given.high > high:
            raise ValueError(
                f"low and high of {name} must lie in [{low:g}, {high:g}], "
                f"got {given.low:g} and {given.high:g}"
            )
        return given
    if name == "soft_reset":
        return flag(name, given)
    rule = f"in [{low:g}, {high:g}]"
    return number(name, given, rule, lambda v: low <= v <= high)


def _check_whole(name: str, given: object) -> None:
    """Refuse fractions where a parameter counts ticks."""
    parts = {PerCell: ("plus", "least"), Gene: ("low", "high", "step")}.get(type(given), ())
    for part in parts:
        if not float(getattr(given, part)).is_integer():
            raise ValueError(
                f"{part} of {name} must be a whole number, got {getattr(given, part):g}"
            )
    if not parts:
        number(name, given, "a whole number", lambda v: float(v).is_integer())


def from_json(kind: type[T], name: str, given: object) -> T:
    """Return an instance of a dataclass from a mapping of its fields.

    Parameters
    ----------
    kind : type
        The dataclass, which checks the values.
    name : str
        What messages call it.
    given : mapping
        Values by the names of fields; those that have a default may be missing.

    Raises
    ------
    ValueError
        If it is no mapping, has a key that is no field, lacks one, or a value is refused.
    """
    known = {one.name: one for one in fields(kind)}  # type: ignore[arg-type]
    values = mapping(name, given)
    for key in values:
        if key not in known:
            hint = meant(key, known) if isinstance(key, str) else ""
            raise ValueError(
                f"{name} must have keys among {', '.join(known)}, got {shown(key)}{hint}"
            )
    for key, one in known.items():
        if key not in values and one.default is MISSING:
            raise ValueError(f"{name} must have a value for {key}, got {shown(given)}")
    try:
        return kind(**values)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def to_json(part: Any) -> Json:
    """Return the fields of a dataclass that differ from their defaults, as JSON values.

    Parameters
    ----------
    part : dataclass instance
        Whose fields hold JSON values, tuples, and other such dataclasses.
    """
    values = ((one, getattr(part, one.name)) for one in fields(part))
    return {one.name: _json(value) for one, value in values if value != one.default}


def _json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_json(one) for one in value]
    return to_json(value) if hasattr(value, "__dataclass_fields__") else value


def _share(name: str, value: object) -> float:
    return number(name, value, f"in [0, {MAX_SHARE:g}]", lambda v: 0.0 <= v <= MAX_SHARE)
