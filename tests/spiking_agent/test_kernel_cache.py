"""Kernels are kept on disk, and programs run where that cannot be done."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import pytest

import snake_env.kernel_cache
import spiking_agent.kernel_cache

pytestmark = pytest.mark.jit
MODULES = [snake_env.kernel_cache, spiking_agent.kernel_cache]


@pytest.fixture(params=MODULES, ids=lambda module: module.__name__)
def module(request, monkeypatch):
    """One package's rule, in a process that has not warned yet."""
    monkeypatch.setenv(request.param.WARNED, "")
    monkeypatch.delenv(request.param.WARNED)
    return request.param


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The folder in which numba keeps kernels."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "kept"))
    return tmp_path / "kept"


def double(number):
    return 2 * number


def fresh(module):
    """`double` as a process that begins has it, with nothing compiled."""
    return module.kept(numba.njit(double))


def test_both_packages_keep_kernels_by_the_same_rule() -> None:
    one, other = (Path(module.__file__).read_text(encoding="utf-8") for module in MODULES)
    assert one == other


def test_what_was_compiled_is_found_again(module, folder) -> None:
    assert fresh(module)(4) == 8
    again = fresh(module)
    assert again(4) == 8
    assert sum(again.stats.cache_hits.values()) == 1


@pytest.mark.parametrize("kind", [".nbi", ".nbc"])
@pytest.mark.parametrize(
    "damaged",
    [lambda whole: b"", lambda whole: whole[: len(whole) // 2], lambda whole: bytes(len(whole))],
    ids=["empty", "cut off", "zeros"],
)
def test_a_damaged_file_is_compiled_again_and_replaced(module, folder, kind, damaged) -> None:
    fresh(module)(4)
    (file,) = folder.rglob(f"*{kind}")
    file.write_bytes(damaged(file.read_bytes()))
    with pytest.warns(RuntimeWarning, match=r"compiled kernels in .* are damaged .*replaced"):
        assert fresh(module)(4) == 8
    again = fresh(module)
    assert again(4) == 8
    assert sum(again.stats.cache_hits.values()) == 1


def test_a_folder_that_can_no_longer_be_written_to_costs_a_warning_only(module, folder) -> None:
    kernel = fresh(module)
    shutil.rmtree(folder)
    folder.touch()
    with pytest.warns(RuntimeWarning, match=r"cannot be kept .*kept.*: set NUMBA_CACHE_DIR"):
        assert kernel(4) == 8
    assert kernel(4.5) == 9.0  # without another warning


def test_a_home_that_is_not_known_is_not_made_up(module, tmp_path, monkeypatch) -> None:
    def unknown(user_id):
        raise KeyError(user_id)

    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.setattr("pwd.getpwuid", unknown)
    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "__pycache__").touch()
    source = tmp_path / "source.py"
    source.write_text("def triple(number):\n    return 3 * number\n")
    spec = importlib.util.spec_from_file_location("source", source)
    written = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(written)
    with pytest.warns(RuntimeWarning, match="no folder can be written to"):
        kernel = module.kept(numba.njit(written.triple))
    assert kernel(3) == 9
    assert {path.name for path in tmp_path.iterdir()} == {"__pycache__", "source.py"}


RUN = """
import subprocess, sys
import numpy as np
import snake_env.game, spiking_agent
assert snake_env.game.__file__.startswith(sys.argv[1])
print(snake_env.game.draw_below(np.ones(1, np.uint64), 0, 100))
subprocess.run([sys.executable, "-c", "import spiking_agent.brain.compiled.kernels"], check=True)
"""


def test_packages_without_any_folder_to_write_to_run_after_one_warning(tmp_path) -> None:
    # files in the way of folders stop even root, whom permissions do not
    blocked = tmp_path / "file"
    blocked.touch()
    for name in ("snake_env", "spiking_agent"):
        source = Path(sys.modules[name].__file__).parent
        shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        (tmp_path / name / "__pycache__").touch()
    env = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    env |= {"PYTHONPATH": str(tmp_path), "HOME": str(blocked), "XDG_CACHE_HOME": str(blocked)}
    command = [sys.executable, "-c", RUN, str(tmp_path)]
    done = subprocess.run(
        command, env=env, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().isdigit()
    assert done.stderr.count("RuntimeWarning") == 1
    assert "cannot be kept (no folder can be written to)" in done.stderr
    assert "NUMBA_CACHE_DIR" in done.stderr
