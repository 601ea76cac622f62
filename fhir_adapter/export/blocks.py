"""Lines of a file in blocks, each line with its number."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fhir_adapter.export.files import Piece

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK_BYTES = 8 << 20
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Some lines, and why those that are no text were left out."""

    first: int
    """Number of the first line."""
    texts: list[bytes]
    bodies: "pa.StringArray"
    """The same lines for a column, without a copy of each."""
    problems: tuple[tuple[int, str], ...] = ()
    """Line number and what is wrong."""


def blocks(piece: Piece) -> Iterator[Block]:
    """The lines of a piece of a file."""
    number = piece.first_line
    for data, problem in _whole_lines(piece):
        if data:
            yield _block(data, number)
            number += data.count(b"\n") + (not data.endswith(b"\n"))
        if problem:
            yield replace(_block(b"", number), problems=((number, problem),))


def _whole_lines(piece: Piece) -> Iterator[tuple[bytes, str]]:
    rest = b""
    for data, problem in _bytes(piece):
        if problem:
            yield rest, ""
            yield b"", problem
            return
        cut = data.rfind(b"\n") + 1
        if cut:
            yield rest + data[:cut], ""
            rest = data[cut:]
        else:
            rest += data
    yield rest, ""


def _bytes(piece: Piece) -> Iterator[tuple[bytes, str]]:
    if piece.file.packed:
        yield from _unpacked(piece.file.path)
        return
    with open(piece.file.path, "rb") as stream:  # noqa: PTH123 - the path is text in a task
        stream.seek(piece.start)
        left = piece.end - piece.start
        while left > 0 and (data := stream.read(min(left, _BLOCK_BYTES))):
            left -= len(data)
            yield data, ""


def _unpacked(path: str) -> Iterator[tuple[bytes, str]]:
    held = bytearray()
    with gzip.open(path, "rb") as stream:
        try:
            while data := stream.read1(_BLOCK_BYTES):
                held += data
                if len(held) >= _BLOCK_BYTES:
                    yield bytes(held), ""
                    held.clear()
        except (OSError, EOFError, zlib.error):
            yield bytes(held), ""
            yield b"", "the gzip file breaks off here: what follows in it is lost; pack it again"
            return
    yield bytes(held), ""


def _block(data: bytes, first: int) -> Block:
    if first == 1 and data.startswith(_BOM):
        data = data[len(_BOM) :]
    try:
        data.decode("utf-8")
        problems: tuple[tuple[int, str], ...] = ()
    except UnicodeDecodeError:
        data, problems = _only_text(data, first)
    texts = data.split(b"\n")
    if not texts[-1]:
        texts.pop()
    return Block(first=first, texts=texts, bodies=_bodies(data), problems=problems)


def _only_text(data: bytes, first: int) -> tuple[bytes, tuple[tuple[int, str], ...]]:
    """The lines with those that are not UTF-8 left blank."""
    lines = data.split(b"\n")
    problems = []
    for index, line in enumerate(lines):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            lines[index] = b""
            problems.append((first + index, "the line is not UTF-8"))
    return b"\n".join(lines), tuple(problems)


def _bodies(data: bytes) -> "pa.StringArray":
    import numpy as np  # noqa: PLC0415 - heavy
    import pyarrow as pa  # noqa: PLC0415 - an extra

    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n")) + 1
    if data and not data.endswith(b"\n"):
        ends = np.append(ends, len(data))
    offsets = np.concatenate(([0], ends)).astype(np.int32)
    return pa.StringArray.from_buffers(
        len(ends), pa.py_buffer(offsets.tobytes()), pa.py_buffer(data)
    )
