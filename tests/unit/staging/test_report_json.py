"""The report as plain JSON: what a reader of `staging-report/1` finds."""

import json
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pytest

from assistant.staging.engine import stage
from assistant.staging.record import Evidence
from assistant.staging.report import Alternative, StagingReport
from tests.lib import schemas
from tests.lib.histories import asserted, assertions, depression, failed, lab, record, score, took


@pytest.fixture(scope="module")
def report() -> StagingReport:
    lines = [
        depression("2022-12"),
        *failed("sertraline", "venlafaxine"),
        took("lithium", 900, "2023-01-10", days=40),
        took("trazodone", 50, "2023-01-10", days=40),
        lab("hs-CRP", 6.1, "mg/L", "2024-05-01"),
        score("HAM-D-17", 19, "2024-05-01"),
        asserted("dose", 87.5, of="t1"),
    ]
    return stage(record(lines), as_of=date(2024, 6, 1), assertions=assertions(lines))


def test_the_report_satisfies_its_schema(report: StagingReport) -> None:
    assert schemas.violations("staging-report-1", report.to_json()) == []


def test_the_report_is_json_and_nothing_else(report: StagingReport) -> None:
    told = report.to_json()
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_dates_keep_their_precision_and_ranges_both_ends(report: StagingReport) -> None:
    told = report.to_json()
    assert told["episode"]["start"] == "2022-12"
    assert told["episode"]["duration_months"] == {"low": 17, "high": 18}
    assert told["trials"][0]["adequate_run"] == {"start": "2023-01-02", "end": "2023-02-26"}


def test_whole_numbers_are_integers_and_others_keep_their_fraction(report: StagingReport) -> None:
    first = report.to_json()["trials"][0]
    assert first["max_daily_dose_mg"] == 87.5
    assert first["min_adequate_dose_mg"] == 50
    assert isinstance(first["min_adequate_dose_mg"], int)


def test_a_percentage_is_rounded_only_in_the_json(report: StagingReport) -> None:
    exact = report.trials[0].outcome.percent_reduction
    assert exact is not None
    assert exact == Decimal(4) / 24 * 100
    assert report.to_json()["trials"][0]["outcome"]["percent_reduction"] == 16.67


def test_evidence_is_reference_and_element(report: StagingReport) -> None:
    assert str(Evidence(reference="Condition/1", element="code")) == "Condition/1#code"
    assert "Condition/1#onset" in report.to_json()["episode"]["evidence"]


def test_a_key_that_is_a_word_of_the_language_loses_its_underscore(report: StagingReport) -> None:
    assert report.to_json()["augmentations"][0]["with"] == "t1"


def test_a_trial_is_found_by_its_id(report: StagingReport) -> None:
    found = report.trial("t2")
    assert found is not None
    assert found.drug == "venlafaxine"
    assert report.trial("t9") is None


def test_a_value_without_a_json_form_is_a_bug_and_stops(report: StagingReport) -> None:
    @dataclass(frozen=True)
    class Odd:
        value: object = 1j

    broken = replace(
        report,
        staging=replace(
            report.staging,
            maudsley=replace(
                report.staging.maudsley,
                alternatives=(Alternative(basis="", value=Odd(), band=""),),  # type: ignore[arg-type]
            ),
        ),
    )
    with pytest.raises(TypeError, match="no JSON form for complex"):
        broken.to_json()
