"""Playing episodes: native vectors and single environments give the same."""

import numpy as np
import numpy.testing as npt
import pytest
from players import SNAKE, draw, make_player
from toy_envs import Echo

from spiking_agent.environments.source import EnvSource
from spiking_agent.episodes.player import Stopped
from spiking_agent.episodes.results import EpisodeResults


class Wrapped(Echo):
    """Each of five moves has the same reward and score, as it is given."""

    def __init__(self, render_mode=None, value=None) -> None:
        super().__init__(render_mode)
        self._value = value

    def step(self, action):
        observation, _, terminated, truncated, info = super().step(action)
        info["score"] = self._value
        return observation, self._value, terminated, truncated, info


def test_a_native_vector_gives_the_episodes_of_single_environments() -> None:
    from snake_env import SnakeEnv

    native = make_player(EnvSource("Snake-v0", SNAKE), score_key="score")
    single = make_player(EnvSource(SnakeEnv, SNAKE), score_key="score")
    population = draw(native, 6)
    seeds = [3, 2**31 + 1, 4]
    fast, slow = native.play(population, seeds), single.play(population, seeds)
    for name, mine, theirs in zip(fast._fields, fast, slow, strict=True):
        npt.assert_array_equal(mine, theirs, err_msg=name)
    assert fast.fitness.shape == (6, 3)
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


def test_the_score_is_the_fitness_if_it_is_named_else_the_rewards() -> None:
    source = EnvSource(Echo, {"worth": 3.0})
    with_score, without = make_player(source, score_key="score"), make_player(source)
    population = draw(with_score, 4, density=1.0)
    scores, rewards = with_score.play(population, [1, 2]), without.play(population, [1, 2])
    npt.assert_array_equal(rewards.fitness, rewards.total_reward)
    npt.assert_array_equal(scores.fitness * 3.0, scores.total_reward)
    npt.assert_array_equal(scores.n_moves, 5)
    npt.assert_array_equal(scores.is_solved, scores.fitness == 5)
    assert scores.fitness.any()


@pytest.mark.parametrize(
    "reward", [2, 2.0, np.float32(2), np.array(2), np.array([2]), np.array([[2.0]]), [2], True + 1]
)
def test_a_reward_is_a_number_in_whatever_wrapping(reward) -> None:
    player = make_player(EnvSource(Wrapped, {"value": reward}), score_key="score")
    results = player.play(draw(player, 2), [1])
    npt.assert_array_equal(results.total_reward, 10.0)
    npt.assert_array_equal(results.fitness, 2.0)


class Telling(Echo):
    """The last info is as it is given."""

    def __init__(self, render_mode=None, info=None) -> None:
        super().__init__(render_mode)
        self._last = info

    def step(self, action):
        *moved, has_ended, _, info = super().step(action)
        return *moved, has_ended, False, self._last if has_ended else info


@pytest.mark.parametrize("success", [True, 1, 1.0, np.True_, np.array([1]), [1]])
def test_success_is_true_or_false_in_whatever_wrapping(success) -> None:
    player = make_player(EnvSource(Telling, {"info": {"is_success": success, 5: 0, "_outcome": 0}}))
    npt.assert_array_equal(player.play(draw(player, 2), [1]).is_solved, 1.0)


@pytest.mark.parametrize(
    ("info", "share"),
    [
        ({"outcome": 3}, np.nan),
        ({"outcome": np.zeros(2)}, np.nan),
        ({"outcome": 3, "is_success": True}, 1.0),
        ({"outcome": "loss"}, 0.0),
        ({"is_success": 0.25}, 0.25),
    ],
)
def test_an_outcome_of_another_meaning_tells_nothing_of_success(info, share) -> None:
    player = make_player(EnvSource(Telling, {"info": info}))
    npt.assert_array_equal(player.play(draw(player, 2), [1]).is_solved, share)


@pytest.mark.parametrize(
    ("info", "message"),
    [
        ({"is_success": 7}, "is_success must be True, False or from 0 to 1, got 7"),
        ({"is_success": "yes"}, "is_success must be a number, got 'yes'"),
        (None, r"step\(\) must return a mapping as info, got None"),
        ([1], r"step\(\) must return a mapping as info, got \[1\]"),
    ],
)
def test_a_last_info_that_says_nothing_sensible_is_refused_in_words(info, message) -> None:
    player = make_player(EnvSource(Telling, {"info": info}))
    with pytest.raises(ValueError, match=message):
        player.play(draw(player, 2), [1])


@pytest.mark.parametrize(
    "seen", [None, "text", np.zeros(3, np.int8), np.full(2, np.nan), np.array([0.5, 0.0]), {}]
)
def test_an_observation_of_another_space_is_refused_in_words(seen) -> None:
    class Elsewhere(Echo):
        def _observe(self):
            return seen

    player = make_player(EnvSource(Elsewhere))
    with pytest.raises(ValueError, match="observation must be of MultiBinary"):
        player.play(draw(player, 2), [1])


@pytest.mark.parametrize(
    "reward", [None, 10**400, "two", np.zeros(2), np.zeros(0), [1, 2], {}, 1j, np.array([None])]
)
def test_a_reward_that_is_no_number_is_refused_in_words(reward) -> None:
    player = make_player(EnvSource(Wrapped, {"value": reward}))
    with pytest.raises(ValueError, match="reward must be a number, got"):
        player.play(draw(player, 2), [1])


def test_a_reward_that_is_not_a_number_stays_so() -> None:
    player = make_player(EnvSource(Wrapped, {"value": [np.nan]}))
    assert np.isnan(player.play(draw(player, 2), [1]).fitness).all()


def test_merit_pays_for_quick_solutions_and_for_nothing_else() -> None:
    results = EpisodeResults(
        fitness=np.array([[3.0, 5.0], [3.0, 5.0], [3.0, 5.0]]),
        total_reward=np.zeros((3, 2)),
        n_moves=np.array([[10, 20], [10, 40], [10, 20]]),
        is_solved=np.array([[0.0, 1.0], [0.0, 1.0], [np.nan, np.nan]]),
    )
    npt.assert_array_equal(results.merit(100.0, 1.0), [4.0 + 40.0, 4.0 + 30.0, 4.0])
    npt.assert_array_equal(results.merit(0.0, 0.0), [4.0, 4.0, 4.0])


def test_an_episode_without_an_end_is_given_up() -> None:
    endless = {**SNAKE, "hunger_limit": 10**6}
    for env, kwargs in ((Echo, {"n_moves": 10**9}), ("Snake-v0", endless)):
        player = make_player(EnvSource(env, kwargs), max_moves=2)
        results = player.play(draw(player, 3, density=1.0), [1, 2])
        assert results.n_moves.max() == 2
        player.close()


def test_a_mask_that_only_some_infos_have_does_not_depend_on_the_neighbours() -> None:
    player = make_player(EnvSource(Echo, {"masked": "sometimes", "n_moves": 40}))
    population = draw(player, 5, density=1.0)
    together = player.play(population, [1, 2, 3])
    for episode, seed in enumerate([1, 2, 3]):
        for genome in range(5):
            alone = player.play(population.take([genome]), [seed])
            assert alone.total_reward[0, 0] == together.total_reward[genome, episode]
    assert len(np.unique(together.total_reward)) > 2


def test_a_mask_is_honoured() -> None:
    player = make_player(EnvSource(Echo, {"masked": True, "n_moves": 40}))
    free = make_player(EnvSource(Echo, {"masked": False, "n_moves": 40}))
    population = draw(player, 5, density=1.0)
    masked, unmasked = player.play(population, [1]), free.play(population, [1])
    assert len(np.unique(masked.total_reward)) == 1  # only one action was left
    assert len(np.unique(unmasked.total_reward)) > 1


@pytest.mark.parametrize("key", ["points", "name", "nothing"])
def test_a_score_key_without_a_number_is_named_with_what_there_is(key) -> None:
    player = make_player(EnvSource(Echo), score_key=key)
    with pytest.raises(ValueError, match=f"holds a number, got '{key}': .* name, nothing, score"):
        player.play(draw(player, 1), [0])


@pytest.mark.parametrize("env", [Echo, "Snake-v0"])
def test_a_stopped_player_gives_up(env) -> None:
    kwargs = {} if env is Echo else SNAKE
    player = make_player(EnvSource(env, kwargs), should_stop=lambda: True)
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


def test_each_genome_can_have_seeds_of_its_own() -> None:
    player = make_player(EnvSource("Snake-v0", SNAKE))
    population = draw(player, 3)
    table = np.array([[1, 2], [3, 4], [5, 6]])
    together = player.play(population, table)
    for genome, seeds in enumerate(table):
        alone = player.play(population.take([genome]), seeds)
        for whole, part in zip(together, alone, strict=True):
            npt.assert_array_equal(whole[[genome]], part)
    player.close()
