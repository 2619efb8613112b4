"""Worker processes that always end, together with every process that an environment started.

Each worker leads its own process group. It ignores Ctrl-C, and what an environment leaves running
ends with the worker.
"""

import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import connection, forkserver, resource_tracker, spawn, util
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Final, TypeVar

from spiking_agent.errors import WorkerDiedError

GRACE_S: Final = 5.0  # how long workers may take to end by themselves
PRELOADED: Final = "spiking_agent.episodes.workers.jobs"  # imported once for all workers
UNKNOWN_END: Final = 255  # the exit code of a process whose end was not observed
FIRST: Final = 100  # exit priority: runs before the other finalizers of a worker

T = TypeVar("T")

_hiding = threading.Lock()
_must_stop = False  # in a worker: whether its tasks must stop


class WorkerPool(ProcessPoolExecutor):
    """A pool of processes whose tasks can be stopped, and which always ends.

    Parameters
    ----------
    n_workers : int
        How many processes, >= 1; they start with the first tasks.
    on_end : callable
        Called at the end of a worker; a function that it can import.

    Raises
    ------
    WorkerDiedError
        From here or from `submit`, if the interpreter of the processes cannot be started.
    """

    def __init__(self, n_workers: int, on_end: Callable[[], None]) -> None:
        _check_interpreter()
        methods = multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
        self.has_started = False  # set once its workers were seen to unpack what they are sent
        self._started: dict[int, BaseProcess] = {}
        with _starting():
            if "forkserver" in methods:
                _start_forkserver()
            stopped, self._stop = context.Pipe(duplex=False)
            self._stopped = stopped  # kept open for workers that start later
            super().__init__(
                n_workers, mp_context=context, initializer=_begin, initargs=(stopped, on_end)
            )

    def submit(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Run a function in a worker, and start the worker if needed.

        Parameters
        ----------
        function : callable
            A function that can be sent to the worker.
        *args, **kwargs
            What it takes.
        """
        with _starting(), _main_hidden():
            future = super().submit(function, *args, **kwargs)
        self._started.update(self._processes or {})
        return future

    def stop(self) -> None:
        """Ask all tasks to stop; may be called from a signal handler."""
        self._stop.close()

    def kill(self) -> None:
        """End all workers, and the processes that they started, at once."""
        self.stop()
        for process_id, process in self._started.items():
            _kill_group(process_id)
            process.kill()  # it may not have made its group yet

    def close(self) -> None:
        """Ask all workers to end, and kill them after a few seconds; may be called twice."""
        self.stop()
        end = threading.Thread(target=self.shutdown, kwargs={"cancel_futures": True}, daemon=True)
        end.start()
        try:
            end.join(GRACE_S)
        finally:
            self.kill()
        end.join()
        self._stopped.close()

    def obituary(self) -> str:
        """Close the pool after a worker has died, and return how it died if that is known."""
        self.close()
        codes = {process.exitcode for process in self._started.values()}
        codes -= {0, None, UNKNOWN_END}
        others = codes - {-signal.SIGTERM}  # with which the pool ended the remaining workers
        code = next(iter(others or codes), None)
        if code is None:
            return "ended for an unknown reason"
        if code >= 0:
            return f"ended by itself with exit code {code}"
        if code == -signal.SIGKILL:
            return "was killed by SIGKILL, as systems do when memory runs out"
        return f"was killed by {signal.strsignal(-code)} (signal {-code})"


def must_stop() -> bool:
    """Return whether the tasks of this process must stop; False outside a worker."""
    return _must_stop


@contextmanager
def _starting() -> Iterator[None]:
    """Raise a `WorkerDiedError` if the processes that this starts end before they answer."""
    try:
        yield
    except (ConnectionError, EOFError) as error:
        reason = f"it ended before it could be used: {type(error).__name__}"
        raise _not_started(_interpreter(), reason) from error


def _check_interpreter() -> None:
    """Refuse an interpreter that cannot be run, before semaphores and other processes are made."""
    if not os.access(_interpreter(), os.X_OK):
        raise _not_started(_interpreter(), "there is no such file that this user may run")


def _interpreter() -> str:
    return os.fsdecode(spawn.get_executable() or "")


def _not_started(interpreter: str, reason: str) -> WorkerDiedError:
    return WorkerDiedError(
        "worker processes must be started by a Python interpreter that this user may run, got "
        f"{interpreter!r} ({reason}): workers=1 (--workers 1) needs none"
    )


@contextmanager
def _main_hidden() -> Iterator[None]:
    """Hide the caller's script from new processes, so that they do not run it."""
    with _hiding:
        main = vars(sys.modules["__main__"])
        hidden: dict[str, Any] = {
            name: main.pop(name) for name in ("__file__", "__spec__") if name in main
        }
        main["__spec__"] = None
        try:
            yield
        finally:
            main.update(hidden)


def _start_forkserver() -> None:
    """Start the fork server with Ctrl-C blocked, which the workers inherit, as they do its imports.

    If workers ignored Ctrl-C only from their initializer on, it could kill them during their
    imports. This process receives a blocked Ctrl-C once the fork server has started.
    """
    forkserver.set_forkserver_preload([PRELOADED])
    resource_tracker.ensure_running()  # first, because its start unblocks Ctrl-C
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with _main_hidden():
            forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(stopped: Connection, on_end: Callable[[], None]) -> None:
    """Make a new worker ignore Ctrl-C (its parent stops it), and end when its parent ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)
    util.Finalize(None, _end, args=(on_end,), exitpriority=FIRST)
    threading.Thread(target=_listen, args=(stopped,), daemon=True).start()


def _listen(stopped: Connection) -> None:
    """Wait for a request to stop, and for the end of the parent, which may be killed."""
    global _must_stop  # noqa: PLW0603  (a process has one pool only)
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    connection.wait([stopped, parent.sentinel])
    _must_stop = True
    connection.wait([parent.sentinel])
    _kill_group(os.getpid())
    os._exit(1)


def _end(on_end: Callable[[], None]) -> None:
    """End a worker without waiting for threads and children that an environment left behind."""
    has_failed = sys.exc_info()[0] is not None  # for example an environment closed its files
    if has_failed:
        traceback.print_exc()
    try:
        on_end()
    except Exception:  # noqa: BLE001  # reported, and nothing depends on it any more
        traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):  # missing or closed
            stream.flush()
    os._exit(int(has_failed))


def _kill_group(process_id: int) -> None:
    """End all processes of a worker's group, if there is one."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process_id, signal.SIGKILL)
