"""The report for the chart: the same figures, escaped, assumed marked, asserted apart."""

from typing import Any

import pytest

from tests.lib import demo
from ui.client import ServiceClient
from ui.printable import printable


def _page(address: str, patient: str, **changed: Any) -> str:
    client = ServiceClient(address, ServiceClient(address, "").open_demo_patient(patient))
    opened = client.patient()
    report = client.stage(as_of=opened["as_of"], ruleset="source_text")
    return printable(
        report,
        opened["patient"] | changed,
        client.assertions(),
        client.version(),
        client.reference()["rules"],
    )


@pytest.mark.parametrize("patient", demo.IDS)
def test_every_demo_patient_has_a_printable_report(address: str, patient: str) -> None:
    page = _page(address, patient)
    assert demo.as_of(patient).isoformat() in page
    assert "{{" not in page
    assert "None" not in page


def test_chart_text_is_escaped(address: str) -> None:
    page = _page(address, "worked-case", name="<script>alert(1)</script>")
    assert "&lt;script&gt;" in page
    assert "<script" not in page


def test_what_is_assumed_is_marked_on_paper_too(address: str) -> None:
    assert 'Stage I <span class="assumed">assumed</span>' in _page(address, "incomplete-record")
    assert 'class="assumed">' not in _page(address, "worked-case")


def test_a_blocking_diagnosis_leaves_no_stage_on_paper(address: str) -> None:
    page = _page(address, "bipolar")
    assert "Unipolar staging does not apply" in page
    assert "Thase and Rush" not in page


def test_a_safety_sign_is_on_paper(address: str) -> None:
    assert "Safety: Signs of suicidal thoughts" in _page(address, "advanced")
