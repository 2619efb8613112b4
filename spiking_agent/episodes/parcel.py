"""What tasks need, sent to other processes by value, so that these need no main module of ours."""

import importlib
import sys
from dataclasses import replace
from typing import Any, Final, Generic, TypeVar, cast

import cloudpickle
import gymnasium as gym
from gymnasium.envs.registration import EnvSpec, load_env_creator

MAIN: Final = "__main__"
KNOWN_EVERYWHERE: Final = "gymnasium."

T = TypeVar("T")


class Parcel(Generic[T]):
    """Something that is packed once, where it leaves the process, and unpacked once it is used.

    Functions and classes of a script, of a notebook or of standard input travel whole, so nobody
    has to import these. With them go the environments that are registered here.

    Parameters
    ----------
    content : object
        What is sent.
    """

    def __init__(self, content: T) -> None:
        self._content: T | None = content
        self._packed = b""

    @classmethod
    def arrived(cls, packed: bytes) -> "Parcel[T]":
        """Restore what `pack` made elsewhere."""
        parcel = cls(cast("T", None))
        parcel._packed = packed
        return parcel

    def pack(self) -> bytes:
        """Return everything as bytes.

        Raises
        ------
        Exception
            Of any kind, if something in it cannot be sent, such as a lock or an open file.
        """
        if not self._packed:
            specs = _registrations()
            self._packed = cloudpickle.dumps((specs, _imported_packages(specs), self._content))
        return self._packed

    def content(self) -> T:
        """Return what was sent.

        Raises
        ------
        Exception
            Of any kind, if something in it needs what is not here, such as a module.
        """
        if self._content is None:
            specs, packages, self._content = cloudpickle.loads(self._packed)
            _register(specs, packages)
        return self._content

    def __reduce__(self) -> tuple[Any, ...]:
        return Parcel.arrived, (self.pack(),)


def _registrations() -> list[EnvSpec]:
    """Return the environments that another process may not know."""
    found = []
    for spec in gym.registry.values():
        if _module(spec.entry_point).startswith(KNOWN_EVERYWHERE):
            continue
        try:
            sent = replace(spec, entry_point=_by_value(spec.entry_point))
            sent.vector_entry_point = _by_value(spec.vector_entry_point)
            cloudpickle.dumps(sent)
        except Exception:  # noqa: BLE001, S112  # whatever somebody's object raises
            continue  # who asks for it elsewhere hears that it is unknown
        found.append(sent)
    return found


def _imported_packages(specs: list[EnvSpec]) -> list[str]:
    """Return the packages of environments that this process has imported."""
    packages = dict.fromkeys(_module(spec.entry_point).partition(".")[0] for spec in specs)
    return [package for package in packages if package in sys.modules]


def _register(specs: list[EnvSpec], packages: list[str]) -> None:
    """Make environments known here, by their own packages where these were imported there.

    A package that is imported later registers its environments anew, and Gymnasium would warn.
    """
    for package in packages:
        try:
            importlib.import_module(package)
        except ImportError:
            continue  # its environments have been registered without it
    for spec in specs:
        gym.registry.setdefault(spec.id, spec)


def _module(entry_point: Any) -> str:
    """Return the module that an entry point names; "" if it is no text."""
    return entry_point.partition(":")[0] if isinstance(entry_point, str) else ""


def _by_value(entry_point: Any) -> Any:
    """Return what an entry point names, if only this process could find it."""
    return load_env_creator(entry_point) if _module(entry_point) == MAIN else entry_point
