"""The same brain in Brian2, spike by spike.

How ticks map to Brian2's clock: `dt` is one tick, and its step k is our tick k. Within a step
Brian2 first updates the groups, then asks the thresholds, then lets synapses deliver, then
resets. So an impulse that a synapse delivers in step k comes too late for the threshold of step k.
Synapses therefore add to `arriving`, which the next step's update takes, and a Brian2 delay of
``initiation_delay - 1`` steps makes an impulse count ``initiation_delay`` ticks after the firing.

A spike in step k with Brian2's refractory time of r steps leaves a neuron deaf up to step
k + r - 1; ours is deaf for ``refractory_period`` ticks after tick k, so r is one more. A soft reset
subtracts the threshold.

Driving an input makes it send without any spike: an event of its own, which firing shares, so a
neuron that is driven and fires in one tick sends once. Whether it fires is asked once, in the
update, because Brian2's threshold turns `not_refractory` off before the event is asked.

Decays of 0, 0.5 and 0.75 and whole strengths are exact in binary; potentials are 32-bit floats as
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
    """Write the brain in Brian2, in whatever code Brian2 makes there.

    Parameters
    ----------
    connectome : Connectome
        The brain.
    drive : ndarray of uint8, shape (n_ticks, n_inputs)
        Who is driven at the ticks 0, 1, ...; nobody after the last one.

    Returns
    -------
    network : brian2.Network
        Run it for n_ticks + 1 steps, since the last drive arrives after the last step of drive.
    monitor : brian2.SpikeMonitor
        Its spikes.
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
    """Read the spikes as ours are given: rows of (tick, neuron id), sorted."""
    ticks = np.round(np.asarray(monitor.t) / TICK_S).astype(np.int64)
    raster = np.stack([ticks, np.asarray(monitor.i).astype(np.int64)], axis=1)
    return raster[np.lexsort((raster[:, 1], raster[:, 0]))]


def brian2_raster(connectome: "Connectome", drive: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Run a drive of shape (n_ticks, n_inputs) from a fresh start, as a raster of ours."""
    import brian2

    network, monitor = build(connectome, drive)
    network.run((len(drive) + 1) * TICK_S * brian2.second, namespace={})
    return raster_of(monitor)
