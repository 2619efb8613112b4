"""Gymnasium's wrappers and tools around Snake, and organisms that are evolved with them."""

import pickle  # noqa: TID251
import subprocess
import warnings
from importlib.util import find_spec
from pathlib import Path

import gymnasium as gym
import numpy as np
import numpy.testing as npt
import pytest
import wrapped_envs
from gymnasium import wrappers
from gymnasium.utils.env_checker import check_env
from gymnasium.utils.play import PlayableGame
from gymnasium.vector import AutoresetMode
from gymnasium.wrappers import vector as vector_wrappers

import spiking_agent
from snake_env import SnakeEnv, SnakeVectorEnv
from spiking_agent.errors import UnsupportedSpaceError

KINDS = ("grid", "planes", "senses", "presence")
MODES = list(AutoresetMode)
needs_moviepy = pytest.mark.skipif(find_spec("moviepy") is None, reason="needs moviepy")
gymnasiums_vector_wrappers_work = pytest.mark.skipif(
    tuple(map(int, gym.__version__.split(".")[:2])) < (1, 4), reason="needs Gymnasium 1.4"
)


def make(kind: str = "grid", **options) -> gym.Env:
    return gym.make("Snake-v0", observation=kind, **options)


def make_vec(kind: str = "grid", mode: AutoresetMode = AutoresetMode.NEXT_STEP, **options):
    return gym.make_vec("Snake-v0", num_envs=3, observation=kind, autoreset_mode=mode, **options)


# --- Single envs ---

WRAPPERS = {
    "FrameStackObservation": lambda env: wrappers.FrameStackObservation(env, 4),
    "FlattenObservation": wrappers.FlattenObservation,
    "NormalizeObservation": wrappers.NormalizeObservation,
    "NormalizeReward": wrappers.NormalizeReward,
    "DtypeObservation": lambda env: wrappers.DtypeObservation(env, np.float32),
    "DelayObservation": lambda env: wrappers.DelayObservation(env, 2),
    "TimeAwareObservation": lambda env: wrappers.TimeAwareObservation(
        wrappers.TimeLimit(env, 50), flatten=True
    ),
    "StickyAction": lambda env: wrappers.StickyAction(env, 0.2),
    "ClipReward": lambda env: wrappers.ClipReward(env, -1, 1),
    "RecordEpisodeStatistics": wrappers.RecordEpisodeStatistics,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", WRAPPERS)
def test_a_wrapper_keeps_observations_in_its_space(name, kind) -> None:
    env = WRAPPERS[name](make(kind))
    env.action_space.seed(0)
    n_ended = 0
    assert env.reset(seed=0)[0] in env.observation_space
    for _ in range(100):
        observation, _, terminated, truncated, _ = env.step(env.action_space.sample())
        assert observation in env.observation_space
        if terminated or truncated:
            n_ended += 1
            assert env.reset()[0] in env.observation_space
    assert n_ended > 2


def test_frames_are_stacked_in_order() -> None:
    plain, stacked = make(), wrappers.FrameStackObservation(make(), 3)
    first, _ = plain.reset(seed=0)
    frames, _ = stacked.reset(seed=0)
    npt.assert_array_equal(frames, [first] * 3)
    second, third = plain.step(0)[0], plain.step(1)[0]
    stacked.step(0)
    npt.assert_array_equal(stacked.step(1)[0], [first, second, third])


@pytest.mark.parametrize("how", ["wrapper", "make"])
def test_a_time_limit_truncates_without_an_outcome(how) -> None:
    env = wrappers.TimeLimit(make(), 3) if how == "wrapper" else make(max_episode_steps=3)
    env.reset(seed=0)
    assert [env.step(action)[2:4] for action in (1, 1)] == [(False, False)] * 2
    *_, terminated, truncated, info = env.step(1)
    assert (terminated, truncated) == (False, True)
    assert "outcome" not in info
    assert info["hunger"] == 3


def test_a_vector_of_envs_keeps_the_time_limit_of_the_spec() -> None:
    for how in ("vector_entry_point", "sync"):
        envs = gym.make_vec("Snake-v0", 2, vectorization_mode=how, max_episode_steps=3)
        envs.reset(seed=0)
        steps = [envs.step(np.array([1, 0])) for _ in range(3)]
        assert [step[3].tolist() for step in steps] == [[False, False]] * 2 + [[True, True]]
        assert "outcome" not in steps[-1][4]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("grow", [True, False])
def test_checkers_are_silent(kind, grow) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        env = make(kind, grow=grow, render_mode="rgb_array")
        check_env(env.unwrapped)
        passive = wrappers.PassiveEnvChecker(SnakeEnv(observation=kind, render_mode="rgb_array"))
        passive.reset(seed=0)
        for _ in range(3):
            passive.step(0)
        passive.render()


def test_play_finds_keys_and_size() -> None:
    env = make(render_mode="rgb_array")
    env.reset(seed=0)
    game = PlayableGame(env)
    assert {ord(key) for key in "wasd"} < game.relevant_keys
    assert len(game.relevant_keys) == 8
    env.close()


# --- Specs ---


@pytest.mark.parametrize("wrap", [lambda env: env, wrappers.FlattenObservation])
def test_a_spec_makes_the_same_env_again(wrap) -> None:
    env = wrap(make("planes", n_rows=6, hunger_limit=9))
    for spec in (
        env.spec,
        pickle.loads(pickle.dumps(env.spec)),  # noqa: S301
        type(env.spec).from_json(env.spec.to_json()),
    ):
        twin = gym.make(spec)
        assert twin.observation_space == env.observation_space
        assert twin.unwrapped.settings == env.unwrapped.settings
        npt.assert_array_equal(twin.reset(seed=3)[0], env.reset(seed=3)[0])
        assert twin.spec.to_json() == env.spec.to_json()


def test_a_spec_makes_the_same_vector_of_envs_again() -> None:
    envs = gym.make_vec("Snake-v0", num_envs=3, n_rows=6, autoreset_mode="SameStep")
    spec = type(envs.spec).from_json(envs.spec.to_json())
    twin = gym.make_vec(spec)
    assert isinstance(twin.unwrapped, SnakeVectorEnv)
    assert (twin.num_envs, twin.settings) == (3, envs.settings)
    assert twin.autoreset_mode is AutoresetMode.SAME_STEP


def test_a_wrapped_env_can_be_pickled_in_the_middle_of_a_game() -> None:
    env = wrappers.FrameStackObservation(make(), 2)
    env.reset(seed=0)
    env.step(0)
    twin = pickle.loads(pickle.dumps(env))  # noqa: S301
    npt.assert_array_equal(twin.step(1)[0], env.step(1)[0])


# --- Vectors ---

VECTOR_WRAPPERS = {
    "FlattenObservation": vector_wrappers.FlattenObservation,
    "NormalizeObservation": vector_wrappers.NormalizeObservation,
    "NormalizeReward": vector_wrappers.NormalizeReward,
    "RecordEpisodeStatistics": vector_wrappers.RecordEpisodeStatistics,
    "DtypeObservation": lambda envs: vector_wrappers.DtypeObservation(envs, np.float32),
}
REFUSED = {  # by Gymnasium, with a message of its own
    ("FlattenObservation", AutoresetMode.SAME_STEP),
    ("NormalizeObservation", AutoresetMode.SAME_STEP),
    ("NormalizeObservation", AutoresetMode.DISABLED),
    ("DtypeObservation", AutoresetMode.SAME_STEP),
}


@gymnasiums_vector_wrappers_work
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", VECTOR_WRAPPERS)
def test_a_wrapper_of_vectors_keeps_observations_in_its_space(name, mode, kind) -> None:
    if (name, mode) in REFUSED:
        with pytest.raises(ValueError, match="autoreset_mode"):
            VECTOR_WRAPPERS[name](make_vec(kind, mode))
        return
    envs = VECTOR_WRAPPERS[name](make_vec(kind, mode))
    envs.action_space.seed(0)
    observations, _ = envs.reset(seed=0)
    n_ended = 0
    for _ in range(60):
        assert observations in envs.observation_space
        observations, _, terminated, truncated, _ = envs.step(envs.action_space.sample())
        is_over = terminated | truncated
        n_ended += is_over.sum()
        if mode is AutoresetMode.DISABLED and is_over.any():
            observations, _ = envs.reset(options={"reset_mask": is_over})
    assert n_ended > 3


@gymnasiums_vector_wrappers_work
@pytest.mark.parametrize("mode", MODES)
def test_statistics_of_vectors_are_those_of_the_episodes(mode) -> None:
    envs = vector_wrappers.RecordEpisodeStatistics(make_vec(mode=mode, food_reward=5.0))
    envs.action_space.seed(0)
    envs.reset(seed=0)
    total, length, begins = np.zeros(3), np.zeros(3, int), np.zeros(3, bool)
    n_ended = 0
    for _ in range(150):
        _, rewards, terminated, truncated, infos = envs.step(envs.action_space.sample())
        total, length = total + rewards, length + ~begins
        is_over = terminated | truncated
        begins = is_over & (mode is AutoresetMode.NEXT_STEP)
        if is_over.any():
            n_ended += is_over.sum()
            npt.assert_array_equal(infos["_episode"], is_over)
            npt.assert_allclose(infos["episode"]["r"][is_over], total[is_over])
            npt.assert_array_equal(infos["episode"]["l"][is_over], length[is_over])
            total[is_over], length[is_over] = 0, 0
            if mode is AutoresetMode.DISABLED:
                envs.reset(options={"reset_mask": is_over})
    assert n_ended > 10


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", ["sync", "async"])
def test_gymnasiums_own_vectors_play_the_same_games(how, kind) -> None:
    theirs = gym.make_vec("Snake-v0", 3, vectorization_mode=how, observation=kind)
    ours = gym.make_vec("Snake-v0", 3, observation=kind)
    assert isinstance(ours.unwrapped, SnakeVectorEnv)
    npt.assert_array_equal(ours.reset(seed=4)[0], theirs.reset(seed=4)[0])
    ours.action_space.seed(1)
    for _ in range(40):
        actions = ours.action_space.sample()
        for one, other in zip(ours.step(actions)[:4], theirs.step(actions)[:4], strict=True):
            npt.assert_array_equal(one, other)
    theirs.close()


@pytest.mark.parametrize("how", ["sync", "async"])
def test_gymnasiums_own_vectors_stack_frames(how) -> None:
    envs = gym.make_vec(
        "Snake-v0", 2, vectorization_mode=how, wrappers=[wrapped_envs.flattened_frames]
    )
    assert envs.reset(seed=0)[0].shape == (2, 300)
    assert envs.step(np.array([0, 1]))[0] in envs.observation_space
    envs.close()


# --- Videos ---


def pictures(path: Path, height: int, width: int) -> np.ndarray:
    """Decode a film whose pictures have this size."""
    ffmpeg = pytest.importorskip("imageio_ffmpeg", reason="needs the extra video").get_ffmpeg_exe()
    command = [ffmpeg, "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)


@needs_moviepy
def test_videos_of_episodes_can_be_looked_at(tmp_path) -> None:
    env = wrappers.RecordVideo(make(render_mode="rgb_array"), tmp_path / "films", lambda _: True)
    lengths = []
    env.reset(seed=0)
    for action in (0, 1):
        n_moves, has_ended = 0, False
        while not has_ended:
            _, _, terminated, truncated, _ = env.step(action)
            n_moves, has_ended = n_moves + 1, terminated or truncated
        lengths.append(n_moves)
        last = env.render()
        env.reset()
    env.close()
    files = sorted((tmp_path / "films").glob("*.mp4"))[:2]
    for path, n_moves in zip(files, lengths, strict=True):
        film = pictures(path, *last.shape[:2])
        assert len(film) == n_moves + 1
    assert np.abs(film[-1].astype(int) - last).mean() < 5


@gymnasiums_vector_wrappers_work
@needs_moviepy
@pytest.mark.filterwarnings("ignore:.*same-step:UserWarning")
@pytest.mark.parametrize("mode", MODES)
def test_videos_of_vectors_can_be_looked_at(mode, tmp_path) -> None:
    envs = make_vec(mode=mode, render_mode="rgb_array")
    films = vector_wrappers.RecordVideo(
        envs, tmp_path / "films", episode_trigger=lambda n: n == 0, video_length=4
    )
    films.reset(seed=0)
    first = envs.render()
    for _ in range(6):
        films.step(np.zeros(3, int))
    films.close()
    (path,) = (tmp_path / "films").glob("*.mp4")
    height, width, _ = first[0].shape
    film = pictures(path, height, 3 * width)
    assert len(film) >= 4
    assert np.abs(film[0].astype(int) - np.concatenate(first, axis=1)).mean() < 5


# --- Organisms ---

FACTORIES = [
    wrapped_envs.limited,
    wrapped_envs.stacked,
    wrapped_envs.flattened,
    wrapped_envs.transformed,
    wrapped_envs.rescaled,
    wrapped_envs.bounded,
]


def test_an_action_space_that_clipping_made_endless_is_refused_with_a_remedy_that_helps() -> None:
    with pytest.raises(UnsupportedSpaceError, match=r"finite bounds.*wrappers\.TransformAction"):
        spiking_agent.evolve(wrapped_envs.clipped, generations=1)
    spiking_agent.evolve(wrapped_envs.bounded, generations=1, population_size=4)


@pytest.mark.slow
@pytest.mark.parametrize("factory", FACTORIES, ids=lambda factory: factory.__name__)
def test_brains_are_evolved_through_wrappers(factory) -> None:
    champions = [
        spiking_agent.evolve(
            factory, generations=3, population_size=10, n_episodes=2, seed=1, workers=workers
        )
        for workers in (1, 2)
    ]
    assert champions[0].to_bytes() == champions[1].to_bytes()
    champion, env = champions[0], factory()
    observation, info = env.reset(seed=0)
    champion.reset()
    n_moves, has_ended = 0, False
    while not has_ended:
        action = champion.act(observation, info)
        assert env.action_space.contains(action)
        observation, _, terminated, truncated, info = env.step(action)
        n_moves, has_ended = n_moves + 1, terminated or truncated
    assert 0 < n_moves <= 30
    assert spiking_agent.evaluate(champion, episodes=4, env=factory).episodes == 4
