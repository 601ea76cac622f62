"""``stage --compare``: one record under two rulesets, in one call."""

import json

from tests.lib import demo
from tests.lib.commands import trd_assistant

PATIENT = demo.path("two-ssris")


def test_the_text_shows_where_two_rulesets_part() -> None:
    done = trd_assistant("stage", PATIENT, "--as-of", "2024-06-01", "--compare", "sforzini_2022")
    assert done.exit == 0, done.err
    assert "source_text" in done.out
    assert "sforzini_2022" in done.out
    row = next(line for line in done.out.splitlines() if "Treatment-resistant depression" in line)
    assert "no" in row
    assert "yes" in row
    assert "3.0" not in done.out
    same = trd_assistant("stage", PATIENT, "--as-of", "2024-06-01", "--compare", "source_text")
    assert "These rulesets say the same of this record." in same.out


def test_the_json_holds_both_reports_and_the_differences() -> None:
    done = trd_assistant(
        "stage", PATIENT, "--as-of", "2024-06-01", "--compare", "sforzini_2022",
        "--compare", "register", "--format", "json",
    )  # fmt: skip
    told = json.loads(done.out)
    assert told["schema"] == "ruleset-comparison/1"
    assert told["as_of"] == "2024-06-01"
    assert list(told["reports"]) == ["source_text", "sforzini_2022", "register"]
    trd = next(d for d in told["differences"] if d["about"] == "trd")
    assert trd["values"][:2] == ["no", "yes"]


def test_a_comparison_that_cannot_be_made_is_wrong_usage() -> None:
    for arguments in (
        (PATIENT, "--compare", "nowhere"),
        (PATIENT, "--compare", "register", "--format", "fhir"),
        ("--batch", PATIENT, "--compare", "register"),
    ):
        assert trd_assistant("stage", *arguments).exit == 2
