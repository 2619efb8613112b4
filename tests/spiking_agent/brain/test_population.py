"""A population is its connectomes, stacked."""

from typing import Any

import numpy as np
import numpy.testing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_connectomes import random_connectome

from spiking_agent.brain.connectome import Connectome
from spiking_agent.brain.parameters import PER_NEURON
from spiking_agent.brain.population import ROLES, Population


def relatives(seed: int, size: int = 4, n_neurons: int = 7) -> list[Connectome]:
    """Connectomes of equal size and roles."""
    rng = np.random.default_rng(seed)
    family = [random_connectome(rng, n_neurons) for _ in range(size)]
    roles = {name: getattr(family[0], name) for name in ("input_neurons", "output_neurons")}
    return [Connectome.from_arrays({**connectome.to_arrays(), **roles}) for connectome in family]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 2**32), st.integers(1, 5), st.integers(2, 20))
def test_stacked_connectome_comes_out_as_it_went_in(seed: int, size: int, n_neurons: int) -> None:
    family = relatives(seed, size, n_neurons)
    population = Population.from_connectomes(family)
    assert len(population) == size
    assert population.n_neurons == n_neurons
    assert [population.connectome(i) for i in range(size)] == family


def test_only_columns_that_hold_a_synapse_are_kept() -> None:
    connectivity = np.zeros((4, 4), np.int8)
    connectivity[0, 3] = connectivity[3, 1] = 1
    connectome = Connectome.from_arrays(
        {**relatives(0, 1, 4)[0].to_arrays(), "connectivity": connectivity}
    )
    population = Population.from_connectomes([connectome])
    assert population.target_neurons.tolist() == [1, 3]
    assert population.strength.shape == (1, 4, 2)


def test_brains_without_any_synapse_can_be_stacked() -> None:
    arrays = relatives(0, 1)[0].to_arrays()
    connectome = Connectome.from_arrays({**arrays, "connectivity": np.zeros((7, 7), np.int8)})
    population = Population.from_connectomes([connectome, connectome])
    assert population.strength.shape == (2, 7, 0)
    assert population.connectome(1) == connectome


def test_genomes_are_taken_in_the_order_named() -> None:
    family = relatives(1)
    taken = Population.from_connectomes(family).take([3, 0, 3])
    assert [taken.connectome(i) for i in range(3)] == [family[3], family[0], family[3]]


@pytest.mark.parametrize("genome_ids", [[1, 2], np.array([1, 2], np.int32), slice(1, 3)])
def test_genomes_are_taken_by_lists_arrays_and_slices(genome_ids: Any) -> None:
    family = relatives(2)
    taken = Population.from_connectomes(family).take(genome_ids)
    assert [taken.connectome(i) for i in range(len(taken))] == family[1:3]


def test_no_genomes_can_be_taken() -> None:
    assert len(Population.from_connectomes(relatives(2)).take([])) == 0


def test_taken_genomes_are_copies() -> None:
    population = Population.from_connectomes(relatives(3))
    for genome_ids in ([0, 1, 2, 3], slice(None)):
        taken = population.take(genome_ids)
        for name in ("strength", *PER_NEURON):
            assert not np.shares_memory(getattr(taken, name), getattr(population, name))


@pytest.mark.parametrize("genome_ids", [[True, False, True, False], [0.0, 1.0], 2, [[0, 1]]])
def test_masks_and_other_names_of_genomes_are_refused(genome_ids: Any) -> None:
    with pytest.raises(TypeError, match="genome_ids must be a list of whole numbers, got shape"):
        Population.from_connectomes(relatives(4)).take(genome_ids)


def test_genomes_that_do_not_exist_cannot_be_taken() -> None:
    with pytest.raises(IndexError):
        Population.from_connectomes(relatives(4)).take([4])


def test_arrays_make_the_population_again() -> None:
    population = Population.from_connectomes(relatives(6))
    arrays = population.to_arrays()
    assert set(arrays) == {"strength", *PER_NEURON, *ROLES}
    again = Population(**arrays)
    for name, array in again.to_arrays().items():
        npt.assert_array_equal(array, arrays[name])


def test_connectome_that_leaves_a_population_is_checked() -> None:
    population = Population.from_connectomes(relatives(7))
    population.decay[2, 5] = 1.5
    assert population.connectome(1).n_neurons == 7
    with pytest.raises(ValueError, match="decay must lie in"):
        population.connectome(2)


def test_no_connectome_is_no_population() -> None:
    with pytest.raises(ValueError, match="connectomes must hold at least one Connectome, got none"):
        Population.from_connectomes([])


def test_brains_of_different_size_cannot_be_stacked() -> None:
    with pytest.raises(ValueError, match="all have 7 neurons, as the first has, got 6 at position"):
        Population.from_connectomes([*relatives(8), *relatives(8, n_neurons=6)])


@pytest.mark.parametrize("name", ["input_neurons", "output_neurons"])
def test_brains_of_different_roles_cannot_be_stacked(name: str) -> None:
    first = relatives(9)[0]
    other = Connectome.from_arrays({**first.to_arrays(), name: [6, 5, 4]})
    message = rf"connectomes must all have the {name} of the first, got \[6, 5, 4\] at position 2"
    with pytest.raises(ValueError, match=message):
        Population.from_connectomes([first, first, other])
