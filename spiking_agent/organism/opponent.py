"""Champions as opponents in `snake-play`, registered as entry points in `pyproject.toml`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from spiking_agent.checks.commands import shell_line
from spiking_agent.dna.grown.brain import GrownBrain
from spiking_agent.environments.ids import OWN_IDS
from spiking_agent.errors import SpikingAgentError
from spiking_agent.organism.organism import Organism
from spiking_agent.organism.shipped import champion


@dataclass(frozen=True)
class ChampionOpponent:
    """An organism with the interface of an opponent in `snake-play`.

    Parameters
    ----------
    organism : Organism
        An organism that was evolved for Snake.
    """

    organism: Organism

    @property
    def observation(self) -> str:
        """The kind of observation that the organism was evolved with."""
        kind: str = self.organism.task.env_kwargs.get("observation", "grid")
        return kind

    def reset(self) -> None:
        """Begin a game."""
        self.organism.reset()

    def act(self, observation: Any, info: Mapping[str, Any]) -> int:
        """Choose an action, 0 to 3.

        Parameters
        ----------
        observation : ndarray
            What the environment returned last.
        info : mapping
            The info beside it.
        """
        return int(self.organism.act(observation, info))


def load(n_rows: int, n_cols: int, file: str | None = None) -> ChampionOpponent:
    """Return a champion for Snake on a board of this size; a grown one grows onto it.

    Parameters
    ----------
    n_rows, n_cols : int
        Size of the board.
    file : str, optional
        Champion file or directory of a run; by default the grown champion of the package.

    Raises
    ------
    ValueError
        If the file is damaged, or its champion plays something else or on another board.
    OSError
        If the file cannot be read.
    """
    return _opponent(champion if file is None else partial(Organism.load, file), n_rows, n_cols)


def load_senses(n_rows: int, n_cols: int, file: str | None = None) -> ChampionOpponent:
    """Return the champion of the package with senses made by hand, see `load`.

    Parameters
    ----------
    n_rows, n_cols : int
        Size of the board.
    file : str, optional
        Not used.

    Raises
    ------
    ValueError
        If the board is not its own.
    """
    return _opponent(partial(champion, "senses"), n_rows, n_cols)


def _opponent(load_it: Callable[[], Organism], n_rows: int, n_cols: int) -> ChampionOpponent:
    try:
        organism = load_it()
        if organism.task.env_id not in OWN_IDS.values():
            raise ValueError(
                f"champion must be one for Snake-v0, got one for {organism.task.env_id}"
            )
        if isinstance(organism.brain, GrownBrain):
            organism = organism.on(n_rows=n_rows, n_cols=n_cols)
        own = organism.make_env()
    except SpikingAgentError as error:
        raise ValueError(str(error)) from error
    board: Any = own.get_wrapper_attr("settings")
    own.close()
    if (board.n_rows, board.n_cols) != (n_rows, n_cols):
        sides = f"n_rows={n_rows}", f"n_cols={n_cols}"
        another = shell_line("evolve", "--env-kwargs", *sides, "--out", "RUN")
        raise ValueError(
            f"champion must be one for a board of {n_rows} x {n_cols}, got one for "
            f"{board.n_rows} x {board.n_cols}: play on that board, or evolve another with {another}"
        )
    return ChampionOpponent(organism)
