"""Champions that come with the package."""

from importlib.resources import files

from spiking_agent.organism import Organism

SHIPPED = "snake.npz"


def champion(*, engine: str = "compiled") -> Organism:
    """Give the champion of Snake that comes with the package.

    Parameters
    ----------
    engine : {"compiled", "actors", "live"}
        What runs its brain.
    """
    content = (files("spiking_agent.champions") / SHIPPED).read_bytes()
    return Organism.from_bytes(content, engine=engine)
