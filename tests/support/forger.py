"""A forger of champion files, seeded: honest ones of many spaces, spoiled in many ways."""

import copy
import dataclasses
import io
import json
import warnings
import zipfile
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
from grown_organisms import grown_organism
from gymnasium import spaces
from players import brains
from random_connectomes import with_branches

from spiking_agent import Organism
from spiking_agent.checks.costs import MAX_NEURONS
from spiking_agent.codec.codec import Codec
from spiking_agent.codec.decoders.factory import make_decoder
from spiking_agent.codec.encoders.factory import make_encoder
from spiking_agent.codec.spaces import build, describe
from spiking_agent.episodes.task import Task
from spiking_agent.errors import ChampionFileError
from spiking_agent.files.atomic import pack_arrays
from spiking_agent.organism import champion_file

Case = tuple[str, bytes]
DTYPES = ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]
DTYPES += ["float16", "float32", "float64", "float128", "O", "M8[s]", "U5", "V4", "(2,)f4", [1], ""]
NUMBERS: list[Any] = [0, -1, 1, 2, 3, 7, 127, 128, 255, 256, -129, 2**16, 2**31 - 1, 2**31, 2**32]
NUMBERS += [2**53, 2**62, 2**63 - 2, 2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63), 10**30, 10**400]
NUMBERS += [0.5, -0.0, 1e18, 1e30, 1e308, -1e308, 1.7976931348623157e308, 5e-324, 1e-400]
NUMBERS += [float("nan"), float("inf"), -float("inf"), "inf", "-inf", "nan", "1", True, False]
WORDS: list[Any] = [
    None,
    "",
    "x",
    "\x1b[31mred\x1b[0m",
    "a\nb",
    "\x00",
    "\u202e",
    "\ud800",
    "z" * 5000,
]
LISTS: list[Any] = [
    [],
    {},
    [[]],
    [1],
    [1, 2],
    ["a"],
    {"a": 1},
    [0] * 50,
    [[[[[[[]]]]]]],
    {"kind": "x"},
]
KINDS = ["Discrete", "MultiDiscrete", "MultiBinary", "Box", "Text", "Dict", "Tuple", "OneOf"]
KINDS += ["direct", "one-hot", "thermometer", "rate", "receptive-field", "latency", "on-off"]
KINDS += [
    "grid",
    "concatenated",
    "flattened",
    "picture",
    "most-spikes",
    "in-turn",
    "difference",
    "balance",
    "composed",
]
HOSTILE = [*NUMBERS, *WORDS, *LISTS, *KINDS, *DTYPES]
SPACES: list[tuple[gym.Space[Any], gym.Space[Any], str]] = [
    (spaces.MultiBinary(6), spaces.Discrete(4), "thermometer"),
    (spaces.Box(-1.0, 1.0, (3,)), spaces.Box(-2.0, 2.0, (2,)), "on-off"),
    (spaces.Box(-9.0, 9.0, (2, 2), np.float64), spaces.Box(0, 255, (2,), np.uint8), "rate"),
    (spaces.Discrete(5, start=-2), spaces.MultiDiscrete([2, 3], start=[5, -1]), "thermometer"),
    (spaces.Box(0, 3, (2, 3), np.int8), spaces.MultiBinary([2, 2]), "thermometer"),
    (spaces.Text(3, charset="abc"), spaces.Discrete(3, start=7), "latency"),
    (spaces.OneOf([spaces.Discrete(3), spaces.Box(0, 1, (2,))]), spaces.Discrete(2), "rate"),
    (
        spaces.Dict(
            eye=spaces.Box(0, 255, (40, 32, 3), np.uint8),
            tail=spaces.Tuple([spaces.MultiDiscrete([2, 4]), spaces.Box(0.0, 1.0, (1,))]),
        ),
        spaces.Dict(
            aim=spaces.Tuple([spaces.Box(-1.0, 1.0, (1,)), spaces.MultiDiscrete([2, 2])]),
            move=spaces.Discrete(3, start=-1),
        ),
        "receptive-field",
    ),
]


def honest(observed: gym.Space[Any], acted: gym.Space[Any], encoder: str, seed: int) -> bytes:
    """Return the file of a brain with random genes."""
    observed, acted = copy.deepcopy(observed), copy.deepcopy(acted)
    observed.seed(seed)
    samples = [observed.sample() for _ in range(3)]
    codec = Codec(
        encoder=make_encoder(observed, samples=samples, encoder=encoder, n_levels=2),
        decoder=make_decoder(acted),
        n_ticks=5,
        carry_state=(False, True, "impulses")[seed % 3],
    )
    sizes = codec.encoder.n_inputs, codec.decoder.n_outputs
    population = brains(*sizes, 1, seed, n_hidden=2, density=0.7, initiation_delays=(1, 2))
    connectome = population.connectome(0)
    return Organism(
        brain=with_branches(connectome) if seed % 4 == 3 else connectome,
        codec=codec,
        observation_space=observed,
        action_space=acted,
        task=Task(env="CartPole-v1", max_moves=7),
        provenance={"recipe": {"seed": 1}, "generation": 3},
    ).to_bytes()


def honest_grown(n_rows: int, n_cols: int, seed: int) -> bytes:
    """Return the file of a grown brain with random genes, of which some parts are silenced."""
    organism = grown_organism(n_rows, n_cols, seed=seed)
    brain = organism.brain.silenced("food > W, hungry") if seed % 2 else organism.brain
    return dataclasses.replace(organism, brain=brain).to_bytes()


class Forger:
    """Draws spoiled files; the same seed draws the same.

    Parameters
    ----------
    seed : int
        Source of every draw.
    """

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.files = [honest(*case, seed=number) for number, case in enumerate(SPACES)]
        self.files += [honest_grown(6, 6, 1), honest_grown(4, 7, 2)] * 2
        self.opened = [_open(content) for content in self.files]
        self.ways: list[Callable[[], bytes]] = [
            self.flipped,
            self.truncated,
            *[self.other_values] * 6,
            *[self.other_spaces] * 6,
            *[self.other_arrays] * 4,
            self.strange_spaces,
            self.doubled_entries,
            self.lying_sizes,
            self.bomb,
            self.deep,
        ]

    def draw(self) -> Case:
        """Draw a way to spoil a file, and the content that comes out."""
        way = self.ways[self.rng.integers(len(self.ways))]
        return way.__name__, way()

    def any_of(self, choices: list[Any]) -> Any:
        """Draw one of some."""
        return choices[self.rng.integers(len(choices))]

    def flipped(self) -> bytes:
        """Some bytes are others."""
        content = np.frombuffer(self.any_of(self.files), np.uint8).copy()
        places = self.rng.integers(0, len(content), self.rng.integers(1, 5))
        content[places] = self.rng.integers(0, 256, len(places))
        return content.tobytes()

    def truncated(self) -> bytes:
        """The end is missing, or the beginning."""
        content = self.any_of(self.files)
        place = int(self.rng.integers(len(content)))
        return content[:place] if self.rng.random() < 0.7 else content[place:]

    def other_values(self) -> bytes:
        """Some values of the header are others, missing, or lie in other places."""
        header, arrays = self._copy()
        for _ in range(self.rng.integers(1, 4)):
            places = list(_places(header))
            parent, key = self.any_of(places)
            donor, donor_key = self.any_of(places)
            kind = self.rng.random()
            if kind < 0.1:
                del parent[key]
            elif kind < 0.3:
                parent[key] = copy.deepcopy(donor[donor_key])
            elif kind < 0.4 and isinstance(parent, list):
                parent.append(copy.deepcopy(parent[key]))
            else:
                parent[key] = copy.deepcopy(self.any_of(HOSTILE))
        return _pack(header, arrays)

    def other_spaces(self) -> bytes:
        """Spaces are others, of the header, the codec or both, some with as many numbers."""
        header, arrays = self._copy()
        name = self.any_of(["action_space", "observation_space"])
        space = self._similar(header[name]) if self.rng.random() < 0.7 else self._space(2)
        if self.rng.random() < 0.7:
            header[name] = space
        if self.rng.random() < 0.6 and name == "action_space":
            header["codec"]["decoder"]["space"] = copy.deepcopy(space)
        return _pack(header, arrays)

    def strange_spaces(self) -> bytes:
        """All is as it should be, but the spaces are extreme ones."""
        while True:
            encoder = self.any_of(KINDS[10:15])
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    observed, acted = build(self._space(2)), build(self._space(1))
                    return honest(observed, acted, encoder, int(self.rng.integers(100)))
                except Exception:  # noqa: BLE001, S112  # most are none
                    continue

    def other_arrays(self) -> bytes:
        """Arrays are of another kind or shape, or hold other numbers."""
        header, arrays = self._copy()
        name = self.any_of(sorted(arrays))
        array = arrays[name]
        kind = self.rng.integers(7)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            if kind == 0:
                array = array.astype(self.any_of(DTYPES[:12]))
            elif kind == 1:
                array = array[: int(self.rng.integers(len(array) + 1))]
            elif kind == 2:
                array = np.concatenate([array, array])
            elif kind == 3:
                shape = tuple(self.rng.integers(0, 4, self.rng.integers(0, 4)).tolist())
                array = np.ones(shape, self.any_of(DTYPES[:12]))
            elif kind == 4:
                array = np.asarray(array, order="F").reshape(1, *array.shape)
            else:
                array = array.astype(self.any_of([array.dtype, np.int64, np.float64]))
                number = self.any_of([n for n in NUMBERS if isinstance(n, float) or _is_small(n)])
                array[self.rng.integers(0, len(array), 3)] = np.array(number).astype(array.dtype)
        return _pack(header, {**arrays, name: array})

    def doubled_entries(self) -> bytes:
        """An entry of the archive is there twice, or there are many more."""
        content = io.BytesIO(self.any_of(self.files))
        with warnings.catch_warnings(), zipfile.ZipFile(content, "a") as archive:
            warnings.simplefilter("ignore")
            name = self.any_of(archive.namelist())
            data = archive.read(name)
            for number in range(int(self.any_of([1, 2, 120]))):
                again = self.any_of([name, name.removesuffix(".npy"), f"{number}\x1b[2J.npy"])
                archive.writestr(again, data)
        return content.getvalue()

    def lying_sizes(self) -> bytes:
        """The header of an array promises more than there is, or less."""
        header, arrays = self._copy()
        name = self.any_of(sorted(arrays))
        shape = self.any_of(
            [(10**9,), (2**62,), (0,), (-1,), (10**6, 10**6), (10**30,), (0, 10**30), ()]
        )
        descr = self.any_of(["<f8", "|i1", "|O", "<U99999999", "|V1", ">i4"])
        text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"
        entry = (
            b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode() + b"\x00" * 64
        )
        return _with_entry(_pack(header, arrays), f"{name}.npy", entry)

    def bomb(self) -> bytes:
        """An array is small in the file and large in memory."""
        header, arrays = self._copy()
        n = int(self.any_of([3_000, MAX_NEURONS + 1]))
        kind = self.rng.integers(4)
        if kind == 0:
            arrays["connectivity"] = np.zeros((n, n), np.int8)
        elif kind == 1:
            arrays["input_neurons"] = np.zeros(n * 500, np.int32)
        elif kind == 2:
            arrays["initiation_delay"] = np.full(n * 100, 10_000, np.int32)
        else:
            arrays["stowaway"] = np.zeros(n * n // 10, np.float64)
        return _pack(header, arrays)

    def deep(self) -> bytes:
        """Spaces or values lie deep within each other, or are very long."""
        header, arrays = self._copy()
        depth, kind = int(self.any_of([10, 40, 300, 3_000])), self.rng.integers(3)
        if kind == 0:
            text = json.dumps(header)[:-1] + ', "x": ' + "[" * depth + "]" * depth + "}"
        elif kind == 1:
            space = json.dumps(header["action_space"])
            around = '{"kind": "Tuple", "spaces": [', "]}"
            nested = around[0] * depth + space + around[1] * depth
            text = json.dumps(header).replace(space, nested)
        else:
            header["task"]["env_kwargs"] = {str(n): [n] for n in range(depth * 10)}
            text = json.dumps(header)
        return pack_arrays({"header": np.frombuffer(text.encode(), np.uint8), **arrays})

    def _copy(self) -> tuple[Any, dict[str, Any]]:
        header, arrays = self.any_of(self.opened)
        return copy.deepcopy(header), dict(arrays)

    def _similar(self, space: Any) -> Any:
        """Draw a space with as many numbers, of other starts, bounds or kinds of numbers."""
        space = copy.deepcopy(space)
        if "spaces" in space:
            parts = space["spaces"]
            for key in list(parts) if isinstance(parts, dict) else range(len(parts)):
                if self.rng.random() < 0.5:
                    parts[key] = self._similar(parts[key])
            return space
        names = [name for name in ("start", "dtype", "low", "high", "n", "nvec") if name in space]
        for name in ["dtype", *names][: self.rng.integers(1, 4)]:
            if name == "dtype":
                space[name] = self.any_of(DTYPES[:12])
            elif isinstance(space.get(name), list):
                space[name] = [self.any_of(NUMBERS) for _ in space[name]]
            else:
                space[name] = self.any_of(NUMBERS)
        return space

    def _space(self, depth: int) -> Any:
        kind = self.any_of(KINDS[: 8 if depth else 5])
        some = [self.any_of(NUMBERS[:9]) for _ in range(3)]
        if kind == "Discrete":
            start = self.any_of(NUMBERS)
            space = {"n": abs(int(some[0])), "start": start, "dtype": self.any_of(DTYPES[:9])}
        elif kind == "MultiDiscrete":
            starts = [self.any_of(NUMBERS) for _ in some]
            space = {"nvec": some, "start": starts, "dtype": self.any_of(DTYPES[:9])}
        elif kind == "MultiBinary":
            space = {"n": self.any_of([some[0], some])}
        elif kind == "Box":
            low, high = self.any_of(NUMBERS), self.any_of(NUMBERS)
            shape = self.any_of([[], [1], [2, 3], [0], some])
            space = {"low": low, "high": high, "shape": shape, "dtype": self.any_of(DTYPES)}
        elif kind == "Text":
            space = {"min_length": some[0], "max_length": some[1], "characters": self.any_of(WORDS)}
        else:
            parts = [self._space(depth - 1) for _ in range(self.rng.integers(0, 3))]
            names = dict(zip("ba", parts, strict=False))
            space = {"spaces": names if kind == "Dict" else parts}
        return {"kind": kind, **space}


def outcome(content: bytes) -> str:
    """Open a file and, if it is accepted, let it act and predict on what it may observe.

    Returns
    -------
    str
        "refused" or "plays". Anything else is an error, which this raises.
    """
    try:
        organism = Organism.from_bytes(content)
    except ChampionFileError as error:
        text = str(error)
        assert text.isprintable(), text
        assert len(text) < 500, text
        return "refused"
    organism.observation_space.seed(0)
    for _ in range(3):
        observation = organism.observation_space.sample()
        action = organism.act(observation)
        assert organism.action_space.contains(action), f"{action!r} {organism.action_space}"
        predicted, _ = organism.predict(observation)
        assert organism.action_space.contains(predicted), f"{action!r} {organism.action_space}"
    describe(organism.action_space)
    try:
        again = organism.to_bytes()
    except ValueError as error:  # such as an infinity in the provenance: read, but not written
        if "must be a JSON value" not in str(error):
            raise
    else:
        assert Organism.from_bytes(again).brain == organism.brain
    assert organism.connectome.n_inputs == organism.codec.encoder.n_inputs
    return "plays"


def _open(content: bytes) -> tuple[Any, dict[str, Any]]:
    header, brain = champion_file.unpack(content)
    return header, brain.to_arrays()


def _pack(header: Any, arrays: dict[str, Any]) -> bytes:
    text = json.dumps(header)
    return pack_arrays({"header": np.frombuffer(text.encode(), np.uint8), **arrays})


def _with_entry(content: bytes, name: str, entry: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for other in old.namelist():
            new.writestr(other, entry if other == name else old.read(other))
    return buffer.getvalue()


def _places(value: Any) -> Any:
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, part in list(items):
        yield value, key
        yield from _places(part)


def _is_small(number: Any) -> bool:
    return isinstance(number, int) and abs(number) < 2**62
