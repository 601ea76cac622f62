"""An export is fetched from a server as a backend client: signed, patient, resumed, cleaned up."""

from dataclasses import replace
from pathlib import Path

import pytest

from evals.careers import LAST_DAY, patient
from fhir_adapter.export.bulk import BulkSettings, ExportUnavailable, fetch
from tests.lib.bulk_server import CLIENT, Unreliable, exporting, key_pair, unreliable
from tests.lib.cohorts import Run
from tests.lib.commands import trd_assistant

FILES = {
    "Patient.1": b'{"resourceType":"Patient","id":"a"}\n' * 50,
    "Condition.1": b'{"resourceType":"Condition","id":"c"}\n' * 5000,
}


def _settings(key: Path) -> BulkSettings:
    return BulkSettings(
        client_id=CLIENT, key_file=key, first_wait_seconds=0.01, longest_wait_seconds=1, attempts=3
    )


def _ignore(name: str, done: int, total: int) -> None:
    """No progress is shown."""


@pytest.fixture
def server(tmp_path: Path):
    public = key_pair(tmp_path / "key.pem")
    with unreliable(Unreliable(files=dict(FILES), public_key=public)) as state:
        yield state


def _fetch(server: Unreliable, tmp_path: Path, **changes: object) -> list[Path]:
    settings = replace(_settings(tmp_path / "key.pem"), **changes)
    return fetch(f"{server.base}/fhir", tmp_path / "export", settings, _ignore)


def test_an_export_is_kicked_off_polled_fetched_and_deleted(
    server: Unreliable, tmp_path: Path
) -> None:
    found = _fetch(server, tmp_path)
    assert [path.read_bytes() for path in found] == list(FILES.values())
    steps = ["token", "kick-off", "poll", "poll", "poll", "Patient.1", "Condition.1", "delete"]
    assert server.asked == steps


def test_a_busy_server_is_asked_again_after_the_time_it_names(
    server: Unreliable, tmp_path: Path
) -> None:
    server.busy = 2
    _fetch(server, tmp_path)
    assert server.asked.count("kick-off") == 3


def test_a_file_that_breaks_off_is_loaded_again(server: Unreliable, tmp_path: Path) -> None:
    server.broken["Condition.1"] = 1
    found = _fetch(server, tmp_path)
    assert found[1].read_bytes() == FILES["Condition.1"]
    assert server.asked.count("Condition.1") == 2


def test_a_token_that_has_run_out_is_renewed(server: Unreliable, tmp_path: Path) -> None:
    server.expired = 1
    assert len(_fetch(server, tmp_path)) == 2
    assert server.asked.count("token") == 2


def test_a_fetch_that_failed_goes_on_with_the_same_export(
    server: Unreliable, tmp_path: Path
) -> None:
    server.broken["Condition.1"] = 5
    with pytest.raises(ExportUnavailable, match="run the command again"):
        _fetch(server, tmp_path)
    server.broken.clear()
    server.asked.clear()
    found = _fetch(server, tmp_path)
    assert server.asked == ["token", "Condition.1", "delete"]
    assert found[0].read_bytes() == FILES["Patient.1"]


def test_a_client_the_server_does_not_know_is_told_so(server: Unreliable, tmp_path: Path) -> None:
    with pytest.raises(ExportUnavailable, match=r"no token \(invalid_client\)"):
        _fetch(server, tmp_path, client_id="somebody")


def test_a_key_that_is_none_is_named(server: Unreliable, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("no key")
    with pytest.raises(ExportUnavailable, match="private key of TRD_BULK_PRIVATE_KEY"):
        _fetch(server, tmp_path)


def test_a_cohort_is_staged_off_a_real_server(tmp_path: Path) -> None:
    public = key_pair(tmp_path / "key.pem", "RSA")
    resources = [one for n in range(4) for _, one in patient(5, n)]
    (tmp_path / "server").mkdir()
    with exporting(tmp_path / "server", public) as server:
        server.load(*(one for one in resources if one["resourceType"] == "Patient"))
        server.load(*(one for one in resources if one["resourceType"] != "Patient"))
        environment = {
            "TRD_BULK_CLIENT_ID": CLIENT,
            "TRD_BULK_PRIVATE_KEY": str(tmp_path / "key.pem"),
        }
        given = ("--out", tmp_path / "out", "--as-of", LAST_DAY.isoformat(), "--workers", "1")
        done = trd_assistant("cohort", server.base, *given, environment=environment)
        assert done.exit == 0, done.err
        reports = Run(out=tmp_path / "out", result=done).reports()
        assert sorted(reports) == [f"Patient/p{n}" for n in range(4)]
    assert not (tmp_path / "out" / ".work").exists(), "no copy of the export is left"
