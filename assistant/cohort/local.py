"""The local engine: DuckDB groups the export out of core, worker processes stage it."""

import gc
import multiprocessing
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.cohort.grouping import group
from assistant.cohort.ports import ExportReader
from assistant.cohort.staged import Stager, Staging, Tally
from assistant.cohort.tables import TABLES
from assistant.cohort.work import Work, write_table

if TYPE_CHECKING:
    import pyarrow as pa

Step = Callable[[str, int, int], None]
"""Told of progress: what is done, how much of it, and of how much."""
_SORTED = "sorted.parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What every worker process is given."""

    reader: ExportReader
    asked: Staging
    out: Path
    file_names: Mapping[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalEngine:
    """A run on this machine."""

    job: Job
    work: Work
    where: str
    workers: int
    step: Step

    def run(self, pieces: Sequence[Any]) -> dict[str, int]:
        """Scan, group and stage; what a killed run has done is not done again."""
        with pool(self.workers, self.job) as workers:
            self._each("scan", len(pieces), lambda n: workers.submit(_scan, n, pieces[n]))
            grouped = self.work.marked("group") or self._group()
            self._each("stage", grouped["chunks"], lambda n: workers.submit(_stage, n))
        return grouped

    def _each(self, name: str, count: int, start: Callable[[int], "Future[None]"]) -> None:
        left = [n for n in range(count) if self.work.marked(f"{name}-{n}") is None]
        ready = count - len(left)
        self.step(name, ready, count)
        for done, future in enumerate(as_completed(map(start, left)), start=ready + 1):
            future.result()
            self.step(name, done, count)

    def _group(self) -> dict[str, int]:
        self.step("group", 0, 1)
        folder = self.work.folder
        counts, issues = group(
            folder / "rows",
            folder / _SORTED,
            folder / "spill",
            patient_types=self.job.reader.patient_types,
            where=self.where,
            threads=self.workers,
        )
        write_table(folder / "input_issues" / "grouping.parquet", issues)
        self.work.mark("group", counts)
        self.step("group", 1, 1)
        return counts


def pool(workers: int, job: Job | None = None) -> Executor:
    """Worker processes that end with this one, however it ends."""
    return ProcessPoolExecutor(
        max_workers=workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(job,),
    )


_given: list[Job] = []


def _begin(job: Job | None) -> None:
    """Prepare a worker process."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    if job is not None:
        _given.append(job)


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _scan(number: int, piece: Any) -> None:
    """The rows and issues of one piece."""
    import pyarrow as pa  # noqa: PLC0415 - an extra
    import pyarrow.parquet as pq  # noqa: PLC0415 - an extra

    job = _given[0]
    work = Work(job.out)
    rows = work.folder / "rows" / f"{number}.parquet"
    beside = rows.with_name(f".{number}.{os.getpid()}.part")
    issues = []
    with pq.ParquetWriter(beside, job.reader.row_schema(), compression="lz4") as writer:
        for found in job.reader.scan(piece):
            writer.write_table(found.rows)
            issues.append(found.issues)
    beside.replace(rows)
    met = pa.concat_tables(issues) if issues else job.reader.issue_schema().empty_table()
    write_table(work.folder / "input_issues" / f"{number}.parquet", met)
    work.mark(f"scan-{number}", {"issues": len(met)})


def _stage(number: int) -> None:
    """The output files of one chunk of patients."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - an extra

    job = _given[0]
    work = Work(job.out)
    rows = pq.read_table(work.folder / _SORTED, filters=[("chunk", "==", number)])
    work.mark(f"stage-{number}", asdict(stage_rows(job, rows, number)))


def stage_rows(job: Job, rows: "pa.Table", number: int) -> Tally:
    """Stage patients whose rows follow one another, into the files of one part."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    stager = Stager(reader=job.reader, asked=job.asked, file_names=job.file_names)
    gc.disable()  # next to nothing of a patient is cyclic: a pass in the middle finds little
    for patient in job.reader.patients(rows):
        stager.take(patient)
    gc.enable()
    for table in TABLES:
        made = pa.Table.from_pylist(stager.out[table.name], table.schema)
        write_table(job.out / table.name / f"part-{number:06}.parquet", made)
    return stager.tally
