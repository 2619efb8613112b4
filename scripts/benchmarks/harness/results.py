"""Results of a benchmark: rows of figures with their ranges, and the figures to compare with."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import Any, Literal, Self

from benchmarks.harness.single_runs import SingleRun
from benchmarks.harness.timing import Sample

Basis = Literal["cpu", "wall"]
NOT_INSTALLED = "not installed"
MEASURED = "measured"


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit of a figure: work per second, or time (or anything else) per unit of work."""

    name: str
    is_rate: bool
    scale: float = 1.0  # units of time in a second
    is_timed: bool = True  # whether it is a time or a rate

    def value(self, seconds: float, n_units: int) -> float:
        """Return a time and an amount of work as a value in this unit."""
        return n_units / seconds if self.is_rate else seconds / n_units * self.scale


DECISIONS = Unit("decisions/s", is_rate=True)
MOVES = Unit("moves/s", is_rate=True)
IMPULSES = Unit("impulses/s", is_rate=True)
PICTURES = Unit("pictures/s", is_rate=True)
US_TICK = Unit("us/tick", is_rate=False, scale=1e6)
US_TICK_BRAIN = Unit("us/tick and brain", is_rate=False, scale=1e6)
US_DECISION = Unit("us/decision", is_rate=False, scale=1e6)
NS_MOVE = Unit("ns/move", is_rate=False, scale=1e9)
NS_CELL = Unit("ns/cell", is_rate=False, scale=1e9)
SECONDS = Unit("s", is_rate=False)
TIMES = Unit("times", is_rate=False)
PERCENT = Unit("%", is_rate=False)
BYTES_LANE = Unit("bytes/lane", is_rate=False)
EPISODES = Unit("episodes", is_rate=False, is_timed=False)
RETURN = Unit("reward/episode", is_rate=True, is_timed=False)


@dataclass(frozen=True, slots=True)
class Figure:
    """A median, and the range of its samples."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Return the figure of some values, at least one."""
        return cls(median(values), min(values), max(values))

    def to_json(self) -> dict[str, float]:
        """Return all fields as JSON values."""
        return {"median": self.median, "min": self.low, "max": self.high}


def interquartile_mean(values: Sequence[float]) -> float:
    """Return the mean without a quarter of the values, rounded down, at either end."""
    n_left_out = len(values) // 4
    return mean(sorted(values)[n_left_out : len(values) - n_left_out])


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A peer or a baseline, measured in the same run."""

    name: str
    unit: Unit | None = None
    cpu: Figure | None = None
    wall: Figure | None = None
    status: str = MEASURED
    is_rival: bool = True  # whether a ratio to it means anything

    @classmethod
    def of(cls, name: str, unit: Unit, samples: Sequence[Sample], *, is_rival: bool = True) -> Self:
        """Return a peer with the figures of its samples."""
        cpu, wall = figures(unit, samples)
        return cls(name=name, unit=unit, cpu=cpu, wall=wall, is_rival=is_rival)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table: our figures, their mark, and those of peers and baselines."""

    name: str  # as in --only
    case: str  # distinguishes the rows of a name; may be empty
    what: str
    unit: Unit
    cpu: Figure | None = None
    wall: Figure | None = None
    mark: float | None = None  # at least, for a rate; else at most
    basis: Basis = "cpu"  # the kind of time that the mark and the ratios refer to
    beside: tuple[Beside, ...] = ()
    notes: tuple[str, ...] = ()
    runs: tuple[SingleRun, ...] = ()  # behind the figures, if they are to be listed

    @classmethod
    def of(cls, unit: Unit, samples: Sequence[Sample], **others: Any) -> Self:
        """Return a row with the figures of our samples; the other fields are given by name."""
        cpu, wall = figures(unit, samples)
        return cls(unit=unit, cpu=cpu, wall=wall, **others)

    @property
    def is_met(self) -> bool | None:
        """Whether the median reaches the mark; None without one."""
        own = self.cpu if self.basis == "cpu" else self.wall
        if self.mark is None or own is None:
            return None
        return own.median >= self.mark if self.unit.is_rate else own.median <= self.mark

    def ratio(self, other: Beside) -> float | None:
        """Return how many times faster ours is, by the basis or else by wall seconds."""
        if not other.is_rival or other.unit != self.unit:
            return None
        pairs = [(self.wall, other.wall)]
        if self.basis == "cpu":
            pairs.insert(0, (self.cpu, other.cpu))
        for own, theirs in pairs:
            if own is not None and theirs is not None:
                quotient = own.median / theirs.median
                return quotient if self.unit.is_rate else 1.0 / quotient
        return None

    def to_json(self) -> dict[str, Any]:
        """Return everything in the row as JSON values."""
        return {
            "name": self.name,
            "case": self.case,
            "what": self.what,
            "unit": self.unit.name,
            "better": "higher" if self.unit.is_rate else "lower",
            **_both(self),
            "mark": self.mark,
            "basis": self.basis,
            "is_met": self.is_met,
            "beside": [
                {
                    "name": other.name,
                    "status": other.status,
                    "unit": None if other.unit is None else other.unit.name,
                    **_both(other),
                    "ratio": self.ratio(other),
                }
                for other in self.beside
            ],
            "notes": list(self.notes),
            "runs": [run.to_json() for run in self.runs],
        }


def figures(unit: Unit, samples: Sequence[Sample]) -> tuple[Figure | None, Figure]:
    """Return the figures by CPU seconds (None if a sample has none) and by wall seconds."""
    wall = Figure.of([unit.value(one.wall_s, one.n_units) for one in samples])
    cpu_s = [(one.cpu_s, one.n_units) for one in samples if one.cpu_s is not None]
    if len(cpu_s) < len(samples):
        return None, wall
    return Figure.of([unit.value(seconds, n_units) for seconds, n_units in cpu_s]), wall


def _both(one: Row | Beside) -> dict[str, Any]:
    return {
        "cpu": None if one.cpu is None else one.cpu.to_json(),
        "wall": None if one.wall is None else one.wall.to_json(),
    }
