"""Each demo patient comes out as their story says."""

from functools import cache

import pytest

from assistant.staging.engine import stage
from assistant.staging.report import StagingReport
from fhir_adapter.read import read_bundle
from tests.lib import demo


@cache
def report(patient_id: str) -> StagingReport:
    record = read_bundle(demo.bundle(patient_id)).treatment
    return stage(record, as_of=demo.as_of(patient_id))


def bounds(patient_id: str, method: str) -> tuple[object, object, object]:
    found = getattr(report(patient_id).staging, method)
    return (found.at_least, found.working, found.at_most)


def check(patient_id: str, name: str) -> str:
    return {item.check: item.status for item in report(patient_id).pseudo_resistance}[name]


@pytest.mark.parametrize(
    ("patient_id", "trd", "stage_"),
    [
        ("worked-case", ("yes", "yes", "yes"), ("II", "II", "II")),
        ("inadequate-dose", ("no", "no", "no"), ("0", "0", "0")),
        ("bipolar", ("no", "no", "no"), (None, None, None)),
        ("response-without-remission", ("no", "no", "no"), ("0", "0", "0")),
        ("incomplete-record", ("no", "no", "yes"), ("0", "I", "II")),
        ("intolerance", ("no", "no", "no"), ("0", "0", "0")),
        ("two-ssris", ("no", "no", "no"), ("I", "I", "I")),
        ("advanced", ("yes", "yes", "yes"), ("II", "II", "II")),
        ("look-alikes", ("no", "no", "no"), ("I", "I", "I")),
    ],
)
def test_the_story_ends_at_its_stage(
    patient_id: str, trd: tuple[str, ...], stage_: tuple[str | None, ...]
) -> None:
    assert bounds(patient_id, "trd") == trd
    assert bounds(patient_id, "source_stage") == stage_


def test_trazodone_at_night_is_excluded_as_a_hypnotic_dose() -> None:
    excluded = {item.drug: item.reason for item in report("inadequate-dose").excluded_exposures}
    assert "hypnotic" in excluded["trazodone"]


def test_doses_below_the_floor_are_inadequate_exposure() -> None:
    doses = {trial.drug: trial.adequacy.dose for trial in report("inadequate-dose").trials}
    assert doses == {"venlafaxine": "not_met", "escitalopram": "not_met"}
    assert check("inadequate-dose", "inadequate_exposure") == "present"


def test_bipolar_disorder_blocks_every_stage_and_says_by_which_rule() -> None:
    found = report("bipolar")
    assert found.staging_blocked_by
    assert check("bipolar", "bipolarity") == "present"
    assert (found.staging.maudsley.working, found.staging.gsrd.working) == (None, None)


def test_half_the_score_is_a_response_and_the_next_step_is_no_switch() -> None:
    found = report("response-without-remission")
    # (24 - 12) / 24 = 50 %
    assert [trial.outcome.category for trial in found.trials] == ["response"]
    actions = {step.action for step in found.next_steps}
    assert actions & {"optimise", "augment"}
    assert "switch" not in actions


def test_an_incomplete_record_names_the_facts_that_would_move_its_stage() -> None:
    missing = report("incomplete-record").missing_facts
    assert {"adherence", "dose"} <= {item.fact for item in missing}
    assert all(item.moves for item in missing)


def test_a_drug_stopped_for_hyponatremia_is_intolerance_not_failure() -> None:
    sertraline = report("intolerance").trials[0]
    assert (sertraline.drug, sertraline.discontinuation, sertraline.failed) == (
        "sertraline",
        "intolerance",
        "no",
    )
    assert check("intolerance", "intolerance") == "present"


def test_two_failed_ssris_divide_the_methods() -> None:
    assert bounds("two-ssris", "trd_without_class_rule") == ("yes", "yes", "yes")
    assert bounds("two-ssris", "gsrd") == ("trd", "trd", "trd")


def test_the_advanced_record_reaches_the_top_of_thase_and_rush() -> None:
    found = report("advanced")
    assert bounds("advanced", "thase_rush") == ("V", "V", "V")
    # more than 24 months 3 + severe 4 + four drugs 2 + lithium 1 + ECT 1
    assert (found.staging.maudsley.working, found.staging.maudsley.band) == (11, "severe")
    assert [(item.drug, item.adequate) for item in found.augmentations] == [("lithium", "met")]
    assert [
        (item.laterality, item.sessions) for item in found.procedures if item.modality == "ECT"
    ] == [("bilateral", 10)]
    assert [flag.flag for flag in found.safety] == ["suicidality"]


def test_look_alikes_are_no_trials_and_the_thyroid_is_found() -> None:
    found = report("look-alikes")
    assert [trial.drug for trial in found.trials] == ["sertraline"]
    assert "imipramine" in {item.drug for item in found.excluded_exposures}
    assert check("look-alikes", "hypothyroidism") == "present"
    assert "reassess_diagnosis" in {s.action for s in found.next_steps} or "treat_comorbidity" in {
        s.action for s in found.next_steps
    }
