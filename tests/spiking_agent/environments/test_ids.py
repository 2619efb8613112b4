"""What an id stands for, and the hints where it stands for nothing."""

import sys

import gymnasium as gym
import pytest

from spiking_agent.environments.ids import dependencies_named, find_spec
from spiking_agent.environments.source import EnvSource


@pytest.mark.parametrize(
    ("env_id", "words"),
    [
        ("UnknownGrid-Empty-5x5-v0", "module:UnknownGrid-Empty-5x5-v0"),
        ("Unknown/Breakout-v1", "module:Unknown/Breakout-v1"),
        ("cartpole-v1", "Did you mean: `CartPole`.*module:cartpole-v1"),
        ("CartPole", "give the version, as in CartPole-v1"),
        ("snake_env:Python-v0", "Importing snake_env does not register it.*my_module:Python-v0"),
        ("CartPole-v99", "provides versioned environments"),
    ],
)
def test_an_unknown_id_comes_with_a_hint(env_id, words):
    for find in (find_spec, lambda env_id: EnvSource(env_id).make()):
        with pytest.raises(gym.error.Error, match=words):
            find(env_id)


def test_a_module_that_is_not_there_comes_with_a_hint():
    with pytest.raises(ModuleNotFoundError, match=r"'no_such_module'.*install.*PYTHONPATH=."):
        find_spec("no_such_module.envs:Name-v0")


def test_a_module_that_lacks_another_one_is_not_called_missing(tmp_path, monkeypatch):
    (tmp_path / "lacking_module.py").write_text("import no_such_dependency\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'no_such_dependency'$"):
        find_spec("lacking_module:Name-v0")


@pytest.mark.parametrize("extra", ["box2d", "classic_control", "classic-control", "toy-text"])
def test_no_hint_installs_what_would_replace_pygame(extra):
    error = gym.error.DependencyNotInstalled(f'run `pip install "gymnasium[{extra}]"`')
    error.__cause__ = ImportError("no", name="Box2D.b2")
    with pytest.raises(gym.error.DependencyNotInstalled, match="pip install Box2D`") as caught:
        with dependencies_named():
            raise error
    assert 'pip install "gymnasium' not in str(caught.value)


def test_other_hints_stay_as_they_are():
    with pytest.raises(gym.error.DependencyNotInstalled, match=r"gymnasium\[mujoco\]"):
        with dependencies_named():
            raise gym.error.DependencyNotInstalled('run `pip install "gymnasium[mujoco]"`')


@pytest.mark.parametrize("env_id", ["BipedalWalker-v3", "LunarLander-v3", "CarRacing-v3"])
def test_box2d_is_asked_for_by_its_name(env_id, monkeypatch):
    for module in [name for name in sys.modules if name.startswith("gymnasium.envs.box2d")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "Box2D", None)
    with pytest.raises(gym.error.DependencyNotInstalled, match="run `pip install Box2D`"):
        EnvSource(env_id).make()
