"""What the views say, on the real service without a browser."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.lib import demo
from tests.unit.ui.conftest import show, words

Page = Callable[[str], AppTest]


@pytest.mark.parametrize("patient", demo.IDS)
def test_the_overview_of_every_demo_patient_is_drawn_without_an_error(
    page: Page, patient: str
) -> None:
    app = page(patient)
    assert not app.exception
    family = next(
        entry["resource"]["name"][0]["family"]
        for entry in demo.bundle(patient)["entry"]
        if entry["resource"]["resourceType"] == "Patient"
    )
    assert family in words(app)


def test_what_is_assumed_is_marked_and_never_the_headline(page: Page) -> None:
    said = words(page("incomplete-record"))
    headlines = [line for line in said.split("\n") if line.startswith("## ")]
    assert headlines == [
        "## Open :gray-badge[not settled by the record]",
        "## Between no stage and II :gray-badge[open]",
    ]
    assert ":orange-badge[assumed]" in said


def test_a_settled_stage_is_called_settled(page: Page) -> None:
    assert "## Stage II :green-badge[:material/lock: settled by the record]" in words(
        page("worked-case")
    )


def test_a_blocking_diagnosis_shows_no_stage(page: Page) -> None:
    said = words(page("bipolar"))
    assert "Unipolar staging does not apply" in said
    assert not [line for line in said.split("\n") if line.startswith("## ")]


def test_a_safety_sign_is_shown_first(page: Page) -> None:
    app = page("advanced")
    assert "Safety" in app.error[0].value
    assert not page("worked-case").error


def test_checks_that_nobody_made_are_shown_as_not_assessed(page: Page) -> None:
    said = words(page("incomplete-record"))
    line = next(text for text in said.split("\n") if "not assessed]" in text)
    assert "Hypothyroidism" in line


def test_supplying_a_fact_asks_for_an_author_then_moves_the_stage(page: Page) -> None:
    app = page("incomplete-record")
    place = next(
        int(radio.key.split("-")[1])
        for radio in app.radio
        if radio.key.endswith("-adherence")
        and radio.proto.form_id.startswith("supply")
        and _about(app, int(radio.key.split("-")[1])) == "t1"
    )
    app.radio(key=f"value-{place}-adherence").set_value("not_met")
    submit = next(b for b in app.button if b.form_id == f"supply-{place}-adherence")
    app = submit.click().run()
    assert any("Enter your name" in warning.value for warning in app.warning)
    app.radio(key=f"value-{place}-adherence").set_value("not_met")
    app.text_input(key=f"author-{place}").set_value("Dr. Example")
    submit = next(b for b in app.button if b.form_id == f"supply-{place}-adherence")
    app = submit.click().run()
    said = words(app)
    assert "Asserted by a clinician, not in the record" in said
    assert "sertraline" not in _assumed(said)
    resting = [e.label for e in app.expander if "rests on asserted facts" in e.label]
    assert len(resting) == 1
    assert "sertraline" in resting[0]
    app = next(b for b in app.button if b.label == "Remove").click().run()
    assert "sertraline" in _assumed(words(app))


def _assumed(said: str) -> str:
    return next(line for line in said.split("\n") if ":orange-badge[assumed]" in line)


def _about(app: AppTest, place: int) -> str:
    session_report = app.session_state["client"].stage(as_of="2023-10-02", ruleset="source_text")
    return str(session_report["missing_facts"][place]["trial"])


def test_a_service_that_does_not_answer_leaves_a_page_that_says_so() -> None:
    app = show("http://127.0.0.1:9", "x")
    assert not app.exception
    assert "cannot be reached" in words(app)


def test_a_closed_record_leaves_a_page_that_says_so(address: str) -> None:
    app = show(address, "x")
    assert not app.exception
    assert "No open record" in words(app).replace("\\", "")


def test_a_verdict_that_hangs_on_the_class_rule_says_so_beside_it(page: Page) -> None:
    apart = "Where a definition does not ask for different classes: **Yes**"
    assert apart in words(page("two-ssris"))
    assert "does not ask for different classes" not in words(page("worked-case"))


def test_every_method_has_its_verdict_near_the_top(page: Page) -> None:
    said = words(page("advanced")).replace("\\", "")
    line = next(text for text in said.split("\n") if "other methods]" in text)
    assert "Thase and Rush **Stage V**" in line
    assert "Maudsley **11 points, severe**" in line
    assert "other methods]" not in words(page("bipolar"))


def test_what_is_not_proven_never_reads_like_a_proven_no(page: Page) -> None:
    tables = [table.value.to_dict("records") for table in page("incomplete-record").table]
    assert tables[0][0] == {"bound": "Proven by the record", "value": "Not yet"}
    settled = [table.value.to_dict("records") for table in page("inadequate-dose").table]
    assert settled[0][0] == {"bound": "Proven by the record", "value": "**No**"}


def test_a_step_away_from_a_drug_does_not_read_like_a_step_to_it(page: Page) -> None:
    said = words(page("worked-case")).replace("\\", "")
    assert "**1. Switch to another antidepressant.** Venlafaxine: non-response." in said


def test_a_step_has_one_way_to_its_reasons(page: Page) -> None:
    app = page("look-alikes")
    steps = app.session_state["client"].stage(as_of="2024-04-22", ruleset="source_text")
    assert len([button for button in app.button if button.label == "Why"]) == len(
        steps["next_steps"]
    )


def test_an_element_is_named_by_the_drug_it_is_about(page: Page) -> None:
    labels = [button.label.replace("\\", "") for button in page("worked-case").button]
    assert any(label.startswith("Medication statement (sertraline)") for label in labels)
