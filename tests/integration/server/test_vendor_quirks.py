"""The fifteen quirks of real EHRs, each against a server of ours that has it.

The numbers are those of the vendor notes (integration notes, section 6).
"""

import asyncio
import subprocess
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx2
import pytest

from assistant.staging.record import ExposureStatus
from fhir_adapter.errors import PatientNotFound, SeveralPatients
from fhir_adapter.read_server import read_server
from fhir_adapter.server import (
    AccessRefused,
    ReadSettings,
    RefreshingToken,
    ServerUnavailable,
    discover,
)
from fhir_adapter.server.scopes import Grant
from tests.lib.fhir import condition, patient, phq9, request, statement
from tests.lib.hostile_ehr import HostileEhr, Reply, outcome, searchset

QUICK = ReadSettings(
    attempts=3, first_wait_seconds=0.01, longest_wait_seconds=0.02, request_seconds=5,
    total_seconds=20,
)  # fmt: skip


def read(ehr, who="p1", settings=QUICK, **options):
    async def go(base):
        return await read_server(base, who, settings=settings, **options)

    with ehr.running() as base:
        return asyncio.run(go(base))


def incomplete(record):
    return {one.type: one for one in record.treatment.completeness.incomplete}


def problems(record):
    return [issue.problem for issue in record.treatment.issues]


def scores(count, start=0):
    return [phq9(place % 28, "2023-01-02") | {"id": f"s{place}"}
            for place in range(start, start + count)]  # fmt: skip


def observations(record):
    return sorted(key for key in record.resources if key.startswith("Observation/"))


def paged(ehr, kind, pages, link):
    """Serve ``pages`` of resources; ``link(number)`` is the address of page ``number``."""
    total = sum(map(len, pages))

    def rule(asked):
        number = int(asked.query.get("page", 0))
        following = link(number + 1) if number + 1 < len(pages) else None
        return Reply(body=searchset(pages[number], total=total, following=following))

    ehr.on(kind, rule)


# 1


def test_1_home_medicines_come_from_orders_where_there_are_no_statements():
    home = request(intent="plan", reportedBoolean=True) | {"id": "home"}
    ehr = HostileEhr(patient(), home)
    ehr.on("MedicationStatement", lambda _: Reply(status=404, body=outcome("4100")))
    record = read(ehr)
    (exposure,) = record.treatment.exposures
    assert exposure.status is ExposureStatus.ACTIVE
    assert "MedicationStatement" not in incomplete(record)
    assert any("does not serve MedicationStatement" in problem for problem in problems(record))


# 2


def test_2_observations_are_asked_category_by_category_where_that_is_required():
    ehr = HostileEhr(patient(), phq9(12))
    known = {"laboratory", "vital-signs", "social-history", "survey", "exam", "imaging"}

    def rule(asked):
        category = asked.query.get("category")
        if category not in known:
            return Reply(status=400, body=outcome("59108", severity="fatal", issue="required"))
        return Reply(body=searchset([phq9(12)] if category == "survey" else []))

    ehr.on("Observation", rule)
    record = read(ehr)
    assert [score.value for score in record.treatment.scores] == [12]
    assert incomplete(record) == {}
    categories = [asked.query.get("category") for asked in ehr.asked("Observation")]
    assert categories[0] is None
    assert set(categories[1:]) <= known
    assert "procedure" not in categories


# 3


def test_3_an_outcome_that_says_nothing_was_found_is_no_resource_and_no_issue():
    ehr = HostileEhr(patient())
    empty = searchset([outcome("4101", severity="warning", issue="not-found")], total=0)
    ehr.on("Condition", lambda _: Reply(body=empty))
    record = read(ehr)
    assert record.treatment.diagnoses == ()
    assert incomplete(record) == {}
    assert problems(record) == []


def test_3_an_outcome_that_says_there_may_be_more_makes_the_read_incomplete():
    ehr = HostileEhr(patient())
    page = searchset([condition("F32.1"), outcome("4119", severity="warning")])
    ehr.on("Condition", lambda _: Reply(body=page))
    record = read(ehr)
    assert len(record.treatment.diagnoses) == 1
    assert "not the whole record (4119)" in incomplete(record)["Condition"].why


# 4


@pytest.mark.parametrize("code", ["4130", "4131", "4134"])
def test_4_a_break_the_glass_remark_is_shown_as_restricted_never_as_none_found(code):
    ehr = HostileEhr(patient())
    severity = "information" if code == "4134" else "fatal"
    ehr.on("Condition", lambda _: Reply(body=searchset([outcome(code, severity=severity)])))
    assert incomplete(read(ehr))["Condition"].why.startswith("restricted")


def test_4_a_forbidden_type_is_shown_as_restricted():
    ehr = HostileEhr(patient(), statement())
    ehr.on("Condition", lambda _: Reply(status=403, body=outcome("x", issue="forbidden")))
    record = read(ehr)
    assert incomplete(record)["Condition"].why.startswith("restricted")
    assert len(record.treatment.exposures) == 1


# 5


@pytest.mark.parametrize(
    "form",
    [
        "{base}/Observation?page={number}",
        "/r4/Observation?page={number}",
        "Observation?page={number}",
        "{base}?page={number}",
        "{base}/Observation/_paging/x?page={number}&cursor=opaque~9%2F",
    ],
)
def test_5_a_next_link_is_followed_as_written_in_any_form(form):
    ehr = HostileEhr(patient())
    pages = [scores(2), scores(2, 2), scores(1, 4)]
    link = lambda number: form.format(base=ehr.base, number=number)  # noqa: E731
    paged(ehr, "Observation", pages, link)
    paged(ehr, "", pages, link)
    record = read(ehr)
    assert len(observations(record)) == 5
    assert incomplete(record) == {}


def test_5_a_plus_in_a_cursor_arrives_as_a_plus():
    ehr = HostileEhr(patient())
    paged(ehr, "Observation", [scores(1), scores(1, 1)],
          lambda n: f"{ehr.base}/Observation?page={n}&cursor=a+b==")  # fmt: skip
    assert len(observations(read(ehr))) == 2
    assert ehr.asked("Observation")[-1].query["cursor"] == "a+b=="


def test_5_short_pages_and_a_first_page_of_another_size_are_no_fault():
    ehr = HostileEhr(patient())
    pages = [scores(7), [], scores(1, 7), [], scores(3, 8)]
    paged(ehr, "Observation", pages, lambda n: f"{ehr.base}/Observation?page={n}")
    record = read(ehr)
    assert len(observations(record)) == 11
    assert incomplete(record) == {}


def test_5_a_search_whose_pages_expire_is_asked_again_once():
    ehr = HostileEhr(patient())
    expired = []

    def rule(asked):
        number = int(asked.query.get("page", 0))
        if number == 1 and not expired:
            expired.append(True)
            return Reply(status=400, body=outcome("4113", severity="fatal"))
        following = f"{ehr.base}/Observation?page=1" if number == 0 else None
        return Reply(body=searchset(scores(1, number), total=2, following=following))

    ehr.on("Observation", rule)
    record = read(ehr)
    assert len(observations(record)) == 2
    assert incomplete(record) == {}
    assert len(ehr.asked("Observation")) == 4


def test_5_pages_that_keep_expiring_are_told():
    ehr = HostileEhr(patient())

    def rule(asked):
        if "page" in asked.query:
            return Reply(status=400, body=outcome("4113", severity="fatal"))
        return Reply(body=searchset(scores(1), total=2, following=f"{ehr.base}/Observation?page=1"))

    ehr.on("Observation", rule)
    record = read(ehr)
    assert "expire" in incomplete(record)["Observation"].why
    assert (incomplete(record)["Observation"].read, incomplete(record)["Observation"].total) == (
        1,
        2,
    )


def test_5_a_paging_loop_is_left():
    ehr = HostileEhr(patient())
    paged(ehr, "Observation", [scores(1), scores(1, 1), scores(1, 2)],
          lambda n: f"{ehr.base}/Observation?page={n % 2}")  # fmt: skip
    record = read(ehr)
    assert "leads back" in incomplete(record)["Observation"].why
    assert len(ehr.asked("Observation")) < 6


def test_5_pages_without_end_are_left():
    ehr = HostileEhr(patient())
    number = iter(range(10_000))
    ehr.on("Observation", lambda _: Reply(body=searchset(
        scores(1), following=f"{ehr.base}/Observation?page={next(number)}")))  # fmt: skip
    assert "without anything new" in incomplete(read(ehr))["Observation"].why
    ehr = HostileEhr(patient())
    place = iter(range(10_000))

    def endless(_):
        here = next(place)
        following = f"{ehr.base}/Observation?page={here}"
        return Reply(body=searchset(scores(1, here), following=following))

    ehr.on("Observation", endless)
    few = ReadSettings(pages=12)
    assert "more than 12 pages" in incomplete(read(ehr, settings=few))["Observation"].why
    assert len(ehr.asked("Observation")) == 12


def test_5_a_next_link_to_another_origin_gets_neither_request_nor_token():
    ehr, thief = HostileEhr(patient()), HostileEhr()
    thief.on("Observation", lambda _: Reply(body=searchset(scores(1, 1))))
    with thief.running() as elsewhere:
        for link in (elsewhere, elsewhere.replace("127.0.0.1", "localhost")):
            ehr.rules = {}
            page = searchset(scores(1), following=f"{link}/Observation?page=1")
            ehr.on("Observation", lambda _, page=page: Reply(body=page))
            record = read(ehr, token="t")
            assert "another host" in incomplete(record)["Observation"].why
        assert thief.seen == []
        named = ReadSettings(page_hosts=frozenset({"localhost"}))
        assert len(observations(read(ehr, settings=named))) == 2


@pytest.mark.parametrize("link", ["file:///etc/passwd", "http://["])
def test_5_a_next_link_that_is_no_web_address_is_not_followed(link):
    ehr = HostileEhr(patient())
    ehr.on("Observation", lambda _: Reply(body=searchset(scores(1), following=link)))
    assert "Observation" in incomplete(read(ehr))


# 6


def test_6_a_narrow_search_grammar_is_enough():
    ehr = HostileEhr(patient(), statement(), request(), condition("F32.1"), phq9(9))

    def narrow(asked):
        if len(asked.path.split("/")) == 1 and set(asked.query) - {"patient", "subject", "_count"}:
            return Reply(status=400, body=outcome("unknown-parameter"))
        return None

    for kind in ("MedicationRequest", "MedicationStatement", "Condition", "Observation"):
        ehr.on(kind, narrow)
    record = read(ehr)
    assert incomplete(record) == {}
    assert len(record.treatment.exposures) == 2
    assert len(record.treatment.scores) == 1


def test_6_includes_are_asked_only_where_the_site_says_it_can():
    ehr = HostileEhr(patient(), request())
    statement_of_site = {
        "resourceType": "CapabilityStatement",
        "fhirVersion": "4.0.1",
        "rest": [{"mode": "server", "resource": [
            {"type": "MedicationRequest", "searchInclude": ["MedicationRequest:medication"]},
            {"type": "MedicationStatement"},
        ]}],
    }  # fmt: skip
    ehr.on("metadata", lambda _: Reply(body=statement_of_site))
    read(ehr)
    (asked,) = ehr.asked("MedicationRequest")
    assert asked.query["_include"] == "MedicationRequest:medication"
    (asked,) = ehr.asked("MedicationStatement")
    assert "_include" not in asked.query


def test_6_a_contained_medication_names_the_drug():
    inside = request(medicationReference={"reference": "#m"})
    del inside["medicationCodeableConcept"]
    inside["contained"] = [
        {"resourceType": "Medication", "id": "m", "code": {"text": "venlafaxine"}}
    ]
    record = read(HostileEhr(patient(), inside))
    assert [one.drug for one in record.treatment.exposures] == ["venlafaxine"]


# 7


def test_7_an_ignored_patient_parameter_lets_nobody_else_in():
    mine, foreign = statement(), statement() | {"id": "m2", "subject": {"reference": "Patient/x"}}
    ehr = HostileEhr(patient())
    ehr.on("MedicationStatement", lambda _: Reply(body=searchset([mine, foreign], total=2)))
    record = read(ehr)
    assert "MedicationStatement/m2" not in record.resources
    assert len(record.treatment.exposures) == 1
    assert any("name another: refused" in problem for problem in problems(record))
    assert not any("m2" in repr(issue) for issue in record.treatment.issues)


def test_7_a_patient_that_is_not_the_one_asked_for_is_refused():
    ehr = HostileEhr(patient())
    ehr.on("Patient", lambda _: Reply(body=patient() | {"id": "p2"}))
    with pytest.raises(ServerUnavailable, match="another resource"):
        read(ehr)


def test_7_an_identifier_search_that_is_not_filtered_finds_only_its_bearer():
    bearer = patient(identifier=[{"value": "MRN 1"}])
    other = patient(identifier=[{"value": "MRN 2"}]) | {"id": "p2"}
    ehr = HostileEhr(bearer, other, statement())
    ehr.on("Patient", lambda asked: Reply(body=searchset([bearer, other]))
           if "identifier" in asked.query else None)  # fmt: skip
    assert len(read(ehr, "MRN 1").treatment.exposures) == 1
    with pytest.raises(PatientNotFound):
        read(ehr, "MRN 3")


def test_7_an_identifier_of_two_patients_is_not_guessed():
    both = [patient(identifier=[{"value": "MRN 1"}]) | {"id": name} for name in ("p1", "p2")]
    with pytest.raises(SeveralPatients):
        read(HostileEhr(*both), "MRN 1")


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


# faults of the line


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=searchset([condition("F32.1")]), cut=True),
        Reply(body=b'{"resourceType": "Bundle", "entry": ['),
        Reply(body=b"\xff\xfe\x00"),
        Reply(body=b"[]"),
        Reply(body={"resourceType": "Patient"}),
        Reply(body=searchset([condition("F32.1")]), stall=3),
        Reply(body=searchset([condition("F32.1")] * 20), drip=0.05),
        Reply(status=302, headers={"location": "http://127.0.0.2:1/"}),
    ],
    ids=["reset", "truncated", "binary", "array", "no-bundle", "stall", "drip", "redirect"],
)
def test_a_broken_answer_costs_its_type_within_the_deadline(reply):
    ehr = HostileEhr(patient(), statement())
    ehr.on("Condition", lambda _: reply)
    impatient = ReadSettings(attempts=2, first_wait_seconds=0.01, request_seconds=0.6)
    started = time.monotonic()
    record = read(ehr, settings=impatient)
    assert time.monotonic() - started < 8
    assert "Condition" in incomplete(record)
    assert len(record.treatment.exposures) == 1


def test_the_whole_read_ends_at_its_deadline_with_what_came():
    ehr = HostileEhr(patient(), statement())
    for kind in ("Condition", "Observation", "Procedure"):
        ehr.on(kind, lambda _: Reply(body=searchset(), stall=30))
    started = time.monotonic()
    record = read(ehr, settings=ReadSettings(total_seconds=2.0))
    assert time.monotonic() - started < 6
    assert {"Condition", "Observation", "Procedure"} <= set(incomplete(record))
    assert len(record.treatment.exposures) == 1


def test_an_answer_beyond_the_size_limit_is_refused():
    ehr = HostileEhr(patient())
    ehr.on("Condition", lambda _: Reply(body=searchset([condition("F32.1")] * 100)))
    small = ReadSettings(answer_bytes=4096)
    assert "too large" in incomplete(read(ehr, settings=small))["Condition"].why


def test_a_total_above_what_was_sent_is_told_with_both_numbers():
    ehr = HostileEhr(patient())
    ehr.on("Condition", lambda _: Reply(body=searchset([condition("F32.1")], total=5)))
    record = read(ehr)
    found = incomplete(record)["Condition"]
    assert (found.read, found.total) == (1, 5)
    completeness = record.treatment.completeness
    assert completeness.resources_total - completeness.resources_read == 4


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that nobody has signed, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    names = (str(folder / "cert.pem"), str(folder / "key.pem"))
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-out", names[0], "-keyout", names[1]],
        capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("openssl is not here to make a certificate")
    return names


def test_a_certificate_that_is_not_trusted_is_named_and_not_asked_again(certificate):
    ehr = HostileEhr(patient(), statement())
    with ehr.running(certificate=certificate) as base:
        with pytest.raises(ServerUnavailable, match="certificate is not trusted"):
            asyncio.run(read_server(base, "p1", token="t", settings=QUICK))
        assert ehr.seen == []
        trusting = ReadSettings(certificates=certificate[0])
        record = asyncio.run(read_server(base, "p1", token="t", settings=trusting))
    assert len(record.treatment.exposures) == 1


def test_certificates_that_cannot_be_read_are_named(tmp_path):
    missing = ReadSettings(certificates=str(tmp_path / "none.pem"))
    with pytest.raises(ServerUnavailable, match="PEM"):
        asyncio.run(read_server("https://127.0.0.1:9/r4", "p1", settings=missing))


@pytest.mark.parametrize(
    "base", ["ftp://h/r4", "http://", "https://u:p@h/r4", "https://h/r4?x=1", "http://[::"]
)
def test_an_address_that_is_none_is_refused(base):
    with pytest.raises(ServerUnavailable, match="address"):
        asyncio.run(read_server(base, "p1"))


def test_a_token_never_leaves_over_plain_http():
    with pytest.raises(AccessRefused, match="https"):
        asyncio.run(read_server("http://ehr.example.org/r4", "p1", token="t"))


def test_no_message_and_no_issue_names_the_patient():
    ehr = HostileEhr(patient() | {"id": "canary-4711"})
    for kind in ("Condition", "Observation"):
        ehr.on(kind, lambda _: Reply(status=500))
    record = read(ehr, "canary-4711")
    told = repr(record.treatment.issues) + repr(record.treatment.completeness)
    assert "canary" not in told
    with pytest.raises(PatientNotFound) as caught:
        read(HostileEhr(patient()), "canary-4711")
    assert "canary" not in str(caught.value)
