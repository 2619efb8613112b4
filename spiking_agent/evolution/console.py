"""What a console can show: the characters of its encoding, and its cursor."""

from contextlib import suppress
from typing import Final

from rich.console import Console

BLOCKS: Final = "▁▂▃▄▅▆▇█"
PLAIN_BARS: Final = ".:-=+*#@"  # if the encoding lacks the blocks
SPINNER, PLAIN_SPINNER = "dots", "line"  # names in rich
SPINNER_CHARACTER: Final = "⠋"
SHOW_CURSOR: Final = "\x1b[?25h"


def bars(console: Console) -> str:
    """Return eight characters of growing height or weight that the console can show.

    Parameters
    ----------
    console : rich.console.Console
        The console.
    """
    return BLOCKS if can_show(console, BLOCKS) else PLAIN_BARS


def spinner(console: Console) -> str:
    """Return the name of a spinner that the console can show.

    Parameters
    ----------
    console : rich.console.Console
        The console.
    """
    return SPINNER if can_show(console, SPINNER_CHARACTER) else PLAIN_SPINNER


def can_show(console: Console, text: str) -> bool:
    """Return whether the console's encoding has all characters of a text.

    Parameters
    ----------
    console : rich.console.Console
        The console.
    text : str
        The text.
    """
    return showable(console, text) == text


def showable(console: Console, text: str) -> str:
    """Return a text with an escape for each character that the console's encoding lacks.

    Parameters
    ----------
    console : rich.console.Console
        The console.
    text : str
        The text.
    """
    return text.encode(console.encoding, "backslashreplace").decode(console.encoding)


def show_cursor(console: Console) -> None:
    """Show the terminal's cursor again, even if the console's buffer cannot be written.

    Parameters
    ----------
    console : rich.console.Console
        The console.
    """
    if console.is_terminal:
        with suppress(OSError, ValueError):  # the terminal is gone or closed
            console.file.write(SHOW_CURSOR)
            console.file.flush()
