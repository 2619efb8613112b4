"""Ctrl-C as a wish to stop at the next good place, and once more as an order."""

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
PATIENCE_S: Final = 5.0  # after the second signal, for what does not listen
INTERRUPTED: Final = 130  # the shell's code for a program ended by Ctrl-C
TOO_DEAF: Final = b"\nWhat is playing does not stop: ended, with what was saved before.\n"


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, or a request to terminate, has ended an evolution in good order.

    Parameters
    ----------
    champion : Organism or None
        The best organism until then; None before the first generation is done.
    """

    def __init__(self, champion: Organism | None) -> None:
        super().__init__("the attribute `champion` of this exception is the best organism so far")
        self.champion = champion


class CtrlC:
    """Turns Ctrl-C and a request to terminate into a call, so that work can end in good order.

    A second one interrupts what is `breakable`, and nothing else: saving is never cut short. What
    does not even let go then ends with the process. Only the main thread can hear signals;
    elsewhere this does nothing.

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
        """Return a context in which a second signal, or a later one, is a KeyboardInterrupt."""
        self._is_breakable = True
        try:
            yield
        finally:
            self._is_breakable = False

    def let_go(self) -> None:
        """Stop waiting for what does not listen: nothing plays any more."""
        self._has_let_go.set()

    def forget(self) -> None:
        """Stop listening, in a process that an environment has forked."""
        for which in self._before:
            signal.signal(which, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)  # the socket is the parent's, whose thread counts what arrives
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
    """End the process if the main thread does not come back some time after the second signal.

    It may be in a call that runs no Python, or whose Python swallows a KeyboardInterrupt.
    """
    n_heard = 0
    with suppress(OSError), ear:  # likewise
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
