"""Plans that come with the package."""

from collections.abc import Callable
from typing import Final

from spiking_agent.dna.grown.plan import Plan
from spiking_agent.dna.grown.plans.player import player
from spiking_agent.dna.grown.plans.snake import small_snake, snake
from spiking_agent.dna.grown.plans.wave import wave

PLANS: Final[dict[str, Plan]] = {
    "snake": snake(),
    "snake-small": small_snake(),  # each of its genes is one of "snake", too, of the same name
    "snake-wave": wave(),
}
# Plans for any environment of a kind, made for its number of channels and the names of its actions.
MADE_TO_FIT: Final[dict[str, Callable[[int, tuple[str, ...]], Plan]]] = {"player": player}
PLAN_NAMES: Final = (*PLANS, *MADE_TO_FIT)


def find_plan(name: str, n_channels: int, actions: tuple[str, ...]) -> Plan:
    """Return the plan of a name.

    Parameters
    ----------
    name : str
        One of `PLAN_NAMES`.
    n_channels : int
        Channels of its observations, >= 1.
    actions : tuple of str
        Names of its actions. Plans that are made for one environment ignore both.

    Raises
    ------
    KeyError
        If there is no plan of that name.
    ValueError
        If a plan cannot be made for so many, or for such names.
    """
    if name in PLANS:
        return PLANS[name]
    return MADE_TO_FIT[name](n_channels, actions)
