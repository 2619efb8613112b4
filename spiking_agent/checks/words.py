"""What messages are made of: values in few words, one or many, and the name that was meant."""

import difflib
import reprlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np

LONGEST: Final = 200  # characters of a value in a message
LONGEST_FOREIGN: Final = 300  # and of what others say


class _Short(reprlib.Repr):
    """`repr`, cut where there is much; of arrays what they are, not what they hold."""

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
        if number.bit_length() > 1000:  # Python refuses to write the longest
            return f"<int of {number.bit_length()} bits>"
        return super().repr_int(number, level)


_SHORT: Final = _Short()


def shown(value: object) -> str:
    """Return a value as a message shows it: on one line, in some 200 characters at most.

    Parameters
    ----------
    value : object
        Anything. An array is shown by its type, shape and range.
    """
    return one_line(" ".join(_SHORT.repr(value).split()), LONGEST)


def one_line(text: object, most: int = LONGEST_FOREIGN) -> str:
    r"""Return the words of a file, an environment or a package as one line of a message.

    Parameters
    ----------
    text : object
        What `str` is taken of. Characters that a terminal would obey, or that would break the
        line, come out as escapes such as ``\x1b``.
    most : int
        Characters that are kept.
    """
    whole = str(text)
    line = "".join(c if c.isprintable() else repr(c)[1:-1] for c in whole[: most + 1])
    return line if len(line) <= most else f"{line[: most - 4]} ..."


def counted(number: float, noun: str, form: str = ",") -> str:
    """Return a number with its noun, which gets an s unless there is one of it: "1 worker"."""
    figure = format(number, form)
    return f"{figure} {noun}{'s' * (figure != '1')}"


def meant(name: str, known: Iterable[str], aliases: Mapping[str, str] | None = None) -> str:
    """Return what to add to a message about a name that there is not.

    Parameters
    ----------
    name : str
        The name that was given.
    known : iterable of str
        The names that there are.
    aliases : mapping of str to str, optional
        Other words for some of them.

    Returns
    -------
    str
        ``": did you mean 'n_hidden'?"``, or nothing if no name is like it.
    """
    words = {**{word: word for word in known}, **(aliases or {})}
    near = [name] if name in words else difflib.get_close_matches(name, words, n=1)
    return f": did you mean {words[near[0]]!r}?" if near else ""
