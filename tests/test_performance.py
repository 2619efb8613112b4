"""Playing tick by tick: the same moves as without a viewer, and what is remembered of them."""

import numpy as np
import numpy.testing as npt
import pytest
from players import make_organism

import spiking_agent
from spiking_agent.config import RESULT_SEEDS
from spiking_agent.errors import ChampionFileError
from spiking_agent.viewer.performance import Performance
from spiking_agent.viewer.theatre import Theatre

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


def test_ticks_are_remembered_with_what_was_driven_and_fired(perform) -> None:
    organism = make_organism(seed=5)
    performance = perform(organism)
    performance.start(3)
    for _ in range(4):
        performance.finish_move()
    ticks = list(performance.history)
    assert [tick.number for tick in ticks] == list(range(1, 13))
    assert [tick.step for tick in ticks] == [0, 1, 2] * 4
    raster = [(tick.number, neuron_id) for tick in ticks for neuron_id in tick.fired.tolist()]
    assert raster == [tuple(row) for row in performance._lanes.engine.raster(0).tolist()]
    assert raster
    assert all(np.isin(tick.driven, organism.dna.input_neurons).all() for tick in ticks)
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
    performance.start(1)  # in the middle of a thought
    assert not performance.is_thinking
    assert performance.n_moves == 0


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
    theatre.reload()
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
        theatre.reload()
    theatre.performance.start(0)
    theatre.performance.finish_move()
    assert theatre.performance.n_moves == 1
    theatre.close()


def test_a_theatre_without_a_file_never_changes() -> None:
    theatre = Theatre(spiking_agent.champion, env_kwargs=SHORT)
    assert not theatre.has_newer()
    assert theatre.performance.env.unwrapped.rules.hunger_limit == 45
    theatre.close()
