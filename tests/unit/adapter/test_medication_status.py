"""Whether an entry says that the drug was taken, why, and why it was stopped."""

import pytest

from assistant.staging.record import ExposureStatus, StopReason
from assistant.staging.verdicts import Verdict
from fhir_adapter.read import read_bundle
from tests.lib import fhir
from tests.lib.fhir import ICD10, coded

SNOMED = "http://snomed.info/sct"


def exposure(*resources):
    found = read_bundle(fhir.bundle(fhir.patient(), *resources)).treatment.exposures
    return found[0]


def problems(*resources):
    issues = read_bundle(fhir.bundle(fhir.patient(), *resources)).treatment.issues
    return " | ".join(issue.problem for issue in issues)


@pytest.mark.parametrize(
    ("resource", "status"),
    [
        (fhir.statement(status="active"), ExposureStatus.ACTIVE),
        (fhir.statement(status="completed"), ExposureStatus.COMPLETED),
        (fhir.statement(status="stopped"), ExposureStatus.STOPPED),
        (fhir.statement(status="on-hold"), ExposureStatus.ON_HOLD),
        (fhir.statement(status="intended"), ExposureStatus.DRAFT),
        (fhir.statement(status="not-taken"), ExposureStatus.NOT_TAKEN),
        (fhir.statement(status="entered-in-error"), ExposureStatus.ENTERED_IN_ERROR),
        (fhir.statement(status="unknown"), ExposureStatus.UNKNOWN),
        (fhir.statement(status="nonsense"), ExposureStatus.UNKNOWN),
        (fhir.statement(status="active", taken="n"), ExposureStatus.NOT_TAKEN),
        (fhir.statement(status="active", taken="y"), ExposureStatus.ACTIVE),
        (fhir.statement(status="active", wasNotTaken=True), ExposureStatus.NOT_TAKEN),
        (fhir.request(status="active"), ExposureStatus.ACTIVE),
        (fhir.request(status="stopped"), ExposureStatus.STOPPED),
        (fhir.request(status="cancelled"), ExposureStatus.CANCELLED),
        (fhir.request(status="draft"), ExposureStatus.DRAFT),
        (fhir.request(status="ended"), ExposureStatus.COMPLETED),
        (fhir.request(doNotPerform=True), ExposureStatus.DO_NOT_PERFORM),
        (fhir.request(intent="proposal"), ExposureStatus.DRAFT),
        (fhir.request(intent="plan"), ExposureStatus.DRAFT),
        (fhir.request(intent="plan", reportedBoolean=True), ExposureStatus.ACTIVE),
        (fhir.request(intent="plan", reportedBoolean=False), ExposureStatus.DRAFT),
        (
            fhir.request(intent="plan", reportedReference={"reference": "Practitioner/1"}),
            ExposureStatus.ACTIVE,
        ),
        (fhir.request(intent="instance-order"), ExposureStatus.ACTIVE),
        (fhir.dispense(), ExposureStatus.COMPLETED),
        (fhir.dispense(status="declined"), ExposureStatus.DECLINED),
        (fhir.dispense(status="cancelled"), ExposureStatus.CANCELLED),
        (fhir.dispense(status="preparation"), ExposureStatus.DRAFT),
        (fhir.dispense(status="entered-in-error"), ExposureStatus.ENTERED_IN_ERROR),
        (fhir.dispense(notDone=True), ExposureStatus.DECLINED),
    ],
)
def test_the_status_says_how_far_the_drug_was_taken(resource, status):
    assert exposure(resource).status is status


@pytest.mark.parametrize(
    ("code", "status", "adherence"),
    [
        ("taking-as-directed", ExposureStatus.ACTIVE, Verdict.MET),
        ("taking", ExposureStatus.ACTIVE, Verdict.UNKNOWN),
        ("taking-not-as-directed", ExposureStatus.ACTIVE, Verdict.NOT_MET),
        ("not-taking", ExposureStatus.NOT_TAKEN, None),
        ("stopped-as-directed", ExposureStatus.STOPPED, None),
        ("on-hold-as-directed", ExposureStatus.ON_HOLD, None),
        ("something-else", ExposureStatus.UNKNOWN, None),
    ],
)
def test_an_r5_statement_speaks_by_its_adherence(code, status, adherence):
    system = "http://hl7.org/fhir/CodeSystem/medication-statement-adherence"
    entry = fhir.statement(status="recorded", adherence={"code": coded(system, code)})
    found = exposure(entry)
    assert (found.status, found.adherence) == (status, adherence)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (coded(SNOMED, "266721009"), StopReason.INEFFICACY),
        (coded(SNOMED, "407563006"), StopReason.INTOLERANCE),
        (coded(SNOMED, "182992009"), StopReason.OTHER),
        (
            coded(
                "http://terminology.hl7.org/CodeSystem/medicationrequest-status-reason", "sintol"
            ),
            StopReason.INTOLERANCE,
        ),
        ({"text": "Stopped for lack of effect"}, StopReason.INEFFICACY),
        ({"text": "No response after 8 weeks"}, StopReason.INEFFICACY),
        ({"text": "ineffective"}, StopReason.INEFFICACY),
        ({"text": "Adverse reaction: symptomatic hyponatremia"}, StopReason.INTOLERANCE),
        ({"text": "side effects (nausea)"}, StopReason.INTOLERANCE),
        ({"text": "Could not tolerate; intolerable sedation"}, StopReason.INTOLERANCE),
        ({"text": "ineffective, no side effects"}, StopReason.INEFFICACY),
        ({"text": "stopped without side effects: pregnancy"}, StopReason.OTHER),
        ({"text": "cost"}, StopReason.OTHER),
        ({"text": "side effects and lack of efficacy"}, None),
        ({"text": "see letter"}, None),
        # the code stands over the words
        (coded(SNOMED, "266721009", text="side effects"), StopReason.INEFFICACY),
    ],
)
def test_a_stop_reason_is_read_from_its_code_else_its_words(reason, expected):
    entry = fhir.statement(status="stopped", statusReason=[reason])
    found = exposure(entry)
    assert found.stop_reason is expected
    if expected is None:
        assert "not understood" in problems(entry)
    else:
        assert "statusReason[0]" in {item.element for item in found.evidence}


def test_a_single_status_reason_of_an_order_is_read_too():
    entry = fhir.request(status="stopped", statusReason=coded(SNOMED, "266721009"))
    assert exposure(entry).stop_reason is StopReason.INEFFICACY


@pytest.mark.parametrize(
    ("reasons", "depression", "label"),
    [
        ({"reasonCode": [coded(ICD10, "F33.1")]}, True, "depression"),
        ({"reasonCode": [coded(ICD10, "F34.1")]}, True, "depression"),
        ({"reasonCode": [{"text": "Major depressive disorder"}]}, True, "depression"),
        ({"reasonCode": [{"text": "MDD"}]}, True, "depression"),
        ({"reasonCode": [{"text": "Insomnia"}]}, False, "insomnia"),
        ({"reasonCode": [coded(ICD10, "N39.44", "Nocturnal enuresis")]}, False, "enuresis"),
        ({"reasonCode": [{"text": "smoking cessation"}]}, False, "smoking cessation"),
        ({"reasonCode": [{"text": "OCD"}]}, False, "obsessive-compulsive disorder"),
        ({"reasonCode": [{"text": "neuropathic pain"}]}, False, "neuropathic pain"),
        ({"reasonCode": [coded(ICD10, "F31.81", "Bipolar II disorder")]}, False,
         "bipolar disorder"),
        ({"reasonCode": [{"text": "Insomnia"}, {"text": "Depression"}]}, True, "depression"),
        ({"reason": [{"concept": {"text": "Depression"}}]}, True, "depression"),
        ({"reasonReference": [{"reference": "Condition/c1"}]}, True, "depression"),
        ({"reason": [{"reference": {"reference": "Condition/c1"}}]}, True, "depression"),
        ({"reasonReference": [{"reference": "Condition/x", "display": "Migraine"}]}, False,
         "migraine"),
    ],
)  # fmt: skip
def test_the_indication_is_read_from_code_reference_or_words(reasons, depression, label):
    found = exposure(fhir.statement(**reasons), fhir.condition("F32.2"))
    assert found.indication is not None
    assert (found.indication.depression, found.indication.label) == (depression, label)
    assert "indication" in {item.attribute for item in found.evidence}


@pytest.mark.parametrize("text", ["", "no pain", "foot", "checkup"])
def test_words_that_name_no_indication_leave_it_unknown(text):
    assert exposure(fhir.statement(reasonCode=[{"text": text}])).indication is None


def test_a_fill_takes_the_indication_of_its_order():
    order = fhir.request(reasonCode=[{"text": "Depression"}])
    fill = fhir.dispense(authorizingPrescription=[{"reference": "MedicationRequest/r1"}])
    found = read_bundle(fhir.bundle(fhir.patient(), order, fill)).treatment.exposures
    assert [e.indication and e.indication.depression for e in found] == [True, True]
