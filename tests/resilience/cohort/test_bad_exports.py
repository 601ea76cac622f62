"""What is broken in an export costs itself, is counted, and is named."""

import gzip
from collections import Counter
from pathlib import Path

import orjson
import pytest

from evals.careers import patient
from tests.lib.cohorts import Run, run, single

_GOOD = 12


def _line(resource: object) -> bytes:
    return orjson.dumps(resource) + b"\n"


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clean")
    lines = [_line(one) for n in range(_GOOD) for _, one in patient(3, n)]
    (folder / "All.ndjson").write_bytes(b"".join(lines))
    return folder


@pytest.fixture(scope="module")
def broken(clean: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The same patients, among everything that can be wrong with a file."""
    folder = tmp_path_factory.mktemp("broken")
    observation = {"resourceType": "Observation", "status": "final"}
    good = (clean / "All.ndjson").read_bytes()
    odd = [
        b'{"resourceType": "Condition", "id": "half", "subject": {"refer\n',
        b"not JSON at all\n",
        b'["an", "array"]\n',
        b'{"id": "no-type"}\n',
        b'{"resourceType":"Observation","id":"latin","note":[{"text":"\xe9"}]}\n',
        _line({**observation, "id": "astray", "subject": {"reference": "Patient/nobody"}}),
        _line({**observation, "id": "unsaid"}),
        (
            b'{"resourceType":"Observation","id":"twice","status":"final","status":"final",'
            b'"subject":{"reference":"Patient/p0"}}\n'
        ),
        _line({"resourceType": "Patient", "gender": "male"}),
        b"\n",
        b'{"resourceType": "Condition", "id": "cut off at the end of the fi',
    ]
    (folder / "All.ndjson").write_bytes(good + b"".join(odd))
    many = [
        {
            **observation,
            "id": f"o{n}",
            "subject": {"reference": "Patient/p1"},
            "code": {"text": str(n)},
        }
        for n in range(3000)
    ]
    packed = gzip.compress(b"".join(map(_line, many)))
    (folder / "Cut.ndjson.gz").write_bytes(packed[: len(packed) // 2])
    (folder / "NotJson.json").write_bytes(b"<Bundle/>")
    return run(tmp_path_factory.mktemp("out") / "run", folder)


def test_every_patient_is_still_there_once(broken: Run) -> None:
    assert Counter(broken.reports()).keys() == {f"Patient/p{n}" for n in range(_GOOD)}
    assert len(broken.table("report")) == _GOOD


def test_a_bad_line_changes_no_report(broken: Run, clean: Path) -> None:
    reports = broken.reports()
    for number in (2, 7):
        assert reports[f"Patient/p{number}"] == single([str(clean)], f"p{number}")


@pytest.mark.parametrize(
    ("resource", "problem"),
    [
        ("Observation/astray", "names a patient that is not in the input"),
        ("Observation/unsaid", "names no patient"),
        ("Observation/twice", 'a key is given twice in one object ("status")'),
    ],
)
def test_a_resource_that_is_not_read_is_named(broken: Run, resource: str, problem: str) -> None:
    found = [issue for issue in broken.table("issue") if issue["resource"] == resource]
    assert len(found) == 1
    assert problem in found[0]["problem"]
    assert found[0]["file"] == "All.ndjson"
    assert found[0]["line"] > 0


def test_each_broken_line_is_an_issue_with_its_file_and_line(broken: Run, clean: Path) -> None:
    before = (clean / "All.ndjson").read_bytes().count(b"\n")
    rows = [row for row in broken.table("issue") if row["file"] == "All.ndjson"]
    by_line = {row["line"] - before: row["problem"] for row in rows}
    assert sorted(by_line) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 11]
    assert "not JSON" in by_line[1]
    assert "expected a FHIR resource" in by_line[3]
    assert "must name its type" in by_line[4]
    assert "not UTF-8" in by_line[5]
    assert "Patient without id" in by_line[9]
    assert "not JSON" in by_line[11]


def test_a_gzip_file_that_breaks_off_is_named_and_read_so_far(broken: Run) -> None:
    rows = [row for row in broken.table("issue") if row["file"] == "Cut.ndjson.gz"]
    assert any("breaks off here" in row["problem"] for row in rows)
    read = {row["patient"]: row["resources_total"] for row in broken.table("report")}
    own = len(patient(3, 1))
    assert own < read["Patient/p1"] < own + 3000


def test_a_file_that_is_no_json_is_named(broken: Run) -> None:
    rows = [row for row in broken.table("issue") if row["file"] == "NotJson.json"]
    assert [row["problem"].split(":")[0] for row in rows] == ["the file is not read"]


def test_issues_are_counted_in_the_manifest_and_on_the_page(broken: Run) -> None:
    outside = [row for row in broken.table("issue") if row["patient"] is None]
    assert broken.manifest["counts"]["issues_of_inputs"] == len(outside)
    assert "names a patient that is not in the input" in (broken.out / "summary.html").read_text()
    assert f"{broken.manifest['rows']['issue']} issues" in broken.result.err
