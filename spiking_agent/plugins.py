"""Codecs of other packages, found by the kind under which an installed package registers them.

A package registers a kind in its own ``pyproject.toml``; this one never imports it by name::

    [project.entry-points."spiking_agent.encoders"]
    retina = "my_package:Retina"

Only what somebody installed is ever imported: a champion's file can say "retina", but not where
that comes from.
"""

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from spiking_agent.errors import SpikingAgentError

ENCODERS: Final = "spiking_agent.encoders"
DECODERS: Final = "spiking_agent.decoders"


def registered(group: str) -> tuple[str, ...]:
    """Name the kinds that installed packages register in a group, sorted; nothing is imported."""
    return tuple(sorted(entry_points(group=group).names))


def make_registered(group: str, kind: str, how: str, *arguments: Any, **named: Any) -> Any:
    """Let what is registered make an encoder or a decoder.

    Parameters
    ----------
    group : str
        `ENCODERS` or `DECODERS`.
    kind : str
        Under which it is registered.
    how : {"from_space", "from_json"}
        The function of it that is called.
    *arguments, **named
        What that function takes.

    Raises
    ------
    ValueError
        If nothing or more than one package is registered, it cannot be imported, it raises
        anything but a SpikingAgentError, or what it makes is of another kind.
    """
    points = tuple(entry_points(group=group, name=kind))
    name = group.rpartition(".")[2].removesuffix("s")
    if len(points) != 1:
        found = ", ".join(sorted(point.value for point in points)) or "none"
        raise ValueError(
            f"{name} kind must be built in or registered by one installed package in the "
            f"entry-point group {group!r}, got {kind!r} with {found}"
        )
    made = _call(points[0], how, arguments, named)
    if getattr(made, "kind", None) != kind:
        raise ValueError(
            f"{name} made by {points[0].value!r} must be of kind {kind!r}, got {made!r}"
        )
    return made


def _call(point: EntryPoint, how: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
    try:
        function: Callable[..., Any] = getattr(point.load(), how)
        return function(*arguments, **named)
    except SpikingAgentError:
        raise
    except Exception as error:
        raise ValueError(
            f"{point.value!r}, registered as {point.name!r}, must make what it is asked for by "
            f"{how}, got {type(error).__name__}: {error}"
        ) from error
