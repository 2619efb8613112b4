"""Checks of mappings, as JSON objects are."""

from collections.abc import Mapping
from typing import Any

from spiking_agent.checks.words import shown


def mapping(name: str, value: object) -> Mapping[Any, Any]:
    """Return a mapping unchanged.

    Parameters
    ----------
    name : str
        What messages call the value.
    value : object
        Any object.

    Raises
    ------
    ValueError
        If it is no mapping.
    """
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} must be a mapping of names to values, got {shown(value)}")
    return value
