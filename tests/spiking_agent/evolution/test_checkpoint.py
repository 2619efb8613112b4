"""What a run has saved is verified before anybody goes on with it, and refused in words."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from damaged_runs import forge
from toy_envs import Echo

import spiking_agent
from spiking_agent.errors import RunDirectoryError
from spiking_agent.evolution.checkpoint import SavedRun
from spiking_agent.evolution.run_directory import CHECKPOINT, CONFIG, METRICS, RunDirectory
from spiking_agent.files.headed import pack_headed, unpack_headed
from spiking_agent.organism.champion_file import CHAMPION

SMALL = {"population_size": 6, "n_episodes": 1, "n_validation": 2, "strategy": "genetic"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "run"
    spiking_agent.evolve(Echo, generations=2, out=path, report=False, **SMALL)
    return path


@pytest.fixture
def run(whole, tmp_path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "run"))


def resume(path: Path) -> spiking_agent.Organism:
    return spiking_agent.evolve(Echo, generations=3, out=path, resume=True, report=False)


def refused(path: Path, message: str) -> None:
    """Go on, which must be refused with nothing written, not even swept away."""
    (path / f".{METRICS}.0123abcd").write_bytes(b"half")
    before = {file.name: file.read_bytes() for file in path.iterdir()}
    with pytest.raises(RunDirectoryError, match=message):
        resume(path)
    assert {file.name: file.read_bytes() for file in path.iterdir()} == before


def edit(path: Path, change) -> None:
    content = json.loads((path / CONFIG).read_text())
    change(content)
    (path / CONFIG).write_text(json.dumps(content))


def edit_checkpoint(path: Path, change, *, is_forged: bool = True) -> None:
    values, arrays = unpack_headed((path / CHECKPOINT).read_bytes())
    change(arrays, values)
    (path / CHECKPOINT).write_bytes(pack_headed(values, arrays, allow_nan=True))
    if is_forged:
        assert forge(path)


@pytest.mark.parametrize(
    ("section", "changes"),
    [
        ("training", {"n_episodes": 2}),
        ("task", {"max_moves": 7}),
        ("training", {"training_kwargs": {"colour": 1}}),
        ("dna", {"n_hidden": 1}),
        ("strategy", {"elite_share": 0.5}),
    ],
    ids=str,
)
def test_changed_settings_are_refused(run, section, changes) -> None:
    edit(run, lambda content: content["evolution"][section].update(changes))
    message = r"config.json must hold the settings that the run began with.* start a new run"
    refused(run, message)


def test_how_a_run_was_started_may_be_changed(run) -> None:
    edit(run, lambda content: content["run"].update(workers=7, generations=9, seconds=None))
    assert SavedRun.read(RunDirectory(run)).generations == 9
    resume(run)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        (None, "run in .*config.json must be an object, got None"),
        ({"seconds": float("inf")}, "seconds must be > 0, got inf"),
        ({"generations": 0}, "generations must be a whole number >= 1, got 0"),
        ({"max_envs": 0}, "max_envs must be a whole number >= 1, got 0"),
        ({"generations": [1]}, "generations must be a whole number >= 1"),
    ],
)
def test_limits_that_are_none_are_refused(run, how, message) -> None:
    edit(run, lambda content: content.update(run=how))
    refused(run, message)


def test_a_run_of_another_version_is_refused_by_it(run) -> None:
    edit(run, lambda content: content.update(package="0.0.7"))
    refused(run, r"got one of '0.0.7': resume it with the version that wrote it")


def test_a_checkpoint_from_before_there_were_seals_is_refused(run) -> None:
    edit_checkpoint(run, lambda arrays, values: values.pop("seals"), is_forged=False)
    refused(run, "must have seals, got none: resume it with the earlier version")


def test_a_damaged_checkpoint_is_refused(run) -> None:
    def damage(arrays, values) -> None:
        arrays["genomes"] = arrays["genomes"][::-1]

    edit_checkpoint(run, damage, is_forged=False)
    refused(run, "checkpoint.npz must be as the run wrote it, but is damaged")


def test_figures_that_were_changed_are_refused_and_seconds_are_free(run) -> None:
    text = (run / METRICS).read_text()
    assert text.count(",1.0,") > 0 or text.count(",0.") > 0
    rows = text.splitlines()
    cells = rows[1].split(",")
    (run / METRICS).write_text("\n".join([rows[0], ",".join([*cells[:-1], "12.5"]), rows[2]]))
    SavedRun.read(RunDirectory(run))
    (run / METRICS).write_text("\n".join([rows[0], ",".join(["0", "9", *cells[2:]]), rows[2]]))
    refused(run, "metrics.csv must hold the figures that the run wrote, but some were changed")


@pytest.mark.parametrize("value", ["inf", "-1", "nan", "x", ""])
def test_seconds_that_are_none_are_refused(run, value) -> None:
    rows = [row.split(",") for row in (run / METRICS).read_text().splitlines()]
    rows[2][-2] = value
    (run / METRICS).write_text("\n".join(map(",".join, rows)))
    refused(run, f"elapsed_s in .*metrics.csv must be finite and >= 0, got '{value}' in row 1")


def test_a_missing_table_is_told(run) -> None:
    (run / METRICS).unlink()
    refused(run, "metrics.csv must hold 2 generations, got 0")


def test_a_run_whose_checkpoint_is_missing_does_not_begin_again(run) -> None:
    (run / CHECKPOINT).unlink()
    refused(run, "must hold checkpoint.npz, as metrics.csv has 2 generations, got no such file")


def test_a_run_that_had_saved_nothing_begins_again(run, whole) -> None:
    for name in (CHECKPOINT, METRICS, CHAMPION):
        (run / name).unlink()
    spiking_agent.evolve(Echo, generations=2, out=run, resume=True, report=False)
    assert (run / CHECKPOINT).read_bytes() == (whole / CHECKPOINT).read_bytes()


def test_a_champion_file_is_written_again(run, whole) -> None:
    shutil.copytree(run, run.with_name("other"))
    (run / CHAMPION).write_bytes(b"damaged")
    assert resume(run).to_bytes() == resume(run.with_name("other")).to_bytes()
    assert (run / CHAMPION).read_bytes() == (run.with_name("other") / CHAMPION).read_bytes()


@pytest.mark.parametrize(
    ("gene", "value", "message"),
    [
        (0, 9, r"strength 0>2 must lie in \[-8, 8\], got 9 in genome 0"),
        (0, -9, r"strength 0>2 must lie in \[-8, 8\], got -9 in genome 0"),
        (-1, 4, r"decay 3 must lie in \[0, 3\], got 4"),
        (-1, -1, r"decay 3 must lie in \[0, 3\], got -1"),
        (-8, 127, r"threshold 0 must lie in \[0, 3\], got 127"),
    ],
)
def test_genes_are_checked_before_a_kernel_sees_them_even_with_forged_seals(
    run, gene, value, message
) -> None:
    edit_checkpoint(run, lambda arrays, values: arrays["genomes"][:, gene].fill(value))
    refused(run, f"checkpoint of its own settings and environment, but {message}")


@pytest.mark.parametrize(
    "change",
    [
        lambda genomes: genomes.astype(np.int64),
        lambda genomes: genomes[:, :-1],
        lambda genomes: genomes[:3],
        lambda genomes: genomes[0],
    ],
)
def test_genomes_of_another_form_are_refused_even_with_forged_seals(run, change) -> None:
    edit_checkpoint(run, lambda arrays, values: arrays.update(genomes=change(arrays["genomes"])))
    refused(run, "checkpoint of its own settings and environment, but genomes must ")


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        ("strategy", "rng", {"bit_generator": "PCG64"}),
        ("strategy", "rng", 5),
        ("strategy", "generation", 7),
        ("strategy", "generation", 10**300),
        ("championship", "is_won", "no"),
        ("championship", "most_solved", 7.0),
        ("championship", "last_mean", {}),
        ("championship", "champion", [1]),
    ],
)
def test_values_are_checked_even_with_forged_seals(run, part, key, value) -> None:
    edit_checkpoint(run, lambda arrays, values: values[part].update({key: value}))
    refused(run, "must hold a checkpoint of its own settings and environment, but ")


def test_the_champion_of_another_run_is_refused_even_with_forged_seals(run, tmp_path) -> None:
    other = tmp_path / "other"
    spiking_agent.evolve(Echo, generations=1, out=other, report=False, **SMALL, seed=5)
    content = np.frombuffer((other / CHAMPION).read_bytes(), np.uint8)
    edit_checkpoint(run, lambda arrays, values: arrays.update(champion=content))
    refused(run, "but its champion comes from other settings")
