"""Compiled kernels are kept on disk where that can be done, and compiled again where it cannot.

The files of a kernel are named after all that it is made of: its own code, the functions that it
calls, and the constants and records that it names. So an edit anywhere leads to other files, and
what was compiled before it is never taken for what holds now.

`snake_env.kernel_cache` and `spiking_agent.kernel_cache` are the same text, since the two packages
do not import each other.
"""

import os
import sys
import warnings
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final

import numba
import numpy as np
from numba import types
from numba.core.caching import CompileResultCacheImpl, FunctionCache, IndexDataCacheFile
from numba.core.dispatcher import Dispatcher

# Set once a process has warned: known to both packages, and inherited by worker processes.
WARNED: Final = "SPIKING_SNAKE_WARNED_OF_KERNELS"

MAX_KEPT: Final = 32  # versions of one kernel in a folder: signatures, and sources of the past


def kept(kernel: Any) -> Any:
    """Return a compiled function that keeps on disk what is compiled.

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
            kernel._cache = KernelCache(kernel)  # type: ignore[attr-defined]  # noqa: SLF001
        except RuntimeError:  # numba: "cannot cache function ...: no locator available"
            _warn_that_nothing_is_kept("no folder can be written to")
    return kernel


class _Place(CompileResultCacheImpl):
    """The folder that numba finds, but never one in a home that is not known.

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
    """What is kept of one kernel; trouble with its files costs time only."""

    _impl_class = _Place

    def __init__(self, kernel: Any) -> None:
        super().__init__(kernel.py_func)
        self._cache_file: Any = _Files(kernel, Path(self.cache_path))

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
            super().save_overload(sig, data)
        except OSError as error:
            _warn_that_nothing_is_kept(f"{self.cache_path}: {error.strerror}")


class _Files:
    """The files of one kernel: an index and the machine code for each signature and source.

    numba has one index for all signatures of a kernel. Processes that compile different ones at the
    same time could then overwrite each other's; here they write different files, and processes that
    compile the same write the same.
    """

    def __init__(self, kernel: Any, folder: Path) -> None:
        code = kernel.py_func.__code__
        function = kernel.py_func.__qualname__.replace("<", "").replace(">", "")
        self._kernel = kernel
        self._folder = folder
        self._name = f"{Path(code.co_filename).stem}.{function}"

    def load(self, key: tuple[Any, ...]) -> Any:
        """Return what was saved under a key of numba, or None."""
        name = self._name_of(key)
        data = self._open(name).load(_kept_part(key))
        if data is not None:
            with suppress(OSError):  # a folder that can only be read
                os.utime(self._folder / f"{name}.nbi")  # used now: see `_remove_old`
        return data

    def save(self, key: tuple[Any, ...], data: Any) -> None:
        """Save what was compiled under a key of numba, over a damaged file if there is one."""
        file = self._open(self._name_of(key))
        file.flush()
        file.save(_kept_part(key), data)
        self._remove_old()

    def _open(self, name: str) -> IndexDataCacheFile:
        return IndexDataCacheFile(str(self._folder), name, source_stamp=name)

    def _name_of(self, key: tuple[Any, ...]) -> str:
        signature, machine, _ = key
        parts = Parts(self._kernel)
        parts.add_signature(getattr(signature, "args", signature))
        parts.note(numba.__version__, sys.implementation.cache_tag, machine)
        return f"{self._name}-{parts.digest()[:20]}"

    def _remove_old(self) -> None:
        """Remove the versions of this kernel that were not used for longest.

        A process that has loaded one goes on without its file.
        """
        with suppress(OSError):  # another process may be doing the same
            indices = [
                (entry.stat().st_mtime, Path(entry))
                for entry in os.scandir(self._folder)
                if entry.name.startswith(f"{self._name}-") and entry.name.endswith(".nbi")
            ]
            for _, index in sorted(indices)[:-MAX_KEPT]:
                index.unlink(missing_ok=True)
                for data in self._folder.glob(f"{index.stem}.*.nbc"):
                    data.unlink(missing_ok=True)


def _kept_part(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a key of numba without its hash of what a closure holds.

    The name of the file says what that is. Numba hashes a kernel in a closure by a number that is
    another one in every process.
    """
    return key[:2]


class Parts:
    """All that a kernel is made of, as numba freezes it when it compiles.

    Other packages have versions, so only those parts of them are noted that are kernels or named
    tuples. What is not understood is noted by its `repr`: at worst that is another one in every
    process, and the kernel is compiled again.
    """

    def __init__(self, kernel: Any) -> None:
        self._package = str(kernel.py_func.__module__).split(".")[0]
        self._noted: list[str] = []
        self._seen: list[Any] = []
        self._add(kernel, ())

    def digest(self) -> str:
        """Return a number for all that was noted, in hexadecimal digits."""
        return sha256("\n".join(self._noted).encode()).hexdigest()

    def note(self, *values: object) -> None:
        """Note values by what they look like."""
        self._noted.append(repr(values))

    def add_signature(self, signature: Iterable[Any]) -> None:
        """Note types of arguments, and which fields the named tuples among them have, in order."""
        for argument in signature:
            self.note(argument)
            if isinstance(argument, types.BaseTuple):
                self.note(getattr(argument, "fields", ()))
                self.add_signature(tuple(argument))  # type: ignore[arg-type]

    def _add(self, value: Any, names: Iterable[str]) -> None:
        """Note a value that a kernel names; of a module or a class, what is named of it."""
        if isinstance(value, np.ndarray):
            self.note(value.dtype, value.shape, value.tobytes())
        elif isinstance(value, tuple | frozenset):
            self._add(type(value), names)
            for item in sorted(value, key=repr) if isinstance(value, frozenset) else value:
                self._add(item, names)
        elif isinstance(value, Dispatcher | FunctionType | type | ModuleType):
            positions = [i for i, seen in enumerate(self._seen) if seen is value]
            self.note(*positions)
            if not positions:
                self._seen.append(value)
                self._add_named(value, names)
        else:
            self.note(value)

    def _add_named(self, value: Any, names: Iterable[str]) -> None:
        """Note a function, a class or a module."""
        if isinstance(value, Dispatcher):
            self.note(sorted(value.targetoptions.items()))
            self._add_function(value.py_func)
            return
        self.note(getattr(value, "__module__", ""), value.__name__)
        if hasattr(value, "_fields"):
            self.note(value._fields)
            self._add(tuple(value._field_defaults.values()), ())
        elif not self._is_own(value):
            pass
        elif isinstance(value, FunctionType):
            self._add_function(value)
        else:
            for name in names:
                if name in vars(value):
                    self.note(name)
                    self._add(vars(value)[name], names)

    def _add_function(self, function: FunctionType) -> None:
        """Note a function: its code but for the docstring, and the values that the code names."""
        code = function.__code__
        names = self._add_code(code, function.__doc__)
        self._add(function.__defaults__ or (), ())
        self._add(tuple(cell.cell_contents for cell in function.__closure__ or ()), ())
        for name in sorted(names):
            if name in function.__globals__:
                self.note(name)
                self._add(function.__globals__[name], sorted(names))

    def _add_code(self, code: CodeType, doc: str | None = None) -> set[str]:
        """Note a piece of code and those inside of it; return the globals and attributes named."""
        self.note(code.co_code, code.co_names, code.co_varnames, code.co_exceptiontable)
        names = set(code.co_names)
        for const in code.co_consts:
            if isinstance(const, CodeType):
                names |= self._add_code(const)
            else:
                self._add("" if const is doc and doc is not None else const, ())
        return names

    def _is_own(self, value: Any) -> bool:
        """Whether a value belongs to the package of the kernel."""
        module = value.__name__ if isinstance(value, ModuleType) else value.__module__
        return str(module).split(".")[0] == self._package


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
