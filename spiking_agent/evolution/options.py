"""The one table of options: settings with an option of their own, and how words become values.

Every other setting is given by ``--set NAME=VALUE``.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from spiking_agent.checks.arguments import number, whole
from spiking_agent.codec.encoders.real_numbers import BOX_ENCODERS
from spiking_agent.dna.protocol import KINDS as DNA
from spiking_agent.strategies.protocol import KINDS as STRATEGIES

PYTHON_WORDS: Final = {"True": True, "False": False, "None": None}  # that JSON has not


@dataclass(frozen=True, slots=True)
class Option:
    """An option of the command line that stands for a setting.

    Parameters
    ----------
    flag : str
        How it is written.
    metavar : str
        What its value is, for the help.
    read : callable
        Takes the words that were given, and returns the value or raises ValueError.
    help : str
        What it does.
    """

    flag: str
    metavar: str
    read: Callable[[str], Any]
    help: str


def positive(words: str) -> int:
    """Read a whole number of at least 1.

    Raises
    ------
    ValueError
        If it is none.
    """
    return whole("it", _number(words), 1)


def natural(words: str) -> int:
    """Read a whole number of at least 0.

    Raises
    ------
    ValueError
        If it is none.
    """
    return whole("it", _number(words))


def finite_or_none(words: str) -> float | None:
    """Read a finite number, or "none".

    Raises
    ------
    ValueError
        If it is neither.
    """
    return None if words == "none" else number("it", _number(words), "a finite number or none")


def json_or_text(words: str) -> Any:
    """Read JSON if it is any, else Python's True, False or None, else text.

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
    """Read the value of any setting: JSON, several values separated by commas, or a name.

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
        "stop once the champion's validation episodes average X, two standard errors left over; "
        "none goes on to the limits (default: what the environment is registered with)",
    ),
    "population_size": Option(
        "--population",
        "N",
        positive,
        "brains of a generation (default: 400; 16 with cma-es and on-off, or more by the "
        "environment)",
    ),
    "n_episodes": Option(
        "--episodes",
        "N",
        positive,
        "episodes of a brain in a generation (default: 6, and for Snake more once most are solved; "
        "1 or 2 with cma-es and on-off)",
    ),
    "strategy": Option(
        "--strategy",
        "NAME",
        str,
        "how generations follow one another: "
        f"{', '.join(STRATEGIES.own)}, or one that another package registers (default: genetic for "
        "Snake and where no real numbers are seen, cma-es elsewhere)",
    ),
    "dna": Option(
        "--dna",
        "NAME",
        str,
        f"what genomes mean: {', '.join(DNA.own)}, or a kind that another package registers "
        "(default: wired)",
    ),
    "n_hidden": Option("--hidden", "N", natural, "hidden neurons (default: mostly none)"),
    "n_ticks": Option("--ticks", "N", positive, "ticks of a decision"),
    "encoder": Option(
        "--encoder",
        "NAME",
        str,
        f"how real numbers are driven: {', '.join(BOX_ENCODERS)}, or the name of an encoder that "
        "an installed package registers (default: on-off with cma-es, else thermometer; another "
        "one begins with the genetic algorithm)",
    ),
    "decoder": Option(
        "--decoder",
        "NAME",
        str,
        "a decoder that an installed package registers (default: what fits the actions)",
    ),
    "score_key": Option(
        "--score-key",
        "KEY",
        str,
        "key of the last info that is the fitness (default: the sum of rewards)",
    ),
    "seed": Option("--seed", "N", natural, "source of every draw (default: 0)"),
}
