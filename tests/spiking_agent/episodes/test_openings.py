"""Episodes whose first moves are given: they go on as the ones from which these moves come."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.testing as npt
import pytest
from grown_organisms import grown_organism
from gymnasium import spaces
from players import brains, make_organism
from toy_envs import Echo, Unbounded

from spiking_agent import Organism
from spiking_agent.brain.population import Population
from spiking_agent.brain.sheets.tissue import Tissue
from spiking_agent.codec.decoders.base import BaseDecoder
from spiking_agent.dna.grown.brain import GrownBrain
from spiking_agent.dna.grown.growth import grow
from spiking_agent.environments.source import EnvSource
from spiking_agent.episodes import player as rollout
from spiking_agent.episodes.compiled_player import compiled_lanes
from spiking_agent.episodes.evaluator import Evaluator
from spiking_agent.episodes.openings import WATCHED, Openings, check_one_choice
from spiking_agent.episodes.player import EpisodePlayer, Stopped
from spiking_agent.episodes.results import EpisodeResults
from spiking_agent.episodes.task import Task

SEEDS = np.arange(40, 52)


def player_of(organism: Organism, how: str, **task: Any) -> EpisodePlayer:
    """Return a player that plays compiled, step by step, in single environments or with actors."""
    played = Task(env="Snake-v0", env_kwargs=organism.task.env_kwargs, score_key="score", **task)
    engine = "actors" if how == "actors" else "compiled"
    return EpisodePlayer(played, organism.codec, engine, 3 if how == "few at a time" else None)


def games(organism: Organism, player: EpisodePlayer) -> tuple[EpisodeResults, Openings]:
    """Play some games; return the results, and openings that leave out the last 5 moves."""
    copies = organism.population.take(np.zeros(len(SEEDS), np.intp))
    results = player.play(copies, SEEDS[:, None])
    n_moves = results.n_moves[:, 0]
    choices = player.record(copies, SEEDS, int(n_moves.max()))
    return results, Openings(SEEDS, choices, np.maximum(n_moves - 5, 0), 1000)


def large_board() -> Organism:
    """Return a grown brain that gets hungry after 60 moves: what lasts longer begins anew."""
    return grown_organism(10, 10)


WAYS = ("compiled", "without copies", "step by step", "single", "few at a time", "actors")
IN_KERNELS = WAYS[:2]  # these play as plain Python, too


def ways(*left_out: str) -> list[Any]:
    """Return the ways to play, as parameters of a test."""
    kernels = pytest.mark.kernels
    return [
        pytest.param(how, marks=kernels if how in IN_KERNELS else ())
        for how in WAYS
        if how not in left_out
    ]


def without_copies(*arguments: Any) -> SimpleNamespace | None:
    """Return running games that cannot be copied."""
    games = compiled_lanes(*arguments)
    if games is None:
        return None
    fields = games._asdict()  # type: ignore[attr-defined]
    del fields["copy"]
    return SimpleNamespace(**fields)


def arrange(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if how == "without copies":
        monkeypatch.setattr(rollout, "compiled_lanes", without_copies)
    if how == "step by step":
        monkeypatch.setattr(rollout, "compiled_lanes", lambda *_: None)
    if how == "single":
        monkeypatch.setattr(EnvSource, "make_vector", lambda *_: None)


@pytest.mark.parametrize("how", [how for how in WAYS if how != "actors"])
def test_the_end_of_a_game_is_the_same_on_a_large_board(how, monkeypatch) -> None:
    end_a_game(large_board(), how, monkeypatch)


@pytest.mark.parametrize("how", ways())
def test_the_end_of_a_game_is_the_same_after_its_own_opening(how, monkeypatch) -> None:
    end_a_game(make_organism(), how, monkeypatch)


def end_a_game(organism: Organism, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known, openings = games(organism, player_of(organism, "compiled", max_moves=60))
    arrange(how, monkeypatch)
    player = player_of(organism, how, max_moves=60)
    again, others = games(organism, player)
    npt.assert_array_equal(others.choices, openings.choices)
    went_on = player.play(organism.population, openings.seeds, openings)
    assert len(np.unique(known.n_moves)) > 3
    assert known.n_moves.max() > 2 * WATCHED
    ended = known.n_moves[:, 0] < 60  # the others reach the limit, and so count as solved
    for name in ("fitness", "total_reward", "n_moves", "is_solved"):
        npt.assert_array_equal(getattr(again, name), getattr(known, name))
        one = getattr(known, name)[:, 0]
        npt.assert_array_equal(getattr(went_on, name)[0, ended], one[ended], err_msg=name)
    assert (went_on.is_solved[0, ~ended] == 1.0).all()


def test_brains_that_remember_wake_in_time_to_hear_what_happened(monkeypatch) -> None:
    organism = grown_organism()
    player = player_of(organism, "compiled", max_moves=200)
    _, openings = games(organism, player)
    usual = player.play(organism.population, openings.seeds, openings)
    monkeypatch.setattr("spiking_agent.episodes.scripted_lanes.WATCHED", 0)
    arrange("step by step", monkeypatch)
    asleep = player.play(organism.population, openings.seeds, openings)
    assert (usual.n_moves != asleep.n_moves).any()


@pytest.mark.parametrize("how", ways("actors"))
def test_an_episode_that_is_still_going_on_counts_as_solved(how, monkeypatch) -> None:
    organism = grown_organism()
    arrange(how, monkeypatch)
    player = player_of(organism, how, max_moves=60)
    _, openings = games(organism, player)
    short = Openings(openings.seeds, openings.choices, openings.n_given, 2)
    results = player.play(organism.population, short.seeds, short)
    npt.assert_array_equal(results.n_moves[0], short.n_given + 2)
    assert (results.is_solved == 1.0).all()
    lengths = player.play(organism.population, openings.seeds, openings).n_moves[0]
    last = Openings(openings.seeds, openings.choices, openings.n_given, 5)
    results = player.play(organism.population, last.seeds, last)
    is_lost = (lengths == openings.n_given + 5) & (lengths < 60)  # with the last move
    assert is_lost.any()
    npt.assert_array_equal(results.is_solved[0], np.where(is_lost, 0.0, 1.0))
    ends = Openings(openings.seeds, openings.choices, openings.n_given, 6)
    died = player.play(organism.population, ends.seeds, ends).n_moves[0] < openings.n_given + 6
    assert died.any()


@pytest.mark.parametrize("how", ways("few at a time", "actors"))
def test_an_opening_that_is_longer_than_the_game_ends_with_it(how, monkeypatch) -> None:
    organism = grown_organism()
    known, openings = games(organism, player_of(organism, "compiled", max_moves=60))
    arrange(how, monkeypatch)
    room = np.zeros((len(SEEDS), 100), np.int16)
    longer = np.concatenate([openings.choices, room], axis=1)
    before = longer.copy()
    given = np.full(len(SEEDS), longer.shape[1])
    late = Openings(openings.seeds, longer, given, 5)
    player = player_of(organism, how)
    results = player.play(organism.population, late.seeds, late)
    ended = known.n_moves[:, 0] < 60
    npt.assert_array_equal(results.n_moves[0, ended], known.n_moves[ended, 0])
    assert (results.is_solved[0, ended] == 0.0).all()
    npt.assert_array_equal(longer, before)


@pytest.mark.parametrize("workers", [1, 2])
def test_every_genome_plays_every_opening_on_any_number_of_workers(workers) -> None:
    organism = grown_organism()
    player = player_of(organism, "compiled")
    _, openings = games(organism, player)
    other = grown_organism(seed=3)
    tissue = organism.population
    assert isinstance(tissue, Tissue)
    alone = [player.play(one.population, SEEDS, openings) for one in (organism, other)]
    task = player.task
    both = two_brains(organism, other)
    with Evaluator(task, organism.codec, workers=workers) as evaluator:
        together = evaluator.evaluate(both, openings.seeds, openings)
        recorded = evaluator.record(tissue.take(np.zeros(len(SEEDS), np.intp)), SEEDS, 20)
    npt.assert_array_equal(together.n_moves, np.concatenate([one.n_moves for one in alone]))
    npt.assert_array_equal(recorded, openings.choices[:, :20])


def test_play_can_be_stopped_before_every_move_of_an_opening() -> None:
    organism = grown_organism()
    player = player_of(organism, "compiled", max_moves=60)
    _, openings = games(organism, player)
    n_asleep = int(openings.n_given.max()) - WATCHED
    asked = iter([False] * (n_asleep - 1) + [True])
    player.should_stop = lambda: next(asked)
    with pytest.raises(Stopped):
        player.play(organism.population, openings.seeds, openings)
    assert next(asked, None) is None


def test_openings_may_be_arrays_that_must_not_be_written() -> None:
    organism = grown_organism()
    player = player_of(organism, "compiled", max_moves=60)
    _, openings = games(organism, player)
    usual = player.play(organism.population, openings.seeds, openings)
    for array in (openings.choices, openings.n_given):
        array.flags.writeable = False
    again = player.play(organism.population, openings.seeds, openings)
    npt.assert_array_equal(again.n_moves, usual.n_moves)


def two_brains(first: Organism, second: Organism) -> Tissue:
    """Return two grown brains of the same plan as one tissue."""
    mine, other = first.brain, second.brain
    assert isinstance(mine, GrownBrain)
    assert isinstance(other, GrownBrain)
    return grow(mine.layout, np.stack([mine.genome, other.genome]), mine.shape)


def test_the_choices_of_other_spaces_count_from_the_first_action() -> None:
    class Shifted(Echo):
        def __init__(self, render_mode: str | None = None) -> None:
            super().__init__(render_mode)
            self.action_space = spaces.Discrete(2, start=7)

        def step(self, action: int):
            return super().step(int(action) - 7)

    organism = make_organism(Shifted)
    player = EpisodePlayer(Task(env=Shifted), organism.codec, "compiled")
    copies: Population = brains(2, 2, 1, 0).take(np.zeros(3, np.intp))
    seeds = np.arange(3)
    choices = player.record(copies, seeds, 5)
    assert set(choices.ravel()) <= {0, 1}
    best = Openings(seeds, np.zeros((3, 5), np.int16), np.full(3, 5), 1)
    zeros = player.play(copies.take(np.zeros(1, np.intp)), seeds, best)
    ones = Openings(seeds, np.ones((3, 5), np.int16), np.full(3, 5), 1)
    others = player.play(copies.take(np.zeros(1, np.intp)), seeds, ones)
    npt.assert_array_equal(zeros.total_reward + others.total_reward, np.full((1, 3), 5.0))


def test_actions_that_are_no_single_choices_are_refused() -> None:
    organism = make_organism(Unbounded)
    player = EpisodePlayer(Task(env=Unbounded), organism.codec, "compiled")
    with pytest.raises(ValueError, match="drills must be left out for an action space that is not"):
        player.record(organism.population, np.zeros(1, np.int64), 3)


def test_a_decoder_that_may_choose_otherwise_is_refused() -> None:
    class Other(BaseDecoder):
        kind = "other"
        space = spaces.Discrete(2)

    with pytest.raises(
        ValueError, match=r"decoder than 'most-spikes' or 'in-turn', .* got 'other' of Discrete"
    ):
        check_one_choice(SimpleNamespace(decoder=Other()))  # type: ignore[arg-type]
