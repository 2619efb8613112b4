"""Stable-Baselines3 both ways: its learners on Snake, and organisms in its evaluation."""

import warnings
from itertools import count

import gymnasium as gym
import numpy as np
import numpy.testing as npt
import pytest
from gymnasium.vector import AutoresetMode
from players import make_organism

import spiking_agent
from snake_env import SnakeEnv
from spiking_agent import Organism
from spiking_agent.episodes.seeds import RESULT_SEEDS
from spiking_agent.organism.evaluation import held_out_episodes

pytest.importorskip("stable_baselines3", reason="needs the extra sb3")

import torch
from stable_baselines3 import PPO
from stable_baselines3.common.env_checker import check_env
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv

SHAPE = "Your observation  has an unconventional shape"
RANGE = (
    "It seems that your observation space  is an image but the upper and lower bounds are not in"
)
RESOLUTION = "The minimal resolution for an image is 36x36"
# What the checker warns of; docs/ecosystem.md explains each.
WARNINGS = {
    ("grid", "small"): {SHAPE},
    ("grid", "large"): {SHAPE},
    ("planes", "small"): {RANGE, RESOLUTION},
    ("planes", "large"): {RANGE},
}


@pytest.mark.parametrize("kind", ["grid", "planes", "senses", "presence"])
@pytest.mark.parametrize("grow", [True, False])
@pytest.mark.parametrize("size", [(4, 4), (10, 10), (7, 12), (36, 40)])
def test_the_checker_warns_of_what_the_page_explains_and_of_nothing_else(kind, grow, size) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        check_env(SnakeEnv(*size, kind, grow))
        check_env(gym.make("Snake-v0", n_rows=size[0], n_cols=size[1], observation=kind, grow=grow))
    texts = {str(warning.message) for warning in caught}
    expected = WARNINGS.get((kind, "large" if min(size) >= 36 else "small"), set())
    assert len(texts) == len(expected)
    assert all(any(text.startswith(start) for text in texts) for start in expected), texts


# --- Learning ---

torch.set_num_threads(1)  # small networks: more threads wait for each other

BOARD = {"n_rows": 6, "n_cols": 6}


def mean_score(choose, observation: str) -> float:
    """Mean score over the same 200 games for everybody."""
    envs = gym.make_vec(
        "Snake-v0",
        num_envs=200,
        autoreset_mode=AutoresetMode.DISABLED,
        observation=observation,
        **BOARD,
    )
    observations, infos = envs.reset(seed=5000)
    is_over = np.zeros(200, bool)
    while not is_over.all():
        observations, _, terminated, truncated, infos = envs.step(choose(observations))
        is_over = terminated | truncated
    return float(infos["score"].mean())


@pytest.mark.slow
def test_ppo_learns_far_beyond_random_play() -> None:
    envs = make_vec_env("Snake-v0", 8, seed=0, env_kwargs={"observation": "senses", **BOARD})
    model = PPO(
        "MlpPolicy",
        envs,
        n_steps=64,
        batch_size=256,
        learning_rate=2e-3,
        gamma=0.95,
        seed=0,
        device="cpu",
    )
    choices = np.random.default_rng(0)
    at_random = mean_score(lambda seen: choices.integers(4, size=len(seen)), "senses")
    untrained = mean_score(lambda seen: model.predict(seen, deterministic=False)[0], "senses")
    model.learn(12_288)
    trained = mean_score(lambda seen: model.predict(seen, deterministic=False)[0], "senses")
    assert max(at_random, untrained) < 1
    assert trained > 4


@pytest.mark.slow
def test_maskable_ppo_finds_the_masks() -> None:
    contrib = pytest.importorskip("sb3_contrib", reason="needs the extra sb3")
    envs = make_vec_env("Snake-v0", 2, seed=0, env_kwargs={"observation": "senses", **BOARD})
    model = contrib.MaskablePPO("MlpPolicy", envs, n_steps=64, seed=0, device="cpu")
    model.learn(128)
    masks = model.rollout_buffer.action_masks.reshape(-1, 4)
    actions = model.rollout_buffer.actions.ravel().astype(int)
    assert set(masks.sum(axis=1)) == {3}
    assert masks[np.arange(len(actions)), actions].all()


# --- Evaluation ---


class SeedsInOrder(gym.Wrapper):
    """Plays the next seed at each reset, as `spiking_agent.evaluate` does."""

    def __init__(self, env: gym.Env, first: int) -> None:
        super().__init__(env)
        self._seeds = count(first)

    def reset(self, *, seed: int | None = None, options: dict | None = None):
        return super().reset(seed=next(self._seeds), options=options)


def by_stable_baselines3(organism: Organism, n_envs: int, episodes: int) -> list[float]:
    """Rewards of the held-out episodes, lane after lane, in the order of their seeds."""
    assert episodes % n_envs == 0
    each = episodes // n_envs

    def make(lane: int) -> gym.Env:
        env = organism.make_env()
        return Monitor(SeedsInOrder(env, RESULT_SEEDS + lane * each))

    ended: list[list[float]] = [[] for _ in range(n_envs)]

    def note(names: dict, _: dict) -> None:
        if names["done"]:
            ended[names["i"]].append(names["info"]["episode"]["r"])

    envs = DummyVecEnv([lambda lane=lane: make(lane) for lane in range(n_envs)])
    mean, _ = evaluate_policy(organism, envs, n_eval_episodes=episodes, callback=note)
    rewards = [reward for lane in ended for reward in lane]
    assert mean == pytest.approx(np.mean(rewards))
    return rewards


@pytest.mark.slow
@pytest.mark.parametrize("n_envs", [1, 3])
@pytest.mark.parametrize("who", ["champion", "one that remembers"])
def test_an_organism_is_judged_as_by_our_own_evaluation(who, n_envs) -> None:
    champion = spiking_agent.champion("senses")
    organism = champion if who == "champion" else make_organism(seed=8)
    expected = held_out_episodes(organism, episodes=12).total_reward.ravel()
    got = by_stable_baselines3(organism, n_envs, 12)
    npt.assert_array_equal(got, expected)
    if who == "champion":
        assert np.mean(got) == spiking_agent.evaluate(champion, episodes=12).mean > 90
    else:
        assert organism.codec.carry_state
        assert len(set(got)) > 1


@pytest.mark.slow
def test_an_env_as_it_is_will_do() -> None:
    champion = spiking_agent.champion("senses")
    with pytest.warns(UserWarning, match="not wrapped with a ``Monitor`` wrapper"):
        mean, _ = evaluate_policy(champion, champion.make_env(), n_eval_episodes=2)
    assert mean > 80
