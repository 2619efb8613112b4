"""Random plans: any layers, any rules between them, with and without symmetry."""

import numpy as np
from hypothesis import strategies as st

from spiking_agent.dna.grown.dna import Grown, GrownParams
from spiking_agent.dna.grown.morphogens import MORPHOGENS
from spiking_agent.dna.grown.parts import ENDS, GrowthRule, Layer
from spiking_agent.dna.grown.plan import Plan
from spiking_agent.dna.grown.scalars import Gene, PerCell
from spiking_agent.dna.ports import Ports

shapes = st.tuples(st.integers(1, 6), st.integers(1, 6))
thresholds = st.sampled_from(
    [
        3.5,
        PerCell(share=(0.4,), plus=-1.5, least=2.5),
        PerCell(share=(0.6,), is_per_tick=True),
        Gene(center=28.0, spread=28.0, low=0.0, high=254.0),
    ]
)


def grown(plan: Plan, shape: tuple[int, int] = (4, 5)) -> Grown:
    n_channels, n_inputs = len(plan.channels), len(plan.channels) * shape[0] * shape[1]
    ports = Ports(
        n_inputs=n_inputs + 1,
        n_outputs=len(plan.actions),
        constant=(n_inputs,),
        grid=(n_channels, *shape),
    )
    return Grown(GrownParams(plan=plan.to_json()), ports)


def genomes_of(dna: Grown, size: int, seed: int) -> np.ndarray:
    """Random genomes with more large genes than first ones have, so that limits are met."""
    drawn = 3.0 * dna.genes.draw(size, np.random.default_rng(seed)).astype(np.float64)
    return dna.genes.fit(drawn)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    channels = ("seen", "heard")[: draw(st.integers(1, 2))]
    n_actions = draw(st.integers(1, 4))
    turn = st.one_of(st.none(), st.integers(0, 3))
    turns = draw(st.one_of(st.just(()), st.tuples(*[turn] * n_actions)))
    some = draw(st.permutations(range(n_actions)))
    pairs = tuple(zip(some[::2], some[1::2], strict=False))
    mirrors = () if turns else pairs[: draw(st.integers(0, len(pairs)))]
    layers = [Layer(name="out", is_oriented=True, threshold=0.5)]
    for name in ("A", "B", "C", "D")[: draw(st.integers(1, 4))]:
        is_mirrored = not turns and draw(st.booleans())
        copies = draw(st.sampled_from([2, 4] if is_mirrored else [1, 2]))
        is_soft = draw(st.booleans())
        layers.append(
            Layer(
                name=name,
                is_sheet=draw(st.booleans()),
                is_oriented=draw(st.booleans()),
                copies=copies,
                is_mirrored=is_mirrored,
                threshold=draw(thresholds),
                decay=draw(
                    st.sampled_from(
                        [0.0, 0.75, Gene(center=0.5, spread=0.3, low=0.0, high=1.0, step=1 / 16)]
                    )
                ),
                soft_reset=is_soft,
                refractory_period=0.0 if is_soft else draw(st.sampled_from([0.0, 2.0])),
                initiation_delay=draw(st.sampled_from([1.0, 3.0])),
                kept=draw(st.integers(0, 2)),
            )
        )
    is_sheet = {**dict.fromkeys((*channels, "wall"), True), "always": False}
    is_sheet |= {layer.name: layer.is_sheet for layer in layers}
    rules: dict[tuple, GrowthRule] = {}
    for _ in range(draw(st.integers(1, 6))):
        target = draw(st.sampled_from([layer.name for layer in layers]))
        source = draw(st.sampled_from(list(is_sheet)))
        ends = (is_sheet[source], is_sheet[target])
        kinds = [kind for kind, needed in ENDS.items() if needed == ends]
        kinds = [kind for kind in kinds if source != "wall" or kind in ("kernel", "radial")]
        if not kinds:
            continue
        kind = draw(st.sampled_from(kinds))
        is_wall = source == "wall"
        oriented = {layer.name for layer in layers if layer.is_oriented}
        strength = draw(st.sampled_from([None, None, 100, -4])) if kind != "map" else None
        rule = GrowthRule(
            kind=kind,
            source=source,
            target=target,
            size=draw(st.sampled_from([1, 3, 5])) if kind in ("kernel", "radial") else 1,
            morphogens=tuple(
                draw(st.lists(st.sampled_from(MORPHOGENS), min_size=1, max_size=6, unique=True))
            )
            if kind == "map"
            else (),
            pairs=draw(st.sampled_from(["same", "each"]))
            if {source, target} <= oriented
            else "same",
            strength=strength,
            moves=0 if is_wall else draw(st.integers(0, 2)),
            ticks=0 if is_wall else draw(st.integers(0, 2)),
            limit=draw(st.sampled_from([5, 127, 1000])) if strength is None else 127,
        )
        if kind in ("kernel", "radial", "link") and source == target and rule.size == 1:
            continue
        rules[kind, source, target, 7 * rule.moves + rule.ticks] = rule
    first = GrowthRule(kind="sum", source=channels[0], target="out")
    rules.setdefault(("sum", channels[0], "out", 0), first)
    made = list(rules.values())
    if all(rule.strength is not None for rule in made):
        made.append(GrowthRule(kind="sum", source=channels[0], target="out", ticks=5))
    return Plan(
        channels=channels,
        actions=("a", "b", "c", "d")[:n_actions],
        turns=turns,
        mirrors=mirrors,
        outputs="out",
        n_ticks=7,
        layers=tuple(layers),
        rules=tuple(made),
    )
