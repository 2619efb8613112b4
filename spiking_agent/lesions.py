"""DNA without one of its parts, to find out by experiment what the part is worth."""

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Final

import numpy as np

from spiking_agent.dna import Dna

PARTS: Final = ("hidden", "leak", "recurrence")


def without(dna: Dna, part: str, input_names: Sequence[str]) -> Dna:
    """Silence one part of a brain.

    Parameters
    ----------
    dna : Dna
        The whole brain; left as it is.
    part : str
        ``"hidden"``: all synapses of the neurons that are neither inputs nor outputs.
        ``"leak"``: potentials stay as they are between impulses. ``"recurrence"``: the synapses
        among hidden neurons, on inputs, and from outputs, so that impulses only go forward.
        Anything else: patterns of names of inputs, separated by commas, as `fnmatch` understands
        them, such as ``"food_*,*_food_in_sight"``; these inputs have no synapses.
    input_names : sequence of str, length n_inputs
        A name for each input neuron.

    Returns
    -------
    Dna
        The same neurons.

    Raises
    ------
    ValueError
        If a pattern matches no input, or the number of names is not that of the inputs.
    """
    if len(input_names) != dna.n_inputs:
        raise ValueError(
            f"input_names must be {dna.n_inputs}, one an input, got {len(input_names)}"
        )
    if part == "leak":
        return replace(dna, decay=np.ones_like(dna.decay))
    connectivity = dna.connectivity.copy()
    is_input, is_output = (
        np.isin(np.arange(dna.n_neurons), ids) for ids in (dna.input_neurons, dna.output_neurons)
    )
    is_hidden = ~(is_input | is_output)
    if part == "hidden":
        connectivity[is_hidden] = 0
    elif part == "recurrence":
        connectivity[np.ix_(is_hidden, is_hidden)] = 0
        connectivity[:, is_input] = 0
        connectivity[is_output & ~is_input] = 0
    else:
        for pattern in part.split(","):
            chosen = [fnmatchcase(name, pattern.strip()) for name in input_names]
            if not any(chosen):
                raise ValueError(
                    f"without must be {', '.join(PARTS)} or patterns of input names, of which "
                    f"{pattern.strip()!r} matches none: {', '.join(input_names)}"
                )
            connectivity[dna.input_neurons[chosen]] = 0
    return replace(dna, connectivity=connectivity)
