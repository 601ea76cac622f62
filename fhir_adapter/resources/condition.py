"""Condition to Diagnosis."""

from assistant.staging.dates import PartialDate
from assistant.staging.record import Diagnosis, Evidence, SuicidalitySign, Verification
from fhir_adapter import conditions
from fhir_adapter.chart import Chart
from fhir_adapter.concepts import Code, codes, concept_of, first_code
from fhir_adapter.conditions import Meaning
from fhir_adapter.facts import Facts
from fhir_adapter.node import Node

_VERIFICATION = {
    "confirmed": Verification.CONFIRMED,
    "unconfirmed": Verification.UNCONFIRMED,
    "provisional": Verification.UNCONFIRMED,
    "differential": Verification.UNCONFIRMED,
    "refuted": Verification.REFUTED,
    "entered-in-error": Verification.ENTERED_IN_ERROR,
    "unknown": Verification.UNCONFIRMED,
}
_HELD = (Verification.CONFIRMED, Verification.UNCONFIRMED)
_ACTIVE = ("active", "recurrence", "relapse")
_INACTIVE = ("inactive", "remission", "resolved")
_SUICIDALITY = {"icd10|T14.91": "coded_attempt", "snomed|82313006": "coded_attempt"}


def read(condition: Node, chart: Chart, facts: Facts) -> None:
    """Add what the code means: one diagnosis, or two (depression with anxiety)."""
    found = conditions.meanings_of(concept_of(condition["code"]))
    if found is None:
        return
    meanings, code = found
    verification = _verification(condition)
    for meaning in meanings:
        diagnosis = _diagnosis(condition, chart, meaning, code, verification)
        facts.diagnoses.append(diagnosis)
        if meaning.category == "suicidality" and verification in _HELD:
            facts.suicidality.append(_suicidality(diagnosis, meaning))


def _diagnosis(
    condition: Node, chart: Chart, meaning: Meaning, code: Code, verification: Verification
) -> Diagnosis:
    return Diagnosis(
        category=meaning.category,
        label=meaning.label,
        code=f"{code.system}|{code.code}",
        active=_active(condition),
        verification=verification,
        onset=condition.first("onsetDateTime", "onsetPeriod.start").date(),
        recorded=condition.first("recordedDate", "assertedDate", "dateRecorded").date()
        or _encounter_date(condition, chart),
        abatement=condition.first("abatementDateTime", "abatementPeriod.end").date(),
        severity=meaning.severity or _stated_severity(condition),
        psychotic_features=meaning.psychotic,
        remission=_remission(condition, meaning),
        evidence=_evidence(condition),
    )


def _verification(condition: Node) -> Verification:
    node = condition["verificationStatus"]
    code = first_code(node)
    if not code:
        return Verification.CONFIRMED
    found = _VERIFICATION.get(code)
    if found is None:
        node.error("not a verification status: read as unconfirmed")
        return Verification.UNCONFIRMED
    return found


def _active(condition: Node) -> bool | None:
    code = first_code(condition["clinicalStatus"])
    if code in _ACTIVE:
        return True
    return False if code in _INACTIVE else None


def _stated_severity(condition: Node) -> str | None:
    for code in codes(condition["severity"]):
        for name in ("mild", "moderate", "severe"):
            if code.display.lower().startswith(name):
                return name
    return None


def _remission(condition: Node, meaning: Meaning) -> str | None:
    """Full or partial; a remission of unnamed degree is an issue and stays unnamed."""
    if meaning.remission is None and meaning.remission_unspecified:
        condition["code"].warning("in remission, without saying whether full or partial")
    return meaning.remission


def _encounter_date(condition: Node, chart: Chart) -> PartialDate | None:
    """The start of the encounter a diagnosis was made in, where it has no date of its own."""
    encounter = chart.target(condition.first("encounter", "context"), condition)
    if encounter is None or not isinstance(encounter.value, dict):
        return None
    return encounter.first("period.start", "actualPeriod.start").date()


def _evidence(condition: Node) -> tuple[Evidence, ...]:
    elements = (
        ("code", "code"),
        ("onsetDateTime", "onset"),
        ("onsetPeriod", "onset"),
        ("recordedDate", "recorded"),
        ("abatementDateTime", "abatement"),
        ("abatementPeriod", "abatement"),
        ("clinicalStatus", "status"),
        ("verificationStatus", "verification"),
    )
    return tuple(condition[name].evidence(what) for name, what in elements if condition[name])


def _suicidality(diagnosis: Diagnosis, meaning: Meaning) -> SuicidalitySign:
    kind = _SUICIDALITY.get(meaning.code, "coded_ideation")
    return SuicidalitySign(
        kind=kind,
        date=diagnosis.onset or diagnosis.recorded,
        detail=meaning.label,
        evidence=diagnosis.evidence,
    )
