"""An npz with a header is read as it was written, or refused."""

import json

import numpy as np
import numpy.testing as npt
import pytest

from spiking_agent.files.atomic import pack_arrays
from spiking_agent.files.headed import HEADER, pack_headed, unpack_headed

ARRAYS = {"strength": np.arange(6, dtype=np.int8).reshape(2, 3)}
VALUES = {"name": "Schäfchen", "parts": [["strength", 6]], "mean": 0.1}


def with_text(text: bytes) -> bytes:
    return pack_arrays({HEADER: np.frombuffer(text, np.uint8), **ARRAYS})


def test_header_and_arrays_are_read_as_they_were_written() -> None:
    content = pack_headed(VALUES, ARRAYS)
    header, arrays = unpack_headed(content)
    assert header == VALUES
    assert list(arrays) == ["strength"]
    npt.assert_array_equal(arrays["strength"], ARRAYS["strength"])
    assert content == pack_headed(dict(reversed(VALUES.items())), ARRAYS)


def test_a_header_holds_infinity_only_where_it_may() -> None:
    values = {"best": float("-inf")}
    with pytest.raises(ValueError, match="not JSON compliant"):
        pack_headed(values, ARRAYS)
    assert unpack_headed(pack_headed(values, ARRAYS, allow_nan=True))[0] == values


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"text", "it is not a whole npz archive"),
        (pack_arrays(ARRAYS), "it has no header"),
        (with_text(b"[1]"), "its header is not a JSON object"),
        (with_text(b"{"), "Expecting property name"),
        (with_text(b"\xff"), "can't decode byte 0xff"),
        (with_text(b"[" * 10**6), "its header is nested too deeply"),
        (with_text(json.dumps({"x": "y" * 2000}).encode()), "its header has 2009 bytes, over 2000"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_is_no_header_is_refused(content, message) -> None:
    with pytest.raises(ValueError, match=message):
        unpack_headed(content, most_header=2000 if "2009" in message else 2**30)
