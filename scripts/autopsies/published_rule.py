"""The rule of the neuron in the blog post's code, whose refractory check is inverted.

Impulses count only in the ticks of the refractory period. A neuron that does not fire in them
never fires again. It begins as if it had just fired. The rest is as in
`spiking_agent.brain.neuron`, with a reset to 0.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from spiking_agent.brain import neuron
from spiking_agent.brain.actors.engine import ActorEngine
from spiking_agent.brain.engines import ENGINES, LIVE_TICK_S
from spiking_agent.brain.neuron import NeuronParams, NeuronState

ON_ACTORS: Final = "actors, rule as published"
LIVE: Final = "live, rule as published"
LIVE_ENGINES: Final = ("live", LIVE)


class PublishedRule:
    """A `Rule` in which `ready_at` is the first tick from which impulses are dropped forever."""

    def clear(self, state: NeuronState, params: NeuronParams, neuron_id: int, tick: int) -> None:
        neuron.clear(state, params, neuron_id, tick)
        state.ready_at[neuron_id] = tick + params.refractory_period[neuron_id] + 1

    def catch_up(self, state: NeuronState, params: NeuronParams, neuron_id: int, tick: int) -> bool:
        if tick >= state.ready_at[neuron_id]:
            state.potential[neuron_id] = 0.0
            return False
        n_ticks = tick - state.updated_at[neuron_id] if state.potential[neuron_id] != 0.0 else 0
        for _ in range(n_ticks):
            neuron.leak(state.potential, params.decay, neuron_id)
        state.updated_at[neuron_id] = tick
        return True

    def receive(
        self, state: NeuronState, params: NeuronParams, neuron_id: int, tick: int, total: int
    ) -> bool:
        if not self.catch_up(state, params, neuron_id, tick):
            return False
        state.potential[neuron_id] += total
        if state.potential[neuron_id] <= params.threshold[neuron_id]:
            return False
        state.potential[neuron_id] = 0.0
        state.ready_at[neuron_id] = tick + params.refractory_period[neuron_id] + 1
        return True

    def must_go_on(self, state: NeuronState, params: NeuronParams, neuron_id: int) -> bool:
        return False


@contextmanager
def its_engines() -> Iterator[None]:
    """Register engines with this rule within the block, as `ON_ACTORS` and `LIVE`."""
    ENGINES[ON_ACTORS] = partial(ActorEngine, rule=PublishedRule())
    ENGINES[LIVE] = partial(ActorEngine, rule=PublishedRule(), tick_s=LIVE_TICK_S)
    try:
        yield
    finally:
        del ENGINES[ON_ACTORS], ENGINES[LIVE]
