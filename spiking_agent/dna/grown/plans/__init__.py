"""Plans that come with the package."""

from typing import Final

from spiking_agent.dna.grown.plan import Plan
from spiking_agent.dna.grown.plans.snake import PLACES, snake

PLANS: Final[dict[str, Plan]] = {
    "snake": snake(),
    "snake-small": snake(body_size=5, lengths=(0.2, 0.35, 0.55), n_oriented=0, morphogens=PLACES),
}
