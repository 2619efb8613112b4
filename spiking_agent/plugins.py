"""What other packages bring, found by the name under which an installed package registers it.

A package registers a kind in its own ``pyproject.toml``; this one never imports it by name::

    [project.entry-points."spiking_agent.encoders"]
    retina = "my_package:Retina"

Only what somebody installed is ever imported: a champion's file can say "retina", but not where
that comes from.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, Generic, TypeVar

from spiking_agent.errors import SpikingAgentError

ENCODERS: Final = "spiking_agent.encoders"
DECODERS: Final = "spiking_agent.decoders"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kinds(Generic[T]):
    """What can be chosen by a name: ours, and what installed packages register.

    Ours cannot be replaced, and a name that two packages register means neither.

    Parameters
    ----------
    what : str
        What they are kinds of, for messages.
    group : str
        The group of entry points.
    own : mapping
        Ours, by name.
    """

    what: str
    group: str
    own: Mapping[str, T]

    def names(self) -> tuple[str, ...]:
        """Return all names, ours first; nothing is imported."""
        others = sorted(set(entry_points(group=self.group).names) - set(self.own))
        return (*self.own, *others)

    def check(self, name: str) -> None:
        """Refuse a name that nobody has, importing nothing.

        Raises
        ------
        ValueError
            If there is nothing of that name, or more than one package registers it.
        """
        if name in self.own:
            return
        points = entry_points(group=self.group, name=name)
        if not points:
            names = ", ".join(self.names())
            raise ValueError(f"{self.what} must be one of {names}, got {name!r}")
        if len(points) > 1:
            found = ", ".join(sorted(point.value for point in points))
            raise ValueError(
                f"{self.what} must be registered by one installed package in the entry-point "
                f"group {self.group!r}, got {name!r} with {found}"
            )

    def find(self, name: str) -> T:
        """Return what a name stands for.

        Raises
        ------
        ValueError
            As `check`, or if it cannot be imported.
        """
        self.check(name)
        if name in self.own:
            return self.own[name]
        (point,) = entry_points(group=self.group, name=name)
        try:
            found: T = point.load()
        except (ImportError, AttributeError, SyntaxError) as error:
            raise ValueError(
                f"{self.what} must be one that can be imported, got {name!r}: {error}"
            ) from error
        return found


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
