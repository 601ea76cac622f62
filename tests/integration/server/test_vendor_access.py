"""Quirks 8 to 15 of real EHRs: scopes, tokens, faults, tenancy, references, meaning.

The numbers are those of the vendor notes (integration notes, section 6).
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx2
import pytest

from fhir_adapter.read_server import read_server
from fhir_adapter.server import AccessRefused, ReadSettings, RefreshingToken, discover
from fhir_adapter.server.scopes import Grant
from tests.lib.fhir import condition, patient, request, statement
from tests.lib.hostile_ehr import HostileEhr, Reply, outcome, searchset
from tests.lib.server_reads import QUICK, incomplete, problems, read

# 8


def test_8_a_type_outside_the_granted_scopes_is_not_asked_and_told_as_restricted():
    ehr = HostileEhr(patient(), statement(), condition("F32.1"))
    scope = "openid fhirUser patient/Patient.read patient/MedicationStatement.rs"
    record = read(ehr, scope=scope)
    assert ehr.asked("Condition") == []
    assert incomplete(record)["Condition"].why == "restricted: the granted scopes do not cover it"
    assert len(record.treatment.exposures) == 1
    assert "MedicationStatement" not in incomplete(record)


def test_8_insufficient_scope_in_the_answer_is_told():
    ehr = HostileEhr(patient())
    ehr.on("Condition", lambda _: Reply(
        status=403, headers={"www-authenticate": 'Bearer error="insufficient_scope"'},
    ))  # fmt: skip
    assert "granted scopes" in incomplete(read(ehr))["Condition"].why


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        ("patient/*.read", "whole"),
        ("user/Observation.rs", "whole"),
        ("patient/Observation.rs?category=laboratory", "part"),
        ("patient/Observation.write", None),
        ("patient/Condition.read launch", None),
        ("", None),
    ],
)
def test_8_scopes_of_both_versions_are_understood(scope, covered):
    assert Grant(scope).covers("Observation") == covered


# 9


def test_9_an_expired_token_is_renewed_once_for_all_and_the_old_refresh_token_kept():
    ehr = HostileEhr(patient(), *(statement() | {"id": f"m{n}"} for n in range(3)))
    access = {"good": "first", "granted": 0}

    def guard(asked):
        if asked.headers.get("authorization") != f"Bearer {access['good']}":
            return Reply(status=401, headers={"www-authenticate": "Bearer"})
        if asked.kind == "Patient":
            access["good"] = "none until renewed"
        return None

    def renew(asked):
        assert b"refresh_token=keep-me" in asked.body
        access["granted"] += 1
        access["good"] = f"renewed{access['granted']}"
        return Reply(body={"access_token": access["good"], "expires_in": 570})

    for kind in ("Patient", "MedicationStatement", "MedicationRequest", "Condition", "Observation"):
        ehr.on(kind, guard)
    ehr.on("token", renew)

    async def go(base):
        async with httpx2.AsyncClient() as client:
            token = RefreshingToken(
                access="first", refresh="keep-me", endpoint=f"{base}/token", client_id="app",
                client=client,
            )  # fmt: skip
            record = await read_server(base, "p1", token=token, settings=QUICK)
            assert await token.renew(await token.token())
            return record

    with ehr.running() as base:
        record = asyncio.run(go(base))
    assert len(record.treatment.exposures) == 3
    assert incomplete(record) == {}
    assert access["granted"] == 2  # one for five refused requests, one asked for above


def test_9_a_session_that_ended_is_told_type_by_type():
    ehr = HostileEhr(patient(), statement())
    ehr.on("Condition", lambda _: Reply(status=401))
    record = read(ehr, token="t")
    assert "sign-in" in incomplete(record)["Condition"].why
    assert len(record.treatment.exposures) == 1


def test_9_a_refused_token_at_the_patient_is_access_refused():
    ehr = HostileEhr(patient())
    ehr.on("Patient", lambda _: Reply(status=401))
    with pytest.raises(AccessRefused, match="sign in again"):
        read(ehr, token="t")


# 10


def test_10_the_issuer_is_taken_as_discovered_not_from_the_base():
    ehr = HostileEhr()
    ehr.on(".well-known", lambda asked: Reply(
        headers={"content-type": "application/json"},
        body={
            "issuer": "https://login.example.org/oauth2",
            "token_endpoint": "https://login.example.org/token",
            "scopes_supported": ["openid"],
            "capabilities": ["launch-ehr", "permission-v2"],
        },
    ) if asked.headers["accept"] == "application/json" else Reply(status=406))  # fmt: skip

    async def go(base):
        async with httpx2.AsyncClient() as client:
            return await discover(client, base)

    with ehr.running() as base:
        found = asyncio.run(go(base))
    assert found.issuer == "https://login.example.org/oauth2"
    assert not hasattr(found, "scopes_supported")


def test_10_a_site_without_discovery_has_an_empty_configuration():
    async def go(base):
        async with httpx2.AsyncClient() as client:
            return await discover(client, base)

    with HostileEhr().running() as base:
        assert asyncio.run(go(base)).issuer is None


# 11


@pytest.mark.parametrize(
    "content_type", ["application/json+fhir", "application/json", "text/plain", "", None]
)
def test_11_json_is_asked_for_and_taken_under_any_name(content_type):
    ehr = HostileEhr(patient(), statement())

    def rule(asked):
        if asked.headers.get("accept") != "application/fhir+json":
            return Reply(status=406, body=b"<xml/>")
        headers = {} if content_type is None else {"content-type": content_type}
        return Reply(body=searchset([statement()]), headers=headers)

    ehr.on("MedicationStatement", rule)
    assert len(read(ehr).treatment.exposures) == 1


def test_11_xml_is_told_and_not_parsed():
    ehr = HostileEhr(patient())
    ehr.on("Condition", lambda _: Reply(
        body=b"<Bundle/>", headers={"content-type": "application/fhir+xml"},
    ))  # fmt: skip
    assert "not FHIR JSON" in incomplete(read(ehr))["Condition"].why


# 12


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_12_a_passing_fault_is_asked_again(status):
    ehr = HostileEhr(patient(), condition("F32.1"))
    faults = iter([True, True, False])
    ehr.on("Condition", lambda _: Reply(status=status) if next(faults) else None)
    record = read(ehr)
    assert len(record.treatment.diagnoses) == 1
    assert len(ehr.asked("Condition")) == 3


def test_12_a_lasting_fault_costs_its_type_and_the_attempts_are_capped():
    ehr = HostileEhr(patient(), statement())
    ehr.on("Condition", lambda _: Reply(
        status=500, body=outcome("broken", severity="fatal", issue="required"),
    ))  # fmt: skip
    record = read(ehr)
    assert len(ehr.asked("Condition")) == QUICK.attempts
    assert "Condition" in incomplete(record)
    assert len(record.treatment.exposures) == 1


@pytest.mark.parametrize("status", [400, 404, 422])
def test_12_a_fault_of_ours_is_not_asked_again(status):
    ehr = HostileEhr(patient())
    ehr.on("Condition", lambda _: Reply(status=status))
    read(ehr)
    assert len(ehr.asked("Condition")) == 1


@pytest.mark.parametrize("as_date", [False, True])
def test_12_retry_after_is_waited_for(as_date):
    ehr = HostileEhr(patient(), condition("F32.1"))
    first = []
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)

    def rule(_):
        if first:
            return None
        first.append(time.monotonic())
        return Reply(status=429, headers={"retry-after": moment if as_date else "1"})

    ehr.on("Condition", rule)
    record = read(ehr)
    assert len(record.treatment.diagnoses) == 1
    assert time.monotonic() - first[0] > 0.3


def test_12_a_server_that_asks_for_too_long_a_wait_is_not_waited_for():
    ehr = HostileEhr(patient())
    ehr.on("Condition", lambda _: Reply(status=429, headers={"retry-after": "86400"}))
    started = time.monotonic()
    assert "429" in incomplete(read(ehr))["Condition"].why
    assert time.monotonic() - started < 10
    assert len(ehr.asked("Condition")) == 1


# 13


def test_13_site_parameters_go_with_every_search():
    ehr = HostileEhr(patient(), statement())

    def rule(asked):
        if asked.query.get("ah-practice") != "Organization/a-1.Practice-7":
            return Reply(status=403)
        return None

    for kind in ("MedicationStatement", "Condition"):
        ehr.on(kind, rule)
    site = ReadSettings(site_parameters={"ah-practice": "Organization/a-1.Practice-7"})
    record = read(ehr, settings=site)
    assert incomplete(record) == {}
    assert len(record.treatment.exposures) == 1


def test_13_the_patient_parameter_is_the_one_the_site_lists():
    ehr = HostileEhr(patient(), condition("F32.1"))
    ehr.on("metadata", lambda _: Reply(body={
        "resourceType": "CapabilityStatement", "fhirVersion": "4.0.1",
        "rest": [{"mode": "server", "resource": [
            {"type": "Condition", "searchParam": [{"name": "subject"}]}]}],
    }))  # fmt: skip
    assert len(read(ehr).treatment.diagnoses) == 1
    (asked,) = ehr.asked("Condition")
    assert asked.query["subject"] == "Patient/p1"


# 14


@pytest.mark.parametrize("status", [403, 404, 410])
def test_14_a_medication_that_cannot_be_read_leaves_its_display(status):
    pointing = request(medicationReference={"reference": "Medication/a.b", "display": "Zoloft"})
    del pointing["medicationCodeableConcept"]
    ehr = HostileEhr(patient(), pointing)
    ehr.on("Medication", lambda _: Reply(status=status))
    record = read(ehr)
    assert [one.drug for one in record.treatment.exposures] == ["sertraline"]
    assert any("its own words are used" in problem for problem in problems(record))


def test_14_a_reference_to_another_server_is_not_followed():
    away = {"reference": "http://127.0.0.2:1/r4/Medication/m", "display": "Zoloft"}
    pointing = request(medicationReference=away)
    del pointing["medicationCodeableConcept"]
    record = read(HostileEhr(patient(), pointing), token="t")
    assert [one.drug for one in record.treatment.exposures] == ["sertraline"]
    assert any("another server" in problem for problem in problems(record))


def test_14_ids_with_dots_and_absolute_references_are_the_same_patient():
    who = "eM5CWtq15N0WJeuCet5bJlQ3.x-1"
    person = patient() | {"id": who}
    ehr = HostileEhr(person)
    absolute = statement() | {"subject": {"reference": ""}}

    def rule(_):
        absolute["subject"]["reference"] = f"{ehr.base}/Patient/{who}"
        return Reply(body=searchset([absolute], total=1))

    ehr.on("MedicationStatement", rule)
    assert len(read(ehr, who).treatment.exposures) == 1


# 15


def test_15_no_known_allergies_is_no_allergy_and_an_empty_list_says_nothing():
    none_known = {
        "resourceType": "AllergyIntolerance",
        "id": "a1",
        "patient": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "716186003"}]},
    }
    assert read(HostileEhr(patient(), none_known)).treatment.reactions == ()
    assert read(HostileEhr(patient())).treatment.reactions == ()


def test_15_no_consent_is_asked_for_and_narrative_is_never_read():
    worded = statement(text={"status": "generated", "div": "<div>{\\rtf1 venlafaxine}</div>"})
    ehr = HostileEhr(patient(), worded)
    record = read(ehr)
    assert ehr.asked("Consent") == []
    assert [one.drug for one in record.treatment.exposures] == ["sertraline"]
