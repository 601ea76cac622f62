"""The data dictionary in the documentation is the schema that is written."""

import json

import pyarrow.parquet as pq

from assistant.cohort.tables import TABLES, dictionary
from assistant.cohort.work import write_table
from evals.benchmarks.cohort import DOCUMENT, FIGURES, documented
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


def test_the_figures_in_the_documentation_are_those_that_were_kept() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert documented(text) == text
    kept = [json.loads(line) for line in FIGURES.read_text("utf-8").splitlines()]
    assert kept
    assert [figures["differing"] for figures in kept] == [0] * len(kept)
