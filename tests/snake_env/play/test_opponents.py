"""Opponents that packages register: by name, by file, and what can be wrong with them."""

import sys
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

import opponents as opponents_of_tests
import pytest

from snake_env.play import opponents


def load_straight(n_rows: int, n_cols: int, file: str | None = None) -> opponents.Opponent:
    if n_rows != n_cols:
        raise ValueError("straight must have a square board")
    opponent = opponents_of_tests.Straight()
    opponent.file = file
    return opponent


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch):
    def register(**targets: str) -> None:
        points = [EntryPoint(name, target, opponents.GROUP) for name, target in targets.items()]
        monkeypatch.setattr(opponents, "entry_points", lambda group: points)

    my_package = ModuleType("my_package")
    my_package.load = load_straight
    monkeypatch.setitem(sys.modules, "my_package", my_package)
    return register


def test_the_champion_is_registered() -> None:
    assert "champion" in entry_points(group=opponents.GROUP).names


def test_an_opponent_of_a_third_party_is_found_by_its_name(register) -> None:
    register(straight="my_package:load", champion="my_package:load")
    name, opponent = opponents.load_opponent("straight", 10, 10)
    assert name == "straight"
    assert opponent.observation == "planes"
    assert opponent.file is None


def test_a_file_is_for_the_champion(register, tmp_path: Path) -> None:
    register(straight="my_package:load", champion="my_package:load")
    (tmp_path / "best.npz").touch()
    name, opponent = opponents.load_opponent(str(tmp_path / "best.npz"), 10, 10)
    assert (name, opponent.file) == ("champion", str(tmp_path / "best.npz"))


def test_a_name_goes_before_a_file(register, tmp_path: Path, monkeypatch) -> None:
    register(straight="my_package:load", champion="my_package:load")
    monkeypatch.chdir(tmp_path)
    Path("straight").touch()
    assert opponents.load_opponent("straight", 10, 10)[0] == "straight"
    assert opponents.load_opponent("./straight", 10, 10)[0] == "champion"


def test_what_an_opponent_says_of_the_board_is_passed_on(register) -> None:
    register(straight="my_package:load")
    with pytest.raises(ValueError, match="straight must have a square board"):
        opponents.load_opponent("straight", 6, 12)


@pytest.mark.parametrize("target", ["no_such_package:load", "math:no_such_function"])
def test_a_broken_registration_says_so(register, target: str) -> None:
    register(broken=target)
    with pytest.raises(ValueError, match=r"can be imported, got 'broken': .*no.such"):
        opponents.load_opponent("broken", 10, 10)


def test_a_module_that_cannot_be_read_says_so(register, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "bad_grammar.py").write_text("def load(:\n")
    monkeypatch.syspath_prepend(tmp_path)
    register(broken="bad_grammar:load")
    with pytest.raises(ValueError, match=r"got 'broken': SyntaxError: .*bad_grammar.py, line 1"):
        opponents.load_opponent("broken", 10, 10)


def fail(n_rows: int, n_cols: int, file: str | None = None) -> opponents.Opponent:
    raise RuntimeError("no idea")


@pytest.mark.parametrize(
    ("load", "message"),
    [
        (fail, "RuntimeError: no idea"),
        (lambda: None, "TypeError: .* positional arguments"),
        (3, "TypeError: 'int' object is not callable"),
        (lambda *_: None, "AttributeError: .* no attribute 'observation'"),
        (lambda *_: ModuleType("blind"), "AttributeError: .* no attribute 'observation'"),
    ],
)
def test_an_opponent_that_cannot_be_made_is_named(register, load, message: str) -> None:
    register(broken="my_package:load")
    sys.modules["my_package"].load = load
    with pytest.raises(opponents.OpponentError, match=f"opponent 'broken' must .*{message}"):
        opponents.load_opponent("broken", 10, 10)


def test_an_error_lists_the_choices(register, tmp_path: Path) -> None:
    register(straight="my_package:load", champion="my_package:load")
    with pytest.raises(ValueError, match=r"\(champion, straight\), got 'nobody'"):
        opponents.load_opponent("nobody", 10, 10)
    register(straight="my_package:load")
    with pytest.raises(ValueError, match=r"\(straight\), got '/"):
        opponents.load_opponent(str(tmp_path), 10, 10)
    register()
    with pytest.raises(ValueError, match="unless pip install is run again"):
        opponents.load_opponent("champion", 10, 10)


def install(path: Path, package: str, **targets: str) -> None:
    info = path / f"{package}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    lines = [f"[{opponents.GROUP}]", *(f"{name} = {target}" for name, target in targets.items())]
    (info / "entry_points.txt").write_text("\n".join(lines))


def test_a_name_that_two_packages_register_means_neither(tmp_path: Path, monkeypatch) -> None:
    install(tmp_path, "one", greedy="one:load", shy="one:shy")
    install(tmp_path, "two", greedy="two:load")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(
        ValueError, match=r"by one installed package .*'greedy' with one:l.*, two:l"
    ):
        opponents.load_opponent("greedy", 10, 10)
    with pytest.raises(ValueError, match="can be imported, got 'shy'"):
        opponents.load_opponent("shy", 10, 10)


@pytest.mark.parametrize("is_first", [True, False])
def test_the_champion_cannot_be_replaced(tmp_path: Path, is_first: bool, monkeypatch) -> None:
    install(tmp_path, "one", champion="one:load")
    install(tmp_path, "two", champion="two:load")
    monkeypatch.setattr(
        sys, "path", [str(tmp_path), *sys.path] if is_first else [*sys.path, str(tmp_path)]
    )
    (found,) = opponents._registered()["champion"]
    assert found.value == "spiking_agent.organism.opponent:load"
