"""mg a day from structure and words."""

from decimal import Decimal
from typing import Any

import pytest

from fhir_adapter.read import read_bundle
from tests.lib import fhir

MG_50 = {"doseQuantity": {"value": 50, "unit": "mg", "code": "mg"}}


def facts(*dosages: Any, medication: Any = None):
    statement = fhir.statement(medication or fhir.SERTRALINE_50, dosage=list(dosages))
    return read_bundle(fhir.bundle(fhir.patient(), statement)).treatment


def span(*dosages: Any, medication: Any = None) -> tuple[float, float] | None:
    (exposure,) = facts(*dosages, medication=medication).exposures
    if exposure.dose is None:
        return None
    return float(exposure.dose.low), float(exposure.dose.high)


def problems(*dosages: Any, medication: Any = None) -> str:
    return " | ".join(issue.problem for issue in facts(*dosages, medication=medication).issues)


def timed(repeat: dict[str, Any] | None = None, **timing: Any) -> dict[str, Any]:
    return {
        "timing": {**({"repeat": repeat} if repeat is not None else {}), **timing},
        "doseAndRate": [MG_50],
    }


@pytest.mark.parametrize(
    ("repeat", "expected"),
    [
        ({"frequency": 1, "period": 1, "periodUnit": "d"}, (50, 50)),
        ({"frequency": 2, "period": 1, "periodUnit": "d"}, (100, 100)),
        ({"frequency": 1, "period": 8, "periodUnit": "h"}, (150, 150)),
        ({"frequency": 1, "period": 2, "periodUnit": "d"}, (25, 25)),
        ({"frequency": 7, "period": 1, "periodUnit": "wk"}, (50, 50)),
        ({"frequency": 30, "period": 1, "periodUnit": "mo"}, (50, 50)),
        ({"period": 1, "periodUnit": "d"}, (50, 50)),
        ({"frequency": 1, "frequencyMax": 2, "period": 1, "periodUnit": "d"}, (50, 100)),
        ({"frequency": 1, "period": 12, "periodMax": 24, "periodUnit": "h"}, (50, 100)),
        ({"frequency": 1, "period": 1, "periodUnit": "d", "when": ["HS"]}, (50, 50)),
        ({"when": ["MORN", "NIGHT"]}, (100, 100)),
        ({"timeOfDay": ["08:00:00", "12:00:00", "20:00:00"]}, (150, 150)),
        ({"dayOfWeek": ["mon", "wed", "fri"], "timeOfDay": ["08:00:00"]}, (150 / 7, 150 / 7)),
        (
            {"frequency": 1, "period": 1, "periodUnit": "d", "dayOfWeek": ["mon", "wed", "fri"]},
            (150 / 7, 150 / 7),
        ),
        ({"frequency": 1, "period": 1, "periodUnit": "d", "when": ["MORN", "NIGHT"]}, (50, 100)),
        ({"frequency": 2}, None),
        ({"frequency": 0, "period": 1, "periodUnit": "d"}, None),
        ({"frequency": 1, "period": -1, "periodUnit": "d"}, None),
        ({"frequency": 1, "period": 1, "periodUnit": "fortnight"}, None),
        ({"count": 1}, None),
        ({"boundsPeriod": {"start": "2023-01-02"}}, None),
        ({}, None),
    ],
)
def test_a_structured_timing_gives_times_a_day(repeat, expected):
    found = span(timed(repeat))
    assert (found is None) == (expected is None)
    if expected is not None:
        assert found == pytest.approx(expected)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("QD", 50), ("BID", 100), ("TID", 150), ("QID", 200), ("QOD", 25), ("Q12H", 100),
        ("QHS", 50), ("DAILY", 50), ("Q 24H", 50), ("bid", 100), ("QHS:PRN", 50), ("WK", 50 / 7),
        ("ONCE", None), ("ASDIR", None), ("TITRATE TO", None), ("gibberish", None),
    ],
)  # fmt: skip
def test_a_timing_code_gives_times_a_day(code, expected):
    found = span(timed(code={"coding": [{"code": code}]}))
    assert found == (None if expected is None else pytest.approx((expected, expected)))
    (exposure,) = facts(timed(code={"coding": [{"code": code}]})).exposures
    assert exposure.as_needed == code.endswith("PRN")


def test_code_and_repeat_that_disagree_give_the_range_of_both():
    dosage = timed({"frequency": 1, "period": 1, "periodUnit": "d"}, code={"text": "BID"})
    assert span(dosage) == (50, 100)
    assert "different frequencies" in problems(dosage)


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        ({"value": 50, "unit": "mg"}, 50),
        ({"value": 0.05, "unit": "g"}, 50),
        ({"value": 50000, "unit": "mcg", "code": "ug"}, 50),
        ({"value": 2, "unit": "TAB"}, 100),
        ({"value": 0.5, "unit": "{tablet}", "code": "{tablet}"}, 25),
        ({"value": 2, "unit": "Capsule(s)"}, 100),
        ({"value": 2, "code": "1"}, 100),
        ({"value": 2}, None),
        ({"value": 2, "unit": "mg/kg"}, None),
        ({"value": 2, "unit": "mL"}, None),
        ({"value": 2, "unit": "squirts"}, None),
        ({"value": "50", "unit": "mg"}, None),
        ({"value": -50, "unit": "mg"}, None),
        ({"value": 0, "unit": "mg"}, None),
        ({"value": True, "unit": "mg"}, None),
        ({"value": 50000, "unit": "mg"}, None),
        ({"unit": "mg"}, None),
        ("50 mg", None),
    ],
)
def test_a_dose_quantity_is_read_by_its_unit_or_not_at_all(quantity, expected):
    dosage = {
        "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": quantity}],
    }
    assert span(dosage) == (None if expected is None else (expected, expected))
    if expected is None and quantity != {"unit": "mg"}:
        assert problems(dosage)


def test_a_dose_range_is_a_dose_between():
    dosage = {
        "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [
            {"doseRange": {"low": {"value": 1, "unit": "TAB"}, "high": {"value": 2, "unit": "TAB"}}}
        ],
    }
    assert span(dosage) == (50, 100)


DAILY = {"frequency": 1, "frequencyMax": 4, "period": 1, "periodUnit": "d"}


def most(value: float, unit: str, days: float = 1, time: str = "d") -> dict[str, Any]:
    return {
        "numerator": {"value": value, "unit": unit},
        "denominator": {"value": days, "unit": time},
    }


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (most(100, "mg"), (50, 100)),
        (most(2, "TAB"), (50, 100)),  # of 50 mg
        (most(700, "mg", 1, "wk"), (50, 100)),
        (most(100, "mg", 24, "h"), (50, 100)),
        ([most(150, "mg"), most(3, "TAB")], (50, 150)),  # R5: a list
        (most(400, "mg"), (50, 200)),
        (most(100, "mg", 0), (50, 200)),
        (most(2, "puff"), (50, 200)),
        ("100 mg", (50, 200)),
    ],
)
def test_the_maximum_of_a_period_is_the_upper_end_of_the_dose(limit, expected):
    assert span({**timed(DAILY), "maxDosePerPeriod": limit}) == expected


def test_a_dose_above_its_own_maximum_is_the_range_of_both_with_an_issue():
    dosage = {
        **timed({"frequency": 2, "period": 1, "periodUnit": "d"}),
        "maxDosePerPeriod": most(50, "mg"),
    }
    assert span(dosage) == (50, 100)
    assert "above the stated maximum" in problems(dosage)


def test_the_maximum_of_a_period_bounds_a_dose_in_words():
    dosage = {"text": "take 1-4 tablets daily", "maxDosePerPeriod": most(100, "mg")}
    assert span(dosage) == (50, 100)


def test_the_older_dose_elements_are_read():
    stu3 = {
        "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
        "doseQuantity": {"value": 2, "unit": "{tablet}"},
    }
    dstu2 = {
        "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnits": "d"}},
        "quantityQuantity": {"value": 100, "unit": "mg"},
    }
    assert span(stu3) == span(dstu2) == (100, 100)


def test_different_doses_in_one_instruction_leave_it_unknown():
    dosage = timed({"frequency": 1, "period": 1, "periodUnit": "d"})
    dosage["doseAndRate"] = [MG_50, {"doseQuantity": {"value": 100, "unit": "mg"}}]
    assert span(dosage) is None
    assert "several different doses" in problems(dosage)


def test_instructions_at_once_add_up():
    morning = timed({"frequency": 1, "period": 1, "periodUnit": "d", "when": ["MORN"]})
    night = timed({"frequency": 2, "period": 1, "periodUnit": "d"})
    assert span(morning, night) == (150, 150)
    assert span({**morning, "sequence": 1}, {**night, "sequence": 1}) == (150, 150)


def test_one_instruction_without_a_dose_leaves_the_sum_unknown():
    full = timed({"frequency": 1, "period": 1, "periodUnit": "d"})
    assert span(full, {"text": "as directed"}) is None
    assert "gives no dose" in problems(full, {"text": "as directed"})


def test_instructions_in_sequence_give_a_step_each():
    def step(number: int, mg: int, days: int | None) -> dict[str, Any]:
        repeat: dict[str, Any] = {"frequency": 1, "period": 1, "periodUnit": "d"}
        if days:
            repeat["boundsDuration"] = {"value": days, "code": "d"}
        quantity = {"value": mg, "unit": "mg"}
        return {
            "sequence": number,
            "timing": {"repeat": repeat},
            "doseAndRate": [{"doseQuantity": quantity}],
        }

    found = facts(step(2, 100, 14), step(1, 50, 7), step(3, 150, None)).exposures
    assert [(int(e.dose.low), str(e.start), str(e.end)) for e in found if e.dose] == [
        (50, "2023-01-02", "2023-01-08"),
        (100, "2023-01-09", "2023-01-22"),
        (150, "2023-01-23", "2023-02-26"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("take 1 tablet by mouth once daily", (50, 50)),
        ("1 tab bid", (100, 100)),
        ("100 mg po qhs", (100, 100)),
        ("1-2 tabs daily", (50, 100)),
        ("1 tab every other day", (25, 25)),
        ("50 mg in the morning and 100 mg at night", (150, 150)),
        ("as directed", None),
        ("50 mg tablet", None),
        ("see note", None),
    ],
)
def test_words_alone_are_read_where_there_is_no_structure(text, expected):
    assert span({"text": text}) == expected


def test_a_taper_in_words_gives_a_step_each():
    found = facts({"text": "take 1 tab daily for 1 week then 2 tabs daily"}).exposures
    assert [(int(e.dose.low), str(e.start), str(e.end)) for e in found if e.dose] == [
        (50, "2023-01-02", "2023-01-08"),
        (100, "2023-01-09", "2023-02-26"),
    ]


def test_words_that_say_another_dose_than_the_structure_give_the_range_of_both():
    dosage = {**timed({"frequency": 2, "period": 1, "periodUnit": "d"}), "text": "1 tab qd"}
    assert span(dosage) == (50, 100)
    assert "different doses" in problems(dosage)
    agreeing = {**timed({"frequency": 2, "period": 1, "periodUnit": "d"}), "text": "1 tab bid"}
    assert span(agreeing) == (100, 100)
    assert problems(agreeing) == ""


def test_words_fill_in_the_frequency_that_the_structure_leaves_out():
    assert span({"doseAndRate": [MG_50], "text": "one tablet twice daily"}) == (100, 100)
    assert span({"doseAndRate": [MG_50], "text": "50 mg tablet"}) is None


def test_words_and_structure_of_different_length_are_noted():
    dosage = timed(
        {
            "frequency": 1,
            "period": 1,
            "periodUnit": "d",
            "boundsPeriod": {"start": "2023-01-16", "end": "2023-01-20"},
        }
    )
    assert "different lengths" in problems({**dosage, "text": "1 tablet daily for 14 days"})


@pytest.mark.parametrize(
    "element",
    [
        {"asNeededBoolean": True},
        {"asNeeded": True},
        {"asNeededCodeableConcept": {"text": "insomnia"}},
        {"asNeededFor": [{"text": "insomnia"}]},
    ],
)
def test_as_needed_is_kept_beside_the_dose(element):
    dosage = timed({"frequency": 1, "period": 1, "periodUnit": "d"})
    (exposure,) = facts({**dosage, **element}).exposures
    assert exposure.as_needed


def test_an_entry_without_dosage_has_no_dose():
    (exposure,) = facts().exposures
    assert exposure.dose is None


def test_a_fill_without_instruction_gives_strength_times_quantity_over_its_days():
    fill = fhir.dispense(quantity={"value": 60, "unit": "tablet"})
    (exposure,) = read_bundle(fhir.bundle(fhir.patient(), fill)).treatment.exposures
    assert exposure.dose is not None
    assert exposure.dose.low == Decimal(100)  # 60 tablets of 50 mg over 30 days
    assert {item.element for item in exposure.evidence} >= {"quantity", "daysSupply"}


def test_administrations_of_one_day_add_up():
    given = [
        {
            "resourceType": "MedicationAdministration",
            "id": f"a{hour}",
            "status": "completed",
            "subject": fhir.SUBJECT,
            "medicationCodeableConcept": fhir.SERTRALINE_50,
            "effectiveDateTime": f"2023-01-0{day}T{hour}:00:00Z",
            "dosage": {"dose": {"value": 50, "unit": "mg"}},
        }
        for day, hour in ((2, "08"), (2, "20"), (3, "09"))
    ]
    found = read_bundle(fhir.bundle(fhir.patient(), *given)).treatment.exposures
    assert [(str(e.start), e.dose and e.dose.low) for e in found] == [
        ("2023-01-02", 100),
        ("2023-01-03", 50),
    ]
