"""Pages of the documentation as tests: their code is run, their commands and links are checked.

Blocks of a page run in order, in one namespace and one directory. Rules of the fences:

- ``python`` runs; with ``>>>`` it is a doctest; with ``title="name.py"`` it is written to that file
  for the blocks after it;
- ``sh`` has its command lines parsed by the programs' own parsers, and runs, too, if the line
  before it is ``<!-- run -->``;
- ``text`` right after a block that ran is what that block prints; ``...`` stands for anything;
- a ``python`` block right below ``<!-- needs: EXTRA -->`` is left out, and what it prints with it,
  as long as some package of that extra of the project is not installed, and for no other reason;
  likewise below ``<!-- needs: package NAME -->`` for a package that is in no extra.

Other languages are refused. What a page promises to run is counted by its text alone, so that a
block that is overlooked, or a mark that stands too far from its block, fails.

Command lines of other people's programs are not parsed by these: the few that pages need are
listed in `_check_command`, and any other is refused.
"""

import contextlib
import doctest
import importlib
import importlib.metadata
import io
import os
import re
import shlex
import subprocess
import sys
import textwrap
import tomllib
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spiking_agent.cli.common import UsageError
from spiking_agent.evolution.run_directory import EVENTS

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RUN_MARK = "<!-- run -->"
PACKAGES = {
    "--no-deps",
    "Box2D",
    "flappy-bird-gymnasium",
    "gymnasium-2048",
    "minatar",
    "minigrid",
    "mujoco<4",
    "popgym",
    "tensorboard",
}  # that pages install beside extras
NEEDS_MARK = re.compile(r"^<!-- needs: ((?:package )?\w+) -->$")
PROMISES = re.compile(  # python blocks that are no files, and marks; quoted and listed ones, too
    rf"^[ >*+-]*(?:(?:`{{3,}}|~{{3,}}) *\{{? *\.?(?:python|py)\b(?!.*title=)|{RUN_MARK})",
    re.MULTILINE,
)
PLACEHOLDERS = {"S": "900", "N": "8", "M": "9"}  # in command lines within a sentence
ACTIVATE = [".", ".venv/bin/activate"]


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    language: str
    title: str
    code: str
    where: str  # page and line
    is_run: bool  # for sh
    needs: str  # an extra of the project, "package NAME", or ""
    follows: bool  # nothing but empty lines between the block before and this one


def blocks(page: Path) -> list[Block]:
    """Find the fenced blocks of a page."""
    found, lines = [], page.read_text().splitlines()
    number, last_end = 0, -1
    while number < len(lines):
        fence = re.match(r"( *)```(.*)", lines[number])
        if fence is None:
            number += 1
            continue
        end = next(k for k in range(number + 1, len(lines)) if lines[k] == fence[1] + "```")
        language, _, rest = fence[2].partition(" ")
        title = re.search(r'title="([^"]+)"', rest)
        mark = lines[number - 1].strip() if number else ""
        needs = NEEDS_MARK.match(mark)
        found.append(
            Block(
                language=language,
                title=title[1] if title else "",
                code=textwrap.dedent("\n".join(lines[number + 1 : end]) + "\n"),
                where=f"{page.name}:{number + 1}",
                is_run=mark == RUN_MARK,
                needs=needs[1] if needs else "",
                follows=last_end >= 0 and not "".join(lines[last_end + 1 : number]).strip(),
            )
        )
        number, last_end = end + 1, end
    return found


def run_page(page: Path, directory: Path) -> int:
    """Run a page's blocks in a directory, and give how many ran or lacked their extra.

    Raises
    ------
    AssertionError
        If a block fails or prints something else than the page shows, or is passed over.
    """
    namespace: dict[str, Any] = {"__name__": page.stem}
    printed: str | None = None  # by the block before
    n_run, is_left_out = 0, False
    for folder in ("scripts", "docs"):  # as seen from the root of the project
        (directory / folder).symlink_to(ROOT / folder)
    with contextlib.chdir(directory), _importing_from(directory):
        for block in blocks(page):
            if block.language == "text" and block.follows and is_left_out:
                is_left_out = False
                continue
            is_left_out = bool(block.needs) and lacks(block.needs, block.where)
            if is_left_out:
                assert block.language == "python", f"{block.where}: only python may need an extra"
                assert not block.title, f"{block.where}: a file needs no extra"
                printed, n_run = None, n_run + 1
                continue
            if block.language == "text":
                has_output = block.follows and printed is not None
                assert has_output, f"{block.where}: output of nothing"
                compare(block, printed or "")
                printed = None
                continue
            printed = _run(block, namespace, directory)
            n_run += printed is not None
    n_promised = len(PROMISES.findall(page.read_text()))
    assert n_run == n_promised, f"{page.name}: {n_promised} blocks are to run, {n_run} did"
    return n_run


def lacks(needs: str, where: str) -> bool:
    """Return whether a package, or one of an extra, is not installed."""
    known = PROJECT["optional-dependencies"]
    package = needs.removeprefix("package ")
    assert package != needs or needs in known, f"{where}: {needs!r} is no extra"
    requirements = [package] if package != needs else known[needs]
    names = [re.match(r"[\w-]+", requirement) for requirement in requirements]
    try:
        for name in names:
            importlib.metadata.distribution(name[0] if name else "")
    except importlib.metadata.PackageNotFoundError:
        return True
    return False


def _run(block: Block, namespace: dict[str, Any], directory: Path) -> str | None:
    """Run one block, and give what it printed; None if it is not to be run."""
    if block.language == "sh":
        return run_shell(block, directory, os.environ) if block.is_run else None
    assert block.language == "python", (
        f"{block.where}: a block of {block.language!r} is not checked"
    )
    if block.title:
        (directory / block.title).write_text(block.code)
        return None
    if ">>> " in block.code:
        _run_doctest(block, namespace)
        return ""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        try:
            exec(compile(block.code, block.where, "exec"), namespace)  # noqa: S102
        except Exception as error:
            raise AssertionError(f"{block.where}: {error!r}") from error
    return output.getvalue()


def _run_doctest(block: Block, namespace: dict[str, Any]) -> None:
    test = doctest.DocTestParser().get_doctest(block.code, {}, block.where, block.where, 0)
    test.globs = namespace
    report = io.StringIO()
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    failed, _ = runner.run(test, out=report.write, clear_globs=False)
    assert not failed, f"{block.where}: {report.getvalue()}"


def run_shell(block: Block, directory: Path, environment: Mapping[str, str]) -> str:
    """Run a block of shell commands, with the project's programs, and give what it printed."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(
        ["bash", "-euc", block.code],  # noqa: S607
        cwd=directory,
        env={**environment, "PATH": path, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, f"{block.where}: {result.stdout}{result.stderr}"
    return result.stdout


def compare(block: Block, printed: str) -> None:
    """Refuse what was printed if the block shows something else."""
    got = "\n".join(line.rstrip() for line in printed.splitlines()) + "\n"
    checker = doctest.OutputChecker()
    is_same = checker.check_output(block.code, got, doctest.ELLIPSIS)
    assert is_same, f"{block.where} must show\n{got}"


@contextlib.contextmanager
def _importing_from(directory: Path) -> Iterator[None]:
    """Make the files of the page importable, and forget them and what they registered."""
    import gymnasium

    modules = set(sys.modules)
    sys.path.insert(0, str(directory))
    try:
        yield
    finally:
        sys.path.remove(str(directory))
        for name in sys.modules.keys() - modules:
            if (directory / f"{name}.py").exists():
                del sys.modules[name]
                for env_id, spec in list(gymnasium.registry.items()):
                    if str(spec.entry_point).startswith(f"{name}:"):
                        del gymnasium.registry[env_id]


def command_lines(page: Path) -> list[str]:
    """All command lines of a page: those of its sh blocks, and of programs within sentences."""
    found = []
    for block in blocks(page):
        if block.language == "sh":
            found += block.code.replace("\\\n", " ").splitlines()
    prose = re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    for code in re.findall(r"(?<!`)`([^`]+)`(?!`)", prose):
        words = code.split()
        is_program = words[0] in PROJECT["scripts"] and len(words) > 1  # else it is only named
        if code.startswith("python scripts/") or is_program:
            filled = re.sub(r"\b[SNM]\b", lambda hole: PLACEHOLDERS[hole[0]], " ".join(words))
            found.append(filled)
    return [line for line in found if line.strip()]


def check_command_line(line: str) -> None:
    """Check each command of a line of shell.

    Raises
    ------
    ValueError
        If a program does not exist or does not know an argument.
    """
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    command: list[str] = []
    for word in [*lexer, ";"]:
        if set(word) <= set("&;|"):
            if command:
                _check_command(command, line)
            command = []
        elif command or not re.match(r"[A-Z_]+=", word):
            command.append(word)


def _check_command(words: list[str], line: str) -> None:
    if ">" in words:  # into a file
        words = words[: words.index(">")]
    match words:
        case ["python", script, *arguments] if script.startswith("scripts/"):
            _parse(_parser_of_script(ROOT / script), arguments, line)
        case ["python", script] if script.startswith("tests/") and (ROOT / script).is_file():
            pass
        case [name, *arguments] if name in PROJECT["scripts"]:
            _parse(_parser_of(PROJECT["scripts"][name].partition(":")[0]), arguments, line)
        case [script] if (ROOT / script).is_file() and os.access(ROOT / script, os.X_OK):
            pass
        case ["scripts/test", "--fast"]:
            pass
        case ["python", "-m", "pytest", *_] | ["lint-imports"]:
            pass  # those of the worked hours run
        case ["pip", "install", "-e", target]:
            extras = re.fullmatch(r"\.(?:\[([\w,]+)\])?", target)
            known = PROJECT["optional-dependencies"]
            if extras is None or not set((extras[1] or "dev").split(",")) <= known.keys():
                raise ValueError(f"{line}: no such extra")
        case ["pip", "install", *packages] if set(packages) <= PACKAGES:
            pass
        case ["tensorboard", "--logdir", folder] if Path(folder).name == EVENTS:
            pass
        case ["python3", "-m", "venv", ".venv"] | ["python", "-m", "http.server", *_]:
            pass
        case ["find", *folders, "-name", _, "-delete"] if all((ROOT / f).is_dir() for f in folders):
            pass
        case _ if words != ACTIVATE:
            raise ValueError(f"{line}: unknown command {words[0]!r}")


def _parser_of_script(path: Path) -> ArgumentParser:
    if not path.is_file():
        raise ValueError(f"there is no {path.name}")
    source = re.search(r"^from ([\w.]+) import main$", path.read_text(), re.MULTILINE)
    return _parser_of(source[1] if source else path.stem)


def _parser_of(module_name: str) -> ArgumentParser:
    module = importlib.import_module(module_name)
    make: Any = getattr(module, "make_parser", None) or module.parser
    parser: ArgumentParser = make()
    return parser


def _parse(parser: ArgumentParser, arguments: list[str], line: str) -> None:
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            parser.parse_args(arguments)
    except UsageError as error:
        raise ValueError(f"{line}: {error}") from error
    except SystemExit as end:
        if end.code:
            raise ValueError(f"{line}: {said.getvalue().splitlines()[-1]}") from end


def broken_links(page: Path) -> list[str]:
    """Relative links and pictures of a page that lead nowhere, and headings that are not there."""
    broken = []
    text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    for link in re.findall(r"\]\(([^)\s]+)", text):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.is_file() or (anchor and anchor not in _anchors(target)):
            broken.append(link)
    return broken


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", heading).strip().lower() for heading in headings}
    return {re.sub(r"[\s-]+", "-", slug) for slug in slugs} | set(
        re.findall(r"^::: (\S+)$", page.read_text(), re.MULTILINE)
    )
