"""Compiled kernels are kept on disk where that can be done, and compiled again where it cannot.

`snake_env.kernel_cache` and `spiking_agent.kernel_cache` are the same text, since the two packages
do not import each other.
"""

import os
import warnings
from functools import cache
from pathlib import Path
from typing import Any, Final

from numba.core.caching import CompileResultCacheImpl, FunctionCache
from numba.core.dispatcher import Dispatcher

# Set once a process has warned: known to both packages, and inherited by worker processes.
WARNED: Final = "SPIKING_SNAKE_WARNED_OF_KERNELS"


def kept(kernel: Any) -> Any:
    """Return a function that numba compiles, told to keep on disk what is compiled.

    Parameters
    ----------
    kernel : numba dispatcher
        What `numba.njit` returned, without ``cache=True``. A plain function, as with
        ``NUMBA_DISABLE_JIT=1``, stays as it is.

    Warns
    -----
    RuntimeWarning
        Once, if no folder can be written to.
    """
    if isinstance(kernel, Dispatcher):
        try:
            kernel._cache = KernelCache(kernel.py_func)  # type: ignore[attr-defined]  # noqa: SLF001
        except RuntimeError:  # numba: "cannot cache function ...: no locator available"
            _warn_that_nothing_is_kept("no folder can be written to")
    return kernel


class _Place(CompileResultCacheImpl):
    """The folder that numba finds, which is none of a home that is not known.

    There numba would make a folder named "~" in the working directory.
    """

    def __init__(self, function: Any) -> None:
        try:
            Path.home()
        except RuntimeError:
            self._locator_classes = [
                place for place in self._locator_classes if "UserWide" not in place.__name__
            ]
        super().__init__(function)


class KernelCache(FunctionCache):
    """What numba keeps of one kernel; trouble with its files costs time only."""

    _impl_class = _Place

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return what was compiled for a signature, or None if nothing can be read."""
        try:
            return super().load_overload(sig, target_context)
        except OSError:
            return None  # saving will say so
        except Exception as error:  # noqa: BLE001  (unpickling a damaged file can raise anything)
            _warn_of_damage(self.cache_path, type(error).__name__)
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep what was compiled for a signature, in place of a damaged file if there is one."""
        try:
            try:
                super().save_overload(sig, data)
            except OSError:
                raise
            except Exception:  # noqa: BLE001  (the index is damaged: begin a new one)
                self.flush()
                super().save_overload(sig, data)
        except OSError as error:
            _warn_that_nothing_is_kept(f"{self.cache_path}: {error.strerror}")


@cache
def _warn_of_damage(folder: str, error: str) -> None:
    warnings.warn(
        f"compiled kernels in {folder} are damaged ({error}): they are compiled again and replaced",
        RuntimeWarning,
        stacklevel=1,
    )


def _warn_that_nothing_is_kept(reason: str) -> None:
    if WARNED not in os.environ:
        os.environ[WARNED] = "1"
        warnings.warn(
            f"compiled kernels cannot be kept ({reason}), so every process compiles them again, "
            "which takes some seconds: set NUMBA_CACHE_DIR to a folder that can be written to",
            RuntimeWarning,
            stacklevel=1,
        )
