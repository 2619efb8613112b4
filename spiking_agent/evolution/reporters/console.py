"""What the console can show: the characters of its encoding, and its cursor."""

import io
import os
import select
import sys
from contextlib import suppress
from typing import Final

from rich.console import Console

BLOCKS: Final = "▁▂▃▄▅▆▇█"
PLAIN_BARS: Final = ".:-=+*#@"  # if the encoding lacks the blocks
SPINNER, PLAIN_SPINNER = "dots", "line"  # names in rich
SPINNER_CHARACTER: Final = "⠋"
SHOW_CURSOR: Final = "\x1b[?25h"


def bars(console: Console) -> str:
    """Return eight characters of growing height or weight that the console can show."""
    return BLOCKS if can_show(console, BLOCKS) else PLAIN_BARS


def spinner(console: Console) -> str:
    """Return the name of a spinner that the console can show."""
    return SPINNER if can_show(console, SPINNER_CHARACTER) else PLAIN_SPINNER


def can_show(console: Console, text: str) -> bool:
    """Return whether the console's encoding has all characters of a text."""
    return showable(console, text) == text


def showable(console: Console, text: str) -> str:
    """Return a text with an escape for each character that the console's encoding lacks."""
    return text.encode(console.encoding, "backslashreplace").decode(console.encoding)


def show_cursor(console: Console) -> None:
    """Show the terminal's cursor again, even if the console's buffer cannot be written."""
    if console.is_terminal:
        with suppress(OSError, ValueError):  # the terminal is gone or closed
            console.file.write(SHOW_CURSOR)
            console.file.flush()


def escape_unshowable() -> None:
    """Escape characters that the encoding of the output lacks; names may hold any."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def is_read() -> bool:
    """Return whether the output can still be read: the other end of a pipe is not closed."""
    if sys.stdout is None or not hasattr(select, "poll"):
        return True
    poll = select.poll()
    try:
        poll.register(sys.stdout.fileno(), select.POLLOUT)
    except (OSError, ValueError):  # not a file of the system
        return True
    return not any(event & select.POLLERR for _, event in poll.poll(0))


def output_failure() -> OSError | None:
    """Flush the output; return the error if that fails.

    Nothing more is written then, and Python does not report the error again when it exits.
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
