"""The blind review over the API: pairs without their runs, judgments kept, nothing told."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from assistant.bootstrap import build_service
from assistant.config import Settings
from tests.lib.service import api, opened

PAIRS = {
    "schema": "evals-pairs/1",
    "seed": 0,
    "pairs": [
        {"id": "record/a", "question": "What stage?", "left": "Stage II [R1].",
         "right": "Stage I [R1].", "left_is": "new"},
        {"id": "record/b", "question": "TRD?", "left": "No.", "right": "Yes.", "left_is": "old"},
    ],
}  # fmt: skip
JUDGMENT = {
    "pair": "record/a", "reviewer": "AB", "preference": "left",
    "wrong_left": False, "wrong_right": True,
}  # fmt: skip


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    (tmp_path / "pairs.json").write_text(json.dumps(PAIRS))
    settings = Settings(
        demo=True,
        review_pairs=str(tmp_path / "pairs.json"),
        review_judgments=str(tmp_path / "kept" / "review.jsonl"),
        audit_file=str(tmp_path / "audit.jsonl"),
    )
    with api(build_service(settings)) as found:
        yield found


def test_the_pairs_do_not_say_which_run_they_are_of(client: TestClient) -> None:
    told = client.get(f"{opened(client)}/review")
    assert told.status_code == 200
    assert [pair["id"] for pair in told.json()["pairs"]] == ["record/a", "record/b"]
    assert "left_is" not in told.text


def test_a_judgment_is_kept_and_exported(client: TestClient) -> None:
    path = f"{opened(client)}/review"
    assert client.post(path, json=JUDGMENT).status_code == 204
    assert client.post(path, json={**JUDGMENT, "preference": "equal"}).status_code == 204
    assert client.post(path, json={**JUDGMENT, "reviewer": "CD"}).status_code == 204
    rows = client.get(path).json()["judgments"]
    assert [(row["reviewer"], row["preference"]) for row in rows] == [
        ("AB", "equal"),
        ("CD", "left"),
    ]
    assert all(row["at"] for row in rows)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"pair": "record/other"}, 404),
        ({"preference": "both"}, 422),
        ({"reviewer": ""}, 422),
        ({"wrong_left": "yes"}, 422),
        ({"left_is": "old"}, 422),
    ],
)
def test_a_judgment_of_another_shape_is_refused(
    client: TestClient, change: dict[str, str], status: int
) -> None:
    assert client.post(f"{opened(client)}/review", json=JUDGMENT | change).status_code == status


def test_the_review_is_behind_the_record_s_own_door(client: TestClient) -> None:
    assert client.get("/api/patients/unknown/review").status_code == 404


def test_without_pairs_there_is_no_review(tmp_path: Path) -> None:
    settings = Settings(demo=True, audit_file=str(tmp_path / "audit.jsonl"))
    with api(build_service(settings)) as client:
        told = client.get(f"{opened(client)}/review")
    assert told.status_code == 404
    assert "review_pairs" in told.json()["detail"]


def test_a_pairs_file_that_cannot_be_read_is_named_by_its_cure(tmp_path: Path) -> None:
    (tmp_path / "pairs.json").write_text("[]")
    settings = Settings(
        demo=True,
        review_pairs=str(tmp_path / "pairs.json"),
        audit_file=str(tmp_path / "audit.jsonl"),
    )
    with api(build_service(settings)) as client:
        told = client.get(f"{opened(client)}/review")
    assert told.status_code == 404
    assert "evals pairs" in told.json()["detail"]
