"""Codecs that are not ours: objects, and kinds that installed packages register."""

import sys
import threading
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces
from toy_envs import Echo

import spiking_agent
from spiking_agent.codec.decoders.most_spikes import MostSpikesDecoder
from spiking_agent.codec.decoders.registry import DECODERS
from spiking_agent.codec.encoders.base import BaseEncoder
from spiking_agent.codec.encoders.discrete import DirectEncoder
from spiking_agent.codec.encoders.factory import make_encoder
from spiking_agent.codec.encoders.real_numbers import LatencyEncoder, ThermometerEncoder
from spiking_agent.codec.encoders.registry import ENCODERS
from spiking_agent.errors import ChampionFileError, RunDirectoryError, UnsupportedSpaceError
from spiking_agent.evolution import arena
from spiking_agent.evolution.loop import Evolution

MODULE = '''
import numpy as np
from spiking_agent.codec.decoders.most_spikes import MostSpikesDecoder
from spiking_agent.codec.encoders.base import BaseEncoder
from spiking_agent.errors import UnsupportedSpaceError
from spiking_agent.codec.spaces import build

class Retina(BaseEncoder):
    """Drives a neuron for each bit, and one more that is always on."""

    kind = "retina"

    def __init__(self, size):
        self.size = size
        self.n_inputs = size + 1

    def encode(self, batch, n_ticks):
        drive = np.ones((len(batch), 1, self.n_inputs), np.uint8)
        drive[:, 0, :-1] = batch
        return drive

    def to_json(self):
        return {"kind": self.kind, "size": self.size}

    @classmethod
    def from_json(cls, description):
        return cls(int(description["size"]))

    @classmethod
    def from_space(cls, space, *, samples, n_levels):
        if len(space.shape) != 1:
            raise UnsupportedSpaceError(f"retina sees lines only, got {space}")
        return cls(space.shape[0])


class Backwards(MostSpikesDecoder):
    """Reads the outputs in the opposite order."""

    kind = "backwards"

    def decode(self, counts, n_ticks, choices, mask=None):
        return super().decode(counts[:, ::-1].copy(), n_ticks, choices, mask)

    @classmethod
    def from_space(cls, space):
        return cls(space)

    @classmethod
    def from_json(cls, description):
        return cls(build(description["space"]))
'''
ENTRY_POINTS = """
[spiking_agent.encoders]
retina = retina_of_tests:Retina
missing = no_such_module:Thing
other = retina_of_tests:Retina

[spiking_agent.decoders]
backwards = retina_of_tests:Backwards
"""
FEW = {"generations": 2, "population_size": 6, "n_episodes": 1, "n_validation": 2, "seed": 3}


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module that can be imported, but that no package registers."""
    path = tmp_path / "packages"
    path.mkdir()
    (path / "retina_of_tests.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.delitem(sys.modules, "retina_of_tests", raising=False)
    yield path
    sys.modules.pop("retina_of_tests", None)


def install(path: Path, name: str = "retina-1.0", entry_points: str = ENTRY_POINTS) -> None:
    info = path / f"{name}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(entry_points)


def new_retina() -> Any:
    import retina_of_tests

    return retina_of_tests.Retina(2)


def test_names_are_known_without_an_import(module: Path) -> None:
    assert ENCODERS.others() == ()
    install(module)
    assert ENCODERS.others() == ("missing", "other", "retina")
    assert ENCODERS.names() == (*ENCODERS.own, "missing", "other", "retina")
    spiking_agent.EvolutionConfig.of(encoder="retina", decoder="backwards")
    assert "retina_of_tests" not in sys.modules


@pytest.mark.slow
def test_a_registered_codec_evolves_by_name_and_its_champion_is_opened(module, tmp_path) -> None:
    install(module)
    out = tmp_path / "run"
    organism = spiking_agent.evolve(Echo, encoder="retina", decoder="backwards", out=out, **FEW)
    assert organism.connectome.n_inputs == 3
    assert organism.provenance["recipe"]["codec"]["encoder"] == "retina"
    copy = spiking_agent.Organism.load(out / "champion.npz")
    assert copy.to_bytes() == organism.to_bytes()
    assert type(copy.codec.decoder).__name__ == "Backwards"
    for bit in range(2):
        observation = np.eye(2, dtype=np.int8)[bit]
        assert copy.act(observation) == organism.act(observation)


def test_a_registered_object_is_the_same_as_its_name_and_can_be_resumed(module, tmp_path) -> None:
    install(module)
    named = spiking_agent.evolve(Echo, encoder="retina", **FEW)
    out = tmp_path / "run"
    first = {**FEW, "generations": 1}
    spiking_agent.evolve(Echo, encoder=new_retina(), out=out, report=False, **first)
    resumed = spiking_agent.evolve(Echo, generations=2, out=out, resume=True, report=False)
    assert resumed.connectome.connectivity.tobytes() == named.connectome.connectivity.tobytes()
    assert resumed.provenance["recipe"]["codec"]["encoder"] == {"kind": "retina", "size": 2}
    assert resumed.codec.to_json() == named.codec.to_json()


@pytest.mark.slow
def test_workers_play_with_a_registered_codec_as_one_does(module, monkeypatch) -> None:
    monkeypatch.setattr(arena, "HEAD_START_S", 0.0)
    install(module)
    one, two = (
        spiking_agent.evolve("CartPole-v1", encoder=LATE, workers=workers, **FEW)
        for workers in (1, 2)
    )
    assert one.to_bytes() == two.to_bytes()


LATE = LatencyEncoder((-1.0,) * 4, (1.0,) * 4, n_levels=3)


def test_built_in_objects_are_taken_as_they_are() -> None:
    encoder = ThermometerEncoder((-3.0,) * 4, (3.0,) * 4, n_levels=2)
    decoder = MostSpikesDecoder(spaces.Discrete(2))
    organism = spiking_agent.evolve("CartPole-v1", encoder=encoder, decoder=decoder, **FEW)
    assert organism.codec.encoder is encoder
    assert organism.codec.decoder is decoder
    again = spiking_agent.evolve("CartPole-v1", encoder=encoder.to_json(), **FEW)
    assert again.connectome.connectivity.tobytes() == organism.connectome.connectivity.tobytes()
    copy = spiking_agent.Organism.from_bytes(organism.to_bytes())
    assert copy.codec.encoder == encoder


def test_an_object_that_nothing_registers_plays_but_cannot_be_saved(module, tmp_path) -> None:
    organism = spiking_agent.evolve(Echo, encoder=new_retina(), **FEW)
    assert organism.act(np.array([0, 1], np.int8)) in (0, 1)
    message = "encoder must be one of direct, .*, got 'retina': to be chosen by name or read from"
    with pytest.raises(ValueError, match=message) as caught:
        organism.save(tmp_path / "champion.npz")
    assert ENCODERS.group in str(caught.value)
    with pytest.raises(ValueError, match=message):
        spiking_agent.evolve(Echo, encoder=new_retina(), out=tmp_path / "run", **FEW)
    assert not list(tmp_path.glob("run*"))


def test_a_decoder_that_nothing_registers_cannot_be_saved(module, tmp_path) -> None:
    import retina_of_tests

    decoder = retina_of_tests.Backwards(spaces.Discrete(2))
    organism = spiking_agent.evolve(Echo, decoder=decoder, **FEW)
    message = "decoder must be one of most-spikes, .*, got 'backwards': to be chosen by name or re"
    with pytest.raises(ValueError, match=message):
        organism.save(tmp_path / "champion.npz")


def test_a_champion_of_an_unknown_kind_names_it_and_imports_nothing(module: Path) -> None:
    install(module)
    content = spiking_agent.evolve(Echo, encoder="retina", decoder="backwards", **FEW).to_bytes()
    (module / "retina-1.0.dist-info" / "entry_points.txt").write_text("")
    del sys.modules["retina_of_tests"]
    with pytest.raises(
        ChampionFileError, match=f"encoder must .* got 'retina': .*'{ENCODERS.group}'"
    ):
        spiking_agent.Organism.from_bytes(content)
    assert "retina_of_tests" not in sys.modules
    (module / "retina-1.0.dist-info" / "entry_points.txt").write_text(
        "[spiking_agent.encoders]\nretina = retina_of_tests:Retina\n"
    )
    with pytest.raises(
        ChampionFileError, match=f"decoder must .* got 'backwards': .*'{DECODERS.group}'"
    ):
        spiking_agent.Organism.from_bytes(content)


def test_a_run_with_a_kind_that_is_gone_is_refused(module: Path, tmp_path) -> None:
    install(module)
    out = tmp_path / "run"
    spiking_agent.evolve(Echo, encoder="retina", out=out, report=False, **FEW)
    (module / "retina-1.0.dist-info" / "entry_points.txt").write_text("")
    with pytest.raises(RunDirectoryError, match=r"encoder must be one of thermometer, .*'retina'"):
        spiking_agent.evolve(Echo, generations=3, out=out, resume=True)


@pytest.mark.parametrize(
    ("kind", "how", "message"),
    [
        ("none", "from_space", f"encoder must be one of .*, got 'none': .*'{ENCODERS.group}' of"),
        (
            "missing",
            "from_space",
            "'no_such_module:Thing', registered as 'missing' in the entry-point group "
            f"'{ENCODERS.group}', must be something that can be imported, got ModuleNotFoundError",
        ),
        ("other", "from_json", "encoder made by 'retina_of_tests:Retina' must be of kind 'other'"),
        (
            "retina",
            "from_json",
            "as 'retina' in .*, must have a from_json that succeeds, got TypeE",
        ),
    ],
)
def test_what_cannot_make_an_encoder_is_named(module, kind, how, message) -> None:
    install(module)
    argument = {"size": 2} if kind == "other" else 5
    with pytest.raises(ValueError, match=message):
        ENCODERS.make(kind, how, argument)


def test_a_kind_that_two_packages_register_is_refused(module: Path) -> None:
    install(module)
    install(module, "rival-1.0", "[spiking_agent.encoders]\nretina = rival:Retina\n")
    message = (
        "registered by one installed package .*, got 'retina' with retina_of_tests:R.*, rival:"
    )
    with pytest.raises(ValueError, match=message):
        ENCODERS.make("retina", "from_json", {"size": 2})
    with pytest.raises(ValueError, match=message):
        spiking_agent.EvolutionConfig.of(encoder="retina")


def test_a_name_of_ours_stays_ours_whatever_is_registered(module: Path) -> None:
    ours = "rate = retina_of_tests:Retina\ndirect = retina_of_tests:Retina\n"
    install(module, entry_points=f"[{ENCODERS.group}]\n{ours}")
    assert ENCODERS.others() == ()
    assert ENCODERS.find("direct") == DirectEncoder.from_json
    assert make_encoder(spaces.Box(0, 1, (1,)), encoder="rate").kind == "rate"
    for refused in (lambda: ENCODERS.check("direct", among=("rate",)), lambda: make("direct")):
        with pytest.raises(ValueError, match=r"encoder must be one of .*rate.*, got 'direct'"):
            refused()
    assert "retina_of_tests" not in sys.modules


def make(encoder: str) -> Any:
    return make_encoder(spaces.MultiBinary(2), encoder=encoder)


def test_a_module_that_fails_on_import_is_named(module: Path) -> None:
    install(module, entry_points=f"[{ENCODERS.group}]\nbroken = broken_of_tests:Thing\n")
    (module / "broken_of_tests.py").write_text("raise RuntimeError('no licence')")
    with pytest.raises(ValueError, match=r"'broken_of_tests:Thing', .* got RuntimeError: no lic"):
        make("broken")


def test_a_space_that_a_registered_encoder_refuses_is_its_own_error(module: Path) -> None:
    install(module)
    env = gym.wrappers.ReshapeObservation(Unfolded(), (2, 1))
    with pytest.raises(UnsupportedSpaceError, match="retina sees lines only"):
        spiking_agent.evolve(lambda render_mode=None: env, encoder="retina", **FEW)


class Unfolded(Echo):
    """Echo with a Box, which wrappers can reshape."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.observation_space = spaces.Box(0, 1, (2,), np.int8)


@pytest.mark.parametrize("name", ["encoder", "decoder"])
def test_what_is_no_codec_is_refused(name: str) -> None:
    protocol = f"spiking_agent.codec.{name}s.base.{name.title()}"
    message = f"{name} must be a name or an object with all of {protocol}, got "
    for wrong, words in ((5, "5: subclasses of Base"), (MostSpikesDecoder, "<class .*MostSpikes")):
        with pytest.raises(TypeError, match=message + words):
            spiking_agent.evolve(Echo, **{name: wrong}, **FEW)


def test_a_description_without_the_kind_is_refused_before_anything_is_played() -> None:
    class Nameless(DirectEncoder):
        def to_json(self) -> dict[str, Any]:
            return {"size": self.size}

    message = r"to_json of the encoder must give its kind, 'direct', got {'size': 2}"
    with pytest.raises(ValueError, match=message):
        spiking_agent.evolve(Echo, encoder=Nameless(2), **FEW)


def test_an_evolution_without_objects_makes_what_its_settings_describe() -> None:
    config = spiking_agent.EvolutionConfig.of("CartPole-v1", encoder=LATE.to_json())
    assert Evolution(config)._problem.codec.encoder == LATE


class Local(BaseEncoder):
    """Encoder that no process can send, because of what it holds."""

    kind = "local"
    n_inputs = 4

    def __init__(self) -> None:
        self.held = threading.Lock()

    def encode(self, batch: Any, n_ticks: int) -> np.ndarray:
        return (batch > 0)[:, None].astype(np.uint8)

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind}


def test_an_object_that_workers_cannot_have_is_refused() -> None:
    message = "env, encoder and decoder must be something .* got 'CartPole-v1' with Local and Most"
    with pytest.raises(ValueError, match=message):
        spiking_agent.evolve("CartPole-v1", encoder=Local(), workers=2, **FEW)
    assert spiking_agent.evolve("CartPole-v1", encoder=Local(), **FEW).connectome.n_inputs == 4


def test_built_in_codecs_never_look_for_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking through all that is installed takes its time, and champions are written often."""

    def refuse(**_: Any) -> None:
        raise AssertionError("nothing may be looked for")

    monkeypatch.setattr("spiking_agent.plugins.entry_points", refuse)
    content = spiking_agent.evolve("CartPole-v1", encoder="latency", **FEW).to_bytes()
    assert spiking_agent.Organism.from_bytes(content).to_bytes() == content
