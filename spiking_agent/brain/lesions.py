"""A connectome without one of its parts, to measure what that part is worth."""

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from spiking_agent.brain.connectome import Connectome
from spiking_agent.typing import BoolArray

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
    _, hidden, outputs = connectome.groups
    n, inputs = connectome.n_neurons, connectome.input_neurons
    everyone = np.ones(n, np.bool_)
    if part == "hidden":
        cuts = [(_among(n, hidden), everyone)]
    elif part == "recurrence":
        cuts = [
            (_among(n, hidden), _among(n, hidden)),
            (everyone, _among(n, inputs)),
            (_among(n, np.setdiff1d(outputs, inputs)), everyone),
        ]
    else:
        cuts = [(_among(n, inputs[_matching(part, input_names)]), everyone)]
    if connectome.connectivity is None:
        synapses = connectome.synapses
        is_cut = np.any([f[synapses.source] & t[synapses.target] for f, t in cuts], axis=0)
        return replace(connectome, synapses=synapses.where(~is_cut))
    connectivity = connectome.connectivity.copy()
    for sources, targets in cuts:
        connectivity[np.ix_(sources, targets)] = 0
    return replace(connectome, connectivity=connectivity)


def _among(n_neurons: int, neuron_ids: npt.NDArray[np.integer[Any]]) -> BoolArray:
    """Return True for each of the neurons named."""
    named = np.zeros(n_neurons, np.bool_)
    named[neuron_ids] = True
    return named


def _matching(patterns: str, input_names: Sequence[str]) -> BoolArray:
    """Return True for each input whose name matches a pattern."""
    matching = np.zeros(len(input_names), np.bool_)
    for pattern in patterns.split(","):
        chosen = [fnmatchcase(name, pattern.strip()) for name in input_names]
        if not any(chosen):
            raise ValueError(
                f"without must be {', '.join(PARTS)} or patterns of input names, of which "
                f"{pattern.strip()!r} matches none: {', '.join(input_names)}"
            )
        matching |= chosen
    return matching
