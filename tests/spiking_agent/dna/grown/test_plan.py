"""Plans as data: what they hold, that JSON gives them back, and what is refused."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from random_plans import plans

from spiking_agent.dna.grown.dna import GrownParams
from spiking_agent.dna.grown.layout import Layout
from spiking_agent.dna.grown.parts import GrowthRule, Layer
from spiking_agent.dna.grown.plan import Plan
from spiking_agent.dna.grown.plans import PLANS
from spiking_agent.dna.grown.scalars import Gene, PerCell

QUICK = settings(max_examples=60, deadline=None, derandomize=True)

SMALL: dict[str, Any] = {
    "channels": ["seen"],
    "actions": ["up", "right", "down", "left"],
    "turns": [0, 1, 2, 3],
    "outputs": "move",
    "n_ticks": 5,
    "layers": [
        {
            "name": "H",
            "is_sheet": True,
            "threshold": {"center": 9, "spread": 4, "low": 0, "high": 99},
        },
        {"name": "cell", "copies": 2, "threshold": {"share": [0.2, 0.5]}},
        {"name": "move", "is_oriented": True, "threshold": 0.5},
    ],
    "rules": [
        {"kind": "kernel", "source": "seen", "target": "H", "size": 3},
        {"kind": "map", "source": "cell", "target": "H", "morphogens": ["constant", "top"]},
        {"kind": "sum", "source": "H", "target": "move", "strength": 1},
        {"kind": "sum", "source": "seen", "target": "cell", "strength": 1, "moves": 2},
    ],
}


def changed(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    description = copy.deepcopy(SMALL)
    at: Any = description
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return description


@QUICK
@given(plans())
def test_json_gives_a_plan_back(plan: Plan) -> None:
    assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


@pytest.mark.parametrize("name", PLANS)
def test_json_gives_the_plans_of_the_package_back_in_some_kilobytes(name: str) -> None:
    written = json.dumps(PLANS[name].to_json())
    assert len(written) < 10_000
    assert Plan.from_json(json.loads(written)) == PLANS[name]


def test_a_plan_says_nothing_that_goes_without_saying() -> None:
    written = Plan.from_json(SMALL).to_json()
    assert written["layers"][0].keys() == {"name", "is_sheet", "threshold"}
    assert written["rules"][2].keys() == {"kind", "source", "target", "strength"}


def test_a_plan_of_json_is_the_same_as_one_of_objects() -> None:
    plan = Plan.from_json(SMALL)
    assert plan.layers[0] == Layer(
        name="H", is_sheet=True, threshold=Gene(center=9, spread=4, low=0, high=99)
    )
    assert plan.layers[1].threshold == PerCell(share=(0.2, 0.5))
    assert plan.rules[0] == GrowthRule(kind="kernel", source="seen", target="H", size=3)
    assert plan.delay(plan.rules[3]) == 10


RULE, LAYER = ("rules", 0), ("layers", 0)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("channels",), [], "channels must be a tuple or a list of at least 1"),
        (("channels",), ["H"], "names must differ"),
        (("channels",), ["wall"], "none be 'wall'"),
        (("channels",), ["x" * 41], "at most 40 printable characters"),
        (("channels",), ["a\nb"], "printable"),
        (
            ("channels",),
            [f"c{k}" for k in range(65)],
            "channels must have at most 64 items, got 65",
        ),
        (("actions",), ["up", "up", "down", "left"], "names must differ"),
        (("turns",), [0, 1], "turns must be 4, one for each action"),
        (("turns",), [0, 1, 2, 4], r"turns\[3\] must be a whole number in 0..3"),
        (("mirrors",), [[0, 1]], r"mirrors must be empty beside turns, got \(\(0, 1\),\)"),
        (("mirrors",), [[0, 1], [1, 2]], "mirrors must be pairs of actions, 0 to 3, each once"),
        (("mirrors",), [[0, 0]], "mirrors must be pairs of actions, 0 to 3, each once"),
        (("mirrors",), [[0, 4]], "mirrors must be pairs of actions, 0 to 3, each once"),
        (("mirrors",), [[0, 1, 2]], r"mirrors\[0\] must be a pair of actions"),
        (("mirrors",), [[0, "left"]], r"mirrors\[0\]\[1\] must be a whole number"),
        (("outputs",), "H", "outputs must be single neurons, one for each action"),
        (("outputs",), "K", "layer must be one of H, cell, move, got 'K'"),
        (("n_ticks",), 0, "n_ticks must be a whole number in 1..10000"),
        (("n_ticks",), 1e9, "n_ticks must be a whole number in 1..10000"),
        (("unit",), 0, "unit must be in"),
        (("unit",), float("nan"), "unit.* must be a JSON value"),
        (("layer",), [], "must have keys among channels, .*did you mean 'layers'"),
        (("layers",), "H", "layers must be a tuple or a list"),
        (LAYER, 3, r"layers\[0\] must be a mapping of names to values"),
        ((*LAYER, "size"), 3, r"layers\[0\] must have keys among name, .* got 'size'"),
        ((*LAYER, "copies"), 65, r"copies must be a whole number in 1..64"),
        ((*LAYER, "is_mirrored"), 1, "is_mirrored must be True or False"),
        ((*LAYER, "is_mirrored"), True, "copies must be even where they are mirrored, got 1"),
        (
            ("layers", 1),
            {**SMALL["layers"][1], "is_mirrored": True},
            r"share of threshold must be the same for mirror images, got \(0.2, 0.5\)",
        ),
        (
            ("layers", 1),
            {"name": "cell", "copies": 2, "threshold": 3, "is_mirrored": True},
            r"turns must be empty beside the mirrored layer 'cell', got \(0, 1, 2, 3\)",
        ),
        ((*LAYER, "kept"), 3, r"layers\[0\]: kept must be a whole number in 0..2"),
        ((*LAYER, "is_sheet"), 1, "is_sheet must be True or False"),
        ((*LAYER, "threshold"), -1, r"threshold must be in \[0, 1.67772e\+07\], got -1"),
        ((*LAYER, "threshold"), {"share": []}, "share must be a tuple or a list of at least 1"),
        ((*LAYER, "threshold"), {"share": [1, 1]}, "share of threshold must have one number, or 1"),
        ((*LAYER, "threshold"), {"share": 1e300}, r"share\[0\] must be in \[0, 1e\+06\]"),
        ((*LAYER, "threshold"), {"share": 1, "least": -1}, "least of threshold must be at least 0"),
        ((*LAYER, "threshold", "low"), -1, r"low and high of threshold must lie in"),
        ((*LAYER, "threshold", "high"), -1, "high must be above low"),
        ((*LAYER, "threshold", "center"), 100, r"center must be in \[0, 99\]"),
        ((*LAYER, "threshold", "spread"), 0, "spread must be > 0"),
        ((*LAYER, "threshold"), {"center": 1}, "must have a value for spread"),
        ((*LAYER, "decay"), 1.5, r"decay must be in \[0, 1\]"),
        ((*LAYER, "initiation_delay"), 0, r"initiation_delay must be in \[1, 10000\]"),
        ((*LAYER, "initiation_delay"), 1.9, "initiation_delay must be a whole number, got 1.9"),
        ((*LAYER, "refractory_period"), 2.5, "refractory_period must be a whole number, got 2.5"),
        (
            (*LAYER, "refractory_period"),
            {"center": 1, "spread": 1, "low": 0, "high": 9, "step": 0.5},
            "step of refractory_period must be a whole number, got 0.5",
        ),
        (
            (*LAYER, "initiation_delay"),
            {"share": 0.1, "plus": 0.5, "least": 1},
            "plus of initiation_delay must be a whole number, got 0.5",
        ),
        ((*LAYER, "soft_reset"), "yes", "soft_reset must be True or False"),
        (
            ("layers",),
            [*SMALL["layers"], {"name": "cell 2", "threshold": 3}],
            "names that differ .* got 'cell 2' 2 times",
        ),
        (("rules", 2, "limit"), 9, "limit must be 127 beside a strength, .* got 9"),
        (("rules", 2, "pairs"), "each", r"rules\[2\] must go between oriented layers with pairs"),
        (("rules",), [], "rules must be a tuple or a list of at least 1"),
        (("rules",), [{}] * 513, "rules must have at most 512 items, got 513"),
        ((*RULE, "kind"), "ring", "kind must be one of kernel, radial, far"),
        ((*RULE, "kind"), "sum", r"rules\[0\]: size must be 1 for a sum, got 3"),
        ((*RULE, "kind"), "link", r"size must be 1 for a link"),
        ((*RULE, "source"), "K", r"rules\[0\]: layer must be one of H, cell, move, got 'K'"),
        ((*RULE, "target"), "seen", r"rules\[0\]: layer must be one of .* got 'seen'"),
        ((*RULE, "target"), "cell", r"rules\[0\] must go from sheets to sheets, as a kernel does"),
        ((*RULE, "size"), 4, "size must be odd, got 4"),
        ((*RULE, "size"), 17, r"size must be a whole number in 1\.\.15"),
        ((*RULE, "limit"), 2**15, r"limit must be a whole number in 1\.\.32767"),
        ((*RULE, "strength"), 0, "strength must not be 0"),
        ((*RULE, "strength"), 1.5, "strength must be a whole number"),
        ((*RULE, "pairs"), "all", "pairs must be one of same, each"),
        ((*RULE, "morphogens"), ["top"], "morphogens must be empty for a kernel"),
        ((*RULE, "moves"), 2001, r"rules\[0\] must have a delay of at most 10,000 ticks"),
        (("rules", 1, "morphogens"), [], "morphogens must be at least one"),
        (("rules", 1, "morphogens"), ["top", "top"], "morphogens must differ"),
        (
            ("rules", 1, "morphogens"),
            ["row party"],
            r"morphogens\[0\] must be one of the 90 morphogens, such as constant, row parity, "
            "column parity, got 'row party': did you mean 'row parity'",
        ),
        (("rules", 1, "strength"), 1, "strength must be None for a map"),
        (("rules", 1), SMALL["rules"][0], r"rules\[1\] must differ from the rules before it"),
        (
            ("rules", 0),
            {"kind": "kernel", "source": "wall", "target": "H", "ticks": 1},
            "must be a kernel or radial, without a delay, got kernel after 1 tick",
        ),
    ],
)
def test_a_forged_plan_is_refused_by_name_rule_and_value(
    path: tuple[Any, ...], value: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        GrownParams(plan=changed(path, value))


def test_a_neuron_cannot_have_both_a_soft_reset_and_a_refractory_period() -> None:
    with pytest.raises(ValueError, match="refractory_period must be 0 with a soft_reset"):
        Layer(name="A", threshold=1.0, soft_reset=True, refractory_period=2)


def test_a_plan_that_would_be_too_large_is_refused_before_it_grows() -> None:
    layers = tuple(
        Layer(name=name, is_sheet=True, is_oriented=True, copies=64, threshold=1.0)
        for name in ("A", "B")
    )
    out = Layer(name="out", is_oriented=True, threshold=1.0)
    rule = GrowthRule(kind="kernel", source="A", target="B", pairs="each", size=15)
    sizes = {"channels": ("seen",), "outputs": "out", "n_ticks": 1}
    actions = tuple(map(str, range(64)))
    plan = Plan(actions=actions, layers=(*layers, out), rules=(rule,), **sizes)
    with pytest.raises(ValueError, match="groups of a plan must be at most 1,024, got 8,258"):
        Layout(plan)
    plan = Plan(actions=actions[:4], layers=(*layers, out), rules=(rule,), **sizes)
    with pytest.raises(ValueError, match=r"pairs of groups with rules .* got 65,536"):
        Layout(plan)
    plan = Plan(actions=actions[:1], layers=(*layers, out), rules=(rule,), **sizes)
    with pytest.raises(ValueError, match="genes of a plan must be at most 65,536, got 921,600"):
        Layout(plan)


def test_a_plan_needs_genes_and_rules_that_connect_something() -> None:
    description = changed(("rules",), SMALL["rules"][2:])
    description["layers"][0]["threshold"] = 3
    with pytest.raises(ValueError, match="plan must have genes, got only fixed strengths"):
        GrownParams(plan=description)
    within = {"kind": "kernel", "source": "H", "target": "H"}
    with pytest.raises(ValueError, match=r"rules\[0\] must connect neurons"):
        GrownParams(plan=changed(RULE, within))
