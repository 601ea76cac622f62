"""What identifies a patient stays in the record: not in reports, errors, folders or logs (P15)."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lib import demo
from tests.lib.commands import trd_assistant

_CANARIES = {
    "family": "Canaryfamily7Q",
    "given": "Canarygiven7Q",
    "identifier": "CANARY-7Q-0042",
    "note": "Canarynote7Q",
    "display": "Canarydisplay7Q",
    "street": "Canarystreet7Q",
    "phone": "555-0107-7Q",
}


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    """The worked case with a canary wherever a chart holds something identifying."""
    bundle = demo.bundle("worked-case")
    for entry in bundle["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] == "Patient":
            resource["name"] = [{"family": _CANARIES["family"], "given": [_CANARIES["given"]]}]
            resource["identifier"] = [{"system": "urn:x", "value": _CANARIES["identifier"]}]
            resource["address"] = [{"line": [_CANARIES["street"]]}]
            resource["telecom"] = [{"system": "phone", "value": _CANARIES["phone"]}]
        else:
            for element in ("subject", "patient"):
                if element in resource:
                    resource[element]["display"] = _CANARIES["display"]
        if resource["resourceType"] == "MedicationStatement":
            resource["note"] = [{"text": _CANARIES["note"]}]
    file = tmp_path / "record.json"
    file.write_text(json.dumps(bundle), encoding="utf-8")
    return file


def _found(text: str) -> list[str]:
    return [name for name, canary in _CANARIES.items() if canary in text]


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_report_names_the_patient_by_reference_only(marked: Path, form: str) -> None:
    done = trd_assistant("stage", marked, "--as-of", "2024-06-03", "--format", form)
    assert done.exit == 0, done.err
    assert "Patient/worked-case" in done.out
    assert _found(done.out + done.err) == []


def test_an_answer_leaves_nothing_of_the_record_behind(marked: Path, tmp_path: Path) -> None:
    data, scratch = tmp_path / "data", tmp_path / "scratch"
    scratch.mkdir()
    question = "Is this depression treatment-resistant?"
    done = trd_assistant(
        *("ask", marked, question, "--as-of", "2024-06-03", "--format", "json"),
        environment={
            "TRD_ASSISTANT_DATA": str(data),
            "HOME": str(tmp_path / "home"),
            "TMPDIR": str(scratch),
        },
    )
    assert done.exit == 0, done.err
    assert json.loads(done.out)["status"] == "answered"
    assert _found(done.out + done.err) == []
    written = [path for folder in (data, scratch) for path in _files(folder)]
    seen = b"".join(path.read_bytes() for path in written)
    assert b"serotonin transporter" in seen, "the index is built here, and its text can be searched"
    needles = [*_CANARIES.values(), "worked-case", question]
    pattern = re.compile(b"|".join(re.escape(needle.encode()) for needle in needles))
    assert pattern.findall(seen) == []


@pytest.mark.parametrize(
    "damage",
    [
        ('"birthDate"', '"birthDate": "not a date", "was"'),
        ('"resourceType": "Observation"', '"resourceType": "Canarydisplay7Q"'),
        ('"value": 24', '"value": "Canarynote7Q"'),
        ('"code": "mg"', '"code": "Canarynote7Q"'),
    ],
    ids=["birth date", "resource type", "score", "unit"],
)
def test_an_issue_says_where_not_what(marked: Path, damage: tuple[str, str]) -> None:
    text = marked.read_text(encoding="utf-8")
    assert damage[0] in text
    marked.write_text(text.replace(*damage), encoding="utf-8")
    done = trd_assistant("stage", marked, "--as-of", "2024-06-03", "--format", "json")
    assert done.exit == 0, done.err
    assert _found(done.out + done.err) == []


def test_a_record_cut_short_is_refused_without_an_echo(marked: Path) -> None:
    text = marked.read_bytes()
    marked.write_bytes(text[: text.index(_CANARIES["note"].encode()) + 8])
    done = trd_assistant("stage", marked)
    assert done.exit == 3
    assert _found(done.out + done.err) == []
    assert _CANARIES["note"][:8] not in done.err
