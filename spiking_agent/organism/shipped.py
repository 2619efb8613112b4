"""Champions of Snake that come with the package, by name."""

from importlib.resources import files
from pathlib import Path
from typing import Final

from spiking_agent.checks.arguments import choice
from spiking_agent.organism.organism import Organism

USUAL: Final = "grown"
CHAMPIONS: Final = {
    USUAL: "champions/snake-grown.npz",  # it sees the raw board, and fits any
    "senses": "champions/snake-senses.npz",  # a linear vote of 113 senses made by hand
}


def champion(name: str = USUAL, *, engine: str = "compiled") -> Organism:
    """Return a champion of Snake that comes with the package.

    Parameters
    ----------
    name : {"grown", "senses"}
        A brain that grew from rules and sees the raw board (``observation="planes"``), or one whose
        inputs are senses made by hand (``observation="senses"``).
    engine : {"compiled", "actors", "live"}
        What runs its brain.

    Raises
    ------
    ValueError
        If there is no champion of that name, or no such engine.
    """
    path = CHAMPIONS[choice("name", name, CHAMPIONS)]
    return Organism.from_bytes((files("spiking_agent.organism") / path).read_bytes(), engine=engine)


def is_shipped(given: str) -> bool:
    """Return whether an argument of a command is the name of a champion, not an existing path.

    Parameters
    ----------
    given : str
        The argument.
    """
    return given in CHAMPIONS and not Path(given).exists()


def load_champion(given: str | None, engine: str) -> Organism:
    """Return the champion that an argument of a command means.

    Parameters
    ----------
    given : str or None
        A champion file, the directory of a run, or, unless that exists, the name of a champion that
        comes with the package; None for the usual one.
    engine : str
        Name of the engine that will run it.

    Raises
    ------
    OSError, ValueError, RunDirectoryError, ChampionFileError
        As in `Organism.load`.
    """
    if given is None or is_shipped(given):
        return champion(given or USUAL, engine=engine)
    try:
        return Organism.load(given, engine=engine)
    except FileNotFoundError as error:
        error.add_note(f"or name a champion of the package: {', '.join(CHAMPIONS)}")
        raise
