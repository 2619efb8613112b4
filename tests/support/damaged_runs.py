"""Runs whose files were damaged, changed or forged, by chance."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np

from spiking_agent.evolution import checkpoint as saved_run
from spiking_agent.evolution.run_directory import CHECKPOINT, CONFIG, METRICS, RunDirectory
from spiking_agent.evolution.settings.config import EvolutionConfig
from spiking_agent.files.atomic import pack_arrays
from spiking_agent.files.headed import HEADER
from spiking_agent.organism.champion_file import CHAMPION

FILES = (CONFIG, METRICS, CHECKPOINT, CHAMPION)
WRONG: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 7, 10**6, 10**12, 2**63, 2**64, -(2**127), 10**300),
    *(0.0, 0.5, -0.0, 1.5, 1e-300, 1e300, float("inf"), float("-inf"), float("nan")),
    *("", "x", "0", "1e400", "\x1b[31m", "é" * 1000, [], [0], [[[]]], {}, {"": {}}, {"a": [None]}),
)
CELLS = ("", "x", "0", "-1", "inf", "nan", "-inf", "1e400", "1_0", "\x00", "9" * 400, '"', "1;2")
DTYPES = ("i1", "u1", "i4", "i8", "f2", "f4", "f8", "?", ">i4", "<U3", "M8[s]", "c16")
TEXT = {"ensure_ascii": False, "allow_nan": True}

Rng = np.random.Generator


def damage(path: Path, rng: Rng) -> tuple[str, bool]:
    """Change a file of a run; say how, and whether its seals were made to fit."""
    how = HOW[int(rng.integers(len(HOW)))]
    is_forged = bool(how in FORGEABLE and rng.random() < 0.6)
    words = how(path, rng)
    if is_forged:
        is_forged = forge(path)
    return f"{how.__name__}: {words}", is_forged


def flip_bytes(path: Path, rng: Rng) -> str:
    file = path / str(rng.choice(FILES))
    content = np.frombuffer(file.read_bytes(), np.uint8).copy()
    places = rng.integers(0, len(content), rng.integers(1, 5))
    content[places] = rng.integers(0, 256, len(places))
    file.write_bytes(content.tobytes())
    return f"{file.name} at {places.tolist()}"


def cut(path: Path, rng: Rng) -> str:
    file = path / str(rng.choice(FILES))
    content = file.read_bytes()
    length = int(rng.choice([0, rng.integers(len(content)), len(content) - 1]))
    file.write_bytes(content[:length])
    return f"{file.name} to {length}"


def append(path: Path, rng: Rng) -> str:
    file = path / str(rng.choice(FILES))
    file.write_bytes(file.read_bytes() + rng.bytes(int(rng.integers(1, 100))))
    return file.name


def replace_by_folder(path: Path, rng: Rng) -> str:
    file = path / str(rng.choice(FILES))
    file.unlink()
    file.mkdir()
    return file.name


def exchange(path: Path, rng: Rng) -> str:
    one, other = rng.choice(FILES, 2, replace=False)
    contents = (path / one).read_bytes(), (path / other).read_bytes()
    (path / other).write_bytes(contents[0])
    (path / one).write_bytes(contents[1])
    return f"{one} and {other}"


def change_setting(path: Path, rng: Rng) -> str:
    content = json.loads((path / CONFIG).read_text())
    words = _change_json(content, rng)
    (path / CONFIG).write_text(json.dumps(content, **TEXT))
    return words


def change_metrics(path: Path, rng: Rng) -> str:
    table = list(csv.reader(io.StringIO((path / METRICS).read_text())))
    kind = int(rng.integers(5))
    row, column = int(rng.integers(len(table))), int(rng.integers(len(table[0])))
    if kind == 0:
        del table[row]
    elif kind == 1:
        for cells in table:
            cells[0], cells[column] = cells[column], cells[0]
    elif kind == 2:
        table.insert(row, list(table[row]))
    else:
        table[row][column] = str(rng.choice(CELLS))
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=str(rng.choice([",", ",", ",", ";"]))).writerows(table)
    mark = "\ufeff" * int(rng.integers(2))
    (path / METRICS).write_bytes((mark + text.getvalue()).encode())
    return f"{kind} at {row}, {column}"


def change_checkpoint_values(path: Path, rng: Rng) -> str:
    arrays, values = _checkpoint(path)
    words = _change_json(values, rng)
    _write(path, arrays, values)
    return words


def change_arrays(path: Path, rng: Rng) -> str:
    arrays, values = _checkpoint(path)
    name = str(rng.choice(sorted(arrays)))
    array, kind = arrays[name], int(rng.integers(7))
    array = array if array.size else np.zeros(3, array.dtype)
    with np.errstate(all="ignore"):
        if kind == 0:
            array = array.astype(str(rng.choice(DTYPES)))
        elif kind == 1:
            array = array[:-1]
        elif kind == 2:
            array = array[None]
        elif kind == 3:
            array = np.frombuffer(rng.bytes(array.nbytes), array.dtype).reshape(array.shape)
        elif kind == 4:
            array = np.asfortranarray(np.broadcast_to(array.ravel()[:1], (*array.shape, 2)))
        elif kind == 5:
            array = array.copy()
            array.ravel()[int(rng.integers(array.size))] = rng.integers(-128, 128)
    arrays[name] = array
    if kind == 6:
        del arrays[name]
    _write(path, arrays, values)
    return f"{name} by {kind}"


def forge(path: Path) -> bool:
    """Make the seals of the checkpoint fit whatever is in the files, if that can be."""
    directory = RunDirectory(path)
    try:
        config = EvolutionConfig.from_run(directory.read_config())
        rows = directory.read_metrics(saved_run.COLUMNS)
    except Exception:  # noqa: BLE001  # then nobody reads the checkpoint
        return False
    arrays, values = _checkpoint(path)
    if not isinstance(values, dict):
        return False
    rows = rows[: values["generation"]] if isinstance(values.get("generation"), int) else rows
    seals = {
        "settings": saved_run._seal(config.to_json()),
        "metrics": saved_run._seal_rows(rows),
    }
    values[saved_run.SEALS] = seals
    seals["content"] = saved_run._seal_content(arrays, values)
    _write(path, arrays, values)
    return True


HOW = (
    *(flip_bytes, cut, append, replace_by_folder, exchange, change_setting, change_setting),
    *(change_metrics, change_metrics, change_checkpoint_values, change_checkpoint_values),
    *(change_arrays, change_arrays, change_arrays),
)
FORGEABLE = (change_setting, change_metrics, change_checkpoint_values, change_arrays)


def _checkpoint(path: Path) -> tuple[dict[str, Any], Any]:
    with np.load(path / CHECKPOINT, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    return arrays, json.loads(arrays.pop(HEADER).tobytes())


def _write(path: Path, arrays: dict[str, Any], values: Any) -> None:
    header = np.frombuffer(json.dumps(values, **TEXT).encode(), np.uint8)
    (path / CHECKPOINT).write_bytes(pack_arrays({HEADER: header, **arrays}))


def _change_json(values: Any, rng: Rng) -> str:
    """Replace, remove or add a value somewhere within an object."""
    where: Any = values
    words = []
    while True:
        key = list(where)[int(rng.integers(len(where)))] if isinstance(where, dict) else 0
        words.append(str(key))
        inner = where[key]
        if not isinstance(inner, dict | list) or not inner or rng.random() < 0.15:
            break
        where = inner
    kind = rng.random()
    if kind < 0.1:
        del where[key]
    elif kind < 0.2 and isinstance(where, dict):
        where["surprise"] = 1
    else:
        where[key] = WRONG[int(rng.integers(len(WRONG)))]
        words.append(repr(where[key])[:40])
    return "/".join(words)
