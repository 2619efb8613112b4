"""The wiring of a brain of actors: the channels of its axons, and the merges of its dendrites."""

import numpy as np

from spiking_agent.brain.actors.channel import Receiver, Sender
from spiking_agent.brain.actors.merge import Merge, WakeUps
from spiking_agent.brain.connectome import Connectome

Impulse = int  # the tick at which it was sent; it carries nothing else
Branch = tuple[Sender[Impulse], int]  # of an axon, and the ticks from a firing to its impulses
Axons = dict[int, list[Branch]]  # by neuron
Dendrites = dict[int, Merge[Receiver[Impulse]]]
Echoes = dict[int, Sender[Impulse]]  # of neurons with soft resets


def wire(connectome: Connectome, capacity: int) -> tuple[Axons, Dendrites, Echoes]:
    """Return the axons, dendrites and echoes of a brain, each synapse labelled with its strength.

    Parameters
    ----------
    connectome : Connectome
        The brain.
    capacity : int
        Impulses that each channel keeps.
    """
    synapses = connectome.synapses
    branches = synapses.branches
    delays = connectome.initiation_delay[branches.source] + branches.delay
    targets, strengths = synapses.target.tolist(), synapses.strength.tolist()
    first = branches.first.tolist()
    axons: Axons = {}
    reached_by: dict[int, list[tuple[Sender[Impulse], int]]] = {}
    for place, neuron_id in enumerate(branches.source.tolist()):
        branch: Sender[Impulse] = Sender(capacity)
        axons.setdefault(neuron_id, []).append((branch, int(delays[place])))
        for synapse in range(first[place], first[place + 1]):
            reached_by.setdefault(targets[synapse], []).append((branch, strengths[synapse]))
    wake_ups = WakeUps()
    dendrites: Dendrites = {}
    for neuron_id in sorted(reached_by):
        dendrites[neuron_id] = Merge(wake_ups)
        for branch, strength in reached_by[neuron_id]:
            branch.subscribe().join(dendrites[neuron_id], label=strength)
    echoes: Echoes = {}
    for neuron_id in np.flatnonzero(connectome.soft_reset).tolist():
        if neuron_id in dendrites:
            echoes[neuron_id] = Sender(capacity)
            echoes[neuron_id].subscribe().join(dendrites[neuron_id], label=0)
    return axons, dendrites, echoes
