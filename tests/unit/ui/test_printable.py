"""The report for the chart: the same figures, escaped, assumed marked, asserted apart."""

import io
from typing import Any

import pytest
from pypdf import PdfReader

from tests.lib import demo
from ui.client import ServiceClient
from ui.printable import as_html, as_pdf, report_content


def _content(address: str, patient: str, **changed: Any) -> dict[str, Any]:
    client = ServiceClient(address, ServiceClient(address, "").open_demo_patient(patient))
    opened = client.patient()
    report = client.stage(as_of=opened["as_of"], ruleset="source_text")
    return report_content(
        report,
        opened["patient"] | changed,
        client.assertions(),
        client.version(),
        client.reference()["rules"],
    )


def _page(address: str, patient: str, **changed: Any) -> str:
    return as_html(_content(address, patient, **changed))


def _words(pdf: bytes) -> str:
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return " ".join(text.split())


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


@pytest.mark.parametrize("patient", demo.IDS)
def test_the_pdf_says_what_the_page_says(address: str, patient: str) -> None:
    content = _content(address, patient)
    words = _words(as_pdf(content))
    assert content["basis"] in words
    assert content["patient"]["name"] in words
    for line in (*content["missing"], *content["steps"], *content["safety"], *content["checks"]):
        assert " ".join(line.split()) in words
    for trial in content["trials"]:
        assert trial["drug"].split(" (")[0] in words
    assert "Unipolar staging does not apply" in words or "Proven by the record" in words


def test_chart_text_is_no_markup_of_the_pdf(address: str) -> None:
    name = '#read("/etc/hostname") *Łukasz* $x$ ≤ 7'
    assert name in _words(as_pdf(_content(address, "worked-case", name=name)))


def test_the_worked_case_fits_one_page(address: str) -> None:
    pdf = as_pdf(_content(address, "worked-case"))
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1


def test_what_a_stage_rests_on_beside_the_trials_is_on_paper(address: str) -> None:
    content = _content(address, "advanced")
    assert content["beside"] == [
        "lithium added to nortriptyline, 2022-08-01 to 2022-11-06; adequate: met",
        "psychotherapy, 1 session, 2022-03-14 to 2022-03-14: outcome not settled",
        "ECT, 10 sessions, 2023-08-07 to 2023-09-07: failed adequate course",
    ]
    pdf = as_pdf(content)
    words = _words(pdf)
    for line in content["beside"]:
        assert line in words
        assert line in as_html(content)
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1


def test_what_is_not_counted_is_on_paper(address: str) -> None:
    lines = _content(address, "look-alikes")["beside"]
    assert any(line.startswith("Not counted: imipramine") for line in lines)
