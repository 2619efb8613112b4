"""Where moves are slow, a run with a limit of seconds has smaller generations, chosen once."""

import json

import gymnasium as gym
import pytest
from toy_envs import Echo, Slow, Unbounded

import spiking_agent
from spiking_agent.episodes.task import Task
from spiking_agent.evolution.pace import Pace, sized, timed
from spiking_agent.evolution.run_directory import CONFIG
from spiking_agent.evolution.settings.config import EvolutionConfig

SLOW = Pace(move_s=0.05, n_moves=100)
USUAL = {"population_size": 400, "n_episodes": 6, "n_validation": 64}


def sizes(config: EvolutionConfig) -> dict[str, int]:
    return {name: config.settings()[name] for name in USUAL}


def saved_sizes(path) -> dict[str, int]:
    saved = json.loads((path / CONFIG).read_text())["evolution"]
    return sizes(EvolutionConfig.from_json(saved))


def test_a_few_moves_tell_whether_an_environment_is_slow(slow_clock) -> None:
    pace = timed(EvolutionConfig.of(Slow))
    assert pace is not None
    assert pace.is_slow
    assert (pace.move_s, pace.n_moves) == (pytest.approx(0.05), 5)
    pace = timed(EvolutionConfig.of(Echo))
    assert pace is not None
    assert not pace.is_slow


def test_at_most_ten_moves_or_a_second_are_spent_on_that(slow_clock) -> None:
    def long_one() -> gym.Env:
        return Slow(n_moves=10_000)

    pace = timed(EvolutionConfig.of(long_one))
    assert slow_clock() == pytest.approx(0.5)
    assert pace is not None
    assert pace.n_moves == 200  # a guess

    class Slower(Slow):
        def step(self, action):
            Slow.now_s += 0.95
            return super().step(action)

    timed(EvolutionConfig.of(Slower))
    assert slow_clock() == pytest.approx(1.5)


def test_the_limit_on_moves_bounds_the_guess(slow_clock) -> None:
    config = EvolutionConfig(task=Task(env=lambda: Slow(n_moves=10_000), max_moves=30))
    assert timed(config).n_moves == 30


def test_an_environment_with_a_native_vector_is_not_even_made(monkeypatch) -> None:
    made = []
    monkeypatch.setattr(gym, "make", lambda *arguments, **how: made.append(arguments))
    assert timed(EvolutionConfig.of("snake_env:Snake-v0")) is None
    assert made == []


def test_only_legal_actions_are_timed() -> None:
    class Strict(Echo):
        def step(self, action):
            assert action == 0
            return super().step(action)

    assert timed(EvolutionConfig.of(lambda: Strict(masked=True))).n_moves == 5


@pytest.mark.parametrize("env", ["no-such-env-v0", lambda: None])
def test_what_cannot_be_made_is_refused_later(env) -> None:
    assert timed(EvolutionConfig.of(env)) is None


def test_what_cannot_be_played_is_refused_later() -> None:
    class Broken(Echo):
        def step(self, action):
            raise RuntimeError

    assert timed(EvolutionConfig.of(Broken)) is None


def test_fast_environments_keep_all_their_settings() -> None:
    config = EvolutionConfig.of(Echo)
    for seconds in (1e-9, 60.0):
        assert sized(config, Pace(move_s=0.002, n_moves=10**6), seconds, 1, ()) == (config, "")


def test_slow_ones_keep_them_where_there_is_time_enough() -> None:
    config = EvolutionConfig.of(Echo)
    planned_s = (400 * 6 + 64) * SLOW.episode_s
    for seconds in (10.0 * planned_s, 1e9):
        assert sized(config, SLOW, seconds, 1, ()) == (config, "")


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("seconds", [600.0, 3_000.0, 20_000.0])
def test_the_first_generation_takes_a_tenth_of_the_time_at_most(seconds, workers) -> None:
    config, note = sized(EvolutionConfig.of(Echo), SLOW, seconds, workers, ())
    n_episodes = config.population_size * config.training.n_episodes
    n_episodes += config.validation.n_validation
    planned_s = n_episodes * SLOW.episode_s / workers
    assert note.startswith(f"A move takes 50 ms, and there are {seconds:,g} s: ")
    assert (0.04 * seconds < planned_s <= 0.1 * seconds) or sizes(config) == {
        "population_size": 8,
        "n_episodes": 1,
        "n_validation": 4,
    }


def test_sizes_have_least_values() -> None:
    config, note = sized(EvolutionConfig.of(Echo), SLOW, 1.0, 1, ())
    assert sizes(config) == {"population_size": 8, "n_episodes": 1, "n_validation": 4}
    assert note == (
        "A move takes 50 ms, and there are 1 s: population_size 8 instead of 400, "
        "n_episodes 1 instead of 6, n_validation 4 instead of 64"
    )
    few = EvolutionConfig.of(Echo, population_size=3, n_validation=2)
    assert sizes(sized(few, SLOW, 1.0, 1, ())[0]) == {
        "population_size": 3,
        "n_episodes": 1,
        "n_validation": 2,
    }


@pytest.mark.parametrize("name", USUAL)
def test_a_size_that_is_given_is_kept_and_the_others_make_up_for_it(name) -> None:
    config, note = sized(EvolutionConfig.of(Echo), SLOW, 600.0, 2, {name: USUAL[name]})
    assert sizes(config)[name] == USUAL[name]
    assert name not in note
    assert all(sizes(config)[other] < USUAL[other] for other in USUAL if other != name)


def test_the_others_fill_what_a_given_size_leaves() -> None:
    config = sized(EvolutionConfig.of(Echo), SLOW, 6_000.0, 2, {"n_validation": 64})[0]
    assert config.population_size * config.training.n_episodes + 64 == 240
    config = sized(EvolutionConfig.of(Echo), SLOW, 6_000.0, 2, {"n_episodes": 6})[0]
    assert config.population_size * 6 + config.validation.n_validation == 240


def test_bounds_are_learned_in_a_twentieth_of_the_time(slow_clock) -> None:
    pace = Pace(move_s=0.05, has_open_bounds=True)
    for seconds, n_moves in ((1e-9, 1), (60.0, 60), (6_000.0, 100)):
        config, note = sized(EvolutionConfig.of(Unbounded), pace, seconds, 1, ())
        assert config.codec.n_random_moves == n_moves
        assert f"n_random_moves {n_moves} instead of 100000" in note
    given = sized(EvolutionConfig.of(Unbounded), pace, 60.0, 1, ("n_random_moves",))[0]
    assert given.codec.n_random_moves == 100_000
    assert timed(EvolutionConfig.of(Unbounded)).has_open_bounds
    assert not timed(EvolutionConfig.of(Slow)).has_open_bounds


def test_the_sizes_of_a_run_are_in_its_settings_and_outlast_its_limit(slow_clock, tmp_path) -> None:
    out, how = tmp_path / "run", {"report": False}
    spiking_agent.evolve(Slow, seconds=60.0, out=out, **how)
    chosen = {"population_size": 18, "n_episodes": 1, "n_validation": 6}
    assert saved_sizes(out) == chosen
    saved = (out / CONFIG).read_bytes()
    spiking_agent.evolve(Slow, seconds=90.0, out=out, resume=True, **how)
    assert (out / CONFIG).read_bytes() == saved
    n_generations = len((out / "metrics.csv").read_text().splitlines()) - 1
    given = tmp_path / "given"
    spiking_agent.evolve(Slow, generations=n_generations, out=given, **chosen, **how)
    for name in ("checkpoint.npz", "champion.npz"):
        assert (given / name).read_bytes() == (out / name).read_bytes()


def test_a_limit_on_generations_leaves_all_sizes_alone(slow_clock, tmp_path) -> None:
    how = {"report": False, "population_size": 8, "generations": 1}
    for seconds in (None, 60.0):
        out = tmp_path / str(seconds)
        spiking_agent.evolve(Slow, seconds=seconds, out=out, **how)
        assert saved_sizes(out) == {**USUAL, "population_size": 8}


def test_a_run_that_goes_on_keeps_its_sizes(slow_clock, tmp_path) -> None:
    few = {"population_size": 8, "n_episodes": 2, "report": False}
    spiking_agent.evolve(Slow, generations=1, out=tmp_path, **few)
    saved = (tmp_path / CONFIG).read_bytes()
    for seconds in (40.0, 80.0):  # the second refuses settings that are not those of the first
        spiking_agent.evolve(Slow, seconds=seconds, out=tmp_path, resume=True, report=False)
        assert (tmp_path / CONFIG).read_bytes() == saved


def test_sizes_that_are_given_to_a_run_are_kept(slow_clock, tmp_path) -> None:
    given = {"population_size": 20, "n_episodes": 2, "n_validation": 10}
    spiking_agent.evolve(Slow, seconds=1.0, out=tmp_path, report=False, **given)
    assert saved_sizes(tmp_path) == given
