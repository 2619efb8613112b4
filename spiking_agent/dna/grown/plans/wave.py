"""A plan of Snake with no sense of direction: the way to the food is found by a wave of spikes."""

from typing import Final

from spiking_agent.dna.grown.parts import GrowthRule, Layer
from spiking_agent.dna.grown.plan import Plan
from spiking_agent.dna.grown.scalars import Gene

N_TICKS: Final = 24  # the longest way on a board of 10 x 10, 18 steps, and some to the outputs
LATE: Final = 20  # ticks after which no wave is expected any more
GATE: Final = 2_000  # more than nine strengths of 127 can reach


def wave() -> Plan:
    """Return the plan.

    Notes
    -----
    Food excites the sheet W, whose neurons excite their neighbours. So a front of spikes runs over
    the board, a cell per tick, and reaches the head first on the side that is nearest to the food
    (Ponulak and Hopfield 2013). A neuron of W fires at most once in a decision. So how often it
    fires says nothing, and only the time of its spike can.

    An output fires in every tick from the first impulse on that reaches it, so that the action with
    the most spikes is the one whose impulse came first. If no wave comes, because the body is in
    its way, "late" excites the whole sheet, which tells free cells from others.

    References
    ----------
    F. Ponulak and J. J. Hopfield, "Rapid, parallel path planning by propagating wavefronts of
    spiking neural activity", Frontiers in Computational Neuroscience 7:98 (2013).
    """
    rule = GrowthRule
    return Plan(
        channels=("body", "head", "food"),
        actions=("up", "right", "down", "left"),
        turns=(0, 1, 2, 3),
        outputs="move",
        n_ticks=N_TICKS,
        layers=(
            Layer(name="late", threshold=LATE - 0.5, decay=1.0),
            Layer(
                name="W",
                is_sheet=True,
                threshold=Gene(center=28.0, spread=28.0, low=0.0, high=254.0),
                decay=Gene(center=0.5, spread=0.3, low=0.0, high=1.0, step=1 / 16),
                refractory_period=N_TICKS,
            ),
            Layer(name="R", is_sheet=True, is_oriented=True, threshold=GATE),
            Layer(name="move", is_oriented=True, threshold=1.0, decay=1.0, soft_reset=True),
        ),
        rules=(
            rule(kind="link", source="always", target="late", strength=1),
            rule(kind="bias", source="late", target="W"),
            rule(kind="radial", source="food", target="W"),
            rule(kind="radial", source="body", target="W"),
            rule(kind="radial", source="head", target="W"),
            rule(kind="radial", source="W", target="W", size=3),
            rule(kind="kernel", source="W", target="R", size=3),
            rule(kind="kernel", source="head", target="R", strength=GATE),
            rule(kind="sum", source="R", target="move", strength=N_TICKS),
        ),
    )
