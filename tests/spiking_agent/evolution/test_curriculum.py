"""Runs that begin on easier boards, and go on when these are mastered."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from damaged_runs import forge
from grid_envs import PLAN, Light
from grid_runs import SIZES, SMALL, STAGES, Listener, content
from gymnasium import spaces
from toy_envs import Echo

import spiking_agent
from spiking_agent import Refinement, Stage
from spiking_agent.codec.encoders.grid import GridEncoder
from spiking_agent.environments.source import EnvSource
from spiking_agent.episodes.evaluator import Evaluator
from spiking_agent.episodes.results import EpisodeResults
from spiking_agent.episodes.seeds import TRIAL_SEEDS
from spiking_agent.errors import RunDirectoryError
from spiking_agent.evolution.curriculum import Curriculum
from spiking_agent.evolution.loop import Evolution
from spiking_agent.evolution.problem import Problem
from spiking_agent.evolution.recipes.choose import recipe
from spiking_agent.evolution.run_directory import CHECKPOINT, METRICS
from spiking_agent.evolution.settings.config import EvolutionConfig
from spiking_agent.files.headed import pack_headed, unpack_headed

N_GENERATIONS = 12


def config(**changes) -> EvolutionConfig:
    settings = {name: value for name, value in SMALL.items() if name != "report"}
    return EvolutionConfig.of(Light, **{**settings, **changes})


def curriculum(**changes) -> Curriculum:
    return Curriculum(Problem.probe(config(**changes), np.random.default_rng(0)))


def trial(share: float) -> EpisodeResults:
    results = EpisodeResults.empty(1, 10)
    results.is_solved[:] = np.arange(10) < round(10 * share)
    return results


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("stages") / "run"
    spiking_agent.evolve(Light, generations=N_GENERATIONS, out=path, **SMALL)
    return path


def test_a_run_goes_from_board_to_board_and_ends_on_its_own() -> None:
    listener = Listener()
    organism = spiking_agent.evolve(Light, generations=N_GENERATIONS, reporters=[listener], **SMALL)
    reports = listener.reports
    boards = [report.board for report in reports]
    assert list(dict.fromkeys(boards)) == ["2 x 3", "3 x 4", "4 x 6"]
    assert all((report.solved_in_trial is None) == (report.board == "4 x 6") for report in reports)
    for board in ("2 x 3", "3 x 4"):
        shares = [report.solved_in_trial for report in reports if report.board == board]
        assert len(shares) >= 3
        assert np.mean(shares[-3:]) >= 0.1
        assert all(np.mean(shares[k - 3 : k]) < 0.1 for k in range(3, len(shares)))
    assert organism.connectome.n_inputs == 4 * 6 + 1  # champions play on the board asked for
    assert organism.task.env_kwargs == {}


def test_each_generation_plays_what_its_stage_says(monkeypatch) -> None:
    played = []
    evaluate = Evaluator.evaluate

    def recorded(self, population, seeds, openings=None):
        kwargs = self._setting.content().task.env_kwargs
        played.append((len(population), kwargs, np.array(seeds)))
        return evaluate(self, population, seeds, openings)

    monkeypatch.setattr(Evaluator, "evaluate", recorded)
    small = {name: value for name, value in SMALL.items() if name != "report"}
    evolution = Evolution(EvolutionConfig.of(Light, **{**small, "training_kwargs": {"n_moves": 2}}))
    evolution.run(generations=N_GENERATIONS)
    boards = [{"n_rows": n_rows, "n_cols": n_cols} for n_rows, n_cols in SIZES]
    trained = [kwargs for n, kwargs, _ in played if n == 8]
    steps = [kwargs for i, kwargs in enumerate(trained) if i == 0 or kwargs != trained[i - 1]]
    assert steps == [*({**board, "n_moves": 3} for board in boards), {"n_moves": 2}]
    tried = [(kwargs, seeds) for n, kwargs, seeds in played if kwargs in boards]
    low, high = TRIAL_SEEDS
    assert all(seeds.shape == (1, 8) for _, seeds in tried)
    assert all(((low <= seeds) & (seeds < high)).all() for _, seeds in tried)
    assert len({seeds.tobytes() for _, seeds in tried}) == len(tried)  # new ones for each trial
    held_out = [n for n, kwargs, _ in played if kwargs == {}]
    assert set(held_out) == {1}


def test_a_new_stage_begins_around_the_consensus_with_new_steps(monkeypatch) -> None:
    restarts = []
    restart = spiking_agent.GeneticAlgorithm.restart

    def recorded(self, genome, noise):
        restarts.append((self.generation, genome, noise))
        restart(self, genome, noise)

    monkeypatch.setattr(spiking_agent.GeneticAlgorithm, "restart", recorded)
    listener = Listener()
    spiking_agent.evolve(Light, generations=N_GENERATIONS, reporters=[listener], **SMALL)
    boards = [report.board for report in listener.reports]
    changes = [i for i in range(1, len(boards)) if boards[i] != boards[i - 1]]
    assert [generation for generation, _, _ in restarts] == changes
    assert {noise for _, _, noise in restarts} == {0.3}


@pytest.mark.slow
def test_workers_change_nothing_about_stages(whole, tmp_path) -> None:
    spiking_agent.evolve(Light, generations=N_GENERATIONS, out=tmp_path / "two", workers=2, **SMALL)
    assert content(tmp_path / "two") == content(whole)


@pytest.mark.parametrize("n_generations", [1, 2, 3, 4, 7, 11])
def test_a_run_resumed_in_any_stage_goes_on_as_if_nothing_had_happened(
    n_generations, whole, tmp_path
) -> None:
    path = tmp_path / "run"
    spiking_agent.evolve(Light, generations=n_generations, out=path, **SMALL)
    spiking_agent.evolve(Light, generations=N_GENERATIONS, out=path, resume=True, report=False)
    assert content(path) == content(whole)


CUT = """
import sys, test_curriculum as t
import spiking_agent.evolution.loop as loop
loop.CHECKPOINT_INTERVAL_S = 0.0  # after each generation
t.spiking_agent.evolve(t.Light, generations=100_000, out=sys.argv[1], **t.SMALL)
"""


@pytest.mark.slow
def test_a_killed_run_is_resumed_across_a_change_of_board(tmp_path) -> None:
    cut, whole = tmp_path / "cut", tmp_path / "whole"
    folders = [Path(__file__).parent, Path(__file__).parents[2] / "support"]
    process = subprocess.Popen(
        [sys.executable, "-c", CUT, str(cut)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))},
    )
    deadline = time.monotonic() + 120
    while not (cut / CHECKPOINT).exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL
    n_done = len((cut / METRICS).read_text().splitlines())
    limit = n_done + N_GENERATIONS
    spiking_agent.evolve(Light, generations=limit, out=cut, resume=True, report=False)
    spiking_agent.evolve(Light, generations=limit, out=whole, **SMALL)
    assert content(cut) == content(whole)


@pytest.mark.parametrize(
    "state",
    [
        {"n_mastered": 3, "shares": []},
        {"n_mastered": -1, "shares": []},
        {"n_mastered": 0, "shares": [2.0]},
        {"n_mastered": 0, "shares": None},
        {"n_mastered": 0},
        None,
    ],
)
def test_a_damaged_state_is_refused(state, whole, tmp_path) -> None:
    path = tmp_path / "run"
    spiking_agent.evolve(Light, generations=1, out=path, **SMALL)
    values, arrays = unpack_headed((path / CHECKPOINT).read_bytes())
    values["curriculum"] = state
    (path / CHECKPOINT).write_bytes(pack_headed(values, arrays, allow_nan=True))
    assert forge(path)
    with pytest.raises(RunDirectoryError, match="must hold a checkpoint of its own settings"):
        spiking_agent.evolve(Light, generations=2, out=path, resume=True, report=False)


def test_a_stage_is_mastered_by_the_mean_of_its_last_three_trials() -> None:
    stages = tuple(Stage(env_kwargs=stage.env_kwargs, mastered=0.8) for stage in STAGES)
    lessons = curriculum(stages=stages)
    shares = (1.0, 0.9, 0.3, 0.9, 0.9, 0.6)  # means of three: 0.73, 0.7, 0.7 and 0.8
    assert [lessons.judge(trial(share)) for share in shares] == 5 * [False] + [True]
    assert lessons.lesson(0.0, 0).board == "3 x 4"
    assert not lessons.judge(trial(1.0))  # trials count for their own stage only


def test_boards_that_are_larger_or_the_same_are_left_out() -> None:
    sizes = ((2, 3), (9, 9), (4, 6), (3, 4))
    stages = tuple(Stage(env_kwargs={"n_rows": rows, "n_cols": cols}) for rows, cols in sizes)
    lessons = curriculum(stages=stages, env_kwargs={"n_rows": 4, "n_cols": 6})
    boards = []
    for _ in range(3):
        boards.append(lessons.lesson(1.0, 0).board)
        if lessons.lesson(1.0, 0).stage is not None:
            for _ in range(3):
                lessons.judge(trial(1.0))
    assert boards == ["2 x 3", "3 x 4", "4 x 6"]


def test_the_bonus_is_in_proportion_to_the_board_and_refinements_wait() -> None:
    refinement = spiking_agent.Refinement(from_solved=0.5, n_episodes=9)
    lessons = curriculum(solved_bonus=48.0, solved_move_cost=0.5, refinements=[refinement])
    found = []
    for _ in range(3):
        lesson = lessons.lesson(0.9, 0)
        training = lesson.config.training
        params = lesson.config.strategy.params
        found.append((training.solved_bonus, training.n_episodes, lesson.n_refinements))
        assert training.solved_move_cost == 0.5
        assert params.mutation_scale == (0.2 if len(found) == 1 else 0.1)
        if lesson.stage is not None:
            for _ in range(3):
                lessons.judge(trial(1.0))
    assert found == [(12.0, 3, 0), (24.0, 3, 0), (48.0, 9, 1)]


def test_what_does_not_report_success_is_never_mastered() -> None:
    lessons = curriculum()
    assert not any(lessons.judge(EpisodeResults.empty(1, 4)) for _ in range(9))


@pytest.mark.parametrize(
    "changes",
    [{"dna": "wired"}, {"dna": "wired", "encoder": "thermometer"}],
    ids=lambda changes: "-".join(changes.values()),
)
def test_dna_for_one_board_cannot_follow_stages(changes) -> None:
    settings = {**SMALL, **changes}
    del settings["plan"]
    with pytest.raises(
        ValueError, match=r"stages and variations must be \(\) for dna 'wired' .* take dna="
    ):
        spiking_agent.evolve(Light, generations=1, **settings)


def test_stages_with_other_channels_are_refused() -> None:
    encoder = GridEncoder(2, 4, 6)
    assert encoder.fitting(spaces.MultiBinary((2, 5, 3))) == GridEncoder(2, 5, 3)
    by_value = GridEncoder(2, 4, 6, "values")
    assert by_value.fitting(spaces.MultiDiscrete(np.full((5, 3), 3))).shape == (5, 3)
    for space in (spaces.MultiBinary((3, 5, 3)), spaces.MultiBinary((5, 3)), spaces.Discrete(3)):
        with pytest.raises(ValueError, match="must have"):
            encoder.fitting(space)


@pytest.mark.parametrize("where", ["the run", "a stage", "a stage on its own board"])
def test_arguments_of_training_that_change_the_spaces_are_refused_before_anything_plays(
    where: str,
) -> None:
    other = {"n_rows": 8}
    stage = {"env_kwargs": {"n_rows": 3, "n_cols": 4}, "training_kwargs": other}
    changes = {"training_kwargs": other} if where == "the run" else {"stages": [stage]}
    if where == "a stage on its own board":
        stage["env_kwargs"] = {}
    message = r"training_kwargs must leave observation_space as it is, Box\(.*\), got {'n_rows': 8}"
    with pytest.raises(ValueError, match=message):
        curriculum(**changes)


@pytest.mark.parametrize(
    ("stage", "message"),
    [
        ({"strategy": {"population_size": 9}}, "strategy of a stage must leave population_size as"),
        ({"mastered": 0.0}, r"mastered must be in \(0, 1\], got 0.0"),
        ({"n_trial_episodes": 0}, "n_trial_episodes must be a whole number"),
        ({"noise": -1.0}, "noise must be finite and >= 0, got -1.0"),
        (
            {"noise": 1e308},
            r"noise must be finite and >= 0, at most 2\*\*1023 in size, got 1e\+308",
        ),
        ({"validation_interval": 0}, "validation_interval must be a whole number"),
        ({"board": 3}, r"stages\[0\] must be a Stage, or a mapping with env_kwargs and optionally"),
        ({"strategy": {"steps": 1}}, "strategy of a stage must hold settings of 'genetic'"),
    ],
)
def test_stages_out_of_range_are_refused(stage, message) -> None:
    with pytest.raises(ValueError, match=message):
        config(stages=[{"env_kwargs": {}, **stage}])


def test_a_stage_says_how_often_candidates_are_validated() -> None:
    stages = tuple(replace(stage, validation_interval=5) for stage in STAGES)
    listener = Listener()
    settings = {**SMALL, "stages": stages, "n_validated_first": 1}
    spiking_agent.evolve(Light, generations=N_GENERATIONS, reporters=[listener], **settings)
    n_due = {5: 0, 2: 0}
    for report in listener.reports:
        interval = 2 if report.board == "4 x 6" else 5
        is_due = report.generation % interval == 0
        assert (report.held_out is not None) == is_due
        n_due[interval] += is_due
    assert min(n_due.values()) > 0


def test_settings_with_stages_are_read_as_they_were_written() -> None:
    given = config(stages=(replace(STAGES[0], validation_interval=7), STAGES[1]))
    written = given.changed(stages=given.to_json()["training"]["stages"])
    assert written == given


def test_other_runs_show_no_trials_and_no_board() -> None:
    listener = Listener()
    spiking_agent.evolve(Echo, generations=1, population_size=4, reporters=[listener])
    assert (listener.reports[0].board, listener.reports[0].solved_in_trial) == ("", None)


def test_the_recipe_goes_up_to_the_board_asked_for() -> None:
    for kwargs, n_cells, n_small in (
        ({}, [16, 36, 64, 100], 4),
        ({"n_rows": 6, "n_cols": 6}, [16, 36], 2),
        ({"n_rows": 12, "n_cols": 6}, [16, 36, 64, 72], 4),
        ({"n_rows": 20, "n_cols": 20}, [16, 36, 64, 100, 144, 196, 256], 4),
    ):
        source = EnvSource("snake_env:Snake-v0", kwargs)
        stages = recipe(source, name="grown").training.stages
        boards = [{"n_rows": 10, "n_cols": 10, **kwargs, **stage.env_kwargs} for stage in stages]
        assert [board["n_rows"] * board["n_cols"] for board in boards] == n_cells
        on_the_way = [stage for stage in stages if stage.env_kwargs]
        assert {stage.mastered for stage in on_the_way} <= {0.6}
        assert [stage.mastered for stage in stages[len(on_the_way) :]] in ([0.8], [])
        limits = [stage.training_kwargs["hunger_limit"] for stage in stages]
        assert limits == [8 * n // 5 for n in n_cells]
        has_finer_steps = [bool(stage.strategy) for stage in stages]
        assert has_finer_steps == [False] + (len(stages) - 1) * [True]
        parts = [stage.part for stage in stages]
        assert parts == n_small * ["snake-small"] + (len(stages) - n_small) * [None]


def test_variations_are_refused_for_dna_that_fits_one_board() -> None:
    refinement = Refinement(from_solved=0.5, n_episodes=2, variations={"n_rows": [5]})
    settings = {**SMALL, "dna": "wired", "stages": (), "refinements": [refinement]}
    del settings["plan"]
    with pytest.raises(ValueError, match=r"variations must be \(\) for dna 'wired'"):
        spiking_agent.evolve(Light, generations=1, **settings)


@pytest.mark.parametrize(
    "largest", [{"n_rows": [3000, 4], "n_cols": [3, 3000]}, {"n_rows": [200_000]}]
)
def test_variations_with_brains_that_are_too_large_are_refused_before_anything_plays(
    largest,
) -> None:
    refinement = Refinement(from_solved=0.5, n_episodes=2, variations=largest)
    with pytest.raises(ValueError, match="of a grown brain must be at most"):
        curriculum(stages=(), refinements=[refinement])


def test_every_second_generation_trains_with_a_variation() -> None:
    variations = {"n_rows": [5, 2], "n_cols": [8]}
    refinement = Refinement(from_solved=0.5, n_episodes=2, variations=variations)
    settings = {"stages": (), "refinements": [refinement], "solved_bonus": 24.0, "n_moves": 3}
    settings["training_kwargs"] = {"n_moves": settings.pop("n_moves")}
    lessons = curriculum(**settings)
    assert {lessons.lesson(0.4, generation).board for generation in range(20)} == {"4 x 6"}
    found = [lessons.lesson(0.6, generation) for generation in range(40)]
    assert {lesson.board for lesson in found[::2]} == {"4 x 6"}
    assert {lesson.board for lesson in found[1::2]} == {"5 x 8", "2 x 8"}
    bonus = {lesson.board: lesson.config.training.solved_bonus for lesson in found}
    assert bonus == {"4 x 6": 24.0, "5 x 8": 40.0, "2 x 8": 16.0}
    assert not any("n_moves" in lesson.task.env_kwargs for lesson in found)  # as in validation
    again = curriculum(**settings)
    assert [again.lesson(0.6, k).board for k in range(40)] == [lesson.board for lesson in found]


def test_variations_can_have_more_episodes() -> None:
    settings = {"from_solved": 0.5, "n_episodes": 2, "variations": {"n_rows": [5]}}
    more = Refinement(**settings, n_variation_episodes=7)
    for refinement, n_varied in ((Refinement(**settings), 2), (more, 6)):  # on 5 x 6, not 4 x 6
        lessons = curriculum(stages=(), refinements=[refinement])
        counts = [lessons.lesson(0.6, k).config.training.n_episodes for k in range(4)]
        assert counts == [2, n_varied, 2, n_varied]
    assert config(refinements=[more]).training.most_episodes == 7
    assert [more.n_varied_on(size) for size in (0.2, 1.0, 2.0, 3.0, 9.0)] == [7, 7, 4, 2, 2]
    with pytest.raises(ValueError, match=r"n_variation_episodes must be a whole number in 1\.\."):
        Refinement(**settings, n_variation_episodes=0)


@pytest.mark.parametrize("interval", [1, 3, 4])
def test_variations_come_at_the_end_of_every_so_many_generations(interval) -> None:
    refinement = Refinement(
        from_solved=0.5, n_episodes=2, variations={"n_rows": [5]}, variation_interval=interval
    )
    lessons = curriculum(stages=(), refinements=[refinement])
    varied = [k for k in range(24) if lessons.lesson(0.6, k).board == "5 x 6"]
    assert varied == list(range(interval - 1, 24, interval))


def test_a_refinement_with_noise_begins_again_round_the_genome_that_was_validated() -> None:
    listener = Listener()
    refinement = Refinement(from_solved=0.01, n_episodes=3, noise=0.0)
    settings = {**SMALL, "stages": (), "refinements": [refinement], "mutation_scale": 0.3}
    spiking_agent.evolve(Light, generations=6, reporters=[listener], **settings)
    spread = [report.diversity for report in listener.reports]
    reached = [report.n_refinements for report in listener.reports].index(1)
    assert spread[reached] == 0.0
    assert all(value > 0.0 for k, value in enumerate(spread) if k != reached)


def test_genes_that_a_part_of_the_plan_lacks_sleep_during_a_stage() -> None:
    part = replace(PLAN, rules=(PLAN.rules[0], PLAN.rules[2]))  # without the map
    stages = [replace(stage, part=part.to_json()) for stage in STAGES[:1]]
    problem = Problem.probe(config(stages=stages), np.random.default_rng(0))
    dna = Curriculum(problem).lesson(0.0, 0).problem.dna
    genes, genomes = problem.dna.genes, problem.dna.genes.draw(3, np.random.default_rng(1))
    assert len(dna.asleep) > 0
    assert [genes.name(gene) for gene in dna.asleep] == [
        name for name in genes.names if "map" in name
    ]
    awake = dna.awake(genomes)
    assert not awake[:, dna.asleep].any()
    assert (np.delete(awake, dna.asleep, 1) == np.delete(genomes, dna.asleep, 1)).all()
    for grown, expected in ((dna.grow(genomes), dna.grow(awake)),):
        assert [grown.connectome(k) == expected.connectome(k) for k in range(3)] == 3 * [True]
    assert dna.grow(genomes).connectome(0) != problem.dna.on((2, 3)).grow(genomes).connectome(0)
    listener = Listener()
    settings = {**SMALL, "stages": stages}
    spiking_agent.evolve(Light, generations=8, reporters=[listener], **settings)
    assert listener.reports[-1].board == "4 x 6"


LARGER = replace(PLAN, rules=(*PLAN.rules, replace(PLAN.rules[2], source="light", strength=None)))


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("snake", r"part must have the channels of the plan, \('light',\), got \('body'"),
        (replace(PLAN, actions=("right", "left")).to_json(), "part must have the actions of the"),
        (LARGER.to_json(), "part must have genes of the plan, got also"),
        ("dog", "part must be a plan, got one whose plan must be one of"),
        (7, "part must be"),
    ],
)
def test_a_part_that_is_none_of_the_plan_is_refused(part, message) -> None:
    with pytest.raises(ValueError, match=message):
        curriculum(stages=[Stage(env_kwargs={"n_rows": 2}, part=part)])
