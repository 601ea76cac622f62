"""Questions on the chart as they are typed in a hurry: everyday words, times, reasons, presence."""

from datetime import datetime

import pytest

from assistant.answering.timewords import window_of
from tests.lib.asking import ask_demo


@pytest.mark.parametrize(
    ("patient", "question", "values"),
    [
        # a test, a vital sign or a panel under another name than the chart's
        ("incomplete-record", "hb?", ("12.9 g/dL",)),
        ("worked-case", "ven level?", ("284 ng/mL",)),
        ("intolerance", "sodium now?", ("136 mmol/L",)),
        ("worked-case", "bp last time?", ("134/86 mmHg",)),
        ("look-alikes", "TFTs ok?", ("12 mIU/L", "0.6 ng/dL")),
        # an illness or a group of drugs by its everyday name, there or not
        ("worked-case", "has she ever had a heart attack", ("no",)),
        ("worked-case", "any high blood pressure?", ("yes",)),
        ("worked-case", "is she pregnant", ("no",)),
        ("worked-case", "is she on a statin", ("no",)),
        ("inadequate-dose", "any painkillers", ("yes",)),
        ("bipolar", "is she on lamotrigine", ("yes",)),  # 100 mg since 2024-02-26
        ("advanced", "still on lithium?", ("no",)),  # completed
        ("advanced", "any cbt?", ("no",)),  # interpersonal therapy only
        # what was taken at a time: sertraline to 2024-03-03, venlafaxine from 2024-03-04
        ("worked-case", "which antidepressant was she on in february", ("sertraline",)),
        ("worked-case", "was she on sertraline in april", ("no",)),
        ("worked-case", "was she still on sertraline at the end of march", ("no",)),
        ("worked-case", "what was she on for depression 4 months ago", ("sertraline",)),
        # what a medicine was for
        ("worked-case", "why is she on lisinopril", ("Essential (primary) hypertension",)),
        (
            "worked-case",
            "what does she take for her blood pressure",
            ("lisinopril 10 MG Oral Tablet",),
        ),
        ("worked-case", "what does she take besides antidepressants",
         ("lisinopril 10 MG Oral Tablet",)),
        # then against now
        ("worked-case", "blood pressure then and now", ("128/82 mmHg", "134/86 mmHg")),
        # dispensed is not prescribed
        ("incomplete-record", "was sertraline ever dispensed", ("no",)),
        ("intolerance", "how many A&E visits", ("1",)),
        ("intolerance", "any side effect of sertraline", ("yes",)),
    ],
)  # fmt: skip
def test_a_question_typed_in_short_is_read(
    patient: str, question: str, values: tuple[str, ...]
) -> None:
    assert ask_demo(question, patient).values == values


@pytest.mark.parametrize("question", ["BMI?", "k+", "hs-CRP result?", "qtc?", "gad-7"])
def test_a_test_the_chart_does_not_hold_gets_no_other_tests_value(question: str) -> None:
    reply = ask_demo(question)
    assert (reply.status, reply.values) == ("abstained", ())


@pytest.mark.parametrize(
    ("before", "question", "value"),
    [
        ("Was the sodium low on sertraline?", "how low did it go?", "126 mmol/L"),
        ("sodium", "lowest?", "126 mmol/L"),
    ],
)
def test_an_extreme_is_one_of_the_test_spoken_of(before: str, question: str, value: str) -> None:
    reply = ask_demo(question, "intolerance", history=[before])
    assert reply.values == (value,)


def test_there_is_no_lowest_of_different_tests() -> None:
    assert ask_demo("lowest value?", "intolerance").values == ()


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Hamilton in Jan 23", "2023-01-01", "2023-01-31"),
        ("on may 5", "2024-05-05", "2024-05-05"),
        ("weight january to april", "2024-01-01", "2024-04-30"),
        ("pressure february vs june", "2024-02-01", "2024-06-30"),
        ("from 2021 to now", "2021-01-01", "2024-06-03"),
        ("over the past year", "2023-06-03", "2024-06-03"),
        ("last year", "2023-01-01", "2023-12-31"),
        ("visits since the start of March 2024", "2024-03-01", None),
        ("at the end of march", "2024-03-31", "2024-03-31"),
    ],
)
def test_time_as_it_is_written_in_notes(text: str, first: str, last: str | None) -> None:
    window = window_of(text, datetime(2024, 6, 3, 12))  # noqa: DTZ001 - a wall clock
    assert window is not None
    assert window.start is not None
    assert window.start.date().isoformat() == first
    assert (window.end.date().isoformat() if window.end is not None else None) == last
