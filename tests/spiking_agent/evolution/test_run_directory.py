"""The directory of a run: written, read again, refused when damaged."""

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.testing as npt
import pytest

from spiking_agent.errors import RunDirectoryError
from spiking_agent.evolution.run_directory import (
    CHECKPOINT,
    CONFIG,
    METRICS,
    WRITTEN,
    RunDirectory,
)
from spiking_agent.files.atomic import pack_arrays
from spiking_agent.files.headed import HEADER
from spiking_agent.organism.champion_file import CHAMPION

CONFIGURATION = {"package": "0", "evolution": {"seed": 1}, "run": {"workers": 2}}
ROWS = [{"generation": "0", "best": "1.5", "held_out": ""}, {"generation": "1", "best": "2,0 é\n"}]


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture
def directory(tmp_path: Path) -> RunDirectory:
    directory = RunDirectory(tmp_path / "runs" / "one")
    with directory:
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
    message = r"directory must be that of a run, got .*one \(cannot read config.json: "
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
        (header(b"[1, 2]"), "its header is not a JSON object"),
        (header(b"[" * 100_000), "its header is nested too deeply"),
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
    for name in ("Snake-v0-1", "Snake-v0-3", "Other-2"):
        (tmp_path / name).mkdir()
    taken = [RunDirectory.numbered("Snake-v0", tmp_path).path.name for _ in range(3)]
    assert taken == ["Snake-v0-2", "Snake-v0-4", "Snake-v0-5"]


def test_numbers_that_are_asked_for_at_once_differ(tmp_path: Path) -> None:
    start = threading.Barrier(8)

    def number(_: int) -> Path:
        start.wait()
        return RunDirectory.numbered("x", tmp_path / "runs").path

    with ThreadPoolExecutor(8) as executor:
        assert len(set(executor.map(number, range(8)))) == 8


def test_directories_are_numbered_in_runs_by_default_and_go_if_they_stay_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with RunDirectory.numbered("x") as directory:
        assert directory.given == Path("runs") / "x-1"
        assert directory.path.is_dir()
    assert names(tmp_path) == []
    with RunDirectory.numbered("x") as directory:
        directory.create(CONFIGURATION)
    assert names(tmp_path / "runs" / "x-1") == [CONFIG]


def test_of_many_that_create_one_directory_at_once_one_succeeds(tmp_path: Path) -> None:
    start = threading.Barrier(8)
    made = [RunDirectory(tmp_path / "runs" / "one") for _ in range(8)]

    def create(number: int) -> str:
        start.wait()
        try:
            made[number].create({"number": number})
        except RunDirectoryError as error:
            return str(error)
        return "made"

    with ThreadPoolExecutor(8) as executor:
        answers = list(executor.map(create, range(8)))
    winners = [number for number, answer in enumerate(answers) if answer == "made"]
    assert len(winners) == 1
    assert sum("is in use by a running evolution" in answer for answer in answers) == 7
    assert made[0].read_config() == {"number": winners[0]}
    assert names(made[0].path) == [CONFIG]


def test_who_writes_holds_the_directory_and_readers_need_not(directory: RunDirectory) -> None:
    other = RunDirectory(directory.path)
    with directory:
        directory.hold()
        with pytest.raises(RunDirectoryError, match=r"resume must be a run that has ended, .* use"):
            other.hold()
        with pytest.raises(RunDirectoryError, match=r"out must be a new directory, .* is in use"):
            other.create(CONFIGURATION)
        assert other.read_config() == CONFIGURATION
    with other:
        other.hold()
        with pytest.raises(RunDirectoryError, match="is in use"):
            directory.hold()
    assert names(directory.path) == [CONFIG]  # nothing is left behind


@pytest.mark.parametrize("name", sorted(set(WRITTEN) - {CONFIG}))
def test_what_a_run_would_write_over_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("precious")
    (tmp_path / "notes.txt").write_text("in nobody's way")
    message = rf"out must be a new directory, got .*, which holds {name}: a run would overwrite"
    with pytest.raises(RunDirectoryError, match=message):
        RunDirectory(tmp_path).create(CONFIGURATION)
    assert (tmp_path / name).read_text() == "precious"
    assert len(names(tmp_path)) == 2


def test_a_link_to_nowhere_is_in_the_way_too(tmp_path: Path) -> None:
    (tmp_path / CHAMPION).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RunDirectoryError, match=f"which holds {CHAMPION}"):
        RunDirectory(tmp_path).create(CONFIGURATION)


def test_a_directory_stays_where_it_was_when_it_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    directory = RunDirectory("one")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    directory.create(CONFIGURATION)
    assert sorted(names(tmp_path)) == ["below", "one"]
    with pytest.raises(RunDirectoryError, match="got one, which"):  # as it was named
        directory.create(CONFIGURATION)


@pytest.mark.parametrize("name", [CONFIG, METRICS])
def test_a_byte_order_mark_does_no_harm(directory: RunDirectory, name: str) -> None:
    directory.write_metrics(ROWS[:1])
    (directory.path / name).write_bytes(b"\xef\xbb\xbf" + (directory.path / name).read_bytes())
    assert directory.read_config() == CONFIGURATION
    assert directory.read_metrics(list(ROWS[0])) == ROWS[:1]


def test_a_table_with_semicolons_or_columns_in_another_order_is_refused(
    directory: RunDirectory,
) -> None:
    for text in ("generation;best;held_out\n0;1.5;\n", "best,generation,held_out\n1.5,0,\n"):
        directory.write(METRICS, text.encode())
        message = (
            r"metrics.csv must have the columns generation, best, held_out, got \['(best|gener)"
        )
        with pytest.raises(RunDirectoryError, match=message):
            directory.read_metrics(list(ROWS[0]))


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
    (directory.path / f".{CHECKPOINT}.0123abcd").write_bytes(b"half")
    others = {".other", f".{METRICS}.swp", f".{CONFIG}.un~"}  # an editor's, for one
    for name in others:
        (directory.path / name).write_bytes(b"not ours")
    directory.sweep()
    assert {path.name for path in directory.path.iterdir()} == {CONFIG, *others}
