"""Grouping the rows of an export by patient, out of core, with DuckDB.

The rows stand in Parquet files in the order of the input; they come out sorted by patient, each
with the Medication resources it points to, in files of whole patients. DuckDB spills to the work
folder when the memory it is given is used up.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.cohort.work import CohortError

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

CHUNK_PATIENTS = 400
"""At most so many patients are staged by a worker at a time."""
_FEWEST, _CHUNKS_A_WORKER = 20, 4
MEMORY = "1GB"
MEDICATION_TYPES = (
    "MedicationRequest",
    "MedicationStatement",
    "MedicationDispense",
    "MedicationAdministration",
    "MedicationOrder",
    "MedicationUsage",
)
WHERE_COLUMNS = {
    "patient": "VARCHAR",
    "gender": "VARCHAR",
    "birth_date": "VARCHAR",
    "birth_year": "INTEGER",
    "deceased": "BOOLEAN",
    "resources": "BIGINT",
    "medications": "BIGINT",
    "conditions": "BIGINT",
    "observations": "BIGINT",
}
"""What ``--where`` may name."""
_PEOPLE = f"""
CREATE TABLE people AS
WITH counted AS (
  SELECT patient, count(*) AS resources,
    count(*) FILTER (kind IN {MEDICATION_TYPES}) AS medications,
    count(*) FILTER (kind = 'Condition') AS conditions,
    count(*) FILTER (kind = 'Observation') AS observations
  FROM row WHERE patient IS NOT NULL GROUP BY patient
), person AS (
  SELECT patient, min_by(body, (file, line)) AS body FROM row
  WHERE kind = 'Patient' AND patient IS NOT NULL GROUP BY patient
), told AS (
  SELECT patient, try(json_extract_string(body, ['$.gender', '$.birthDate', '$.deceasedBoolean',
    '$.deceasedDateTime'])) AS e FROM person
)
SELECT patient, e[1] AS gender, e[2] AS birth_date,
  try_cast(e[2][:4] AS INTEGER) AS birth_year,
  coalesce(e[3] = 'true' OR e[4] IS NOT NULL, false) AS deceased,
  resources, medications, conditions, observations
FROM told JOIN counted USING (patient)
"""  # noqa: S608 - the types are a constant
_SUBJECTS = """
INSERT INTO people
SELECT patient, NULL, NULL, NULL, false, count(*), 0, 0, 0 FROM row
WHERE kind IN (SELECT unnest(?)) AND (patient LIKE 'Patient/%' OR patient LIKE 'urn:%')
GROUP BY patient
"""
_ISSUES = """
SELECT file, line, 'error' AS severity, coalesce(key, place) AS resource, 'subject' AS path,
  CASE WHEN kind = 'OperationOutcome' THEN 'the server of the export reports a problem with it'
       WHEN kind = 'Patient' THEN 'a Patient without id cannot be told apart: it is not read'
       WHEN patient IS NULL THEN 'names no patient: it is not read'
       ELSE 'names a patient that is not in the input: it is not read' END AS problem
FROM row
WHERE (patient IS NULL AND kind IN (SELECT unnest(?)))
  OR (patient IS NOT NULL AND patient NOT IN (SELECT patient FROM people))
"""
_SORTED = """
COPY (
  WITH shared AS (
    SELECT file, line, place, kind, key, full_url, digest, updated, body
    FROM row WHERE kind = 'Medication' AND patient IS NULL
  ), pointed AS (
    SELECT DISTINCT patient, unnest(medications) AS name FROM row WHERE len(medications) > 0
  ), wanted AS (
    SELECT DISTINCT patient, file, line FROM pointed JOIN shared ON name = shared.key
    UNION SELECT DISTINCT patient, file, line FROM pointed JOIN shared ON name = full_url
  ), every AS (
    SELECT patient, file, line, place, kind, key, full_url, digest, updated, body FROM row
    UNION ALL
    SELECT patient, shared.* FROM wanted JOIN shared USING (file, line)
  )
  SELECT chunk, every.* FROM every JOIN chosen USING (patient)
  ORDER BY chosen.number, file, line
) TO '{target}' (FORMAT parquet, COMPRESSION lz4, ROW_GROUP_SIZE 8192)
"""


def chunk_size(patients: int, workers: int) -> int:
    """How many patients a worker takes at a time: enough chunks to share, none too large."""
    return max(_FEWEST, min(CHUNK_PATIENTS, patients // (workers * _CHUNKS_A_WORKER)))


def check_where(condition: str) -> None:
    """Refuse a condition that cannot be asked of a patient.

    Raises:
        CohortError: it is no condition over :data:`WHERE_COLUMNS`.
    """
    import duckdb  # noqa: PLC0415 - an extra

    engine = duckdb.connect()
    columns = ", ".join(f"{name} {kind}" for name, kind in WHERE_COLUMNS.items())
    _do(engine, f"CREATE TABLE people ({columns})")
    _chosen(engine, condition, CHUNK_PATIENTS)


def group(
    rows: Path, target: Path, spill: Path, *, patient_types: Iterable[str], where: str, threads: int
) -> tuple[dict[str, int], "pa.Table"]:
    """Write the rows sorted by patient to ``target``; how many, and the issues found.

    Raises:
        CohortError: ``where`` is no condition.
    """
    import duckdb  # noqa: PLC0415 - an extra

    engine = duckdb.connect(
        config={"threads": threads, "memory_limit": MEMORY, "temp_directory": str(spill)}
    )
    _do(engine, "SET enable_progress_bar = false")  # it would write to stdout
    try:
        files = str(rows / "*.parquet").replace("'", "''")
        _do(engine, f"CREATE VIEW row AS SELECT * FROM read_parquet('{files}')")  # noqa: S608
        types = sorted({*patient_types, "Patient", "OperationOutcome"})
        _do(engine, _PEOPLE)
        if not _one(engine, "SELECT count(*) FROM people"):
            _do(engine, _SUBJECTS, [types])
        issues = engine.sql(_ISSUES, params=[types]).to_arrow_table()
        _chosen(engine, where, chunk_size(_one(engine, "SELECT count(*) FROM people"), threads))
        _do(engine, "SET preserve_insertion_order = false")
        _do(engine, _SORTED.format(target=str(target).replace("'", "''")))
        counts = {
            "patients": _one(engine, "SELECT count(*) FROM people"),
            "chosen": _one(engine, "SELECT count(*) FROM chosen"),
            "chunks": _one(engine, "SELECT coalesce(max(chunk) + 1, 0) FROM chosen"),
            "resources": _one(engine, "SELECT count(*) FROM row WHERE kind <> '(document)'"),
        }
    finally:
        engine.close()
    return counts, issues


def _do(
    engine: "duckdb.DuckDBPyConnection", query: str, values: list[object] | None = None
) -> None:
    engine.execute(query, values or []).fetchall()


def _one(engine: "duckdb.DuckDBPyConnection", query: str) -> int:
    return int(engine.execute(query).fetchall()[0][0])


def _chosen(engine: "duckdb.DuckDBPyConnection", where: str, size: int) -> None:
    """The patients that fit the condition, cut into chunks."""
    import duckdb  # noqa: PLC0415 - an extra

    query = (
        f"CREATE TABLE chosen AS SELECT *, number // {size} AS chunk FROM ("  # noqa: S608
        "SELECT patient, row_number() OVER (ORDER BY patient) - 1 AS number "
        f"FROM people WHERE ({where or 'true'}\n))"  # the condition is the user's own
    )
    try:
        _do(engine, query)
    except duckdb.Error:
        raise not_a_condition() from None


def not_a_condition() -> CohortError:
    """What is wrong with a ``--where`` that cannot be asked; its text is not repeated."""
    return CohortError(
        f"--where is no condition over the columns {', '.join(WHERE_COLUMNS)}: expected SQL "
        "such as \"gender = 'female' and birth_year < 1980\"."
    )
