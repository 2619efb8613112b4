"""Playing episodes: native vectors and single environments give the same."""

import numpy as np
import numpy.testing as npt
import pytest
from players import SNAKE, draw, make_player
from toy_envs import Echo

from spiking_agent.environments import EnvSource
from spiking_agent.rollout import Stopped


def test_a_native_vector_gives_the_episodes_of_single_environments() -> None:
    from snake_env import SnakeEnv

    native = make_player(EnvSource("Snake-v0", SNAKE), score_key="score")
    single = make_player(EnvSource(SnakeEnv, SNAKE), score_key="score")
    population = draw(native, 6)
    seeds = [3, 2**31 + 1, 4]
    fast, slow = native.play(population, seeds), single.play(population, seeds)
    for name, mine, theirs in zip(fast._fields, fast, slow, strict=True):
        npt.assert_array_equal(mine, theirs, err_msg=name)
    assert fast.score.shape == (6, 3)
    assert len(np.unique(fast.n_moves)) > 2
    native.close()
    single.close()


def test_both_engines_play_the_same_episodes() -> None:
    results = []
    for engine in ("compiled", "actors"):
        player = make_player(EnvSource("Snake-v0", SNAKE), score_key="score", engine=engine)
        results.append(player.play(draw(player, 3), [1, 2]))
        player.close()
    for mine, theirs in zip(*results, strict=True):
        npt.assert_array_equal(mine, theirs)


def test_the_score_is_the_fitness_if_there_is_one_else_the_rewards() -> None:
    source = EnvSource(Echo)
    with_score, without = make_player(source, score_key="score"), make_player(source)
    population = draw(with_score, 4, density=1.0)
    scores, rewards = with_score.play(population, [1, 2]), without.play(population, [1, 2])
    npt.assert_array_equal(scores.fitness, scores.score)
    npt.assert_array_equal(rewards.fitness, rewards.total_reward)
    assert np.isnan(rewards.score).all()
    npt.assert_array_equal(scores.score, scores.total_reward)
    npt.assert_array_equal(scores.n_moves, 5)
    npt.assert_array_equal(scores.is_solved, scores.score == 5)
    assert scores.score.any()


def test_a_mask_is_honoured() -> None:
    player = make_player(EnvSource(Echo, {"masked": True, "n_moves": 40}))
    free = make_player(EnvSource(Echo, {"masked": False, "n_moves": 40}))
    population = draw(player, 5, density=1.0)
    masked, unmasked = player.play(population, [1]), free.play(population, [1])
    assert len(np.unique(masked.total_reward)) == 1  # only one action was left
    assert len(np.unique(unmasked.total_reward)) > 1


def test_an_unknown_score_key_is_named_with_what_there_is() -> None:
    player = make_player(EnvSource(Echo), score_key="points")
    with pytest.raises(ValueError, match="score_key must be a key of the last info, got 'points'"):
        player.play(draw(player, 1), [0])


@pytest.mark.parametrize("env", [Echo, "Snake-v0"])
def test_a_stopped_player_gives_up(env) -> None:
    kwargs = {} if env is Echo else SNAKE
    player = make_player(EnvSource(env, kwargs))
    player.is_stopped = True
    with pytest.raises(Stopped):
        player.play(draw(player, 1), [0])
    player.close()


def test_vectors_of_many_sizes_are_not_all_kept() -> None:
    player = make_player(EnvSource("Snake-v0", SNAKE))
    population = draw(player, 1)
    first = player.play(population, [7])
    for size in range(2, 10):
        player.play(population, list(range(size)))
    assert len(player._vectors) <= 5
    npt.assert_array_equal(player.play(population, [7]).n_moves, first.n_moves)
    player.close()
