"""The cost of a move, which does not grow with snake or board, and the memory of a lane."""

import tracemalloc
from collections.abc import Callable

import numpy as np

from benchmarks.cases.bare_boards import BareBoards
from benchmarks.cases.boards import Cycle, Herd, put
from benchmarks.harness.results import (
    BYTES_LANE,
    DECISIONS,
    NS_CELL,
    NS_MOVE,
    TIMES,
    Beside,
    Figure,
    Row,
)
from benchmarks.harness.scale import Scale
from benchmarks.harness.timing import Contender, Sample, race
from benchmarks.rows.snake import made, stepping
from snake_env import Settings

LENGTHS = (3, 50, 95)
SIDES = (10, 100)
# With few boards the overhead of a call counts, with many large ones memory outside the caches
# does: measure both.
KERNEL_LANES = (256, 1024)
LANES = (256, 1024, 4096)
N_PLACES = 20


def env_flat(scale: Scale) -> list[Row]:
    """Measure the cost by length, by board and by observed cell, and the memory per lane."""
    return [_by_length(scale), *_by_board(scale), _by_cell(scale), _memory(scale)]


def _by_length(scale: Scale) -> Row:
    """Time short and long snakes, in rounds too short to reach food, so that lengths stay."""
    n_lanes = scale.pick(1024, 16)
    contenders = []
    for length in LENGTHS:
        herd = Herd(Cycle(10, 10), n_lanes, length, scale.pick(N_PLACES, 2))
        contenders.append(_walking(herd, scale.pick(400, 2), f"length {length}"))
    samples = race(contenders, scale.repeats)
    cpu, wall = _slowest_to_fastest(list(samples.values()))
    return Row(
        name="env-flat",
        case="length",
        what=f"SnakeVectorEnv, {n_lanes:,} boards 10 x 10, grid, snakes on a cycle: "
        "slowest to fastest of the lengths 3, 50 and 95",
        unit=TIMES,
        cpu=cpu,
        wall=wall,
        mark=1.15,
        beside=tuple(Beside.of(name, DECISIONS, samples[name], is_rival=False) for name in samples),
    )


def _walking(herd: Herd, n_rounds: int, name: str) -> Contender:
    """Return a contender that follows the cycle as far as the longest snake gets without food."""
    envs = made(herd.n_lanes)
    starts, actions = herd.starts(has_food=True), herd.actions(100 - max(LENGTHS) - 1)

    def prepare() -> None:
        put(envs, starts)
        envs.step(actions[0])  # the first step after a reset has cold caches

    return Contender(
        name=name,
        work=lambda: stepping(envs.step, actions[1:]),
        prepare=prepare,
        n_rounds=n_rounds,
    )


def _by_board(scale: Scale) -> list[Row]:
    """Time moves on a small and a large board, with the rules alone."""
    rows = []
    for n_lanes in scale.pick(KERNEL_LANES, (4,)):
        contenders = []
        for side in SIDES:
            herd = Herd(Cycle(side, side), n_lanes, 50, scale.pick(16, 2))
            bare = BareBoards(n_lanes, Settings(n_rows=side, n_cols=side))
            contenders.append(_rules_alone(bare, herd, scale, _kernel_name(side)))
        rows.append(_rules_row(n_lanes, race(contenders, scale.repeats)))
    return rows


def _by_cell(scale: Scale) -> Row:
    """Time decisions on a small and a large board, to find the cost of observations."""
    n_lanes = scale.pick(256, 4)
    contenders = []
    for side in SIDES:
        herd = Herd(Cycle(side, side), n_lanes, 50, scale.pick(16, 2))
        envs = made(n_lanes, n_rows=side, n_cols=side)
        actions, starts = herd.actions(scale.pick(200, 4)), herd.starts(has_food=False)
        contenders.append(
            Contender(
                name=_env_name(side),
                work=lambda envs=envs, actions=actions: stepping(envs.step, actions),
                prepare=lambda envs=envs, starts=starts: put(envs, starts),
            )
        )
    return _cell_row(n_lanes, race(contenders, scale.repeats))


def _kernel_name(side: int) -> str:
    return f"rules kernel alone, {side} x {side}"


def _env_name(side: int) -> str:
    return f"SnakeVectorEnv, {side} x {side}"


def _rules_alone(bare: BareBoards, herd: Herd, scale: Scale, name: str) -> Contender:
    step, starts = bare.stepper(), herd.starts(has_food=False)
    actions = herd.actions(scale.pick(500, 4))
    return Contender(
        name=name,
        work=lambda: stepping(step, actions),
        prepare=lambda: bare.begin(starts),
        n_rounds=scale.pick(3, 1),
    )


def _rules_row(n_lanes: int, samples: dict[str, list[Sample]]) -> Row:
    names = [_kernel_name(side) for side in SIDES]
    cpu, wall = _slowest_to_fastest([samples[name] for name in names])
    return Row(
        name="env-flat",
        case=f"board, {n_lanes:,} lanes",
        what=f"the rules kernel alone, {n_lanes:,} boards, snakes from length 50 on a cycle: "
        "slowest to fastest of 10 x 10 and 100 x 100, time per move",
        unit=TIMES,
        cpu=cpu,
        wall=wall,
        mark=1.5,
        beside=tuple(Beside.of(name, NS_MOVE, samples[name], is_rival=False) for name in names),
        notes=(f"{n_lanes:,} boards of 100 x 100 take {_megabytes(n_lanes):.0f} MB",),
    )


def _megabytes(n_lanes: int) -> float:
    """Return the size of the large boards, which may exceed the processor's caches."""
    settings = Settings(n_rows=SIDES[1], n_cols=SIDES[1])
    return _peak_bytes(lambda: BareBoards(n_lanes, settings)) / 1e6


def _cell_row(n_lanes: int, samples: dict[str, list[Sample]]) -> Row:
    """Return the row for the extra cost of a large board, divided by its extra cells."""
    small, large = (samples[_env_name(side)] for side in SIDES)
    n_more_cells = SIDES[1] ** 2 - SIDES[0] ** 2
    more = [
        Sample(
            (b.cpu_s or 0.0) / b.n_units - (a.cpu_s or 0.0) / a.n_units,
            b.wall_s / b.n_units - a.wall_s / a.n_units,
            n_more_cells,
        )
        for a, b in zip(small, large, strict=True)
    ]
    return Row(
        name="env-flat",
        case="observation",
        what=f"SnakeVectorEnv, {n_lanes} boards, grid: cost per observed cell and decision, from "
        "100 x 100 minus 10 x 10",
        unit=NS_CELL,
        cpu=Figure.of([NS_CELL.value(one.cpu_s or 0.0, one.n_units) for one in more]),
        wall=Figure.of([NS_CELL.value(one.wall_s, one.n_units) for one in more]),
        beside=tuple(
            Beside.of(_env_name(side), NS_MOVE, samples[_env_name(side)], is_rival=False)
            for side in SIDES
        ),
    )


def _memory(scale: Scale) -> Row:
    """Measure the memory of an environment in use, by its number of lanes."""
    lanes = scale.pick(LANES, (16, 32, 64))
    sizes = [_bytes_in_use(n_lanes) / n_lanes for n_lanes in lanes]
    ratio = max(sizes) / min(sizes)
    return Row(
        name="env-flat",
        case="memory",
        what=f"SnakeVectorEnv, 10 x 10, grid: memory per lane at {', '.join(map(str, lanes))} "
        "lanes, peak of make, reset and 10 steps, largest to smallest",
        unit=TIMES,
        wall=Figure(ratio, ratio, ratio),
        mark=1.15,
        basis="wall",
        beside=tuple(
            Beside(
                name=f"{n_lanes} lanes",
                unit=BYTES_LANE,
                wall=Figure(size, size, size),
                is_rival=False,
            )
            for n_lanes, size in zip(lanes, sizes, strict=True)
        ),
        notes=("memory is not a time, but its figures are in the column of wall time",),
    )


def _bytes_in_use(n_lanes: int) -> int:
    """Return the peak memory of NumPy and Python for an environment made, reset and stepped."""
    actions = np.zeros(n_lanes, np.int64)

    def use() -> None:
        envs = made(n_lanes)
        for _ in range(10):
            envs.step(actions)

    use()  # objects that are made once for all environments do not count
    return _peak_bytes(use)


def _peak_bytes(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _slowest_to_fastest(samples: list[list[Sample]]) -> tuple[Figure, Figure]:
    """Compare contenders repeat by repeat, by CPU and by wall seconds per unit of work."""
    cpu, wall = [], []
    for turn in zip(*samples, strict=True):
        cpu_s = [(one.cpu_s or 0.0) / one.n_units for one in turn]
        wall_s = [one.wall_s / one.n_units for one in turn]
        cpu.append(max(cpu_s) / max(min(cpu_s), 1e-12))
        wall.append(max(wall_s) / min(wall_s))
    return Figure.of(cpu), Figure.of(wall)
