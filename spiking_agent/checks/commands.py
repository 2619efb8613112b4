"""Command lines that start our programs, for hints."""

import shlex
import sys
from pathlib import Path
from typing import Final

OURS: Final = ("evolve", "evaluate", "watch", "report")
SCRIPTS: Final = "scripts"  # folder of a checkout that has each of them as a file


def shell_line(program: str, *words: object) -> str:
    """Return a shell command that starts one of our programs in the way this one was started.

    Parameters
    ----------
    program : str
        One of `OURS`.
    *words : str, path or number
        Its arguments, which are quoted.

    Returns
    -------
    str
        ``spiking-watch ...``, or ``python scripts/watch.py ...`` if this process runs a script from
        a checkout.
    """
    given = Path(sys.argv[0]) if sys.argv else Path()
    started = Path(getattr(sys.modules.get("__main__"), "__file__", None) or "")
    is_script = started.parent.name == SCRIPTS and started.name == given.name
    if is_script and all(started.with_name(f"{name}.py").is_file() for name in OURS):
        start = ["python", given.with_name(f"{program}.py").as_posix()]
    else:
        start = [f"spiking-{program}"]
    return shlex.join([*start, *map(_word, words)])


def _word(word: object) -> str:
    """Return an argument as a string; a path is written so that it is not read as an option."""
    is_like_an_option = isinstance(word, Path) and str(word).startswith("-")
    return f"./{word}" if is_like_an_option else str(word)
