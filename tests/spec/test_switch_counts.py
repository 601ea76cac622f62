"""How registers and claims studies count: drugs changed, whatever the dose and the outcome."""

import pytest

from assistant.staging.methods.switch_count import definitions, switch_count
from tests.lib.expectations import expect, expect_value
from tests.lib.histories import Line, session, took

TITLE = "Counting switches, as registers do"


def _counted(*lines: Line) -> dict[str, str]:
    report = expect(*lines, gives={})
    told = {}
    for definition in definitions():
        count = switch_count(report.trials, report.procedures, definition)
        number = str(count.low) if count.low == count.high else f"{count.low} to {count.high}"
        told[definition.name] = f"{number}; {count.at_least} / {count.at_most}"
    return told


def _expect(told: dict[str, str], register: str, drugs: str) -> None:
    expect_value("register, 28 days", told["register_28_days"], register)
    expect_value("two drugs", told["two_drugs"], drugs)


def test_a_switch_and_an_addition_count_alike_and_the_last_drug_never() -> None:
    """Two drugs that another one followed are resistance; the third is still in use."""
    told = _counted(
        took("sertraline", None, "2023-01-02", days=28),
        took("venlafaxine", None, "2023-01-30", days=84),
        took("bupropion", None, "2023-03-06", days=49),
    )
    _expect(told, "2; yes / yes", "2; yes / yes")


def test_a_treatment_of_27_days_counts_only_where_length_does_not_matter() -> None:
    """The register asks for 28 days, the claims definition for none."""
    told = _counted(
        took("sertraline", None, "2023-01-02", days=27),
        took("venlafaxine", None, "2023-02-06", days=28),
        took("bupropion", None, "2023-03-06", days=49),
    )
    _expect(told, "1; no / no", "2; yes / yes")


def test_the_register_counts_brain_stimulation_as_a_successor() -> None:
    """A course of ECT after a drug follows it; psychotherapy does not, nor ECT without a date."""
    told = _counted(
        took("sertraline", None, "2023-01-02", days=60),
        session("ECT", "2023-03-06"),
        session("psychotherapy", "2023-03-06"),
        session("ECT", None),
    )
    _expect(told, "1; no / no", "0; no / no")


def test_partial_dates_leave_the_order_open() -> None:
    """Two drugs begun in one month: either may have followed the other."""
    told = _counted(
        took("sertraline", None, "2023-01", to="2023-03-31"),
        took("venlafaxine", None, "2023-01", to="2023-04-30"),
    )
    _expect(told, "0 to 2; no / yes", "0 to 2; no / yes")


def test_a_drug_of_unknown_dates_is_not_excluded() -> None:
    """Nothing shows when it was taken, so it may have been followed."""
    told = _counted(
        took("sertraline", None, None),
        took("venlafaxine", None, "2023-01-02", days=28),
    )
    _expect(told, "0 to 1; no / no", "0 to 1; no / no")


@pytest.mark.parametrize("definition", definitions(), ids=lambda d: d.name)
def test_a_record_without_treatment_counts_nothing(definition) -> None:
    """No treatment, no switch."""
    count = switch_count((), (), definition)
    expect_value(definition.title, f"{count.low} {count.at_most}", "0 no")
