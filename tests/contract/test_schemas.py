"""``stage``, its comparison and ``ask`` print documents of their published schemas."""

import json

import pytest

from assistant.staging.comparison import METHODS, compare
from assistant.staging.engine import stage
from assistant.staging.ruleset import load_ruleset
from fhir_adapter.read import read_bundle
from tests.lib import demo
from tests.lib.commands import trd_assistant
from tests.lib.schemas import violations

_QUESTIONS = (
    "Is this depression treatment-resistant?",
    "Which stage is it, and why?",
    "List the antidepressant trials.",
    "What was the last score?",
    "What is missing?",
    "What is the capital of France?",
    "How many milligrams should I give tomorrow?",
)


@pytest.mark.parametrize("patient_id", demo.IDS)
def test_the_report_of_each_demo_patient_follows_its_schema(patient_id: str) -> None:
    record = read_bundle(demo.bundle(patient_id)).treatment
    report = stage(record, as_of=demo.as_of(patient_id)).to_json()
    assert violations("staging-report-1", json.loads(json.dumps(report))) == []


def test_the_schema_of_the_report_can_fail() -> None:
    record = read_bundle(demo.bundle("worked-case")).treatment
    report = stage(record, as_of=demo.as_of("worked-case")).to_json()
    report["staging"]["source_stage"]["working"] = "III"
    del report["trials"][0]["failed"]
    assert len(violations("staging-report-1", report)) == 2


def test_the_command_prints_the_report_and_nothing_else() -> None:
    done = trd_assistant(
        "stage", demo.path("worked-case"), "--as-of", "2024-06-03", "--format", "json"
    )
    assert done.exit == 0, done.err
    assert violations("staging-report-1", json.loads(done.out)) == []


_RULESETS = ("source_text", "sforzini_2022", "register")


@pytest.mark.parametrize("patient_id", demo.IDS)
def test_the_comparison_of_rulesets_follows_its_schema(patient_id: str) -> None:
    done = trd_assistant(
        "stage", demo.path(patient_id), "--as-of", demo.as_of(patient_id).isoformat(),
        "--compare", _RULESETS[1], "--compare", _RULESETS[2], "--format", "json",
    )  # fmt: skip
    assert done.exit == 0, done.err
    told = json.loads(done.out)
    assert violations("ruleset-comparison-1", told) == []
    assert tuple(told["rulesets"]) == tuple(told["reports"]) == _RULESETS


def test_the_schema_of_the_comparison_names_every_method_and_can_fail() -> None:
    record = read_bundle(demo.bundle("two-ssris")).treatment
    found = compare(
        record,
        as_of=demo.as_of("two-ssris"),
        rulesets=[load_ruleset(name) for name in _RULESETS],
    )
    told = json.loads(json.dumps({**found.to_json(), "as_of": "2024-06-01"}))
    for method in METHODS:
        named = [{"about": method, "values": ["0", "I", "I"]}]
        assert violations("ruleset-comparison-1", {**told, "differences": named}) == []
    told["differences"] = [{"about": "ATHF", "values": ["0", "I", "I"]}]
    del told["reports"]["register"]["trials"]
    told["rulesets"] = ["register"]
    assert len(violations("ruleset-comparison-1", told)) == 3


@pytest.mark.parametrize("patient_id", demo.IDS)
def test_the_answers_about_each_demo_patient_follow_their_schema(
    patient_id: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    questions = tmp_path_factory.mktemp("questions") / "questions.jsonl"
    lines = (
        {"id": f"q{n}", "question": question, "as_of": demo.as_of(patient_id).isoformat()}
        for n, question in enumerate(_QUESTIONS)
    )
    questions.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    done = trd_assistant("ask", demo.path(patient_id), "--questions", questions)
    assert done.exit == 0, done.err
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert [answer["id"] for answer in answers] == [f"q{n}" for n in range(len(_QUESTIONS))]
    for answer in answers:
        assert violations("answer-1", answer) == []
        for citation in answer["citations"]:
            assert f"[{citation['key']}]" in answer["answer"]
