"""Write the report of a run when it ends."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from spiking_agent.checks.words import one_line
from spiking_agent.environments.source import EnvFactory
from spiking_agent.evolution.run_directory import METRICS, REPORT, RunDirectory
from spiking_agent.organism.champion_file import CHAMPION


@dataclass(slots=True)
class Writing:
    """Whether the report has been written."""

    is_done: bool = False


@contextmanager
def report_at_end(
    directory: RunDirectory | None,
    *,
    env: str | EnvFactory | None = None,
    env_kwargs: Mapping[str, Any] | None = None,
    is_quick: bool = False,
    say: Callable[[str], object] = lambda words: None,
) -> Iterator[Writing]:
    """Write a report when the run inside this context ends; after Ctrl-C, a quick one.

    The run is saved by then and stays as it is: if the report cannot be made, one line on stderr
    says why. Ctrl-C leaves it out. After any other error there is no report.

    Parameters
    ----------
    directory : RunDirectory or None
        Where the run is kept; None for no report.
    env, env_kwargs
        See `Organism.env_source`.
    is_quick : bool
        Whether the report is to be quick in any case, because moves are slow.
    say : callable
        Called with a line on what is being written.
    """
    writing = Writing()
    try:
        yield writing
    except KeyboardInterrupt:
        if directory is not None and _has_generations(directory):
            say(f"Saved. Writing {REPORT}; Ctrl-C again leaves it out ...")
            with suppress(KeyboardInterrupt):  # the first one is raised below
                _try(directory, env, env_kwargs, is_quick=True)
        raise
    if directory is not None and _has_generations(directory):
        say(f"Writing {REPORT}; Ctrl-C leaves it out ...")
        with suppress(KeyboardInterrupt):  # the run is complete without it
            writing.is_done = _try(directory, env, env_kwargs, is_quick=is_quick)


def _has_generations(directory: RunDirectory) -> bool:
    """Return whether there is anything to report: a champion, and generations that led to it."""
    return all((directory.path / name).exists() for name in (CHAMPION, METRICS))


def _try(
    directory: RunDirectory,
    env: str | EnvFactory | None,
    env_kwargs: Mapping[str, Any] | None,
    *,
    is_quick: bool,
) -> bool:
    """Write the report; return whether that worked."""
    try:
        from spiking_agent.report.page import write_report  # with pygame and matplotlib

        write_report(directory, env=env, env_kwargs=env_kwargs, is_quick=is_quick)
    except Exception as error:  # noqa: BLE001  # an environment may raise anything
        words = one_line(" ".join(f"{type(error).__name__}: {error}".split()))
        print(
            f"{directory.given / REPORT} could not be written, the run itself is saved ({words})",
            file=sys.stderr,
        )
        return False
    return True
