"""What the calling process plays before workers are needed."""

import pytest
from players import draw, make_player, task_of
from toy_envs import Echo

from spiking_agent.environments.source import EnvSource
from spiking_agent.episodes import evaluator as module
from spiking_agent.episodes.evaluator import Evaluator
from spiking_agent.episodes.workers import head_start
from spiking_agent.episodes.workers.head_start import HeadStart
from spiking_agent.episodes.workers.jobs import TimeUp
from spiking_agent.episodes.workers.watch import Watch

CART = EnvSource("CartPole-v1")
SEEDS = list(range(40))


class Clock:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(head_start, "time", clock)
    return clock


def test_jobs_are_done_until_they_have_taken_the_time(clock: Clock) -> None:
    start, done = HeadStart(1.0), []

    def do(job: float) -> float:
        clock.now_s += job
        done.append(job)
        return -job

    assert list(start.results(do, [0.25, 0.25])) == [-0.25, -0.25]
    assert not start.is_over
    assert list(start.results(do, [0.25, 0.5, 0.25])) == [-0.25, -0.5]
    assert (start.n_done, start.is_over) == (2, True)
    assert list(start.results(do, [0.25])) == []
    assert start.n_done == 0
    assert done == [0.25, 0.25, 0.25, 0.5]


def test_only_work_counts_and_not_what_is_done_with_results(clock: Clock) -> None:
    start = HeadStart(1.0)
    for _ in start.results(str, range(5)):
        clock.now_s += 10.0
    assert start.n_done == 5


def evaluated(source: EnvSource, n_genomes: int = 8, **how):
    """Return the results of some brains on two workers, and whether a worker was started."""
    player = make_player(source)
    with Evaluator(task_of(source), player.codec, workers=2, **how) as evaluator:
        results = evaluator.evaluate(draw(player, n_genomes), SEEDS)
        return results, bool(evaluator.executor._processes)


def test_what_ends_soon_starts_no_worker(clock: Clock) -> None:
    results, has_workers = evaluated(CART)
    assert not has_workers
    player = make_player(CART)
    for mine, whole in zip(results, player.play(draw(player, 8), SEEDS), strict=True):
        assert mine.tobytes() == whole.tobytes()


@pytest.mark.slow
def test_workers_go_on_where_the_calling_process_stops(monkeypatch) -> None:
    monkeypatch.setattr(module, "HEAD_START_S", 1e-9)  # one of five jobs
    results, has_workers = evaluated(CART)
    assert has_workers
    player = make_player(CART)
    for mine, whole in zip(results, player.play(draw(player, 8), SEEDS), strict=True):
        assert mine.tobytes() == whole.tobytes()


@pytest.mark.slow
@pytest.mark.parametrize("how", [{"max_envs": 8}, {"is_slow": True}])
def test_without_a_head_start_workers_play_at_once(how) -> None:
    assert evaluated(CART, 2, **how)[1]


def test_time_that_is_up_in_the_calling_process_tells_what_was_played(clock: Clock) -> None:
    player, watch = make_player(CART), Watch()
    brains = draw(player, 8)
    with Evaluator(task_of(CART), player.codec, workers=2, over=watch) as evaluator:
        watch.begin(0.0, needs_one=True)
        with pytest.raises(TimeUp) as caught:
            evaluator.evaluate(brains, SEEDS)
    is_played = caught.value.is_played
    assert 0 < is_played.sum() < is_played.size
    expected = player.play(brains, SEEDS)
    for mine, whole in zip(caught.value.results, expected, strict=True):
        assert mine[is_played].tobytes() == whole[is_played].tobytes()


def test_only_environments_of_gymnasium_are_trusted_with_the_calling_process() -> None:
    assert CART.is_of_gymnasium
    assert EnvSource("Taxi-v3").is_of_gymnasium or EnvSource("Taxi-v4").is_of_gymnasium
    for env in (Echo, "Snake-v0", "nowhere:Nothing-v0"):
        assert not EnvSource(env).is_of_gymnasium
