"""What callers pass: taken as plain Python where it is a number of any type, refused where not."""

import json
import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import gymnasium
import numpy as np
import pytest
from toy_envs import Echo, Unbounded

import spiking_agent
from snake_env import SnakeEnv
from spiking_agent.checks.arguments import flag, json_values, limits, number, several, whole
from spiking_agent.codec.codec import make_codec
from spiking_agent.codec.encoders.discrete import DirectEncoder, OneHotEncoder
from spiking_agent.codec.encoders.pictures import Grid
from spiking_agent.codec.encoders.real_numbers import RateEncoder
from spiking_agent.codec.params import CodecParams
from spiking_agent.dna.ports import Ports
from spiking_agent.dna.wired import WiredParams
from spiking_agent.evolution.reporters.terminal import TerminalReporter
from spiking_agent.evolution.settings.config import EvolutionConfig, Refinement
from spiking_agent.organism.evaluation import lesioned
from spiking_agent.organism.organism import Organism

PLAIN: dict[str, Any] = {
    "n_hidden": 2,
    "inputs_receive": True,
    "outputs_send": False,
    "is_layered": False,
    "n_ticks": 3,
    "carry_state": True,
    "n_levels": 3,
    "n_episodes": 2,
    "shared_episodes": True,
    "solved_bonus": 0.5,
    "solved_move_cost": 0.25,
    "max_moves": 10_000,
    "n_validation": 4,
    "n_validated_first": 2,
    "validation_interval": 3,
    "target": 100.0,
    "seed": 5,
    "training_kwargs": {"n_moves": 4},
    "max_strength": 50,
    "first_strength": 20,
    "first_drive": 1,
    "density": 0.5,
    "inhibition": True,
    "thresholds": (1.0, 2.0),
    "hidden_thresholds": (3.0,),
    "decays": (0.0, 0.5),
    "refractory_periods": (0, 1),
    "initiation_delays": (1, 2),
    "hidden_delays": (3,),
    "soft_resets": (False,),
    "population_size": 6,
    "parent_share": 0.5,
    "elite_share": 0.25,
    "crossover_rate": 0.5,
    "number_mutations": 1.5,
    "choice_mutations": 0.5,
    "mutation_scale": 0.5,
}


def as_numpy(value: Any) -> list[Any]:
    """The same setting in all the types in which people have it."""
    match value:
        case bool():
            return [np.bool_(value), np.array(value)]
        case int():
            return [np.int64(value), np.uint16(value), float(value), np.float32(value)]
        case float():
            return [np.float64(value), np.float32(value), np.array(value), Fraction(value)]
        case tuple():
            return [list(value), np.array(value)]
        case dict():
            return [MappingProxyType({key: np.int64(one) for key, one in value.items()})]
    raise TypeError(value)


@pytest.mark.parametrize("name", PLAIN)
def test_a_setting_of_any_type_is_the_plain_one(name: str) -> None:
    config = EvolutionConfig().changed(**PLAIN)
    wanted = json.dumps(config.to_json())
    for value in as_numpy(PLAIN[name]):
        changed = config.changed(**{name: value})
        assert changed == config
        assert json.dumps(changed.to_json()) == wanted  # of the same types, too


@pytest.mark.slow
def test_a_run_with_settings_of_numpy_is_byte_equal_and_goes_on_as_such(tmp_path) -> None:
    numpy = {name: as_numpy(value)[0] for name, value in PLAIN.items()}
    for folder, settings, generations in (
        ("plain", PLAIN, (2, 3)),
        ("numpy", numpy, (np.int64(2), 3.0)),
    ):
        kwargs = {"worth": 2.0} if folder == "plain" else {"worth": np.float32(2.0)}
        out, (first, last) = tmp_path / folder, generations
        champion = spiking_agent.evolve(
            Echo, generations=first, env_kwargs=kwargs, out=out, report=False, **settings
        )
        assert Organism.load(out / "champion.npz").to_bytes() == champion.to_bytes()
        spiking_agent.evolve(Echo, generations=last, out=out, resume=True, report=False)
    names = ("config.json", "champion.npz", "checkpoint.npz")
    plain, other = (
        [(tmp_path / f / name).read_bytes() for name in names] for f in ("plain", "numpy")
    )
    assert plain == other


@pytest.mark.parametrize("make", [np.int64, np.float32, np.uint8, np.array, float])
def test_seeds_and_episodes_are_whole_numbers_of_any_type(make) -> None:
    organism = spiking_agent.evolve(Echo, generations=1, population_size=4, seed=make(3))
    plain = spiking_agent.evolve(Echo, generations=1, population_size=4, seed=3)
    assert organism.to_bytes() == plain.to_bytes()
    figures = spiking_agent.evaluate(organism, episodes=make(4), seed=make(5), env=Echo)
    assert figures == spiking_agent.evaluate(organism, episodes=4, seed=5, env=Echo)


@pytest.mark.parametrize(
    "value", [3.5, "5", None, True, np.True_, np.nan, np.inf, [5], np.array([5]), b"5", 1j]
)
def test_what_is_no_whole_number_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^n must be a whole number >= 0, got ") as caught:
        whole("n", value)
    assert len(str(caught.value)) < 200


def test_a_number_that_python_would_not_write_is_refused() -> None:
    with pytest.raises(
        ValueError, match="seed must be a whole number >= 0, got <int of 16610 bits>"
    ):
        EvolutionConfig.of(seed=10**5000)


def test_a_number_that_is_too_large_is_answered_with_the_bound() -> None:
    bound = r"x must be a finite number, at most 2\*\*1023 in size, got "
    for value in (1e308, -1e308, 2**1023 + 1, 10**400):
        with pytest.raises(ValueError, match=bound):
            number("x", value)
    assert number("x", 2**1023) == 2.0**1023


def test_whole_numbers_are_not_rounded() -> None:
    assert whole("n", Decimal(2**60 + 1)) == 2**60 + 1
    assert whole("n", np.uint64(2**64 - 1)) == 2**64 - 1
    assert type(whole("n", np.float32(7))) is int
    with pytest.raises(ValueError, match=r"n must be a whole number in 1\.\.3, got 4"):
        whole("n", 4, 1, 3)


@pytest.mark.parametrize("value", ["0.5", None, True, np.nan, -np.inf, 1j])
def test_what_is_no_finite_number_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="x must be a finite number, got "):
        number("x", value)


@pytest.mark.parametrize("value", ["no", "True", 0, 1, None, 1.0, [True]])
def test_what_is_neither_true_nor_false_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="is_on must be True or False, got "):
        flag("is_on", value)
    for name in ("inputs_receive", "inhibition"):
        with pytest.raises(ValueError, match=f"{name} must be True or False, got "):
            EvolutionConfig().changed(**{name: value})


@pytest.mark.parametrize("values", [None, 5, "12", {1, 2}, {1: 2}, np.array(5), iter([1])])
def test_what_has_no_order_is_no_list(values: Any) -> None:
    with pytest.raises(ValueError, match="n must be a tuple or a list of at least 1, got"):
        several("n", values, whole, 1)


@pytest.mark.parametrize("values", [[3, 4, "x"], (3, 4, "x"), np.arange(3)])
def test_the_length_of_a_list_is_checked_before_its_items(values: Any) -> None:
    with pytest.raises(ValueError, match="n must have at most 2 items, got 3"):
        several("n", values, whole, most=2)
    assert several("n", values[:2], whole, most=2) == tuple(values[:2])


def test_lists_of_refinements_are_tuples() -> None:
    changes = {"mutation_scale": np.float32(1)}
    part = Refinement(from_solved=np.float64(0.5), n_episodes=np.int8(3), strategy=changes)
    assert part == Refinement(from_solved=0.5, n_episodes=3, strategy={"mutation_scale": 1.0})
    assert EvolutionConfig.of(refinements=[part]).training.refinements == (part,)


@pytest.mark.parametrize(
    "wrong",
    [5, {"from_solved": 0.5}, {"from_solved": 0.5, "n_episodes": 3, "stratey": {}}, {1: 2}],
)
def test_what_is_no_refinement_is_refused(wrong: Any) -> None:
    message = r"refinements\[0\] must be a Refinement, or a mapping with from_solved, .*, got "
    with pytest.raises(ValueError, match=message + re.escape(repr(wrong))):
        EvolutionConfig.of(refinements=(wrong,))


def test_what_a_file_gives_back_is_what_the_environment_gets() -> None:
    given = {"a": np.arange(4).reshape(2, 2), "b": (1, np.float64(0.5), np.False_), "c": None}
    plain = json_values("env_kwargs", MappingProxyType(given))
    assert plain == {"a": [[0, 1], [2, 3]], "b": [1, 0.5, False], "c": None}
    assert plain == json.loads(json.dumps(plain, allow_nan=False))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"size": {1, 2}}, r"env_kwargs\['size'\] must be a JSON value .*, got {1, 2}: .*function"),
        ({"a": [0, {"b": np.inf}]}, r"env_kwargs\['a'\]\[1\]\['b'\] must be a JSON value .* inf"),
        (
            {"a": np.array(["2020"], "datetime64[D]")},
            r"env_kwargs\['a'\]\[0\] must be a JSON value",
        ),
        ({"a": {1: 2}}, r"env_kwargs\['a'\] must have keys of text, got 1"),
        ([1], r"env_kwargs must be a mapping of names to values, got \[1\]"),
        ("n_rows=6", "env_kwargs must be a mapping of names to values, got 'n_rows=6'"),
    ],
)
def test_what_no_file_gives_back_is_refused_by_its_key(given: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spiking_agent.evolve("CartPole-v1", generations=1, env_kwargs=given)


def test_a_list_that_holds_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(ValueError, match="env_kwargs must not hold itself"):
        json_values("env_kwargs", {"a": endless})


def test_limits_are_plain_numbers() -> None:
    assert repr(limits(np.int16(3), np.float32(0.5))) == "(3, 0.5)"
    for generations, seconds, name in (
        (1.5, None, "generations"),
        (True, None, "generations"),
        (None, np.inf, "seconds"),
        (None, "60", "seconds"),
    ):
        with pytest.raises(ValueError, match=f"{name} must be "):
            limits(generations, seconds)


def test_codecs_of_numpy_numbers_can_be_saved() -> None:
    codec = make_codec(
        Unbounded(),
        np.random.default_rng(0),
        CodecParams(n_ticks=np.int64(4), n_levels=2.0, carry_state=np.True_),
    )
    assert json.loads(json.dumps(codec.to_json())) == codec.to_json()
    low, high = np.zeros(2, np.float32), np.ones(2, np.float32)
    for encoder in (
        RateEncoder(low, high, np.int8(3)),
        DirectEncoder(np.int64(3)),
        OneHotEncoder(np.array([2, 3]), np.array([0, -1]), np.True_),
    ):
        assert json.loads(json.dumps(encoder.to_json())) == encoder.to_json()
    grid = Grid(*np.array([4, 4, 1]), np.False_, *np.array([2, 2]))
    assert grid == Grid(4, 4, 1, False, 2, 2)
    assert Ports(n_inputs=np.int64(3), n_outputs=2.0, constant=[np.int8(2)]).constant == (2,)
    assert WiredParams(thresholds=np.array([1, 2])).thresholds == (1.0, 2.0)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (None, "got None: many are made, so pass an id, such as 'CartPole-v1'"),
        (gymnasium.make("Acrobot-v1"), "such as 'Acrobot-v1', or a function"),
        (gymnasium.spec("Acrobot-v1"), "such as 'Acrobot-v1', or a function"),
        (gymnasium.make_vec("CartPole-v1", 2), "such as 'CartPole-v1', or a function"),
        (SnakeEnv(), "got <snake_env.env.SnakeEnv object"),
        (b"CartPole-v1", "got b'CartPole-v1'"),
    ],
)
def test_an_environment_that_is_made_already_is_refused(given: Any, message: str) -> None:
    rule = "env must be a Gymnasium id or a function that makes an environment, "
    with pytest.raises(TypeError, match=rule) as caught:
        spiking_agent.evolve(given, generations=1)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 450
    if given is not None:
        with pytest.raises(TypeError, match=rule):
            spiking_agent.evaluate(spiking_agent.champion("senses"), env=given)


@pytest.mark.parametrize("given", ["champion.npz", None, 5, Organism])
def test_only_organisms_are_evaluated(given: Any) -> None:
    message = r"organism must be an Organism, got .*: .*Organism\.load\(path\) reads one"
    with pytest.raises(TypeError, match=message):
        spiking_agent.evaluate(given)


@pytest.mark.parametrize(
    "env_id", ["", ":CartPole-v1", "a:b:c-v0", "./a:X-v0", "\x1b[31m-v0", "a:"]
)
def test_what_can_be_no_id_is_refused_before_anything_is_imported(env_id: str) -> None:
    with pytest.raises(ValueError, match="env must be an id, such as CartPole-v1 or ") as caught:
        spiking_agent.evolve(env_id, generations=1)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda who: who.act(np.zeros(113, np.int8), 5), "info must be a Mapping, got 5"),
        (
            lambda who: who.act(np.zeros(113, np.int8), {"action_mask": ["a"] * 4}),
            "action_mask must hold truth values, got array of <U",
        ),
        (
            lambda who: who.predict(np.zeros((1, 113), np.int8), action_masks=[[np.nan] * 4]),
            "action_mask must hold truth values, got array of float64",
        ),
        (
            lambda who: who.predict(np.zeros((2, 113), np.int8), episode_start=[0.5, 2]),
            "episode_start must hold True or False",
        ),
        (lambda who: who.lanes(10**12), r"n_lanes must be a whole number in 1\.\.1048576, got"),
        (lambda who: who.make_env(render_mode=5), "render_mode must be a name, got 5"),
        (lambda who: replace(who, brain=5), "brain must be a Connectome or a GrownBrain, got 5"),
        (lambda who: replace(who, codec=None), "codec must be a Codec, got None"),
        (lambda who: replace(who, task="x"), "task must be a Task, got 'x'"),
        (lambda who: lesioned(who, 5), "part must be a name, got 5"),
    ],
)
def test_wrong_arguments_of_an_organism_are_refused(call, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        call(spiking_agent.champion("senses"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"env_id": "Other-v0"}, "settings must be .*, got 'env_id': did you mean 'env'"),
        ({"out": 5}, "out must be a path, got 5"),
        ({"out": ""}, "out must be a path that a file can have, got ''"),
        ({"out": "a\0b"}, r"out must be a path that a file can have, got 'a\\x00b'"),
        ({"executor": 5}, "executor must have a method submit, got 5"),
        ({"reporters": None}, "reporters must be a tuple or a list, got None"),
        ({"reporters": [TerminalReporter]}, r"reporters\[0\] must be an object, got the class Te"),
        ({"reporters": [5]}, r"reporters\[0\] must have a method run_started, got 5"),
        ({"decoder": {"kind": "balance"}}, "decoder must be what to_json of one returned, got"),
        ({"encoder": {"kind": "rate"}}, "encoder must be what to_json of one returned, got"),
        ({"n_validation": 10**12}, r"n_validation must be a whole number in 1\.\.1048576, got"),
        ({"n_episodes": 10**12}, r"n_episodes must be a whole number in 1\.\.1048576, got"),
    ],
)
def test_other_wrong_arguments_of_evolve_are_refused(arguments, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        spiking_agent.evolve("CartPole-v1", generations=1, population_size=4, **arguments)


def test_a_float_array_for_bits_is_told_by_its_shape_and_range() -> None:
    organism = spiking_agent.champion("senses")
    message = (
        r"observation must be of MultiBinary\(113\).*, got array of float32, shape \(113,\), 0.3"
    )
    for call in (organism.act, organism.predict):
        with pytest.raises(ValueError, match=message):
            call(np.full(113, 0.3, np.float32))
    with pytest.raises(TypeError, match="state must be a PolicyLanes, got 5"):
        organism.predict(np.zeros(113, np.int8), state=5)


@pytest.mark.parametrize("path", [None, 5, ["x"]])
def test_what_is_no_path_is_neither_loaded_nor_written(path: Any) -> None:
    for call in (Organism.load, spiking_agent.champion("senses").save):
        with pytest.raises(TypeError, match=r"(path|champion) must be a path, got"):
            call(path)
