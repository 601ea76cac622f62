"""The facts whose knowledge would move a stage, each with its moves."""

import pytest

from assistant.staging.report import StagingReport
from tests.lib.expectations import expect
from tests.lib.histories import Line, asserted, depression, diagnosis, failed, score, session, took

TITLE = "Missing facts"


def _moves(report: StagingReport, fact: str, method: str) -> list[str]:
    return [
        f"{m.bound} {m.from_} to {m.to} if {m.if_}"
        + (f" with {', '.join(m.with_)}" * bool(m.with_))
        for f in report.missing_facts
        if f.fact == fact
        for m in f.moves
        if m.method == method
    ]


def _failed_but_for(**facts: object) -> list[Line]:
    line = {"mg": 50, "start": "2023-01-02", "days": 56, "taken": "met", **facts}
    return [
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", line.pop("mg"), line.pop("start"), **line),
        score("HAM-D-17", 20, "2023-02-26"),
    ]


def test_the_start_of_another_drug_that_settles_whose_the_last_score_is_is_asked_for() -> None:
    """Begun after the first drug, it leaves the last score to that one: its failure is proven."""
    told = [*_failed_but_for(), took("bupropion", 300, None, taken="met")]
    report = expect(
        told,
        gives={"stage": "0 / I / II", "missing facts": "outcome of t1; outcome of t2; start of t2"},
    )
    assert "at_least 0 to I if after sertraline" in _moves(report, "start", "source_stage")
    expect(
        told,
        asserted("start", "2023-03-01", of="t2"),
        gives={"t1 failed": "yes", "stage": "I / I / II"},
    )


def test_the_end_of_another_drug_that_settles_whose_the_failures_are_is_asked_for() -> None:
    """One date makes the failures of both later drugs their own."""
    told = [
        took("bupropion", 300, "2022-12-05", taken="met"),
        *_failed_but_for(),
        took("venlafaxine", 150, "2023-02-27", days=56, taken="met"),
        score("HAM-D-17", 19, "2023-04-23"),
    ]
    report = expect(told, gives={"t2 failed": "unknown", "t3 failed": "unknown"})
    assert "at_least 0 to II if before sertraline and venlafaxine" in _moves(
        report, "end", "source_stage"
    )
    expect(
        told,
        asserted("end", "2023-01-01", of="t1"),
        gives={"t2 failed": "yes", "t3 failed": "yes", "stage": "II"},
    )


def test_unknown_adherence_moves_the_proven_stage() -> None:
    """Taken, the failure would be proven; not taken, the working stage would fall."""
    report = expect(
        _failed_but_for(taken=None),
        gives={"stage": "0 / I / I", "missing facts": "adherence of t1"},
    )
    assert _moves(report, "adherence", "source_stage") == [
        "at_least 0 to I if met",
        "working I to 0 if not_met",
        "at_most I to 0 if not_met",
    ]


def test_an_unknown_dose_is_asked_for() -> None:
    """Without a dose the trial is open; the dose settles it."""
    report = expect(
        _failed_but_for(mg=None), gives={"stage": "0 / 0 / I", "missing facts": "dose of t1"}
    )
    assert "at_least 0 to I if at or above the floor" in _moves(report, "dose", "source_stage")


def test_an_unknown_end_is_asked_for() -> None:
    """A known start without an end leaves the duration open."""
    expect(
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", 50, "2023-01-02", taken="met"),
        score("HAM-D-17", 20, "2023-03-26"),
        gives={"t1 duration": "unknown", "missing facts": "end of t1; outcome of t1"},
    )


def test_an_unknown_start_is_asked_for() -> None:
    """An end without a start leaves the duration open; without a start there is no baseline."""
    expect(
        took("sertraline", 50, None, to="2023-02-26", taken="met"),
        score("HAM-D-17", 20, "2023-02-26"),
        gives={"t1 duration": "unknown", "missing facts": "outcome of t1; start of t1"},
    )


def test_an_unknown_outcome_is_asked_for() -> None:
    """Without a score the failure is open."""
    report = expect(
        took("sertraline", 50, "2023-01-02", days=56, taken="met"),
        score("HAM-D-17", 20, "2023-01-02"),
        gives={"stage": "0 / 0 / I", "missing facts": "outcome of t1"},
    )
    assert "at_least 0 to I if non_response" in _moves(report, "outcome", "source_stage")


def test_facts_that_move_only_together_name_each_other() -> None:
    """Where two facts are unknown, each says that it needs the other."""
    report = expect(
        took("sertraline", 50, "2023-01-02", days=56),
        score("HAM-D-17", 20, "2023-01-02"),
        gives={"missing facts": "adherence of t1; outcome of t1"},
    )
    assert "at_least 0 to I if met with outcome" in _moves(report, "adherence", "source_stage")


def test_an_unknown_indication_is_asked_for() -> None:
    """A full trial for another indication is open until the indication is known."""
    expect(_failed_but_for(given_for="enuresis"), gives={"missing facts": "indication of t1"})


def test_an_undocumented_diagnosis_is_asked_for() -> None:
    """Depression not documented: the diagnosis opens every stage."""
    expect(
        score("HAM-D-17", 14, "2023-01-02"),
        took("sertraline", 50, "2023-01-02", days=56, taken="met"),
        score("HAM-D-17", 14, "2023-02-26"),
        documented=False,
        gives={"missing facts": "diagnosis"},
    )


def test_an_unknown_severity_is_asked_for() -> None:
    """A failure told by a scale without severity bands leaves the Maudsley severity open."""
    report = expect(
        score("HADS-D", 16, "2023-01-02"),
        took("sertraline", 50, "2023-01-02", days=56, taken="met"),
        score("HADS-D", 15, "2023-02-26"),
        gives={"Maudsley": "4 / none / 8", "missing facts": "severity"},
        because="duration 2 + severity 1 to 5 + failures 1",
    )
    assert "working none to 6 if moderate" in _moves(report, "severity", "maudsley")


def test_an_onset_known_as_a_lower_bound_is_asked_for() -> None:
    """Where only the first evidence dates the episode, the onset may move the Maudsley score."""
    report = expect(depression(None), failed("sertraline"), gives={"missing facts": "onset"})
    assert "working 6 to 7 if more than 24 months ago" in _moves(report, "onset", "maudsley")
    assert "at_most 7 to 6 if 12 to 24 months ago" in _moves(report, "onset", "maudsley")
    assert report.missing_facts[0].question == "When did the current episode begin?"


def test_an_unknown_laterality_is_asked_for_where_it_moves_a_stage() -> None:
    """Laterality matters only where all stages before V are reached."""
    course = [
        score("HAM-D-17", 22, "2024-02-01"),
        session("ECT", "2024-02-01", sessions=8),
        score("HAM-D-17", 20, "2024-02-20"),
    ]
    expect(failed("sertraline"), course, gives={"missing facts": "none"})
    expect(
        failed("sertraline", "venlafaxine", "nortriptyline", "phenelzine"),
        course,
        gives={"missing facts": "laterality of p1"},
    )


def test_an_unknown_outcome_of_ect_is_asked_for() -> None:
    """What ECT did to the score moves the MGH-S and may move Thase-Rush."""
    expect(
        failed("sertraline"),
        session("ECT", "2024-02-01", sessions=8, side="bilateral"),
        gives={"MGH-S": "1 / 1 / 4", "missing facts": "outcome of p1"},
        because="a failed course of ECT would be 3 points",
    )
    report = expect(
        failed("sertraline"),
        session("ECT", "2024-02-01", sessions=8, side="bilateral"),
        gives={},
    )
    answers = {m.if_: (m.bound, m.to) for m in report.missing_facts[0].moves}
    assert answers["non_response"] == ("working", "4")
    assert answers["response"] == ("at_most", "1")


def test_nothing_is_asked_where_nothing_can_move() -> None:
    """A record that settles every stage asks for nothing; nor does a blocked one."""
    expect(failed("sertraline", "venlafaxine"), gives={"missing facts": "none"})
    expect(
        _failed_but_for(taken=None),
        diagnosis("bipolar", "bipolar disorder"),
        gives={"missing facts": "none"},
    )


def test_a_fact_that_moves_nothing_is_not_asked_for() -> None:
    """The adherence of a trial that is too short does not matter."""
    expect(_failed_but_for(days=20, taken=None), gives={"missing facts": "none"})


def test_the_partner_of_a_combination_is_not_asked_about() -> None:
    """A trial counted together with another has no open questions of its own."""
    expect(
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", 100, "2023-01-02", days=84, taken="met"),
        took("venlafaxine", 150, "2023-01-09", days=77),
        score("HAM-D-17", 22, "2023-03-26"),
        gives={"t2 role": "combination", "missing facts": "none"},
    )


@pytest.mark.parametrize("unknown", ["taken", "mg"])
def test_the_answers_of_a_missing_fact_keep_their_promise(unknown: str) -> None:
    """Each fact is asked in plain words and names the trial it is about."""
    report = expect(_failed_but_for(**{unknown: None}), gives={})
    (fact,) = report.missing_facts
    assert fact.question.endswith("?")
    assert fact.trial == "t1"


def test_each_fact_names_the_answers_that_move_a_stage() -> None:
    """A question comes with its two answers, in the words a clinician would use."""
    for changed, fact, answers in (
        ({"taken": None}, "adherence", {"met", "not_met"}),
        ({"mg": None}, "dose", {"at or above the floor", "below the floor"}),
        ({"days": None}, "end", {"long enough", "too short"}),
        ({"given_for": "neuralgia"}, "indication", {"depression", "another indication"}),
    ):
        mg = changed.pop("mg", 50)
        facts = {"days": 56, "taken": "met", **changed}
        report = expect(
            score("HAM-D-17", 24, "2023-01-02"),
            took("sertraline", mg, "2023-01-02", **facts),
            score("HAM-D-17", 20, "2023-02-26"),
            gives={},
        )
        told = {m.fact: {move.if_ for move in m.moves} for m in report.missing_facts}
        assert told[fact] == answers, fact
    unmeasured = expect(took("sertraline", 50, "2023-01-02", days=56, taken="met"), gives={})
    (outcome,) = [m for m in unmeasured.missing_facts if m.fact == "outcome"]
    assert {move.if_ for move in outcome.moves} == {"non_response", "response"}
