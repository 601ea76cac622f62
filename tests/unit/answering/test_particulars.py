"""What is asked more exactly than a part of the report shows is answered exactly, or not."""

import pytest

from tests.lib.asking import ask_demo


@pytest.mark.parametrize(
    ("patient", "question", "values"),
    [
        # scores: by number, at the extreme, on average, beside a procedure, after a trial
        ("advanced", "When was HAM-D 27 recorded?", ("2021-11-08",)),
        ("advanced", "When was the score highest?", ("2021-11-08",)),
        ("advanced", "Average HAM-D in 2022", ("24.5",)),  # 24, 25, 24, 25
        ("advanced", "What was the HAM-D before and after ECT?", ("26", "24")),
        ("worked-case", "Is HAM-D 19 mild or severe?", ("moderate",)),
        ("worked-case", "Which scores lie after the venlafaxine stopped?", ("19",)),
        ("worked-case", "HAM-D at week 6 of sertraline?", ("21",)),  # 2024-02-19
        # scores of a time and of a trial are counted there only
        ("worked-case", "score in march", ("20",)),
        ("worked-case", "how many scores during sertraline", ("2",)),
        ("worked-case", "How many HAM-D assessments before the first trial?", ("1",)),
        # courses: the last session, how long
        ("two-ssris", "When was the last CBT session?", ("2023-10-23",)),
        ("advanced", "How many weeks did the ECT course last?", ("32 days",)),
        # trials: by length, adequate whatever came of them, possible at most, how they are taken
        ("worked-case", "Which trial lasted longer?", ("venlafaxine",)),
        ("response-without-remission", "how many adequate trials", ("1",)),
        ("inadequate-dose", "how many inadequate trials", ("2",)),
        ("advanced", "how many trials were not adequate", ("0",)),
        ("worked-case", "did both trials meet the duration requirement", ("yes", "yes")),
        ("worked-case", "weeks at adequate dose on venlafaxine", ("10 weeks",)),
        ("worked-case", "when did she reach 200 mg", ("2024-01-08",)),
        ("worked-case", "proportion of days covered venlafaxine", ("95.7 %",)),
        ("worked-case", "compare the two trials", ("sertraline", "venlafaxine")),
        ("advanced", "what was before nortriptyline", ("escitalopram", "venlafaxine")),
        ("two-ssris", "TRD if classes don't matter", ("yes",)),
        ("look-alikes", "which meds look like antidepressants but aren't",
         ("dextromethorphan", "imipramine")),
        # a dose is asked after, not for
        ("worked-case", "starting dose of venlafaxine", ("225 mg/day",)),
        ("incomplete-record", "dose of duloxetine", ("unknown",)),
        ("advanced", "what treatment is he having now?", ("none",)),
        ("incomplete-record", "how many failed trials at most", ("3",)),
        ("incomplete-record", "Is she taking mirtazapine as prescribed?", ("unknown",)),
        ("worked-case", "What dose should the venlafaxine have reached?", ("150 mg/day",)),
        ("intolerance", "When will the mirtazapine trial be long enough?", ("13 days",)),
        # augmentation: to what, whether it helped
        ("advanced", "Which drug was lithium added to?", ("nortriptyline",)),
        ("advanced", "Did lithium augmentation work?", ("unknown",)),
        # tests and levels
        ("intolerance", "What was the sodium before sertraline?", ("137 mmol/L",)),
        ("worked-case", "Was the sertraline plasma level in the therapeutic range?",
         ("61 ng/mL",)),
        ("worked-case", "Was her vitamin D checked?", ("no",)),
        ("two-ssris", "Fluoxetine level?", ()),
        ("two-ssris", "Does she have a plasma level?", ("unknown",)),
        # being seen, groups of drugs, age
        ("bipolar", "Which mood stabiliser is she on?", ("lamotrigine 100 MG Oral Tablet",)),
        ("advanced", "Was he ever in hospital?", ("no",)),
        ("two-ssris", "what is her age at onset", ("28",)),
        ("intolerance", "How long between stopping sertraline and starting mirtazapine?",
         ("14 days",)),
        ("worked-case", "what side effects did she have on sertraline?", ("no",)),
        ("worked-case", "what was the score when venlafaxine was started", ("20",)),
        ("worked-case", "Was venlafaxine above the minimum?", ("yes",)),
        ("worked-case", "How long has she had hypertension?", ("2021-05",)),
        # a trial that is supposed shorter: what is left of a failed adequate trial
        ("worked-case", "What if the venlafaxine had only lasted 4 weeks?", ("I",)),
    ],
)  # fmt: skip
def test_what_is_asked_exactly_is_answered_exactly(
    patient: str, question: str, values: tuple[str, ...]
) -> None:
    assert tuple(ask_demo(question, patient).values) == values


@pytest.mark.parametrize(
    ("patient", "question"),
    [
        ("worked-case", "what's the next appointment?"),
        ("worked-case", "how many days' supply was dispensed of sertraline"),
        ("worked-case", "would a third SSRI get her to stage III?"),
        ("worked-case", "Had it been an SNRI twice, what stage?"),
        ("worked-case", "What did the CRP show?"),
        ("advanced", "Who did the ECT?"),
        ("advanced", "What anaesthetic was used for ECT?"),
        ("advanced", "Did he finish the psychotherapy?"),
        ("bipolar", "MADRS in December 2023?"),
    ],
)
def test_what_the_chart_does_not_tell_is_not_answered_with_something_near(
    patient: str, question: str
) -> None:
    answer = ask_demo(question, patient)
    assert (answer.status, tuple(answer.values)) == ("abstained", ())
