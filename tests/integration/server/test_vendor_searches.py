"""Quirks 1 to 7 of real EHRs, searching and paging, each against a server of ours that has it.

The numbers are those of the vendor notes (integration notes, section 6).
"""

import pytest

from assistant.staging.record import ExposureStatus
from fhir_adapter.errors import PatientNotFound, SeveralPatients
from fhir_adapter.server import ReadSettings, ServerUnavailable
from tests.lib.fhir import condition, patient, phq9, request, statement
from tests.lib.hostile_ehr import HostileEhr, Reply, outcome, searchset
from tests.lib.server_reads import incomplete, observations, paged, problems, read, scores

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
