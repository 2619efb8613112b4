"""Champions that come with the package."""

from importlib.resources import files

from spiking_agent.organism.organism import Organism

SHIPPED = "champions/snake.npz"


def champion(*, engine: str = "compiled") -> Organism:
    """Return the champion of Snake that comes with the package.

    Parameters
    ----------
    engine : {"compiled", "actors", "live"}
        What runs its brain.
    """
    content = (files("spiking_agent.organism") / SHIPPED).read_bytes()
    return Organism.from_bytes(content, engine=engine)
