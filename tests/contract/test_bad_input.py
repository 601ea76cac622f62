"""Bad input at the command line: the exit code of the contract, and a message that helps."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lib import demo
from tests.lib.commands import trd_assistant

_USAGE, _UNREADABLE, _SEVERAL_PATIENTS = 2, 3, 4
_SECRET = "Zebedee-Canary"


def _two_patients() -> bytes:
    patients = [{"resource": {"resourceType": "Patient", "id": name}} for name in ("a", "b")]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": patients}).encode()


_FILES: dict[str, tuple[bytes, int]] = {
    "not FHIR": (b'{"name": "%s"}' % _SECRET.encode(), _UNREADABLE),
    "a list": (b'[{"resourceType": "Patient"}]', _UNREADABLE),
    "a number": (b"42", _UNREADABLE),
    "truncated JSON": (b'{"resourceType": "Bundle", "entry": [{"resource"', _UNREADABLE),
    "prose": (b"The patient is called %s." % _SECRET.encode(), _UNREADABLE),
    "NaN": (
        b'{"resourceType": "Observation", "status": "final", "valueQuantity": {"value": NaN}}',
        _UNREADABLE,
    ),
    "an infinite number": (
        b'{"resourceType": "Observation", "valueQuantity": {"value": 1e400}}',
        _UNREADABLE,
    ),
    "an empty file": (b"", _UNREADABLE),
    "white space": (b" \n\t\n", _UNREADABLE),
    "binary": (bytes(range(256)) * 4, _UNREADABLE),
    "XML": (b"<Bundle xmlns='http://hl7.org/fhir'/>", _UNREADABLE),
    "deep nesting": (b"[" * 100_000 + b"]" * 100_000, _UNREADABLE),
    "two patients": (_two_patients(), _SEVERAL_PATIENTS),
}


def _check(done: object, code: int) -> None:
    assert done.exit == code, done.err
    assert done.out == ""
    assert done.err.strip()
    assert "Traceback" not in done.err
    assert _SECRET not in done.err


@pytest.mark.parametrize("kind", _FILES)
def test_a_file_that_cannot_be_read_is_refused_by_name(kind: str, tmp_path: Path) -> None:
    content, code = _FILES[kind]
    file = tmp_path / "record.json"
    file.write_bytes(content)
    done = trd_assistant("stage", file, "--format", "json")
    _check(done, code)
    if code == _UNREADABLE:
        assert "record.json" in done.err.replace("\n", "")


@pytest.mark.parametrize("kind", ["not FHIR", "truncated JSON", "an empty file"])
def test_a_question_about_a_file_that_cannot_be_read_is_refused_the_same(
    kind: str, tmp_path: Path
) -> None:
    content, code = _FILES[kind]
    file = tmp_path / "record.json"
    file.write_bytes(content)
    _check(trd_assistant("ask", file, "Which stage is it?", "--format", "json"), code)


def test_the_same_from_standard_input() -> None:
    _check(trd_assistant("stage", "-", stdin=b'{"resourceType": "Bu'), _UNREADABLE)


def test_a_folder_without_files_is_refused(tmp_path: Path) -> None:
    _check(trd_assistant("stage", tmp_path), _UNREADABLE)


def test_an_empty_bundle_holds_no_patient_to_stage(tmp_path: Path) -> None:
    file = tmp_path / "empty.json"
    file.write_text('{"resourceType": "Bundle", "type": "collection"}', encoding="utf-8")
    done = trd_assistant("stage", file, "--format", "json")
    assert "Traceback" not in done.err
    assert done.exit in {0, _UNREADABLE, _SEVERAL_PATIENTS}
    if done.exit:
        _check(done, done.exit)
    else:
        assert json.loads(done.out)["staging"]["trd"]["at_most"] == "no"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (lambda tmp: (tmp / "missing.json",), _USAGE),
        (lambda _: (demo.path("worked-case"), "--ruleset", "no_such_ruleset"), _USAGE),
        (lambda _: (demo.path("worked-case"), "--as-of", "yesterday"), _USAGE),
        (lambda _: (demo.path("worked-case"), "--as-of", "2024-02-30"), _USAGE),
        (lambda _: (demo.path("worked-case"), "--format", "xml"), _USAGE),
        (lambda _: (demo.path("worked-case"), "--patient", "nobody"), _SEVERAL_PATIENTS),
        (lambda _: (), _USAGE),
    ],
    ids=[
        "missing file",
        "unknown ruleset",
        "--as-of no date",
        "--as-of 30 February",
        "unknown format",
        "no such patient",
        "no input",
    ],
)
def test_wrong_usage_is_refused(
    arguments: Callable[[Path], tuple[object, ...]], code: int, tmp_path: Path
) -> None:
    done = trd_assistant("stage", *map(str, arguments(tmp_path)))
    # A file that is not there may be called wrong usage or unreadable input; both stop at once.
    expected = {_USAGE, _UNREADABLE} if "missing.json" in str(arguments(tmp_path)) else {code}
    assert done.exit in expected, done.err
    _check(done, done.exit)


@pytest.mark.parametrize(
    "content",
    [
        "{",
        '{"fact": "dose"}',
        '[{"fact": "dose"}]',
        '[{"fact": 1, "value": 2}]',
        '["dose"]',
        "[1e999]",
    ],
)
def test_a_file_of_asserted_facts_that_cannot_be_read_is_wrong_usage(
    content: str, tmp_path: Path
) -> None:
    file = tmp_path / "facts.json"
    file.write_text(content, encoding="utf-8")
    done = trd_assistant("stage", demo.path("worked-case"), "--assert", file)
    assert done.exit in {_USAGE, _UNREADABLE}
    _check(done, done.exit)


@pytest.mark.parametrize("command", ["stage", "ask"])
@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        ({"fact": "adherence", "trial": "t1", "value": 2}, "a share from 0 to 1"),
        ({"fact": "adherence", "trial": "t1", "value": [1]}, "adherence"),
        ({"fact": "moon", "value": 1}, "use one of"),
        ({"fact": "outcome", "trial": "t1", "value": {}}, "outcome"),
        ({"fact": "dose", "trial": "t1", "value": -5}, "dose"),
        ({"fact": "start", "trial": "t1", "value": "soon"}, "start"),
    ],
)
def test_an_asserted_fact_with_an_impossible_value_is_wrong_usage(
    tmp_path: Path, command: str, fact: dict[str, object], expected: str
) -> None:
    file = tmp_path / "facts.json"
    file.write_text(json.dumps([fact | {"author": "Dr. X", "at": "2024-06-01"}]), encoding="utf-8")
    question = ["Which stage is it?"] if command == "ask" else []
    done = trd_assistant(command, demo.path("worked-case"), *question, "--assert", file)
    _check(done, _USAGE)
    assert f"--assert {file}" in done.err
    assert expected in done.err
