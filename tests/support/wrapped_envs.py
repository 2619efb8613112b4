"""Environments with Gymnasium's wrappers in between, made by functions that workers can import."""

import gymnasium as gym
import numpy as np
from gymnasium.spaces import Box, MultiBinary
from gymnasium.wrappers import (
    ClipAction,
    FlattenObservation,
    FrameStackObservation,
    RescaleAction,
    TimeLimit,
    TransformAction,
    TransformObservation,
)
from toy_envs import Unbounded

import snake_env

ID = snake_env.__name__ + ":Snake-v0"


def limited(render_mode: str | None = None) -> gym.Env:
    return TimeLimit(gym.make(ID, observation="senses", render_mode=render_mode), 30)


def stacked(render_mode: str | None = None) -> gym.Env:
    env = gym.make(ID, observation="presence", n_rows=5, n_cols=5, render_mode=render_mode)
    return TimeLimit(FrameStackObservation(env, 3), 30)


def flattened(render_mode: str | None = None) -> gym.Env:
    return FlattenObservation(stacked(render_mode))


def transformed(render_mode: str | None = None) -> gym.Env:
    env = TimeLimit(gym.make(ID, observation="planes", n_rows=5, n_cols=5), 30)
    return TransformObservation(
        env, lambda planes: planes[1:].astype(np.int8), MultiBinary((2, 5, 5))
    )


def rescaled(render_mode: str | None = None) -> gym.Env:
    return RescaleAction(Unbounded(render_mode), np.float32(-0.5), np.float32(0.25))


def clipped(render_mode: str | None = None) -> gym.Env:
    return ClipAction(Unbounded(render_mode))


def bounded(render_mode: str | None = None) -> gym.Env:
    return TransformAction(clipped(render_mode), lambda action: action, Box(-2.0, 2.0, (1,)))


def flattened_frames(env: gym.Env) -> gym.Env:
    return FlattenObservation(FrameStackObservation(env, 3))
