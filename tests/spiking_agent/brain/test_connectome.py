"""A connectome holds what the rules allow, and nothing else."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_connectomes import connectomes

from spiking_agent.brain.connectome import Connectome

GENES = {
    "connectivity": [[0, 2, -3], [1, 0, 0], [0, 0, 0]],
    "threshold": [1.0, 2.0, 0.5],
    "decay": [0.0, 0.5, 1.0],
    "refractory_period": [0, 1, 2],
    "initiation_delay": [1, 2, 3],
    "input_neurons": [0],
    "output_neurons": [2, 1],
}


def make(**changes: Any) -> Connectome:
    return Connectome(**{**GENES, **changes})


def test_brains_are_bounded_in_size_and_in_what_may_be_in_flight() -> None:
    with pytest.raises(ValueError, match="connectivity must have at most 17000 rows, got 17001"):
        make(connectivity=np.broadcast_to(np.int8(0), (17_001, 17_001)), **large(17_001))
    make(connectivity=np.zeros((1_677, 1_677), np.int8), **large(1_677, initiation_delay=10_000))
    message = "initiation_delay must be at most 9997 in a brain of 1678 neurons, got 10000"
    with pytest.raises(ValueError, match=message):
        make(
            connectivity=np.zeros((1_678, 1_678), np.int8), **large(1_678, initiation_delay=10_000)
        )


def large(n_neurons: int, initiation_delay: int = 1) -> dict[str, Any]:
    zeros = dict.fromkeys(("threshold", "decay", "refractory_period"), np.zeros(n_neurons, int))
    return {**zeros, "initiation_delay": np.full(n_neurons, initiation_delay)}


def test_every_neuron_is_an_input_or_hidden_or_an_output() -> None:
    groups = make(input_neurons=[2, 0], output_neurons=[2]).groups
    assert [ids.tolist() for ids in groups] == [[0], [1], [2]]
    groups = make(input_neurons=[1, 0], output_neurons=[2]).groups
    assert [ids.tolist() for ids in groups] == [[1, 0], [], [2]]  # inputs as they are driven


def test_arrays_are_copied_unless_nobody_can_write_into_them() -> None:
    threshold = np.ones(3, np.float32)
    assert make(threshold=threshold).threshold is not threshold
    view = threshold[:]
    view.setflags(write=False)  # its owner can still be written into
    assert make(threshold=view).threshold is not view
    threshold.setflags(write=False)
    assert make(threshold=threshold).threshold is threshold


def test_lists_become_arrays_of_the_promised_kinds() -> None:
    connectome = make()
    assert {name: array.dtype.name for name, array in connectome.to_arrays().items()} == {
        "connectivity": "int8",
        "threshold": "float32",
        "decay": "float32",
        "refractory_period": "int32",
        "initiation_delay": "int32",
        "soft_reset": "bool",
        "kept": "uint8",
        "input_neurons": "int32",
        "output_neurons": "int32",
    }
    assert (
        connectome.n_neurons,
        connectome.n_inputs,
        connectome.n_outputs,
        connectome.n_synapses,
    ) == (3, 1, 2, 3)


def test_arrays_are_copies_that_cannot_be_written() -> None:
    threshold = np.ones(3, np.float32)
    connectome = make(threshold=threshold)
    threshold[:] = 5.0
    assert connectome.threshold.tolist() == [1.0, 1.0, 1.0]
    for array in connectome.to_arrays().values():
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"connectivity": [[0, 1, 0]] * 2}, r"connectivity must be a square matrix, got shape \(2"),
        ({"connectivity": np.zeros((0, 0), int)}, r"square matrix, got shape \(0, 0\)"),
        ({"connectivity": [0, 1]}, r"square matrix, got shape \(2,\)"),
        ({"connectivity": [[0, 1], [0]]}, "connectivity must have rows of equal length"),
        (
            {"connectivity": [[0, 0, 0], [0, 4, 0], [0, 0, 0]]},
            r"connectivity must have zeros on its diagonal \(no self-synapse\), got 4 for neuron 1",
        ),
        (
            {"connectivity": [[0, 128, 0], [0, 0, 0], [0, 0, 0]]},
            r"connectivity must lie in \[-128, 127\], got 128 at index \[0, 1\]",
        ),
        (
            {"threshold": [1.0, 2.0]},
            r"threshold must have shape \(3,\), one entry for each neuron, got",
        ),
        (
            {"threshold": 1.0},
            r"threshold must have shape \(3,\), one entry for each neuron, got \(\)",
        ),
        (
            {"soft_reset": [True]},
            r"soft_reset must have shape \(3,\), one entry for each neuron, got \(1,\)",
        ),
        (
            {"soft_reset": True},
            r"soft_reset must have shape \(3,\), one entry for each neuron, got \(\)",
        ),
        ({"threshold": [1.0, -0.5, 0.0]}, r"threshold must lie in .*, got -0.5 at index \[1\]"),
        ({"threshold": [1.0, np.nan, 0.0]}, r"threshold must lie in .*, got nan at index \[1\]"),
        ({"threshold": [1.0, 1e300, 0.0]}, r"threshold must lie in .*, got 1e\+300 at index"),
        ({"threshold": [1.0, 2.0**24 + 2, 0.0]}, r"threshold must lie in \[0.0, 16777216.0\]"),
        ({"decay": [1.0, 1.0 + 1e-12, 0.0]}, r"decay must lie in \[0.0, 1.0\], got 1.000000000001"),
        ({"refractory_period": [0, -1, 0]}, r"refractory_period must lie in \[0, 10000\], got -1"),
        ({"refractory_period": [0, 10_001, 0]}, "refractory_period must lie in .*, got 10001"),
        (
            {"refractory_period": [0, 2, 2], "soft_reset": [True, False, True]},
            "soft_reset must be False together with a refractory_period > 0, .* True and 2 for "
            "neuron 2: set soft_reset to False or refractory_period to 0",
        ),
        ({"initiation_delay": [1, 0, 1]}, r"initiation_delay must lie in \[1, 10000\], got 0"),
        ({"initiation_delay": [1, 2**40, 1]}, "initiation_delay must lie in .*, got 1099511627776"),
        ({"input_neurons": [3]}, r"input_neurons must lie in \[0, 2\], got 3"),
        ({"output_neurons": [-1]}, "output_neurons must lie in .*, got -1"),
        ({"output_neurons": []}, "output_neurons must be a list of at least one neuron"),
        ({"input_neurons": [[0]]}, r"input_neurons must be a list of .*, got shape \(1, 1\)"),
        ({"input_neurons": [1, 0, 1]}, r"input_neurons must not repeat a neuron, got \[1, 0, 1\]"),
    ],
)
def test_what_breaks_a_rule_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"connectivity": np.zeros((3, 3))}, "connectivity must hold integers, got dtype float64"),
        ({"connectivity": np.zeros((3, 3), bool)}, "connectivity must hold integers, got dtype bo"),
        ({"input_neurons": [2**70]}, "input_neurons must hold integers, got dtype object"),
        ({"threshold": ["1", "2", "3"]}, "threshold must hold numbers, got dtype <U1"),
        ({"soft_reset": [0, 1, 1]}, "soft_reset must hold True or False, got dtype int64"),
        ({"decay": [0.5j, 0, 0]}, "decay must hold numbers, got dtype complex128"),
    ],
)
def test_other_kinds_of_numbers_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make(**changes)


def test_resets_go_to_zero_unless_said_otherwise() -> None:
    assert make().soft_reset.tolist() == [False] * 3
    arrays = make(soft_reset=[True, False, False]).to_arrays()
    assert Connectome.from_arrays(arrays).soft_reset.tolist() == [True, False, False]
    del arrays["soft_reset"]
    assert Connectome.from_arrays(arrays) == make()


def test_bounds_themselves_are_allowed() -> None:
    connectome = make(
        connectivity=[[0, 127, -128], [0, 0, 0], [0, 0, 0]],
        threshold=[0.0, 2.0**24, 0.0],
        refractory_period=[0, 10_000, 0],
        initiation_delay=[1, 10_000, 1],
    )
    assert connectome.connectivity[0].tolist() == [0, 127, -128]
    assert connectome.initiation_delay[1] == 10_000


@settings(max_examples=50, deadline=None, derandomize=True)
@given(connectomes())
def test_arrays_of_connectome_make_equal_connectome(connectome: Connectome) -> None:
    assert Connectome.from_arrays(connectome.to_arrays()) == connectome


@settings(max_examples=50, deadline=None, derandomize=True)
@given(connectomes(max_neurons=8), st.sampled_from(["threshold", "decay", "initiation_delay"]))
def test_one_other_gene_makes_other_connectome(connectome: Connectome, name: str) -> None:
    arrays = connectome.to_arrays()
    changed = arrays[name].copy()
    changed[-1] = 1 if changed[-1] != 1 else 0.5 if name == "decay" else 2
    assert Connectome.from_arrays({**arrays, name: changed}) != connectome


def test_order_of_the_outputs_counts() -> None:
    assert make() != make(output_neurons=[1, 2])


def test_connectome_is_no_key_and_nothing_but_connectome() -> None:
    connectome = make()
    with pytest.raises(TypeError, match="unhashable"):
        hash(connectome)
    assert connectome != "connectome"


def test_missing_arrays_are_named() -> None:
    arrays = make().to_arrays()
    del arrays["decay"], arrays["threshold"]
    with pytest.raises(
        ValueError, match=r"arrays must hold threshold, decay, got \['connectivity'"
    ):
        Connectome.from_arrays(arrays)
