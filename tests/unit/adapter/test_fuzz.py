"""Whatever stands in an element, reading ends in facts and issues, never in a fault of ours."""

import copy
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.staging.dates import PartialDate
from tests.lib import fhir
from tests.lib.demo import REPOSITORY
from tests.lib.reading import read_without_fault

DEMO = REPOSITORY / "assistant" / "demo_patients"
BUNDLES = [json.loads(path.read_bytes()) for path in sorted(DEMO.glob("*.json"))]
RICH = fhir.bundle(
    fhir.patient(birthDate="1961-11-05"),
    fhir.statement(
        fhir.SERTRALINE_50,
        dosage=[fhir.dosage(text="take 2 tablets daily for 4 weeks", sequence=1)],
        statusReason=[{"text": "side effects"}],
        reasonCode=[{"text": "Depression"}],
        adherence={"code": {"coding": [{"code": "taking"}]}},
    ),
    fhir.request(
        fhir.SERTRALINE_50,
        dispenseRequest={
            "expectedSupplyDuration": {"value": 30, "code": "d"},
            "numberOfRepeatsAllowed": 2,
            "validityPeriod": {"start": "2023-01-01", "end": "2023-12-31"},
        },
        reasonReference=[{"reference": "Condition/c1"}],
    ),
    fhir.dispense(quantity={"value": 30, "unit": "tablet"}),
    fhir.phq9(14),
    fhir.condition("F33.1", onsetDateTime="2022-12", severity={"text": "severe"}),
    {
        "resourceType": "QuestionnaireResponse",
        "id": "q1",
        "status": "completed",
        "subject": fhir.SUBJECT,
        "authored": "2023-01-02",
        "item": [{"linkId": "44250-9", "answer": [{"valueInteger": 1}]}],
    },
    {
        "resourceType": "AllergyIntolerance",
        "id": "a1",
        "patient": fhir.SUBJECT,
        "code": fhir.SERTRALINE_50,
        "reaction": [{"onset": "2023-02-01"}],
    },
    {
        "resourceType": "Procedure",
        "id": "p1",
        "status": "completed",
        "subject": fhir.SUBJECT,
        "code": {"text": "Bilateral ECT, 8 sessions"},
        "performedPeriod": {"start": "2023-08-07", "end": "2023-09-01"},
    },
    {
        "resourceType": "Observation",
        "id": "l1",
        "status": "final",
        "subject": fhir.SUBJECT,
        "code": {"coding": [{"system": fhir.LOINC, "code": "3016-3"}]},
        "valueQuantity": {"value": 5.2, "unit": "mIU/L"},
        "referenceRange": [{"low": {"value": 0.4, "unit": "mIU/L"}}],
    },
)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["", "2023", "2023-02-30", "0000-00-00", "Patient/p1", "#x", "urn:uuid:1"])
    | st.sampled_from(["http://[", "9999-12-31", 0, -1, 1e308, 10**18]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["reference", "coding", "code", "system", "text", "value", "unit", "start", "end",
             "url", "resourceType", "id", "repeat", "low", "high", "extension", "item"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value inside a JSON value."""
    found = [path] if path else []
    if isinstance(value, dict):
        for key, item in value.items():
            found += places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += places(item, (*path, index))
    return found


def replaced(content: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(content)
    target = changed
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    return changed


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_value_in_any_element_of_a_rich_record_is_survived(data):
    content = RICH
    for _ in range(data.draw(st.integers(1, 4), label="changes")):
        path = data.draw(st.sampled_from(places(content)), label="path")
        content = replaced(content, path, data.draw(json_values, label="value"))
    read_without_fault(content)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), bundle=st.sampled_from(BUNDLES))
def test_any_value_in_any_element_of_a_demo_patient_is_survived(data, bundle):
    path = data.draw(st.sampled_from(places(bundle)), label="path")
    read_without_fault(replaced(bundle, path, data.draw(json_values, label="value")))


digits = st.integers(0, 99).map("{:02d}".format)
nearly_dates = st.lists(
    st.sampled_from(["2023", "0000", "9999", "-", "T", ":", "Z", "+", ".", "30", "02"]) | digits,
    max_size=12,
).map("".join)


@settings(max_examples=400, deadline=None)
@given(text=nearly_dates | st.text(max_size=30))
def test_any_text_is_a_date_of_the_calendar_or_refused(text):
    try:
        found = PartialDate.parse(text)
    except ValueError:
        return
    assert found.earliest <= found.latest
    assert text.startswith(found.text)


repeats = st.dictionaries(
    st.sampled_from(
        ["frequency", "frequencyMax", "period", "periodMax", "periodUnit", "when", "timeOfDay",
         "dayOfWeek", "count", "boundsPeriod", "boundsDuration", "boundsRange"]
    ),
    json_values | st.integers(-2, 10) | st.sampled_from(["d", "wk", "h", "mon", "HS", "08:00:00"]),
    max_size=6,
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(repeat=repeats, text=st.text(max_size=20), limit=json_values)
def test_any_dosage_is_a_dose_or_unknown(repeat, text, limit):
    instruction = fhir.dosage(timing={"repeat": repeat}, text=text, maxDosePerPeriod=limit)
    medicine = fhir.statement(fhir.SERTRALINE_50, dosage=[instruction])
    read_without_fault(fhir.bundle(fhir.patient(), medicine))


@settings(max_examples=200, deadline=None)
@given(value=json_values)
def test_any_json_value_is_read_or_refused(value):
    read_without_fault(json.dumps(value).encode())


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    read_without_fault(data)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_damaged_text_is_read_or_refused(data):
    text = json.dumps(RICH).encode()
    at = data.draw(st.integers(0, len(text) - 1))
    length = data.draw(st.integers(0, 40))
    put = data.draw(st.binary(max_size=10))
    read_without_fault(text[:at] + put + text[at + length :])
