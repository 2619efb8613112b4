"""Fitness does not depend on who computes it or how the work is divided."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from players import SNAKE, draw, make_player, task_of
from toy_envs import Echo, Sleepy

from spiking_agent import evolve
from spiking_agent.environments.source import EnvSource
from spiking_agent.episodes.evaluator import Evaluator
from spiking_agent.episodes.player import EpisodePlayer, Stopped
from spiking_agent.episodes.results import EpisodeResults
from spiking_agent.episodes.workers.jobs import TimeUp
from spiking_agent.episodes.workers.watch import Watch
from spiking_agent.errors import WorkerDiedError

SEEDS = [5, 6, 7, 8, 9]


def evaluate(source: EnvSource, n_genomes: int = 7, **how) -> EpisodeResults:
    player = make_player(source)
    with Evaluator(task_of(source, score_key="score"), player.codec, **how) as evaluator:
        return evaluator.evaluate(draw(player, n_genomes), SEEDS)


@pytest.mark.parametrize("n_genomes", [1, 2, 7])
@pytest.mark.parametrize(
    "source", [EnvSource("Snake-v0", SNAKE), EnvSource(Echo)], ids=["native", "single"]
)
def test_any_number_of_workers_gives_the_same_bytes(source: EnvSource, n_genomes: int) -> None:
    player = make_player(source, score_key="score")
    expected = player.play(draw(player, n_genomes), SEEDS)
    alone = evaluate(source, n_genomes)
    with ThreadPoolExecutor(3) as executor:
        many = [evaluate(source, n_genomes, workers=n, executor=executor) for n in (2, 3, 50)]
    for results in (alone, *many):
        for mine, theirs in zip(results, expected, strict=True):
            assert mine.tobytes() == theirs.tobytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    "source", [EnvSource("CartPole-v1"), EnvSource("Snake-v0", SNAKE)], ids=str
)
def test_processes_give_the_same_bytes_as_one_thread(source) -> None:
    player = make_player(source)
    population = draw(player, 6)
    results = []
    for workers in (1, 2):
        with Evaluator(task_of(source), player.codec, workers=workers) as evaluator:
            results.append(evaluator.evaluate(population, [1, 2, 3]))
    for mine, theirs in zip(*results, strict=True):
        assert mine.tobytes() == theirs.tobytes()
    assert len(np.unique(results[0].total_reward)) > 1


def test_a_task_that_fails_fails_the_evaluation() -> None:
    source = EnvSource(Echo)
    player = make_player(source)
    with Evaluator(task_of(source, score_key="missing"), player.codec) as evaluator:
        with pytest.raises(ValueError, match="score_key must be a key"):
            evaluator.evaluate(draw(player, 2), SEEDS)


def test_a_stopped_evaluator_gives_up_before_and_meanwhile(monkeypatch) -> None:
    source = EnvSource(Echo)
    player = make_player(source)
    playing, evaluators = threading.Event(), []
    play = EpisodePlayer._play_single

    def stop_then_play(self, *arguments):
        evaluators[0].stop()  # the player looks up before its next move
        playing.set()
        return play(self, *arguments)

    monkeypatch.setattr(EpisodePlayer, "_play_single", stop_then_play)
    with ThreadPoolExecutor(1) as executor:
        with Evaluator(task_of(source), player.codec, workers=2, executor=executor) as evaluator:
            evaluators.append(evaluator)
            for _ in range(2):
                with pytest.raises(Stopped):
                    evaluator.evaluate(draw(player, 9), SEEDS)
    assert playing.is_set()


@pytest.mark.parametrize("n_threads", [0, 1, 2])
def test_when_time_is_up_what_was_played_is_told_and_is_as_in_a_whole_evaluation(n_threads) -> None:
    player, watch = make_player(EnvSource(Sleepy)), Watch()
    brains = draw(player, 8)
    whole = player.play(brains, SEEDS)
    how = {"is_slow": True, "over": watch}
    with ThreadPoolExecutor(max(1, n_threads)) as executor:
        if n_threads:
            how |= {"workers": n_threads, "executor": executor}
        with Evaluator(task_of(EnvSource(Sleepy)), player.codec, **how) as evaluator:
            watch.begin(0.1, needs_one=True)  # for 40 episodes of 20 ms
            with pytest.raises(TimeUp) as caught:
                evaluator.evaluate(brains, SEEDS)
    is_played = caught.value.is_played
    assert is_played[0, 0]
    assert not is_played[-1, -1]
    for mine, theirs in zip(caught.value.results, whole, strict=True):
        np.testing.assert_array_equal(mine[is_played], theirs[is_played])
    assert watch.n_asked == 40


def test_episodes_that_were_done_before_their_turn_count_when_time_is_up() -> None:
    class FirstNever(Executor):
        n_submitted = 0

        def submit(self, function, /, *arguments, **how):
            future = Future()
            if self.n_submitted:
                future.set_result(function(*arguments, **how))
            self.n_submitted += 1
            return future

    source, watch = EnvSource(Echo), Watch()
    player = make_player(source)
    how = {"executor": FirstNever(), "is_slow": True, "over": watch}
    with Evaluator(task_of(source), player.codec, **how) as evaluator:
        watch.begin(0.0)
        with pytest.raises(TimeUp) as caught:
            evaluator.evaluate(draw(player, 4), SEEDS)
    assert np.argwhere(~caught.value.is_played).tolist() == [[0, 0]]


def test_trying_out_plays_one_move_and_leaves_everything_playable(monkeypatch) -> None:
    moves = []
    step = Echo.step
    monkeypatch.setattr(Echo, "step", lambda self, action: (moves.append(1), step(self, action))[1])
    source = EnvSource(Echo)
    player = make_player(source)
    with Evaluator(task_of(source), player.codec) as evaluator:
        evaluator.try_out(draw(player, 2), SEEDS[:1])
        assert len(moves) == 2
        assert evaluator.evaluate(draw(player, 2), SEEDS[:1]).n_moves.tolist() == [[5], [5]]
        evaluator.stop()
        with pytest.raises(Stopped):
            evaluator.try_out(draw(player, 2), SEEDS[:1])


def test_closing_twice_is_the_same_as_once_and_forgets_the_players() -> None:
    from spiking_agent.episodes.workers import jobs as tasks

    source = EnvSource("Snake-v0", SNAKE)
    player = make_player(source)
    evaluator = Evaluator(task_of(source), player.codec)
    evaluator.evaluate(draw(player, 3), SEEDS)
    assert any(key[0] == evaluator._token for key in tasks._players)
    evaluator.close()
    evaluator.close()
    assert not any(key[0] == evaluator._token for key in tasks._players)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_whether_the_environment_tells_is_not_decided_task_by_task(workers) -> None:
    kwargs = {**SNAKE, "max_episode_steps": 6}  # most games end before anything happens
    source = EnvSource("Snake-v0", kwargs)
    player = make_player(source)
    with Evaluator(task_of(source), player.codec, workers=workers) as evaluator:
        solved = evaluator.evaluate(draw(player, 8), SEEDS).is_solved
    assert (solved == 0.0).all()


def test_a_factory_that_cannot_be_sent_to_processes_is_refused_before_anything_begins(
    tmp_path,
) -> None:
    lock = threading.Lock()

    def make(render_mode=None):
        with lock:
            return Echo(render_mode)

    player = make_player(EnvSource(Echo))
    message = r"env, encoder and decoder must be something .* got .*make.*lock.*workers=1"
    with pytest.raises(ValueError, match=message):
        Evaluator(task_of(EnvSource(make)), player.codec, workers=2)
    with pytest.raises(ValueError, match=message):
        evolve(make, workers=2, generations=1, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_a_factory_that_nobody_can_import_is_sent_whole() -> None:
    n_moves = 3
    source = EnvSource(lambda render_mode=None: Echo(render_mode, n_moves=n_moves))
    alone, together = evaluate(source), evaluate(source, workers=2)
    assert (together.n_moves == 3).all()
    assert together.fitness.tobytes() == alone.fitness.tobytes()


class Losing(Executor):
    """An executor that has lost its machine: what it cancels is never reported as done."""

    first = staticmethod(lambda: None)

    def submit(self, function, *arguments):
        self.first()
        future: Future = Future()
        future.cancel()
        return future


def test_tasks_that_an_executor_loses_are_an_error_and_no_stop() -> None:
    player = make_player(EnvSource(Echo))
    with Evaluator(
        task_of(EnvSource(Echo)), player.codec, workers=2, executor=Losing()
    ) as evaluator:
        with pytest.raises(WorkerDiedError, match=r"executor must keep its tasks .*Cancelled"):
            evaluator.evaluate(draw(player, 4), SEEDS)
    executor = Losing()
    with Evaluator(
        task_of(EnvSource(Echo)), player.codec, workers=2, executor=executor
    ) as evaluator:
        executor.first = evaluator.stop
        with pytest.raises(Stopped):
            evaluator.evaluate(draw(player, 4), SEEDS)


@pytest.mark.slow
def test_players_of_other_programs_have_other_names_on_a_cluster() -> None:
    code = (
        "import os; os.getpid = lambda: 1; import players; "
        "from spiking_agent.episodes import evaluator; "
        "from spiking_agent.environments.source import EnvSource; "
        "source = EnvSource('CartPole-v1'); "
        "player = players.make_player(source); "
        "print(evaluator.Evaluator(player.task, player.codec)._token)"
    )
    command, here = [sys.executable, "-c", code], Path(__file__).parents[2] / "support"
    programs = [subprocess.Popen(command, stdout=subprocess.PIPE, cwd=here) for _ in range(2)]
    first, second = (program.communicate()[0] for program in programs)
    assert first
    assert first != second


def test_a_worker_that_outlives_evaluations_keeps_the_newest_players_only() -> None:
    closed: list[int] = []

    class Numbered(Echo):
        def __init__(self, render_mode=None, number=0):
            super().__init__(render_mode)
            self._number = number

        def close(self):
            closed.append(self._number)

    player = make_player(EnvSource(Echo))
    population = draw(player, 1)
    with ThreadPoolExecutor(1) as executor:
        evaluators = [
            Evaluator(
                task_of(EnvSource(Numbered, {"number": number})), player.codec, executor=executor
            )
            for number in range(6)
        ]
        results = [evaluator.evaluate(population, [1]) for evaluator in (*evaluators, *evaluators)]
        n_kept = len(evaluators) - closed.index(0)
        assert closed[:2] == [0, 1]
        assert len(closed) == 12 - 4
        for evaluator in evaluators:
            evaluator.close()
    assert len(closed) == 12
    assert n_kept == 6
    assert all(one.fitness.tobytes() == results[0].fitness.tobytes() for one in results)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("end", "words"),
    [
        (lambda: os._exit(7), "ended by itself with exit code 7"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "SIGKILL, as systems do when memory"),
        (lambda: os.kill(os.getpid(), signal.SIGTERM), "killed by Terminated"),
        # the way by which its exit code would be told may be closed, too
        (lambda: os.closerange(3, 200), "ended"),
    ],
    ids=["exit", "SIGKILL", "SIGTERM", "closed files"],
)
def test_what_is_known_of_the_end_of_a_worker_is_told_and_no_more(end, words) -> None:
    player = make_player(EnvSource(Echo))

    class Ending(Echo):
        def step(self, action):
            end()
            return super().step(action)

    with Evaluator(task_of(EnvSource(Ending)), player.codec, workers=2) as evaluator:
        with pytest.raises(WorkerDiedError, match=f"must live .*{words}.*--workers 1") as caught:
            evaluator.evaluate(draw(player, 2), [1])
    assert ("memory" in str(caught.value)) == ("SIGKILL" in words)


def test_workers_that_cannot_start_are_told_apart_from_those_that_die() -> None:
    class Here:
        def __reduce__(self):
            return os._exit, (3,)

        def __call__(self, render_mode=None):
            return Echo()

    player = make_player(EnvSource(Echo))
    with Evaluator(task_of(EnvSource(Here())), player.codec, workers=2) as evaluator:
        with pytest.raises(WorkerDiedError, match=r"must start, but one ended .* exit code 3"):
            evaluator.evaluate(draw(player, 2), [1])


def test_a_module_that_workers_cannot_import_is_told_before_anything_is_played(monkeypatch) -> None:
    hidden = ModuleType("hidden_module")
    hidden.Hidden = type("Hidden", (Echo,), {"__module__": "hidden_module"})
    monkeypatch.setitem(sys.modules, "hidden_module", hidden)
    player = make_player(EnvSource(Echo))
    with Evaluator(task_of(EnvSource(hidden.Hidden)), player.codec, workers=2) as evaluator:
        with pytest.raises(ValueError, match=r"must be something .* No module named 'hidden_mod"):
            evaluator.evaluate(draw(player, 2), [1])


def test_workers_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match=r"workers must be a whole number in 1\.\.1024, got 0"):
        evaluate(EnvSource(Echo), workers=0)
