"""One patient's rows to the record that :mod:`fhir_adapter.read` gives for the same entries."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from assistant.staging.record import IncompleteRead, Issue
from fhir_adapter import jsontext
from fhir_adapter.chart import local
from fhir_adapter.entries import NOTHING_LEFT_OUT, Gathered, LeftOut
from fhir_adapter.export.rows import DATED_BY_VISIT, DOCUMENT, VISIT
from fhir_adapter.read import PatientRecord, read_gathered

if TYPE_CHECKING:
    import pyarrow as pa


class Row(NamedTuple):
    """One resource of a patient: its content, or a stand-in for one that nothing is read of."""

    patient: str
    file: int
    line: int
    place: str | None
    kind: str
    key: str | None
    full_url: str | None
    digest: int
    updated: str | None
    body: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientRows:
    """What an export holds of one patient."""

    patient: str
    rows: Sequence[Row]
    """In the order of the input; resources shared between patients come with them."""
    left_out: LeftOut = NOTHING_LEFT_OUT
    """Resources that nothing is read of, each there once: no row."""

    @property
    def resources(self) -> int:
        """How many there are."""
        return len(self.rows) + self.left_out.count


def patients(table: "pa.Table") -> Iterator[PatientRows]:
    """The patients of sorted rows, one after another."""
    import pyarrow.compute as pc  # noqa: PLC0415 - an extra

    if not len(table):
        return
    wanted = pc.or_(pc.is_valid(table["body"]), _met_again(table))
    left = table.filter(pc.invert(wanted)).select(["patient", "key"])
    counted = left.group_by("patient", use_threads=False).aggregate([([], "count_all")])
    counts = dict(zip(*(column.to_pylist() for column in counted.columns), strict=True))
    start = 0
    for patient, own in groupby(_rows(table.filter(wanted)), key=attrgetter("patient")):
        count = counts.get(patient, 0)
        keys = left["key"].slice(start, count)
        start += count
        yield PatientRows(
            patient=patient,
            rows=list(own),
            left_out=LeftOut(count=count, listed=keys.to_pylist),
        )


def _met_again(table: "pa.Table") -> "pa.Array":
    """Rows whose resource is met more than once, or whose patient has no resource of its own.

    Versions are compared with one another, and a patient without a Patient is known from the
    others: these are entries even where nothing is read of them.
    """
    import pyarrow as pa  # noqa: PLC0415 - an extra
    import pyarrow.compute as pc  # noqa: PLC0415

    counted = table.group_by(["patient", "key"]).aggregate([([], "count_all")])
    again = counted.filter(pc.greater(counted["count_all"], 1))["key"].drop_null()
    people = table.filter(pc.equal(table["kind"], "Patient"))["patient"]
    known = pc.is_in(table["patient"], value_set=pa.chunked_array(people).combine_chunks())
    met = pc.is_in(table["key"], value_set=pa.chunked_array(again).combine_chunks())
    return pc.or_(met, pc.invert(known))


def _rows(table: "pa.Table") -> Iterator[Row]:
    import pyarrow as pa  # noqa: PLC0415 - an extra

    columns = [table[name] for name in Row._fields[:-1]]
    bodies = table["body"].cast(pa.binary())
    return map(Row._make, zip(*(c.to_pylist() for c in [*columns, bodies]), strict=True))


def assemble(given: PatientRows) -> tuple[PatientRecord, list[dict[str, Any]]]:
    """The record of the patient whose rows these are, and the lines that are not JSON after all.

    Raises:
        AdapterError: as :func:`fhir_adapter.read.read_files`.
    """
    gathered = Gathered(left_out=given.left_out, total=given.left_out.count)
    broken: list[dict[str, Any]] = []
    twice = {key for key, count in Counter(row.key for row in given.rows).items() if count > 1}
    visits: dict[str, Row] = {}
    for row in given.rows:
        if row.kind == DOCUMENT:
            _take_document(gathered, json.loads(row.body or b"{}"))
        elif row.kind == VISIT and row.key and row.digest and row.key not in twice:
            visits[row.key] = row
        else:
            _take(gathered, row, broken, compare=row.key in twice)
    for key in visits.keys() & set(_visits_named(gathered)):
        _take(gathered, visits.pop(key), broken, compare=False)
    _leave_out(gathered, visits)
    named = given.patient if given.patient.startswith("Patient/") else None
    return read_gathered(gathered, patient=named), broken


def _take(gathered: Gathered, row: Row, broken: list[dict[str, Any]], *, compare: bool) -> None:
    resource = _resource(row, broken, compare=compare)
    if resource is not None:
        gathered.add(resource, row.place or f"line {row.line}", row.full_url)


def _visits_named(gathered: Gathered) -> Iterator[str]:
    """The Encounters that may date an entry; nothing else is read of one."""
    for entry in gathered.entries:
        if entry.resource["resourceType"] in DATED_BY_VISIT:
            for name in ("encounter", "context"):
                visit = entry.resource.get(name)
                reference = visit.get("reference") if isinstance(visit, dict) else None
                if isinstance(reference, str):
                    yield local(reference)


def _leave_out(gathered: Gathered, visits: Mapping[str, Row]) -> None:
    before = gathered.left_out
    gathered.total += len(visits)
    gathered.left_out = LeftOut(
        count=before.count + len(visits), listed=lambda: (*before.listed(), *visits)
    )


def _resource(row: Row, broken: list[dict[str, Any]], *, compare: bool) -> dict[str, Any] | None:
    if row.body is None:
        return _stand_in(row, compare=compare)
    try:
        value = jsontext.parse(row.body)
    except jsontext.NotJsonError as fault:
        broken.append(
            {
                "file": row.file,
                "line": row.line,
                "severity": "error",
                "resource": row.key or f"line {row.line}",
                "path": "",
                "problem": f"the line is not JSON ({fault})",
            }
        )
        return None
    return value if isinstance(value, dict) else None


def _stand_in(row: Row, *, compare: bool) -> dict[str, Any]:
    """What counts of a resource that nothing is read of: that it is there, and whose."""
    resource: dict[str, Any] = {
        "resourceType": row.kind,
        "subject": {"reference": row.patient},
        "meta": {"lastUpdated": row.updated},
    }
    if row.key:
        resource["id"] = row.key.partition("/")[2]
    if compare:
        resource["digest"] = row.digest
    return resource


def _take_document(gathered: Gathered, said: Mapping[str, Any]) -> None:
    gathered.total += said["total"]
    for item in said["issues"]:
        issue = Issue(**item)
        note = gathered.log.error if issue.severity == "error" else gathered.log.warning
        note(issue.resource, issue.path, issue.problem)
    gathered.incomplete += [IncompleteRead(**part) for part in said["incomplete"]]
