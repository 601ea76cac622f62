"""The Spark engine: the same scan and the same staging, spread over a cluster.

A task of the scan is a piece of a file, so inputs and output must lie where every executor can
reach them. Spark shuffles the rows by patient and sorts them within its partitions, spilling to
its own disks; a partition is staged as a local worker stages a chunk.
"""

import json
import os
import pickle
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from assistant.cohort.grouping import MEDICATION_TYPES, chunk_size, not_a_condition
from assistant.cohort.local import Job, Step, stage_rows
from assistant.cohort.work import Work, write_table

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

_ISSUE = "(issue)"
"""Kind of a scanned row that is an issue of the input."""
_ROW = (
    "patient string, file int, line bigint, place string, kind string, key string, "
    "full_url string, medications array<string>, digest bigint, updated string, body string"
)
_TASK = "number int, piece binary"
_DONE = "number int, patients bigint"
_PEOPLE = f"""
WITH counted AS (
  SELECT patient, count(*) AS resources,
    count_if(kind IN {MEDICATION_TYPES}) AS medications,
    count_if(kind = 'Condition') AS conditions,
    count_if(kind = 'Observation') AS observations
  FROM row WHERE patient IS NOT NULL GROUP BY patient
), person AS (
  SELECT patient, min_by(body, struct(file, line)) AS body FROM row
  WHERE kind = 'Patient' AND patient IS NOT NULL GROUP BY patient
)
SELECT patient, get_json_object(body, '$.gender') AS gender,
  get_json_object(body, '$.birthDate') AS birth_date,
  try_cast(substring(get_json_object(body, '$.birthDate'), 1, 4) AS int) AS birth_year,
  coalesce(get_json_object(body, '$.deceasedBoolean') = 'true', false)
    OR get_json_object(body, '$.deceasedDateTime') IS NOT NULL AS deceased,
  resources, medications, conditions, observations
FROM person JOIN counted USING (patient)
"""  # noqa: S608 - the types are a constant
_SUBJECTS = """
SELECT patient, string(NULL) AS gender, string(NULL) AS birth_date, int(NULL) AS birth_year,
  false AS deceased, count(*) AS resources, 0L AS medications, 0L AS conditions,
  0L AS observations
FROM row WHERE kind IN ({types}) AND (patient LIKE 'Patient/%' OR patient LIKE 'urn:%')
GROUP BY patient
"""
_ISSUES = """
SELECT file, line, 'error' AS severity, coalesce(key, place) AS resource, 'subject' AS path,
  CASE WHEN kind = 'OperationOutcome' THEN 'the server of the export reports a problem with it'
       WHEN kind = 'Patient' THEN 'a Patient without id cannot be told apart: it is not read'
       WHEN patient IS NULL THEN 'names no patient: it is not read'
       ELSE 'names a patient that is not in the input: it is not read' END AS problem
FROM row LEFT ANTI JOIN people USING (patient)
WHERE patient IS NOT NULL OR kind IN ({types})
"""
_EVERY = """
WITH shared AS (
  SELECT file, line, place, kind, key, full_url, digest, updated, body
  FROM row WHERE kind = 'Medication' AND patient IS NULL
), pointed AS (
  SELECT DISTINCT patient, name FROM row LATERAL VIEW explode(medications) AS name
), wanted AS (
  SELECT patient, file, line FROM pointed JOIN shared ON name = shared.key
  UNION SELECT patient, file, line FROM pointed JOIN shared ON name = full_url
), every AS (
  SELECT patient, file, line, place, kind, key, full_url, digest, updated, body FROM row
  UNION ALL
  SELECT patient, file, line, place, kind, key, full_url, digest, updated, body
  FROM wanted JOIN shared USING (file, line)
)
SELECT every.* FROM every LEFT SEMI JOIN chosen USING (patient)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SparkEngine:
    """A run on Spark: the cluster that is configured, else this machine."""

    job: Job
    work: Work
    where: str
    workers: int
    step: Step

    def run(self, pieces: Sequence[Any]) -> dict[str, int]:
        """Scan, group and stage; what a killed run has done is not done again."""
        session = _session(self.workers)
        try:
            self._scan(session, pieces)
            counts = self._group(session)
            self._stage(session, counts["chosen"])
        finally:
            session.stop()
        return counts

    def _scan(self, session: "SparkSession", pieces: Sequence[Any]) -> None:
        target = str(self.work.folder / "rows" / "spark")
        self.step("scan", 0, len(pieces))
        if self.work.marked("scan") is None:
            tasks = session.sparkContext.parallelize(
                [(n, bytearray(pickle.dumps(piece))) for n, piece in enumerate(pieces)],
                max(1, len(pieces)),
            )
            found = session.createDataFrame(tasks, _TASK).mapInArrow(_scanner(self.job), _ROW)
            found.write.mode("overwrite").parquet(target)
            self.work.mark("scan", {})
        self.step("scan", len(pieces), len(pieces))
        rows = session.read.parquet(target)
        rows.createOrReplaceTempView("scanned")
        session.sql(f"SELECT * FROM scanned WHERE kind <> '{_ISSUE}'").createOrReplaceTempView(  # noqa: S608
            "row"
        )

    def _group(self, session: "SparkSession") -> dict[str, int]:
        self.step("group", 0, 1)
        named = {*self.job.reader.patient_types, "Patient", "OperationOutcome"}
        types = ", ".join(f"'{name}'" for name in sorted(named))
        people = session.sql(_PEOPLE).cache()
        if people.isEmpty():
            people = session.sql(_SUBJECTS.format(types=types)).cache()
        people.createOrReplaceTempView("people")
        chosen = _chosen(people, self.where).cache()
        chosen.createOrReplaceTempView("chosen")
        if self.work.marked("group") is None:
            self._issues(session, types)
            self.work.mark("group", {})
        counts = {
            "patients": people.count(),
            "chosen": chosen.count(),
            "resources": session.sql("SELECT 1 FROM row WHERE kind <> '(document)'").count(),
        }
        self.step("group", 1, 1)
        return counts

    def _issues(self, session: "SparkSession", types: str) -> None:
        schema, folder = self.job.reader.issue_schema(), self.work.folder / "input_issues"
        strays = session.sql(_ISSUES.format(types=types)).toArrow().cast(schema)
        write_table(folder / "grouping.parquet", strays)
        query = f"SELECT body FROM scanned WHERE kind = '{_ISSUE}'"  # noqa: S608
        told = [json.loads(row.body) for row in session.sql(query).collect()]
        write_table(folder / "scan.parquet", _table(told, schema))

    def _stage(self, session: "SparkSession", patients: int) -> None:
        parts = max(1, -(-patients // chunk_size(patients, self.workers)))
        self.step("stage", 0, patients)
        grouped = session.sql(_EVERY).repartition(parts, "patient")
        ordered = grouped.sortWithinPartitions("patient", "file", "line")
        done = ordered.mapInArrow(_stager(self.job), _DONE).collect()
        self.step("stage", sum(row.patients for row in done), patients)


def _session(workers: int) -> "SparkSession":
    from pyspark import SparkConf  # noqa: PLC0415 - an extra
    from pyspark.sql import SparkSession  # noqa: PLC0415

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    conf = SparkConf()
    if not conf.contains("spark.master"):
        conf.setMaster(f"local[{workers}]")
        conf.set("spark.driver.host", "127.0.0.1").set("spark.driver.bindAddress", "127.0.0.1")
        conf.set("spark.ui.enabled", "false").set("spark.ui.showConsoleProgress", "false")
        conf.set("spark.sql.shuffle.partitions", str(2 * workers))
    conf.setIfMissing("spark.sql.execution.arrow.maxRecordsPerBatch", "4000")
    conf.setIfMissing("spark.sql.session.timeZone", "UTC")
    session = SparkSession.builder.appName("trd-assistant cohort").config(conf=conf).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def _chosen(people: "DataFrame", where: str) -> "DataFrame":
    from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra

    try:
        return people.where(where).select("patient") if where else people.select("patient")
    except PySparkException:
        raise not_a_condition() from None


def _table(rows: list[dict[str, Any]], schema: "pa.Schema") -> "pa.Table":
    import pyarrow as pa  # noqa: PLC0415 - an extra

    return pa.Table.from_pylist(rows, schema)


Batches = Iterator["pa.RecordBatch"]


def _scanner(job: Job) -> Callable[[Batches], Batches]:
    """What an executor does with the pieces it is given."""

    def scanned(batches: Batches) -> Batches:
        for batch in batches:
            for task in batch.to_pylist():
                for found in job.reader.scan(pickle.loads(task["piece"])):  # noqa: S301 - our own
                    yield from found.rows.to_batches()
                    issues = [
                        {"kind": _ISSUE, "body": json.dumps(issue), "medications": []}
                        for issue in found.issues.to_pylist()
                    ]
                    yield from _table(issues, job.reader.row_schema()).to_batches()

    return scanned


def _stager(job: Job) -> Callable[[Batches], Batches]:
    """What an executor does with a partition of whole patients."""

    def staged(batches: Batches) -> Batches:
        import pyarrow as pa  # noqa: PLC0415 - an extra
        from pyspark import TaskContext  # noqa: PLC0415

        context = TaskContext.get()
        number = context.partitionId() if context is not None else 0
        work = Work(job.out)
        said = work.marked(f"stage-{number}")
        if said is None:
            met = list(batches)
            rows = pa.Table.from_batches(met) if met else job.reader.row_schema().empty_table()
            said = asdict(stage_rows(job, rows, number))
            work.mark(f"stage-{number}", said)
        yield pa.RecordBatch.from_pydict(
            {"number": pa.array([number], pa.int32()), "patients": [said["patients"]]}
        )

    return staged
