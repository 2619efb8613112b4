"""What the calling process plays before workers are needed."""

from dataclasses import replace

import gymnasium as gym
import pytest
from gymnasium.envs.classic_control.cartpole import CartPoleEnv
from gymnasium.wrappers import TimeAwareObservation
from players import draw, make_player, task_of
from toy_envs import Echo

from spiking_agent.codec.encoders.real_numbers import LatencyEncoder
from spiking_agent.environments.source import EnvSource
from spiking_agent.episodes.evaluator import Evaluator
from spiking_agent.episodes.player import Stopped
from spiking_agent.episodes.workers import head_start
from spiking_agent.episodes.workers.head_start import NONE, HeadStart
from spiking_agent.episodes.workers.jobs import TimeUp
from spiking_agent.episodes.workers.watch import Watch
from spiking_agent.errors import ForeignCodeError
from spiking_agent.evolution.arena import Arena

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
    assert start.is_over
    assert list(start.results(do, [0.25])) == []
    assert done == [0.25, 0.25, 0.25, 0.5]


def test_only_work_counts_and_not_what_is_done_with_results(clock: Clock) -> None:
    n_done = 0
    for _ in HeadStart(1.0).results(str, range(5)):
        clock.now_s += 10.0
        n_done += 1
    assert n_done == 5


def evaluated(source: EnvSource, n_genomes: int = 8, **how):
    """Return the results of some brains on two workers, and whether a worker was started."""
    player = make_player(source)
    how = {"head_start": HeadStart(1.0), **how}
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
def test_workers_go_on_where_the_calling_process_stops() -> None:
    results, has_workers = evaluated(CART, head_start=HeadStart(1e-9))  # one of ten jobs
    assert has_workers
    player = make_player(CART)
    for mine, whole in zip(results, player.play(draw(player, 8), SEEDS), strict=True):
        assert mine.tobytes() == whole.tobytes()


@pytest.mark.slow
@pytest.mark.parametrize("how", [{"max_envs": 8}, {"is_slow": True}, {"head_start": NONE}])
def test_without_a_head_start_workers_play_at_once(how) -> None:
    assert evaluated(CART, 2, **how)[1]


def test_time_that_is_up_in_the_calling_process_tells_what_was_played(clock: Clock) -> None:
    player, watch = make_player(CART), Watch()
    brains = draw(player, 8)
    how = {"workers": 2, "over": watch, "head_start": HeadStart(1.0)}
    with Evaluator(task_of(CART), player.codec, **how) as evaluator:
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


def test_a_wrapper_of_somebody_else_is_not_trusted(monkeypatch) -> None:
    own = gym.spec("CartPole-v1")
    wrapped = replace(
        own, id="Wrapped-v0", additional_wrappers=(TimeAwareObservation.wrapper_spec(),)
    )
    monkeypatch.setitem(gym.registry, "Wrapped-v0", wrapped)
    assert not EnvSource("Wrapped-v0").is_of_gymnasium


class Loud(LatencyEncoder):
    """An encoder of another package."""


def test_a_codec_of_somebody_else_is_not_trusted() -> None:
    for kind, plays_first in ((LatencyEncoder, True), (Loud, False)):
        codec = replace(make_player(CART).codec, encoder=kind((-1.0,) * 4, (1.0,) * 4, 2))
        with Evaluator(task_of(CART), codec, head_start=HeadStart(1.0)) as evaluator:
            assert evaluator.head_start.is_over is not plays_first


@pytest.mark.parametrize("call", [pytest.raises(ForeignCodeError), pytest.raises(Stopped)])
def test_what_ends_play_in_the_calling_process_starts_no_worker(call, monkeypatch) -> None:
    player = make_player(CART)
    with Evaluator(task_of(CART), player.codec, workers=2, head_start=HeadStart(9.0)) as evaluator:

        def step(self, action):
            if call.expected_exceptions == (ForeignCodeError,):
                raise RuntimeError("broken")
            evaluator.stop()
            return play(self, action)

        play = CartPoleEnv.step
        monkeypatch.setattr(CartPoleEnv, "step", step)
        with call:
            evaluator.evaluate(draw(player, 8), SEEDS)
        assert not evaluator.executor._processes


def test_a_run_of_several_tasks_has_one_head_start(clock: Clock) -> None:
    arena = Arena(engine="compiled", max_envs=None, workers=2, executor=None)
    player = make_player(CART)
    with arena:
        for task in (task_of(CART), replace(task_of(CART), max_moves=5)):
            arena.warm_up(task, player.codec, draw(player, 1))
            arena.play(task, player.codec, draw(player, 8), SEEDS)
        (_, first), (_, second) = arena._evaluators
        assert first.head_start is second.head_start
        assert second.executor is first.executor
        assert not first.executor._processes
        assert not first.executor.has_started
