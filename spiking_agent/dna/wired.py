"""What a genome may hold: which neurons and synapses exist, and the values of their genes."""

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt

from spiking_agent.brain.parameters import MAX_THRESHOLD, MAX_TICKS
from spiking_agent.checks.arguments import flag, number, several, whole
from spiking_agent.checks.costs import check_decision, check_neurons, check_population


@dataclass(frozen=True, kw_only=True)
class Blueprint:
    """The neurons that every genome of a population has, and where synapses may grow.

    Neurons are numbered inputs first, then hidden ones, then outputs.

    Parameters
    ----------
    n_inputs, n_outputs : int
        Fixed by the codec, >= 1.
    n_hidden : int
        Neurons in between, >= 0.
    inputs_receive : bool
        True lets synapses end on input neurons, as in the post's matrix.
    outputs_send : bool
        True lets synapses start from output neurons, as in the post's matrix.
    is_layered : bool
        True leaves synapses from inputs to hidden neurons and from those to outputs, and from
        `constant` inputs to both; without hidden neurons it changes nothing.
    opposites : tuple of (int, int)
        Pairs of inputs that speak for the two directions of one number: a strategy may let
        their synapses on a neuron have opposite strengths, a single gene.
    constant : tuple of int
        Inputs that are driven at every tick.

    Raises
    ------
    ValueError
        If a number is too small, the brain is too large, or `opposites` or `constant` name what
        is no input, or one twice.
    """

    n_inputs: int
    n_outputs: int
    n_hidden: int = 0
    inputs_receive: bool = False
    outputs_send: bool = False
    is_layered: bool = False
    opposites: tuple[tuple[int, int], ...] = ()
    constant: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for name, least in (("n_inputs", 1), ("n_outputs", 1), ("n_hidden", 0)):
            object.__setattr__(self, name, whole(name, getattr(self, name), least))
        for name in ("inputs_receive", "outputs_send", "is_layered"):
            object.__setattr__(self, name, flag(name, getattr(self, name)))
        object.__setattr__(self, "opposites", several("opposites", self.opposites, _pair))
        object.__setattr__(self, "constant", several("constant", self.constant, whole))
        check_neurons(self.n_inputs, self.n_hidden, self.n_outputs)
        for name, ids in (
            ("opposites", [end for pair in self.opposites for end in pair]),
            ("constant", list(self.constant)),
        ):
            if len(set(ids)) < len(ids) or not set(ids) <= set(range(self.n_inputs)):
                raise ValueError(
                    f"{name} must name inputs, 0 to {self.n_inputs - 1}, none twice, "
                    f"got {getattr(self, name)}"
                )

    @property
    def n_neurons(self) -> int:
        """All neurons."""
        return self.n_inputs + self.n_hidden + self.n_outputs

    @property
    def input_neurons(self) -> npt.NDArray[np.int32]:
        """Ids of the inputs."""
        return np.arange(self.n_inputs, dtype=np.int32)

    @property
    def hidden_neurons(self) -> npt.NDArray[np.int32]:
        """Ids of the neurons in between."""
        return np.arange(self.n_inputs, self.n_inputs + self.n_hidden, dtype=np.int32)

    @property
    def output_neurons(self) -> npt.NDArray[np.int32]:
        """Ids of the outputs."""
        return np.arange(self.n_neurons - self.n_outputs, self.n_neurons, dtype=np.int32)

    @property
    def target_neurons(self) -> npt.NDArray[np.int32]:
        """Ids of the neurons on which synapses may end."""
        first = 0 if self.inputs_receive else self.n_inputs
        return np.arange(first, self.n_neurons, dtype=np.int32)

    @property
    def n_targets(self) -> int:
        """Number of neurons on which synapses may end."""
        return self.n_neurons - (0 if self.inputs_receive else self.n_inputs)

    def check_costs(self, population_size: int, n_ticks: int) -> None:
        """Refuse what would take too much memory or time, before anything is allocated.

        Parameters
        ----------
        population_size : int
            Genomes of a population.
        n_ticks : int
            Length of a decision.

        Raises
        ------
        ValueError
            See `costs.check_population` and `costs.check_decision`.
        """
        check_population(population_size, self.n_neurons, self.n_targets)
        check_decision(n_ticks, self.n_inputs, self.n_neurons, self.n_targets)

    @cached_property
    def mask(self) -> npt.NDArray[np.bool_]:
        """Where a synapse may grow, shape (n_neurons, n_targets)."""
        sources, targets = np.arange(self.n_neurons), self.target_neurons
        mask: npt.NDArray[np.bool_] = sources[:, None] != targets[None, :]
        if not self.outputs_send:
            mask[self.output_neurons] = False
        if self.is_layered and self.n_hidden > 0:
            layer = np.repeat([0, 1, 2], [self.n_inputs, self.n_hidden, self.n_outputs])
            is_next = layer[:, None] + 1 == layer[targets][None, :]
            is_next[list(self.constant)] = layer[targets] > 0
            mask &= is_next
        return mask

    @cached_property
    def sites(self) -> npt.NDArray[np.intp]:
        """Flat positions in `mask` where a synapse may grow."""
        return np.flatnonzero(self.mask)

    @cached_property
    def expression(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int8]]:
        """How few numbers make all strengths, if opposites mirror each other.

        Returns
        -------
        gene_of_site : ndarray of intp, shape (n_sites,)
            Which number, from 0, is behind the strength at each of `sites`.
        sign_of_site : ndarray of int8, shape (n_sites,)
            1 where it stands as it is, -1 where it is turned round.
        """
        n_neurons, n_targets = self.mask.shape
        speaker, sign = np.arange(n_neurons), np.ones(n_neurons, np.int8)
        for one, other in self.opposites:
            speaker[other], sign[other] = one, -1
        source, target = np.divmod(self.sites, n_targets)
        _, gene_of_site = np.unique(speaker[source] * n_targets + target, return_inverse=True)
        return gene_of_site, sign[source]


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneValues:
    """The values that genes are drawn from.

    Parameters
    ----------
    max_strength : int
        Strengths lie in -max_strength..max_strength, 1 to 127.
    first_strength : int
        Random genomes begin with strengths in -first_strength..first_strength; 0 for
        `max_strength`.
    first_drive : int
        What synapses from inputs that are driven at every tick to outputs begin with in "cma-es",
        on average and together: 0 to `max_strength`. Others begin with 0.
    density : float
        Share of the possible synapses that a random genome has, in (0, 1].
    inhibition : bool
        False leaves strengths of 1 and above only.
    thresholds, decays : tuple of float
        Choices for each neuron, as `Connectome` allows them.
    hidden_thresholds : tuple of float
        Choices for hidden neurons instead; empty for those of `thresholds`.
    refractory_periods, initiation_delays : tuple of int
        Choices for each neuron, in ticks.
    soft_resets : tuple of bool
        Choices for each neuron: whether a firing takes the threshold off its potential (True), or
        sets it to 0.

    Raises
    ------
    ValueError
        If a value is out of range or there is no choice.
    """

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
    soft_resets: tuple[bool, ...] = (False,)

    def __post_init__(self) -> None:
        most = whole("max_strength", self.max_strength, 1, 127)
        checked: dict[str, Any] = {
            "max_strength": most,
            "density": number("density", self.density, "in (0, 1]", lambda v: 0.0 < v <= 1.0),
            "inhibition": flag("inhibition", self.inhibition),
            "soft_resets": several("soft_resets", self.soft_resets, flag, 1),
        }
        for name in ("first_strength", "first_drive"):
            checked[name] = whole(name, getattr(self, name), 0, most, bound="max_strength")
        for name, high in (
            ("thresholds", MAX_THRESHOLD),
            ("hidden_thresholds", MAX_THRESHOLD),
            ("decays", 1.0),
        ):
            within = partial(_number_within, high)
            least = 0 if name == "hidden_thresholds" else 1
            checked[name] = several(name, getattr(self, name), within, least)
        for name, low in (("refractory_periods", 0), ("initiation_delays", 1)):
            ticks = partial(whole, least=low, most=MAX_TICKS)
            checked[name] = several(name, getattr(self, name), ticks, 1)
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        if any(self.soft_resets) and any(self.refractory_periods):
            raise ValueError(
                "soft_resets must be (False,) beside refractory_periods > 0, in which nothing is "
                f"left of the potential, got {self.soft_resets} and {self.refractory_periods}"
            )

    def draw_strengths(
        self, size: int, rng: np.random.Generator, *, is_first: bool = False
    ) -> npt.NDArray[np.int8]:
        """Draw strengths of synapses that exist: evenly from all values but 0."""
        largest = self.first_strength if is_first and self.first_strength else self.max_strength
        strengths = rng.integers(1, largest + 1, size)
        if self.inhibition:
            strengths *= rng.integers(0, 2, size) * 2 - 1
        return strengths.astype(np.int8)


def _number_within(high: float, name: str, value: object) -> float:
    return number(name, value, f"in [0.0, {high}]", lambda v: 0.0 <= v <= high)


def _pair(name: str, value: object) -> tuple[int, int]:
    ids = several(name, value, whole, 2)
    if len(ids) != 2:
        raise ValueError(f"{name} must be a pair of inputs, got {ids}")
    return ids[0], ids[1]
