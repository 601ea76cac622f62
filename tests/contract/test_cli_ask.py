"""``ask`` and ``stage --batch`` at the command line: streams, exit codes, lines."""

import json
from pathlib import Path

import pytest

from tests.lib import demo
from tests.lib.commands import trd_assistant

_CASE = str(demo.path("worked-case"))
_AT = ("--as-of", "2024-06-03", "--format", "json")


def test_an_answer_is_one_json_document_on_stdout() -> None:
    done = trd_assistant("ask", _CASE, "What stage is she?", *_AT)
    assert done.exit == 0
    reply = json.loads(done.out)
    assert (reply["schema"], reply["status"], reply["values"]) == ("answer/1", "answered", ["II"])
    assert reply["as_of"] == "2024-06-03"
    assert reply["staging"]["source_stage"]["working"] == "II"


def test_a_refusal_is_no_error() -> None:
    done = trd_assistant("ask", _CASE, "What dose should I give?", *_AT)
    assert done.exit == 0
    assert json.loads(done.out)["status"] == "refused"


def test_many_questions_are_answered_in_order_with_their_ids(tmp_path: Path) -> None:
    lines = [
        {"id": 7, "question": "What stage?"},
        {"id": "b", "question": "and by Maudsley?", "history": ["What stage?"]},
        {"id": None, "question": "Which antidepressants?", "as_of": "2024-02-01"},
    ]
    questions = tmp_path / "questions.jsonl"
    questions.write_text("\n".join(map(json.dumps, lines)))
    done = trd_assistant("ask", _CASE, "--questions", str(questions), *_AT)
    assert done.exit == 0
    replies = [json.loads(line) for line in done.out.splitlines()]
    assert [(r["id"], r["values"]) for r in replies] == [
        (7, ["II"]),
        ("b", ["6", "mild"]),
        (None, ["sertraline"]),
    ]


def test_history_gives_the_turns_before(tmp_path: Path) -> None:
    history = tmp_path / "history.json"
    history.write_text(json.dumps(["How long was the first trial?"]))
    done = trd_assistant("ask", _CASE, "and the second one?", "--history", str(history), *_AT)
    assert json.loads(done.out)["values"] == ["70 days"]


def test_without_a_record_the_sources_alone_are_asked() -> None:
    done = trd_assistant("ask", "--no-record", "What is an adequate trial?", "--format", "json")
    reply = json.loads(done.out)
    assert reply["status"] == "answered"
    assert {c["kind"] for c in reply["citations"]} == {"source"}


def test_an_asserted_fact_enters_the_answer_as_asserted(tmp_path: Path) -> None:
    facts = tmp_path / "facts.json"
    facts.write_text(json.dumps([{"fact": "adherence", "drug": "sertraline", "value": "not_met"}]))
    done = trd_assistant("ask", _CASE, "What stage is she?", "--assert", str(facts), *_AT)
    assert json.loads(done.out)["values"] == ["I"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("ask", _CASE), "QUESTION"),
        (("ask",), "QUESTION"),
        (("ask", _CASE, "x", "--as-of", "yesterday"), "--as-of"),
        (("ask", _CASE, "x", "--ruleset", "none"), "--ruleset"),
        (("ask", _CASE, "x", "--history", "missing.json"), "--history"),
        (("ask", "--no-record", _CASE, "x"), "--no-record"),
        (("stage", _CASE, "--batch", "list.jsonl"), "--batch"),
        (("stage",), "INPUT"),
    ],
)
def test_wrong_usage_is_exit_2_and_says_what_to_do(arguments: tuple[str, ...], told: str) -> None:
    done = trd_assistant(*arguments)
    assert done.exit == 2
    assert done.out == ""
    assert told in done.err
    assert "Traceback" not in done.err


def test_a_batch_gives_one_line_an_input_and_goes_on_after_an_error(tmp_path: Path) -> None:
    listed = tmp_path / "list.jsonl"
    lines = [
        {"input": _CASE, "as_of": "2024-06-03"},
        {"input": str(tmp_path / "none.json")},
        {"input": 7},
        {"input": _CASE, "as_of": "2024-02-01"},
    ]
    listed.write_text("\n".join(map(json.dumps, lines)))
    done = trd_assistant("stage", "--batch", str(listed))
    assert done.exit == 0
    found = [json.loads(line) for line in done.out.splitlines()]
    assert [line["exit"] for line in found] == [0, 3, 2, 0]
    assert [len(line["report"]["trials"]) if line["report"] else None for line in found] == [
        2, None, None, 1,
    ]  # fmt: skip
    assert found[1]["error"]
    assert found[1]["report"] is None
