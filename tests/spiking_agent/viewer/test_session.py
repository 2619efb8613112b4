"""Playing tick by tick: the same moves as without a viewer, and what is remembered of them."""

import time
from dataclasses import replace
from functools import partial

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
from spiking_agent.viewer.loader import Loader
from spiking_agent.viewer.session import Session

SHORT = {"hunger_limit": 45}  # the champion would play on for thousands of moves


@pytest.fixture
def make_session():
    """Make sessions, and close them at the end of the test."""
    made = []

    def make(organism, env=None, **how) -> Session:
        env = env or organism.env_source(env_kwargs=SHORT).make("rgb_array")
        made.append(Session(organism, env, **how))
        return made[-1]

    yield make
    for session in made:
        session.close()
        session.env.close()


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


def moves_of(session: Session, seed: int) -> list:
    session.start(seed)
    actions = []
    while not session.has_ended:
        if session.advance():
            actions.append(session.last_action)
    return actions


@pytest.mark.parametrize("seed", [0, 11])
def test_the_moves_are_the_same_with_and_without_a_viewer(make_session, seed) -> None:
    session = make_session(spiking_agent.champion("senses"))
    actions, info = moves_without_viewer(spiking_agent.champion("senses"), seed)
    assert moves_of(session, seed) == actions
    assert session.n_moves == len(actions) > 20
    assert session.info["score"] == info["score"] > 0


@pytest.mark.parametrize("engine", ["compiled", "actors"])
@pytest.mark.parametrize("carry_state", [True, "impulses"])
def test_the_moves_are_the_same_for_a_brain_whose_state_lasts(
    make_session, carry_state, engine
) -> None:
    organism = make_organism(seed=5, engine=engine)
    organism = replace(organism, codec=replace(organism.codec, carry_state=carry_state))
    session = make_session(organism)
    for seed in (3, 4):
        actions, _ = moves_without_viewer(replace(organism, engine="compiled"), seed)
        assert moves_of(session, seed) == actions


def test_ticks_are_remembered_with_what_was_driven_and_fired(make_session, monkeypatch) -> None:
    organism = make_organism(seed=5)
    session = make_session(organism)
    monkeypatch.setattr(session._lanes.engine, "forget_spikes", lambda lane, before: None)
    session.start(3)
    for _ in range(4):
        session.finish_move()
    ticks = list(session.history)
    assert [tick.number for tick in ticks] == list(range(1, 13))
    assert [tick.step for tick in ticks] == [0, 1, 2] * 4
    raster = [(tick.number, neuron_id) for tick in ticks for neuron_id in tick.fired.tolist()]
    assert raster == [tuple(row) for row in session._lanes.engine.raster(0).tolist()]
    assert raster
    assert all(np.isin(tick.driven, organism.connectome.input_neurons).all() for tick in ticks)
    assert any(len(tick.driven) for tick in ticks)


def test_counts_grow_from_tick_to_tick_and_begin_anew_with_a_decision(make_session) -> None:
    session = make_session(spiking_agent.champion("senses"))
    session.start(1)
    seen = []
    for _ in range(13):
        session.advance()
        seen.append(session.counts.sum())
    assert seen[:12] == sorted(seen[:12])
    assert seen[11] > seen[12]


def test_potentials_are_those_of_the_actors(make_session) -> None:
    compiled, actors = (
        make_session(make_organism(seed=5, engine=engine)) for engine in ("compiled", "actors")
    )
    for session in (compiled, actors):
        session.start(3)
    seen = []
    for _ in range(20):
        compiled.advance()
        actors.advance()
        npt.assert_array_equal(compiled.potentials, actors.potentials)
        seen.append(np.abs(compiled.potentials).max())
    assert max(seen) > 0


def test_an_ended_episode_stays_as_it_is(make_session) -> None:
    session = make_session(spiking_agent.champion("senses"))
    moves_of(session, 0)
    n_moves, tick = session.n_moves, session.tick
    assert not session.advance()
    session.finish_move()
    assert (session.n_moves, session.tick) == (n_moves, tick)


@pytest.mark.parametrize("engine", ["compiled", "actors"])
def test_spikes_that_were_seen_are_forgotten(make_session, engine) -> None:
    session = make_session(make_organism(seed=5, engine=engine))
    session.start(3)
    for _ in range(4):
        session.finish_move()
    assert any(len(tick.fired) for tick in session.history)
    assert len(session._lanes.engine.raster(0)) == 0


def test_what_leads_in_the_end_is_what_is_done(make_session) -> None:
    session = make_session(spiking_agent.champion("senses"))
    session.start(0)
    assert len(session.leading) == 0
    n_masked_leads = 0
    while not session.has_ended:
        if session.advance():
            assert session.leading.tolist() == [session.last_action]
            assert session.mask[session.last_action]
            n_masked_leads += session.counts.argmax() != session.last_action
    assert n_masked_leads > 0  # the most spikes were for what is illegal, or equal


def test_what_leads_in_a_tie_is_what_was_done_even_where_equals_take_turns(make_session) -> None:
    organism = spiking_agent.evolve(
        "CartPole-v1",
        strategy="genetic",
        generations=1,
        population_size=4,
        decoder="in-turn",
        n_ticks=1,
        inhibition=False,
        thresholds=(1.0,),
    )
    session = make_session(organism, organism.make_env(render_mode="rgb_array"))
    session.start(0)
    n_ties = 0
    while not session.has_ended:
        if session.advance():
            assert session.leading.tolist() == [session.last_action]
            n_ties += session.counts[0] == session.counts[1] > 0
    assert n_ties > 0


def test_outputs_lead_by_groups_or_not_at_all(make_session) -> None:
    organism = random_organism("Pendulum-v1", n_hidden=2)
    session = make_session(organism, organism.make_env(render_mode="rgb_array"))
    session.start(0)
    session.finish_move()
    assert len(session.leading) == 0
    decoder = make_decoder(gym.spaces.MultiDiscrete([3, 2]))
    assert decoder.winning_outputs(np.array([2, 0], np.int32)).tolist() == [2, 3]


class Painter(gym.Wrapper):
    """Gives other pictures."""

    def __init__(self, env, paint) -> None:
        super().__init__(env)
        self.paint = paint

    def render(self):
        return self.paint()


def test_a_picture_that_is_painted_over_is_a_new_one(make_session) -> None:
    organism = make_organism(seed=5)
    buffer = np.zeros((4, 5, 3), np.uint8)

    def paint() -> np.ndarray:
        buffer[:] += 1
        return buffer

    session = make_session(organism, Painter(organism.make_env(render_mode="rgb_array"), paint))
    session.start(3)
    first = session.picture
    session.finish_move()
    assert session.picture is not first
    assert (first == 1).all()
    assert (session.picture == 2).all()


def test_pictures_that_nobody_asks_for_are_not_drawn(make_session) -> None:
    organism = make_organism(seed=5)
    drawn = []

    def paint() -> np.ndarray:
        drawn.append(1)
        return np.zeros((4, 5, 3), np.uint8)

    session = make_session(organism, Painter(organism.make_env(render_mode="rgb_array"), paint))
    session.start(3)
    session.finish_move()
    assert drawn == []
    assert session.picture is session.picture
    assert len(drawn) == 1


def test_an_environment_that_collects_pictures_is_asked_for_them_after_every_move(
    make_session,
) -> None:
    organism = make_organism(seed=5)
    env = gym.wrappers.RenderCollection(organism.make_env(render_mode="rgb_array"))
    session = make_session(organism, env)
    session.start(3)
    for _ in range(3):
        session.finish_move()
    assert env.frame_list == []


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 1), (4, 5, 4)])
def test_grey_pictures_and_those_with_alpha_are_shown(make_session, shape) -> None:
    organism = make_organism(seed=5)
    picture = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    env = Painter(organism.make_env(render_mode="rgb_array"), lambda: picture)
    session = make_session(organism, env)
    session.start(3)
    assert session.picture.shape == (4, 5, 3)
    first = picture if picture.ndim == 2 else picture[..., 0]
    npt.assert_array_equal(session.picture[..., 0], first)


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
def test_what_is_no_picture_is_refused(make_session, paint, message) -> None:
    organism = make_organism(seed=5)
    session = make_session(organism, Painter(organism.make_env(render_mode="rgb_array"), paint))
    session.start(3)
    with pytest.raises(ValueError, match=message):
        _ = session.picture


def test_an_environment_without_pictures_is_refused(make_session) -> None:
    organism = make_organism()
    session = make_session(organism, organism.make_env(render_mode="ansi"))
    session.start(0)
    with pytest.raises(ValueError, match=r"render_mode='rgb_array'.*got str"):
        _ = session.picture


@pytest.mark.slow  # on the wall clock
def test_a_live_brain_plays_while_it_is_watched(make_session) -> None:
    session = make_session(spiking_agent.champion("senses"), tick_s=0.02)
    session.start(1)
    assert not session.is_thinking
    session.advance()
    assert session.is_thinking
    seen = set()
    while session.n_moves == 0:
        seen.add(session.step)
        session.advance()
    assert len(seen) > 2  # it was seen to think, not only to have thought
    session.finish_move()
    assert session.n_moves == 2
    assert [tick.step for tick in session.history] == list(range(12)) * 2
    assert session.jitter.n_ticks == 24
    assert session.jitter.n_impulses > 100
    session.advance()
    begun = time.perf_counter()
    session.start(1)  # in the middle of a thought
    assert time.perf_counter() - begun < 0.2  # it is broken off
    assert not session.is_thinking
    assert session.n_moves == 0
    session.finish_move()  # and what comes after is seen as it is
    outputs = session.organism.connectome.output_neurons
    fired = np.concatenate([tick.fired for tick in session.history])
    assert [(fired == output).sum() for output in outputs] == session.counts.tolist()
    assert session.counts.sum() > 0
    assert [tick.step for tick in session.history] == list(range(12))


def test_only_a_live_brain_has_jitter(make_session) -> None:
    session = make_session(spiking_agent.champion("senses"))
    session.start(1)
    assert session.jitter is None


def test_a_loader_sees_a_better_champion_and_lets_it_play(tmp_path) -> None:
    path = tmp_path / "champion.npz"
    make_organism(seed=1).save(path)
    loader = Loader(lambda: spiking_agent.Organism.load(path), path)
    assert not loader.has_newer()
    first = loader.session
    better = make_organism(seed=2)
    better.provenance = {"generation": 7}
    better.save(path)
    assert loader.has_newer()
    loader.reload(0)
    assert not loader.has_newer()
    assert loader.session is not first
    assert loader.title == "Snake-v0   champion of generation 7"
    path.unlink()
    assert not loader.has_newer()
    loader.close()


def test_a_damaged_champion_does_not_drive_the_present_one_off_stage(tmp_path) -> None:
    path = tmp_path / "champion.npz"
    make_organism(seed=1).save(path)
    loader = Loader(lambda: spiking_agent.Organism.load(path), path)
    path.write_bytes(b"half a file")
    with pytest.raises(ChampionFileError, match="not a whole npz archive"):
        loader.reload(0)
    loader.session.start(0)
    loader.session.finish_move()
    assert loader.session.n_moves == 1
    loader.close()


def test_a_loader_without_a_file_never_changes() -> None:
    loader = Loader(partial(spiking_agent.champion, "senses"), env_kwargs=SHORT)
    assert not loader.has_newer()
    assert loader.session.env.unwrapped.settings.hunger_limit == 45
    loader.close()


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


def test_masks_of_several_numbers_are_honoured_as_in_play(make_session) -> None:
    organism = make_organism(Choices, seed=2)
    session = make_session(organism, Choices("rgb_array"))
    session.start(0)
    for _ in range(3):
        session.finish_move()
        assert session.last_action[0] == 2
        assert session.leading[0] == 2
    assert (np.asarray(session.mask) != 0).tolist() == [False, False, True, True, True]
