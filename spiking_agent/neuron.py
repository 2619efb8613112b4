"""The leaky integrate-and-fire neuron: the one place where its rule stands.

The rule is written on arrays that hold one entry a neuron, in plain arithmetic, so that the
actors (`brain.py`, with `array.array`) and the compiled engine (`engine.py`, with NumPy arrays
in numba) run the very same lines and round alike: potentials are stored as 32-bit floats after
the leak of each tick and after the sum.
"""

from collections.abc import MutableSequence
from typing import NamedTuple


class NeuronState(NamedTuple):
    """What changes in the neurons of one brain while it runs, one entry a neuron."""

    potential: MutableSequence[float]  # float32, in units of one synapse of strength 1
    updated_at: MutableSequence[int]  # tick to which `potential` belongs
    ready_at: MutableSequence[int]  # first tick in which impulses count again


class NeuronParams(NamedTuple):
    """What DNA fixes about the neurons of one brain, one entry a neuron."""

    threshold: MutableSequence[float]  # float32 >= 0; fires when the potential exceeds it
    decay: MutableSequence[float]  # float32 in [0, 1]; factor on the potential per tick
    refractory_period: MutableSequence[int]  # ticks >= 0 after a firing; impulses are dropped


def receive(
    state: NeuronState, params: NeuronParams, neuron_id: int, tick: int, total: int
) -> bool:
    """Give one neuron all impulses of one instant, and tell whether it fires.

    Parameters
    ----------
    state : NeuronState
        State of the brain's neurons; the entries of `neuron_id` are updated.
    params : NeuronParams
        Parameters of the same neurons.
    neuron_id : int
        The postsynaptic neuron.
    tick : int
        The instant at which the impulses arrive, >= the tick of the neuron's last update.
    total : int
        Sum of the strengths of the synapses that deliver, |total| < 2**24 (exact in float32).

    Returns
    -------
    bool
        True if the neuron fires in this tick.

    Notes
    -----
    The potential leaks by one factor `decay` for each tick since the last update, also for the
    ticks before a brain's first impulse; then `total` is added; then the neuron fires if the
    potential exceeds its threshold. All impulses of an instant come as one sum, so the order in
    which they were delivered cannot matter. Threshold >= 0 and 0 <= decay <= 1 make a neuron
    that receives nothing stay silent: it needs no update. A total of 0 only brings the potential
    up to the tick.
    """
    if tick < state.ready_at[neuron_id]:
        return False
    for _ in range(tick - state.updated_at[neuron_id]):
        before = state.potential[neuron_id]
        state.potential[neuron_id] = before * params.decay[neuron_id]
        if state.potential[neuron_id] == before:
            break  # and so it would be for all the ticks that are left
    state.updated_at[neuron_id] = tick
    state.potential[neuron_id] = state.potential[neuron_id] + total
    if state.potential[neuron_id] > params.threshold[neuron_id]:
        state.potential[neuron_id] = 0.0
        state.ready_at[neuron_id] = tick + params.refractory_period[neuron_id] + 1
        return True
    return False
