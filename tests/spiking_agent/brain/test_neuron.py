"""The neuron's rule, by example."""

from array import array

import numpy as np
import pytest
from neuron_params import neuron_params

from spiking_agent.brain.neuron import (
    NeuronParams,
    NeuronState,
    clear,
    must_go_on,
    of_brain,
    receive,
)
from spiking_agent.brain.parameters import PER_NEURON


class Neuron:
    """One neuron among others, which must not change."""

    def __init__(
        self,
        threshold: float = 2.0,
        decay: float = 0.5,
        refractory_period: int = 0,
        **more: float,
    ) -> None:
        self.state = NeuronState(array("f", [7.0, 0.0, 7.0]), [0, 0, 0], [0, 0, 0])
        self.params = neuron_params(
            3,
            threshold=array("f", [0.0, threshold, 0.0]),
            decay=array("f", [0.0, decay, 0.0]),
            refractory_period=[0, refractory_period, 0],
            **{name: [0, value, 0] for name, value in more.items()},
        )

    def hear(self, tick: int, total: int) -> bool:
        has_fired = receive(self.state, self.params, 1, tick, total)
        assert [self.state.potential[0], self.state.potential[2]] == [7.0, 7.0]
        return has_fired

    @property
    def potential(self) -> float:
        return self.state.potential[1]


def test_impulses_add_up_and_leak_by_one_factor_per_tick() -> None:
    neuron = Neuron(threshold=100.0, decay=0.5)
    assert not neuron.hear(3, 8)  # what there was before the first impulse is nothing
    assert neuron.potential == 8.0
    neuron.hear(4, 1)
    assert neuron.potential == 5.0
    neuron.hear(7, 0)
    assert neuron.potential == 0.625


def test_neuron_fires_when_the_potential_exceeds_the_threshold() -> None:
    neuron = Neuron(threshold=2.0, decay=1.0)
    assert not neuron.hear(1, 2)  # equal is not enough
    assert neuron.hear(2, 1)
    assert neuron.potential == 0.0


def test_a_soft_reset_takes_off_the_threshold_and_no_more() -> None:
    neuron = Neuron(threshold=4.0, decay=1.0, soft_reset=True)
    assert neuron.hear(1, 11)
    assert neuron.potential == 7.0
    assert must_go_on(neuron.state, neuron.params, 1)
    assert neuron.hear(2, 0)
    assert neuron.potential == 3.0
    assert not must_go_on(neuron.state, neuron.params, 1)
    assert not neuron.hear(3, 0)
    assert neuron.hear(4, 2)
    assert neuron.potential == 1.0


def test_what_comes_late_in_the_tick_of_a_firing_is_dropped_and_takes_nothing_along() -> None:
    neuron = Neuron(threshold=4.0, decay=1.0, soft_reset=True)
    assert neuron.hear(1, 11)
    assert not neuron.hear(1, 100)
    assert neuron.potential == 7.0
    assert neuron.hear(2, 0)


@pytest.mark.parametrize("strength", [1, 3, 10, 25])
def test_with_a_soft_reset_no_charge_is_lost(strength: int) -> None:
    neuron = Neuron(threshold=100.0, decay=1.0, soft_reset=True)
    n_spikes = sum(neuron.hear(tick, strength) for tick in range(1, 1001))
    assert 100 * n_spikes + neuron.potential == 1000 * strength


def test_what_a_firing_leaves_leaks() -> None:
    neuron = Neuron(threshold=4.0, decay=0.5, soft_reset=True)
    assert neuron.hear(1, 11)
    assert not neuron.hear(2, 0)
    assert neuron.potential == 3.5


def test_potentials_are_compared_in_32_bits() -> None:
    """Where the sum rounds down to the threshold, a neuron stays silent in both engines."""
    first = float(np.float32(0.1))
    totals = [n for n in range(1, 100) if float(np.float32(first + n)) < first + n]
    assert totals
    for total in totals:
        neuron = Neuron(threshold=float(np.float32(first + total)), decay=first)
        neuron.hear(0, 1)
        assert not neuron.hear(1, total)


def test_threshold_zero_needs_an_excitatory_impulse() -> None:
    neuron = Neuron(threshold=0.0)
    assert [neuron.hear(1, 0), neuron.hear(2, -1), neuron.hear(3, 1)] == [False, False, True]


@pytest.mark.parametrize("refractory_period", [0, 1, 3])
def test_impulses_are_dropped_for_the_refractory_period(refractory_period: int) -> None:
    neuron = Neuron(threshold=1.0, decay=1.0, refractory_period=refractory_period)
    assert [tick for tick in range(1, 10) if neuron.hear(tick, 2)] == list(
        range(1, 10, refractory_period + 1)
    )


def test_dropped_impulses_leave_no_trace() -> None:
    neuron = Neuron(threshold=1.0, decay=1.0, refractory_period=2)
    assert neuron.hear(1, 5)
    assert not neuron.hear(2, -50)
    assert not neuron.hear(3, 50)
    assert not neuron.hear(4, 1)
    assert neuron.potential == 1.0


def test_a_cleared_neuron_is_at_rest_and_ready() -> None:
    neuron = Neuron(threshold=1.0, decay=1.0, refractory_period=5)
    assert neuron.hear(1, 2)
    clear(neuron.state, neuron.params, 1, 1)
    assert list(neuron.state.potential) == [7.0, 0.0, 7.0]
    assert not receive(neuron.state, neuron.params, 1, 2, 1)
    assert receive(neuron.state, neuron.params, 1, 3, 1)


def test_parameters_of_one_brain_are_a_row_of_those_of_many() -> None:
    places = range(len(NeuronParams._fields))
    params = NeuronParams._make(np.arange(6).reshape(2, 3) + i for i in places)
    assert [list(row) for row in of_brain(params, 1)] == [[3 + i, 4 + i, 5 + i] for i in places]


def test_inhibition_keeps_the_potential_below_rest() -> None:
    neuron = Neuron(threshold=1.0, decay=0.5)
    neuron.hear(1, -4)
    assert not neuron.hear(2, 3)
    assert neuron.potential == 1.0


def test_potentials_are_rounded_to_32_bits_after_each_tick_of_leak_and_after_the_sum() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        decay = np.float32(rng.random())
        total, more, n_ticks = (int(i) for i in rng.integers(1, 10**6, 3) // [1, 1, 10**5])
        neuron = Neuron(threshold=2.0**24, decay=float(decay))
        neuron.hear(0, total)
        neuron.hear(n_ticks, more)
        expected = np.float32(total)
        for _ in range(n_ticks):
            expected = expected * decay
        np.testing.assert_equal(
            np.float32(neuron.potential), np.float32(expected + np.float32(more))
        )


def test_lists_arrays_and_numpy_arrays_give_the_same_numbers() -> None:
    rng = np.random.default_rng(1)
    neuron = Neuron(threshold=3.0, decay=0.7, refractory_period=1)
    state = NeuronState(np.zeros(1, np.float32), np.zeros(1, np.int64), np.zeros(1, np.int64))
    values = neuron_params(1, threshold=[3.0], decay=[0.7], refractory_period=[1])._asdict()
    params = NeuronParams(
        **{name: np.array(value, PER_NEURON[name].dtype) for name, value in values.items()}
    )
    for tick in np.cumsum(rng.integers(1, 4, 300)).tolist():
        total = int(rng.integers(-3, 5))
        assert neuron.hear(tick, total) == receive(state, params, 0, tick, total)
        assert neuron.potential == state.potential[0]
