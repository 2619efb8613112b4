"""Evolution: the same seed gives the same files, whoever computes, however often it stops."""

import os
import signal

import numpy as np
import pytest
from toy_envs import Echo, Unbounded

import spiking_agent
from spiking_agent.cli import evolve
from spiking_agent.environments.source import EnvSource
from spiking_agent.episodes.evaluator import Evaluator
from spiking_agent.episodes.seeds import VALIDATION_SEEDS
from spiking_agent.errors import RunDirectoryError
from spiking_agent.evolution.loop import Evolution
from spiking_agent.evolution.recipes.choose import recipe
from spiking_agent.evolution.reporters.protocol import GenerationReport, RunReport
from spiking_agent.evolution.reporters.tensorboard import TensorBoardReporter
from spiking_agent.evolution.run_directory import (
    CHECKPOINT,
    CONFIG,
    LEARNING_CURVE,
    METRICS,
    REPORT,
    RunDirectory,
)
from spiking_agent.evolution.settings.config import Refinement, package_version
from spiking_agent.organism.champion_file import CHAMPION

BOARD = {"n_rows": 4, "n_cols": 5}
SMALL = {
    "population_size": 10,
    "n_episodes": 2,
    "n_validation": 6,
    "env_kwargs": BOARD,
    "recipe": "senses",  # quick
    "report": False,
}


FINER = (
    Refinement(from_solved=0.1, n_episodes=3, strategy={"mutation_scale": 0.5}),
    Refinement(
        from_solved=0.9, n_episodes=5, strategy={"mutation_scale": 0.25, "parent_share": 0.75}
    ),
)


class Listener:
    """A reporter that remembers, and does something after some generations."""

    def __init__(self, after: int = -1, do=None) -> None:
        self.heard: list[str] = []
        self.reports: list[GenerationReport] = []
        self._after, self._do = after, do

    def run_started(self, report: RunReport) -> None:
        self.heard.append("started")

    def generation_evaluated(self, report: GenerationReport) -> None:
        self.heard.append("generation")
        self.reports.append(report)
        if report.generation == self._after:
            self._do()

    def run_finished(self) -> None:
        self.heard.append("finished")


def content(path) -> dict[str, bytes]:
    """Return the bytes of all that must be equal: everything but what the clock decides."""
    metrics = [line.split(b",")[:-2] for line in (path / METRICS).read_bytes().splitlines()]
    files = {name: (path / name).read_bytes() for name in (CHAMPION, CHECKPOINT)}
    return {**files, METRICS: repr(metrics).encode()}


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    path = tmp_path_factory.mktemp("uninterrupted") / "run"
    spiking_agent.evolve("Snake-v0", generations=14, seed=4, out=path, **SMALL)
    return content(path)


@pytest.mark.slow
@pytest.mark.parametrize("how", [{"workers": 2}, {"engine": "actors"}], ids=str)
def test_workers_and_engines_give_the_same_files(how, uninterrupted, tmp_path) -> None:
    path = tmp_path / "run"
    spiking_agent.evolve("Snake-v0", generations=14, seed=4, out=path, **SMALL, **how)
    assert content(path) == uninterrupted


def test_another_seed_gives_another_champion(uninterrupted, tmp_path) -> None:
    path = tmp_path / "run"
    spiking_agent.evolve("Snake-v0", generations=14, seed=5, out=path, **SMALL)
    assert content(path)[CHAMPION] != uninterrupted[CHAMPION]


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_saves_and_resume_goes_on_as_if_nothing_had_happened(
    workers, uninterrupted, tmp_path
) -> None:
    path = tmp_path / "run"
    listener = Listener(after=5, do=lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        spiking_agent.evolve(
            "Snake-v0",
            generations=14,
            seed=4,
            out=path,
            workers=workers,
            reporters=[listener],
            **SMALL,
        )
    assert listener.heard == ["started", *["generation"] * 6, "finished"]
    assert {file.name for file in path.iterdir()} == {
        CHAMPION,
        CHECKPOINT,
        CONFIG,
        METRICS,
        LEARNING_CURVE,
    }
    spiking_agent.evolve(
        "Snake-v0", generations=14, out=path, resume=True, report=False, workers=workers
    )
    assert content(path) == uninterrupted


def test_an_error_in_a_reporter_loses_no_finished_generation(uninterrupted, tmp_path) -> None:
    def fail() -> None:
        raise OSError("the disk is full")

    path = tmp_path / "run"
    with pytest.raises(OSError, match="the disk is full"):
        spiking_agent.evolve(
            "Snake-v0", generations=14, seed=4, out=path, reporters=[Listener(3, fail)], **SMALL
        )
    spiking_agent.evolve("Snake-v0", generations=14, out=path, resume=True, report=False)
    assert content(path) == uninterrupted


def test_a_run_that_was_killed_before_its_first_checkpoint_starts_again(
    uninterrupted, tmp_path
) -> None:
    path = tmp_path / "run"
    config = recipe(EnvSource("Snake-v0", BOARD), name="senses").changed(
        seed=4, population_size=10, n_episodes=2, n_validation=6
    )
    RunDirectory(path).create(config.to_run({}))
    spiking_agent.evolve("Snake-v0", generations=14, out=path, resume=True, report=False)
    assert content(path) == uninterrupted


def test_metrics_written_after_the_checkpoint_are_trimmed(uninterrupted, tmp_path) -> None:
    path = tmp_path / "run"
    spiking_agent.evolve("Snake-v0", generations=6, seed=4, out=path, **SMALL)
    checkpoint = (path / CHECKPOINT).read_bytes()
    spiking_agent.evolve("Snake-v0", generations=9, out=path, resume=True, report=False)
    (path / CHECKPOINT).write_bytes(checkpoint)  # as if the last one had not been written
    spiking_agent.evolve("Snake-v0", generations=14, out=path, resume=True, report=False)
    assert content(path) == uninterrupted


def test_resuming_a_finished_run_changes_nothing(tmp_path) -> None:
    path = tmp_path / "run"
    first = spiking_agent.evolve("Snake-v0", generations=3, out=path, **SMALL)
    before = content(path)
    second = spiking_agent.evolve("Snake-v0", generations=3, out=path, resume=True, report=False)
    assert content(path) == before
    assert second.to_bytes() == first.to_bytes()


def test_a_directory_that_is_no_run_is_refused(tmp_path) -> None:
    with pytest.raises(RunDirectoryError, match="resume must be the directory of a run"):
        spiking_agent.evolve("Snake-v0", generations=1, out=tmp_path, resume=True, report=False)
    (tmp_path / CONFIG).write_text("{}")
    with pytest.raises(RunDirectoryError, match=f"must be a run of version {package_version()}"):
        spiking_agent.evolve("Snake-v0", generations=1, out=tmp_path, resume=True, report=False)


def test_a_checkpoint_of_other_settings_is_refused(tmp_path) -> None:
    for size in (10, 12):
        spiking_agent.evolve(
            "Snake-v0", generations=1, out=tmp_path / str(size), **SMALL | {"population_size": size}
        )
    (tmp_path / "10" / CHECKPOINT).write_bytes((tmp_path / "12" / CHECKPOINT).read_bytes())
    with pytest.raises(RunDirectoryError, match="must hold the settings that the run began with"):
        spiking_agent.evolve(
            "Snake-v0", generations=2, out=tmp_path / "10", resume=True, report=False
        )


@pytest.mark.parametrize("damage", [b"", b"no archive", None])
def test_a_damaged_checkpoint_is_refused(damage, tmp_path) -> None:
    path = tmp_path / "run"
    spiking_agent.evolve("Snake-v0", generations=1, out=path, **SMALL)
    whole = (path / CHECKPOINT).read_bytes()
    (path / CHECKPOINT).write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    with pytest.raises(RunDirectoryError, match="checkpoint"):
        spiking_agent.evolve("Snake-v0", generations=2, out=path, resume=True, report=False)


def test_a_run_under_way_is_in_use(tmp_path, capsys) -> None:
    path = tmp_path / "run"
    told = []

    def try_to_share() -> None:
        for arguments in ({"resume": True, "report": False}, SMALL):
            with pytest.raises(RunDirectoryError) as caught:
                spiking_agent.evolve("Snake-v0", generations=3, out=path, **arguments)
            told.append(str(caught.value))
        for option in ("--resume", "--out"):
            assert evolve.main([option, str(path), "--generations", "3"]) == 2
            told.append(capsys.readouterr().err)

    listener = Listener(after=1, do=try_to_share)
    spiking_agent.evolve("Snake-v0", generations=2, out=path, reporters=[listener], **SMALL)
    assert len(told) == 4
    assert all("is in use" in words for words in told)
    spiking_agent.evolve("Snake-v0", generations=3, out=path, resume=True, report=False)


@pytest.mark.slow
def test_an_environment_that_changes_the_working_directory_moves_no_run(
    tmp_path, monkeypatch
) -> None:
    (tmp_path / "elsewhere").mkdir()

    class Wanderer(Echo):
        def step(self, action):
            os.chdir(tmp_path / "elsewhere")
            return super().step(action)

    monkeypatch.chdir(tmp_path)
    how = {"population_size": 4, "n_episodes": 1, "n_validation": 2}
    events = [TensorBoardReporter("events")]
    spiking_agent.evolve(Wanderer, generations=1, out="run", reporters=events, **how)
    monkeypatch.chdir(tmp_path)
    spiking_agent.evolve(Wanderer, generations=2, out="run", resume=True)
    assert {path.name for path in tmp_path.iterdir()} == {"elsewhere", "events", "run"}
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert {CHAMPION, CHECKPOINT, CONFIG, METRICS, LEARNING_CURVE, REPORT} == {
        path.name for path in (tmp_path / "run").iterdir()
    }


def test_a_run_that_cannot_begin_leaves_nothing_behind(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    for out in ([], ["--out", "some/where"]):
        assert evolve.main([*out, "--env-kwargs", "n_rows=1", "--generations", "1"]) == 2
        assert "n_rows must be" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_champion_is_the_best_on_validation_and_ties_keep_the_earlier() -> None:
    listener = Listener()
    config = recipe(EnvSource("Snake-v0", BOARD), name="senses").changed(
        population_size=10, n_episodes=2, n_validation=6, validation_interval=4
    )
    champion = Evolution(config, reporters=[listener]).run(generations=24)
    held_out = [report.held_out for report in listener.reports]
    assert [g for g, value in enumerate(held_out) if value is None] == [
        g for g in range(24) if g >= 10 and g % 4
    ]
    validated = [-np.inf if value is None else value for value in held_out]
    assert champion.provenance["generation"] == int(np.argmax(validated))
    assert listener.reports[-1].champion_held_out == max(validated)


def test_provenance_names_package_seed_generation_and_recipe_only() -> None:
    champion = spiking_agent.evolve("Snake-v0", generations=1, seed=9, **SMALL)
    assert set(champion.provenance) == {"package", "seed", "generation", "recipe"}
    assert champion.provenance["seed"] == 9
    assert champion.provenance["recipe"]["strategy"]["population_size"] == 10


def test_evolution_learns_what_the_rewards_ask_for() -> None:
    champion = spiking_agent.evolve(Echo, generations=12, population_size=20, n_validation=8)
    env = Echo()
    observation, info = env.reset(seed=123)
    for _ in range(5):
        observation, reward, _, _, info = env.step(champion.act(observation, info))
        assert reward == 1.0
    assert champion.task.env_id is None


def test_open_bounds_are_learned_from_the_seed_and_stored() -> None:
    first, second = (
        spiking_agent.evolve(Unbounded, generations=1, population_size=4, seed=seed)
        for seed in (1, 2)
    )
    again = spiking_agent.evolve(Unbounded, generations=1, population_size=4, seed=1)
    low = first.codec.encoder.to_json()["low"]
    assert -9.0 < min(low) < max(low) < -3.0
    assert low != second.codec.encoder.to_json()["low"]
    assert first.to_bytes() == again.to_bytes()


def test_seconds_stop_after_the_generation_under_way() -> None:
    listener = Listener()
    spiking_agent.evolve("Snake-v0", seconds=1e-9, reporters=[listener], **SMALL)
    assert len(listener.reports) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"generations": 0}, "generations must be a whole number >= 1, got 0"),
        ({"seconds": 0.0}, "seconds must be > 0, got 0.0"),
        ({"generations": 1, "workers": 0}, "workers must be a whole number in 1..1024, got 0"),
        (
            {"generations": 1, "engine": "magic"},
            "engine must be one of compiled, actors, live, got 'magic'",
        ),
        ({"generations": 1, "resume": True}, "out must name the run to resume, got None"),
        (
            {"generations": 1, "n_episodes": 0},
            "n_episodes must be a whole number in 1..1048576",
        ),
        (
            {"generations": 1, "population_size": 1},
            "population_size must be a whole number >= 2, got 1",
        ),
    ],
)
def test_wrong_arguments_are_refused(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        spiking_agent.evolve("Snake-v0", **arguments)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("hidden", "n_hidden"),
        ("ticks", "n_ticks"),
        ("population", "population_size"),
        ("episodes", "n_episodes"),
        ("generation", "generations"),
        ("n_generations", "generations"),
        ("worker", "workers"),
        ("treshold", "thresholds"),
    ],
)
def test_who_misspells_an_argument_is_told_the_right_one(given: str, wanted: str) -> None:
    with pytest.raises(TypeError, match=f"got '{given}': did you mean '{wanted}'") as caught:
        spiking_agent.evolve("Snake-v0", **{given: 3})
    assert len(str(caught.value)) < 200


def test_settings_is_the_name_of_no_setting() -> None:
    with pytest.raises(TypeError, match="got 'setting': see help"):
        spiking_agent.evolve("Snake-v0", setting=1)


def test_a_champion_needs_a_generation() -> None:
    evolution = Evolution(recipe(EnvSource("Snake-v0")))
    with pytest.raises(RuntimeError, match="call run"):
        evolution.champion()
    with pytest.raises(ValueError, match="generations or seconds must be given, got neither"):
        evolution.run()


@pytest.mark.parametrize(
    ("env", "changes", "message"),
    [
        ("CartPole-v1", {}, "env must be that of the run, 'snake_env:Snake-v0', got 'CartPole-v1'"),
        ("Snake-v0", {"seed": 3}, "seed, env_kwargs, recipe and settings must not be"),
        ("Snake-v0", {"n_hidden": 3}, "must not be given with resume: .*n_hidden"),
        ("Snake-v0", {"target": None}, "must not be given with resume: .*target"),
        ("Snake-v0", {"score_key": None, "max_moves": None}, "resume: .*score_key, max_moves"),
    ],
)
def test_a_resume_with_other_settings_is_refused(env, changes, message, tmp_path) -> None:
    path = tmp_path / "run"
    spiking_agent.evolve("Snake-v0", generations=1, out=path, **SMALL)
    with pytest.raises(ValueError, match=message):
        spiking_agent.evolve(env, generations=2, out=path, resume=True, report=False, **changes)


def test_seconds_are_those_of_all_calls_together() -> None:
    config = recipe(EnvSource("Snake-v0", BOARD), name="senses").changed(
        population_size=10, n_validation=6
    )
    listener = Listener()
    evolution = Evolution(config, reporters=[listener])
    evolution.run(seconds=0.2)
    n_generations = evolution.generation
    evolution.run(seconds=0.2)
    assert evolution.generation == n_generations
    assert evolution.is_done(None, 0.2)
    assert not evolution.is_done(None, 100.0)


def test_a_champion_without_a_number_is_beaten_by_any() -> None:
    class Unsure(Echo):
        n_made = 0

        def step(self, action):
            observation, reward, *rest = super().step(action)
            return observation, np.nan if Unsure.n_made < 40 else reward, *rest

        def reset(self, **how):
            Unsure.n_made += 1
            return super().reset(**how)

    champion = spiking_agent.evolve(Unsure, generations=8, population_size=6, n_validation=2)
    assert champion.provenance["generation"] > 0


def test_bad_arguments_of_the_vector_environment_leave_no_directory(tmp_path) -> None:
    with pytest.raises(ValueError, match="max_episode_steps must be"):
        spiking_agent.evolve(
            "Snake-v0", generations=1, out=tmp_path / "run", env_kwargs={"max_episode_steps": -1}
        )
    assert not (tmp_path / "run").exists()


def test_breeding_gets_finer_once_enough_is_solved_and_stays_so_after_a_resume(tmp_path) -> None:
    listener = Listener()
    arguments = {"population_size": 4, "n_validation": 10, "n_episodes": 2, "seed": 0}
    spiking_agent.evolve(
        Echo,
        generations=12,
        out=tmp_path / "whole",
        report=False,
        reporters=[listener],
        refinements=FINER,
        **arguments,
    )
    coarse = spiking_agent.evolve(Echo, generations=12, **arguments)
    assert coarse.to_bytes() != (tmp_path / "whole" / CHAMPION).read_bytes()
    n_moves = {0.0: 4 * 2 * 5, 0.1: 4 * 3 * 5, 0.9: 4 * 5 * 5}  # by what was solved before
    solved = [0.0, *(report.champion_solved for report in listener.reports)]
    expected = [n_moves[max(s for s in n_moves if s <= before)] for before in solved[:-1]]
    validation = [10 * 5 * (report.held_out is not None) for report in listener.reports]
    assert 0 < sum(validation) < 12 * 10 * 5
    played = [report.n_moves for report in listener.reports]
    assert played == [sum(both) for both in zip(expected, validation, strict=True)]
    assert len(set(expected)) > 1
    change = next(i for i, n in enumerate(expected) if n > expected[0])
    half = tmp_path / "half"
    spiking_agent.evolve(
        Echo, generations=change, out=half, refinements=FINER, report=False, **arguments
    )
    spiking_agent.evolve(Echo, generations=12, out=half, resume=True, report=False)
    assert content(half) == content(tmp_path / "whole")


class Lucky(Echo):
    """Nothing is rewarded but on the seeds of training and of the first four in validation."""

    def reset(self, *, seed=None, options=None):
        self._worth = float(seed < VALIDATION_SEEDS[0] + 4)
        return super().reset(seed=seed, options=options)


def test_the_target_is_to_be_reached_on_fresh_episodes_too(tmp_path) -> None:
    arguments = {"population_size": 4, "n_validation": 4, "n_episodes": 2, "seed": 0}
    arguments |= {"target": 0.0, "generations": 6, "report": False}
    honest, lucky = Listener(), Listener()
    spiking_agent.evolve(Echo, reporters=[honest], **arguments)
    assert len(honest.reports) == 1
    assert honest.reports[0].n_episodes == 4 * 2 + 4 + 4
    arguments["target"] = 0.1
    spiking_agent.evolve(Lucky, reporters=[lucky], out=tmp_path / "whole", **arguments)
    assert len(lucky.reports) == 6
    assert {report.n_episodes for report in lucky.reports} == {4 * 2 + 4 + 4}
    assert lucky.reports[-1].champion_held_out > 0.1
    half = tmp_path / "half"
    spiking_agent.evolve(Lucky, out=half, **{**arguments, "generations": 3})
    spiking_agent.evolve(Lucky, generations=6, out=half, resume=True, report=False)
    assert content(half) == content(tmp_path / "whole")


def test_without_shared_episodes_equal_brains_have_unequal_luck() -> None:
    lists = []
    for shared in (True, False):
        listener = Listener()
        spiking_agent.evolve(
            "Snake-v0",
            generations=1,
            seed=1,
            reporters=[listener],
            density=1e-9,  # brains without a synapse: all go straight on
            shared_episodes=shared,
            **SMALL,
        )
        lists.append([listener.reports[0].best, listener.reports[0].median])
    (best, median), (lucky, _) = lists
    assert best == median
    assert lucky > best


def test_refined_generations_train_by_the_rules_of_validation(monkeypatch) -> None:
    trained = []
    evaluate = Evaluator.evaluate

    def recorded(self, population, seeds, openings=None):
        if len(population) == 4:
            trained.append(self._setting.content().task.env_kwargs.get("hunger_limit"))
        return evaluate(self, population, seeds, openings)

    monkeypatch.setattr(Evaluator, "evaluate", recorded)
    source = EnvSource("snake_env:Snake-v0", {"n_rows": 4, "n_cols": 4})
    config = recipe(source, name="senses").changed(
        population_size=4, n_episodes=1, n_validation=2, training_kwargs={"hunger_limit": 5}
    )
    evolution = Evolution(config)
    evolution.run(generations=1)
    evolution._breeding.championship.most_solved = 1.0
    evolution.run(generations=2)
    assert trained == [5, None]
    finest = config.training.refinements[-1].strategy
    params = evolution._breeding.strategy.params
    assert finest == {"mutation_scale": params.mutation_scale, "parent_share": params.parent_share}
    assert (
        evolution._breeding.championship.most_solved == 1.0
    )  # a worse generation takes nothing back


def test_reports_tell_diversity_and_the_refinements_in_force() -> None:
    listener = Listener()
    arguments = {"population_size": 4, "n_validation": 10, "n_episodes": 2, "seed": 0}
    arguments["strategy"] = "genetic"
    spiking_agent.evolve(Echo, generations=12, reporters=[listener], refinements=FINER, **arguments)
    reports = listener.reports
    before = [0.0, *(report.champion_solved for report in reports[:-1])]
    assert [report.n_refinements for report in reports] == [
        sum(share >= part.from_solved for part in FINER) for share in before
    ]
    assert reports[-1].n_refinements > 0
    assert all(report.diversity > 0 for report in reports)
    twins = Listener()
    spiking_agent.evolve(Echo, generations=1, reporters=[twins], density=1e-9, **arguments)
    assert twins.reports[0].diversity == 0.0  # of the population that played, not of its children
