"""The benchmarks run end to end, in a tiny form; no test asks how fast anything is."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import cli
from benchmarks.cases.boards import Cycle
from benchmarks.cases.networks import engine_raster, n_delivered, random_drive, reference_connectome
from benchmarks.harness.results import DECISIONS, US_TICK, Beside, Figure, Row
from benchmarks.harness.timing import Contender, race
from benchmarks.registry import BENCHMARKS
from benchmarks.show.table import number

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmark.py"
TINY = ["--quick", "--repeats", "1"]
PEER_MODULES = {"env-single": "gymnasium_snake_game", "env-vector": "jumanji", "decision": "brian2"}

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_gives_rows_as_json(name, capsys) -> None:
    assert cli.main([*TINY, "--no-peers", "--json", "--only", name]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["machine"]["cores"] >= 1
    assert report["machine"].keys() >= {"cpu", "python", "numpy", "numba", "gymnasium"}
    assert report["rows"]
    for row in report["rows"]:
        assert row["name"] == name
        assert row["cpu"] or row["wall"]
        for figures in (row["cpu"], row["wall"]):
            assert figures is None or figures["min"] <= figures["median"] <= figures["max"]


@pytest.mark.parametrize("name", PEER_MODULES)
def test_peers_take_part_or_are_said_to_be_missing(name) -> None:
    command = [sys.executable, SCRIPT, *TINY, "--json", "--only", name]
    done = subprocess.run(command, capture_output=True, check=True, text=True)  # as JAX has threads
    row = json.loads(done.stdout)["rows"][0]
    is_installed = importlib.util.find_spec(PEER_MODULES[name]) is not None
    peer = row["beside"][-1]
    assert peer["status"] == ("measured" if is_installed else "not installed")
    assert (peer["ratio"] is not None) == is_installed


def test_a_table_and_a_chart_are_made(tmp_path, capsys) -> None:
    path = tmp_path / "speed.png"
    assert cli.main([*TINY, "--no-peers", "--only", "env-vector", "--chart", str(path)]) == 0
    out = capsys.readouterr().out
    assert "env-vector: random actions" in out
    assert "rules kernel alone" in out
    assert ">= 33 M" in out
    with Image.open(path) as chart:
        assert chart.width > 500


def test_the_table_comes_in_markdown_too(capsys) -> None:
    assert cli.main([*TINY, "--no-peers", "--only", "env-vector", "--markdown"]) == 0
    head, rule, row, *_ = capsys.readouterr().out.splitlines()
    assert head.count("|") == rule.count("|") == row.count("|") == 5
    assert row.startswith("| `env-vector` random actions | ")
    assert "rules kernel alone" in row


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "env-vector", "speed"], "'speed'"),
        (["--chart", "no/where.png"], "directory that exists"),
        (["--chart", "speed.pdf"], "must be a .png"),
    ],
    ids=["name", "directory", "format"],
)
def test_bad_input_gives_one_line_and_exit_code_2(arguments, message, capsys) -> None:
    assert cli.main([*TINY, *arguments]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert message in err


def test_an_unknown_name_is_answered_with_the_names(capsys) -> None:
    assert cli.main(["--only", "speed"]) == 2
    err = capsys.readouterr().err
    assert all(name in err for name in BENCHMARKS)


def test_the_script_teaches_by_help() -> None:
    command = [sys.executable, str(SCRIPT), "--help"]
    text = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    assert all(name in text for name in BENCHMARKS)


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_ctrl_c_ends_with_one_line() -> None:
    command = [sys.executable, str(SCRIPT), "--no-peers", "--only", "env-vector-senses"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        err = process.stderr.read()
    assert "measuring" in said
    assert process.returncode == 130
    assert err.splitlines() == ["benchmark.py: interrupted"]


def test_contenders_take_turns_and_prepare_untimed() -> None:
    order: list[str] = []

    def contender(name: str, n_rounds: int) -> Contender:
        return Contender(
            name=name,
            work=lambda: order.append(name) or 3,
            prepare=lambda: time.sleep(0.01),
            n_rounds=n_rounds,
        )

    samples = race([contender("a", 2), contender("b", 1)], 2)
    assert order == ["a", "b"] + ["a", "b", "a"] * 2
    assert [one.n_units for one in samples["a"]] == [6, 6]
    assert all(one.wall_s < 0.01 for one in samples["a"])


def test_a_ratio_says_how_many_times_faster_ours_is() -> None:
    figure, twice = Figure(2.0, 2.0, 2.0), Figure(4.0, 4.0, 4.0)
    for unit, expected in ((DECISIONS, 0.5), (US_TICK, 2.0)):
        row = Row(name="a", case="", what="", unit=unit, cpu=figure, wall=figure, mark=3.0)
        assert row.ratio(Beside(name="b", unit=unit, cpu=twice, wall=figure)) == expected
        assert row.ratio(Beside(name="b", unit=unit, wall=twice)) == expected
        assert row.is_met is not unit.is_rate


@pytest.mark.parametrize(
    ("value", "text"), [(12.345, "12.3"), (999.6, "1,000"), (1234, "1,234"), (33e6, "33 M")]
)
def test_numbers_are_short(value, text) -> None:
    assert number(value) == text


@pytest.mark.parametrize("n_cols", [4, 5, 10])
def test_a_cycle_visits_every_cell_and_comes_back(n_cols) -> None:
    cycle = Cycle(4, n_cols)
    cells, steps = cycle.cells, [(-1, 0), (0, 1), (1, 0), (0, -1)]
    assert sorted(cells) == [(row, col) for row in range(4) for col in range(n_cols)]
    for place, action in enumerate(cycle.actions.tolist()):
        row, col = cells[place]
        after = cells[(place + 1) % len(cells)]
        assert (row + steps[action][0], col + steps[action][1]) == after


def test_delivered_impulses_are_counted_one_by_one() -> None:
    connectome, drive = reference_connectome(3), random_drive(3, 20)
    raster = engine_raster(connectome, drive)
    sends = {tuple(spike) for spike in raster.tolist()}
    sends |= {(int(tick), int(connectome.input_neurons[i])) for tick, i in np.argwhere(drive)}
    expected = 0
    for tick, neuron_id in sends:
        if tick + connectome.initiation_delay[neuron_id] <= len(drive):
            expected += np.count_nonzero(connectome.connectivity[neuron_id])
    assert n_delivered(connectome, drive, raster) == expected
