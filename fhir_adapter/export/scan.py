"""A piece of an export to rows: whose each resource is, and what of it can matter.

A line that is no JSON, or names no type, costs that line and becomes an issue. Of a resource that
nothing is read of (:mod:`fhir_adapter.export.needed`) the content is left out.
"""

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from fhir_adapter import jsontext
from fhir_adapter.chart import SUBJECT_ELEMENTS, local, subject_of
from fhir_adapter.entries import MAX_BYTES, Entry, Gathered, gather_bytes
from fhir_adapter.errors import UnreadableInput
from fhir_adapter.export.blocks import Block, blocks
from fhir_adapter.export.files import Piece
from fhir_adapter.export.needed import matters
from fhir_adapter.export.rows import DOCUMENT, VISIT, issue_schema, row_schema

if TYPE_CHECKING:
    import pyarrow as pa

_PLAIN = re.compile(r"[A-Za-z]+/[A-Za-z0-9.-]+").fullmatch
"""``Type/id`` already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """Part of what a piece holds."""

    rows: "pa.Table"
    issues: "pa.Table"


@dataclass(slots=True)
class _Columns:
    """The rows of a block while they are found, column by column."""

    patient: list[str | None] = field(default_factory=list)
    line: list[int] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)
    key: list[str | None] = field(default_factory=list)
    digest: list[int] = field(default_factory=list)
    updated: list[str | None] = field(default_factory=list)
    body: list[bytes | None] = field(default_factory=list)
    """The line itself; None where nothing of the content is read."""
    unnamed: dict[int, str] = field(default_factory=dict)
    """Place of a resource without id, by row."""
    medications: dict[int, list[str]] = field(default_factory=dict)
    """What a row points to, by row."""

    def spread(self, sparse: Mapping[int, Any], otherwise: Any) -> list[Any]:
        """A value a row, of a column that few rows have a value in."""
        if not sparse:
            return [otherwise] * len(self.line)
        return [sparse.get(row, otherwise) for row in range(len(self.line))]


def scan(piece: Piece) -> Iterator[Scanned]:
    """The rows of a piece, some thousand at a time."""
    if not piece.file.lines:
        yield _document(piece)
        return
    for block in blocks(piece):
        yield _scanned(block, piece)


def _scanned(block: Block, piece: Piece) -> Scanned:
    import pyarrow as pa  # noqa: PLC0415 - an extra

    number = piece.file.number
    issues = [_issue(number, block.first, block.problem)] if block.problem else []
    made: list[dict[str, Any]] = []
    found = _Columns()
    for index, text in enumerate(block.texts):
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            value = None
        kind = value.get("resourceType") if type(value) is dict else None
        if type(kind) is str and kind.isalpha() and kind != "Bundle":
            _note(found, value, text, block.first + index, piece)
        elif text.strip():
            _aside(block.first + index, text, piece, made, issues)
    rows = pa.table(
        {
            "patient": pa.array(found.patient, pa.string()),
            "file": pa.array([number] * len(found.line), pa.int32()),
            "line": pa.array(found.line, pa.int64()),
            "place": pa.array(found.spread(found.unnamed, None), pa.string()),
            "kind": pa.array(found.kind, pa.string()),
            "key": pa.array(found.key, pa.string()),
            "full_url": pa.nulls(len(found.line), pa.string()),
            "medications": pa.array(found.spread(found.medications, ()), pa.list_(pa.string())),
            "digest": pa.array(found.digest, pa.int64()),
            "updated": pa.array(found.updated, pa.string()),
            "body": pa.array(found.body, pa.string()),
        },
        schema=row_schema(),
    )
    if made:
        rows = pa.concat_tables([rows, pa.Table.from_pylist(made, row_schema())])
    return Scanned(rows=rows, issues=pa.Table.from_pylist(issues, issue_schema()))


def _note(found: _Columns, resource: dict[str, Any], text: bytes, line: int, piece: Piece) -> None:
    """Take a resource in: whole where anything of it is read, else that it is there."""
    kind = resource["resourceType"]
    row = len(found.line)
    identifier = resource.get("id")
    if type(identifier) is str and identifier:
        key = f"{kind}/{identifier}"
    else:
        key = None
        found.unnamed[row] = _place(piece, line)
    reference = _subject(resource)
    # A relative reference says all there is to say; any other is resolved with the record.
    plain = reference is not None and _PLAIN(reference) is not None
    visit = kind == VISIT
    sound = plain and (visit or not matters(resource))
    digest = _digest(text, resource) if sound else None
    if kind == "Patient":
        found.patient.append(key)
    else:
        found.patient.append(reference if plain or reference is None else local(reference))
    found.line.append(line)
    found.kind.append(kind)
    found.key.append(key)
    if digest is None or visit:
        found.digest.append(digest or 0)
        found.updated.append(None)
        found.body.append(text)
        if pointed := list(_medications(resource)):
            found.medications[row] = pointed
    else:
        found.digest.append(digest)
        found.updated.append(_updated(resource))
        found.body.append(None)


def _digest(text: bytes, resource: dict[str, Any]) -> int | None:
    """A checksum of what a resource says; None where that cannot be told with certainty."""
    try:
        written = orjson.dumps(resource)
    except TypeError:  # nested beyond what can be written
        return None
    if written != text and jsontext.may_repeat_keys(text, written):
        return None
    return zlib.crc32(written)


def _updated(resource: dict[str, Any]) -> str | None:
    meta = resource.get("meta")
    updated = meta.get("lastUpdated") if type(meta) is dict else None
    return updated if type(updated) is str else None


def _subject(resource: dict[str, Any]) -> str | None:
    """The patient a resource names, as :func:`fhir_adapter.chart.subject_of` finds it."""
    for name in SUBJECT_ELEMENTS:
        subject = resource.get(name)
        if type(subject) is dict:
            reference = subject.get("reference")
            if type(reference) is str and reference:
                return reference
    return None


def _place(piece: Piece, line: int) -> str:
    """The place of an entry without id, as :class:`Gathered` names it."""
    number = piece.file.number
    return f"input[{number}].line {line}" if number else f"line {line}"


def _issue(
    file: int, line: int | None, problem: str, path: str = "", resource: str = ""
) -> dict[str, Any]:
    return {
        "file": file,
        "line": line,
        "severity": "error",
        "resource": resource or (f"line {line}" if line else ""),
        "path": path,
        "problem": problem,
    }


def _aside(
    line: int,
    body: bytes,
    piece: Piece,
    rows: list[dict[str, Any]],
    issues: list[dict[str, Any]],
) -> None:
    """A line that is no plain resource: a Bundle, or nothing that can be read."""
    number = piece.file.number
    if not _is_text(body):
        issues.append(_issue(number, line, "the line is not UTF-8"))
        return
    try:
        value = jsontext.parse(body)
    except jsontext.NotJsonError as fault:
        issues.append(_issue(number, line, f"the line is not JSON ({fault})"))
        return
    gathered = Gathered()
    gathered.add(value, _place(piece, line))
    more, found = _of_document(gathered, number, line)
    rows += more
    issues += found


def _is_text(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _document(piece: Piece) -> Scanned:
    import pyarrow as pa  # noqa: PLC0415 - an extra

    gathered = Gathered(inputs=piece.file.number)
    problem = ""
    try:
        with open(piece.file.path, "rb") as stream:  # noqa: PTH123 - the path is text in a task
            gather_bytes(stream.read(MAX_BYTES + 1), piece.file.name, gathered)
    except UnreadableInput as fault:
        problem = f"the file is not read: {fault.message}"
    except OSError as fault:
        problem = f"the file cannot be read ({fault.strerror})"
    rows, issues = _of_document(gathered, piece.file.number, None)
    if problem:
        issues.append(_issue(piece.file.number, None, problem))
    return Scanned(
        rows=pa.Table.from_pylist(rows, row_schema()),
        issues=pa.Table.from_pylist(issues, issue_schema()),
    )


def _of_document(
    gathered: Gathered, file: int, line: int | None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of what was gathered from one document, and issues that belong to no one patient."""
    owner = _Owner(gathered.entries, f"{file}:{line or 0}")
    rows = []
    for index, entry in enumerate(gathered.entries):
        rows.append(_row(entry, owner, file, line if line is not None else index))
    beside = gathered.total - len(gathered.entries)
    found = gathered.log.found()
    if owner.only is None:
        return rows, [
            _issue(file, line, issue.problem, issue.path, issue.resource) for issue in found
        ]
    if found or beside or gathered.incomplete:
        said = {
            "total": beside,
            "issues": [asdict(issue) for issue in found],
            "incomplete": [asdict(part) for part in gathered.incomplete],
        }
        rows.append(
            {
                "patient": owner.only,
                "file": file,
                "line": line if line is not None else len(rows),
                "kind": DOCUMENT,
                "digest": 0,
                "body": json.dumps(said),
            }
        )
    return rows, [
        _issue(file, line, issue.problem, issue.path, issue.resource)
        for issue in found
        if issue.severity == "error"
    ]


class _Owner:
    """Whose the entries of one document are."""

    def __init__(self, entries: list[Entry], document: str) -> None:
        self._document = document
        patients = [entry for entry in entries if entry.resource["resourceType"] == "Patient"]
        self._by_url = {
            entry.full_url: self.named(entry) for entry in patients if entry.full_url is not None
        }
        subjects = {
            self.resolved(reference)
            for reference in map(subject_of, entries)
            if reference is not None
        }
        names = {self.named(entry) for entry in patients} or subjects
        self.only = next(iter(names)) if len(names) == 1 else None
        """The patient of a document that holds just one."""

    def named(self, patient: Entry) -> str:
        """``Patient/id``, else its URL, else its place in the document."""
        if patient.key.startswith("Patient/"):
            return patient.key
        return patient.full_url or f"{self._document}:{patient.key}"

    def resolved(self, reference: str) -> str:
        """A reference to a patient by the name used here."""
        return self._by_url.get(reference) or local(reference)

    def of(self, entry: Entry) -> str | None:
        """The patient of an entry; None where it says nothing and there are several."""
        if entry.resource["resourceType"] == "Patient":
            return self.named(entry)
        reference = subject_of(entry)
        return self.resolved(reference) if reference is not None else self.only


def _row(entry: Entry, owner: _Owner, file: int, line: int) -> dict[str, Any]:
    kind = entry.resource["resourceType"]
    body = json.dumps(entry.resource, ensure_ascii=False, separators=(",", ":"))
    return {
        "patient": owner.of(entry),
        "file": file,
        "line": line,
        "place": None if entry.key == f"{kind}/{entry.resource.get('id')}" else entry.key,
        "kind": kind,
        "key": entry.key,
        "full_url": entry.full_url,
        "medications": list(_medications(entry.resource)),
        "digest": 0,
        "body": body,
    }


def _medications(resource: dict[str, Any]) -> Iterator[str]:
    """The Medication resources that an entry points to."""
    for name in ("medicationReference", "medication"):
        value = resource.get(name)
        reference = value.get("reference") if type(value) is dict else None
        if type(reference) is dict:  # R5
            reference = reference.get("reference")
        if type(reference) is str:
            yield local(reference)
    suspected = resource.get("suspectEntity")
    for entity in suspected if type(suspected) is list else ():
        for name in ("instance", "instanceReference"):
            value = entity.get(name) if type(entity) is dict else None
            reference = value.get("reference") if type(value) is dict else None
            if type(reference) is str:
                yield local(reference)
