"""Fitness does not depend on who computes it or how the work is divided."""

import os
import threading
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from players import SNAKE, draw, make_player
from toy_envs import Echo

from spiking_agent.environments import EnvSource
from spiking_agent.errors import WorkerDiedError
from spiking_agent.fitness import Evaluator
from spiking_agent.rollout import EpisodePlayer, EpisodeResults, Stopped

SEEDS = [5, 6, 7, 8, 9]


def evaluate(source: EnvSource, n_genomes: int = 7, **how) -> EpisodeResults:
    player = make_player(source)
    with Evaluator(source, player.codec, score_key="score", **how) as evaluator:
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


@pytest.mark.parametrize(
    "source", [EnvSource("CartPole-v1"), EnvSource("Snake-v0", SNAKE)], ids=str
)
def test_processes_give_the_same_bytes_as_one_thread(source) -> None:
    player = make_player(source)
    population = draw(player, 6)
    results = []
    for workers in (1, 2):
        with Evaluator(source, player.codec, workers=workers) as evaluator:
            results.append(evaluator.evaluate(population, [1, 2, 3]))
    for mine, theirs in zip(*results, strict=True):
        assert mine.tobytes() == theirs.tobytes()
    assert len(np.unique(results[0].total_reward)) > 1


def test_a_task_that_fails_fails_the_evaluation() -> None:
    source = EnvSource(Echo)
    player = make_player(source)
    with Evaluator(source, player.codec, score_key="missing") as evaluator:
        with pytest.raises(ValueError, match="score_key must be a key"):
            evaluator.evaluate(draw(player, 2), SEEDS)


def test_a_stopped_evaluator_gives_up_before_and_meanwhile(monkeypatch) -> None:
    source = EnvSource(Echo)
    player = make_player(source)
    playing, evaluators = threading.Event(), []
    play = EpisodePlayer._play_single

    def stop_then_play(self, lanes, seeds):
        evaluators[0].stop()  # the player looks up before its next move
        playing.set()
        return play(self, lanes, seeds)

    monkeypatch.setattr(EpisodePlayer, "_play_single", stop_then_play)
    with ThreadPoolExecutor(1) as executor:
        with Evaluator(source, player.codec, workers=2, executor=executor) as evaluator:
            evaluators.append(evaluator)
            for _ in range(2):
                with pytest.raises(Stopped):
                    evaluator.evaluate(draw(player, 9), SEEDS)
    assert playing.is_set()


def test_closing_twice_is_the_same_as_once_and_forgets_the_players() -> None:
    from spiking_agent import fitness

    source = EnvSource("Snake-v0", SNAKE)
    player = make_player(source)
    evaluator = Evaluator(source, player.codec)
    evaluator.evaluate(draw(player, 3), SEEDS)
    assert any(key[0] == evaluator._token for key in fitness._players)
    evaluator.close()
    evaluator.close()
    assert not any(key[0] == evaluator._token for key in fitness._players)


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_whether_the_environment_tells_is_not_decided_task_by_task(workers) -> None:
    kwargs = {**SNAKE, "max_episode_steps": 6}  # most games end before anything happens
    source = EnvSource("Snake-v0", kwargs)
    player = make_player(source)
    with Evaluator(source, player.codec, workers=workers) as evaluator:
        solved = evaluator.evaluate(draw(player, 8), SEEDS).is_solved
    assert (solved == 0.0).all()


def test_a_factory_that_processes_cannot_import_is_refused() -> None:
    player = make_player(EnvSource(Echo))
    message = r"env, encoder and decoder must be something .* got .*lambda"
    with pytest.raises(ValueError, match=message):
        Evaluator(EnvSource(lambda **_: Echo()), player.codec, workers=2)


def test_a_worker_that_is_killed_gives_a_clear_error() -> None:
    source = EnvSource("CartPole-v1")
    player = make_player(source)
    with Evaluator(source, player.codec, workers=2) as evaluator:
        assert isinstance(evaluator.executor.submit(os._exit, 1).exception(30), BrokenExecutor)
        with pytest.raises(WorkerDiedError, match="a worker process must live"):
            evaluator.evaluate(draw(player, 2), [1])


def test_workers_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match="workers must be a whole number >= 1, got 0"):
        evaluate(EnvSource(Echo), workers=0)
