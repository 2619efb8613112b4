"""Where the time of evolution goes: the main use under Python's profiler, in one process."""

import cProfile
import pstats

from benchmarks.harness.results import PERCENT, Beside, Figure, Row
from benchmarks.harness.scale import Scale
from benchmarks.rows.evolution import CASES, Case
from spiking_agent.evolution.loop import Evolution

WARM_UP_S = 3.0
# Functions by file and name, including the functions that they call.
PARTS = {
    "compiled play": (("compiled_player.py", "play_compiled"),),  # whose kernel no profiler sees
    "starting games and seeding them": (("vector_env.py", "reset"),),
    "laying out brains for the kernels": (("engine.py", "__init__"),),
    "selection and variation": (("genetic_algorithm.py", "tell"),),
    "reading results": (("infos.py", "read_infos"),),
    "reports and files": (("diversity.py", "diversity"), ("loop.py", "_save")),
}


def profile(scale: Scale) -> list[Row]:
    """Measure the share of compiled play in the time of evolution, and of the other parts."""
    return [_row(case, scale) for case in CASES]


def _row(case: Case, scale: Scale) -> Row:
    evolution = Evolution(case.config(scale))
    evolution.run(generations=1, seconds=scale.pick(WARM_UP_S, 0.1))
    profiler = cProfile.Profile()
    before = evolution.generation
    profiler.enable()
    if scale.is_quick:
        evolution.run(generations=before + 2)
    else:
        evolution.run(seconds=WARM_UP_S + scale.seconds / 2)
    profiler.disable()
    stats = pstats.Stats(profiler)
    whole: float = stats.total_tt  # type: ignore[attr-defined]
    shares = {name: 100.0 * _seconds(stats, names) / whole for name, names in PARTS.items()}
    shares["all the rest"] = 100.0 - sum(shares.values())
    main, *others = (
        Beside(name=name, unit=PERCENT, wall=Figure.of([share]), is_rival=False)
        for name, share in shares.items()
    )
    return Row(
        name="profile",
        case=case.name,
        what="share of the time of an evolution on Snake-v0 that is compiled play of env, brains "
        f"and choices, {case.name} per move, one process under cProfile; below, where the rest "
        "goes",
        unit=PERCENT,
        wall=main.wall,
        basis="wall",
        beside=tuple(others),
    )


def _seconds(stats: pstats.Stats, names: tuple[tuple[str, str], ...]) -> float:
    """Return the total time in some functions, including the functions that they call.

    Raises
    ------
    RuntimeError
        If none of them has run; they may have been renamed.
    """
    entries: dict[tuple[str, int, str], tuple[int, int, float, float, object]] = stats.stats  # type: ignore[attr-defined]
    seconds = [
        cumulative
        for (path, _, function), (_, _, _, cumulative, _) in entries.items()
        if any(path.endswith(f"/{file}") and function == name for file, name in names)
    ]
    if not seconds:
        raise RuntimeError(f"names must be of functions that ran, got {names}")
    return sum(seconds)
