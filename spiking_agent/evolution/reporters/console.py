"""What the output can show: characters that its encoding has, and a cursor that comes back."""

import io
import os
import select
import sys
from contextlib import suppress
from typing import Final

from rich.console import Console

BLOCKS: Final = "▁▂▃▄▅▆▇█"
PLAIN_BARS: Final = ".:-=+*#@"  # where the encoding lacks the blocks
SPINNER, PLAIN_SPINNER = "dots", "line"  # as rich names them
SPINNER_CHARACTER: Final = "⠋"
SHOW_CURSOR: Final = "\x1b[?25h"


def bars(console: Console) -> str:
    """Return eight characters that grow, which the console can show."""
    return BLOCKS if can_show(console, BLOCKS) else PLAIN_BARS


def spinner(console: Console) -> str:
    """Return the name of a spinner that the console can show."""
    return SPINNER if can_show(console, SPINNER_CHARACTER) else PLAIN_SPINNER


def can_show(console: Console, text: str) -> bool:
    """Check whether the console's encoding has all characters of a text."""
    return showable(console, text) == text


def showable(console: Console, text: str) -> str:
    """Return a text with an escape for each character that the console's encoding lacks."""
    return text.encode(console.encoding, "backslashreplace").decode(console.encoding)


def show_cursor(console: Console) -> None:
    """Show a terminal's cursor, whatever is left unwritten in the console's buffer."""
    if console.is_terminal:
        with suppress(OSError, ValueError):  # the terminal has gone, or is closed
            console.file.write(SHOW_CURSOR)
            console.file.flush()


def escape_unshowable() -> None:
    """Escape whatever the encoding of the process's output lacks; names may hold anything."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def is_read() -> bool:
    """Check whether somebody may still read the output: a pipe's other end is not closed."""
    if sys.stdout is None or not hasattr(select, "poll"):
        return True
    poll = select.poll()
    try:
        poll.register(sys.stdout.fileno(), select.POLLOUT)
    except (OSError, ValueError):  # no file of the system
        return True
    return not any(event & select.POLLERR for _, event in poll.poll(0))


def output_failure() -> OSError | None:
    """Write out what is left of the output; return why that cannot be done.

    In that case nothing more is written, and Python does not complain of it when it ends.
    """
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        return error
    return None
