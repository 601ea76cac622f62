"""A cohort run against parsing the same bytes: patients a second, peak memory, growth.

Run: ``python -m evals.benchmarks.cohort --patients 10000 [--chart synthea] [--engine spark]``.
The export is made up from a seed (``evals.careers``) and staged by the command, as a user would;
memory is the proportional set size of all its processes together, read twice a second. In the
same run ``orjson.loads`` takes each line of the export once on one core. One patient in a
hundred is staged alone and compared byte for byte. ``--keep`` adds the figures to
``docs/performance.md``. ``--sort ROWS --by duckdb|polars`` times only the grouping of scanned rows.
"""

import argparse
import json
import os
import platform
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pyarrow.dataset as ds

from assistant.staging.engine import stage
from evals import full_charts
from evals.careers import CHARTS, DENSE, LAST_DAY, chart_lines, write
from fhir_adapter.read import read_bundle

TARGET = 8.0
FIGURES = Path(__file__).with_name("cohort.jsonl")
DOCUMENT = Path(__file__).parents[2] / "docs" / "performance.md"
MARKS = ("<!-- figures of evals/benchmarks/cohort.jsonl -->\n", "<!-- end of figures -->\n")
_COLUMNS = {
    "engine": "engine",
    "chart": "chart",
    "patients": "patients",
    "resources": "resources",
    "input_mb": "input MB",
    "output_mb": "output MB",
    "wall_s": "wall s",
    "patients_per_s": "patients/s",
    "cpu_s": "CPU s",
    "loads_s": "`orjson.loads` s",
    "cpu_over_loads": "CPU / loads",
    "peak_mb": "peak MB",
    "compared": "compared",
    "differing": "differing",
    "load_before": "load before",
    "load_after": "load after",
}
_SAMPLED = 100
"""One patient in so many is staged alone."""
_EVERY_S = 0.5
_READ_BYTES = 1 << 26
_POINTED = re.compile(rb'"Medication/([^"]+)"').findall
_ENTRY = "from assistant.cli import main; main()"


def loads_seconds(folder: Path) -> tuple[float, int, int]:
    """Processor seconds to parse every line of the export, its lines and its bytes."""
    spent, lines, size = 0.0, 0, 0
    for path in sorted(folder.glob("*.ndjson")):
        size += path.stat().st_size
        with path.open("rb") as stream:
            while texts := stream.readlines(_READ_BYTES):
                begun = time.process_time()
                for text in texts:
                    orjson.loads(text)
                spent += time.process_time() - begun
                lines += len(texts)
    return spent, lines, size


def _tree(pid: int) -> list[int]:
    """A process and all that descend from it."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        parents.setdefault(parent, []).append(int(stat.parent.name))
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found


def _memory(pid: int) -> int:
    """Bytes of memory of a process and its descendants, shared pages counted once."""
    total = 0
    for one in _tree(pid):
        try:
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text()
        except OSError:
            continue
        line = next((line for line in rollup.splitlines() if line.startswith("Pss:")), "Pss: 0 kB")
        total += int(line.split()[1]) * 1024
    return total


def run(folder: Path, out: Path, engine: str, workers: int) -> dict[str, float]:
    """Run the command; wall and processor seconds and peak memory."""
    given = ["cohort", str(folder), "--out", str(out), "--engine", engine]
    given += ["--as-of", LAST_DAY.isoformat(), "--workers", str(workers)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun, peak = time.monotonic(), 0
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-c", _ENTRY, *given], stderr=subprocess.DEVNULL
    )
    while process.poll() is None:
        peak = max(peak, _memory(process.pid))
        time.sleep(_EVERY_S)
    if process.returncode:
        raise SystemExit(f"the run ended with {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall_s": time.monotonic() - begun, "cpu_s": spent, "peak_bytes": peak}


def differing(out: Path, patients: int, seed: int, chart: str) -> tuple[int, int]:
    """Of a sample, how many reports were compared and how many differ from a patient alone."""
    chance = Random(seed)  # noqa: S311 - a sample
    numbers = chance.sample(range(patients), max(1, patients // _SAMPLED))
    names = [f"Patient/p{number}" for number in numbers]
    table = ds.dataset(out / "report").to_table(
        columns=["patient", "report"], filter=ds.field("patient").isin(names)
    )
    found = dict(zip(*(table[name].to_pylist() for name in ("patient", "report")), strict=True))
    wrong = 0
    for number, name in zip(numbers, names, strict=True):
        lines = [*full_charts.shared(chart), *sorted(chart_lines(seed, number, chart), key=_file)]
        record = read_bundle(b"".join(text for _, text in _its_own(lines)))
        report = stage(record.treatment, as_of=LAST_DAY).to_json()
        alone = json.dumps(report, ensure_ascii=False, indent=2) + "\n"
        wrong += found.get(name) != alone
    return len(numbers), wrong


def _file(line: tuple[str, bytes]) -> str:
    return line[0]


def _its_own(lines: list[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """The lines without the Medications that no other line points to: they are in no record."""
    told = b"".join(text for name, text in lines if not name.startswith("Medication.n"))
    pointed = set(_POINTED(told))
    for name, text in lines:
        if not name.startswith("Medication.n") or orjson.loads(text)["id"].encode() in pointed:
            yield name, text


def measured(options: argparse.Namespace, folder: Path, out: Path) -> dict[str, Any]:
    """Every figure of one run."""
    load = os.getloadavg()[0]
    loads, lines, size = loads_seconds(folder)
    ran = run(folder, out, options.engine, options.workers)
    compared, wrong = differing(out, options.patients, options.seed, options.chart)
    written = sum(path.stat().st_size for path in out.rglob("*.parquet"))
    return {
        "engine": options.engine,
        "chart": options.chart,
        "patients": options.patients,
        "workers": options.workers,
        "resources": lines,
        "input_mb": round(size / 1e6, 1),
        "output_mb": round(written / 1e6, 1),
        "loads_s": round(loads, 2),
        "wall_s": round(ran["wall_s"], 1),
        "cpu_s": round(ran["cpu_s"], 1),
        "patients_per_s": round(options.patients / ran["wall_s"], 1),
        "cpu_over_loads": round(ran["cpu_s"] / loads, 1),
        "peak_mb": round(ran["peak_bytes"] / 1e6),
        "compared": compared,
        "differing": wrong,
        "load_before": round(load, 1),
        "load_after": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
    }


def sort_seconds(rows: Path, target: Path, by: str) -> dict[str, Any]:
    """What sorting scanned rows by patient costs with one engine, in this process alone."""
    begun, spent = time.monotonic(), time.process_time()
    if by == "duckdb":
        import duckdb  # noqa: PLC0415 - compared here only

        engine = duckdb.connect(config={"threads": 2, "memory_limit": "1GB"})
        engine.execute(
            f"COPY (SELECT * FROM read_parquet('{rows}/*.parquet') ORDER BY patient, file, line) "  # noqa: S608
            f"TO '{target}' (FORMAT parquet, COMPRESSION lz4)"
        ).fetchall()
    else:
        import polars as pl  # noqa: PLC0415 - compared here only

        scanned = pl.scan_parquet(rows / "*.parquet").sort("patient", "file", "line")
        scanned.sink_parquet(target, compression="lz4")
    return {
        "sorted_by": by,
        "wall_s": round(time.monotonic() - begun, 1),
        "cpu_s": round(time.process_time() - spent, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3),
    }


def table() -> str:
    """The kept figures as Markdown."""
    rows = [json.loads(line) for line in FIGURES.read_text("utf-8").splitlines()]
    head = [f"| {' | '.join(_COLUMNS.values())} |", f"|{'---|' * len(_COLUMNS)}"]
    return "\n".join(
        [*head, *(f"| {' | '.join(str(row[name]) for name in _COLUMNS)} |" for row in rows)]
    )


def documented(text: str) -> str:
    """``text`` of the document with the kept figures in their place."""
    before, rest = text.split(MARKS[0])
    return f"{before}{MARKS[0]}{table()}\n{MARKS[1]}{rest.partition(MARKS[1])[2]}"


def main() -> None:
    """Print the figures of one run."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--patients", type=int, default=10_000)
    options.add_argument("--engine", choices=("local", "spark"), default="local")
    options.add_argument("--chart", choices=CHARTS, default=DENSE)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--folder", type=Path, help="where the export is, or is to be made")
    options.add_argument("--keep", action="store_true", help="add the figures to the document")
    options.add_argument("--sort", type=Path, help="scanned rows: time only the grouping")
    options.add_argument("--by", choices=("duckdb", "polars"), default="duckdb")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        if given.sort:
            figures: dict[str, Any] = sort_seconds(
                given.sort, Path(scratch) / "sorted.parquet", given.by
            )
        else:
            folder = given.folder or Path(scratch) / "export"
            if not folder.exists():
                write(folder, given.patients, given.seed, given.chart)
            figures = measured(given, folder, Path(scratch) / "out")
            shutil.rmtree(Path(scratch) / "out")
    print(json.dumps(figures))
    if given.keep:
        with FIGURES.open("a", encoding="utf-8") as kept:
            kept.write(json.dumps(figures) + "\n")
        DOCUMENT.write_text(documented(DOCUMENT.read_text("utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
