"""What an environment shows of itself: the states that follow on each action, as arrays."""

from typing import Any, Final, NamedTuple

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.wrappers import OrderEnforcing, TimeLimit

from spiking_agent.environments.foreign import ForeignEnv
from spiking_agent.typing import BoolArray, Float64Array, Int8Array, Int64Array

TRANSPARENT: Final = (ForeignEnv, OrderEnforcing, TimeLimit)  # wrappers that change no episode
MAX_STATES: Final = 4096  # brains decide about all of them in advance
MAX_WHOLE: Final = 2.0**30  # size of a reward that sums and products leave exact


class Table(NamedTuple):
    """The transitions of an environment, those of each state and action in a row."""

    first: Int64Array  # (n_states * n_actions + 1,) of each state and action, in what follows
    reach: Float64Array  # (n_transitions,) sum of the probabilities up to each of its action
    probability: Float64Array  # (n_transitions,)
    next_state: Int64Array  # (n_transitions,)
    reward: Float64Array  # (n_transitions,)
    is_end: BoolArray  # (n_transitions,)
    start_reach: Float64Array  # (n_states,) sum of the probabilities to begin in a state
    legal: Int8Array  # (n_states, n_actions) 1 where an action is legal
    has_masks: bool  # whether the infos hold these
    repeats: bool  # whether an action in a state always has the same effect, and whole rewards
    max_moves: int  # moves after which an episode is truncated; 0 for no limit

    @property
    def n_starts(self) -> int:
        """Number of states in which an episode can begin."""
        return int((np.diff(self.start_reach, prepend=0.0) > 0.0).sum())


def read_table(env: gym.Env[Any, Any]) -> Table | None:
    """Return the transitions of an environment.

    Parameters
    ----------
    env : gymnasium.Env
        The environment; it is not changed.

    Returns
    -------
    Table or None
        None if it does not show them, or wrappers change its episodes.

    Notes
    -----
    `P[state][action]` is a list of (probability, next state, reward, whether the episode ends), and
    `initial_state_distrib` has the probability of each first state, as in Gymnasium's toy_text.
    """
    wrapped: Any = env
    n_limits = 0
    while isinstance(wrapped, gym.Wrapper):
        if not isinstance(wrapped, TRANSPARENT):
            return None
        n_limits += isinstance(wrapped, TimeLimit)
        wrapped = wrapped.env
    sizes = (_size(wrapped.observation_space), _size(wrapped.action_space))
    if None in sizes or n_limits > 1 or not hasattr(wrapped, "P"):
        return None
    limit = env.spec.max_episode_steps if n_limits and env.spec is not None else None
    try:
        return _table(wrapped, *sizes, 0 if limit is None else limit)  # type: ignore[arg-type]
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):
        return None  # its `P` is something else


def _size(space: gym.Space[Any]) -> int | None:
    """Return how many numbers from 0 on a space has; None for another space."""
    is_plain = isinstance(space, spaces.Discrete) and space.start == 0
    return int(space.n) if is_plain and space.n <= MAX_STATES else None  # type: ignore[attr-defined]


def _table(env: Any, n_states: int, n_actions: int, max_moves: int) -> Table:
    """Read the attributes of an environment; what is not as expected raises some exception."""
    rows = [env.P[state][action] for state in range(n_states) for action in range(n_actions)]
    transitions = [transition for row in rows for transition in row]
    probability, next_state, reward, is_end = zip(*transitions, strict=True)
    following = np.array(next_state, np.int64)
    start_reach = np.cumsum(np.asarray(env.initial_state_distrib, np.float64))
    is_state = (following >= 0) & (following < n_states)
    if start_reach.shape != (n_states,) or not is_state.all() or not min(map(len, rows)):
        raise ValueError
    has_masks = hasattr(env, "action_mask")
    legal = np.ones((n_states, n_actions), np.int8)
    if has_masks:
        legal[:] = [env.action_mask(state) for state in range(n_states)]
    return Table(
        first=np.cumsum([0, *map(len, rows)], dtype=np.int64),
        reach=np.concatenate([np.cumsum([float(one[0]) for one in row]) for row in rows]),
        probability=np.array(probability, np.float64),
        next_state=following,
        reward=np.array(reward, np.float64),
        is_end=np.array(is_end, np.bool_),
        start_reach=start_reach,
        legal=legal,
        has_masks=has_masks,
        repeats=max(map(len, rows)) == 1 and all(map(_is_whole, reward)),
        max_moves=max_moves,
    )


def _is_whole(reward: Any) -> bool:
    return float(reward).is_integer() and abs(reward) <= MAX_WHOLE
