"""The views beside the overview, each drawn alone on the real service."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.unit.ui.conftest import words
from ui.client import ServiceClient

View = Callable[..., AppTest]


@pytest.fixture
def view(address: str) -> View:
    def drawn(name: str, patient: str = "two-ssris") -> AppTest:
        script = (
            f"from ui.session import Session\nfrom ui.views import {name}\n{name}.show(Session())\n"
        )
        app = AppTest.from_string(script, default_timeout=60)
        app.secrets["service"] = {"base_url": address}
        app.user = {"ctx": ServiceClient(address, "").open_demo_patient(patient)}
        return app.run()

    return drawn


def _answer(app: AppTest, applies: str, trd: str, stage: str) -> str:
    for radio, choice in zip(app.radio, (applies, trd, stage), strict=True):
        radio.set_value(choice)
    compare = next(b for b in app.button if b.label == "Compare with the rules")
    return words(compare.click().run())


def test_a_right_judgement_of_the_worked_case_is_graded_right(view: View) -> None:
    said = _answer(view("practice"), "yes", "yes", "II")
    assert said.count(":green-badge[:material/check: right]") == 3
    assert "differs" not in said


def test_a_wrong_judgement_is_told_what_the_rules_say_and_why(view: View) -> None:
    said = _answer(view("practice"), "yes", "no", "I")
    assert "you said no, the rules say yes" in said
    assert "you said I, the rules say II" in said
    assert "**sertraline**" in said


def test_practice_gives_nothing_away_before_the_judgement(view: View) -> None:
    said = words(view("practice"))
    assert "Stage II" not in said
    assert "treatment-resistant" not in said.lower()


def test_two_trials_of_one_class_differ_between_the_rulesets(view: View) -> None:
    said = words(view("compare"))
    line = next(text for text in said.split("\n") if text.startswith("| Treatment-resistant"))
    assert ":yellow-badge[differs]" in line
    assert "| Two different classes are needed | yes | yes | no |" in said


def test_the_basis_names_threshold_source_and_elements(view: View) -> None:
    app = view("basis", "worked-case")
    said = words(app)
    assert "Threshold: Minimum duration at an adequate dose\\: 42 days" in said
    assert any(b.label.replace("\\", "") == "HAM-D-17 24, 2024-01-08" for b in app.button)
    assert any(button.label == "Source passage" for button in app.button)


def test_the_record_shows_what_the_report_made_of_a_resource(view: View) -> None:
    app = view("record", "worked-case")
    said = words(app)
    assert "Depression is documented" in said.replace("\\", "")
    assert app.json


def test_a_search_of_the_sources_shows_sections(view: View) -> None:
    app = view("sources")
    app = app.text_input[0].set_value("minimum duration of an adequate trial").run()
    assert "The Cornerstone of Adequacy" in words(app)


def test_the_about_view_states_what_is_not_used(view: View) -> None:
    app = view("about")
    assert not app.exception
    shown = str(app.table[0].value.to_dict())
    assert "Use of race" in shown
    assert "no rule uses it" in shown
