"""Record what a champion's neurons do while it plays held-out games."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np

from spiking_agent.environments.frames import PICTURE_MODE, Frame
from spiking_agent.environments.source import EnvSource
from spiking_agent.organism.organism import Organism
from spiking_agent.typing import BoolArray, Float64Array
from spiking_agent.viewer.session import Session

N_GAMES: Final = 3
MAX_MOVES: Final = 400  # of one of them
RASTER_TICKS: Final = 150


class Patience:
    """A limit of time that begins now.

    Parameters
    ----------
    seconds : float
        Its length.
    """

    def __init__(self, seconds: float) -> None:
        self._end_s = time.monotonic() + seconds

    @property
    def left_s(self) -> float:
        """Seconds that are left, below 0 once it is over."""
        return self._end_s - time.monotonic()

    @property
    def is_over(self) -> bool:
        """Whether the time has passed."""
        return self.left_s <= 0


@dataclass(frozen=True, slots=True, eq=False)
class Activity:
    """Impulses of a brain's neurons, sent because they fired or were driven.

    Attributes
    ----------
    rates : ndarray of float, shape (n_neurons,)
        Impulses per tick.
    raster : ndarray of bool, shape (n_ticks, n_neurons)
        Which neurons sent one in each of the first ticks of the first game.
    n_games, n_moves, n_ticks : int
        How much play the rates are taken from.
    """

    rates: Float64Array
    raster: BoolArray
    n_games: int
    n_moves: int
    n_ticks: int


# Gymnasium's environments quit all of pygame when they are closed. Two threads that do so at once
# wait for each other forever.
_CLOSING: Final = threading.Lock()


@contextmanager
def open_session(
    organism: Organism, source: EnvSource, render_mode: str | None = None
) -> Iterator[Session]:
    """Open a session, and close it and its environment at the end.

    Parameters
    ----------
    organism : Organism
        What plays.
    source : EnvSource
        What it plays.
    render_mode : str or None
        Render mode of the environment.
    """
    env = source.make_checked(organism.observation_space, organism.action_space, render_mode)
    try:
        session = Session(organism, env)
        try:
            yield session
        finally:
            session.close()
    finally:
        with _CLOSING:
            env.close()


def observe(organism: Organism, source: EnvSource, patience: Patience) -> Activity:
    """Play the first held-out games of an organism, and record the impulses of its neurons.

    Parameters
    ----------
    organism, source
        The player and its environment.
    patience : Patience
        When to stop; one move is made in any case.

    Returns
    -------
    Activity
    """
    n_neurons = organism.connectome.n_neurons
    counts = np.zeros(n_neurons, np.int64)
    raster: list[BoolArray] = []
    n_games = n_moves = n_ticks = 0
    with open_session(organism, source) as session:
        for seed in range(N_GAMES):
            if n_games and patience.is_over:
                break
            session.start(seed)
            n_games += 1
            while not (session.has_ended or session.n_moves == MAX_MOVES):
                n_moves += session.advance()
                tick, active = session.history[-1], np.zeros(n_neurons, np.bool_)
                active[tick.driven] = active[tick.fired] = True
                counts += active
                n_ticks += 1
                if len(raster) < RASTER_TICKS and seed == 0:
                    raster.append(active)
                if n_moves and patience.is_over:
                    break
    return Activity(counts / n_ticks, np.array(raster), n_games, n_moves, n_ticks)


def last_moves(
    organism: Organism, source: EnvSource, first: int, n_moves: int, patience: Patience
) -> Iterator[tuple[Session, Frame]]:
    """Play the first held-out game, and yield the session and its picture after some moves.

    Parameters
    ----------
    organism, source
        The player and its environment, which must render "rgb_array".
    first, n_moves : int
        Moves that are left out, and moves that are then shown at most.
    patience : Patience
        When to stop; one picture is yielded in any case.
    """
    with open_session(organism, source, PICTURE_MODE) as session:
        session.start(0)
        while not (session.n_moves == first or session.has_ended or patience.is_over):
            session.finish_move()
        yield session, session.picture
        for _ in range(n_moves):
            if session.has_ended or patience.is_over:
                break
            session.finish_move()
            yield session, session.picture
