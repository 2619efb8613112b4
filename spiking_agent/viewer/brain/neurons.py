"""The neurons of a brain with their names and kinds, and its synapses as lists."""

import numpy as np

from spiking_agent.brain.connectome import Connectome
from spiking_agent.typing import IntpArray


class Neurons:
    """What the viewer's panels need to know about a brain, looked up once.

    Parameters
    ----------
    connectome : Connectome
        The brain.
    names : tuple of str, length n_neurons
        Names of the neurons.
    """

    def __init__(self, connectome: Connectome, names: tuple[str, ...]) -> None:
        self.connectome = connectome
        self.names = names
        self.groups: tuple[IntpArray, ...] = connectome.groups
        self.kind = np.zeros(connectome.n_neurons, np.intp)  # place in `theme.KINDS`
        for kind, group in enumerate(self.groups):
            self.kind[group] = kind
        lists = connectome.synapses
        ends = np.stack([lists.source, lists.target], 1)
        self.synapses = ends.astype(np.intp)  # (n_synapses, 2), by presynaptic neuron
        self.strengths = lists.strength.astype(np.intp)
        self.delays = connectome.initiation_delay[lists.source] + lists.delay  # until the arrival
        self.first = np.searchsorted(lists.source, np.arange(connectome.n_neurons + 1))
        self.greatest = max(1, int(np.abs(self.strengths).max(initial=1)))

    def synapses_of(self, neuron_id: int) -> IntpArray:
        """Return the places in `synapses` of the synapses that leave a neuron.

        Parameters
        ----------
        neuron_id : int
            The neuron.
        """
        return np.arange(self.first[neuron_id], self.first[neuron_id + 1])

    def synapses_to(self, neuron_id: int) -> IntpArray:
        """Return the places in `synapses` of the synapses that reach a neuron.

        Parameters
        ----------
        neuron_id : int
            The neuron.
        """
        return np.flatnonzero(self.synapses[:, 1] == neuron_id)

    def describe(self, neuron_id: int) -> list[str]:
        """Return lines about one neuron: its name, its parameters, its strongest synapses.

        Parameters
        ----------
        neuron_id : int
            The neuron.
        """
        connectome = self.connectome
        kind = ("input", "hidden", "output")[self.kind[neuron_id]]
        lines = [f"{self.names[neuron_id]}   ({kind} neuron {neuron_id})"]
        leaving, reaching = self.synapses_of(neuron_id), self.synapses_to(neuron_id)
        if len(reaching) or kind != "input":
            lines.append(
                f"threshold {connectome.threshold[neuron_id]:g}   "
                f"decay {connectome.decay[neuron_id]:g}   "
                f"refractory {connectome.refractory_period[neuron_id]}"
                f"{'   soft reset' if connectome.soft_reset[neuron_id] else ''}"
            )
        lines.append(f"initiation delay {_ticks(int(connectome.initiation_delay[neuron_id]))}")
        arrivals = np.unique(self.delays[leaving])
        if len(arrivals) > 1:
            lines.append(f"branches that deliver after {', '.join(map(str, arrivals))} ticks")
        for word, places, end in (("to", leaving, 1), ("from", reaching, 0)):
            if len(places):
                lines.append(f"{len(places)} synapse{'s' * (len(places) > 1)} {word}")
                lines += self._strongest(places, end)
        return lines

    def _strongest(self, places: IntpArray, end: int, n_most: int = 4) -> list[str]:
        order = np.argsort(-np.abs(self.strengths[places]), kind="stable")
        lines = [
            f"   {self.strengths[place]:+d}  {self.names[self.synapses[place, end]]}"
            for place in places[order[:n_most]]
        ]
        n_left = len(places) - n_most
        return [*lines, f"   and {n_left} more"] if n_left > 0 else lines


def _ticks(n_ticks: int) -> str:
    return f"{n_ticks} tick{'s' * (n_ticks != 1)}"
