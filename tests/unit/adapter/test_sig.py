"""What a free-text dose instruction says. Texts are ours unless a test names its source."""

import json
from decimal import Decimal
from typing import Any

import pytest

from fhir_adapter.sig import parse_sig


def dose(low: float, unit: str | None, high: float | None = None) -> dict[str, Any]:
    return {"low": low, "high": low if high is None else high, "unit": unit}


def often(times: Any, per: Any, unit: str | None, *when: str) -> dict[str, Any]:
    return {"times": times, "per": per, "unit": unit, "when": list(when)}


DAILY = often(1, 1, "day")
TWICE = often(2, 1, "day")


@pytest.mark.parametrize(
    ("text", "expected_dose", "expected_frequency"),
    [
        ("1 tab qd", dose(1, "tablet"), DAILY),
        ("2 tabs p.o. b.i.d.", dose(2, "tablet"), TWICE),
        ("one cap t.i.d.", dose(1, "capsule"), often(3, 1, "day")),
        ("1 cap qid", dose(1, "capsule"), often(4, 1, "day")),
        ("20mg qod", dose(20, "mg"), often(1, 2, "day")),
        ("1 tab every other day", dose(1, "tablet"), often(1, 2, "day")),
        ("1 tab on alternate days", dose(1, "tablet"), often(1, 2, "day")),
        ("1 tab q6h", dose(1, "tablet"), often(1, 6, "hour")),
        ("1 tab q 4-6 hrs", dose(1, "tablet"), often(1, {"low": 4, "high": 6}, "hour")),
        ("5 mL 6 hourly", dose(5, "mL"), often(1, 6, "hour")),
        ("1 tab 2x/week", dose(1, "tablet"), often(2, 1, "week")),
        ("90 mg once weekly", dose(90, "mg"), often(1, 1, "week")),
        ("1 tablet every fortnight", dose(1, "tablet"), often(1, 2, "week")),
        ("1-2 tabs 3 times a day", dose(1, "tablet", 2), often(3, 1, "day")),
        ("two to three puffs daily", dose(2, "puff", 3), DAILY),
        ("1/2 tab daily", dose(0.5, "tablet"), DAILY),
        ("take 1½ tabs daily", dose(1.5, "tablet"), DAILY),
        ("one and a half tablets daily", dose(1.5, "tablet"), DAILY),
        ("take one-half tablet daily", dose(0.5, "tablet"), DAILY),
        ("ii tabs qd", dose(2, "tablet"), DAILY),
        ("1,000 mg bid", dose(1000, "mg"), TWICE),
        ("up to 2 tablets daily", dose(0, "tablet", 2), DAILY),
        ("50 mg/day", dose(50, "mg"), DAILY),
        ("twenty-five mg daily", dose(25, "mg"), DAILY),
        ("take one (1) tablet two (2) times a day", dose(1, "tablet"), TWICE),
        ("1 capsule twice daily (every 12 hours)", dose(1, "capsule"), TWICE),
        ("1 tsp daily", dose(5, "mL"), DAILY),
        ("1 tbsp daily", dose(15, "mL"), DAILY),
        ("two 5 ml spoonfuls daily", dose(10, "mL"), DAILY),
        ("2 x 10 ml daily", dose(20, "mL"), DAILY),
        ("one 50 mg tablet daily", dose(1, "tablet"), DAILY),
        ("50 mg 1 tablet daily", dose(1, "tablet"), DAILY),
        ("20 mg = 1 tab, daily, # 30 tab, 0 refill(s)", dose(20, "mg"), DAILY),
        ("1 each daily", dose(1, "each"), DAILY),
        ("1 tablet once", dose(1, "tablet"), often(1, None, None)),
        ("40 mg as a single dose", dose(40, "mg"), often(1, None, None)),
        ("1 tab od", dose(1, "tablet"), DAILY),
        ("dissolve 1 packet in 8 oz of water daily", dose(1, "packet"), DAILY),
        ("apply one 25 mcg/hr patch q72h", dose(1, "patch"), often(1, 72, "hour")),
        ("one tablet to be taken three times a day", dose(1, "tablet"), often(3, 1, "day")),
        ("0.5 (one-half) tablet daily", dose(0.5, "tablet"), DAILY),
        ("1 tab bid, start on 7/1/2015 at 1:00 PM", dose(1, "tablet"), TWICE),
        ("1 tab qd-bid", dose(1, "tablet"), often({"low": 1, "high": 2}, 1, "day")),
    ],
)
def test_dose_and_frequency_are_read(text, expected_dose, expected_frequency):
    read = parse_sig(text).to_json()
    assert read["dose"] == expected_dose
    assert read["frequency"] == expected_frequency


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 tab qhs", often(1, 1, "day", "HS")),
        ("1 tab every night at bedtime", often(1, 1, "day", "HS")),
        ("1 tab nocte", often(1, 1, "day", "NIGHT")),
        ("1 tab with breakfast", often(1, 1, "day", "CM")),
        ("1 tab 30 min before breakfast", often(1, 1, "day", "ACM")),
        ("1 tab in the morning with breakfast", often(1, 1, "day", "MORN", "CM")),
        ("1 tab morning, noon and night", often(3, 1, "day", "MORN", "NOON", "NIGHT")),
        ("1 tab with meals and at bedtime", often(4, 1, "day", "C", "HS")),
        ("1 tab bid with meals", often(2, 1, "day", "C")),
        ("1 tab 4 times daily before meals and at bedtime", often(4, 1, "day", "AC", "HS")),
        ("1 tab once a day (at bedtime)", often(1, 1, "day", "HS")),
        ("1 tab every day before noon", often(1, 1, "day")),
        ("1 tab weekly in the morning", often(1, 1, "week", "MORN")),
        ("1 tab twice daily, morning and evening", often(2, 1, "day", "MORN", "EVE")),
        ("one in the morning and one at bedtime", often(2, 1, "day", "MORN", "HS")),
    ],
)
def test_times_of_day_become_event_codes(text, expected):
    assert parse_sig(text).to_json()["frequency"] == expected


def test_clock_times_are_counted_and_kept():
    read = parse_sig("1 tab at 8 am and 8 pm").to_json()["frequency"]
    assert (read["times"], read["per"], read["unit"]) == (2, 1, "day")
    assert read["time_of_day"] == ["08:00", "20:00"]


@pytest.mark.parametrize(
    ("text", "times", "days"),
    [
        ("1 tab on Mondays", 1, ["mon"]),
        ("1 tab q MWF", 3, ["mon", "wed", "fri"]),
        ("1 tab mon-fri", 5, ["mon", "tue", "wed", "thu", "fri"]),
        ("take one tablet Monday Wednesday and Friday", 3, ["mon", "wed", "fri"]),
        ("1 tab Sat Sun", 2, ["sat", "sun"]),
        ("1 tab Monday to Wednesday and Friday", 4, ["mon", "tue", "wed", "fri"]),
        ("1 tab twice daily on Monday and Thursday", 4, ["mon", "thu"]),
    ],
)
def test_days_of_the_week_make_a_weekly_frequency(text, times, days):
    read = parse_sig(text).to_json()["frequency"]
    assert (read["times"], read["per"], read["unit"], read["days"]) == (times, 1, "week", days)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 tab bid x7days", dose(7, "day")),
        ("1 tab bid for two weeks", dose(2, "week")),
        ("1 tab bid for 7-10 days", dose(7, "day", 10)),
        ("1 tab bid for up to 5 days", dose(0, "day", 5)),
        ("1 tab bid for up to a week", dose(0, "week", 1)),
        ("1 tab bid for 5/7", dose(5, "day")),
        ("1 bd 2/52", dose(2, "week")),
        ("1 tab bid, 10 day course", dose(10, "day")),
        ("2 tablets every 8 hours for 48 hours", dose(48, "hour")),
        ("1 tab bid, 90-day supply", None),
        ("infuse 1 g every 3 weeks over 2 hours", None),
    ],
)
def test_the_length_of_the_course_is_read(text, expected):
    assert parse_sig(text).to_json()["duration"] == expected


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("1 tab po daily", "oral"),
        ("1 tab under the tongue daily", "sublingual"),
        ("inhale 2 puffs daily", "inhaled"),
        ("2 sprays each nostril daily", "nasal"),
        ("1 gtt ou bid", "ophthalmic"),
        ("1 drop od qid", "ophthalmic"),
        ("4 gtt in ear bid", "otic"),
        ("apply topically bid", "topical"),
        ("apply 1 patch to the skin weekly", "transdermal"),
        ("insert 1 supp pr qhs", "rectal"),
        ("1 suppository vaginally nightly", "vaginal"),
        ("10 units subq daily", "subcutaneous"),
        ("20 mg im once", "intramuscular"),
        ("500 mg iv q6h", "intravenous"),
        ("1 tab daily", None),
    ],
)
def test_the_route_is_read_and_never_assumed(text, route):
    assert parse_sig(text).route == route


def test_as_needed_and_its_reason_leave_the_frequency_alone():
    read = parse_sig("1 tab qhs prn for night sweats")
    assert read.as_needed
    assert read.to_json()["frequency"] == often(1, 1, "day", "HS")


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        (
            "37.5 mg qd x 7 days, then 75 mg qd",
            [("first", 37.5, "mg", (7, "day")), ("then", 75, "mg", None)],
        ),
        (
            "40mg daily x3 days, 30 mg daily x3 days, 20mg x 3d then stop",
            [
                ("first", 40, "mg", (3, "day")),
                ("then", 30, "mg", (3, "day")),
                ("then", 20, "mg", (3, "day")),
            ],
        ),
        (
            "week 1: 50 mg daily, week 2: 100 mg daily",
            [("first", 50, "mg", (1, "week")), ("then", 100, "mg", (1, "week"))],
        ),
        (
            "2 tablets on day 1, then 1 tablet daily on days 2-5",
            [("first", 2, "tablet", (1, "day")), ("then", 1, "tablet", (4, "day"))],
        ),
        (
            "25 mg qhs, after 1 week increase to 50 mg qhs",
            [("first", 25, "mg", (1, "week")), ("then", 50, "mg", None)],
        ),
        (
            "50 mg daily, increase to 100 mg after 2 weeks",
            [("first", 50, "mg", (2, "week")), ("then", 100, "mg", None)],
        ),
        (
            "take 2 tablets daily for 3 days then 1 daily",
            [("first", 2, "tablet", (3, "day")), ("then", 1, "tablet", None)],
        ),
    ],
)
def test_a_taper_becomes_steps_in_order(text, steps):
    read = parse_sig(text)
    found = [
        (
            step.relation,
            step.dose and float(step.dose.amount.low),
            step.dose and step.dose.unit,
            step.duration and (int(step.duration.length.low), step.duration.unit),
        )
        for step in read.segments
    ]
    assert found == steps
    assert read.dose == read.segments[0].dose


def test_equal_doses_beside_an_unequal_one_stay_apart():
    read = parse_sig("1 tablet in the morning, 1 tablet at noon, and 2 tablets at bedtime")
    assert [int(step.dose.amount.low) for step in read.segments] == [1, 1, 2]
    assert read.dose is None


def test_unequal_doses_on_one_day_stand_side_by_side_and_none_at_the_top():
    read = parse_sig("1 tab in the morning and 2 tabs at bedtime")
    assert read.dose is None
    assert read.frequency is None
    assert [step.relation for step in read.segments] == ["first", "and"]
    assert any(problem.startswith("dose:") for problem in read.problems)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("sliding scale prn", "dose"),
        ("1.8 mg/kg every 3 weeks", "dose"),
        ("taper as directed", "dose"),
        ("Rapidly increase dose until tolerated", "dose"),
        ("1,5 mg daily", "dose"),
        ("50 mL/hour", "dose"),
        ("4mcg/kg/min", "frequency"),
        ("50mg Tablet", "dose"),
        ("20mg DR Capsule", "dose"),
        ("20 mg/mL Vial", "dose"),
        ("8 something 1 daily", "dose"),
        ("0 tablets daily", "dose"),
        ("3 to 1 tablets daily", "dose"),
        ("100 mg per day in divided doses", "dose"),
        ("100 mg per day in divided doses", "frequency"),
        ("2 tablets daily and 100 mg nightly and 3 tablets", "dose"),
        ("1 tab q12", "frequency"),
        ("1 tab bid, tid", "frequency"),
        ("1 tab daily in the morning and at bedtime", "frequency"),
        ("1 tab every other Monday", "frequency"),
        ("1 tab daily for 21 days, off 7 days", "duration"),
        ("1 tab daily for 3 days every month", "duration"),
        ("1 tab for 2 weeks for 3 weeks", "duration"),
    ],
)
def test_what_gives_no_fixed_value_is_null_and_named(text, field):
    read = parse_sig(text)
    assert getattr(read, field) is None
    assert any(f"{field}:" in problem for problem in read.problems), read.problems


@pytest.mark.parametrize("text", ["1 pill daily", "1 capful daily", "1 vial daily", "2 mmol daily"])
def test_a_unit_outside_the_vocabulary_is_null_and_named(text):
    read = parse_sig(text)
    assert read.dose is not None
    assert read.dose.unit is None
    assert "dose: the unit is not one we can name" in read.problems


def test_advice_is_not_read_as_an_instruction():
    read = parse_sig("Take 1 tablet daily. Do not take 4 tablets.")
    assert read.dose is not None
    assert read.dose.amount.low == Decimal(1)
    assert parse_sig("do not take with alcohol").method is None


def test_an_upper_limit_is_kept_apart_from_the_dose():
    read = parse_sig("1 tablet q6h prn, not to exceed 4 tablets per day")
    assert read.to_json()["dose"] == dose(1, "tablet")
    assert read.maximum == "4 tablets per day"


def test_strength_is_of_one_unit_and_total_of_the_whole_dose():
    assert parse_sig("2 50 mg tablets daily").to_json()["strength"] == dose(50, "mg")
    read = parse_sig("2 tablets (100 mg total) daily").to_json()
    assert (read["strength"], read["total"]) == (None, dose(100, "mg"))
    unsaid = parse_sig("2 tablets (50 mg) daily").to_json()
    assert (unsaid["strength"], unsaid["total"]) == (None, None)


def test_a_corrected_spelling_is_told():
    read = parse_sig("Tkae 1 talbet daily")
    assert read.to_json()["dose"] == dose(1, "tablet")
    assert 'spelling: read a word as "tablet"' in read.problems


def test_a_word_that_is_no_slip_is_left_alone():
    assert parse_sig("1 tablet dairy").frequency is None


def test_problems_never_repeat_words_of_the_text():
    read = parse_sig("1 tablet for Mr Zebediah Quux daily at Elmstreet")
    assert not any("zebediah" in problem.lower() for problem in read.problems)


def test_an_empty_and_an_endless_text_are_refused_by_name():
    assert parse_sig("  ").problems == ("the instruction is empty",)
    assert parse_sig("take " * 1000).dose is None


def test_the_shape_is_the_contracts():
    read = parse_sig("take 1 tab po bid prn x 7 days").to_json()
    json.dumps(read)
    assert read["text"] == "take 1 tab po bid prn x 7 days"
    assert read["method"] == "take"
    assert read["route"] == "oral"
    assert read["as_needed"] is True
    assert read["duration"] == dose(7, "day")
    assert read["segments"] == []
    assert read["problems"] == []
