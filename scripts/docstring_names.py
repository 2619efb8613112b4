"""Prepare docstrings for the reference, so that every parameter has its own entry and default.

griffe gives all names of an entry such as ``a, b : float`` the type and default of the first, and
takes the first of ``{"x", "y"}`` as the default. `mkdocs.yml` names this file; it is not a program.
"""

import re
from typing import Any

import griffe

ENTRY = re.compile(r"([*\w]+(?:, [*\w]+)*)( : .*)?")


def one_entry_a_name(text: str) -> str:
    """Split the entries of the section "Parameters", and write choices as "x" or "y".

    Parameters
    ----------
    text : str
        A docstring without indentation.
    """
    before, heading, after = text.partition("Parameters\n----------\n")
    section, gap, rest = after.partition("\n\n")
    entries: list[tuple[str, str]] = []  # the line of an entry, and its description
    for line in section.splitlines():
        if line.startswith(" ") and entries:
            entries[-1] = (entries[-1][0], f"{entries[-1][1]}\n{line}")
        else:
            entries.append((line, ""))
    lines = []
    for line, description in entries:
        match = ENTRY.fullmatch(line)
        names, kind = (match[1], match[2] or "") if match else (line, "")
        kind = re.sub(r"\{([^}]*)\}", lambda choices: choices[1].replace(", ", " or "), kind)
        kind = kind.replace("path-like", "str or PathLike")  # griffe reads "-" as a difference
        lines += [f"{name}{kind}{description}" for name in names.split(", ")]
    return before + heading + "\n".join(lines) + gap + rest


class DocstringNames(griffe.Extension):
    """An extension of griffe that applies `one_entry_a_name` to every docstring."""

    def on_object(self, *, obj: griffe.Object, **others: Any) -> None:
        """Rewrite the docstring of an object, if it has one."""
        del others
        if obj.docstring is not None:
            obj.docstring.value = one_entry_a_name(obj.docstring.value)
