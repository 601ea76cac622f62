"""The eCQM test patients of shared/data, through days covered and the read PHQ-9.

Rules and expected results: shared/data/README.md and the SOURCE.md of each folder.
"""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from assistant.staging.dates import add_days
from fhir_adapter.coverage import POLICIES, Coverage, Window, days_covered
from fhir_adapter.errors import AdapterError
from fhir_adapter.inputs import chart_of_inputs, read_inputs
from tests.lib.schemas import violations
from tests.lib.shared_data import FHIR, need

pytestmark = pytest.mark.shared_data

_AS_OF = date(2027, 1, 1)
_ACUTE_DAYS, _ACUTE_WINDOW = 84, 114
_CONTINUATION_DAYS, _CONTINUATION_WINDOW = 180, 231
_LOOK_BACK_DAYS = 105
_ADHD_DAYS, _ADHD_WINDOW = 210, 300
_REMISSION_BELOW, _INDEX_ABOVE = 5, 9
_YOUNGEST = 12


def _cases(folder: str) -> list[Any]:
    listing = FHIR / folder / "expected.json"
    if not listing.exists():
        absent = pytest.mark.skip(reason=f"shared data is not here: {folder}")
        return [pytest.param(None, {}, marks=absent)]
    return [
        pytest.param(FHIR / folder / "cases" / f"{case['case']}.json", case, id=case["case"])
        for case in json.loads(listing.read_text("utf-8"))
    ]


def _antidepressants(path: Path, source: str, start: date | None, end: date | None) -> Coverage:
    chart = chart_of_inputs([path])
    window = Window(as_of=_AS_OF, start=start, end=end)
    (pooled,) = days_covered(chart, window, drug_class="antidepressants", source=source)
    return pooled


def _index_date(path: Path) -> date:
    return _antidepressants(path, "dispense", None, None).intervals[0].start


@pytest.mark.parametrize(("path", "case"), _cases("ecqm-cms128"))
def test_cms128_acute_and_continuation_phase(path, case):
    index = _index_date(path)
    for group, window, needed in (
        (0, _ACUTE_WINDOW, _ACUTE_DAYS),
        (1, _CONTINUATION_WINDOW, _CONTINUATION_DAYS),
    ):
        covered = _antidepressants(path, "dispense", index, index + timedelta(days=window))
        expected = case["groups"][group]["populations"]["numerator"]
        assert int(covered.days >= needed) == expected


@pytest.mark.parametrize(("path", "case"), _cases("ecqm-cms128"))
def test_cms128_exclusion_by_an_order_active_before_the_index_date(path, case):
    index = _index_date(path)
    before = _antidepressants(
        path, "request", index - timedelta(days=_LOOK_BACK_DAYS), index - timedelta(days=1)
    )
    hospice = "Hospice" in case["title"]
    expected = case["groups"][0]["populations"]["denominator-exclusion"]
    assert int(before.days > 0) == (0 if hospice else expected)


def test_cms128_an_order_that_ends_a_day_later_is_inside_the_look_back(tmp_path):
    case = FHIR / "ecqm-cms128" / "cases" / "DENEXFail-ActiveMedEnds106DaysPriorToIPSD.json"
    if not case.exists():
        pytest.skip("shared data is not here: ecqm-cms128")
    later = tmp_path / "later.json"
    later.write_text(case.read_text("utf-8").replace("2024-09-17T23:59", "2024-09-18T00:00"))
    index = date(2025, 1, 1)
    before = _antidepressants(
        later, "request", index - timedelta(days=_LOOK_BACK_DAYS), index - timedelta(days=1)
    )
    assert before.days == 1


@pytest.mark.parametrize(("path", "case"), _cases("ecqm-cms136"))
def test_cms136_orders_of_one_drug_are_rolled_out(path, case):
    chart = chart_of_inputs([path])
    whole = days_covered(chart, Window(as_of=_AS_OF), policy="carry_forward", source="request")
    index = min(coverage.intervals[0].start for coverage in whole)
    window = Window(as_of=_AS_OF, start=index, end=index + timedelta(days=_ADHD_WINDOW))
    (covered,) = days_covered(chart, window, policy="carry_forward", source="request")
    expected = case["groups"][1]["populations"]["initial-population"]
    assert int(covered.days >= _ADHD_DAYS) == expected


@pytest.mark.parametrize(("path", "case"), _cases("ecqm-cms159"))
def test_cms159_index_score_exclusion_and_remission(path, case):
    read = read_inputs([path]).treatment
    populations = case["groups"][0]["populations"]
    scores = sorted(
        (score.date.earliest, score.value) for score in read.scores if score.scale == "PHQ-9"
    )
    identification = (date(2024, 11, 1), date(2025, 11, 1))
    depressed = any(
        diagnosis.category in {"depression", "persistent_depressive_disorder"}
        for diagnosis in read.diagnoses
    )
    index = [
        day for day, value in scores
        if identification[0] <= day < identification[1] and value > _INDEX_ABOVE
    ]  # fmt: skip
    old_enough = bool(index) and _age(read.patient.birth_date.earliest, index[0]) >= _YOUNGEST
    assert int(bool(index) and depressed and old_enough) == populations["initial-population"]
    if any(d.category in {"bipolar", "psychotic_disorder"} for d in read.diagnoses):
        assert populations["denominator-exclusion"] == 1
    if not populations["denominator"] or populations["denominator-exclusion"]:
        return
    year_later = index[0].replace(year=index[0].year + 1)
    followed = [
        value for day, value in scores
        if add_days(year_later, -60) <= day <= add_days(year_later, 60)
    ]  # fmt: skip
    assert int(bool(followed) and followed[-1] < _REMISSION_BELOW) == populations["numerator"]


def _age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def test_every_file_of_the_shared_data_gives_days_or_is_refused_by_name():
    for path in sorted(need(FHIR).rglob("*.json")):
        try:
            chart = chart_of_inputs([path])
        except AdapterError:
            continue
        for policy in POLICIES:
            found = days_covered(chart, Window(as_of=date(2300, 1, 1)), policy=policy)
            assert violations("days-covered-1", [one.to_json() for one in found]) == []
            for coverage in found:
                spans = [(one.start, one.end) for one in coverage.intervals]
                assert spans == sorted(spans)
                assert all(start <= end for start, end in spans)
