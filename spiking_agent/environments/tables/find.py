"""Whether an environment is a table, found out by playing it beside its table."""

import json
from typing import Any, Final

import gymnasium as gym
import numpy as np

from spiking_agent.environments.source import PLAY_ERRORS, EnvSource
from spiking_agent.environments.tables.table import Table, read_table
from spiking_agent.environments.tables.vector import TableVectorEnv

N_EPISODES: Final = 16  # of the trial
N_MOVES: Final = 64  # of each of them at most

_found: dict[tuple[str, str], "Found | None"] = {}
Found = tuple[Table, gym.Space[Any], gym.Space[Any]]


def table_vector(source: EnvSource, num_envs: int) -> TableVectorEnv | None:
    """Return a vector environment for an environment that is a table.

    Parameters
    ----------
    source : EnvSource
        The environment.
    num_envs : int
        Number of lanes.

    Returns
    -------
    TableVectorEnv or None
        None if it is no table.
    """
    found = _find(source)
    return None if found is None else TableVectorEnv(found[0], num_envs, *found[1:])


def table_of(source: EnvSource) -> Table | None:
    """Return the transitions of an environment that is a table; None if it is none.

    Parameters
    ----------
    source : EnvSource
        The environment; one is made the first time.
    """
    found = _find(source)
    return None if found is None else found[0]


def _find(source: EnvSource) -> Found | None:
    """Return the table and the spaces of an environment; None if it is no table."""
    if source.env_id is None:
        return None
    try:
        key = source.env_id, json.dumps(dict(source.kwargs), sort_keys=True)
    except TypeError:  # arguments that no other process could be told of
        return None
    if key not in _found:
        _found[key] = _tried(source)
    return _found[key]


def _tried(source: EnvSource) -> Found | None:
    try:
        env = source.make()
    except PLAY_ERRORS:
        return None  # making it for play will raise the error
    try:
        table = read_table(env)
        if table is None:
            return None
        found = table, env.observation_space, env.action_space
        return found if plays_alike(env, TableVectorEnv(table, 1, *found[1:])) else None
    finally:
        env.close()


def plays_alike(env: gym.Env[Any, Any], vector: TableVectorEnv) -> bool:
    """Return whether an environment plays the same episodes as its table, to the last bit.

    Both make the same random moves. Their generators must also end in the same state: an
    environment that draws more numbers than a table does is not one.

    Parameters
    ----------
    env : gymnasium.Env
        The environment.
    vector : TableVectorEnv
        Its table, with one lane.
    """
    rng = np.random.default_rng(0)
    n_actions = env.action_space.n  # type: ignore[attr-defined]
    for seed in range(N_EPISODES):
        step, rows = env.reset(seed=seed), vector.reset(seed=[seed])
        if not _are_equal(step, rows):
            return False
        for action in rng.integers(0, n_actions, N_MOVES):
            now, row = env.step(int(action)), vector.step(np.array([action]))
            if not _are_equal(now, row):
                return False
            if now[2] or now[3]:
                break
        if _state_of(env) != vector.generator_state(0):
            return False
    return True


def _state_of(env: gym.Env[Any, Any]) -> Any:
    """Return the state of an environment's generator, without what only whole numbers use."""
    return env.unwrapped.np_random.bit_generator.state["state"]


def _are_equal(single: tuple[Any, ...], batch: tuple[Any, ...]) -> bool:
    """Return whether a result of one environment is that of a vector with one lane."""
    *values, info = single
    *arrays, infos = batch
    if {f"_{name}" for name in info} | set(info) != set(infos):
        return False
    pairs = [*zip(values, arrays, strict=True), *((info[name], infos[name]) for name in info)]
    return all(np.array_equal(value, array[0]) for value, array in pairs)
