"""The same record gives the same report, whatever the machine and the order of entries (P1)."""

import json
import random
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.lib import demo
from tests.lib.commands import trd_assistant


@cache
def _reports(listing: Path, seed: str, zone: str) -> tuple[dict[str, Any], ...]:
    done = trd_assistant(
        "stage", "--batch", listing, environment={"PYTHONHASHSEED": seed, "TZ": zone}
    )
    assert done.exit == 0, done.err
    return tuple(json.loads(line)["report"] for line in done.out.splitlines())


def _listing(folder: Path, files: list[Path]) -> Path:
    listing = folder / "list.jsonl"
    lines = (
        {"input": str(file), "as_of": demo.as_of(patient_id).isoformat()}
        for file, patient_id in zip(files, demo.IDS, strict=True)
    )
    listing.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return listing


@pytest.fixture(scope="module")
def listing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _listing(tmp_path_factory.mktemp("listed"), [demo.path(name) for name in demo.IDS])


@pytest.fixture(scope="module")
def first(listing: Path) -> list[str]:
    return [json.dumps(report) for report in _reports(listing, "0", "UTC")]


@pytest.mark.parametrize(
    ("seed", "zone"), [("1", "UTC"), ("2", "Pacific/Kiritimati"), ("3", "America/Los_Angeles")]
)
def test_hash_seed_and_time_zone_change_nothing(
    listing: Path, first: list[str], seed: str, zone: str
) -> None:
    assert [json.dumps(report) for report in _reports(listing, seed, zone)] == first


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_entries_changes_nothing(first: list[str], tmp_path: Path, seed: int) -> None:
    files = []
    for patient_id in demo.IDS:
        bundle = demo.bundle(patient_id)
        random.Random(seed).shuffle(bundle["entry"])
        files.append(tmp_path / f"{patient_id}.json")
        files[-1].write_text(json.dumps(bundle), encoding="utf-8")
    shuffled = _reports(_listing(tmp_path, files), "0", "UTC")
    assert [json.dumps(report) for report in shuffled] == first
