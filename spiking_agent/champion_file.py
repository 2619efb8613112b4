"""The file of a champion: an npz of plain arrays, one of which holds a JSON header.

Nothing in it is ever executed, so a stranger's file is safe to open.
"""

import json

import numpy as np

from spiking_agent.dna import Dna
from spiking_agent.errors import ChampionFileError, UnsupportedSpaceError
from spiking_agent.files import pack_arrays, unpack_arrays
from spiking_agent.spaces import Json

FORMAT = "spiking-snake champion"
VERSION = 1
HEADER = "header"  # name of the array that holds the JSON header as UTF-8 bytes
MAX_REASON = 300  # characters of a forger's words that an error repeats
MAX_HEADER = 2**23  # bytes; JSON takes many times its length as Python objects

# what building parts from the values of a forged header can raise, Gymnasium's asserts included
MALFORMED = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    OverflowError,
    RecursionError,
    AssertionError,
    MemoryError,
    UnsupportedSpaceError,
)


def pack(header: Json, dna: Dna) -> bytes:
    """Write header and DNA as the content of a file; equal ones give equal bytes."""
    whole = {"format": FORMAT, "version": VERSION, **header}
    text = json.dumps(whole, sort_keys=True, allow_nan=False)
    return pack_arrays({HEADER: np.frombuffer(text.encode(), np.uint8), **dna.to_arrays()})


def unpack(content: bytes) -> tuple[Json, Dna]:
    """Read header and DNA from the content of a file.

    Raises
    ------
    ChampionFileError
        If it is damaged, no champion, or of a version that this package does not know.
    """
    try:
        arrays = unpack_arrays(content)
        if HEADER not in arrays:
            raise ValueError(f"it has no {HEADER}")
        if arrays[HEADER].nbytes > MAX_HEADER:
            raise ValueError(f"its header has {arrays[HEADER].nbytes} bytes, over {MAX_HEADER}")
        header = json.loads(arrays[HEADER].tobytes().decode())
        if header["format"] != FORMAT:
            raise ValueError(f"its format is {header['format']!r}")
        if header["version"] != VERSION:
            raise ValueError(
                f"its version is {header['version']!r} and this package reads {VERSION}"
            )
        for name, types in (("env_id", str | None), ("env_kwargs", dict), ("provenance", dict)):
            if not isinstance(header[name], types):
                raise ValueError(f"its {name} is {header[name]!r}")
        _check_recipe(header["provenance"])
        return header, Dna.from_arrays(arrays)
    except MALFORMED as error:
        raise malformed(error) from error


def _check_recipe(provenance: Json) -> None:
    """Refuse a recipe whose parts, where they are read, have the wrong types."""
    recipe = provenance.get("recipe", {})
    if not isinstance(recipe, dict):
        raise ValueError(f"its recipe is {recipe!r}")
    for name, types in (("score_key", str | None), ("max_moves", int | None)):
        if not isinstance(recipe.get(name), types):
            raise ValueError(f"its {name} is {recipe[name]!r}")


def malformed(error: Exception) -> ChampionFileError:
    """Say in one line why a file is no champion."""
    if isinstance(error, KeyError):
        reason = f"its header lacks {error}"
    else:
        reason = str(error)[:MAX_REASON] or type(error).__name__
    return ChampionFileError(f"a champion file must be whole and well-formed, but {reason}")
