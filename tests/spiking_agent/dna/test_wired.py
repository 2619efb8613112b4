"""Which synapses may grow, and what genes are drawn from."""

from typing import Any

import numpy as np
import pytest

from spiking_agent.dna.wired import Blueprint, GeneValues


def test_neurons_are_numbered_inputs_hidden_outputs() -> None:
    blueprint = Blueprint(n_inputs=3, n_hidden=2, n_outputs=4)
    assert blueprint.n_neurons == 9
    assert blueprint.input_neurons.tolist() == [0, 1, 2]
    assert blueprint.output_neurons.tolist() == [5, 6, 7, 8]


@pytest.mark.parametrize(
    ("inputs_receive", "outputs_send", "expected"),
    [
        (False, False, ["0->2", "0->3", "1->2", "1->3", "2->3"]),
        (True, False, ["0->1", "0->2", "0->3", "1->0", "1->2", "1->3", "2->0", "2->1", "2->3"]),
        (False, True, ["0->2", "0->3", "1->2", "1->3", "2->3", "3->2"]),
        (True, True, [f"{i}->{j}" for i in range(4) for j in range(4) if i != j]),
    ],
)
def test_synapses_may_grow_where_the_roles_allow(
    inputs_receive: bool, outputs_send: bool, expected: list[str]
) -> None:
    blueprint = Blueprint(
        n_inputs=2,
        n_hidden=1,
        n_outputs=1,
        inputs_receive=inputs_receive,
        outputs_send=outputs_send,
    )
    targets = blueprint.target_neurons
    assert blueprint.mask.shape == (4, len(targets))
    grown = [f"{source}->{targets[column]}" for source, column in np.argwhere(blueprint.mask)]
    assert sorted(grown) == expected
    assert blueprint.mask.ravel()[blueprint.sites].all()
    assert len(blueprint.sites) == len(expected)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_inputs": 0}, "n_inputs must be a whole number >= 1, got 0"),
        ({"n_outputs": 0}, "n_outputs must be a whole number >= 1, got 0"),
        ({"n_hidden": -1}, "n_hidden must be a whole number >= 0, got -1"),
    ],
)
def test_blueprints_need_inputs_and_outputs(changes: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Blueprint(**{"n_inputs": 2, "n_outputs": 2, **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_strength": 0}, r"max_strength must be a whole number in 1\.\.127, got 0"),
        ({"max_strength": 128}, r"max_strength must be a whole number in 1\.\.127, got 128"),
        ({"max_strength": 3.5}, r"max_strength must be a whole number in 1\.\.127, got 3.5"),
        ({"first_strength": 9}, r"first_strength must be .* in 0..8 \(max_strength\), got 9"),
        ({"first_strength": -1}, r"first_strength must be a whole number in 0\.\.8 .*, got -1"),
        ({"density": 0.0}, r"density must be in \(0, 1\], got 0.0"),
        ({"density": float("nan")}, r"density must be in \(0, 1\], got nan"),
        ({"thresholds": ()}, r"thresholds must be a tuple or a list of at least 1, got \(\)"),
        ({"thresholds": (1.0, -1.0)}, r"thresholds\[1\] must be in \[0.0, 16777216.0\], got -1.0"),
        ({"hidden_thresholds": (-1.0,)}, r"hidden_thresholds\[0\] must be in \[0.0, 16777216.0\]"),
        ({"first_drive": 9}, r"first_drive must be .* in 0..8 \(max_strength\), got 9"),
        ({"decays": (1.5,)}, r"decays\[0\] must be in \[0.0, 1.0\], got 1.5"),
        ({"decays": (float("nan"),)}, r"decays\[0\] must be in .*, got nan"),
        ({"soft_resets": ()}, r"soft_resets must be a tuple or a list of at least 1, got \(\)"),
        ({"soft_resets": (1,)}, r"soft_resets\[0\] must be True or False, got 1"),
        ({"refractory_periods": (0.5,)}, r"refractory_periods\[0\] must be a whole number"),
        (
            {"refractory_periods": (10_001,)},
            r"refractory_periods\[0\] must .* in 0\.\.10000, got 10001",
        ),
        ({"refractory_periods": (-1,)}, r"refractory_periods\[0\] must .* in 0\.\.10000, got -1"),
        (
            {"refractory_periods": (0, 1), "soft_resets": (False, True)},
            r"soft_resets must be \(False,\) beside refractory_periods > 0, .* and \(0, 1\)$",
        ),
        ({"initiation_delays": (0,)}, r"initiation_delays\[0\] must .* in 1\.\.10000, got 0"),
        ({"initiation_delays": (True,)}, r"initiation_delays\[0\] must be a whole number"),
    ],
)
def test_values_that_connectome_would_refuse_are_refused(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        GeneValues(**changes)


@pytest.mark.parametrize(("inhibition", "lowest"), [(True, -5), (False, 1)])
def test_strengths_are_drawn_evenly_from_all_values_but_zero(inhibition: bool, lowest: int) -> None:
    values = GeneValues(max_strength=5, inhibition=inhibition)
    drawn = values.draw_strengths(20_000, np.random.default_rng(0))
    strengths, counts = np.unique(drawn, return_counts=True)
    assert drawn.dtype == np.int8
    assert strengths.tolist() == [s for s in range(lowest, 6) if s]
    assert np.abs(counts * len(counts) / 20_000 - 1.0).max() < 0.08


def test_the_largest_strengths_fit_into_a_byte() -> None:
    drawn = GeneValues(max_strength=127).draw_strengths(5_000, np.random.default_rng(1))
    assert (drawn.min(), drawn.max()) == (-127, 127)


def test_layers_only_reach_the_next_but_for_what_is_always_driven() -> None:
    blueprint = Blueprint(n_inputs=3, n_hidden=2, n_outputs=1, is_layered=True, constant=(2,))
    assert blueprint.mask.astype(int).tolist() == [
        [1, 1, 0],
        [1, 1, 0],
        [1, 1, 1],
        [0, 0, 1],
        [0, 0, 1],
        [0, 0, 0],
    ]
    plain = Blueprint(n_inputs=3, n_outputs=2)
    layered = Blueprint(n_inputs=3, n_outputs=2, is_layered=True)
    assert (layered.mask == plain.mask).all()


def test_opposites_share_a_gene_and_differ_in_sign() -> None:
    blueprint = Blueprint(n_inputs=3, n_outputs=2, opposites=((0, 2),))
    gene_of_site, sign_of_site = blueprint.expression
    assert gene_of_site.tolist() == [0, 1, 2, 3, 0, 1]
    assert sign_of_site.tolist() == [1, 1, 1, 1, -1, -1]


def test_without_opposites_every_synapse_is_a_gene() -> None:
    blueprint = Blueprint(n_inputs=3, n_hidden=2, n_outputs=2, inputs_receive=True)
    gene_of_site, sign_of_site = blueprint.expression
    assert gene_of_site.tolist() == list(range(len(blueprint.sites)))
    assert (sign_of_site == 1).all()


@pytest.mark.parametrize("name", ["opposites", "constant"])
def test_roles_of_what_is_no_input_are_refused(name: str) -> None:
    for ids in ((0, 3), (1, 1), (3, 0)):
        wrong = {name: (ids,) if name == "opposites" else ids}
        with pytest.raises(ValueError, match=f"{name} must name inputs, 0 to 2, none twice, got"):
            Blueprint(n_inputs=3, n_outputs=1, **wrong)
