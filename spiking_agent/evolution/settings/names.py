"""The names of settings: which there are, whose they are, and which one may be meant."""

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, Final

from spiking_agent.checks.arguments import text
from spiking_agent.checks.words import meant
from spiking_agent.codec.params import CodecParams
from spiking_agent.dna.registry import DNA_KINDS
from spiking_agent.episodes.task import Task
from spiking_agent.evolution.settings.sections import Training, Validation
from spiking_agent.plugins import Kinds
from spiking_agent.strategies.registry import STRATEGIES

ALIASES: Final = {  # names on the command line and in other packages
    "hidden": "n_hidden",
    "ticks": "n_ticks",
    "levels": "n_levels",
    "population": "population_size",
    "pop_size": "population_size",
    "episodes": "n_episodes",
    "n_generations": "generations",
    "n_workers": "workers",
}
CHOSEN: Final[dict[str, Kinds[Any]]] = {"dna": DNA_KINDS, "strategy": STRATEGIES}
SECTIONS: Final[dict[str, type[Any]]] = {
    "task": Task,
    "training": Training,
    "codec": CodecParams,
    "validation": Validation,
}


def setting_names() -> tuple[str, ...]:
    """Return the names of all settings: of the sections, and of the kinds in this package."""
    parts = list(SECTIONS.values())
    parts += [kind.Params for kinds in CHOSEN.values() for kind in kinds.own.values()]
    names = [name for part in parts for name in names_of(part)]
    return tuple(dict.fromkeys([*CHOSEN, *names, "seed"]))


def check_names(
    settings: Mapping[str, Any], others: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Refuse names that are not settings, and suggest the settings that may be meant.

    Parameters
    ----------
    settings : mapping of str
        Settings by name; if "dna" or "strategy" is given, the settings of that kind are known, too.
    others : mapping of str to str, optional
        Other names that the caller accepts, and how to write each, to suggest.

    Raises
    ------
    TypeError
        If a name is not that of a setting.
    ValueError
        If there is no kind of DNA, or no strategy, of the given name.
    """
    known = [*setting_names()]
    for what, kinds in CHOSEN.items():
        if what in settings:
            known += names_of(kinds.find(text(what, settings[what])).Params)
    words = {**{name: name for name in known}, **others}
    aliases = {alias: words[name] for alias, name in ALIASES.items() if name in words}
    for name in settings:
        if name not in known:
            remedy = meant(name, known, {**aliases, **others})
            raise TypeError(
                f"settings must be those of EvolutionConfig, got {name!r}"
                f"{remedy or ': see help(spiking_agent.EvolutionConfig)'}"
            )


def misplaced(name: str, sections: Mapping[str, Any]) -> str:
    """Return the error message for a setting of a kind that was not chosen.

    Parameters
    ----------
    name : str
        Name of the setting.
    sections : mapping
        The sections of a configuration by name, with what was chosen instead.

    Raises
    ------
    KeyError
        If no kind of this package has such a setting.
    """
    for what, kinds in CHOSEN.items():
        owners = [own for own, kind in kinds.own.items() if name in names_of(kind.Params)]
        if owners:
            return (
                f"{name} must be given with {what} {' or '.join(map(repr, owners))}, "
                f"got {sections[what].name!r}, which does not use it"
            )
    raise KeyError(name)


def names_of(section: type[Any]) -> list[str]:
    """Return the names of the settings of a section, in their order.

    Parameters
    ----------
    section : type of dataclass, or dataclass
        The section, or the settings of a kind.
    """
    return [f.name for f in fields(section) if f.name != "env"]
