"""The brain once more, as plainly as it can be said: no tasks, no channels, no lazy leak.

Every tick, every neuron's potential leaks; then the impulses that arrive are summed neuron by
neuron; then the neurons that heard something may fire. This is the oracle of both engines.
"""

import numpy as np
import numpy.typing as npt

from spiking_agent.brain.connectome import Connectome


class NaiveBrain:
    def __init__(self, connectome: Connectome, *, extra_delay: int = 0) -> None:
        """`extra_delay` is a slip to be planted by tests."""
        n = connectome.n_neurons
        self.connectome = connectome
        self.extra_delay = extra_delay
        self.tick = 0
        self.raster: list[tuple[int, int]] = []
        # presynaptic neuron -> delay of its branch -> postsynaptic neuron -> strength
        self.synapses: dict[int, dict[int, dict[int, int]]] = {i: {} for i in range(n)}
        if connectome.connectivity is not None:
            for i in range(n):
                self.synapses[i][0] = {
                    j: int(connectome.connectivity[i, j])
                    for j in range(n)
                    if connectome.connectivity[i, j] != 0
                }
        else:
            lists = connectome.synapses
            for entry in zip(lists.source, lists.target, lists.strength, lists.delay, strict=True):
                i, j, strength, delay = map(int, entry)
                self.synapses[i].setdefault(delay, {})[j] = strength
        self.clear()

    def clear(self) -> None:
        neurons = range(self.connectome.n_neurons)
        self.potential = {j: np.float32(0) for j in neurons}
        self.n_refractory_ticks = dict.fromkeys(neurons, 0)  # still to come
        # tick of arrival -> presynaptic neurons with the delay of their branch
        self.senders: dict[int, set[tuple[int, int]]] = {}

    def begin(self, carry_state: bool | str) -> None:
        """Begin a decision: what does not outlive the one before is forgotten."""
        if carry_state == "impulses":
            for neuron_id in range(self.connectome.n_neurons):
                kept = ["nothing", "impulses", "all"][self.connectome.kept[neuron_id]]
                if kept == "nothing":
                    for senders in self.senders.values():
                        senders -= {one for one in senders if one[0] == neuron_id}
                if kept != "all":
                    self.potential[neuron_id] = np.float32(0)
                    self.n_refractory_ticks[neuron_id] = 0
        elif not carry_state:
            self.clear()

    def decide(self, drive: npt.NDArray[np.uint8], n_ticks: int) -> list[int]:
        start = self.tick
        for k in range(n_ticks):
            row = drive[k] if len(drive) > 1 else drive[0]
            for neuron_id, value in zip(self.connectome.input_neurons.tolist(), row, strict=True):
                if value != 0:
                    self._send(neuron_id)
            self._next_tick()
        spikes = [neuron_id for tick, neuron_id in self.raster if tick > start]
        return [spikes.count(neuron_id) for neuron_id in self.connectome.output_neurons.tolist()]

    def _send(self, neuron_id: int) -> None:
        sent = self.tick + int(self.connectome.initiation_delay[neuron_id]) + self.extra_delay
        for delay in self.synapses[neuron_id]:
            self.senders.setdefault(sent + delay, set()).add((neuron_id, delay))

    def _next_tick(self) -> None:
        self.tick += 1
        totals: dict[int, int] = {}
        for presynaptic_id, delay in self.senders.pop(self.tick, set()):
            for neuron_id, strength in self.synapses[presynaptic_id][delay].items():
                totals[neuron_id] = totals.get(neuron_id, 0) + strength
        for neuron_id in range(self.connectome.n_neurons):
            self.potential[neuron_id] *= self.connectome.decay[neuron_id]
            if self.n_refractory_ticks[neuron_id] > 0:
                self.n_refractory_ticks[neuron_id] -= 1
                self.potential[neuron_id] = np.float32(0)
            else:
                self.potential[neuron_id] += np.float32(totals.get(neuron_id, 0))
                if self.potential[neuron_id] > self.connectome.threshold[neuron_id]:
                    self._fire(neuron_id)

    def _fire(self, neuron_id: int) -> None:
        self.raster.append((self.tick, neuron_id))
        self.potential[neuron_id] -= (
            self.connectome.threshold[neuron_id]
            if self.connectome.soft_reset[neuron_id]
            else self.potential[neuron_id]
        )
        self.n_refractory_ticks[neuron_id] = int(self.connectome.refractory_period[neuron_id])
        self._send(neuron_id)
