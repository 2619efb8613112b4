"""Wired DNA: a gene for every possible synapse, as in the blog post's matrix.

In addition to strengths, a genome has genes for the parameters of neurons that are not fixed.
"""

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, ClassVar, Final

import numpy as np

from spiking_agent.brain.parameters import MAX_THRESHOLD, MAX_TICKS, PER_NEURON
from spiking_agent.brain.population import Population
from spiking_agent.checks.arguments import flag, number, several, whole
from spiking_agent.checks.costs import check_decision, check_neurons, check_population
from spiking_agent.dna.gene_table import GeneTable, Genomes
from spiking_agent.dna.ports import Ports
from spiking_agent.typing import Arrays, BoolArray, Int8Array, Int64Array, IntpArray

MAX_CHOICES: Final = 2**15  # of a parameter of neurons: a gene has at most 16 bits


@dataclass(frozen=True, slots=True, kw_only=True)
class WiredParams:
    """Settings of wired DNA: neurons, possible synapses, and the ranges of genes.

    Parameters
    ----------
    n_hidden : int
        Neurons between inputs and outputs, >= 0.
    inputs_receive : bool
        Whether synapses may end on input neurons, as in the blog post's matrix.
    outputs_send : bool
        Whether synapses may start from output neurons, as in the blog post's matrix.
    is_layered : bool
        True allows only synapses from inputs to hidden neurons, from hidden neurons to outputs,
        and from constant inputs to both. It has no effect without hidden neurons.
    mirrored : bool
        True gives the two inputs for the directions of one number opposite strengths on each
        neuron, with one gene instead of two. It also gives the two outputs that raise and lower
        one number opposite strengths, from all neurons but constant inputs.
    max_strength : int
        Strengths lie in -max_strength..max_strength, 1 to 127.
    first_strength : int
        Random genomes have strengths in -first_strength..first_strength; 0 for `max_strength`.
    first_drive : int
        Mean of the summed initial strengths of the synapses from constant inputs to an output, 0
        to `max_strength`. Other strengths have mean 0.
    density : float
        Share of the possible synapses that a random genome has, in (0, 1].
    inhibition : bool
        False allows positive strengths only.
    thresholds, decays : tuple of float
        Choices for each neuron, in the range of `Connectome`.
    hidden_thresholds : tuple of float
        Choices for hidden neurons instead; empty for those in `thresholds`.
    refractory_periods, initiation_delays : tuple of int
        Choices for each neuron, in ticks.
    hidden_delays : tuple of int
        Choices of `initiation_delays` for hidden neurons instead; empty for those of all.
    soft_resets : tuple of bool
        Choices for each neuron: whether a firing subtracts the threshold from its potential (True)
        or sets it to 0.

    Raises
    ------
    ValueError
        If a value is out of range, or choices are empty.
    """

    n_hidden: int = 0
    inputs_receive: bool = False
    outputs_send: bool = False
    is_layered: bool = False
    mirrored: bool = False
    max_strength: int = 8
    first_strength: int = 0
    first_drive: int = 0
    density: float = 0.3
    inhibition: bool = True
    thresholds: tuple[float, ...] = (1.0, 2.0, 3.0, 4.0)
    decays: tuple[float, ...] = (0.0, 0.5, 0.75, 0.9)
    hidden_thresholds: tuple[float, ...] = ()
    refractory_periods: tuple[int, ...] = (0,)
    initiation_delays: tuple[int, ...] = (1,)
    hidden_delays: tuple[int, ...] = ()
    soft_resets: tuple[bool, ...] = (False,)

    def __post_init__(self) -> None:
        most = whole("max_strength", self.max_strength, 1, 127)
        checked: dict[str, Any] = {
            "n_hidden": whole("n_hidden", self.n_hidden),
            "max_strength": most,
            "density": number("density", self.density, "in (0, 1]", lambda v: 0.0 < v <= 1.0),
            "soft_resets": several("soft_resets", self.soft_resets, flag, 1, MAX_CHOICES),
        }
        for name in ("inputs_receive", "outputs_send", "is_layered", "mirrored", "inhibition"):
            checked[name] = flag(name, getattr(self, name))
        for name in ("first_strength", "first_drive"):
            checked[name] = whole(name, getattr(self, name), 0, most, bound="max_strength")
        for name, high in (
            ("thresholds", MAX_THRESHOLD),
            ("hidden_thresholds", MAX_THRESHOLD),
            ("decays", 1.0),
        ):
            within = partial(_number_within, high)
            least = 0 if name == "hidden_thresholds" else 1
            checked[name] = several(name, getattr(self, name), within, least, MAX_CHOICES)
        for name, low, least in (
            ("refractory_periods", 0, 1),
            ("initiation_delays", 1, 1),
            ("hidden_delays", 1, 0),
        ):
            ticks = partial(whole, least=low, most=MAX_TICKS)
            checked[name] = several(name, getattr(self, name), ticks, least, MAX_CHOICES)
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        if any(self.soft_resets) and any(self.refractory_periods):
            raise ValueError(
                "soft_resets must be (False,) with refractory_periods > 0, in which the potential "
                f"is 0, got {self.soft_resets} and {self.refractory_periods}"
            )


class Wired:
    """The kind of DNA with a gene for every possible synapse.

    Neurons are numbered inputs first, then hidden ones, then outputs.

    Parameters
    ----------
    params : WiredParams
        Its settings.
    ports : Ports
        The inputs and outputs of its brains.

    Raises
    ------
    ValueError
        If brains would be too large.
    """

    Params: ClassVar[type[Any]] = WiredParams

    def __init__(self, params: WiredParams, ports: Ports) -> None:
        check_neurons(ports.n_inputs, params.n_hidden, ports.n_outputs)
        self.params = params
        self.ports = ports
        self.n_neurons = ports.n_inputs + params.n_hidden + ports.n_outputs
        neurons = np.arange(self.n_neurons, dtype=np.int32)
        self.input_neurons, self.hidden_neurons, self.output_neurons = np.split(
            neurons, [ports.n_inputs, ports.n_inputs + params.n_hidden]
        )
        self.target_neurons = neurons if params.inputs_receive else neurons[ports.n_inputs :]

    def check_costs(self, population_size: int, n_ticks: int) -> None:
        """Refuse brains that need too much memory or time, before anything is allocated.

        Parameters
        ----------
        population_size : int
            Genomes in a population.
        n_ticks : int
            Ticks per decision.

        Raises
        ------
        ValueError
            See `costs.check_population` and `costs.check_decision`.
        """
        n_targets = len(self.target_neurons)
        check_population(population_size, self.n_neurons, n_targets)
        check_decision(n_ticks, self.ports.n_inputs, self.n_neurons, n_targets)

    @cached_property
    def mask(self) -> BoolArray:
        """Where a synapse may grow, shape (n_neurons, n_targets)."""
        sources, targets = np.arange(self.n_neurons), self.target_neurons
        mask: BoolArray = sources[:, None] != targets[None, :]
        if not self.params.outputs_send:
            mask[self.output_neurons] = False
        if self.params.is_layered and self.params.n_hidden > 0:
            sizes = [len(self.input_neurons), self.params.n_hidden, len(self.output_neurons)]
            layer = np.repeat([0, 1, 2], sizes)
            is_next = layer[:, None] + 1 == layer[targets][None, :]
            is_next[list(self.ports.constant)] = layer[targets] > 0
            mask &= is_next
        return mask

    @cached_property
    def sites(self) -> IntpArray:
        """Flat positions in `mask` where a synapse may grow."""
        return np.flatnonzero(self.mask)

    @cached_property
    def _expression(self) -> tuple[IntpArray, IntpArray, Int8Array]:
        """How genes determine strengths.

        Returns
        -------
        first_site : ndarray of intp, shape (n_strength_genes,)
            The first of `sites` whose strength each gene determines.
        gene_of_site : ndarray of intp, shape (n_sites,)
            The gene that determines the strength at each of `sites`.
        sign_of_site : ndarray of int8, shape (n_sites,)
            1 if the strength is the gene, -1 if it is the gene times -1.
        """
        n_neurons, n_targets = self.mask.shape
        speaker, sign = np.arange(n_neurons), np.ones(n_neurons, np.int8)
        for one, other in self.ports.opposites if self.params.mirrored else ():
            speaker[other], sign[other] = one, -1
        heard, sign_heard = np.arange(n_targets), np.ones(n_targets, np.int8)
        first_output = n_targets - len(self.output_neurons)
        for one, other in self.ports.opposite_outputs if self.params.mirrored else ():
            heard[first_output + other] = first_output + one
            sign_heard[first_output + other] = -1
        source, target = np.divmod(self.sites, n_targets)
        # What drives both outputs at rest is no signal, so constant inputs have genes for each.
        is_constant = np.isin(source, self.ports.constant)
        gene_target = np.where(is_constant, target, heard[target])
        signs = np.where(is_constant, 1, sign_heard[target]).astype(np.int8) * sign[source]
        spoken = speaker[source] * n_targets + gene_target
        _, first_site, gene_of_site = np.unique(spoken, return_index=True, return_inverse=True)
        return first_site, gene_of_site, signs

    @cached_property
    def _values(self) -> Arrays:
        """The possible values of each parameter of neurons, by its name in `Connectome`."""
        choices = {
            name: getattr(self.params, f"{name}s", (parameter.default,))
            for name, parameter in PER_NEURON.items()
        }
        return {name: np.array(values, PER_NEURON[name].dtype) for name, values in choices.items()}

    @cached_property
    def _of_hidden(self) -> Arrays:
        """The possible values for hidden neurons, where they differ from those for all."""
        own = {
            "threshold": self.params.hidden_thresholds,
            "initiation_delay": self.params.hidden_delays,
        }
        return {name: np.array(v, PER_NEURON[name].dtype) for name, v in own.items() if v}

    @cached_property
    def _choosers(self) -> dict[str, IntpArray]:
        """The neurons with a choice, for each parameter that is not fixed for all neurons."""
        choosers = {name: np.flatnonzero(self._n_values(name) > 1) for name in self._values}
        return {name: neurons for name, neurons in choosers.items() if len(neurons)}

    @cached_property
    def genes(self) -> GeneTable:
        """The strengths of possible synapses, row by row, then the choices of neurons."""
        first_site, _, _ = self._expression
        source, place = np.divmod(self.sites[first_site], len(self.target_neurons))
        target = self.target_neurons[place].astype(np.intp)
        n_strengths, most = len(first_site), float(self.params.max_strength)
        is_driven = np.isin(source, self.ports.constant) & np.isin(target, self.output_neurons)
        n_driving = max(1, len(self.ports.constant))  # they share `first_drive` among them
        chosen = list(self._choosers.items())
        choosers = np.concatenate([np.zeros(0, np.intp), *(neurons for _, neurons in chosen)])
        zeros, ones = np.zeros(len(choosers)), np.ones(len(choosers))
        last = [self._n_values(name)[neurons] - 1.0 for name, neurons in chosen]
        low = -most if self.params.inhibition else 0.0
        spread = float(self.params.first_strength or max(1.0, self.params.max_strength / 4))
        return GeneTable(
            parts=(("strength", n_strengths), *((name, len(ids)) for name, ids in chosen)),
            low=np.concatenate([np.full(n_strengths, low), zeros]),
            high=np.concatenate([np.full(n_strengths, most), *last]),
            center=np.concatenate([is_driven * (self.params.first_drive / n_driving), zeros]),
            spread=np.concatenate([np.full(n_strengths, spread), ones]),
            is_choice=np.arange(n_strengths + len(choosers)) >= n_strengths,
            source=np.concatenate([source, choosers]),
            target=np.concatenate([target, choosers]),
            n_places=self.n_neurons,
            is_whole=True,
            draw=self._draw,
        )

    def _n_values(self, name: str) -> Int64Array:
        """Return the number of possible values for each neuron, shape (n_neurons,)."""
        n_values = np.full(self.n_neurons, len(self._values[name]))
        if name in self._of_hidden:
            n_values[self.hidden_neurons] = len(self._of_hidden[name])
        return n_values

    def _draw(self, size: int, rng: np.random.Generator) -> Genomes:
        """Draw independent genomes: first which synapses exist, then strengths and choices."""
        shape = (size, *self.mask.shape)
        exists = (rng.random(shape) < self.params.density) & self.mask
        largest = self.params.first_strength or self.params.max_strength
        n_synapses = int(exists.sum())
        strengths = rng.integers(1, largest + 1, n_synapses)
        if self.params.inhibition:
            strengths *= rng.integers(0, 2, n_synapses) * 2 - 1
        strength = np.zeros(shape, np.int8)
        strength[exists] = strengths
        of_genes = strength.reshape(size, -1)[:, self.sites[self._expression[0]]]
        table, n_strengths = self.genes, of_genes.shape[1]
        genomes = np.zeros((size, table.n_genes), table.dtype)
        moved = np.rint(of_genes + table.center[:n_strengths])
        genomes[:, :n_strengths] = np.clip(moved, table.low[0], table.high[0])
        begin = n_strengths
        for name, neurons in self._choosers.items():
            drawn = rng.integers(0, self._n_values(name), (size, self.n_neurons))
            genomes[:, begin : begin + len(neurons)] = drawn[:, neurons]
            begin += len(neurons)
        return genomes

    def grow(self, genomes: Genomes) -> Population:
        """Return the connectomes of genomes, side by side.

        Parameters
        ----------
        genomes : ndarray of int, shape (n_genomes, n_genes)
            Genomes of `genes`.
        """
        first_site, gene_of_site, sign_of_site = self._expression
        strength = np.zeros((len(genomes), self.mask.size), np.int8)
        strength[:, self.sites] = genomes[:, gene_of_site] * sign_of_site
        per_neuron: dict[str, Any] = {}
        begin = len(first_site)
        for name, values in self._values.items():
            chosen = np.zeros((len(genomes), self.n_neurons), np.intp)
            neurons = self._choosers.get(name, np.zeros(0, np.intp))
            chosen[:, neurons] = genomes[:, begin : begin + len(neurons)]
            begin += len(neurons)
            per_neuron[name] = values[np.minimum(chosen, len(values) - 1)]
            if name in self._of_hidden:
                hidden = self.hidden_neurons
                per_neuron[name][:, hidden] = self._of_hidden[name][chosen[:, hidden]]
        return Population(
            strength=strength.reshape(len(genomes), *self.mask.shape),
            target_neurons=self.target_neurons,
            input_neurons=self.input_neurons,
            output_neurons=self.output_neurons,
            **per_neuron,
        )


def _number_within(high: float, name: str, value: object) -> float:
    return number(name, value, f"in [0.0, {high}]", lambda v: 0.0 <= v <= high)
