"""A connectome without one of its parts, to measure what that part is worth."""

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Final

import numpy as np

from spiking_agent.brain.connectome import Connectome

PARTS: Final = ("hidden", "leak", "recurrence")


def without(connectome: Connectome, part: str, input_names: Sequence[str]) -> Connectome:
    """Silence one part of a brain.

    Parameters
    ----------
    connectome : Connectome
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
    Connectome
        The same neurons.

    Raises
    ------
    ValueError
        If a pattern matches no input, or the number of names is not that of the inputs.
    """
    if len(input_names) != connectome.n_inputs:
        raise ValueError(
            f"input_names must be {connectome.n_inputs}, one for each input, got {len(input_names)}"
        )
    if part == "leak":
        return replace(connectome, decay=np.ones_like(connectome.decay))
    connectivity = connectome.connectivity.copy()
    _, hidden, outputs = connectome.groups
    if part == "hidden":
        connectivity[hidden] = 0
    elif part == "recurrence":
        connectivity[np.ix_(hidden, hidden)] = 0
        connectivity[:, connectome.input_neurons] = 0
        connectivity[np.setdiff1d(outputs, connectome.input_neurons)] = 0
    else:
        for pattern in part.split(","):
            chosen = [fnmatchcase(name, pattern.strip()) for name in input_names]
            if not any(chosen):
                raise ValueError(
                    f"without must be {', '.join(PARTS)} or patterns of input names, of which "
                    f"{pattern.strip()!r} matches none: {', '.join(input_names)}"
                )
            connectivity[connectome.input_neurons[chosen]] = 0
    return replace(connectome, connectivity=connectivity)
