"""The use case: an export in, tables, a summary page and a manifest out."""

import hashlib
import json
import os
import platform
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant import __version__
from assistant.cohort.deidentify import Veil
from assistant.cohort.grouping import check_where
from assistant.cohort.local import Job, LocalEngine, Step
from assistant.cohort.ports import ExportReader, Source
from assistant.cohort.staged import Staging
from assistant.cohort.summary import write_summary
from assistant.cohort.tables import ISSUE, SCHEMA, TABLES
from assistant.cohort.work import MANIFEST, CohortError, Work, write_table, write_text
from assistant.staging.ruleset import Ruleset
from assistant.staging.tables import agents, drugs, interactions

if TYPE_CHECKING:
    from assistant.cohort.spark import SparkEngine

_PACKAGES = ("duckdb", "pyarrow", "orjson", "pyspark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """What is asked of a run."""

    inputs: tuple[str, ...]
    out: Path
    engine: str
    day: date
    as_of: str
    """As given; echoed."""
    rulesets: tuple[Ruleset, ...]
    where: str = ""
    deidentify: bool = False
    workers: int = 0
    """Worker processes; 0: one a core."""

    @property
    def cores(self) -> int:
        """Worker processes."""
        return self.workers or len(os.sched_getaffinity(0))


def run(asked: Cohort, reader: ExportReader, step: Step) -> dict[str, Any]:
    """Stage every patient of the inputs; the manifest.

    Raises:
        CohortError: the run cannot start.
    """
    if asked.where:
        check_where(asked.where)
    sources, pieces = _survey(asked, reader, step)
    fingerprint = _fingerprint(asked, sources)
    work = Work(asked.out)
    if (ready := work.finished(fingerprint)) is not None:
        return ready
    with work.opened(fingerprint), _told_in_words(asked.out):
        job = Job(
            reader=reader,
            asked=_asked(asked, work),
            out=asked.out,
            file_names={source.number: source.name for source in sources},
        )
        grouped = _engine(asked, job, work, step).run(pieces)
        _input_issues(work, job)
        manifest = _manifest(asked, sources, fingerprint, grouped)
        write_summary(asked.out, manifest)
        write_text(asked.out / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    work.close()
    return manifest


@contextmanager
def _told_in_words(out: Path) -> Iterator[None]:
    """Say what the machine lacks; what is done so far stays.

    Raises:
        CohortError: in place of what the machine said.
    """
    try:
        yield
    except BrokenExecutor:
        raise CohortError(
            "a worker process was ended from outside (out of memory?): run the same command again "
            "to go on, with fewer --workers.",
            exit_code=5,
        ) from None
    except OSError as fault:
        raise CohortError(
            f"--out {out}: {fault.strerror or 'a file cannot be written'}: run the same command "
            "again to go on.",
            exit_code=5,
        ) from None


def _survey(asked: Cohort, reader: ExportReader, step: Step) -> tuple[list[Source], list[Any]]:
    """Digest and pieces of every input file."""
    found = reader.find(asked.inputs)
    sources: list[Source] = []
    pieces: list[Any] = []
    with ThreadPoolExecutor(asked.cores) as workers:  # reading and hashing leave Python free
        started = [workers.submit(reader.survey, n, *file) for n, file in enumerate(found)]
        for done, future in enumerate(started, start=1):
            source, parts = future.result()
            sources.append(source)
            pieces += parts
            step("survey", done, len(found))
    return sources, pieces


def _fingerprint(asked: Cohort, sources: Sequence[Source]) -> str:
    """What makes a run this run: the bytes of the inputs and all that decides the output."""
    said = {
        "inputs": [(source.name, source.sha256) for source in sources],
        "as_of": asked.as_of,
        "rulesets": [
            (r.name, r.version, [(k, str(p.value)) for k, p in sorted(r.parameters.items())])
            for r in asked.rulesets
        ],
        "where": asked.where,
        "engine": asked.engine,
        "deidentify": asked.deidentify,
        "version": __version__,
        "schema": SCHEMA,
    }
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _asked(asked: Cohort, work: Work) -> Staging:
    veil = None
    if asked.deidentify:
        known = frozenset((*drugs(), *agents(), *interactions()))
        veil = Veil(key=work.key(), day=asked.day, drugs=known)
    return Staging(day=asked.day, as_of=asked.as_of, rulesets=asked.rulesets, veil=veil)


def _engine(asked: Cohort, job: Job, work: Work, step: Step) -> "LocalEngine | SparkEngine":
    if asked.engine == "spark":
        from assistant.cohort.spark import SparkEngine  # noqa: PLC0415 - an extra

        return SparkEngine(job=job, work=work, where=asked.where, workers=asked.cores, step=step)
    return LocalEngine(job=job, work=work, where=asked.where, workers=asked.cores, step=step)


def _input_issues(work: Work, job: Job) -> None:
    """What of the input belongs to no one's report: bad lines, strays, broken files."""
    import pyarrow as pa  # noqa: PLC0415 - an extra
    import pyarrow.parquet as pq  # noqa: PLC0415 - an extra

    veil, rows = job.asked.veil, []
    for path in sorted((work.folder / "input_issues").glob("*.parquet")):
        for row in pq.read_table(path).to_pylist():
            name = job.file_names.get(row["file"]) if veil is None else f"input {row['file']}"
            resource = row["resource"] or ""
            hidden = veil.references_in(resource) if veil else resource
            rows.append({**row, "patient": None, "file": name, "resource": hidden})
    rows.sort(key=lambda row: (row["file"], row["line"] or 0, row["resource"]))
    write_table(job.out / "issue" / "part-input.parquet", pa.Table.from_pylist(rows, ISSUE.schema))


def _manifest(
    asked: Cohort, sources: Sequence[Source], fingerprint: str, grouped: dict[str, int]
) -> dict[str, Any]:
    import pyarrow.dataset as ds  # noqa: PLC0415 - an extra

    kept = not asked.deidentify
    outputs = {
        table.name: ds.dataset(asked.out / table.name, schema=table.schema).count_rows()
        for table in TABLES
    }
    return {
        "schema": SCHEMA,
        "as_of": asked.as_of if kept else None,
        "engine": asked.engine,
        "deidentified": asked.deidentify,
        "where": asked.where,
        "rulesets": [{"name": r.name, "version": r.version} for r in asked.rulesets],
        "counts": {
            "patients": grouped["patients"],
            "patients_chosen": grouped["chosen"],
            "resources": grouped["resources"],
            "issues_of_inputs": _rows(asked.out / "issue" / "part-input.parquet"),
        },
        "rows": outputs,
        "inputs": [
            {
                "name": source.name if kept else f"input {source.number}",
                "bytes": source.size,
                "sha256": source.sha256,
            }
            for source in sources
        ],
        "versions": {
            "trd-assistant": __version__,
            "python": platform.python_version(),
            **{name: found for name in _PACKAGES if (found := _version(name))},
        },
        "fingerprint": fingerprint,
    }


def _rows(path: Path) -> int:
    import pyarrow.parquet as pq  # noqa: PLC0415 - an extra

    return int(pq.ParquetFile(path).metadata.num_rows)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
