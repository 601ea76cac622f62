"""The clinician's stories, in a real browser against the real service."""

import io
import json
import re

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.e2e.conftest import OPENS, SCREENSHOTS, go, photograph, settled
from tests.lib import demo

pytestmark = pytest.mark.browser
PANES = [(1440, "light"), (480, "dark")]  # each is also photographed at the other width


@pytest.mark.parametrize(("width", "theme"), PANES)
def test_the_first_view_says_who_how_certain_and_what_is_missing(
    opens: OPENS, width: int, theme: str
) -> None:
    with opens("incomplete-record", width=width, theme=theme) as page:
        expect(page.get_by_role("heading", name="Rosa Imaginary")).to_be_visible()
        expect(page.get_by_text("Read 13 of 13 entries")).to_be_visible()
        expect(page.get_by_text("not settled by the record")).to_be_visible()
        expect(page.get_by_text("Proven by the record").first).to_be_visible()
        expect(page.locator(".stMarkdownBadge", has_text="missing").first).to_be_visible()
        photograph(page, "overview-incomplete", theme)


@pytest.mark.parametrize(("width", "theme"), PANES)
def test_a_safety_sign_stands_before_every_stage(opens: OPENS, width: int, theme: str) -> None:
    with opens("advanced", width=width, theme=theme) as page:
        banner = page.get_by_role("alert").filter(has_text="Safety")
        expect(banner).to_be_visible()
        stage = page.get_by_text("Stage (source text)").first
        assert banner.bounding_box()["y"] < stage.bounding_box()["y"]
        photograph(page, "overview-advanced", theme)


def test_a_click_on_the_timeline_opens_what_was_read(opens: OPENS) -> None:
    with opens("advanced") as page:
        marks = page.locator(".vega-embed svg.marks")
        marks.last.get_by_text("20 mg").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("escitalopram (t1), 20 mg")
        expect(dialog).to_contain_text("2021-11-15 to 2022-02-06")
        page.wait_for_timeout(600)
        page.screenshot(path=SCREENSHOTS / "timeline-click-1440-light.png")
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        marks.first.locator("[aria-roledescription=point]").first.click()
        expect(dialog).to_contain_text("27")
        expect(dialog).to_contain_text("Observation/advanced-ham-d-17-2021-11-08")


@pytest.mark.parametrize(("width", "theme"), PANES)
def test_a_question_is_answered_and_its_citations_open_the_evidence(
    opens: OPENS, width: int, theme: str
) -> None:
    with opens("worked-case", width=width, theme=theme) as page:
        box = page.get_by_test_id("stChatInputTextArea")
        box.fill("Is this depression treatment-resistant?")
        box.press("Enter")
        chips = page.get_by_test_id("stChatMessage").last.get_by_role("button")
        expect(chips.first).to_be_visible(timeout=60_000)
        settled(page)
        photograph(page, "ask", theme)
        chips.filter(has_text="HAM-D-17 24, 2024-01-08").first.click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("24")
        page.wait_for_timeout(600)
        page.screenshot(path=SCREENSHOTS / f"ask-element-{width}-{theme}.png")
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        chips.filter(has_text="Core Definition").first.click()
        expect(dialog).to_contain_text("Core Definition of Treatment-Resistant Depression")
        expect(dialog).to_contain_text("episode")


@pytest.mark.parametrize(("width", "theme"), PANES)
def test_from_a_stage_the_proof_goes_down_to_the_element(
    opens: OPENS, width: int, theme: str
) -> None:
    with opens("worked-case", width=width, theme=theme) as page:
        page.get_by_role("link", name="Basis, step by step").nth(1).click()
        settled(page)
        expect(page.get_by_text("The trials it counts")).to_be_visible()
        page.get_by_text("sertraline").first.click()
        threshold = page.get_by_text("Minimum duration at an adequate dose: 42 days").first
        expect(threshold).to_be_visible()
        photograph(page, "basis", theme)
        page.get_by_role("button", name="HAM-D-17 24, 2024-01-08").first.click()
        expect(page.get_by_role("dialog")).to_contain_text("Value quantity")


def test_a_supplied_fact_moves_the_stage_and_its_removal_moves_it_back(opens: OPENS) -> None:
    with opens("incomplete-record") as page:
        stage = page.locator(".st-key-stage-source_stage")
        assumed = stage.get_by_role("row").filter(has_text="If the assumptions hold")
        expect(assumed).to_contain_text("Stage I")
        card = page.locator(".st-key-missing-adherence-t1")
        if not card.is_visible():
            page.get_by_text(re.compile(r"^\d+ more$")).last.click()
        card.get_by_role("button", name="Supply").click()
        page.get_by_text("Less was taken").click()
        page.get_by_label("Your name").last.fill("Dr. Example")
        page.get_by_role("button", name="Add as asserted").last.click()
        expect(page.get_by_text("Asserted by a clinician, not in the record")).to_be_visible()
        expect(assumed).to_contain_text("No stage")
        photograph(page, "asserted")
        page.get_by_role("button", name="Remove").click()
        expect(assumed).to_contain_text("Stage I")


@pytest.mark.parametrize(("width", "theme"), PANES)
def test_every_other_view_opens(opens: OPENS, width: int, theme: str) -> None:
    with opens("two-ssris", width=width, theme=theme) as page:
        for view in ("Compare", "Record", "Sources", "Practice", "Report", "About"):
            go(page, view)
            expect(page.get_by_test_id("stException")).to_have_count(0)
            photograph(page, view.lower(), theme)


def test_a_blocking_diagnosis_takes_the_place_of_every_stage(opens: OPENS) -> None:
    with opens("bipolar") as page:
        expect(page.get_by_text("Unipolar staging does not apply")).to_be_visible()
        expect(page.locator(".st-key-stage-trd")).to_have_count(0)
        photograph(page, "overview-bipolar")


def test_an_answer_is_rated_and_a_new_conversation_leaves_the_old_one_at_hand(
    opens: OPENS,
) -> None:
    with opens("worked-case") as page:
        for question in ("Which stage is it?", "Who is the king of Spain?"):
            box = page.get_by_test_id("stChatInputTextArea")
            box.fill(question)
            box.press("Enter")
            expect(page.get_by_test_id("stPopoverButton").last).to_be_visible()
            settled(page)
            if question.startswith("Which"):
                page.get_by_role("button", name="New conversation").click()
                expect(page.get_by_test_id("stChatMessage")).to_have_count(0)
        expect(page.get_by_test_id("stChatMessage")).to_have_count(2)
        page.get_by_role("radio", name="Thumbs down").last.click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_text("Something in it is wrong").click()
        page.wait_for_timeout(600)
        page.screenshot(path=SCREENSHOTS / "rating-1440-light.png")
        dialog.get_by_role("button", name="Send").click()
        expect(page.get_by_text("kept with the question and the answer").first).to_be_visible()
        page.get_by_test_id("stSelectbox").filter(has_text="Conversation").click()
        page.get_by_role("option", name="1. Which stage is it?").click()
        expect(page.get_by_test_id("stChatMessage").first).to_contain_text("Which stage is it?")
        photograph(page, "conversations")


def test_from_the_start_page_to_a_cited_answer_by_keyboard_alone(
    opens: OPENS, service_url: str
) -> None:
    with opens("worked-case") as page:
        page.goto(service_url)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        settled(page)
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.tagName") == "TEXTAREA":
                break
        page.keyboard.type("Which stage is it, and why?")
        page.keyboard.press("Enter")
        chips = page.get_by_test_id("stChatMessage").last.get_by_role("button")
        expect(chips.first).to_be_visible(timeout=60_000)


def test_a_record_is_opened_from_a_file(opens: OPENS, service_url: str) -> None:
    with opens("worked-case") as page:
        page.goto(service_url)
        chooser = page.get_by_label("FHIR R4 file of one patient")
        chooser.set_input_files(demo.path("two-ssris"))
        page.screenshot(path=SCREENSHOTS / "start-1440-light.png", full_page=True)
        page.get_by_role("button", name="Open this record").click()
        settled(page)
        expect(page.get_by_role("heading", name="Tilda Sample")).to_be_visible()
        expect(page.get_by_text("synthetic demo patient")).to_have_count(0)
        ctx = page.url.split("/c/")[1].split("/")[0]
        assert page.request.get(f"{service_url}/api/patients/{ctx}/record").status == 404
        page.goto(service_url)
        unreadable = {"name": "note.json", "mimeType": "application/json", "buffer": b"Tilda"}
        chooser.set_input_files(unreadable)  # type: ignore[arg-type]
        with page.expect_response("**/open-record") as answer:
            page.evaluate("document.querySelector('.file').requestSubmit()")
        assert answer.value.status == 422
        expect(page.get_by_role("alert")).to_contain_text("is not JSON")
        expect(page.get_by_text("Tilda")).to_have_count(0)
        page.get_by_role("link", name="Back to the start page").click()
        expect(page.get_by_role("heading", name="Demo patients")).to_be_visible()


def test_the_cut_offs_of_the_register_ruleset_stand_beside_its_totals(opens: OPENS) -> None:
    with opens("worked-case") as page:
        expect(page.get_by_text("Cut-offs of this ruleset")).to_have_count(0)
        page.get_by_test_id("stSelectbox").filter(has_text="Ruleset").click()
        page.get_by_role("option", name="Register studies").click()
        told = page.get_by_text("Cut-offs of this ruleset, a proxy and no stage")
        expect(told).to_contain_text("Maudsley 5 points or more: reached")
        expect(told).to_contain_text("MGH-S 4 points or more: not reached")
        photograph(page, "overview-register")


def test_two_tabs_show_two_patients(opens: OPENS) -> None:
    with opens("worked-case") as first, opens("bipolar") as second:
        first.reload()
        settled(first)
        expect(first.get_by_role("heading", name="Nora Fictional")).to_be_visible()
        expect(second.get_by_role("heading", name="Petra Madeup")).to_be_visible()


def test_signing_out_clears_the_page_and_closes_the_record(opens: OPENS) -> None:
    with opens("worked-case") as page:
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_text("You are signed out")).to_be_visible()
        expect(page.get_by_role("heading", name="Nora Fictional")).to_be_hidden()
        page.reload()
        expect(page.get_by_role("heading", name="No record is open here")).to_be_visible()


def test_a_page_whose_record_was_closed_elsewhere_says_so_by_itself(opens: OPENS) -> None:
    with opens("worked-case") as page:
        left = page.evaluate("fetch('logout', {method: 'POST'}).then(answer => answer.status)")
        assert left == 200
        expect(page.get_by_text("No open record under this address")).to_be_visible()
        expect(page.get_by_role("heading", name="Nora Fictional")).to_be_hidden()


def test_the_address_of_an_open_record_opens_nothing_in_another_browser(opens: OPENS) -> None:
    with opens("worked-case") as page:
        browser = page.context.browser
        assert browser is not None
        other = browser.new_context()
        thief = other.new_page()
        thief.goto(page.url)
        expect(thief.get_by_role("heading", name="No record is open here")).to_be_visible()
        ctx = page.url.split("/c/")[1].split("/")[0]
        for path in ("", "/stage", "/turns", "/record"):
            answer = thief.request.get(f"{page.url.split('/c/')[0]}/api/patients/{ctx}{path}")
            assert answer.status == 404
        other.close()


def test_the_report_is_a_pdf_of_one_page_and_holds_the_stage(opens: OPENS) -> None:
    with opens("advanced") as page:
        go(page, "Report")
        with page.expect_download() as download:
            page.get_by_role("button", name="PDF").click()
        pdf = download.value.path().read_bytes()
        (SCREENSHOTS / "report.pdf").write_bytes(pdf)
        (only,) = PdfReader(io.BytesIO(pdf)).pages
        assert "Stage II" in only.extract_text()
        with page.expect_download() as download:
            page.get_by_role("button", name="FHIR").click()
        bundle = json.loads(download.value.path().read_text(encoding="utf-8"))
        kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
        assert "ClinicalImpression" in kinds
        assert "Provenance" in kinds
