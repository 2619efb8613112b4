"""Minigrid's memory room as bits."""

import gymnasium as gym
import numpy as np
import pytest

import minigrid_envs


def test_each_cell_in_view_has_a_bit_for_each_kind() -> None:
    pytest.importorskip("minigrid")
    env = gym.make("MemoryS7Bits-v0")
    kinds = minigrid_envs.KINDS
    assert env.observation_space.shape == (len(kinds), 7, 7)
    n_seen = np.zeros(len(kinds), int)
    for seed in range(20):
        bits, _ = env.reset(seed=seed)
        assert env.observation_space.contains(bits)
        assert (bits.sum(axis=0) <= 1).all()
        n_seen += bits.sum(axis=(1, 2))
    assert (n_seen > 0).all()
    assert env.unwrapped.mission == "go to the matching object at the end of the hallway"
