"""A record that was not read whole never gives a confident stage."""

import pytest

from tests.lib.expectations import expect
from tests.lib.histories import failed, took, unread

TITLE = "Completeness of the read"


def _two() -> list:
    return failed("sertraline", "venlafaxine")


@pytest.mark.parametrize(
    "resource",
    [
        "MedicationRequest",
        "MedicationStatement",
        "MedicationDispense",
        "Procedure",
        "Bundle",
        "Resource",
        "*",
        "",
    ],
)
def test_medications_not_read_whole_open_the_top_and_close_the_working_value(
    resource: str,
) -> None:
    """Medications or procedures not read whole: at most is the top, no working value."""
    gives = {
        "stage": "I / none / II",
        "Thase-Rush": "I / none / V",
        "GSRD": "non_responder / none / trd",
        "European": "A / none / CRD",
        "Maudsley": "6 / none / 15",
        "MGH-S": "1 / none / none",
        "TRD": "no / none / yes",
        "TRD without class rule": "no / none / yes",
    }
    if resource in ("Bundle", "Resource", "*", ""):
        del gives["Maudsley"]
        gives |= {
            "stage": "0 / none / II",
            "Thase-Rush": "0 / none / V",
            "GSRD": "none / none / trd",
            "European": "0 / none / CRD",
            "MGH-S": "0 / none / none",
        }
    expect(
        failed("sertraline"),
        unread(resource),
        gives=gives,
        because="MGH-S is open-ended: it has no top",
    )


def test_conditions_not_read_whole_prove_nothing() -> None:
    """Conditions not read whole may hide a bipolar disorder: at least is no and 0."""
    expect(
        _two(),
        unread("Condition"),
        gives={
            "TRD": "no / yes / yes",
            "stage": "0 / II / II",
            "Thase-Rush": "0 / II / II",
            "GSRD": "none / trd / trd",
            "European": "0 / TRD1 / TRD1",
            "Maudsley": "none / 6 / 6",
            "MGH-S": "0 / 2 / 2",
        },
    )


def test_another_type_not_read_whole_changes_no_bound() -> None:
    """An encounter list cut short does not touch the stages."""
    expect(_two(), unread("Encounter"), gives={"TRD": "yes", "stage": "II"})


def test_an_undocumented_record_not_read_whole_has_no_working_value() -> None:
    """Undocumented and incomplete: no at least, no working value, the top at most."""
    expect(
        took("sertraline", 50, "2023-01-02", days=56),
        unread("MedicationRequest"),
        documented=False,
        gives={"TRD": "no / none / yes", "stage": "none / none / II"},
    )


def test_an_incomplete_read_is_named_in_the_report() -> None:
    """The report says which type, how many were read, of how many, and why."""
    report = expect(unread("MedicationRequest", 50, 80), gives={})
    (incomplete,) = report.completeness.incomplete
    assert (incomplete.type, incomplete.read, incomplete.total) == ("MedicationRequest", 50, 80)


def test_conditions_not_read_whole_leave_an_assumption_under_the_working_value() -> None:
    """The working value then assumes that no unread condition rules out depression."""
    expect(
        _two(),
        unread("Condition"),
        gives={
            "TRD": "no / yes / yes",
            "assumptions": "no blocking diagnosis among the conditions that were not read",
        },
    )
    expect(_two(), unread("Observation"), gives={"assumptions": "none"})
