"""Lines of a file in blocks, each line with its number."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from fhir_adapter.export.files import Piece

_BLOCK_BYTES = 8 << 20
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Some lines that follow one another."""

    first: int
    """Number of the first line."""
    texts: list[bytes]
    problem: str = ""
    """Why the file cannot be read further, told once at the end."""


def blocks(piece: Piece) -> Iterator[Block]:
    """The lines of a piece of a file."""
    number = piece.first_line
    for data, problem in _whole_lines(piece):
        if data:
            block = _block(data, number)
            number += len(block.texts)
            yield block
        if problem:
            yield Block(first=number, texts=[], problem=problem)


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
    texts = data.split(b"\n")
    if not texts[-1]:
        texts.pop()
    return Block(first=first, texts=texts)
