"""What the commands share: common arguments, Ctrl-C, and one line of error with an exit code."""

import argparse
import os
import signal
import sys
import threading
import warnings
from _thread import interrupt_main
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

from spiking_agent.brain.engines import ENGINES
from spiking_agent.checks.arguments import file_path
from spiking_agent.checks.words import one_line
from spiking_agent.cli.ending import end_soon
from spiking_agent.cli.output import escape_unshowable, is_read, output_failure
from spiking_agent.environments.source import PLAY_ERRORS
from spiking_agent.errors import ForeignCodeError
from spiking_agent.evolution.interrupt import INTERRUPTED
from spiking_agent.evolution.settings.options import above_zero, json_or_text, natural, positive
from spiking_agent.organism.shipped import CHAMPIONS, USUAL

NOBODY_READS = 1  # as in rich
FAILED = 1  # code outside the package, such as an environment's, raised an exception
BAD_INPUT = 2
LONGEST_ERROR = 4_000  # characters

T = TypeVar("T")


class UsageError(Exception):
    """Bad input, found by a command; the message is the line to print."""


class CommandParser(argparse.ArgumentParser):
    """A parser whose errors are one line, and which prints its epilog as it is written.

    Raises
    ------
    UsageError
        While it parses arguments, if they are wrong.
    """

    def __init__(self, **how: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, **how)

    def error(self, message: str) -> NoReturn:
        """Raise a `UsageError` instead of printing the usage, which can be longer than a screen."""
        raise UsageError(f"{message} (see --help)")


BAD_INPUT_ERRORS = (UsageError, *PLAY_ERRORS)


def run(
    command: Callable[[argparse.Namespace], int],
    parser: argparse.ArgumentParser,
    argv: Sequence[str] | None,
) -> int:
    """Run a command; on bad input, print one line to stderr and return exit code 2.

    Parameters
    ----------
    command : callable
        Takes the parsed arguments and returns an exit code.
    parser : argparse.ArgumentParser
        The parser of its arguments.
    argv : sequence of str, optional
        Arguments without the program's name; default: those of the process.

    Returns
    -------
    int
        0 on success, 1 if the reader of the output has closed it, 2 on bad input or output, 130
        after Ctrl-C; 1, with a traceback, if code outside the package raised an exception.
    """
    try:
        with _terminable():
            code = _run(command, parser, argv)
    except KeyboardInterrupt:  # a second one, while the first was handled
        code = INTERRUPTED
    if argv is None:
        end_soon(code)
    return code


@contextmanager
def _terminable() -> Iterator[None]:
    """Treat a request to terminate like Ctrl-C, and lose neither, even in a destructor."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before, hook = signal.signal(signal.SIGTERM, signal.default_int_handler), sys.unraisablehook

    def again(lost: "sys.UnraisableHookArgs") -> None:
        if issubclass(lost.exc_type, KeyboardInterrupt):  # as in a destructor: raise it again
            interrupt_main()
        else:
            hook(lost)

    sys.unraisablehook = again
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        sys.unraisablehook = hook


def _run(
    command: Callable[[argparse.Namespace], int],
    parser: argparse.ArgumentParser,
    argv: Sequence[str] | None,
) -> int:
    escape_unshowable()
    try:
        arguments = parser.parse_args(argv)
        warnings.filterwarnings("ignore", category=UserWarning, module="pygame")
        code = command(arguments)
        failure = output_failure()
        if failure is None:
            return code
        is_unread = isinstance(failure, BrokenPipeError)
        return NOBODY_READS if is_unread else _refuse(parser.prog, failure)
    except BAD_INPUT_ERRORS as error:
        if isinstance(error, BrokenPipeError) and not is_read():  # not an environment's own pipe
            return NOBODY_READS
        if isinstance(error, ForeignCodeError):
            print(error.trace, file=sys.stderr)
            return _refuse(parser.prog, error, FAILED)
        return _refuse(parser.prog, error)
    except KeyboardInterrupt:
        print(f"{parser.prog}: interrupted", file=sys.stderr)
        return INTERRUPTED
    finally:
        output_failure()


def _refuse(program: str, error: Exception, code: int = BAD_INPUT) -> int:
    """Print an error as one line, and return the exit code."""
    words = [_said(error), *getattr(error, "__notes__", ())]
    text = one_line(" ".join(" ".join(words).split()), LONGEST_ERROR) or type(error).__name__
    print(f"{program}: error: {text}", file=sys.stderr)
    return code


def _said(error: Exception) -> str:
    """Return what an error says; that a file cannot be used, in the words of our own errors."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        name = os.fsdecode(error.filename) if not isinstance(error.filename, int) else "?"
        return f"file must be one that can be read or written, got {name!r} ({error.strerror})"
    return str(error)


def named_value(form: str, read: Callable[[str], Any]) -> Callable[[str], tuple[str, Any]]:
    """Return a type for argparse that parses "NAME=VALUE" into a name and a value.

    Parameters
    ----------
    form : str
        The expected form, for the error message.
    read : callable
        Takes the text of the value, and returns the value or raises ValueError.
    """

    def named(words: str) -> tuple[str, Any]:
        name, equals, value = words.partition("=")
        if not equals or not name.isidentifier():
            raise argparse.ArgumentTypeError(f"must be {form}, got {words!r}")
        try:
            return name, read(value)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{error}, got {name}=...") from error

    return named


class NamedOnce(argparse.Action):
    """Collects names and values, as `named_value` parses them, and refuses a name given twice."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Add names and values to those that were given before, as a dict."""
        given = dict(getattr(namespace, self.dest) or {})
        for name, value in values:
            if name in given:
                raise argparse.ArgumentError(
                    self, f"{name} must be given once, got another {name}=..."
                )
            given[name] = value
        setattr(namespace, self.dest, given)


def named_path(text: str) -> Path:
    """Parse a path, which must not be empty.

    Parameters
    ----------
    text : str
        The text.

    Raises
    ------
    argparse.ArgumentTypeError
        If no file can have that path.
    """
    try:
        return file_path("path", text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def typed(read: Callable[[str], T]) -> Callable[[str], T]:
    """Return a type for argparse, which prints what is wrong in the words of our own errors.

    Parameters
    ----------
    read : callable
        Takes the text of an argument, and returns the value or raises ValueError for "it".
    """

    def parsed(words: str) -> T:
        try:
            return read(words)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error).removeprefix("it ")) from error

    return parsed


positive_int: Final = typed(positive)
natural_int: Final = typed(natural)
positive_float: Final = typed(above_zero)


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def add_champion_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of every command that plays a champion.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        The parser, which is changed.
    """
    parser.add_argument(
        "champion",
        nargs="?",
        help="champion file, directory of a run, or name of a champion of the package: "
        f"{' or '.join(CHAMPIONS)}; a path that exists goes before a name (default: {USUAL})",
    )
    parser.add_argument(
        "--seed",
        type=natural_int,
        default=0,
        help="seed of the first episode (default: %(default)s)",
    )
    add_env_arguments(parser)
    parser.add_argument("--engine", choices=ENGINES, default="compiled", help="what runs the brain")


def add_env_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments for an environment other than the one of the champion's evolution.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        The parser, which is changed.
    """
    parser.add_argument("--env", metavar="ID", help="another environment with the same spaces")
    parser.add_argument(
        "--env-kwargs",
        metavar="K=V",
        nargs="+",
        action=NamedOnce,
        type=named_value("KEY=VALUE", json_or_text),
        default={},
        help="keyword arguments that replace the champion's; a grown one fits any board",
    )


def add_max_envs(parser: argparse.ArgumentParser) -> None:
    """Add the argument for how many environments may be open at once.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        The parser, which is changed.
    """
    parser.add_argument(
        "--max-envs",
        metavar="N",
        type=positive_int,
        help="how many environments may be open at once, which also limits the workers: 1 for an "
        "environment that can exist only once (default: as many as fast play needs; results are "
        "the same, but for live brains)",
    )
