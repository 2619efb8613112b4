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
LANES: Final = 16  # numbers side by side
GROUP: Final = 4  # rows that are added at once
_VECTOR = ir.VectorType(ir.FloatType(), LANES)
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


def add_products(
    weights: Float32Array,
    values: Float32Array,
    rows: IntpArray,
    first: int,
    last: int,
    total: Float32Array,
) -> None:
    """Add products, column by column: those of some rows of weights and the rows that they weigh.

    Parameters
    ----------
    weights : ndarray of float32, shape (n_weights, width)
        The weights; the width is a multiple of 32.
    values : ndarray of float32, shape (n_rows, width)
        What they weigh.
    rows : ndarray of intp, shape (n_weights,)
        The row of `values` for each row of weights.
    first, last : int
        The first row of weights, and the one behind the last.
    total : ndarray of float32, shape (width,)
        Changed in place. The numbers must be whole, because the order of the sum is open.
    """
    chosen = slice(first, last)
    total += (weights[chosen] * values[rows[chosen]]).sum(axis=0, dtype=np.float32)


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


def _at(builder: Any, data: Any, index: Any) -> Any:
    """Return the address of `LANES` numbers."""
    return builder.bitcast(builder.gep(data, [index]), _VECTOR.as_pointer())


def _load(builder: Any, data: Any, index: Any) -> Any:
    loaded = builder.load(_at(builder, data, index))
    loaded.align = 4
    return loaded


def _store(builder: Any, value: Any, data: Any, index: Any) -> None:
    builder.store(value, _at(builder, data, index)).align = 4


@_intrinsic
def _add_products(
    context: Any, weights: Any, values: Any, rows: Any, first: Any, last: Any, total: Any
) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        weight_of, value_of, row_of, total_of = (
            context.make_array(signature.args[i])(context, builder, arguments[i])
            for i in (0, 1, 2, 5)
        )
        begin, end = arguments[3], arguments[4]
        width = builder.extract_value(weight_of.shape, 1)
        zero, one, step = (ir.Constant(width.type, value) for value in (0, 1, 2 * LANES))
        with cgutils.for_range_slice(builder, zero, width, step, width.type) as (column, _):
            columns = column, builder.add(column, ir.Constant(width.type, LANES))
            kept = [cgutils.alloca_once(builder, _VECTOR) for _ in columns]
            for at, sums in zip(columns, kept, strict=True):
                builder.store(_load(builder, total_of.data, at), sums)
            with cgutils.for_range_slice(builder, begin, end, one, width.type) as (i, _):
                weight_row = builder.mul(i, width)
                value_row = builder.mul(builder.load(builder.gep(row_of.data, [i])), width)
                for at, sums in zip(columns, kept, strict=True):
                    weight = _load(builder, weight_of.data, builder.add(weight_row, at))
                    value = _load(builder, value_of.data, builder.add(value_row, at))
                    product = builder.fmul(weight, value)
                    builder.store(builder.fadd(builder.load(sums), product), sums)
            for at, sums in zip(columns, kept, strict=True):
                _store(builder, builder.load(sums), total_of.data, at)
        return context.get_dummy_value()

    return types.none(weights, values, rows, types.intp, types.intp, total), code


@_intrinsic
def _sum_rows(context: Any, table: Any, rows: Any, n: Any, total: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array_of, row_of, total_of = (
            context.make_array(signature.args[i])(context, builder, arguments[i]) for i in (0, 1, 3)
        )
        width = builder.extract_value(array_of.shape, 1)
        zero, four, step = (ir.Constant(width.type, value) for value in (0, GROUP, LANES))
        with cgutils.for_range_slice(builder, zero, width, step, width.type) as (first, _):
            start = _load(builder, total_of.data, first)
            kept = cgutils.alloca_once_value(builder, start)
            builder.store(start, kept)
            with cgutils.for_range_slice(builder, zero, arguments[2], four, width.type) as (i, _):
                parts = []
                for offset in range(GROUP):
                    number = builder.add(i, ir.Constant(width.type, offset))
                    row = builder.load(builder.gep(row_of.data, [number]))
                    where = builder.add(builder.mul(row, width), first)
                    parts.append(_load(builder, array_of.data, where))
                pairs = builder.fadd(parts[0], parts[1]), builder.fadd(parts[2], parts[3])
                builder.store(builder.fadd(builder.load(kept), builder.fadd(*pairs)), kept)
            _store(builder, builder.load(kept), total_of.data, first)
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


@overload(add_products, strict=False, jit_options=_OPTIONS)
def _of_add_products(
    weights: Any, values: Any, rows: Any, first: Any, last: Any, total: Any
) -> Callable[..., Any]:
    return lambda weights, values, rows, first, last, total: _add_products(  # noqa: PLW0108 - numba wants a function of Python
        weights, values, rows, first, last, total
    )
