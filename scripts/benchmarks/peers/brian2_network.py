"""The same brain in Brian2, spike by spike.

How ticks map to Brian2's clock: `dt` is one tick, and its step k is our tick k. Within a step
Brian2 first updates the groups, then checks the thresholds, then delivers along synapses, then
resets. So an impulse that a synapse delivers in step k comes too late for the threshold of step k.
Synapses therefore add to `arriving`, which is read by the update of the next step, and with a
Brian2 delay of ``initiation_delay - 1`` steps an impulse counts ``initiation_delay`` ticks after
the firing.

After a spike in step k, a neuron in Brian2 with a refractory time of r steps is refractory up to
step k + r - 1. Ours is refractory for ``refractory_period`` ticks after tick k, so r is one more. A
soft reset subtracts the threshold.

An input that is driven sends impulses without a spike. So sending is an event of its own, with
`fires or driven` as its condition, and a neuron that is driven and fires in the same tick sends
once. `fires` is computed once, in the update, because Brian2's threshold turns `not_refractory` off
before the condition of the event is checked.

Decays of 0, 0.5 and 0.75 and whole strengths are exact in binary. Potentials are 32-bit floats as
in ours (`prefs.core.default_float_dtype`), so products round alike.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from spiking_agent.brain.connectome import Connectome

TICK_S = 0.001

MODEL = """
v : 1
arriving : 1
fires : boolean
driven : boolean
column : integer (constant)
threshold : 1 (constant)
decay : 1 (constant)
is_soft : boolean (constant)
deaf_for : second (constant)
"""


def build(connectome: "Connectome", drive: NDArray[np.uint8]) -> tuple[Any, Any]:
    """Return the brain as a Brian2 network, for the code generation target that is set.

    Parameters
    ----------
    connectome : Connectome
        The brain.
    drive : ndarray of uint8, shape (n_ticks, n_inputs)
        Which inputs are driven at the ticks 0, 1, ...; none after the last one.

    Returns
    -------
    network : brian2.Network
        Run it for n_ticks + 1 steps, because the last impulses arrive one step after the drive.
    monitor : brian2.SpikeMonitor
        Records its spikes.
    """
    import brian2

    brian2.prefs.core.default_float_dtype = np.float32
    brian2.defaultclock.dt = tick = TICK_S * brian2.second
    n_ticks, n_inputs = drive.shape
    padded = np.zeros((n_ticks + 1, n_inputs + 1), np.float32)  # the last column: no input
    padded[:-1, :-1] = drive != 0
    drive_at = brian2.TimedArray(padded, dt=tick, name="drive_at")
    group = brian2.NeuronGroup(
        connectome.n_neurons,
        MODEL,
        threshold="fires",
        reset="v = int(is_soft) * (v - threshold)",
        refractory="deaf_for",
        events={"impulse": "fires or driven"},
        method="exact",
        namespace={"drive_at": drive_at},
    )
    group.threshold, group.decay = connectome.threshold, connectome.decay
    group.is_soft = connectome.soft_reset
    column = np.full(connectome.n_neurons, n_inputs)
    column[connectome.input_neurons] = np.arange(n_inputs)
    group.column = column
    group.deaf_for = (connectome.refractory_period + 1) * tick
    group.run_regularly(
        """
        v = v * decay + arriving * int(not_refractory)
        arriving = 0
        fires = v > threshold and not_refractory
        driven = drive_at(t, column) > 0.5
        """,
        when="groups",
        order=1,  # after Brian2 has brought `not_refractory` up to date
    )
    synapses = brian2.Synapses(
        group,
        group,
        "strength : 1 (constant)",
        on_pre="arriving_post += strength",
        on_event="impulse",
    )
    senders, targets = np.nonzero(connectome.connectivity)
    synapses.connect(i=senders, j=targets)
    synapses.strength = connectome.connectivity[senders, targets]
    synapses.delay = (connectome.initiation_delay[senders] - 1) * tick
    monitor = brian2.SpikeMonitor(group)
    return brian2.Network(group, synapses, monitor), monitor


def raster_of(monitor: Any) -> NDArray[np.int64]:
    """Return the spikes as a raster like ours: sorted rows of (tick, neuron id)."""
    ticks = np.round(np.asarray(monitor.t) / TICK_S).astype(np.int64)
    raster = np.stack([ticks, np.asarray(monitor.i).astype(np.int64)], axis=1)
    return raster[np.lexsort((raster[:, 1], raster[:, 0]))]


def brian2_raster(connectome: "Connectome", drive: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Run a drive of shape (n_ticks, n_inputs) on a fresh brain, and return a raster like ours."""
    import brian2

    network, monitor = build(connectome, drive)
    network.run((len(drive) + 1) * TICK_S * brian2.second, namespace={})
    return raster_of(monitor)
