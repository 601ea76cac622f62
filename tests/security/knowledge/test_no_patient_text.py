"""No patient's text ever enters the knowledge: canaries in the record, none on the disk."""

import json
from pathlib import Path

import pytest

from tests.lib.commands import trd_assistant
from tests.lib.demo import REPOSITORY

CANARY = "Zylphandra Quorndale"
QUESTION = f"Is the depression of {CANARY} treatment-resistant?"


@pytest.fixture
def record(tmp_path):
    """A demo patient with the canary in the name, a note and a narrative."""
    story = min((REPOSITORY / "assistant" / "demo_patients").glob("*.json"))
    bundle = json.loads(story.read_text(encoding="utf-8"))
    for entry in bundle["entry"]:
        resource = entry["resource"]
        resource["text"] = {"status": "generated", "div": f"<div>{CANARY}</div>"}
        if resource["resourceType"] == "Patient":
            resource["name"] = [{"text": CANARY, "family": CANARY}]
        else:
            resource["note"] = [{"text": f"seen with {CANARY}"}]
    path = tmp_path / "record.json"
    path.write_text(json.dumps(bundle), encoding="utf-8")
    return path


def _files_with(text: str, folder: Path) -> list[Path]:
    sought = [form.encode() for part in (text, *text.split()) for form in (part, part.lower())]
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and any(form in path.read_bytes() for form in sought)
    ]


def test_asking_about_a_patient_leaves_nothing_of_it_in_the_store(record, data_folder):
    environment = {"TRD_ASSISTANT_DATA": str(data_folder)}
    done = trd_assistant(
        "ask", record, QUESTION, "--as-of", "2024-06-01", "--format", "json",
        environment=environment,
    )  # fmt: skip
    assert done.exit == 0, done.err
    searched = trd_assistant("knowledge", "search", QUESTION, environment=environment)
    assert searched.exit == 0, searched.err
    assert _files_with(CANARY, data_folder) == []


def test_the_canary_would_be_found_if_it_were_there(data_folder, tmp_path):
    (tmp_path / "leak.bin").write_bytes(b"\x00" + CANARY.encode() + b"\x00")
    assert _files_with(CANARY, tmp_path) == [tmp_path / "leak.bin"]
    assert _files_with("Maudsley", data_folder) != []


@pytest.mark.parametrize("name", ["record.json", "record.txt"])
def test_a_patients_record_cannot_be_added(record, data_folder, tmp_path, name):
    path = record.rename(tmp_path / name)
    before = sorted(data_folder.rglob("*"))
    done = trd_assistant(
        "knowledge", "add", path, environment={"TRD_ASSISTANT_DATA": str(data_folder)}
    )
    assert done.exit == 3, done.out
    assert "not added" in done.err
    assert CANARY not in done.err
    assert sorted(data_folder.rglob("*")) == before
