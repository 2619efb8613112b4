"""Kernels are kept on disk, never beyond a change, and programs run where that cannot be done."""

import importlib.util
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import NamedTuple

import numba
import pytest
from numba.core.caching import IndexDataCacheFile

import snake_env.board
import snake_env.kernel_cache
import spiking_agent.kernel_cache

pytestmark = pytest.mark.slow
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


def test_a_kernel_in_a_closure_does_not_hide_what_was_compiled(module, folder) -> None:
    def fresh_closure():
        inner = fresh(module)  # to which numba gives another number in every process

        def quadruple(number):
            return inner(inner(number))

        return module.kept(numba.njit(quadruple))

    assert fresh_closure()(4) == 16
    again = fresh_closure()
    assert again(4) == 16
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


def compile_each(module, folder: Path, *numbers: complex) -> None:
    """Compile `double` for the type of each number, each ten seconds after the one before."""
    for number in numbers:
        for file in folder.rglob("*.nbi"):
            os.utime(file, (file.stat().st_atime, file.stat().st_mtime - 10))
        assert fresh(module)(number) == 2 * number


def is_kept(module, number: complex) -> bool:
    kernel = fresh(module)
    kernel(number)
    return sum(kernel.stats.cache_hits.values()) == 1


def test_only_the_latest_versions_of_a_kernel_are_kept(module, folder, monkeypatch) -> None:
    monkeypatch.setattr(module, "MAX_KEPT", 2)
    compile_each(module, folder, 4, 4.5, 4j)
    assert len(list(folder.rglob("*.nbi"))) == len(list(folder.rglob("*.nbc"))) == 2
    assert [is_kept(module, number) for number in (4j, 4.5, 4)] == [True, True, False]


def test_a_version_that_is_used_is_not_the_one_that_is_removed(module, folder, monkeypatch) -> None:
    monkeypatch.setattr(module, "MAX_KEPT", 2)
    compile_each(module, folder, 4, 4.5, 4, 4j)  # 4 is the oldest, but loaded once more
    assert [is_kept(module, number) for number in (4, 4j, 4.5)] == [True, True, False]


def test_processes_that_compile_different_signatures_at_once_do_not_mix_them_up(
    module, folder, monkeypatch
) -> None:
    """The moves of two processes: both look, then both write, one inside of the other's writing."""
    save_data = IndexDataCacheFile._save_data
    other = fresh(module)

    def save_late(self, name, data):
        monkeypatch.setattr(IndexDataCacheFile, "_save_data", save_data)
        other(4.5)
        save_data(self, name, data)

    with monkeypatch.context() as both_look_first:
        both_look_first.setattr(IndexDataCacheFile, "_load_index", lambda self: {})
        monkeypatch.setattr(IndexDataCacheFile, "_save_data", save_late)
        assert fresh(module)(4) == 8
    again = fresh(module)
    assert [again(4.5), again(4)] == [9.0, 8]
    assert sum(again.stats.cache_hits.values()) == 2


SOURCE = """
    import math
    from typing import NamedTuple

    import numba
    import numpy as np

    FACTOR = 2
    TABLE = np.arange(3)
    PAIR = (1, 2.0)

    class Record(NamedTuple):
        one: int
        other: int

    class Numbers:
        SHIFT = 3

    @numba.njit(inline="always")
    def shifted(number):
        return number + Numbers.SHIFT

    @numba.njit
    def scaled(number, more=1):
        return shifted(number) * FACTOR * more + TABLE[1] + PAIR[1]

    @numba.njit(nogil=True)
    def top(number):
        '''Return a number.'''
        record = Record(number, 2)
        return scaled(math.sqrt(record.one))
"""


def digest(module, source: str, signature: tuple = (numba.int64,)) -> str:
    """The name that the kernel `top` of a source would get."""
    names = {"__name__": "toy"}
    exec(textwrap.dedent(source), names)  # noqa: S102
    parts = module.Parts(names["top"])
    parts.add_signature(signature)
    return parts.digest()


@pytest.mark.parametrize(
    ("part", "edited"),
    [
        ("return number + Numbers.SHIFT", "return number - Numbers.SHIFT"),
        ("* FACTOR", "+ FACTOR"),
        ("FACTOR = 2", "FACTOR = 2.0"),
        ("np.arange(3)", "np.arange(3)[::-1]"),
        ("PAIR = (1, 2.0)", "PAIR = (1, 2.5)"),
        ("one: int\n        other", "other: int\n        one"),
        ("SHIFT = 3", "SHIFT = 4"),
        ("more=1", "more=2"),
        ('(inline="always")', ""),
        ("(nogil=True)", "(nogil=True, fastmath=True)"),
        ("math.sqrt", "math.exp"),
    ],
)
def test_an_edit_of_anything_that_a_kernel_is_made_of_makes_it_another(
    module, part, edited
) -> None:
    assert part in SOURCE
    assert digest(module, SOURCE.replace(part, edited)) != digest(module, SOURCE)


@pytest.mark.parametrize(
    ("part", "edited"),
    [
        ("import math", "# a comment\n\n    import math"),
        ("Return a number.", "Return what is scaled."),
        ("def top(number)", "def top(number: int)"),
        ("SHIFT = 3", "SHIFT = 3\n        UNUSED = 4"),
        ("class Numbers", "def unused(number):\n        return number\n\n    class Numbers"),
    ],
)
def test_an_edit_of_anything_else_leaves_a_kernel_as_it_is(module, part, edited) -> None:
    assert part in SOURCE
    assert digest(module, SOURCE.replace(part, edited)) == digest(module, SOURCE)


def test_named_tuples_that_differ_in_the_order_of_their_fields_are_different_arguments(
    module,
) -> None:
    records = [NamedTuple("Record", [(name, int) for name in order]) for order in ("ab", "ba")]
    types = [numba.typeof(record(1, 2)) for record in records]
    assert repr(types[0]) == repr(types[1])
    assert digest(module, SOURCE, (types[0],)) != digest(module, SOURCE, (types[1],))


def copy_packages(folder: Path, *, with_kernels: bool = False) -> None:
    left_out = () if with_kernels else ("__pycache__",)
    for name in ("snake_env", "spiking_agent"):
        source = Path(sys.modules[name].__file__).parent
        shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns(*left_out))


def block_package_folders(folder: Path) -> None:
    """Make folders that nothing can be kept in; files in the way stop even root."""
    for package in [path.parent for path in folder.rglob("__init__.py")]:
        (package / "__pycache__").touch()


def environment(folder: Path, **variables: object) -> dict[str, str]:
    """Variables of a process that imports the packages in `folder`."""
    env = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    return env | {"PYTHONPATH": str(folder)} | {k: str(value) for k, value in variables.items()}


def start(folder: Path, script: str, **variables: object) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", script, str(folder)],
        env=environment(folder, **variables),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen) -> tuple[str, str]:
    out, err = process.communicate()
    assert process.returncode == 0, err
    return out.strip(), err


def run(folder: Path, script: str, **variables: object) -> str:
    out, err = finish(start(folder, script, **variables))
    assert "Warning" not in err
    return out


# A neuron that hears 2 per tick, and how many kernels were compiled to run it.
NEURON = """
import sys
import numpy as np
import spiking_agent.brain.compiled.kernels as kernels
import spiking_agent.brain.compiled.lanes as lanes
from spiking_agent.brain.compiled.engine import Engine
from spiking_agent.brain.connectome import Connectome
from spiking_agent.brain.population import Population
assert kernels.__file__.startswith(sys.argv[1])
connectome = Connectome(
    connectivity=[[0, 2], [0, 0]],
    threshold=[0, 4],
    decay=[1, 1],
    refractory_period=[0, 0],
    initiation_delay=[1, 1],
    input_neurons=[0],
    output_neurons=[1],
)
with Engine(Population.from_connectomes([connectome])) as engine:
    n_spikes = engine.decide(np.ones((1, 1, 1), np.uint8), 12)[0, 0]
made = [kernels.decide, lanes.begin_lanes]
print(n_spikes, sum(sum(kernel.stats.cache_misses.values()) for kernel in made))
"""


def test_an_edit_of_the_neurons_rule_counts_from_the_next_process_on(tmp_path) -> None:
    copy_packages(tmp_path, with_kernels=True)
    rule = tmp_path / "spiking_agent" / "brain" / "neuron.py"
    written = rule.read_text(encoding="utf-8")
    edited = written.replace("reached > params.threshold", "reached >= params.threshold")
    assert edited != written
    assert run(tmp_path, NEURON).split()[0] == "4"  # every third tick exceeds 4
    assert run(tmp_path, NEURON) == "4 0"
    rule.write_text(edited, encoding="utf-8")
    assert run(tmp_path, NEURON) == "6 1"  # every second tick reaches 4; one of them has the rule
    rule.write_text(written, encoding="utf-8")
    assert run(tmp_path, NEURON) == "4 0"


FOOD = """
import sys
import numpy as np
from snake_env import board, game
assert game.__file__.startswith(sys.argv[1])
cells, counters = np.zeros((1, 3, 4), np.int32), np.zeros((1, 9), np.int32)
grid = np.zeros((1, 4), np.uint8)
game.place_food(cells, counters, np.ones(1, np.uint64), grid, 0)
print(grid.max(), sum(game.place_food.stats.cache_misses.values()))
"""


@pytest.mark.parametrize("place", ["beside the modules", "home", "NUMBA_CACHE_DIR"])
def test_an_edit_of_a_constant_counts_wherever_kernels_are_kept(place, tmp_path) -> None:
    packages, kept_in = tmp_path / "packages", tmp_path / "kept"
    copy_packages(packages)
    variables = {"HOME": kept_in, "XDG_CACHE_HOME": kept_in}
    if place == "home":
        block_package_folders(packages)
    elif place == "NUMBA_CACHE_DIR":
        variables = {"NUMBA_CACHE_DIR": kept_in}
    board, food = packages / "snake_env" / "board.py", snake_env.board.FOOD
    assert run(packages, FOOD, **variables) == f"{food} 1"
    assert run(packages, FOOD, **variables) == f"{food} 0"
    with board.open("a", encoding="utf-8") as file:
        file.write("\nFOOD = 77\n")
    assert run(packages, FOOD, **variables) == "77 1"
    assert bool(list(kept_in.rglob("*.nbi"))) == (place != "beside the modules")


def test_three_processes_that_compile_at_once_keep_everything_once(tmp_path) -> None:
    copy_packages(tmp_path)
    processes = [start(tmp_path, FOOD, NUMBA_CACHE_DIR=tmp_path / "kept") for _ in range(3)]
    outs, errors = zip(*map(finish, processes), strict=True)
    food = str(snake_env.board.FOOD)
    assert [out.split()[0] for out in outs] == [food] * 3
    assert "Warning" not in "".join(errors)
    assert run(tmp_path, FOOD, NUMBA_CACHE_DIR=tmp_path / "kept") == f"{food} 0"
    names = [path.name for path in (tmp_path / "kept").rglob("*.nb*")]
    assert (
        sorted(name.split("-")[0] for name in names)
        == ["game.draw_below"] * 2 + ["game.place_food"] * 2
    )


WITHOUT_A_FOLDER = """
import subprocess, sys
import numpy as np
import snake_env.game, spiking_agent
assert snake_env.game.__file__.startswith(sys.argv[1])
print(snake_env.game.draw_below(np.ones(1, np.uint64), 0, 100))
subprocess.run([sys.executable, "-c", "import spiking_agent.brain.compiled.kernels"], check=True)
"""


def test_packages_without_any_folder_to_write_to_run_after_one_warning(tmp_path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    copy_packages(tmp_path)
    block_package_folders(tmp_path)
    out, err = finish(start(tmp_path, WITHOUT_A_FOLDER, HOME=blocked, XDG_CACHE_HOME=blocked))
    assert out.isdigit()
    assert err.count("RuntimeWarning") == 1
    assert "cannot be kept (no folder can be written to)" in err
    assert "NUMBA_CACHE_DIR" in err
