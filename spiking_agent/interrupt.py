"""Ctrl-C as a wish to stop at the next good place."""

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Self


class CtrlC:
    """Turns Ctrl-C and a request to terminate into a call, so that work can end in good order.

    A second Ctrl-C interrupts at once. Only the main thread can hear signals; elsewhere this does
    nothing.

    Parameters
    ----------
    on_press : callable
        Called from the signal handler, once.
    """

    def __init__(self, on_press: Callable[[], None]) -> None:
        self._call = on_press
        self._is_pressed = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for which in (signal.SIGINT, signal.SIGTERM):
                self._before[which] = signal.signal(which, self._on_press)
        return self

    def __exit__(self, *error: object) -> None:
        for which, handler in self._before.items():
            signal.signal(which, handler)

    def _on_press(self, signum: int, frame: FrameType | None) -> None:
        if self._is_pressed:
            raise KeyboardInterrupt
        self._is_pressed = True
        self._call()
