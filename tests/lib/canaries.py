"""Canaries: what identifies a synthetic patient, and where it must not be found (promise P15)."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.lib import demo

PLANTED = {
    "family": "Canaryfamily5V",
    "given": "Canarygiven5V",
    "identifier": "CANARY-5V-0042",
    "note": "Canarynote5V",
    "display": "Canarydisplay5V",
    "street": "Canarystreet5V",
    "phone": "555-0107-5V",
    "birth date": "1961-02-13",
    "question": "Canaryquestion5V",
    "author": "Canaryauthor5V",
    "comment": "Canarycomment5V",
    "unknown member": "canaryMember5V",
}
LOG_LINES = "log-lines.jsonl"
"""In the data folder of the tests: every line logged in them, before the allow-list."""


def planted_record() -> dict[str, Any]:
    """The worked case with a canary wherever a chart holds something identifying."""
    bundle = demo.bundle("worked-case")
    for entry in bundle["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] == "Patient":
            resource["name"] = [{"family": PLANTED["family"], "given": [PLANTED["given"]]}]
            resource["identifier"] = [{"system": "urn:x", "value": PLANTED["identifier"]}]
            resource["address"] = [{"line": [PLANTED["street"]]}]
            resource["telecom"] = [{"system": "phone", "value": PLANTED["phone"]}]
            resource["birthDate"] = PLANTED["birth date"]
        else:
            for element in ("subject", "patient"):
                if element in resource:
                    resource[element]["display"] = PLANTED["display"]
        if resource["resourceType"] == "MedicationStatement":
            resource["note"] = [{"text": PLANTED["note"]}]
    return bundle


def of_the_demo_patients() -> Iterator[str]:
    """Names, identifiers and addresses of the demo patients."""
    for patient in demo.IDS:
        for entry in demo.bundle(patient)["entry"]:
            resource = entry["resource"]
            if resource["resourceType"] != "Patient":
                continue
            for name in resource.get("name", ()):
                yield f'"{name["family"]}"'  # as JSON; some of these names are words too
                yield f"{name['given'][0]} {name['family']}"
            yield from (one["value"] for one in resource.get("identifier", ()))


def found_in(folder: Path, canaries: Iterable[str]) -> list[str]:
    """Files below ``folder`` that hold a canary, with the canary."""
    pattern = re.compile(b"|".join(re.escape(canary.encode()) for canary in canaries))
    return [
        f"{path.relative_to(folder)}: {match.decode()}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for match in set(pattern.findall(path.read_bytes()))
    ]


def recorder(file: Path) -> Any:
    """A structlog processor that keeps each line as it was logged, whatever keys it has."""

    def record(_logger: object, _method: str, line: dict[str, Any]) -> dict[str, Any]:
        with file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(line, default=str) + "\n")
        return line

    return record
