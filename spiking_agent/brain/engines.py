"""The engines by name: which one runs the brains of a population."""

from collections.abc import Callable
from functools import partial
from typing import Final

from spiking_agent.brain.actors.engine import ActorEngine
from spiking_agent.brain.carry_state import CarryState
from spiking_agent.brain.compiled.engine import Engine
from spiking_agent.brain.interface import BrainEngine
from spiking_agent.brain.population import Population
from spiking_agent.brain.sheets.engine import SheetEngine
from spiking_agent.brain.sheets.tissue import Tissue
from spiking_agent.brain.sheets.window import find_window
from spiking_agent.checks.arguments import choice

LIVE: Final = "live"
LIVE_TICK_S: Final = 0.001  # length of a tick of live brains

# A program may add engines of its own, such as actors with another rule.
ENGINES: Final[dict[str, Callable[..., BrainEngine]]] = {
    "compiled": Engine,
    "actors": ActorEngine,
    LIVE: partial(ActorEngine, tick_s=LIVE_TICK_S),
}


def make_engine(
    name: str,
    population: Population | Tissue,
    *,
    lanes_per_brain: int = 1,
    carry_state: CarryState = True,
    record: bool = False,
    tick_s: float | None = None,
) -> BrainEngine:
    """Start the brains of a population on the engine named.

    "compiled" and "actors" give the same spikes, and the same every time. Of brains of sheets,
    "compiled" computes only what can be heard, where that is possible and nothing is recorded.
    "live" is the actors on the wall clock, all of them at once: what a loaded machine does not
    deliver in time is late or lost, so no two runs need agree.

    Parameters
    ----------
    name : str
        One of `ENGINES`.
    population : Population or Tissue
        Connectomes of the brains.
    lanes_per_brain, carry_state, record
        As in `Engine` and `ActorEngine`.
    tick_s : float, optional
        Seconds per tick, for "live" only; a millisecond if left out.

    Raises
    ------
    ValueError
        If there is no such engine, or it is not "live" and `tick_s` is given.
    """
    name = choice("engine", name, ENGINES)
    if tick_s is not None and name != LIVE:
        raise ValueError(f"tick_s must be None, unless the engine is {LIVE!r}, got {tick_s!r}")
    if isinstance(population, Tissue):
        if name == "compiled" and not record:
            window = find_window(population, carry_state=carry_state)
            if window is not None:
                return SheetEngine(
                    population,
                    window,
                    lanes_per_brain=lanes_per_brain,
                    carry_state=carry_state,
                )
        population = population.population()
    only_live = {} if tick_s is None else {"tick_s": tick_s}
    return ENGINES[name](
        population,
        lanes_per_brain=lanes_per_brain,
        carry_state=carry_state,
        record=record,
        **only_live,
    )
