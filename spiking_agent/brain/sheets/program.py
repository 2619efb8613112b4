"""A window as tables: what each genome adds to the drive of the slots, ready to be looked up.

Active cells of input sheets are bits. A row of up to `CHUNK` bits of the window is looked up at
once: for each pattern the table has the summed strengths on all slots.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from spiking_agent.brain.neuron import NeuronParams
from spiking_agent.brain.sheets.bit_tables import located, patterns, spans
from spiking_agent.brain.sheets.rules import Far, Kernel, Link, Map, Rule, Sum
from spiking_agent.brain.sheets.tables import BEHIND, FRONT, Program
from spiking_agent.brain.sheets.tissue import Tissue
from spiking_agent.brain.sheets.window import Window
from spiking_agent.typing import Float32Array, Int32Array, IntpArray, UInt64Array

SLOT_PADDING: Final = 16  # slots are padded to a multiple of this
NEVER: Final = np.float32(-1e9)  # drive of a slot that lies outside the grid


def make_program(tissue: Tissue, window: Window) -> Program:
    """Return the tables of a tissue's window."""
    return _Builder(tissue, window).program()


class _Builder:
    """The parts of a program, one after the other."""

    def __init__(self, tissue: Tissue, window: Window) -> None:
        self.tissue, self.window = tissue, window
        groups = tissue.groups
        self.delays = tissue.initiation_delay[0]
        self.sheets = [place for place in tissue.inputs if groups[place].is_sheet]
        self.singles = [place for place in tissue.inputs if not groups[place].is_sheet]
        self.bits = {place: bit for bit, place in enumerate([*self.singles, *window.before])}
        self.slots = [*window.slots, *((place, (0, 0)) for place in window.after)]
        self.slot_of = {slot: index for index, slot in enumerate(self.slots)}
        self.width = -(-max(window.n_driven, 1) // SLOT_PADDING) * SLOT_PADDING
        prompt = [(window.gate, 1)]  # the gates, whether or not anything else hears it
        self.branches = sorted({*self._pairs(self.sheets, (Kernel, Far, Sum)), *prompt})
        self.voices = self._pairs(self.bits, (Map,))

    def _pairs(
        self, sources: Sequence[int] | dict[int, int], kinds: tuple[type[Rule], ...]
    ) -> list[tuple[int, int]]:
        """Return the branches of some groups that rules of these kinds use."""
        rules = [r for r in self.window.rules if r.source in sources and isinstance(r, kinds)]
        return sorted({(rule.source, self._delay(rule)) for rule in rules})

    def _delay(self, rule: Rule) -> int:
        return int(self.delays[rule.source]) + rule.delay

    def _branch(self, rule: Rule) -> int:
        return self.branches.index((rule.source, self._delay(rule)))

    def _rules(
        self, kind: type[Any] | tuple[type[Any], ...], source: Any, target: Any
    ) -> list[Any]:
        return [
            rule
            for rule in self.window.rules
            if isinstance(rule, kind) and rule.source in source and rule.target in target
        ]

    def program(self) -> Program:
        """Return all parts together."""
        tissue, window = self.tissue, self.window
        n_genomes, n_cells = len(tissue), tissue.n_cells
        offsets, first = {}, 0
        for place in tissue.inputs:
            offsets[place] = first
            first += n_cells if tissue.groups[place].is_sheet else 1
        driven = {place for place, _ in window.slots[: window.n_driven]}
        far_branches = sorted(set(map(self._branch, self._rules(Far, self.sheets, driven))))
        # Cells that are looked up one by one bring along what they say to near neurons.
        near = self._rules(Kernel, self.sheets, driven)
        near = [rule for rule in near if self._branch(rule) not in far_branches]
        chunks, tables = self._chunks(near)
        reach = self._reach(driven, far_branches)
        n_entries = sum(table.shape[1] for table in tables)
        far_entry = [n_entries + i * (2 * reach + 1) ** 2 for i in range(len(far_branches))]
        tables += [self._far_table(driven, branch, reach) for branch in far_branches]
        n_table = sum(table.shape[1] for table in tables)
        empty = np.zeros((n_genomes, 1, self.width), np.float32)
        sums = sorted(self._rules(Sum, self.sheets, window.before), key=lambda rule: rule.target)
        links = self._rules(Link, self.bits, window.before)
        late_sums = self._rules(Sum, self.sheets, window.after)
        late_links = self._rules(Link, self.bits, window.after)
        paths = self._paths()
        after_first = len(window.slots)
        heard: dict[int, int] = {}
        for source, delay in [*self.voices, *((r.source, self._delay(r)) for r in late_links)]:
            heard[delay] = heard.get(delay, 0) | 1 << self.bits[source]
        single = np.array([*self.singles, *window.before], np.intp)
        slot_groups = np.array([place for place, _ in self.slots], np.intp)

        def strengths(rules: list[Any]) -> Float32Array:
            return (
                np.array([rule.strength for rule in rules], np.float32)
                .reshape(-1, n_genomes)
                .T.copy()
            )

        def ids(values: Any) -> IntpArray:
            return np.array(list(values), np.intp)

        def bits(values: Any) -> Int32Array:
            return np.array([1 << value for value in values], np.int32)

        def params(places: npt.NDArray[Any]) -> NeuronParams:
            return NeuronParams._make(
                np.ascontiguousarray(getattr(tissue, name)[:, places])
                for name in NeuronParams._fields
            )

        return Program(
            n_rows=tissue.shape[0],
            n_cells=n_cells,
            row_of=np.arange(n_cells + 1) // tissue.shape[1],
            col_of=np.arange(n_cells + 1) % tissue.shape[1],
            sheet_bit=ids(FRONT + offsets[place] for place in self.sheets),
            sheet_mask=self._masks([offsets[place] for place in self.sheets]),
            sheet_word=np.array(
                [
                    ((FRONT + first) // 64, (FRONT + first + n_cells - 1) // 64 + 1)
                    for first in (offsets[place] for place in self.sheets)
                ],
                np.intp,
            ),
            single_inputs=ids(offsets[place] for place in self.singles),
            gate_sheet=self.sheets.index(window.gate),
            branch_sheet=ids(self.sheets.index(place) for place, _ in self.branches),
            branch_delay=ids(delay for _, delay in self.branches),
            branch_kept=np.ascontiguousarray(
                tissue.kept[:, [place for place, _ in self.branches]] > 0
            ),
            gate_branch=self.branches.index((window.gate, 1)),
            **located(tissue.shape, [offsets[place] for place, _ in self.branches], chunks),
            far_branch=ids(far_branches),
            far_entry=ids(far_entry),
            far_reach=reach,
            voice_bit=bits(self.bits[place] for place, _ in self.voices),
            voice_delay=ids(delay for _, delay in self.voices),
            heard_delay=ids(sorted(heard)),
            heard_bits=np.array([heard[delay] for delay in sorted(heard)], np.int32),
            voice_row=n_table + (n_cells + 1) * np.arange(len(self.voices)),
            rows=np.concatenate([*tables, self._base(driven), empty], axis=1),
            edge=self._edge(),
            n_driven=window.n_driven,
            n_hidden=after_first,
            gate_slot=ids(self.slot_of[rule.target, (0, 0)] for rule in window.gates),
            gate_strength=strengths([_only(rule) for rule in window.gates]),
            sum_branch=ids(map(self._branch, sums)),
            sum_target=ids(window.before.index(rule.target) for rule in sums),
            sum_strength=strengths(sums),
            link_bit=bits(self.bits[rule.source] for rule in links),
            link_delay=ids(map(self._delay, links)),
            link_target=ids(window.before.index(rule.target) for rule in links),
            link_strength=strengths(links),
            late_sum_branch=ids(map(self._branch, late_sums)),
            late_sum_slot=ids(self.slot_of[rule.target, (0, 0)] for rule in late_sums),
            late_sum_strength=strengths(late_sums),
            late_link_bit=bits(self.bits[rule.source] for rule in late_links),
            late_link_delay=ids(map(self._delay, late_links)),
            late_link_slot=ids(self.slot_of[rule.target, (0, 0)] for rule in late_links),
            late_link_strength=strengths(late_links),
            path_source=ids(path[0] for path in paths),
            path_target=ids(path[1] for path in paths),
            path_delay=ids(path[2] for path in paths),
            path_strength=np.array([path[3] for path in paths], np.float32)
            .reshape(-1, n_genomes)
            .T.copy(),
            n_paths_within=sum(path[1] < after_first for path in paths),
            before=params(np.array(window.before, np.intp)),
            slots=params(slot_groups),
            before_kept=np.ascontiguousarray(tissue.kept[:, single]),
            stays=((tissue.kept[:, single] > 0) << np.arange(len(single)))
            .sum(axis=1)
            .astype(np.int32),
            after_kept=np.ascontiguousarray(tissue.kept[:, list(window.after)]),
            output_slot=ids(self.slot_of[place, (0, 0)] for place in tissue.outputs),
        )

    def _masks(self, firsts: list[int]) -> UInt64Array:
        """Return the bits of each input sheet, shape (n_sheets, n_words)."""
        n_inputs = len(self.tissue.input_neurons)
        n_bits = FRONT + -(-n_inputs // 64) * 64 + BEHIND
        bits = np.zeros((len(firsts), n_bits), np.uint8)
        for sheet, first in enumerate(firsts):
            bits[sheet, FRONT + first : FRONT + first + self.tissue.n_cells] = 1
        return np.packbits(bits, axis=1, bitorder="little").view(np.uint64)

    def _chunks(
        self, near: list[Kernel]
    ) -> tuple[list[tuple[int, int, int, int, int]], list[Float32Array]]:
        """Return (branch, row, column, bits, entry) of each look-up, and the tables.

        Those of the gate's own cells come last.
        """
        chunks, tables, entry = [], [], 0
        n_genomes, gate = len(self.tissue), (self.window.gate, 1)
        for pair in sorted(self.branches, key=lambda pair: pair == gate):
            branch = self.branches.index(pair)
            rules = [rule for rule in near if self._branch(rule) == branch]
            if not rules:
                continue
            targets = [slot for slot in self.window.slots if slot[0] in {r.target for r in rules}]
            up = max(r.reach[0] for r in rules) + max(abs(row) for _, (row, _) in targets)
            left = max(r.reach[1] for r in rules) + max(abs(col) for _, (_, col) in targets)
            single = np.zeros((n_genomes, 2 * up + 1, 2 * left + 1, self.width), np.float32)
            for rule in rules:
                for place, (row, col) in targets:
                    if place == rule.target:
                        (a, b), slot = rule.reach, self.slot_of[place, (row, col)]
                        rows = slice(up + row - a, up + row + a + 1)
                        cols = slice(left + col - b, left + col + b + 1)
                        single[:, rows, cols, slot] += rule.strength
            for row in range(2 * up + 1):
                for begin, end in spans(single[:, row]):
                    chunks.append((branch, row - up, begin - left, end - begin, entry))
                    tables.append(patterns(single[:, row, begin:end]))
                    entry += tables[-1].shape[1]
        return chunks, tables

    def _reach(self, driven: set[int], branches: list[int]) -> int:
        """Return from which distance on only the direction of a cell matters."""
        places = [offset for place, offset in self.window.slots if place in driven]
        kernels = self._rules(Kernel, self.sheets, driven)
        reach = [rule.reach for rule in kernels if self._branch(rule) in branches]
        furthest = max((max(map(abs, offset)) for offset in places), default=0)
        return 1 + furthest + max(map(max, reach), default=0)

    def _far_table(self, driven: set[int], branch: int, reach: int) -> Float32Array:
        """Return what one active cell adds, by its way from the gate's cell, clipped to `reach`."""
        ways = np.arange(-reach, reach + 1)
        shape = (len(self.tissue), len(ways), len(ways), self.width)
        table = np.zeros(shape, np.float32)
        for rule in self._rules((Far, Kernel), self.sheets, driven):
            if self._branch(rule) != branch:
                continue
            for slot, (place, (row, col)) in enumerate(self.window.slots[: self.window.n_driven]):
                if place != rule.target:
                    continue
                if isinstance(rule, Far):
                    down, right = np.sign(ways - row) + 1, np.sign(ways - col) + 1
                    table[..., slot] += rule.strength[:, down][:, :, right]
                else:
                    (up, left), middle = rule.reach, reach
                    rows = slice(middle + row - up, middle + row + up + 1)
                    cols = slice(middle + col - left, middle + col + left + 1)
                    table[:, rows, cols, slot] += rule.strength
        return table.reshape(len(self.tissue), -1, self.width)

    def _base(self, driven: set[int]) -> Float32Array:
        """Return what each voice adds to the slots round each cell, voice by voice."""
        tissue = self.tissue
        (n_rows, n_cols), n_genomes = tissue.shape, len(tissue)
        shape = (n_genomes, len(self.voices), tissue.n_cells + 1, self.width)
        base = np.zeros(shape, np.float32)
        of_cells = base[:, :, :-1].reshape(n_genomes, len(self.voices), n_rows, n_cols, self.width)
        for rule in self._rules(Map, self.bits, driven):
            voice = self.voices.index((rule.source, self._delay(rule)))
            for slot, (place, (row, col)) in enumerate(self.window.slots[: self.window.n_driven]):
                if place == rule.target and abs(row) < n_rows and abs(col) < n_cols:
                    to_rows, from_rows = _shifted(n_rows, row)
                    to_cols, from_cols = _shifted(n_cols, col)
                    shifted = rule.strength[:, from_rows, from_cols]
                    of_cells[:, voice, to_rows, to_cols, slot] += shifted
        base[:, :, :-1] = of_cells.reshape(base[:, :, :-1].shape)
        return base.reshape(n_genomes, -1, self.width)

    def _edge(self) -> Float32Array:
        """Return for each cell which slots lie outside the grid."""
        n_rows, n_cols = self.tissue.shape
        n_slots = max(len(self.slots), self.width)
        edge = np.zeros((self.tissue.n_cells + 1, n_slots), np.float32)
        rows, cols = np.divmod(np.arange(self.tissue.n_cells), n_cols)
        for slot, (_, (row, col)) in enumerate(self.window.slots):
            is_row_inside = (rows + row >= 0) & (rows + row < n_rows)
            is_col_inside = (cols + col >= 0) & (cols + col < n_cols)
            edge[:-1, slot] = np.where(is_row_inside & is_col_inside, 0, NEVER)
            edge[-1, slot] = NEVER
        return edge

    def _paths(self) -> list[tuple[int, int, int, Any]]:
        """Return (source, target, delay, strengths) of impulses from slot to slot."""
        paths = []
        hidden = {place for place, _ in self.window.slots}
        for rule in self._rules(Kernel, hidden, hidden):
            up, left = rule.reach
            for place, (row, col) in self.window.slots:
                if place != rule.target:
                    continue
                target = self.slot_of[place, (row, col)]
                for i, j in np.argwhere(rule.strength.any(axis=0)):
                    at = (rule.source, (row + int(i) - up, col + int(j) - left))
                    source = self.slot_of[at]
                    paths.append((source, target, self._delay(rule), rule.strength[:, i, j]))
        for rule in self._rules(Sum, hidden, self.window.after):
            source, target = self.slot_of[rule.source, (0, 0)], self.slot_of[rule.target, (0, 0)]
            paths.append((source, target, self._delay(rule), rule.strength))
        for rule in self._rules(Link, self.window.after, self.window.after):
            source, target = self.slot_of[rule.source, (0, 0)], self.slot_of[rule.target, (0, 0)]
            paths.append((source, target, self._delay(rule), rule.strength))
        return sorted(paths, key=lambda path: path[:3])


def _only(rule: Rule) -> Link:
    """Return the single strength of a gate as if it were a link."""
    return Link(source=rule.source, target=rule.target, strength=rule.strength[:, 0, 0])


def _shifted(size: int, offset: int) -> tuple[slice, slice]:
    """Return where `x` and `x + offset` both lie in the grid."""
    low, high = max(0, -offset), size - max(0, offset)
    return slice(low, high), slice(low + offset, high + offset)
