"""What brains would see of an environment, which decides on their recipe."""

from dataclasses import dataclass, replace
from typing import Any, Final, Self

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from spiking_agent.codec.encoders.factory import MAX_ONE_HOT_LEVELS
from spiking_agent.codec.spaces import has_real_numbers
from spiking_agent.codec.whole_numbers import whole_range
from spiking_agent.environments.source import PLAY_ERRORS, EnvSource
from spiking_agent.environments.tables.find import table_of
from spiking_agent.environments.tables.table import Table

WHOLE: Final = (spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)
FEW: Final = 200  # values of all whole numbers together that are not wide


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of the observations of an environment.

    Parameters
    ----------
    space : gymnasium.Space or None
        Their space; None if the environment cannot be made.
    table : Table or None
        The transitions of an environment that shows them.
    has_choices : bool
        Whether actions are known to be whole numbers.
    """

    space: gym.Space[Any] | None
    table: Table | None = None
    has_choices: bool = False

    @classmethod
    def of(cls, source: EnvSource) -> Self:
        """Make an environment, and look at it.

        Parameters
        ----------
        source : EnvSource
            The environment.
        """
        try:
            env = source.make()
        except PLAY_ERRORS:
            return cls(space=None)  # making it for play will raise the error
        try:
            space, actions = env.observation_space, env.action_space
        finally:
            env.close()
        is_state = isinstance(space, spaces.Discrete)
        return replace(cls.in_spaces(space, actions), table=table_of(source) if is_state else None)

    @classmethod
    def in_spaces(cls, space: gym.Space[Any], actions: gym.Space[Any]) -> Self:
        """Return what is known from spaces alone.

        Parameters
        ----------
        space, actions : gymnasium.Space
            Observation and action space.
        """
        return cls(space=space, has_choices=isinstance(actions, WHOLE))

    @property
    def n_states(self) -> int:
        """Number of values of an observation that is one whole number, else 1."""
        return int(self.space.n) if isinstance(self.space, spaces.Discrete) else 1

    @property
    def has_real_numbers(self) -> bool:
        """Whether observations hold real numbers, or may do so for all that is known."""
        return self.space is None or has_real_numbers(self.space)

    def recipe(self) -> tuple[str, str]:
        """Return the name of the recipe that fits, and the reason in a few words."""
        if self.space is None or self.has_real_numbers:
            return "real", "observations hold real numbers"
        if isinstance(self.space, spaces.Discrete):
            known = "one of" if self.table is None else "one of a table of"
            return "table", f"an observation is {known} {self.space.n} states"
        n_values = _n_values(self.space)
        if n_values is not None and n_values > FEW:
            return "wide", f"observations hold whole numbers with {n_values:,} values together"
        return "plain", "observations hold a few whole numbers"


def _n_values(space: gym.Space[Any]) -> int | None:
    """Return how many values all whole numbers have together; None where they are not plain."""
    bounds = whole_range(space)
    if bounds is None:
        return None
    low, high = (np.array(bound, np.float64) for bound in bounds)
    n_values = high - low + (high - low > 1)  # one bit is enough for two values
    return None if n_values.max(initial=0) > MAX_ONE_HOT_LEVELS else int(n_values.sum())
