"""Opponents that play beside a person: other packages register them, and they are found by name.

A package registers an opponent in its ``pyproject.toml``::

    [project.entry-points."snake_env.opponents"]
    greedy = "my_package:load"

where ``my_package.load`` is a `LoadOpponent`. The opponents of this package cannot be
replaced, and a name that two packages register means neither.
"""

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Final, Protocol

WHAT_IT_HAS: Final = ("observation", "reset", "act")
GROUP: Final = "snake_env.opponents"
READS_FILES: Final = "champion"  # the opponent that gets the file
DISTRIBUTION: Final = "spiking-snake"  # whose opponents cannot be replaced


class OpponentError(Exception):
    """An opponent failed, whatever it raised.

    Parameters
    ----------
    name : str
        Name of the opponent.
    error : Exception
        What it raised.
    """

    def __init__(self, name: str, error: Exception) -> None:
        words = f"{type(error).__name__}: {error}".removesuffix(": ")
        super().__init__(f"opponent {name!r} must play by the rules of opponents, got {words}")


class Opponent(Protocol):
    """What a program needs of an opponent."""

    @property
    def observation(self) -> str:
        """Kind of observation that it asks for: a value of `SnakeEnv`'s argument of that name."""
        ...

    def reset(self) -> None:
        """Begin a game."""
        ...

    def act(self, observation: Any, info: Mapping[str, Any]) -> int:
        """Choose an action, 0 to 3, for what the environment returned last.

        Parameters
        ----------
        observation : ndarray
            The observation.
        info : mapping
            The info beside it.
        """
        ...


class LoadOpponent(Protocol):
    """A function that returns an opponent for a board: what an entry point names."""

    def __call__(self, n_rows: int, n_cols: int, file: str | None = None) -> Opponent:
        """Return the opponent.

        Parameters
        ----------
        n_rows, n_cols : int
            Size of the board.
        file : str, optional
            The file that a person named; only the opponent ``champion`` gets one.

        Raises
        ------
        ValueError
            If it cannot play on such a board, or the file is damaged.
        OSError
            If the file cannot be read.
        """
        ...


def load_opponent(name_or_file: str, n_rows: int, n_cols: int) -> tuple[str, Opponent]:
    """Return an opponent by its name, ready for a board.

    Parameters
    ----------
    name_or_file : str
        Name of a registered opponent, or else a file (or directory) for the one named
        ``champion``.
    n_rows, n_cols : int
        Size of the board.

    Returns
    -------
    name : str
        The name under which it is registered.
    opponent : Opponent

    Raises
    ------
    ValueError, OSError
        If there is no such name or file, if more than one package registers the name, and as in
        `LoadOpponent`.
    OpponentError
        If making it raises anything else, or the result is not an opponent.
    """
    registered = _registered()
    file = None
    name = name_or_file
    if name not in registered and READS_FILES in registered and Path(name_or_file).exists():
        name, file = READS_FILES, name_or_file
    if name not in registered:
        names = ", ".join(sorted(registered)) or "no other, unless pip install is run again"
        raise ValueError(
            f"versus must be a champion file or an installed opponent ({names}), "
            f"got {name_or_file!r}"
        )
    if len(registered[name]) > 1:
        found = ", ".join(sorted(point.value for point in registered[name]))
        raise ValueError(
            f"versus must be registered by one installed package in the entry-point group "
            f"{GROUP!r}, got {name!r} with {found}"
        )
    try:
        load: LoadOpponent = registered[name][0].load()
    except Exception as error:
        raise ValueError(
            f"versus must be an opponent that can be imported, got {name!r}: "
            f"{type(error).__name__}: {error}"
        ) from error
    try:
        opponent = load(n_rows, n_cols, file)
        for attribute in WHAT_IT_HAS:
            getattr(opponent, attribute)
    except (ValueError, OSError):
        raise  # what it says of the board or the file
    except Exception as error:
        raise OpponentError(name, error) from error
    return name, opponent


def _registered() -> dict[str, list[EntryPoint]]:
    """Return what is registered under each name; of this package's names, nothing but its own."""
    registered: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=GROUP):
        registered.setdefault(point.name, []).append(point)
    for name, points in registered.items():
        own = [point for point in points if point.dist and point.dist.name == DISTRIBUTION]
        registered[name] = own or points
    return registered
