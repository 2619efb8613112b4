"""What a champion's neurons do while it plays held-out games."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from spiking_agent.episodes.environments import EnvSource
from spiking_agent.episodes.frames import PICTURE_MODE, Frame, picture_of
from spiking_agent.organism.organism import Organism
from spiking_agent.viewer.session import Performance

N_GAMES: Final = 3
MAX_MOVES: Final = 400  # of one of them
RASTER_TICKS: Final = 150
_NOTHING: Final = np.zeros((1, 1, 3), np.uint8)


class Patience:
    """So many seconds, which begin now.

    Parameters
    ----------
    seconds : float
        How many.
    """

    def __init__(self, seconds: float) -> None:
        self._end_s = time.monotonic() + seconds

    @property
    def left_s(self) -> float:
        """How many are left."""
        return self._end_s - time.monotonic()

    @property
    def is_over(self) -> bool:
        """Whether they have passed."""
        return self.left_s <= 0


class Curtain(gym.Wrapper[Any, Any, Any, Any]):
    """Draws nothing unless it is open: the pictures of most moves are not looked at."""

    is_open = False

    def render(self) -> Any:
        """Give the picture, or one black pixel."""
        return super().render() if self.is_open else _NOTHING


@dataclass(frozen=True, slots=True, eq=False)
class Activity:
    """Impulses of a brain's neurons, sent because they fired or were driven.

    Attributes
    ----------
    rates : ndarray of float, shape (n_neurons,)
        Impulses a tick.
    raster : ndarray of bool, shape (n_ticks, n_neurons)
        Who sent one in each of the first ticks of the first game.
    n_games, n_moves, n_ticks : int
        What the rates are taken from.
    """

    rates: npt.NDArray[np.float64]
    raster: npt.NDArray[np.bool_]
    n_games: int
    n_moves: int
    n_ticks: int


# Gymnasium's environments end all of pygame when they are closed, which two threads at once do not
# survive: they wait for each other for ever.
_CLOSING: Final = threading.Lock()


@contextmanager
def stage(
    organism: Organism, source: EnvSource, render_mode: str | None = None
) -> Iterator[tuple[Performance, Curtain]]:
    """Make a performance behind a curtain."""
    env = Curtain(
        source.make_checked(organism.observation_space, organism.action_space, render_mode)
    )
    try:
        performance = Performance(organism, env)
        try:
            yield performance, env
        finally:
            performance.close()
    finally:
        with _CLOSING:
            env.close()


def observe(organism: Organism, source: EnvSource, patience: Patience) -> Activity:
    """Let an organism play the first held-out games, and write down who sends an impulse when.

    Parameters
    ----------
    organism, source
        Who plays what.
    patience : Patience
        When to stop; one move is made in any case.
    """
    n_neurons = organism.connectome.n_neurons
    counts = np.zeros(n_neurons, np.int64)
    raster: list[npt.NDArray[np.bool_]] = []
    n_games = n_moves = n_ticks = 0
    with stage(organism, source) as (performance, _):
        for seed in range(N_GAMES):
            if n_games and patience.is_over:
                break
            performance.start(seed)
            n_games += 1
            while not (performance.has_ended or performance.n_moves == MAX_MOVES):
                n_moves += performance.advance()
                tick, active = performance.history[-1], np.zeros(n_neurons, np.bool_)
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
) -> Iterator[tuple[Performance, Frame]]:
    """Play the first held-out game, and give the pictures of some moves.

    Parameters
    ----------
    organism, source
        Who plays what; the environment must render "rgb_array".
    first, n_moves : int
        How many moves are not shown, and how many then are, at most.
    patience : Patience
        When to stop; one picture is given in any case.
    """
    with stage(organism, source, PICTURE_MODE) as (performance, curtain):
        performance.start(0)
        while not (performance.n_moves == first or performance.has_ended or patience.is_over):
            performance.finish_move()
        curtain.is_open = True
        performance.picture = picture_of(curtain)
        yield performance, performance.picture
        for _ in range(n_moves):
            if performance.has_ended or patience.is_over:
                break
            performance.finish_move()
            yield performance, performance.picture
