"""A grown brain as the viewer shows it: group by group, and which rules a neuron hears."""

from typing import Final, NamedTuple

import numpy as np

from spiking_agent.brain.sheets.rules import Map
from spiking_agent.dna.grown.brain import GrownBrain
from spiking_agent.dna.grown.named_rules import named_rules
from spiking_agent.typing import BoolArray, Float64Array, Int64Array, IntpArray
from spiking_agent.viewer.session import Session

MAX_LINES: Final = 10  # rules that are listed


class IncomingRule(NamedTuple):
    """The synapses of one rule on one neuron, which all have the same delay."""

    name: str
    sources: IntpArray
    strengths: Int64Array
    delay: int  # ticks from the one in which an impulse is sent to that in which it arrives
    outlives: bool  # whether impulses arrive that were sent before the decision began


class SheetBrain:
    """What the viewer's panels need to know about a grown brain, looked up once.

    Parameters
    ----------
    brain : GrownBrain
        The brain.

    Attributes
    ----------
    tissue : Tissue
        Its groups of neurons: sheets and single neurons.
    sheets, singles : tuple of int
        Groups that are sheets, and single neurons that are no outputs.
    blocks : tuple of tuple of int
        The sheets, those together that belong together: the channels, and the actions of a layer.
    kind : ndarray of intp, shape (n_groups,)
        Place in `theme.KINDS` of each group.
    shares_of_maps : ndarray of float, shape (n_neurons,)
        Strength of the synapse that the constant neuron has on each neuron of a sheet, as a share
        of the greatest in its layer; from -1 to 1.
    """

    def __init__(self, brain: GrownBrain) -> None:
        self.tissue = tissue = brain.tissue
        self._rules = named_rules(brain)
        self._incoming: tuple[int, list[IncomingRule]] | None = None  # of the neuron asked for last
        groups = tissue.groups
        self.sheets = tuple(k for k, group in enumerate(groups) if group.is_sheet)
        self.singles = tuple(
            k for k, group in enumerate(groups) if not group.is_sheet and k not in tissue.outputs
        )
        self.kind = np.ones(len(groups), np.intp)
        self.kind[list(tissue.inputs)] = 0
        self.kind[list(tissue.outputs)] = 2
        self._group_of = np.arange(len(groups)).repeat(tissue.sizes)
        channels = tuple(k for k in tissue.inputs if groups[k].is_sheet)
        blocks, layers = [channels], [channels]
        for layer in brain.plan.layers:
            places = brain.layout.places[layer.name]
            layers.append(tuple(places.values()))
            if layer.is_sheet:
                n = len(brain.plan.actions) if layer.is_oriented else len(places)
                ids = tuple(places.values())
                blocks += [ids[k : k + n] for k in range(0, len(ids), n)]
        self.blocks = tuple(blocks)
        constant = brain.layout.places[brain.plan.constant][0, None]
        self.shares_of_maps = self._maps_of(constant, layers)

    def _maps_of(self, source: int, layers: list[tuple[int, ...]]) -> Float64Array:
        tissue, shares = self.tissue, np.zeros(self.tissue.n_neurons)
        for rule in tissue.rules:
            if isinstance(rule, Map) and rule.source == source:
                shares[self.neurons(rule.target)] += rule.strength[0].ravel()
        for layer in layers:
            ids = np.concatenate([self.neurons(k) for k in layer])
            shares[ids] /= max(1.0, np.abs(shares[ids]).max())
        return shares

    def neurons(self, group: int) -> IntpArray:
        """Return the ids of the neurons of a group.

        Parameters
        ----------
        group : int
            Its place in the tissue.
        """
        first = self.tissue.first[group]
        return np.arange(first, first + self.tissue.sizes[group])

    def counts(self, session: Session) -> Int64Array:
        """Return how many impulses each neuron has sent in this decision, or the last one.

        Parameters
        ----------
        session : Session
            What plays.
        """
        counts = np.zeros(self.tissue.n_neurons, np.int64)
        for age in range(1, _n_over(session) + 1):
            tick = session.history[-age]
            counts[tick.driven] += 1
            counts[tick.fired] += 1
        return counts

    def lit(self, session: Session) -> BoolArray:
        """Return which neurons have sent an impulse in the newest tick.

        Parameters
        ----------
        session : Session
            What plays.
        """
        lit = np.zeros(self.tissue.n_neurons, np.bool_)
        if session.history:
            lit[session.history[-1].driven] = lit[session.history[-1].fired] = True
        return lit

    def shares_of_potentials(self, potentials: Float64Array) -> Float64Array:
        """Return potentials relative to thresholds: 1/2 is a potential at its threshold.

        Parameters
        ----------
        potentials : ndarray of float, shape (n_neurons,)
            The potentials. Those far from 0 come close to 1 or -1.
        """
        threshold = self.tissue.threshold[0].astype(np.float64)
        share = potentials / np.where(threshold > 0, threshold, 1.0).repeat(self.tissue.sizes)
        relative: Float64Array = share / (1.0 + np.abs(share))
        return relative

    def heard(self, neuron_id: int, session: Session) -> dict[str, int]:
        """Return what has arrived at a neuron in this decision, by the names of rules.

        Parameters
        ----------
        neuron_id : int
            The neuron.
        session : Session
            What plays.

        Returns
        -------
        dict of str to int
            Sum of the strengths of the impulses, for each rule with an impulse that has arrived.
        """
        n_over = _n_over(session)
        sent = np.zeros((len(session.history), self.tissue.n_neurons), np.bool_)
        for age, tick in enumerate(reversed(session.history)):
            sent[age, tick.driven] = sent[age, tick.fired] = True
        heard: dict[str, int] = {}
        for one in self._incoming_of(neuron_id, session):
            until = one.delay + n_over if one.outlives else n_over
            arrived = sent[one.delay : until, one.sources].sum(axis=0)
            if arrived.any():
                heard[one.name] = heard.get(one.name, 0) + int(arrived @ one.strengths)
        return heard

    def _incoming_of(self, neuron_id: int, session: Session) -> list[IncomingRule]:
        """Return the synapses on a neuron, rule by rule."""
        if self._incoming is not None and self._incoming[0] == neuron_id:
            return self._incoming[1]
        tissue, group = self.tissue, int(self._group_of[neuron_id])
        cell = neuron_id - int(tissue.first[group])
        carry_state = session.organism.codec.carry_state
        found = []
        for name, rule in self._rules:
            if rule.target != group:
                continue
            pieces = []
            for some, targets, strengths in rule.spread(tissue.shape):
                here = (targets == cell) & (strengths[0] != 0)
                pieces.append((tissue.first[rule.source] + some[here], strengths[0, here]))
            sources, own = map(np.concatenate, zip(*pieces, strict=True))
            delay = int(tissue.initiation_delay[0, rule.source]) + rule.delay
            delay -= rule.source in tissue.inputs  # they are driven before the tick begins
            kept = carry_state == "impulses" and tissue.kept[0, rule.source] > 0
            outlives = carry_state is True or bool(kept)
            found.append(IncomingRule(name, sources, own.astype(np.int64), delay, outlives))
        self._incoming = neuron_id, found
        return found

    def describe(self, neuron_id: int, session: Session) -> list[str]:
        """Return lines about one neuron: where it is, its state, and what it has heard by rule.

        Parameters
        ----------
        neuron_id : int
            The neuron.
        session : Session
            What plays.
        """
        tissue, group = self.tissue, int(self._group_of[neuron_id])
        title = tissue.groups[group].name
        if tissue.groups[group].is_sheet:
            row, column = divmod(neuron_id - int(tissue.first[group]), tissue.shape[1])
            title += f"   row {row}, column {column}"
        n = int(self.counts(session)[neuron_id])
        if self.kind[group] == 0:
            return [title, f"input: driven in {n} tick{'s' * (n != 1)} of this decision"]
        potential = session.potentials[neuron_id]
        lines = [
            title,
            f"potential {potential:,.4g}   threshold {tissue.threshold[0, group]:,g}",
            f"{n} spike{'s' * (n != 1)} in this decision",
        ]
        heard = sorted(self.heard(neuron_id, session).items(), key=lambda item: -abs(item[1]))
        lines.append("heard in this decision:" if heard else "heard nothing in this decision")
        lines += [f"   {charge:+,d}   {name}" for name, charge in heard[:MAX_LINES]]
        n_left = len(heard) - MAX_LINES
        return [*lines, f"   and {n_left} more"] if n_left > 0 else lines


def _n_over(session: Session) -> int:
    """Return how many ticks of this decision are over; of the last one, if none has begun."""
    return min(session.step or session.organism.codec.n_ticks, len(session.history))
