"""Drills: episodes that begin shortly before losses of the last generations."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.testing as npt
import pytest
from damaged_runs import forge
from grid_envs import Light
from grid_runs import SMALL, Listener, content
from toy_envs import Unbounded

import spiking_agent
from spiking_agent import Refinement
from spiking_agent.checks.costs import MAX_LANES
from spiking_agent.episodes.evaluator import Evaluator
from spiking_agent.episodes.results import EpisodeResults
from spiking_agent.errors import RunDirectoryError
from spiking_agent.evolution.drills import LONGEST, N_LOSSES, N_NEW, Drills
from spiking_agent.evolution.run_directory import CHECKPOINT
from spiking_agent.evolution.settings.config import EvolutionConfig
from spiking_agent.evolution.settings.sections import Training
from spiking_agent.files.headed import pack_headed, unpack_headed

WITH_DRILLS = Refinement(from_solved=0.01, n_episodes=3, n_drills=5, drill_moves=2)
DRILLED = {
    **SMALL,
    "stages": (),
    "refinements": [WITH_DRILLS],
    "solved_bonus": 10.0,
    "solved_move_cost": 0.1,
    "move_cost_interval": 3,
}
N_GENERATIONS = 9


@pytest.fixture(autouse=True, scope="module")
def short_games() -> Iterator[None]:
    """Make drills of evolutions begin in the middle of the short games that are played here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("spiking_agent.evolution.drills.MOVES_BEFORE", (1, 4))
        yield


def losing(n_genomes: int, n_episodes: int, n_lost: int) -> EpisodeResults:
    results = EpisodeResults.empty(n_genomes, n_episodes)
    results.is_solved[:] = 1.0
    results.is_solved.flat[:n_lost] = 0.0
    return results


def kept(n: int, length: int = 300, seed: int = 3) -> Drills:
    drills = Drills(seed)
    choices = np.arange(n * length).reshape(n, length) % 4
    drills.keep(np.arange(n), choices.astype(np.int16), np.full(n, length), 7)
    return drills


def test_a_drill_is_the_opening_of_a_lost_game() -> None:
    openings = kept(30).draw(400, 120, 8)
    assert openings is not None
    assert set(openings.seeds) == set(range(30))
    before = 300 - openings.n_given
    assert set(before) == {1, 2, 3}
    assert openings.n_further == 120
    for seed, choices, n_given in zip(
        openings.seeds, openings.choices, openings.n_given, strict=True
    ):
        own = (np.arange(300) + 300 * seed) % 4
        npt.assert_array_equal(choices[:n_given], own[:n_given])


def test_a_game_lost_at_once_is_played_from_its_beginning() -> None:
    drills = Drills(0)
    drills.keep(np.array([5]), np.ones((1, 1), np.int16), np.array([1]), 0)
    openings = drills.draw(3, 10, 1)
    assert openings is not None
    assert openings.n_given.tolist() == [0, 0, 0]


def test_there_are_no_drills_before_the_first_loss() -> None:
    assert Drills(0).draw(5, 10, 0) is None


def test_the_newest_losses_are_kept() -> None:
    drills = kept(N_LOSSES)
    new = np.arange(1000, 1010)
    drills.keep(new, np.zeros((10, 200), np.int16), np.full(10, 200), 8)
    assert len(drills.state("own")["own_seeds"]) == N_LOSSES
    assert drills.state("own")["own_seeds"][-10:].tolist() == new.tolist()
    assert drills.state("own")["own_seeds"][0] == 10


def test_losses_are_drawn_from_all_genomes() -> None:
    drills = Drills(1)
    genomes, episodes = drills.losses(losing(40, 5, 150), 3)
    assert len(genomes) == N_NEW
    assert genomes.max() < 30
    assert len(set(zip(genomes, episodes, strict=True))) == N_NEW
    assert len(set(genomes)) > 15
    few = drills.losses(losing(40, 5, 7), 3)
    assert sorted(zip(*few, strict=True)) == [(k // 5, k % 5) for k in range(7)]
    unknown = EpisodeResults.empty(3, 3)  # the environment reports no outcome
    assert len(drills.losses(unknown, 3)[0]) == 0


def test_very_long_losses_are_not_kept() -> None:
    results = losing(2, 2, 3)
    results.n_moves[:] = [[LONGEST + 1, LONGEST], [10**12, 5]]
    assert [ids.tolist() for ids in Drills(1).losses(results, 3)] == [[0], [1]]


def test_episodes_cut_off_at_the_limit_of_the_task_are_not_kept() -> None:
    results = losing(1, 3, 3)
    results.n_moves[:] = [100, 99, 100]
    assert [ids.tolist() for ids in Drills(1).losses(results, 3, 100)] == [[0], [1]]


def test_drills_depend_on_seed_and_generation() -> None:
    first, same, later = (kept(10).draw(20, 9, g) for g in (8, 8, 9))
    other = kept(10, seed=4).draw(20, 9, 8)
    assert first is not None
    assert same is not None
    assert later is not None
    assert other is not None
    npt.assert_array_equal(first.choices, same.choices)
    assert first.seeds.tolist() != later.seeds.tolist()
    assert first.seeds.tolist() != other.seeds.tolist()


def test_a_state_is_restored() -> None:
    drills = kept(10)
    again = Drills(3)
    again.restore("own", drills.state("own"), 4)
    mine, theirs = drills.draw(20, 9, 11), again.draw(20, 9, 11)
    assert mine is not None
    assert theirs is not None
    npt.assert_array_equal(mine.choices, theirs.choices)
    npt.assert_array_equal(mine.seeds, theirs.seeds)
    Drills(0).restore("own", Drills(0).state("own"), 4)


@pytest.mark.parametrize(
    "change",
    [
        {"drill_choices": np.full(2980, 4, np.int16)},
        {"drill_choices": np.full(2980, -1, np.int16)},
        {"drill_choices": np.zeros(7, np.int16)},
        {"drill_choices": np.zeros(2980)},
        {"drill_lengths": np.zeros((2, 5), np.int64)},
        {"drill_lengths": np.array([-1, 1])},
        {"drill_seeds": np.full(10, -1)},
        {"drill_seeds": np.arange(9)},
    ],
)
def test_a_damaged_state_is_refused(change) -> None:
    with pytest.raises(ValueError, match=r"drill.* must"):
        Drills(0).restore("drill", {**kept(10).state("drill"), **change}, 4)


def test_a_damaged_checkpoint_is_refused(tmp_path) -> None:
    path = tmp_path / "run"
    spiking_agent.evolve(Light, generations=4, out=path, **DRILLED)

    values, arrays = unpack_headed((path / CHECKPOINT).read_bytes())
    arrays["drill_choices"] = np.full_like(arrays["drill_choices"], 99)
    (path / CHECKPOINT).write_bytes(pack_headed(values, arrays, allow_nan=True))
    assert forge(path)
    with pytest.raises(RunDirectoryError, match="drills must have a seed, a length and choices"):
        spiking_agent.evolve(Light, generations=6, out=path, resume=True, report=False)


def played(monkeypatch, **changes) -> tuple[Listener, list[tuple[int, bool]]]:
    """Evolve; return the reports, and the number of episodes in each call of an evaluator."""
    calls = []
    usual = Evaluator.evaluate

    def spy(self, population, seeds, openings=None):
        calls.append((len(population), openings is not None))
        return usual(self, population, seeds, openings)

    monkeypatch.setattr(Evaluator, "evaluate", spy)
    listener = Listener()
    settings = {**DRILLED, **changes}
    spiking_agent.evolve(Light, generations=N_GENERATIONS, reporters=[listener], **settings)
    return listener, calls


def test_drills_are_played_where_moves_cost_nothing(monkeypatch) -> None:
    listener, calls = played(monkeypatch)
    reports = listener.reports
    reached = [report.n_refinements for report in reports].index(1)
    assert reached < 4
    drilled = [k for k, report in enumerate(reports) if report.n_episodes in (64, 68)]
    assert drilled == [k for k in range(reached + 1, N_GENERATIONS) if k % 3 != 0]
    assert sum(with_openings for _, with_openings in calls) == len(drilled)
    longest = max(report.n_moves for report in reports if report.n_episodes in (24, 28))
    assert all(report.n_moves <= longest + 8 * 5 * 2 for report in reports)  # openings do not count


def test_given_moves_are_not_counted_even_if_games_end_within_them(monkeypatch) -> None:
    n_moves = []
    usual = Evaluator.evaluate

    def spy(self, population, seeds, openings=None):
        results = usual(self, population, seeds, openings)
        if openings is not None:  # as in an environment that is not deterministic
            results.n_moves[:] = np.minimum(results.n_moves, np.arange(1, 6))
        n_given = 0 if openings is None else np.minimum(openings.n_given, results.n_moves)
        n_moves.append((results.n_moves - n_given).sum())
        return results

    monkeypatch.setattr(Evaluator, "evaluate", spy)
    listener = Listener()
    spiking_agent.evolve(Light, generations=6, reporters=[listener], **DRILLED)
    assert sum(report.n_moves for report in listener.reports) == sum(n_moves[1:])


def test_survival_earns_the_bonus(monkeypatch) -> None:
    _, usual = played(monkeypatch)
    training = EvolutionConfig.of(Light, **{k: v for k, v in DRILLED.items() if k != "report"})
    results, drills = losing(2, 3, 0), losing(2, 5, 0)
    drills.is_solved[1, :3] = 0.0
    merit = training.training.merit(results, 1, [drills])
    npt.assert_allclose(merit, [10.0 + 50.0 / 3, 10.0 + 20.0 / 3])
    drills.is_solved[:, :4] = [[np.nan, np.nan, np.nan, 0.9], [np.nan, 0.0, 1.0, 0.1]]
    npt.assert_allclose(
        training.training.merit(results, 1, [drills]), [10.0 + 10.0 / 3, 10.0 + 20.0 / 3]
    )
    assert usual


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("drills") / "run"
    spiking_agent.evolve(Light, generations=N_GENERATIONS, out=path, **DRILLED)
    return path


def test_workers_change_nothing_about_drills(whole, tmp_path) -> None:
    path = tmp_path / "run"
    spiking_agent.evolve(Light, generations=N_GENERATIONS, out=path, workers=2, **DRILLED)
    assert content(path) == content(whole)


@pytest.mark.parametrize("n_first", [1, 4, 6])
def test_a_resumed_run_has_the_same_drills(n_first, whole, tmp_path) -> None:
    path = tmp_path / "run"
    spiking_agent.evolve(Light, generations=n_first, out=path, **DRILLED)
    spiking_agent.evolve(Light, generations=N_GENERATIONS, out=path, resume=True, report=False)
    assert content(path) == content(whole)


@pytest.mark.parametrize("name", ["n_drills", "n_variation_drills"])
def test_drills_without_a_bonus_are_refused(name) -> None:
    refinement = Refinement(from_solved=0.5, n_episodes=2, variations={"n_rows": [5]}, **{name: 3})
    with pytest.raises(ValueError, match=f"{name} must be 0 where solved_bonus is 0, because"):
        EvolutionConfig.of(refinements=[refinement], solved_bonus=0.0)


VARIED = replace(
    WITH_DRILLS, n_variation_drills=4, variations={"n_rows": [5, 2]}, variation_interval=3
)


def test_variations_have_drills_of_their_own(monkeypatch) -> None:
    calls = []
    usual = Evaluator.evaluate

    def spy(self, population, seeds, openings=None):
        kwargs = self._setting.content().task.env_kwargs
        if len(population) == 8:
            calls.append((kwargs.get("n_rows", 4), None if openings is None else len(seeds)))
        return usual(self, population, seeds, openings)

    monkeypatch.setattr(Evaluator, "evaluate", spy)
    settings = {**DRILLED, "refinements": [VARIED], "move_cost_interval": 4}
    spiking_agent.evolve(Light, generations=16, **settings)
    newest, n_found = 0, 0
    for n_rows, n_drills in calls:
        if n_drills is None and n_rows != 4:
            newest = n_rows
        if n_drills == 4:
            assert n_rows == newest
            n_found += 1
        elif n_drills is not None:
            assert (n_rows, n_drills) == (4, 5)
    assert n_found >= 3
    assert {n_rows for n_rows, _ in calls} == {2, 4, 5}


@pytest.mark.parametrize("n_first", [3, 5, 8])
def test_a_resumed_run_has_the_same_drills_on_variations(n_first, tmp_path) -> None:
    settings = {**DRILLED, "refinements": [VARIED]}
    whole, path = tmp_path / "whole", tmp_path / "run"
    spiking_agent.evolve(Light, generations=10, out=whole, **settings)
    spiking_agent.evolve(Light, generations=n_first, out=path, **settings)
    spiking_agent.evolve(Light, generations=10, out=path, resume=True, report=False)
    assert content(path) == content(whole)


@pytest.mark.parametrize("variation", [{"n_rows": "many"}, [5], {"colour": 3}])
def test_a_damaged_variation_is_refused(variation, tmp_path) -> None:
    path = tmp_path / "run"
    settings = {**DRILLED, "refinements": [VARIED]}
    spiking_agent.evolve(Light, generations=6, out=path, **settings)
    values, arrays = unpack_headed((path / CHECKPOINT).read_bytes())
    values["practice"] = {"variation": variation}
    (path / CHECKPOINT).write_bytes(pack_headed(values, arrays, allow_nan=True))
    assert forge(path)
    with pytest.raises(RunDirectoryError, match="must hold a checkpoint of its own settings"):
        spiking_agent.evolve(Light, generations=8, out=path, resume=True, report=False)


@pytest.mark.parametrize(("n_costly", "n_varied"), [(1, 3), (3, 1), (2, 2)])
def test_drills_that_no_generation_would_play_are_refused(n_costly, n_varied) -> None:
    with pytest.raises(
        ValueError, match="n_drills must be 0 where moves cost something, or another"
    ):
        taking_turns(n_costly, n_varied).check_drills()


@pytest.mark.parametrize(("n_costly", "n_varied"), [(2, 3), (3, 2), (4, 4)])
def test_drills_take_turns_with_costs_and_other_environments(n_costly, n_varied) -> None:
    taking_turns(n_costly, n_varied).check_drills()


def taking_turns(n_costly: int, n_varied: int) -> Training:
    part = replace(
        WITH_DRILLS,
        move_cost_interval=n_costly,
        variations={"n_cols": [5]},
        variation_interval=n_varied,
    )
    return Training(solved_bonus=1.0, solved_move_cost=0.1, refinements=(part,))


def test_a_run_whose_moves_always_cost_something_has_no_drills() -> None:
    with pytest.raises(ValueError, match=r"n_drills must be 0 .* got 5: raise move_cost_interval"):
        spiking_agent.evolve(Light, generations=1, **{**DRILLED, "move_cost_interval": 1})


def test_drills_of_variations_that_no_generation_would_play_are_refused_by_their_own_name() -> None:
    part = replace(taking_turns(2, 2).refinements[0], n_drills=0, n_variation_drills=7)
    training = Training(solved_bonus=1.0, solved_move_cost=0.1, refinements=(part,))
    with pytest.raises(ValueError, match=r"n_variation_drills must be 0 where .* got 7: raise"):
        training.check_drills()


@pytest.mark.parametrize("name", ["n_drills", "n_variation_drills"])
def test_more_drills_than_can_be_in_progress_are_refused(name) -> None:
    many = replace(VARIED, **{name: MAX_LANES // 8 + 1})
    with pytest.raises(ValueError, match=f"population_size times {name} must be at most 1,048,576"):
        spiking_agent.evolve(Light, generations=1, **{**DRILLED, "refinements": [many]})


def test_drills_on_variations_need_variations() -> None:
    with pytest.raises(ValueError, match="n_variation_drills must be 0 where there are no vari"):
        Refinement(from_solved=0.5, n_episodes=2, n_variation_drills=3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_drills": -1}, "n_drills must be a whole number"),
        ({"drill_moves": 0}, "drill_moves must be a whole number"),
    ],
)
def test_drills_out_of_range_are_refused(change, message) -> None:
    with pytest.raises(ValueError, match=message):
        Refinement(from_solved=0.5, n_episodes=2, **change)


def test_actions_that_are_no_single_choices_are_refused() -> None:
    with pytest.raises(ValueError, match="drills must be left out for an action space that is not"):
        spiking_agent.evolve(
            Unbounded,
            generations=1,
            population_size=4,
            refinements=[WITH_DRILLS],
            solved_bonus=1.0,
        )
