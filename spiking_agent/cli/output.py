"""The output of a process: what its encoding lacks, whether it is read, whether it fails."""

import io
import os
import select
import sys


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
