"""The files of an export, and the pieces in which they are read."""

import glob
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fhir_adapter.entries import FHIR_SUFFIXES, LINE_SUFFIXES
from fhir_adapter.errors import UnreadableInput

_GZIP = b"\x1f\x8b"
_READ_BYTES = 1 << 22
TASK_BYTES = 32 << 20
"""A file of lines is cut into pieces of about this size; a gzip file is one piece."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One input file."""

    number: int
    """Its place among the inputs, from 0."""
    path: str
    name: str
    """The path below the input given, as issues and the manifest name it."""
    size: int
    sha256: str
    lines: bool
    """NDJSON; otherwise one JSON document."""
    packed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Whole lines of a file (or the whole of it), read by one worker."""

    file: SourceFile
    start: int
    end: int
    first_line: int


def find(inputs: Sequence[str]) -> list[tuple[Path, str]]:
    """Each file of the inputs with its name, in a fixed order.

    An input is a file, a folder (searched below) or a pattern with ``*``.

    Raises:
        UnreadableInput: an input does not exist or holds no FHIR file.
    """
    found: dict[Path, str] = {}
    for given in inputs:
        before = len(found)
        for path, name in _found(given):
            found.setdefault(path.resolve(), name)
        if len(found) == before and not any(True for _ in _found(given)):
            raise UnreadableInput(
                f"{given} gives no file: expected NDJSON (.ndjson, .ndjson.gz), FHIR JSON, a "
                "folder of these, or a pattern that matches some."
            )
    return list(found.items())


def _found(given: str) -> Iterator[tuple[Path, str]]:
    path = Path(given)
    if path.is_file():
        yield path, path.name
    elif path.is_dir():
        for file in sorted(path.rglob("*")):
            hidden = file.name.startswith(".")
            if file.name.lower().endswith(FHIR_SUFFIXES) and not hidden and file.is_file():
                yield file, str(file.relative_to(path))
    else:
        for match in sorted(glob.glob(given, recursive=True)):  # noqa: PTH207 - takes absolute patterns
            if Path(match).is_file():
                yield Path(match), Path(match).name


def survey(number: int, path: Path, name: str) -> tuple[SourceFile, list[Piece]]:
    """A file's digest and its pieces, in one read.

    Raises:
        UnreadableInput: the file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            packed = stream.read(len(_GZIP)) == _GZIP
        lines = path.name.lower().endswith(LINE_SUFFIXES)
        digest, size, cuts = _cuts(path, cut=lines and not packed)
    except OSError as fault:
        raise UnreadableInput(f"{name} cannot be read ({fault.strerror}).") from None
    file = SourceFile(
        number=number,
        path=str(path),
        name=name,
        size=size,
        sha256=digest,
        lines=lines,
        packed=packed,
    )
    ends = [start for start, _ in cuts[1:]] + [size]
    pieces = [
        Piece(file=file, start=start, end=end, first_line=line)
        for (start, line), end in zip(cuts, ends, strict=True)
    ]
    return file, pieces


def _cuts(path: Path, *, cut: bool) -> tuple[str, int, list[tuple[int, int]]]:
    """Digest, size, and where pieces begin: byte and line number."""
    digest = hashlib.sha256()
    cuts, position, line = [(0, 1)], 0, 1
    with path.open("rb") as stream:
        while block := stream.read(_READ_BYTES):
            digest.update(block)
            if cut and position + len(block) - cuts[-1][0] > TASK_BYTES:
                newline = block.find(b"\n")
                if newline >= 0:
                    cuts.append((position + newline + 1, line + 1))
            line += block.count(b"\n") if cut else 0
            position += len(block)
    if len(cuts) > 1 and cuts[-1][0] >= position:
        cuts.pop()
    return digest.hexdigest(), position, cuts


def names(files: Iterable[SourceFile]) -> dict[int, str]:
    """The name of each file by its number."""
    return {file.number: file.name for file in files}
