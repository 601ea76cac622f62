"""The worked case of the source text, from FHIR to stage (reference case W01)."""

from decimal import Decimal

import pytest

from assistant.staging.engine import stage
from assistant.staging.report import StagingReport
from assistant.staging.verdicts import Answer, Verdict
from fhir_adapter.read import read_bundle
from tests.lib import demo


@pytest.fixture(scope="module")
def report() -> StagingReport:
    record = read_bundle(demo.bundle("worked-case")).treatment
    return stage(record, as_of=demo.as_of("worked-case"))


def test_the_episode_is_eighteen_months_old(report: StagingReport) -> None:
    # 3 December 2022 to 3 June 2024
    assert report.episode is not None
    assert report.episode.duration_months == (18, 18)


def test_both_trials_are_adequate_and_failed(report: StagingReport) -> None:
    assert [
        (trial.drug, trial.drug_class, int(trial.max_daily_dose_mg or 0), trial.failed)
        for trial in report.trials
    ] == [("sertraline", "SSRI", 200, Answer.YES), ("venlafaxine", "SNRI", 225, Answer.YES)]
    assert [trial.days_at_adequate_dose for trial in report.trials] == [(56, 56), (70, 70)]
    assert {trial.adequacy.overall for trial in report.trials} == {Verdict.MET}


def test_adherence_is_the_share_of_days_that_the_fills_cover(report: StagingReport) -> None:
    first, second = (trial.proportion_of_days_covered for trial in report.trials)
    # fills of 30 days on 8 January and 10 February; 7 to 9 February (3 of 56 days) are not covered
    assert first == Decimal(53) / Decimal(56)
    # 4 March, 3 April and 6 May, the last one lasting beyond as_of; 3 to 5 May are not covered
    assert second == Decimal(67) / Decimal(70)


def test_the_scores_fell_too_little(report: StagingReport) -> None:
    first, second = (trial.outcome for trial in report.trials)
    assert (first.baseline, first.endpoint, second.baseline, second.endpoint) == (24, 20, 20, 19)
    # (24 - 20) / 24 = 16.67 %; (20 - 19) / 20 = 5 %
    assert {first.category, second.category} == {"non_response"}


def test_it_is_treatment_resistant_in_every_bound(report: StagingReport) -> None:
    trd = report.staging.trd
    assert (trd.at_least, trd.working, trd.at_most) == (Answer.YES,) * 3


def test_it_is_stage_ii_in_every_bound(report: StagingReport) -> None:
    stage_ = report.staging.source_stage
    assert (stage_.at_least, stage_.working, stage_.at_most) == ("II", "II", "II")


def test_maudsley_is_six_mild_and_seven_by_baseline_severity(report: StagingReport) -> None:
    # duration 18 months 2 + severity HAM-D-17 19 moderate 3 + two failures 1
    maudsley = report.staging.maudsley
    assert (maudsley.working, maudsley.band) == (6, "mild")
    # with the pre-treatment HAM-D-17 of 24, severe 4, instead
    assert [(other.value, other.band) for other in maudsley.alternatives] == [(7, "moderate")]


def test_it_is_not_persistent_depressive_disorder(report: StagingReport) -> None:
    # 18 months are short of the two years it takes
    assert report.episode is not None
    assert report.episode.persistent is Verdict.NOT_MET
