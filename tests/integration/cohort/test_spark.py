"""Spark gives what the local engine gives."""

import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.lib.cohorts import export, run

pytestmark = [
    pytest.mark.skipif(
        find_spec("pyspark") is None, reason="pyspark is not installed (the extra spark)"
    ),
    pytest.mark.skipif(shutil.which("java") is None, reason="no Java on this machine"),
]


def test_spark_and_the_local_engine_write_the_same_rows(tmp_path: Path) -> None:
    folder = export(tmp_path / "export", patients=30, seed=21)
    merged = tmp_path / "merged"
    merged.mkdir()
    lines = b"".join(path.read_bytes() for path in sorted(folder.iterdir()))
    stray = b'{"resourceType":"Condition","id":"x","subject":{"reference":"Patient/none"}}\n'
    (merged / "All.ndjson").write_bytes(lines + b"no JSON\n" + stray)
    chosen = ("--where", "gender = 'female' or birth_year < 1970")
    local = run(tmp_path / "local", merged, *chosen)
    spark = run(tmp_path / "spark", merged, *chosen, "--engine", "spark")
    assert 5 < len(local.reports()) < 30
    for table in ("report", "trial", "finding", "definition", "issue"):
        ours, theirs = (sorted(map(repr, ran.table(table))) for ran in (local, spark))
        assert ours == theirs, table
    assert spark.manifest["counts"] == local.manifest["counts"]
    assert spark.manifest["engine"] == "spark"
