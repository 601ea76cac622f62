"""The columns of a scanned row and of an input issue, shared by every engine."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

DOCUMENT = "(document)"
"""Kind of the row that carries what a one-patient document said beside its resources."""

VISIT = "Encounter"
"""Kind of the rows that are read only where a row of :data:`DATED_BY_VISIT` points to them."""
DATED_BY_VISIT = ("Condition", "Procedure")


@cache
def row_schema() -> "pa.Schema":
    """One resource of the export with the patient it names."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    return pa.schema(
        [
            ("patient", pa.string()),
            ("file", pa.int32()),
            ("line", pa.int64()),
            ("place", pa.string()),
            ("kind", pa.string()),
            ("key", pa.string()),
            ("full_url", pa.string()),
            ("medications", pa.list_(pa.string())),
            ("digest", pa.int64()),
            ("updated", pa.string()),
            ("body", pa.string()),
        ]
    )


@cache
def issue_schema() -> "pa.Schema":
    """One thing of an input that could not be used, with its place."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    return pa.schema(
        [
            ("file", pa.int32()),
            ("line", pa.int64()),
            ("severity", pa.string()),
            ("resource", pa.string()),
            ("path", pa.string()),
            ("problem", pa.string()),
        ]
    )
