"""The table of options: settings with an option of their own, and how their values are parsed.

Every other setting is given by ``--set NAME=VALUE``.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from spiking_agent.checks.arguments import number, whole
from spiking_agent.codec.decoders.most_spikes import WHOLE_DECODERS
from spiking_agent.codec.decoders.real_numbers import BOX_DECODERS
from spiking_agent.codec.encoders.real_numbers import BOX_ENCODERS
from spiking_agent.dna.grown.plans import PLAN_NAMES
from spiking_agent.dna.registry import DNA_KINDS
from spiking_agent.strategies.registry import STRATEGIES

PYTHON_WORDS: Final = {"True": True, "False": False, "None": None}  # not in JSON


@dataclass(frozen=True, slots=True)
class Option:
    """A command-line option that sets one setting.

    Parameters
    ----------
    flag : str
        Its name on the command line, such as "--seed".
    metavar : str
        The placeholder for its value in the help.
    read : callable
        Takes the text of the argument, and returns the value or raises ValueError.
    help : str
        Its description in the help.
    """

    flag: str
    metavar: str
    read: Callable[[str], Any]
    help: str


def positive(words: str) -> int:
    """Return a text as a whole number of at least 1.

    Parameters
    ----------
    words : str
        The text.

    Raises
    ------
    ValueError
        If it is not one.
    """
    return whole("it", _number(words), 1)


def natural(words: str) -> int:
    """Return a text as a whole number of at least 0.

    Parameters
    ----------
    words : str
        The text.

    Raises
    ------
    ValueError
        If it is not one.
    """
    return whole("it", _number(words))


def above_zero(words: str) -> float:
    """Return a text as a finite number above 0.

    Parameters
    ----------
    words : str
        The text.

    Raises
    ------
    ValueError
        If it is not one.
    """
    return number("it", _number(words), "a finite number > 0", lambda value: value > 0.0)


def finite_or_none(words: str) -> float | None:
    """Return a text as a finite number, or None for "none".

    Parameters
    ----------
    words : str
        The text.

    Raises
    ------
    ValueError
        If it is neither.
    """
    return None if words == "none" else number("it", _number(words), "a finite number or none")


def json_or_text(words: str) -> Any:
    """Return a text as JSON if it is valid, as Python's True, False or None, or unchanged.

    Parameters
    ----------
    words : str
        The text.

    Raises
    ------
    ValueError
        If it is nested too deeply.
    """
    try:
        return _json(words)
    except json.JSONDecodeError:
        return PYTHON_WORDS.get(words, words)


def value_of(words: str) -> Any:
    """Return the value of any setting: JSON, several values separated by commas, or a name.

    Parameters
    ----------
    words : str
        The text.

    Raises
    ------
    ValueError
        If it is nested too deeply.
    """
    for text in (words, f"[{words}]") if "," in words else ():
        try:
            return _json(text)
        except json.JSONDecodeError:
            continue
    return None if words == "none" else json_or_text(words)


def name_or_file(words: str) -> Any:
    """Return a name unchanged, or what a file of JSON holds.

    Parameters
    ----------
    words : str
        The name, or the path of a file whose name ends with ``.json``.

    Raises
    ------
    ValueError
        If the file cannot be read, or does not hold JSON.
    """
    if not words.endswith(".json"):
        return words
    try:
        return _json(Path(words).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"must be a name, or a file of JSON, but {error}") from error


def _json(words: str) -> Any:
    try:
        return json.loads(words)
    except RecursionError as error:
        raise ValueError("must not be nested so deeply") from error


def _number(words: str) -> Any:
    try:
        return int(words)
    except ValueError:
        try:
            return float(words)
        except ValueError:
            return words


OPTIONS: Final[dict[str, Option]] = {
    "target": Option(
        "--target",
        "X",
        finite_or_none,
        "stop once the champion's mean over the validation episodes exceeds X by two standard "
        "errors; none runs to the limits (default: the environment's registered threshold)",
    ),
    "population_size": Option(
        "--population",
        "N",
        positive,
        "brains in a generation (default: 400; 800 with --dna grown outside Snake; 16 or more, "
        "depending on the environment, with cma-es and on-off)",
    ),
    "n_episodes": Option(
        "--episodes",
        "N",
        positive,
        "episodes of each brain in a generation (default: 6; 4 with --dna grown for Snake, 1 "
        "elsewhere; 1 or 2 with cma-es and on-off; 2 with --memory; where a table of states is "
        "known, all first states up to 512, or 32 where chance decides; refinements change it)",
    ),
    "strategy": Option(
        "--strategy",
        "NAME",
        str,
        "how the next generation is made: "
        f"{', '.join(STRATEGIES.own)}, or one that another package registers (default: genetic for "
        "Snake and where observations hold no real numbers, cma-es elsewhere)",
    ),
    "dna": Option(
        "--dna",
        "NAME",
        str,
        f"kind of DNA: {', '.join(DNA_KINDS.own)}, or one that another package registers "
        "(default: grown for Snake, else wired)",
    ),
    "plan": Option(
        "--plan",
        "PLAN",
        name_or_file,
        f"what brains grow by with --dna grown: {', '.join(PLAN_NAMES)}, or a file of JSON that "
        "holds a plan of your own (default: snake for Snake, else player)",
    ),
    "n_hidden": Option("--hidden", "N", natural, "hidden neurons (default: mostly none)"),
    "n_ticks": Option("--ticks", "N", positive, "ticks per decision"),
    "encoder": Option(
        "--encoder",
        "NAME",
        str,
        f"how real numbers become impulses: {', '.join(BOX_ENCODERS)}, or grid for a sheet of "
        "inputs per channel, or the name of an encoder that an installed package registers "
        "(default: grid with --dna grown, as for Snake; else on-off with cma-es, or thermometer; "
        "any other makes the genetic algorithm the default)",
    ),
    "decoder": Option(
        "--decoder",
        "NAME",
        str,
        f"how spikes become actions: {', '.join(WHOLE_DECODERS)} for whole numbers, "
        f"{', '.join(BOX_DECODERS)} for real ones, or the name of a decoder that an installed "
        "package registers (default: one that fits the action space)",
    ),
    "score_key": Option(
        "--score-key",
        "KEY",
        str,
        "key of the last info that holds the fitness (default: the score in Snake, elsewhere the "
        "sum of rewards)",
    ),
    "seed": Option("--seed", "N", natural, "seed of all random numbers (default: 0)"),
}
