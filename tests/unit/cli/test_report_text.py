"""The report as text: what a reader needs beside the tables, in words."""

from datetime import date

import pytest

from assistant.cli.report_text import print_report
from assistant.staging.engine import stage
from fhir_adapter.read import read_bundle
from tests.lib import demo


def _text(capsys: pytest.CaptureFixture[str], patient: str, as_of: date | None = None) -> str:
    record = read_bundle(demo.bundle(patient)).treatment
    print_report(stage(record, as_of=as_of or demo.as_of(patient)))
    return capsys.readouterr().out


def test_what_lies_after_the_date_is_counted_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    said = _text(capsys, "advanced", date(2023, 1, 22))
    assert "67 of 67 entries read, 23 dated after 2023-01-22 not used" in said
    assert "not used" not in _text(capsys, "advanced")


def test_added_agents_and_procedures_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    said = _text(capsys, "advanced")
    assert "lithium added to t3, 2022-08-01 to 2022-11-06, adequate: met" in said
    assert "p2 ECT, 10 sessions, 2023-08-07 to 2023-09-07, failed: yes" in said
    assert "p1 psychotherapy, 1 session, 2022-03-14 to 2022-03-14, failed: unknown" in said


def test_a_step_is_named_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    said = _text(capsys, "worked-case")
    assert "Switch. Venlafaxine: non-response." in said
    assert "consider_" not in said
