"""The games of MinAtar get names for their actions, here with a stand-in for the package."""

import importlib
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import gymnasium as gym
import pytest


class BaseEnv(gym.Env[Any, Any]):
    """As MinAtar's: all six actions, or those that do something."""

    def __init__(self, game: str, use_minimal_action_set: bool = False) -> None:
        letters = ["n", "l", "u", "r", "d", "f"]
        self.game = SimpleNamespace(env=SimpleNamespace(action_map=letters), name=game)
        self.action_set = [0, 1, 3, 5] if use_minimal_action_set else list(range(6))
        self.observation_space = gym.spaces.Box(0, 1, (10, 10, 6), bool)
        self.action_space = gym.spaces.Discrete(len(self.action_set))


@pytest.fixture
def registered(monkeypatch):
    """Import the script anew, and forget it and its games afterwards."""
    package, module = ModuleType("minatar"), ModuleType("minatar.gym")
    module.BaseEnv = BaseEnv  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "minatar", package)
    monkeypatch.setitem(sys.modules, "minatar.gym", module)
    monkeypatch.delitem(sys.modules, "minatar_games", raising=False)
    known = dict(gym.registry)
    importlib.import_module("minatar_games")
    yield
    monkeypatch.delitem(sys.modules, "minatar_games")
    gym.registry.clear()
    gym.registry.update(known)


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize(
    ("version", "names"),
    [
        ("v0", ("stay", "left", "up", "right", "down", "fire")),
        ("v1", ("stay", "left", "right", "fire")),
    ],
)
def test_actions_have_names(version: str, names: tuple[str, ...]) -> None:
    games = ("Asterix", "Breakout", "Freeway", "Seaquest", "SpaceInvaders")
    for game in games:
        spec = gym.spec(f"MinAtar/{game}-{version}")
        env = gym.make(spec, disable_env_checker=True)
        assert env.metadata["action_names"] == names
        assert env.unwrapped.game.name.replace("_", "") == game.lower()
    assert sum(name.startswith("MinAtar/") for name in gym.registry) == 2 * len(games)
    assert "action_names" not in BaseEnv.metadata
