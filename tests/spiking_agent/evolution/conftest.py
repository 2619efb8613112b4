"""What tests of evolution share: a clock that only slow environments move."""

from collections.abc import Callable

import pytest
from toy_envs import Slow


@pytest.fixture
def slow_clock(monkeypatch) -> Callable[[], float]:
    """The clock of `Slow`, in place of the real one."""
    monkeypatch.setattr(Slow, "now_s", 0.0)

    def now() -> float:
        return Slow.now_s

    for name in ("monotonic", "perf_counter"):
        monkeypatch.setattr(f"time.{name}", now)
    return now
