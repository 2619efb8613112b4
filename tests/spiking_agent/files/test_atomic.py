"""Files are whole or not there, and reading one runs nothing."""

import errno
import io
import os
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.testing as npt
import pytest

from spiking_agent.files import atomic as files
from spiking_agent.files.atomic import pack_arrays, unpack_arrays, write_atomically

ARRAYS = {
    "strength": np.arange(-6, 6, dtype=np.int8).reshape(3, 4),
    "decay": np.array([0.5, np.nan, np.inf], np.float32),
    "nothing": np.zeros((0, 3), np.int32),
    "file": np.array(7),  # also the name of an argument of NumPy's own writer
}


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_a_file_holds_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    write_atomically(path, b"old")
    write_atomically(str(path), b"new and longer")
    assert path.read_bytes() == b"new and longer"
    assert names(tmp_path) == ["file.bin"]


def test_a_file_has_the_permissions_of_any_other(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    write_atomically(tmp_path / "file.bin", b"")
    assert (tmp_path / "file.bin").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_content_is_on_the_disk_before_the_old_file_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")
    at_sync = []

    def fsync(handle: int) -> None:
        sizes = sorted(entry.stat().st_size for entry in tmp_path.iterdir())
        at_sync.append((path.read_bytes(), sizes, os.fstat(handle).st_size))

    monkeypatch.setattr(os, "fsync", fsync)
    write_atomically(path, b"longer")
    assert at_sync == [(b"old", [3, 6], 6)]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
@pytest.mark.parametrize("is_old", [True, False])
def test_failing_to_write_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, is_old: bool
) -> None:
    path = tmp_path / "file.bin"
    if is_old:
        path.write_bytes(b"old")

    def fsync(handle: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(type(error)):
        write_atomically(path, b"new")
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == (
        [("file.bin", b"old")] if is_old else []
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk to write to")
def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write = Path.open
    monkeypatch.setattr(Path, "open", lambda self, mode: write(Path("/dev/full"), "wb"))
    with pytest.raises(OSError, match="No space left"):
        write_atomically(tmp_path / "file.bin", b"new")
    assert list(tmp_path.iterdir()) == []


def test_a_directory_in_the_way_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "name").mkdir()
    with pytest.raises(OSError, match="name"):
        write_atomically(tmp_path / "name", b"new")
    assert names(tmp_path) == ["name"]


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "no" / "file.bin", b"new")


def test_arrays_come_out_as_they_went_in() -> None:
    again = unpack_arrays(pack_arrays(ARRAYS))
    assert list(again) == list(ARRAYS)
    for name, array in ARRAYS.items():
        npt.assert_array_equal(again[name], array, strict=True)


def test_packed_arrays_are_what_numpy_calls_npz() -> None:
    with np.load(io.BytesIO(pack_arrays(ARRAYS)), allow_pickle=False) as arrays:
        assert sorted(arrays.files) == sorted(ARRAYS)
        npt.assert_array_equal(arrays["strength"], ARRAYS["strength"], strict=True)


def test_equal_arrays_give_equal_bytes_whatever_their_layout() -> None:
    columns_first = {name: np.asfortranarray(array) for name, array in ARRAYS.items()}
    columns_first["file"] = ARRAYS["file"]
    columns_first["decay"] = np.repeat(ARRAYS["decay"], 2)[::2]
    assert pack_arrays(columns_first) == pack_arrays(ARRAYS)
    assert pack_arrays({**ARRAYS, "file": np.array(8)}) != pack_arrays(ARRAYS)


def test_python_objects_are_not_packed() -> None:
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        pack_arrays({"a": np.array([{}])})


def archive(*entries: tuple[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        for name, content in entries:
            file.writestr(name, content)
    return buffer.getvalue()


def npy(header: str, body: bytes = b"") -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + body


def npy_of(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def pickled() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array([{}]), allow_pickle=True)
    return buffer.getvalue()


def described(shape: str, descr: str = "'<f8'") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n"
    return archive(("a.npy", npy(text)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is not a whole npz archive"),
        (b"just text", "it is not a whole npz archive"),
        (pack_arrays(ARRAYS)[:-30], "it is not a whole npz archive"),
        (archive(("a.npy", pickled())), "a.npy must hold plain numbers, got object"),
        (archive(("a.npy", b"text")), "EOF: reading magic string"),
        (archive(("readme.txt", b"longer text")), "the magic string is not correct"),
        (described("(2,)"), "a.npy must have 16 bytes of numbers, got 0"),
        (described("(10**12,)"), "malformed"),
        (described("(100000000000000,)"), "must have 800000000000000 bytes of numbers, got 0"),
        (described("(-1, 0)"), "negative dimensions"),
        (described("(0, 10000000000000000000000)"), "Maximum allowed dimension|whole npz archive"),
        (described("()", "'<U4'"), "a.npy must hold plain numbers, got <U4"),
        (
            archive(("a.npy", b"\x93NUMPY\x02\x00")),
            r"must be an array of version 1.0, got \(2, 0\)",
        ),
        (described("(2,)", "',f8'"), "it is not a whole npz archive|dtype"),
        (described("(2,)", "5"), "descr is not a valid dtype descriptor: 5"),
        (archive(("a.npy", npy("{'a"))), "it is not a whole npz archive"),
        (archive(("a.npy", npy("(" * 5000))), "it is not a whole npz archive"),
        (
            archive(("a.npy", b"text"), method=zipfile.ZIP_LZMA),
            "a.npy has a compression that npz does not use",
        ),
    ],
)
def test_what_is_no_npz_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        unpack_arrays(content)


def test_archives_that_would_fill_the_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    content = pack_arrays({"a": np.zeros(50_000), "b": np.zeros(50_000)})
    assert len(content) < 2_000
    size = sum(entry.file_size for entry in zipfile.ZipFile(io.BytesIO(content)).infolist())
    assert len(unpack_arrays(content, size)) == 2
    message = f"it would unpack to {size} bytes, more than {size - 1}"
    with pytest.raises(ValueError, match=message):
        unpack_arrays(content, size - 1)


def test_archives_of_many_entries_or_of_one_name_twice_are_refused() -> None:
    one = ("a.npy", npy_of(np.zeros(2)))
    with pytest.raises(ValueError, match="it has more than 100 entries"):
        unpack_arrays(archive(*[(f"{n}.npy", b"") for n in range(101)]))
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = archive(one, one)
    for content in (twice, archive(one, ("a", one[1]))):
        with pytest.raises(ValueError, match="it has two arrays of the same name"):
            unpack_arrays(content)


def test_arrays_keep_their_layout() -> None:
    array = np.asfortranarray(np.arange(6, dtype=">f4").reshape(2, 3))
    unpacked = unpack_arrays(archive(("a.npy", npy_of(array))))["a"]
    npt.assert_array_equal(unpacked, array)
    assert unpacked.dtype == array.dtype
    assert unpacked.flags.f_contiguous


def test_a_file_is_read_to_a_limit_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    assert files.read_at_most(tmp_path / "file", 5) == b"12345"
    with pytest.raises(ValueError, match="it has more than 4 bytes"):
        files.read_at_most(tmp_path / "file", 4)


def test_an_archive_that_lies_about_its_size_is_not_unpacked() -> None:
    content = pack_arrays({"a": np.zeros(50_000)})
    true, lie = struct.pack("<I", 400_128), struct.pack("<I", 200)
    # before the array, and in the list at the end; some versions of Python write the first twice
    assert content.count(true) in (2, 3)
    with pytest.raises(ValueError, match=r"bytes of numbers|not a whole npz"):
        unpack_arrays(content.replace(true, lie))


def test_an_array_before_the_archive_is_not_taken_for_it() -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    again = unpack_arrays(buffer.getvalue() + pack_arrays(ARRAYS))
    npt.assert_array_equal(again["strength"], ARRAYS["strength"])


@pytest.mark.filterwarnings("ignore:Reading `.npy` or `.npz` file required additional header")
@pytest.mark.parametrize("is_compressed", [True, False])
def test_damaged_archives_raise_nothing_but_value_errors(is_compressed: bool) -> None:
    buffer = io.BytesIO()
    save: Any = np.savez_compressed if is_compressed else np.savez
    save(buffer, a=np.arange(3), b=np.ones((2, 2), np.float32))
    whole = np.frombuffer(buffer.getvalue(), np.uint8)
    rng = np.random.default_rng(0)
    n_refused = 0
    for _ in range(1_500):
        content = whole[: rng.integers(1, len(whole) + 1) if rng.random() < 0.1 else None].copy()
        places = rng.integers(0, len(content), rng.integers(1, 5))
        content[places] = rng.integers(0, 256, len(places))
        try:
            arrays = unpack_arrays(content.tobytes())
        except ValueError:
            n_refused += 1
        else:
            assert all(isinstance(array, np.ndarray) for array in arrays.values())
    assert n_refused > 500
