"""Bounds on the memory and time of brains, for evolution and for champion files.

Memory grows with the square of the number of neurons, and the time of a decision with that and
with its ticks. Both are checked before anything is allocated.
"""

from typing import Final

MAX_INPUTS: Final = 2**14
MAX_OUTPUTS: Final = 2**13
MAX_NEURONS: Final = 17_000  # the matrix of a brain has a byte for each pair of them: 276 MiB
MAX_LISTED_NEURONS: Final = 2**20  # of a brain whose synapses are lists
MAX_SYNAPSES: Final = 2**24  # of such a brain: 14 bytes for each, 224 MiB
MAX_SUM: Final = (
    2**24
)  # strengths on one neuron sum up to less: then sums are exact in 32-bit floats
MAX_STRENGTHS: Final = 2**28  # synapses that may grow, in all genomes of a population
MAX_DELAYED: Final = 2**24  # places for impulses in flight: branches of axons times ticks to come
MAX_DRIVE: Final = 2**22  # impulses of a decision: inputs times ticks
MAX_MOVES: Final = 2**62  # of an episode, counted in 64 bits
MAX_LANES: Final = 2**20  # episodes in progress at once, which are all of a generation
MAX_SUMS: Final = 2**33  # strengths that a decision may add up, which takes seconds


def check_neurons(n_inputs: int, n_hidden: int, n_outputs: int) -> None:
    """Refuse a brain that is too large.

    Parameters
    ----------
    n_inputs, n_hidden, n_outputs : int
        Neurons of each kind.

    Raises
    ------
    ValueError
        If it has more than `MAX_NEURONS` neurons.
    """
    if n_inputs + n_hidden + n_outputs > MAX_NEURONS:
        raise ValueError(
            f"neurons of a brain must be at most {MAX_NEURONS:,}, got {n_inputs:,} inputs, "
            f"{n_hidden:,} hidden and {n_outputs:,} outputs: lower n_hidden or n_levels, or wrap "
            "the environment so that it has smaller observations or fewer actions"
        )


def check_population(size: int, n_neurons: int, n_targets: int) -> None:
    """Refuse a population that needs too much memory.

    Parameters
    ----------
    size : int
        Genomes in it.
    n_neurons, n_targets : int
        Neurons of each brain, and how many of them may receive synapses.

    Raises
    ------
    ValueError
        If more than `MAX_STRENGTHS` synapses may grow in all of them together.
    """
    n_sites = n_neurons * n_targets
    if size * n_sites > MAX_STRENGTHS:
        raise ValueError(
            f"population_size must be at most {MAX_STRENGTHS // n_sites:,} for brains with "
            f"{n_sites:,} possible synapses ({n_neurons:,} neurons, of which {n_targets:,} receive "
            f"any), got {size:,}: lower population_size, n_hidden or n_levels, or wrap the "
            "environment so that it has smaller observations or fewer actions"
        )


def check_tissue(size: int, n_strengths: int, n_synapses: int, n_ticks: int) -> None:
    """Refuse a population of brains of sheets that needs too much memory or time.

    Parameters
    ----------
    size : int
        Genomes in it.
    n_strengths, n_synapses : int
        Numbers that describe the strengths of one brain, and the synapses that it has at most.
    n_ticks : int
        Length of a decision.

    Raises
    ------
    ValueError
        If all brains together have more than `MAX_STRENGTHS` such numbers, or a decision could
        add up more than `MAX_SUMS` strengths.
    """
    if size * n_strengths > MAX_STRENGTHS:
        raise ValueError(
            f"population_size must be at most {MAX_STRENGTHS // n_strengths:,} for brains that "
            f"{n_strengths:,} strengths describe, got {size:,}: lower population_size, or take a "
            "smaller grid or a plan with fewer rules"
        )
    if n_synapses * n_ticks > MAX_SUMS:
        raise ValueError(
            f"synapses of a brain must be at most {MAX_SUMS // n_ticks:,} for decisions of "
            f"{n_ticks:,} ticks, got {n_synapses:,}: take a smaller grid or a plan with fewer rules"
        )


def check_episodes(population_size: int, n_episodes: int, name: str = "n_episodes") -> None:
    """Refuse a generation of more episodes than can be in progress at once.

    Parameters
    ----------
    population_size : int
        Genomes of a population.
    n_episodes : int
        Episodes that each plays at once.
    name : str
        What messages call them.

    Raises
    ------
    ValueError
        If there are more than `MAX_LANES`.
    """
    if population_size * n_episodes > MAX_LANES:
        raise ValueError(
            f"population_size times {name} must be at most {MAX_LANES:,}, got "
            f"{population_size:,} times {n_episodes:,}: lower one of them"
        )


def check_decision(
    n_ticks: int, n_inputs: int, n_neurons: int, n_targets: int, n_synapses: int | None = None
) -> None:
    """Refuse decisions that would take too long.

    Parameters
    ----------
    n_ticks : int
        Length of a decision.
    n_inputs, n_neurons, n_targets : int
        Input neurons, all neurons, and neurons that may receive synapses.
    n_synapses : int, optional
        Synapses of a brain that is made from lists; only these are added up.

    Raises
    ------
    ValueError
        If a decision could have more than `MAX_DRIVE` input impulses, or could add up more than
        `MAX_SUMS` strengths.
    """
    n_sums = n_neurons * n_targets if n_synapses is None else n_synapses
    most = min(MAX_DRIVE // n_inputs, MAX_SUMS // max(1, n_sums))
    if n_ticks > most:
        raise ValueError(
            f"n_ticks must be at most {most:,} for brains of {n_neurons:,} neurons, of which "
            f"{n_inputs:,} are inputs and {n_targets:,} receive synapses, got {n_ticks:,}: lower "
            "n_ticks, n_hidden or n_levels"
        )
