"""One brain at work: its connectome, the rule of its neurons, and two engines that run it.

`connectome` is what a brain is built from, `synapses` its synapses as lists, `neuron` the rule that
all neurons follow. `actors` runs a task for each neuron over broadcast channels, and `compiled`
many brains in one kernel: both give the same spikes. `population` holds the connectomes of many
brains side by side, `interface` is what both engines offer, and `lesions` takes parts of a brain
away. Nothing here knows what a brain is connected to.
"""

from spiking_agent.brain.connectome import Connectome
from spiking_agent.brain.population import Population
from spiking_agent.brain.synapses import Synapses

__all__ = [
    "Connectome",
    "Population",
    "Synapses",
]
