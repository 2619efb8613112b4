"""Compiled play: whole episodes in one call, to the last bit those that are played step by step."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
import numpy.testing as npt
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from numba import njit
from players import brains, task_of
from random_connectomes import with_branches

from snake_env import SnakeVectorEnv, sense_names
from spiking_agent.brain.carry_state import CarryState
from spiking_agent.brain.engines import make_engine
from spiking_agent.brain.population import Population
from spiking_agent.codec.codec import Codec
from spiking_agent.codec.decoders.factory import make_decoder
from spiking_agent.codec.decoders.most_spikes import MostSpikesDecoder
from spiking_agent.codec.encoders.discrete import DirectEncoder
from spiking_agent.codec.encoders.factory import make_encoder
from spiking_agent.environments.source import EnvSource
from spiking_agent.episodes import compiled_player as compiled_play
from spiking_agent.episodes import player as rollout
from spiking_agent.episodes.compiled_player import SIDE_BY_SIDE, compiled_lanes
from spiking_agent.episodes.player import EpisodePlayer, Stopped
from spiking_agent.episodes.results import EpisodeResults

pytestmark = pytest.mark.kernels

SNAKE: dict[str, Any] = {"observation": "senses", "n_rows": 5, "n_cols": 6, "hunger_limit": 20}
FIRST_ACTION = 5  # of the coins
EMPTY_MASK = r"action_mask must allow at least one action, got a row without any"


@njit
def toss(state, lane_ids, n_lanes, actions):
    """Move the lanes named of `Coins`; plain Python if numba is switched off."""
    bits, masks, rewards, is_over, n_left, luck, score, dead_end = state
    for row in range(n_lanes):
        lane = lane_ids[row]
        guess = actions[lane] - FIRST_ACTION
        rewards[lane] = 0.7 if bits[lane, guess] else -0.1
        score[lane] += bits[lane, guess]
        n_left[lane] -= 1
        is_over[lane] = n_left[lane] == 0
        luck[lane] = (luck[lane] * 1103515245 + 12345) % 2147483648
        for side in range(3):
            bits[lane, side] = (luck[lane] >> 16) % 3 == side
            masks[lane, side] = (luck[lane] >> 20) % 3 != side and n_left[lane] != dead_end


class Coins(VectorEnv[Any, Any, Any]):
    """Coins of three sides: the reward is for the action that names the side on top.

    One side is not to be named at each move. Lanes last for different times. `dead_end` is the
    number of moves left at which no action is legal.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012
        "autoreset_mode": AutoresetMode.DISABLED,
        "independent_lanes": True,
    }

    def __init__(
        self,
        num_envs: int = 1,
        autoreset_mode: AutoresetMode = AutoresetMode.DISABLED,
        dead_end: int = -1,
    ) -> None:
        self.num_envs = num_envs
        self.single_observation_space = spaces.MultiBinary(3)
        self.single_action_space = spaces.Discrete(3, start=FIRST_ACTION)
        self._state = (
            np.zeros((num_envs, 3), np.uint8),
            np.ones((num_envs, 3), np.int8),
            np.zeros(num_envs),
            np.zeros(num_envs, np.bool_),
            np.zeros(num_envs, np.int64),
            np.zeros(num_envs, np.int64),
            np.zeros(num_envs, np.int64),
            dead_end,
        )

    def reset(self, *, seed: Any = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        bits, masks, _, is_over, n_left, luck, score, _ = self._state
        bits[:], masks[:], is_over[:], score[:] = [0, 1, 0], 1, False, 0
        luck[:] = seed
        n_left[:] = 3 + luck % 9
        return bits.copy(), self._infos()

    def step(self, actions: Any) -> Any:
        bits, _, rewards, is_over, *_ = self._state
        running = np.flatnonzero(~is_over)
        rewards[:] = 0
        toss(self._state, running, len(running), np.asarray(actions, np.int64))
        return bits.copy(), rewards.copy(), is_over.copy(), np.zeros_like(is_over), self._infos()

    def _infos(self) -> dict[str, Any]:
        _, masks, _, is_over, _, _, score, _ = self._state
        return {"action_mask": masks.copy(), "score": score.copy(), "is_success": is_over.copy()}


class CompiledCoins(Coins):
    """The same, offered to compiled code."""

    def compiled_lanes(self) -> SimpleNamespace:
        bits, masks, rewards, is_over, *_ = self._state
        return SimpleNamespace(
            advance=toss,
            state=self._state,
            observations=bits,
            masks=masks,
            rewards=rewards,
            is_over=is_over,
            infos=self._infos,
        )


gym.register("Coins-v0", vector_entry_point=Coins)
gym.register("CompiledCoins-v0", vector_entry_point=CompiledCoins)
COINS = Coins()


def make_player(
    env: str = "Snake-v0",
    kwargs: dict[str, Any] | None = None,
    *,
    n_ticks: int = 1,
    carry_state: CarryState = False,
    **how: Any,
) -> EpisodePlayer:
    kwargs = (SNAKE if env == "Snake-v0" else {}) if kwargs is None else kwargs
    made = SnakeVectorEnv(**kwargs) if env == "Snake-v0" else COINS
    codec = Codec(
        encoder=make_encoder(made.single_observation_space),
        decoder=make_decoder(made.single_action_space),
        n_ticks=n_ticks,
        carry_state=carry_state,
    )
    task = task_of(EnvSource(env, kwargs), score_key="score", max_moves=how.pop("max_moves", None))
    return EpisodePlayer(task, codec, **{"engine": "compiled", **how})


def draw(player: EpisodePlayer, size: int, n_hidden: int = 0, **values: Any) -> Population:
    sizes = player.codec.encoder.n_inputs, player.codec.decoder.n_outputs
    genes = {"density": 0.2, "thresholds": (0.0, 2.0, 4.0), **values}
    population = brains(*sizes, size, seed=8, n_hidden=n_hidden, **genes)
    if player.task.env_kwargs.get("observation") == "senses":
        teach(population, sense_names(SNAKE["n_rows"], SNAKE["n_cols"]))
    return population


def teach(population: Population, names: tuple[str, ...]) -> None:
    """Make every other brain avoid obstacles and go for food, so that it plays for a while."""
    first = population.strength.shape[2] - 4
    for target, direction in enumerate(("up", "right", "down", "left"), first):
        for feature, strength in (
            (f"{direction}_obstacle_within_1", -90),
            (f"food_{direction}", 9),
        ):
            population.strength[::2, names.index(feature), target] = strength


def play_both(
    player: EpisodePlayer, population: Population, seeds: list[int], monkeypatch: Any
) -> tuple[EpisodeResults, EpisodeResults]:
    """Play compiled and step by step; make sure that these were two different ways."""
    n_calls = []

    def spy(*arguments: Any, **named: Any) -> None:
        n_calls.append(1)
        compiled_play.play_compiled(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(rollout, "play_compiled", spy)
        fast = player.play(population, seeds)
        assert len(n_calls) == 1
        patch.setattr(rollout, "compiled_lanes", lambda *_: None)
        slow = player.play(population, seeds)
        assert len(n_calls) == 1
    return fast, slow


def assert_same_bytes(first: EpisodeResults, second: EpisodeResults) -> None:
    for name, mine, theirs in zip(first._fields, first, second, strict=True):
        npt.assert_array_equal(mine, theirs, err_msg=name, strict=True)
        assert mine.tobytes() == theirs.tobytes(), name


CASES: dict[str, dict[str, Any]] = {
    "no hidden neuron, one tick": {},
    "hidden neurons, state carried on": {"n_ticks": 3, "carry_state": True, "n_hidden": 4},
    "hidden neurons, state forgotten": {"n_ticks": 3, "n_hidden": 4},
    "synapses on inputs and from outputs": {
        "n_ticks": 2,
        "carry_state": True,
        "n_hidden": 2,
        "genes": {"inputs_receive": True, "outputs_send": True, "density": 0.05},
    },
    "long delays": {
        "n_ticks": 3,
        "carry_state": True,
        "n_hidden": 3,
        "genes": {"initiation_delays": (1, 2, 5)},
    },
    "long delays, state forgotten": {
        "n_ticks": 4,
        "n_hidden": 3,
        "genes": {"initiation_delays": (1, 2, 3)},
    },
    "some neurons keep impulses, some everything, some nothing": {
        "n_ticks": 3,
        "carry_state": "impulses",
        "n_hidden": 4,
        "genes": {"initiation_delays": (1, 2, 5), "outputs_send": True, "density": 0.1},
    },
    "refractory periods": {
        "n_ticks": 3,
        "carry_state": True,
        "n_hidden": 3,
        "genes": {"refractory_periods": (0, 1, 4)},
    },
    "soft resets": {
        "n_ticks": 3,
        "carry_state": True,
        "n_hidden": 3,
        "genes": {"soft_resets": (False, True)},
    },
    "planes": {"env": {"observation": "planes", "grow": False}, "n_ticks": 2, "n_hidden": 2},
    "a snake that does not grow": {"env": {"grow": False}, "n_ticks": 2, "n_hidden": 2},
    "a limit on moves": {"max_moves": 4, "n_ticks": 2, "carry_state": True, "n_hidden": 2},
    "a limit of one move": {"max_moves": 1},
    "truncation by the environment": {"env": {"max_episode_steps": 5}, "n_ticks": 2},
    "rewards that are not whole": {"env": {"step_reward": -0.013, "food_reward": 0.7}},
    "one episode": {"size": 40, "n_episodes": 1},
    "one lane": {"size": 1, "n_episodes": 1},
    "exactly as many lanes as play at a time": {"size": SIDE_BY_SIDE // 2, "n_episodes": 2},
    "more lanes than play at a time": {"size": SIDE_BY_SIDE // 2 + 5, "n_episodes": 3},
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_compiled_episodes_equal_those_played_step_by_step(case, monkeypatch) -> None:
    player = make_player(
        kwargs={**SNAKE, **case.get("env", {})},
        n_ticks=case.get("n_ticks", 1),
        carry_state=case.get("carry_state", False),
        max_moves=case.get("max_moves"),
    )
    population = draw(
        player, case.get("size", 12), case.get("n_hidden", 0), **case.get("genes", {})
    )
    kept = np.random.default_rng(3).integers(0, 3, population.kept.shape, np.uint8)
    population = replace(population, kept=kept)
    seeds = list(range(40, 40 + case.get("n_episodes", 3)))
    fast, slow = play_both(player, population, seeds, monkeypatch)
    assert_same_bytes(fast, slow)
    assert fast.n_moves.min() >= 1
    if population.strength.shape[0] > 1 and case.get("max_moves") != 1:
        assert len(np.unique(fast.n_moves)) > 1
        assert fast.total_reward.std() > 0
    player.close()


@pytest.mark.parametrize("carry_state", [False, "impulses"])
def test_compiled_episodes_of_lists_equal_those_played_step_by_step(
    carry_state, monkeypatch
) -> None:
    player = make_player(kwargs=SNAKE, n_ticks=4, carry_state=carry_state)
    matrices = draw(player, 12, 3)
    brains_of_lists = [with_branches(matrices.connectome(place)) for place in range(12)]
    population = Population.from_connectomes(brains_of_lists)
    fast, slow = play_both(player, population, [40, 41], monkeypatch)
    assert_same_bytes(fast, slow)
    assert len(np.unique(fast.n_moves)) > 1
    if carry_state:
        assert fast.total_reward.tolist() != player.play(matrices, [40, 41]).total_reward.tolist()
    player.close()


@pytest.mark.jit  # the same again, with more of everything
@pytest.mark.parametrize("more", [{"refractory_periods": (0, 1)}, {"soft_resets": (False, True)}])
def test_long_compiled_episodes_equal_those_played_step_by_step(more, monkeypatch) -> None:
    kwargs = {**SNAKE, "hunger_limit": 200}
    player = make_player(kwargs=kwargs, n_ticks=4, carry_state=True)
    values = {"initiation_delays": (1, 2, 3), "decays": (0.7, 0.9)}
    population = draw(player, 40, 12, **values, **more)
    fast, slow = play_both(player, population, list(range(10)), monkeypatch)
    assert_same_bytes(fast, slow)
    assert fast.n_moves.max() >= 200
    player.close()


def test_an_environment_of_another_kind_can_be_played_compiled(monkeypatch) -> None:
    fast_player = make_player("CompiledCoins-v0", n_ticks=2, carry_state=True)
    slow_player = make_player("Coins-v0", n_ticks=2, carry_state=True)
    population = draw(fast_player, 15, 3, density=0.8)
    seeds = [1, 23, 4]
    fast, slow = play_both(fast_player, population, seeds, monkeypatch)
    assert_same_bytes(fast, slow)
    assert_same_bytes(fast, slow_player.play(population, seeds))
    npt.assert_array_equal(fast.n_moves, np.broadcast_to([4, 8, 7], (15, 3)))
    assert len(np.unique(fast.fitness)) > 3
    npt.assert_array_equal(fast.is_solved, 1)
    fast_player.close()
    slow_player.close()


def test_actions_that_do_not_begin_at_0_keep_to_the_mask(monkeypatch) -> None:
    player = make_player("CompiledCoins-v0")
    n_illegal = []

    def watched(state, lane_ids, n_lanes, actions):
        lanes = lane_ids[:n_lanes]
        n_illegal.append(int((state[1][lanes, actions[lanes] - FIRST_ACTION] == 0).sum()))
        toss(state, lane_ids, n_lanes, actions)

    monkeypatch.setattr(compiled_play, "_compiled", lambda *_: compiled_play._play)
    monkeypatch.setattr(CompiledCoins, "compiled_lanes", _with(CompiledCoins, advance=watched))
    player.play(draw(player, 4, density=1.0), [5, 6])
    assert len(n_illegal) >= 8
    assert sum(n_illegal) == 0


def _with(env_class: type[CompiledCoins], **changes: Any) -> Any:
    """Make the method `compiled_lanes` anew, with something else in what it gives."""
    usual = env_class.compiled_lanes
    return lambda self: SimpleNamespace(**{**vars(usual(self)), **changes})


def test_a_mask_without_a_legal_action_is_an_error(monkeypatch) -> None:
    player = make_player("CompiledCoins-v0", {"dead_end": 2})
    population = draw(player, 4)
    with pytest.raises(ValueError, match=EMPTY_MASK):
        player.play(population, [1, 2])
    monkeypatch.setattr(rollout, "compiled_lanes", lambda *_: None)
    with pytest.raises(ValueError, match=EMPTY_MASK):
        player.play(population, [1, 2])


def test_a_mask_without_a_legal_action_does_not_matter_once_the_game_is_over() -> None:
    player = make_player("CompiledCoins-v0", {"dead_end": 0})
    assert player.play(draw(player, 2), [1])[2].tolist() == [[4], [4]]


@pytest.mark.parametrize("n_rounds", [1, 3])
@pytest.mark.parametrize("side_by_side", [1, 5, 1000])
def test_episodes_do_not_depend_on_how_they_are_cut_into_calls(
    n_rounds: int, side_by_side: int, monkeypatch
) -> None:
    player = make_player(n_ticks=2, carry_state=True)
    population = draw(player, 6, 2)
    whole = player.play(population, [1, 2])
    monkeypatch.setattr(compiled_play, "ROUNDS", n_rounds)
    monkeypatch.setattr(compiled_play, "CALL_S", 0.0)
    monkeypatch.setattr(compiled_play, "SIDE_BY_SIDE", side_by_side)
    assert_same_bytes(player.play(population, [1, 2]), whole)
    assert whole.n_moves.sum() > 30
    player.close()


def test_a_stop_is_asked_for_between_calls(monkeypatch) -> None:
    asked: list[int] = []

    def should_stop() -> bool:
        asked.append(1)
        return len(asked) == limit

    player = make_player("CompiledCoins-v0", should_stop=should_stop)
    population = draw(player, 2)
    monkeypatch.setattr(compiled_play, "ROUNDS", 2)
    monkeypatch.setattr(compiled_play, "CALL_S", 0.0)
    limit = 100
    assert player.play(population, [5]).n_moves.max() == 8
    assert len(asked) == 4  # two of eight rounds a call
    asked.clear()
    limit = 3
    with pytest.raises(Stopped):
        player.play(population, [5])
    assert len(asked) == 3


def test_a_player_that_was_stopped_plays_on_as_if_nothing_had_been(monkeypatch) -> None:
    stops = iter([False, False, True])
    player = make_player(should_stop=lambda: next(stops, False))
    population = draw(player, 4)
    expected = make_player().play(population, [1])
    with monkeypatch.context() as patch:
        patch.setattr(compiled_play, "ROUNDS", 1)
        with pytest.raises(Stopped):
            player.play(population, [1])
    for _ in range(2):
        assert_same_bytes(player.play(population, [1]), expected)
    player.close()


def _codec(observation: Any, action: Any) -> Codec:
    return Codec(
        encoder=make_encoder(observation),
        decoder=make_decoder(action),
        n_ticks=1,
        carry_state=False,
    )


FALL_BACKS = {
    "an environment that offers nothing": (Coins, "compiled", None, None),
    "actors": (CompiledCoins, "actors", None, None),
    "a one-hot encoder": (CompiledCoins, "compiled", spaces.Discrete(3), None),
    "a thermometer": (CompiledCoins, "compiled", spaces.Box(0.0, 1.0, (1,)), None),
    "parts": (CompiledCoins, "compiled", spaces.Tuple([spaces.MultiBinary(3)]), None),
    "several numbers an action": (CompiledCoins, "compiled", None, spaces.MultiDiscrete([2, 2])),
    "bits as an action": (CompiledCoins, "compiled", None, spaces.MultiBinary(2)),
    "real numbers as an action": (CompiledCoins, "compiled", None, spaces.Box(-1.0, 1.0, (1,))),
}


@pytest.mark.parametrize("how", FALL_BACKS.values(), ids=FALL_BACKS.keys())
def test_what_is_not_made_for_compiled_play_is_played_step_by_step(how) -> None:
    env_class, engine_name, observation, action = how
    codec = _codec(observation or COINS.single_observation_space, action or spaces.Discrete(3))
    player = make_player("Coins-v0")
    player.codec = codec
    engine = make_engine(engine_name, draw(player, 2))
    assert compiled_lanes(env_class(2), engine, codec) is None
    engine.close()
    twin = _codec(COINS.single_observation_space, COINS.single_action_space)
    player.codec = twin
    with make_engine("compiled", draw(player, 2)) as fitting:  # and nothing else is in the way
        assert compiled_lanes(CompiledCoins(2), fitting, twin) is not None


@pytest.mark.parametrize("how", ["grid", "actors"])
def test_snake_is_played_step_by_step_where_it_has_to_be(how: str, monkeypatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("played compiled")

    monkeypatch.setattr(rollout, "play_compiled", refuse)
    kwargs = {**SNAKE, "observation": "grid"} if how == "grid" else SNAKE
    player = make_player(kwargs=kwargs, engine="actors" if how == "actors" else "compiled")
    results = player.play(draw(player, 2), [1, 2])
    assert results.n_moves.min() >= 1
    player.close()


def test_an_environment_that_was_not_reset_is_not_handed_out() -> None:
    player = make_player()
    with make_engine("compiled", draw(player, 2)) as engine:
        with pytest.raises(gym.error.ResetNeeded):
            compiled_lanes(SnakeVectorEnv(2, **SNAKE), engine, player.codec)


def test_a_decoder_of_ones_own_is_asked_at_every_move() -> None:
    player = make_player("CompiledCoins-v0")

    class Own(MostSpikesDecoder):
        pass

    for kind, is_compiled in ((MostSpikesDecoder, True), (Own, False)):
        decoder = kind(COINS.single_action_space)
        codec = replace(player.codec, decoder=decoder)
        with make_engine("compiled", draw(player, 2)) as engine:
            assert (compiled_lanes(CompiledCoins(2), engine, codec) is not None) is is_compiled


def test_an_encoder_of_ones_own_is_asked_at_every_move() -> None:
    player = make_player("CompiledCoins-v0")

    class Own(DirectEncoder):
        pass

    for kind, is_compiled in ((DirectEncoder, True), (Own, False)):
        codec = replace(player.codec, encoder=kind(player.codec.encoder.n_inputs))
        with make_engine("compiled", draw(player, 2)) as engine:
            assert (compiled_lanes(CompiledCoins(2), engine, codec) is not None) is is_compiled


def test_a_subclass_that_steps_in_its_own_way_is_not_played_behind_its_back() -> None:
    class Slippery(SnakeVectorEnv):
        def step(self, actions: Any) -> Any:
            return super().step(np.zeros_like(actions))

    player = make_player()
    lanes = make_engine("compiled", draw(player, 2))
    for env, is_offered in ((SnakeVectorEnv(2, **SNAKE), True), (Slippery(2, **SNAKE), False)):
        env.reset(seed=0)
        assert (compiled_lanes(env, lanes, player.codec) is not None) == is_offered


@pytest.mark.parametrize("name", ["observations", "masks"])
def test_arrays_that_do_not_fit_the_codec_are_not_given_to_kernels(name: str) -> None:
    player = make_player("CompiledCoins-v0")
    engine = make_engine("compiled", draw(player, 4))
    env = CompiledCoins(4)
    env.reset(seed=range(4))
    assert compiled_lanes(env, engine, player.codec) is not None
    usual = env.compiled_lanes()
    for wrong in (getattr(usual, name)[:, :2], getattr(usual, name)[:3]):
        changed = SimpleNamespace(**{**vars(usual), name: wrong})
        env.compiled_lanes = lambda changed=changed: changed  # type: ignore[method-assign]
        assert compiled_lanes(env, engine, player.codec) is None
    wide = SimpleNamespace(**{**vars(usual), "observations": usual.observations.astype(np.int32)})
    env.compiled_lanes = lambda: wide  # type: ignore[method-assign]
    assert compiled_lanes(env, engine, player.codec) is None


def test_only_classes_that_every_process_can_import_get_into_the_cache() -> None:
    class Stranger(NamedTuple):
        array: Any

    player = make_player()
    env = SnakeVectorEnv(1, **SNAKE)
    env.reset(seed=0)
    games = compiled_lanes(env, make_engine("compiled", draw(player, 1)), player.codec)
    assert games is not None
    assert compiled_play._is_known(games.state)
    assert compiled_play._is_known((np.zeros(1), 3))
    assert not compiled_play._is_known(Stranger(np.zeros(1)))
    assert not compiled_play._is_known((3, Stranger(np.zeros(1))))


def test_a_game_that_was_given_up_says_nothing_of_being_won() -> None:
    player = make_player(max_moves=9)
    population = draw(player, 12)
    together = player.play(population, [1, 2, 3])
    alone = [player.play(population.take([genome]), [1, 2, 3]) for genome in range(12)]
    npt.assert_array_equal(together.is_solved, np.concatenate([one.is_solved for one in alone]))
    assert np.isnan(together.is_solved).any()
    assert (together.is_solved == 0).any()
