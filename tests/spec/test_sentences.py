"""What the report says by each rule, word for word: a clinician acts on these sentences."""

from dataclasses import replace
from datetime import date

from assistant.staging.engine import stage
from tests.lib.expectations import expect
from tests.lib.histories import (
    Line,
    depression,
    diagnosis,
    failed,
    lab,
    record,
    score,
    session,
    suicidality,
    took,
)

TITLE = "What the report says"


def _ended(endpoint: float, **facts: object) -> list[Line]:
    return [
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", 50, "2023-01-02", **{"days": 56, "taken": "met", **facts}),
        score("HAM-D-17", endpoint, "2023-02-26"),
    ]


def test_each_criterion_of_an_adequate_trial_that_failed() -> None:
    """Every criterion is told with its figure and its limit, then the conclusion."""
    expect(
        _ended(20),
        gives={
            "sentence adequacy.dose of t1": "sertraline: up to 50 mg/day; an adequate trial needs "
            "at least 50 mg/day: met. [met]",
            "sentence adequacy.duration of t1": "sertraline: 56 days in one run at or above the "
            "minimum dose; an adequate trial needs 42: met. [met]",
            "sentence adequacy.adherence of t1": "sertraline: an adherence statement of the "
            "record; an adequate trial needs 80 % of the doses: met. [met]",
            "sentence adequacy.overall of t1": "sertraline was an adequate trial: dose, duration "
            "and adherence are met. [met]",
            "sentence outcome.non_response of t1": "sertraline: HAM-D-17 24 to 20, a reduction of "
            "16.7 %; a partial response begins at 25 %: non-response. [met]",
            "sentence trial.failed of t1": "sertraline counts as failed: an adequate trial that "
            "ended in non-response. [met]",
        },
    )


def test_each_outcome_with_the_cut_it_was_compared_with() -> None:
    """Remission, response, partial response and a rise are told with both scores."""
    for endpoint, rule, says in (
        (7, "remission", "a reduction of 70.8 %; remission is HAM-D-17 7 or less: remission."),
        (12, "response", "a reduction of 50.0 %; a response is 50 % or more: response."),
        (
            18,
            "partial_response",
            (
                "a reduction of 25.0 %; a partial response is 25 % up to less than 50 %: "
                "partial response."
            ),
        ),
        (26, "non_response", "a rise of 8.3 %; a partial response begins at 25 %: non-response."),
    ):
        expect(
            _ended(endpoint),
            gives={
                f"sentence outcome.{rule} of t1": f"sertraline: HAM-D-17 24 to {endpoint}, {says} "
                "[met]"
            },
        )
    expect(
        took("sertraline", 50, "2023-01-02", days=56),
        score("HAM-D-17", 7, "2023-02-26"),
        gives={
            "sentence outcome.remission of t1": "sertraline: HAM-D-17 7; remission is HAM-D-17 7 "
            "or less: remission. [met]",
            "t1 remarks": "none",
        },
        because="remission is absolute and needs no baseline",
    )


def test_what_is_missing_is_named() -> None:
    """A trial that is open says which criterion is not known."""
    expect(
        took("sertraline", None, "2023-01-02", days=56),
        gives={
            "sentence adequacy.dose of t1": "sertraline: no dose can be read; an adequate trial "
            "needs at least 50 mg/day: the record does not tell. [unknown]",
            "sentence adequacy.duration of t1": "sertraline: 0 to 56 days in one run at or above "
            "the minimum dose; an adequate trial needs 42: the record does not tell. [unknown]",
            "sentence adequacy.overall of t1": "Whether sertraline was an adequate trial is open: "
            "not known: dose, duration and adherence. [unknown]",
            "sentence trial.failed of t1": "Whether sertraline failed is open: the dose is not "
            "known; the duration is not known; adherence is not recorded; no score shows the "
            "outcome. [unknown]",
        },
    )
    expect(
        took("sertraline", 50, "2023-01-02", taken="met"),
        gives={
            "sentence adequacy.duration of t1": "sertraline: 1 to 517 days in one run at or above "
            "the minimum dose; an adequate trial needs 42: the record does not tell. [unknown]"
        },
    )
    expect(
        documented=False,
        gives={
            "sentence diagnosis.depression": "No code, indication or score of the record documents "
            "depression. [unknown]",
            "sentence trd.definition": "TRD needs 2 failed adequate trials of 2 classes in the "
            "current episode: no; counted: none; depression is not documented. [not_met]",
        },
    )


def test_intolerance_is_not_called_failure() -> None:
    """A drug that was not tolerated is said to be inadequate, and why it ended."""
    expect(
        _ended(22, days=10, stopped_for="intolerance"),
        gives={
            "sentence adequacy.overall of t1": "sertraline was no adequate trial: not met: "
            "duration. [not_met]",
            "sentence trial.intolerance of t1": "sertraline was stopped for adverse effects: "
            "intolerance is not failure. [met]",
            "sentence trial.failed of t1": "sertraline does not count as failed: it did not reach "
            "42 days at an adequate dose; it was stopped for adverse effects: intolerance, not "
            "failure. [not_met]",
        },
    )


def test_an_endpoint_that_may_be_early_is_said_to_be_open() -> None:
    """With a start known to the month a score may or may not have come late enough."""
    expect(
        score("HAM-D-17", 24, "2023-01-01"),
        took("sertraline", 100, "2023-01", to="2023-03-31", taken="met"),
        score("HAM-D-17", 23, "2023-03-01"),
        gives={
            "t1 adequate": "met",
            "t1 failed": "unknown",
            "t1 reasons": "the last score may have been taken before the minimum duration was "
            "reached",
        },
        because="1 March is day 60 of a start on 1 January and day 30 of one on the 31st",
    )
    expect(
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", 100, "2023-01-02", days=84, taken="met"),
        score("HAM-D-17", 23, "2023-02-11"),
        gives={
            "t1 failed": "unknown",
            "t1 reasons": "the last score was taken before the minimum duration was reached",
        },
        because="11 February is day 41",
    )


def test_a_course_of_esketamine_is_told_by_its_own_rule() -> None:
    """Days of a course are days of treatment; the floor and the six weeks are not for it."""
    expect(
        took("esketamine", 84, "2023-06-01", days=28, taken="met"),
        gives={
            "sentence adequacy.dose of t1": "esketamine: up to 84 mg/day; a course treatment is "
            "judged by no daily dose: the record does not tell. [unknown]",
            "sentence adequacy.duration of t1": "esketamine: 28 days of treatment; its course "
            "needs 28: met. [met]",
        },
    )


def test_a_dose_that_is_a_fraction_is_cut_for_the_reader() -> None:
    """A dose from a weekly schedule is shown to a hundredth, never rounded up to its floor."""
    expect(
        took("sertraline", "49.99999999", "2023-01-02", days=56, taken="met"),
        gives={
            "t1 dose": "not_met",
            "sentence adequacy.dose of t1": "sertraline: up to 49.99 mg/day; an adequate trial "
            "needs at least 50 mg/day: not met. [not_met]",
        },
    )


def test_the_stages_by_the_source_text() -> None:
    """Each stage is told with its rule, the trials that count and the three readings."""
    counted = "counted: sertraline (SSRI), venlafaxine (SNRI)"
    expect(
        failed("sertraline", "venlafaxine"),
        gives={
            "sentence trd.definition": "TRD needs 2 failed adequate trials of 2 classes in the "
            f"current episode: yes; {counted}. [met]",
            "sentence trd.without_class_rule": "TRD by number alone needs 2 failed adequate trials "
            f"of any class: yes; {counted}. [met]",
            "sentence source_stage.I": "Stage I needs one of the failed adequate trials: II; "
            f"{counted}. [met]",
            "sentence source_stage.II": "Stage II needs two failed adequate trials of different "
            f"classes: II; {counted}. [met]",
            "sentence thase_rush.stage": "Thase-Rush climbs from one failed trial (I) to a second "
            "class (II), a tricyclic (III), an MAOI (IV) and bilateral ECT (V), each on top of the "
            "last: II. [met]",
            "sentence gsrd.category": "GSRD needs 2 failed adequate trials of any class for TRD; "
            "2 failed: trd. [met]",
            "sentence european.stage": "European staging: one failed trial or class is A, two of "
            "different classes TRD1, each further trial one more, and more than 365 days within "
            "them CRD; 2 failed: TRD1. [met]",
        },
    )


def test_a_stage_that_is_open_tells_what_each_reading_counts() -> None:
    """Proven, with the assumptions, possible: each reading names its trials."""
    expect(
        _ended(20, taken=None),
        gives={
            "sentence source_stage.I": "Stage I needs one of the failed adequate trials: at least "
            "0, working I, at most I; proven: none; with the assumptions: sertraline (SSRI); "
            "possible: sertraline (SSRI). [unknown]",
            "sentence gsrd.category": "GSRD needs 2 failed adequate trials of any class for TRD; "
            "failed 0 proven, 1 with the assumptions, 1 possible: at least none, working "
            "non_responder, at most non_responder. [unknown]",
            "sentence trd.definition": "TRD needs 2 failed adequate trials of 2 classes in the "
            "current episode: no; proven: none; with the assumptions: sertraline (SSRI); "
            "possible: sertraline (SSRI). [not_met]",
        },
    )


def test_the_maudsley_total_with_its_items_and_the_severity_it_rests_on() -> None:
    """The items are added up in the open; another band by the baseline severity is told."""
    expect(
        failed("sertraline", "venlafaxine"),
        gives={
            "sentence maudsley.total": "Maudsley: duration 2 + severity 3 + failures 1 + "
            "augmentation 0 + ECT 0 = 6 of 15, mild; severity by HAM-D-17 20 on 2023-04-25; "
            "by baseline severity 7, moderate. [met]"
        },
    )
    expect(
        _ended(20, taken=None),
        gives={
            "sentence maudsley.total": "Maudsley: duration 2 + severity 3 + failures 1 + "
            "augmentation 0 + ECT 0 = 6 of 15, mild; at least not given, working 6, at most 6; "
            "severity by HAM-D-17 20 on 2023-02-26; by baseline severity 7, moderate. [unknown]"
        },
    )
    expect(
        took("sertraline", 50, "2023-01-02", days=20),
        gives={
            "sentence maudsley.total": "Maudsley (3 to 15) needs a failed drug, a severity and a "
            "duration: not given; severity not recorded. [unknown]"
        },
    )


def test_the_points_of_the_mgh_s() -> None:
    """Two additions to one failed trial make two points: 1 + 0.5 + 0.5."""
    expect(
        failed("sertraline"),
        took("lithium", 900, "2023-01-16", days=42),
        took("liothyronine", 0.025, "2023-01-16", days=42),
        gives={
            "sentence mgh_s.points": "MGH-S gives 1 point a failed trial, 0.5 for its "
            "optimization, 0.5 for each addition to it, 3 for failed ECT; 1 failed: 2. [met]"
        },
    )


def test_a_gate_that_overrules_the_count_is_named() -> None:
    """A blocking diagnosis stands in the sentence of every stage."""
    expect(
        failed("sertraline", "venlafaxine"),
        diagnosis("bipolar", "bipolar disorder"),
        gives={
            "sentence diagnosis.bipolar": "bipolar disorder is recorded: no stage of unipolar "
            "resistance is given. [met]",
            "sentence trd.definition": "TRD needs 2 failed adequate trials of 2 classes in the "
            "current episode: no; counted: sertraline (SSRI), venlafaxine (SNRI); a recorded "
            "diagnosis rules out unipolar resistance. [not_met]",
        },
    )


def test_how_long_the_episode_has_lasted() -> None:
    """Whole months beside those that persistent depressive disorder needs."""
    for onset, lasted, verdict in (
        ("2022-12-01", "18", "not_met"),
        ("2022-06", "23 to 24", "unknown"),
        ("2022-05-01", "25", "met"),
    ):
        expect(
            depression(onset),
            gives={
                "sentence chronicity.persistent": f"The episode has lasted {lasted} months; "
                f"persistent depressive disorder needs 24. [{verdict}]"
            },
        )


def test_signs_and_markers() -> None:
    """Suicidality and the markers of mechanism are told as they were found."""
    expect(
        suicidality("phq9_item_9", "2024-05-01", "scored 2"),
        lab("hs-CRP", 5, "mg/L", "2024-05-01"),
        gives={
            "sentence safety.suicidality": "PHQ-9 item 9 above 0; scored 2. [met]",
            "sentence biomarker.hs_crp": "hs-CRP 5 mg/L: inflammatory stratum, exploratory. [met]",
        },
    )


def test_each_next_step_with_its_rule() -> None:
    """A step says why it is named, by which rule and for which trial."""
    for endpoint, steps in (
        (5, "continue: sertraline: in remission. (outcome.remission, t1)"),
        (
            12,
            (
                "optimise: sertraline: response without remission. (next.optimise_or_augment, t1); "
                "augment: sertraline: response without remission. (next.optimise_or_augment, t1)"
            ),
        ),
        (
            16,
            (
                "optimise: sertraline: partial response. (outcome.partial_response, t1); "
                "augment: sertraline: partial response. (outcome.partial_response, t1); "
                "switch: sertraline: partial response. (outcome.partial_response, t1)"
            ),
        ),
        (22, "switch: sertraline: non-response. (next.switch, t1)"),
    ):
        expect(_ended(endpoint), gives={"next steps in words": steps})
    for lines, steps in (
        (
            _ended(22, days=10, stopped_for="intolerance"),
            "switch: sertraline was not tolerated. (next.switch, trial.intolerance, t1)",
        ),
        (_ended(22, days=20), ("repair_trial: sertraline: the trial was inadequate. "
                              "(next.repair, t1)")),
        (
            [took("sertraline", 50, "2024-05-20", ongoing=True, taken="met")],
            "continue: sertraline has not run long enough to be judged. (adequacy.duration, t1)",
        ),
        (
            [took("sertraline", 50, "2023-01-02", days=56)],
            ("confirm_adherence: Adherence is not recorded for sertraline. (adequacy.adherence, "
            "t1); measure: No score taken late enough shows what sertraline did. "
            "(outcome.response, t1)"),
        ),
        (
            [suicidality("phq9_item_9", "2024-05-01")],
            "address_safety: Assess suicidality first. (safety.suicidality)",
        ),
        (
            [diagnosis("sleep_apnoea", "sleep apnea")],
            ("treat_comorbidity: Obstructive sleep apnea: recorded: sleep apnea. "
            "(next.pseudo_resistance, pseudo.comorbidity)"),
        ),
    ):  # fmt: skip
        expect(lines, gives={"next steps in words": steps})


def test_each_treatment_that_resistance_brings_into_view() -> None:
    """The source text names four; each is told with its rule."""
    expect(
        failed("sertraline", "venlafaxine"),
        gives={
            "next steps in words": "switch: venlafaxine: non-response. (next.switch, t2); "
            + "; ".join(
                f"{action}: Resistance is established; the source text names {what}. "
                "(next.resistant)"
                for action, what in (
                    ("augment", "augmentation"),
                    ("consider_psychotherapy", "targeted psychotherapies"),
                    ("consider_neuromodulation", "ECT and TMS"),
                    ("consider_ketamine", "ketamine"),
                )
            )
        },
    )


def test_why_each_mimic_is_present_or_possible() -> None:
    """A check says what it found, with value and date."""
    expect(
        lab("TSH", 6, "mIU/L", "2024-05-01"),
        lab("hs-CRP", 12, "mg/L", "2024-05-01"),
        _ended(22, days=10, stopped_for="intolerance"),
        took("carbamazepine", 400, "2023-01-04", days=20),
        gives={
            "why hypothyroidism": "TSH 6 mIU/L on 2024-05-01",
            "why inflammation": "hs-CRP 12 mg/L cannot be interpreted",
            "check inflammation": "not_assessed",
            "why intolerance": "sertraline was stopped for adverse effects",
            "why interaction": "carbamazepine beside sertraline",
            "why inadequate_exposure": "sertraline: it was too short",
        },
    )


def test_a_low_tsh_is_not_called_hypothyroidism() -> None:
    """A TSH below range is out of range, and points to too much thyroid hormone."""
    expect(
        lab("TSH", 0.1, "mIU/L", "2024-05-01"),
        gives={
            "check hypothyroidism": "possible",
            "why hypothyroidism": "TSH 0.1 mIU/L on 2024-05-01, below range: too much thyroid "
            "hormone rather than too little",
        },
    )


def test_a_dose_is_proven_by_the_entry_that_states_the_highest_one() -> None:
    """Of several steps the highest is cited, once, and a drug without a dose by its name."""
    stepped = expect(
        took("sertraline", 50, "2023-01-02", days=14),
        took("sertraline", 100, "2023-01-16", days=21),
        took("sertraline", 100, "2023-02-06", days=21),
        gives={"t1 highest dose": 100},
    )
    dose = next(f for f in stepped.findings if f.rule == "adequacy.dose")
    cited = {e.reference for e in dose.facts}
    assert len(cited) == 1
    assert cited != {stepped.trials[0].dose_steps[0].evidence[0].reference}
    undosed = expect(took("sertraline", None, "2023-01-02", days=56), gives={})
    named = next(f for f in undosed.findings if f.rule == "adequacy.dose")
    assert [e.element for e in named.facts] == ["drug"]


def test_facts_without_an_element_to_point_at_are_judged_all_the_same() -> None:
    """A fact that names no entry of the chart loses its citation, never its weight."""
    chart = record(
        [
            depression("2022-12-01"),
            diagnosis("anxiety", "anxiety disorder"),
            *failed("sertraline", "venlafaxine"),
            took("carbamazepine", 400, "2023-03-01", days=20),
            lab("TSH", 6, "mIU/L", "2024-05-01"),
            session("ECT", "2023-09-01", sessions=8, side="bilateral"),
            suicidality("phq9_item_9", "2024-05-01"),
        ]
    )
    kinds = ("exposures", "scores", "diagnoses", "labs", "sessions", "suicidality")
    bare = replace(
        chart,
        **{kind: tuple(replace(f, evidence=()) for f in getattr(chart, kind)) for kind in kinds},
    )
    told, silent = (stage(r, as_of=date(2024, 6, 1)) for r in (chart, bare))
    assert silent.staging == told.staging
    assert [c[:4] for c in silent.pseudo_resistance] == [c[:4] for c in told.pseudo_resistance]
    assert silent.next_steps == told.next_steps
    assert silent.episode is not None
    assert silent.episode.basis == "diagnosis onset"


def test_a_running_trial_has_not_ended() -> None:
    """Of a trial that runs on the report says what it has shown so far."""
    running = [
        score("HAM-D-17", 24, "2024-02-01"),
        took("mirtazapine", 30, "2024-02-01", ongoing=True, taken="met"),
    ]
    for endpoint, failed_, says in (
        (12, "no", "so far it shows response"),
        (22, "yes", "an adequate trial that so far shows non-response"),
    ):
        expect(
            running,
            score("HAM-D-17", endpoint, "2024-05-01"),
            gives={"t1 failed": failed_, "t1 reasons": says},
        )


def test_adherence_by_fills_is_told_with_its_share() -> None:
    """Days covered over the period, in percent, cut to a tenth."""
    expect(
        took("sertraline", 50, "2023-01-02", days=60),
        took("sertraline", 50, "2023-01-02", days=28, source="dispense"),
        took("sertraline", 50, "2023-02-03", days=28, source="dispense"),
        gives={
            "sentence adequacy.adherence of t1": "sertraline: 93.3 % (dispenses: proportion of "
            "days covered); an adequate trial needs 80 % of the doses: met. [met]"
        },
        because="56 of 60 days",
    )
