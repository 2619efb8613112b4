"""Environments are made as people write them, with pictures only where pictures are wanted."""

import functools
import re
from typing import ClassVar

import gymnasium as gym
import numpy as np
import pytest
from toy_envs import Echo

import spiking_agent
from spiking_agent.environments.source import EnvSource
from spiking_agent.errors import EnvironmentFailedError
from spiking_agent.viewer.loader import Loader

FEW = {"generations": 2, "population_size": 4, "n_episodes": 1, "n_validation": 2}


class Plain(Echo):
    """Takes no `render_mode`."""

    metadata: ClassVar = {"render_modes": ["rgb_array"]}

    def __init__(self, n_moves: int = 5):
        super().__init__(n_moves=n_moves)


class Strict(Echo):
    """Checks `render_mode` as Gymnasium's tutorial does, and lists none."""

    def __init__(self, render_mode: str | None = None):
        assert render_mode is None or render_mode in self.metadata["render_modes"]
        super().__init__(render_mode)


class Required(Echo):
    """Has no default for `render_mode`."""

    def __init__(self, render_mode: str | None):
        super().__init__(render_mode)


class Listing(Echo):
    """Gives its pictures as lists only."""

    metadata: ClassVar = {"render_modes": ["rgb_array_list"]}

    def __init__(self, render_mode: str | None = None):
        assert render_mode in (None, "rgb_array_list")
        super().__init__(render_mode)

    def render(self):
        return [np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 7, np.uint8)]


class Broken(Echo):
    """Has a mistake of its own."""

    metadata: ClassVar = {"render_modes": ["rgb_array"]}

    def __init__(self, n_moves: int = 5, render_mode: str | None = None):
        super().__init__(render_mode, n_moves=n_moves + None)


class Helpless(Echo):
    """Calls a helper with a keyword argument that the helper does not know."""

    metadata: ClassVar = {"render_modes": ["rgb_array"]}

    def __init__(self, render_mode: str | None = None):
        super().__init__(render_mode)
        sorted([], wrong=3)


def passing_on(**kwargs):
    return Plain(**kwargs)


@pytest.fixture(autouse=True)
def ids():
    classes = (Plain, Strict, Required, Listing, Broken, Helpless)
    for made in classes:
        gym.register(f"Toy{made.__name__}-v0", entry_point=made)
    yield
    for made in classes:
        del gym.registry[f"Toy{made.__name__}-v0"]


@pytest.mark.parametrize(
    "env",
    [
        "ToyPlain-v0",
        "ToyStrict-v0",
        "ToyRequired-v0",
        Plain,
        lambda: Echo(worth=2),
        Required,
        passing_on,
    ],
)
def test_an_environment_plays_whatever_it_makes_of_render_mode(env):
    organism = spiking_agent.evolve(env, **FEW)
    assert spiking_agent.evaluate(organism, episodes=2, env=env).episodes == 2


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ("ToyPlain-v0", "env must give pictures, but it takes no render_mode"),
        (passing_on, "env must give pictures, but it takes no render_mode"),
        ("ToyStrict-v0", "env must give pictures, but it lists no 'rgb_array' among its render_"),
    ],
)
def test_where_no_picture_can_be_had_that_is_what_is_said(env, words):
    with pytest.raises(ValueError, match=words) as error:
        EnvSource(env).make("rgb_array")
    assert "env_kwargs" not in str(error.value)


def test_a_picture_is_asked_for_by_the_name_under_which_it_is_listed():
    organism = spiking_agent.evolve("ToyListing-v0", **FEW)
    loader = Loader(lambda: organism)
    loader.session.start(0)
    loader.close()
    assert (loader.session.picture == 7).all()


@pytest.mark.parametrize("env", ["ToyPlain-v0", Plain, functools.partial(Plain), passing_on])
@pytest.mark.parametrize("kwargs", [{"colour": "red"}, {"n_moves": 3, "size": 4}])
def test_keyword_arguments_that_an_environment_does_not_take_are_named(env, kwargs):
    with pytest.raises(
        ValueError, match=re.escape(f"env_kwargs must fit the environment, got {kwargs}")
    ):
        EnvSource(env, kwargs).make()


def test_an_argument_that_is_wanting_is_one_of_the_keyword_arguments():
    def needy(size):
        return Echo(n_moves=size)

    with pytest.raises(ValueError, match=r"env_kwargs must fit .* 'size'"):
        EnvSource(needy).make()
    EnvSource(needy, {"size": 3}).make().close()


@pytest.mark.parametrize("env", ["ToyBroken-v0", Broken, "ToyHelpless-v0", Helpless])
@pytest.mark.parametrize("render_mode", [None, "rgb_array"])
def test_a_mistake_inside_of_a_constructor_is_not_blamed_on_keyword_arguments(env, render_mode):
    with pytest.raises(EnvironmentFailedError, match=r"failed in __init__\(\): TypeError"):
        EnvSource(env, {"n_moves": 3} if "Broken" in str(env) else {}).make(render_mode)


def test_what_gymnasium_refuses_is_no_matter_of_keyword_arguments():
    gym.register("ToyThing-v0", entry_point=lambda **_: object())
    try:
        with pytest.raises(gym.error.Error, match=r"must inherit from the gymnasium.Env class"):
            EnvSource("ToyThing-v0").make()
    finally:
        del gym.registry["ToyThing-v0"]


@pytest.mark.parametrize("name", ["observation_space", "action_space"])
@pytest.mark.parametrize("space", [None, (3,)])
def test_an_environment_without_a_space_is_refused_by_the_name_of_the_space(name, space):
    class Spaceless(Echo):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            setattr(self, name, space)

    message = rf"{name} of the environment Spaceless must be a gymnasium.Space, got "
    with pytest.raises(ValueError, match=message + re.escape(repr(space))):
        EnvSource(Spaceless).make()


def test_pictures_are_not_asked_for_by_keyword_arguments() -> None:
    with pytest.raises(ValueError, match="env_kwargs must not hold render_mode, got 'human'"):
        spiking_agent.evolve("CartPole-v1", generations=1, env_kwargs={"render_mode": "human"})
    EnvSource("CartPole-v1", {"render_mode": None}).make().close()
