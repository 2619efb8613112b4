"""A rule of neurons that fails."""

from spiking_agent.brain import neuron


class ExplodingRule:
    """The neuron's rule, until it explodes in the tick `at`."""

    clear = staticmethod(neuron.clear)
    catch_up = staticmethod(neuron.catch_up)
    must_go_on = staticmethod(neuron.must_go_on)

    def __init__(self, at: int) -> None:
        self.at = at

    def receive(self, state, params, neuron_id: int, tick: int, total: int) -> bool:
        if tick >= self.at:
            raise ZeroDivisionError("in a neuron")
        return neuron.receive(state, params, neuron_id, tick, total)
