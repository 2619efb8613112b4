"""A watch counts episodes, speaks about every second, and ends play in time."""

import pytest

from spiking_agent.episodes.workers import watch as watch_module
from spiking_agent.episodes.workers.watch import Watch


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(watch_module.time, "monotonic", lambda: now[0])
    return now


def test_play_ends_when_its_time_is_up(clock) -> None:
    watch = Watch()
    watch.begin(5.0)
    clock[0] += 4.9
    assert not watch.look()
    clock[0] += 0.1
    assert watch.look()
    assert watch.is_over


def test_the_first_task_is_done_in_any_case_where_one_is_needed(clock) -> None:
    watch = Watch()
    watch.begin(5.0, needs_one=True)
    clock[0] += 500.0
    assert not watch.look()
    watch.n_done += 1
    assert watch.look()


def test_without_a_limit_play_never_ends(clock) -> None:
    watch = Watch()
    for begin in (lambda: None, watch.begin):
        begin()
        clock[0] += 1e9
        assert not watch.look()


def test_progress_is_told_about_every_second(clock) -> None:
    told = []
    watch = Watch(lambda n_done, n_asked: told.append((clock[0], n_done, n_asked)))
    watch.look()
    watch.begin()
    watch.n_asked = 7
    for _ in range(25):
        clock[0] += 0.125
        watch.n_done += 1
        watch.look()
    assert [(n_done, n_asked) for _, n_done, n_asked in told] == [(8, 7), (16, 7), (24, 7)]
    watch.begin()
    assert watch.n_done == watch.n_asked == 0


def test_a_wait_lasts_until_the_next_look_is_due_and_is_never_endless(clock) -> None:
    watch = Watch()
    assert watch.patience_s == 1.0
    watch.begin(0.25)
    assert watch.patience_s == pytest.approx(0.25)
    clock[0] += 10.0
    assert 0.0 < watch.patience_s < 0.1
