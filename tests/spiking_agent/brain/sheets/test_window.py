"""A window has the neurons that can be heard, and is refused where more may matter."""

from dataclasses import replace

import numpy as np
import pytest

from spiking_agent.brain.sheets.rules import Far, Kernel, Link, Map, Sum
from spiking_agent.brain.sheets.tissue import Group, Tissue
from spiking_agent.brain.sheets.window import find_window, heard_rules

HEAD, ALWAYS, LENGTH, W, D, R, OUT, DEAF = range(8)
NAMES = ("head", "always", "length", "W", "D", "R", "out", "deaf")
SHEETS = (HEAD, W, D, R, DEAF)


def numbers(*shape: int, value: int = 1) -> np.ndarray:
    return np.full((1, *shape), value, np.int16)


def gated(*more, without=(), **changes) -> Tissue:
    """W is heard by D at three cells, D by its relay at the head's cell, and that by the output."""
    rules = [
        Sum(source=HEAD, target=LENGTH, strength=numbers()),
        Map(source=ALWAYS, target=W, strength=numbers(5, 6)),
        Kernel(source=HEAD, target=W, strength=numbers(3, 3)),
        Kernel(
            source=W, target=D, strength=np.array([[[1, 0, 1], [0, 1, 0], [0, 0, 0]]], np.int16)
        ),
        Map(source=LENGTH, target=D, strength=numbers(5, 6)),
        Kernel(source=D, target=R, strength=numbers(1, 1, value=100)),
        Kernel(source=HEAD, target=R, strength=numbers(1, 1, value=100)),
        Sum(source=R, target=OUT, strength=numbers()),
        Kernel(source=W, target=DEAF, strength=numbers(3, 3)),
    ]
    rules = [rule for rule in rules if (rule.source, rule.target) not in without]
    values = {
        "shape": (5, 6),
        "groups": tuple(Group(name, place in SHEETS) for place, name in enumerate(NAMES)),
        "rules": (*rules, *more),
        "inputs": (HEAD, ALWAYS),
        "outputs": (OUT,),
        "threshold": np.array([[1, 1, 0, 1, 1, 150, 0, 1]], np.float32),
        "decay": np.array([[1, 1, 0, 1, 1, 0, 0, 1]], np.float32),
        "refractory_period": np.zeros((1, 8), np.int32),
        "initiation_delay": np.ones((1, 8), np.int32),
        "kept": np.array([[1, 1, 1, 0, 0, 0, 0, 0]], np.uint8),
    }
    return Tissue(**(values | changes))


def window_of(tissue: Tissue, carry_state="impulses"):
    return find_window(tissue, carry_state=carry_state)


def test_a_window_has_the_neurons_that_are_heard_at_the_gate() -> None:
    window = window_of(gated())
    assert window.gate == HEAD
    assert set(window.slots) == {(D, (0, 0)), (R, (0, 0)), *((W, at) for at in HEARD)}
    assert window.slots[-1] == (R, (0, 0))  # the only one that hears no input but the gate
    assert window.n_driven == 4
    assert window.before == (LENGTH,)
    assert window.after == (OUT,)


HEARD = ((-1, -1), (-1, 1), (0, 0))


def test_what_no_output_hears_is_left_out() -> None:
    rules = heard_rules(gated())
    assert DEAF not in {rule.target for rule in rules}
    assert len(rules) == len(gated().rules) - 1


def test_rules_without_any_synapse_cost_nothing() -> None:
    silent = (
        Kernel(source=DEAF, target=D, strength=numbers(7, 7, value=0)),
        Map(source=ALWAYS, target=D, strength=numbers(5, 6, value=0)),
        Far(source=W, target=D, strength=numbers(3, 3, value=0)),
        Kernel(source=D, target=W, strength=numbers(3, 1, value=0)),
        Sum(source=HEAD, target=LENGTH, strength=np.zeros(1, np.int16), delay=3),
        Link(source=OUT, target=LENGTH, strength=np.zeros(1, np.int16)),
    )
    plain, window = window_of(gated()), window_of(gated(*silent))
    for part in ("gate", "slots", "n_driven", "before", "after"):
        assert getattr(window, part) == getattr(plain, part)
    assert not {*map(id, silent)} & {*map(id, window.rules)}


def test_a_rule_counts_if_any_brain_has_a_synapse_of_it() -> None:
    one = np.zeros((2, 3, 3), np.int16)
    one[1, 0, 0] = 1
    both = gated().take(np.array([0, 0]))
    both = replace(both, rules=(*both.rules, Kernel(source=DEAF, target=D, strength=one)))
    assert (DEAF, (-1, -1)) in window_of(both).slots


def test_windows_grow_by_the_reach_of_each_kernel_on_the_way() -> None:
    groups = (*gated().groups, Group("far", True))
    wide = gated(
        Kernel(source=8, target=W, strength=numbers(1, 5)),
        groups=groups,
        **{
            name: np.pad(getattr(gated(), name), ((0, 0), (0, 1)))
            for name in ("threshold", "decay", "refractory_period", "kept")
        },
        initiation_delay=np.ones((1, 9), np.int32),
    )
    far = {at for place, at in window_of(wide).slots if place == 8}
    assert far == {(row, col + j) for row, col in HEARD for j in range(-2, 3)}


@pytest.mark.parametrize(
    ("tissue", "reason"),
    [
        (gated(without=[(HEAD, R)]), "no gate"),
        (gated(Sum(source=W, target=OUT, strength=numbers())), "a way round the gate"),
        (gated(Map(source=OUT, target=W, strength=numbers(5, 6))), "a way back to the sheets"),
        (gated(Link(source=OUT, target=LENGTH, strength=numbers())), "a way back through a cell"),
        (gated(Far(source=W, target=D, strength=numbers(3, 3))), "heard from anywhere"),
        (gated(Kernel(source=W, target=D, strength=numbers(13, 13))), "too large"),
        (gated(Kernel(source=HEAD, target=D, strength=numbers(1, 141))), "too wide"),
        (gated(Kernel(source=D, target=W, strength=numbers(3, 1))), "a cycle of sheets"),
        (gated(threshold=np.array([[1, 1, 0, 1, 1, 99, 0, 1]], np.float32)), "opened by D alone"),
        (gated(decay=np.array([[1, 1, 0, 1, 1, 0.5, 0, 1]], np.float32)), "opened by two spikes"),
        (
            gated(Map(source=ALWAYS, target=R, strength=numbers(5, 6, value=60))),
            "opened by what always sends",
        ),
        (
            gated(Far(source=HEAD, target=R, strength=numbers(3, 3, value=20))),
            "opened from far away",
        ),
        (gated(kept=np.array([[1, 1, 1, 1, 0, 0, 0, 0]], np.uint8)), "W remembers"),
        (gated(initiation_delay=np.array([[2, 1, 1, 1, 1, 1, 1, 1]], np.int32)), "a late gate"),
        (gated(outputs=(R,)), "an output that is a sheet"),
        (gated(outputs=(OUT, ALWAYS)), "an output that is an input"),
    ],
)
def test_no_window_is_found_where_other_neurons_may_matter(tissue, reason) -> None:
    assert window_of(tissue) is None, reason


def test_no_window_is_found_where_everything_outlives_a_decision() -> None:
    assert window_of(gated(), carry_state=True) is None
    assert window_of(gated(kept=np.ones((1, 8), np.uint8)), carry_state=False) is not None


def test_no_window_is_found_where_delays_differ_between_brains() -> None:
    one = gated()
    both = one.take(np.array([0, 0]))
    assert window_of(both) is not None
    delays = both.initiation_delay.copy()
    delays[1, W] = 2
    assert window_of(replace(both, initiation_delay=delays)) is None
