"""Send what tasks need to other processes by value, so that these need not import the caller."""

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
    """An object that is packed when it leaves the process, and unpacked at its first use.

    Functions and classes of a script, a notebook or standard input are sent whole, so that the
    other process need not import them. So are the environments that are registered here.

    Parameters
    ----------
    content : object
        What is sent.
    """

    def __init__(self, content: T, packed: bytes = b"") -> None:
        self._content: T | None = content
        self._packed = packed

    @classmethod
    def arrived(cls, packed: bytes) -> "Parcel[T]":
        """Return the parcel of which another process made these bytes with `pack`.

        Parameters
        ----------
        packed : bytes
            What `pack` returned.
        """
        return cls(cast("T", None), packed)

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
            Of any kind, if something in it needs a module that is not installed here, for example.
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
        except Exception:  # noqa: BLE001, S112  # whatever objects outside the package raise
            continue  # in the other process this id is then unknown
        found.append(sent)
    return found


def _imported_packages(specs: list[EnvSpec]) -> list[str]:
    """Return the packages of environments that this process has imported."""
    packages = dict.fromkeys(_module(spec.entry_point).partition(".")[0] for spec in specs)
    return [package for package in packages if package in sys.modules]


def _register(specs: list[EnvSpec], packages: list[str]) -> None:
    """Register environments here, by importing their packages if the sender had done so.

    Otherwise a later import would register them a second time, and Gymnasium would warn.
    """
    for package in packages:
        try:
            importlib.import_module(package)
        except ImportError:
            continue  # its environments are registered below without it
    for spec in specs:
        gym.registry.setdefault(spec.id, spec)


def _module(entry_point: Any) -> str:
    """Return the module that an entry point names; "" if it is not a string."""
    return entry_point.partition(":")[0] if isinstance(entry_point, str) else ""


def _by_value(entry_point: Any) -> Any:
    """Load an entry point that only this process can find; return any other unchanged."""
    return load_env_creator(entry_point) if _module(entry_point) == MAIN else entry_point
