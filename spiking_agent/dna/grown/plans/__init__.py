"""Plans that come with the package."""

from typing import Final

from spiking_agent.dna.grown.plan import Plan
from spiking_agent.dna.grown.plans.snake import small_snake, snake

PLANS: Final[dict[str, Plan]] = {
    "snake": snake(),
    "snake-small": small_snake(),  # each of its genes is one of "snake", too, of the same name
}
