"""The way in: files or a Bundle to one patient's record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.staging.record import Completeness, TreatmentRecord
from fhir_adapter import administrations
from fhir_adapter.chart import Chart, chart_of
from fhir_adapter.entries import Gathered, gather, gather_bytes, gather_value
from fhir_adapter.facts import Facts
from fhir_adapter.modifiers import set_aside
from fhir_adapter.resources import (
    adverse_event,
    allergy_intolerance,
    condition,
    medication_administration,
    medication_dispense,
    medication_request,
    medication_statement,
    observation,
    procedure,
    questionnaire_response,
)
from fhir_adapter.resources.patient import Banner, banner, person

_READERS = {
    "AdverseEvent": adverse_event.read,
    "AllergyIntolerance": allergy_intolerance.read,
    "Condition": condition.read,
    "MedicationAdministration": medication_administration.read,
    "MedicationDispense": medication_dispense.read,
    "MedicationOrder": medication_request.read,
    "MedicationRequest": medication_request.read,
    "MedicationStatement": medication_statement.read,
    "MedicationUsage": medication_statement.read,
    "Observation": observation.read,
    "Procedure": procedure.read,
    "QuestionnaireResponse": questionnaire_response.read,
}
_REFUSED = {
    "MedicationPrescription": "a resource type of FHIR DSTU1: expected DSTU2 or later, it is not "
    "read"
}
READ_TYPES = frozenset((*_READERS, *_REFUSED))
"""Types of which anything is read; the rest is only counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientRecord:
    """One patient's record: the coded facts, the raw resources, and who it is."""

    treatment: TreatmentRecord
    resources: Mapping[str, dict[str, Any]]
    """``Type/id`` to the resource as it came; one without id by its place."""
    banner: Banner


def read_files(paths: Sequence[str | Path], *, patient: str | None = None) -> PatientRecord:
    """The record that files, folders or ``-`` (standard input) hold together.

    Raises:
        UnreadableInput: an input is not FHIR JSON, or holds nothing of a patient.
        SeveralPatients: it holds several patients and ``patient`` is None.
        PatientNotFound: ``patient`` is not in it.
    """
    gathered = Gathered()
    for path in paths:
        gather(path, gathered)
    return read_gathered(gathered, patient=patient)


def read_bundle(data: bytes | dict[str, Any], *, patient: str | None = None) -> PatientRecord:
    """The record that a Bundle (or a single resource, or NDJSON) holds.

    Raises:
        AdapterError: as :func:`read_files`.
    """
    gathered = Gathered()
    if isinstance(data, bytes):
        gather_bytes(data, "the input", gathered)
    else:
        gather_value(data, "the input", gathered)
    return read_gathered(gathered, patient=patient)


def read_gathered(gathered: Gathered, *, patient: str | None = None) -> PatientRecord:
    """The record of one patient out of everything met (files or a server's answers).

    Raises:
        AdapterError: as :func:`read_files`.
    """
    chart = chart_of(gathered, patient)
    facts, aside = _facts(chart)
    root = chart.node(chart.patient)
    kept = len(chart.entries) + gathered.left_out.count
    treatment = TreatmentRecord(
        patient=person(root),
        exposures=tuple(facts.exposures),
        scores=tuple(facts.scores),
        diagnoses=tuple(facts.diagnoses),
        sessions=tuple(facts.sessions),
        labs=tuple(facts.labs),
        reactions=tuple(facts.reactions),
        suicidality=tuple(facts.suicidality),
        completeness=Completeness(
            resources_read=kept - aside,
            resources_total=max(gathered.total, kept),
            incomplete=tuple(gathered.incomplete),
        ),
        issues=chart.log.found(),
    )
    resources = {entry.key: entry.resource for entry in chart.entries}
    return PatientRecord(treatment=treatment, resources=resources, banner=banner(root))


def _facts(chart: Chart) -> tuple[Facts, int]:
    """The facts of a chart, and how many resources had to be set aside."""
    facts = Facts()
    aside = 0
    for entry in chart.entries:
        kind = entry.resource["resourceType"]
        reader = _READERS.get(kind)
        if reader is None:
            if kind in _REFUSED:
                aside += 1
                chart.log.error(entry.key, "resourceType", _REFUSED[kind])
            continue
        node = chart.node(entry)
        try:
            if set_aside(node):
                aside += 1
            else:
                reader(node, chart, facts)
        except Exception:  # noqa: BLE001 - no entry may cost the others; the issue names it
            aside += 1
            node.error("could not be read: please report this resource type and its shape")
    facts.exposures = medication_administration.merged(facts.exposures)
    facts.sessions = procedure.merged(facts.sessions)
    _add_scores(facts, chart)
    return facts, aside


def _add_scores(facts: Facts, chart: Chart) -> None:
    for one in administrations.merged(facts.administrations):
        score = administrations.score_of(one, chart.log)
        if score is not None:
            facts.scores.append(score)
        sign = administrations.suicidality_of(one)
        if sign is not None:
            facts.suicidality.append(sign)
