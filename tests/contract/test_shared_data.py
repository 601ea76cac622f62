"""Records that nobody wrote for this project: read, or refused by name; never a traceback."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.lib.commands import trd_assistant
from tests.lib.schemas import violations
from tests.lib.shared_data import FHIR, fhir_files, need

pytestmark = pytest.mark.shared_data

_DONE, _UNREADABLE, _SEVERAL_PATIENTS = 0, 3, 4
_NDJSON_FOLDERS = ("synthea/bulk-10-patients",)


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, dict[str, Any]]:
    """One line of ``stage --batch`` a file of the shared data."""
    need(FHIR)
    files = fhir_files()
    listing = tmp_path_factory.mktemp("batch") / "list.jsonl"
    listing.write_text(
        "".join(f"{json.dumps({'input': str(path)})}\n" for path in files), encoding="utf-8"
    )
    done = trd_assistant("stage", "--batch", listing, "--format", "json", timeout=900)
    assert done.exit == 0, done.err
    assert "Traceback" not in done.err
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert len(lines) == len(files)
    return dict(zip(files, lines, strict=True))


def _name(path: Path) -> str:
    return str(path.relative_to(FHIR))


def test_every_file_is_staged_or_refused_by_name(batch: dict[Path, dict[str, Any]]) -> None:
    for path, line in batch.items():
        assert line["exit"] in {_DONE, _UNREADABLE, _SEVERAL_PATIENTS}, _name(path)
        if line["exit"] == _DONE:
            assert line["report"] is not None
        else:
            assert line["report"] is None
            assert line["error"], _name(path)


def test_every_report_follows_its_schema(batch: dict[Path, dict[str, Any]]) -> None:
    broken = {
        _name(path): found
        for path, line in batch.items()
        if line["report"] is not None and (found := violations("staging-report-1", line["report"]))
    }
    assert broken == {}


@pytest.mark.parametrize(
    "folder", ["synthea/bundles", "mimic-iv-demo/patients", "pysynthea", "ahrq-phq9-stu3"]
)
def test_every_patient_of_a_folder_of_bundles_is_staged(
    batch: dict[Path, dict[str, Any]], folder: str
) -> None:
    exits = Counter(
        line["exit"] for path, line in batch.items() if path.is_relative_to(FHIR / folder)
    )
    assert exits[_DONE] > 0
    assert set(exits) == {_DONE}


def test_resources_are_never_dropped_in_silence(batch: dict[Path, dict[str, Any]]) -> None:
    for path, line in batch.items():
        if line["report"] is None:
            continue
        read, total = (
            line["report"]["completeness"][key] for key in ("resources_read", "resources_total")
        )
        if read < total:
            assert line["report"]["issues"], _name(path)


def test_a_folder_of_several_patients_asks_for_one() -> None:
    done = trd_assistant("stage", need(FHIR / "synthea" / "bulk-10-patients"), "--format", "json")
    assert done.exit == _SEVERAL_PATIENTS
    assert "--patient" in done.err
    assert done.out == ""
