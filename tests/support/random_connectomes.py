"""Random connectomes and random drives, lively enough to tell a right engine from a wrong one."""

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from spiking_agent.brain.connectome import Connectome


def random_connectome(
    rng: np.random.Generator, n_neurons: int | None = None, max_delay: int = 4
) -> Connectome:
    """Draw connectomes of 2 to 64 neurons, or as many as asked for.

    Some inputs have no synapse, some outputs hear nothing, some neurons are both.
    """
    n = int(rng.integers(2, 65)) if n_neurons is None else n_neurons
    scale = int(rng.choice([1, 3, 20, 127]))
    n_inputs = int(rng.integers(1, max(2, n // 2 + 1)))
    refractory_period = rng.integers(0, 4, n) * (rng.random(n) < rng.choice([0.0, 0.5, 1.0]))
    soft_reset = (refractory_period == 0) & (rng.random(n) < rng.choice([0.0, 0.5, 1.0]))
    return Connectome(
        connectivity=_connectivity(rng, n, scale),
        threshold=rng.choice([0.0, 0.4, 0.9, 1.0, 1.7], n) * scale,
        decay=rng.choice([0.0, 0.3, 0.5, 0.75, 0.9, 0.999, 1.0], n),
        refractory_period=refractory_period,
        initiation_delay=rng.integers(1, max_delay + 1, n),
        soft_reset=soft_reset,
        input_neurons=rng.permutation(n)[:n_inputs],
        output_neurons=rng.permutation(n)[: int(rng.integers(1, n + 1))],
        kept=rng.integers(0, 3, n),
    )


def _connectivity(rng: np.random.Generator, n: int, scale: int) -> npt.NDArray[np.int8]:
    density = min(1.0, rng.uniform(2.0, 12.0) / n)
    share_inhibitory = rng.choice([0.0, 0.2, 0.4])
    strength = rng.integers(1, scale + 1, (n, n))
    strength[rng.random((n, n)) < share_inhibitory] *= -1
    strength[rng.random((n, n)) >= density] = 0
    np.fill_diagonal(strength, 0)
    return strength.astype(np.int8)


def random_drive(
    rng: np.random.Generator, connectome: Connectome, n_ticks: int
) -> npt.NDArray[np.uint8]:
    """Draw a drive for a decision, in one of its two forms."""
    n_rows = int(rng.choice([1, n_ticks]))
    driven = rng.random((n_rows, connectome.n_inputs)) < rng.uniform(0.1, 1.0)
    return driven * rng.integers(1, 256, driven.shape, dtype=np.uint8)


@st.composite
def connectomes(draw: st.DrawFn, max_neurons: int = 64, max_delay: int = 4) -> Connectome:
    """Connectomes for hypothesis; counterexamples shrink to few neurons."""
    n_neurons = draw(st.integers(2, max_neurons))
    seed = draw(st.integers(0, 2**32 - 1))
    return random_connectome(np.random.default_rng(seed), n_neurons, max_delay)


def random_listed(
    rng: np.random.Generator, n_neurons: int | None = None, max_delay: int = 30
) -> Connectome:
    """Draw connectomes of lists: axons with branches, and strengths beyond eight bits."""
    dense = random_connectome(rng, n_neurons)
    factor = int(rng.choice([1, 1, 200]))
    lists = dense.synapses.to_arrays()
    more = rng.integers(0, 3, dense.n_synapses)  # synapses of further branches
    delay = rng.integers(1, max_delay, (3, dense.n_neurons))  # of the branches of each neuron
    parts = []
    for branch in range(3):
        some = np.flatnonzero(more >= branch)
        part = {name: array[some] for name, array in lists.items()}
        if branch:
            part["delay"] = delay[branch][part["source"]] + (branch - 1) * max_delay
        parts.append(part)
    joined = {name: np.concatenate([part[name] for part in parts]) for name in lists}
    order = rng.permutation(len(joined["source"]))
    arrays = {name: array[order] for name, array in joined.items()}
    neurons = {name: a for name, a in dense.to_arrays().items() if name != "connectivity"}
    arrays["strength"] = arrays["strength"] * factor
    return Connectome.from_arrays(neurons | arrays | {"threshold": neurons["threshold"] * factor})


def with_branches(connectome: Connectome) -> Connectome:
    """Return a brain with the same synapses as lists, and a second branch of every second axon."""
    lists = connectome.synapses.to_arrays()
    more = connectome.synapses.where(connectome.synapses.source % 2 == 0).to_arrays()
    more["delay"] = more["delay"] + 3
    joined = {name: np.concatenate([lists[name], more[name]]) for name in lists}
    return Connectome.from_arrays(
        {name: a for name, a in connectome.to_arrays().items() if name != "connectivity"} | joined
    )


@st.composite
def listed_connectomes(draw: st.DrawFn, max_neurons: int = 32) -> Connectome:
    """Connectomes of lists for hypothesis."""
    n_neurons = draw(st.integers(2, max_neurons))
    seed = draw(st.integers(0, 2**32 - 1))
    return random_listed(np.random.default_rng(seed), n_neurons)
