"""Organisms as policies, and the files that keep them."""

import copy
import dataclasses
import io
import json
import sys
import tracemalloc
import zipfile
from collections.abc import Callable

import gymnasium as gym
import numpy as np
import numpy.testing as npt
import pytest
from gymnasium import spaces
from players import make_organism
from random_connectomes import with_branches
from toy_envs import Echo, Unbounded

import snake_env
import spiking_agent
from spiking_agent import Organism
from spiking_agent.checks.costs import check_decision
from spiking_agent.episodes.task import Task
from spiking_agent.errors import (
    ChampionFileError,
    EnvironmentMismatchError,
    InvalidObservationError,
)
from spiking_agent.files.atomic import pack_arrays, unpack_arrays
from spiking_agent.organism import champion_file
from spiking_agent.organism.evaluation import wilson_interval


def play(organism: Organism, env: gym.Env, seed: int) -> list[int]:
    observation, info = env.reset(seed=seed)
    organism.reset(seed=seed)
    actions, has_ended = [], False
    while not has_ended:
        actions.append(organism.act(observation, info))
        observation, _, terminated, truncated, info = env.step(actions[-1])
        has_ended = terminated or truncated
    return actions


def test_both_engines_choose_the_same_actions_over_whole_episodes() -> None:
    compiled, actors = make_organism(seed=5), make_organism(seed=5, engine="actors")
    env = compiled.make_env()
    episodes = [play(compiled, env, seed) for seed in range(5)]
    assert episodes == [play(actors, env, seed) for seed in range(5)]
    assert len({action for actions in episodes for action in actions}) > 1
    actors.close()


def test_actors_work_inside_a_running_event_loop() -> None:
    import asyncio

    async def notebook() -> list[int]:
        organism = make_organism(engine="actors")
        actions = play(organism, organism.make_env(), 1)
        organism.close()
        return actions

    assert asyncio.run(notebook()) == play(make_organism(), make_organism().make_env(), 1)


def test_reset_begins_an_episode() -> None:
    organism = make_organism()
    env = organism.make_env()
    assert play(organism, env, 3) == play(organism, env, 3)


@pytest.mark.parametrize("engine", ["compiled", "actors"])
@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, dataclasses.replace],
    ids=["copy", "deepcopy", "replace"],
)
def test_copies_of_a_playing_organism_begin_an_episode(engine, copied) -> None:
    organism = make_organism(engine=engine)
    env = organism.make_env()
    fresh = play(make_organism(), env, 3)
    observations = [env.reset(seed=seed)[0] for seed in range(3)]
    for observation in observations:
        organism.act(observation)
    other = copied(organism)
    assert other.connectome == organism.connectome
    assert other.to_bytes() == organism.to_bytes()
    first = [make_organism().act(observation) for observation in observations[:1]]
    assert [other.act(observation) for observation in observations[:1]] == first
    assert play(other, env, 3) == fresh
    assert play(organism, env, 3) == fresh  # each has a brain of its own
    organism.close()
    assert play(other, env, 3) == fresh
    other.close()


def test_actions_are_what_a_single_environment_takes() -> None:
    assert type(make_organism().act(make_organism().make_env().reset(seed=0)[0])) is int
    organism = make_organism(Unbounded)
    action = organism.act(Unbounded().reset(seed=0)[0])
    assert organism.action_space.contains(action)


def test_predict_plays_like_act_and_carries_its_state() -> None:
    organism = make_organism(Echo, seed=6)
    env = Echo(n_moves=30)
    expected = play(organism, env, 8)
    observation, _ = env.reset(seed=8)
    state, actions = None, []
    for _ in expected:
        action, state = organism.predict(observation, state=state)
        actions.append(action)
        observation, *_ = env.step(action)
    assert actions == expected
    assert len(set(expected)) == 2


def test_predict_takes_batches_and_resets_the_lanes_that_start() -> None:
    organism = make_organism(Echo, seed=6)
    rng = np.random.default_rng(0)
    batches = np.eye(2, dtype=np.int8)[rng.integers(0, 2, (12, 3))]
    start = np.zeros((12, 3), np.bool_)
    start[5, 1] = True
    state, actions = None, []
    for batch, episode_start in zip(batches, start, strict=True):
        chosen, state = organism.predict(batch, state=state, episode_start=episode_start)
        assert chosen.shape == (3,)
        actions.append(chosen)
    for lane in range(3):
        state = None
        for step in range(12):
            if start[step, lane]:
                state = None
            action, state = organism.predict(batches[step, lane], state=state)
            assert action == actions[step][lane]


def test_predict_takes_batches_of_dict_and_tuple_observations() -> None:
    space = spaces.Dict(a=spaces.Discrete(3), b=spaces.Tuple([spaces.MultiBinary(2)]))

    class Nested(Echo):
        def __init__(self, render_mode=None):
            super().__init__()
            self.observation_space = space

        def _observe(self):
            return {"a": 1, "b": (super()._observe(),)}

    organism = make_organism(Nested)
    batch = {"a": np.array([0, 2]), "b": (np.eye(2, dtype=np.int8),)}
    actions, state = organism.predict(batch)
    assert actions.shape == (2,)
    assert state.engine.n_lanes == 2
    assert organism.action_space.contains(organism.act(Nested().reset(seed=0)[0]))


@pytest.mark.parametrize("engine", ["compiled", "actors"])
@pytest.mark.parametrize("shape", [(5000,), (1,), (), (3, 1)])
def test_predict_refuses_starts_that_are_not_one_a_lane(engine, shape) -> None:
    organism = make_organism(Echo, engine=engine)
    batch = np.eye(2, dtype=np.int8)[[0, 1, 0]]
    for state in (None, organism.predict(batch)[1]):
        with pytest.raises(ValueError, match=r"episode_start must have shape \(3,\), got \("):
            organism.predict(batch, state, np.ones(shape, bool))
        if state is not None:
            state.close()


def returns(organism: Organism, env: gym.Env, masked: bool = False) -> list[float]:
    """Rewards of an episode by `predict`, which sees no infos, but may be told masks."""
    observation, info = env.reset(seed=0)
    rewards, state, has_ended = [], None, False
    while not has_ended:
        given = {"action_masks": info["action_mask"]} if masked else {}
        action, state = organism.predict(observation, state, **given)
        observation, reward, terminated, truncated, info = env.step(action)
        rewards.append(reward)
        has_ended = terminated or truncated
    return rewards


def test_predict_reads_masks_off_what_snake_shows() -> None:
    champion = spiking_agent.champion("senses")
    env = champion.make_env()
    assert sum(returns(champion, env)) == env.unwrapped.snapshot().score >= 90
    stranger = dataclasses.replace(champion, task=Task())  # as if evolved on a factory
    assert sum(returns(stranger, env)) < 60
    assert returns(stranger, env, masked=True) == returns(champion, env)


def test_predict_takes_masks_for_one_and_for_a_batch() -> None:
    organism = make_organism(Echo)
    batch = np.eye(2, dtype=np.int8)
    for legal in range(2):
        mask = batch[legal]
        assert organism.predict(batch[0], action_masks=mask)[0] == legal
        npt.assert_array_equal(organism.predict(batch, action_masks=[mask, mask])[0], legal)
    for bad in (mask, [mask] * 3):
        with pytest.raises(ValueError, match=r"mask must have shape \(2, 2\), got"):
            organism.predict(batch, action_masks=bad)


@pytest.mark.parametrize(
    ("changes", "reads"),
    [
        ({}, True),
        ({"env_kwargs": {"observation": "senses", "n_rows": 9}}, False),  # of another board by now
        ({"env_kwargs": {"colour": "red"}}, False),
        ({"env": "not_imported:Snake-v0"}, False),
        ({"env": "Unknown-v7"}, False),
        ({"env": "CartPole-v1", "env_kwargs": {}}, False),
    ],
)
def test_predict_needs_no_environment(changes, reads) -> None:
    organism = make_organism()
    organism.task = dataclasses.replace(organism.task, **changes)
    observation = np.ones((1, organism.codec.encoder.n_inputs), np.int8)
    heading = snake_env.sense_names(10, 10).index("heading_up")
    observation[:, heading : heading + 4] = (1, 0, 0, 0)
    actions, _ = organism.predict(observation)
    assert organism.action_space.contains(actions[0])
    assert (organism._mask_reader is not None) == reads


def organism_for(space: gym.Space) -> Organism:
    class Shows(Echo):
        def __init__(self, render_mode=None):
            super().__init__()
            self.observation_space = space

        def _observe(self):
            return self.observation_space.sample()

    return make_organism(Shows)


WORDS = spaces.Text(3, charset="abcde")
CHOICE = spaces.OneOf([spaces.Discrete(2), spaces.Discrete(3)])


@pytest.mark.parametrize(
    ("space", "observations"),
    [
        (spaces.Box(0, 1, (1,)), [np.array([0.5]), np.array([7.0])]),  # float64, out of bounds
        (spaces.Box(0, 1, (4,)), [np.zeros(4), np.ones(4), np.full(4, -3)]),
        (spaces.Discrete(3), [2, np.int64(0)]),
        (WORDS, ["abc", "de", "a"]),
        (CHOICE, [(0, 1), (1, 2)]),
        (spaces.Tuple([WORDS, spaces.Discrete(2)]), [("abc", 1), ("d", 0), ("e", 1)]),
        (spaces.Dict(a=WORDS, b=CHOICE), [{"a": "abc", "b": (0, 1)}, {"a": "d", "b": (1, 2)}]),
    ],
    ids=str,
)
def test_predict_takes_one_or_a_batch_of_every_kind(space, observations) -> None:
    organism = organism_for(space)
    actions, state = organism.predict(organism.batch(observations))
    assert actions.shape == (len(observations),)
    assert state.engine.n_lanes == len(observations)
    for observation, expected in zip(observations, actions, strict=True):
        action, state = organism.predict(observation, episode_start=np.ones(1, bool))
        assert type(action) is int
        assert action == expected
        assert state.engine.n_lanes == 1
        organism.reset()
        assert organism.act(observation) == expected


@pytest.mark.parametrize(
    ("space", "observation"),
    [
        *[(spaces.Discrete(3), wrong) for wrong in (3, -1, 1.5, None, "a", 2**70, [[0]], [3], {})],
        *[(spaces.Box(0, 1, (4,)), wrong) for wrong in (np.zeros(3), np.zeros((0, 4)), None, "a")],
        *[(WORDS, wrong) for wrong in (3, None, "xyz", (), ("abc", 3))],
        *[(CHOICE, wrong) for wrong in (3, (7, 0), ((0, 1), 0))],
        (spaces.Tuple([WORDS, WORDS]), ("abc",)),
        (spaces.Tuple([WORDS, WORDS]), (("abc", "d"), ("abc",))),
        (spaces.Dict(a=WORDS, b=spaces.Discrete(2)), {"a": "abc"}),
    ],
    ids=str,
)
def test_predict_refuses_what_is_neither_one_nor_a_batch(space, observation) -> None:
    with pytest.raises(InvalidObservationError, match=r"^\w+Encoder: observation must"):
        organism_for(space).predict(observation)


def test_the_error_of_predict_names_encoder_and_space() -> None:
    organism = organism_for(spaces.Box(0, 1, (4,)))
    message = r"^ThermometerEncoder: observation must be of Box\(.*\) or a batch of it, got array"
    with pytest.raises(InvalidObservationError, match=message):
        organism.predict(np.zeros(3))


def test_a_saved_organism_loads_the_same(tmp_path) -> None:
    for env in ("Snake-v0", Unbounded):
        organism = make_organism(env, seed=2)
        organism.save(tmp_path / "it.npz")
        loaded = Organism.load(tmp_path / "it.npz")
        assert loaded.connectome == organism.connectome
        assert loaded.to_bytes() == organism.to_bytes()
        assert loaded.observation_space == organism.observation_space
        assert loaded.provenance == {"seed": 2}


def test_a_brain_of_lists_is_saved_as_its_lists_and_plays_alike_on_both_engines(tmp_path) -> None:
    organism = make_organism(seed=5)
    codec = dataclasses.replace(organism.codec, carry_state="impulses")
    organism = dataclasses.replace(organism, brain=with_branches(organism.connectome), codec=codec)
    organism.save(tmp_path / "lists.npz")
    with np.load(tmp_path / "lists.npz", allow_pickle=False) as arrays:
        assert {"source", "target", "strength", "delay"} < set(arrays)
        assert "connectivity" not in arrays
    loaded = Organism.load(tmp_path / "lists.npz")
    assert loaded.connectome == organism.connectome
    assert loaded.codec.carry_state == "impulses"
    assert loaded.to_bytes() == organism.to_bytes()
    env = loaded.make_env()
    observation, info = env.reset(seed=4)
    players = [loaded, dataclasses.replace(loaded, engine="actors")]
    for _ in range(12):
        action, same = (player.act(observation, info) for player in players)
        assert action == same
        observation, _, terminated, truncated, info = env.step(action)
        if terminated or truncated:
            break


def test_decisions_of_lists_are_bounded_by_their_synapses() -> None:
    organism = make_organism(seed=5)
    listed = with_branches(organism.connectome)
    check_decision(10_000, 10, 10**6, 10**6, listed.n_synapses)
    with pytest.raises(
        ValueError, match="n_ticks must be at most 5 for brains of 1,000,000 neurons"
    ):
        check_decision(6, 10, 10**6, 10**6, 2**33 // 5)


def test_loading_imports_nothing(tmp_path) -> None:
    organism = make_organism()
    header, connectome = champion_file.unpack(organism.to_bytes())
    header["task"]["env_id"] = "wave:Evil-v0"
    (tmp_path / "evil.npz").write_bytes(champion_file.pack(header, connectome))
    sys.modules.pop("wave", None)
    loaded = Organism.load(tmp_path / "evil.npz")
    with pytest.raises(EnvironmentMismatchError, match="would import the module 'wave'"):
        loaded.make_env()
    assert "wave" not in sys.modules


def test_an_organism_of_a_factory_asks_for_its_environment() -> None:
    with pytest.raises(EnvironmentMismatchError, match="env must be given"):
        make_organism(Echo).make_env()


def test_another_environments_spaces_are_refused() -> None:
    with pytest.raises(EnvironmentMismatchError, match="observation_space of the environment must"):
        spiking_agent.evaluate(make_organism(), env="CartPole-v1")
    with pytest.raises(EnvironmentMismatchError, match="observation_space"):
        spiking_agent.evaluate(make_organism(), env_kwargs={"n_rows": 7})


@pytest.mark.parametrize(
    ("observation", "encoder"),
    [
        (np.array([0.0, np.nan]), "ThermometerEncoder"),
        (np.zeros(3), "ThermometerEncoder"),
        ("text", "ThermometerEncoder"),
    ],
)
def test_a_wrong_observation_is_refused_by_an_error_that_names_the_encoder(
    observation, encoder
) -> None:
    with pytest.raises(InvalidObservationError, match=f"^{encoder}: observation must"):
        make_organism(Unbounded).act(observation)


def test_a_codec_that_does_not_fit_the_connectome_is_refused() -> None:
    organism = make_organism()
    with pytest.raises(ValueError, match="brain must have 2 inputs, as its codec has, got 113"):
        Organism(
            brain=organism.connectome,
            codec=make_organism(Echo).codec,
            observation_space=organism.observation_space,
            action_space=organism.action_space,
        )
    with pytest.raises(ValueError, match="engine must be one of compiled, actors, live, got 'x'"):
        make_organism(engine="x")


def change(**changes) -> bytes:
    """Return a champion file with another header."""
    header, connectome = champion_file.unpack(make_organism().to_bytes())
    return champion_file.pack({**header, **changes}, connectome)


OLD = {"version": 1, "env_id": "snake_env:Snake-v0", "env_kwargs": {"observation": "senses"}}


def change_task(**changes) -> bytes:
    return change(task={**make_organism().task.to_json(), **changes})


def replace_array(name: str, array: np.ndarray) -> bytes:
    return pack_arrays({**unpack_arrays(make_organism().to_bytes()), name: array})


def of_lists(name: str, spoil: Callable[[np.ndarray], np.ndarray] | None) -> bytes:
    """Return the file of a brain of lists, one of which is spoilt or missing."""
    organism = make_organism()
    listed = with_branches(organism.connectome)
    arrays = unpack_arrays(dataclasses.replace(organism, brain=listed).to_bytes())
    assert Organism.from_bytes(pack_arrays(arrays)).connectome == listed
    spoilt = arrays.pop(name).astype(np.int64)
    return pack_arrays(arrays if spoil is None else arrays | {name: spoil(spoilt)})


def flip(content: bytes, position: int) -> bytes:
    return content[:position] + bytes([content[position] ^ 255]) + content[position + 1 :]


def objects() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, header=np.array([{}], object))
    return buffer.getvalue()


def deep() -> bytes:
    text = b'{"format":' + b"[" * 100_000
    return replace_array("header", np.frombuffer(text, np.uint8))


def change_codec(**changes) -> bytes:
    return change(codec={**make_organism().codec.to_json(), **changes})


BITS = {"kind": "MultiBinary", "n": 10**9}
BIG_BOX = {"kind": "Box", "low": 0, "high": 1, "shape": [10**6, 10**6], "dtype": "float64"}
CASES = {
    "empty": lambda: b"",
    "text": lambda: b"no champion at all\n",
    "truncated": lambda: make_organism().to_bytes()[:-40],
    "half": lambda: make_organism().to_bytes()[:900],
    "flipped": lambda: flip(make_organism().to_bytes(), 300),
    "objects": objects,
    "deep": deep,
    "no header": lambda: pack_arrays({"x": np.zeros(2)}),
    "binary header": lambda: replace_array("header", np.full(9, 255, np.uint8)),
    "list header": lambda: replace_array("header", np.frombuffer(b"[1]", np.uint8)),
    "no connectome": lambda: pack_arrays(
        {"header": unpack_arrays(make_organism().to_bytes())["header"]}
    ),
    "wrong connectome": lambda: replace_array("threshold", np.zeros(3, np.float32)),
    "negative": lambda: replace_array("threshold", np.full(94, -1.0, np.float32)),
    "other format": lambda: change(format="x"),
    "other version": lambda: change(version=3),
    "no version": lambda: change(version=True),
    "codec": lambda: change(codec={}),
    "encoder": lambda: change(codec={**make_organism().codec.to_json(), "encoder": {"kind": "x"}}),
    "carry state": lambda: change_codec(carry_state="potentials"),
    "lists without strengths": lambda: of_lists("strength", None),
    "a source that is no neuron": lambda: of_lists("source", lambda ids: ids + 10**6),
    "a synapse of a neuron on itself": lambda: of_lists("target", np.zeros_like),
    "the same synapses twice": lambda: of_lists("delay", np.zeros_like),
    "negative delays of branches": lambda: of_lists("delay", lambda ids: ids - 1),
    "strengths of 32 bits": lambda: of_lists("strength", lambda ids: ids + 2**20),
    "lists of different lengths": lambda: of_lists("strength", lambda ids: ids[1:]),
    "more synapses than any brain has": lambda: of_lists(
        "source", lambda ids: np.zeros(2**24 + 1, np.uint8)
    ),
    "ticks": lambda: change(codec={**make_organism().codec.to_json(), "n_ticks": 0}),
    "space": lambda: change(action_space={"kind": "Discrete", "n": 0, "start": 0}),
    "no space": lambda: change(observation_space=[]),
    "huge space": lambda: change(observation_space=BIG_BOX),
    "huge decoder": lambda: change_codec(decoder={"kind": "most-spikes", "space": BITS}),
    "large decoder": lambda: change_codec(
        decoder={"kind": "most-spikes", "space": {**BITS, "n": 10**6}}
    ),
    "many boxes": lambda: change(
        action_space={"kind": "Tuple", "spaces": [{**BIG_BOX, "shape": [10**7]}] * 30}
    ),
    "two boxes": lambda: change(
        observation_space={**BIG_BOX, "shape": [6 * 10**6]},
        action_space={**BIG_BOX, "shape": [6 * 10**6]},
    ),
    "huge encoder": lambda: change_codec(
        encoder={"kind": "one-hot", "n_values": [10**12], "start": [0], "silent_lowest": False}
    ),
    "hidden encoder": lambda: change_codec(
        encoder={
            "kind": "one-hot",
            "n_values": [10**12, 85 - 10**12],
            "start": [0, 0],
            "silent_lowest": False,
        }
    ),
    "provenance": lambda: change(provenance=[1]),
    "no task": lambda: change(task=None),
    "score key": lambda: change_task(score_key=["x"]),
    "max moves": lambda: change_task(max_moves="x" * 1000),
    "many moves": lambda: change_task(max_moves=2**63),
    "old without id": lambda: change(version=1),
    "old recipe": lambda: change(**OLD, provenance={"recipe": [1]}),
    "no old recipe": lambda: change(**OLD, provenance={"recipe": None}),
    "old score key": lambda: change(**OLD, provenance={"recipe": {"score_key": ["x"]}}),
    "old max moves": lambda: change(**OLD, provenance={"recipe": {"max_moves": "x" * 1000}}),
    "large header": lambda: replace_array("header", np.full(2**23 + 1, 32, np.uint8)),
    "kwargs": lambda: change_task(env_kwargs=[1]),
    "rendering": lambda: change_task(env_kwargs={"render_mode": "ansi"}),
    "env id": lambda: change_task(env_id=7),
    "more of a task": lambda: change_task(seed=7),
}


@pytest.mark.parametrize("case", CASES)
def test_a_bad_file_is_refused_in_one_line(case, tmp_path) -> None:
    path = tmp_path / "bad.npz"
    path.write_bytes(CASES[case]())
    with pytest.raises(ChampionFileError, match=r"bad\.npz: a champion file must be") as caught:
        Organism.load(path)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    "case", ["huge decoder", "large decoder", "many boxes", "two boxes", "huge encoder"]
)
def test_a_forged_file_is_refused_before_it_takes_memory(case) -> None:
    content = CASES[case]()
    assert len(content) < 4000
    tracemalloc.start()
    with pytest.raises(ChampionFileError, match="a champion file must be whole and well-formed"):
        Organism.from_bytes(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**21


def test_running_out_of_memory_makes_a_bad_file(monkeypatch) -> None:
    def fail(_: object) -> None:
        raise MemoryError

    content = make_organism().to_bytes()
    monkeypatch.setattr("spiking_agent.organism.organism.build", fail)
    with pytest.raises(ChampionFileError, match=r"but MemoryError$"):
        Organism.from_bytes(content)


def test_a_recipe_of_the_right_types_is_read() -> None:
    for recipe in ({}, {"score_key": None}, {"score_key": "score", "max_moves": 7}):
        loaded = Organism.from_bytes(change(provenance={"recipe": recipe}))
        assert loaded.provenance == {"recipe": recipe}


def test_a_file_that_would_unpack_to_too_much_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("spiking_agent.organism.champion_file.MAX_UNPACKED", 1000)
    with pytest.raises(ChampionFileError, match="more than 1000"):
        Organism.from_bytes(make_organism().to_bytes())


def test_the_header_is_plain_json_in_a_plain_archive() -> None:
    with zipfile.ZipFile(io.BytesIO(make_organism().to_bytes())) as archive:
        header = np.load(io.BytesIO(archive.read("header.npy")), allow_pickle=False)
    assert json.loads(header.tobytes())["task"]["env_id"] == "snake_env:Snake-v0"


def test_evaluation_sums_up_held_out_episodes() -> None:
    organism, short = spiking_agent.champion("senses"), {"hunger_limit": 25}
    figures = spiking_agent.evaluate(organism, episodes=6, seed=2, env_kwargs=short)
    again = spiking_agent.evaluate(organism, episodes=6, seed=2, env_kwargs=short, workers=2)
    assert figures == again
    env = organism.env_source(env_kwargs=short).make()
    scores = []
    for i in range(6):
        play_seed = 3 * 2**30 + 2 + i
        observation, info = env.reset(seed=play_seed)
        organism.reset()
        has_ended = False
        while not has_ended:
            observation, _, terminated, truncated, info = env.step(organism.act(observation, info))
            has_ended = terminated or truncated
        scores.append(info["score"])
    assert figures.mean == pytest.approx(np.mean(scores))
    assert figures.max == max(scores)
    assert figures.median == np.median(scores)
    assert 0.0 <= figures.share_solved_low <= figures.share_solved
    assert figures.share_solved <= figures.share_solved_high <= 1.0
    npt.assert_allclose(figures.standard_error, np.std(scores, ddof=1) / np.sqrt(6))


def test_figures_that_do_not_exist_are_none() -> None:
    organism = make_organism(Unbounded)
    figures = spiking_agent.evaluate(organism, episodes=1, env=Unbounded).to_json()
    assert figures["share_solved"] is None
    assert figures["moves_to_solve"] is None
    assert figures["standard_error"] is None
    for arguments, message in (
        ({"episodes": 0}, "episodes must be a whole number in 1..1048576, got 0"),
        ({"seed": -1}, "seed must be a whole number in 0..4611686018427387904 .*, got -1"),
    ):
        with pytest.raises(ValueError, match=message):
            spiking_agent.evaluate(organism, env=Unbounded, **arguments)


@pytest.mark.parametrize(
    ("n_successes", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_intervals_of_shares_are_those_of_the_literature(
    n_successes: int, n: int, low: float, high: float
) -> None:
    # R. G. Newcombe, Statistics in Medicine 17, 1998, table I, method 3
    npt.assert_allclose(wilson_interval(n_successes, n), (low, high), atol=5e-5)


def test_an_interval_holds_its_share_however_it_is_rounded() -> None:
    for n in range(1, 303):
        assert wilson_interval(n, n)[1] == 1.0
        assert wilson_interval(0, n)[0] == 0.0


def test_naming_the_own_environment_keeps_its_arguments() -> None:
    organism = make_organism()
    own = organism.env_source("snake_env:Snake-v0", {"hunger_limit": 9})
    assert own.kwargs == {**organism.task.env_kwargs, "hunger_limit": 9}
    assert organism.env_source("CartPole-v1").kwargs == {}


def test_files_of_the_first_version_have_their_task_in_several_places() -> None:
    old = change(**OLD, provenance={"recipe": {"score_key": "score", "max_moves": 7}})
    task = Organism.from_bytes(old).task
    assert task == Task(
        env="snake_env:Snake-v0",
        env_kwargs={"observation": "senses"},
        score_key="score",
        max_moves=7,
    )
    assert spiking_agent.champion("senses").task.score_key == "score"
