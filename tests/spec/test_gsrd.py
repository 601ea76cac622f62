"""GSRD: the number of failed adequate trials, whatever their class."""

from tests.lib.expectations import expect
from tests.lib.histories import failed

TITLE = "GSRD categories"


def test_gsrd_counts_failures_without_a_class_rule() -> None:
    """None failed: none; one: non-responder; two or more, of any class: TRD."""
    expect(gives={"GSRD": "none"})
    expect(failed("sertraline"), gives={"GSRD": "non_responder"})
    expect(failed("sertraline", "fluoxetine"), gives={"GSRD": "trd"})
    expect(failed("sertraline", "venlafaxine", "bupropion"), gives={"GSRD": "trd"})
