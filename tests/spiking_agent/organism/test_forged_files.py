"""Champion files that nobody's evolution wrote: refused, or they play by their own rules."""

import io
import json
import subprocess
import sys
import textwrap
import warnings
import zipfile
from typing import Any

import numpy as np
import pytest
from forger import SPACES, Forger, honest, honest_grown, outcome
from grown_organisms import grown_organism
from players import make_organism

from spiking_agent import Organism
from spiking_agent.brain.parameters import PER_NEURON
from spiking_agent.errors import ChampionFileError
from spiking_agent.files.atomic import pack_arrays, unpack_arrays
from spiking_agent.files.headed import pack_headed
from spiking_agent.organism import champion_file


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_spoiled_files_are_refused_in_words_or_act_within_their_spaces() -> None:
    forger = Forger(20)
    counts = {"refused": 0, "plays": 0}
    for number in range(150):
        way, content = forger.draw()
        try:
            counts[outcome(content)] += 1
        except Exception as error:
            raise AssertionError(f"file {number} of seed 20, by {way}: {error!r}") from error
    assert min(counts.values()) > 30


@pytest.mark.parametrize("number", range(len(SPACES)))
def test_the_files_that_are_spoiled_were_good(number: int) -> None:
    assert outcome(honest(*SPACES[number], seed=number)) == "plays"


@pytest.mark.parametrize("seed", [1, 2])
def test_the_files_of_grown_brains_that_are_spoiled_were_good(seed: int) -> None:
    assert outcome(honest_grown(4, 7, seed)) == "plays"


def change_grown(*path: str | int, to: Any, **arrays: np.ndarray) -> bytes:
    """Return the file of a grown brain in which one value of what is said of it is another."""
    organism = grown_organism()
    header, brain = champion_file.unpack(organism.to_bytes())
    place: Any = header["grown"]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return pack_headed(header, {**brain.to_arrays(), **arrays})


def change(number: int, **changes: Any) -> bytes:
    header, connectome = champion_file.unpack(honest(*SPACES[number], seed=0))
    return champion_file.pack({**header, **changes}, connectome)


def change_task(number: int, **changes: Any) -> bytes:
    header, _ = champion_file.unpack(honest(*SPACES[number], seed=0))
    return change(number, task={**header["task"], **changes})


def with_codec(number: int, **changes: Any) -> bytes:
    header, _ = champion_file.unpack(honest(*SPACES[number], seed=0))
    return change(number, codec={**header["codec"], **changes})


def change_part(number: int, name: str, **changes: Any) -> bytes:
    header, _ = champion_file.unpack(honest(*SPACES[number], seed=0))
    return with_codec(number, **{name: {**header["codec"][name], **changes}})


def discrete(n: int, start: int = 0, dtype: str = "int64") -> dict[str, Any]:
    return {"kind": "Discrete", "n": n, "start": start, "dtype": dtype}


def both(space: dict[str, Any]) -> bytes:
    header, _ = champion_file.unpack(honest(*SPACES[0], seed=0))
    decoder = {**header["codec"]["decoder"], "space": space}
    return change(0, action_space=space, codec={**header["codec"], "decoder": decoder})


def large_box(**changes: Any) -> dict[str, Any]:
    return {"kind": "Box", "low": 0, "high": 1, "shape": [3], "dtype": "float32", **changes}


CONTRADICTIONS = {
    "another start": (change(0, action_space=discrete(4, 2**32)), "decoder must be for the action"),
    "another box": (change(1, action_space=large_box(shape=[2])), "decoder must be for the action"),
    "a start beyond the dtype": (both(discrete(4, 2**32, "int32")), "values of a space of int32"),
    "an end beyond the dtype": (both(discrete(4, 125, "int8")), "must lie in .* got 128"),
    "an end beyond int64": (both(discrete(4, 2**63, "uint64")), "values of a space of uint64"),
    "another size": (
        change(0, observation_space=discrete(6)),
        "direct encoder must have 6 numbers",
    ),
    "values that are not encoded": (
        change(3, observation_space=discrete(5, -1)),
        r"one-hot encoder must have number 0 in -2..2, got Discrete\(5, start=-1\)",
    ),
    "real numbers for whole ones": (
        change(4, observation_space=large_box(shape=[2, 3])),
        "one-hot encoder must be of whole numbers",
    ),
    "a missing part": (
        change(7, observation_space={"kind": "Dict", "spaces": {"eye": large_box()}}),
        "encoder must read parts of the observation space, .* got 'tail'|must have 3840 numbers",
    ),
    "no parts at all": (change(7, observation_space=discrete(2)), "must read parts"),
    "another text": (
        change(
            5,
            observation_space={
                "kind": "Text",
                "min_length": 1,
                "max_length": 3,
                "characters": "abd",
            },
        ),
        "flattened encoder must be of Text",
    ),
    "more keys than parts": (
        change_part(7, "encoder", keys=["eye", "tail", "more"]),
        "keys must have one entry for each of 2 parts, got",
    ),
    "bounds too far apart": (
        change_part(2, "encoder", low=[-1e308] * 4, high=[1e308] * 4),
        "low.0. must be a finite number",
    ),
    "no whole number of inputs": (
        change_part(0, "encoder", size=6.5),
        "size must be a whole number >= 0, got 6.5",
    ),
    "no codec": (change(0, codec=None), "codec must be a mapping of names to values, got None"),
    "no space": (
        change(0, observation_space=None),
        "observation_space must be a mapping of names to values, got None",
    ),
    "no number of ticks": (
        with_codec(0, n_ticks="x"),
        r"n_ticks must be a whole number in 1\.\.10000, got 'x'",
    ),
    "no kind of decoder": (
        change_part(0, "decoder", kind={}),
        r"kind of the decoder must be a name, got \{\}",
    ),
    "an endless recipe": (
        change_task(0, max_moves=2**70),
        "max_moves must be a whole number in 1",
    ),
    "an id that no terminal should see": (
        change_task(0, env_id="\x1b[2J"),
        r"env_id is '\\x1b\[2J'",
    ),
    "a dtype that float64 cannot hold": (
        change(1, observation_space=large_box(dtype="float128")),
        "dtype of a Box must be of real numbers, got float128",
    ),
    "no characters": (
        change(
            5,
            observation_space={"kind": "Text", "min_length": 0, "max_length": 3, "characters": ""},
        ),
        "characters must be a string of at least one",
    ),
    "characters in a list": (
        change(
            5,
            observation_space={
                "kind": "Text",
                "min_length": 1,
                "max_length": 3,
                "characters": ["ab"],
            },
        ),
        "characters must be a string",
    ),
}


CONTRADICTIONS |= {
    "another grid": (change_grown("shape", to=[6, 7]), "must have 109 inputs, .* got 127"),
    "a grid that lies otherwise": (
        change_grown("shape", to=[4, 9]),
        r"encoder must drive a grid of \(3, 4, 9\) .* got \(3, 6, 6\)",
    ),
    "longer decisions": (
        change_grown("plan", "n_ticks", to=15),
        "n_ticks must be 15, as the plan of the brain says, got 14",
    ),
    "another action": (
        change_grown("plan", "actions", to=["up", "right", "down"]),
        "turns must be 3, one for each action, or empty, got 4",
    ),
    "no plan": (change_grown("plan", to="snake-small"), "plan must be a mapping of names"),
    "an unknown rule": (
        change_grown("plan", "rules", 0, "kind", to="eval"),
        "kind must be one of kernel, .* got 'eval'",
    ),
    "a part that is not there": (change_grown("without", to=["nose"]), "'nose' matches none"),
    "more genes": (
        change_grown("shape", to=[6, 6], genome=np.zeros(448, np.float32)),
        r"genomes must have shape \(n, 447\), got \(1, 448\)",
    ),
    "genes that are no numbers": (
        change_grown("shape", to=[6, 6], genome=np.full(447, np.nan, np.float32)),
        "must lie in .* got nan",
    ),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_a_file_that_contradicts_itself_is_refused(case: str) -> None:
    content, message = CONTRADICTIONS[case]
    with pytest.raises(ChampionFileError, match=message):
        Organism.from_bytes(content)


def with_array(name: str, array: np.ndarray, **codec: Any) -> bytes:
    arrays = unpack_arrays(make_organism().to_bytes())
    if codec:
        header = json.loads(arrays["header"].tobytes())
        header["codec"] |= codec
        arrays["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
    return pack_arrays({**arrays, name: array})


def wide(n: int, **codec: Any) -> bytes:
    """Write a file of a brain with many hidden neurons, each of which has a synapse."""
    content = with_array("connectivity", np.eye(n, k=1, dtype=np.int8), **codec)
    arrays = unpack_arrays(content)
    for name, parameter in PER_NEURON.items():
        arrays[name] = np.full(n, parameter.low, parameter.dtype)
    return pack_arrays(arrays)


def nested(depth: int) -> bytes:
    inside: Any = []
    for _ in range(depth):
        inside = [inside]
    header, connectome = champion_file.unpack(make_organism().to_bytes())
    return champion_file.pack({**header, "env_kwargs": {"x": inside}}, connectome)


def many_entries() -> bytes:
    content = io.BytesIO(make_organism().to_bytes())
    with zipfile.ZipFile(content, "a") as archive:
        for number in range(100):
            archive.writestr(f"{number}.npy", b"")
    return content.getvalue()


TOO_MUCH = {
    "numbers": (
        lambda: with_array("more", np.zeros(champion_file.MAX_UNPACKED, np.uint8)),
        "it would unpack to",
    ),
    "entries": (many_entries, "it has more than 100 entries"),
    "inputs": (lambda: with_array("input_neurons", np.zeros(10**7, np.int32)), "must not repeat"),
    "delay": (
        lambda: pack_arrays(
            {**unpack_arrays(wide(3000)), "initiation_delay": np.full(3000, 10_000, np.int32)}
        ),
        "initiation_delay must be at most 5591 in a brain of 3000 neurons, got 10000",
    ),
    "ticks": (lambda: wide(3000, n_ticks=1000), "n_ticks must be at most .* got 1,000"),
    "cells": (
        lambda: change_grown("shape", to=[2**62, 2**62]),
        "neurons of a grown brain must be at most 1,048,576",
    ),
    "far synapses": (
        lambda: change_grown("shape", to=[100, 100]),
        "synapses of a grown brain must be at most 16,777,216",
    ),
    "copies": (
        lambda: change_grown("plan", "layers", 0, "copies", to=10**9),
        "copies must be a whole number in 1..64",
    ),
    "strengths": (
        lambda: change_grown("plan", "rules", 12, "limit", to=10**9),
        "limit must be a whole number in 1..32767",
    ),
    "levels": (lambda: nested(40), "more than 32 levels"),
    "bounds": (
        lambda: change_part(2, "encoder", low=[0] * 4, high=[1] * 2**20),
        "high must have at most 17,000 items, got 1,048,576",
    ),
}


@pytest.mark.parametrize("case", TOO_MUCH)
def test_a_small_file_that_asks_for_too_much_is_refused(case: str) -> None:
    make, message = TOO_MUCH[case]
    content = make()
    assert len(content) < 2**20
    with pytest.raises(ChampionFileError, match=message):
        Organism.from_bytes(content)


def test_infinite_numbers_among_keyword_arguments_are_read_as_earlier_versions_wrote_them() -> None:
    arrays = unpack_arrays(make_organism().to_bytes())
    header = json.loads(arrays["header"].tobytes())
    header["task"]["env_kwargs"] = {"limit": float("inf")}
    arrays["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
    assert Organism.from_bytes(pack_arrays(arrays)).task.env_kwargs == {"limit": float("inf")}


def test_lists_within_lists_are_read_to_a_depth_that_nobody_needs() -> None:
    assert outcome(nested(25)) == "plays"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel for the memory used")
def test_refusing_a_bomb_takes_no_memory_to_speak_of(tmp_path) -> None:
    path = tmp_path / "bomb.npz"
    path.write_bytes(with_array("more", np.zeros(champion_file.MAX_UNPACKED, np.uint8)))
    program = """
        import resource, sys
        from spiking_agent import Organism
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            Organism.load(sys.argv[1])
        except Exception as error:
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, error)
    """
    command = [sys.executable, "-c", textwrap.dedent(program), path]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    n_kib, _, message = said.partition(" ")
    assert int(n_kib) < 50_000
    assert "it would unpack to" in message


def test_what_a_file_says_is_repeated_on_one_line_without_orders_to_the_terminal() -> None:
    words = "\x1b[31m\n\x07\u202e" + "z" * 10**6
    with pytest.raises(ChampionFileError, match="its format is ") as caught:
        Organism.from_bytes(change(0, format=words))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = {"kind": "Text", "min_length": 1, "max_length": 3, "characters": "\x1b\n\u202e"}
        with pytest.raises(ChampionFileError, match="Text") as spaced:
            Organism.from_bytes(change(0, observation_space=text))
    for error in (caught.value, spaced.value):
        assert str(error).isprintable()
        assert len(str(error)) < 500
    assert r"\x1b" in str(spaced.value)


def test_a_file_larger_than_any_champion_is_not_read(tmp_path, monkeypatch) -> None:
    path = tmp_path / "large.npz"
    path.write_bytes(make_organism().to_bytes())
    monkeypatch.setattr(champion_file, "MAX_UNPACKED", 1000)
    with pytest.raises(ChampionFileError, match=r"large.npz: .* it has more than 1000 bytes"):
        Organism.load(path)
