"""A run that was killed goes on where it was: every patient once, nothing lost."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.lib.cohorts import AS_OF, PATIENTS, export, run
from tests.lib.demo import REPOSITORY

_WAIT_S = 120
_ENTRY = "from assistant.cli import main; main()"


def _children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _reached(mark: str, folder: Path, out: Path) -> subprocess.Popen[bytes]:
    """A run that has just left this mark."""
    given = ["cohort", str(folder), "--out", str(out), "--as-of", AS_OF, "--workers", "2"]
    process = subprocess.Popen(
        [sys.executable, "-c", _ENTRY, *given],
        cwd=REPOSITORY,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    until = time.monotonic() + _WAIT_S
    while not (out / ".work" / "done" / f"{mark}.json").exists():
        assert process.poll() is None, f"the run ended before {mark}"
        assert time.monotonic() < until
        time.sleep(0.005)
    return process


def _killed_at(mark: str, folder: Path, out: Path) -> None:
    """Start a run and kill it as soon as a step has left its mark."""
    process = _reached(mark, folder, out)
    until = time.monotonic() + _WAIT_S
    workers = _children(process.pid)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    while any(_alive(pid) for pid in workers):
        assert time.monotonic() < until, "workers outlive the run"
        time.sleep(0.02)


pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="needs /proc to watch processes"
)


def test_a_run_killed_twice_gives_each_patient_once_and_the_same_answers(tmp_path: Path) -> None:
    folder = export(tmp_path / "export")
    out = tmp_path / "out"
    _killed_at("scan-5", folder, out)
    assert not (out / "manifest.json").exists()
    _killed_at("stage-0", folder, out)
    left = {path.name: path.stat().st_mtime_ns for path in (out / "report").glob("part-000000.*")}
    assert left
    resumed = run(out, folder)
    kept = {path.name: path.stat().st_mtime_ns for path in (out / "report").glob("part-000000.*")}
    assert kept == left, "what was done is not done again"
    untouched = run(tmp_path / "untouched", folder)
    for table in ("report", "trial", "finding", "definition", "issue"):
        assert resumed.table(table) == untouched.table(table)
    assert len(resumed.table("report")) == PATIENTS
    assert resumed.manifest == untouched.manifest
    assert not list(out.rglob("*.part"))
    assert not (out / ".work").exists()


def test_a_worker_that_is_killed_is_told_in_words(tmp_path: Path) -> None:
    process = _reached("scan-5", export(tmp_path / "export"), tmp_path / "out")
    workers = [
        pid
        for pid in _children(process.pid)
        if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    os.kill(workers[0], signal.SIGKILL)
    _, told = process.communicate(timeout=_WAIT_S)
    assert process.returncode == 5
    assert b"run the same command again" in told
    assert b"Traceback" not in told
