"""Single neurons are not run in decisions that are like the one before, and that never shows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiking_agent.brain.engines import make_engine
from spiking_agent.brain.sheets.engine import SheetEngine
from spiking_agent.brain.sheets.rules import Kernel, Link, Map, Rule, Sum
from spiking_agent.brain.sheets.tissue import Group, Tissue

SIDE, N_CELLS = 3, 9
HEAD, BODY, ALWAYS, OTHER = range(4)  # the inputs
N = 4  # ticks of most decisions


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A single neuron, whose output fires in each tick in which it is heard.

    `hears` has (rule, source, strength, delay). With kernels and maps it is a sheet.
    """

    hears: tuple[tuple[type[Rule], int, int, int], ...] = ()
    threshold: float | tuple[float, ...] = 0.5
    decay: float = 0.0
    kept: int = 2
    refractory_period: int = 0
    soft_reset: bool = False
    is_heard_after: int = 0


def clock(**changes: Any) -> Cell:
    """Return a cell that charges at every tick."""
    return Cell(hears=((Link, ALWAYS, 1, 0),), decay=1.0, **changes)


def body(n: float, *, delay: int = 0, **changes: Any) -> Cell:
    """Return a cell that fires while there are more than `n` active cells."""
    return Cell(hears=((Sum, BODY, 1, delay),), threshold=n, **changes)


GROWTH = Cell(hears=((Sum, BODY, 1, 0), (Sum, BODY, -1, N)))
DRAIN = Cell(hears=((Link, ALWAYS, -1, 0), (Link, OTHER, 3, 0)), decay=1.0, threshold=9.5)
TOLD = Cell(hears=((Map, OTHER, 10, 0),))
SEEN = Cell(hears=((Kernel, BODY, 3, 0), (Kernel, BODY, -2, N), (Kernel, BODY, 1, 2 * N)))


def made(*cells: Cell, n_genomes: int = 1) -> Tissue:
    """Return brains of these cells on a grid of 3 x 3."""
    groups = [Group("head", True), Group("body", True), Group("always", False)]
    groups.append(Group("other", False))
    rules: list[Rule] = []
    n = 4 * len(cells) + len(groups)
    parameters: dict[str, npt.NDArray[Any]] = {
        "threshold": np.full((n_genomes, n), 0.5, np.float32),
        "decay": np.zeros((n_genomes, n), np.float32),
        "refractory_period": np.zeros((n_genomes, n), np.int32),
        "initiation_delay": np.ones((n_genomes, n), np.int32),
        "soft_reset": np.zeros((n_genomes, n), np.bool_),
        "kept": np.zeros((n_genomes, n), np.uint8),
    }
    parameters["kept"][:, : len(groups)] = 1
    outputs = []

    def add(kind: type[Rule], source: int, target: int, strength: int, delay: int = 0) -> None:
        kernel = (3, 3) if source == BODY else (1, 1)
        shape = {Map: (SIDE, SIDE), Kernel: kernel}.get(kind, ())
        array = np.full((n_genomes, *shape), strength, np.int16)
        rules.append(kind(source=source, target=target, strength=array, delay=delay))

    for cell in cells:
        sees = any(kind in (Kernel, Map) for kind, *_ in cell.hears)
        if not sees:
            groups.append(Group("cell", False))
            place = len(groups) - 1
            for name in ("threshold", "decay", "kept", "refractory_period", "soft_reset"):
                parameters[name][:, place] = getattr(cell, name)
        decider, relay, output = range(len(groups), len(groups) + 3)
        groups += [Group("D", True), Group("R", True), Group("output", False)]
        parameters["threshold"][:, decider], parameters["threshold"][:, relay] = 5, 150
        for kind, source, strength, delay in cell.hears:
            add(kind, source, decider if sees else place, strength, delay)
        if not sees:
            add(Map, place, decider, 10, cell.is_heard_after)
        add(Kernel, decider, relay, 100)
        add(Kernel, HEAD, relay, 100)
        add(Sum, relay, output, 1)
        outputs.append(output)
    return Tissue(
        shape=(SIDE, SIDE),
        groups=tuple(groups),
        rules=tuple(rules),
        inputs=(HEAD, BODY, ALWAYS, OTHER),
        outputs=tuple(outputs),
        **{name: array[:, : len(groups)] for name, array in parameters.items()},
    )


@dataclass(frozen=True, kw_only=True)
class Step:
    """A decision, and what is done before it."""

    body: int = 4  # active cells, which are others each time
    other: bool = False
    n_heads: int = 1
    n_ticks: int = N
    is_steady: bool = True  # or there is a drive for each tick
    lanes: tuple[int, ...] | None = None
    clear: tuple[int, ...] = ()
    reserve: int | None = None
    is_calm: bool | None = None  # what must be so; None: either


def calm(n: int, **changes: Any) -> list[Step]:
    """Return steps that must be calm."""
    return [Step(is_calm=True, **changes)] * n


Plant = Callable[[SheetEngine], None]


@dataclass
class Run:
    """What an engine did in some steps."""

    counts: list[list[list[int]]] = field(default_factory=list)
    n_calm: int = 0


def play(
    tissue: Tissue,
    steps: Sequence[Step],
    carry_state: Any = "impulses",
    *,
    record: bool = False,
    n_lanes: int = 1,
    plant: Plant | None = None,
) -> Run:
    """Run the steps, on sheets unless something is recorded; `plant` may spoil each of them."""
    rng, run = np.random.default_rng(0), Run()
    engine = make_engine(
        "compiled", tissue, carry_state=carry_state, record=record, lanes_per_brain=n_lanes
    )
    assert record or isinstance(engine, SheetEngine)
    with engine:
        for step in steps:
            ids = np.arange(engine.n_lanes) if step.lanes is None else np.array(step.lanes)
            shape = len(ids), 1 if step.is_steady else step.n_ticks
            head, body = (
                rng.random((*shape, N_CELLS)).argsort(axis=2) < n for n in (step.n_heads, step.body)
            )
            singles = np.broadcast_to([True, step.other], (*shape, 2))
            drive = np.concatenate([head, body, singles], axis=2).astype(np.uint8)
            engine.clear(np.array(step.clear, np.intp))
            if isinstance(engine, SheetEngine):
                if step.reserve is not None:
                    engine.reserve(step.reserve)
                if plant is not None:
                    plant(engine)
            run.counts.append(engine.decide(drive, step.n_ticks, ids).tolist())
            if isinstance(engine, SheetEngine) and step.is_steady and step.n_heads == 1:
                assert engine.memory is not None
                is_calm = engine.memory.is_calm[: len(ids)]
                run.n_calm += int(is_calm.sum())
                if plant is None and step.is_calm is not None:
                    assert (is_calm == step.is_calm).all(), (step, is_calm)
    return run


START = [Step()] * 4  # until everything has arrived
LATE = tuple(np.arange(1, 14) / 2.0 * N)  # thresholds, some between sums
SCENES: dict[str, tuple[Tissue, list[Step]]] = {
    "clocks": (
        made(clock(threshold=LATE), n_genomes=len(LATE)),
        [Step()] * 14,
    ),
    "clocks with soft resets": (
        made(clock(threshold=LATE, soft_reset=True), n_genomes=len(LATE)),
        [Step()] * 14,
    ),
    "clocks that rest": (
        made(clock(threshold=LATE, refractory_period=3), n_genomes=len(LATE)),
        [Step()] * 14,
    ),
    "a slow clock": (made(clock(threshold=43)), [Step(), *calm(9), Step(is_calm=False), Step()]),
    "a drain": (made(DRAIN), [Step(), *calm(5), *[Step(other=True)] * 10, *[Step()] * 3]),
    "a number of cells that is on its way": (
        made(body(2.5), body(2.5, delay=2 * N), GROWTH),
        [*START, *calm(2), Step(body=0, is_calm=False), *[Step(body=0)] * 5, *START],
    ),
    "the first decisions": (
        made(body(2.5, delay=2 * N), clock(threshold=60)),
        [*[Step(is_calm=False)] * 3, *calm(3), Step(clear=(0,), is_calm=False), *START],
    ),
    "another single input": (
        made(TOLD, body(2.5)),
        [*START, *calm(2), *[Step(other=True)] * 4, *calm(2, other=True), *START],
    ),
    "another number of ticks": (
        made(clock(threshold=61), body(2.5)),
        [*START, *calm(1), Step(n_ticks=5, is_calm=False), *START, *calm(2), *[Step()] * 5],
    ),
    "records of another length": (
        made(SEEN, body(2.5)),
        [Step(n_ticks=2 * N), *[Step()] * 5, *calm(3), Step(n_ticks=2 * N), *START],
    ),
    "what is heard late": (
        made(body(2.5, is_heard_after=2 * N)),
        [*[Step(body=2)] * 4, *calm(2, body=2), *[Step(body=4)] * 5],
    ),
    "a neuron that keeps nothing": (made(body(2.5, kept=0)), [Step(is_calm=False)] * 5),
    "a clock that forgets": (made(clock(threshold=3 * N, kept=1), body(2.5)), [Step(), *calm(12)]),
    "cells that move": (made(SEEN), [*START, *calm(16)]),
    "several heads in between": (
        made(body(6.5, delay=N), clock(threshold=60)),
        [Step(body=5), Step(body=7, n_heads=2), *[Step(body=5)] * 5, Step(n_heads=2), *START],
    ),
    "drives tick by tick in between": (
        made(body(6.5, delay=N)),
        [*[Step(body=7)] * 3, Step(body=5, is_steady=False), *[Step(body=7)] * 4],
    ),
    "more room in between": (
        made(body(6.5, delay=N)),
        [*[Step(body=7)] * 3, Step(body=0, reserve=2), *[Step(body=0)] * 4],
    ),
}


@pytest.mark.jit
@pytest.mark.parametrize("carry_state", ["impulses", False])
@pytest.mark.parametrize("name", SCENES)
def test_counts_are_those_of_the_ordinary_engine(name, carry_state) -> None:
    tissue, steps = SCENES[name]
    if carry_state is False:
        steps = [replace(step, is_calm=None) for step in steps]
    expected = play(tissue, steps, carry_state, record=True)
    assert play(tissue, steps, carry_state).counts == expected.counts
    assert np.sum(expected.counts) > 0 or carry_state is False


@pytest.mark.kernels
@pytest.mark.parametrize("name", ["a drain", "another single input", "cells that move"])
def test_the_kernels_as_plain_python_give_the_same_counts(name) -> None:
    tissue, steps = SCENES[name]
    assert play(tissue, steps).counts == play(tissue, steps, record=True).counts


def _more_left(engine: SheetEngine) -> None:
    engine.lanes.calm.n_left[engine.lanes.calm.n_left > 0] += 1


def _older(engine: SheetEngine) -> None:
    engine.lanes.calm.age[engine.lanes.calm.age > 0] += 1


def _all_the_same(engine: SheetEngine) -> None:
    engine.lanes.calm.n_same[:] = 99


def _any_ticks(engine: SheetEngine) -> None:
    engine.lanes.calm.n_ticks[:] = 5


def _no_charge(engine: SheetEngine) -> None:
    engine.lanes.calm.charge[:] = 0


def _stale_count(engine: SheetEngine) -> None:
    engine.lanes.calm.n_active[engine.lanes.calm.n_active < 0] = 5


@pytest.mark.jit
@pytest.mark.parametrize(
    ("name", "plant"),
    [
        ("clocks", _more_left),
        ("clocks", _no_charge),
        ("cells that move", _older),
        ("a number of cells that is on its way", _all_the_same),
        ("another number of ticks", _any_ticks),
        ("several heads in between", _stale_count),
    ],
)
def test_a_planted_mistake_is_caught(name, plant) -> None:
    tissue, steps = SCENES[name]
    assert play(tissue, steps, plant=plant).counts != play(tissue, steps, record=True).counts


def drawn(rng: np.random.Generator) -> tuple[Tissue, list[Step]]:
    """Return random brains, and random steps in most of which nothing changes."""
    delays = [0, 0, N, 2 * N, N - 1, N + 1]

    def cell() -> Cell:
        return Cell(
            hears=tuple(
                (
                    [Sum, Link][int(source != BODY)],
                    source,
                    int(rng.integers(-4, 5)),
                    int(rng.choice(delays)),
                )
                for source in rng.permutation([BODY, ALWAYS, OTHER])[: rng.integers(1, 4)].tolist()
            ),
            threshold=tuple(rng.choice([0.5, 3, 20, 99.5], 2)),
            decay=float(rng.choice([0, 0.5, 1, 1])),
            kept=int(rng.choice([0, 1, 2, 2])),
            refractory_period=int(rng.choice([0, 0, 2])),
            is_heard_after=int(rng.choice(delays)),
        )

    n_body, other, steps = 4, False, []
    for _ in range(40):
        if rng.random() < 0.08:
            n_body = int(rng.integers(0, 9))
        other ^= bool(rng.random() < 0.05)
        some = rng.permutation(6)[: rng.integers(1, 7)].tolist()
        steps.append(
            Step(
                body=n_body,
                other=other,
                n_heads=2 if rng.random() < 0.04 else 1,
                n_ticks=int(rng.integers(1, 9)) if rng.random() < 0.04 else N,
                is_steady=bool(rng.random() < 0.97),
                lanes=tuple(some) if rng.random() < 0.2 else None,
                clear=tuple(some[:1]) if rng.random() < 0.03 else (),
                reserve=2 if rng.random() < 0.02 else None,
            )
        )
    return made(SEEN, *(cell() for _ in range(rng.integers(1, 4))), n_genomes=2), steps


@pytest.mark.jit
@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), carry_state=st.sampled_from(["impulses", False]))
def test_any_brains_and_decisions_have_the_same_counts(seed, carry_state) -> None:
    tissue, steps = drawn(np.random.default_rng(seed))
    expected = play(tissue, steps, carry_state, record=True, n_lanes=3)
    assert play(tissue, steps, carry_state, n_lanes=3).counts == expected.counts


@pytest.mark.jit
def test_many_random_decisions_are_calm() -> None:
    n_calm = [play(*drawn(np.random.default_rng(seed)), n_lanes=3).n_calm for seed in range(30)]
    assert sum(n > 40 for n in n_calm) > 3
