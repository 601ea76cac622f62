"""What the scan leaves out of a chart changes no report: the single path reads it all."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from evals.careers import write
from tests.lib.cohorts import run, single

_LOINC, _RXNORM = "http://loinc.org", "http://www.nlm.nih.gov/research/umls/rxnorm"
_ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"


def _about(kind: str, name: str, system: str, code: str, **more: Any) -> dict[str, Any]:
    coded = {"coding": [{"system": system, "code": code}]}
    element = "medicationCodeableConcept" if kind.startswith("Medication") else "code"
    subject = {"reference": "Patient/p"}
    return {"resourceType": kind, "id": name, "subject": subject, element: coded, **more}


_VISIT = {
    "resourceType": "Encounter",
    "id": "v",
    "status": "finished",
    "subject": {"reference": "Patient/p"},
    "period": {"start": "2023-01-05", "end": "2023-01-05"},
}
_CASES: dict[str, list[dict[str, Any]]] = {
    "a diagnosis dated by its visit": [
        _about("Condition", "c", _ICD10, "F33.1", encounter={"reference": "Encounter/v"}),
        _VISIT,
        {**_VISIT, "id": "other"},
    ],
    "a visit met twice": [_VISIT, _VISIT, {**_VISIT, "status": "planned"}],
    "a newer version that is read no more": [
        _about("Observation", "o", _LOINC, "3016-3", status="final", meta={"lastUpdated": "2023"}),
        _about("Observation", "o", _LOINC, "2093-3", status="final", meta={"lastUpdated": "2024"}),
    ],
    "an older version that was not read": [
        _about("Observation", "o", _LOINC, "3016-3", status="final", meta={"lastUpdated": "2024"}),
        _about("Observation", "o", _LOINC, "2093-3", status="final", meta={"lastUpdated": "2023"}),
    ],
    "the same resource twice": [_about("Observation", "o", _LOINC, "2093-3", status="final")] * 2,
    "a reason that is a problem of another kind": [
        _about("Condition", "c", _ICD10, "S13.4"),
        _about(
            "MedicationRequest",
            "m",
            _RXNORM,
            "312941",
            status="active",
            intent="order",
            authoredOn="2023-02-01",
            reasonReference=[{"reference": "Condition/c", "display": "Major depression"}],
        ),
    ],
    "a fill that asks an order of another drug for the reason": [
        _about("MedicationRequest", "m", _RXNORM, "314076", status="active", intent="order"),
        _about(
            "MedicationDispense",
            "d",
            _RXNORM,
            "312941",
            status="completed",
            whenHandedOver="2023-02-01",
            authorizingPrescription=[{"reference": "MedicationRequest/m"}],
        ),
    ],
}


_NAMES = re.compile(rb'("(?:id|reference)":"[\w/]+)"')


def _lines(case: int, resources: list[dict[str, Any]]) -> bytes:
    """A patient of the case's own: every id and reference ends in its number."""
    person = {"resourceType": "Patient", "id": "p", "birthDate": "1980-02-03"}
    text = b"".join(orjson.dumps(one) + b"\n" for one in [person, *resources])
    return _NAMES.sub(rb'\1-%d"' % case, text)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The reports of a cohort of all cases."""
    folder = tmp_path_factory.mktemp("cases")
    export = folder / "All.ndjson"
    export.write_bytes(b"".join(_lines(n, case) for n, case in enumerate(_CASES.values())))
    return run(folder / "out", export).reports()


@pytest.mark.parametrize("case", list(_CASES))
def test_a_report_is_that_of_the_whole_record(
    reports: dict[str, str], case: str, tmp_path: Path
) -> None:
    number = list(_CASES).index(case)
    alone = tmp_path / "alone.ndjson"
    alone.write_bytes(_lines(number, _CASES[case]))
    assert reports[f"Patient/p-{number}"] == single([str(alone)], None)


def test_full_charts_give_the_reports_of_the_single_path(tmp_path: Path) -> None:
    write(tmp_path / "export", 4, 3, "synthea")
    reports = run(tmp_path / "out", tmp_path / "export").reports()
    for number in range(4):
        assert reports[f"Patient/p{number}"] == single([str(tmp_path / "export")], f"p{number}")
