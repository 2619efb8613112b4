"""Which pictures of an episode a film holds."""

import itertools
from functools import partial

import numpy as np
import pytest
from players import make_organism

import spiking_agent
from spiking_agent.viewer.film import film
from spiking_agent.viewer.loader import Loader
from spiking_agent.viewer.scene import Status

SMALL = (640, 360)


@pytest.fixture
def session():
    loader = Loader(partial(spiking_agent.champion, "senses"), env_kwargs={"hunger_limit": 20})
    yield loader.session
    loader.close()


def moves(session, **how) -> list[tuple[int, int]]:
    """(move, tick) of each picture."""
    pictures = film(session, 3, size=SMALL, status=Status(), **how)
    return [(session.n_moves, session.step) for _ in pictures]


def test_a_picture_a_move_from_the_beginning_to_the_end(session) -> None:
    seen = moves(session)
    assert session.has_ended
    assert seen == [(move, 0) for move in range(session.n_moves + 1)]
    assert len(seen) > 10


def test_a_picture_a_tick(session) -> None:
    n_ticks = session.organism.codec.n_ticks
    seen = moves(session, every=0, max_moves=2)
    ticks = [(move, tick) for move in range(2) for tick in range(n_ticks)]
    assert seen == [*ticks, (2, 0)]


def test_a_picture_every_few_moves_and_the_last(session) -> None:
    assert [move for move, _ in moves(session, every=4, max_moves=10)] == [0, 4, 8, 10]


def test_the_beginning_may_be_skipped(session) -> None:
    assert [move for move, _ in moves(session, skip=5, max_moves=8)] == [5, 6, 7, 8]
    assert [move for move, _ in moves(session, skip=8, max_moves=6)] == [6]


def test_pictures_are_of_the_size_asked_for_and_differ() -> None:
    loader = Loader(lambda: make_organism(seed=5))
    try:
        n_said = 0

        def say() -> None:
            nonlocal n_said
            n_said += 1

        pictures = list(
            film(
                loader.session,
                3,
                size=SMALL,
                status=Status(),
                max_moves=3,
                on_picture=say,
            )
        )
    finally:
        loader.close()
    assert n_said == len(pictures) - 1
    assert {picture.shape for picture in pictures} == {(360, 640, 3)}
    assert all(not np.array_equal(a, b) for a, b in itertools.pairwise(pictures))
