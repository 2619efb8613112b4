"""Kinds that other installed packages add to ours, found by name through entry points.

A package registers a kind in its own ``pyproject.toml``::

    [project.entry-points."spiking_agent.encoders"]
    retina = "my_package:Retina"

Only what is installed is ever imported: a champion's file can say "retina", but not where to find
it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, TypeVar

from spiking_agent.checks.arguments import text
from spiking_agent.checks.mappings import mapping
from spiking_agent.errors import SpikingAgentError

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

    def others(self) -> tuple[str, ...]:
        """Return the names that packages register and that are not ours, sorted."""
        return tuple(sorted(set(entry_points(group=self.group).names) - set(self.own)))

    def names(self) -> tuple[str, ...]:
        """Return all names, ours first; nothing is imported."""
        return (*self.own, *self.others())

    def kind_of(self, description: object) -> str:
        """Return the kind that the JSON values of a part name.

        Parameters
        ----------
        description : object
            What a `to_json` returned, or anything else that a file may hold.

        Raises
        ------
        ValueError
            If it is no mapping, or its kind is no name.
        KeyError
            If it has no kind.
        """
        return text(f"kind of the {self.what}", mapping(self.what, description)["kind"])

    def check(self, name: str, among: Collection[str] | None = None) -> None:
        """Refuse a name that stands for nothing, importing nothing.

        Parameters
        ----------
        name : str
            The name.
        among : collection of str, optional
            Those of ours that may be chosen here; default: all.

        Raises
        ------
        ValueError
            If there is nothing of that name, or more than one package registers it.
        """
        ours = self.own if among is None else among
        if name not in ours:
            self._point(name, ours)

    def find(self, name: str) -> T:
        """Return what a name stands for.

        Parameters
        ----------
        name : str
            A name of ours, or one that a package registers.

        Raises
        ------
        ValueError
            As `check`, or if it cannot be imported.
        """
        return self.own[name] if name in self.own else self._load(self._point(name, self.own))

    def make(self, name: str, how: str, *arguments: Any, **named: Any) -> Any:
        """Return what a function of another package's kind makes.

        Parameters
        ----------
        name : str
            A name that is not ours.
        how : str
            The name of the function, such as "from_json".
        *arguments, **named
            What that function takes.

        Raises
        ------
        ValueError
            As `find`, if the function raises anything but a SpikingAgentError, or if what it
            makes is of another kind.
        """
        point = self._point(name, self.own)
        kind: Any = self._load(point)
        try:
            made = getattr(kind, how)(*arguments, **named)
        except SpikingAgentError:
            raise
        except Exception as error:
            raise ValueError(
                f"{point.value!r}, registered as {name!r} in the entry-point group "
                f"{self.group!r}, must have a {how} that succeeds, got "
                f"{type(error).__name__}: {error}"
            ) from error
        if getattr(made, "kind", None) != name:
            raise ValueError(
                f"{self.what} made by {point.value!r} must be of kind {name!r}, got {made!r}"
            )
        return made

    def _point(self, name: str, ours: Collection[str]) -> EntryPoint:
        """Return the one entry point of a name that is not ours."""
        points = () if name in self.own else tuple(entry_points(group=self.group, name=name))
        if not points:
            names = ", ".join([*ours, *self.others()])
            raise ValueError(
                f"{self.what} must be one of {names}, got {name!r}: to be chosen by name or read "
                f"from a file, any other has to be registered in the entry-point group "
                f"{self.group!r} of an installed package"
            )
        if len(points) > 1:
            found = ", ".join(sorted(point.value for point in points))
            raise ValueError(
                f"{self.what} must be registered by one installed package in the entry-point "
                f"group {self.group!r}, got {name!r} with {found}"
            )
        return points[0]

    def _load(self, point: EntryPoint) -> T:
        try:
            found: T = point.load()
        except Exception as error:  # whatever a module of another package raises as it is imported
            raise ValueError(
                f"{point.value!r}, registered as {point.name!r} in the entry-point group "
                f"{self.group!r}, must be something that can be imported, got "
                f"{type(error).__name__}: {error}"
            ) from error
        return found
