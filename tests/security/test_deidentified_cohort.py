"""A de-identified run gives the same answers and holds no identifier and no date."""

import json
import re
from pathlib import Path

import pytest

from tests.lib.cohorts import AS_OF, Run, export, run, without

_SHOWN = ("patient", "as_of", "episode_start", "report")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = export(tmp_path_factory.mktemp("export"), patients=40, seed=11)
    stray = b'{"resourceType":"Observation","id":"p3-x","subject":{"reference":"Patient/gone77"}}\n'
    (made / "Family3.ndjson").write_bytes(b"a bad line\n" + stray)
    return made


@pytest.fixture(scope="module")
def plain(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(tmp_path_factory.mktemp("out") / "run", folder)


@pytest.fixture(scope="module")
def hidden(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(tmp_path_factory.mktemp("out") / "run", folder, "--deidentify")


def test_nothing_written_holds_an_identifier_a_name_or_a_date(hidden: Run) -> None:
    """Each identifier, name and number of the export is one of a kind, so a search finds it."""
    texts = [json.dumps(hidden.table(name)) for name in ("report", "trial", "finding")]
    texts += [json.dumps(hidden.table(name)) for name in ("definition", "issue")]
    texts += [(hidden.out / name).read_text("utf-8") for name in ("manifest.json", "summary.html")]
    for text in texts:
        assert not re.search(r"[A-Z][a-z]+/p\d|\bp\d+-", text)
        assert not re.search(r"Family|Given|MRN|gone77", text)
        dates = re.findall(r"(?<![\w.-])(?:19|20)\d\d-\d\d(?:-\d\d)?(?![\w-])", text)
        assert dates == []
        assert AS_OF not in text
    assert not (hidden.out / ".work").exists(), "the key of the pseudonyms is gone"


def test_no_verdict_and_no_interval_changes(plain: Run, hidden: Run) -> None:
    def told(ran: Run) -> list[str]:
        rows = [without(row, *_SHOWN) for row in ran.table("report")]
        return sorted(json.dumps(row, sort_keys=True) for row in rows)

    def trials(ran: Run) -> list[str]:
        rows = [without(row, "patient", "start", "end", "evidence") for row in ran.table("trial")]
        return sorted(json.dumps(row, sort_keys=True) for row in rows)

    assert told(plain) == told(hidden)
    assert trials(plain) == trials(hidden)


def test_days_keep_their_distance_within_a_patient(hidden: Run) -> None:
    checked = 0
    for row in hidden.table("trial"):
        days = [re.fullmatch(r"day (\d+)", row[name] or "") for name in ("start", "end")]
        if all(days) and row["days_low"] == row["days_high"]:
            first, last = (int(day[1]) for day in days if day)
            assert last - first + 1 == row["days_low"]
            checked += 1
    assert checked > 20


def test_the_secret_day_differs_between_patients(hidden: Run) -> None:
    starts = {row["patient"]: row["start"] for row in hidden.table("trial")}
    numbers = {int(n) for start in starts.values() for n in re.findall(r"\d+", start or "")}
    assert max(numbers) - min(numbers) > 4000
