"""A lesion takes away what it names, and nothing else."""

import numpy as np
import numpy.testing as npt
import pytest

from spiking_agent.brain.connectome import Connectome
from spiking_agent.brain.lesions import without

NAMES = ("food_up", "food_down", "wall")


def _connectome() -> Connectome:
    """Make three inputs, two hidden neurons, an output; every synapse that there can be."""
    connectivity = np.arange(36).reshape(6, 6) + 1
    np.fill_diagonal(connectivity, 0)
    return Connectome(
        connectivity=connectivity,
        threshold=np.arange(6.0),
        decay=np.full(6, 0.5),
        refractory_period=np.arange(6),
        initiation_delay=np.arange(1, 7),
        input_neurons=[0, 1, 2],
        output_neurons=[5],
    )


def _removed(part: str) -> set[tuple[int, int]]:
    """Return the synapses that a lesion removes, and check that all the rest is as it was."""
    whole = _connectome()
    lesioned = without(whole, part, NAMES)
    for name, array in whole.to_arrays().items():
        if name != "connectivity":
            npt.assert_array_equal(getattr(lesioned, name), array)
    gone = (whole.connectivity != 0) & (lesioned.connectivity == 0)
    npt.assert_array_equal(lesioned.connectivity[~gone], whole.connectivity[~gone])
    return {(int(row), int(column)) for row, column in np.argwhere(gone)}


def _from(*rows: int) -> set[tuple[int, int]]:
    return {(row, column) for row in rows for column in range(6) if row != column}


def test_hidden_neurons_lose_what_they_send() -> None:
    assert _removed("hidden") == _from(3, 4)


def test_without_recurrence_impulses_only_go_forward() -> None:
    onto_inputs = {(row, column) for row in range(6) for column in range(3) if row != column}
    assert _removed("recurrence") == {(3, 4), (4, 3)} | onto_inputs | _from(5)


def test_a_neuron_that_is_input_and_output_is_cut_off_as_an_input_only() -> None:
    arrays = {**_connectome().to_arrays(), "output_neurons": [2, 5]}
    lesioned = without(Connectome(**arrays), "recurrence", NAMES).connectivity
    assert not lesioned[:, 2].any()
    assert lesioned[2, 3:].all()
    assert not lesioned[5].any()


@pytest.mark.parametrize(
    ("patterns", "inputs"),
    [("food_up", [0]), ("food_*", [0, 1]), ("wall, food_down", [1, 2]), ("*", [0, 1, 2])],
)
def test_inputs_are_silenced_by_name(patterns: str, inputs: list[int]) -> None:
    assert _removed(patterns) == _from(*inputs)


def test_an_input_is_not_the_neuron_of_the_same_number() -> None:
    arrays = {**_connectome().to_arrays(), "input_neurons": [2, 0, 1]}
    lesioned = without(Connectome(**arrays), "food_up", NAMES)
    assert not lesioned.connectivity[2].any()
    assert lesioned.connectivity[0].any()


def test_without_leak_nothing_decays() -> None:
    lesioned = without(_connectome(), "leak", NAMES)
    npt.assert_array_equal(lesioned.decay, np.ones(6))
    npt.assert_array_equal(lesioned.connectivity, _connectome().connectivity)


@pytest.mark.parametrize("part", ["fod_*", "food_*,nose", "", "Hidden"])
def test_a_part_that_is_none_is_refused(part: str) -> None:
    with pytest.raises(ValueError, match=r"without must be hidden, leak, recurrence or .* wall$"):
        without(_connectome(), part, NAMES)


def test_every_input_needs_a_name() -> None:
    with pytest.raises(ValueError, match="input_names must be 3, one for each input, got 2"):
        without(_connectome(), "hidden", NAMES[:2])
