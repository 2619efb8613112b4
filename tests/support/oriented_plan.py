"""A plan of Snake with hidden sheets that have a direction, four kinds of them."""

from dataclasses import replace
from typing import Final

from spiking_agent.dna.grown.parts import GrowthRule, Layer
from spiking_agent.dna.grown.plan import Plan
from spiking_agent.dna.grown.plans import PLANS
from spiking_agent.dna.grown.scalars import Gene


def _with_oriented(plan: Plan) -> Plan:
    layer = Layer(
        name="Z",
        is_sheet=True,
        is_oriented=True,
        copies=4,
        threshold=Gene(center=28.0, spread=28.0, low=0.0, high=254.0),
        decay=Gene(center=0.5, spread=0.3, low=0.0, high=1.0, step=1 / 16),
    )
    rules = (
        GrowthRule(kind="kernel", source="body", target="Z", size=5),
        GrowthRule(kind="kernel", source="wall", target="Z", size=3),
        GrowthRule(kind="far", source="food", target="Z"),
        GrowthRule(kind="bias", source="length", target="Z"),
        GrowthRule(kind="kernel", source="Z", target="D", pairs="each"),
    )
    at = [one.name for one in plan.layers].index("D")
    layers = (*plan.layers[:at], layer, *plan.layers[at:])
    return replace(plan, layers=layers, rules=(*plan.rules, *rules))


ORIENTED: Final = _with_oriented(PLANS["snake-small"])
