"""The engines by name: which one runs the brains of a population."""

from spiking_agent.brain.actors.engine import ActorEngine
from spiking_agent.brain.compiled.engine import Engine
from spiking_agent.brain.interface import BrainEngine
from spiking_agent.brain.population import Population

ENGINES = ("compiled", "actors", "live")
LIVE_TICK_S = 0.001  # length of a tick of live brains


def make_engine(
    name: str,
    population: Population,
    *,
    lanes_per_brain: int = 1,
    carry_state: bool = True,
    record: bool = False,
    tick_s: float = LIVE_TICK_S,
) -> BrainEngine:
    """Start the brains of a population on the engine named.

    "compiled" and "actors" give the same spikes, and the same every time. "live" is the actors on
    the wall clock, all of them at once, `tick_s` seconds a tick: what a loaded machine does not
    deliver in time is late or lost, so that no two runs need agree.

    Raises
    ------
    ValueError
        If the engine is none of `ENGINES`.
    """
    if name == "compiled":
        return Engine(
            population, lanes_per_brain=lanes_per_brain, carry_state=carry_state, record=record
        )
    if name in ("actors", "live"):
        connectomes = [population.connectome(genome_id) for genome_id in range(len(population))]
        return ActorEngine(
            connectomes,
            lanes_per_brain=lanes_per_brain,
            carry_state=carry_state,
            record=record,
            tick_s=tick_s if name == "live" else None,
        )
    raise ValueError(f"engine must be one of {', '.join(ENGINES)}, got {name!r}")
