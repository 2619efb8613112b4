"""The reference network: 512 neurons, 13,000 synapses; about 5 % of the neurons fire per tick."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from spiking_agent.brain.compiled.engine import Engine
from spiking_agent.brain.connectome import Connectome
from spiking_agent.brain.population import Population
from spiking_agent.codec.codec import make_codec
from spiking_agent.codec.params import CodecParams
from spiking_agent.dna.ports import Ports
from spiking_agent.dna.wired import Wired, WiredParams
from spiking_agent.environments.source import EnvSource
from spiking_agent.episodes.task import Task
from spiking_agent.organism.organism import Organism

N_NEURONS = 512
N_SYNAPSES = 13_000
N_INPUTS = 20
N_OUTPUTS = 4
SHARE_DRIVEN = 0.1  # share of the inputs that are driven per tick
LONGEST_DELAY = 4


def reference_connectome(seed: int, *, longest_delay: int = LONGEST_DELAY) -> Connectome:
    """Return a random network.

    Parameters
    ----------
    seed : int
        Each seed gives a different network.
    longest_delay : int
        Initiation delays are drawn from 1 to this.

    Returns
    -------
    Connectome
        Any neuron may have a synapse on any other, including inputs. Half of the synapses inhibit.
        The decays 0, 0.5 and 0.75 are exact in binary, and strengths are whole, so simulators with
        potentials in 32-bit floats compute the same bits.
    """
    rng = np.random.default_rng(seed)
    connectivity = np.zeros((N_NEURONS, N_NEURONS), np.int8)
    sites = np.flatnonzero(~np.eye(N_NEURONS, dtype=np.bool_).ravel())
    chosen = rng.choice(sites, N_SYNAPSES, replace=False)
    signs = np.where(rng.random(N_SYNAPSES) < 0.5, -1, 1)
    connectivity.ravel()[chosen] = rng.integers(1, 4, N_SYNAPSES) * signs
    return Connectome(
        connectivity=connectivity,
        threshold=rng.integers(2, 8, N_NEURONS),
        decay=rng.choice([0.0, 0.5, 0.75], N_NEURONS),
        refractory_period=rng.integers(0, 4, N_NEURONS),
        initiation_delay=rng.integers(1, longest_delay + 1, N_NEURONS),
        input_neurons=np.arange(N_INPUTS),
        output_neurons=np.arange(N_NEURONS - N_OUTPUTS, N_NEURONS),
    )


def random_organism(
    env: str = "Snake-v0", *, n_hidden: int = 395, density: float = 0.05
) -> Organism:
    """Return a random organism with hidden neurons, memory and delays; 512 neurons on Snake."""
    source = EnvSource(env, {"observation": "senses"} if env == "Snake-v0" else {})
    with source.make() as made:
        codec = make_codec(made, np.random.default_rng(0), CodecParams(n_ticks=8, carry_state=True))
        spaces = {"observation_space": made.observation_space, "action_space": made.action_space}
    dna = Wired(
        WiredParams(
            n_hidden=n_hidden,
            density=density,
            initiation_delays=(1, 4),
            refractory_periods=(0, 2),
        ),
        Ports(n_inputs=codec.encoder.n_inputs, n_outputs=codec.decoder.n_outputs),
    )
    connectome = dna.grow(dna.genes.draw(1, np.random.default_rng(1))).connectome(0)
    return Organism(
        brain=replace(connectome, threshold=np.full(connectome.n_neurons, 25.0, np.float32)),
        codec=codec,
        task=Task(env=env, env_kwargs=source.kwargs),
        **spaces,
    )


def random_drive(seed: int, *shape: int) -> NDArray[np.uint8]:
    """Return a random drive, shape (*shape, n_inputs)."""
    rng = np.random.default_rng(seed)
    return (rng.random((*shape, N_INPUTS)) < SHARE_DRIVEN).astype(np.uint8)


def engine_raster(connectome: Connectome, drive: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the raster of a fresh brain, rows of (tick, neuron id), for a drive."""
    with Engine(Population.from_connectomes([connectome]), record=True) as engine:
        engine.decide(drive[None], len(drive))
        return engine.raster(0)


def share_firing(connectome: Connectome, drive: NDArray[np.uint8]) -> float:
    """Return the mean share of the neurons that fire in a tick."""
    return len(engine_raster(connectome, drive)) / (len(drive) * connectome.n_neurons)


def n_delivered(connectome: Connectome, drive: NDArray[np.uint8], raster: NDArray[np.int64]) -> int:
    """Return the number of impulses that arrive within the ticks of a drive, from tick 1 on.

    A neuron that fires or is driven, or both, sends one impulse along each of its synapses.
    Impulses that would arrive after the last tick do not count.
    """
    n_ticks = len(drive)
    sends = np.zeros((n_ticks + 1, connectome.n_neurons), np.bool_)
    sends[:n_ticks, connectome.input_neurons] = drive != 0
    sends[raster[:, 0], raster[:, 1]] = True
    arrives_in_time = np.arange(n_ticks + 1)[:, None] + connectome.initiation_delay <= n_ticks
    out_degree = np.count_nonzero(connectome.connectivity, axis=1)
    return int(((sends & arrives_in_time) * out_degree).sum())
