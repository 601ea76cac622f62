"""What a diagnosis means for staging."""

from datetime import date

import pytest

from assistant.staging.engine import stage
from assistant.staging.record import Verification
from fhir_adapter.read import read_bundle
from fhir_adapter.table_files import rows
from tests.lib import fhir
from tests.lib.fhir import coded

SNOMED = "http://snomed.info/sct"
ICD9 = "http://hl7.org/fhir/sid/icd-9-cm"
MIMIC10 = "http://mimic.mit.edu/fhir/mimic/CodeSystem/mimic-diagnosis-icd10"
MIMIC9 = "http://mimic.mit.edu/fhir/mimic/CodeSystem/mimic-diagnosis-icd9"
WHO = "http://hl7.org/fhir/sid/icd-10"


def diagnoses(*resources):
    return read_bundle(fhir.bundle(fhir.patient(), *resources)).treatment.diagnoses


@pytest.mark.parametrize(
    ("system", "code", "category"),
    [
        (fhir.ICD10, "F33.1", "depression"),
        (fhir.ICD10, "F331", "depression"),
        (fhir.ICD10, "f33.1", "depression"),
        (fhir.ICD10, "F32.A", "depression"),
        (WHO, "F32.8", "depression"),
        (WHO, "F33.4", "depression"),
        (MIMIC10, "F329", "depression"),
        (MIMIC9, "311", "depression"),
        (MIMIC9, "29633", "depression"),
        (ICD9, "296.20", "depression"),
        (SNOMED, "370143000", "depression"),
        (fhir.ICD10, "F34.1", "persistent_depressive_disorder"),
        (ICD9, "300.4", "persistent_depressive_disorder"),
        (fhir.ICD10, "F31.81", "bipolar"),
        (fhir.ICD10, "F31", "bipolar"),
        (fhir.ICD10, "F31.999", "bipolar"),
        (MIMIC9, "29680", "bipolar"),
        (fhir.ICD10, "F30.12", "mania"),
        (fhir.ICD10, "F30.8", "hypomania"),
        (SNOMED, "231496004", "hypomania"),
        (fhir.ICD10, "F34.0", "hypomania"),
        (SNOMED, "76105009", "hypomania"),  # cyclothymia, by either code
        (fhir.ICD10, "F20.9", "psychotic_disorder"),
        (fhir.ICD10, "F21", "psychotic_disorder"),
        (fhir.ICD10, "E03.9", "hypothyroidism"),
        (MIMIC9, "2449", "hypothyroidism"),
        (SNOMED, "40930008", "hypothyroidism"),
        (fhir.ICD10, "G47.33", "sleep_apnoea"),
        (fhir.ICD10, "M05.79", "inflammatory_disorder"),
        (fhir.ICD10, "D51.0", "nutritional"),
        (fhir.ICD10, "F10.20", "substance_use"),
        (fhir.ICD10, "F17.210", "context"),
        (fhir.ICD10, "F41.1", "anxiety"),
        (fhir.ICD10, "F43.12", "other_psychiatric"),
        (fhir.ICD10, "F32.81", "other_mood"),
        (fhir.ICD10, "Z91.120", "nonadherence"),
        (fhir.ICD10, "Z91.14", "nonadherence"),
        (fhir.ICD10, "T43.206A", "underdosing_antidepressant"),
        (fhir.ICD10, "T43.1X6D", "underdosing_antidepressant"),
        (fhir.ICD10, "T43.205A", "context"),
        (fhir.ICD10, "R45.851", "suicidality"),
        (fhir.ICD10, "Z33.1", "pregnancy"),
    ],
)
def test_a_code_has_its_category(system, code, category):
    assert [d.category for d in diagnoses(fhir.condition(code, system))] == [category]


@pytest.mark.parametrize(
    ("system", "code"),
    [
        (fhir.ICD10, "K21.9"), (fhir.ICD10, "F3"), (SNOMED, "F33.1"), ("urn:x", "F33.1"),
        (fhir.ICD10, "311"), (ICD9, "F33.1"), (fhir.ICD10, ""), ("", "F33.1"),
        # SNOMED codes are matched whole, never by their first digits
        (SNOMED, "3701430001"),
    ],
)  # fmt: skip
def test_another_code_or_system_is_no_diagnosis_of_ours(system, code):
    assert diagnoses(fhir.condition(code, system)) == ()


@pytest.mark.parametrize(
    ("code", "severity", "psychotic", "remission"),
    [
        ("F32.0", "mild", None, None),
        ("F33.2", "severe", False, None),
        ("F32.3", "severe", True, None),
        ("F32.5", None, None, "full"),
        ("F33.41", None, None, "partial"),
        ("F33.42", None, None, "full"),
        ("F33.40", None, None, None),
    ],
)
def test_severity_psychosis_and_remission_come_from_the_code(code, severity, psychotic, remission):
    (found,) = diagnoses(fhir.condition(code))
    assert (found.severity, found.psychotic_features, found.remission) == (
        severity,
        psychotic,
        remission,
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("confirmed", Verification.CONFIRMED),
        ("provisional", Verification.UNCONFIRMED),
        ("differential", Verification.UNCONFIRMED),
        ("unconfirmed", Verification.UNCONFIRMED),
        ("refuted", Verification.REFUTED),
        ("entered-in-error", Verification.ENTERED_IN_ERROR),
        ("nonsense", Verification.UNCONFIRMED),
    ],
)
def test_the_verification_is_kept_and_a_plain_code_of_older_versions_read(code, expected):
    (found,) = diagnoses(fhir.condition("F33.1", verificationStatus={"coding": [{"code": code}]}))
    assert found.verification is expected
    (older,) = diagnoses(fhir.condition("F33.1", verificationStatus=code))
    assert older.verification is expected


@pytest.mark.parametrize(
    ("status", "active"),
    [("active", True), ("recurrence", True), ("remission", False), ("resolved", False),
     ("nonsense", None)],
)  # fmt: skip
def test_the_clinical_status_says_whether_it_is_active(status, active):
    (found,) = diagnoses(fhir.condition("F33.1", clinicalStatus={"coding": [{"code": status}]}))
    assert found.active is active
    (without,) = diagnoses(fhir.condition("F33.1"))
    assert without.active is None


def test_dates_are_onset_recorded_and_abatement():
    (found,) = diagnoses(
        fhir.condition(
            "F33.1",
            onsetDateTime="2022-12",
            recordedDate="2023-01-05T10:00:00Z",
            abatementDateTime="2023-08-01",
        )
    )
    assert (str(found.onset), str(found.recorded), str(found.abatement)) == (
        "2022-12",
        "2023-01-05",
        "2023-08-01",
    )


def test_a_diagnosis_without_a_date_takes_that_of_its_encounter():
    encounter = {
        "resourceType": "Encounter",
        "id": "e1",
        "subject": fhir.SUBJECT,
        "period": {"start": "2180-08-05T23:44:00-04:00"},
    }
    (found,) = diagnoses(
        encounter, fhir.condition("F329", MIMIC10, encounter={"reference": "Encounter/e1"})
    )
    assert str(found.recorded) == "2180-08-05"


def test_the_severity_element_serves_where_the_code_is_silent():
    (found,) = diagnoses(
        fhir.condition("F32.9", severity=coded(SNOMED, "24484000", "Severe (severity modifier)"))
    )
    assert found.severity == "severe"


def test_a_code_for_suicidality_is_a_sign_too():
    facts = read_bundle(fhir.bundle(fhir.patient(), fhir.condition("R45.851"))).treatment
    assert [sign.kind for sign in facts.suicidality] == ["coded_ideation"]
    attempt = read_bundle(fhir.bundle(fhir.patient(), fhir.condition("T14.91XA"))).treatment
    assert [sign.kind for sign in attempt.suicidality] == ["coded_attempt"]
    refuted = fhir.condition("R45.851", verificationStatus={"coding": [{"code": "refuted"}]})
    assert read_bundle(fhir.bundle(fhir.patient(), refuted)).treatment.suicidality == ()


def test_depression_with_anxiety_in_one_code_is_both():
    # Recurrent mild major depressive disorder co-occurrent with anxiety
    depression, anxiety = diagnoses(fhir.condition("16264621000119109", SNOMED))
    assert (depression.category, depression.severity) == ("depression", "mild")
    assert anxiety.category == "anxiety"


def test_a_code_is_in_the_table_once_for_each_thing_it_means():
    keys = [(r["system"], r["code"], r["match"], r["category"]) for r in rows("conditions")]
    assert len(keys) == len(set(keys))


def test_single_and_recurrent_depression_in_one_list_are_all_kept_and_begin_with_the_first():
    listed = [  # as in the list of SMART sample patient 724111
        ("35489007", "2004-05-01"),
        ("79298009", "2006-02-01"),
        ("15639000", "2008-04-01"),
        ("18818009", "2008-07-01"),
    ]
    record = read_bundle(
        fhir.bundle(
            fhir.patient(),
            *(fhir.condition(code, SNOMED, id=code, onsetDateTime=onset) for code, onset in listed),
        )
    ).treatment
    assert [(found.category, str(found.onset)) for found in record.diagnoses] == [
        ("depression", onset) for _code, onset in listed
    ]
    report = stage(record, as_of=date(2009, 1, 1))
    assert report.staging_blocked_by == ()
    assert report.episode is not None
    assert str(report.episode.start) == "2004-05-01"
