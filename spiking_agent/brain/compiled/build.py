"""What the compiled engine runs, built from a population: brains, lanes, and memory to work in."""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from spiking_agent.brain.compiled.kernels import FEW_TARGETS, Brains
from spiking_agent.brain.compiled.lanes import BITS, BYTES, GROUP, WIDTH, Lanes, Scratch
from spiking_agent.brain.compiled.list_kernels import ListBrains
from spiking_agent.brain.neuron import NeuronParams
from spiking_agent.brain.population import Population
from spiking_agent.brain.synapses import SynapseLists
from spiking_agent.typing import Int8Array, Int32Array


def brains_of(population: Population) -> Brains | ListBrains:
    """Return a population as the kernels for its form read it.

    Parameters
    ----------
    population : Population
        The connectomes.
    """
    if population.strength is not None:
        return _dense(population, population.strength)
    return _listed(population, cast("SynapseLists", population.synapses))


def _dense(population: Population, given: Int8Array) -> Brains:
    """Return brains that are made from matrices."""
    targets, inputs = population.target_neurons, population.input_neurons
    n_brains, n_neurons, n_targets = given.shape
    column, padded = _column(population), _padding(n_targets)
    is_direct = bool(
        (population.initiation_delay[:, inputs] == 1).all() and (column[inputs] < 0).all()
    )
    strength = np.zeros((n_brains, n_neurons + 1, _width(n_targets)), np.int8)
    strength[:, :n_neurons, :n_targets] = given
    n_multiplied = n_targets if is_direct and n_targets <= FEW_TARGETS else 0
    input_strength = given[:, inputs, :n_multiplied].transpose(0, 2, 1)

    has_axon = padded(np.any(given[:, targets], axis=(0, 2)).astype(np.uint8))
    return Brains(
        strength=strength,
        params=_params(population),
        initiation_delay=np.ascontiguousarray(population.initiation_delay),
        is_direct=is_direct,
        input_strength=np.ascontiguousarray(input_strength),
        input_neurons=np.array(inputs),
        input_targets=column[inputs],
        output_targets=column[population.output_neurons],
        target_neurons=padded(targets),
        has_axon=has_axon.view(np.uint64),
        any_axon=bool(has_axon.any()),
        target_kept=padded(population.kept[:, targets]),
        axon_kept=np.ascontiguousarray(population.kept),
    )


def _listed(population: Population, lists: SynapseLists) -> ListBrains:
    """Return brains that are made from lists."""
    targets, n_brains = population.target_neurons, len(population)
    column, padded = _column(population), _padding(len(targets))
    branches = [lists.branches_of(brain) for brain in range(n_brains)]
    n_branches = max(len(of_brain.source) for of_brain in branches)
    first_branch = np.zeros((n_brains, population.n_neurons + 1), np.int32)
    arrival = np.ones((n_brains, n_branches), np.int32)
    axon_kept = np.zeros((n_brains, n_branches), np.uint8)
    first_synapse = np.zeros((n_brains, n_branches + 1), np.int64)
    for brain, (source, delay, first) in enumerate(branches):
        first_branch[brain] = np.searchsorted(source, np.arange(population.n_neurons + 1))
        arrival[brain, : len(source)] = population.initiation_delay[brain, source] + delay
        axon_kept[brain, : len(source)] = population.kept[brain, source]
        first_synapse[brain, : len(first)] = lists.first[brain] + first
    sends = np.zeros(population.n_neurons, np.uint8)
    sends[lists.source] = 1
    return ListBrains(
        params=_params(population),
        first_branch=first_branch,
        arrival=arrival,
        first_synapse=first_synapse,
        columns=column[lists.target],
        strength=np.ascontiguousarray(lists.strength),
        input_neurons=np.array(population.input_neurons),
        input_targets=column[population.input_neurons],
        output_targets=column[population.output_neurons],
        target_neurons=padded(targets),
        has_axon=padded(sends[targets]).view(np.uint64),
        target_kept=padded(population.kept[:, targets]),
        axon_kept=axon_kept,
    )


def _column(population: Population) -> Int32Array:
    """Return the column of each neuron among the targets, -1 for what nothing reaches."""
    column = np.full(population.n_neurons, -1, np.int32)
    column[population.target_neurons] = np.arange(len(population.target_neurons))
    return column


def _width(n_targets: int) -> int:
    return -(-n_targets // WIDTH) * WIDTH


def _padding(n_targets: int) -> Callable[[npt.NDArray[Any]], npt.NDArray[Any]]:
    """Return a function that fills up the last axis of an array of targets with zeros."""

    def padded(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        wide = np.zeros((*array.shape[:-1], _width(n_targets)), array.dtype)
        wide[..., :n_targets] = array
        return wide

    return padded


def _params(population: Population) -> NeuronParams:
    """Return what the rule of a neuron reads, of the targets."""
    targets = population.target_neurons
    padded = _padding(len(targets))
    return NeuronParams._make(
        padded(getattr(population, name)[:, targets]) for name in NeuronParams._fields
    )


def lanes_of(brains: Brains | ListBrains, n_lanes: int) -> Lanes:
    """Return running copies of brains, at rest.

    Parameters
    ----------
    brains : Brains or ListBrains
        The brains.
    n_lanes : int
        Number of copies, of all brains together.
    """
    arrival = brains.initiation_delay if isinstance(brains, Brains) else brains.arrival
    n_slots, width = int(arrival.max(initial=1)) + 1, len(brains.target_neurons)
    words = np.zeros((n_lanes, width // BYTES), np.uint64)
    return Lanes(
        potential=np.zeros((n_lanes, width), np.float32),
        ready_at=np.zeros((n_lanes, width), np.int32),
        fired=words.view(np.uint8),
        fired_words=words,
        due=np.zeros((n_lanes, n_slots, arrival.shape[1] + GROUP), np.int32),
        n_due=np.zeros((n_lanes, n_slots), np.int32),
        tick=np.zeros(n_lanes, np.int32),
        epoch=np.zeros(n_lanes, np.int64),
    )


def scratch_of(brains: Brains | ListBrains) -> Scratch:
    """Return memory for the kernels to work in.

    Parameters
    ----------
    brains : Brains or ListBrains
        The brains.
    """
    width = len(brains.target_neurons)
    spike_words = np.zeros(-(-width // BITS), np.uint64)
    return Scratch(
        total=np.zeros(width, np.int32),
        driven=np.zeros(width, np.int32),
        part=np.zeros(width, np.int16),
        rows=np.zeros(max(len(brains.input_neurons), width) + GROUP, np.int32),
        spikes=spike_words.view(np.uint8),
        spike_words=spike_words,
    )
