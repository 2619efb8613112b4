"""Worker processes that end when they should: on a stop, on Ctrl-C, and with their parent."""

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import connection, forkserver, resource_tracker
from multiprocessing.synchronize import Event

_stop: Event | None = None  # in a worker: set once its tasks shall be given up


class WorkerProcesses:
    """A pool of processes, and the event that stops what they do."""

    def __init__(self) -> None:
        self._stop: Event | None = None

    def start(self, n_workers: int) -> ProcessPoolExecutor:
        """Make the pool; its processes start with its first tasks.

        Parameters
        ----------
        n_workers : int
            How many processes, >= 1.
        """
        methods = multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
        if "forkserver" in methods:
            _start_forkserver()
        self._stop = context.Event()
        return ProcessPoolExecutor(
            n_workers, mp_context=context, initializer=_begin, initargs=(self._stop,)
        )

    def stop(self) -> None:
        """Ask all tasks to give up; does nothing before `start`."""
        if self._stop is not None:
            self._stop.set()


def must_stop() -> bool:
    """Tell whether the tasks of this process shall be given up; False outside of a worker."""
    return _stop is not None and _stop.is_set()


def _start_forkserver() -> None:
    """Start the process that makes the workers with Ctrl-C held back, which they inherit.

    A worker that only turned deaf in its initializer could be killed while it still imports. Held
    back is not lost: the parent hears of it when the process has started.
    """
    resource_tracker.ensure_running()  # on the way it would let Ctrl-C through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(stop: Event) -> None:
    """Make a new worker deaf to Ctrl-C (the parent stops it), and end it with its parent."""
    global _stop  # noqa: PLW0603  (a process has one pool only)
    _stop = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait for the parent's end, which a kill does not announce."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
