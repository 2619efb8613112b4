"""What of a brain outlives a decision: nothing, everything, or what each neuron keeps."""

from typing import Final, Literal

from spiking_agent.checks.arguments import flag
from spiking_agent.checks.words import shown

CarryState = bool | Literal["impulses"]

IMPULSES: Final = "impulses"

# What a neuron keeps from one decision to the next with `carry_state="impulses"`.
KEEPS_NOTHING: Final = 0
KEEPS_IMPULSES: Final = 1  # those that it sent and that have not arrived
KEEPS_ALL: Final = 2  # and its potential and refractory period

# The three ways of beginning a decision, as numbers for compiled kernels.
FORGET: Final = 0
BY_NEURON: Final = 1
CARRY: Final = 2


def carry_state_of(name: str, value: object) -> CarryState:
    """Return what outlives a decision as a bool or as "impulses".

    Parameters
    ----------
    name : str
        What messages call the value.
    value : object
        Any object.

    Returns
    -------
    bool or "impulses"
        False: nothing. True: everything. "impulses": what each neuron keeps, see `kept` of
        `Connectome`.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    if isinstance(value, str) and value == IMPULSES:
        return "impulses"
    try:
        return flag(name, value)
    except ValueError as error:
        raise ValueError(
            f"{name} must be True, False or {IMPULSES!r}, got {shown(value)}"
        ) from error


def as_number(carry_state: CarryState) -> int:
    """Return the number that stands for a way of beginning a decision.

    Parameters
    ----------
    carry_state : bool or "impulses"
        As `carry_state_of` returns it.
    """
    if carry_state == IMPULSES:
        return BY_NEURON
    return CARRY if carry_state else FORGET
