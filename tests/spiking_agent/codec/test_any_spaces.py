"""Evolution on spaces of every kind: both engines and any number of workers agree."""

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces

import spiking_agent

OBSERVATIONS = spaces.Dict(
    a=spaces.Box(-1.0, 1.0, (2,), np.float64),
    eye=spaces.Box(0, 255, (40, 32, 3), np.uint8),
    word=spaces.Text(2, charset="ab"),
)
ACTIONS = spaces.Dict(
    move=spaces.Discrete(3, start=-1),
    aim=spaces.Tuple([spaces.Box(-1.0, 1.0, (1,)), spaces.MultiDiscrete([2, 2])]),
)


class Everything(gym.Env[Any, Any]):
    """Four moves; observations are drawn, and the reward says whether the action fits them."""

    def __init__(self, render_mode: str | None = None) -> None:
        self.observation_space, self.action_space = OBSERVATIONS, ACTIONS
        self._left, self._seen = 0, {}

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        super().reset(seed=seed)
        self._left = 4
        return self._observe(), self._info()

    def step(self, action: Any) -> Any:
        assert self.action_space.contains(action)
        assert action["move"] != 1  # masked
        self._left -= 1
        error = abs(action["aim"][0][0] - self._seen["a"][0])
        reward = float(action["move"] == 0) - float(error)
        return self._observe(), reward, self._left == 0, False, self._info()

    def _info(self) -> dict[str, Any]:
        return {"action_mask": {"move": np.array([1, 1, 0], np.int8), "aim": (None, None)}}

    def _observe(self) -> Any:
        self._seen = {
            "a": self.np_random.uniform(-1, 1, 2),
            "eye": self.np_random.integers(0, 256, (40, 32, 3)).astype(np.uint8),
            "word": str(self.np_random.choice(["a", "ab", "ba"])),
        }
        return self._seen


@pytest.mark.slow
@pytest.mark.parametrize("encoder", ["thermometer", "rate", "receptive-field", "latency"])
def test_engines_agree_on_nested_observations_and_actions(encoder: str) -> None:
    some = {"generations": 2, "population_size": 4, "n_episodes": 1, "n_validation": 2, "seed": 1}
    compiled, actors = (
        spiking_agent.evolve(Everything, encoder=encoder, n_levels=2, engine=engine, **some)
        for engine in ("compiled", "actors")
    )
    assert compiled.to_bytes() == actors.to_bytes()
    env = Everything()
    observation, info = env.reset(seed=5)
    copy = spiking_agent.Organism.from_bytes(compiled.to_bytes(), engine="actors")
    for _ in range(4):
        actions = [organism.act(observation, info) for organism in (compiled, copy)]
        flat = [spaces.flatten(ACTIONS, action).tolist() for action in actions]
        assert flat[0] == flat[1]
        observation, *_, info = env.step(actions[0])
    copy.close()


@pytest.mark.slow
def test_latency_is_worth_something() -> None:
    """One impulse a number, so that only its time tells what to do."""
    settings = {"n_levels": 1, "n_ticks": 5, "n_hidden": 6, "n_episodes": 4, "n_validation": 16}
    organism = spiking_agent.evolve(
        Timed, encoder="latency", generations=25, population_size=60, seed=0, **settings
    )
    evaluation = spiking_agent.evaluate(organism, episodes=50, env=Timed)
    assert evaluation.mean > 8.0  # of 10; 5 by chance


class Timed(gym.Env[Any, Any]):
    """Ten moves; the action has to say whether the number is above a half."""

    def __init__(self, render_mode: str | None = None) -> None:
        self.observation_space = spaces.Box(0.0, 1.0, (2,), np.float64)
        self.action_space = spaces.Discrete(2)
        self._left, self._seen = 0, np.zeros(2)

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        super().reset(seed=seed)
        self._left = 10
        return self._observe(), {}

    def step(self, action: Any) -> Any:
        reward = float(action == (self._seen[0] > 0.5))
        self._left -= 1
        return self._observe(), reward, self._left == 0, False, {}

    def _observe(self) -> np.ndarray:
        self._seen = np.array([self.np_random.random(), 1.0])
        return self._seen
