"""Parts of error messages: shortened values, counted nouns, and suggestions for unknown names."""

import difflib
import reprlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np

LONGEST: Final = 200  # characters of a value in a message
LONGEST_FOREIGN: Final = 300  # characters of a message from outside the package


class _Short(reprlib.Repr):
    """`repr`, shortened; arrays are described by type, shape and range."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = 120

    def repr_ndarray(self, array: Any, level: int) -> str:
        shape = f"shape {array.shape}"
        if array.dtype.kind not in "iuf" or not array.size:
            return f"array of {array.dtype}, {shape}"
        is_nan = np.isnan(array)
        if is_nan.all():
            return f"array of {array.dtype}, {shape}, all NaN"
        held = f"{np.min(array[~is_nan]):.6g} to {np.max(array[~is_nan]):.6g}"
        return f"array of {array.dtype}, {shape}, {held}" + ", NaN among them" * bool(is_nan.any())

    def repr_int(self, number: int, level: int) -> str:
        if number.bit_length() > 1000:  # Python refuses to print very long ones
            return f"<int of {number.bit_length()} bits>"
        return super().repr_int(number, level)


_SHORT: Final = _Short()


def shown(value: object) -> str:
    """Return a value as an error message shows it: on one line, of about 200 characters at most.

    Parameters
    ----------
    value : object
        Any object. An array is shown by its type, shape and range.
    """
    return one_line(" ".join(_SHORT.repr(value).split()), LONGEST)


def one_line(text: object, most: int = LONGEST_FOREIGN) -> str:
    r"""Return text from a file, an environment or a package as one line of a message.

    Parameters
    ----------
    text : object
        The text, or an object to pass to `str`. Control characters and line breaks become escapes
        such as ``\x1b``.
    most : int
        Largest number of characters.
    """
    whole = str(text)
    line = "".join(c if c.isprintable() else repr(c)[1:-1] for c in whole[: most + 1])
    return line if len(line) <= most else f"{line[: most - 4]} ..."


def counted(number: float, noun: str, form: str = ",") -> str:
    """Return a number with its noun, plural unless the number is 1: "1 worker", "2 workers".

    Parameters
    ----------
    number : int or float
        How many.
    noun : str
        Name of one of them; its plural ends with "s".
    form : str
        Format of the number; default: thousands are separated by commas.
    """
    figure = format(number, form)
    return f"{figure} {noun}{'s' * (figure != '1')}"


def meant(name: str, known: Iterable[str], aliases: Mapping[str, str] | None = None) -> str:
    """Return the end of a message about an unknown name: a suggestion, if a known one is similar.

    Parameters
    ----------
    name : str
        The unknown name.
    known : iterable of str
        The known names.
    aliases : mapping of str to str, optional
        Other words, and what each of them stands for.

    Returns
    -------
    str
        ``": did you mean 'n_hidden'?"``, or "" if no name is similar.
    """
    words = {**{word: word for word in known}, **(aliases or {})}
    near = [name] if name in words else difflib.get_close_matches(name, words, n=1)
    return f": did you mean {words[near[0]]!r}?" if near else ""
