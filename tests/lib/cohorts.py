"""Cohort runs in the tests: an export made up, run as a user would, its tables read back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from assistant.bootstrap import open_record
from assistant.staging.engine import stage
from assistant.staging.ruleset import load_ruleset
from evals.careers import LAST_DAY, write
from tests.lib.commands import Result, trd_assistant

AS_OF = LAST_DAY.isoformat()
PATIENTS = 60


@dataclass(frozen=True, kw_only=True)
class Run:
    """A finished run."""

    out: Path
    result: Result

    def table(self, name: str) -> list[dict[str, Any]]:
        """Every row of a table, in the order of its files."""
        files = sorted((self.out / name).glob("*.parquet"))
        return [row for file in files for row in pq.read_table(file).to_pylist()]

    def reports(self, ruleset: str = "source_text") -> dict[str, str]:
        """The report of each patient, as text."""
        rows = self.table("report")
        return {row["patient"]: row["report"] for row in rows if row["ruleset"] == ruleset}

    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest."""
        return json.loads((self.out / "manifest.json").read_text("utf-8"))


def export(folder: Path, patients: int = PATIENTS, seed: int = 7) -> Path:
    """An export made up from a seed."""
    write(folder, patients, seed)
    return folder


def run(out: Path, *arguments: str | Path, as_of: str = AS_OF) -> Run:
    """Run ``trd-assistant cohort`` to its end."""
    given = ("--out", str(out), "--as-of", as_of, "--workers", "1")
    result = trd_assistant("cohort", *map(str, arguments), *given)
    assert result.exit == 0, result.err
    return Run(out=out, result=result)


def single(
    inputs: list[str], patient: str | None, as_of: str = AS_OF, ruleset: str = "source_text"
) -> str:
    """What ``stage --format json`` prints for one patient (the same calls, without a process)."""
    record = open_record(inputs, patient)
    report = stage(record.treatment, as_of=date.fromisoformat(as_of), ruleset=load_ruleset(ruleset))
    whole = {**report.to_json(), "as_of": as_of}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def without(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """``row`` without some columns."""
    return {key: value for key, value in row.items() if key not in names}
