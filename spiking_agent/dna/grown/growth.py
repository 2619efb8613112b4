"""Growth: genomes of a plan and the shape of a grid become a tissue.

Genes are first expressed as whole numbers, round(unit x gene). Every sum after that is one of whole
numbers and exact, so that a brain does not depend on which others grow beside it.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from spiking_agent.brain.parameters import PER_NEURON
from spiking_agent.brain.sheets.rules import Far, Kernel, Link, Map, Rule, Sum
from spiking_agent.brain.sheets.tissue import Tissue
from spiking_agent.dna.gene_table import Genomes
from spiking_agent.dna.grown.layout import LEFT_FOR_RIGHT, Block, Layout, Pair, squared_distances
from spiking_agent.dna.grown.morphogens import fields
from spiking_agent.dna.grown.parts import MAX_STRENGTH, GrowthRule, fixed_value
from spiking_agent.dna.grown.scalars import Gene
from spiking_agent.typing import BoolArray, Float64Array, Int16Array, Int64Array, IntpArray

_INPUT: Final[dict[str, float]] = {
    "threshold": 1.0,
    "decay": 0.0,
    "refractory_period": 0.0,
    "initiation_delay": 1.0,
}  # the other parameters of inputs have their defaults
_CELLS: Final = 1024  # for which what they hear from the wall is summed up at once


def grow(
    layout: Layout,
    genomes: Genomes,
    shape: tuple[int, int],
    left: Sequence[Float64Array] | None = None,
) -> Tissue:
    """Return the brains of genomes on a grid.

    Parameters
    ----------
    layout : Layout
        The groups and the genes of the plan.
    genomes : ndarray of float32, shape (n_genomes, n_genes)
        Genomes of its gene table.
    shape : (int, int)
        Rows and columns of the grid, each >= 1.
    left : sequence of ndarray, optional
        What is left of the strengths of each rule, see `lesions.strengths_left`; default: all.
    """
    plan, genes = layout.plan, genomes.astype(np.float64)
    are_transposed = layout.are_transposed(genes, shape)
    rules: list[Rule] = []
    maps: dict[tuple[int, int, int], Map] = {}
    for k, block in enumerate(layout.blocks):
        values = expressed(layout, k, genes, left)
        for rule in lay(layout, block, values, shape, are_transposed):
            if isinstance(rule, Map):
                ends = rule.source, rule.target, rule.delay
                maps[ends] = _added(maps[ends], rule) if ends in maps else rule
            else:
                rules.append(rule)
    rules += maps.values()
    n_channels = len(plan.channels)
    return Tissue(
        shape=shape,
        groups=layout.groups,
        rules=tuple(rules),
        inputs=tuple(range(n_channels + 1)),
        outputs=tuple(layout.places[plan.outputs].values()),
        **_parameters(layout, genes, math.prod(shape)),
    )


def expressed(
    layout: Layout, k: int, genes: Float64Array, left: Sequence[Float64Array] | None = None
) -> Float64Array:
    """Return the whole numbers of a rule, shape (n_genomes, n_families, genes of a family).

    Parameters
    ----------
    layout : Layout
        The groups and the genes of the plan.
    k : int
        Which of its rules.
    genes : ndarray of float64, shape (n_genomes, n_genes)
        Genomes of its gene table.
    left : sequence of ndarray, optional
        As in `grow`.
    """
    block = layout.blocks[k]
    rule, n_families = block.rule, len(block.families)
    if rule.strength is not None:
        n_same = len(squared_distances(rule.size)) if rule.kind == "radial" else rule.width**2
        values = np.full((len(genes), n_families, n_same), float(rule.strength))
    else:
        of_rule = genes[:, block.begin : block.begin + block.n_genes]
        whole = np.clip(np.rint(of_rule * layout.plan.unit), -rule.limit, rule.limit)
        values = whole.reshape(len(genes), n_families, len(block.labels))
    return values if left is None else values * left[k]


def lay(
    layout: Layout,
    block: Block,
    values: Float64Array,
    shape: tuple[int, int],
    are_transposed: BoolArray,
) -> Iterator[Rule]:
    """Yield the rules of a tissue that one rule of the plan stands for.

    Parameters
    ----------
    layout : Layout
        The groups and the genes of the plan.
    block : Block
        The rule of the plan.
    values : ndarray of float64
        What `expressed` returned for it.
    shape : (int, int)
        Rows and columns of the grid, each >= 1.
    are_transposed : ndarray of bool, shape (n_genomes,)
        Which brains lie along the other axis of the grid.
    """
    laid = _along_one_axis(layout, block, values, shape, is_transposed=False)
    if not are_transposed.any():
        yield from laid
        return
    others = _along_one_axis(layout, layout.transposed[block], values, shape, is_transposed=True)
    for rule, other in zip(laid, others, strict=True):
        is_transposed = are_transposed.reshape(-1, *[1] * (rule.strength.ndim - 1))
        yield replace(rule, strength=np.where(is_transposed, other.strength, rule.strength))


def _along_one_axis(
    layout: Layout,
    block: Block,
    values: Float64Array,
    shape: tuple[int, int],
    *,
    is_transposed: bool,
) -> Iterator[Rule]:
    """Yield the rules for brains that all lie along the same axis."""
    delay = layout.plan.delay(block.rule)
    if block.rule.is_map:
        for pair, strength in _maps(block, values, shape, is_transposed):
            by_cell = strength.reshape(len(values), *shape)
            yield Map(source=pair.source, target=pair.target, delay=delay, strength=by_cell)
    else:
        yield from _laid(block, values, delay, is_transposed)


def kernels_of(block: Block, values: Float64Array) -> Float64Array:
    """Return the kernels of a rule, shape (n_genomes, n_families, height, width).

    Parameters
    ----------
    block : Block
        A rule of the kind kernel, radial or far.
    values : ndarray of float64
        What `expressed` returned for it.
    """
    width = block.rule.width
    return values[:, :, _order(block.rule, 0)].reshape(*values.shape[:2], width, width)


def _maps(
    block: Block, values: Float64Array, shape: tuple[int, int], is_transposed: bool
) -> Iterator[tuple[Pair, Int16Array]]:
    """Yield each pair of groups with the strengths of its map, shape (n_genomes, n_cells)."""
    rule, n_cells = block.rule, math.prod(shape)
    if rule.kind == "map":
        numerators, denominator = _fields(rule.morphogens, shape, is_transposed)
        sums = values.reshape(-1, len(numerators)) @ numerators.astype(np.float64)
        sums /= denominator
        made = _within_16_bits(np.rint(sums, out=sums)).reshape(*values.shape[:2], n_cells)
        for pair in block.pairs:
            of_pair = made[:, pair.family]
            if pair.turn == LEFT_FOR_RIGHT:
                of_pair = of_pair.reshape(-1, *shape)[:, :, ::-1].reshape(of_pair.shape)
            yield pair, of_pair.copy()
    elif rule.kind == "bias":
        for pair in block.pairs:
            yield pair, values[:, pair.family].astype(np.int16).repeat(n_cells, 1)
    else:
        for pair in block.pairs:
            turned = values[:, pair.family][:, _order(rule, pair.turn, is_transposed)]
            yield pair, _within_16_bits(_of_wall(turned, rule.size, shape))


def _added(one: Map, other: Map) -> Map:
    both = one.strength.astype(np.int32) + other.strength
    return replace(one, strength=_within_16_bits(both))


def _within_16_bits(whole: npt.NDArray[Any]) -> Int16Array:
    clipped: Int16Array = np.clip(whole, -MAX_STRENGTH, MAX_STRENGTH, out=whole).astype(np.int16)
    return clipped


def _laid(block: Block, values: Float64Array, delay: int, is_transposed: bool) -> list[Rule]:
    """Return the rules of a tissue that one rule of the plan stands for."""
    rule = block.rule
    numbers = values.astype(np.int16)
    rules: list[Rule] = []
    for pair in block.pairs:
        ends: dict[str, Any] = {"source": pair.source, "target": pair.target, "delay": delay}
        of_pair = numbers[:, pair.family]
        if rule.kind in ("kernel", "radial", "far"):
            width = rule.width
            kernel = of_pair[:, _order(rule, pair.turn, is_transposed)].reshape(-1, width, width)
            if rule.kind == "far":
                rules.append(Far(strength=kernel, **ends))
                continue
            if pair.source == pair.target:
                kernel[:, width // 2, width // 2] = 0
            rules.append(Kernel(strength=kernel, **ends))
        else:
            single = Sum if rule.kind == "sum" else Link
            rules.append(single(strength=of_pair[:, 0].copy(), **ends))
    return rules


@lru_cache(maxsize=256)
def _order(rule: GrowthRule, turn: int, is_transposed: bool = False) -> IntpArray:
    """Return which gene of a family the strength at each offset of a turned kernel reads."""
    width = rule.width
    if rule.kind == "radial":
        place = {square: k for k, square in enumerate(squared_distances(width))}
        away = np.arange(width) - width // 2
        return np.array([place[int(r * r + c * c)] for r in away for c in away], np.intp)
    genes = np.arange(width * width).reshape(width, width)
    turned = np.fliplr(genes) if turn == LEFT_FOR_RIGHT else np.rot90(genes, -turn)
    return (turned.T if is_transposed else turned).ravel()


def _fields(
    names: tuple[str, ...], shape: tuple[int, int], is_transposed: bool
) -> tuple[Int64Array, int]:
    """Return morphogens over a grid, see `morphogens.fields`."""
    if not is_transposed:
        return fields(names, shape)
    numerators, denominator = fields(names, shape[::-1])
    transposed = numerators.reshape(len(names), *shape[::-1]).swapaxes(1, 2)
    return np.ascontiguousarray(transposed.reshape(len(names), -1)), denominator


def _of_wall(kernels: Float64Array, size: int, shape: tuple[int, int]) -> Float64Array:
    """Return what each cell hears from the wall, shape (n_genomes, n_cells)."""
    heard = np.empty((len(kernels), math.prod(shape)))
    for first in range(0, heard.shape[1], _CELLS):
        ring = _ring(size, shape, first)
        heard[:, first : first + _CELLS] = kernels @ ring
    return heard


@lru_cache(maxsize=64)
def _ring(size: int, shape: tuple[int, int], first: int) -> Float64Array:
    """Return where an offset leads into the wall, for `_CELLS` cells, shape (size * size, n)."""
    row, col = np.divmod(np.arange(first, min(first + _CELLS, math.prod(shape))), shape[1])
    away = np.arange(size) - size // 2
    up, left = (steps.reshape(-1, 1) for steps in np.meshgrid(away, away, indexing="ij"))
    rows, cols = row + up, col + left
    is_near = (rows >= -1) & (rows <= shape[0]) & (cols >= -1) & (cols <= shape[1])
    is_inside = (rows >= 0) & (rows < shape[0]) & (cols >= 0) & (cols < shape[1])
    return (is_near & ~is_inside).astype(np.float64)


def _parameters(layout: Layout, genes: Float64Array, n_cells: int) -> dict[str, npt.NDArray[Any]]:
    """Return the parameters of neurons, each of shape (n_genomes, n_groups)."""
    made: dict[str, npt.NDArray[Any]] = {}
    numbers = {(one.layer.name, one.copy, one.parameter): one for one in layout.scalar_genes}
    for name, parameter in PER_NEURON.items():
        usual = _INPUT.get(name, parameter.default)
        values = np.full((len(genes), len(layout.groups)), usual, np.float64)
        for layer in layout.plan.layers:
            for (copy, _), group in layout.places[layer.name].items():
                one = numbers.get((layer.name, layer.original(copy), name))
                if one is not None:
                    values[:, group] = _rounded(one.gene, genes[:, one.number])
                else:
                    n_ticks = layout.plan.n_ticks
                    values[:, group] = fixed_value(layer, name, copy, n_cells, n_ticks)
        made[name] = values.astype(parameter.dtype)
    return made


def _rounded(gene: Gene, genes: Float64Array) -> Float64Array:
    stepped: Float64Array = np.clip(np.rint(genes / gene.step) * gene.step, gene.low, gene.high)
    return stepped
