"""The data dictionary in the documentation is the schema that is written."""

import pyarrow.parquet as pq

from assistant.cohort.tables import TABLES, dictionary
from assistant.cohort.work import write_table
from tests.lib.demo import REPOSITORY


def test_the_documentation_holds_the_data_dictionary() -> None:
    """Print it anew with ``python -m assistant.cohort.tables``."""
    text = (REPOSITORY / "docs" / "cohort.md").read_text("utf-8")
    assert text.partition("## Data dictionary\n\n")[2] == dictionary()


def test_a_file_of_each_table_has_the_columns_of_the_dictionary(tmp_path) -> None:
    for table in TABLES:
        write_table(tmp_path / "part.parquet", table.schema.empty_table())
        columns = [column.name for column in table.columns]
        assert pq.read_schema(tmp_path / "part.parquet").names == columns
        assert len(set(columns)) == len(columns)
        assert all(column.meaning for column in table.columns)
