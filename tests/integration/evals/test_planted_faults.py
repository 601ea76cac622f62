"""Each planted fault is caught by the suite it belongs to; without it the suite passes."""

from dataclasses import replace

import pytest

from assistant.answering.evidence import Statement
from assistant.answering.model import Model
from assistant.staging.ruleset import load_ruleset
from evals.gate import exit_code
from evals.subjects.built_in import BuiltIn
from evals.suites import SuiteSkippedError
from tests.lib.chat_models import ScriptedChat
from tests.lib.evaluation import Tampered, altered_number, assistant, ran, swapped_citations


def missed(result) -> set[str]:
    return {measure.measure for measure in result.measures if measure.missed}


@pytest.mark.parametrize("suite", ["staging", "record", "abstention"])
def test_without_a_fault_the_suite_passes(suite, tmp_path):
    result = ran(suite, assistant(), tmp_path, limit=40)
    assert result.status == "passed", result.reason
    assert exit_code([result]) == 0


def test_a_changed_threshold_is_caught_by_the_stages(tmp_path):
    subject = BuiltIn(ruleset=lambda name: replace(load_ruleset(name), min_days=28))
    result = ran("staging", subject, tmp_path)
    assert "source_stage working" in missed(result)
    assert exit_code([result]) == 1


def test_a_changed_threshold_is_caught_by_the_twins_of_its_family(tmp_path):
    subject = BuiltIn(ruleset=lambda name: replace(load_ruleset(name), min_days=28))
    result = ran("twins", subject, tmp_path, limit=60)
    families = {m.part for m in result.measures if m.missed and m.measure == "adaptation"}
    assert "family: days across the minimum" in families
    assert exit_code([result]) == 1


def test_swapped_citations_are_caught_by_the_record_questions(tmp_path):
    result = ran("record", Tampered(assistant(), swapped_citations), tmp_path, limit=80)
    assert "claims in what is cited" in missed(result)
    assert exit_code([result]) == 1


def test_an_altered_number_is_caught_by_the_record_questions(tmp_path):
    result = ran("record", Tampered(assistant(), altered_number), tmp_path, limit=40)
    assert "claims supported" in missed(result)
    assert exit_code([result]) == 1


def test_a_removed_refusal_is_caught_by_the_abstentions(tmp_path, monkeypatch):
    monkeypatch.setattr("assistant.answering.planner._refusal", lambda part, context: None)
    result = ran("abstention", assistant(), tmp_path, limit=40)
    assert "declines rightly" in missed(result)
    assert exit_code([result]) == 1


def fabricating() -> Model:
    """A model that rests an invented figure on the first statement."""
    text = "The dose was 987 mg/day from 1999-01-01, which is Stage V [1]"
    return Model(name="stub:fabricates", chat=ScriptedChat(reply=lambda prompt: text, prompts=[]))


def test_a_model_that_makes_things_up_is_held_by_the_grounding(tmp_path):
    result = ran("record", BuiltIn(model=fabricating()), tmp_path, limit=40)
    assert "claims supported" not in missed(result)


def test_grounding_switched_off_is_caught_by_the_record_questions(tmp_path, monkeypatch):
    def unchecked(text, used, given):
        cited = tuple(citation for one in used for citation in one.citations)
        return Statement(text=text, citations=cited)

    monkeypatch.setattr("assistant.answering.wording.checked", unchecked)
    monkeypatch.setattr("assistant.answering.compose.grounded", lambda *given: True)
    result = ran("record", BuiltIn(model=fabricating()), tmp_path, limit=40)
    assert "claims supported" in missed(result)
    assert exit_code([result]) == 1


def test_a_subject_that_crashes_makes_the_run_incomplete(tmp_path):
    def fault(reply):
        raise RuntimeError("the subject broke")

    result = ran("record", Tampered(assistant(), fault), tmp_path, limit=5)
    assert result.status == "crashed"
    assert "the subject broke" in result.reason
    assert exit_code([result]) == 2


def test_one_item_that_crashes_makes_the_run_incomplete(tmp_path):
    broken = []

    def fault(reply):
        if not broken:
            broken.append(True)
            raise RuntimeError("the subject broke")
        return reply

    result = ran("record", Tampered(assistant(), fault), tmp_path, limit=8)
    assert result.status == "incomplete"
    assert exit_code([result]) == 2


def test_a_suite_whose_data_is_not_here_says_skipped_by_name(tmp_path):
    for suite in ("fhirpath-qa", "ecqm"):
        result = ran(suite, assistant(), tmp_path, data=tmp_path / "absent")
        assert result.status == "skipped"
        assert "is not in the data folder" in result.reason
        assert exit_code([result]) == 2  # nothing ran, so nothing has passed


def test_a_skipped_suite_does_not_stop_the_others_from_passing(tmp_path):
    skipped = ran("ecqm", assistant(), tmp_path, data=tmp_path / "absent")
    staging = ran("staging", assistant(), tmp_path, limit=5)
    assert exit_code([skipped, staging]) == 0
    assert SuiteSkippedError.__doc__
