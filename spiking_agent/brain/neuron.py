"""The leaky integrate-and-fire neuron: the only place that has its rule.

The rule is two steps, `leak` and `integrate`, written in plain arithmetic on arrays that hold one
entry for each neuron. The actors (`actors/brain.py`, with `array.array`) and the compiled engine
(`compiled/kernels.py`, with NumPy arrays in numba) run the same lines and round alike:
potentials are stored as 32-bit floats after the leak of each tick and after the sum. A neuron that
receives nothing stays silent, because threshold >= 0 and 0 <= decay <= 1, unless a firing left more
than the threshold (`must_go_on`). So actors may sleep until impulses arrive and leak for all
ticks at once (`catch_up`), while the engine updates every neuron at every tick, which is faster
where there is no branch to take.
"""

from collections.abc import MutableSequence
from typing import NamedTuple, Protocol


class NeuronState(NamedTuple):
    """What changes in the neurons of one brain while it runs, one entry for each neuron."""

    potential: MutableSequence[float]  # float32, in units of one synapse of strength 1
    updated_at: MutableSequence[int]  # tick to which `potential` belongs
    ready_at: MutableSequence[int]  # first tick in which impulses count again


class NeuronParams(NamedTuple):
    """What the rule reads of a connectome, one entry for each neuron; see `parameters.Neurons`."""

    threshold: MutableSequence[float]  # float32 >= 0; fires when the potential exceeds it
    decay: MutableSequence[float]  # float32 in [0, 1]; factor on the potential per tick
    refractory_period: MutableSequence[int]  # ticks after a firing in which impulses are dropped
    soft_reset: MutableSequence[bool]  # whether a firing subtracts the threshold, and no more


def of_brain(params: NeuronParams, brain: int) -> NeuronParams:
    """Return the parameters of one brain, out of those of many brains side by side.

    Parameters
    ----------
    params : NeuronParams
        Tables with a row for each brain.
    brain : int
        The row.
    """
    return NeuronParams(
        params.threshold[brain],  # type: ignore[arg-type]  # a row of a table
        params.decay[brain],  # type: ignore[arg-type]
        params.refractory_period[brain],  # type: ignore[arg-type]
        params.soft_reset[brain],  # type: ignore[arg-type]
    )


def leak(potential: MutableSequence[float], decay: MutableSequence[float], neuron_id: int) -> None:
    """Multiply the potential of one neuron by its decay, once per tick.

    Parameters
    ----------
    potential : mutable sequence of float
        As in `NeuronState`; the entry of `neuron_id` is updated.
    decay : mutable sequence of float
        As in `NeuronParams`.
    neuron_id : int
        The neuron.
    """
    potential[neuron_id] = potential[neuron_id] * decay[neuron_id]


def integrate(
    potential: MutableSequence[float],
    ready_at: MutableSequence[int],
    params: NeuronParams,
    neuron_id: int,
    tick: int,
    total: float,
) -> bool:
    """Add all impulses of one tick to a potential that has leaked up to it.

    Parameters
    ----------
    potential, ready_at : mutable sequence
        As in `NeuronState`; the entries of `neuron_id` are updated.
    params : NeuronParams
        Parameters of the same neurons.
    neuron_id : int
        The postsynaptic neuron.
    tick : int
        The tick in which they arrive.
    total : int or float
        Sum of the strengths of the synapses that deliver, a whole number, |total| < 2**24 (exact
        in float32).

    Returns
    -------
    bool
        True if the neuron fires in this tick.

    Notes
    -----
    A firing sets the potential to 0. With a soft reset it subtracts the threshold, and the rest
    stays: no charge is lost, so over time a neuron fires in proportion to what it receives, at
    most once per tick, however strong single synapses are.

    Impulses are dropped in the refractory period, and the potential is 0 throughout it. There is
    no branch, so that compilers update many neurons with one instruction.

    References
    ----------
    B. Rueckauer et al., "Conversion of Continuous-Valued Deep Networks to Efficient Event-Driven
    Networks for Image Classification", Frontiers in Neuroscience 11 (2017), for reset to zero and
    reset by subtraction.
    """
    is_ready = tick >= ready_at[neuron_id]
    potential[neuron_id] = potential[neuron_id] + total
    reached = potential[neuron_id]  # in 32 bits, as it is compared
    fires = is_ready & (reached > params.threshold[neuron_id])
    left = reached - params.threshold[neuron_id] if params.soft_reset[neuron_id] else 0.0
    kept = left if fires else reached
    potential[neuron_id] = kept if is_ready else 0.0
    rests_until = tick + params.refractory_period[neuron_id] + 1
    ready_at[neuron_id] = rests_until if fires else ready_at[neuron_id]
    return fires


def must_go_on(state: NeuronState, params: NeuronParams, neuron_id: int) -> bool:
    """Return whether a neuron that just fired may fire next even if nothing arrives.

    Parameters
    ----------
    state : NeuronState
        State of the brain's neurons.
    params : NeuronParams
        Parameters of the same neurons.
    neuron_id : int
        The neuron that fired.
    """
    return state.potential[neuron_id] > params.threshold[neuron_id]


def catch_up(state: NeuronState, params: NeuronParams, neuron_id: int, tick: int) -> bool:
    """Bring the potential of a neuron up to a tick, if nothing arrived since its last update.

    It is multiplied by `decay` once per tick, also for ticks before a brain's first impulse.

    Parameters
    ----------
    state : NeuronState
        State of the brain's neurons; the entries of `neuron_id` are updated.
    params : NeuronParams
        Parameters of the same neurons.
    neuron_id : int
        The neuron.
    tick : int
        The tick, >= that of the neuron's last update.

    Returns
    -------
    bool
        False in the refractory period, where impulses do not count.
    """
    potential = state.potential
    if tick < state.ready_at[neuron_id]:
        if tick > state.updated_at[neuron_id]:  # else it fired in this tick: what is left stays
            potential[neuron_id] = 0.0
        return False
    for _ in range(tick - state.updated_at[neuron_id]):
        before = potential[neuron_id]
        if before == 0.0:
            break  # there is nothing to leak
        leak(potential, params.decay, neuron_id)
        if potential[neuron_id] == before:
            break  # nor would it change in the ticks that are left
    state.updated_at[neuron_id] = tick
    return True


def receive(
    state: NeuronState, params: NeuronParams, neuron_id: int, tick: int, total: int
) -> bool:
    """Deliver all impulses of one tick to one neuron, and return whether it fires.

    Parameters
    ----------
    state : NeuronState
        State of the brain's neurons; the entries of `neuron_id` are updated.
    params : NeuronParams
        Parameters of the same neurons.
    neuron_id : int
        The postsynaptic neuron.
    tick : int
        The tick in which the impulses arrive, >= that of the neuron's last update.
    total : int
        As in `integrate`.

    Returns
    -------
    bool
        True if the neuron fires in this tick.

    Notes
    -----
    All impulses of a tick come as one sum, so the order in which they were delivered cannot
    matter. After a firing, `must_go_on` says whether the next call is due one tick later.
    """
    if not catch_up(state, params, neuron_id, tick):
        return False
    return integrate(state.potential, state.ready_at, params, neuron_id, tick, total)


def clear(state: NeuronState, params: NeuronParams, neuron_id: int, tick: int) -> None:
    """Forget the potential and the refractory period of a neuron.

    Parameters
    ----------
    state : NeuronState
        State of the brain's neurons; the entries of `neuron_id` are updated.
    params : NeuronParams
        Parameters of the same neurons.
    neuron_id : int
        The neuron.
    tick : int
        The present tick.
    """
    del params, tick  # other rules may need them
    state.potential[neuron_id] = 0.0
    state.ready_at[neuron_id] = 0


class Rule(Protocol):
    """What the actors need of a rule; this module is one, and a brain of actors accepts others."""

    def receive(
        self, state: NeuronState, params: NeuronParams, neuron_id: int, tick: int, total: int, /
    ) -> bool:
        """Deliver all impulses of one tick to one neuron, and return whether it fires.

        Parameters
        ----------
        state, params, neuron_id, tick, total
            As in `receive` of this module.
        """
        ...

    def must_go_on(self, state: NeuronState, params: NeuronParams, neuron_id: int, /) -> bool:
        """Return whether a neuron that just fired may fire next even if nothing arrives.

        Parameters
        ----------
        state, params, neuron_id
            As in `must_go_on` of this module.
        """
        ...

    def catch_up(
        self, state: NeuronState, params: NeuronParams, neuron_id: int, tick: int, /
    ) -> bool:
        """Bring the potential of a neuron up to a tick in which nothing arrives.

        Parameters
        ----------
        state, params, neuron_id, tick
            As in `catch_up` of this module.

        Returns
        -------
        bool
            False in the refractory period, where impulses do not count.
        """
        ...

    def clear(self, state: NeuronState, params: NeuronParams, neuron_id: int, tick: int, /) -> None:
        """Put a neuron into the state in which a brain begins at `tick`.

        Parameters
        ----------
        state, params, neuron_id, tick
            As in `clear` of this module.
        """
        ...
