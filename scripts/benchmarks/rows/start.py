"""From the start of a process to the first generation of an evolution."""

import tempfile
import time
from pathlib import Path

from benchmarks.harness.children import run_program
from benchmarks.harness.results import SECONDS, Beside, Figure, Row
from benchmarks.harness.scale import Scale

PROGRAM = Path(__file__).parents[1] / "cases" / "first_generation.py"
MARK_WARM_S, MARK_COLD_S = 2.0, 20.0
TIMEOUT_S = 300


def start(scale: Scale) -> list[Row]:
    """Time a start with an empty cache of compiled kernels, and a second start."""
    population = scale.pick(400, 4)
    with tempfile.TemporaryDirectory() as folder:
        cache = scale.pick({"NUMBA_CACHE_DIR": folder}, {})  # compiling takes long
        cold = _times(cache, population)
        warm = [_times(cache, population) for _ in range(scale.repeats)]
    imports = Beside(
        name="imports alone",
        unit=SECONDS,
        wall=Figure.of([imported_s for imported_s, _, _ in warm]),
        is_rival=False,
    )
    said = Beside(
        name="until it says that it compiles, imports included",
        unit=SECONDS,
        wall=Figure.of([cold[1]]),
        is_rival=False,
    )
    return [
        _row("second start", [done - imported for imported, _, done in warm], MARK_WARM_S, imports),
        _row("first-ever start", [cold[2] - cold[0]], MARK_COLD_S, said),
    ]


def _times(cache: dict[str, str], population: int) -> tuple[float, float, float]:
    """Return the seconds from the start of a process to imports, start of run, and generation."""
    from_s = time.monotonic()
    times = run_program(PROGRAM, str(population), timeout_s=TIMEOUT_S, env=cache)
    return times["imported"] - from_s, times["begun"] - from_s, times["done"] - from_s


def _row(case: str, seconds: list[float], mark: float, beside: Beside) -> Row:
    return Row(
        name="start",
        case=case,
        what="from the end of Python's imports to the first generation evaluated, two workers, "
        + ("compiled kernels cached" if case == "second start" else "nothing compiled yet"),
        unit=SECONDS,
        wall=Figure.of(seconds),
        mark=mark,
        basis="wall",
        beside=(beside,),
    )
