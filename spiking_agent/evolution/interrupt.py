"""Ctrl-C as a request to stop at a safe point; a second Ctrl-C stops at once."""

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Final, Self
from weakref import WeakSet

from spiking_agent.organism.organism import Organism

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
PATIENCE_S: Final = 5.0  # after the second signal, for code that does not stop
INTERRUPTED: Final = 130  # the shell's code for a program ended by Ctrl-C
TOO_DEAF: Final = b"\nWhat is playing does not stop: ended, with what was saved before.\n"


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, or a request to terminate, has ended an evolution after everything was saved.

    Parameters
    ----------
    champion : Organism or None
        The best organism so far; None if no generation is done.
    """

    def __init__(self, champion: Organism | None) -> None:
        super().__init__("the attribute `champion` of this exception is the best organism so far")
        self.champion = champion


class CtrlC:
    """Turns Ctrl-C and a request to terminate into a call, so that a run can end cleanly.

    A second signal interrupts code in a `breakable` block and nothing else: saving is never
    interrupted. If that code still does not stop, the process is ended. Only the main thread can
    receive signals; in other threads this does nothing.

    Parameters
    ----------
    on_press : callable
        Called from the signal handler, once.
    """

    def __init__(self, on_press: Callable[[], None]) -> None:
        self.n_pressed = 0
        self._call = on_press
        self._is_breakable = False
        self._before: dict[signal.Signals, Any] = {}
        self._has_let_go = threading.Event()

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for which in SIGNALS:
                self._before[which] = signal.signal(which, self._on_press)
            self._ear, self._mouth = socket.socketpair()
            self._mouth.setblocking(False)
            _hearing.add(self)
            self._fd_before = signal.set_wakeup_fd(self._mouth.fileno(), warn_on_full_buffer=False)
            threading.Thread(
                target=_end_the_deaf, args=(self._ear, self._has_let_go), daemon=True
            ).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.let_go()
        for which, handler in self._before.items():
            signal.signal(which, handler)
        if self._before:
            _hearing.discard(self)
            signal.set_wakeup_fd(self._fd_before)
            with suppress(OSError):  # an environment may have closed it
                self._mouth.close()  # its thread ends

    @contextmanager
    def breakable(self) -> Iterator[None]:
        """Return a context in which the second or a later signal raises a KeyboardInterrupt."""
        self._is_breakable = True
        try:
            yield
        finally:
            self._is_breakable = False

    def let_go(self) -> None:
        """Mark that play has ended, so that the process is not ended by force."""
        self._has_let_go.set()

    def forget(self) -> None:
        """Stop handling signals, in a process that an environment has forked."""
        for which in self._before:
            signal.signal(which, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)  # the socket is the parent's, whose thread counts its signals
        for end in (self._ear, self._mouth):
            with suppress(OSError):
                end.close()

    def _on_press(self, signum: int, frame: FrameType | None) -> None:
        self.n_pressed += 1
        if self.n_pressed == 1:
            self._call()
        elif self._is_breakable:
            self._is_breakable = False
            raise KeyboardInterrupt


def _end_the_deaf(ear: socket.socket, has_let_go: threading.Event) -> None:
    """End the process if play has not ended `PATIENCE_S` seconds after the second signal.

    The main thread may be in a call that runs no Python, or that swallows a KeyboardInterrupt.
    """
    n_heard = 0
    with suppress(OSError), ear:  # an environment may have closed it
        while heard := ear.recv(1):
            n_heard += heard[0] in SIGNALS
            if n_heard == 2 and not has_let_go.wait(PATIENCE_S):
                os.write(2, TOO_DEAF)
                os._exit(INTERRUPTED)


_hearing: WeakSet[CtrlC] = WeakSet()


def _forget() -> None:
    for ctrl_c in list(_hearing):
        ctrl_c.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
