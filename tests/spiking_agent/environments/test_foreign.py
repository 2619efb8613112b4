"""Whatever code of other people raises while it plays comes out as its own fault, and one kind."""

import gymnasium as gym
import numpy as np
import pytest
from faulty_envs import Faulty
from players import draw, make_organism, make_player, task_of
from toy_envs import Echo

import spiking_agent
from spiking_agent.cli import evaluate, evolve, watch
from spiking_agent.environments.source import EnvSource
from spiking_agent.episodes.evaluator import Evaluator
from spiking_agent.errors import EnvironmentFailedError

EXCEPTIONS = {
    "two arguments": "TwoArgumentsError: stuck in the arm",
    "local": "LocalError: held",
    "wordless": "WordlessError",
    "StopIteration": "StopIteration",
    "ValueError": "ValueError: operands could not be broadcast",
    "KeyError": "KeyError: 'goal'",
    "AssertionError": "AssertionError",
    "SystemExit": "SystemExit: 3",
    "OSError": "FileNotFoundError: ",
    "gymnasium's": "ResetNeeded: reset first",
}
SMALL = {"population_size": 4, "n_episodes": 1, "target": None, "generations": 4}


def run(fault: str, call: str = "step", **how) -> None:
    kwargs = {"fault": fault, "call": call}
    spiking_agent.evolve(Faulty, env_kwargs=kwargs, **SMALL, **how)


@pytest.mark.parametrize("fault", EXCEPTIONS)
def test_what_an_environment_raises_is_told_as_its_own_fault(fault: str) -> None:
    with pytest.raises(EnvironmentFailedError) as caught:
        run(fault)
    error = caught.value
    assert str(error).startswith("the environment Faulty failed in step(): ")
    assert EXCEPTIONS[fault] in str(error)
    assert "faulty_envs.py" in error.trace
    assert error.__cause__ is not None
    assert type(error.__cause__).__name__ in error.reason
    assert all(type(part) is str for part in error.args)  # so that it can travel


@pytest.mark.slow
def test_it_is_the_same_error_out_of_a_worker_process() -> None:
    player = make_player(EnvSource(Echo))
    for fault in ("two arguments", "local", "StopIteration"):
        source = EnvSource(Faulty, {"fault": fault})
        with Evaluator(task_of(source), player.codec, workers=2) as evaluator:
            with pytest.raises(EnvironmentFailedError) as caught:
                list(map(evaluator.evaluate, [draw(player, 2)] * 9, [[1]] * 9))
        assert EXCEPTIONS[fault] in str(caught.value)
        assert "faulty_envs.py" in caught.value.trace


@pytest.mark.parametrize("call", ["reset", "step", "__init__"])
def test_the_call_that_failed_is_named(call: str) -> None:
    with pytest.raises(EnvironmentFailedError, match=rf"failed in {call}\(\): .*goal"):
        run("KeyError", call)


def test_a_value_error_of_a_constructor_is_about_its_arguments_only_if_there_are_any() -> None:
    def make(render_mode=None, size=0):
        raise ValueError("size must be >= 1")

    with pytest.raises(EnvironmentFailedError, match=r"failed in __init__\(\): ValueError: size"):
        spiking_agent.evolve(make, **SMALL)
    with pytest.raises(ValueError, match=r"^size must be >= 1$"):
        spiking_agent.evolve(make, env_kwargs={"size": -1}, **SMALL)


def test_an_exception_while_closing_is_a_warning_and_loses_nothing() -> None:
    with pytest.warns(RuntimeWarning, match=r"(?s)failed in close\(\): KeyError.*faulty_envs.py"):
        organism = spiking_agent.evolve(
            Faulty, env_kwargs={"call": "close", "fault": "KeyError"}, **SMALL
        )
    assert organism.connectome.n_outputs == 2


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_command_line_shows_the_traceback_and_one_line_after_saving(
    workers: str, tmp_path, capsys
) -> None:
    out = tmp_path / "run"
    arguments = ["--env", "faulty_envs:Faulty-v0", "--env-kwargs", "fault=ValueError", "after=8"]
    arguments += ["--population", "4", "--episodes", "1", "--generations", "30", "--target", "none"]
    assert evolve.main([*arguments, "--workers", workers, "--out", str(out)]) == 1
    err = capsys.readouterr().err
    assert "faulty_envs.py" in err
    assert err.count("Traceback") == 1
    assert err.splitlines()[-1].startswith(
        "spiking-evolve: error: the environment faulty_envs:Faulty-v0 failed in step(): ValueError"
    )
    assert (out / "champion.npz").exists()
    assert f"--resume {out}" in err


def test_evaluate_and_watch_tell_the_same(tmp_path, capsys) -> None:
    champion = tmp_path / "champion.npz"
    make_organism(Echo).save(champion)
    where = [str(champion), "--env", "faulty_envs:Faulty-v0"]
    film = ["--record", str(tmp_path / "film.gif")]
    for program, more, kwargs in (
        (evaluate, ["--workers", "1"], ["fault=ValueError"]),
        (watch, [*film, "--episodes", "3"], ["fault=ValueError"]),
        (watch, film, ["call=render", "fault=KeyError"]),
    ):
        assert program.main([*where, *more, "--env-kwargs", *kwargs]) == 1
        err = capsys.readouterr().err
        assert "faulty_envs.py" in err
        assert ": error: the environment faulty_envs:Faulty-v0 failed in " in err.splitlines()[-1]


def test_what_an_environment_returns_is_bad_input_in_one_line() -> None:
    class Old(Echo):
        def step(self, action):
            return super().step(action)[:4]

    class Bare(Echo):
        def reset(self, **how):
            return super().reset(**how)[0]

    class Unsure(Echo):
        def step(self, action):
            *moved, _, _, info = super().step(action)
            return *moved, np.zeros(2), False, info

    for env, words in (
        (Old, r"step\(\) must return .*, got 4 values"),
        (Bare, "reset.*got array"),
        (Unsure, r"step\(\) must return True or False as terminated, got array"),
    ):
        with pytest.raises(ValueError, match=words):
            spiking_agent.evolve(env, **SMALL)
    with pytest.raises(ValueError, match=r"env must make a gymnasium\.Env, got 3 from"):
        spiking_agent.evolve(lambda render_mode: 3, **SMALL)
    with pytest.raises(
        ValueError, match=r"observation_space of the environment .* must be a gymnasium"
    ):
        spiking_agent.evolve(gym.Env, **SMALL)


def test_a_module_that_ends_the_program_on_import_does_not(tmp_path, monkeypatch) -> None:
    (tmp_path / "leaving.py").write_text("raise SystemExit(0)")
    (tmp_path / "bare.py").write_text(
        "import gymnasium\ngymnasium.register('Bare-v0', entry_point='bare:Nothing')"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EnvironmentFailedError, match=r"leaving:X-v0 failed in .* SystemExit: 0"):
        spiking_agent.evolve("leaving:X-v0", **SMALL)
    try:
        with pytest.raises(EnvironmentFailedError, match="has no attribute 'Nothing'"):
            spiking_agent.evolve("bare:Bare-v0", **SMALL)
    finally:
        del gym.registry["Bare-v0"]
