"""The parts of a report: commands that repeat a run, numbers of its metrics, drawings, activity."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import numpy.testing as npt
import pytest
from chosen import configured
from gymnasium import spaces
from players import make_organism
from random_connectomes import with_branches
from toy_envs import Echo

import spiking_agent
from spiking_agent.brain.connectome import Connectome
from spiking_agent.cli import evolve
from spiking_agent.environments.source import EnvSource
from spiking_agent.errors import RunDirectoryError
from spiking_agent.evolution.recipes.choose import choose
from spiking_agent.evolution.settings.config import Refinement
from spiking_agent.report import charts
from spiking_agent.report.activity import Activity, Patience, last_moves, observe
from spiking_agent.report.history import MAX_POINTS, History
from spiking_agent.report.repeat import needed_env, repeat_command
from spiking_agent.report.sections import brain_figures

SNAKE = "snake_env:Snake-v0"
NUMBERS = spaces.Box(-1.0, 1.0, (3,))


REFINEMENT = Refinement(from_solved=0.5, n_episodes=6, strategy={"mutation_scale": 1.0})
ODD = {"word": "a b'c\"$(d)", "digits": "7", "list": [1, None, True], "n": 1.5, "no": None}


@pytest.mark.parametrize(
    "config",
    [
        configured("Snake-v0", {}),
        configured("Snake-v0", {"n_rows": 6, "observation": "grid"}, seed=7),
        configured(
            "Snake-v0", {"hunger_limit": 9}, "senses", population_size=10, n_ticks=3, n_hidden=2
        ),
        configured("CartPole-v1", {}, n_episodes=2, seed=3),
        configured("CartPole-v1", ODD),
        configured("CartPole-v1", {}, encoder="latency", decoder="most-spikes", score_key="a b"),
        configured("CartPole-v1", {}, strategy="genetic", encoder="thermometer", target=None),
        configured("Pendulum-v1", {}, strategy="genetic", encoder="on-off", target=-150.5),
        configured("Pendulum-v1", {}, target=-1e-05),
        configured("FrozenLake-v1", {}, n_episodes=3),
        configured("FrozenLake-v1", {}, strategy="cma-es"),
        configured("Snake-v0", {"n_rows": 6}, dna="wired", n_validation=5, decays=(0.5, 0.75)),
        configured(
            "CartPole-v1",
            ODD,
            strategy="genetic",
            refinements=(REFINEMENT,),
            crossover="uniform",
        ),
        configured("CartPole-v1", {}, encoder={"kind": "direct", "size": 4}),
        configured("CartPole-v1", {}, initiation_delays=(1, 4, 8), carry_state=True),
        configured("Snake-v0", {}, "senses"),
        configured("Snake-v0", {"observation": "planes"}, "senses", seed=2),
        configured("Snake-v0", {"observation": "grid"}, dna="grown", encoder="grid"),
        configured("Snake-v0", {"observation": "planes"}, encoder="rate"),
        configured("Snake-v0", {"n_rows": 9}, "grown", plan="snake", mutation_scale=0.5),
        configured("Snake-v0", {}, strategy="cma-es"),
        configured("Snake-v0", {}, score_key=None),
        configured("Snake-v0", {}, max_moves=50, training_kwargs={"hunger_limit": 7}),
    ],
    ids=range(23),
)
def test_the_command_gives_the_same_settings_again(config) -> None:
    import shlex

    space = spaces.Discrete(16) if config.task.env_id == "FrozenLake-v1" else NUMBERS
    command = shlex.split(repeat_command(config, (space, spaces.Discrete(2)), 12))
    assert command[0] == "spiking-evolve"
    arguments = evolve.make_parser().parse_args(command[1:])
    given = dict(arguments.env_kwargs or [])
    settings = evolve._settings(arguments)
    assert configured(arguments.env, given, arguments.recipe, **settings) == config
    assert arguments.generations == 12
    assert arguments.seconds is None
    assert "--seed" in command


@pytest.mark.parametrize(("named", "words"), [({}, ""), ({"decoder": "auto"}, "--decoder auto ")])
def test_the_decoder_of_a_recipe_is_named_only_if_it_is_another_one(named, words) -> None:
    seen = (spaces.MultiBinary(300), spaces.Discrete(2))
    config = choose(EnvSource("Wide-v0"), spaces=seen).config.changed(**named)
    command = repeat_command(config, seen, 3)
    assert command == f"spiking-evolve --env Wide-v0 {words}--seed 0 --generations 3"


@pytest.mark.parametrize(
    "config",
    [
        configured(Echo, {"masked": True}, n_ticks=2),
        configured(Echo, {}, refinements=(REFINEMENT,), strategy="genetic", crossover="uniform"),
        configured("CartPole-v1", {"a-b": 1}, score_key="x", n_hidden=2),
    ],
    ids=["factory", "refined factory", "arguments that no shell can name"],
)
def test_what_a_shell_cannot_say_is_a_call(config, monkeypatch) -> None:
    called = []
    monkeypatch.setattr(spiking_agent, "evolve", lambda *a, **how: called.append((*a, how)))
    space = NUMBERS if config.task.env_id else Echo(masked=True).observation_space
    call = repeat_command(config, (space, Echo().action_space), 3)
    exec(call, {"your_factory": Echo})  # noqa: S102
    ((env, how),) = called
    assert how.pop("generations") == 3
    kwargs = how.pop("env_kwargs", {})
    again = configured(env, kwargs, **how)
    assert again.settings() == config.settings()
    assert again.task == config.task


def row(**values: str) -> dict[str, str]:
    base = {
        "generation": "0",
        "best": "1.5",
        "median": "1",
        "champion_held_out": "2",
        "champion_solved": "",
        "n_moves": "10",
        "elapsed_s": "3.5",
    }
    return {**base, **values}


def test_a_history_gives_numbers_and_nan_where_there_is_none() -> None:
    history = History([row(), row(generation="1", best="inf", champion_solved="0.5")])
    npt.assert_array_equal(history.column("best"), [1.5, np.nan])
    npt.assert_array_equal(history.column("champion_solved"), [np.nan, 0.5])
    assert history.column("diversity") is None
    assert history.curve("diversity") is None
    assert history.last("champion_solved") == 0.5
    assert history.last("best") is None
    assert History([row()]).curve("champion_solved") is None


@pytest.mark.parametrize("length", [1, MAX_POINTS, MAX_POINTS + 1, 10 * MAX_POINTS + 7])
def test_long_curves_are_thinned_out_and_end_with_the_newest(length) -> None:
    generations, values = History(
        [row(generation=str(i), best=str(2 * i)) for i in range(length)]
    ).curve("best")
    assert len(generations) <= MAX_POINTS
    assert len(generations) >= min(length, MAX_POINTS // 2)
    assert generations[-1] == length - 1
    npt.assert_array_equal(values, 2 * generations)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "metrics must hold at least one generation"),
        ([{"generation": "0"}], "metrics must have a column best"),
        ([row(best="many")], "metrics must hold numbers in best"),
    ],
)
def test_metrics_that_are_none_are_refused(rows, message) -> None:
    with pytest.raises(RunDirectoryError, match=message):
        History(rows)


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter() if element.text]  # noqa: S314


def silent(connectome: Connectome) -> Activity:
    n = connectome.n_neurons
    return Activity(np.linspace(0, 1, n), np.eye(20, n, dtype=bool), 1, 5, 20)


@pytest.mark.parametrize("draw", [charts.matrix, charts.raster], ids=["matrix", "raster"])
def test_names_of_neurons_are_text_in_a_drawing(draw) -> None:
    organism = make_organism(Echo)
    names = tuple(f"<i>$x^{k}$ & {k}" for k in range(organism.connectome.n_neurons))
    more = () if draw is charts.matrix else (silent(organism.connectome),)
    svg = draw(organism, names, *more)
    assert "<i>" not in svg
    assert names[-1] in texts(svg)


@pytest.mark.parametrize("n_neurons", [3, 300])
def test_brains_of_any_size_are_drawn(n_neurons) -> None:
    rng = np.random.default_rng(0)
    connectivity = rng.integers(-127, 128, (n_neurons, n_neurons)).astype(np.int8)
    np.fill_diagonal(connectivity, 0)
    connectome = Connectome(
        connectivity=connectivity,
        threshold=np.ones(n_neurons),
        decay=np.ones(n_neurons),
        refractory_period=np.zeros(n_neurons, int),
        initiation_delay=np.ones(n_neurons, int),
        input_neurons=np.arange(2),
        output_neurons=np.arange(1, 3),  # neuron 1 is both
    )
    inputs, hidden, outputs = connectome.groups
    assert (inputs.tolist(), outputs.tolist()) == ([0], [1, 2])
    assert len(hidden) == n_neurons - 3
    organism = replace(make_organism(Echo), brain=connectome)
    names = tuple(map(str, range(n_neurons)))
    for svg in (
        charts.strengths(connectome, np.repeat(connectivity[None], 3, axis=0)),
        charts.rates(connectome, silent(connectome)),
        charts.matrix(organism, names),
        charts.raster(organism, names, silent(connectome)),
    ):
        ET.fromstring(svg)  # noqa: S314
        assert len(svg) < 300_000


def test_a_brain_of_lists_is_drawn_as_long_as_its_matrix_is_not_too_large(monkeypatch) -> None:
    organism = make_organism(Echo)
    organism = replace(organism, brain=with_branches(organism.connectome))
    connectome = organism.connectome
    names = tuple(map(str, range(connectome.n_neurons)))
    assert f"champion, {connectome.n_synapses} synapses" in texts(
        charts.strengths(connectome, None)
    )
    assert "strength" in texts(charts.matrix(organism, names))
    assert len(brain_figures(organism, names, None, None)[1].svg)
    monkeypatch.setattr(charts, "MAX_CELLS", 1)
    assert charts.matrix(organism, names) == ""
    figure = brain_figures(organism, names, None, None)[1]
    assert "would be too large, so there is none" in figure.caption


def test_a_brain_without_a_synapse_is_drawn_too() -> None:
    organism = make_organism(Echo)
    arrays = organism.connectome.to_arrays()
    connectome = Connectome.from_arrays(
        {**arrays, "connectivity": np.zeros_like(arrays["connectivity"])}
    )
    names = tuple(map(str, range(connectome.n_neurons)))
    assert "strength" in texts(charts.matrix(replace(organism, brain=connectome), names))
    assert "share of synapses [%]" in texts(charts.strengths(connectome, None))


def test_refinements_are_marked_where_they_begin() -> None:
    rows = [
        row(generation=str(i), champion_solved="0.5", n_refinements=str(i // 4)) for i in range(10)
    ]
    assert "a refinement begins" in texts(charts.solved(History(rows)))
    plain = [{**one, "n_refinements": "0"} for one in rows]
    assert "a refinement begins" not in texts(charts.solved(History(plain)))


def test_boards_are_named_where_training_on_them_begins() -> None:
    sizes = ["6 x 6"] * 4 + ["8 x 8"] * 3 + ["10 x 10"]
    rows = [row(generation=str(i), board=size) for i, size in enumerate(sizes)]
    history = History(rows)
    assert history.boards() == [(0, "6 x 6"), (4, "8 x 8"), (7, "10 x 10")]
    drawn = texts(charts.learning(history))
    assert all(size in drawn for size in sizes)
    one_board = History(rows[:4])
    assert one_board.boards() == [(0, "6 x 6")]
    assert "6 x 6" not in texts(charts.learning(one_board))
    assert History([row(), row(generation="1", board="")]).boards() == []


class Pictured(Echo):
    """An echo whose picture tells how many moves are left."""

    def render(self) -> np.ndarray:
        return np.full((4, 6, 3), self._left, np.uint8)


def parrot() -> spiking_agent.Organism:
    """One whose first output answers the first input in the same decision; the second is deaf."""
    organism = make_organism(Pictured)
    n = organism.connectome.n_neurons
    connectivity = np.zeros((n, n), np.int8)
    first_input, (heard, _) = (
        organism.connectome.input_neurons[0],
        organism.connectome.output_neurons,
    )
    connectivity[first_input, heard] = 100
    genes = {
        **organism.connectome.to_arrays(),
        "connectivity": connectivity,
        "decay": np.zeros(n),
        "initiation_delay": np.ones(n, int),
        "refractory_period": np.zeros(n, int),
    }
    return replace(organism, brain=Connectome.from_arrays(genes))


def test_rates_and_raster_tell_who_sent_an_impulse_when() -> None:
    organism = parrot()
    activity = observe(organism, EnvSource(Pictured), Patience(60))
    n_ticks = organism.codec.n_ticks
    assert (activity.n_games, activity.n_moves) == (3, 15)
    assert activity.n_ticks == 15 * n_ticks
    assert activity.raster.shape == (5 * n_ticks, organism.connectome.n_neurons)
    inputs, outputs = organism.connectome.input_neurons, organism.connectome.output_neurons
    npt.assert_array_equal(activity.raster[:, inputs].sum(axis=1), 1)  # one bit is on, always
    assert activity.rates[inputs].sum() == pytest.approx(1.0)
    assert activity.rates[outputs[1]] == 0.0
    assert 0.0 < activity.rates[outputs[0]] <= activity.rates[inputs[0]]
    npt.assert_array_equal(activity.raster[:, outputs[0]], activity.raster[:, inputs[0]])


def test_observing_ends_with_patience_after_one_move() -> None:
    activity = observe(parrot(), EnvSource(Pictured), Patience(0.0))
    assert (activity.n_games, activity.n_moves) == (1, 1)


@pytest.mark.parametrize(
    ("first", "n_moves", "left"),
    [(0, 2, [5, 4, 3]), (3, 9, [2, 1, 0]), (9, 9, [0]), (5, 1, [0])],
)
def test_only_the_moves_asked_for_are_pictured(first, n_moves, left) -> None:
    moves = last_moves(parrot(), EnvSource(Pictured), first, n_moves, Patience(60))
    assert [int(frame[0, 0, 0]) for _, frame in moves] == left


def test_without_patience_there_is_one_picture() -> None:
    moves = last_moves(parrot(), EnvSource(Pictured), 3, 9, Patience(0.0))
    assert [frame.shape for _, frame in moves] == [(4, 6, 3)]


def test_arguments_that_a_command_cannot_say_are_written_as_python_reads_them() -> None:
    config = configured("CartPole-v1", {"a-b": 1}, solved_bonus=2.0)
    call = repeat_command(config, (NUMBERS, spaces.Discrete(2)), 3)
    assert "env_kwargs={'a-b': 1}" in call
    assert "solved_bonus=2.0" in call


def test_programs_are_told_ids_that_name_a_module() -> None:
    assert needed_env(None) == needed_env("CartPole-v1") == needed_env("snake_env:Snake-v0") == ()
    assert needed_env("mine:Env-v0") == ("--env", "mine:Env-v0")
