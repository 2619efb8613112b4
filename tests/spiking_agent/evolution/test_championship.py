"""Who plays for the championship, who holds it, and when it is won."""

import numpy as np
import pytest

import spiking_agent
from spiking_agent.episodes.results import EpisodeResults
from spiking_agent.episodes.seeds import VALIDATION_SEEDS
from spiking_agent.evolution.championship import Championship
from spiking_agent.evolution.settings.config import EvolutionConfig

CONFIG = EvolutionConfig.of(
    n_validation=4, n_validated_first=1, validation_interval=10, target=10.0
)


SCORES = np.zeros(8)


@pytest.fixture(scope="module")
def organism() -> spiking_agent.Organism:
    return spiking_agent.champion("senses")


def results(*fitness: float, solved: float = np.nan) -> EpisodeResults:
    made = EpisodeResults.empty(1, len(fitness))
    made.fitness[0] = fitness
    made.is_solved[0] = solved
    return made


def sends(championship: Championship, organism, generation: int, scores) -> bool:
    """Whether a generation sends a candidate, who then plays."""
    is_due = championship.is_due(generation, scores)
    assert championship.is_due(generation, scores) == is_due  # asking changes nothing
    if is_due:
        championship.judge(organism, results(0.0, 0.0), generation, scores)
    return is_due


def test_candidates_play_the_same_episodes() -> None:
    assert Championship(CONFIG).seeds == range(VALIDATION_SEEDS[0], VALIDATION_SEEDS[0] + 4)


def test_a_generation_sends_one_in_its_turn_or_if_a_quarter_is_good(organism) -> None:
    championship = Championship(CONFIG)
    poor, good = np.zeros(8), np.array([0, 0, 0, 10, 0, 0, 0, 11.0])
    assert [g for g in range(25) if sends(championship, organism, g, poor + g / 100)] == [0, 10, 20]
    assert championship.is_due(23, good)
    assert not championship.is_due(23, np.where(good == 11, 0, good))
    assert not Championship(CONFIG.changed(target=None)).is_due(3, good)


def test_with_a_target_only_better_generations_send_one_in_their_turn(organism) -> None:
    championship = Championship(CONFIG)
    means = {0: -500.0, 10: -500.0, 20: -400.0, 30: -450.0, 40: -390.0}
    due = [g for g, mean in means.items() if sends(championship, organism, g, np.full(8, mean))]
    assert due == [0, 20, 40]
    without = Championship(CONFIG.changed(target=None))
    assert all(sends(without, organism, g, np.full(8, mean)) for g, mean in means.items())


@pytest.mark.parametrize("odd", [np.nan, -np.inf])
def test_a_fitness_that_is_no_number_does_not_end_validation(odd: float, organism) -> None:
    championship = Championship(CONFIG)
    generations = {
        0: np.full(2, odd),
        10: np.full(2, odd),
        20: np.array([odd, -500.0]),
        30: np.array([odd, -500.0]),
        40: np.array([-400.0, odd]),
    }
    due = [g for g, scores in generations.items() if sends(championship, organism, g, scores)]
    assert due == [0, 20, 40]


def test_the_better_one_holds_the_title(organism) -> None:
    championship = Championship(CONFIG)
    for generation, mean in enumerate((3.0, 5.0, 4.0)):
        championship.judge(organism, results(mean, mean), generation, SCORES)
    assert championship.best is not None
    assert (championship.best.held_out, championship.best.generation) == (5.0, 1)


def test_the_target_is_reached_two_standard_errors_beyond_it() -> None:
    championship = Championship(CONFIG)
    near, beyond = results(10.0, 10.2, 9.9, 10.3), results(10.1, 10.3, 10.1, 10.3)
    assert not championship.is_to_confirm(near)  # mean 10.1, error 0.08
    assert championship.is_to_confirm(beyond)  # mean 10.2, error 0.05
    assert not Championship(CONFIG.changed(target=None)).is_to_confirm(beyond)


BEYOND = results(10.8, 11.2, 10.8, 11.2)


@pytest.mark.parametrize(
    ("fresh", "wins"),
    [
        (None, False),
        (results(10.0, 10.0, 10.0, 10.0), True),  # all: mean 10.5, error 0.19
        (results(9.9, 9.9, 9.9, 9.9), False),  # the mean of all is still beyond the target
        (results(10.0, 10.0, 10.0, 14.0), True),  # all: mean 11, error 0.43
        (results(7.0, 7.0, 7.0, 19.0), False),  # the mean of all is 10.5, but its error 1.3
    ],
)
def test_it_is_won_where_fresh_episodes_confirm_it(organism, fresh, wins: bool) -> None:
    championship = Championship(CONFIG)
    counted = championship.judge(organism, BEYOND, 0, SCORES, fresh)
    assert championship.is_won == wins
    assert championship.best is not None
    assert championship.best.held_out == counted.fitness.mean()
    assert counted.fitness.shape == (1, 8 if wins else 4)
    championship.judge(organism, results(0.0, 0.0), 1, SCORES)
    assert championship.is_won == wins
    assert not (wins and championship.is_to_confirm(BEYOND))


def test_fresh_episodes_are_those_of_one_generation_and_of_validation() -> None:
    championship = Championship(CONFIG)
    first, second = championship.fresh_seeds(0), championship.fresh_seeds(1)
    assert len({*championship.seeds, *first, *second}) == 3 * 4
    for generation in (2**27 - 2, 2**27 - 1, 2**60):
        seeds = championship.fresh_seeds(generation)
        assert VALIDATION_SEEDS[0] + 4 <= seeds[0] < seeds[-1] < VALIDATION_SEEDS[1]


def test_who_wins_holds_the_title(organism) -> None:
    championship = Championship(CONFIG)
    championship.judge(organism, results(0.0, 0.0, 0.0, 100.0), 0, SCORES)
    assert not championship.is_won
    good = results(20.0, 20.0, 20.0, 20.0)
    championship.judge(organism, good, 1, SCORES, good)
    assert championship.is_won
    assert (championship.best.held_out, championship.best.generation) == (20.0, 1)
    championship.judge(organism, results(15.0, 15.0, 15.0, 15.0), 2, SCORES)
    assert championship.best.generation == 1


def test_without_a_target_it_is_never_won(organism) -> None:
    championship = Championship(CONFIG.changed(target=None))
    championship.judge(organism, results(1e9, 1e9), 0, SCORES, results(1e9, 1e9))
    assert not championship.is_won


def test_what_was_solved_most_is_remembered(organism) -> None:
    championship = Championship(CONFIG)
    for solved in (0.0, 1.0, 0.0):
        championship.judge(organism, results(1.0, solved=solved), 0, SCORES)
    assert championship.most_solved == 1.0


def test_it_goes_on_from_its_state(organism) -> None:
    championship, again = Championship(CONFIG), Championship(CONFIG)
    with pytest.raises(RuntimeError, match=r"call judge\(\) first"):
        championship.state()
    good = results(11.0, 11.0, solved=1.0)
    championship.judge(organism, good, 7, np.full(2, 5.0), good)
    arrays, values = championship.state()
    again.restore(arrays, values)
    assert not again.is_due(10, np.full(2, 4.0))
    assert (again.most_solved, again.is_won) == (1.0, True)
    assert again.best is not None
    assert (again.best.held_out, again.best.generation) == (11.0, 7)
    assert again.state()[1] == values
    with pytest.raises(KeyError, match="most_solved"):
        again.restore(arrays, {"champion": values["champion"]})
