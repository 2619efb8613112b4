"""Playing tick by tick: the same moves as without a viewer, and what is remembered of them."""

import time

import gymnasium as gym
import numpy as np
import numpy.testing as npt
import pytest
from players import make_organism

import spiking_agent
from benchmarks.cases.networks import random_organism
from spiking_agent.codec.decoders.factory import make_decoder
from spiking_agent.episodes.seeds import RESULT_SEEDS
from spiking_agent.errors import ChampionFileError
from spiking_agent.viewer.loader import Theatre
from spiking_agent.viewer.session import Performance

SHORT = {"hunger_limit": 45}  # the champion would play on for thousands of moves


@pytest.fixture
def perform():
    """Make performances, and close them at the end of the test."""
    made = []

    def make(organism, env=None, **how) -> Performance:
        env = env or organism.env_source(env_kwargs=SHORT).make("rgb_array")
        made.append(Performance(organism, env, **how))
        return made[-1]

    yield make
    for performance in made:
        performance.close()
        performance.env.close()


def moves_without_viewer(organism, seed: int) -> tuple[list, dict]:
    env = organism.env_source(env_kwargs=SHORT).make()
    observation, info = env.reset(seed=RESULT_SEEDS + seed)
    organism.reset()
    actions, has_ended = [], False
    while not has_ended:
        actions.append(organism.act(observation, info))
        observation, _, terminated, truncated, info = env.step(actions[-1])
        has_ended = terminated or truncated
    return actions, info


def moves_of(performance: Performance, seed: int) -> list:
    performance.start(seed)
    actions = []
    while not performance.has_ended:
        if performance.advance():
            actions.append(performance.last_action)
    return actions


@pytest.mark.parametrize("seed", [0, 11])
def test_the_moves_are_the_same_with_and_without_a_viewer(perform, seed) -> None:
    performance = perform(spiking_agent.champion())
    actions, info = moves_without_viewer(spiking_agent.champion(), seed)
    assert moves_of(performance, seed) == actions
    assert performance.n_moves == len(actions) > 20
    assert performance.info["score"] == info["score"] > 0


@pytest.mark.parametrize("engine", ["compiled", "actors"])
def test_the_moves_are_the_same_for_a_brain_whose_state_lasts(perform, engine) -> None:
    organism = make_organism(seed=5, engine=engine)
    assert organism.codec.carry_state
    performance = perform(organism)
    for seed in (3, 4):
        actions, _ = moves_without_viewer(make_organism(seed=5), seed)
        assert moves_of(performance, seed) == actions


def test_ticks_are_remembered_with_what_was_driven_and_fired(perform, monkeypatch) -> None:
    organism = make_organism(seed=5)
    performance = perform(organism)
    monkeypatch.setattr(performance._lanes.engine, "forget_spikes", lambda lane, before: None)
    performance.start(3)
    for _ in range(4):
        performance.finish_move()
    ticks = list(performance.history)
    assert [tick.number for tick in ticks] == list(range(1, 13))
    assert [tick.step for tick in ticks] == [0, 1, 2] * 4
    raster = [(tick.number, neuron_id) for tick in ticks for neuron_id in tick.fired.tolist()]
    assert raster == [tuple(row) for row in performance._lanes.engine.raster(0).tolist()]
    assert raster
    assert all(np.isin(tick.driven, organism.connectome.input_neurons).all() for tick in ticks)
    assert any(len(tick.driven) for tick in ticks)


def test_counts_grow_from_tick_to_tick_and_begin_anew_with_a_decision(perform) -> None:
    performance = perform(spiking_agent.champion())
    performance.start(1)
    seen = []
    for _ in range(13):
        performance.advance()
        seen.append(performance.counts.sum())
    assert seen[:12] == sorted(seen[:12])
    assert seen[11] > seen[12]


def test_potentials_are_those_of_the_actors(perform) -> None:
    compiled, actors = (
        perform(make_organism(seed=5, engine=engine)) for engine in ("compiled", "actors")
    )
    for performance in (compiled, actors):
        performance.start(3)
    seen = []
    for _ in range(20):
        compiled.advance()
        actors.advance()
        npt.assert_array_equal(compiled.potentials, actors.potentials)
        seen.append(np.abs(compiled.potentials).max())
    assert max(seen) > 0


def test_an_ended_episode_stays_as_it_is(perform) -> None:
    performance = perform(spiking_agent.champion())
    moves_of(performance, 0)
    n_moves, tick = performance.n_moves, performance.tick
    assert not performance.advance()
    performance.finish_move()
    assert (performance.n_moves, performance.tick) == (n_moves, tick)


@pytest.mark.parametrize("engine", ["compiled", "actors"])
def test_spikes_that_were_seen_are_forgotten(perform, engine) -> None:
    performance = perform(make_organism(seed=5, engine=engine))
    performance.start(3)
    for _ in range(4):
        performance.finish_move()
    assert any(len(tick.fired) for tick in performance.history)
    assert len(performance._lanes.engine.raster(0)) == 0


def test_what_leads_in_the_end_is_what_is_done(perform) -> None:
    performance = perform(spiking_agent.champion())
    performance.start(0)
    assert len(performance.leading) == 0
    n_masked_leads = 0
    while not performance.has_ended:
        if performance.advance():
            assert performance.leading.tolist() == [performance.last_action]
            assert performance.mask[performance.last_action]
            n_masked_leads += performance.counts.argmax() != performance.last_action
    assert n_masked_leads > 0  # the most spikes were for what is illegal, or equal


def test_outputs_lead_by_groups_or_not_at_all(perform) -> None:
    organism = random_organism("Pendulum-v1", n_hidden=2)
    performance = perform(organism, organism.make_env(render_mode="rgb_array"))
    performance.start(0)
    performance.finish_move()
    assert len(performance.leading) == 0
    decoder = make_decoder(gym.spaces.MultiDiscrete([3, 2]))
    assert decoder.winning_outputs(np.array([2, 0], np.int32)).tolist() == [2, 3]


class Painter(gym.Wrapper):
    """Gives other pictures."""

    def __init__(self, env, paint) -> None:
        super().__init__(env)
        self.paint = paint

    def render(self):
        return self.paint()


def test_a_picture_that_is_painted_over_is_a_new_one(perform) -> None:
    organism = make_organism(seed=5)
    buffer = np.zeros((4, 5, 3), np.uint8)

    def paint() -> np.ndarray:
        buffer[:] += 1
        return buffer

    performance = perform(organism, Painter(organism.make_env(render_mode="rgb_array"), paint))
    performance.start(3)
    first = performance.picture
    performance.finish_move()
    assert performance.picture is not first
    assert (first == 1).all()
    assert (performance.picture == 2).all()


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 1), (4, 5, 4)])
def test_grey_pictures_and_those_with_alpha_are_shown(perform, shape) -> None:
    organism = make_organism(seed=5)
    picture = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    env = Painter(organism.make_env(render_mode="rgb_array"), lambda: picture)
    performance = perform(organism, env)
    performance.start(3)
    assert performance.picture.shape == (4, 5, 3)
    first = picture if picture.ndim == 2 else picture[..., 0]
    npt.assert_array_equal(performance.picture[..., 0], first)


def _nothing() -> None:
    raise NotImplementedError


@pytest.mark.parametrize(
    ("paint", "message"),
    [
        (lambda: np.zeros((4, 5, 2)), r"got an array of float64, shape \(4, 5, 2\)"),
        (lambda: np.zeros((0, 5, 3), np.uint8), r"shape \(0, 5, 3\)"),
        (lambda: np.zeros(5, np.uint8), r"shape \(5,\)"),
        (lambda: None, "got None"),
        (_nothing, r"it has no render\(\)"),
    ],
)
def test_what_is_no_picture_is_refused(perform, paint, message) -> None:
    organism = make_organism(seed=5)
    performance = perform(organism, Painter(organism.make_env(render_mode="rgb_array"), paint))
    with pytest.raises(ValueError, match=message):
        performance.start(3)


def test_an_environment_without_pictures_is_refused(perform) -> None:
    organism = make_organism()
    performance = perform(organism, organism.make_env(render_mode="ansi"))
    with pytest.raises(ValueError, match=r"render_mode='rgb_array'.*got str"):
        performance.start(0)


@pytest.mark.jit  # on the wall clock, which coverage slows down
def test_a_live_brain_plays_while_it_is_watched(perform) -> None:
    performance = perform(spiking_agent.champion(), tick_s=0.02)
    performance.start(1)
    assert not performance.is_thinking
    performance.advance()
    assert performance.is_thinking
    seen = set()
    while performance.n_moves == 0:
        seen.add(performance.step)
        performance.advance()
    assert len(seen) > 2  # it was seen to think, not only to have thought
    performance.finish_move()
    assert performance.n_moves == 2
    assert [tick.step for tick in performance.history] == list(range(12)) * 2
    assert performance.jitter.n_ticks == 24
    assert performance.jitter.n_impulses > 100
    performance.advance()
    begun = time.perf_counter()
    performance.start(1)  # in the middle of a thought
    assert time.perf_counter() - begun < 0.2  # it is broken off
    assert not performance.is_thinking
    assert performance.n_moves == 0
    performance.finish_move()  # and what comes after is seen as it is
    outputs = performance.organism.connectome.output_neurons
    fired = np.concatenate([tick.fired for tick in performance.history])
    assert [(fired == output).sum() for output in outputs] == performance.counts.tolist()
    assert performance.counts.sum() > 0
    assert [tick.step for tick in performance.history] == list(range(12))


def test_only_a_live_brain_has_jitter(perform) -> None:
    performance = perform(spiking_agent.champion())
    performance.start(1)
    assert performance.jitter is None


def test_a_theatre_sees_a_better_champion_and_lets_it_play(tmp_path) -> None:
    path = tmp_path / "champion.npz"
    make_organism(seed=1).save(path)
    theatre = Theatre(lambda: spiking_agent.Organism.load(path), path)
    assert not theatre.has_newer()
    first = theatre.performance
    better = make_organism(seed=2)
    better.provenance = {"generation": 7}
    better.save(path)
    assert theatre.has_newer()
    theatre.reload(0)
    assert not theatre.has_newer()
    assert theatre.performance is not first
    assert theatre.title == "Snake-v0   champion of generation 7"
    path.unlink()
    assert not theatre.has_newer()
    theatre.close()


def test_a_damaged_champion_does_not_drive_the_present_one_off_stage(tmp_path) -> None:
    path = tmp_path / "champion.npz"
    make_organism(seed=1).save(path)
    theatre = Theatre(lambda: spiking_agent.Organism.load(path), path)
    path.write_bytes(b"half a file")
    with pytest.raises(ChampionFileError):
        theatre.reload(0)
    theatre.performance.start(0)
    theatre.performance.finish_move()
    assert theatre.performance.n_moves == 1
    theatre.close()


def test_a_theatre_without_a_file_never_changes() -> None:
    theatre = Theatre(spiking_agent.champion, env_kwargs=SHORT)
    assert not theatre.has_newer()
    assert theatre.performance.env.unwrapped.rules.hunger_limit == 45
    theatre.close()


class Choices(gym.Env):
    """Two numbers to choose; of the first, only the last value is ever legal."""

    def __init__(self, render_mode=None) -> None:
        self.observation_space = gym.spaces.MultiBinary(2)
        self.action_space = gym.spaces.MultiDiscrete([3, 2])
        self.render_mode, self.metadata = render_mode, {"render_modes": ["rgb_array"]}

    def _info(self) -> dict:
        first, second = np.array([0, 0, 1], np.int8), np.ones(2, np.int8)
        return {"action_mask": (first, second)}

    def reset(self, *, seed=None, options=None):
        return np.ones(2, np.int8), self._info()

    def step(self, action):
        return np.ones(2, np.int8), 0.0, False, False, self._info()

    def render(self) -> np.ndarray:
        return np.zeros((4, 5, 3), np.uint8)


def test_masks_of_several_numbers_are_honoured_as_in_play(perform) -> None:
    organism = make_organism(Choices, seed=2)
    performance = perform(organism, Choices("rgb_array"))
    performance.start(0)
    for _ in range(3):
        performance.finish_move()
        assert performance.last_action[0] == 2
        assert performance.leading[0] == 2
    assert (np.asarray(performance.mask) != 0).tolist() == [False, False, True, True, True]
