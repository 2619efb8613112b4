"""Fairness between tasks: one that never has to wait still lets the others run."""

import asyncio
from typing import Any
from weakref import WeakKeyDictionary

MAX_READY_RECEIVES = 128  # in a row by one task, as in tokio's budget of a task

_n_ready_receives: WeakKeyDictionary[asyncio.Task[Any], int] = WeakKeyDictionary()


async def spend_ready_receive() -> None:
    """Count a receive that need not wait, and let other tasks run once the budget is spent."""
    task = asyncio.current_task()
    if task is None:
        return
    n_ready = _n_ready_receives.get(task, 0)
    if n_ready == MAX_READY_RECEIVES:
        await asyncio.sleep(0)  # noqa: TID251
        n_ready = 0
    _n_ready_receives[task] = n_ready + 1


def restore_budget() -> None:
    """Restore the budget of the running task, because it has waited."""
    if task := asyncio.current_task():
        _n_ready_receives.pop(task, None)
