"""Jobs: some genomes and some episodes, which any Python process can play."""

import itertools
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from spiking_agent.brain.population import Population
from spiking_agent.brain.sheets.tissue import Tissue
from spiking_agent.codec.codec import Codec
from spiking_agent.episodes.openings import Openings
from spiking_agent.episodes.player import EpisodePlayer, Stopped
from spiking_agent.episodes.results import EpisodeResults, SeedArray
from spiking_agent.episodes.task import Task
from spiking_agent.episodes.workers.parcel import Parcel
from spiking_agent.episodes.workers.pool import must_stop
from spiking_agent.episodes.workers.shares import Share
from spiking_agent.episodes.workers.watch import Watch
from spiking_agent.typing import BoolArray, Int16Array

MAX_PLAYERS: Final = 4  # per thread: enough for an evolution's training and validation

_players: dict[tuple[str, int], EpisodePlayer] = {}  # by evaluator and thread, oldest use first
_stopped: set[str] = set()  # tokens of the evaluators of this process that were stopped
_watches: dict[str, Watch] = {}  # of evaluators that play in the calling thread, by token


class TimeUp(Stopped):
    """Play was ended by its watch.

    Parameters
    ----------
    results : EpisodeResults
        What was to be played, of shape (n_genomes, n_episodes).
    is_played : ndarray of bool of the same shape
        Which episodes are done; the others have no results.
    """

    def __init__(self, results: EpisodeResults, is_played: BoolArray) -> None:
        super().__init__()
        self.results, self.is_played = results, is_played


@dataclass(frozen=True, slots=True)
class Setting:
    """What all jobs of an evaluator have in common.

    Parameters
    ----------
    task, codec, engine, max_envs
        See `EpisodePlayer`.
    """

    task: Task
    codec: Codec
    engine: str
    max_envs: int | None


@dataclass(frozen=True, slots=True)
class Job:
    """Some genomes and some episodes, with everything that a worker needs.

    Parameters
    ----------
    token : str
        Unique for each evaluator, so that its players are found again with their environments.
    setting : Parcel of Setting
        What is played.
    population : Population or Tissue
        The genomes.
    seeds : ndarray of int64, shape (n_genomes, n_episodes)
        The seeds of the episodes.
    openings : Openings, optional
        How they begin.
    """

    token: str
    setting: Parcel[Setting]
    population: Population | Tissue
    seeds: SeedArray
    openings: Openings | None = None


def jobs_of(
    token: str,
    setting: Parcel[Setting],
    population: Population | Tissue,
    seeds: SeedArray,
    blocks: Sequence[Share],
    openings: Openings | None = None,
) -> list[Job]:
    """Return a job for each share of the episodes of a population.

    Parameters
    ----------
    token, setting, population, seeds, openings
        See `Job`.
    blocks : sequence of (slice, slice)
        Genomes and episodes of each share.
    """
    return [
        Job(
            token,
            setting,
            population.take(genomes),
            seeds[genomes, episodes],
            None if openings is None else openings.take(episodes),
        )
        for genomes, episodes in blocks
    ]


def play(job: Job) -> EpisodeResults:
    """Play the episodes of a job with the player that this thread keeps for its evaluator.

    Parameters
    ----------
    job : Job
        What is to be played.

    Raises
    ------
    Stopped
        If the evaluator or the worker was stopped.
    """
    return _player(job).play(job.population, job.seeds, job.openings)


def record(job: Job, n_moves: int) -> Int16Array:
    """Return the choices of the genomes of a job, which play one episode each.

    Parameters
    ----------
    job : Job
        What is to be played.
    n_moves : int
        How many moves are recorded.

    Raises
    ------
    Stopped, ValueError
        See `EpisodePlayer.record`.
    """
    return _player(job).record(job.population, job.seeds[:, 0], n_moves)


def try_out(job: Job) -> None:
    """Play the first move of the episodes of a job, so that what it needs is compiled or loaded.

    Parameters
    ----------
    job : Job
        What is to be played.

    Raises
    ------
    Stopped
        If the evaluator or the worker was stopped before.
    """
    player, looks = _player(job), itertools.count()
    usual, player.should_stop = player.should_stop, lambda: next(looks) > 0
    try:
        player.play(job.population, job.seeds)
    except Stopped:
        pass
    finally:
        player.should_stop = usual


def receive(setting: Parcel[Setting]) -> None:
    """Unpack a setting, so that its errors are raised before anything is played.

    Parameters
    ----------
    setting : Parcel
        The setting, packed.
    """
    setting.content()


def stop(token: str) -> None:
    """Stop the jobs of an evaluator in this process before their next move.

    Parameters
    ----------
    token : str
        Token of the evaluator.
    """
    _stopped.add(token)


def watch(token: str, over: Watch) -> None:
    """Have a watch look at the jobs of an evaluator in this process before every move.

    Parameters
    ----------
    token : str
        Token of the evaluator, until `close_players` forgets it.
    over : Watch
        The watch.
    """
    _watches[token] = over


def close_players(token: str | None = None) -> None:
    """Close the players of one evaluator in this process, or of all of them.

    Parameters
    ----------
    token : str, optional
        Token of the evaluator; default: all.
    """
    for key in list(_players):
        if token in (None, key[0]):
            _players.pop(key).close()
    if token is not None:
        _watches.pop(token, None)


def _player(job: Job) -> EpisodePlayer:
    """Return the player that this thread keeps for the evaluator of a job."""
    if must_stop():
        raise Stopped
    thread = threading.get_ident()
    key = (job.token, thread)
    player = _players.pop(key, None)
    _players[key] = _make_player(job) if player is None else player  # the last is the newest
    own = [key for key in list(_players) if key[1] == thread]
    for unused in own[:-MAX_PLAYERS]:
        _players.pop(unused).close()
    return _players[key]


def _make_player(job: Job) -> EpisodePlayer:
    setting, token = job.setting.content(), job.token
    return EpisodePlayer(
        setting.task,
        setting.codec,
        setting.engine,
        setting.max_envs,
        should_stop=lambda: token in _stopped or must_stop() or _must_end(token),
    )


def _must_end(token: str) -> bool:
    over = _watches.get(token)
    return over is not None and over.look()
