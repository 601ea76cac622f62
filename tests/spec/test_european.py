"""European staging: the number of failed trials decides, the time is only shown."""

from datetime import date, timedelta

from tests.lib.expectations import expect
from tests.lib.histories import FLOORS, Line, failed, score, took

TITLE = "European stages"


def test_no_failure_is_zero() -> None:
    """Without a failed trial the stage is 0."""
    expect(gives={"European": "0"})


def test_one_failure_is_a() -> None:
    """One adequate trial failed: A, non-responder."""
    expect(failed("sertraline"), gives={"European": "A"})


def test_two_failures_of_one_class_stay_a() -> None:
    """The European B stages need two classes."""
    expect(failed("sertraline", "fluoxetine"), gives={"European": "A"})


def test_trd1_to_trd5_count_the_failed_trials() -> None:
    """Two failures of two classes are TRD1, each further one the next, up to TRD5."""
    drugs = ("sertraline", "venlafaxine", "bupropion", "mirtazapine", "vortioxetine", "agomelatine")
    for number in range(2, 7):
        expect(
            failed(*drugs[:number]),
            gives={"European": f"TRD{number - 1}"},
            because=f"{number} trials of 56 days: {number * 56} days, not beyond 365",
        )


def test_more_than_twelve_months_of_failed_trials_are_crd() -> None:
    """Beyond twelve months within the failed trials the stage is chronic, CRD."""
    expect(_two(days=183), gives={"European": "CRD"}, because="183 + 183 = 366 > 365 days")
    expect(
        _of(182, "sertraline") + _of(183, "venlafaxine", after="2023-06-05"),
        gives={"European": "TRD1"},
        because="182 + 183 = 365 days are not beyond twelve months",
    )
    expect(_two(days=182), gives={"European": "TRD1"}, because="182 + 182 = 364 <= 365 days")


def test_a_seventh_trial_stays_within_the_last_sub_stage_or_is_chronic() -> None:
    """Seven trials of six weeks are still TRD5."""
    drugs = (
        "sertraline",
        "venlafaxine",
        "bupropion",
        "mirtazapine",
        "vortioxetine",
        "agomelatine",
        "reboxetine",
    )
    expect(_of(42, *drugs), gives={"European": "TRD5"}, because="7 x 42 = 294 days")


def test_an_undated_failure_may_make_it_chronic() -> None:
    """A failed trial of unknown length cannot be shown to stay below twelve months.

    Nor that it did not begin in the window of another, whose last score may then be its own.
    """
    expect(
        failed("sertraline", "venlafaxine"),
        took("bupropion", 300, None, taken="met"),
        gives={"European": "0 / TRD1 / CRD"},
    )


def _two(days: int) -> list[Line]:
    return _of(days, "sertraline", "venlafaxine")


def _of(days: int, *drugs: str, after: str = "2022-12-05") -> list[Line]:
    day = date.fromisoformat(after)
    lines: list[Line] = []
    for drug in drugs:
        lines.append(score("HAM-D-17", 20, day.isoformat()))
        lines.append(took(drug, FLOORS[drug], day.isoformat(), days=days, taken="met"))
        day += timedelta(days=days)
        lines.append(score("HAM-D-17", 20, (day - timedelta(days=1)).isoformat()))
    return lines
