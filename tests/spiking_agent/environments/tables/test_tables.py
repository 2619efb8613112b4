"""Tables play the episodes of their environments, and nothing else is taken for a table."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.envs.toy_text.frozen_lake import FrozenLakeEnv

from spiking_agent.environments.source import EnvSource
from spiking_agent.environments.tables.find import table_of, table_vector
from spiking_agent.environments.tables.generator import generators
from spiking_agent.environments.tables.lanes import begin, make_games
from spiking_agent.environments.tables.table import read_table

TABLES = [
    ("FrozenLake-v1", {}),
    ("FrozenLake-v1", {"is_slippery": False, "max_episode_steps": 7}),
    ("FrozenLake8x8-v1", {}),
    ("CliffWalking-v1", {"max_episode_steps": 60}),
    ("CliffWalkingSlippery-v1", {"max_episode_steps": 60}),
    ("Taxi-v4", {}),
    ("Taxi-v4", {"is_rainy": True}),
]


@pytest.mark.kernels
@pytest.mark.parametrize(("env_id", "kwargs"), TABLES)
def test_lanes_play_the_episodes_of_single_environments(env_id, kwargs) -> None:
    source, seeds = EnvSource(env_id, kwargs), [0, 1, 2**31, 77, 12]
    vector = table_vector(source, len(seeds))
    assert vector is not None
    envs = [source.make() for _ in seeds]
    rng = np.random.default_rng(0)
    rows = vector.reset(seed=seeds)
    steps = [env.reset(seed=seed) for env, seed in zip(envs, seeds, strict=True)]
    playing = set(range(len(seeds)))
    for _ in range(70):
        for lane in playing:
            *values, info = steps[lane]
            *arrays, infos = rows
            assert [array[lane] for array in arrays] == values
            assert set(infos) == {name for key in info for name in (key, f"_{key}")}
            for name, value in info.items():
                assert np.array_equal(infos[name][lane], value)
                assert infos[f"_{name}"][lane]
            if len(values) > 1 and (values[2] or values[3]):
                playing = playing - {lane}
        actions = rng.integers(0, envs[0].action_space.n, len(seeds))
        rows = vector.step(actions)
        for lane in playing:
            steps[lane] = envs[lane].step(int(actions[lane]))


@pytest.mark.kernels
def test_a_lane_that_is_over_stays_as_it_is() -> None:
    vector = table_vector(EnvSource("FrozenLake-v1", {"max_episode_steps": 1}), 2)
    vector.reset(seed=[0, 1])
    observations, _, terminated, truncated, _ = vector.step(np.array([1, 2]))
    assert truncated.all()
    again = vector.step(np.array([2, 2]))
    assert np.array_equal(again[0], observations)
    assert np.array_equal(again[2], terminated)
    assert again[3].all()
    assert not again[1].any()


@pytest.mark.kernels
def test_generators_draw_the_numbers_of_numpy() -> None:
    with EnvSource("FrozenLake-v1").make() as env:
        table = read_table(env)
    n_parts = 1 << 12  # which of so many equal parts a number lies in, is the state that is drawn
    table = table._replace(
        start_reach=np.arange(1, n_parts + 1) / n_parts, legal=np.ones((n_parts, 1), np.int8)
    )
    games = make_games(table, 3)
    seeds = [0, 3, 2**40]
    games.rng[:] = generators(seeds)
    numpys = [np.random.Generator(np.random.PCG64(seed)) for seed in seeds]
    for _ in range(300):
        begin(games)
        expected = [int(one.random() * n_parts) for one in numpys]
        assert games.state.tolist() == expected


class Sly(FrozenLakeEnv):
    """Shows a table, but every so often something else happens."""

    def step(self, a):
        observation, reward, *others = super().step(a)
        return observation, reward + float(observation == 4), *others


class Lucky(FrozenLakeEnv):
    """Draws a number after each episode has begun."""

    def reset(self, **how):
        begun = super().reset(**how)
        self.np_random.random()
        return begun


class Talkative(FrozenLakeEnv):
    """Has more to say than a table knows."""

    def step(self, a):
        *values, info = super().step(a)
        return *values, {**info, "news": 1}


class Misshapen(FrozenLakeEnv):
    """Its `P` is something else."""

    def __init__(self) -> None:
        super().__init__()
        self.P = {0: "nothing"}


class Outside(FrozenLakeEnv):
    """A transition leads to a state that does not exist."""

    def __init__(self) -> None:
        super().__init__()
        self.P[0][0] = [(1.0, 16, 0.0, False)]


@pytest.mark.parametrize("kind", [FrozenLakeEnv, Sly, Lucky, Talkative, Misshapen, Outside])
def test_what_differs_from_its_table_is_none(kind, monkeypatch) -> None:
    env_id = f"{kind.__name__}-v0"
    spec = gym.envs.registration.EnvSpec(env_id, entry_point=kind, max_episode_steps=50)
    monkeypatch.setitem(gym.registry, env_id, spec)
    assert (table_of(EnvSource(env_id)) is not None) == (kind is FrozenLakeEnv)


@pytest.mark.parametrize(
    ("env_id", "kwargs"),
    [
        ("Taxi-v4", {"fickle_passenger": True}),
        ("CartPole-v1", {}),
        ("Blackjack-v1", {}),
        ("FrozenLake-v1", {"no_such": 1}),
        ("NoSuch-v0", {}),
    ],
)
def test_other_environments_are_no_tables(env_id, kwargs) -> None:
    assert table_of(EnvSource(env_id, kwargs)) is None
    assert table_vector(EnvSource(env_id, kwargs), 2) is None


def test_wrappers_that_change_episodes_keep_an_environment_from_being_a_table() -> None:
    env = gym.make("FrozenLake-v1", disable_env_checker=True)
    assert read_table(env) is not None
    assert read_table(gym.wrappers.TransformReward(env, lambda reward: 2 * reward)) is None
    assert read_table(gym.wrappers.TimeLimit(env, 5)) is None  # two limits


def test_functions_that_make_environments_are_not_asked() -> None:
    assert table_of(EnvSource(lambda: gym.make("FrozenLake-v1"))) is None
    assert table_of(EnvSource("FrozenLake-v1", {"desc": lambda: None})) is None
