"""The directory of a run: written, read again, refused when damaged."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.testing as npt
import pytest

from spiking_agent.errors import RunDirectoryError
from spiking_agent.files import pack_arrays
from spiking_agent.run_directory import (
    CHECKPOINT,
    CONFIG,
    HEADER,
    METRICS,
    RunDirectory,
    next_directory,
)

CONFIGURATION = {"package": "0", "evolution": {"seed": 1}, "run": {"workers": 2}}
ROWS = [{"generation": "0", "best": "1.5", "held_out": ""}, {"generation": "1", "best": "2,0 é\n"}]


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture
def directory(tmp_path: Path) -> RunDirectory:
    directory = RunDirectory(tmp_path / "runs" / "one")
    directory.create(CONFIGURATION)
    return directory


def test_a_new_directory_holds_its_configuration_alone(directory: RunDirectory) -> None:
    assert names(directory.path) == [CONFIG]
    assert directory.read_config() == CONFIGURATION
    assert directory.read_checkpoint() is None
    assert directory.read_metrics(list(ROWS[0])) == []


def test_an_empty_directory_can_become_a_run(tmp_path: Path) -> None:
    RunDirectory(tmp_path).create(CONFIGURATION)
    assert RunDirectory(str(tmp_path)).read_config() == CONFIGURATION


def test_a_run_is_never_overwritten(directory: RunDirectory) -> None:
    with pytest.raises(RunDirectoryError, match=r"out must be a new directory, .* --resume .*one"):
        directory.create({})
    assert directory.read_config() == CONFIGURATION


@pytest.mark.parametrize("name", ["file", "file/below", "x" * 300])
def test_a_place_that_cannot_be_a_directory_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("text")
    with pytest.raises(RunDirectoryError, match="out must be a directory that can be written, got"):
        RunDirectory(tmp_path / name).create(CONFIGURATION)


def test_a_configuration_that_is_no_json_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="JSON serializable"):
        RunDirectory(tmp_path / "one").create({"env": object()})
    assert names(tmp_path) == []


@pytest.mark.parametrize("text", [None, "", "{", "[" * 100_000, "\udcff"])
def test_a_directory_without_a_configuration_is_refused(
    directory: RunDirectory, text: str | None
) -> None:
    path = directory.path / CONFIG
    path.unlink()
    if text is not None:
        path.write_bytes(text.encode(errors="surrogateescape"))
    message = r"resume must be the directory of a run, got .*one \(cannot read config.json: "
    with pytest.raises(RunDirectoryError, match=message):
        directory.read_config()


def test_a_configuration_must_be_an_object(directory: RunDirectory) -> None:
    directory.write(CONFIG, b"[1]")
    with pytest.raises(RunDirectoryError, match=r"config.json must hold a JSON object, got \[1\]"):
        directory.read_config()


def test_a_checkpoint_is_read_as_it_was_written(directory: RunDirectory) -> None:
    arrays = {"strength": np.arange(6, dtype=np.int8).reshape(2, 3), "decay": np.zeros(0)}
    values = {"rng": {"state": 2**127 + 1}, "name": "é", "best": 0.1, "none": None}
    directory.write_checkpoint(arrays, values)
    checkpoint = directory.read_checkpoint()
    assert checkpoint is not None
    again, same_values = checkpoint
    assert same_values == values
    assert list(again) == list(arrays)
    for name, array in arrays.items():
        npt.assert_array_equal(again[name], array, strict=True)


def test_equal_checkpoints_are_equal_bytes(directory: RunDirectory) -> None:
    contents = []
    for values in ({"a": 1, "b": 2}, {"b": 2, "a": 1}):
        directory.write_checkpoint({"x": np.zeros(3)}, values)
        contents.append((directory.path / CHECKPOINT).read_bytes())
    assert contents[0] == contents[1]


def header(text: bytes) -> bytes:
    return pack_arrays({HEADER: np.frombuffer(text, np.uint8)})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is not a whole npz archive"),
        (pack_arrays({"a": np.zeros(3)}), "it has no header"),
        (header(b"{"), "Expecting property name"),
        (header(b"\xff\xfe\xfd"), "codec can't decode"),
        (header(b"[1, 2]"), "its header is no JSON object"),
        (header(b"[" * 100_000), "recursion"),
    ],
)
def test_a_damaged_checkpoint_is_refused(
    directory: RunDirectory, content: bytes, message: str
) -> None:
    directory.write(CHECKPOINT, content)
    with pytest.raises(
        RunDirectoryError, match=f"checkpoint.npz must be a checkpoint, but .*{message}"
    ):
        directory.read_checkpoint()


def test_metrics_are_read_as_they_were_written(directory: RunDirectory) -> None:
    directory.write_metrics(ROWS)
    assert directory.read_metrics(list(ROWS[0])) == [ROWS[0], {**ROWS[1], "held_out": ""}]
    directory.write_metrics([])
    assert directory.read_metrics(list(ROWS[0])) == []


def test_metrics_have_a_line_of_names(directory: RunDirectory) -> None:
    directory.write_metrics(ROWS[:1])
    text = (directory.path / METRICS).read_text()
    assert text.splitlines() == ["generation,best,held_out", "0,1.5,"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n1,2\n3\n", "must have a value for each column, got more or fewer in row 1"),
        (b"a,b\n1,2,3\n", "must have a value for each column, got more or fewer in row 0"),
        (b"a,b\n\xff,2\n", "must be a table, but .*codec can't decode"),
        (b'a,b\n"1,2\n', "must be a table, but unexpected end of data"),
    ],
)
def test_damaged_metrics_are_refused(directory: RunDirectory, content: bytes, message: str) -> None:
    directory.write(METRICS, content)
    with pytest.raises(RunDirectoryError, match=f"metrics.csv {message}"):
        directory.read_metrics(list(ROWS[0]))


def test_the_first_free_number_names_a_directory(tmp_path: Path) -> None:
    assert next_directory("Snake-v0", tmp_path) == tmp_path / "Snake-v0-1"
    for name in ("Snake-v0-1", "Snake-v0-3", "Other-2"):
        (tmp_path / name).mkdir()
    assert next_directory("Snake-v0", tmp_path) == tmp_path / "Snake-v0-2"


def test_directories_are_named_in_runs_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert next_directory("x") == Path("runs") / "x-1"


def test_configurations_are_readable_by_people(directory: RunDirectory) -> None:
    text = (directory.path / CONFIG).read_text()
    assert text.count("\n") > len(CONFIGURATION)
    assert json.loads(text) == CONFIGURATION


def test_a_failed_write_keeps_the_old_checkpoint(
    directory: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory.write_checkpoint({}, {"generation": 1})

    def full(handle: int) -> Any:
        raise OSError("No space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunDirectoryError, match=r"npz must be writable, got No space"):
        directory.write_checkpoint({}, {"generation": 2})
    assert directory.read_checkpoint() == ({}, {"generation": 1})
    assert sorted(names(directory.path)) == [CHECKPOINT, CONFIG]


def test_a_table_with_other_columns_is_refused(directory: RunDirectory) -> None:
    directory.write_metrics(ROWS)
    with pytest.raises(RunDirectoryError, match="must have the columns generation, speed, got"):
        directory.read_metrics(["generation", "speed"])


def test_what_a_killed_writer_left_behind_is_swept_away(directory: RunDirectory) -> None:
    (directory.path / f".{CHECKPOINT}.abc123").write_bytes(b"half")
    (directory.path / ".other").write_bytes(b"not ours")
    directory.sweep()
    assert {path.name for path in directory.path.iterdir()} == {CONFIG, ".other"}
