"""Random brains of sheets, with and without gates, and random drives for them."""

from typing import Any

import numpy as np
import numpy.typing as npt

from spiking_agent.brain.sheets.rules import Far, Kernel, Link, Map, Rule, Sum
from spiking_agent.brain.sheets.tissue import Group, Tissue

GATE = "head"


class TissueMaker:
    """Draws one tissue after the other from a generator."""

    def __init__(self, rng: np.random.Generator, n_genomes: int = 2) -> None:
        self.rng = rng
        self.n_genomes = n_genomes

    def draw(self, *, is_gated: bool | None = None) -> Tissue:
        """Return a tissue on a grid of 3 x 3 to 12 x 9 cells.

        With gates, everything is as a window needs it; without, anything goes.
        """
        rng = self.rng
        self.shape = int(rng.integers(3, 13)), int(rng.integers(3, 10))
        self.groups: list[Group] = []
        self.rules: list[Rule] = []
        is_gated = bool(rng.random() < 0.7) if is_gated is None else is_gated
        gate, body, food = (self._group(name, is_sheet=True) for name in (GATE, "body", "food"))
        singles = [self._group("always", is_sheet=False)]
        singles += [self._group("other", is_sheet=False)] * bool(rng.random() < 0.3)
        inputs = [int(place) for place in rng.permutation([gate, body, food, *singles])]
        cells = [self._group(f"cell {i}", is_sheet=False) for i in range(rng.integers(0, 4))]
        hidden = [self._group(f"W{i}", is_sheet=True) for i in range(rng.integers(0, 3))]
        n_actions = int(rng.integers(1, 5))
        deciders = [self._group(f"D{i}", is_sheet=True) for i in range(n_actions)]
        relays = [self._group(f"R{i}", is_sheet=True) for i in range(n_actions)]
        outputs = [self._group(f"output {i}", is_sheet=False) for i in range(n_actions)]
        for cell in cells:
            self._some(0.5, Sum, (gate, body, food), cell)
            self._some(0.4, Link, (*singles, *cells), cell)
        for sheet in (*hidden, *deciders):
            self._some(0.7, Kernel, (gate, body, food), sheet)
            self._some(0.2, Far, (gate, body, food), sheet)
            self._some(0.6, Map, (*singles, *cells), sheet)
            self._some(0.6, Kernel, [one for one in hidden if one < sheet], sheet)
            if not is_gated:
                self._some(0.3, Kernel, (sheet,), sheet)
                self._some(0.1, Far, (sheet,), sheet)
                self._some(0.1, Sum, (sheet,), rng.choice(cells) if cells else outputs[0])
        is_simple = rng.random() < 0.5  # relays do nothing but pass on
        for decider, relay, output in zip(deciders, relays, outputs, strict=True):
            for source in (decider, gate):
                if is_gated or rng.random() < 0.7:
                    self._add(Kernel, source, relay, self._same(100, 1, 1), delay=0)
            self._add(Sum, relay, output, self._same(1))
            if not is_simple:
                self._some(0.3, Link, (*singles, *cells), output, most=2)
                self._some(0.2, Link, [one for one in outputs if one != output], output, most=2)
                self._some(0.2, Sum, (food,), output, most=2)
        parameters = self._parameters()
        parameters["threshold"][:, relays] = 150
        parameters["decay"][:, relays] = 0
        parameters["threshold"][:, outputs] = 0 if is_simple else rng.integers(0, 2)
        if is_gated:
            parameters["initiation_delay"][:, gate] = 1
            parameters["kept"][:, [*hidden, *deciders, *relays]] = 0
        if is_simple:
            parameters["refractory_period"][:, [*relays, *outputs]] = 0
            parameters["soft_reset"][:, outputs] = False
        return Tissue(
            shape=self.shape,
            groups=tuple(self.groups),
            rules=tuple(self.rules),
            inputs=tuple(inputs),
            outputs=tuple(outputs),
            **parameters,
        )

    def _group(self, name: str, *, is_sheet: bool) -> int:
        self.groups.append(Group(name, is_sheet))
        return len(self.groups) - 1

    def _some(
        self, share: float, kind: type[Rule], sources: Any, target: int, *, most: int = 30
    ) -> None:
        """Add rules of a kind from some of the sources."""
        for source in sources:
            if self.rng.random() < share and (kind is not Link or source != target):
                shape = {Far: (3, 3), Map: self.shape}.get(kind, ())
                if kind is Kernel:
                    shape = tuple(self.rng.choice([1, 3, 5], 2).tolist())
                strength = self.rng.integers(-most, most + 1, (self.n_genomes, *shape))
                if kind is Kernel:
                    strength *= self.rng.random((1, *shape)) < 0.8
                    if source == target:
                        strength[:, shape[0] // 2, shape[1] // 2] = 0
                self._add(kind, source, target, strength)

    def _add(
        self, kind: type[Rule], source: int, target: int, strength: Any, delay: int | None = None
    ) -> None:
        drawn = int(self.rng.choice([0, 0, 0, 1, 2, 5, 13, 24, 29]))
        self.rules.append(
            kind(
                source=source,
                target=target,
                strength=strength.astype(np.int16),
                delay=drawn if delay is None else delay,
            )
        )

    def _same(self, strength: int, *shape: int) -> npt.NDArray[np.int16]:
        return np.full((self.n_genomes, *shape), strength, np.int16)

    def _parameters(self) -> dict[str, npt.NDArray[Any]]:
        rng, shape = self.rng, (self.n_genomes, len(self.groups))
        refractory_period = rng.choice([0, 0, 0, 1, 3], shape)
        delays = rng.choice([1, 1, 1, 2, 3], len(self.groups))  # the same of all genomes
        return {
            "threshold": rng.integers(0, 50, shape).astype(np.float32),
            "decay": (rng.integers(0, 17, shape) / 16).astype(np.float32),
            "refractory_period": refractory_period.astype(np.int32),
            "initiation_delay": np.tile(delays, (self.n_genomes, 1)).astype(np.int32),
            "soft_reset": (rng.random(shape) < 0.4) & (refractory_period == 0),
            "kept": rng.integers(0, 3, shape).astype(np.uint8),
        }


def random_drives(
    rng: np.random.Generator, tissue: Tissue, n: int, n_ticks: int
) -> npt.NDArray[np.uint8]:
    """Draw the drives of a decision, mostly steady and with one active cell at the gate."""
    n_steps = 1 if rng.random() < 0.7 else n_ticks
    is_usual = rng.random() < 0.6
    parts = []
    for place in tissue.inputs:
        name, is_sheet = tissue.groups[place]
        size = tissue.n_cells if is_sheet else 1
        share = rng.choice([0.02, 0.2, 0.6]) if is_sheet else 0.8
        part = rng.random((n, n_steps, size)) < share
        if name == GATE:
            n_active = 1 if is_usual else int(rng.choice([0, 1, 2, 3]))
            order = rng.random((n, n_steps, size)).argsort(axis=2)
            part = order < n_active
        parts.append(part)
    driven = np.concatenate(parts, axis=2)
    return driven * rng.integers(1, 256, driven.shape, dtype=np.uint8)
