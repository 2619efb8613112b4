"""The inputs and outputs of a brain, as far as its DNA needs them."""

import math
from dataclasses import dataclass
from functools import partial
from itertools import chain

from spiking_agent.checks.arguments import several, whole
from spiking_agent.checks.words import shown


@dataclass(frozen=True, kw_only=True)
class Ports:
    """The inputs and outputs that every brain of a run has.

    Parameters
    ----------
    n_inputs, n_outputs : int
        Neurons that the encoder drives and that the decoder reads, each >= 1.
    opposites : tuple of (int, int)
        Pairs of inputs that represent the two directions of one number.
    opposite_outputs : tuple of (int, int)
        Pairs of outputs that raise and lower one number of an action.
    constant : tuple of int
        Inputs that are driven at every tick.
    grid : tuple of (int, int, int) or None
        Channels, rows and columns of a grid whose cells the first inputs are, channel by channel
        and row by row; one constant input follows them. None if there is no grid.
    output_names : tuple of str
        A name for each output, which may be empty; none at all if outputs have no names.

    Raises
    ------
    ValueError
        If a number is too small, or `opposites`, `opposite_outputs` or `constant` name a neuron
        twice, or something that is not an input or an output, or a grid does not fit the other
        inputs, or only some outputs have names.
    """

    n_inputs: int
    n_outputs: int
    opposites: tuple[tuple[int, int], ...] = ()
    opposite_outputs: tuple[tuple[int, int], ...] = ()
    constant: tuple[int, ...] = ()
    grid: tuple[int, int, int] | None = None
    output_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("n_inputs", "n_outputs"):
            object.__setattr__(self, name, whole(name, getattr(self, name), 1))
        for name, what in (("opposites", "inputs"), ("opposite_outputs", "outputs")):
            pairs = several(name, getattr(self, name), partial(pair, what=what))
            object.__setattr__(self, name, pairs)
        object.__setattr__(self, "constant", several("constant", self.constant, whole))
        for name, ids, what, size in (
            ("opposites", list(chain(*self.opposites)), "inputs", self.n_inputs),
            ("opposite_outputs", list(chain(*self.opposite_outputs)), "outputs", self.n_outputs),
            ("constant", list(self.constant), "inputs", self.n_inputs),
        ):
            if len(set(ids)) < len(ids) or not all(one < size for one in ids):
                raise ValueError(
                    f"{name} must name {what}, 0 to {size - 1}, each once, "
                    f"got {getattr(self, name)}"
                )
        if self.grid is not None:
            sizes = several("grid", self.grid, partial(whole, least=1), 3)
            object.__setattr__(self, "grid", sizes)
            n_cells = math.prod(sizes)
            if len(sizes) != 3 or n_cells + 1 != self.n_inputs or self.constant != (n_cells,):
                raise ValueError(
                    "grid must be channels, rows and columns of all inputs but the last, which is "
                    f"constant, got {sizes} for {self.n_inputs} inputs"
                )
        names = several("output_names", self.output_names, _name)
        object.__setattr__(self, "output_names", names)
        if len(names) not in (0, self.n_outputs):
            raise ValueError(
                f"output_names must be {self.n_outputs}, one for each output, or empty, "
                f"got {len(names)}"
            )


def _name(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a str, got {shown(value)}")
    return str(value)


def pair(name: str, value: object, what: str) -> tuple[int, int]:
    """Return two whole numbers as a tuple.

    Parameters
    ----------
    name : str
        Name of the argument, for the message.
    value : object
        A list, a tuple or an array.
    what : str
        What the numbers name, for the message.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    ids = several(name, value, whole)
    if len(ids) != 2:
        raise ValueError(f"{name} must be a pair of {what}, got {shown(value)}")
    return ids[0], ids[1]
