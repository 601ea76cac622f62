"""One patient's rows to the record that :mod:`fhir_adapter.read` gives for the same entries."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.staging.record import IncompleteRead, Issue
from fhir_adapter import jsontext
from fhir_adapter.entries import Gathered
from fhir_adapter.export.rows import DOCUMENT
from fhir_adapter.read import PatientRecord, read_gathered


def assemble(rows: Sequence[Mapping[str, Any]]) -> tuple[PatientRecord, list[dict[str, Any]]]:
    """The record of the patient whose rows these are, and the lines that are not JSON after all.

    The rows stand in the order of the input; resources shared between patients come with them.

    Raises:
        AdapterError: as :func:`fhir_adapter.read.read_files`.
    """
    gathered = Gathered()
    broken: list[dict[str, Any]] = []
    twice = {key for key, count in Counter(row["key"] for row in rows).items() if count > 1}
    for row in rows:
        if row["kind"] == DOCUMENT:
            _take_document(gathered, json.loads(row["body"]))
            continue
        resource = _resource(row, broken, compare=row["key"] in twice)
        if resource is not None:
            gathered.add(resource, row["place"] or f"line {row['line']}", row["full_url"])
    patient = next((row["patient"] for row in rows), None)
    named = patient if patient is not None and patient.startswith("Patient/") else None
    return read_gathered(gathered, patient=named), broken


def _resource(
    row: Mapping[str, Any], broken: list[dict[str, Any]], *, compare: bool
) -> dict[str, Any] | None:
    if row["body"] is None:
        return _stand_in(row, compare=compare)
    try:
        value = jsontext.parse(row["body"].encode())
    except jsontext.NotJsonError as fault:
        broken.append(
            {
                "file": row["file"],
                "line": row["line"],
                "severity": "error",
                "resource": row["key"] or f"line {row['line']}",
                "path": "",
                "problem": f"the line is not JSON ({fault})",
            }
        )
        return None
    return value if isinstance(value, dict) else None


def _stand_in(row: Mapping[str, Any], *, compare: bool) -> dict[str, Any]:
    """What counts of a resource of a type that is not read: that it is there, and whose."""
    resource = {"resourceType": row["kind"], "subject": {"reference": row["patient"]}}
    if row["key"]:
        resource["id"] = row["key"].partition("/")[2]
    if compare:
        resource["digest"] = row["digest"]
    return resource


def _take_document(gathered: Gathered, said: Mapping[str, Any]) -> None:
    gathered.total += said["total"]
    for item in said["issues"]:
        issue = Issue(**item)
        note = gathered.log.error if issue.severity == "error" else gathered.log.warning
        note(issue.resource, issue.path, issue.problem)
    gathered.incomplete += [IncompleteRead(**part) for part in said["incomplete"]]
