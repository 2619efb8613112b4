"""Games of a table that are looked up are those that are played move by move."""

import numpy as np
import pytest

from spiking_agent.brain.population import Population
from spiking_agent.codec.codec import make_codec
from spiking_agent.codec.params import CodecParams
from spiking_agent.dna.ports import Ports
from spiking_agent.dna.wired import Wired, WiredParams
from spiking_agent.environments.tables.find import table_of
from spiking_agent.environments.tables.generator import generators
from spiking_agent.environments.tables.lanes import begin, make_games
from spiking_agent.episodes.player import EpisodePlayer, Stopped
from spiking_agent.episodes.starts import Starts
from spiking_agent.episodes.table_player import table_to_play
from spiking_agent.episodes.task import Task

TABLES = [
    ("FrozenLake-v1", {}, 40),
    ("FrozenLake-v1", {"is_slippery": False}, 10_000),
    ("CliffWalking-v1", {}, 77),
    ("Taxi-v4", {}, 10_000),
    ("Taxi-v4", {"max_episode_steps": 31}, 10_000),
    ("Taxi-v4", {"is_rainy": True, "max_episode_steps": 29}, 28),
]


def brains(task: Task, n: int, **params) -> tuple[EpisodePlayer, Population]:
    """Return a player of a task, and random brains for it."""
    rng = np.random.default_rng(0)
    with task.source().make() as env:
        codec = make_codec(env, rng, CodecParams(n_ticks=3), max_moves=task.max_moves)
    ports = Ports(n_inputs=codec.encoder.n_inputs, n_outputs=codec.decoder.n_outputs)
    dna = Wired(WiredParams(decays=(1.0,), soft_resets=(True,), **params), ports)
    return EpisodePlayer(task, codec, "compiled"), dna.grow(dna.genes.draw(n, rng))


def step_by_step(player: EpisodePlayer) -> EpisodePlayer:
    """Return the same player without a table."""
    other = EpisodePlayer(player.task, player.codec, "compiled")
    other._table = None
    return other


@pytest.mark.kernels
@pytest.mark.parametrize(("env_id", "kwargs", "max_moves"), TABLES)
@pytest.mark.parametrize("density", [0.05, 0.5])
def test_games_that_are_looked_up_are_those_played_move_by_move(
    env_id, kwargs, max_moves, density
) -> None:
    task = Task(env=env_id, env_kwargs=kwargs, max_moves=max_moves)
    player, population = brains(task, 5, density=density)
    assert player._table is not None
    seeds = np.random.default_rng(1).integers(0, 2**31, (5, 4))
    looked_up = player.play(population, seeds)
    played = step_by_step(player).play(population, seeds)
    for one, other in zip(looked_up, played, strict=True):
        np.testing.assert_array_equal(one, other)
    assert looked_up.n_moves.max() > 8  # long enough to go round in circles


@pytest.mark.kernels
@pytest.mark.parametrize("params", [{"n_hidden": 3}, {"initiation_delays": (1, 2)}], ids=str)
def test_any_brain_that_forgets_can_decide_in_advance(params) -> None:
    task = Task(env="FrozenLake-v1", max_moves=60)
    player, population = brains(task, 4, density=0.9, **params)
    looked_up = player.play(population, range(6))
    played = step_by_step(player).play(population, range(6))
    for one, other in zip(looked_up, played, strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_cannot_be_looked_up_is_played() -> None:
    task = Task(env="FrozenLake-v1", max_moves=60)
    player, _ = brains(task, 1)
    codec = player.codec
    assert table_to_play(task, codec, "compiled") is table_of(task.source())
    carrying = make_codec(
        task.source().make(), np.random.default_rng(0), CodecParams(carry_state=True)
    )
    for other in (
        (task, codec, "actors"),
        (task, carrying, "compiled"),
        (Task(env="FrozenLake-v1"), codec, "compiled"),
        (Task(env="FrozenLake-v1", max_moves=60, score_key="prob"), codec, "compiled"),
    ):
        assert table_to_play(*other) is None


def test_play_of_a_table_can_be_stopped() -> None:
    player, population = brains(Task(env="FrozenLake-v1", max_moves=60), 1)
    player.should_stop = lambda: True
    with pytest.raises(Stopped):
        player.play(population, range(2))


def test_a_state_without_a_legal_action_is_an_error() -> None:
    player, population = brains(Task(env="Taxi-v4", max_moves=60), 1)
    player._table = player._table._replace(legal=np.zeros_like(player._table.legal))
    with pytest.raises(ValueError, match="action_mask must allow at least one action"):
        player.play(population, range(2))


def test_starts_are_covered() -> None:
    table = table_of(Task(env="Taxi-v4").source())
    starts = Starts(table, np.random.default_rng(0), 5, 2**31)
    rng = np.random.default_rng(1)
    for n_episodes in (table.n_starts, 2 * table.n_starts, 17):
        seeds = starts.draw(n_episodes, rng)
        games = make_games(table, n_episodes)
        games.rng[:] = generators(seeds)
        begin(games)
        assert np.bincount(games.state).max() == -(-n_episodes // table.n_starts)
        assert seeds.min() >= 5
    again = Starts(table, np.random.default_rng(0), 5, 2**31).draw(17, np.random.default_rng(7))
    assert starts.draw(17, np.random.default_rng(7)).tolist() == again.tolist()
