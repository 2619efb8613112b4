"""Instructions of processors that numba has no function for, each with its twin in plain Python.

Kernels call the functions; numba takes what stands behind `overload` in place of their bodies.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from spiking_agent.typing import Float32Array, IntpArray, UInt8Array

WIDTH: Final = 64  # values that are packed at once
GROUP: Final = 4  # rows that are added at once
_BYTE, _WORD = ir.IntType(8), ir.IntType(64)
_OPTIONS: Final[Any] = {"forceinline": True, "_nrt": False}
_intrinsic: Any = intrinsic  # numba passes the first argument of what it decorates


def packed(values: UInt8Array, first: int) -> np.uint64:
    """Return 64 bits, one for each value from `first` on, set where it is not 0.

    Parameters
    ----------
    values : ndarray of uint8, shape (>= first + 64,)
        The values, next to each other in memory.
    first : int
        Where to begin.
    """
    bits = np.packbits(values[first : first + WIDTH] != 0, bitorder="little")
    return np.uint64(bits.view(np.uint64)[0])


def n_ones(bits: np.uint64) -> int:
    """Return how many bits are set."""
    return int(bits).bit_count()


def lowest(bits: np.uint64) -> int:
    """Return the number of the lowest bit that is set; there must be one."""
    return (int(bits) & -int(bits)).bit_length() - 1


def sum_rows(table: Float32Array, rows: IntpArray, n: int, total: Float32Array) -> None:
    """Add some rows of a table to a total.

    Parameters
    ----------
    table : ndarray of float32, shape (n_rows, width)
        The table; the width is a multiple of 16.
    rows : ndarray of intp, shape (>= n,)
        Which of its rows to add.
    n : int
        How many, a multiple of 4.
    total : ndarray of float32, shape (width,)
        Changed in place. The numbers must be whole, because the order of the sum is open.
    """
    total += table[rows[:n]].sum(axis=0, dtype=np.float32)


@_intrinsic
def _packed(context: Any, values: Any, first: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        vector = ir.VectorType(_BYTE, WIDTH)
        at = builder.bitcast(builder.gep(array.data, [arguments[1]]), vector.as_pointer())
        loaded = builder.load(at)
        loaded.align = 1
        is_set = builder.icmp_unsigned("!=", loaded, ir.Constant(vector, [0] * WIDTH))
        return builder.bitcast(is_set, _WORD)

    return types.uint64(values, types.intp), code


@_intrinsic
def _n_ones(context: Any, bits: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.intp(types.uint64), code


@_intrinsic
def _lowest(context: Any, bits: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.intp(types.uint64), code


@_intrinsic
def _sum_rows(context: Any, table: Any, rows: Any, n: Any, total: Any) -> Any:
    lanes = 16
    vector = ir.VectorType(ir.FloatType(), lanes)

    def at(builder: Any, data: Any, index: Any) -> Any:
        return builder.bitcast(builder.gep(data, [index]), vector.as_pointer())

    def load(builder: Any, data: Any, index: Any) -> Any:
        loaded = builder.load(at(builder, data, index))
        loaded.align = 4
        return loaded

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array_of, row_of, total_of = (
            context.make_array(signature.args[i])(context, builder, arguments[i]) for i in (0, 1, 3)
        )
        width = builder.extract_value(array_of.shape, 1)
        zero, four, step = (ir.Constant(width.type, value) for value in (0, GROUP, lanes))
        with cgutils.for_range_slice(builder, zero, width, step, width.type) as (first, _):
            start = load(builder, total_of.data, first)
            kept = cgutils.alloca_once_value(builder, start)
            builder.store(start, kept)
            with cgutils.for_range_slice(builder, zero, arguments[2], four, width.type) as (i, _):
                parts = []
                for offset in range(GROUP):
                    number = builder.add(i, ir.Constant(width.type, offset))
                    row = builder.load(builder.gep(row_of.data, [number]))
                    where = builder.add(builder.mul(row, width), first)
                    parts.append(load(builder, array_of.data, where))
                pairs = builder.fadd(parts[0], parts[1]), builder.fadd(parts[2], parts[3])
                builder.store(builder.fadd(builder.load(kept), builder.fadd(*pairs)), kept)
            stored = builder.store(builder.load(kept), at(builder, total_of.data, first))
            stored.align = 4
        return context.get_dummy_value()

    return types.none(table, rows, types.intp, total), code


@overload(packed, strict=False, jit_options=_OPTIONS)
def _of_packed(values: Any, first: Any) -> Callable[..., Any]:
    return lambda values, first: _packed(values, first)  # noqa: PLW0108 - numba wants a function of Python


@overload(n_ones, strict=False, jit_options=_OPTIONS)
def _of_n_ones(bits: Any) -> Callable[..., Any]:
    return lambda bits: _n_ones(bits)  # noqa: PLW0108 - numba wants a function of Python


@overload(lowest, strict=False, jit_options=_OPTIONS)
def _of_lowest(bits: Any) -> Callable[..., Any]:
    return lambda bits: _lowest(bits)  # noqa: PLW0108 - numba wants a function of Python


@overload(sum_rows, strict=False, jit_options=_OPTIONS)
def _of_sum_rows(table: Any, rows: Any, n: Any, total: Any) -> Callable[..., Any]:
    return lambda table, rows, n, total: _sum_rows(table, rows, n, total)  # noqa: PLW0108 - numba wants a function of Python
