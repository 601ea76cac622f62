"""Bad inputs are refused, not guessed (promise 7): one row a thing that was tried.

A row of the first table is no FHIR JSON at all and names its place. A row of the
second is a resource with a fault: it gives no fact, and an issue that names it.
A row of the third is odd but lawful and must be read.
"""

# ruff: noqa: E501 - one row a thing that was tried
import gzip
import json
from typing import Any

import pytest

from fhir_adapter.errors import UnreadableInput
from fhir_adapter.read import read_bundle
from tests.lib import fhir
from tests.lib.fhir import LOINC, bundle, coded, patient, phq9, request, statement

GOOD = json.dumps(bundle(patient(), phq9(14))).encode()
DEEP = b'{"resourceType":"Bundle","entry":' + b"[" * 3000 + b"]" * 3000 + b"}"
SECRET = "Zaphod"


def around(value: bytes) -> bytes:
    """The good Bundle with its score replaced by raw text."""
    return GOOD.replace(b'"valueInteger": 14', b'"valueInteger": ' + value)


NOT_FHIR: list[tuple[str, bytes, str]] = [
    ("empty", b"", "empty"),
    ("blank", b" \n\t", "empty"),
    ("a byte order mark alone", b"\xef\xbb\xbf", "empty"),
    ("text", b"hello", "line 1"),
    ("XML", b"<Bundle xmlns='http://hl7.org/fhir'/>", "XML"),
    ("HTML", b"\n<!doctype html><html></html>", "XML"),
    ("UTF-16", GOOD.decode().encode("utf-16"), "UTF-16"),
    ("truncated", GOOD[:200], "line 1"),
    ("truncated in a string", GOOD[: GOOD.index(b"Patient") + 3], "line 1"),
    ("text after the value", GOOD + b"}", "line 1"),
    ("two values on one line", GOOD + GOOD, "line 1"),
    ("a trailing comma", GOOD.replace(b'"final"', b'"final",,', 1), "line 1"),
    ("a comment", b"/* FHIR */" + GOOD, "line 1"),
    ("single quotes", GOOD.replace(b'"', b"'"), "line 1"),
    ("NaN", around(b"NaN"), "entry[1].resource.valueInteger"),
    ("Infinity", around(b"Infinity"), "entry[1].resource.valueInteger"),
    ("minus Infinity", around(b"-Infinity"), "entry[1].resource.valueInteger"),
    ("a number beyond a double", around(b"1e400"), "entry[1].resource.valueInteger"),
    ("a leading zero", around(b"014"), "entry[1].resource"),
    ("a plus sign", around(b"+14"), "entry[1].resource.valueInteger"),
    ("a bare fraction", around(b".5"), "entry[1].resource.valueInteger"),
    ("hexadecimal", around(b"0x0e"), "entry[1].resource"),
    ("undefined", around(b"undefined"), "entry[1].resource.valueInteger"),
    ("Python's True", around(b"True"), "entry[1].resource.valueInteger"),
    ("a lone surrogate", around(b'"\\ud800"'), "entry[1].resource.valueInteger"),
    ("a control character in a string", around(b'"\x00"'), "entry[1].resource.valueInteger"),
    ("bytes that are no UTF-8", around(b'"\xff\xfe"'), "line 1"),
    ("nesting without end", DEEP, "depth"),
    ("a key given twice", around(b'14, "valueInteger": 3'), '"valueInteger"'),
    ("a status given twice", GOOD.replace(b'"final"', b'"final", "status" : "x"', 1), "twice"),
    (
        "a key given twice beside an escaped colon",
        around(b'14, "note": [{"text": "\\u003A"}], "valueInteger": 3'),
        '"valueInteger"',
    ),
    ("an array", b"[]", "array"),
    ("an array of resources", b'[{"resourceType":"Patient"}]', "array"),
    ("a string", b'"Patient"', "single value"),
    ("a number", b"7", "single value"),
    ("null", b"null", "single value"),
    ("true", b"true", "single value"),
    ("an empty object", b"{}", "resourceType"),
    ("an object of something else", b'{"name":"x"}', "resourceType"),
    ("resourceType null", b'{"resourceType":null}', "resourceType"),
    ("resourceType a number", b'{"resourceType":7}', "resourceType"),
    ("resourceType with a blank", b'{"resourceType":"Pa tient"}', "resourceType"),
    ("resourceType empty", b'{"resourceType":""}', "resourceType"),
    ("an empty Bundle", b'{"resourceType":"Bundle","type":"collection"}', "no resource of a patient"),
    ("a Bundle with entry null", b'{"resourceType":"Bundle","entry":null}', "no resource of a patient"),
    ("a Bundle with entry text", b'{"resourceType":"Bundle","entry":"x"}', "no resource of a patient"),
    ("a Bundle of nulls", b'{"resourceType":"Bundle","entry":[null]}', "no resource of a patient"),
    ("only an OperationOutcome", b'{"resourceType":"OperationOutcome","issue":[]}',
     "no resource of a patient"),
    ("only a Medication", b'{"resourceType":"Medication","id":"m"}', "no resource of a patient"),
    ("a broken gzip", b"\x1f\x8b\x08broken", "gzip"),
    ("a truncated gzip", gzip.compress(GOOD)[:-20], "gzip"),
    ("NDJSON without one good line", b"{}\n[]\n7\n", "no line of it"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "named"), [row[1:] for row in NOT_FHIR], ids=[row[0] for row in NOT_FHIR]
)
def test_what_is_no_fhir_json_is_refused_with_its_place(data, named):
    with pytest.raises(UnreadableInput) as refused:
        read_bundle(data)
    assert named in refused.value.message
    assert refused.value.exit_code == 3


def medication(**elements: Any) -> dict[str, Any]:
    return statement(fhir.SERTRALINE_50, **elements)


def dosed(quantity: Any, repeat: Any = None) -> dict[str, Any]:
    repeat = {"frequency": 1, "period": 1, "periodUnit": "d"} if repeat is None else repeat
    dosage = {"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": quantity}]}
    return medication(dosage=[dosage])


def mg(value: Any, unit: Any = "mg") -> dict[str, Any]:
    return {"value": value, "unit": unit}


def on(date: Any) -> dict[str, Any]:
    return phq9(14, date)


# What fails, the resource, and a word of the issue. The fact that stays away is
# named by the test: a score, a dose or an exposure.
NO_SCORE: list[tuple[str, Any, str]] = [
    ("year 0000", on("0000-01-01"), "effectiveDateTime"),
    ("30 February", on("2023-02-30"), "effectiveDateTime"),
    ("29 February of no leap year", on("2023-02-29"), "effectiveDateTime"),
    ("month 13", on("2023-13-01"), "effectiveDateTime"),
    ("day 0", on("2023-01-00"), "effectiveDateTime"),
    ("a date with slashes", on("01/02/2023"), "effectiveDateTime"),
    ("a date in words", on("last spring"), "effectiveDateTime"),
    ("a date of two digits", on("23-01-02"), "effectiveDateTime"),
    ("a date with a time of day on a month", on("2023-01T10:00"), "effectiveDateTime"),
    ("a number as date", on(20230102), "effectiveDateTime"),
    ("a list as date", on(["2023-01-02"]), "effectiveDateTime"),
    ("an object as date", on({"start": "2023-01-02"}), "effectiveDateTime"),
    ("an empty date", on(""), ""),
    ("no date", on(None), ""),
    ("full-width digits", on("\uff12\uff10\uff12\uff13-01-02"), "effectiveDateTime"),
    ("a negative score", phq9(-3), "valueInteger"),
    ("a score beyond the scale", phq9(28), "valueInteger"),
    ("a tenfold score", phq9(140), "valueInteger"),
    ("a fraction of a score", phq9(None, valueDecimal=13.5), "valueDecimal"),
    ("a score in words", phq9(None, valueString="fourteen"), "valueString"),
    ("a score in full-width digits", phq9(None, valueString="\uff11\uff14"), "valueString"),
    ("a score as boolean", phq9(True), "valueInteger"),
    ("a score in a list", phq9([14]), "valueInteger"),
    ("a score in an object", phq9({"value": 14}), "valueInteger"),
    ("a score as string in an integer", phq9("14"), "valueInteger"),
    ("a score with a comparator", phq9(None, valueQuantity={"value": 14, "comparator": "<"}), "valueQuantity.comparator"),
    ("a quantity without value", phq9(None, valueQuantity={"unit": "{score}"}), ""),
    ("a quantity that is text", phq9(None, valueQuantity="14"), "valueQuantity"),
    ("a score without value", phq9(None), ""),
    ("a score of an absent status", phq9(14, status=None), "status"),
    ("a score of status 7", phq9(14, status=7), "status"),
    ("a score entered in error", phq9(14, status="entered-in-error"), "status"),
    ("a score of another patient", phq9(14, subject={"reference": "Patient/p2"}), "subject"),
    ("a score of a nameless patient", phq9(14, subject={}), "subject"),
    ("a score of a patient in a list", phq9(14, subject=[fhir.SUBJECT]), "subject"),
    ("an unknown modifier extension", phq9(14, modifierExtension=[{"url": "urn:not"}]), "modifierExtension[0]"),
    ("a modifier extension without url", phq9(14, modifierExtension=[{}]), "modifierExtension[0]"),
    ("a modifier extension that is text", phq9(14, modifierExtension="x"), "modifierExtension"),
    ("a code that is text", phq9(14, code="44261-6"), None),
    ("a code that is a number", phq9(14, code={"coding": [{"system": LOINC, "code": 442616}]}), "code.coding[0].code"),
    ("codings that are text", phq9(14, code={"coding": "44261-6"}), "code.coding"),
    ("a code system in a list", phq9(14, code={"coding": [{"system": [LOINC], "code": "44261-6"}]}), "code.coding[0].system"),
    ("another code", phq9(14, code=coded(LOINC, "0-0")), None),
]  # fmt: skip

NO_DOSE: list[tuple[str, Any, str]] = [
    ("a negative dose", dosed(mg(-100)), "doseQuantity"),
    ("a dose of zero", dosed(mg(0)), "doseQuantity"),
    ("a thousandfold dose", dosed(mg(100_000)), "dosage[0]"),
    ("a dose of a million tablets", dosed(mg(1_000_000, "tablet")), "dosage[0]"),
    ("a dose beyond 64 bits", dosed(mg(10**30)), "dosage[0]"),
    ("a dose in text", dosed(mg("100")), "doseQuantity.value"),
    ("a dose with its unit in text", dosed("100 mg"), "doseQuantity"),
    ("a dose as boolean", dosed(mg(True)), "doseQuantity.value"),
    ("a dose in a list", dosed(mg([100])), "doseQuantity.value"),
    ("a dose without a unit", dosed(mg(100, None)), "doseQuantity"),
    ("a dose in miles", dosed(mg(100, "mi")), "doseQuantity"),
    ("a dose per kilogram", dosed(mg(100, "mg/kg")), "doseQuantity"),
    ("a unit that is a number", dosed(mg(100, 5)), "doseQuantity.unit"),
    ("a frequency of zero", dosed(mg(100), {"frequency": 0, "period": 1, "periodUnit": "d"}), "frequency"),
    ("a negative frequency", dosed(mg(100), {"frequency": -1, "period": 1, "periodUnit": "d"}), "frequency"),
    ("a frequency in text", dosed(mg(100), {"frequency": "1", "period": 1, "periodUnit": "d"}), "frequency"),
    ("a period of zero", dosed(mg(100), {"frequency": 1, "period": 0, "periodUnit": "d"}), "period"),
    ("a negative period", dosed(mg(100), {"frequency": 1, "period": -1, "periodUnit": "d"}), "period"),
    ("a period of a fortnight", dosed(mg(100), {"frequency": 1, "period": 1, "periodUnit": "fortnight"}), "periodUnit"),
    ("a frequency without period", dosed(mg(100), {"frequency": 1}), "repeat"),
    ("a thousand times a second", dosed(mg(100), {"frequency": 1000, "period": 1, "periodUnit": "s"}), "dosage[0]"),
    ("a timing that is text", medication(dosage=[{"timing": "daily", "doseAndRate": [{"doseQuantity": mg(100)}]}]), "timing"),
    ("a repeat that is a list", dosed(mg(100), [1]), "repeat"),
    ("two different doses at once", medication(dosage=[fhir.dosage(doseAndRate=[{"doseQuantity": mg(50)}, {"doseQuantity": mg(100)}])]), "doseAndRate"),
    ("dosages that are text", medication(dosage="100 mg daily"), "dosage"),
    ("a dosage that is text", medication(dosage=["100 mg daily"]), "dosage[0]"),
    ("a dosage that is a number", medication(dosage=[100]), "dosage[0]"),
    ("a dose range upside down", medication(dosage=[{"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}, "doseAndRate": [{"doseRange": {"low": mg(200), "high": mg(100)}}]}]), "doseRange"),
    ("a text no one can read", medication(dosage=[{"text": "zzz"}]), None),
    ("a text of ten thousand letters", medication(dosage=[{"text": "a" * 10_000}]), None),
    ("a capsule for one week", statement(coded(fhir.RXNORM, "313995"), dosage=[fhir.dosage(90)]), "dosage[0]"),
]  # fmt: skip

NO_DATE: list[tuple[str, Any, str]] = [
    ("an end before the start", medication(effectivePeriod={"start": "2023-02-01", "end": "2023-01-01"}), ""),
    ("a period that is text", medication(effectivePeriod="2023"), "effectivePeriod"),
    ("a period of 30 February", medication(effectivePeriod={"start": "2023-02-30"}), "effectivePeriod.start"),
    ("a period of year 0000", medication(effectivePeriod={"start": "0000", "end": "0000-12"}), "effectivePeriod.start"),
    ("a period of numbers", medication(effectivePeriod={"start": 2023, "end": 2024}), "effectivePeriod.start"),
    ("an order without a date", request(authoredOn=None), ""),
    ("an order of a broken date", request(authoredOn="2023-99-99"), "authoredOn"),
]  # fmt: skip

NO_EXPOSURE: list[tuple[str, Any, str]] = [
    ("no drug", statement({"coding": []}), None),
    ("a drug code that is a number", statement({"coding": [{"system": fhir.RXNORM, "code": 312941}]}), "coding[0].code"),
    ("a misspelt drug", statement({"text": "sertralin"}), None),
    ("half a drug's name", statement({"text": "sertra"}), None),
    ("a drug in another code system", statement({"coding": [{"system": LOINC, "code": "312941"}]}), None),
    ("a reference to nothing", {**statement(), "medicationCodeableConcept": None, "medicationReference": {"reference": "Medication/none"}}, "medicationReference"),
    ("a reference that is a number", {**statement(), "medicationCodeableConcept": None, "medicationReference": {"reference": 7}}, "medicationReference"),
    ("a reference to itself", {**statement(), "medicationCodeableConcept": None, "medicationReference": {"reference": "MedicationStatement/m1"}}, None),
    ("an empty reference", {**statement(), "medicationCodeableConcept": None, "medicationReference": {"reference": ""}}, "medicationReference"),
    ("a contained cycle", {**statement(), "medicationCodeableConcept": None, "medicationReference": {"reference": "#a"}, "contained": [{"resourceType": "Medication", "id": "a", "ingredient": [{"itemReference": {"reference": "#a"}}]}]}, None),
    ("contained text", {**statement(), "medicationCodeableConcept": None, "medicationReference": {"reference": "#a"}, "contained": "a"}, None),
    ("contained numbers", {**statement(), "medicationCodeableConcept": None, "medicationReference": {"reference": "#a"}, "contained": [1, None]}, None),
    ("a statement of another patient", medication(subject={"reference": "Patient/p2"}), "subject"),
    ("a statement of a group", medication(subject={"reference": "Group/p1"}), "subject"),
    ("a modifier inside a dosage", medication(dosage=[fhir.dosage(modifierExtension=[{"url": "urn:not"}])]), "dosage[0].modifierExtension[0]"),
]  # fmt: skip


def faults(resource: Any) -> tuple[Any, list[tuple[str, str]]]:
    facts = read_bundle(json.dumps(bundle(patient(), resource)).encode()).treatment
    found = [(issue.path, issue.problem) for issue in facts.issues]
    assert all("please report" not in problem for _, problem in found)
    return facts, found


def assert_named(found: list[tuple[str, str]], place: str | None) -> None:
    if place is not None:
        assert any(place in path for path, _ in found), found


def cases(rows: list[tuple[str, Any, str]]) -> Any:
    return pytest.mark.parametrize(
        ("resource", "place"), [row[1:] for row in rows], ids=[row[0] for row in rows]
    )


@cases(NO_SCORE)
def test_a_bad_score_is_refused(resource, place):
    facts, found = faults(resource)
    assert facts.scores == ()
    assert_named(found, place)


@cases(NO_DOSE)
def test_a_bad_dose_leaves_the_dose_unknown(resource, place):
    facts, found = faults(resource)
    assert [exposure.dose for exposure in facts.exposures] == [None]
    assert_named(found, place)


@cases(NO_DATE)
def test_a_bad_date_leaves_the_dates_unknown(resource, place):
    facts, found = faults(resource)
    assert [(exposure.start, exposure.end) for exposure in facts.exposures] == [(None, None)]
    assert_named(found, place)


@cases(NO_EXPOSURE)
def test_an_entry_that_names_no_drug_of_this_patient_is_no_exposure(resource, place):
    facts, found = faults(resource)
    assert facts.exposures == ()
    assert_named(found, place)


NO_RESOURCE: list[tuple[str, Any]] = [
    ("null", None), ("a number", 7), ("text", "Observation"), ("a list", [phq9(14)]),
    ("an empty object", {}), ("no type", {"id": "x"}), ("a type of digits", {"resourceType": "1"}),
    ("a type in a list", {"resourceType": ["Observation"]}),
]  # fmt: skip


@pytest.mark.parametrize(
    "resource", [row[1] for row in NO_RESOURCE], ids=[row[0] for row in NO_RESOURCE]
)
def test_an_entry_that_is_no_resource_costs_itself(resource):
    facts = read_bundle(bundle(patient(), resource, phq9(14))).treatment
    assert [score.value for score in facts.scores] == [14]
    assert [issue.resource for issue in facts.issues] == ["entry[1]"]
    assert (facts.completeness.resources_read, facts.completeness.resources_total) == (2, 3)


def test_a_drug_given_as_a_plain_string_is_read_by_its_name():
    facts, found = faults(statement("sertraline 50 mg"))
    assert [exposure.drug for exposure in facts.exposures] == ["sertraline"]
    assert_named(found, "medicationCodeableConcept")


def test_an_entry_that_is_no_object_costs_itself():
    content = bundle(patient(), phq9(14))
    content["entry"] += [None, 7, "x", [], {}]
    facts = read_bundle(content).treatment
    assert len(facts.scores) == 1
    assert {issue.resource for issue in facts.issues} == {f"entry[{i}]" for i in range(2, 7)}


LAWFUL: list[tuple[str, bytes]] = [
    ("a byte order mark", b"\xef\xbb\xbf" + GOOD),
    ("gzip", gzip.compress(GOOD)),
    ("blanks around", b"\n\n  " + GOOD + b"\n "),
    ("blanks before colons", GOOD.replace(b'":', b'" :')),
    ("pretty printing", json.dumps(json.loads(GOOD), indent=4).encode()),
    ("an escaped slash", GOOD.replace(b"Patient/p1", b"Patient\\/p1")),
    ("a quoted colon in text", around(b'14, "note": [{"text": "say \\": twice"}]')),
    ("an escaped colon in text", around(b'14, "note": [{"text": "at 10\\u003a30"}]')),
    ("unknown elements", around(b'14, "_vendor": {"x": 1}, "zzz": [null]')),
    ("a float that is whole", around(b"14.0")),
    ("exponent notation", around(b"1.4e1")),
    ("a partial date", GOOD.replace(b"2023-01-02", b"2023-01")),
    ("a time without seconds", GOOD.replace(b"2023-01-02", b"2023-01-02T10:00Z")),
    ("a time without zone", GOOD.replace(b"2023-01-02", b"2023-01-02T10:00:00")),
    ("nanoseconds", GOOD.replace(b"2023-01-02", b"2023-01-02T10:00:00.123456789+01:00")),
    ("minus zero offset", GOOD.replace(b"2023-01-02", b"2023-01-02T10:00:00-00:00")),
    ("an emoji", around('14, "note": [{"text": "🙂"}]'.encode())),
    ("an empty array", around(b'14, "component": []')),
    ("an array of null", around(b'14, "component": [null], "extension": [null]')),
]  # fmt: skip


@pytest.mark.parametrize("data", [row[1] for row in LAWFUL], ids=[row[0] for row in LAWFUL])
def test_what_is_odd_but_lawful_is_read(data):
    facts = read_bundle(data).treatment
    assert [int(score.value) for score in facts.scores] == [14]
    assert facts.issues == ()


def test_ten_thousand_entries_are_read():
    many = [
        phq9(14, f"20{year:02}-01-02", id=f"o{year}-{n}") for year in range(20) for n in range(500)
    ]
    facts = read_bundle(bundle(patient(), *many)).treatment
    assert facts.completeness.resources_total == 10_001
    assert len(facts.scores) == 20  # one a day: the same value of one moment counts once


def test_nothing_of_the_patient_is_in_a_message():
    named = patient(id=SECRET, name=[{"text": SECRET}], birthDate=SECRET)
    bad = phq9(SECRET, SECRET, subject={"reference": f"Patient/{SECRET}"}, status=SECRET)
    mine = medication(
        subject={"reference": f"Patient/{SECRET}"},
        effectivePeriod={"start": SECRET},
        dosage=[{"text": SECRET, "doseAndRate": [{"doseQuantity": mg(SECRET, SECRET)}]}],
    )
    other = phq9(3, subject={"reference": "Patient/x", "display": SECRET}, id="o9")
    facts = read_bundle(bundle(named, bad, mine, other)).treatment
    assert facts.issues
    assert all(SECRET not in issue.problem + issue.path for issue in facts.issues)
    for data in (around(b'"' + SECRET.encode()), SECRET.encode(), b"[" + SECRET.encode()):
        with pytest.raises(UnreadableInput) as refused:
            read_bundle(data)
        assert SECRET not in refused.value.message


def test_the_list_is_as_long_as_promised():
    rows = (NOT_FHIR, NO_SCORE, NO_DOSE, NO_DATE, NO_EXPOSURE, NO_RESOURCE, LAWFUL)
    assert sum(map(len, rows)) >= 120
