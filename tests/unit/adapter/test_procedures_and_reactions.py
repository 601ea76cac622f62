"""Sessions of procedures, and reactions to a drug."""

import pytest

from assistant.staging.verdicts import Verdict
from fhir_adapter.read import read_bundle
from tests.lib import fhir
from tests.lib.fhir import coded

CPT = "http://www.ama-assn.org/go/cpt"
PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
SNOMED = "http://snomed.info/sct"


def procedure(code, **elements):
    return {
        "resourceType": "Procedure",
        "id": "p1",
        "status": "completed",
        "subject": fhir.SUBJECT,
        "code": code,
        "performedDateTime": "2023-08-07",
        **elements,
    }


def facts(*resources):
    return read_bundle(fhir.bundle(fhir.patient(), *resources)).treatment


@pytest.mark.parametrize(
    ("code", "modality", "laterality"),
    [
        (coded(CPT, "90870"), "ECT", "unknown"),
        (coded(PCS, "GZB3ZZZ"), "ECT", "bilateral"),
        (coded(PCS, "GZB0ZZZ"), "ECT", "unilateral"),
        (coded(SNOMED, "23835007"), "ECT", "unknown"),
        ({"text": "Bilateral ECT"}, "ECT", "bilateral"),
        ({"text": "Right unilateral electroconvulsive therapy"}, "ECT", "unilateral"),
        (coded(CPT, "90868"), "rTMS", "unknown"),
        ({"text": "Transcranial magnetic stimulation, session 3"}, "rTMS", "unknown"),
        (coded(SNOMED, "443730003"), "psychotherapy", "unknown"),
        (coded(CPT, "90834"), "psychotherapy", "unknown"),
        (coded(PCS, "GZJZZZZ"), "light_therapy", "unknown"),
        ({"text": "tDCS"}, "tDCS", "unknown"),
    ],
)
def test_a_procedure_is_a_session_of_its_modality(code, modality, laterality):
    (found,) = facts(procedure(code)).sessions
    assert (found.modality, found.laterality, str(found.date), found.done) == (
        modality,
        laterality,
        "2023-08-07",
        Verdict.MET,
    )


@pytest.mark.parametrize(
    "code",
    [
        {"text": "Appendectomy"}, {"text": "Dissection"}, {"text": "Referral for ECT"},
        {"text": "Education about psychotherapy"}, coded(CPT, "99213"), {},
    ],
)  # fmt: skip
def test_another_procedure_is_none(code):
    assert facts(procedure(code)).sessions == ()


@pytest.mark.parametrize(
    ("elements", "done"),
    [
        ({"status": "not-done"}, Verdict.NOT_MET),
        ({"status": "preparation"}, Verdict.NOT_MET),
        ({"status": "unknown"}, Verdict.UNKNOWN),
        ({"status": "nonsense"}, Verdict.UNKNOWN),
        ({"notDone": True}, Verdict.NOT_MET),
        ({"notPerformed": True}, Verdict.NOT_MET),
    ],
)
def test_a_session_that_was_not_held_is_kept_as_such(elements, done):
    (found,) = facts(procedure(coded(CPT, "90870"), **elements)).sessions
    assert found.done is done


def test_a_session_entered_in_error_is_noted_and_not_read():
    found = facts(procedure(coded(CPT, "90870"), status="entered-in-error"))
    assert found.sessions == ()
    assert "entered in error" in found.issues[0].problem


def test_two_codes_of_one_day_are_one_session_with_the_side_that_is_known():
    found = facts(
        procedure(coded(CPT, "90870")),
        procedure(coded(PCS, "GZB3ZZZ"), id="p2"),
        procedure(coded(CPT, "90870"), id="p3", performedDateTime="2023-08-09"),
    ).sessions
    assert [(str(s.date), s.laterality) for s in found] == [
        ("2023-08-07", "bilateral"),
        ("2023-08-09", "unknown"),
    ]
    assert {e.reference for e in found[0].evidence} == {"Procedure/p1", "Procedure/p2"}


def test_the_side_may_stand_in_the_body_site():
    site = [{"text": "bitemporal"}]
    (found,) = facts(procedure(coded(CPT, "90870"), bodySite=site)).sessions
    assert found.laterality == "bilateral"


def test_a_course_in_one_entry_keeps_its_number_of_sessions():
    entry = procedure({"text": "ECT, 8 sessions"})
    del entry["performedDateTime"]
    entry["performedPeriod"] = {"start": "2023-08-07", "end": "2023-09-01"}
    (found,) = facts(entry).sessions
    assert (found.sessions, str(found.date), str(found.end)) == (8, "2023-08-07", "2023-09-01")


def allergy(**elements):
    return {
        "resourceType": "AllergyIntolerance",
        "id": "a1",
        "patient": fhir.SUBJECT,
        "code": fhir.SERTRALINE_50,
        "recordedDate": "2023-02-01",
        **elements,
    }


@pytest.mark.parametrize(
    ("elements", "date"),
    [
        ({}, "2023-02-01"),
        ({"onsetDateTime": "2023-01"}, "2023-01"),
        ({"reaction": [{"onset": "2023-01-20"}]}, "2023-01-20"),
        ({"assertedDate": "2023-03-01", "recordedDate": None}, "2023-03-01"),
        ({"recordedDate": None}, None),
        ({"verificationStatus": {"coding": [{"code": "confirmed"}]}}, "2023-02-01"),
    ],
)
def test_an_intolerance_is_a_reaction_dated_by_onset_else_recording(elements, date):
    entry = {k: v for k, v in allergy(**elements).items() if v is not None}
    (found,) = facts(entry).reactions
    assert (found.drug, found.date and str(found.date)) == ("sertraline", date)


@pytest.mark.parametrize("code", ["refuted", "entered-in-error", "unconfirmed"])
def test_an_intolerance_that_is_not_confirmed_proves_none(code):
    entry = allergy(verificationStatus={"coding": [{"code": code}]})
    assert facts(entry).reactions == ()


@pytest.mark.parametrize(
    "code",
    [{"text": "No known allergy"}, {"text": "Penicillin"}, coded(SNOMED, "716186003")],
)
def test_an_allergy_to_something_else_is_no_reaction_of_ours(code):
    assert facts(allergy(code=code)).reactions == ()


def test_an_adverse_event_points_to_the_drug_by_any_medication_resource():
    event = {
        "resourceType": "AdverseEvent",
        "id": "e1",
        "actuality": "actual",
        "subject": fhir.SUBJECT,
        "date": "2023-03-13",
        "suspectEntity": [{"instance": {"reference": "MedicationStatement/m1"}}],
    }
    found = facts(fhir.statement(), event).reactions
    assert [(r.drug, str(r.date)) for r in found] == [("sertraline", "2023-03-13")]
    assert facts(fhir.statement(), event | {"actuality": "potential"}).reactions == ()
    r5 = event | {"suspectEntity": [{"instanceCodeableConcept": fhir.SERTRALINE_50}]}
    assert [r.drug for r in facts(r5).reactions] == ["sertraline"]
