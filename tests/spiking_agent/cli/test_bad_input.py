"""Bad input to any program: one line, exit code 2, and nothing changed."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from small_runs import files

from snake_env.play import cli as play
from spiking_agent.cli import evaluate, evolve, report, watch

BAD = {
    "truncated champion": (evaluate, ["{champion}.cut"], "champion file must be whole"),
    "text file": (evaluate, ["{text}"], "champion file must be whole"),
    "no such file": (
        evaluate,
        ["nowhere.npz"],
        "file must be one that can be read or written, got 'nowhere.npz' (No such file",
    ),
    "no such file, watch": (watch, ["nowhere.npz"], "nowhere.npz' (No such file"),
    "no such name": (
        evaluate,
        ["sense"],
        "got 'sense' (No such file or directory) or name a champion of the package: grown, senses",
    ),
    "no such name, watch": (watch, ["sense"], "or name a champion of the package: grown, senses"),
    "no rival": (
        evaluate,
        ["--beside", "{champion}"],
        "--beside must be a champion for the same observations and actions as the first one, got '",
    ),
    "seed beyond all": (evaluate, ["{champion}", "--seed", str(10**20)], "2**62"),
    "no such part": (evaluate, ["{champion}", "--without", "nose"], "'nose' matches none"),
    "other env": (evaluate, ["{champion}", "--env", "CartPole-v1"], "observation_space"),
    "other env, watch": (watch, ["{champion}", "--env", "CartPole-v1"], "observation_space"),
    "truncated, watch": (watch, ["{champion}.cut"], "champion file must be whole"),
    "format": (watch, ["{champion}", "--record", "a.avi"], "record must end in .gif"),
    "fast": (
        watch,
        ["{champion}", "--record", "a.gif", "--every", "tick", "--speed", "61"],
        "--speed must be 0.00833333 to 4.16667 in such a video",
    ),
    "live, engine": (
        watch,
        ["{champion}", "--live", "--engine", "actors"],
        "--live must not be given with --engine actors",
    ),
    "folder": (watch, ["{champion}", "--record", "no/a.gif"], "must lie in a directory"),
    "unknown env": (evolve, ["--env", "Snakes-v9", "--out", "{out}"], "Snakes"),
    "unknown module": (
        evolve,
        ["--env", "no_such_module:X-v0", "--out", "{out}"],
        "no_such_module",
    ),
    "another recipe": (
        evolve,
        ["--recipe", "grown", "--env-kwargs", "observation=senses", "--out", "{out}"],
        "observation must be 'planes' with recipe 'grown', got 'senses': leave out the recipe, or",
    ),
    "small board": (evolve, ["--env-kwargs", "n_rows=1", "--out", "{out}"], "n_rows must be"),
    "no number": (evolve, ["--env-kwargs", "n_rows=abc", "--out", "{out}"], "n_rows must be"),
    "list": (evolve, ["--env-kwargs", "n_rows=[1]", "--out", "{out}"], "n_rows must be"),
    "null": (evolve, ["--env-kwargs", "n_rows=null", "--out", "{out}"], "n_rows must be"),
    "done": (evolve, ["--resume", "{run}"], "has reached its limits, 2 generations: give"),
    "unknown kwarg, watch": (
        watch,
        ["{champion}", "--env-kwargs", "colour=1"],
        "env_kwargs must fit",
    ),
    "unknown kwarg": (evolve, ["--env-kwargs", "colour=1", "--out", "{out}"], "colour"),
    "population": (
        evolve,
        ["--population", "1", "--out", "{out}"],
        "population_size must be a whole number >= 2",
    ),
    "unwritable": (
        evolve,
        ["--generations", "1", "--out", "{text}/run"],
        "out must be a directory",
    ),
    "encoder": (
        evolve,
        ["--encoder", "gray", "--out", "{out}"],
        "encoder must be one of thermometer, rate, ",
    ),
    "decoder": (
        evolve,
        ["--decoder", "difference", "--out", "{out}"],
        "action space must be one for decoder 'difference', got Discrete(4): 'most-spikes' fits it",
    ),
    "resume and codec": (
        evolve,
        ["--resume", "{run}", "--encoder", "rate", "--score-key", "score"],
        "--encoder, --score-key must not be given",
    ),
    "resume": (evolve, ["--resume", "{empty}"], "resume must be the directory of a run"),
    "resume and seed": (evolve, ["--resume", "{run}", "--seed", "1"], "--seed must not be given"),
    "no champion in it": (evaluate, ["{empty}"], "got empty, which holds no champion.npz"),
    "no rival in it": (evaluate, ["--beside", "{empty}"], "got empty, which holds no champion.npz"),
    "no champion to watch": (watch, ["{empty}"], "got empty, which holds no champion.npz"),
    "report of nothing": (
        report,
        ["no\N{LATIN SMALL LETTER E WITH ACUTE}l"],
        "there is no such directory",
    ),
    "report of a file": (report, ["{champion}"], "champion.npz: it is a file"),
    "damaged run": (
        report,
        ["{damaged}"],
        "directory must be that of a run, got damaged (cannot read config.json: ",
    ),
    "report of no run": (report, ["{empty}"], "got empty: it holds no config.json"),
    "no name": (evaluate, [""], "champion must be a path that a file can have, got ''"),
    "no name of a run": (report, [""], "directory must be a path that a file can have, got ''"),
    "no id": (
        evolve,
        ["--env", "", "--out", "{out}"],
        "env must be an id, such as CartPole-v1 or module:Name-v0, got ''",
    ),
    "too many workers": (
        evaluate,
        ["{champion}", "--workers", "99999999"],
        "workers must be a whole number in 1..1024",
    ),
    "too many episodes": (
        evaluate,
        ["{champion}", "--episodes", "9999999"],
        "episodes must be a whole number in 1..1048576",
    ),
    "no JSON": (evolve, ["--env-kwargs", "size=NaN", "--out", "{out}"], "['size'] must be a JSON"),
    "taken": (evolve, ["--generations", "1", "--out", "{run}"], "which holds a run"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gives_one_line_and_exit_code_2(
    case, run_directory, tmp_path, monkeypatch, capsys
) -> None:
    program, arguments, message = BAD[case]
    monkeypatch.chdir(tmp_path)
    run = tmp_path / "run"
    shutil.copytree(run_directory, run)
    champion = run / "champion.npz"
    Path(f"{champion}.cut").write_bytes(champion.read_bytes()[:1000])
    text = tmp_path / "text.npz"
    text.write_text("not an archive")
    (tmp_path / "empty").mkdir()
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "config.json").write_text("{")
    names = {
        "damaged": "damaged",
        "champion": champion,
        "text": text,
        "out": "out",
        "empty": "empty",
        "run": run,
    }
    before, whole = files(run), {path.name for path in tmp_path.iterdir()}
    code = program.main([argument.format(**names) for argument in arguments])
    captured = capsys.readouterr()
    assert code == 2
    assert captured.err.count("\n") == 1, captured.err
    assert "error: " in captured.err
    assert message in captured.err
    assert files(run) == before
    assert {path.name for path in tmp_path.iterdir()} == whole


@pytest.mark.parametrize(
    "arguments",
    [
        ["--seconds", "0"],
        ["--seconds", "inf"],
        ["--generations", "x"],
        ["--seed", "-1"],
        ["--workers", "0"],
        ["--env-kwargs", "n_rows"],
        ["--engine", "magic"],
        ["--out", ""],
        ["--resume", ""],
    ],
    ids=" ".join,
)
def test_arguments_are_checked_by_the_parser(arguments, capsys) -> None:
    assert evolve.main(arguments) == 2
    error = capsys.readouterr().err
    assert arguments[0] in error
    assert error.endswith(" (see --help)\n")
    assert error.count("\n") == 1


@pytest.mark.parametrize("program", [evolve, evaluate, report, watch])
def test_an_option_that_does_not_exist_is_one_line_without_the_usage(program, capsys) -> None:
    assert program.main(["runs", "--colour", "red\nblue"]) == 2
    error = capsys.readouterr().err
    name = f"spiking-{program.__name__.rpartition('.')[2]}"
    assert error.startswith(f"{name}: error: unrecognized arguments: ")
    assert error.endswith("--colour red blue (see --help)\n")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("program", "arguments", "message"),
    [
        (watch, ["--live", "x"], "--live: must be 0.01 to 10000 milliseconds, got 'x'"),
        (watch, ["--live", "nan"], "--live: must be 0.01 to 10000 milliseconds, got 'nan'"),
        (watch, ["--speed", "0"], "--speed: must be a finite number > 0, got 0"),
        (evaluate, ["--episodes", "x"], "--episodes: must be a whole number >= 1, got 'x'"),
        (evaluate, ["--seed", "-1"], "--seed: must be a whole number >= 0, got -1"),
        (
            evolve,
            ["--env-kwargs", "n_rows=4", "n_rows=5", "--generations", "0"],
            "--env-kwargs: n_rows must be given once, got another n_rows=...",
        ),
        (
            watch,
            ["nowhere.npz", "--env-kwargs", "n_rows=4", "--env-kwargs", "n_rows=5"],
            "--env-kwargs: n_rows must be given once, got another n_rows=...",
        ),
        (evaluate, ["--without", ""], "--without: must be a name, got ''"),
    ],
)
def test_an_argument_out_of_range_says_its_range(program, arguments, message, capsys) -> None:
    assert program.main(arguments) == 2
    assert capsys.readouterr().err.endswith(f"error: argument {message} (see --help)\n")


def test_a_file_that_cannot_be_read_is_said_in_the_same_words_by_all_programs(
    monkeypatch, capsys
) -> None:
    def refuse(name: str, *_: Any) -> None:
        raise PermissionError(13, "Permission denied", name)

    monkeypatch.setattr(evaluate, "load_champion", refuse)
    monkeypatch.setattr(play, "load_opponent", refuse)
    assert evaluate.main(["a.npz"]) == play.main(["--versus", "a.npz"]) == 2
    ours, theirs = capsys.readouterr().err.splitlines()
    assert ours.partition(": ")[2] == theirs.partition(": ")[2]
    assert ours.endswith(
        "file must be one that can be read or written, got 'a.npz' (Permission denied)"
    )


def test_a_file_that_cannot_be_written_is_named_as_it_was_given(
    champion, tmp_path, monkeypatch, capsys
) -> None:
    def refuse(self: Path, *_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    path = tmp_path / "lost.png"
    arguments = [champion, "--episodes", "2", "--workers", "1", "--lost", str(path)]
    play = evaluate.write_atomically

    def write(*given: Any) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(Path, "open", refuse)
            play(*given)

    monkeypatch.setattr(evaluate, "write_atomically", write)
    assert evaluate.main([*arguments, "--env-kwargs", "hunger_limit=3"]) == 2
    assert capsys.readouterr().err.endswith(
        f"file must be one that can be read or written, got {str(path)!r} (Permission denied)\n"
    )


def test_values_that_are_nested_too_deeply_are_refused(capsys) -> None:
    assert evolve.main(["--env-kwargs", "n_rows=" + 9999 * "["]) == 2
    words = "--env-kwargs: must not be nested so deeply, got n_rows=... (see --help)\n"
    assert capsys.readouterr().err.endswith(words)
