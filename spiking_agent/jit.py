"""How kernels are compiled: the options of numba that all of them share."""

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

from numba import njit

from spiking_agent.kernel_cache import kept

Function = TypeVar("Function", bound=Callable[..., Any])

# The kernels allocate nothing, so numba may leave out its reference counts (`_nrt`), which would
# cost more than the work on a small brain.
_OPTIONS: Final[dict[str, Any]] = {"nogil": True, "_nrt": False}


def kernel(function: Function) -> Function:
    """Compile a function at its first call; cached on disk, runs without the interpreter lock.

    Parameters
    ----------
    function : callable
        A function that numba can compile.
    """
    return cast("Function", kept(njit(**_OPTIONS)(function)))


def inlined(function: Function) -> Function:
    """Compile a function to be copied whole into the kernels that call it.

    Parameters
    ----------
    function : callable
        A function that numba can compile.
    """
    return cast("Function", njit(inline="always", **_OPTIONS)(function))
