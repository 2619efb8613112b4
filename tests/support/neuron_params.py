"""What the rule of a neuron reads, for tests that name only the parameters that matter to them."""

from collections.abc import MutableSequence

from spiking_agent.brain.neuron import NeuronParams
from spiking_agent.brain.parameters import PER_NEURON


def neuron_params(n: int, **given: MutableSequence[float]) -> NeuronParams:
    """Return the parameters of n neurons; those that are not given have their defaults."""
    names = NeuronParams._fields
    return NeuronParams._make(given.get(name) or [PER_NEURON[name].default] * n for name in names)
